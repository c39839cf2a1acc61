"""The smallest conditions as SQL.

The same digits as ``audit/leaves.py`` works out with numpy, written as whole-number expressions of Ibis over facts that
are NULL where they are unknown.  NULL stops here: every digit is a number, and no condition after this one can see it.

Windows of years and months are compared by month and day of the month, never with intervals: 29 February less a year is
28 February on every engine, as in ``comity.calendar.shift``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import ibis

from comity.audit.leaves import BOTH_UNKNOWN, LEFT_UNKNOWN, RIGHT_UNKNOWN
from comity.audit.ranks import DigitKey
from comity.calendar import shift
from comity.policy.expressions import Compare, Includes, Literal, Name, OneOf, Value, Within
from comity.policy.facts import LAW_DATE
from comity.policy.opened import Leaf, leaves_of
from comity.truth import NO, UNKNOWN, YES

__all__ = ["FactColumn", "any_of", "digit"]

_ORDER: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "is": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A fact in SQL.  ``value``: its Ibis column; ``day``: the calendar day of a date or a moment; ``members`` of a
    one-of or some-of fact.
    """

    kind: str
    value: Any
    day: Any = None
    members: tuple[str, ...] = ()


#: The column of a fact; None when the tables have none.
ColumnOf = Callable[[Name], FactColumn | None]


def digit(key: DigitKey, column: ColumnOf) -> Any:
    """A digit as an Ibis integer that is never NULL (but in cases without a law date, whose digits nobody asks)."""
    if key.leaf is not None:
        return _leaf(key.leaf, column)
    fact = _known(key.name, column)
    if fact.kind == "yes/no":
        return ibis.cases((fact.value.isnull(), UNKNOWN), (fact.value, YES), else_=NO)
    places = [(fact.value == member, place) for place, member in enumerate(fact.members)]
    return ibis.cases(*places, else_=len(fact.members))


def any_of(conditions: list[Any]) -> Any:
    """Whether any of some conditions holds; no for none."""
    found = conditions[0] if conditions else ibis.literal(False)
    for condition in conditions[1:]:
        found = found | condition
    return found


def _known(name: Name, column: ColumnOf) -> FactColumn:
    found = column(name)
    assert found is not None, f"no column for {name}"
    return found


def _leaf(leaf: Leaf, column: ColumnOf) -> Any:
    names = leaves_of(leaf)
    unknown = [None if (found := column(n)) is None else found.value.isnull() for n in names]
    if len(names) == 2 and any(of is None for of in unknown):
        # Two facts of which the tables have one: never settled, but the other may be unknown too.
        alone, half = (unknown[1], LEFT_UNKNOWN) if unknown[0] is None else (unknown[0], RIGHT_UNKNOWN)
        return ibis.cases((alone, BOTH_UNKNOWN), else_=half)
    match leaf:
        case OneOf(left, members):
            truth = _known(left, column).value.isin(members)
        case Includes(left, members):
            truth = _includes(_known(left, column), members)
        case Within():
            truth = _within(leaf, column)
        case Compare():
            truth = _compare(leaf, column)
        case _:
            raise AssertionError("a yes/no fact is its own digit")
    if len(names) == 2:
        left_unknown, right_unknown = unknown
        assert left_unknown is not None
        assert right_unknown is not None
        return ibis.cases(
            (left_unknown & right_unknown, BOTH_UNKNOWN),
            (left_unknown, LEFT_UNKNOWN),
            (right_unknown, RIGHT_UNKNOWN),
            (truth, YES),
            else_=NO,
        )
    if not names:
        return ibis.cases((truth, YES), else_=NO)
    return ibis.cases((unknown[0], LEFT_UNKNOWN), (truth, YES), else_=NO)


def _includes(fact: FactColumn, members: tuple[str, ...]) -> Any:
    asked = [m for m in members if m in fact.members]
    if fact.value.type().is_array():
        return any_of([fact.value.contains(member) for member in asked])
    return (fact.value & sum(1 << fact.members.index(m) for m in asked)) != 0


# -- days -------------------------------------------------------------------------------------------------------------


def _day(value: Value, column: ColumnOf) -> Any:
    """A date of Ibis, or a Python date for one that the law writes."""
    if isinstance(value, Literal):
        assert isinstance(value.value, date)
        return value.value
    return _known(value, column).day


def _sql(day: Any) -> Any:
    return ibis.date(day.year, day.month, day.day) if isinstance(day, date) else day


def _within(window: Within, column: ColumnOf) -> Any:
    day, anchor = _day(window.left, column), _day(window.anchor, column)
    before, strict = not window.after, window.strict
    order = operator.lt if strict else operator.le
    near = day <= _sql(anchor) if before else day >= _sql(anchor)
    if isinstance(anchor, date):
        far = _sql(shift(anchor, -window.amount if before else window.amount, window.unit))
        return near & (order(far, day) if before else order(day, far))
    if window.unit == "days":
        apart = anchor.delta(day, unit="day") if before else day.delta(anchor, unit="day")
        return near & order(apart, window.amount)
    months = window.amount * (12 if window.unit == "years" else 1)
    apart = _month(anchor) - _month(day) if before else _month(day) - _month(anchor)
    return near & ((apart < months) | ((apart == months) & _not_beyond(day, anchor, before=before, strict=strict)))


def _month(day: Any) -> Any:
    """Months since the year 0."""
    return day.year() * 12 + day.month()


def _not_beyond(day: Any, anchor: Any, *, before: bool, strict: bool) -> Any:
    """In the month of the far end, whose last day stands in for a day it does not have: whether ``day`` is inside."""
    if before:
        return anchor.day() < day.day() if strict else (anchor.day() <= day.day()) | _ends_month(day)
    return (day.day() < anchor.day()) & ~_ends_month(day) if strict else day.day() <= anchor.day()


def _ends_month(day: Any) -> Any:
    """Whether it is the last day of its month."""
    year, month, last = day.year(), day.month(), day.day()
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    short = (last == 30) & month.isin((4, 6, 9, 11))
    february = (month == 2) & ((last == 29) | ((last == 28) & ~leap))
    return (last == 31) | short | february


# -- comparisons ------------------------------------------------------------------------------------------------------


def _compare(compare: Compare, column: ColumnOf) -> Any:
    order = _ORDER[compare.op]
    kinds = {_kind(compare.left, column), _kind(compare.right, column)}
    if kinds & {"date", "moment"} and kinds != {"moment"}:
        # A moment against a day is compared by its own calendar day.
        return order(_sql(_day(compare.left, column)), _sql(_day(compare.right, column)))
    left, right = _value(compare.left, column), _value(compare.right, column)
    if kinds == {"moment"} or kinds <= {"integer", "money", "duration", "number"}:
        return order(left, right)
    return left == right


def _kind(value: Value, column: ColumnOf) -> str:
    if isinstance(value, Literal):
        return "date" if isinstance(value.value, date) else "number" if isinstance(value.value, int) else "text"
    if value.name == LAW_DATE and not value.row:
        return "date"
    return _known(value, column).kind


def _value(value: Value, column: ColumnOf) -> Any:
    return value.value if isinstance(value, Literal) else _known(value, column).value
