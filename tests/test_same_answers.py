"""One conformance suite: every engine against the interpreter, on random law and on every example of the library.

The clingo referee (``oracle.py``) shares no code with the engines; generated code shares the outcome tables.  A library
that the stack refuses (norms that beat each other in a circle) must be refused by the referee too, and is not decided.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import comity
from comity.case import Case, case_of_check
from comity.decide.interpret import Evaluation, evaluate
from comity.decide.specialise import Specialised
from comity.decide.verdict import reading_choices, verdict
from comity.language.read import library_files, read_library
from comity.policy.authority import Agency
from comity.policy.library import Check, Library
from comity.policy.outcome import Standing, clashes
from comity.policy.stack import ActionLaw, Era, Stack, bind
from comity.problems import ComityError
from tests import oracle, random_law
from tests.oracle import Answer, Asked, SpeakingLaw

LAW = Path(comity.__path__[0]) / "law"
QUICK = {"deadline": None, "suppress_health_check": list(HealthCheck)}

#: Choices of readings tried for one action of one example in the quick run, beside leaving them open (each example
#: takes the next ones in turn); the soak tries all.
FEW_CHOICES = 1


@cache
def packaged() -> Library:
    return read_library(library_files(LAW))


def questions(stack: Stack, era: Era, few: int | None = None, turn: int = 0) -> list[Asked]:
    """Every action with its readings left open, and under each choice of them (or ``few``, another few each turn).

    In the quick run an action on which no norm speaks is asked once in a while only.
    """
    asked: list[Asked] = []
    for number, law in enumerate(era.actions):
        if few and not law.norms and (number + turn) % 10:
            continue
        asked.append((law.action, {}))
        if law.questions:
            choices = reading_choices(law, stack)
            first = turn % len(choices) if few else 0
            asked += [(law.action, readings) for readings in (choices * 2)[first : first + (few or len(choices))]]
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
    return [seen(era.by_action[a], fast.run(era.by_action[a], era, case, r)) for a, r in asked]


def same_words(stack: Stack, era: Era, case: Case) -> None:
    """The fast path of many decisions says the very words of the slow one."""
    expected = {law.action: verdict(law, stack, era, case).outcome for law in era.actions}
    assert _compiled(stack, era).outcomes(case) == expected


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
@settings(max_examples=200, **QUICK)
def test_every_engine_agrees_on_random_law(engine: Engine, library: Library, case: Case) -> None:
    try_random(engine, library, case)


@each_engine
@given(library=random_law.conditions_apart(), case=random_law.cases())
@settings(max_examples=100, **QUICK)
def test_every_engine_agrees_on_random_conditions(engine: Engine, library: Library, case: Case) -> None:
    try_random(engine, library, case)


@each_engine
@given(random_law.windows_at_their_edges())
@settings(max_examples=60, **QUICK)
def test_every_engine_agrees_on_the_edges_of_date_windows(engine: Engine, law: tuple[Library, Case]) -> None:
    try_random(engine, *law)


def try_relations(library: Library, agency: Agency, day: date) -> None:
    spoken = oracle.speaking_law(library, agency, day)
    try:
        era = bind(library, agency).at(day)
    except ComityError:
        assert spoken.circle
        return
    ids = [n.id for n in library.norms]
    norms = [n.id for law in era.actions for n in law.norms]
    assert sorted(norms) == sorted(ids[n] for n in spoken.live)
    assert sorted(n.id for law in era.actions for n, _ in law.suspended) == sorted(ids[n] for n in spoken.stayed)
    beats = {
        (law.norms[m].id, n.id)
        for law in era.actions
        for n, by in zip(law.norms, law.beaten_by, strict=True)
        for m in by
    }
    assert beats == {(ids[m], ids[n]) for m, n in spoken.beats}
    clash = {(law.norms[m].id, law.norms[n].id) for law in era.actions for m, n in clashes(law)}
    assert clash == {(ids[m], ids[n]) for m, n in spoken.clashes}
    power = {n.id for law in era.actions for n, p in zip(law.norms, law.powers, strict=True) if p}
    assert power == {ids[n] for n in spoken.powers}
    versions = {id(v) for of in era.definitions.values() for v in of}
    assert versions == {id(library.definitions[d]) for d in spoken.definitions}


@given(random_law.libraries(plain=True), st.sampled_from([random_law.AGENCY, random_law.SHERIFF]))
@settings(max_examples=300, **QUICK)
def test_the_referee_finds_the_same_norms_and_the_same_beaters(library: Library, agency: Agency) -> None:
    try_relations(library, agency, random_law.DAY)


@each_engine
@given(library=random_law.libraries(plain=True), case=random_law.cases())
@settings(max_examples=200, **QUICK)
def test_every_engine_agrees_on_norms_that_meet(engine: Engine, library: Library, case: Case) -> None:
    try_random(engine, library, case)


@pytest.mark.soak
def test_the_referee_finds_the_same_beaters_in_every_era_of_every_agency() -> None:
    library = packaged()
    for agency in library.agencies:
        for day in (date(1979, 1, 1), *bind(library, agency).edges):
            try_relations(library, agency, day)


@given(library=random_law.libraries(), case=random_law.cases())
@settings(max_examples=150, **QUICK)
def test_many_decisions_say_the_same_words_on_random_law(library: Library, case: Case) -> None:
    stack = bind(library, case.agency)
    with contextlib.suppress(ComityError):
        same_words(stack, stack.at(case.law_date or random_law.DAY), case)


@pytest.mark.soak
@each_engine
@given(library=random_law.libraries(), case=random_law.cases())
@settings(max_examples=20_000, **QUICK)
def test_every_engine_agrees_on_random_law_for_long(engine: Engine, library: Library, case: Case) -> None:
    try_random(engine, library, case)


@pytest.mark.soak
@each_engine
@given(library=random_law.conditions_apart(), case=random_law.cases())
@settings(max_examples=10_000, **QUICK)
def test_every_engine_agrees_on_random_conditions_for_long(engine: Engine, library: Library, case: Case) -> None:
    try_random(engine, library, case)


# -- every example of the library -------------------------------------------------------------------------------------


@cache
def _stack(agency: str) -> tuple[Stack, list[Check]]:
    library = packaged()
    checks = [c for c in library.checks if c.agency == agency]
    return bind(library, case_of_check(checks[0], checks[0].trials[0].on, library).agency), checks


def examples() -> Iterator[tuple[Stack, Era, Case]]:
    library = packaged()
    for agency in dict.fromkeys(c.agency for c in library.checks):
        stack, checks = _stack(agency)
        for check in checks:
            for trial in check.trials:
                yield stack, stack.at(trial.on), case_of_check(check, trial.on, library)


def try_examples(engine: Engine, few: int | None, part: int) -> None:
    mine = list(enumerate(examples()))
    share = -(-len(mine) // 4)
    for turn, (stack, era, case) in mine[part * share : (part + 1) * share]:
        agree(engine, stack, era, case, questions(stack, era, few, turn))


#: The examples in quarters, so that test workers can share them.
each_quarter = pytest.mark.parametrize("part", range(4))


@pytest.mark.slow
@each_engine
@each_quarter
def test_every_engine_agrees_on_every_example_of_the_library(engine: Engine, part: int) -> None:
    try_examples(engine, FEW_CHOICES, part)


@pytest.mark.soak
@each_engine
@each_quarter
def test_every_engine_agrees_on_every_example_under_every_reading(engine: Engine, part: int) -> None:
    try_examples(engine, None, part)


@pytest.mark.slow
def test_many_decisions_say_the_same_words_on_examples_of_the_library() -> None:
    for stack, era, case in list(examples())[::12]:
        same_words(stack, era, case)


@pytest.mark.soak
def test_many_decisions_say_the_same_words_on_every_example_of_the_library() -> None:
    for stack, era, case in examples():
        same_words(stack, era, case)


def test_the_referee_counts_days_like_a_calendar() -> None:
    assert oracle._day_number(date(1, 1, 1)) == 1
    for day in (date(1999, 12, 31), date(2000, 2, 29), date(2100, 3, 1), date.max, date.min, random_law.LEAP):
        assert oracle._day_number(day) == day.toordinal()
        assert oracle._civil(day.toordinal()) == (day.year, day.month, day.day)
