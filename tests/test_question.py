"""One question asked many times says the very words of the fast path, whatever the law and whatever is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import comity
from comity.case import Case, Rows, case_of_check
from comity.decide import diagram, diagramcode
from comity.decide.question import Question
from comity.language.read import library_files, read_library
from comity.policy.library import Library
from comity.problems import ComityError
from tests import random_law

QUICK = {"deadline": None, "suppress_health_check": list(HealthCheck)}

FACTS = ("warrant", "served", "form", "kinds", "count", "bail", "received", "booked", "released")
ROWS = {"convictions": ("felony", "listed", "date", "grade", "categories"), "charges": ("filed", "dropped")}


def in_places(case: Case, facts: tuple[str, ...], rows: dict[str, tuple[str, ...]]) -> tuple[object, object, date]:
    """The facts of a case in the order of a compiled question."""
    lists = []
    for name, fields in rows.items():
        found = case.lists.get(name, Rows())
        lists.append(Rows(tuple(tuple(r.get(f) for f in fields) for r in found.rows), found.complete))  # type: ignore[misc]
    assert case.law_date is not None
    return tuple(case.values.get(n) for n in facts), tuple(lists), case.law_date


def same_words(library: comity.Library, case: Case) -> None:
    """Every action, by name, by place, and with half of the facts never given."""
    assert case.law_date is not None
    few, fewer = FACTS[::2], {"convictions": ("grade", "felony")}
    halved = {n: Rows(tuple({f: r.get(f) for f in fs} for r in case.lists.get(n, Rows()).rows),
                      case.lists.get(n, Rows()).complete) for n, fs in fewer.items()}  # fmt: skip
    half = Case(case.agency, case.law_date, {n: case.values.get(n) for n in few}, halved)
    for action, word in library.outcomes(case).items():
        question = Question(library, case.agency, action)
        assert question(case.values, case.lists, case.law_date) == word, action
        assert question.compiled(FACTS, ROWS)(*in_places(case, FACTS, ROWS)) == word, action
        assert question.compiled(few, fewer)(*in_places(case, few, fewer)) == library.outcomes(half)[action], action


def try_random(law: Library, case: Case) -> None:
    try:
        same_words(comity.Library(law), case)
    except ComityError as error:
        assert [p.code for p in error.problems] == ["CM304"]  # noqa: PT017


@given(random_law.libraries(), random_law.cases())
@settings(max_examples=80, **QUICK)
def test_a_question_says_the_same_words_on_random_law(law: Library, case: Case) -> None:
    try_random(law, case)


@given(random_law.libraries(plain=True), random_law.cases())
@settings(max_examples=100, **QUICK)
def test_a_question_says_the_same_words_where_norms_meet(law: Library, case: Case) -> None:
    try_random(law, case)


def each_alone(law: Library) -> Iterator[Library]:
    """Libraries of one norm each, about the action that silence forbids: the condition alone makes the word."""
    for norm in law.norms:
        yield replace(law, norms=(replace(norm, action="hold"),))


@given(random_law.conditions_apart(), random_law.cases())
@settings(max_examples=30, **QUICK)
def test_a_question_says_the_same_words_on_random_conditions(law: Library, case: Case) -> None:
    for alone in each_alone(law):
        try_random(alone, case)


@given(random_law.windows_at_their_edges())
@settings(max_examples=40, **QUICK)
def test_a_question_says_the_same_words_on_the_edges_of_date_windows(law: tuple[Library, Case]) -> None:
    for alone in each_alone(law[0]):
        try_random(alone, law[1])


@pytest.mark.soak
@given(random_law.conditions_apart(), random_law.cases())
@settings(max_examples=300, **QUICK)
def test_a_question_says_the_same_words_on_random_conditions_for_long(law: Library, case: Case) -> None:
    for alone in each_alone(law):
        try_random(alone, case)


@given(law=random_law.libraries(), case=random_law.cases())
@settings(max_examples=40, **QUICK)
def test_law_too_large_for_a_diagram_is_asked_exactly(law: Library, case: Case) -> None:
    limits = pytest.MonkeyPatch()
    with limits.context() as patch:
        patch.setattr(diagram, "_MOST_STATES", 6)
        try_random(law, case)
        patch.setattr(diagramcode, "_LARGEST_ROW", 3)
        try_random(law, case)


@given(law=random_law.libraries(), case=random_law.cases())
@settings(max_examples=40, **QUICK)
def test_nodes_that_are_shared_become_functions(law: Library, case: Case) -> None:
    limits = pytest.MonkeyPatch()
    with limits.context() as patch:
        patch.setattr(diagramcode, "_INLINE", 0)
        patch.setattr(diagramcode, "_SMALL", 1)
        patch.setattr(diagramcode, "_DEEPEST", 4)
        try_random(law, case)


@pytest.mark.soak
@given(random_law.libraries(), random_law.cases())
@settings(max_examples=2_000, **QUICK)
def test_a_question_says_the_same_words_on_random_law_for_long(law: Library, case: Case) -> None:
    try_random(law, case)


@given(random_law.libraries(), st.integers(0, 3))
@settings(max_examples=15, **QUICK)
def test_every_stretch_of_days_has_its_own_law(law: Library, offset: int) -> None:
    library = comity.Library(law)
    stack = library.stack(random_law.AGENCY)
    values = {"warrant": True, "served": False, "form": "A", "count": 1}
    try:
        for edge in (*stack.edges, random_law.DAY):
            day = edge + timedelta(days=offset - 1)
            same_words(library, Case(random_law.AGENCY, day, values, {"convictions": Rows((), True)}))
    except ComityError as error:
        assert [p.code for p in error.problems] == ["CM304"]  # noqa: PT017


# -- the packaged law -------------------------------------------------------------------------------------------------


@cache
def packaged() -> comity.Library:
    # Read and not loaded: the cache keeps no examples.
    return comity.Library(read_library(library_files(comity.api.PACKAGED)))


def examples() -> Iterator[Case]:
    law = packaged().law
    for check in law.checks:
        for trial in check.trials:
            yield case_of_check(check, trial.on, law)


def same_words_on_examples(action: str, agencies: int | None) -> None:
    """The examples of the agencies that have most of them."""
    cases: dict[str, list[Case]] = {}
    for case in examples():
        cases.setdefault(case.agency.id, []).append(case)
    words: set[str] = set()
    for of in sorted(cases.values(), key=len, reverse=True)[:agencies]:
        question = Question(packaged(), of[0].agency, action)
        for case in of:
            assert case.law_date is not None
            word = packaged().outcomes(case)[action]
            assert question.ask(case.values, case.lists, case.law_date) == word, case.name
            words.add(word)
    assert len(words) > 1


ACTIONS = ("hold past release", "notify release", "transfer custody", "allow interview", "release on time")


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS)
def test_a_question_says_the_same_words_on_examples_of_the_library(action: str) -> None:
    same_words_on_examples(action, 3)


@pytest.mark.soak
def test_every_question_says_the_same_words_on_every_example_of_the_library() -> None:
    for action in packaged().law.vocabulary.actions:
        if any(n.action == action.name for n in packaged().law.norms):
            same_words_on_examples(action.name, None)


def test_an_action_is_known_by_name_and_by_id() -> None:
    agency = "us/ca/los-angeles/lapd"
    question = Question(packaged(), agency, "deny_bail_for_detainer")
    assert question.action == "deny bail for detainer"
    assert question({}, {}, date(2016, 11, 14)) == Question(packaged(), agency, question.action)(
        {}, {}, date(2016, 11, 14)
    )


def test_words_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ComityError) as refused:
        Question(packaged(), "us/ca/los-angeles/lapd", "hold past releas")
    assert refused.value.problems[0].code == "CM202"
    assert "hold past release" in refused.value.problems[0].help
    with pytest.raises(ComityError) as refused:
        Question(packaged(), "us/ca/los-angeles/nobody", "hold past release")
    assert refused.value.problems[0].code == "CM404"
    question = Question(packaged(), "us/ca/los-angeles/lapd", "deny bail for detainer")
    for facts, rows in ((("judge signd",), {}), ((), {"convictions": ("dat",)}), ((), {"conviction": ()})):
        with pytest.raises(ComityError) as refused:
            question.compiled(facts, rows)
        assert refused.value.problems[0].code == "CM201"


def test_the_source_holds_no_word_of_the_law(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    function = diagramcode.Written.function

    def noted(self: diagramcode.Written, *given: object) -> object:
        made = function(self, *given)  # type: ignore[arg-type]
        texts.append(self.text)
        return made

    monkeypatch.setattr(diagramcode.Written, "function", noted)
    law = comity.load("bench/detainer_ca/law", cache=False)
    Question(law, "us/ca/workload", "grant the request")
    spoken = {"hold", "notify", "felony", "may", "must", "warrant", "2014", "2018", "'", '"'}
    assert texts
    assert not [word for word in spoken if word in texts[0]]
