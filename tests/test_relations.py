"""Problems between norms: which pairs contradict, which exceptions are dead, and what settles either."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from comity.language.read import library_files, read_library
from comity.language.relations import relation_problems, relation_warnings
from comity.problems import ComityError
from tests.tiny_law import BASE, block, source

ROOT = Path(__file__).parent


def codes(*files: bytes) -> list[str]:
    """Severity and code of every problem."""
    try:
        library = read_library({**BASE, **{f"f{i}.md": f for i, f in enumerate(files)}})
    except ComityError as error:
        return [f"{p.severity} {p.code}" for p in error.problems]
    return [f"{p.severity} {p.code}" for p in relation_problems(library)]


MAY = block("§ 1", "agency may notify release", "when judge signed")
MUST = block("§ 1", "agency must notify release", "when judge signed")
MUST_NOT = block("§ 2", "agency must not notify release")


def test_must_and_must_not_is_an_error() -> None:
    assert codes(source(MUST, MUST_NOT)) == ["error CM307"]


def test_may_and_must_not_is_a_warning() -> None:
    assert codes(source(MAY, MUST_NOT)) == ["warning CM307"]
    library = read_library({**BASE, "f.md": source(MAY, MUST_NOT)})
    assert [p.code for p in relation_warnings(library)] == ["CM307"]


def must_not(*clauses: str) -> str:
    return block("§ 2", "agency must not notify release", *clauses)


@pytest.mark.parametrize(
    "blocks",
    [
        (MUST, must_not("despite § 1")),
        (block("§ 1", "agency must notify release", "despite § 2"), must_not()),
        (MUST, must_not("when not judge signed")),
        (MUST, must_not("except when judge signed")),
        (MUST, must_not("in force from 2010-01-01 until 2018-01-01")),
        (MUST, block("§ 2", "agency must not transfer custody")),
        (MUST, must_not("binds us/yy")),
        (block("§ 1", "agency must notify release", "binds us/xx only sheriff"), must_not("binds us/xx only police")),
        (MUST, block("§ 2", "notify release", "contested who knows", kind="contested")),
        (
            "```question q\nWhich?\n- wide\n- narrow\n```",
            block("§ 1", "agency must notify release", "under reading q: wide"),
            must_not("under reading q: narrow"),
        ),
        (
            block("§ 1", "agency must notify release", "when form is I-247A"),
            must_not("when form is one of I-247D, I-247N"),
        ),
        (
            block("§ 1", "agency must notify release", "when any conviction where grade is felony and vacated"),
            must_not("except when any conviction where vacated"),
        ),
    ],
)
def test_what_settles_a_contradiction(blocks: tuple[str, ...]) -> None:
    assert codes(source(*blocks)) == []


def test_a_higher_authority_needs_no_word() -> None:
    lower = source(MUST_NOT, id="us/xx/town/act", authority="city ordinance")
    assert codes(source(MUST), lower) == []


def test_two_instruments_of_the_same_rank() -> None:
    other = source(MUST_NOT, id="us/xx/other")
    assert codes(source(MUST), other) == ["error CM307"]
    assert (
        codes(
            source(MUST),
            source(block("§ 2", "agency must not notify release", "despite us/xx/act § 1"), id="us/xx/other"),
        )
        == []
    )


def test_a_preemption_settles_it_while_it_is_in_force() -> None:
    preemption = "```preemption Clause\nus/xx/act displaces us/xx/other\n    {}\n```"
    other = source(MUST_NOT, id="us/xx/other")
    assert codes(source(MUST, preemption.format("for notify release")), other) == []
    assert codes(source(MUST, preemption.format("for transfer custody")), other) == ["error CM307"]
    assert codes(source(MUST, preemption.format("in force from 2018-01-01 until 2020-01-01")), other) == ["error CM307"]


def test_a_court_order_settles_it_where_and_while_it_suspends() -> None:
    order = "```order Case\nsuspends § 2\n    for {}\n    in force from {}\n```"
    assert codes(source(MUST, MUST_NOT, order.format("us/xx", "2018-01-01"))) == []
    assert codes(source(MUST, MUST_NOT, order.format("us/xx/town", "2018-01-01"))) == ["error CM307"]
    assert codes(source(MUST, MUST_NOT, order.format("us/xx", "2019-01-01"))) == ["error CM307"]


def test_a_definition_of_another_day_can_bring_a_contradiction() -> None:
    narrow = block(
        "§ 3", "the case counts as open door", "when judge signed", "in force until 2020-01-01", kind="definition"
    )
    wide = block(
        "§ 3 new", "the case counts as open door", "when form is I-247A", "in force from 2020-01-01", kind="definition"
    )
    must = block("§ 1", "agency must notify release", "when open door and not judge signed")
    assert codes(source(narrow, must, MUST_NOT)) == []
    assert codes(source(narrow, wide, must, MUST_NOT)) == ["error CM307"]


# --- exceptions -----------------------------------------------------------------------------------------------------


def exceptions(when: str, *excepted: str) -> Iterable[str]:
    clauses = [f"when {when}"] if when else []
    return codes(source(block("§ 1", "agency may notify release", *clauses, *(f"except when {e}" for e in excepted))))


@pytest.mark.parametrize(
    ("when", "excepted"),
    [
        ("judge signed", ["not judge signed"]),
        ("form is I-247A", ["form is one of I-247D, I-247N"]),
        ("every conviction where vacated", ["any conviction where not vacated"]),
        ("judge signed", ["form is I-247A", "form is I-247A"]),
        ("judge signed and not judge signed", ["form is I-247A"]),
        ("judge signed", ["form is I-247A or not form is I-247A"]),
        ("any conviction where date is before 2010-01-01", ["not any conviction where date is before 2014-01-01"]),
    ],
)
def test_dead_exceptions(when: str, excepted: list[str]) -> None:
    assert exceptions(when, *excepted) == ["error CM305"]


@pytest.mark.parametrize(
    ("when", "excepted"),
    [
        ("", ["judge signed"]),
        ("judge signed", ["form is I-247A", "form is I-247D"]),
        ("judge signed", ["judge signed and form is I-247A"]),
        ("any conviction where vacated", ["any conviction where not vacated"]),
        ("any conviction where date is before 2010-01-01", ["any conviction where date is after 2014-01-01"]),
        ("request kinds includes hold", ["request kinds includes transfer"]),
    ],
)
def test_living_exceptions(when: str, excepted: list[str]) -> None:
    assert exceptions(when, *excepted) == []


def test_an_exception_that_matters_under_some_version_of_a_definition_lives() -> None:
    narrow = block(
        "§ 3", "the case counts as open door", "when judge signed", "in force until 2020-01-01", kind="definition"
    )
    wide = block(
        "§ 3 new", "the case counts as open door", "when form is I-247A", "in force from 2020-01-01", kind="definition"
    )
    norm = block("§ 1", "agency may notify release", "when not judge signed", "except when open door")
    assert codes(source(narrow, norm)) == ["error CM305"]
    assert codes(source(narrow, wide, norm)) == []


def test_definitions_have_exceptions_too() -> None:
    text = block(
        "§ 1", "the case counts as door", "when judge signed", "except when not judge signed", kind="definition"
    )
    assert codes(source(text)) == ["error CM305"]


# --- circles --------------------------------------------------------------------------------------------------------


def test_a_circle_through_rank() -> None:
    """The town beats the state and the state the union by their own words; the union beats the town by rank."""
    union = source(MUST_NOT, id="us/act", authority="federal statute")
    state = source(block("§ 1", "agency must notify release", "despite us/act § 2"))
    town = block("§ 1", "agency may notify release", "when judge signed", "despite us/xx/act § 1")
    assert "error CM304" in codes(union, state, source(town, id="us/xx/town/act", authority="city ordinance"))


def test_norms_of_different_times_make_no_circle() -> None:
    old = block("§ 1", "agency may notify release", "despite § 2", "in force from 2010-01-01 until 2014-01-01")
    new = block("§ 1", "agency may notify release", "in force from 2014-01-01")
    other = must_not("despite § 1", "in force from 2014-01-01")
    assert codes(source(old, new, other)) == []


# --- the law --------------------------------------------------------------------------------------------------------


def test_the_law_has_no_contradiction_without_a_rule() -> None:
    library = read_library(library_files(ROOT.parent / "src" / "comity" / "law"))
    assert [p for p in relation_problems(library) if p.severity == "error"] == []
