"""Which version of which agency's law each case falls under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from comity.audit.judgement import LawVersion
from comity.audit.leaves import day_number
from comity.audit.tables import NO_DAY, Array, CaseTable
from comity.case import agency_values, find_agency
from comity.policy.library import Library
from comity.policy.opened import Opened, OpenedAction, Opener
from comity.policy.stack import Stack, bind
from comity.problems import ComityError, Problem

__all__ = ["Laws"]


#: Days since 1970 within which a table of days is kept: 1860 to 2079.
_LATE = 40_000


class Laws:
    """Law versions in order of first sight: ``versions[i]`` and its opened law ``opened[i]``, action by action."""

    def __init__(self, library: Library, actions: Sequence[str]) -> None:
        self.versions: list[LawVersion] = []
        self.opened: list[Mapping[str, OpenedAction]] = []
        self._interned: dict[Opened, Opened] = {}
        self._library = library
        self._actions = actions
        self._stacks: dict[str, Stack] = {}
        self._edges: dict[str, Array] = {}
        #: Agency -> position between two edges of every day from ``-_LATE``.
        self._tables: dict[str, Array] = {}
        #: Agency -> position of its law between two edges; -1 until a case falls there.
        self._numbers: dict[str, Array] = {}

    def of(self, table: CaseTable) -> Array:
        """The position of each case's law version: int32."""
        if len(table.agencies) == 1 or not len(table):
            return self._of_agency(table.agencies[0], table.law_date) if len(table) else np.zeros(0, np.int32)
        used = np.unique(table.agency).tolist()
        found = np.zeros(len(table), np.int32)
        for code in used:
            where = np.flatnonzero(table.agency == code)
            found[where] = self._of_agency(table.agencies[code], table.law_date[where])
        return found

    def by_day(self, agency: str) -> tuple[Array, int]:
        """The position of an agency's law on every day from 40,000 days before 1970 to as many after (int32), and
        without a date; -1 where no case has fallen yet.
        """
        self._stack(agency)
        numbers = self._numbers[agency]
        return np.take(numbers, self._tables[agency]), int(numbers[-1])

    def _of_agency(self, agency: str, law_date: Array) -> Array:
        stack = self._stack(agency)
        edges, numbers = self._edges[agency], self._numbers[agency]
        first, last = int(law_date.min(initial=_LATE)), int(law_date.max(initial=-_LATE))
        if first > -_LATE and last < _LATE:
            # Days of a few centuries: a table of days is quicker than a search.
            places = np.take(self._tables[agency], law_date + np.int32(_LATE))
        else:
            places = np.searchsorted(edges, law_date, side="right").astype(np.int16)
            places[law_date == NO_DAY] = len(edges) + 1
        found: Array = np.take(numbers, places)
        if int(found.min(initial=0)) < 0:
            for place in np.unique(places[found < 0]).tolist():
                numbers[place] = len(self.versions)
                self._add(agency, stack, place)
            found = np.take(numbers, places)
        return found

    def _stack(self, agency: str) -> Stack:
        stack = self._stacks.get(agency)
        if stack is None:
            found = find_agency(agency, self._library)
            if found is None:
                help_ = "see 'comity law list --agencies', or write place:kind"
                raise ComityError([Problem("CM404", f"no agency is called '{agency}'", help=help_)])
            stack = self._stacks[agency] = bind(self._library, found)
            edges = self._edges[agency] = np.array([day_number(e) for e in stack.edges], np.int32)
            days = np.arange(-_LATE, _LATE)
            self._tables[agency] = np.searchsorted(edges, days, side="right").astype(np.int16)
            # One place more than there are stretches: cases without a law date.
            self._numbers[agency] = np.full(len(stack.edges) + 2, -1, np.int32)
        return stack

    def _add(self, agency: str, stack: Stack, place: int) -> None:
        edges = stack.edges
        if place > len(edges):
            self.versions.append(LawVersion(agency, None))
            self.opened.append({})
            return
        era = stack.at(edges[place - 1] if place else date.min)
        self.versions.append(LawVersion(agency, era.window))
        values = agency_values(stack.agency, self._library.vocabulary)
        opener = Opener(era, {n: v for n, v in values.items() if isinstance(v, bool)}, self._interned)
        self.opened.append({a: opener.action(era.by_action[a]) for a in self._actions})
