"""The Python door: a library that is loaded, kept and asked; the same answer on every machine, in every thread."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import comity
from comity.api import PACKAGED, Library
from comity.calendar import Window
from comity.case import case_of_check
from comity.decide.casefile import CaseText
from comity.decide.words import row_words, value_words
from comity.language import read
from comity.policy.codec import library_from_json, library_to_json
from comity.problems import ComityError
from comity.schema import Schema, answer_schema, case_schema, packaged, schema_text

ROOT = Path(__file__).parent.parent
PACKAGE = Path(comity.__path__[0])
EXAMPLES = sorted((ROOT / "examples").rglob("*.yaml"))
IDS = [p.stem for p in EXAMPLES]
BURGLARY = (ROOT / "examples/lapd-2016/06-burglary-2016.yaml").read_text("utf-8")


@cache
def library() -> Library:
    return comity.load(cache=False)


@cache
def cases() -> tuple[CaseText, ...]:
    return tuple(library().read_case(p.read_text("utf-8"), file=p.name) for p in EXAMPLES)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of our own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def kept(home: Path) -> Path:
    (file,) = (home / "comity").iterdir()
    return file


def reading_is_forbidden(*_: object) -> None:
    raise AssertionError("the sources were read again")


# Loading, and the cache


def test_a_loaded_library_is_kept_and_the_next_load_does_not_check_the_sources_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [library().decide(c) for c in cases()]
    first = comity.load()
    assert first.sha256[:32] in kept(home).name
    monkeypatch.setattr(read, "read_library", reading_is_forbidden)
    second = comity.load()
    assert second.sha256 == first.sha256
    assert second.version == first.version
    assert [second.decide(c) for c in cases()] == expected


def test_without_the_cache_nothing_is_read_and_nothing_is_written(home: Path) -> None:
    comity.load(cache=False)
    assert not home.exists()
    comity.load()
    kept(home).write_text("[]", "utf-8")
    assert comity.load(cache=False).sha256 == library().sha256
    assert kept(home).read_text("utf-8") == "[]"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'[0, ["Library"]]',
        b"half",
        b"no such node",
        b"another type",
    ],
)
def test_a_damaged_cache_is_ignored_and_made_anew(home: Path, damage: bytes) -> None:
    comity.load()
    file = kept(home)
    good = file.read_bytes()
    file.write_bytes(
        {
            b"half": good[: len(good) // 2],
            b"no such node": good.replace(b'"Norm"', b'"Nrom"', 1),
            b"another type": good.replace(b'"Library"', b'"Window"', 1),
        }.get(damage, damage)
    )
    assert file.read_bytes() != good
    assert comity.load().decide(cases()[0]) == library().decide(cases()[0])
    assert kept(home).read_bytes() == good


def test_a_cache_of_nothing_but_brackets_is_ignored(home: Path) -> None:
    comity.load()
    kept(home).write_text("[" * 100_000, "utf-8")
    assert comity.load().sha256 == library().sha256


def test_a_kept_library_of_other_sources_is_not_believed(home: Path) -> None:
    comity.load()
    file = kept(home)
    file.write_text(library_to_json(replace(library().law, sha256="0" * 64, norms=())), "utf-8")
    assert comity.load().sha256 == library().sha256


def test_where_nothing_can_be_written_the_library_loads_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    for place in (str(tmp_path / "file"), "/proc/1/nowhere", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", place)
        assert comity.load().sha256 == library().sha256
    assert not Path("relative").exists()


def full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_no_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", full_disk)
    assert comity.load().sha256 == library().sha256
    assert not list(home.rglob("*.json"))


def test_a_full_disk_leaves_no_rest(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", full_disk)
    comity.load()
    assert [p for p in home.rglob("*") if p.is_file()] == []


def test_a_changed_source_is_another_library(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "law"
    shutil.copytree(PACKAGED, copy)
    same = comity.load(copy)
    assert same.sha256 == library().sha256
    page = copy / "us" / "1373.md"
    page.write_text(page.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    changed = comity.load(copy)
    assert changed.sha256 != same.sha256
    assert len(list((home / "comity").iterdir())) == 2
    page.rename(page.with_name("renamed.md"))
    assert len({comity.load(copy).sha256, changed.sha256, same.sha256}) == 3


def test_a_broken_library_is_refused_and_not_kept(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "law"
    shutil.copytree(PACKAGED, copy)
    page = copy / "us" / "1373.md"
    page.write_text(page.read_text("utf-8").replace("```norm", "```nrom"), "utf-8")
    for _ in range(2):
        with pytest.raises(ComityError):
            comity.load(copy)
    assert not home.exists()
    with pytest.raises(ComityError):
        comity.load(tmp_path / "nowhere")


# A library as JSON


def test_a_library_survives_json_without_its_examples() -> None:
    again = library_from_json(library_to_json(library().law))
    assert again == replace(library().law, checks=(), claims=())
    assert again.checks == ()
    assert all(n.span is None for n in again.norms)
    assert library_to_json(again) == library_to_json(library().law)


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=IDS)
def test_a_library_from_json_gives_the_same_answers(number: int) -> None:
    again = restored()
    assert again.decide(cases()[number]).to_json() == library().decide(cases()[number]).to_json()


@cache
def restored() -> Library:
    return Library(library_from_json(library_to_json(library().law)))


# Asking


def test_the_fast_path_agrees_with_the_whole_answer_on_every_example_of_the_folder() -> None:
    for text in cases():
        found = library().decide(text)
        words = {a.name: a.outcome for a in (*found.actions, *found.duties)}
        assert library().outcomes(text.case) == words, text.title


def test_the_fast_path_agrees_with_the_whole_answer_on_examples_of_the_law() -> None:
    law = library().law
    for check in law.checks[::23]:
        case = case_of_check(check, check.trials[0].on, law)
        found = library().decide(case)
        words = {a.name: a.outcome for a in (*found.actions, *found.duties)}
        assert library().outcomes(case) == words, check.title


def test_the_fast_path_needs_a_day() -> None:
    text = library().read_case("agency: us/ca/los-angeles/lapd\n")
    with pytest.raises(ValueError, match="no law date"):
        library().outcomes(text.case)


def test_an_action_is_found_by_its_id_and_by_its_name_and_nothing_else_is() -> None:
    found = library().decide(cases()[0])
    assert found.action("hold_past_release") is found.action("hold past release")
    with pytest.raises(KeyError):
        found.action("hold")


def test_an_unknown_agency_is_refused_with_the_nearest() -> None:
    with pytest.raises(ComityError) as caught:
        library().agency("us/ca/los-angeles/lapdd")
    assert "us/ca/los-angeles/lapd" in caught.value.problems[0].help


# The same everywhere

_PRINT = """
import hashlib, sys
import comity
library = comity.load(cache=False)
for name in sys.argv[1:]:
    text = open(name, encoding="utf-8").read()
    sys.stdout.buffer.write(library.decide(library.read_case(text, file="case")).to_json().encode())
