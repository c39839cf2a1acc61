"""What an audit found, counted while the cases go by; its size does not grow with their number.

``Summary.add`` takes one judged stretch after the other, ``merge`` joins what several workers counted, ``to_data``
gives every figure of the report as plain data.  Cases may come in any order: the figures are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import numpy as np

from comity.audit.counts.figures import figures
from comity.audit.counts.held import HeldLaw
from comity.audit.counts.holds import Holds
from comity.audit.counts.periods import Periods
from comity.audit.counts.tallies import Tally
from comity.audit.judgement import Judged
from comity.audit.quality import Quality
from comity.audit.tables import NO_DAY, NO_MEMBER, NO_NUMBER, NO_WORD, Array, Column
from comity.policy.library import Library
from comity.policy.stack import Stack

__all__ = ["HOLD", "MET", "RELEASABLE", "RELEASED", "Summary"]

#: The action a hold length speaks of, and the two moments it is measured by.
HOLD: Final = "hold past release"
RELEASABLE: Final = "releasable since"
RELEASED: Final = "released"

#: Counts of a reading that are kept by what was met, named as in ``Quality``.
MET: Final = ("rejected", "set_aside", "unreadable", "disagreements", "notes")

#: The first stretch is small, so that the examples fill up before many cases are looked at.
_SMALLEST: Final = 1 << 11
_LARGEST: Final = 1 << 17


class Summary:
    """The figures of one audit.

    ``actions``: the actions to report, by name or id; None means every action that is judged.  ``source`` says in a
    few words what the records are; ``synthetic`` marks invented ones, on every page; ``what_if`` is
    the day whose law was asked for every case, whatever its own.  ``instead_of``: where one agency was asked about for
    every case, the id of the agency that the mapping names, "" where it reads the agency from the records; None where
    every case has the agency that the mapping says.  ``stacks``: law that is bound already, by agency id; the rest is
    bound when it is met.
    """

    def __init__(
        self,
        law: Library,
        actions: list[str] | None,
        *,
        source: str,
        synthetic: bool,
        what_if: date | None = None,
        instead_of: str | None = None,
        stacks: Mapping[str, Stack] | None = None,
    ) -> None:
        self.law = law
        self.source = source
        self.synthetic = synthetic
        self.what_if = what_if
        self.instead_of = instead_of
        self.chosen = None if actions is None else [a.replace("_", " ") for a in actions]
        self.cases = 0
        self.records = 0
        self.duplicates = 0
        self.noun = "cases"
        self.alike: int | None = None
        #: kind of ``MET`` -> what was met -> how often
        self.met: dict[str, Counter[str]] = {kind: Counter() for kind in MET}
        self.first_day: date | None = None
        self.last_day: date | None = None
        self.periods = Periods(law, stacks or {})
        self._held = HeldLaw(self.periods.coverage)
        self.tallies: dict[str, Tally] = {}
        self.holds = Holds(law.holidays)
        self.timed = False
        #: fact, or "list: field" -> values, and how many of them are unknown
        self.values: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self._block = _SMALLEST

    def add(self, judged: Judged) -> None:
        """Count one stretch of judged cases."""
        table = judged.table
        for action in judged.actions if self.chosen is None else self.chosen:
            if action in judged.actions:
                self.tallies.setdefault(action, Tally())
        self._measure(judged)
        held = self._held.of(table)
        start = 0
        while start < len(table):
            stop = min(start + self._block, len(table))
            self._count(judged, held, start, stop)
            start, self._block = stop, min(self._block * 4, _LARGEST)
        self.cases += len(table)

    def note(self, quality: Quality | None = None, *, noun: str = "") -> None:
        """Add what a reading of records counted; once for each reading, when it has ended.

        ``noun``: what one case is, in the plural ("bookings").
        """
        self.noun = noun or self.noun
        if quality is None:
            return
        self.records += quality.rows
        self.duplicates += quality.duplicates
        if quality.alike is not None:
            self.alike = (self.alike or 0) + quality.alike
        for kind in MET:
            self.met[kind].update(getattr(quality, kind))

    def merge(self, other: Summary) -> None:
        """Add what another worker counted of the same audit; ValueError when law or actions differ."""
        if (self.law.sha256, self.chosen) != (other.law.sha256, other.chosen):
            raise ValueError("two summaries of different audits cannot be merged")
        self.note(noun=other.noun if self.noun == "cases" else "")
        self.records += other.records
        self.duplicates += other.duplicates
        if other.alike is not None:
            self.alike = (self.alike or 0) + other.alike
        for kind in MET:
            self.met[kind].update(other.met[kind])
        self.cases += other.cases
        self.timed = self.timed or other.timed
        self.values.update(other.values)
        self.unknown.update(other.unknown)
        self._days(day for day in (other.first_day, other.last_day) if day is not None)
        rows, months = self.periods.follow(other.periods)
        for action, tally in other.tallies.items():
            self.tallies.setdefault(action, Tally()).merge(tally, rows, months, self.periods)
        self.holds.merge(other.holds)

    def to_data(self) -> dict[str, Any]:
        """Every figure as plain data for JSON; the same cases give the same data, in whatever order they came."""
        return figures(self)

    def _count(self, judged: Judged, held: Array, start: int, stop: int) -> None:
        table = judged.table
        standing, period = self.periods.place(judged, held, start, stop)
        numbers = table.numbers[start:stop]
        for action, tally in self.tallies.items():
            if action not in judged.actions:
                continue
            told = table.recorded.get(action)
            tally.add(
                judged.actions[action][start:stop].astype(np.intp, copy=False),
                judged.judgements[action],
                None if told is None else told[start:stop],
                standing,
                period,
                numbers,
                self.periods,
            )
        since, released = table.columns.get(RELEASABLE), table.carried.get(RELEASED)
        if since is None or released is None:
            return
        self.timed = True
        told = table.recorded.get(HOLD)
        zones, names = self._zones(judged)
        self.holds.add(
            _cut(since, start, stop),
            _cut(released, start, stop),
            None if told is None else told[start:stop],
            zones[judged.law[start:stop]],
            names,
            numbers,
        )

    def _zones(self, judged: Judged) -> tuple[Array, list[str]]:
        """For each law version of the stretch, the place of its agency's time zone among some zone names."""
        stacks = [self.periods.stack(law.agency) for law in judged.laws]
        zones = ["UTC" if stack is None else stack.agency.time_zone for stack in stacks]
        names = sorted(set(zones))
        return np.array([names.index(zone) for zone in zones], np.intp), names

    def _measure(self, judged: Judged) -> None:
        """How much of every column is unknown, and the first and last law date."""
        table = judged.table
        for name, column in table.columns.items():
            self._share(name, column)
        for name, rows in table.lists.items():
            self._add_share(f"{name}: all of them?", len(rows.complete), int((~rows.complete.astype(bool)).sum()))
            for field, column in rows.columns.items():
                self._share(f"{name}: {field}", column)
        known = table.law_date[table.law_date != NO_DAY]
        if len(known):
            epoch = date(1970, 1, 1).toordinal()
            self._days(date.fromordinal(epoch + int(day)) for day in (known.min(), known.max()))

    def _share(self, name: str, column: Column) -> None:
        unknown = {"yes/no": 1, "one of": NO_MEMBER, "some of": -1, "date": NO_DAY, "text": NO_WORD, "offence": NO_WORD}
        self._add_share(name, len(column), int((column.values == unknown.get(column.kind, NO_NUMBER)).sum()))

    def _add_share(self, name: str, values: int, unknown: int) -> None:
        self.values[name] += values
        self.unknown[name] += unknown

    def _days(self, days: Iterable[date]) -> None:
        found = [*days, *(d for d in (self.first_day, self.last_day) if d is not None)]
        if found:
            self.first_day, self.last_day = min(found), max(found)


def _cut(column: Column, start: int, stop: int) -> Column:
    offsets = None if column.offsets is None else column.offsets[start:stop]
    return Column(column.kind, column.values[start:stop], offsets, column.words)
