"""Counts records that are equal to an earlier one in some columns, or in all: likely duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from comity.audit.reading.cells import Cells
from comity.audit.reading.ordering import keys_of
from comity.audit.tables import Array

__all__ = ["AlikeCounter"]

#: Records remembered, eight bytes each; later ones are compared with these and not remembered.
_MOST: Final = 48_000_000


class AlikeCounter:
    """``every``: records are equal when all cells are; else those with an empty cell are compared with none."""

    def __init__(self, columns: Sequence[str], *, every: bool) -> None:
        self.columns = tuple(columns)
        self.every = every
        self._sorted: list[Array] = []

    def count(self, cells: Cells) -> int:
        """How many records of the stretch an earlier record equals, in the stretch or before it."""
        keys = np.full(cells.count, 0x9E3779B97F4A7C15, np.uint64)
        filled = np.ones(cells.count, bool)
        for name in self.columns:
            distinct = cells.distinct(name)
            own = keys_of(pa.array(list(distinct.texts), pa.string()))[distinct.codes]
            keys = (keys ^ own) * np.uint64(0xBF58476D1CE4E5B9)
            keys ^= keys >> np.uint64(31)
            if not self.every:
                filled &= np.array([bool(text) for text in distinct.texts], bool)[distinct.codes]
        unique = np.unique(keys[filled])
        seen = np.zeros(len(unique), bool)
        for part in self._sorted:
            place = np.minimum(np.searchsorted(part, unique), len(part) - 1)
            seen |= part[place] == unique
        fresh = unique[~seen]
        self._remember(fresh)
        return int(filled.sum()) - len(fresh)

    def _remember(self, fresh: Array) -> None:
        if not len(fresh) or sum(map(len, self._sorted)) >= _MOST:
            return
        # Parts of like size are merged, so that there are few of them.
        while self._sorted and len(self._sorted[-1]) <= 2 * len(fresh):
            fresh = np.sort(np.concatenate([self._sorted.pop(), fresh]))
        self._sorted.append(fresh)
