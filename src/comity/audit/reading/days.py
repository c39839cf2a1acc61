"""Days and clock times as records write them, and the clock of a place turned into moments.

A clock without a zone is the clock on the wall where the agency is.  An hour that the wall clock shows twice, in the
night summer time ends, names two moments: it is left unknown rather than guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from comity.audit.tables import NO_NUMBER, Array
from comity.problems import ComityError, Problem

__all__ = ["EPOCH", "FIRST_DAY", "LAST_DAY", "Stamp", "Zone", "iso_column", "read_stamp", "zone"]

EPOCH: Final = date(1970, 1, 1)
#: Days outside 1900 to 2100 are slips of a keyboard.
FIRST_DAY: Final = (date(1900, 1, 1) - EPOCH).days
LAST_DAY: Final = (date(2100, 12, 31) - EPOCH).days

_MINUTE: Final = 60_000_000
_DAY: Final = 86_400_000_000
_CLOCK: Final = (
    r"(?:[T ]+(?P<h>\d{1,2}):(?P<n>\d{2})(?::(?P<s>\d{2})(?:\.(?P<f>\d{1,9}))?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
_ZONE: Final = r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_Y: Final = r"(?P<y>\d{4}|\d{2})"
_FORMATS: Final = {
    "iso": r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})",
    "m/d/y": rf"(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})/{_Y}",
    "d/m/y": rf"(?P<d>\d{{1,2}})/(?P<m>\d{{1,2}})/{_Y}",
    "m-d-y": rf"(?P<m>\d{{1,2}})-(?P<d>\d{{1,2}})-{_Y}",
    "yyyymmdd": r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})",
    "d-mon-y": rf"(?P<d>\d{{1,2}})[- ](?P<mon>[A-Za-z]{{3}})[a-z]*[- ]{_Y}",
}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: What a short year means: 49 is 2049, 50 is 1950.
_CENTURY_TURNS: Final = 50
_ISO: Final = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A day and, unless ``clock`` is False, a time on it: microseconds since 1970 as the writer's own clock shows it.

    ``offset``: minutes that clock is east of UTC, or None where the text does not say.
    """

    local: int
    clock: bool
    offset: int | None = None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?a){_FORMATS[name]}{_CLOCK}{_ZONE}")


def read_stamp(text: str, days: tuple[str, ...]) -> Stamp:
    """The day in ``text``, written in one of these ways; ValueError with a short reason.

    The first way that fits decides: ``m/d/y`` before ``d/m/y`` reads 3/4/2016 as the fourth of March.
    """
    reason = "not a day"
    for name in days:
        found = _pattern(name).fullmatch(text)
        if found is None:
            continue
        try:
            return _stamp(found)
        except ValueError as error:
            reason = str(error)
    raise ValueError(reason)


def _stamp(found: re.Match[str]) -> Stamp:
    parts = found.groupdict()
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        year += 2000 if year < _CENTURY_TURNS else 1900
    name = parts.get("mon")
    if name is not None and name.lower() not in _MONTHS:
        raise ValueError("not a day")
    month = _MONTHS.index(name.lower()) + 1 if name is not None else int(parts["m"])
    if not 1900 <= year <= 2100:
        raise ValueError("a day outside 1900 to 2100")
    try:
        number = (date(year, month, int(parts["d"])) - EPOCH).days
    except ValueError:
        raise ValueError("no such day") from None
    if parts["h"] is None:
        return Stamp(number * _DAY, False)
    hour, minute, second = int(parts["h"]), int(parts["n"]), int(parts["s"] or 0)
    if parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no such time")
        hour = hour % 12 + (12 if parts["half"][0] in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no such time")
    micro = int((parts["f"] or "0").ljust(6, "0")[:6])
    local = number * _DAY + ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro
    return Stamp(local, True, _offset(parts["zone"]))


def _offset(text: str | None) -> int | None:
    if text is None or text == "Z":
        return None if text is None else 0
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    if minutes > 14 * 60 or int(text[-2:]) > 59:
        raise ValueError("no such time")
    return -minutes if text[0] == "-" else minutes


def iso_column(column: pa.Array) -> tuple[Array, Array] | None:
    """Local microseconds and whether a clock is given, when every cell is an ISO day or time without a zone.

    None where one is not, or is no day between 1900 and 2100: cell by cell then tells which.  Empty cells are
    ``NO_NUMBER``.
    """
    if pa.types.is_date(column.type):
        local = pc.cast(column, pa.timestamp("us"))
        clock = np.zeros(len(column), bool)
    elif pa.types.is_timestamp(column.type) and column.type.tz is None:
        local = pc.cast(column, pa.timestamp("us"), safe=False)
        clock = np.ones(len(column), bool)
    elif pa.types.is_string(column.type):
        empty = pc.equal(column, "")
        filled = pc.if_else(empty, pa.scalar(None, pa.string()), column)
        fits = pc.match_substring_regex(filled, _ISO)
        if pc.any(pc.invert(fits)).as_py():
            return None
        try:
            local = pc.cast(filled, pa.timestamp("us"))
        except pa.ArrowInvalid:
            return None
        clock = np.asarray(pc.greater(pc.fill_null(pc.binary_length(column), 0), 10), bool)
    else:
        return None
    micros = np.asarray(pc.fill_null(pc.cast(local, pa.int64()), NO_NUMBER), np.int64)
    known = micros[micros != NO_NUMBER]
    if known.size and (known.min() < FIRST_DAY * _DAY or known.max() >= (LAST_DAY + 1) * _DAY):
        return None
    return micros, clock


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """A time zone, 1900 to 2101: from ``starts[i]`` (UTC microseconds) on, ``offsets[i]`` minutes east of UTC."""

    name: str
    starts: Array
    offsets: Array

    def moments(self, local: Array) -> tuple[Array, Array, Array]:
        """Wall clock to (UTC microseconds, minutes east of UTC, how often the wall clock showed it: 0, 1 or 2)."""
        utc = np.full(len(local), NO_NUMBER, np.int64)
        east = np.zeros(len(local), np.int16)
        shown = np.zeros(len(local), np.uint8)
        for offset in np.unique(self.offsets):
            candidate = local - int(offset) * _MINUTE
            there = self.offsets[np.searchsorted(self.starts, candidate, "right") - 1] == offset
            shown += there
            utc[there], east[there] = candidate[there], offset
        return utc, east, shown


@cache
def zone(name: str) -> Zone:
    """The zone with this IANA name; ComityError CM721 where the machine does not know it."""
    try:
        info = ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        help_ = "'comity doctor' says whether this machine has zone data"
        raise ComityError([Problem("CM721", f"no time zone is called '{name}' on this machine", help=help_)]) from None
    starts, offsets = [-(2**62)], [_east(info, datetime(1899, 12, 30, tzinfo=UTC))]
    now, step = datetime(1899, 12, 30, tzinfo=UTC), timedelta(days=1)
    end = datetime(2101, 1, 3, tzinfo=UTC)
    while now < end:
        after = now + step
        if (there := _east(info, after)) != offsets[-1]:
            low, high = now, after
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (low, middle) if _east(info, middle) == there else (middle, high)
            change = high.replace(microsecond=0)
            starts.append(int((change - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000)
            offsets.append(there)
        now = after
    return Zone(name, np.array(starts, np.int64), np.array(offsets, np.int16))


def _east(info: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(info).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() / 60)
