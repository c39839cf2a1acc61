"""What is remembered or kept never changes an answer, and never runs as code."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import comity
from comity.api import Library
from comity.case import Case, plain_values
from comity.decide.ask import Question, answered, questions
from comity.decide.casefile import read_case, write_case
from comity.decide.explain import decide
from comity.policy.codec import library_from_json, library_to_json
from comity.policy.expressions import Compare, Literal, Name

EXAMPLES = Path(__file__).parent.parent / "examples"


@cache
def library() -> Library:
    return comity.load()


@cache
def cases() -> tuple[Case, ...]:
    return tuple(library().read_case(p.read_text("utf-8"), file=p.name).case for p in sorted(EXAMPLES.rglob("*.yaml")))


def perturbed(case: Case) -> list[Case]:
    """The case with single facts turned round or made unknown."""
    found = [case]
    for name in ("in custody", "releasable", "judge signed", "served on the person", "proof of lawful presence given"):
        now = case.values.get(name)
        found += [case.with_values({name: v}) for v in (True, False, None) if v is not now]
    return found


def test_a_shared_library_answers_like_one_that_has_seen_nothing() -> None:
    shared = library()
    for case in cases():
        for changed in perturbed(case):
            stack = shared.stack(changed.agency)
            assert shared.decide(changed) == decide(stack, changed)


def test_a_suspended_rule_is_told_by_the_facts_of_this_case_and_not_of_the_last() -> None:
    def asked(held: str, proof: str) -> Case:
        text = (
            "agency: us/tx/el-cenizo/police\nlaw date: 2017-09-05\n"
            "request: {kinds: [hold], form: I-247A, from: ICE, detainer ground: final order}\n"
            f"custody: {{in custody: {held}}}\nperson: {{proof of lawful presence given: {proof}}}\n"
        )
        return library().read_case(text).case

    first = library().decide(asked("yes", "no")).action("hold_past_release")
    second = library().decide(asked("no", "yes")).action("hold_past_release")
    assert any("suspended" in d.why for d in first.defeated)
    assert not any("suspended" in d.why for d in second.defeated)


def test_one_instant_on_two_clocks_is_two_keys() -> None:
    # 17:00 in California and 01:00 next day in Greenwich are one instant and two calendar days.
    first = read_case("agency: us/ca/los-angeles/lapd\nrequest: {received: 2016-11-14T17:00-08:00}\n", library().law)
    second = read_case("agency: us/ca/los-angeles/lapd\nrequest: {received: 2016-11-15T01:00Z}\n", library().law)
    assert first.case.values["request received"] == second.case.values["request received"]
    assert plain_values(first.case)["request received"] != plain_values(second.case)["request received"]


def test_many_threads_get_the_outcomes_of_one() -> None:
    mine = comity.load()
    expected = [library().outcomes(case) for case in cases()]
    wrong: list[str] = []

    def ask() -> None:
        for case, outcomes in zip(cases(), expected, strict=True):
            if mine.outcomes(case) != outcomes:
                wrong.append(case.name)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_cache_that_names_an_operator_of_its_own_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "made"
    hostile = f"== 1 or open({str(target)!r}, 'w') or 1 =="
    law = library().law
    norm = replace(law.norms[0], when=Compare(hostile, Name("request form"), Literal("I-247A")))
    text = library_to_json(replace(law, norms=(norm, *law.norms[1:])))
    with pytest.raises(ValueError, match="not a comparison"):
        library_from_json(text)
    # And even built in memory it is no source text: the operator is looked up, not written out.
    with pytest.raises(KeyError):
        Library(replace(law, norms=(norm, *law.norms[1:]))).decide(cases()[0])
    assert not target.exists()


def test_a_conviction_after_the_law_date_is_set_aside_in_an_interview_too() -> None:
    text = "agency: us/ca/fresno-county/sheriff\nlaw date: 2018-06-01\nrequest: {kinds: [transfer], judge signed: no}\n"
    case = library().read_case(text).case

    def find(fact: str) -> Question | None:
        return next((q for q in questions(library(), case) if q.fact is not None and str(q.fact).endswith(fact)), None)

    convictions = next(q for q in questions(library(), case) if q.fact is not None and q.fact.list == "convictions")
    case = answered(case, convictions, "PC 459 first")
    for field, value in (("grade", "felony"), ("date", "2020-05-01")):
        question = find(field)
        if question is not None:
            case = answered(case, question, value)
    again = read_case(write_case(case, library().law), library().law).case
    assert library().outcomes(again) == library().outcomes(case)


def test_what_the_agency_table_would_answer_stays_unknown_when_the_case_says_so() -> None:
    case = read_case("agency: us/ca/los-angeles/lapd\nlaw date: 2019-01-02\n", library().law).case
    case = case.with_values({"local law forbids": None})
    assert read_case(write_case(case, library().law), library().law).case.values["local law forbids"] is None


def test_another_agency_does_not_inherit_what_the_first_one_s_table_said() -> None:
    lapd = read_case("agency: us/ca/los-angeles/lapd\nlaw date: 2019-01-02\n", library().law).case
    assert lapd.values["local law forbids"] is False
    oakland = lapd.at(library().agency("us/ca/berkeley:police"), library().law.vocabulary)
    assert "local law forbids" not in oakland.values
