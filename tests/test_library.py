"""The packaged law: its examples hold under both engines, every rule is covered, and a slip in a rule is noticed."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

import comity
from comity.calendar import Window
from comity.case import Case
from comity.decide.coverage import Coverage, run_checks
from comity.decide.interpret import Evaluation, Readings, evaluate
from comity.decide.specialise import Specialised
from comity.decide.verdict import Evaluator
from comity.language.read import library_files, read_library
from comity.language.relations import relation_problems
from comity.policy.library import Library
from comity.policy.norms import Norm
from comity.policy.stack import ActionLaw, Era, Stack, bind
from comity.problems import ComityError

PACKAGE = Path(comity.__path__[0])
LAW = PACKAGE / "law"


@cache
def library() -> Library:
    return read_library(library_files(LAW))


def generated_code(law: Library) -> Evaluator:
    """An evaluator that hands each era to the code generated for it."""
    stacks: dict[str, Stack] = {}
    made: dict[Era, Specialised] = {}

    def run(action: ActionLaw, era: Era, case: Case, readings: Readings) -> Evaluation:
        found = made.get(era)
        if found is None:
            if era.agency.id not in stacks:
                stacks[era.agency.id] = bind(law, era.agency)
            found = made[era] = Specialised(stacks[era.agency.id], era)
        return found.run(action, era, case, readings)

    return run


def is_green(coverage: Coverage) -> None:
    assert [f"{p.span}: {p.message}" for p in coverage.failures] == []
    assert {i: r.gaps() for i, r in coverage.rules.items() if r.gaps()} == {}
    assert coverage.complete
    assert set(coverage.rules) == {n.id for n in library().norms}
    assert coverage.examples == len(library().checks)
    assert coverage.expectations == sum(len(t.expected) for c in library().checks for t in c.trials)
    assert coverage.trials > len(library().norms)


# Examples and coverage


@pytest.mark.slow
def test_every_example_holds_and_every_rule_is_covered_with_the_interpreter() -> None:
    is_green(run_checks(library(), evaluate))


@pytest.mark.slow
def test_every_example_holds_and_every_rule_is_covered_with_generated_code() -> None:
    is_green(run_checks(library(), generated_code(library())))


def test_no_two_rules_stand_against_each_other_without_a_rule_between_them() -> None:
    assert [p.message for p in relation_problems(library()) if p.severity == "error"] == []


# A slip in a rule is noticed

DAY = timedelta(days=1)


def without_exceptions(norm: Norm) -> Norm:
    assert norm.exceptions
    return replace(norm, exceptions=())


def without_last_exception(norm: Norm) -> Norm:
    assert norm.exceptions
    return replace(norm, exceptions=norm.exceptions[:-1])


def other_effect(effect: str) -> Callable[[Norm], Norm]:
    def flip(norm: Norm) -> Norm:
        assert norm.effect != effect
        return replace(norm, effect=effect)

    return flip


def a_day_later(norm: Norm) -> Norm:
    assert norm.window.start
    return replace(norm, window=Window(norm.window.start + DAY, norm.window.end))


def a_day_earlier(norm: Norm) -> Norm:
    assert norm.window.start
    return replace(norm, window=Window(norm.window.start - DAY, norm.window.end))


def ends_a_day_later(norm: Norm) -> Norm:
    assert norm.window.end
    return replace(norm, window=Window(norm.window.start, norm.window.end + DAY))


SLIPS = [
    ("us/ca/los-angeles/detainers-2014#NR14258an", without_exceptions),
    ("us/ca/los-angeles/detainers-2014#NR14258an", other_effect("may")),
    ("us/ca/los-angeles/detainers-2014#NR14258an", a_day_later),
    ("us/ca/los-angeles/detainers-2014#NR14258an", a_day_earlier),
    ("us/ca/los-angeles/detainers-2014#NR14258an (release)", other_effect("must not")),
    ("us/ca/trust-act-2013#§ 7282.5(b)", other_effect("may")),
    ("us/ca/trust-act-2013#§ 7282.5(b)", a_day_later),
    ("us/ca/trust-act-2013#§ 7282.5(a)(1)", other_effect("must not")),
    ("us/ca/values-act#§ 7284.6(a)(1)(B)", other_effect("may")),
    ("us/ca/values-act#§ 7284.6(a)(1)(B)", a_day_later),
    ("us/ca/values-act#§ 7284.6(a)(1)(B)", a_day_earlier),
    ("us/ca/trust-act-2018#§ 7282.5(a)(1) [transfer custody]", other_effect("must not")),
    ("us/ca/los-angeles/special-order-40#4/264.50, first sentence (questions)", a_day_later),
    ("us/ca/los-angeles/special-order-40#4/264.50, first sentence (questions)", other_effect("must")),
    ("us/tx/travis-county/sheriff-2017#detainers, holds", without_last_exception),
    ("us/tx/travis-county/sheriff-2017#detainers, holds", without_exceptions),
    ("us/tx/travis-county/sheriff-2017#detainers, holds", other_effect("may")),
    ("us/tx/travis-county/sheriff-2017#detainers, holds", a_day_later),
    ("us/ca/trust-act-2013#§ 7282.5(a)(1)", ends_a_day_later),
    ("us/tx/sb4#art. 2.251(a)(1)", without_exceptions),
    ("us/tx/sb4#art. 2.251(a)(1)", other_effect("may")),
    ("us/ma/lunn#holding, holds", other_effect("may")),
    ("us/const-amend-iv#amend. IV (ground of a hold)", other_effect("may")),
]


@pytest.mark.parametrize(("norm", "slip"), SLIPS, ids=[f"{n}-{s.__name__}" for n, s in SLIPS])
def test_a_slip_in_a_rule_makes_an_example_of_its_page_fail(norm: str, slip: Callable[[Norm], Norm]) -> None:
    (right,) = [n for n in library().norms if n.id == norm]
    wrong = replace(library(), norms=tuple(slip(n) if n.id == norm else n for n in library().norms))
    checks = tuple(c for c in library().checks if c.span.file == library().instrument(right.instrument).file)
    assert checks
    found = run_checks(replace(wrong, checks=checks))
    assert [p for p in found.failures if "expects" in p.message]


def test_a_court_order_that_is_forgotten_is_noticed() -> None:
    assert "us/tx/sb4#art. 2.251(a)(1)" in {n for o in library().orders for n in o.norms}
    files = {library().instrument(i).file for i in ("us/tx/sb4", "us/tx/travis-county/sheriff-2017")}
    checks = tuple(c for c in library().checks if c.span.file in files)
    assert run_checks(replace(library(), checks=checks)).failures == []
    assert run_checks(replace(library(), orders=(), checks=checks)).failures


# Every page


def test_every_instrument_says_where_its_text_is_and_when_and_how_far_it_was_checked() -> None:
    last = max(c.window.end for c in library().coverage if c.window.end)
    for instrument in library().instruments:
        assert instrument.title, instrument.id
        assert instrument.cite_as, instrument.id
        assert instrument.official.startswith(("https://", "http://")), instrument.id
        days = re.findall(r"\d{4}-\d{2}(?:-\d{2})?", instrument.checked)
        assert days, instrument.id
        assert max(days) <= last.isoformat(), instrument.id
        assert re.sub(r"[\d\s,-]", "", instrument.checked), f"{instrument.id} says when, not how far"


def test_every_instrument_gives_an_https_address() -> None:
    assert [i.id for i in library().instruments if not i.official.startswith("https://")] == []


def test_every_instrument_has_an_example_on_its_page() -> None:
    pages = {c.span.file for c in library().checks}
    assert [i.id for i in library().instruments if i.file not in pages] == []


def test_every_norm_has_a_pinpoint_of_its_own_under_its_instrument() -> None:
    assert len({n.id for n in library().norms}) == len(library().norms)
    for norm in library().norms:
        instrument = library().instrument(norm.instrument)
        assert norm.cite.startswith(instrument.cite_as), norm.id
        assert norm.label, norm.id
        assert norm.effect in ("must", "must not", "may", "contested"), norm.id


def test_every_agency_of_an_example_is_listed() -> None:
    listed = library().agency_table()
    unlisted = {c.agency for c in library().checks if c.agency not in listed}
    assert all(":" in agency for agency in unlisted)


def test_every_listed_agency_is_in_a_time_zone_that_exists() -> None:
    from zoneinfo import available_timezones

    assert {a.time_zone for a in library().agencies} <= available_timezones()


def test_an_agency_whose_local_law_is_held_has_a_rule_below_the_federal_layer() -> None:
    layers = library().ladder.layer_of()
    for agency in library().agencies:
        bound = {layers[library().instrument(n.instrument).authority] for n in bind(library(), agency).norms}
        assert not agency.held or bound & {"state", "local", "department"}, agency.id


def test_the_library_says_of_every_listed_agency_from_when_to_when_it_holds_its_law() -> None:
    for agency in library().agencies:
        coverage = bind(library(), agency).coverage
        assert coverage is not None, agency.id
        assert coverage.window.start is not None, agency.id
        assert coverage.window.end is not None, agency.id


# The house


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module
            found |= {f"{node.module}.{name.name}" for name in node.names} | {node.module}
    return found


def rooms_of(path: Path) -> set[str]:
    return {m.split(".")[1] for m in imports_of(path) if m.startswith("comity.") and m.count(".")}


#: Room -> the rooms it may never know.
WALLS = {
    "policy": {"language", "decide", "offences", "cli", "api", "schema", "audit", "prove"},
    "language": {"decide", "offences", "cli", "api", "schema", "audit", "prove"},
    "offences": {"language", "decide", "policy", "cli", "api", "schema"},
    "decide": {"language", "cli", "schema", "audit", "auditing", "prove", "proving"},
    "audit": {"language", "decide", "auditing", "cli", "api", "schema", "prove", "proving"},
    "auditing": {"language", "cli", "schema", "prove", "proving"},
    "prove": {"language", "decide", "audit", "auditing", "proving", "cli", "api", "schema"},
    "proving": {"language", "cli", "schema"},
}
FILES = {room: sorted((PACKAGE / room).rglob("*.py")) for room in (*WALLS, "cli")}


@pytest.mark.parametrize("room", WALLS)
def test_a_room_knows_only_the_rooms_below_it(room: str) -> None:
    assert FILES[room]
    known = {path.name: sorted(rooms_of(path) & WALLS[room]) for path in FILES[room]}
    assert {name: rooms for name, rooms in known.items() if rooms} == {}


@pytest.mark.parametrize("room", ["policy", "language", "offences"])
def test_law_and_language_need_nothing_but_python(room: str) -> None:
    for path in FILES[room]:
        outside = {m.split(".")[0] for m in imports_of(path)} - {"comity"}
        assert outside <= sys.stdlib_module_names, path.name


def test_what_everybody_uses_knows_no_room() -> None:
    for name in ("problems", "calendar", "truth"):
        assert rooms_of(PACKAGE / f"{name}.py") <= {"problems", "calendar", "truth"}


def test_only_the_terminal_knows_the_terminal() -> None:
    below = [p for p in PACKAGE.rglob("*.py") if p.parent.name != "cli"]
    assert below
    assert [
        p.name for p in below if "cli" in rooms_of(p) or any(m.split(".")[0] == "click" for m in imports_of(p))
    ] == []


def test_the_law_is_text_and_tables_and_holds_no_program() -> None:
    assert {p.suffix for p in LAW.rglob("*") if p.is_file()} == {".md", ".csv"}


def test_a_library_with_a_slip_in_its_words_is_refused() -> None:
    files = library_files(LAW)
    page = "us/ca/los-angeles/detainers-2014.md"
    files[page] = files[page].replace(b"except when judge signed", b"except when judge singed", 1)
    with pytest.raises(ComityError) as caught:
        read_library(files)
    assert [p.code for p in caught.value.problems] == ["CM201"]
