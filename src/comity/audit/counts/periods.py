"""Where a judged case stands in time: its law version, its month, and whether the library holds that day's law."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final

import numpy as np

from comity.audit.counts.held import NO_DATE
from comity.audit.judgement import Judged, LawVersion
from comity.audit.tables import Array
from comity.case import find_agency
from comity.policy.library import Coverage, Library
from comity.policy.stack import Stack, bind

__all__ = ["NO_MONTH", "Period", "Periods", "month_words"]

NO_MONTH: Final = -(2**31)

_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST: Final = date(1800, 1, 1).toordinal() - _EPOCH
_LAST: Final = date(2199, 12, 31).toordinal() - _EPOCH

#: (place in ``Periods.laws``, months since January 1970 or ``NO_MONTH``, a word of ``held``)
Period = tuple[int, int, int]


def month_words(month: int) -> str:
    """``2014-03`` for months since January 1970."""
    return f"{1970 + month // 12:04d}-{month % 12 + 1:02d}"


@cache
def _months() -> Array:
    """The month of every day from 1800 to 2199, int32."""
    days = np.arange(_FIRST, _LAST + 1).astype("datetime64[D]")
    return days.astype("datetime64[M]").astype(np.int64).astype(np.int32)


class Periods:
    """Every (law version, month, standing) met so far, numbered; it grows with the law and not with the cases."""

    def __init__(self, library: Library, stacks: Mapping[str, Stack]) -> None:
        self._library = library
        self.laws: list[LawVersion] = []
        self.rows: list[Period] = []
        self.months: list[int] = []
        self._law_index: dict[LawVersion, int] = {}
        self._month_index: dict[int, int] = {}
        self._row_index: dict[Period, int] = {}
        self._stacks: dict[str, Stack | None] = {**stacks}
        self._month_places = np.full(len(np.unique(_months())), -1, np.intp)
        self._table = np.full((3, 0, 0), -1, np.intp)

    def stack(self, agency: str) -> Stack | None:
        """The law of an agency, or None where the library knows no such agency."""
        if agency not in self._stacks:
            found = find_agency(agency, self._library)
            self._stacks[agency] = None if found is None else bind(self._library, found)
        return self._stacks[agency]

    def coverage(self, agency: str) -> Coverage | None:
        """The law dates for which the library claims to hold the agency's law."""
        stack = self.stack(agency)
        return None if stack is None else stack.coverage

    def place(self, judged: Judged, held: Array, start: int, stop: int) -> tuple[Array, Array]:
        """Standing and period (both intp) of the cases ``start`` to ``stop``; ``held`` as ``HeldLaw`` says."""
        law, days = judged.law[start:stop], judged.table.law_date[start:stop]
        standing = held[start:stop].astype(np.intp)
        places = np.zeros(len(judged.laws), np.intp)
        for code in map(int, np.flatnonzero(np.bincount(law, minlength=len(judged.laws)))):
            places[code] = self._law(judged.laws[code])
        slot = places[law]
        month = self._month_of(days, standing == NO_DATE)
        self._make_room()
        period = self._table[standing, slot, month]
        new = np.flatnonzero(period < 0)
        if len(new):
            triples = np.unique(np.stack([slot[new], month[new], standing[new]]), axis=1)
            for place, month_place, state in triples.T:
                row = self.number((int(place), self.months[month_place], int(state)))
                self._table[state, place, month_place] = row
            period = self._table[standing, slot, month]
        return standing, period

    def number(self, row: Period) -> int:
        """The number of a period, a new one if it was never met."""
        index = self._row_index.get(row)
        if index is None:
            index = self._row_index[row] = len(self.rows)
            self.rows.append(row)
            self._month(row[1])
        return index

    def follow(self, other: Periods) -> tuple[list[int], list[int]]:
        """Take in the periods of another part of the audit; the places here of its periods and of its months."""
        laws = [self._law(law) for law in other.laws]
        rows = [self.number((laws[place], month, standing)) for place, month, standing in other.rows]
        return rows, [self._month(month) for month in other.months]

    def month_place(self, month: int) -> int:
        """Position of a month in ``months``."""
        return self._month_index[month]

    def _law(self, law: LawVersion) -> int:
        index = self._law_index.get(law)
        if index is None:
            index = self._law_index[law] = len(self.laws)
            self.laws.append(law)
        return index

    def _month(self, month: int) -> int:
        index = self._month_index.get(month)
        if index is None:
            index = self._month_index[month] = len(self.months)
            self.months.append(month)
        return index

    def _month_of(self, days: Array, undated: Array) -> Array:
        known = np.clip(days, _FIRST, _LAST) - _FIRST
        absolute = _months()[known].astype(np.intp) - int(_months()[0])
        place = self._month_places[absolute]
        for missing in np.unique(absolute[(place < 0) & ~undated]):
            self._month_places[missing] = self._month(int(missing) + int(_months()[0]))
        place = self._month_places[absolute]
        return np.where(undated, self._month(NO_MONTH), place) if undated.any() else place

    def _make_room(self) -> None:
        _, laws, months = self._table.shape
        if len(self.laws) > laws or len(self.months) > months:
            table = np.full((3, max(len(self.laws), 2 * laws), max(len(self.months), 2 * months)), -1, np.intp)
            table[:, :laws, :months] = self._table
            self._table = table
