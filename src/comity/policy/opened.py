"""The law about one action with every definition written out.

Audits and proofs look at the law of many dates side by side.  Two stretches of law with the same opened text about an
action are one version to them, so that a change elsewhere costs nothing.  ``ReadAs`` stands where a provision exists
only under one reading of an open question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Defined,
    Every,
    Expression,
    Fact,
    Includes,
    Name,
    Not,
    OneOf,
    Or,
    Some,
    Within,
)
from comity.policy.facts import LAW_DATE
from comity.policy.norms import ReadingOf
from comity.policy.stack import ActionLaw, Era

__all__ = ["Given", "Leaf", "Opened", "OpenedAction", "Opener", "Quantifier", "ReadAs", "inside", "leaves_of", "parts"]


@dataclass(frozen=True, slots=True)
class ReadAs:
    """Yes where ``question`` is read as ``answer``, no under another reading, unknown while it is left open."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Given:
    """A yes/no fact of the case that the agency's own table answers where the record does not."""

    name: str
    value: bool


Leaf = Fact | Given | Compare | OneOf | Includes | Within
Quantifier = Some | Every | AtLeast
#: An expression without ``Defined``; its And, Or, Not and quantifiers hold opened expressions too.
Opened = Expression | ReadAs | Given


@dataclass(frozen=True, eq=False)
class OpenedAction:
    """One version of the law about an action.  ``conditions[i]`` is when ``law.norms[i]`` applies."""

    law: ActionLaw
    conditions: tuple[Opened, ...]

    @cached_property
    def key(self) -> object:
        """Equal for two versions that no case can tell apart."""
        law = self.law
        told = tuple((n.id, n.effect) for n in law.norms)
        opened = tuple(id(c) for c in self.conditions)
        return law.closure, told, law.ranks, law.layers, law.beaten_by, law.powers, law.questions, opened


class Opener:
    """Opens the conditions of one era.  ``told``: yes/no facts of the case that the agency's own table answers.

    Equal expressions become one object by way of ``interned``, which the openers of one audit or proof share; from here
    on they are told apart by identity, and nobody hashes a whole statute twice.
    """

    def __init__(self, era: Era, told: Mapping[str, bool], interned: dict[Opened, Opened]) -> None:
        self._definitions = era.definitions
        self._told = told
        self._interned = interned
        self._opened: dict[Expression, Opened] = {}

    def action(self, law: ActionLaw) -> OpenedAction:
        """The law of the era about one action."""
        return OpenedAction(law, tuple(self._provision(n.reading, n.when, n.exceptions) for n in law.norms))

    def condition(self, expression: Expression) -> Opened:
        """A condition under the definitions of the era."""
        opened: Opened = self._open(expression)
        return opened

    def _provision(self, reading: ReadingOf | None, when: Expression, exceptions: Iterable[Expression]) -> Opened:
        found: list[Any] = [] if reading is None else [self._one(ReadAs(reading.question, reading.answer))]
        found.append(self._open(when))
        found += [self._one(Not(self._open(e))) for e in exceptions]
        whole: Opened = found[0] if len(found) == 1 else self._one(And(tuple(found)))
        return whole

    def _one(self, node: Opened) -> Any:
        return self._interned.setdefault(node, node)

    def _open(self, expression: Expression) -> Any:
        known = self._opened.get(expression)
        if known is None:
            known = self._opened[expression] = self._one(self._written_out(expression))
        return known

    def _written_out(self, expression: Expression) -> Opened:
        match expression:
            case Fact(name, False) if name in self._told:
                return Given(name, self._told[name])
            case Not(item):
                return Not(self._open(item))
            case And(items):
                return And(tuple(self._open(i) for i in items))
            case Or(items):
                return Or(tuple(self._open(i) for i in items))
            case Some(list_, where):
                return Some(list_, self._open(where))
            case Every(list_, where):
                return Every(list_, self._open(where))
            case AtLeast(count, list_, where):
                return AtLeast(count, list_, self._open(where))
            case Defined(name, _):
                versions = self._definitions.get(name, ())
                found: list[Any] = [self._provision(v.reading, v.when, v.exceptions) for v in versions]
                return found[0] if len(found) == 1 else Or(tuple(found))
            case _:
                return expression


def parts(node: Opened) -> tuple[Opened, ...]:
    """The expressions directly inside; a quantifier's row condition is not one of them."""
    match node:
        case Not(item):
            return (item,)
        case And(items) | Or(items):
            return items
        case _:
            return ()


def inside(node: Opened) -> Iterator[Opened]:
    """The expression and everything inside it on its own level; quantifiers are met and not entered."""
    yield node
    for part in parts(node):
        yield from inside(part)


def leaves_of(leaf: Leaf) -> tuple[Name, ...]:
    """The facts a leaf reads, the law date left out: it is always known."""
    match leaf:
        case Fact(name, row):
            return (Name(name, row),)
        case Given(name, _):
            return (Name(name),)
        case Compare(_, left, right) | Within(left, _, _, right, _, _):
            both = (left, right) if isinstance(right, Name) else (left,)
            return tuple(n for n in both if n.row or n.name != LAW_DATE)
        case OneOf(left, _) | Includes(left, _):
            return (left,)
