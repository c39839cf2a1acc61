"""A sample of the cases: the same for the same seed, whatever the size of the stretches they come in.

Every case draws a number from the seed and its record number; the cases with the lowest numbers are the sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from comity.audit.reading.stretches import cases_at
from comity.audit.tables import Array, CaseTable

__all__ = ["Sample", "draw"]

_STEP: Final = 0x9E3779B97F4A7C15
_MASK: Final = (1 << 64) - 1


def draw(numbers: Array, seed: int) -> Array:
    """A number for each record number: uint64, evenly spread (SplitMix64)."""
    start = np.uint64((seed * _STEP + 0xD1B54A32D192ED03) & _MASK)
    with np.errstate(over="ignore"):
        z = start + numbers.astype(np.uint64) * np.uint64(_STEP)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        found: Array = z ^ (z >> np.uint64(31))
    return found


class Sample:
    """Chooses ``size`` cases, at least one.

    ``keep`` says of a table which cases can still be among them, and is given to the reader of records; what it let
    through goes into ``tables``, from which ``chosen`` takes the sample in the order of the records.
    """

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._seed = seed
        self._drawn = np.zeros(0, np.uint64)
        self._tables: list[CaseTable] = []
        #: Cases met, chosen or not.
        self.met = 0

    def keep(self, table: CaseTable) -> Array:
        """bool per case: whether it can be among the sample, as far as is known."""
        self.met += len(table)
        drawn = draw(table.numbers, self._seed)
        both = np.concatenate([self._drawn, drawn])
        if len(both) > self._size:
            both = np.partition(both, self._size - 1)[: self._size]
        self._drawn = both
        return drawn <= self._limit()

    def add(self, table: CaseTable) -> None:
        """Keep a table that holds only what ``keep`` let through."""
        if len(table):
            self._tables.append(table)

    def chosen(self) -> Iterator[CaseTable]:
        """The sample, stretch by stretch."""
        for table in self._tables:
            inside = np.flatnonzero(draw(table.numbers, self._seed) <= self._limit())
            if len(inside):
                yield cases_at(table, inside)

    def _limit(self) -> np.uint64:
        return np.uint64(self._drawn.max()) if len(self._drawn) >= self._size else np.uint64(_MASK)
