"""The closed expression language every engine understands.

Frozen nodes, no callables, no recursion through names (definitions may not refer to themselves), no loops but ``any``,
``every`` and ``at least`` over one list.  A new node must be runnable set-at-a-time *and* expressible in
quantifier-free Z3 with bounded lists; if not, it does not belong here.

Law dates and readings are not conditions: a norm or a definition carries its window and its reading beside the
condition, and ``stack.py`` decides them first.

Inside a quantifier a ``Name`` with ``row=True`` is a field of the current row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

__all__ = [
    "ALWAYS",
    "And",
    "AtLeast",
    "Compare",
    "Defined",
    "Every",
    "Expression",
    "Fact",
    "Includes",
    "Literal",
    "Name",
    "Not",
    "OneOf",
    "Or",
    "Some",
    "Value",
    "Within",
    "children",
    "facts_in",
    "walk",
]

Scalar = str | int | date


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the law: text or one-of member (str), integer or cents (int), or date."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Name:
    """The value of a fact of the case, or (``row``) of the row a quantifier stands on."""

    name: str
    row: bool = False


Value = Literal | Name


@dataclass(frozen=True, slots=True)
class Fact:
    """A yes/no fact, of the case or of the row."""

    name: str
    row: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right``; ``op`` is one of "is", "<", "<=", ">", ">=".  Unknown when either side is."""

    op: str
    left: Name
    right: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """The fact's value is among ``members``."""

    left: Name
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Includes:
    """A some-of fact holds at least one of ``members``."""

    left: Name
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """``left`` lies at most ``amount`` ``unit`` before (or after) ``anchor``, and not beyond the anchor itself.

    Both ends are included; with ``strict`` the far end (the anniversary) is not.  A conviction dated after the request
    is never "within five years before" it.
    """

    left: Name
    amount: int
    unit: str
    anchor: Value
    after: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene negation."""

    item: Expression


@dataclass(frozen=True, slots=True)
class And:
    """All of ``items``; yes when empty."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of ``items``; no when empty."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """``any X where …``: one row that meets the whole of ``where``; unknown while an incomplete list has no yes."""

    list: str
    where: Expression


@dataclass(frozen=True, slots=True)
class Every:
    """``every X where …``: no row fails; unknown while an incomplete list has no failure."""

    list: str
    where: Expression


@dataclass(frozen=True, slots=True)
class AtLeast:
    """``at least N X where …``."""

    count: int
    list: str
    where: Expression


@dataclass(frozen=True, slots=True)
class Defined:
    """A named definition ("counts as"); ``row`` when it is about the row."""

    name: str
    row: bool = False


Expression = Fact | Compare | OneOf | Includes | Within | Not | And | Or | Some | Every | AtLeast | Defined

#: Holds in every case.
ALWAYS: Final = And(())


def children(expression: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside this one."""
    match expression:
        case Not(item):
            return (item,)
        case And(items) | Or(items):
            return items
        case Some(_, where) | Every(_, where) | AtLeast(_, _, where):
            return (where,)
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and everything inside it, outermost first; definitions are not opened."""
    yield expression
    for child in children(expression):
        yield from walk(child)


def facts_in(expression: Expression) -> Iterator[tuple[str, bool]]:
    """Every fact or field read, as (name, whether it is a row's), in reading order, repeats included."""
    for node in walk(expression):
        match node:
            case Fact(name, row):
                yield name, row
            case Compare(_, left, right) | Within(left, _, _, right, _, _):
                yield left.name, left.row
                if isinstance(right, Name):
                    yield right.name, right.row
            case OneOf(left, _) | Includes(left, _):
                yield left.name, left.row
            case Some(name, _) | Every(name, _) | AtLeast(_, name, _):
                yield name, False
            case _:
                pass
