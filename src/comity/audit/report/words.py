"""The sentences of the report: numbers, headlines, and what each chart found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

__all__ = [
    "OUTCOME_WORDS",
    "and_list",
    "bound",
    "clipped",
    "counted",
    "day_words",
    "number",
    "part_of",
    "quoted",
    "share",
    "window_words",
]

#: Computed word -> (what the page prints, what it means).
OUTCOME_WORDS: Final = {
    "must": ("MUST", "a rule commands it"),
    "must not": ("MUST NOT", "a rule forbids it, or nobody with authority allows it"),
    "may": ("MAY", "a rule allows it, or no rule forbids it"),
    "need a fact": ("NEED A FACT", "it turns on a fact that the records do not tell, or on local law that is not held"),
    "ask counsel": ("ASK COUNSEL", "rules contradict each other, can be read two ways, or leave it to a person"),
    "not due": ("NOT DUE", "no rule asks for it in this case"),
    "law not held": ("LAW NOT HELD", "the library does not claim to hold the law of that place and day"),
    "no law date": ("NO LAW DATE", "the record names no day, so no law can be looked up"),
}

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(n: int) -> str:
    """``9,533``."""
    return f"{n:,}"


def share(part: int, whole: int) -> str:
    """``12 %``; never 0 % or 100 % of what is not none or all."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "under 0.1\u00a0%"
    if 99.9 < percent < 100:
        return "over 99.9\u00a0%"
    exact = 0 < percent < 10 or 99 < percent < 100
    return f"{percent:.1f}\u00a0%" if exact else f"{percent:.0f}\u00a0%"


def bound(text: str) -> str:
    """``text`` in which a section sign stays with its number."""
    return text.replace("§ ", "§\u00a0")


def counted(n: int, one: str, many: str = "") -> str:
    """``1 case``, ``2 cases``."""
    return f"{number(n)} {one if n == 1 else many or one + 's'}"


def part_of(part: int, whole: int, one: str) -> str:
    """``2 of the 3 cases``, ``all 3 cases``, ``the one case``."""
    if part == whole:
        return f"the one {one}" if whole == 1 else f"all {number(whole)} {one}s"
    return f"{number(part)} of the {counted(whole, one)}"


def quoted(action: str) -> str:
    """An action as it stands in a sentence."""
    return f"“{action}”"


def clipped(text: str, longest: int) -> str:
    """``text``, cut with an ellipsis where it is longer than so many characters."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def and_list(parts: Iterable[str]) -> str:
    """``a, b and c``."""
    found = [*parts]
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else ""


def day_words(iso: str) -> str:
    """``14 Nov 2016`` for ``2016-11-14``, ``Nov 2016`` for ``2016-11``."""
    if len(iso) == 7:
        return f"{_MONTHS[int(iso[5:]) - 1]} {iso[:4]}"
    day = date.fromisoformat(iso)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def window_words(window: dict[str, Any]) -> str:
    """``1 Jan 2014 to 6 Jul 2014``: the last day is the one before the end."""
    start = day_words(window["from"]) if window["from"] else ""
    end = ""
    if window["until"]:
        end = day_words(date.fromordinal(date.fromisoformat(window["until"]).toordinal() - 1).isoformat())
    if start and end:
        return f"{start} to {end}"
    return f"from {start}" if start else f"until {end}" if end else "throughout"
