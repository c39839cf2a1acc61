"""Deadlines of duties and longest holds, with every reading of the clock shown.

Form I-247A and 8 CFR 287.7(d) do not say the same 48 hours: the form counts every hour, the regulation leaves out
Saturdays, Sundays and holidays.  Both ends are shown; the earliest is the one to keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from comity.calendar import Holiday, counted_deadline, end_of_day, holidays_between
from comity.case import Case
from comity.policy.norms import Clock, Norm

__all__ = ["Deadline", "deadlines", "zone_named"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """One end in the norm's ``words``; ``at`` is None while ``needs`` is unknown or the law gives only words."""

    cite: str
    words: str
    at: datetime | None = None
    needs: str = ""
    reading: str = ""


def zone_named(name: str) -> tzinfo:
    """The IANA time zone; UTC where the machine has no data for it ('comity doctor' tells)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def deadlines(norm: Norm, case: Case, holidays: tuple[Holiday, ...]) -> tuple[Deadline, ...]:
    """Every clock of a norm for this case."""
    return tuple(d for clock in norm.clocks for d in _ends(clock, norm, case, holidays))


def _ends(clock: Clock, norm: Norm, case: Case, holidays: tuple[Holiday, ...]) -> Iterator[Deadline]:
    if clock.kind == "words":
        yield Deadline(norm.cite, clock.text)
        return
    start = case.values.get(clock.anchor)
    zone = zone_named(case.agency.time_zone)
    if isinstance(start, date) and not isinstance(start, datetime):
        start = datetime.combine(start, time(23, 59), zone)
    if not isinstance(start, datetime):
        yield Deadline(norm.cite, clock.text, needs=clock.anchor)
        return
    match clock.kind:
        case "hours":
            # Elapsed time: a change to summer time moves the clock on the wall, not the length of the hold.
            yield Deadline(norm.cite, clock.text, _elapsed(start, clock.amount, zone))
        case "days":
            yield Deadline(norm.cite, clock.text, start.astimezone(zone) + timedelta(days=clock.amount))
        case "end of day":
            yield Deadline(norm.cite, clock.text, end_of_day(start, zone))
        case _:
            # The local day, whatever offset the moment was written with: a holiday is a day of the agency's calendar.
            first = start.astimezone(zone).date()
            last = first + timedelta(days=clock.amount // 24 + 14)
            legal = holidays_between(holidays, first, last, observed=False)
            observed = holidays_between(holidays, first, last, observed=True)
            plain = counted_deadline(start, clock.amount, legal, zone)
            moved = counted_deadline(start, clock.amount, observed, zone)
            if plain == moved:
                yield Deadline(norm.cite, clock.text, plain)
            else:
                yield Deadline(norm.cite, clock.text, plain, reading="holidays on their legal day only")
                yield Deadline(norm.cite, clock.text, moved, reading="observed days count as holidays too")


def _elapsed(start: datetime, hours: int, zone: tzinfo) -> datetime:
    return (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(zone)
