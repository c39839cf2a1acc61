"""The figures of an audit: each is checked against counting the cases one by one, in any order and in any parts."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import comity
from comity.audit.counts.examples import MOST, Examples
from comity.audit.counts.factnames import FactNames
from comity.audit.counts.holds import PAST, CountedHours, Holds
from comity.audit.counts.versions import versions
from comity.audit.judgement import Judged, Judgement, LawVersion
from comity.audit.quality import Quality
from comity.audit.summary import Summary
from comity.audit.tables import NO_DAY, NO_NUMBER, CaseTable, Column, ListTable
from comity.audit.verdicts import may_be_contrary, verdict
from comity.calendar import Window, counted_deadline, holidays_between
from comity.policy.library import Library
from comity.policy.stack import Stack, bind

HOLD, NOTIFY = "hold past release", "notify release"
LAPD, TRAVIS = "us/ca/los-angeles/lapd", "us/tx/travis-county/sheriff"
EPOCH = date(1970, 1, 1)
DECIDED = ("must", "must not", "may", "not due")


@cache
def law() -> Library:
    return comity.load().law


def days(day: date) -> int:
    return (day - EPOCH).days


def moment(text: str) -> int:
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def moments(values: Sequence[int]) -> Column:
    return Column("moment", np.array(values, np.int64), np.zeros(len(values), np.int16))


@cache
def bound(agency: str) -> Stack:
    return bind(law(), law().agency_table()[agency])


@cache
def eras(agency: str) -> tuple[Window, ...]:
    edges = bound(agency).edges
    return (Window(None, edges[0]), *(bound(agency).at(e).window for e in edges))


def era_of(agency: str, day: date) -> LawVersion:
    return LawVersion(agency, next(w for w in eras(agency) if day in w))


#: (agency, law date or None, judgement of the hold, judgement of the notice, recorded hold, recorded notice)
Plain = tuple[str, date | None, Judgement, Judgement, int, int]


def judged(
    cases: Sequence[Plain], numbers: Sequence[int] | None = None, *, of: Judged | None = None, told: bool = True
) -> Judged:
    """A stretch of hand-made cases; ``of`` continues an audit, so that codes go on where it stopped."""
    laws = list(of.laws) if of else []
    judgements = {a: list(of.judgements[a]) if of else [] for a in (HOLD, NOTIFY)}
    law_codes, codes = [], {HOLD: [], NOTIFY: []}
    for agency, day, hold, notify, *_ in cases:
        version = LawVersion(agency, None) if day is None else era_of(agency, day)
        laws += [] if version in laws else [version]
        law_codes.append(laws.index(version))
        for action, judgement in ((HOLD, hold), (NOTIFY, notify)):
            judgements[action] += [] if judgement in judgements[action] else [judgement]
            codes[action].append(judgements[action].index(judgement))
    agencies = tuple(sorted({c[0] for c in cases}))
    table = CaseTable(
        ids=pa.array([f"B-{n}" for n in range(len(cases))]),
        numbers=np.array(range(1, len(cases) + 1) if numbers is None else numbers, np.int64),
        agencies=agencies,
        agency=np.array([agencies.index(c[0]) for c in cases], np.int32),
        law_date=np.array([NO_DAY if c[1] is None else days(c[1]) for c in cases], np.int32),
        recorded={HOLD: np.array([c[4] for c in cases], np.uint8), NOTIFY: np.array([c[5] for c in cases], np.uint8)}
        if told
        else {},
    )
    return Judged(
        table,
        laws,
        np.array(law_codes, np.int32),
        judgements,
        {action: np.array(found, np.int32) for action, found in codes.items()},
    )


def summary_of(*parts: Judged, actions: list[str] | None = None) -> Summary:
    stacks = {agency: bound(agency) for agency in (LAPD, TRAVIS)}
    summary = Summary(law(), actions, source="invented", synthetic=True, stacks=stacks)
    for part in parts:
        summary.add(part)
    return summary


def figures_of(data: dict[str, Any], action: str) -> dict[str, Any]:
    return next(a for a in data["actions"] if a["action"] == action)


ORDER = "us/ca/los-angeles/detainers-2014#NR14258an"
VALUES = "us/ca/values-act#§ 7284.6(a)(1)(B)"
JUDGEMENTS = (
    Judgement("must not", "", (("department", "must not"),), (ORDER,), (), ("must not",)),
    Judgement("must not", "", (("state", "must not"),), (VALUES, ORDER), (), ("must not",)),
    Judgement("must not", "", (), (), (), ("must not",)),
    Judgement("may", "", (("state", "may"),), ("us/8-cfr-287-7#§ 287.7(d)",), (), ("may",)),
    Judgement("must", "", (), ("us/tx/sb4#art. 2.251(a)(1), notice",), (), ("must",)),
    Judgement("need a fact", "", (), (), ("judge signed",), ("must not", "may")),
    Judgement("need a fact", "", (), (), ("judge signed", "convictions: date"), ("must", "may")),
    Judgement("need a fact", "", (), (), ("convictions: all of them?", "judge signed"), ("may", "not due")),
    Judgement("ask counsel", "conflict", (), (), (), ("conflict",)),
    Judgement("ask counsel", "judgement", (), (), ("power to hold without a mandate",), ("may", "must not")),
    Judgement("ask counsel", "readings", (), (), (), ("must not", "may")),
    Judgement("not due", "", (), (), (), ("not due",)),
)

plain_cases = st.lists(
    st.tuples(
        st.sampled_from([LAPD, TRAVIS]),
        st.one_of(st.none(), st.dates(date(2013, 6, 1), date(2018, 6, 1))),
        st.sampled_from(JUDGEMENTS),
        st.sampled_from(JUDGEMENTS),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    max_size=60,
)


def standing_of(case: Plain) -> str:
    agency, day = case[0], case[1]
    if day is None:
        return "undated"
    coverage = bound(agency).coverage
    return "held" if coverage is not None and day in coverage.window else "not held"


def check_against_counting(data: dict[str, Any], cases: Sequence[Plain], numbers: Sequence[int]) -> None:
    """Every figure again, case by case."""
    standings = [standing_of(c) for c in cases]
    assert data["counts"]["cases"] == len(cases)
    assert data["standing"] == {
        "held": standings.count("held"),
        "not_held": standings.count("not held"),
        "undated": standings.count("undated"),
    }
    assert {a["agency"]: a["cases"] for a in data["agencies"]} == Counter(c[0] for c in cases)
    for action, place in ((HOLD, 2), (NOTIFY, 3)):
        figure = figures_of(data, action)
        of = [(c[place], c[place + 2], s, n, c[1], c[0]) for c, s, n in zip(cases, standings, numbers, strict=True)]
        held = [row for row in of if row[2] == "held"]
        # matrix
        found: dict[tuple[str, str], list[int]] = {}
        for judgement, told, standing, number, *_ in of:
            words = {"held": judgement.outcome, "not held": "law not held", "undated": "no law date"}[standing]
            found.setdefault((words, ("not told", "done", "not done")[told]), []).append(number)
        for cell in figure["matrix"]:
            expected = found.pop((cell["computed"], cell["recorded"]), [])
            assert (cell["cases"], cell["examples"]) == (len(expected), sorted(expected)[:MOST])
        assert not found
        # outcomes, range, funnel
        assert figure["outcomes"] == {o: sum(j.outcome == o for j, *_ in held) for o in figure["outcomes"]}
        against = [n for j, t, _, n, *_ in held if verdict(j.outcome, t) == "contrary"]
        maybe = [n for j, t, _, n, *_ in held if may_be_contrary(j, t)]
        assert figure["contrary"] == {
            "told": sum(t > 0 for _, t, *_ in held),
            "at_least": len(against),
            "at_most": len(against) + len(maybe),
            "examples": sorted(against)[:MOST],
            "open_examples": sorted(maybe)[:MOST],
        }
        decided = [row for row in held if row[0].outcome in DECIDED]
        funnel = {s["step"]: s["cases"] for s in figure["funnel"]}
        assert funnel == {
            "cases": len(cases),
            "law date": sum(s != "undated" for s in standings),
            "law held": len(held),
            "decided": len(decided),
            "recorded": sum(row[1] > 0 for row in decided),
            "consistent": sum(row[1] > 0 for row in decided) - len(against),
            "contrary": len(against),
        }
        # rules
        rules = {(r["norm"], r["outcome"]): r for r in figure["rules"]}
        for norm, outcome in {(w, row[0].outcome) for row in decided for w in row[0].winning or ("",)}:
            with_it = [row for row in decided if row[0].outcome == outcome and norm in (row[0].winning or ("",))]
            contrary = [row[3] for row in with_it if verdict(row[0].outcome, row[1]) == "contrary"]
            rule = rules.pop((norm, outcome))
            assert rule["cases"] == len(with_it)
            assert rule["alone"] == sum(len(row[0].winning) < 2 for row in with_it)
            assert rule["told"] == sum(row[1] > 0 for row in with_it)
            assert (rule["contrary"], rule["contrary_examples"]) == (len(contrary), sorted(contrary)[:MOST])
            assert rule["examples"] == sorted(row[3] for row in with_it)[:MOST]
        assert not rules
        # missing facts
        waiting = [
            (set(j.missing) | ({"law date"} if s == "undated" else set()), n)
            for j, _, s, n, *_ in of
            if s == "undated" or (s == "held" and j.outcome not in DECIDED)
        ]
        assert figure["missing"]["open"] == len(waiting)
        assert figure["missing"]["no_fact"] == sum(not facts for facts, _ in waiting)
        known: set[str] = set()
        for row in figure["missing"]["facts"]:
            known.add(row["fact"])
            assert row["cases"] == sum(row["fact"] in facts for facts, _ in waiting)
            assert row["alone"] == sum(facts == {row["fact"]} for facts, _ in waiting)
            assert row["with_above"] == sum(bool(facts) and facts <= known for facts, _ in waiting)
            assert row["examples"] == sorted(n for facts, n in waiting if row["fact"] in facts)[:MOST]
        assert known == {fact for facts, _ in waiting for fact in facts}
        # months and versions
        by_month = Counter((f"{r[4]:%Y-%m}", r[0].outcome) for r in held)
        told_months: Counter[tuple[str, str]] = Counter()
        for month in figure["months"]:
            told_months.update({(month["month"], o): n for o, n in month["outcomes"].items() if n})
        assert told_months == by_month
        assert sum(m["not_held"] for m in figure["months"]) == standings.count("not held")
        for row in figure["month_examples"]:
            band = [
                r[3]
                for r in of
                if r[4] is not None
                and f"{r[4]:%Y-%m}" == row["month"]
                and (r[0].outcome if r[2] == "held" else "law not held") == row["computed"]
            ]
            assert row["examples"] == sorted(band)[:MOST]
        for version in figure["versions"]:
            window = Window(
                date.fromisoformat(version["from"]) if version["from"] else None,
                date.fromisoformat(version["until"]) if version["until"] else None,
            )
            inside = [r for r in of if r[4] is not None and r[4] in window and r[5] in version["agencies"]]
            assert sum(version["outcomes"].values()) == sum(r[2] == "held" for r in inside)
            assert sum(version["not_held"].values()) == sum(r[2] == "not held" for r in inside)
        dated = sum(s != "undated" for s in standings)
        assert sum(sum(v["outcomes"].values()) + sum(v["not_held"].values()) for v in figure["versions"]) == dated


@given(plain_cases)
@settings(max_examples=30, deadline=None)
def test_every_figure_is_what_counting_the_cases_gives(cases: list[Plain]) -> None:
    data = summary_of(judged(cases)).to_data()
    if cases:
        check_against_counting(data, cases, range(1, len(cases) + 1))
    json.dumps(data, allow_nan=False)


@given(plain_cases, st.integers(0, 60), st.integers(0, 60), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_parts_order_and_workers_change_nothing(cases: list[Plain], a: int, b: int, chance: random.Random) -> None:
    low, high = sorted((a, b))
    numbers = [*range(1, len(cases) + 1)]
    whole = summary_of(judged(cases)).to_data()

    first = judged(cases[:low])
    second = judged(cases[low:high], numbers[low:high], of=first)
    third = judged(cases[high:], numbers[high:], of=second)
    assert summary_of(first, second, third).to_data() == whole

    # Two workers, each with an engine of its own that numbers judgements in its own way, the later part first.
    left = summary_of(judged(cases[high:], numbers[high:]), judged(cases[:low], numbers[:low]))
    right = summary_of(judged(cases[low:high], numbers[low:high]))
    left.merge(right)
    assert left.to_data() == whole

    order = list(zip(cases, numbers, strict=True))
    chance.shuffle(order)
    assert summary_of(judged([c for c, _ in order], [n for _, n in order])).to_data() == whole


def test_a_merged_summary_goes_on_counting() -> None:
    cases: list[Plain] = [
        (LAPD, date(2014, 1, 1) + timedelta(days=n), JUDGEMENTS[n % 12], JUDGEMENTS[n % 5], n % 3, 0)
        for n in range(400)
    ]
    numbers = [*range(1, 401)]
    left, right = summary_of(judged(cases[200:], numbers[200:])), summary_of(judged(cases[100:200], numbers[100:200]))
    left.merge(right)
    left.add(judged(cases[:100], numbers[:100]))
    assert left.to_data() == summary_of(judged(cases)).to_data()


def test_summaries_of_different_audits_do_not_mix() -> None:
    with pytest.raises(ValueError, match="different audits"):
        summary_of(actions=[HOLD]).merge(summary_of())


def test_nothing_read_gives_empty_figures() -> None:
    data = summary_of().to_data()
    assert data["counts"]["cases"] == 0
    assert data["actions"] == []
    assert data["law_dates"] is None
    empty = summary_of(judged([])).to_data()
    assert figures_of(empty, HOLD)["funnel"][-1] == {"step": "contrary", "cases": 0}


def test_chosen_actions_only_by_name_or_id_in_the_order_asked() -> None:
    part = judged([(LAPD, date(2016, 1, 1), JUDGEMENTS[0], JUDGEMENTS[3], 1, 1)])
    assert [a["action"] for a in summary_of(part, actions=["hold_past_release"]).to_data()["actions"]] == [HOLD]
    data = summary_of(part, actions=[NOTIFY, HOLD]).to_data()
    assert data["featured"] == [NOTIFY, HOLD]


def test_actions_with_a_record_are_featured_and_else_the_usual_ones() -> None:
    case: Plain = (LAPD, date(2016, 1, 1), JUDGEMENTS[0], JUDGEMENTS[3], 0, 2)
    assert summary_of(judged([case])).to_data()["featured"] == [NOTIFY, HOLD]
    assert summary_of(judged([case], told=False)).to_data()["featured"] == [HOLD, NOTIFY]


def test_law_before_the_coverage_is_never_counted_as_held() -> None:
    # Texas law is held from 2016-01-01 on, in the middle of an era.
    cases: list[Plain] = [
        (TRAVIS, date(2015, 12, 31), JUDGEMENTS[0], JUDGEMENTS[3], 1, 0),
        (TRAVIS, date(2016, 1, 1), JUDGEMENTS[0], JUDGEMENTS[3], 1, 0),
    ]
    data = summary_of(judged(cases)).to_data()
    assert data["standing"] == {"held": 1, "not_held": 1, "undated": 0}
    figure = figures_of(data, HOLD)
    assert figure["contrary"]["at_least"] == 1
    assert data["agencies"][0]["coverage"]["from"] == "2016-01-01"
    # What the library would say is still told, apart from the rest.
    assert sum(v["not_held"]["must not"] for v in figure["versions"]) == 1


def test_agencies_under_the_same_law_share_its_versions() -> None:
    one, other = "us/ca/oakland/police", "us/ca/san-jose/police"
    cases: list[Plain] = [
        (one, date(2008, 5, 1), JUDGEMENTS[3], JUDGEMENTS[3], 0, 0),
        (one, date(2016, 5, 1), JUDGEMENTS[3], JUDGEMENTS[3], 0, 0),
        (other, date(2012, 5, 1), JUDGEMENTS[3], JUDGEMENTS[3], 0, 0),
    ]
    figure = figures_of(summary_of(judged(cases)).to_data(), NOTIFY)
    assert [(v["agencies"], sum(v["outcomes"].values())) for v in figure["versions"]] == [([one, other], 3)]


def test_an_agency_the_library_does_not_know_is_counted_as_law_not_held() -> None:
    part = judged([(LAPD, date(2016, 5, 1), JUDGEMENTS[3], JUDGEMENTS[3], 1, 0)])
    table = replace(part.table, agencies=("nobody",))
    laws = [LawVersion("nobody", Window(date(2016, 1, 1), None))]
    data = summary_of(replace(part, table=table, laws=laws)).to_data()
    assert data["standing"] == {"held": 0, "not_held": 1, "undated": 0}
    assert (data["agencies"][0]["name"], data["agencies"][0]["coverage"]) == ("nobody", None)
    assert figures_of(data, HOLD)["contrary"]["told"] == 0


def test_versions_of_an_action_are_cut_only_where_its_law_changes() -> None:
    stack = bound(LAPD)
    found = versions(stack, HOLD, date(2008, 1, 1), date(2016, 12, 31))
    assert [v.window.start for v in found][1:4] == [date(2013, 1, 1), date(2014, 1, 1), date(2014, 7, 7)]
    assert any("NR14258an" in words for words in found[3].began)
    assert any("detainer review" in words for words in found[3].ended)
    # Notice of a release: no law of it changed in these years, though other texts did.
    assert len(versions(stack, NOTIFY, date(2008, 1, 1), date(2016, 12, 31))) == 1


def test_verdicts() -> None:
    assert verdict("must not", 1) == "contrary"
    assert verdict("must", 2) == "contrary"
    assert verdict("must not", 2) == verdict("must", 1) == verdict("may", 1) == verdict("not due", 2) == "consistent"
    assert verdict("must not", 0) == ""
    assert verdict("need a fact", 1) == "open"
    assert may_be_contrary(JUDGEMENTS[5], 1)
    assert not may_be_contrary(JUDGEMENTS[5], 2)
    assert may_be_contrary(JUDGEMENTS[6], 2)
    assert not may_be_contrary(JUDGEMENTS[7], 1)
    assert may_be_contrary(JUDGEMENTS[8], 1), "two rules contradict each other: either can be the one broken"
    assert may_be_contrary(Judgement("need a fact"), 1), "an engine that names no possible outcome rules none out"
    assert not may_be_contrary(JUDGEMENTS[0], 1), "already contrary, not counted twice"


def test_unknown_shares_are_measured_in_every_kind_of_column() -> None:
    part = judged([(LAPD, date(2016, 1, 1), JUDGEMENTS[0], JUDGEMENTS[3], 0, 0)] * 4)
    columns = {
        "judge signed": Column("yes/no", np.array([0, 1, 2, 1], np.uint8)),
        "request form": Column("one of", np.array([255, 0, 1, 2], np.uint8)),
        "request kinds": Column("some of", np.array([-1, -1, 0, 3], np.int64)),
        "arrest date": Column("date", np.array([NO_DAY, 0, 1, 2], np.int32)),
        "releasable since": moments([NO_NUMBER, NO_NUMBER, NO_NUMBER, 5]),
    }
    rows = ListTable(
        np.array([0, 1, 1, 2, 2]),
        np.array([True, False, False, True]),
        {"date": Column("date", np.array([NO_DAY, 3], np.int32))},
    )
    table = CaseTable(
        part.table.ids,
        part.table.numbers,
        part.table.agencies,
        part.table.agency,
        part.table.law_date,
        columns,
        {"convictions": rows},
    )
    summary = summary_of(Judged(table, part.laws, part.law, part.judgements, part.actions))
    shares = {row["fact"]: (row["unknown"], row["values"]) for row in summary.to_data()["unknown"]}
    assert shares == {
        "judge signed": (2, 4),
        "request form": (1, 4),
        "request kinds": (2, 4),
        "arrest date": (1, 4),
        "releasable since": (3, 4),
        "convictions: all of them?": (2, 4),
        "convictions: date": (1, 2),
    }


def test_a_missing_fact_tells_whether_there_is_a_column_for_it() -> None:
    part = judged([(LAPD, date(2016, 1, 1), JUDGEMENTS[6], JUDGEMENTS[3], 0, 0)])
    rows = {r["fact"]: r for r in figures_of(summary_of(part).to_data(), HOLD)["missing"]["facts"]}
    assert rows["judge signed"]["column"] is False
    assert rows["judge signed"]["question"].startswith("Has a judge signed")
    assert rows["convictions: date"]["question"].startswith("When was the person convicted?")


GAPS = (
    Judgement("need a fact", "", (), (), ("local law forbids",), ("may", "must not")),
    Judgement("need a fact", "", (), (), ("judge signed", "local law gives power"), ("may", "must not")),
    Judgement("ask counsel", "judgement", (), (), ("local law gives power",), ("may", "must not")),
)


def test_local_law_that_the_library_lacks_is_no_fact_that_the_records_lack() -> None:
    each = (GAPS[0], GAPS[0], GAPS[1], GAPS[2], JUDGEMENTS[5], JUDGEMENTS[6])
    cases: list[Plain] = [(LAPD, date(2016, 1, 1), j, JUDGEMENTS[3], 0, 0) for j in each]
    missing = figures_of(summary_of(judged(cases)).to_data(), HOLD)["missing"]
    assert missing["open"] == 6
    assert [(r["fact"], r["cases"], r["alone"], r["with_above"]) for r in missing["facts"]] == [
        ("judge signed", 3, 1, 2),
        ("convictions: date", 1, 0, 3),
    ]
    assert [(r["fact"], r["cases"], r["alone"], r["examples"]) for r in missing["gaps"]] == [
        ("local law forbids", 2, 2, [1, 2]),
        ("local law gives power", 2, 1, [3, 4]),
    ]
    assert missing["gap_cases"] == 4
    assert missing["gap_only"] == {"need a fact": 2, "ask counsel": 1}
    assert missing["no_fact"] == 0


def test_missing_facts_have_names_that_can_be_read() -> None:
    names = FactNames(law().vocabulary)
    assert [names.words(code) for code in (
        "judge signed", "convictions: all of them?", "charges: held to answer", "convictions: aggravated felony",
        "local law forbids", "law date", "nothing known: of it",
    )] == [
        "judge signed", "whether the list of convictions is complete", "held to answer, of a charge",
        "aggravated felony, of a conviction", "whether local law forbids", "law date",
        "of it, of a row of nothing known",
    ]  # fmt: skip
    assert names.is_gap("local law gives power")
    assert not names.is_gap("judge signed")


def test_an_agency_in_the_place_of_the_mapping_s_own_is_told() -> None:
    for instead, told in (
        (None, None),
        ("", {"agency": "", "name": ""}),
        (TRAVIS, {"agency": TRAVIS, "name": "Travis County Sheriff's Office"}),
    ):
        summary = Summary(law(), None, source="x", synthetic=True, instead_of=instead)
        assert summary.to_data()["instead_of"] == told


def test_what_the_reading_met_is_kept_and_adds_up() -> None:
    summary = summary_of()
    read = Quality(10, 8, {"a date that does not exist": 2}, {"no detainer": 3}, 1, 4, notes={"b": 1})
    summary.note(read, noun="bookings")
    other = summary_of()
    other.note(Quality(5, 5, {"a date that does not exist": 1, "no id": 1}))
    summary.merge(other)
    counts = summary.to_data()["counts"]
    assert counts["records"] == 15
    assert counts["alike"] == 4
    assert counts["rejected"] == [{"what": "a date that does not exist", "times": 3}, {"what": "no id", "times": 1}]
    assert counts["set_aside"] == [{"what": "no detainer", "times": 3}]
    assert summary.to_data()["noun"] == "bookings"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 500)), max_size=200, unique_by=lambda t: t))
@settings(max_examples=30, deadline=None)
def test_examples_are_the_lowest_numbers_whatever_the_order(offers: list[tuple[int, int]]) -> None:
    examples = Examples()
    examples.grow(4)
    for start in range(0, len(offers), 37):
        part = offers[start : start + 37]
        examples.offer(np.array([c for c, _ in part], np.intp), np.array([n for _, n in part], np.int64))
    for cell in range(4):
        assert examples.of(cell) == sorted(n for c, n in offers if c == cell)[:MOST]
    assert examples.of(99) == []


def test_memory_does_not_grow_with_the_cases() -> None:
    block: list[Plain] = [
        (LAPD, date(2014, 1, 1) + timedelta(days=n % 700), JUDGEMENTS[n % 12], JUDGEMENTS[n % 7], n % 3, n % 2)
        for n in range(1000)
    ]
    first = judged(block)
    summary = summary_of(first)

    def size() -> int:
        tally = summary.tallies[HOLD]
        return tally.counts.size + tally.ends.size + len(tally.examples) + len(tally.by_month)

    before = size()
    for part in range(1, 20):
        summary.add(judged(block, range(part * 1000 + 1, part * 1000 + 1001), of=first))
    assert size() == before
    assert summary.to_data()["counts"]["cases"] == 20_000


# Hold lengths

zones = st.sampled_from(["America/Los_Angeles", "America/Chicago", "America/New_York", "America/Phoenix", "UTC"])
starts = st.datetimes(datetime(2007, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
lengths = st.one_of(
    st.integers(0, 240 * 60).map(lambda m: timedelta(minutes=m)),
    st.sampled_from(
        [timedelta(hours=48), timedelta(hours=48, microseconds=1), timedelta(hours=96), timedelta(days=99)]
    ),
)


@given(st.lists(st.tuples(starts, lengths), min_size=1, max_size=8), zones)
@settings(max_examples=40, deadline=None)
def test_holds_past_each_line_agree_with_the_calendar(holds: list[tuple[datetime, timedelta]], zone: str) -> None:
    counted = Holds(law().holidays)
    since = moments([moment(s.isoformat()) for s, _ in holds])
    left = moments([moment((s + d).isoformat()) for s, d in holds])
    counted.add(since, left, None, np.zeros(len(holds), np.intp), [zone], np.arange(1, len(holds) + 1))
    late = dict.fromkeys(PAST, 0)
    for start, length in holds:
        day = start.astimezone(ZoneInfo(zone)).date()
        late["form"] += length > timedelta(hours=48)
        for way, observed in (("regulation", False), ("regulation, observed days too", True)):
            free = holidays_between(law().holidays, day, day + timedelta(days=20), observed=observed)
            late[way] += start + length > counted_deadline(start, 48, free, ZoneInfo(zone))
    assert dict(zip(PAST, counted.past.tolist(), strict=True)) == late
    assert counted.total == len(holds)
    # The curve says the same as the counts, at the line.
    assert counted.total - Holds.within(counted.elapsed, 48) == late["form"]
    assert counted.total - Holds.within(counted.counted, 48) == late["regulation"]


@given(starts, st.integers(0, 100 * 3600), zones, st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_counted_deadline_is_that_of_the_calendar(start: datetime, seconds: int, zone: str, observed: bool) -> None:
    first = start.date() - timedelta(days=2)
    last = start.date() + timedelta(days=40)
    hours = CountedHours(ZoneInfo(zone), law().holidays, first, last, observed=observed)
    length = 3600 * (1 + seconds // 3600)
    free = holidays_between(law().holidays, first, last, observed=observed)
    expected = counted_deadline(start, length // 3600, free, ZoneInfo(zone))
    found = hours.deadline(np.array([moment(start.isoformat())]), length * 1_000_000)
    assert found.tolist() == [moment(expected.isoformat())]


def test_a_long_weekend_by_both_lines() -> None:
    # Friday 30 May 2014, 17:00 in Los Angeles; left on Tuesday 3 June at 16:00: 95 hours, of which 47 are counted.
    holds = Holds(law().holidays)
    since = moments([moment("2014-05-30T17:00-07:00")] * 4)
    left = moments(
        [
            moment("2014-06-03T16:00-07:00"),
            NO_NUMBER,
            moment("2014-05-30T16:59-07:00"),
            moment("2014-06-09T17:00-07:00"),
        ]
    )
    told = np.array([1, 1, 1, 2], np.uint8)
    holds.add(since, left, told, np.zeros(4, np.intp), ["America/Los_Angeles"], np.arange(11, 15))
    assert holds.past.tolist() == [1, 0, 0]
    assert (holds.untimed, holds.refused, holds.reversed, holds.total) == (1, 1, 1, 1)
    assert holds.examples.of(len(PAST)) == [13]
    assert Holds.quantile(holds.elapsed, 0.5) == 95
    assert Holds.quantile(holds.counted, 0.5) == 47


def test_an_observed_holiday_can_be_the_difference() -> None:
    # Saturday 4 July 2015 was observed on Friday the 3rd.  Held from Thursday noon to the next Tuesday, 11:00.
    holds = Holds(law().holidays)
    since, left = moments([moment("2015-07-02T12:00-07:00")]), moments([moment("2015-07-07T11:00-07:00")])
    holds.add(since, left, None, np.zeros(1, np.intp), ["America/Los_Angeles"], np.array([1]))
    assert holds.past.tolist() == [1, 1, 0]


def test_leaving_in_hours_that_do_not_count_is_past_a_deadline_that_has_gone() -> None:
    # 48 counted hours end on Friday at midnight; who leaves on Saturday leaves after it, and the curve says so too.
    holds = Holds(law().holidays)
    since, left = moments([moment("2014-06-05T00:00-07:00")]), moments([moment("2014-06-07T10:00-07:00")])
    holds.add(since, left, None, np.zeros(1, np.intp), ["America/Los_Angeles"], np.array([1]))
    assert holds.past.tolist() == [1, 1, 1]
    assert Holds.within(holds.counted, 48) == 0


def test_a_moment_far_from_the_others_is_counted_too() -> None:
    holds = Holds(law().holidays)
    since = moments([moment("1901-01-01T00:00+00:00"), moment("2014-05-30T17:00-07:00")])
    left = moments([moment("2099-01-01T00:00+00:00"), moment("2014-05-30T18:00-07:00")])
    holds.add(since, left, None, np.zeros(2, np.intp), ["America/Los_Angeles"], np.array([1, 2]))
    assert holds.total == 2
    assert holds.past.tolist() == [1, 1, 1]
    assert Holds.quantile(holds.elapsed, 0.99) is None


def test_hold_lengths_reach_the_figures() -> None:
    part = judged([(LAPD, date(2014, 5, 30), JUDGEMENTS[0], JUDGEMENTS[3], 1, 0)] * 2)
    assert summary_of(part).to_data()["holds"] is None
    start, end = moment("2014-05-30T17:00-07:00"), moment("2014-06-03T16:00-07:00")
    table = CaseTable(
        part.table.ids,
        part.table.numbers,
        part.table.agencies,
        part.table.agency,
        part.table.law_date,
        {"releasable since": moments([start, start])},
        {},
        part.table.recorded,
        {"released": moments([end, end])},
    )
    summary = summary_of(Judged(table, part.laws, part.law, part.judgements, part.actions))
    other = summary_of()
    other.merge(summary)
    data = other.to_data()["holds"]
    assert data["holds"] == 2
    assert data["past"][0] == {"way": "form", "cases": 2, "examples": [1, 2]}
    assert data["curve"][47] == {"hours": 47, "elapsed": 0, "counted": 2}
    assert data["curve"][95] == {"hours": 95, "elapsed": 2, "counted": 2}
