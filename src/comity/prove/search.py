"""Looking for a case: satisfiable or not, with as few rows as can be, and never a *proved* for a time limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import z3

from comity.policy.opened import Opened
from comity.prove.bound import Bound, reads
from comity.prove.formula import Formulas, KnownOfLists, Readings
from comity.prove.truths import conjunction
from comity.prove.world import World

__all__ = ["Asked", "Found", "Nothing", "Puzzle", "Undecided", "rules_of", "satisfied", "search"]

#: Rows tried before all that could matter: most cases that break a claim need no more.
_FEW = (1, 2)
_ADDED_AT_ONCE = 4


@dataclass(slots=True)
class Puzzle:
    """What a case must meet.

    ``formulas``: how the conditions are read, each world and choice of readings once; the first is the case itself.
    ``every``: formulas that must hold for every one of many choices of readings; ``meets`` already holds for some
    choice, and they are added where a case is found that fails them.
    """

    meets: list[Any]
    formulas: list[Formulas]
    every: Sequence[Callable[[], Any]] = ()

    @property
    def world(self) -> World:
        """The case that is looked for."""
        return self.formulas[0].world

    @property
    def readings(self) -> Readings:
        """How questions are read in it."""
        return self.formulas[0].readings


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A case that meets the puzzle, as a model of it."""

    puzzle: Puzzle
    model: z3.ModelRef


@dataclass(frozen=True, slots=True)
class Nothing:
    """No case meets it, however many rows it has; ``bound`` says how many had to be looked at."""

    bound: Bound


@dataclass(frozen=True, slots=True)
class Undecided:
    """The solver gave up, with its reason."""

    why: str


Posed = Callable[[Mapping[str, int], KnownOfLists | None], Puzzle]


def search(
    posed: Posed, conditions: Iterable[Opened], needed: Mapping[str, int], lemmas: KnownOfLists, seconds: float
) -> Found | Nothing | Undecided:
    """A case that meets the puzzle, or that there is none.

    ``posed`` makes the puzzle for so many rows of each list; with lemmas, quantifiers may be anything they allow.
    ``conditions`` are those of the question, and ``needed`` the rows that suffice for it.
    """
    conditions = list(conditions)
    asked = Asked.of(conditions)
    first = _solve(posed({}, lemmas), asked, seconds)
    if isinstance(first, Undecided) or first is None:
        return Nothing(Bound()) if first is None else first
    most = max(needed.values(), default=0)
    for size in [*(s for s in _FEW if s < most), most]:
        found = _solve(posed({list_: min(size, rows) for list_, rows in needed.items()}, None), asked, seconds)
        if found is not None:
            return found
    return Nothing(Bound(tuple(needed.items())))


@dataclass(frozen=True, slots=True)
class Asked:
    """What some conditions ask for: facts of the case (``law date`` too), questions, and the conditions themselves."""

    facts: frozenset[str]
    questions: frozenset[str]
    conditions: tuple[Opened, ...]

    @classmethod
    def of(cls, conditions: Iterable[Opened]) -> Asked:
        """What these conditions ask for."""
        listed = tuple(conditions)
        read = [reads(c) for c in {id(c): c for c in listed}.values()]
        facts = frozenset[str]().union(*(f for f, _ in read))
        return cls(facts, frozenset[str]().union(*(q for _, q in read)), listed)


def rules_of(formulas: Iterable[Formulas], asked: Asked) -> Iterator[Any]:
    """What every case obeys, as far as some conditions ask for it."""
    seen: set[int] = set()
    for one in formulas:
        if id(one.world) not in seen:
            yield from one.world.rules(asked.facts)
        if id(one.readings) not in seen:
            yield from one.readings.rules(one.world, asked.questions)
        if id(one) not in seen:
            yield from one.known_of(asked.conditions)
        seen |= {id(one), id(one.world), id(one.readings)}


def _solve(puzzle: Puzzle, asked: Asked, seconds: float) -> Found | Undecided | None:
    solver = z3.Solver()
    solver.set("timeout", max(1, int(seconds * 1000)))
    solver.add(conjunction([*puzzle.meets, *rules_of(puzzle.formulas, asked)]))
    found = satisfied(solver, puzzle.every, lambda: rules_of(puzzle.formulas, asked))
    return Found(puzzle, found) if isinstance(found, z3.ModelRef) else found


def satisfied(
    solver: z3.Solver, every: Sequence[Callable[[], Any]], rules: Callable[[], Iterable[Any]]
) -> z3.ModelRef | Undecided | None:
    """A model of what the solver holds and of each of ``every``; None: there is none.

    They are made and added where a model is found that fails them; ``rules``: what every case obeys, with the variables
    that were made meanwhile.
    """
    made: dict[int, Any] = {}
    while True:
        answer = solver.check()
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            return Undecided(str(solver.reason_unknown()) or "no reason given")
        model = solver.model()
        failing = []
        for i, make in enumerate(every):
            if i not in made:
                made[i] = make()
            if not z3.is_true(model.eval(made[i], model_completion=True)):
                failing.append(made[i])
                if len(failing) == _ADDED_AT_ONCE:
                    break
        if not failing:
            return model
        solver.add(*failing, *rules())
