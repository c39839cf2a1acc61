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
        #: How many demands and row states the table has been made for.
        self._made = (1, 0)
        self._named: dict[int, list[MissingName]] = {}
        #: Row states with the same fields, whoever asks, are of one sort: the sort of each; demand x sort -> fields.
        self._sorts = np.zeros(0, np.intp)
        self._table = np.zeros((1, 0), np.uint64)

    def demand(self, wanted: Iterable[RowsOf]) -> int:
        """The number of a demand; 0 asks for nothing."""
        return self._numbers.setdefault(frozenset(wanted), len(self._numbers))

    def names(self, fields: int) -> list[MissingName]:
        """The facts behind bits."""
        known = self._named.get(fields)
        if known is None:
            known = self._named[fields] = [name for name, bit in self._bits.items() if fields >> bit & 1]
        return known

    def of_cases(self, demands: Array, cases: Array, offsets: Array, states: Array) -> Array:
        """The fields to blame in some cases, as bits: uint64.

        ``demands``: the number of each of these cases; ``cases``: where they stand among all, whose rows begin and end
        at ``offsets``; ``states``: the state of each row of all.
        """
        self._grow()
        found = np.zeros(len(cases), np.uint64)
        first = offsets[cases]
        sizes = offsets[cases + 1] - first
        filled = np.flatnonzero((sizes > 0) & (demands > 0))
        if len(filled):
            sizes = sizes[filled]
            ends = np.cumsum(sizes)
            starts = ends - sizes
            rows = np.arange(int(ends[-1])) + np.repeat(first[filled] - starts, sizes)
            lines = np.repeat(demands[filled].astype(np.intp) * self._table.shape[1], sizes)
            places = np.take(self._sorts, np.take(states, rows)) + lines
            found[filled] = np.bitwise_or.reduceat(np.take(self._table.ravel(), places), starts)
        return found

    def _grow(self) -> None:
        """Bring the table up to the demands and row states that have come since."""
        size = self._pass.row_states
        if self._made == (len(self._numbers), size):
            return
        self._made = len(self._numbers), size
        demanded = list(dict.fromkeys(r for wanted in self._numbers for r in wanted))
        for rows in demanded:
            known = self._fields.get(rows)
            if known is None or len(known) < size:
                kept = np.zeros(0, np.uint64) if known is None else known
                self._fields[rows] = np.concatenate([kept, self._read(rows, len(kept))])
        fields = np.zeros((size, len(demanded)), np.uint64)
        for i, rows in enumerate(demanded):
            fields[:, i] = self._fields[rows]
        sorts: dict[bytes, int] = {}
        self._sorts = np.array([sorts.setdefault(line.tobytes(), len(sorts)) for line in fields], np.intp)
        _, examples = np.unique(self._sorts, return_index=True)
        own = fields[examples].T.copy()
        place = {rows: i for i, rows in enumerate(demanded)}
        self._table = np.zeros((len(self._numbers), len(examples)), np.uint64)
        for wanted, number in self._numbers.items():
            if wanted:
                self._table[number] = np.bitwise_or.reduce(own[[place[rows] for rows in wanted]], axis=0)

    def _read(self, rows: RowsOf, first: int) -> Array:
        """The fields of row states from ``first`` on."""
        found = np.zeros(self._pass.row_states - first, np.uint64)
        for name, where in self._pass.blame_in_rows(rows.quantifier, rows.choice, first).items():
            bit = self._bits.setdefault(name, len(self._bits))
            assert bit < 64, "more kinds of fields than a set of bits can hold"
            found[where] |= np.uint64(1 << bit)
        return found
