"""Looking for a case: satisfiable or not, with as few rows as can be, and never a *proved* for a time limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from comity.policy.opened import Opened
from comity.prove.bound import Bound, rows_needed
from comity.prove.formula import KnownOfLists, Readings
from comity.prove.world import World

__all__ = ["Found", "Nothing", "Puzzle", "Undecided", "search"]

#: Rows tried before all that could matter: most cases that break a claim need no more.
_FEW = (1, 2)
_ADDED_AT_ONCE = 4


@dataclass(slots=True)
class Puzzle:
    """What a case must meet.

    ``every``: formulas that must hold for every one of many choices of readings; ``meets`` already holds for some
    choice, and they are added where a case is found that fails them.
    """

    world: World
    meets: list[Any]
    readings: list[Readings] = field(default_factory=list)
    every: Sequence[Callable[[], Any]] = ()
    also: list[World] = field(default_factory=list)


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
    posed: Posed, conditions: Iterable[Opened], lemmas: KnownOfLists, seconds: float
) -> Found | Nothing | Undecided:
    """A case that meets the puzzle, or that there is none.

    ``posed`` makes the puzzle for so many rows of each list; with lemmas, quantifiers may be anything they allow.
    ``conditions`` are those of the question.
    """
    needed = rows_needed(conditions)
    first = _solve(posed({}, lemmas), seconds)
    if isinstance(first, Undecided) or first is None:
        return Nothing(Bound()) if first is None else first
    if not needed:
        return first
    most = max(needed.values())
    for size in [*(s for s in _FEW if s < most), most]:
        found = _solve(posed({list_: min(size, rows) for list_, rows in needed.items()}, None), seconds)
        if found is not None:
            return found
    return Nothing(Bound(tuple(needed.items())))


def _solve(puzzle: Puzzle, seconds: float) -> Found | Undecided | None:
    solver = z3.Solver()
    solver.set("timeout", max(1, int(seconds * 1000)))
    solver.add(*puzzle.meets)
    for world in (puzzle.world, *puzzle.also):
        solver.add(*world.rules())
    for readings in puzzle.readings:
        solver.add(*readings.rules(puzzle.world))
    waiting = list(puzzle.every)
    made: dict[int, Any] = {}
    while True:
        answer = solver.check()
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            return Undecided(str(solver.reason_unknown()))
        model = solver.model()
        failing = []
        for i, make in enumerate(waiting):
            if i not in made:
                made[i] = make()
            if not z3.is_true(model.eval(made[i], model_completion=True)):
                failing.append(i)
                if len(failing) == _ADDED_AT_ONCE:
                    break
        if not failing:
            return Found(puzzle, model)
        solver.add(*(made[i] for i in failing))
        for world in (puzzle.world, *puzzle.also):
            solver.add(*world.rules())
