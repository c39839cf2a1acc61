"""The smallest conditions, over columns.

Each becomes a *digit*: one small number per case (or row) that says all the law can see of it there.  A digit of a
yes/no fact or of a one-of fact is the column itself; a digit of a comparison is its Kleene rank, with the unknown told
apart by which side is unknown, because a report must name the fact that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final

import numpy as np

from comity.audit.tables import NO_DAY, NO_MEMBER, NO_NUMBER, NO_SET, NO_WORD, Array, Column, local_days
from comity.policy.expressions import Compare, Fact, Includes, Literal, Name, OneOf, Value, Within
from comity.policy.facts import LAW_DATE
from comity.policy.opened import Given, Leaf, leaves_of
from comity.problems import ComityError, Problem

__all__ = ["BOTH_UNKNOWN", "LEFT_UNKNOWN", "RIGHT_UNKNOWN", "LeafReader", "day_number", "shifted_days", "unknown_in"]

#: Digits of a comparison: 0 no, 2 yes, and the three ways to be unknown.
LEFT_UNKNOWN: Final = 1
RIGHT_UNKNOWN: Final = 3
BOTH_UNKNOWN: Final = 4

_EPOCH = date(1970, 1, 1).toordinal()
_FIRST = date(1800, 1, 1).toordinal() - _EPOCH
_LAST = date(2200, 1, 1).toordinal() - _EPOCH


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


@cache
def _shift_table(amount: int, unit: str) -> Array:
    """``calendar.shift`` of every day from 1800 to 2199: int32 days, by position from the first."""
    days = np.arange(_FIRST, _LAST).astype("datetime64[D]")
    if unit == "days":
        return (days.astype(np.int64) + amount).astype(np.int32)
    months = days.astype("datetime64[M]")
    moved = months + amount * (12 if unit == "years" else 1)
    length = ((moved + 1).astype("datetime64[D]") - moved.astype("datetime64[D]")).astype(np.int64)
    day_of_month = (days - months.astype("datetime64[D]")).astype(np.int64)
    # The last day of the month stands in for a day the month does not have: 29 February less a year is 28 February.
    found: Array = moved.astype("datetime64[D]").astype(np.int64) + np.minimum(day_of_month, length - 1)
    return found.astype(np.int32)


def shifted_days(days: Array, amount: int, unit: str) -> Array:
    """Every day moved as ``comity.calendar.shift`` moves it; unknown days stay unknown.

    Raises ComityError CM750 for a day outside 1800 to 2199: a table with such a day was never read by our reader.
    """
    table = _shift_table(amount, unit)
    places = days - np.int32(_FIRST)
    unknown = days == NO_DAY
    if unknown.any():
        places[unknown] = 0
    if places.size and (places.min() < 0 or places.max() >= len(table)):
        raise ComityError([Problem("CM750", "a date of the table lies outside 1800 to 2199", help="mend the date")])
    moved: Array = np.take(table, places)
    if unknown.any():
        moved[unknown] = NO_DAY
    return moved


_LAW_DATE: Final = Name(LAW_DATE)

_ORDER: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "is": np.equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


class LeafReader:
    """Digits of comparisons for one stretch of cases, or for the rows of one of its lists.

    ``column(name)`` gives the column of a fact, or None when the table has none; its length is that of the case, or of
    the rows for ``Name.row``.  ``spread`` brings an array over cases to the rows (None where there are no rows).
    """

    def __init__(
        self, column: Callable[[Name], Column | None], law_date: Array, spread: Callable[[Array], Array] | None
    ) -> None:
        self._column = column
        self._law_date = law_date
        self._spread = spread
        self._days: dict[object, Array] = {}

    def digit(self, leaf: Leaf) -> Array:
        """uint8 per case or row."""
        names = leaves_of(leaf)
        if len(names) == 2 and any(self._column(n) is None for n in names):
            return self._half(*names)
        match leaf:
            case Fact(name, row):
                return self._known(Name(name, row)).values
            case OneOf(left, members):
                return self._one_of(left, members)
            case Includes(left, members):
                return self._includes(left, members)
            case Within():
                return self._within(leaf)
            case Compare():
                return self._compare(leaf)
            case Given(name, _):
                return self._known(Name(name)).values

    def _known(self, name: Name) -> Column:
        found = self._column(name)
        assert found is not None, f"no column for {name}"
        return found

    def _half(self, left: Name, right: Name) -> Array:
        """Two facts of which the table has one: never settled, but the other's column may be unknown too."""
        alone = left if self._column(left) is not None else right
        unknown = self._at(alone, ("unknown", alone), lambda: unknown_in(self._known(alone)), left.row or right.row)
        return np.where(unknown, BOTH_UNKNOWN, RIGHT_UNKNOWN if alone is left else LEFT_UNKNOWN).astype(np.uint8)

    def _one_of(self, left: Name, members: tuple[str, ...]) -> Array:
        column = self._known(left)
        if column.kind in ("text", "offence"):
            among = np.array([w in members for w in column.words] or [False])
            unknown = column.values == NO_WORD
            return _digit(among[np.where(unknown, 0, column.values)], unknown, None)
        raise AssertionError("a one-of fact is its own digit")

    def _includes(self, left: Name, members: tuple[str, ...]) -> Array:
        column = self._known(left)
        bits = sum(1 << column.words.index(m) for m in members if m in column.words)
        return _digit((column.values & bits) != 0, column.values == NO_SET, None)

    # -- days -------------------------------------------------------------------------------------------------------

    def _day(self, value: Value, of_row: bool) -> Array | int:
        """Days of a fact, in the length of this reader's rows if a row is looked at; a written day as a number."""
        if isinstance(value, Literal):
            assert isinstance(value.value, date)
            return day_number(value.value)
        return self._at(value, ("day", value), lambda: self._days_of_case(value), of_row)

    def law_date_of_rows(self) -> Array:
        """The law date of each row's case: int32 days."""
        return self._at(_LAW_DATE, ("day", _LAW_DATE), lambda: self._law_date, True)

    def _days_of_case(self, name: Name) -> Array:
        if name.name == LAW_DATE and not name.row:
            return self._law_date
        return local_days(self._known(name))

    def _at(self, name: Name, key: tuple[object, ...], make: Callable[[], Array], of_row: bool) -> Array:
        """An array made once, and brought to the rows once where a row condition needs a fact of the case."""
        made = self._days.get(key)
        if made is None:
            made = self._days[key] = make()
        if not of_row or name.row:
            return made
        spread = self._days.get((*key, "rows"))
        if spread is None:
            assert self._spread is not None
            spread = self._days[*key, "rows"] = self._spread(made)
        return spread

    def _within(self, window: Within) -> Array:
        of_row = window.left.row or (isinstance(window.anchor, Name) and window.anchor.row)
        day = self._day(window.left, of_row)
        anchor = self._day(window.anchor, of_row)
        amount = window.amount if window.after else -window.amount
        if isinstance(window.anchor, Literal):
            far: Array | int = int(shifted_days(np.array([anchor], np.int32), amount, window.unit)[0])
        else:
            name = window.anchor
            key = ("day", name, amount, window.unit)
            far = self._at(name, key, lambda: shifted_days(self._days_of_case(name), amount, window.unit), of_row)
        if window.after:
            inside = (anchor <= day) & ((day < far) if window.strict else (day <= far))
        else:
            inside = (day <= anchor) & ((far < day) if window.strict else (far <= day))
        return _digit(inside, *_unknown_sides((window.left, day), (window.anchor, anchor)))

    # -- comparisons ------------------------------------------------------------------------------------------------

    def _compare(self, compare: Compare) -> Array:
        order = _ORDER[compare.op]
        of_row = compare.left.row or (isinstance(compare.right, Name) and compare.right.row)
        kinds = {self._kind(compare.left), self._kind(compare.right)}
        if kinds == {"moment"}:
            left, right = (self._values(v, of_row) for v in (compare.left, compare.right))
            return _digit(order(left, right), left == NO_NUMBER, right == NO_NUMBER)
        if kinds & {"date", "moment"}:
            # A moment against a day is compared by its own calendar day.
            first, second = self._day(compare.left, of_row), self._day(compare.right, of_row)
            return _digit(order(first, second), *_unknown_sides((compare.left, first), (compare.right, second)))
        if kinds <= {"integer", "money", "duration", "number"}:
            left = self._values(compare.left, of_row)
            if isinstance(compare.right, Literal):
                return _digit(order(left, compare.right.value), left == NO_NUMBER, None)
            right = self._values(compare.right, of_row)
            return _digit(order(left, right), left == NO_NUMBER, right == NO_NUMBER)
        return self._same(compare, of_row)

    def _kind(self, value: Value) -> str:
        if isinstance(value, Name):
            if value.name == LAW_DATE and not value.row:
                return "date"
            return self._known(value).kind
        return "date" if isinstance(value.value, date) else "number" if isinstance(value.value, int) else "text"

    def _values(self, value: Value, of_row: bool) -> Array:
        assert isinstance(value, Name)
        return self._at(value, ("value", value), lambda: self._known(value).values, of_row)

    def _same(self, compare: Compare, of_row: bool) -> Array:
        """Whether two words are the same: a text against a written word, or two facts of words."""
        left, left_unknown = self._words(compare.left, of_row)
        right, right_unknown = self._words(compare.right, of_row)
        return _digit(left == right, left_unknown, right_unknown)

    def _words(self, value: Value, of_row: bool) -> tuple[Any, Array | None]:
        if isinstance(value, Literal):
            return value.value, None
        column = self._known(value)
        codes = self._values(value, of_row)
        unknown = codes == (NO_MEMBER if column.kind == "one of" else NO_WORD)
        return np.array([*column.words, ""], dtype=object)[np.where(unknown, len(column.words), codes)], unknown


