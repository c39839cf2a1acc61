"""Options that several commands share, and reading their values."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from comity.calendar import parse_date
from comity.problems import ComityError, Problem

__all__ = ["AT", "DAY", "JSON", "LAW", "SECONDS", "read_text"]


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class _Day(click.ParamType[date, str | date]):
    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            day = parse_date(str(value))
            if not 1900 <= day.year <= 2100:
                raise ValueError("outside 1900 to 2100")
            return day
        except ValueError:
            self.fail(f"'{value}' is not a day of the calendar between 1900 and 2100; write YYYY-MM-DD", param, ctx)


DAY = _Day()


class _Seconds(click.FloatRange):
    name = "N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = float(super().convert(value, param, ctx))
        if found != found:
            self.fail(f"'{value}' is no number of seconds", param, ctx)
        return found


#: ``--seconds N``: how long the solver may take for one question.
SECONDS: Decorator = click.option(
    "--seconds",
    type=_Seconds(0.01, 3600),
    default=10.0,
    show_default=True,
    metavar="N",
    help="The time limit of one question.",
)


#: A case file is a page or two; more is some other file.
_MOST_BYTES = 1_000_000


#: ``--at DATE``: the law of that day.
AT: Decorator = click.option("--at", type=DAY, metavar="DATE", help="Ask the law of this day (YYYY-MM-DD).")

#: ``--json``: the same content for programs.
JSON: Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")

#: ``--law FOLDER``: another library.
LAW: Decorator = click.option(
    "--law", type=click.Path(path_type=Path), metavar="FOLDER", help="Use the law library in this folder."
)


def read_text(path: str) -> str:
    """A file's text ("-" is standard input), or the problem why it cannot be read."""
    try:
        with sys.stdin.buffer if path == "-" else Path(path).open("rb") as source:
            data = source.read(_MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise ComityError(
            [Problem("CM112", f"'{path}' cannot be read: {reason}", help="check the name and the folder")]
        ) from None
    if len(data) > _MOST_BYTES:
        message = f"'{path}' is larger than a case file can be ({_MOST_BYTES // 1_000_000} MB)"
        raise ComityError([Problem("CM112", message, help="one file holds one case")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ComityError(
            [
                Problem(
                    "CM101",
                    f"'{path}': byte 0x{data[error.start]:02x} at position {error.start} is not UTF-8 text",
                    help="save the file as UTF-8",
                )
            ]
        ) from None
