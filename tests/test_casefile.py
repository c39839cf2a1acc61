"""Case files: nothing is guessed, nothing is dropped, and whatever is wrong is named with its line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import comity
from comity.api import Library
from comity.case import Case, FactValue, Rows, agency_values, counts, fill_offences
from comity.decide.answer import ActionAnswer
from comity.decide.casefile import CaseText, read_case, write_case
from comity.policy.facts import FactWord
from comity.problems import CATALOGUE, ComityError, Problem, render_problem

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").rglob("*.yaml"))

HEAD = "agency: us/ca/los-angeles/lapd\nlaw date: 2016-11-14\n"
TRAVIS = (ROOT / "examples/travis-2017/02-2017-02-01.yaml").read_text("utf-8")
BURGLARY = (ROOT / "examples/lapd-2016/06-burglary-2016.yaml").read_text("utf-8")


@cache
def library() -> Library:
    return comity.load(cache=False)


def read(text: str) -> CaseText:
    return library().read_case(text, file="case.yaml")


def outcome(text: str, action: str = "hold_past_release") -> str:
    return library().decide(read(text)).action(action).outcome


def problems(text: str) -> list[Problem]:
    with pytest.raises(ComityError) as caught:
        read(text)
    return list(caught.value.problems)


def only_problem(text: str) -> Problem:
    (problem,) = problems(text)
    return problem


def place(problem: Problem) -> tuple[int, int]:
    assert problem.span is not None
    assert problem.span.file == "case.yaml"
    return problem.span.line, problem.span.column


class _PlainDates(yaml.SafeLoader):
    """YAML as JSON sees it: dates stay text."""


_PlainDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


# What a file may be


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_json_and_yaml_give_the_same_case(path: Path) -> None:
    text = path.read_text("utf-8")
    as_json = json.dumps(yaml.load(text, _PlainDates), indent=2)
    assert read(as_json) == read(text)


@pytest.mark.parametrize("word", ["yes", "Yes", "true", "'yes'"])
def test_yes_may_be_written_as_people_write_it(word: str) -> None:
    assert read(f"{HEAD}request: {{judge signed: {word}}}").case.values["judge signed"] is True


@pytest.mark.parametrize("word", ["unknown", "", "~", "null", "'unknown'"])
def test_unknown_and_left_out_are_the_same(word: str) -> None:
    said = BURGLARY.replace("judge signed: no", f"judge signed: {word}")
    left_out = BURGLARY.replace("  judge signed: no\n", "")
    assert said != left_out != BURGLARY
    assert library().decide(read(said)) == library().decide(read(left_out))
    assert outcome(said) == "need a fact"


def test_unknown_is_not_no() -> None:
    assert outcome(BURGLARY) == "must not"
    assert outcome(BURGLARY.replace("judge signed: no", "judge signed: unknown")) == "need a fact"


def test_inside_its_group_a_fact_may_leave_the_groups_name_off() -> None:
    long = read(f"{HEAD}request: {{request kinds: [hold], request form: I-247D}}")
    assert long == read(f"{HEAD}request: {{kinds: [hold], form: I-247D}}")


def test_one_word_may_stand_for_a_list_of_one_and_none_for_an_empty_one() -> None:
    assert read(f"{HEAD}request: {{kinds: hold}}").case.values["request kinds"] == frozenset({"hold"})
    assert read(f"{HEAD}request: {{attached: none}}").case.values["request attached"] == frozenset()
    assert read(f"{HEAD}request: {{attached: []}}").case.values["request attached"] == frozenset()


def test_without_a_law_date_the_day_the_request_was_received_counts() -> None:
    text = "agency: us/ca/los-angeles/lapd\nrequest: {received: 2016-11-14T03:07-08:00}\n"
    assert read(text).case.law_date == date(2016, 11, 14)


def test_the_day_of_a_request_is_the_day_where_the_agency_is() -> None:
    # 07:30 in Greenwich on New Year's Day is 23:30 of the old year in Los Angeles, and the law changed in between.
    text = "agency: us/ca/los-angeles/lapd\nrequest: {received: 2018-01-01T07:30Z}\n"
    assert read(text).case.law_date == date(2017, 12, 31)


def test_without_any_day_every_action_and_duty_needs_a_fact() -> None:
    found = library().decide(read("agency: us/ca/los-angeles/lapd\nrequest: {kinds: [hold]}\n"))
    assert {a.outcome for a in (*found.actions, *found.duties)} == {"need a fact"}
    assert [a.fact for a in found.ask] == ["law date"]
    assert "no law date" in found.notes[0]


def test_the_caller_may_replace_day_and_agency() -> None:
    text = library().read_case(BURGLARY, at=date(2018, 6, 1), agency="us/ca/los-angeles-county/sheriff")
    assert (text.case.law_date, text.case.agency.short) == (date(2018, 6, 1), "LASD")


# Agencies


def test_an_agency_that_is_not_listed_is_named_by_place_and_kind() -> None:
    agency = read("place: us/ca/fresno\nkind: sheriff\nlaw date: 2019-01-01\n").case.agency
    assert agency.places == ("us", "us/ca", "us/ca/fresno")
    assert {"sheriff", "local", "jail"} <= set(agency.kinds)
    assert not agency.held
    assert agency.time_zone == "America/Los_Angeles"


def test_a_misspelt_agency_is_named_with_the_nearest_one() -> None:
    problem = only_problem("law date: 2016-11-14\nagency: us/ca/los-angeles/ladp\n")
    assert (problem.code, place(problem)) == ("CM404", (2, 9))
    assert "us/ca/los-angeles/lapd" in problem.help


def test_no_agency_is_a_problem_that_says_what_to_add() -> None:
    problem = only_problem("law date: 2016-11-14\n")
    assert problem.code == "CM404"
    assert "agency: us/ca/los-angeles/lapd" in problem.help
    assert "place:" in problem.help


def test_an_unknown_kind_of_agency_is_a_problem_that_names_the_kinds() -> None:
    problem = only_problem("place: us/ca/fresno\nkind: sherif\nlaw date: 2019-01-01\n")
    assert problem.code == "CM404"
    assert "sheriff" in problem.help


def test_an_unknown_kind_of_agency_is_shown_where_it_stands() -> None:
    assert place(only_problem("place: us/ca/fresno\nkind: sherif\nlaw date: 2019-01-01\n")) == (2, 7)


def test_a_place_without_a_kind_is_told_that_the_kind_is_missing() -> None:
    assert "kind" in only_problem("place: us/ca/fresno\nlaw date: 2019-01-01\n").help.replace("did you mean", "")


@pytest.mark.parametrize("where", ["mars", "''", "California", "us/california/fresno"])
def test_a_place_outside_the_country_of_the_library_is_refused(where: str) -> None:
    assert only_problem(f"place: {where}\nkind: police\nlaw date: 2019-01-01\n").code == "CM404"


@pytest.mark.parametrize("where", ["us/wa/seattle"])
def test_a_place_in_no_state_of_the_library_gets_a_note_that_state_law_is_not_held(where: str) -> None:
    found = library().decide(read(f"place: {where}\nkind: police\nlaw date: 2019-01-01\n"))
    assert "the library holds federal law only for this place: its state and local law is not in it" in found.notes


def test_no_group_of_facts_is_called_like_a_key_at_the_top() -> None:
    groups = {w.group for w in library().law.vocabulary.case_facts().values()}
    assert groups.isdisjoint(("agency", "place", "kind", "law date", "title", "about"))


@pytest.mark.parametrize(("word", "outcome_"), [("yes", "must not"), ("no", "may"), ("unknown", "need a fact")])
def test_whether_local_law_forbids_it_can_be_said_where_local_law_is_not_held(word: str, outcome_: str) -> None:
    text = (
        "agency: us/ca/oakland/police\nlaw date: 2019-06-01\nrequest: {kinds: [transfer], judge signed: no}\n"
        "person:\n  convictions: [{offence: PC 459, degree: first, grade: felony, date: 2010-03-02}]\n"
        "  convictions complete: yes\n"
    )
    assert outcome(f"{text}local: {{local law forbids: {word}}}\n", "transfer_custody") == outcome_


# Misspelt and wrong


@pytest.mark.parametrize(
    ("text", "where", "code", "help"),
    [
        ("custdy:\n  releasable: yes\n", (3, 1), "CM401", "custody"),
        ("custody:\n  relesable: yes\n", (4, 3), "CM401", "releasable"),
        ("request:\n  knds: [hold]\n", (4, 3), "CM401", "kinds"),
        ("request:\n  form: I-247DD\n", (4, 9), "CM402", "I-247D"),
        ("request:\n  form: i-247d\n", (4, 9), "CM402", "I-247D"),
        ("request:\n  kinds:\n    - hold\n    - notificaton\n", (6, 7), "CM402", "notification"),
        ("request:\n  judge signed: perhaps\n", (4, 17), "CM402", "yes, no or unknown"),
        ("request: hold\n", (3, 10), "CM402", "key: value"),
        ("request:\n  kinds: [hold, unknown]\n", (4, 17), "CM402", "unknown"),
        ("person:\n  convictions:\n    - dgree: first\n", (5, 7), "CM401", "degree"),
        ("person:\n  convictions:\n    - grade: felny\n", (5, 14), "CM402", "felony"),
        ("person:\n  convictions:\n    offence: PC 459\n", (5, 5), "CM402", "- offence"),
        ("person:\n  convictions complete: maybe\n", (4, 25), "CM402", "yes, no or unknown"),
        ("person:\n  convictons complete: yes\n", (4, 3), "CM401", "convictions complete"),
        ("person:\n  convictions:\n    - offence: PC 459\n    - offence: PC 45999\n", (6, 16), "CM501", "PC 459.5"),
        ("person:\n  charges:\n    - offence: gibberish\n", (5, 16), "CM502", "PC 459"),
    ],
)
def test_what_is_wrong_is_shown_with_its_place_and_the_nearest_thing_that_exists(
    text: str, where: tuple[int, int], code: str, help: str
) -> None:
    problem = only_problem(HEAD + text)
    assert (problem.code, place(problem)) == (code, where)
    assert help in problem.help


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("agency: us/ca/cdcr\n", (3, 1)),
        ("request: {}\nrequest: {}\n", (4, 1)),
        ("request:\n  judge signed: no\n  judge signed: yes\n", (5, 3)),
        ("request:\n  judge signed: no\n  judge  signed: yes\n", (5, 3)),
        ("person:\n  convictions:\n    - grade: felony\n      grade: misdemeanor\n", (6, 7)),
    ],
)
def test_a_key_given_twice_is_refused(text: str, where: tuple[int, int]) -> None:
    problem = only_problem(HEAD + text)
    assert (problem.code, place(problem)) == ("CM406", where)


def test_a_fact_given_under_both_its_names_is_refused() -> None:
    problem = only_problem(f"{HEAD}request:\n  kinds: [hold]\n  request kinds: [transfer]\n")
    assert (problem.code, place(problem)) == ("CM406", (5, 3))


@pytest.mark.parametrize(
    "day", ["2016-02-30", "2015-02-29", "2016-13-01", "16-11-14", "14.11.2016", "0001-01-01", "2101-01-01", "9" * 5000]
)
def test_a_day_that_cannot_be_is_refused(day: str) -> None:
    law_date = only_problem(f"agency: us/ca/los-angeles/lapd\nlaw date: {day}\n")
    assert (law_date.code, place(law_date)) == ("CM405", (2, 11))
    conviction = only_problem(f"{HEAD}person:\n  convictions:\n    - date: {day}\n")
    assert (conviction.code, place(conviction)) == ("CM405", (5, 13))
    assert "YYYY-MM-DD" in conviction.help


@pytest.mark.parametrize(
    "moment", ["2016-11-14T03:07", "2016-11-14", "2016-02-30T03:07-08:00", "2016-11-14T25:07-08:00", "03:07", "now"]
)
def test_a_clock_without_its_time_zone_or_its_day_is_refused(moment: str) -> None:
    problem = only_problem(f"{HEAD}request:\n  received: {moment}\n")
    assert (problem.code, place(problem)) == ("CM405", (4, 13))
    assert "time zone" in problem.help


def test_every_problem_of_a_file_is_shown_at_once() -> None:
    text = "agency: us/ca/lapd\nlaw date: 2016-02-30\nrequest: {judge signed: perhaps}\nperso: {}\n"
    assert sorted(p.code for p in problems(text)) == ["CM401", "CM402", "CM404", "CM405"]


@pytest.mark.parametrize("key", ["title", "about"])
def test_a_title_that_is_no_text_is_refused_and_not_dropped(key: str) -> None:
    assert only_problem(f"{HEAD}{key}: [a, b]\n").code == "CM402"


# Lists


def test_a_list_without_complete_proves_no_absence() -> None:
    case = read(TRAVIS.replace("  convictions complete: yes\n", "")).case
    assert case.lists["convictions"] == Rows((), complete=False)
    assert read(TRAVIS).case.lists["convictions"] == Rows((), complete=True)
    assert outcome(TRAVIS) == "must not"
    incomplete = library().decide(read(TRAVIS.replace("  convictions complete: yes\n", "")))
    hold = incomplete.action("hold_past_release")
    assert hold.outcome == "need a fact"
    assert hold.missing == ("convictions: all of them?",)


@pytest.mark.parametrize("word", ["no", "unknown", ""])
def test_complete_means_complete_only_where_the_file_says_yes(word: str) -> None:
    case = read(TRAVIS.replace("convictions complete: yes", f"convictions complete: {word}")).case
    assert not case.lists["convictions"].complete


def test_an_unknown_list_that_is_said_to_be_complete_is_refused() -> None:
    problem = only_problem(TRAVIS.replace("convictions: []", "convictions: unknown"))
    assert (problem.code, problem.help) == ("CM402", "write 'convictions: []' if there are none")


def test_the_offence_table_fills_in_what_the_file_leaves_out() -> None:
    row = (
        read(f"{HEAD}person:\n  convictions: [{{offence: 459 PC, degree: first}}]\n").case.lists["convictions"].rows[0]
    )
    assert row["serious"] is True
    assert row["grade"] == "felony"


@pytest.mark.parametrize(("word", "value"), [("no", False), ("unknown", None)])
def test_the_offence_table_never_overwrites_the_file(word: str, value: FactValue) -> None:
    text = f"{HEAD}person:\n  convictions: [{{offence: PC 459, degree: first, serious: {word}}}]\n"
    assert read(text).case.lists["convictions"].rows[0]["serious"] is value


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("      degree: first\n", "      degree: first\n      vacated: yes\n", "was vacated and is set aside"),
        ("date: 2010-03-02", "date: 2016-11-15", "is dated after the law date 2016-11-14 and is set aside"),
    ],
)
def test_a_conviction_that_is_none_on_the_law_date_is_set_aside_with_a_remark(old: str, new: str, words: str) -> None:
    found = read(BURGLARY.replace(old, new, 1))
    assert found.case.lists["convictions"].rows == ()
    (remark,) = found.remarks
    assert remark.severity == "warning"
    assert remark.message.startswith("a conviction (PC 459, first degree, felony")
    assert remark.message.endswith(words)
    answered = library().decide(found)
    assert remark.message in answered.notes
    assert dict(answered.action("hold_past_release").layers)["state"] == "must not"


def test_a_conviction_of_the_law_date_itself_counts() -> None:
    found = read(BURGLARY.replace("date: 2010-03-02", "date: 2016-11-14"))
    assert found.remarks == ()
    assert dict(library().decide(found).action("hold_past_release").layers)["state"] == "may"


def test_a_grade_the_table_does_not_know_is_remarked_and_the_file_is_believed() -> None:
    found = read(f"{HEAD}person:\n  convictions: [{{offence: PC 484(a), grade: felony}}]\n")
    (remark,) = found.remarks
    assert "known only as misdemeanor" in remark.message
    assert found.case.lists["convictions"].rows[0]["grade"] == "felony"


# Not a case file at all


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b: c\n", 1),
        (f"{HEAD}request:\n\tkinds: [hold]\n", 4),
        (f"{HEAD}request: [hold\n", 4),
        (f"{HEAD}title: 'never closed\n", 4),
        (f"{HEAD}---\n{HEAD}", 3),
        (f"{HEAD}a: *nobody\n", 3),
        ("\x00\x01\x02", 1),
        ("%PDF-1.4\n%\xe2\xe3\n", 1),
        ("a: \udcff", 1),
    ],
)
def test_what_is_not_yaml_or_json_says_so_with_its_line(text: str, line: int) -> None:
    problem = only_problem(text)
    assert problem.code == "CM403"
    assert place(problem)[0] == line


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "just words\n", "7\n", "[]", '"text"'])
def test_a_file_without_keys_is_refused(text: str) -> None:
    assert {p.code for p in problems(text)} <= {"CM402", "CM404"}


def test_a_thousand_brackets_are_refused_politely() -> None:
    assert {p.code for p in problems("[" * 1000)} == {"CM403"}
    assert {p.code for p in problems("[" * 1000 + "]" * 1000)} == {"CM403"}


def test_two_hundred_thousand_brackets_are_refused_politely() -> None:
    program = (
        "import comity\n"
        "try:\n"
        "    comity.load(cache=False).read_case('[' * 200_000)\n"
        "except comity.ComityError as error:\n"
        "    print(error.problems[0].code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "CM403\n")


def test_ten_lines_that_stand_for_a_billion_are_read_as_ten_lines() -> None:
    bomb = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 11)]
    found = problems(HEAD + "\n".join(bomb))
    assert [p.code for p in found] == ["CM401"] * 11


def test_an_alias_may_name_the_same_entry_twice_and_may_not_name_itself() -> None:
    twice = read(f"{HEAD}person:\n  charges:\n    - &c {{offence: PC 459}}\n    - *c\n").case.lists["charges"].rows
    assert len(twice) == 2
    assert twice[0] == twice[1]
    assert only_problem(f"{HEAD}person: &p\n  convictions: *p\n").code == "CM402"
    assert {p.code for p in problems(f"{HEAD}person:\n  convictions: &c [*c, *c]\n")} == {"CM402"}


def test_yaml_tags_build_nothing() -> None:
    text = f"{HEAD}title: !!python/object/apply:os.getcwd []\n"
    with pytest.raises(ComityError):
        read(text.replace("title", "agency facts"))
    assert read(f"{HEAD}title: !!python/name:os.getcwd ''\n").title == ""


# Written and read again

OFFENCES = ("PC 459", "PC 245(a)(1)", "PC 484(a)", "HSC 11378", "VC 23153", "TX PC 19.03", "8 USC 1326", "category F")
AGENCIES = ("us/ca/los-angeles/lapd", "us/tx/travis-county/sheriff", "us/ca/oakland/police", "us/ca/fresno:sheriff")
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
MOMENTS = st.datetimes(
    min_value=datetime(1950, 1, 1),
    max_value=datetime(2090, 1, 1),
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)


def values_of(word: FactWord) -> st.SearchStrategy[Any]:
    match word.type.kind:
        case "yes/no":
            return st.booleans()
        case "one of":
            return st.sampled_from(word.type.members)
        case "some of":
            return st.frozensets(st.sampled_from(word.type.members))
        case "date":
            return DAYS
        case "moment":
            return MOMENTS
        case "offence":
            return st.sampled_from(OFFENCES)
        case kind:
            raise AssertionError(f"a fact of type {kind}: say here how to draw it")


def some(words: Mapping[str, FactWord]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: values_of(word) for name, word in words.items()})


@st.composite
def cases(draw: st.DrawFn) -> Case:
    law = library().law
    words = law.vocabulary.case_facts()
    agency = library().agency(draw(st.sampled_from(AGENCIES)))
    plain = {n: w for n, w in words.items() if w.type.kind != "list"}
    law_date = draw(DAYS)
    lists: dict[str, Rows] = {}
    for word in words.values():
        if word.type.kind == "list" and draw(st.booleans()):
            fields = {n: f for n, f in law.vocabulary.fields(word.type.record).items() if n != "vacated"}
            rows = fill_offences(draw(st.lists(some(fields), max_size=3)), word.type.record, law.vocabulary)
            lists[word.name] = Rows(tuple(r for r in rows if counts(r, law_date)), draw(st.booleans()))
    name = draw(st.text(min_size=1, max_size=20).filter(lambda t: t == t.strip()))
    values = {**agency_values(agency, law.vocabulary), **draw(some(plain))}
    return Case(agency, law_date, values, lists, name)


def known(case: Case) -> tuple[object, ...]:
    """The case without what is unknown: a fact that is left out and one that is unknown are the same."""
    lists = {
        name: (tuple({k: v for k, v in row.items() if v is not None} for row in rows.rows), rows.complete)
        for name, rows in case.lists.items()
    }
    values = {k: v for k, v in case.values.items() if v is not None}
    return case.agency, case.law_date, values, lists, case.name


@settings(max_examples=60, deadline=None)
@given(cases())
def test_a_case_that_is_written_reads_back_as_the_same_case(case: Case) -> None:
    text = write_case(case, library().law, title=case.name)
    assert known(read(text).case) == known(case)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_an_example_that_is_written_reads_back_as_the_same_case_and_the_same_answer(path: Path) -> None:
    first = read(path.read_text("utf-8"))
    again = read(write_case(first.case, library().law, title=first.title, about=first.about))
    assert known(again.case) == known(first.case)
    assert (again.title, again.about) == (first.title, first.about)
    assert library().decide(again) == library().decide(first)


def test_what_a_file_says_is_unknown_stays_unknown_when_the_case_is_written() -> None:
    first = read(f"{HEAD}person:\n  convictions: [{{offence: PC 459, degree: first, serious: unknown}}]\n").case
    assert read(write_case(first, library().law)).case.lists["convictions"].rows[0]["serious"] is None


def test_a_law_date_that_is_unknown_stays_unknown_when_the_case_is_written() -> None:
    first = read(f"{HEAD.replace('2016-11-14', 'unknown')}request: {{received: 2016-11-14T03:07-08:00}}\n").case
    assert first.law_date is None
    assert read(write_case(first, library().law)).case.law_date is None


def test_a_fact_about_local_law_can_be_written() -> None:
    listed = Case(library().agency("us/ca/oakland/police"), date(2019, 1, 1), {"local law forbids": True})
    assert read(write_case(listed, library().law)).case.values["local law forbids"] is True


# Whatever comes


def refused_politely_or_decided(text: str) -> None:
    refused: tuple[Problem, ...] = ()
    decided: tuple[ActionAnswer, ...] = ()
    try:
        decided = library().decide(read_case(text, library().law)).actions
    except ComityError as error:
        refused = error.problems
    assert bool(refused) != bool(decided)
    assert all(p.code in CATALOGUE and p.message and render_problem(p, text) for p in refused)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_refused_politely_or_decided(text: str) -> None:
    refused_politely_or_decided(text)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(EXAMPLES),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 12),
            st.one_of(
                st.text(max_size=6),
                st.sampled_from(
                    ["\n", "\t", ": ", "- ", "[", "]", "{", "}", "&a ", "*a", "!!x ", "unknown", "'", "2016-"]
                ),
            ),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_an_example_with_random_slips_is_refused_politely_or_decided(
    path: Path, slips: list[tuple[float, int, str]]
) -> None:
    text = path.read_text("utf-8")
    for where, length, instead in slips:
        start = int(where * len(text))
        text = text[:start] + instead + text[start + length :]
    refused_politely_or_decided(text)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(EXAMPLES), st.randoms(use_true_random=False))
def test_an_example_with_lines_moved_or_lost_is_refused_politely_or_decided(path: Path, random: Any) -> None:
    lines = path.read_text("utf-8").splitlines(keepends=True)
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    del lines[random.randrange(len(lines))]
    refused_politely_or_decided("".join(lines))


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("unknown")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_right_keys_with_any_value_are_refused_politely_or_decided(data: st.DataObject) -> None:
    words = library().law.vocabulary.case_facts()
    groups: dict[str, dict[str, Any]] = {}
    for name in data.draw(st.lists(st.sampled_from(sorted(words)), max_size=4)):
        groups.setdefault(words[name].group, {})[name] = data.draw(JUNK)
    refused_politely_or_decided(json.dumps({"agency": AGENCIES[0], "law date": "2016-11-14", **groups}))
