"""How generated code reaches what a case says: by name or by place, and days and windows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Protocol

from comity.calendar import shift

__all__ = ["FarEnds", "Mapped", "Placed", "Source", "compare_values", "day_of"]


class Source(Protocol):
    """How the values of a case are reached in source text."""

    def fact(self, name: str, constant: Callable[[object], str]) -> str:
        """A fact of the case."""
        ...

    def rows(self, name: str, constant: Callable[[object], str]) -> str:
        """A list of the case."""
        ...

    def field(self, list_: str, name: str, row: str, constant: Callable[[object], str]) -> str:
        """A field of a row."""
        ...


class Mapped:
    """Facts, lists and fields by name."""

    def fact(self, name: str, constant: Callable[[object], str]) -> str:
        """A fact of the case."""
        return f"values.get({constant(name)})"

    def rows(self, name: str, constant: Callable[[object], str]) -> str:
        """A list of the case."""
        return f"lists.get({constant(name)}, no_rows)"

    def field(self, list_: str, name: str, row: str, constant: Callable[[object], str]) -> str:
        """A field of a row."""
        return f"{row}.get({constant(name)})"


class Placed:
    """Facts, lists and fields by place: ``facts`` and ``rows`` (list -> fields) in their declared order."""

    def __init__(self, facts: Sequence[str], rows: Mapping[str, Sequence[str]]) -> None:
        self._facts = {name: i for i, name in enumerate(facts)}
        self._lists = {name: i for i, name in enumerate(rows)}
        self._fields = {name: {f: i for i, f in enumerate(fields)} for name, fields in rows.items()}

    def known(self, name: str, list_: str) -> bool:
        """Whether the fact, or the field of a list, is ever given; a list itself is asked for with the name ""."""
        if not list_:
            return name in self._facts
        return list_ in self._lists and (not name or name in self._fields[list_])

    def fact(self, name: str, constant: Callable[[object], str]) -> str:
        """A fact of the case."""
        return f"values[{self._facts[name]}]"

    def rows(self, name: str, constant: Callable[[object], str]) -> str:
        """A list of the case."""
        return f"lists[{self._lists[name]}]"

    def field(self, list_: str, name: str, row: str, constant: Callable[[object], str]) -> str:
        """A field of a row."""
        return f"{row}[{self._fields[list_][name]}]"


#: Days remembered by one window before they are forgotten.
_MOST_DAYS: Final = 20_000


class FarEnds(dict[date, date]):
    """Day -> the far end of a window from it, worked out once for each day."""

    def __init__(self, amount: int, unit: str) -> None:
        super().__init__()
        self._amount, self._unit = amount, unit

    def __missing__(self, day: date) -> date:
        if len(self) >= _MOST_DAYS:
            self.clear()
        far = self[day] = shift(day, self._amount, self._unit)
        return far


def day_of(value: Any) -> Any:
    """The calendar day of a moment on its own clock; anything else as it is."""
    return value.date() if value.__class__ is datetime else value


def compare_values(op: str, left: Any, right: Any) -> bool:
    """Moments to the second, a moment and a day by the day."""
    if not (left.__class__ is datetime and right.__class__ is datetime):
        left, right = day_of(left), day_of(right)
    match op:
        case "is":
            return bool(left == right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)
