"""How many rows of a list are enough.

Take any case, with as many convictions as you like.  For each quantifier that the question asks (``any conviction
where …``) keep the rows that make it come out as it does: one for *any* and *every*, N for *at least N*.  The case with
only these rows gives every quantifier the same truth, so it gives the same answer.  Hence a counter-example exists
among cases with that many rows, or nowhere: the bound is no limit of the proof.  It holds for three values too: an
unknown *any* needs one row that could meet it, or none where the list is not complete.

A question may read one quantifier in several ways: under each choice of readings that its condition turns on, and with
other values of the facts it reads.  Each way may need a row of its own (``Ways``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Final

from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Every,
    Fact,
    Includes,
    Name,
    Not,
    OneOf,
    Or,
    Some,
    Within,
)
from comity.policy.opened import Given, Opened, Quantifier, ReadAs, inside

__all__ = ["ONCE", "Bound", "Ways", "quantifiers", "reads", "rows_needed"]


@dataclass(frozen=True, slots=True)
class Bound:
    """How far a proof reaches: list -> rows that were looked at, which are enough.  Empty: no row matters."""

    rows: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        told = [
            f"for any number of {list_} ({rows} row{'' if rows == 1 else 's'} suffice{'s' if rows == 1 else ''})"
            for list_, rows in self.rows
        ]
        return " and ".join(told) or "whatever the lists hold"


def quantifiers(conditions: Iterable[Opened]) -> dict[int, Quantifier]:
    """The distinct quantifiers of some conditions, by identity."""
    found: dict[int, Quantifier] = {}
    for condition in conditions:
        for node in inside(condition):
            if isinstance(node, Quantifier):
                found[id(node)] = node
    return found


@dataclass(frozen=True, slots=True)
class Ways:
    """In how many ways a question reads a quantifier.

    ``answers``: question -> its readings, where all choices are tried; ``varied``: facts that have two values, or that
    are looked at on two days.
    """

    answers: Mapping[str, tuple[str, ...]]
    varied: frozenset[str] = frozenset()

    def of(self, node: Quantifier) -> int:
        """How many ways."""
        facts, questions = reads(node.where)
        choices = prod(len(self.answers[q]) for q in questions if q in self.answers)
        return choices * (2 if self.varied & facts else 1)


#: Every quantifier is read once.
ONCE: Final = Ways({})


def rows_needed(conditions: Iterable[Opened], ways: Ways = ONCE) -> Mapping[str, int]:
    """List -> how many rows are enough for a question about these conditions.

    What is only taken for granted of every row is not among them: fewer rows meet it too.
    """
    needed: dict[str, int] = {}
    for node in quantifiers(conditions).values():
        rows = max(node.count, 1) if isinstance(node, AtLeast) else 1
        needed[node.list] = needed.get(node.list, 0) + rows * ways.of(node)
    return needed


def reads(condition: Opened) -> tuple[frozenset[str], frozenset[str]]:
    """The facts of the case that a condition reads, and the questions it depends on; inside quantifiers too."""
    facts: set[str] = set()
    questions: set[str] = set()
    for node in inside(condition):
        match node:
            case Some(_, where) | Every(_, where) | AtLeast(_, _, where):
                more, others = reads(where)
                facts |= more
                questions |= others
            case ReadAs(question, _):
                questions.add(question)
            case Not() | And() | Or():
                pass
            case Fact(name, False) | Given(name, _):
                facts.add(name)
            case Fact():
                pass
            case Compare(_, left, right) | Within(left, _, _, right, _, _):
                facts |= {n.name for n in (left, right) if isinstance(n, Name) and not n.row}
            case OneOf(left, _) | Includes(left, _):
                facts |= {left.name} if not left.row else set()
            case _:
                raise AssertionError(f"{node!r} is not opened")
    return frozenset(facts), frozenset(questions)
