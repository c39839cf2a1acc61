"""The check that conditions can hold together: what it must see, and that its "no" is always right."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.calendar import Window
from comity.case import Case
from comity.decide.interpret import Scene, truth
from comity.language.satisfiable import Solver, under
from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Defined,
    Every,
    Expression,
    Fact,
    Includes,
    Literal,
    Name,
    Not,
    OneOf,
    Or,
    Some,
    Within,
)
from comity.policy.norms import DefinitionVersion, ReadingOf
from comity.truth import YES
from tests import random_law

A, B, C = Fact("a"), Fact("b"), Fact("c")
FORM = Name("form")
DATE = Name("date")
OLD, NEW = Literal(date(2014, 1, 1)), Literal(date(2018, 1, 1))


def version(
    name: str, when: Expression, *exceptions: Expression, reading: ReadingOf | None = None
) -> DefinitionVersion:
    return DefinitionVersion(name, "", "i", "§", Window(), when, exceptions, reading)


def test_an_atom_and_its_opposite() -> None:
    assert not Solver({}).can_hold(A, Not(A))
    assert Solver({}).can_hold(A, Not(B))
    assert not Solver({}).can_hold(Or((A, B)), Not(A), Not(B))
    assert not Solver({}).can_hold(Or(()))
    assert Solver({}).can_hold(And(()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Compare("is", FORM, Literal("A")), Compare("is", FORM, Literal("D"))),
        (Compare("is", FORM, Literal("A")), OneOf(FORM, ("D", "N"))),
        (Compare("is", FORM, Literal("A")), Not(OneOf(FORM, ("A", "D")))),
        (Includes(Name("kinds"), ("x",)), Not(Includes(Name("kinds"), ("x", "y")))),
        (Compare("<", DATE, OLD), Compare(">=", DATE, NEW)),
        (Compare("<", DATE, OLD), Compare(">", DATE, OLD)),
        (Compare("is", DATE, NEW), Compare("<=", DATE, OLD)),
        (Compare("is", Name("n"), Literal(2)), Compare(">=", Name("n"), Literal(3))),
        (Within(DATE, 5, "years", Name("d")), Not(Within(DATE, 10, "years", Name("d")))),
        (Within(DATE, 5, "years", Name("d"), strict=True), Not(Within(DATE, 5, "years", Name("d")))),
        (Some("rows", A), Not(Some("rows", A))),
        (Some("rows", And((A, B))), Not(Some("rows", A))),
        (Every("rows", A), Some("rows", Not(A))),
        (AtLeast(2, "rows", A), Not(Some("rows", A))),
        (AtLeast(3, "rows", A), Not(AtLeast(2, "rows", A))),
        (Some("rows", And((A, Not(A)))), And(())),
        (Not(AtLeast(0, "rows", A)), And(())),
        (under(ReadingOf("q", "wide")), under(ReadingOf("q", "narrow"))),
    ],
)
def test_these_cannot_hold_together(one: Expression, other: Expression) -> None:
    assert not Solver({}).can_hold(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Includes(Name("kinds"), ("x",)), Includes(Name("kinds"), ("y",))),
        (Compare("<=", DATE, OLD), Compare(">=", DATE, OLD)),
        (Within(DATE, 5, "years", Name("d")), Not(Within(DATE, 5, "years", Name("d"), strict=True))),
        (Within(DATE, 5, "years", Name("d")), Not(Within(DATE, 5, "years", Name("e")))),
        (Some("rows", A), Some("rows", Not(A))),
        (Some("rows", A), Not(Some("others", A))),
        (AtLeast(2, "rows", A), Not(AtLeast(3, "rows", A))),
        (under(ReadingOf("q", "wide")), under(ReadingOf("r", "narrow"))),
    ],
)
def test_these_can_hold_together(one: Expression, other: Expression) -> None:
    assert Solver({}).can_hold(one, other)


def test_definitions_are_opened_and_a_name_without_a_version_never_holds() -> None:
    solver = Solver({"d": (version("d", A, B), version("d", C))})
    assert not solver.can_hold(Defined("d"), Not(A), Not(C))
    assert not solver.can_hold(Not(Defined("d")), C)
    assert solver.can_hold(Defined("d"), B)
    assert not solver.can_hold(Defined("nowhere"))


def test_versions_under_different_readings_do_not_meet() -> None:
    solver = Solver({"d": (version("d", A, reading=ReadingOf("q", "wide")),)})
    assert not solver.can_hold(Defined("d"), under(ReadingOf("q", "narrow")))
    assert solver.can_hold(Defined("d"), under(ReadingOf("q", "wide")))


def test_too_much_is_given_up_silently() -> None:
    many = And(tuple(Fact(f"f{i}") for i in range(19)))
    assert Solver({}).can_hold(many, Not(many))
    deep: Expression = A
    for _ in range(400):
        deep = Not(And((deep,)))
    assert Solver({}).can_hold(deep, Not(deep))


def test_where_opening_is_too_much_names_are_compared() -> None:
    solver = Solver({"d": (version("d", And(tuple(Fact(f"f{i}") for i in range(30)))),)})
    assert not solver.can_hold(Some("rows", Defined("d", True)), Not(Some("rows", Or((Defined("d", True), A)))))


def test_a_long_list_of_values_is_few_atoms() -> None:
    letters = tuple(f"v{i}" for i in range(60))
    assert not Solver({}).can_hold(Includes(Name("kinds"), letters[:40]), Not(Includes(Name("kinds"), letters)))


@given(st.lists(random_law.conditions(defined=False), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_plain_truth_tables_agree(conditions: list[Expression]) -> None:
    """On facts alone the check is exact: yes means that some case makes every condition true."""
    flat = [c for c in conditions if _only_facts(c)]
    if not flat:
        return
    found = any(
        all(truth(c, Scene(Case(random_law.AGENCY, random_law.DAY, values, {}), {}, {})) == YES for c in flat)
        for values in (
            {"warrant": w, "served": s, "form": f}
            for w, s, f in product((True, False), (True, False), ("A", "D", "N", "another"))
        )
    )
    assert Solver({}).can_hold(*flat) == found


def _only_facts(condition: Expression) -> bool:
    match condition:
        case Not(item):
            return _only_facts(item)
        case And(items) | Or(items):
            return all(_only_facts(i) for i in items)
        case Fact() | OneOf():
            return True
        case Compare():
            return condition.left == FORM
        case _:
            return False


@pytest.mark.slow
@given(
    st.lists(random_law.conditions(), min_size=1, max_size=3),
    random_law.conditions(defined=False),
    random_law.row_conditions(defined=False),
    st.lists(random_law.cases(), min_size=10, max_size=30),
)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_is_always_right(
    conditions: list[Expression], opened: Expression, recent: Expression, cases: list[Case]
) -> None:
    definitions = {"opened": (version("opened", opened),), "recent": (version("recent", recent),)}
    if not Solver(definitions).can_hold(*conditions):
        for case in cases:
            scene = Scene(case, definitions, {})
            assert not all(truth(c, scene) == YES for c in conditions)
