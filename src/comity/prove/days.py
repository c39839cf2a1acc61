"""Calendar days as numbers of a formula.

A day is ``code = 372·year + 31·(month - 1) + day - 1``: codes are in the order of the days, and moving by years or
months is a subtraction, since every month has a place for 31 days.  29 February clamps down, as everywhere; only that
one correction looks at year, month and day.  Windows counted in days use the day's number in the calendar.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

import z3

from comity.calendar import Window, shift

__all__ = ["FIRST", "LAST", "Day", "code_of", "lies_in", "open_day", "plain_day", "within"]

#: Days outside these are not looked at unless the library says other years.
FIRST: Final = date(1900, 1, 1)
LAST: Final = date(2099, 12, 31)

#: Turns of centuries that are no leap years.
_NO_LEAP: Final = (1700, 1800, 1900, 2100, 2200, 2300)
_BEFORE_MONTH: Final = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


def code_of(day: date) -> int:
    """The code of a day that is known."""
    return 372 * day.year + 31 * (day.month - 1) + day.day - 1


@dataclass(frozen=True, eq=False)
class Day:
    """A day as numbers and its code: numbers of Z3, or of Python where the day is ``known``.

    ``year`` is four times ``quarter`` and ``rest``: so a leap year is a plain comparison, and no number is divided.
    """

    year: Any
    month: Any
    day: Any
    code: Any
    quarter: Any = None
    rest: Any = None
    known: date | None = None

    @cached_property
    def number(self) -> Any:
        """The proleptic Gregorian ordinal, as ``date.toordinal``."""
        if self.known is not None:
            return self.known.toordinal()
        in_year: Any = z3.IntVal(0)
        for month, days in enumerate(_BEFORE_MONTH[1:], 2):
            in_year = z3.If(self.month == month, days, in_year)
        # Of the years before this one every fourth was a leap year, but for the turns of most centuries.
        leaps = self.quarter - z3.If(self.rest == 0, 1, 0) - 12 - sum(z3.If(self.year > c, 1, 0) for c in _NO_LEAP)
        after_february = z3.If(z3.And(self.month > 2, self.leap(0)), 1, 0)
        return 365 * (self.year - 1) + leaps + in_year + after_february + self.day

    def leap(self, years: int) -> Any:
        """Whether the year so many years later has 29 February."""
        return z3.And(self.rest == -years % 4, *(self.year != century - years for century in _NO_LEAP))

    def moved(self, amount: int, unit: str, *, up: bool = False) -> Any:
        """The code of the day ``amount`` years or months away (negative: before).

        Where the month has no such day it is the month's last, or (``up``, which is not our law) the first of the next.
        """
        if self.known is not None:
            there = shift(self.known, amount, unit)
            return code_of(there + timedelta(days=1) if up and there.day != self.known.day else there)
        if unit == "years":
            clamps = z3.And(self.month == 2, self.day == 29, z3.Not(self.leap(amount)))
            return self.code + 372 * amount + z3.If(clamps, 3 if up else -1, 0)
        years, months = divmod(amount, 12)
        wraps = self.month + months > 12
        month = z3.If(wraps, self.month + months - 12, self.month + months)
        leap = z3.If(wraps, self.leap(years + 1), self.leap(years))
        over = self.day - _length(month, leap)
        correction = 32 - self.day if up else -over
        return self.code + 31 * amount + z3.If(z3.And(self.day > 28, over > 0), correction, 0)


def plain_day(day: date) -> Day:
    """A day that is written in the law or given by the question."""
    return Day(day.year, day.month, day.day, code_of(day), known=day)


def open_day(name: str, first: date = FIRST, last: date = LAST) -> tuple[Day, list[Any]]:
    """A day that may be any from ``first`` to ``last``, and what makes it one of the calendar.

    Raises ValueError for years outside 1650 to 2350.
    """
    if first.year < 1650 or last.year > 2350:
        raise ValueError("days are looked at between 1650 and 2350")
    parts = ("year", "month", "day", "code", "quarter", "rest")
    year, month, day, code, quarter, rest = (z3.Int(f"{name} · {part}") for part in parts)
    made = Day(year, month, day, code, quarter, rest)
    rules = [
        first.year <= year,
        year <= last.year,
        year == 4 * quarter + rest,
        rest >= 0,
        rest <= 3,
        month >= 1,
        month <= 12,
        day >= 1,
        day <= 31,
        code == 372 * year + 31 * (month - 1) + day - 1,
        z3.Implies(day == 31, z3.And(month != 2, month != 4, month != 6, month != 9, month != 11)),
        z3.Implies(day == 30, month != 2),
        z3.Implies(z3.And(day == 29, month == 2), made.leap(0)),
    ]
    rules += list(_edges(code, first, last))
    return made, rules


def lies_in(window: Window, code: Any) -> Any:
    """A day, given by its code, lies in a window."""
    edges = [code >= code_of(window.start)] if window.start is not None else []
    edges += [code < code_of(window.end)] if window.end is not None else []
    return z3.And(edges) if edges else z3.BoolVal(True)


def _edges(code: Any, first: date, last: date) -> Iterator[Any]:
    if (first.month, first.day) != (1, 1):
        yield code >= code_of(first)
    if (last.month, last.day) != (12, 31):
        yield code <= code_of(last)


def within(day: Day, anchor: Day, amount: int, unit: str, *, after: bool, strict: bool, up: bool = False) -> Any:
    """``policy.expressions.Within`` over days that are known to the case; ``up`` as in ``Day.moved``."""
    if unit == "days":
        here, there = day.number, anchor.number
        far = there + (amount if after else -amount)
    else:
        here, there = day.code, anchor.code
        far = anchor.moved(amount if after else -amount, unit, up=up)
    if after:
        return z3.And(there <= here, here < far if strict else here <= far)
    return z3.And(here <= there, far < here if strict else far <= here)


def _length(month: Any, leap: Any) -> Any:
    short = z3.Or(month == 4, month == 6, month == 9, month == 11)
    return z3.If(month == 2, z3.If(leap, 29, 28), z3.If(short, 30, 31))
