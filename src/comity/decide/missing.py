"""Which unknown facts keep an action open.

A fact is named as a person would look for it: "judge signed", "convictions 2: date", "convictions: is the list
complete?".  ``culprits`` follows the unknown branches of the conditions, so a fact that can no longer matter is never
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from comity.case import Rows
from comity.decide.interpret import Evaluation, Scene, reading_truth, truth
from comity.policy.expressions import And, AtLeast, Defined, Every, Expression, Or, Some, children, facts_in
from comity.policy.facts import LAW_DATE, FactWord
from comity.policy.norms import DefinitionVersion, Norm
from comity.policy.stack import ActionLaw, Stack
from comity.truth import NO, UNKNOWN

__all__ = ["MissingFact", "culprits", "word_of"]


@dataclass(frozen=True, slots=True, order=True)
class MissingFact:
    """One unknown: a fact of the case (``list`` empty), a field of row ``row`` (from 0), or the completeness of a list
    (``row`` -1, ``name`` empty).
    """

    list: str
    row: int
    name: str

    def __str__(self) -> str:
        if not self.list:
            return self.name
        return f"{self.list}: all of them?" if self.row < 0 else f"{self.list} {self.row + 1}: {self.name}"


def word_of(fact: MissingFact, stack: Stack) -> FactWord:
    """The declared word behind a missing fact; for the completeness of a list, the list's own."""
    if fact.list and fact.row >= 0:
        return stack.fields[fact.list][fact.name]
    return stack.facts[fact.list or fact.name]


def culprits(law: ActionLaw, evaluation: Evaluation, scene: Scene) -> list[MissingFact]:
    """The unknown facts behind an unsettled action, in reading order, each once."""
    found: dict[MissingFact, None] = {}
    for i, norm in enumerate(law.norms):
        if evaluation.wins[i] == UNKNOWN and evaluation.applies[i] == UNKNOWN:
            for fact in _in_norm(norm, scene):
                found[fact] = None
    return list(found)


def _in_norm(norm: Norm, scene: Scene) -> Iterator[MissingFact]:
    for expression in (norm.when, *norm.exceptions):
        yield from _in(expression, scene, -1, "")


def _in(expression: Expression, scene: Scene, row: int, list_: str) -> Iterator[MissingFact]:
    """The unknowns of an expression whose truth is unknown; nothing when it is settled."""
    if truth(expression, scene) != UNKNOWN:
        return
    match expression:
        case Some(name, where) | Every(name, where) | AtLeast(_, name, where):
            yield from _in_rows(name, where, scene)
        case Defined(name, _):
            for version in scene.definitions.get(name, ()):
                yield from _in_version(version, scene, row, list_)
        case And() | Or():
            for child in children(expression):
                yield from _in(child, scene, row, list_)
        case _:
            inner = children(expression)
            if inner:
                for child in inner:
                    yield from _in(child, scene, row, list_)
            else:
                yield from _leaf(expression, scene, row, list_)


def _in_version(version: DefinitionVersion, scene: Scene, row: int, list_: str) -> Iterator[MissingFact]:
    parts = (version.when, *version.exceptions)
    if reading_truth(version.reading, scene) == NO:
        return
    # A version that is already refused by one part cannot be rescued by another.
    ranks = [truth(version.when, scene), *(2 - truth(e, scene) for e in version.exceptions)]
    if min(ranks) == NO:
        return
    for part in parts:
        yield from _in(part, scene, row, list_)


def _in_rows(name: str, where: Expression, scene: Scene) -> Iterator[MissingFact]:
    rows = scene.case.lists.get(name, Rows())
    for number, row in enumerate(rows.rows):
        inner = Scene(scene.case, scene.definitions, scene.readings, row)
        yield from _in(where, inner, number, name)
    if not rows.complete:
        yield MissingFact(name, -1, "")


def _leaf(expression: Expression, scene: Scene, row: int, list_: str) -> Iterator[MissingFact]:
    for name, of_row in facts_in(expression):
        if of_row:
            assert scene.row is not None
            if scene.row.get(name) is None:
                yield MissingFact(list_, row, name)
        elif name != LAW_DATE and scene.case.values.get(name) is None:
            yield MissingFact("", -1, name)
