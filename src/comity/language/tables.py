"""The tables of a library: agencies, holidays, and which law dates it claims to hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from comity.calendar import Holiday, Window, parse_date
from comity.language.document import decode_text
from comity.policy.authority import UNHELD, Agency, prefixes
from comity.policy.library import Coverage
from comity.problems import ComityError, Problem, Span

__all__ = ["Tables", "read_tables"]

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Tables:
    """Every ``agencies.csv``, ``holidays.csv`` and ``coverage.csv`` of a library, read."""

    agencies: tuple[Agency, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    coverage: tuple[Coverage, ...] = ()


def read_tables(files: Mapping[str, bytes], problems: list[Problem]) -> Tables:
    """The tables among ``files``; what cannot be read is noted in ``problems``."""

    def every(ending: str, read: Callable[[bytes, str, list[Problem]], Iterator[Entry]]) -> tuple[Entry, ...]:
        named = sorted(n for n in files if n.rpartition("/")[2] == ending)
        return tuple(entry for n in named for entry in read(files[n], n, problems))

    return Tables(every("agencies.csv", _agencies), every("holidays.csv", _holidays), every("coverage.csv", _coverage))


def _table(
    data: bytes, name: str, columns: Iterable[str], problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = decode_text(data, name)
    except ComityError as error:
        problems.extend(error.problems)
        return
    needed = ", ".join(columns)
    try:
        reader = csv.DictReader(io.StringIO(text))
        missing = [c for c in columns if c not in (reader.fieldnames or [])]
        if missing:
            message = f"the table has no column '{missing[0]}'"
            problems.append(
                Problem("CM107", message, Span(name, 1), help=f"the first line names the columns: {needed}")
            )
            return
        for row in reader:
            # A short line leaves columns empty; what stands beyond the last column has no name.
            yield reader.line_num, {k: (v or "").strip() for k, v in row.items() if k}
    except csv.Error as error:
        problems.append(
            Problem("CM112", f"the table cannot be read: {error}", Span(name, 1), help="save it as CSV again")
        )


def _zone_exists(name: str) -> bool:
    """Whether the name is a time zone; a machine without any time-zone data cannot tell, and does not refuse."""
    for tried in (name, "America/New_York"):
        try:
            ZoneInfo(tried)
            return tried == name
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return True


def _agencies(data: bytes, name: str, problems: list[Problem]) -> Iterator[Agency]:
    columns = ("id", "name", "short", "also", "kinds", "time_zone", "held", "note")
    for line, row in _table(data, name, columns, problems):
        if not row["id"] or not row["kinds"] or row["held"] not in ("yes", "no"):
            problems.append(
                Problem(
                    "CM208",
                    f"the agency '{row['id']}' lacks an id, a kind, or yes/no under 'held'",
                    Span(name, line),
                    help="columns: " + ", ".join(columns),
                )
            )
            continue
        if not _zone_exists(row["time_zone"]):
            message = f"the agency '{row['id']}' has no time zone called '{row['time_zone']}'"
            help_ = "write an IANA name, such as America/Los_Angeles: every clock of the agency depends on it"
            problems.append(Problem("CM208", message, Span(name, line), help=help_))
        also = tuple(p.strip() for p in row["also"].split(";") if p.strip())
        kinds = tuple(k.strip() for k in row["kinds"].split(";") if k.strip())
        if row["held"] == "no":
            kinds = (*kinds, UNHELD)
        places = tuple(dict.fromkeys([*prefixes(row["id"])[:-1], *also]))
        yield Agency(
            row["id"], row["name"], row["short"], places, kinds, row["time_zone"], row["held"] == "yes", row["note"]
        )


def _coverage(data: bytes, name: str, problems: list[Problem]) -> Iterator[Coverage]:
    for line, row in _table(data, name, ("place", "from", "to", "note"), problems):
        try:
            window = Window(*(parse_date(row[k]) if row[k] else None for k in ("from", "to")))
            yield Coverage(row["place"], window, row["note"])
        except ValueError:
            problems.append(
                Problem(
                    "CM113", f"the dates of '{row['place']}' cannot be read", Span(name, line), help="write YYYY-MM-DD"
                )
            )


def _holidays(data: bytes, name: str, problems: list[Problem]) -> Iterator[Holiday]:
    columns = ("name", "month", "day", "weekday", "nth", "from", "until", "cite")
    for line, row in _table(data, name, columns, problems):
        try:
            window = Window(*(parse_date(row[k]) if row[k] else None for k in ("from", "until")))
            yield Holiday(
                row["name"],
                int(row["month"]),
                int(row["day"] or 0),
                int(row["weekday"]) if row["weekday"] else None,
                int(row["nth"] or 0),
                window,
                row["cite"],
            )
        except ValueError:
            problems.append(
                Problem(
                    "CM113",
                    f"the holiday '{row['name']}' cannot be read",
                    Span(name, line),
                    help="month, day, weekday and nth are numbers, from and until are dates or empty",
                )
            )
