"""``comity review``: each kind of finding in a tiny library that has it and in one that does not.

Every case that a finding names is decided by the one-case engine, which shares nothing with the solver.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

pytest.importorskip("z3")

import comity
from comity.api import PACKAGED
from comity.case import Case
from comity.cli.main import cli
from comity.decide.interpret import evaluate
from comity.decide.verdict import reading_choices
from comity.language.read import library_files, read_library
from comity.policy.library import Library
from comity.policy.stack import restricted_law
from comity.problems import ComityError
from comity.prove.laws import Laws
from comity.prove.review.benches import Benches
from comity.prove.review.findings import (
    CONFLICT,
    DEFEATED,
    GAP,
    KINDS,
    LEAP_DAY,
    NEVER_DECIDES,
    NEVER_FIRES,
    STALE,
    UNDECIDED,
    WEAK,
)
from comity.prove.review.idle import dead_norms
from comity.proving.referee import Referee
from comity.proving.reviewing import Example, Review, Told, review
from comity.truth import YES
from tests.random_law import cases, libraries
from tests.tiny_law import BASE, block, source

POLICE = "us/xx/town/police"


def library_of(*files: bytes) -> Library:
    return read_library({**BASE, **{f"f{i}.md": f for i, f in enumerate(files)}})


def reviewed(*files: bytes) -> Review:
    return review(library_of(*files))


def of_kind(found: Review, kind: str) -> list[Told]:
    assert not [t.finding.says for t in found.told if t.finding.kind == UNDECIDED]
    return [t for t in found.told if t.finding.kind == kind]


def one(found: Review, kind: str) -> Told:
    (told,) = of_kind(found, kind)
    return told


def outcome(library: Library, example: Example | None) -> str:
    """What the one-case engine says of an example."""
    assert example is not None
    answer = comity.Library(library).decide(example.case)
    return str(answer.action(example.action.replace(" ", "_")).outcome)


MAY = block("§ 1", "agency may notify release", "when judge signed")
MUST_NOT = block("§ 2", "agency must not notify release")

# -- conflicts ---------------------------------------------------------------------------------------------------------


def test_a_conflict_is_told_with_a_case() -> None:
    files = source(MAY, MUST_NOT)
    told = one(reviewed(files), CONFLICT)
    assert not told.finding.declared
    assert (told.finding.cite, told.finding.span and told.finding.span.line) == ("us/xx/act § 2", 16)
    assert "inside state law, it forbids 'notify release' and us/xx/act § 1 (f0.md:11) permits it" in told.finding.says
    assert told.finding.agencies == ("us/xx/town/police", "us/xx/county/sheriff")
    assert outcome(library_of(files), told.example) == "ask counsel"
    assert told.example is not None
    assert told.example.case.values == {"judge signed": True}


def test_a_rule_between_two_norms_is_no_conflict() -> None:
    may = block("§ 1", "agency may notify release", "when judge signed", "despite § 2")
    assert of_kind(reviewed(source(may, MUST_NOT)), CONFLICT) == []


def test_norms_that_never_meet_are_no_conflict() -> None:
    must_not = block("§ 2", "agency must not notify release", "except when judge signed")
    assert of_kind(reviewed(source(MAY, must_not)), CONFLICT) == []


def declared(*clauses: str) -> str:
    return block("", "counsel is asked", "agency us/xx/town/police, us/xx/county/sheriff", *clauses, kind="check")


def test_a_declared_conflict_is_marked() -> None:
    claim = declared("whenever judge signed", "then always ask counsel notify release")
    told = one(reviewed(source(MAY, MUST_NOT, claim)), CONFLICT)
    assert told.finding.declared
    assert "'counsel is asked'" in told.finding.means


def test_a_conflict_declared_in_part_is_told_with_what_is_left() -> None:
    claim = declared("whenever judge signed and judge court is state", "then always ask counsel notify release")
    told = one(reviewed(source(MAY, MUST_NOT, claim)), CONFLICT)
    assert not told.finding.declared
    assert told.example is not None
    assert told.example.case.values == {"judge signed": True, "judge court": "federal"}


# -- gaps --------------------------------------------------------------------------------------------------------------


def test_a_gap_is_told_by_action_with_a_silent_case() -> None:
    files = source(MAY, force="always")
    gaps = {t.finding.action: t for t in of_kind(reviewed(files), GAP)}
    assert gaps["notify release"].finding.says == "'notify release': none in some cases in 2 agencies"
    assert outcome(library_of(files), gaps["notify release"].example) == "may"
    assert gaps["hold past release"].finding.says.endswith("no norm of this library is about it")
    assert "'must not'" in gaps["hold past release"].finding.means


def test_a_norm_for_one_agency_leaves_the_other_without_any() -> None:
    norm = block("§ 1", "agency must not notify release", "in force from 2020-01-01")
    says = {t.finding.action: t.finding.says for t in of_kind(reviewed(source(norm, binds="us/xx/town/police")), GAP)}
    assert says["notify release"] == "'notify release': no norm at all in 1 agency, none for a time in 1 agency"


def test_where_some_norm_always_speaks_there_is_no_gap() -> None:
    always = source(MUST_NOT, force="always")
    assert "notify release" not in [t.finding.action for t in of_kind(reviewed(always), GAP)]


# -- norms that never matter -------------------------------------------------------------------------------------------

SERIOUS = "any conviction where grade is felony and date is before 2000-01-01"


@pytest.mark.parametrize(
    "when",
    [
        "when form is I-247A and form is I-247D",
        "when requests this year is more than 5 and requests this year is less than 3",
        # Lists and dates: no number of convictions makes it hold.
        "when (any conviction where grade is felony) and (every conviction where grade is misdemeanor)",
        f"when ({SERIOUS}) and (every conviction where date is on or after 2001-01-01)",
    ],
)
def test_a_norm_that_never_fires_is_told(when: str) -> None:
    told = one(reviewed(source(block("§ 1", "agency may notify release", when))), NEVER_FIRES)
    assert (told.finding.cite, told.example) == ("us/xx/act § 1", None)


@pytest.mark.parametrize(
    "when",
    [
        "when form is I-247A",
        "when at least 3 conviction where grade is felony",
        f"when ({SERIOUS}) and (any conviction where date is on or after 2001-01-01)",
    ],
)
def test_a_norm_that_can_fire_is_not(when: str) -> None:
    assert of_kind(reviewed(source(block("§ 1", "agency may notify release", when))), NEVER_FIRES) == []


def test_a_norm_for_agencies_that_no_list_names_is_tried_before_such_an_agency() -> None:
    here = source(MAY, id="us/yy/act", binds="us/yy only sheriff")
    nobody = source(MAY, id="us/zz/act", binds="us/xx/town/police only sheriff")
    assert of_kind(reviewed(here), NEVER_FIRES) == []
    assert "binds no agency" in one(reviewed(nobody), NEVER_FIRES).finding.says


def test_a_norm_that_is_always_defeated_is_told() -> None:
    state = source(MUST_NOT)
    city = source(MAY, id="us/xx/code", authority="city ordinance")
    told = one(reviewed(state, city), DEFEATED)
    assert told.finding.cite == "us/xx/code § 1"
    assert "us/xx/act § 2 beats it each time" in told.finding.says
    assert outcome(library_of(state, city), told.example) == "must not"


def test_a_norm_that_wins_in_some_case_is_not() -> None:
    state = source(block("§ 2", "agency must not notify release", "except when form is I-247A"))
    assert of_kind(reviewed(state, source(MAY, id="us/xx/code", authority="city ordinance")), DEFEATED) == []


def test_a_norm_that_says_what_another_says_never_decides() -> None:
    state = source(MUST_NOT)
    city = source(
        block("§ 3", "agency must not notify release", "when judge signed"), id="us/xx/c", authority="city ordinance"
    )
    told = of_kind(reviewed(state, city), NEVER_DECIDES)
    assert [t.finding.cite for t in told] == ["us/xx/c § 3"]
    assert told[0].finding.means == "Each time another norm says the same: us/xx/act § 2."


def test_a_permission_of_what_silence_allows_never_decides() -> None:
    assert one(reviewed(source(MAY)), NEVER_DECIDES).finding.means == "Silence says the same."
    power = source(block("§ 1", "agency may hold past release", "when judge signed"))
    assert of_kind(reviewed(power), NEVER_DECIDES) == []


# -- 29 February -------------------------------------------------------------------------------------------------------


IN_FIVE_YEARS = "any conviction where date is within 5 years before law date"


def within(text: str, *clauses: str, force: str = "from 2018-01-01") -> bytes:
    when = f"when any conviction where date is {text}"
    return source(block("§ 1", "agency must not notify release", when, *clauses), force=force)


def test_a_window_that_turns_on_29_february_is_told_with_its_dates() -> None:
    files = within("within 5 years before law date")
    told = one(reviewed(files), LEAP_DAY)
    assert told.example is not None
    assert (told.example.outcome, told.example.otherwise) == ("must not", "may")
    case = told.example.case
    assert case.law_date is not None
    assert (case.law_date.month, case.law_date.day) == (2, 29)
    (row,) = case.lists["convictions"].rows
    assert row["date"] == date(case.law_date.year - 5, 2, 28)
    assert outcome(library_of(files), told.example) == "must not"
    # A day earlier is outside under both ways of counting: the day itself is what turns.
    lists = {
        "convictions": type(case.lists["convictions"])(({**row, "date": date(case.law_date.year - 5, 2, 27)},), True)
    }
    earlier = comity.Library(library_of(files)).decide(case.with_lists(lists))
    assert earlier.action("notify_release").outcome == "may"


@pytest.mark.parametrize(
    "file",
    [
        # No 29 February in the window of the law.
        within("within 5 years before law date", force="from 2017-01-01 until 2019-01-01"),
        # Four years before a 29 February there is one.
        within("within 4 years before law date", force="from 2008-01-01"),
        within("within 1826 days before law date"),
        # The window never decides.
        source(MUST_NOT, block("§ 1", "agency must not notify release", f"when {IN_FIVE_YEARS}")),
    ],
)
def test_a_window_that_does_not_is_not(file: bytes) -> None:
    assert of_kind(reviewed(file), LEAP_DAY) == []


def test_months_turn_too() -> None:
    told = one(reviewed(within("within 18 months before received")), LEAP_DAY)
    assert told.example is not None
    assert told.example.case.values["received"] is not None


# -- Kleene against case analysis ------------------------------------------------------------------------------------


def test_a_fact_that_changes_nothing_and_is_asked_for_is_told() -> None:
    files = source(
        block("§ 1", "agency must notify release", "when judge signed"),
        block("§ 2", "agency must notify release", "when not judge signed"),
    )
    told = one(reviewed(files), WEAK)
    example = told.example
    assert example is not None
    assert (example.unknown, example.outcome) == ("judge signed", "must")
    library = library_of(files)
    assert outcome(library, example) == "need a fact"
    for value in (True, False):
        answer = comity.Library(library).decide(example.case.with_values({"judge signed": value}))
        assert answer.action("notify_release").outcome == "must"


def test_a_word_of_several_counts_too() -> None:
    files = source(
        block("§ 1", "agency must notify release", "when form is one of I-247A, I-247N"),
        block("§ 2", "agency must notify release", "when form is I-247D"),
    )
    told = one(reviewed(files), WEAK)
    assert told.example is not None
    assert told.example.unknown == "form"
    two = source(block("§ 1", "agency must notify release", "when form is one of I-247A, I-247N"))
    assert of_kind(reviewed(two), WEAK) == []


def test_rows_do_not_hide_it() -> None:
    felony = "any conviction where grade is felony"
    files = source(
        block("§ 1", "agency must notify release", f"when judge signed and {felony}"),
        block("§ 2", "agency must notify release", f"when not judge signed and {felony}"),
    )
    told = one(reviewed(files), WEAK)
    assert told.example is not None
    assert outcome(library_of(files), told.example) == "need a fact"


def test_a_fact_that_decides_is_not() -> None:
    files = source(MAY, block("§ 2", "agency must notify release", "when not judge signed"))
    assert of_kind(reviewed(files), WEAK) == []


# -- what is not in force ----------------------------------------------------------------------------------------------

DEFINED = block("§ 9", "the case counts as urgent", "when judge signed", "in force from 2020-01-01", kind="definition")


def test_a_definition_without_a_version_is_told() -> None:
    told = one(reviewed(source(DEFINED, block("§ 1", "agency must notify release", "when urgent"))), STALE)
    assert "has no version in force from 2018-01-01 until 2020-01-01" in told.finding.says
    in_time = block("§ 1", "agency must notify release", "when urgent", "in force from 2020-01-01")
    assert of_kind(reviewed(source(DEFINED, in_time)), STALE) == []


def test_a_despite_of_law_that_is_gone_is_told() -> None:
    gone = block("§ 2", "agency must not notify release", "in force from 2018-01-01 until 2019-01-01")
    now = ["agency may notify release", "despite § 2"]
    told = one(reviewed(source(gone, block("§ 1", *now, "in force from 2019-01-01"))), STALE)
    assert "'despite' names us/xx/act § 2, in force from 2018-01-01 until 2019-01-01" in told.finding.says
    assert of_kind(reviewed(source(gone, block("§ 1", *now))), STALE) == []


def test_an_order_about_law_that_is_not_in_force_is_told() -> None:
    def ordered(days: str) -> bytes:
        return source(MAY, block("A v. B", "suspends § 1", f"in force {days}", "because of reasons", kind="order"))

    told = one(reviewed(ordered("from 2010-01-01 until 2011-01-01")), STALE)
    assert told.finding.cite == "A v. B"
    assert of_kind(reviewed(ordered("from 2018-01-01 until 2019-01-01")), STALE) == []


def test_a_preemption_that_meets_nothing_is_told() -> None:
    def displaced(days: str) -> list[bytes]:
        clause = block("Clause", "us/xx/act displaces us/xx/code", f"in force {days}", kind="preemption")
        return [source(MAY, clause), source(MUST_NOT, id="us/xx/code", authority="city ordinance")]

    assert one(reviewed(*displaced("from 2010-01-01 until 2011-01-01")), STALE).finding.cite.endswith("Clause")
    assert of_kind(reviewed(*displaced("from 2018-01-01")), STALE) == []


def test_an_adoption_that_no_norm_reads_is_told() -> None:
    question = "```question who decides\nWho decides?\n- the board\n- the sheriff\n```"

    def adopted(norm_until: str) -> bytes:
        norm = block("§ 1", "agency may notify release", norm_until, "under reading who decides: the board")
        clause = block(
            "Order", "us/xx/county/sheriff reads who decides as the sheriff", "since 2024-01-01", "by the Sheriff",
            kind="adoption",
        )  # fmt: skip
        return source(question, norm, clause)

    told = one(reviewed(adopted("in force from 2018-01-01 until 2020-01-01")), STALE)
    assert told.finding.agencies == ("us/xx/county/sheriff",)
    assert of_kind(reviewed(adopted("in force from 2018-01-01")), STALE) == []


# -- the prover underneath ---------------------------------------------------------------------------------------------


def test_one_condition_asked_of_two_lists_is_read_in_each() -> None:
    words = BASE["words.md"].replace(
        b"```facts conviction", b"```facts request\ncharges : list of charge\n    ask Which charges?\n```\n\n"
        b"```facts charge\ngrade : one of felony, misdemeanor\n    ask Which grade?\n```\n\n```facts conviction"
    )  # fmt: skip
    felon = "(any conviction where grade is felony)"
    charged = "(any charge where grade is misdemeanor) and (every charge where not grade is felony)"
    norm = block("§ 1", "agency must notify release", f"when {felon} and {charged}")
    library = read_library({**BASE, "words.md": words, "f.md": source(norm)})
    assert of_kind(review(library), NEVER_FIRES) == []


@pytest.mark.slow
@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(libraries(), st.lists(cases(), min_size=10, max_size=20))
def test_no_random_case_shows_more_than_the_review_says(law: Library, tried: list[Case]) -> None:
    library = replace(law, coverage=())
    try:
        found = review(library, seconds=0.5)
    except ComityError:
        return  # Norms that beat each other in a circle.
    # The solver may give up; what it finds must be confirmed.
    assert [t.finding for t in found.told if "does not confirm" in t.finding.means] == []
    kinds = {
        t.finding.cite: t.finding.kind for t in found.told if t.finding.kind in (NEVER_FIRES, DEFEATED, NEVER_DECIDES)
    }
    referee = Referee(library)
    for case in tried:
        for action in ("hold", "tell", "copy"):
            stack, era, law_ = referee.law(case, action)
            for readings in reading_choices(law_, stack):
                seen = evaluate(law_, era, case, readings)
                for i, norm in enumerate(law_.norms):
                    kind = kinds.get(norm.cite)
                    assert kind != NEVER_FIRES or seen.applies[i] != YES
                    assert kind != DEFEATED or seen.wins[i] != YES
                    if kind == NEVER_DECIDES:
                        without = evaluate(restricted_law(law_, lambda j, i=i: j != i), era, case, readings)
                        both = {seen.standing.settled, without.standing.settled} - {""}
                        assert len(both) < 2


# -- the command -------------------------------------------------------------------------------------------------------


def folder_of(tmp_path: Path, *files: bytes) -> str:
    for name, text in {**BASE, **{f"f{i}.md": f for i, f in enumerate(files)}}.items():
        (tmp_path / name).write_bytes(text)
    return str(tmp_path)


def test_the_command_tells_and_ends_with_0(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["review", folder_of(tmp_path, source(MAY, MUST_NOT))])
    assert result.exit_code == 0, result.output
    assert "conflict: norms that can contradict each other" in result.output
    assert "f0.md:16 us/xx/act § 2" in result.output
    assert "2 agencies looked over" in result.output


def test_the_json_counts_each_kind(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, source(MAY, MUST_NOT))
    result = CliRunner().invoke(cli, ["review", folder, "--agency", POLICE, "--json"])
    assert result.exit_code == 0, result.output
    data = json.loads(result.output)
    assert set(data["counts"]) == set(KINDS)
    assert data["counts"]["conflict"] == 1
    (conflict,) = [f for f in data["findings"] if f["kind"] == "conflict"]
    assert conflict["agencies"] == [POLICE]
    assert conflict["example"]["law_date"] == "2018-01-01"
    assert conflict["in_force"] == [{"agency": POLICE, "window": "from 2018-01-01"}]


def test_an_agency_that_is_none_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["review", folder_of(tmp_path, source(MAY)), "--agency", "us/xx/town/polise"])
    assert result.exception is not None
    assert "CM782" in repr(getattr(result.exception, "problems", ""))


def test_a_case_the_engine_does_not_confirm_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.proving.reviewing._Scout._shows", lambda *_: False)
    found = reviewed(source(MAY, MUST_NOT))
    assert not [t for t in found.told if t.example is not None]
    assert any(t.finding.kind == UNDECIDED for t in found.told)


# -- the packaged law --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_no_norm_of_the_packaged_law_is_dead() -> None:
    library = read_library(library_files(PACKAGED))
    benches = Benches(Laws(library), [a.id for a in library.agencies])
    assert [n.id for n in dead_norms(benches)] == []


@pytest.mark.slow
def test_the_review_of_one_agency_of_the_packaged_law_is_confirmed() -> None:
    library = read_library(library_files(PACKAGED))
    found = review(library, ["us/ny/new-york-city/doc"])
    assert found.counts()[UNDECIDED] == 0
    assert found.counts()[NEVER_FIRES] == 0
    told = [t for t in found.told if t.finding.kind == LEAP_DAY]
    assert told
    referee = Referee(library)
    for example in (t.example for t in told):
        assert example is not None
        _, era, law = referee.law(example.case, example.action)
        settled = evaluate(law, era, example.case, dict(example.readings)).standing.settled
        assert settled == example.outcome
