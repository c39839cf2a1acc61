"""How states become codes: numbers made of digits, each with a place value, small enough to look up in a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np

from comity.audit.lists import nested_in
from comity.audit.plan import Plan, Schema
from comity.audit.ranks import Choice, DigitKey, digit_keys, words_asked
from comity.audit.states import radix
from comity.audit.tables import Array
from comity.audit.teller import Teller
from comity.policy.expressions import AtLeast, Compare, Literal, Name, Value, Within
from comity.policy.facts import LAW_DATE
from comity.policy.library import Library
from comity.policy.opened import Quantifier, inside, leaves_of

__all__ = [
    "MOST_CODES",
    "CaseLayout",
    "Pattern",
    "PlacedDigit",
    "RowLayout",
    "case_layout",
    "is_law_date",
    "row_layout",
]

#: Codes a table may have.
MOST_CODES: Final = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class PlacedDigit:
    """A digit of a code: ``key``, or whether the list called ``complete`` is.  ``way`` says how a loop comes by it:

    "byte": from a column, or from an array that numpy makes; "days": a comparison of days, made in the loop; "case":
    one of the case that a row belongs to.

    ``joined``: the digit of every value of a one-of column (None: the value is the digit).  ``weight``: place value.
    """

    key: DigitKey | None
    way: str
    radix: int
    joined: Array | None
    weight: int
    complete: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class RowLayout:
    """Codes of the rows of a pass, as far as one action asks its quantifiers (``nodes``, with their choices).

    ``digits``: each with its position in the states of the pass; ``counted``: the place value of "this row counts";
    ``codes``: how many there are.  ``word``: the type of the bits of a row; the highest says that it was never met.
    """

    place: int
    list_: str
    nodes: tuple[tuple[Quantifier, list[Choice]], ...]
    digits: tuple[tuple[int, PlacedDigit], ...]
    counted: int
    codes: int
    word: type[np.uint8] | type[np.uint16]

    @property
    def never_met(self) -> int:
        """The highest bit."""
        return 1 << (8 * np.dtype(self.word).itemsize - 1)

    @property
    def width(self) -> int:
        """How many values a word can have."""
        return 2 * self.never_met


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """The digits that the same versions ask (``asked``: bool per version; None: all do); they span ``codes`` codes.

    ``digits``: each with its position in the states of the numpy engine, placed within the pattern.
    """

    asked: Array | None
    digits: tuple[tuple[int, PlacedDigit], ...]
    codes: int


@dataclass(frozen=True, slots=True, eq=False)
class CaseLayout:
    """Codes of the cases of an action.  The digits that every version asks come lowest, in a pattern of their own.

    A law version has a line of numbers: where its codes begin; the place value of each other pattern; per pass where
    the version's classes begin and the place value of a class.  A place value is 0 where the version does not ask.
    """

    common: Pattern
    patterns: tuple[Pattern, ...]
    passes: int

    @property
    def width(self) -> int:
        """How many numbers a line has."""
        return 1 + len(self.patterns) + 2 * self.passes


def row_layout(plan: Plan, place: int, nodes: Iterable[Quantifier], library: Library) -> RowLayout | None:
    """The layout of a pass for an action that asks some of its quantifiers; None where a loop cannot hold it."""
    planned = plan.passes[place]
    asked = tuple(planned.nodes[id(node)] for node in {id(n): n for n in nodes}.values())
    if any(isinstance(node, AtLeast) or _asks_lists(node, plan) for node, _ in asked):
        return None
    kind = plan.schema.kind(planned.list_)
    keys = dict.fromkeys(key for node, _ in asked for key in digit_keys(node.where, kind))
    made = [(key, *_row_digit(key, planned.list_, [n for n, _ in asked], plan.schema, library)) for key in keys]
    made.sort(key=lambda digit: _WAYS.index(digit[1]))
    weights, codes = _placed([size for _, _, size, _ in made])
    if 2 * codes > MOST_CODES:
        return None
    digits = tuple(
        (planned.keys.index(key), PlacedDigit(key, way, size, joined, weight))
        for (key, way, size, joined), weight in zip(made, weights, strict=True)
    )
    # "Surely" and "possibly" per quantifier and choice of readings.
    word = np.uint8 if sum(2 * len(choices) for _, choices in asked) < 8 else np.uint16
    return RowLayout(place, planned.list_, asked, digits, codes, 2 * codes, word)


def _asks_lists(node: Quantifier, plan: Plan) -> bool:
    return any(id(inner) in plan.pass_of for inner in nested_in(node))


#: Lowest place values first: bytes are added up as bytes.
_WAYS: Final = ("byte", "days", "case")


def _placed(radices: Sequence[int]) -> tuple[list[int], int]:
    """Place values of digits, lowest first, and how many codes they span."""
    weights, codes = [], 1
    for size in radices:
        weights.append(codes)
        codes *= size
    return weights, codes


def _row_digit(
    key: DigitKey, list_: str, nodes: Sequence[Quantifier], schema: Schema, library: Library
) -> tuple[str, int, Array | None]:
    """The way of a digit of rows, its radix, and what is joined."""
    kind = schema.kind(list_)
    size = radix(key, kind, library)
    names = (key.name,) if key.leaf is None else leaves_of(key.leaf)
    if not any(name.row for name in names):
        return "case", size, None
    if key.leaf is not None:
        return "days" if _of_days(key, schema, list_) else "byte", size, None
    if kind(key.name) != "one of":
        return "byte", size, None
    record = next(r for r, of in library.vocabulary.records().items() if of == list_)
    members = library.vocabulary.fields(record)[key.name.name].type.members
    told = [words_asked(n, key.name) for node in nodes for n in inside(node.where)]
    alike = [tuple(m in words for words in told if words) for m in members]
    groups = list(dict.fromkeys(alike))
    return "byte", len(groups) + 1, _by_value([*(groups.index(a) for a in alike), len(groups)])


def _by_value(joined: Any) -> Array:
    """uint8 by value of a column; the last one also for every value that is no member: unknown."""
    table = np.full(256, joined[-1], np.uint8)
    table[: len(joined)] = joined
    return table


def _of_days(key: DigitKey, schema: Schema, list_: str) -> bool:
    """Whether a comparison looks at days that a loop can have: of the row, of its case, of the law, or written."""
    match key.leaf:
        case Within(left, _, _, anchor, _, _):
            kinds = {_kind(v, schema, list_) for v in (left, anchor)}
            return kinds <= {"date", "moment"} and not (isinstance(anchor, Name) and anchor.row)
        case Compare(_, left, right):
            kinds = {_kind(v, schema, list_) for v in (left, right)}
            # Two moments are compared as such, not by their days.
            return kinds <= {"date", "moment"} and kinds != {"moment"}
        case _:
            return False


def _kind(value: Value, schema: Schema, list_: str) -> str | None:
    if isinstance(value, Literal):
        return "date" if isinstance(value.value, date) else None
    return "date" if is_law_date(value) else schema.kind(list_)(value)


def is_law_date(value: Value) -> bool:
    """Whether a value is the law date."""
    return isinstance(value, Name) and value.name == LAW_DATE and not value.row


def case_layout(teller: Teller, plan: Plan) -> CaseLayout | None:
    """The layout of an action; None where it has too many codes."""
    versions = range(len(teller.planned.versions))
    patterns: dict[tuple[bool, ...], list[tuple[int, PlacedDigit]]] = {tuple(True for _ in versions): []}
    for i, one in enumerate(teller.digits):
        pattern = tuple(one.asked is None or bool(one.asked[v]) for v in versions)
        joined = None if one.merged is None else _by_value(one.merged)
        digit = PlacedDigit(one.key, "byte", one.radix, joined, 0)
        patterns.setdefault(pattern, []).append((i, digit))
    first = len(teller.digits) + len(teller.classes)
    for i, name in enumerate(teller.lists, first):
        asking = [c for place, c in zip(teller.places, teller.classes, strict=True) if plan.passes[place].list_ == name]
        pattern = tuple(any(c.nodes[v] for c in asking) for v in versions)
        patterns.setdefault(pattern, []).append((i, PlacedDigit(None, "byte", 2, None, 0, name)))
    made = [_pattern(asked, digits) for asked, digits in patterns.items()]
    if any(pattern.codes > MOST_CODES for pattern in made):
        return None
    return CaseLayout(made[0], tuple(made[1:]), len(teller.places))


def _pattern(asked: tuple[bool, ...], digits: Sequence[tuple[int, PlacedDigit]]) -> Pattern:
    weights, codes = _placed([d.radix for _, d in digits])
    placed = tuple((i, replace(d, weight=w)) for (i, d), w in zip(digits, weights, strict=True))
    return Pattern(None if all(asked) else np.array(asked), placed, codes)
