"""The interview: only what matters is asked, every answer is read like a case file, and it always comes to an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from math import prod

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import comity
from comity.api import Library
from comity.case import Case, Rows
from comity.decide.ask import (
    ADD,
    AGENCY,
    ALL,
    NONE,
    Question,
    agencies_like,
    answered,
    blank_case,
    next_question,
    questions,
    so_far,
)
from comity.decide.casefile import read_case, write_case
from comity.decide.interpret import evaluate
from comity.policy.facts import FactType, FactWord
from comity.problems import ComityError
from tests import random_law

QUICK = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}
LASD = "us/ca/los-angeles-county/sheriff"
LAPD = "us/ca/los-angeles/lapd"

#: Agencies and days with different law: state list, county list, city list, mandate, nothing local held.
PLACES = (
    (LAPD, date(2016, 11, 14)),
    (LASD, date(2018, 6, 1)),
    ("us/ca/town:sheriff", date(2015, 3, 1)),
    ("us/tx/travis-county/sheriff", date(2017, 9, 10)),
    ("us/ny/new-york-city/nypd", date(2018, 1, 1)),
    ("us/ma/boston/police", date(2016, 1, 1)),
)


@cache
def library() -> Library:
    return comity.load()


def start(agency: str = LASD, day: date = date(2018, 6, 1), kinds: str = "hold, notification, transfer") -> Case:
    found = library()
    case = blank_case().at(found.agency(agency), found.law.vocabulary).on(day)
    question = next_question(found, case)
    assert question is not None
    return answered(case, question, kinds)


def play(case: Case, *replies: str) -> tuple[Case, list[str]]:
    """Answer as asked; "u" skips.  The case afterwards, and the keys of the questions that were asked."""
    skipped: frozenset[str] = frozenset()
    asked = []
    for reply in replies:
        question = next_question(library(), case, skipped)
        assert question is not None, f"nothing was asked for {reply!r}"
        asked.append(question.key)
        if reply == "u":
            skipped |= {question.key}
        else:
            case = answered(case, question, reply)
    return case, asked


def until(case: Case, key: str) -> tuple[Case, Question]:
    """The case when ``key`` is asked, every yes/no before it being no."""
    while True:
        question = next_question(library(), case)
        assert question is not None
        if question.key == key:
            return case, question
        case = answered(case, question, "no")


def test_the_first_questions_are_agency_law_date_and_kinds() -> None:
    case = blank_case()
    assert [q.key for q in questions(library(), case)] == [AGENCY, "law date", "request kinds"]
    assert so_far(library(), case) == ()
    case, asked = play(case, "LAPD", "2016-11-14", "hold, notification, transfer")
    assert asked == [AGENCY, "law date", "request kinds"]
    assert (case.agency.id, case.law_date) == (LAPD, date(2016, 11, 14))
    assert case.values["request kinds"] == frozenset({"hold", "notification", "transfer"})


@pytest.mark.parametrize("key", [AGENCY, "law date", "request kinds"])
def test_without_a_first_answer_nothing_more_is_asked(key: str) -> None:
    assert next_question(library(), blank_case(), frozenset({key})) is None


def test_a_judicial_warrant_city_asks_one_question() -> None:
    case, asked = play(start(LAPD, date(2016, 11, 14)), "no")
    assert asked == ["judge signed"]
    assert next_question(library(), case) is None
    assert dict(so_far(library(), case))["hold past release"] == "must not"


def test_nothing_requested_asks_nothing() -> None:
    case = start(kinds="none")
    assert case.values["request kinds"] == frozenset()
    assert questions(library(), case) == ()


def test_a_conviction_is_asked_piece_by_piece_and_then_whether_there_are_more() -> None:
    case, question = until(start(), "convictions: all of them?")
    assert question.choices == (NONE, ADD)
    case, asked = play(case, "PC 459", "first", "2010-03-02")
    assert asked == ["convictions: all of them?", "convictions 1: degree", "convictions 1: date"]
    row = case.lists["convictions"].rows[0]
    # The table knows the grade and the rest once it knows the degree.
    assert (row["grade"], row["serious"], row["categories"]) == ("felony", True, frozenset({"F"}))
    question = next_question(library(), case)
    assert question is not None
    assert question.choices == (ALL, ADD)
    assert "1. PC 459, first degree, felony, 2010-03-02" in question.about
    case, _ = play(case, "yes")
    assert case.lists["convictions"].complete


def test_a_grade_is_asked_where_the_table_knows_several() -> None:
    case, _ = until(start(), "convictions: all of them?")
    case, asked = play(case, "PC 245(a)(1)", "felony")
    assert asked[1] == "convictions 1: grade"
    assert case.lists["convictions"].rows[0]["grade"] == "felony"


def test_rows_answered_are_rows_read_from_a_file() -> None:
    case, _ = until(start(), "convictions: all of them?")
    case, _ = play(case, "PC 459", "first", "2010-03-02", "these are all")
    file = f"""
