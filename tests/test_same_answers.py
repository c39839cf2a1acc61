"""One conformance suite: every engine against the interpreter, on random law and on every example of the library.

The clingo referee (``oracle.py``) shares no code with the engines; generated code shares the outcome tables.  A library
that the stack refuses (norms that beat each other in a circle) must be refused by the referee too, and is not decided.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import comity
from comity.calendar import Window
from comity.decide.case import Case, case_of_check
from comity.decide.interpret import Evaluation, evaluate
from comity.decide.outcome import Standing
from comity.decide.specialise import Specialised
from comity.decide.verdict import reading_choices, verdict
from comity.language.read import library_files, read_library
from comity.policy.library import Check, Library
from comity.policy.norms import Norm
from comity.policy.stack import ActionLaw, Era, Stack, bind
from comity.problems import ComityError
from tests import oracle, random_law
from tests.oracle import Answer, Asked, SpeakingLaw

LAW = Path(comity.__path__[0]) / "law"
QUICK = {"deadline": None, "suppress_health_check": list(HealthCheck)}

#: Reading choices tried for one action of one example in the quick run; the soak tries all.
FEW_CHOICES = 3


@cache
def packaged() -> Library:
    return read_library(library_files(LAW))


def questions(stack: Stack, era: Era, few: int | None = None, turn: int = 0) -> list[Asked]:
    """Every action with its readings left open, and under each choice of them (or ``few``, another few each turn)."""
    asked: list[Asked] = []
    for law in era.actions:
        asked.append((law.action, {}))
        if law.questions:
            choices = reading_choices(law, stack)
            start = turn * few % len(choices) if few else 0
            asked += [(law.action, readings) for readings in (choices * 2)[start : start + (few or len(choices))]]
    return asked


def seen(law: ActionLaw, evaluation: Evaluation) -> Answer:
    ids = [n.id for n in law.norms]
    for standing in (evaluation.standing, *(s for _, s in evaluation.layers)):
        assert standing == Standing(standing.possible[0] if len(standing.possible) == 1 else "", standing.possible)
    return Answer(
        dict(zip(ids, evaluation.applies, strict=True)),
        dict(zip(ids, evaluation.wins, strict=True)),
        frozenset(evaluation.standing.possible),
        {layer: frozenset(standing.possible) for layer, standing in evaluation.layers},
    )


def interpreter(stack: Stack, era: Era, case: Case, asked: list[Asked]) -> list[Answer]:
    return [seen(era.by_action[a], evaluate(era.by_action[a], era, case, r)) for a, r in asked]


def generated_code(stack: Stack, era: Era, case: Case, asked: list[Asked]) -> list[Answer]:
    fast = _compiled(stack, era)
    expected = {law.action: verdict(law, stack, era, case).outcome for law in era.actions}
    assert fast.outcomes(case) == expected
    return [seen(era.by_action[a], fast.run(era.by_action[a], era, case, r)) for a, r in asked]


_made: dict[int, tuple[Era, Specialised]] = {}


def _compiled(stack: Stack, era: Era) -> Specialised:
    kept = _made.get(id(era))
    if kept is None or kept[0] is not era:
        if len(_made) > 500:
            _made.clear()
        kept = _made[id(era)] = (era, Specialised(stack, era))
    return kept[1]


def clingo_referee(stack: Stack, era: Era, case: Case, asked: list[Asked]) -> list[Answer]:
    return oracle.referee(stack.library, stack.agency, case, asked, _speaking(stack, era, case.law_date))


_spoken: dict[int, tuple[Era, SpeakingLaw]] = {}


def _speaking(stack: Stack, era: Era, day: date | None) -> SpeakingLaw:
    assert day is not None
    kept = _spoken.get(id(era))
    if kept is None or kept[0] is not era:
        if len(_spoken) > 500:
            _spoken.clear()
        kept = _spoken[id(era)] = (era, oracle.speaking_law(stack.library, stack.agency, day))
    return kept[1]


Engine = Callable[[Stack, Era, Case, list[Asked]], list[Answer]]
ENGINES: dict[str, Engine] = {"generated code": generated_code, "clingo referee": clingo_referee}
each_engine = pytest.mark.parametrize("engine", ENGINES.values(), ids=list(ENGINES))


def agree(engine: Engine, stack: Stack, era: Era, case: Case, asked: list[Asked]) -> None:
    for question, got, expected in zip(
        asked, engine(stack, era, case, asked), interpreter(stack, era, case, asked), strict=True
    ):
        assert got == expected, question


def try_random(engine: Engine, library: Library, case: Case) -> None:
    assert case.law_date is not None
    stack = bind(library, case.agency)
    try:
        era = stack.at(case.law_date)
    except ComityError as error:
        assert [p.code for p in error.problems] == ["CM304"]  # noqa: PT017
        assert oracle.speaking_law(library, case.agency, case.law_date).circle
        return
    agree(engine, stack, era, case, questions(stack, era))


@each_engine
@given(library=random_law.libraries(), case=random_law.cases())
@settings(max_examples=250, **QUICK)
def test_every_engine_agrees_on_random_law(engine: Engine, library: Library, case: Case) -> None:
    try_random(engine, library, case)


@pytest.mark.soak
@each_engine
@given(library=random_law.libraries(), case=random_law.cases())
@settings(max_examples=20_000, **QUICK)
def test_every_engine_agrees_on_random_law_for_long(engine: Engine, library: Library, case: Case) -> None:
    try_random(engine, library, case)


# -- every example of the library -------------------------------------------------------------------------------------


@cache
def _stack(agency: str) -> tuple[Stack, list[Check]]:
    library = packaged()
    checks = [c for c in library.checks if c.agency == agency]
    return bind(library, case_of_check(checks[0], checks[0].trials[0].on, library).agency), checks


def try_examples(engine: Engine, few: int | None) -> int:
    library, tried = packaged(), 0
    for agency in dict.fromkeys(c.agency for c in library.checks):
        stack, checks = _stack(agency)
        for check in checks:
            for trial in check.trials:
                era = stack.at(trial.on)
                case = case_of_check(check, trial.on, library)
                agree(engine, stack, era, case, questions(stack, era, few, tried))
                tried += 1
    return tried


@pytest.mark.slow
@each_engine
def test_every_engine_agrees_on_every_example_of_the_library(engine: Engine) -> None:
    assert try_examples(engine, FEW_CHOICES) > 500


@pytest.mark.soak
@each_engine
def test_every_engine_agrees_on_every_example_under_every_reading(engine: Engine) -> None:
    try_examples(engine, None)


def test_the_referee_counts_days_like_a_calendar() -> None:
    assert oracle._day_number(date(1, 1, 1)) == 1
    for day in (date(1999, 12, 31), date(2000, 2, 29), date(2100, 3, 1), date.max, date.min, random_law.LEAP):
        assert oracle._day_number(day) == day.toordinal()
        assert oracle._civil(day.toordinal()) == (day.year, day.month, day.day)