"""


def test_two_processes_with_other_hash_seeds_and_time_zones_write_the_same_bytes() -> None:
    names = [str(p) for p in EXAMPLES if "burglary" in p.stem or "gonzalez" in p.stem or p.parent.name == "travis-2017"]
    outputs = set()
    for seed, zone in (("0", "UTC"), ("1", "Asia/Tokyo"), ("4294967295", "America/Los_Angeles")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        done = subprocess.run([sys.executable, "-c", _PRINT, *names], env=environment, capture_output=True, check=True)
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert outputs.pop().count(b'"not_legal_advice": true') == len(names)


def test_many_threads_may_ask_one_library() -> None:
    fresh = Library(library().law)
    expected = [library().decide(c).to_json() for c in cases()]
    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(lambda _: [fresh.decide(c).to_json() for c in cases()], range(4)))
    assert rounds == [expected] * 4


def test_asking_changes_neither_the_case_nor_the_next_answer() -> None:
    for text in cases():
        before = deepcopy(text)
        first = library().decide(text)
        assert library().decide(text) == first
        assert text == before


# What an answer says about itself


@pytest.mark.parametrize("who", ["place: us/ca/fresno\nkind: police\n", "agency: us/ca/oakland/police\n"])
def test_where_local_law_is_not_held_the_answer_asks_for_it(who: str) -> None:
    text = (
        f"{who}law date: 2019-06-01\nrequest: {{kinds: [transfer], form: I-247A, judge signed: no}}\n"
        "person:\n  convictions: [{offence: PC 459, degree: first, grade: felony, date: 2010-03-02}]\n"
        "  convictions complete: yes\n  currently registered: no\n"
    )
    found = library().decide(library().read_case(text))
    transfer = found.action("transfer_custody")
    assert transfer.outcome == "need a fact"
    assert "local law forbids" in transfer.missing
    question = library().law.vocabulary.case_facts()["local law forbids"].ask
    assert ("local law forbids", question) in [(a.fact, a.question) for a in found.ask]
    assert "this agency's own city, county and department rules are not in the library" in found.notes


def notes_on(day: date) -> tuple[str, ...]:
    return library().decide(replace(cases()[IDS.index("03-stop-for-papers")].case, law_date=day)).notes


def held(agency: str) -> Window:
    """The law dates for which the library claims to hold the agency's law; the end is the first day nobody checked."""
    coverage = library().stack(agency).coverage
    assert coverage is not None
    return coverage.window


