"""What is true of two quantifiers whatever the rows are: one carries the other, or they rule each other out.

*Any conviction where it is a serious felony* carries *any conviction where it is a felony*.  With such sentences known,
most questions are settled before a single row is looked at.  They are proved once and kept: there are few distinct
quantifiers in a library, and every version of the law asks the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import z3

from comity.policy.expressions import AtLeast, Every
from comity.policy.facts import Vocabulary
from comity.policy.opened import Quantifier
from comity.prove.formula import Formulas, Readings
from comity.prove.world import World

__all__ = ["Lemmas"]

#: A lemma that takes longer is left out; the question is then settled with rows.
_MILLISECONDS = 200


class Lemmas:
    """Lemmas about the quantifiers of one library; ``answers``: question -> its readings."""

    def __init__(self, vocabulary: Vocabulary, answers: Mapping[str, tuple[str, ...]]) -> None:
        self._vocabulary = vocabulary
        self._answers = answers
        self._carries: dict[tuple[int, int], bool] = {}
        self._excludes: dict[tuple[int, int], bool] = {}
        #: What is known by identity must live as long as what is known of it.
        self._kept: list[Quantifier] = []

    def about(self, one: Quantifier, this: Any, other: Quantifier, that: Any) -> list[Any]:
        """What two quantifiers over one list have to do with each other; ``this`` and ``that`` are their truths."""
        found: list[Any] = []
        if _count(one) < 1 or _count(other) < 1:
            return found  # "at least 0" holds without a row
        match isinstance(one, Every), isinstance(other, Every):
            case False, False:
                if _count(one) >= _count(other) and self._known_carries(one, other):
                    found.append(z3.Implies(this, that))
                if _count(other) >= _count(one) and self._known_carries(other, one):
                    found.append(z3.Implies(that, this))
            case True, True:
                if self._known_carries(one, other):
                    found.append(z3.Implies(this, that))
                if self._known_carries(other, one):
                    found.append(z3.Implies(that, this))
            case _:
                if self._known_excludes(one, other):
                    found.append(z3.Not(z3.And(this, that)))
        return found

    def _known_carries(self, one: Quantifier, other: Quantifier) -> bool:
        key = id(one), id(other)
        if key not in self._carries:
            self._carries[key] = self._never(one, other, negated=True)
            self._kept += [one, other]
        return self._carries[key]

    def _known_excludes(self, one: Quantifier, other: Quantifier) -> bool:
        key = id(one), id(other)
        if key not in self._excludes:
            self._excludes[key] = self._never(one, other, negated=False)
            self._kept += [one, other]
        return self._excludes[key]

    def _never(self, one: Quantifier, other: Quantifier, *, negated: bool) -> bool:
        """Whether no row meets the one condition and, ``negated``, fails the other."""
        world = World(self._vocabulary, {one.list: 1})
        readings = Readings(self._answers)
        formulas = Formulas(world, readings)
        here = formulas.truth(one.where, one.list)
        there = formulas.truth(other.where, one.list)
        solver = z3.Solver()
        solver.set("timeout", _MILLISECONDS)
        solver.add(here.yes, there.no if negated else there.yes, *world.rules(), *readings.rules(world))
        return bool(solver.check() == z3.unsat)


def _count(node: Quantifier) -> int:
    return node.count if isinstance(node, AtLeast) else 1
