"""How long people were held after release was due, by both ways to count 48 hours.

The federal form counts every hour.  The regulation, 8 CFR 287.7(d), counts none of a Saturday, a Sunday or a federal
holiday; whether the observed day of a holiday is one is an open reading, so holds past the limit are counted both ways.
A hold counts as past a limit when the person left later than the deadline that ``comity.calendar`` gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from comity.audit.counts.examples import Examples
from comity.audit.tables import NO_NUMBER, Array, Column
from comity.audit.verdicts import NOT_DONE
from comity.calendar import Holiday, holidays_between

__all__ = ["LIMIT_HOURS", "PAST", "CountedHours", "Holds"]

LIMIT_HOURS: Final = 48

#: The ways a hold can be past the limit; each is a row of ``Holds.past``.
PAST: Final = ("form", "regulation", "regulation, observed days too")

_HOUR: Final = 3_600_000_000
_MINUTE: Final = 60_000_000
_DAY: Final = 24 * _HOUR
_LIMIT: Final = LIMIT_HOURS * _HOUR
#: Lengths are kept to the minute up to 31 days; the last place holds what is longer.
_LONGEST: Final = 31 * 24 * 60
#: A hold that is longer is past every limit, and its end is of no further interest.
_FAR: Final = 60 * _DAY
#: Days kept beyond the last known moment: a counted limit may fall after a long row of days that do not count.
_MARGIN: Final = 21
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class CountedHours:
    """The hours of one time zone that the regulation counts, for whole columns of moments.

    Moments are int64 microseconds since 1970-01-01T00:00Z.  ``observed`` leaves out the observed days of holidays too.
    """

    def __init__(self, zone: tzinfo, holidays: Iterable[Holiday], first: date, last: date, *, observed: bool) -> None:
        free = holidays_between(holidays, first, last, observed=observed)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        midnights = [datetime.combine(day, time(), zone) for day in days]
        self._midnight = np.array([(m.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1) for m in midnights])
        self._counts = np.array([d.weekday() < 5 and d not in free for d in days], np.int64)
        self._before = np.r_[0, np.cumsum(np.diff(self._midnight) * self._counts[:-1])]

    def counted(self, moments: Array) -> Array:
        """Counted microseconds from the first day to each moment."""
        day = np.searchsorted(self._midnight, moments, "right") - 1
        counted: Array = self._before[day] + (moments - self._midnight[day]) * self._counts[day]
        return counted

    def deadline(self, starts: Array, length: int) -> Array:
        """The first instant at which ``length`` counted microseconds have gone by."""
        goal = self.counted(starts) + length
        day = np.searchsorted(self._before, goal, "left") - 1
        instant: Array = self._midnight[day] + goal - self._before[day]
        return instant


class Holds:
    """Lengths of holds, counted to the minute.

    ``elapsed`` and ``counted`` are int64 by minutes, rounded up; the last place holds all above 31 days.  ``past`` has
    one number for each way of ``PAST``.  Cases that are in none of them are counted beside: ``untimed`` lack a time,
    ``refused`` are recorded as not held, and ``reversed`` left before release was due, which the record cannot mean.
    """

    def __init__(self, holidays: tuple[Holiday, ...]) -> None:
        self.elapsed = np.zeros(_LONGEST + 2, np.int64)
        self.counted = np.zeros(_LONGEST + 2, np.int64)
        self.past = np.zeros(len(PAST), np.int64)
        self.untimed = self.refused = self.reversed = 0
        #: one cell for each way of PAST, and one for people who left before release was due
        self.examples = Examples()
        self.examples.grow(len(PAST) + 1)
        self._holidays = holidays
        self._clocks: dict[str, tuple[int, int, CountedHours, CountedHours]] = {}

    def add(
        self, since: Column, released: Column, recorded: Array | None, zones: Array, names: list[str], numbers: Array
    ) -> None:
        """Count a stretch.  ``zones`` points into ``names``, IANA time zones, for every case."""
        timed = (since.values != NO_NUMBER) & (released.values != NO_NUMBER)
        self.untimed += len(timed) - int(timed.sum())
        if recorded is not None:
            refused = timed & (recorded == NOT_DONE)
            self.refused += int(refused.sum())
            timed &= ~refused
        kept = np.flatnonzero(timed)
        start, end = since.values[kept], released.values[kept]
        ordered = end >= start
        self.reversed += int((~ordered).sum())
        self._show(len(PAST), numbers[kept[~ordered]])
        kept, start, end = kept[ordered], start[ordered], end[ordered]
        for zone in np.unique(zones[kept]):
            here = zones[kept] == zone
            self._count(start[here], end[here], names[zone], numbers[kept[here]])

    def _count(self, start: Array, end: Array, zone: str, numbers: Array) -> None:
        seen = np.minimum(end, start + _FAR)
        legal, observed = self._clock(zone, start, seen)
        counted = legal.counted(seen) - legal.counted(start)
        past = (
            end - start > _LIMIT,
            end > legal.deadline(start, _LIMIT),
            end > observed.deadline(start, _LIMIT),
        )
        # Who leaves on a Saturday after exactly 48 counted hours left after the deadline: the curve says so too.
        counted = np.where(past[1], np.maximum(counted, _LIMIT + 1), counted)
        for table, lengths in ((self.elapsed, end - start), (self.counted, counted)):
            made = np.bincount(np.minimum(-(-lengths // _MINUTE), _LONGEST + 1))
            table[: len(made)] += made
        for way, late in enumerate(past):
            self.past[way] += int(late.sum())
            self._show(way, numbers[late])

    def merge(self, other: Holds) -> None:
        """Add what another part counted."""
        self.elapsed += other.elapsed
        self.counted += other.counted
        self.past += other.past
        self.untimed += other.untimed
        self.refused += other.refused
        self.reversed += other.reversed
        for cell in range(len(PAST) + 1):
            self._show(cell, np.array(other.examples.of(cell), np.int64))

    @property
    def total(self) -> int:
        """Holds of known length."""
        return int(self.elapsed.sum())

    @staticmethod
    def within(lengths: Array, hours: int) -> int:
        """Holds of at most so many hours in ``elapsed`` or ``counted``; hours at most 744."""
        return int(lengths[: hours * 60 + 1].sum())

    @staticmethod
    def quantile(lengths: Array, share: float) -> float | None:
        """The length in hours that this share of the holds does not exceed; None without holds, or above 31 days."""
        total = int(lengths.sum())
        minutes = int(np.searchsorted(np.cumsum(lengths), max(share * total, 1), "left"))
        return None if not total or minutes > _LONGEST else minutes / 60

    def _show(self, cell: int, numbers: Array) -> None:
        low = numbers[numbers < self.examples.limits[cell]]
        self.examples.offer(np.full(len(low), cell, np.intp), low)

    def _clock(self, zone: str, start: Array, end: Array) -> tuple[CountedHours, CountedHours]:
        """The counted hours of a zone, over every day that these holds touch."""
        low, high = int(start.min()) // _DAY - 2, int(end.max()) // _DAY + _MARGIN
        known = self._clocks.get(zone)
        if known is None or low < known[0] or high > known[1]:
            if known is not None:
                low, high = min(low, known[0]), max(high, known[1])
            first, last = _EPOCH.date() + timedelta(days=low), _EPOCH.date() + timedelta(days=high)
            place = _zone(zone)
            legal = CountedHours(place, self._holidays, first, last, observed=False)
            observed = CountedHours(place, self._holidays, first, last, observed=True)
            known = self._clocks[zone] = (low, high, legal, observed)
        return known[2], known[3]


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
