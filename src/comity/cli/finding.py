"""What the law commands share: finding an action by the words typed, an instrument as data, labels in a column."""

from __future__ import annotations

from datetime import date
from typing import Any

from comity.api import Library
from comity.cli.screen import wrap
from comity.policy.facts import Action
from comity.policy.norms import Instrument
from comity.problems import ComityError, Problem, nearest

__all__ = ["find_action", "hanging", "instrument_data", "iso", "need_action"]


def hanging(label: str, text: str, indent: int, columns: int) -> list[str]:
    """``label`` in a column of its own, and ``text`` wrapped beside it."""
    lines = wrap(text, 0, columns - indent - 10) or [""]
    return [" " * indent + f"{label if i == 0 else '':<10}{line}" for i, line in enumerate(lines)]


def find_action(text: str, library: Library) -> Action | None:
    """The action with this id or name, or the only one whose name begins so; CM202 where several do."""
    wanted = " ".join(text.replace("_", " ").split())
    actions = library.law.vocabulary.action_names()
    if wanted in actions or not wanted:
        return actions.get(wanted)
    begin = [a for name, a in actions.items() if name.startswith(wanted)]
    if len(begin) > 1:
        help_ = f"say which: {', '.join(a.name for a in begin)}"
        raise ComityError([Problem("CM202", f"'{text}' begins the name of {len(begin)} actions", help=help_)])
    return begin[0] if begin else None


def need_action(text: str, library: Library) -> Action:
    """The action called so; CM202 with the nearest name when there is none."""
    found = find_action(text, library)
    if found is None:
        names = library.law.vocabulary.action_names()
        near = nearest(text.replace("_", " "), names)
        help_ = f"did you mean '{near}'?" if near else f"actions are such as {', '.join(list(names)[:8])}"
        raise ComityError([Problem("CM202", f"there is no action called '{text}'", help=help_)])
    return found


def instrument_data(instrument: Instrument, library: Library) -> dict[str, Any]:
    """An instrument as JSON data."""
    return {
        "id": instrument.id,
        "title": instrument.title,
        "cite_as": instrument.cite_as,
        "authority": instrument.authority,
        "binds": {
            "places": list(instrument.binding.places),
            "kinds": list(instrument.binding.kinds),
            "except": list(instrument.binding.except_),
        },
        "from": iso(instrument.window.start),
        "until": iso(instrument.window.end),
        "official": instrument.official,
        "checked": instrument.checked,
        "note": instrument.note,
        "norms": sum(n.instrument == instrument.id for n in library.law.norms),
    }


def iso(day: date | None) -> str | None:
    """A day for JSON."""
    return day.isoformat() if day else None
