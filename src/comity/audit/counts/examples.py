"""A few case numbers for every count, so that whoever reads a figure can open cases behind it."""

from __future__ import annotations

from typing import Final

import numpy as np

from comity.audit.tables import Array

__all__ = ["MOST", "NONE", "Examples"]

#: Case numbers kept for one cell.
MOST: Final = 20
#: Stands where no case number is; larger than any.
NONE: Final = 2**63 - 1


class Examples:
    """The lowest case numbers of many cells, at most ``MOST`` of each, in whatever order the cases come."""

    def __init__(self) -> None:
        self._kept = np.full((0, MOST), NONE, np.int64)

    def __len__(self) -> int:
        return len(self._kept)

    def grow(self, cells: int) -> None:
        """Make room for this many cells; it never shrinks."""
        if cells > len(self._kept):
            room = max(cells, 2 * len(self._kept)) - len(self._kept)
            self._kept = np.vstack([self._kept, np.full((room, MOST), NONE, np.int64)])

    @property
    def limits(self) -> Array:
        """int64 per cell: only a case number below it can still enter."""
        return self._kept[:, -1]

    def offer(self, cells: Array, numbers: Array) -> None:
        """Let these cases in where they are low enough; arrays of one length, a cell may stand in them often."""
        if not len(cells):
            return
        cells, numbers, _ = _lowest(np.asarray(cells, np.intp), np.asarray(numbers, np.int64))
        touched = np.unique(cells)
        cells = np.concatenate([cells, np.repeat(touched, MOST)])
        numbers = np.concatenate([numbers, self._kept[touched].ravel()])
        cells, numbers, rank = _lowest(cells, numbers)
        self._kept[cells, rank] = numbers

    def of(self, cell: int) -> list[int]:
        """The case numbers of a cell, lowest first."""
        if cell >= len(self._kept):
            return []
        row = self._kept[cell]
        return [int(n) for n in row[row != NONE]]


def _lowest(cells: Array, numbers: Array) -> tuple[Array, Array, Array]:
    """The lowest ``MOST`` numbers of each cell, and the place of each among them."""
    order = np.lexsort((numbers, cells))
    cells, numbers = cells[order], numbers[order]
    first = np.flatnonzero(np.r_[True, cells[1:] != cells[:-1]])
    rank = np.arange(len(cells)) - np.repeat(first, np.diff(np.r_[first, len(cells)]))
    low = rank < MOST
    return cells[low], numbers[low], rank[low]
