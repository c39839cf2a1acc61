"""Two answers about one open case that may differ: another law, or another value of some facts.

Under some choice of readings they differ, or they never do; that is asked first.  It is not yet a difference for the
agency: two answers may both be *ask counsel*, or both wait for a fact, and differ under single readings all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from comity.policy.opened import OpenedAction
from comity.policy.outcome import MAY, MUST, MUST_NOT, NOT_DUE
from comity.prove.formula import Formulas, KnownOfLists, Readings
from comity.prove.outcomes import Outcomes
from comity.prove.search import Posed, Puzzle
from comity.prove.truths import SURE, conjunction, disjunction, negation

__all__ = ["Pair"]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """``make``: the formulas of the two answers, for so many rows.  ``frame``: what a case must meet under some
    formulas; ``answers``: question -> its readings; ``questions``: those that matter here.
    """

    make: Callable[[Mapping[str, int], KnownOfLists | None], tuple[Formulas, Formulas]]
    laws: tuple[OpenedAction, OpenedAction]
    frame: Callable[[Formulas], list[Any]]
    answers: Mapping[str, tuple[str, ...]]
    questions: tuple[str, ...]

    def somewhere(self, rows: Mapping[str, int], rough: KnownOfLists | None) -> Puzzle:
        """Some choice of readings tells them apart."""
        formulas = self.make(rows, rough)
        here, there = (Outcomes(law, f).settled for law, f in zip(self.laws, formulas, strict=True))
        words = dict.fromkeys((*here, *there))
        differ = disjunction([here.get(w, SURE.no) != there.get(w, SURE.no) for w in words])
        frame = [part for f in formulas for part in self.frame(f)]
        return Puzzle([*frame, *self._answered(formulas), differ], list(formulas))

    def exactly(self) -> Iterator[Posed]:
        """Questions of which one has a case if, and only if, the agency's answers differ in some case."""
        for side in (0, 1):
            for word in (MUST, MUST_NOT, MAY, NOT_DUE):
                yield self._settled_here_alone(side, word)
            yield self._open_here_alone(side)

    def _answered(self, formulas: tuple[Formulas, ...]) -> Iterator[Any]:
        """A choice of readings answers every question; with unknown facts a question could stay open otherwise."""
        for one in dict.fromkeys(f.readings for f in formulas):
            yield from one.answered(self.questions)

    def _choices(self) -> Iterator[dict[str, str]]:
        for chosen in product(*(self.answers[q] for q in self.questions)) if self.questions else ():
            yield dict(zip(self.questions, chosen, strict=True))

    def _with_others(
        self, rows: Mapping[str, int], rough: KnownOfLists | None, side: int
    ) -> tuple[tuple[Formulas, Formulas], Formulas]:
        """The formulas, and those of the other side under readings of its own."""
        formulas = self.make(rows, rough)
        plain = formulas[1 - side]
        free = Formulas(plain.world, Readings(self.answers, " (otherwise)"), rough=rough, plain=plain)
        return formulas, free

    def _settled_here_alone(self, side: int, word: str) -> Posed:
        """``word`` under every reading on one side, and something else under some reading on the other."""

        def posed(rows: Mapping[str, int], rough: KnownOfLists | None) -> Puzzle:
            formulas, free = self._with_others(rows, rough, side)
            here = Outcomes(self.laws[side], formulas[side]).settled.get(word, SURE.no)
            there = Outcomes(self.laws[1 - side], free).settled.get(word, SURE.no)
            frame = [part for f in (*formulas, free) for part in self.frame(f)]
            every = [self._under(c, formulas[side], rough, side, word) for c in self._choices()]
            meets = [*frame, *self._answered((*formulas, free)), here, negation(there)]
            return Puzzle(meets, [*formulas, free], every)

        return posed

    def _open_here_alone(self, side: int) -> Posed:
        """A fact is missing on one side under some reading, and on the other under none."""

        def posed(rows: Mapping[str, int], rough: KnownOfLists | None) -> Puzzle:
            formulas, free = self._with_others(rows, rough, side)
            here = disjunction(list(Outcomes(self.laws[side], formulas[side]).settled.values()))
            there = disjunction(list(Outcomes(self.laws[1 - side], free).settled.values()))
            frame = [part for f in (*formulas, free) for part in self.frame(f)]
            every = [self._under(c, formulas[1 - side], rough, 1 - side, "") for c in self._choices()]
            meets = [*frame, *self._answered((*formulas, free)), negation(here), there]
            return Puzzle(meets, [*formulas, free], every)

        return posed

    def _under(
        self, choice: Mapping[str, str], plain: Formulas, rough: KnownOfLists | None, side: int, word: str
    ) -> Callable[[], Any]:
        """An outcome (or, without a word, any) under one choice of readings."""

        def made() -> Any:
            fixed = Formulas(plain.world, Readings.fixed(choice), rough=rough, plain=plain)
            settled = Outcomes(self.laws[side], fixed).settled
            comes = settled.get(word, SURE.no) if word else disjunction(list(settled.values()))
            return conjunction([*self.frame(fixed), comes])

        return made