def test_a_law_date_before_the_library_begins_is_noted() -> None:
    first = held("us/ca/los-angeles/lapd").start
    assert first is not None
    assert notes_on(first) == ()
    (note,) = notes_on(first - timedelta(days=1))
    assert f"begins on {first}" in note


def test_a_law_date_after_the_last_check_is_noted() -> None:
    end = held("us/ca/los-angeles/lapd").end
    assert end is not None
    assert notes_on(end - timedelta(days=1)) == ()
    (note,) = notes_on(end)
    assert f"checked up to {end - timedelta(days=1)}" in note
    burglary = cases()[IDS.index("06-burglary-2016")]
    assert library().decide(burglary).to_data()["library"]["checked_to"] == (end - timedelta(days=1)).isoformat()


def test_a_day_on_which_state_law_of_the_library_decides_is_not_called_a_day_before_the_library() -> None:
    found = library().decide(cases()[IDS.index("01-2017-01-31")])
    assert "state" in {r.layer for r in found.action("hold_past_release").because}
    assert [n for n in found.notes if "begins on" in n] == []


# Nothing about the person but what the file says


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=IDS)
def test_every_fact_in_a_reason_is_a_fact_of_the_case_with_its_value(number: int) -> None:
    case = cases()[number].case
    found = library().decide(case)
    given = {f"{name}: {value_words(value)}" for name, value in case.values.items() if value is not None}
    for name, rows in case.lists.items():
        given |= {f"{name} {i}: {row_words(row)}" for i, row in enumerate(rows.rows, 1)}
    about_lists = re.compile(
        r"(no|none of the \d+|the only) (conviction|charge)s?( on record| meets? it| does not meet it)"
    )
    for action in (*found.actions, *found.duties):
        for reason in (*action.because, *action.layer_reasons):
            said = {f for f in reason.facts if not about_lists.fullmatch(f)}
            assert said <= given, (action.name, reason.norm)


def test_an_answer_never_repeats_the_free_words_of_the_file() -> None:
    text = BURGLARY.replace("\nagency:", "\nabout: Maria Example, born 1 January 1990, alien number 123\nagency:", 1)
    found = library().read_case("# Maria Example\n" + text)
    assert found.about
    assert "Maria" not in library().decide(found).to_json()


def test_an_answer_says_nothing_about_status_unless_a_rule_asked_and_the_file_said_it() -> None:
    words = re.compile(r"believed (noncitizen|undocumented): (yes|no)|unlawfully present: (yes|no)")
    for text in cases():
        unsaid = {n: None for n in text.case.values if n.startswith("believed") or "unlawfully" in n}
        assert not words.search(library().decide(text.case.with_values(unsaid)).to_json())


# Schemas


@cache
def generated() -> dict[str, Schema]:
    return {"case": case_schema(library().law), "answer": answer_schema()}


@pytest.mark.parametrize("name", ["case", "answer"])
def test_the_packaged_schema_is_current(name: str) -> None:
    """``COMITY_ACCEPT=1`` writes it anew."""
    file = PACKAGE / f"{name}.schema.json"
    text = schema_text(generated()[name])
    if os.environ.get("COMITY_ACCEPT"):
        file.write_text(text, "utf-8")
    assert file.read_text("utf-8") == text
    assert packaged(name) == generated()[name]


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(generated()[name], format_checker=jsonschema.FormatChecker())


def fits(name: str, data: object) -> bool:
    return bool(validator(name).is_valid(data))


class _PlainDates(yaml.SafeLoader):
    """YAML with dates left as text."""


_PlainDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def data_of(text: str) -> Any:
    return yaml.load(text, _PlainDates)


@pytest.mark.parametrize("name", ["case", "answer"])
def test_the_schema_is_itself_valid(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(generated()[name])


@pytest.mark.parametrize("path", EXAMPLES, ids=IDS)
def test_every_example_fits_the_schema_of_a_case(path: Path) -> None:
    assert [e.message for e in validator("case").iter_errors(data_of(path.read_text("utf-8")))] == []


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=IDS)
def test_every_answer_fits_the_schema_of_an_answer(number: int) -> None:
    data = json.loads(library().decide(cases()[number]).to_json())
    assert [e.message for e in validator("answer").iter_errors(data)] == []


