"""Proofs are true, and counter-examples break what they say they break: checked by the one-case engine alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations_with_replacement, product
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from comity.api import PACKAGED
from comity.calendar import Window, shift
from comity.case import Case, FactValue, Rows, case_of_check, counting, counts
from comity.decide.interpret import evaluate
from comity.decide.verdict import reading_choices
from comity.language.read import library_files, read_library
from comity.policy.claims import (
    Answered,
    Claim,
    Ended,
    NeverLooser,
    NoConflict,
    SameAs,
    Says,
    Stated,
    Unchanged,
)
from comity.policy.expressions import (
    ALWAYS,
    And,
    AtLeast,
    Defined,
    Every,
    Expression,
    Fact,
    Name,
    Not,
    Or,
    Some,
    Within,
)
from comity.policy.facts import LAW_DATE, FactType, FactWord, Vocabulary
from comity.policy.library import Library
from comity.policy.norms import Clock, DefinitionVersion, Norm, ReadingOf
from comity.problems import ComityError
from tests import random_law

z3 = pytest.importorskip("z3")

from comity.prove.bound import Bound, rows_needed
from comity.prove.claims import Prover
from comity.prove.days import code_of, open_day, plain_day, within
from comity.prove.formula import Formulas, Readings
from comity.prove.laws import Laws
from comity.prove.outcomes import Outcomes
from comity.prove.world import World
from comity.proving.comparing import compare
from comity.proving.counterexamples import counter_example
from comity.proving.parties import Party
from comity.proving.proofs import proofs
from comity.proving.referee import Referee

QUICK = {"deadline": None, "suppress_health_check": list(HealthCheck)}
DAY = random_law.DAY
AGENCIES = (random_law.AGENCY, random_law.SHERIFF)
ACTIONS = ("hold", "tell", "copy")
OUTCOMES = ("must not", "must", "may", "ask counsel", "not due")


# Every kind of claim about random law


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    action = draw(st.sampled_from(ACTIONS))
    some = draw(st.sampled_from(((action,), ACTIONS)))
    says: Says = draw(
        st.one_of(
            st.builds(Stated, st.booleans(), st.sampled_from(OUTCOMES), st.just(action)),
            st.builds(Stated, st.booleans(), st.sampled_from(OUTCOMES), st.just(action), st.sampled_from(ACTIONS)),
            st.just(Unchanged(("warrant",), some)),
            st.just(Unchanged(("form", "served"), some)),
            st.builds(NeverLooser, st.sampled_from(("federal", "state", "local")), st.just(some)),
            st.just(NoConflict(some)),
            st.just(Answered(some)),
            st.just(Ended(action)),
            st.just(SameAs(DAY, some)),
        )
    )
    whenever = draw(st.one_of(st.just(ALWAYS), random_law.conditions(defined=False)))
    window = draw(st.sampled_from((Window(), Window(DAY, DAY + timedelta(days=1)))))
    agencies = draw(st.sampled_from((("us/xx/town/police",), ("us/xx/town/police", "us/yy/sheriff"))))
    return Claim("a claim", agencies, says, whenever, window)


@st.composite
def complete_cases(draw: st.DrawFn) -> Case:
    """A case of which everything is known, and whose entries count."""
    case = draw(random_law.cases())
    other = draw(random_law.cases())
    values: dict[str, FactValue] = {}
    for name, default in DEFAULTS.items():
        value = case.values.get(name)
        value = other.values.get(name) if value is None else value
        values[name] = default if value is None else value
    lists = {}
    for name, fields in ROW_DEFAULTS.items():
        rows = case.lists.get(name, Rows()).rows
        full = [{f: d if row.get(f) is None else row[f] for f, d in fields.items()} for row in rows]
        lists[name] = Rows(tuple(row for row in full if counts(row, case.law_date)), True)
    return Case(case.agency, case.law_date, values, lists)


DEFAULTS: dict[str, FactValue] = {
    "warrant": False,
    "served": True,
    "form": "A",
    "kinds": frozenset({"hold"}),
    "count": 1,
    "bail": 5_000_000_000,
    "received": DAY,
    "booked": random_law._MOMENTS[0],
    "released": random_law._MOMENTS[1],
}
ROW_DEFAULTS: dict[str, dict[str, FactValue]] = {
    "convictions": {
        "felony": True,
        "listed": False,
        "date": date(2012, 1, 1),
        "grade": "felony",
        "categories": frozenset({"P"}),
    },
    "charges": {"dropped": False, "filed": date(2016, 1, 1)},
}


def judged(library: Library, claim: Claim, cases: list[Case]) -> None:
    """Prove a claim; a proof no case breaks, and a counter-example the one-case engine confirms."""
    try:
        found = Prover(library, seconds=10).prove(claim)
    except ComityError as error:
        assume(not any(p.code == "CM304" for p in error.problems))  # norms that beat each other in a circle
        raise
    referee = Referee(library)
    if found.status == "undecided":
        # Windows of days, months and years between five open dates can take the solver long; it then says so.
        assert {why for _, _, why in found.undecided} <= {"timeout", "canceled"}
        return
    if found.broken:
        shown = counter_example(found.broken[0], claim, referee, Referee.quick(library))
        assert shown is not None
        assert shown.confirmed == ("the one-case engine", "the columnar engine")
        return
    for case in cases:
        for action in actions_of(claim):
            for readings in all_readings(library):
                for changed in changes(claim, cases):
                    assert referee.breaks(claim, case, action, readings, changed) is None


def actions_of(claim: Claim) -> tuple[str, ...]:
    says = claim.says
    return (says.action,) if isinstance(says, Stated | Ended) else says.actions


def all_readings(library: Library) -> Iterator[dict[str, str]]:
    names = [q.name for q in library.vocabulary.questions]
    for answers in product(*(q.answers for q in library.vocabulary.questions)):
        yield dict(zip(names, answers, strict=True))


def changes(claim: Claim, cases: list[Case]) -> Iterator[dict[str, FactValue] | None]:
    if not isinstance(claim.says, Unchanged):
        yield None
        return
    for case in cases[:3]:
        yield {name: case.values.get(name) for name in claim.says.facts}


@given(random_law.libraries(), claims(), st.lists(complete_cases(), min_size=3, max_size=6))
@settings(max_examples=25, **QUICK)
def test_claims_about_random_law(library: Library, claim: Claim, cases: list[Case]) -> None:
    judged(library, claim, cases)


@pytest.mark.slow
@given(random_law.libraries(), claims(), st.lists(complete_cases(), min_size=3, max_size=6))
@settings(max_examples=150, **QUICK)
def test_claims_about_much_random_law(library: Library, claim: Claim, cases: list[Case]) -> None:
    judged(library, claim, cases)


@pytest.mark.soak
@given(random_law.libraries(), claims(), st.lists(complete_cases(), min_size=3, max_size=6))
@settings(max_examples=3_000, **QUICK)
def test_claims_about_random_law_for_long(library: Library, claim: Claim, cases: list[Case]) -> None:
    judged(library, claim, cases)


@given(random_law.libraries(), st.lists(random_law.cases(), min_size=4, max_size=8))
@settings(max_examples=10, **QUICK)
def test_nothing_changes_also_where_facts_are_unknown(library: Library, cases: list[Case]) -> None:
    judged(library, Claim("", tuple(a.id for a in AGENCIES), Unchanged(("warrant",), ACTIONS)), cases)


# Formulas pinned to one case


def pin(world: World, case: Case, solver: Any) -> None:
    """Give every variable that was made the value it has in the case."""
    for place in world._touched():
        row = case.lists[place.list].rows[place.row] if place.list else case.values
        value = row.get(place.name)
        solver.add(world.known(place) == (value is not None))
        if value is None:
            continue
        match world.word(place).type.kind:
            case "yes/no":
                solver.add(world.yes(place) == value)
            case "date" | "moment":
                assert isinstance(value, date)
                day = world.day(place)
                solver.add(day.year == value.year, day.month == value.month, day.day == value.day)
                if isinstance(value, datetime):
                    solver.add(world.instant(place) == minutes(value))
            case "some of":
                assert isinstance(value, frozenset)
                solver.add([held == (word in value) for word, held in world._members[place].items()])
            case "one of" | "text" | "offence":
                solver.add([held == (word == value) for word, held in world._members[place].items()])
            case _:
                solver.add(world.number(place) == value)
    for (list_, row), exists in world._exists.items():
        solver.add(exists == (row < len(case.lists[list_].rows)))
    for list_, whole in world._complete.items():
        solver.add(whole == case.lists[list_].complete)


def minutes(moment: datetime) -> int:
    since = moment.astimezone(UTC) - datetime(1, 1, 1, tzinfo=UTC)
    return (since.days + 1) * 24 * 60 + since.seconds // 60


def whole_minutes(value: FactValue) -> FactValue:
    """The prover tells moments apart by the minute."""
    return value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value


def same_as_the_interpreter(library: Library, case: Case) -> None:
    values = {n: whole_minutes(v) for n, v in case.values.items()}
    lists = {n: case.lists.get(n, Rows()) for n in ("convictions", "charges")}
    case = Case(case.agency, case.law_date, values, lists)
    assert case.law_date is not None
    case = counting(case)
    laws = Laws(library)
    try:
        stack = laws.stack(case.agency.id)
        era = stack.at(case.law_date)
    except ComityError as error:
        assume(not any(p.code == "CM304" for p in error.problems))
        raise
    world = World(
        library.vocabulary,
        {n: len(r.rows) for n, r in case.lists.items()},
        three_valued=True,
        law_date=case.law_date,
    )
    for law in era.actions:
        for choice in ({}, *reading_choices(law, stack)):
            readings = Readings.fixed(choice) if choice else Readings(laws.answers)
            outcomes = Outcomes(laws.opened(era, law.action), Formulas(world, readings))
            settled, wins = outcomes.settled, [(w.yes, w.no) for w in outcomes.wins]
            solver = z3.Solver()
            pin(world, case, solver)
            solver.add(*world.rules())
            if not choice:  # every question left open
                solver.add([z3.Not(read) for q in law.questions for read in readings._variables(q).values()])
            assert solver.check() == z3.sat
            model = solver.model()
            told = evaluate(law, era, case, choice)
            ranks = [2 if z3.is_true(model.eval(yes)) else 0 if z3.is_true(model.eval(no)) else 1 for yes, no in wins]
            assert tuple(ranks) == told.wins, law.action
            words = [w for w, formula in settled.items() if z3.is_true(model.eval(formula, model_completion=True))]
            assert words == ([told.standing.settled] if told.standing.settled else []), law.action


@given(random_law.libraries(), random_law.cases())
@settings(max_examples=30, **QUICK)
def test_formulas_pinned_to_a_case_say_what_the_interpreter_says(library: Library, case: Case) -> None:
    same_as_the_interpreter(library, case)


@pytest.mark.slow
@given(random_law.libraries(), random_law.cases())
@settings(max_examples=400, **QUICK)
def test_formulas_pinned_to_many_cases_say_what_the_interpreter_says(library: Library, case: Case) -> None:
    same_as_the_interpreter(library, case)


@pytest.mark.slow
def test_formulas_say_what_the_interpreter_says_of_every_example_of_the_library() -> None:
    library = read_library(library_files(PACKAGED))
    laws = Laws(library)
    tried = 0
    for check in library.checks:
        for trial in check.trials:
            case = case_of_check(check, trial.on, library)
            records = library.vocabulary.records().values()
            case = case.with_lists({n: case.lists.get(n, Rows()) for n in records})
            stack = laws.stack(case.agency.id)
            era = stack.at(trial.on)
            rows = {n: len(r.rows) for n, r in case.lists.items()}
            world = World(library.vocabulary, rows, three_valued=True, law_date=trial.on)
            for action in dict.fromkeys(e.action for e in trial.expected):
                law = era.by_action[action]
                choice = {q: stack.questions[q].answers[0] for q in law.questions}
                outcomes = Outcomes(laws.opened(era, action), Formulas(world, Readings.fixed(choice)))
                settled = outcomes.settled
                solver = z3.Solver()
                pin(world, case, solver)
                solver.add(*world.rules())
                assert solver.check() == z3.sat, (check.title, trial.on, action)
                model = solver.model()
                words = [w for w, f in settled.items() if z3.is_true(model.eval(f, model_completion=True))]
                told = evaluate(law, era, case, choice).standing.settled
                assert words == ([told] if told else []), (check.title, trial.on, action)
                tried += 1
    assert tried > 1_000


# Small law, and every case there is

SMALL = Vocabulary(
    facts=(
        FactWord("a", "request", FactType("yes/no")),
        FactWord("b", "request", FactType("yes/no")),
        FactWord("rows", "person", FactType("list", record="row")),
        FactWord("p", "row", FactType("yes/no")),
        FactWord("q", "row", FactType("yes/no")),
    ),
    actions=random_law.VOCABULARY.actions,
    questions=random_law.VOCABULARY.questions,
)
P, Q, A, B = Fact("p", True), Fact("q", True), Fact("a"), Fact("b")
_rows = st.sampled_from((P, Q, And((P, Q)), Or((P, Q)), Not(P), And((P, Not(Q))), And((P, A)), Or((Q, Not(B)))))
_quantified = st.one_of(
    st.builds(Some, st.just("rows"), _rows),
    st.builds(Every, st.just("rows"), _rows),
    st.builds(AtLeast, st.sampled_from((1, 2, 3)), st.just("rows"), _rows),
)
_leaf = st.one_of(st.sampled_from((A, B, Not(A))), _quantified, _quantified)
_small = st.one_of(
    _leaf,
    st.builds(lambda x, y: And((x, y)), _leaf, _leaf),
    st.builds(lambda x, y: Or((x, Not(y))), _leaf, _leaf),
)


@st.composite
def small_libraries(draw: st.DrawFn) -> Library:
    norms = []
    for n in range(draw(st.integers(1, 4))):
        norms.append(
            Norm(
                f"n{n}",
                random_law.INSTRUMENTS[draw(st.integers(1, 5))].id,
                f"§ {n}",
                f"Act § {n}",
                "agency",
                draw(st.sampled_from(("must not", "may", "must"))),
                "hold",
                Window(),
                draw(_small),
                tuple(draw(st.lists(_small, max_size=1))),
                reading=draw(st.sampled_from(random_law._READINGS[:11])),
            )
        )
    return replace(
        Library(
            "test", "0" * 64, (), SMALL, random_law.LADDER, (("police", ()),), random_law.INSTRUMENTS, tuple(norms),
            (), (), (), (), (random_law.AGENCY,), (),
        ),
        norms=tuple(n for n in norms),
    )  # fmt: skip


def every_small_case(most_rows: int) -> Iterator[Case]:
    """Every case of the small vocabulary with up to so many rows; their order cannot matter."""
    kinds = [{"p": p, "q": q} for p, q in product((False, True), repeat=2)]
    for a, b in product((False, True), repeat=2):
        for size in range(most_rows + 1):
            for rows in combinations_with_replacement(range(4), size):
                held = Rows(tuple(kinds[i] for i in rows), True)
                yield Case(random_law.AGENCY, DAY, {"a": a, "b": b}, {"rows": held})


def by_brute_force(library: Library, claim: Claim, most_rows: int) -> bool:
    referee = Referee.quick(library)
    return not any(
        referee.breaks(claim, case, "hold", readings)
        for case in every_small_case(most_rows)
        for readings in all_readings(library)
    )


def small_claims() -> st.SearchStrategy[Claim]:
    says = st.one_of(
        st.builds(Stated, st.booleans(), st.sampled_from(OUTCOMES), st.just("hold")),
        st.just(NoConflict(("hold",))),
        st.just(NeverLooser("state", ("hold",))),
    )
    return st.builds(
        Claim, st.just("small"), st.just((random_law.AGENCY.id,)), says, st.one_of(st.just(ALWAYS), _small)
    )


def brute(library: Library, claim: Claim) -> None:
    found = Prover(library, seconds=20).prove(claim)
    # Five rows: as many as the quantifiers of such a library can tell apart, and never fewer than a proof used.
    most = max([5, *found.rows.values()]) if found.status == "proved" else 5
    assert (found.status == "proved") == by_brute_force(library, claim, min(most, 7))


@given(small_libraries(), small_claims())
@settings(max_examples=8, **QUICK)
def test_proofs_are_what_trying_every_case_says(library: Library, claim: Claim) -> None:
    brute(library, claim)


@pytest.mark.slow
@given(small_libraries(), small_claims())
@settings(max_examples=80, **QUICK)
def test_proofs_are_what_trying_every_case_says_of_more_law(library: Library, claim: Claim) -> None:
    brute(library, claim)


# Rows


def test_rows_that_suffice_are_counted_per_list_and_quantifier() -> None:
    some, every, three = Some("rows", P), Every("rows", Q), AtLeast(3, "rows", Q)
    other = Some("others", P)
    assert rows_needed([And((some, Not(every))), Or((some, three, other))]) == {"rows": 5, "others": 1}
    assert str(Bound()) == "whatever the lists hold"
    assert str(Bound((("rows", 1), ("others", 3)))) == (
        "for any number of rows (1 row suffices) and for any number of others (3 rows suffice)"
    )


def small(*conditions: Expression, effect: str = "may") -> Library:
    norms = tuple(
        Norm(f"n{n}", random_law.INSTRUMENTS[2].id, f"§ {n}", f"Act § {n}", "agency", effect, "hold", Window(), c)
        for n, c in enumerate(conditions)
    )
    return Library(
        "test", "0" * 64, (), SMALL, random_law.LADDER, (("police", ()),), random_law.INSTRUMENTS, norms,
        (), (), (), (), (random_law.AGENCY,), (),
    )  # fmt: skip


def test_three_rows_are_needed_and_two_are_not_taken_for_a_proof() -> None:
    # Three rows that meet p, of which one at least fails q: two rows cannot show it.
    library = small(And((AtLeast(3, "rows", P), Not(Every("rows", Q)))), effect="must not")
    claim = Claim("", (random_law.AGENCY.id,), Stated(False, "must not", "tell"), ALWAYS)
    telling = replace(library, norms=tuple(replace(n, action="tell") for n in library.norms))
    found = Prover(telling).prove(claim)
    assert found.status == "broken"
    shown = counter_example(found.broken[0], claim, Referee(telling), Referee.quick(telling))
    assert shown is not None
    assert len(shown.case.lists["rows"].rows) == 3


def test_a_field_of_two_lists_is_not_one_fact() -> None:
    """ "serious" of a conviction and "serious" of a charge are one expression and two facts."""
    vocabulary = replace(
        SMALL,
        facts=(
            *SMALL.facts,
            FactWord("others", "person", FactType("list", record="other")),
            FactWord("p", "other", FactType("yes/no")),
        ),
    )
    library = replace(small(And((Some("rows", P), Not(Some("others", P)))), effect="must not"), vocabulary=vocabulary)
    library = replace(library, norms=tuple(replace(n, action="tell") for n in library.norms))
    claim = Claim("", (random_law.AGENCY.id,), Stated(False, "must not", "tell"))
    found = Prover(library).prove(claim)
    assert found.status == "broken"
    shown = counter_example(found.broken[0], claim, Referee(library), Referee.quick(library))
    assert shown is not None


def test_a_time_limit_is_never_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(z3.Solver, "check", lambda self, *more: z3.unknown)
    monkeypatch.setattr(z3.Solver, "reason_unknown", lambda self: "timeout")
    found = Prover(small(A)).prove(Claim("", (random_law.AGENCY.id,), Stated(False, "must", "hold")))
    assert found.status == "undecided"
    assert found.undecided[0][2] == "timeout"


# Days


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.dates(date(1920, 1, 1), date(2079, 12, 31)),
    st.integers(0, 20),
    st.sampled_from(("years", "months", "days")),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_windows_are_those_of_the_calendar(
    day: date, anchor: date, amount: int, unit: str, after: bool, strict: bool
) -> None:
    far = shift(anchor, amount if after else -amount, unit)
    inside = anchor <= day and (day < far if strict else day <= far)
    if not after:
        inside = day <= anchor and (far < day if strict else far <= day)
    opened = [open_day("day"), open_day("anchor")]
    solver = z3.Solver()
    for (one, rules), known in zip(opened, (day, anchor), strict=True):
        solver.add(*rules, one.year == known.year, one.month == known.month, one.day == known.day)
        solver.add(one.code == code_of(known), one.number == known.toordinal())
    symbolic = within(opened[0][0], opened[1][0], amount, unit, after=after, strict=strict)
    known = within(plain_day(day), plain_day(anchor), amount, unit, after=after, strict=strict)
    solver.add(symbolic == inside, known == inside)
    assert solver.check() == z3.sat


def test_the_29th_of_february_is_found_where_it_matters() -> None:
    """Five years to the day is never fewer than five years, but for the day that some years lack."""
    vocabulary = replace(SMALL, facts=(*SMALL.facts, FactWord("when", "request", FactType("date"))))
    five = Within(Name("when"), 5, "years", Name(LAW_DATE))
    library = replace(small(five), vocabulary=vocabulary)
    exactly = [Within(Name("when"), days, "days", Name(LAW_DATE)) for days in (1827, 1826)]
    window = Window(date(2016, 2, 29), date(2016, 3, 1))
    whenever = And((exactly[0], Not(exactly[1])))
    found = Prover(library).prove(Claim("", (random_law.AGENCY.id,), Stated(False, "may", "hold"), whenever, window))
    assert found.status == "broken"
    world, model = found.broken[0].found.puzzle.world, found.broken[0].found.model
    assert world.values_in(model)["when"] == date(2011, 2, 28)


# Versions of the law


def test_agencies_and_days_of_one_law_are_one_version() -> None:
    library = small(A, B)
    later = replace(library.norms[1], window=Window(DAY, None))
    laws = Laws(replace(library, norms=(library.norms[0], later)))
    versions = laws.versions([random_law.AGENCY.id], Window(), ["hold"])
    assert [[str(s.window) for s in v.stretches] for v in versions] == [["until 2016-11-14"], ["from 2016-11-14"]]
    assert laws.versions([random_law.AGENCY.id], Window(), ["tell"])[0].stretches[0].window == Window()


# Conflicts that are declared


def test_a_conflict_is_excused_where_it_is_declared_and_nowhere_else() -> None:
    must, must_not = (
        Norm(f"n{n}", random_law.INSTRUMENTS[2].id, f"§ {n}", f"Act § {n}", "agency", effect, "hold", Window(), A)
        for n, effect in enumerate(("must", "must not"))
    )
    library = replace(small(A), norms=(must, must_not), agencies=AGENCIES)
    free = Claim("", tuple(a.id for a in AGENCIES), NoConflict(("hold",)))
    assert Prover(library).prove(free).status == "broken"

    def declared(*agencies: str, window: Window) -> str:
        known = Claim("", agencies, Stated(True, "ask counsel", "hold"), A, window)
        found = Prover(replace(library, claims=(known,))).prove(free)
        if found.broken:
            referee = Referee(replace(library, claims=(known,)))
            shown = counter_example(found.broken[0], free, referee, Referee.quick(referee.library))
            assert shown is not None
            assert shown.case.agency.id not in agencies or shown.case.law_date not in window
        return found.status

    assert declared(*free.agencies, window=Window()) == "proved"
    assert declared(AGENCIES[0].id, window=Window()) == "broken"
    assert declared(*free.agencies, window=Window(None, DAY)) == "broken"


def test_the_same_as_on_another_day_counts_look_backs_from_one_day() -> None:
    vocabulary = replace(SMALL, facts=(*SMALL.facts, FactWord("when", "request", FactType("date"))))
    five = Within(Name("when"), 5, "years", Name(LAW_DATE))
    norms = (
        replace(small(five).norms[0], window=Window(None, DAY)),
        replace(small(And((five, Not(Not(five))))).norms[0], id="m0", window=Window(DAY, None)),
    )
    library = replace(small(five), vocabulary=vocabulary, norms=norms)
    window = Window(DAY, DAY + timedelta(days=1))
    same = Claim("", (random_law.AGENCY.id,), SameAs(DAY - timedelta(days=1), ("hold",)), window=window)
    assert Prover(library).prove(same).status == "proved"
    four = replace(norms[1], when=Within(Name("when"), 4, "years", Name(LAW_DATE)))
    changed = replace(library, norms=(norms[0], four))
    found = Prover(changed).prove(same)
    shown = counter_example(found.broken[0], same, Referee(changed), Referee.quick(changed))
    assert shown is not None
    assert (shown.shown.above, shown.shown.outcome) == ("may", "must not")


# What a reviewer broke, and does not break again


def definition(name: str, when: Expression, reading: ReadingOf | None) -> DefinitionVersion:
    return DefinitionVersion(name, "row", random_law.INSTRUMENTS[2].id, "Act § 9", Window(), when, (), reading)


def test_each_reading_of_a_row_may_need_a_row_of_its_own() -> None:
    bad = Some("rows", Defined("bad", True))
    versions = (definition("bad", P, ReadingOf("q", "wide")), definition("bad", Q, ReadingOf("q", "narrow")))
    library = replace(small(bad, effect="must not"), definitions=versions)
    library = replace(library, norms=tuple(replace(n, action="tell") for n in library.norms))
    claim = Claim("", (random_law.AGENCY.id,), Stated(False, "must not", "tell"))
    found = Prover(library).prove(claim)
    assert found.status == "broken"
    shown = counter_example(found.broken[0], claim, Referee(library), Referee.quick(library))
    assert shown is not None
    assert shown.shown.outcome == "must not"


def test_a_row_before_the_change_and_a_row_after_it() -> None:
    # One row meets the condition while a is yes, another while it is no: with one row "whenever" could not hold twice.
    whenever = Some("rows", Or((And((A, P)), And((Not(A), Q, Not(P))))))
    claim = Claim("", (random_law.AGENCY.id,), Unchanged(("a",), ("hold",)), whenever)
    library = small(A)
    found = Prover(library).prove(claim)
    assert found.status == "broken"
    assert counter_example(found.broken[0], claim, Referee(library), Referee.quick(library)) is not None


def test_at_least_none_holds_without_a_row() -> None:
    both = And((Every("rows", P), AtLeast(0, "rows", Not(P))))
    library = small(both, effect="must not")
    library = replace(library, norms=tuple(replace(n, action="tell") for n in library.norms))
    claim = Claim("", (random_law.AGENCY.id,), Stated(False, "must not", "tell"))
    assert Prover(library).prove(claim).status == "broken"


def test_a_claim_about_no_case_is_not_called_proved() -> None:
    library = small(A)
    empty = Claim("", (random_law.AGENCY.id,), Stated(True, "must", "hold"), And((A, Not(A))))
    late = Claim("", (random_law.AGENCY.id,), Stated(True, "must", "hold"), ALWAYS, Window(date(2150, 1, 1), None))
    for claim in (empty, late):
        assert Prover(library).prove(claim).status == "proved"
        (proof,) = proofs(library, [claim], 10)
        assert (proof.status, proof.why) == (
            "undecided",
            "no case is one that the claim is about, so it says nothing",
        )


def sides(one: Library, other: Library, days: tuple[date, date] = (DAY, DAY)) -> Any:
    agency = random_law.AGENCY
    return compare(Party(one, agency, days[0], "one"), Party(other, agency, days[1], "other"), ["hold"], 10)


def test_a_question_with_another_reading_is_not_the_same_law() -> None:
    law = small(A)
    law = replace(law, norms=tuple(replace(n, reading=ReadingOf("q", "wide")) for n in law.norms))
    question = replace(SMALL.questions[0], answers=("wide", "narrow", "neither"))
    other = replace(law, vocabulary=replace(SMALL, questions=(question, *SMALL.questions[1:])))
    found = sides(law, other)
    assert found.undecided
    assert "the question 'q' has other readings on the two sides" in found.actions[0].undecided


def test_a_longer_clock_is_not_the_same_law() -> None:
    law = small(A)
    clock = Clock("hours", 48, "a", "48 hours from a")
    short = replace(law, norms=tuple(replace(n, clocks=(clock,)) for n in law.norms))
    long = replace(law, norms=tuple(replace(n, clocks=(replace(clock, text="480 hours from a"),)) for n in law.norms))
    found = sides(short, long)
    assert not found.identical
    assert found.actions[0].clocks == ("Act § 0: clock: 48 hours from a → 480 hours from a",)
    assert sides(short, replace(short)).identical


def test_days_far_apart_do_not_hide_a_look_back() -> None:
    vocabulary = replace(
        SMALL,
        facts=(*SMALL.facts, FactWord("date", "row", FactType("date"))),
    )
    early, late = date(2017, 1, 1), date(2024, 1, 1)
    five = Some("rows", Within(Name("date", True), 5, "years", Name(LAW_DATE)))
    before = replace(small(And((A, Not(A)))).norms[0], window=Window(None, late))
    after = replace(small(five).norms[0], id="later", window=Window(late, None))
    library = replace(small(A), vocabulary=vocabulary, norms=(before, after))
    agency = random_law.AGENCY
    found = compare(Party(library, agency, early), Party(library, agency, late), ["hold"], 10)
    assert not found.identical
    (example,) = found.actions[0].examples
    assert (example.before, example.after, example.looked_at) == ("must not", "may", late)
