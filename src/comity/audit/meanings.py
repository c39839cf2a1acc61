"""What rows, and the cases they belong to, tell of each quantifier: columns over row states and over classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from comity.audit.ranks import Choice, MissingName, Ranks
from comity.audit.tables import Array
from comity.policy.expressions import Every
from comity.policy.opened import Quantifier

__all__ = ["POSSIBLY", "SURELY", "Meaning", "Meanings", "distinct_columns", "meanings_of"]

# Names that no fact can have.
SURELY: Final = "\0surely"
POSSIBLY: Final = "\0possibly"

#: A column: what it tells of a quantifier under some readings: surely, possibly, or a fact to blame.
Meaning = tuple[int, Choice, str]


class Meanings:
    """Columns over things that grow in number (row states, classes); a column may come later than things do."""

    def __init__(self) -> None:
        self.size = 0
        self._place: dict[Meaning, int] = {}
        self._names: dict[tuple[int, Choice], list[MissingName]] = {}
        #: One line per meaning, so that a column lies in one piece.
        self._table = np.zeros((0, 0), np.uint16)

    def add(self, size: int, columns: dict[Meaning, Array]) -> None:
        """Add ``size`` things; a meaning without a column is 0 for them."""
        for meaning in columns:
            self._at(meaning)
        width, things = self._table.shape
        if things < self.size + size or width < len(self._place):
            table = np.zeros((max(width, 2 * len(self._place)), max(things, 2 * (self.size + size))), np.uint16)
            table[:width, : self.size] = self._table[:, : self.size]
            self._table = table
        for meaning, column in columns.items():
            self._table[self._place[meaning], self.size : self.size + size] = column
        self.size += size

    def _at(self, meaning: Meaning) -> int:
        place = self._place.get(meaning)
        if place is None:
            place = self._place[meaning] = len(self._place)
            self._names.setdefault(meaning[:2], []).append(meaning[2])
        return place

    def meanings(self) -> list[Meaning]:
        """Every meaning that has a column, in order of coming."""
        return list(self._place)

    def names(self, node: int, choice: Choice) -> Sequence[MissingName]:
        """What is told of a quantifier under some readings."""
        return self._names.get((node, choice), ())

    def columns(self) -> Iterable[tuple[Meaning, Array]]:
        """Every column."""
        for meaning, place in self._place.items():
            yield meaning, self._table[place, : self.size]

    def values(self, meaning: Meaning, things: Array | slice) -> Array:
        """uint16 of some things."""
        place = self._place.get(meaning)
        found = np.zeros(self.size, np.uint16) if place is None else self._table[place, : self.size]
        return found[things]

    def keys(self, size: int, columns: dict[Meaning, Array]) -> list[bytes]:
        """Bytes that stay equal for the same meaning, whichever columns come later."""
        for meaning in columns:
            self._at(meaning)
        table = np.zeros((size, len(self._place)), "<u2")
        for meaning, column in columns.items():
            table[:, self._place[meaning]] = column
        return [row.tobytes().rstrip(b"\0") for row in table]


def meanings_of(
    node: Quantifier, choice: Choice, ranks: Ranks, counts: Array, *, blame: bool
) -> Iterable[tuple[Meaning, Array]]:
    """What rows of some states tell of a quantifier."""
    rank = np.broadcast_to(ranks.rank(node.where, choice), ranks.size)
    if isinstance(node, Every):
        rank = 2 - rank  # a row that fails it
    yield (id(node), choice, SURELY), (rank == 2) & counts
    yield (id(node), choice, POSSIBLY), (rank >= 1) & counts
    if blame:
        blamed: dict[MissingName, Array] = {}
        ranks.blame(node.where, counts, choice, blamed)
        for name, where in blamed.items():
            yield (id(node), choice, name), where


def distinct_columns(columns: Sequence[Array]) -> tuple[list[int], list[Array]]:
    """For each column the place of its like among the distinct ones (-1 for a column of nothing), and those."""
    places: list[int] = []
    found: dict[bytes, int] = {}
    distinct: list[Array] = []
    for column in columns:
        if not column.any():
            places.append(-1)
            continue
        key = np.packbits(column).tobytes()
        place = found.setdefault(key, len(distinct))
        if place == len(distinct):
            distinct.append(column)
        places.append(place)
    return places, distinct
