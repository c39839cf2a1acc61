"""Which facts in the rows of a list keep a case open.

A class of a list tells how its quantifiers stand; which unknown fields are to blame depends on the rows themselves, and
matters only to cases that stay open.  So it is found for those alone, in a second pass over their rows: each row state
has a set of fields per quantifier and choice of readings, and a case has what any of its rows has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from comity.audit.lists import ListPass
from comity.audit.ranks import Choice, MissingName
from comity.audit.tables import Array

__all__ = ["RowBlame", "RowsOf"]


@dataclass(frozen=True, slots=True, order=True)
class RowsOf:
    """The rows to look at: those of a pass that keep one quantifier open under some readings."""

    place: int
    quantifier: int
    choice: Choice


class RowBlame:
    """The second pass over the rows of one list.  A *demand* is a set of ``RowsOf``; demands have numbers from 1."""

    def __init__(self, one: ListPass) -> None:
        self._pass = one
        self._bits: dict[MissingName, int] = {}
        self._fields: dict[RowsOf, Array] = {}
        self._numbers: dict[frozenset[RowsOf], int] = {frozenset(): 0}
        self._table = np.zeros((1, 0), np.uint64)

    def demand(self, wanted: Iterable[RowsOf]) -> int:
        """The number of a demand; 0 asks for nothing."""
        return self._numbers.setdefault(frozenset(wanted), len(self._numbers))

    def names(self, fields: int) -> list[MissingName]:
        """The facts behind bits."""
        return [name for name, bit in self._bits.items() if fields >> bit & 1]

    def of_cases(self, demands: Array, offsets: Array, owner: Array, states: Array) -> Array:
        """The fields to blame in each case, as bits: uint64.

        ``demands``: number per case; ``states``: the state of each row.
        """
        self._grow()
        width = self._table.shape[1]
        found = np.zeros(len(demands), np.uint64)
        filled = np.flatnonzero(np.diff(offsets))
        if len(filled):
            places = np.take(demands.astype(np.int64), owner) * width + states
            found[filled] = np.bitwise_or.reduceat(np.take(self._table.ravel(), places), offsets[:-1][filled])
        return found

    def _grow(self) -> None:
        """Bring the table up to the demands and row states that have come since."""
        size = self._pass.row_states
        demands, width = self._table.shape
        if demands == len(self._numbers) and width == size:
            return
        for rows in {r for wanted in self._numbers for r in wanted}:
            known = self._fields.get(rows)
            if known is None or len(known) < size:
                kept = np.zeros(0, np.uint64) if known is None else known
                self._fields[rows] = np.concatenate([kept, self._read(rows, len(kept))])
        table = np.zeros((len(self._numbers), size), np.uint64)
        table[:demands, :width] = self._table
        for wanted, number in self._numbers.items():
            for rows in wanted:
                first = width if number < demands else 0
                table[number, first:] |= self._fields[rows][first:]
        self._table = table

    def _read(self, rows: RowsOf, first: int) -> Array:
        """The fields of row states from ``first`` on."""
        found = np.zeros(self._pass.row_states - first, np.uint64)
        for name, where in self._pass.blame_in_rows(rows.quantifier, rows.choice, first).items():
            bit = self._bits.setdefault(name, len(self._bits))
            assert bit < 64, "more kinds of fields than a set of bits can hold"
            found[where] |= np.uint64(1 << bit)
        return found
