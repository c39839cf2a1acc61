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

from comity.calendar import shift

__all__ = ["FIRST", "LAST", "Day", "code_of", "open_day", "plain_day", "within"]

#: Days outside these are not looked at unless the library says other years.
FIRST: Final = date(1900, 1, 1)
LAST: Final = date(2099, 12, 31)

_BEFORE_MONTH: Final = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


def code_of(day: date) -> int:
    """The code of a day that is known."""
    return 372 * day.year + 31 * (day.month - 1) + day.day - 1


@dataclass(frozen=True, eq=False)
class Day:
    """A day as three numbers and its code: numbers of Z3, or of Python where the day is ``known``."""

    year: Any
    month: Any
    day: Any
    code: Any
    known: date | None = None

    @cached_property
    def number(self) -> Any:
        """The proleptic Gregorian ordinal, as ``date.toordinal``."""
        if self.known is not None:
            return self.known.toordinal()
        before = self.year - 1
        leaps = before / 4 - before / 100 + before / 400
        in_year: Any = z3.IntVal(0)
        for month, days in enumerate(_BEFORE_MONTH[1:], 2):
            in_year = z3.If(self.month == month, days, in_year)
        return 365 * before + leaps + in_year + z3.If(z3.And(self.month > 2, _leap(self.year)), 1, 0) + self.day

    def moved(self, amount: int, unit: str, *, up: bool = False) -> Any:
        """The code of the day ``amount`` years or months away (negative: before).

        Where the month has no such day it is the month's last, or (``up``, which is not our law) the first of the next.
        """
        if self.known is not None:
            there = shift(self.known, amount, unit)
            return code_of(there + timedelta(days=1) if up and there.day != self.known.day else there)
        if unit == "years":
            clamps = z3.And(self.month == 2, self.day == 29, z3.Not(_leap(self.year + amount)))
            return self.code + 372 * amount + z3.If(clamps, 3 if up else -1, 0)
        months = self.month - 1 + amount
        month = months % 12 + 1
        year = self.year + (months - months % 12) / 12
        over = self.day - _length(year, month)
        correction = 32 - self.day if up else -over
        return self.code + 31 * amount + z3.If(z3.And(self.day > 28, over > 0), correction, 0)


def plain_day(day: date) -> Day:
    """A day that is written in the law or given by the question."""
    return Day(day.year, day.month, day.day, code_of(day), day)


def open_day(name: str, first: date = FIRST, last: date = LAST) -> tuple[Day, list[Any]]:
    """A day that may be any from ``first`` to ``last``, and what makes it one of the calendar."""
    year, month, day, code = (z3.Int(f"{name} · {part}") for part in ("year", "month", "day", "code"))
    rules = [
        first.year <= year,
        year <= last.year,
        month >= 1,
        month <= 12,
        day >= 1,
        day <= 31,
        code == 372 * year + 31 * (month - 1) + day - 1,
        z3.Implies(day == 31, z3.And(month != 2, month != 4, month != 6, month != 9, month != 11)),
        z3.Implies(day == 30, month != 2),
        z3.Implies(z3.And(day == 29, month == 2), _leap(year)),
    ]
    rules += list(_edges(code, first, last))
    return Day(year, month, day, code), rules


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


def _leap(year: Any) -> Any:
    return z3.And(year % 4 == 0, z3.Or(year % 100 != 0, year % 400 == 0))


def _length(year: Any, month: Any) -> Any:
    short = z3.Or(month == 4, month == 6, month == 9, month == 11)
    return z3.If(month == 2, z3.If(_leap(year), 29, 28), z3.If(short, 30, 31))