agency: {LASD}
law date: 2018-06-01
request: {{kinds: [hold, notification, transfer]}}
person:
  convictions: [{{offence: PC 459, degree: first, grade: felony, date: 2010-03-02}}]
  convictions complete: yes
"""
    read = read_case(file, library().law).case
    assert case.lists["convictions"] == read.lists["convictions"]


def test_an_unknown_section_can_be_added_and_told_later() -> None:
    case, _ = until(start(), "convictions: all of them?")
    case, asked = play(case, "add one", "PC 459", "first")
    assert asked[1:] == ["convictions 1: offence", "convictions 1: degree"]
    assert case.lists["convictions"].rows[0]["categories"] == frozenset({"F"})


def test_a_skipped_degree_leads_to_what_the_degree_would_have_told() -> None:
    case, _ = until(start(), "convictions: all of them?")
    case, _ = play(case, "PC 459")
    keys = {q.key for q in questions(library(), case, frozenset({"convictions 1: degree"}))}
    assert keys & {"convictions 1: serious", "convictions 1: state prison", "convictions 1: grade"}
    assert "convictions 1: degree" not in keys


def test_a_vacated_conviction_is_set_aside() -> None:
    case, question = until(start(), "convictions: all of them?")
    case = answered(case, question, "PC 459")
    made = next_question(library(), case)
    assert made is not None
    assert made.fact is not None
    fact = replace(made.fact, name="vacated")
    vacated = replace(made, key="convictions 1: vacated", fact=fact, type=FactType("yes/no"))
    assert answered(case, vacated, True).lists["convictions"] == Rows()


@pytest.mark.parametrize(
    ("key", "reply", "code"),
    [
        (AGENCY, "los angeles", "CM404"),
        (AGENCY, "us/ca/los-angeles/lpad", "CM404"),
        (AGENCY, "us/ca/town:shark", "CM404"),
        ("law date", "2016-02-30", "CM405"),
        ("law date", "soon", "CM405"),
        ("law date", "0016-01-01", "CM405"),
        ("law date", "unknown", "CM402"),
        ("request kinds", "hold, hug", "CM402"),
        ("request kinds", "hold, unknown", "CM402"),
        ("request kinds", "", "CM402"),
        ("request kinds", "a\x00b", "CM402"),
        ("judge signed", "maybe", "CM402"),
        ("judge signed", 'no" x: "', "CM402"),
        ("convictions: all of them?", "PC 99999", "CM501"),
        ("convictions: all of them?", "burglary", "CM502"),
        ("convictions: all of them?", "yes", "CM402"),
        ("convictions: all of them?", "no", "CM402"),
    ],
)
def test_a_bad_answer_is_a_sentence_with_help(key: str, reply: str, code: str) -> None:
    if key in (AGENCY, "law date", "request kinds"):
        case = blank_case()
        question = next(q for q in questions(library(), case) if q.key == key)
    else:
        case, question = until(start(), key)
    with pytest.raises(ComityError) as caught:
        answered(case, question, reply)
    problem = caught.value.problems[0]
    assert problem.code == code
    assert problem.help
    assert problem.span is None


def test_answers_may_be_plain_values() -> None:
    case = blank_case()
    first, day, kinds = questions(library(), case)
    case = answered(answered(answered(case, first, LASD), day, date(2018, 6, 1)), kinds, ["hold", "transfer"])
    assert case.law_date == date(2018, 6, 1)
    assert case.values["request kinds"] == frozenset({"hold", "transfer"})
    question = next_question(library(), case)
    assert question is not None
    assert answered(case, question, False).values["judge signed"] is False


def test_agencies_are_found_by_any_part_of_the_name() -> None:
    law = library().law
    assert [a.id for a in agencies_like(law, "lapd")] == [LAPD]
    assert [a.id for a in agencies_like(law, "Travis Sheriff")] == ["us/tx/travis-county/sheriff"]
    assert len(agencies_like(law, "los angeles")) > 2
    assert agencies_like(law, "nobody at all") == ()


def settled(case: Case, action: str) -> str:
    """The outcome whatever the open readings are, or "" where that is not settled."""
    found = library()
    assert case.law_date is not None
    era = found.stack(case.agency).at(case.law_date)
    return evaluate(era.by_action[action], era, case, {}).standing.settled


def matters(case: Case, question: Question) -> bool:
    """Whether the fact is one that a requested, open action still misses, or tells the offence table such a fact."""
    assert question.fact is not None
    answer = library().decide(case)
    for action in answer.actions:
        if not action.requested or action.decided_anyway:
            continue
        if question.key in action.missing:
            return True
        prefix = f"{question.fact.list} {question.fact.row + 1}: "
        if question.fact.row >= 0 and any(m.startswith(prefix) for m in action.missing):
            fields = library().law.vocabulary.fields("conviction") | library().law.vocabulary.fields("charge")
            told = [m.removeprefix(prefix) for m in action.missing if m.startswith(prefix)]
            if question.fact.name in ("offence", "degree", "date") and any(fields[t].offence for t in told):
                return True
    return False


def replies(question: Question) -> st.SearchStrategy[str]:
    match question.type.kind:
        case "list":
            return st.sampled_from([question.choices[0], "PC 459", "PC 245(a)(1)", "HSC 11378", "PC 484(a)", ADD])
        case "date":
            return st.sampled_from(["2010-03-02", "2016-01-01", "2001-11-13", "2003-06-01"])
        case "offence":
            return st.sampled_from(["PC 459", "PC 187"])
        case "moment":
            return st.just("2016-11-14T03:07-08:00")
        case "some of":
            some = st.lists(st.sampled_from(question.choices), max_size=3, unique=True)
            return some.map(lambda words: ", ".join(words) or NONE)
        case "integer" | "money" | "duration":
            return st.sampled_from(["0", "3"])
        case _:
            return st.sampled_from(question.choices)


@settings(max_examples=40, **QUICK)
@given(st.data())
def test_the_interview_asks_only_what_matters_and_ends(data: st.DataObject) -> None:
    agency, day = data.draw(st.sampled_from(PLACES))
    asked = st.sampled_from(["hold", "notification", "transfer", "interview"])
    kinds = data.draw(st.lists(asked, min_size=1, unique=True))
    case, skipped, rows = start(agency, day, ", ".join(kinds)), frozenset[str](), 0
    seen: set[tuple[str, int]] = set()
    while (question := next_question(library(), case, skipped)) is not None:
        assert question.key not in skipped
        assert (question.key, rows) not in seen, "the same question twice, with nothing new"
        seen.add((question.key, rows))
        assert question.actions
        assert matters(case, question), question.key
        assert question.text
        if data.draw(st.integers(0, 4)) == 0:
            skipped |= {question.key}
            continue
        reply = question.choices[0] if question.type.kind == "list" and rows >= 2 else data.draw(replies(question))
        try:
            case = answered(case, question, reply)
        except ComityError:
            # Such as a degree this crime does not have.
            skipped |= {question.key}
        # Rows ever begun: one that was vacated goes away again, and the list is asked anew.
        rows += question.type.kind == "list" and reply not in (ALL, NONE)
        assert len(seen) < 200
    # What is saved is the same case: the same answer, and nothing more to ask.
    again = read_case(write_case(case, library().law), library().law).case
    assert again.lists == case.lists
    assert library().decide(again).actions == library().decide(case).actions
    assert next_question(library(), again, skipped) is None
    if not skipped:
        assert "need a fact" not in dict(so_far(library(), case)).values()


@settings(max_examples=40, **QUICK)
@given(st.data())
def test_what_is_asked_can_change_an_outcome_by_brute_force(data: st.DataObject) -> None:
    """Where all that is missing are yes/no and one-of facts: some completion turns with the answer to the question."""
    agency, day = data.draw(st.sampled_from(PLACES))
    kind = data.draw(st.sampled_from(["hold", "notification", "transfer", "interview", "status question", "operation"]))
    case = start(agency, day, kind)
    case = case.with_lists({name: Rows((), complete=True) for name in ("convictions", "charges")})
    # Some facts told at random, so that few are open.
    while len(open_ := questions(library(), case)) > 6:
        told = data.draw(st.sampled_from(open_))
        try:
            case = answered(case, told, data.draw(replies(told)))
        except ComityError:
            return
    if not open_ or any(q.type.kind not in ("yes/no", "one of") for q in open_):
        return
    question = open_[0]
    names = [q.key for q in open_]
    options = [(True, False) if q.type.kind == "yes/no" else q.type.members for q in open_]
    if prod(len(o) for o in options) > 256:
        return  # more than the verdict itself tries
    changes = False
    for action in question.actions:
        outcomes = {}
        for completion in product(*options):
            outcomes[completion] = settled(case.with_values(dict(zip(names, completion, strict=True))), action)
        if "" in outcomes.values():
            return  # told all this, something else would matter, and the question may with it
        for completion, outcome in outcomes.items():
            changes |= any(outcomes[(v, *completion[1:])] != outcome for v in options[0])
    assert changes, f"{question.key} was asked and cannot change {question.actions}"


def _asking(law: comity.policy.library.Library) -> Library:
    """A random library in which each action can be requested."""
    words = law.vocabulary
    requests = {"hold": "hold", "tell": "notify", "copy": "transfer"}
    facts = (*words.facts, FactWord("request kinds", "request", FactType("some of", tuple(requests.values()))))
    actions = tuple(replace(a, request=requests[a.name]) for a in words.actions)
    return Library(replace(law, vocabulary=replace(words, facts=facts, actions=actions)))


RANDOM_REPLIES = {
    "integer": ["0", "2"],
    "money": ["5000000000"],
    "date": ["2016-11-14", "2012-02-29"],
    "moment": ["2016-11-14T17:00-08:00"],
}


@settings(max_examples=60, **QUICK)
@given(st.data())
def test_on_random_law_it_ends_settled(data: st.DataObject) -> None:
    made = _asking(data.draw(random_law.libraries()))
    case = Case(random_law.AGENCY, random_law.DAY)
    skipped: frozenset[str] = frozenset()
    rows = asked = 0
    try:
        while (question := next_question(made, case, skipped)) is not None:
            asked += 1
            assert asked < 150
            if question.key != "request kinds" and data.draw(st.integers(0, 6)) == 0:
                skipped |= {question.key}
                continue
            kind = question.type.kind
            if kind == "list":
                reply = ADD if rows < 2 and data.draw(st.booleans()) else question.choices[0]
                rows += reply == ADD
            elif kind == "some of":
                reply = "hold, notify, transfer" if question.key == "request kinds" else question.choices[0]
            else:
                reply = data.draw(st.sampled_from(RANDOM_REPLIES.get(kind, list(question.choices))))
            case = answered(case, question, reply)
    except ComityError as error:
        if error.problems[0].code != "CM304":
            raise
        return  # norms that beat each other in a circle are refused by the stack
    if not skipped:
        assert "need a fact" not in dict(so_far(made, case)).values()