def test_an_answer_without_a_law_date_fits_the_schema_too() -> None:
    found = library().decide(library().read_case("agency: us/ca/los-angeles/lapd\n"))
    assert fits("answer", json.loads(found.to_json()))


def test_an_answer_with_a_key_more_or_a_key_less_or_another_word_fits_no_longer() -> None:
    data = json.loads(library().decide(cases()[0]).to_json())
    hold = data["actions"]["hold_past_release"]
    assert not fits("answer", {**data, "more": 1})
    assert not fits("answer", {k: v for k, v in data.items() if k != "not_legal_advice"})
    for change in ({"outcome": "perhaps"}, {"layers": {"state": "maybe"}}, {"because": ["us/1373"]}, {"extra": ""}):
        assert not fits("answer", {**data, "actions": {"hold_past_release": {**hold, **change}}})


UNUSUAL = (
    "request: {request kinds: hold, judge signed: unknown}",
    "request: {judge signed: ~, attached: none, received: unknown}",
    "person: {convictions: unknown, charges: [], charges complete: no}",
    "person: {convictions: [{offence: 459}, {grade: unknown}, {categories: [A, B], date: 2010-03-02}]}",
    "request:\nperson:",
    "title: A case\nabout: words",
)


@pytest.mark.parametrize("text", UNUSUAL)
def test_what_the_reader_takes_in_unusual_form_fits_the_schema(text: str) -> None:
    whole = f"agency: us/ca/los-angeles/lapd\nlaw date: 2016-11-14\n{text}\n"
    assert library().read_case(whole)
    assert [e.message for e in validator("case").iter_errors(data_of(whole))] == []


#: What is put into an example, and whether the schema can see it: offences and agencies are the reader's business.
SLIPS = (
    ("law date: ", "law day: ", True),
    ("law date: 2", "law date: x2", True),
    ("-11-14\n", "-13-14\n", True),
    ("agency: ", "agnecy: ", True),
    ("request:", "reqest:", True),
    ("  kinds: ", "  knds: ", True),
    ("kinds: [hold", "kinds: [hodl", True),
    ("judge signed: no", "judge signed: perhaps", True),
    ("judge signed: no", "judge signed: {is: no}", True),
    ("form: I-247D", "form: I-247Q", True),
    ("T03:07-08:00", "T03:07", True),
    ("convictions complete: yes", "convictions complete: maybe", True),
    ("convictions:\n", "convictions: {}\n  charges:\n", True),
    ("degree: first", "degree: 1st", True),
    ("degree: first", "dgree: first", True),
    ("grade: felony", "grade: felon", True),
    ("date: 2010-03-02", "date: 2nd March 2010", True),
    ("date: 2010-03-02", "date: 2010-02-30", True),
    ("offence: PC 459", "offence: PC 45999", False),
    ("us/ca/los-angeles/lapd", "us/ca/los-angeles/lapdd", False),
    ("T02:40-08:00", "T25:40-08:00", False),
    ("  release time public: no", "  release time public: no\n  release time public: yes", False),
)


@pytest.mark.parametrize(("old", "new", "seen"), SLIPS, ids=[new.strip() for _, new, _ in SLIPS])
def test_a_slip_that_the_reader_refuses_is_mostly_refused_by_the_schema_too(old: str, new: str, seen: bool) -> None:
    text = BURGLARY.replace(old, new, 1)
    assert text != BURGLARY
    with pytest.raises(ComityError):
        library().read_case(text)
    assert fits("case", data_of(text)) is not seen


def test_every_fact_stands_in_the_schema_with_its_question_and_under_its_short_name() -> None:
    properties = generated()["case"]["properties"]
    for word in library().law.vocabulary.case_facts().values():
        group = properties[word.group]["properties"]
        assert group[word.name]["description"] == word.ask
        assert word.name.removeprefix(f"{word.group} ") in group
    assert "kinds" in properties["request"]["properties"]
    assert "convictions complete" in properties["person"]["properties"]


def test_a_fact_under_both_its_names_does_not_fit() -> None:
    both = {"agency": "us/ca/los-angeles/lapd", "request": {"kinds": ["hold"], "request kinds": ["transfer"]}}
    assert not fits("case", both)


def test_a_case_needs_an_agency_or_a_place_with_its_kind() -> None:
    assert fits("case", {"agency": "us/ca/los-angeles/lapd"})
    assert fits("case", {"place": "us/ca/fresno", "kind": "police"})
    for data in ({}, {"place": "us/ca/fresno"}, {"place": "us/ca/fresno", "kind": "polce"}, [], "text"):
        assert not fits("case", data)