def unknown_in(column: Column) -> Array:
    """Where a column is unknown: bool per value."""
    sign = {"yes/no": 1, "one of": NO_MEMBER, "some of": NO_SET, "date": NO_DAY, "text": NO_WORD, "offence": NO_WORD}
    found: Array = column.values == sign.get(column.kind, NO_NUMBER)
    return found


def _unknown_sides(left: tuple[Value, Array | int], right: tuple[Value, Array | int]) -> tuple[Any, Any]:
    """Where the days of two facts are unknown.  The law date is no fact: beside it, the only fact comes first."""
    first, second = (None if isinstance(v, Literal) or v == _LAW_DATE else d == NO_DAY for v, d in (left, right))
    return (second, None) if left[0] == _LAW_DATE else (first, second)


def _digit(truth: Any, left: Array | None, right: Array | None) -> Array:
    """Yes as 2, no as 0, and which side is unknown."""
    found: Array = np.left_shift(np.asarray(truth, bool).view(np.uint8), 1)
    left_any = left is not None and bool(left.any())
    right_any = right is not None and bool(right.any())
    if left_any and right_any:
        assert left is not None
        assert right is not None
        found[left] = LEFT_UNKNOWN
        found[right] = RIGHT_UNKNOWN
        found[left & right] = BOTH_UNKNOWN
    elif left_any:
        found[left] = LEFT_UNKNOWN
    elif right_any:
        found[right] = RIGHT_UNKNOWN
    return found
