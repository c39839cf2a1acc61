"""What the law language means: examples a lawyer can read, then laws that every library and every case obey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from comity.calendar import Window
from comity.case import Case, FactValue, Rows
from comity.decide.interpret import Evaluation, Scene, evaluate, truth
from comity.decide.missing import MissingFact, culprits
from comity.decide.verdict import Verdict, reading_choices, verdict
from comity.policy.expressions import (
    ALWAYS,
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
from comity.policy.library import Library
from comity.policy.norms import Adoption, CourtOrder, DefinitionVersion, Norm, Preemption, ReadingOf
from comity.policy.outcome import settle
from comity.policy.stack import ActionLaw, Era, Stack, bind
from comity.problems import ComityError
from comity.truth import NO, UNKNOWN, YES
from tests.random_law import AGENCY, DAY, INSTRUMENTS, LADDER, SHERIFF, VOCABULARY, cases, libraries

MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
TOMORROW = DAY + timedelta(days=1)
WARRANT, SERVED = Fact("warrant"), Fact("served")
RUNGS = {i.authority: i.id for i in INSTRUMENTS}


def norm(id_: str, effect: str, action: str = "hold", rung: str = "state statute", **more: Any) -> Norm:
    more.setdefault("window", Window())
    return Norm(id_, RUNGS[rung], f"§ {id_}", f"Act § {id_}", "agency", effect, action, **more)


def definition(name: str, when: Expression, **more: Any) -> DefinitionVersion:
    record = "conviction" if name == "recent" else ""
    return DefinitionVersion(name, record, "us/2", "Act § d", more.pop("window", Window()), when, **more)


def library(*norms: Norm, **more: Any) -> Library:
    parts = {"definitions": (), "orders": (), "preemptions": (), "adoptions": (), **more}
    return Library(
        "test", "0" * 64, Window(), VOCABULARY, LADDER, (("police", ()),), INSTRUMENTS, norms, parts["definitions"],
        parts["orders"], parts["preemptions"], parts["adoptions"], (AGENCY, SHERIFF), (),
    )  # fmt: skip


def case(values: Mapping[str, FactValue] | None = None, *, on: date = DAY, **lists: Rows) -> Case:
    return Case(AGENCY, on, values or {}, lists)


def decide(law: Library, asked: Case | None = None, action: str = "hold") -> Verdict:
    asked = asked or case()
    stack = bind(law, asked.agency)
    era = stack.at(asked.law_date or DAY)
    return verdict(era.by_action[action], stack, era, asked)


def outcome(law: Library, asked: Case | None = None, action: str = "hold") -> str:
    return decide(law, asked, action).outcome


def winners(law: Library, asked: Case | None = None, action: str = "hold") -> set[str]:
    asked = asked or case()
    stack = bind(law, asked.agency)
    era = stack.at(asked.law_date or DAY)
    of = era.by_action[action]
    return {n.id for n, w in zip(of.norms, evaluate(of, era, asked, {}).wins, strict=True) if w == YES}


def holds(condition: Expression, asked: Case, *definitions: DefinitionVersion, **readings: str) -> int:
    versions: dict[str, tuple[DefinitionVersion, ...]] = {}
    for version in definitions:
        versions[version.name] = (*versions.get(version.name, ()), version)
    return truth(condition, Scene(asked, versions, readings))


# -- silence ----------------------------------------------------------------------------------------------------------


def test_silence_forbids_what_needs_power_allows_what_is_open_and_owes_nothing() -> None:
    nothing = library(norm("a", "must not", when=WARRANT, rung="city ordinance"))
    assert outcome(nothing, case({"warrant": False}), "hold") == "must not"
    assert outcome(nothing, None, "tell") == "may"
    assert outcome(nothing, None, "copy") == "not due"


def test_a_duty_is_not_due_where_it_is_merely_permitted() -> None:
    assert outcome(library(norm("a", "may", "copy")), None, "copy") == "not due"
    assert outcome(library(norm("a", "must", "copy")), None, "copy") == "must"


def test_a_federal_permission_gives_no_power_to_hold() -> None:
    federal = norm("f", "may", rung="federal statute")
    assert outcome(library(federal)) == "must not"
    assert outcome(library(norm("f", "may", rung="federal constitution"))) == "must not"
    assert outcome(library(norm("f", "may", rung="federal statute", gives_power=True))) == "may"
    assert outcome(library(federal, norm("s", "may"))) == "may"
    assert outcome(library(norm("d", "may", rung="department policy"))) == "may"


def test_what_is_forbidden_whichever_way_a_fact_turns_out_is_forbidden() -> None:
    # The ordinance may or may not forbid; where it does not, nobody gives power, and that forbids too.
    law = library(norm("a", "must not", rung="city ordinance", when=WARRANT))
    assert outcome(law) == "must not"
    assert decide(law).missing == ()


# -- who prevails -----------------------------------------------------------------------------------------------------


def test_the_higher_must_beats_the_lower_must_not() -> None:
    law = library(norm("state", "must"), norm("city", "must not", rung="city ordinance"))
    assert outcome(law) == "must"
    assert winners(law) == {"state"}


def test_the_higher_must_not_beats_the_lower_must_and_may() -> None:
    for lower in ("must", "may"):
        law = library(norm("state", "must not"), norm("city", lower, rung="city ordinance"))
        assert (outcome(law), winners(law)) == ("must not", {"state"})


def test_a_higher_may_leaves_room_for_a_stricter_rule_below() -> None:
    law = library(norm("state", "may"), norm("city", "must not", rung="city ordinance"))
    assert outcome(law) == "must not"
    assert winners(law) == {"state", "city"}


def test_a_protected_may_leaves_no_room_below() -> None:
    law = library(
        norm("federal", "may", "tell", rung="federal statute", protected=True), norm("state", "must not", "tell")
    )
    assert outcome(law, None, "tell") == "may"
    assert winners(law, None, "tell") == {"federal"}


def test_a_lower_must_stands_beside_a_higher_may() -> None:
    law = library(norm("state", "may"), norm("city", "must", rung="city ordinance"))
    assert outcome(law) == "must"


def test_two_rungs_of_one_layer_are_still_higher_and_lower() -> None:
    law = library(norm("statute", "may", "tell"), norm("directive", "must not", "tell", rung="state directive"))
    assert outcome(law, None, "tell") == "must not"


@pytest.mark.parametrize("other", ["must", "may"])
def test_equals_who_contradict_each_other_are_a_conflict(other: str) -> None:
    found = decide(library(norm("a", "must not"), norm("b", other)))
    assert (found.outcome, found.reason, found.possible) == ("ask counsel", "conflict", ("conflict",))


def test_despite_settles_it_between_equals() -> None:
    assert outcome(library(norm("a", "must not"), norm("b", "may", despite=("a",)))) == "may"
    assert outcome(library(norm("a", "must not", despite=("b",)), norm("b", "may"))) == "must not"


def test_equals_of_whom_one_yields_are_no_conflict_even_while_facts_are_missing() -> None:
    law = library(norm("a", "must not", "tell", when=WARRANT, despite=("b",)), norm("b", "must", "tell", when=SERVED))
    assert set(decide(law, None, "tell").possible) == {"must not", "must", "may"}


def test_a_permission_does_not_put_a_second_prohibition_of_a_higher_rung_in_doubt() -> None:
    law = library(
        norm("a", "must not", rung="city ordinance"), norm("b", "may", rung="city ordinance"), norm("s", "must not")
    )
    assert outcome(law) == "must not"


def test_despite_works_upwards_and_is_not_turned_round_by_rank() -> None:
    law = library(norm("state", "must not"), norm("city", "may", rung="city ordinance", despite=("state",)))
    assert (outcome(law), winners(law)) == ("may", {"city"})


def test_preemption_displaces_only_in_its_window_for_its_actions() -> None:
    state = (norm("h", "must not", "tell"), norm("c", "must", "copy"))
    federal = (norm("t", "may", "tell", rung="federal statute"), norm("u", "may", "copy", rung="federal statute"))
    edge = Preemption(RUNGS["federal statute"], RUNGS["state statute"], ("tell",), "Supremacy", Window(DAY, TOMORROW))
    law = library(*state, *federal, preemptions=(edge,))
    assert outcome(law, None, "tell") == "may"
    assert outcome(law, case(on=TOMORROW), "tell") == "must not"
    assert outcome(law, None, "copy") == "must"


def test_a_beaten_exception_no_longer_beats() -> None:
    rule = norm("rule", "must not", "tell")
    door = norm("door", "may", "tell", despite=("rule",))
    bar = norm("bar", "must not", "tell", despite=("door",), when=WARRANT)
    law = library(rule, door, bar)
    assert winners(law, case({"warrant": False}), "tell") == {"door"}
    assert winners(law, case({"warrant": True}), "tell") == {"rule", "bar"}
    found = decide(law, None, "tell")
    assert (found.outcome, [str(m) for m in found.missing]) == ("need a fact", ["warrant"])


def test_circles_of_norms_are_refused() -> None:
    law = library(norm("a", "must not", despite=("b",)), norm("b", "may", despite=("a",)))
    with pytest.raises(ComityError) as refused:
        outcome(law)
    assert [p.code for p in refused.value.problems] == ["CM304"]


def test_a_contested_mark_decides_nothing() -> None:
    mark = norm("m", "contested", contested="courts differ", despite=("a",))
    assert outcome(library(norm("a", "may"), mark)) == "may"
    assert winners(library(norm("a", "may"), mark)) == {"a", "m"}


# -- switched off, or beaten ------------------------------------------------------------------------------------------


def test_an_exception_switches_off_and_despite_beats() -> None:
    # Switched off: the prohibition is gone, and silence speaks.  Beaten: the permission must apply itself.
    off = library(norm("rule", "must not", "tell", exceptions=(WARRANT,)))
    beaten = library(norm("rule", "must not", "tell"), norm("door", "may", "tell", despite=("rule",), when=WARRANT))
    for law in (off, beaten):
        assert outcome(law, case({"warrant": True}), "tell") == "may"
        assert outcome(law, case({"warrant": False}), "tell") == "must not"
    duty_off = library(norm("rule", "must not", "copy", exceptions=(WARRANT,)))
    assert outcome(duty_off, case({"warrant": True}), "copy") == "not due"


def test_a_switched_off_norm_beats_nobody() -> None:
    law = library(norm("state", "must not", exceptions=(WARRANT,)), norm("city", "may", rung="city ordinance"))
    assert winners(law, case({"warrant": True})) == {"city"}
    assert winners(law, case({"warrant": False})) == {"state"}


def test_one_of_several_exceptions_is_enough() -> None:
    law = library(norm("rule", "must not", "tell", exceptions=(WARRANT, SERVED)))
    assert outcome(law, case({"warrant": True}), "tell") == "may"
    assert outcome(law, case({"served": True}), "tell") == "may"
    assert outcome(law, case({"warrant": False}), "tell") == "need a fact"
    assert outcome(law, case({"warrant": False, "served": False}), "tell") == "must not"


# -- layers -----------------------------------------------------------------------------------------------------------


def test_each_layer_gives_its_own_answer() -> None:
    law = library(
        norm("state", "may"),
        norm("policy", "must not", rung="department policy"),
        norm("city", "must", rung="city ordinance", when=WARRANT),
        norm("federal", "may", rung="federal statute", when=SERVED),
    )
    found = decide(law, case({"served": False}))
    assert dict(found.layers) == {"state": "may", "department": "must not", "local": "need a fact"}


def test_a_beaten_layer_still_says_what_it_would_say_alone() -> None:
    law = library(norm("state", "must not", "tell"), norm("city", "may", "tell", rung="city ordinance"))
    found = decide(law, None, "tell")
    assert (found.outcome, dict(found.layers)) == ("must not", {"state": "must not", "local": "may"})


def test_within_a_layer_too_a_beaten_exception_no_longer_beats() -> None:
    law = library(
        norm("rule", "must", "tell"),
        norm("door", "must not", "tell", despite=("rule",)),
        norm("bar", "may", "tell", despite=("door",)),
        norm("federal", "may", "tell", rung="federal statute"),
    )
    found = decide(law, None, "tell")
    assert (found.outcome, dict(found.layers)) == ("must", {"state": "must", "federal": "may"})


# -- court orders, time, place ----------------------------------------------------------------------------------------


def test_a_court_order_suspends_only_in_its_window_and_place() -> None:
    order = CourtOrder(RUNGS["state statute"], "A v. B", ("rule",), ("us/xx",), Window(DAY, TOMORROW))
    law = library(norm("rule", "must not", "tell"), orders=(order,))
    assert outcome(law, case(on=DAY - timedelta(days=1)), "tell") == "must not"
    assert outcome(law, case(on=DAY), "tell") == "may"
    assert outcome(law, case(on=TOMORROW), "tell") == "must not"
    elsewhere = Case(SHERIFF, DAY)
    assert outcome(law, elsewhere, "tell") == "must not"
    suspended = bind(law, AGENCY).at(DAY).by_action["tell"].suspended
    assert [(n.id, o) for n, o in suspended] == [("rule", order)]


def test_a_suspended_norm_beats_nobody() -> None:
    order = CourtOrder(RUNGS["state statute"], "A v. B", ("state",), ("us",), Window())
    law = library(norm("state", "must not"), norm("city", "may", rung="city ordinance"), orders=(order,))
    assert outcome(law) == "may"


def test_a_norm_is_law_from_its_first_day_and_not_on_its_last() -> None:
    law = library(
        norm("old", "must", "copy", window=Window(None, DAY)), norm("new", "must not", "copy", window=Window(DAY))
    )
    assert outcome(law, case(on=DAY - timedelta(days=1)), "copy") == "must"
    assert outcome(law, case(on=DAY), "copy") == "must not"


def test_the_version_of_a_definition_is_that_of_the_law_date() -> None:
    law = library(
        norm("rule", "must", "copy", when=Defined("opened")),
        definitions=(
            definition("opened", WARRANT, window=Window(None, DAY)),
            definition("opened", SERVED, window=Window(DAY)),
        ),
    )
    facts: dict[str, FactValue] = {"warrant": True, "served": False}
    assert outcome(law, case(facts, on=DAY - timedelta(days=1)), "copy") == "must"
    assert outcome(law, case(facts, on=DAY), "copy") == "not due"


def test_versions_in_force_together_are_read_as_or_each_with_its_own_exceptions() -> None:
    versions = (
        definition("opened", WARRANT, exceptions=(SERVED,)),
        definition("opened", Compare("is", Name("form"), Literal("A"))),
    )
    asked = case({"warrant": True, "served": True, "form": "N"})
    assert holds(Defined("opened"), asked, *versions) == NO
    assert holds(Defined("opened"), asked.with_values({"form": "A"}), *versions) == YES
    assert holds(Defined("opened"), asked.with_values({"served": None}), *versions) == UNKNOWN
    assert holds(Defined("nowhere"), asked, *versions) == NO


# -- readings ---------------------------------------------------------------------------------------------------------


WIDE, NARROW = ReadingOf("q", "wide"), ReadingOf("q", "narrow")
TWO_READINGS = library(
    norm("rule", "must not", "tell", when=Defined("opened")),
    definitions=(definition("opened", WARRANT, reading=WIDE), definition("opened", SERVED, reading=NARROW)),
)


def test_an_open_reading_that_decides_asks_counsel_and_shows_both() -> None:
    found = decide(TWO_READINGS, case({"warrant": True, "served": False}), "tell")
    assert (found.outcome, found.reason) == ("ask counsel", "readings")
    assert {r.readings: r.outcome for r in found.readings} == {
        (("q", "wide"),): "must not",
        (("q", "narrow"),): "may",
    }


@pytest.mark.parametrize(("both", "expected"), [(True, "must not"), (False, "may")])
def test_an_open_reading_that_makes_no_difference_does_not_trouble_anyone(both: bool, expected: str) -> None:
    found = decide(TWO_READINGS, case({"warrant": both, "served": both}), "tell")
    assert (found.outcome, found.reason, found.readings) == (expected, "", ())


def test_the_reading_an_agency_adopted_comes_first_and_decides_nothing() -> None:
    adoption = Adoption("q", "narrow", AGENCY.id, DAY, "the chief")
    law = library(*TWO_READINGS.norms, definitions=TWO_READINGS.definitions, adoptions=(adoption,))
    facts: dict[str, FactValue] = {"warrant": True, "served": False}
    found = decide(law, case(facts), "tell")
    assert found.outcome == "ask counsel"
    assert (found.readings[0].outcome, found.readings[0].adopted) == ("may", (adoption,))
    assert not any(r.adopted for r in decide(law, case(facts, on=DAY - timedelta(days=1)), "tell").readings)


def test_a_norm_under_a_reading_exists_only_under_it() -> None:
    law = library(norm("rule", "must", "copy", reading=WIDE))
    stack = bind(law, AGENCY)
    era = stack.at(DAY)
    of = era.by_action["copy"]
    assert [evaluate(of, era, case(), {"q": a}).applies for a in ("wide", "narrow")] == [(YES,), (NO,)]
    assert evaluate(of, era, case(), {}).applies == (UNKNOWN,)


# -- lists ------------------------------------------------------------------------------------------------------------


FELONY = Fact("felony", True)


def rows(*felonies: bool | None, complete: bool = True) -> Rows:
    return Rows(tuple({"felony": f} for f in felonies), complete)


@pytest.mark.parametrize(
    ("convictions", "some", "every", "two"),
    [
        (rows(), NO, YES, NO),
        (rows(complete=False), UNKNOWN, UNKNOWN, UNKNOWN),
        (None, UNKNOWN, UNKNOWN, UNKNOWN),
        (rows(True), YES, YES, NO),
        (rows(False), NO, NO, NO),
        (rows(None), UNKNOWN, UNKNOWN, NO),
        (rows(True, None), YES, UNKNOWN, UNKNOWN),
        (rows(False, None), UNKNOWN, NO, NO),
        (rows(True, True, False), YES, NO, YES),
        (rows(True, complete=False), YES, UNKNOWN, UNKNOWN),
        (rows(False, complete=False), UNKNOWN, NO, UNKNOWN),
        (rows(True, True, complete=False), YES, UNKNOWN, YES),
    ],
)
def test_an_incomplete_record_proves_no_absence(convictions: Rows | None, some: int, every: int, two: int) -> None:
    asked = case(**({} if convictions is None else {"convictions": convictions}))
    assert holds(Some("convictions", FELONY), asked) == some
    assert holds(Every("convictions", FELONY), asked) == every
    assert holds(AtLeast(2, "convictions", FELONY), asked) == two
    assert holds(AtLeast(1, "convictions", FELONY), asked) == some


def test_one_row_must_meet_the_whole_condition() -> None:
    both = Some("convictions", And((FELONY, Fact("listed", True))))
    split = Rows(({"felony": True, "listed": False}, {"felony": False, "listed": True}), True)
    assert holds(both, case(convictions=split)) == NO


# -- values and days --------------------------------------------------------------------------------------------------


def test_a_fact_that_is_not_known_leaves_every_comparison_open() -> None:
    for condition in (
        WARRANT,
        Not(WARRANT),
        Compare("is", Name("form"), Literal("A")),
        Compare("<", Name("count"), Literal(1)),
        OneOf(Name("form"), ("A", "D", "N")),
        Includes(Name("kinds"), ("hold",)),
        Within(Name("received"), 5, "years", Name("law date")),
        Within(Name("received"), 5, "years", Name("booked")),
        Or((WARRANT, Not(WARRANT))),
    ):
        assert holds(condition, case()) == UNKNOWN


def test_words_numbers_and_sets() -> None:
    asked = case({"form": "A", "kinds": frozenset({"hold"}), "count": 2})
    assert holds(Compare("is", Name("form"), Literal("A")), asked) == YES
    assert holds(OneOf(Name("form"), ("D", "N")), asked) == NO
    assert holds(Includes(Name("kinds"), ("notify", "hold")), asked) == YES
    assert holds(Includes(Name("kinds"), ("notify",)), asked) == NO
    assert holds(Includes(Name("kinds"), ("hold",)), case({"kinds": frozenset()})) == NO
    ops = {"<": (NO, NO, YES), "<=": (NO, YES, YES), ">": (YES, NO, NO), ">=": (YES, YES, NO), "is": (NO, YES, NO)}
    for op, expected in ops.items():
        assert tuple(holds(Compare(op, Name("count"), Literal(n)), asked) for n in (1, 2, 3)) == expected


@pytest.mark.parametrize(
    ("day", "inclusive", "strict"),
    [
        (date(2011, 11, 13), NO, NO),
        (date(2011, 11, 14), YES, NO),
        (date(2011, 11, 15), YES, YES),
        (date(2016, 11, 14), YES, YES),
        (date(2016, 11, 15), NO, NO),
    ],
)
def test_within_five_years_before_takes_in_the_anniversary_unless_strictly(
    day: date, inclusive: int, strict: int
) -> None:
    asked = case({"received": day})
    assert holds(Within(Name("received"), 5, "years", Name("law date")), asked) == inclusive
    assert holds(Within(Name("received"), 5, "years", Name("law date"), strict=True), asked) == strict


@pytest.mark.parametrize(("day", "expected"), [(-1, NO), (0, YES), (30, YES), (31, NO)])
def test_within_thirty_days_after(day: int, expected: int) -> None:
    asked = case({"received": DAY + timedelta(days=day)})
    assert holds(Within(Name("received"), 30, "days", Name("law date"), after=True), asked) == expected


def test_strictly_within_a_year_after_leaves_out_the_anniversary() -> None:
    window = Within(Name("received"), 1, "years", Name("law date"), after=True, strict=True)
    for day, expected in ((date(2017, 11, 13), YES), (date(2017, 11, 14), NO), (DAY, YES)):
        assert holds(window, case({"received": day})) == expected


def test_five_years_before_a_leap_day_end_on_the_28th() -> None:
    asked = case({"received": date(2011, 2, 28)}, on=date(2016, 2, 29))
    window = Within(Name("received"), 5, "years", Name("law date"))
    assert holds(window, asked) == YES
    assert holds(window, asked.with_values({"received": date(2011, 2, 27)})) == NO


def test_a_moment_and_a_day_meet_on_the_moments_own_calendar_day() -> None:
    west = timezone(timedelta(hours=-8))
    late = datetime(2016, 11, 14, 23, 0, tzinfo=west)  # already 15 November in universal time
    asked = case({"booked": late, "received": DAY})
    assert holds(Compare("is", Name("booked"), Name("received")), asked) == YES
    assert holds(Compare("is", Name("booked"), Literal(DAY)), asked) == YES
    assert holds(Within(Name("booked"), 1, "days", Name("law date")), asked) == YES


def test_two_moments_meet_at_the_instant() -> None:
    west, east = timezone(timedelta(hours=-8)), timezone(timedelta(hours=9))
    asked = case(
        {"booked": datetime(2016, 11, 14, 17, 0, tzinfo=west), "released": datetime(2016, 11, 15, 10, tzinfo=east)}
    )
    assert holds(Compare("is", Name("booked"), Name("released")), asked) == YES
    assert holds(Compare("<", Name("booked"), Name("released")), asked) == NO


# -- what is missing --------------------------------------------------------------------------------------------------


def missing(law: Library, asked: Case, action: str = "tell") -> list[str]:
    return [str(m) for m in decide(law, asked, action).missing]


def test_only_facts_that_can_still_matter_are_asked_for() -> None:
    law = library(norm("rule", "must not", "tell", when=And((WARRANT, SERVED))))
    assert missing(law, case()) == ["warrant", "served"]
    assert missing(law, case({"warrant": True})) == ["served"]
    assert missing(law, case({"warrant": False})) == []


def test_a_fact_behind_a_beaten_norm_is_not_asked_for() -> None:
    law = library(norm("state", "must not"), norm("city", "may", rung="city ordinance", when=WARRANT))
    assert (outcome(law), missing(law, case(), "hold")) == ("must not", [])


def test_the_row_and_the_rest_of_the_record_are_named() -> None:
    law = library(norm("rule", "must not", "tell", when=Some("convictions", FELONY)))
    assert missing(law, case(convictions=rows(False, None))) == ["convictions 2: felony"]
    assert missing(law, case(convictions=rows(False, complete=False))) == ["convictions: all of them?"]
    assert missing(law, case()) == ["convictions: all of them?"]


def test_what_comes_out_the_same_whatever_the_fact_is_is_said_beside_the_question() -> None:
    law = library(norm("rule", "must not", "tell", when=Or((And((WARRANT, SERVED)), And((Not(WARRANT), SERVED))))))
    found = decide(law, case({"served": True}), "tell")
    assert (found.outcome, [str(m) for m in found.missing], found.decided_anyway) == (
        "need a fact",
        ["warrant"],
        "must not",
    )


# -- laws of every library --------------------------------------------------------------------------------------------


def speaking(law: Library, asked: Case) -> tuple[Stack, Era]:
    stack = bind(law, asked.agency)
    try:
        return stack, stack.at(asked.law_date or DAY)
    except ComityError:
        assume(False)
        raise


def every_question(stack: Stack, era: Era) -> Iterator[tuple[ActionLaw, dict[str, str]]]:
    for law in era.actions:
        yield law, {}
        if law.questions:
            for readings in reading_choices(law, stack):
                yield law, readings


def refines(more: Evaluation, less: Evaluation) -> None:
    """Whoever knows more may settle what was open, and never takes back what was settled."""
    for better, worse in ((more.applies, less.applies), (more.wins, less.wins)):
        assert all(a in (b, YES, NO) and b in (a, UNKNOWN) for a, b in zip(better, worse, strict=True))
    pairs = [(more.standing, less.standing), *((a, b) for (_, a), (_, b) in zip(more.layers, less.layers, strict=True))]
    for known, open_ in pairs:
        assert set(known.possible) <= set(open_.possible)
        assert not open_.settled or known.settled == open_.settled


@st.composite
def forgetting(draw: st.DrawFn) -> tuple[Case, Case]:
    """A case, and the same case with some facts forgotten and some lists no longer known to be complete."""
    full = draw(cases())
    gone = draw(st.frozensets(st.sampled_from(sorted(full.values))))
    lists = {}
    for name, of in full.lists.items():
        kept = []
        for row in of.rows:
            lost = draw(st.frozensets(st.sampled_from(sorted(row))))
            kept.append({k: None if k in lost else v for k, v in row.items()})
        complete = of.complete and draw(st.booleans())
        # A row may be forgotten altogether once the list is not called complete.
        while kept and not complete and draw(st.booleans()):
            kept.pop(draw(st.integers(0, len(kept) - 1)))
        lists[name] = Rows(tuple(kept), complete)
    return full, full.with_values(dict.fromkeys(gone)).with_lists(lists)


@MANY
@given(libraries(), forgetting())
def test_knowing_less_never_flips_a_firm_answer(law: Library, pair: tuple[Case, Case]) -> None:
    full, less = pair
    stack, era = speaking(law, full)
    for of, readings in every_question(stack, era):
        refines(evaluate(of, era, full, readings), evaluate(of, era, less, readings))


@MANY
@given(libraries(), cases())
def test_choosing_a_reading_never_contradicts_what_held_under_all(law: Library, asked: Case) -> None:
    stack, era = speaking(law, asked)
    for of, readings in every_question(stack, era):
        refines(evaluate(of, era, asked, readings), evaluate(of, era, asked, {}))


@MANY
@given(
    libraries(), cases(), st.fixed_dictionaries({"felony": st.booleans(), "listed": st.none(), "date": st.just(DAY)})
)
def test_another_row_of_an_incomplete_list_never_contradicts(law: Library, asked: Case, row: dict[str, Any]) -> None:
    stack, era = speaking(law, asked)
    before = asked.lists.get("convictions", Rows())
    open_ = asked.with_lists({"convictions": Rows(before.rows, False)})
    longer = asked.with_lists({"convictions": Rows((*before.rows, row), False)})
    for of, readings in every_question(stack, era):
        refines(evaluate(of, era, longer, readings), evaluate(of, era, open_, readings))


@MANY
@given(libraries(), cases(), st.randoms(use_true_random=False))
def test_the_order_in_which_norms_are_written_changes_nothing(law: Library, asked: Case, random: Any) -> None:
    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(items, len(items)))

    other = library(
        *shuffled(law.norms),
        definitions=shuffled(law.definitions),
        orders=shuffled(law.orders),
        preemptions=shuffled(law.preemptions),
    )
    stack, era = speaking(law, asked)
    changed, changed_era = speaking(other, asked)
    for of, readings in every_question(stack, era):
        other_law = changed_era.by_action[of.action]
        theirs = evaluate(other_law, changed_era, asked, readings)
        assert _by_id(of, evaluate(of, era, asked, readings)) == _by_id(other_law, theirs)
        assert set(of.questions) == set(other_law.questions)
    for action in era.by_action:
        mine = verdict(era.by_action[action], stack, era, asked)
        yours = verdict(changed_era.by_action[action], changed, changed_era, asked)
        assert (mine.outcome, mine.reason, set(mine.missing)) == (yours.outcome, yours.reason, set(yours.missing))


def _by_id(law: ActionLaw, found: Evaluation) -> tuple[Any, ...]:
    norms = {n.id: (a, w) for n, a, w in zip(law.norms, found.applies, found.wins, strict=True)}
    return norms, found.standing, dict(found.layers)


@MANY
@given(libraries(readings=False), forgetting(), st.randoms(use_true_random=False))
def test_answering_everything_that_is_missing_settles_the_action(
    law: Library, pair: tuple[Case, Case], random: Any
) -> None:
    _, asked = pair
    _, era = speaking(law, asked)
    for of in era.actions:
        found = evaluate(of, era, asked, {})
        facts = culprits(of, found, Scene(asked, era.definitions, {}))
        answered = evaluate(of, era, _answered(asked, facts, random), {})
        refines(answered, found)
        assert answered.standing.settled
        assert UNKNOWN not in answered.wins


@MANY
@given(libraries(readings=False), forgetting(), st.randoms(use_true_random=False))
def test_facts_that_are_not_asked_for_change_nothing(law: Library, pair: tuple[Case, Case], random: Any) -> None:
    _, asked = pair
    _, era = speaking(law, asked)
    for of in era.actions:
        found = evaluate(of, era, asked, {})
        listed = set(culprits(of, found, Scene(asked, era.definitions, {})))
        others = [f for f in _unknown(asked) if f not in listed]
        answered = evaluate(of, era, _answered(asked, others, random), {})
        assert (answered.wins, answered.standing) == (found.wins, found.standing)


@MANY
@given(libraries(readings=False), forgetting(), st.randoms(use_true_random=False))
def test_a_verdict_asks_for_facts_of_this_case_and_no_other_fact_alone_settles_it(
    law: Library, pair: tuple[Case, Case], random: Any
) -> None:
    _, asked = pair
    stack, era = speaking(law, asked)
    for of in era.actions:
        found = verdict(of, stack, era, asked)
        if found.outcome != "need a fact":
            assert found.missing == ()
            continue
        assert found.missing
        everything = _unknown(asked)
        assert set(found.missing) <= set(everything)
        for other in everything:
            if other not in found.missing and not found.decided_anyway:
                answered = evaluate(of, era, _answered(asked, [other], random), {})
                assert not answered.standing.settled, other
        # With every fact answered it is settled, to one of the outcomes named before.
        settled = {evaluate(of, era, _answered(asked, everything, random), {}).standing.settled for _ in range(3)}
        assert "" not in settled
        if found.decided_anyway:
            assert {"ask counsel" if word == "conflict" else word for word in settled} == {found.decided_anyway}
        assert settled <= set(found.possible)


_ANSWERS: dict[str, tuple[FactValue, ...]] = {
    "form": ("A", "D", "N"),
    "kinds": (frozenset(), frozenset({"hold"}), frozenset({"notify", "transfer"})),
    "count": (0, 1, 2, 3),
    "bail": (0, 5_000_000_000),
    "booked": (datetime(2016, 11, 14, 17, tzinfo=UTC), datetime(2011, 11, 14, 1, tzinfo=UTC)),
    "grade": ("felony", "misdemeanor"),
    "categories": (frozenset(), frozenset({"F"}), frozenset({"P"})),
}
_ANSWERS["released"] = _ANSWERS["booked"]
_ANSWERS |= dict.fromkeys(("received", "date", "filed"), (DAY, TOMORROW, date(2011, 11, 14), date(2016, 2, 29)))
_ANSWERS |= dict.fromkeys(("warrant", "served", "felony", "listed", "dropped"), (True, False))


def _unknown(asked: Case) -> list[MissingFact]:
    found = [
        MissingFact("", -1, f) for f in ("warrant", "served", *(n for n in asked.values)) if asked.values.get(f) is None
    ]
    for name in ("convictions", "charges"):
        of = asked.lists.get(name, Rows())
        for number, row in enumerate(of.rows):
            found += [MissingFact(name, number, f) for f, value in row.items() if value is None]
        if not of.complete:
            found.append(MissingFact(name, -1, ""))
    return list(dict.fromkeys(found))


def _answered(asked: Case, facts: list[MissingFact], random: Any) -> Case:
    for fact in facts:
        if not fact.list:
            asked = asked.with_values({fact.name: random.choice(_ANSWERS[fact.name])})
            continue
        of = asked.lists.get(fact.list, Rows())
        if fact.row < 0:
            asked = asked.with_lists({fact.list: Rows(of.rows, True)})
        else:
            rows_ = list(of.rows)
            rows_[fact.row] = {**rows_[fact.row], fact.name: random.choice(_ANSWERS[fact.name])}
            asked = asked.with_lists({fact.list: Rows(tuple(rows_), of.complete)})
    return asked


@given(*[st.integers(0, 2)] * 5, st.sampled_from(["open", "no power", "duty", "silent"]))
def test_some_outcome_always_comes_out_and_a_firm_one_alone(
    must: int, must_not: int, may: int, power: int, conflict: int, closure: str
) -> None:
    found = settle(must, must_not, may, power, conflict, closure)
    assert found.possible
    assert found.settled == (found.possible[0] if len(found.possible) == 1 else "")


def test_always_holds() -> None:
    assert holds(ALWAYS, case()) == YES
    assert holds(Or(()), case()) == NO
