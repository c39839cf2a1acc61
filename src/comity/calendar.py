"""Windows and clocks: calendar arithmetic that the law turns on, and nothing else.

Dates are ``datetime.date``; moments are time-zone-aware ``datetime.datetime``.  Intervals are half-open,
``[start, end)``.  Counting years back from 29 February clamps down to 28 February, everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

__all__ = [
    "Holiday",
    "Window",
    "counted_deadline",
    "end_of_day",
    "holidays_between",
    "parse_date",
    "parse_moment",
    "shift",
]

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def parse_date(text: str) -> date:
    """The ISO date ``YYYY-MM-DD``; ValueError for anything else, a day that does not exist included."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"not a date: {text!r}")
    return date.fromisoformat(text)


def parse_moment(text: str) -> datetime:
    """An ISO date and time **with** its offset; ValueError otherwise.

    A clock that decides a release may not guess its time zone, so a bare local time is refused.
    """
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None or not _DATE.match(text):
        raise ValueError(f"no time zone: {text!r}")
    return moment


def shift(day: date, amount: int, unit: str) -> date:
    """``day`` moved by ``amount`` of "days", "months" or "years"; clamps to the month's last day.

    Leaving the calendar clamps to its first or last day, so that a window never raises.
    """
    try:
        if unit == "days":
            return day + timedelta(days=amount)
        months = day.year * 12 + day.month - 1 + (amount * 12 if unit == "years" else amount)
        year, month = divmod(months, 12)
        for last in (day.day, 30, 29, 28):
            try:
                return date(year, month + 1, last)
            except ValueError:
                if last <= 28 or not 1 <= year <= 9999:
                    raise
        raise AssertionError("unreachable")
    except (OverflowError, ValueError):
        return date.min if amount < 0 else date.max


@dataclass(frozen=True, slots=True)
class Window:
    """When a rule is in force: from ``start`` (included) until ``end`` (not included); None means open."""

    start: date | None = None
    end: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def overlaps(self, other: Window) -> bool:
        """Whether some day lies in both windows."""
        starts_in_time = self.end is None or other.start is None or other.start < self.end
        return starts_in_time and (other.end is None or self.start is None or self.start < other.end)

    def edges(self) -> Iterator[date]:
        """The days on which the answer to "in force?" changes."""
        if self.start is not None:
            yield self.start
        if self.end is not None:
            yield self.end

    def __str__(self) -> str:
        if self.start is None and self.end is None:
            return "always"
        parts = [f"from {self.start}" if self.start else "", f"until {self.end}" if self.end else ""]
        return " ".join(p for p in parts if p)


@dataclass(frozen=True, slots=True)
class Holiday:
    """One legal holiday as a rule: a fixed day (``weekday`` None) or the nth weekday of a month.

    ``month`` 1-12; ``day`` day of the month for fixed days; ``weekday`` 0 = Monday; ``nth`` 1-4, or -1 for the last.
    ``window`` says in which years' law it exists.  Source: 5 U.S.C. 6103(a) and its amendments.
    """

    name: str
    month: int
    day: int
    weekday: int | None
    nth: int
    window: Window
    cite: str

    def on(self, year: int) -> date | None:
        """The holiday's legal date in ``year``, or None when the law of that day did not know it."""
        if self.weekday is None:
            day = date(year, self.month, self.day)
        elif self.nth > 0:
            first = date(year, self.month, 1)
            day = first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1))
        else:
            last = shift(date(year, self.month, 1), 1, "months") - timedelta(days=1)
            day = last - timedelta(days=(last.weekday() - self.weekday) % 7)
        return day if day in self.window else None


def holidays_between(holidays: Iterable[Holiday], first: date, last: date, *, observed: bool) -> frozenset[date]:
    """All holidays from ``first`` to ``last``.

    ``observed`` adds the Friday before a Saturday holiday and the Monday after a Sunday one (5 U.S.C. 6103(b),
    Executive Order 11582).  Whether 8 CFR 287.7(d) means those days too is an open reading, so the caller must choose.
    """
    days: set[date] = set()
    for holiday in holidays:
        # An observed day stands one day from the holiday, which may lie in the year before or after.
        for year in range((first - timedelta(days=1)).year, (last + timedelta(days=1)).year + 1):
            day = holiday.on(year)
            if day is None:
                continue
            days.add(day)
            if observed and day.weekday() == 5:
                days.add(day - timedelta(days=1))
            if observed and day.weekday() == 6:
                days.add(day + timedelta(days=1))
    return frozenset(d for d in days if first <= d <= last)


def _midnight_after(moment: datetime, zone: tzinfo) -> datetime:
    return datetime.combine(moment.astimezone(zone).date() + timedelta(days=1), time(), zone)


def counted_deadline(start: datetime, hours: int, holidays: Collection[date], zone: tzinfo) -> datetime:
    """The instant after ``hours`` counted hours, an hour counting only outside Saturdays, Sundays and ``holidays``.

    Counting pauses at local midnight (``zone``) and counts *elapsed* time, so a change to summer time inside the hold
    neither lengthens nor shortens it.  Source: 8 CFR 287.7(d).
    """
    left = timedelta(hours=hours)
    now = start
    while True:
        local = now.astimezone(zone)
        midnight = _midnight_after(now, zone)
        if local.weekday() < 5 and local.date() not in holidays:
            # Aware subtraction within one zone ignores a change of offset; go through UTC for elapsed time.
            today = midnight.astimezone(UTC) - now.astimezone(UTC)
            if left <= today:
                return (now.astimezone(UTC) + left).astimezone(zone)
            left -= today
        now = midnight


def end_of_day(moment: datetime, zone: tzinfo) -> datetime:
    """11:59 p.m. of the local calendar day of ``moment`` (New Jersey directive 2018-6, II.B)."""
    return datetime.combine(moment.astimezone(zone).date(), time(23, 59), zone)
