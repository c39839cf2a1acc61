"""One conformance suite for every engine of the audit: interpreter, columns, DuckDB and PySpark give equal judgements.

The interpreter is the one-case engine, case by case; ``judgement_of_case`` below works its answer out once more, from
what the case is decided by.  A table is judged in stretches by engines that keep what they learned.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from comity.api import PACKAGED
from comity.api import Library as Door
from comity.audit import columns as columns_engine
from comity.audit.coding import HashNumbers, distinct_rows
from comity.audit.columns import Columns
from comity.audit.judgement import Engine, Judged, Judgement
from comity.audit.tables import CaseTable, Column
from comity.audit.tabulated import tabulate
from comity.auditing.onecase import OneCase
from comity.case import Case, Rows, case_of_check, counting
from comity.decide.interpret import Scene
from comity.decide.missing import culprits
from comity.decide.verdict import verdict
from comity.language.read import library_files, read_library
from comity.policy.facts import FactType, FactWord
from comity.policy.library import Library
from comity.policy.outcome import ASK_COUNSEL, CONFLICT, MAY, MUST, MUST_NOT, OUTCOMES, SILENT
from comity.policy.stack import Stack, bind
from comity.problems import ComityError
from comity.truth import YES
from tests import random_law
from tests.random_tables import random_table

pytest.importorskip("ibis", reason="the SQL engines need the extra 'warehouse'")
pytest.importorskip("duckdb")

from comity.audit.warehouse import Warehouse

SPARK = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
#: Law dates across the eras of California and Texas.
DAYS = (date(2013, 6, 1), date(2014, 7, 7), date(2016, 11, 14), date(2017, 9, 1), date(2018, 6, 1), date(2026, 1, 1))
PLACES = ("us/ca/los-angeles/lapd", "us/ca/los-angeles-county/sheriff", "us/ca/cdcr", "us/tx/travis-county/sheriff")
LAW_DATES = (random_law.DAY, random_law.LEAP, random_law.DAY + timedelta(days=1))


@cache
def packaged() -> Library:
    return read_library(library_files(PACKAGED))


def door(library: Library) -> Door:
    return Door(library)


# -- what is compared -------------------------------------------------------------------------------------------------


def differences(first: Judged, second: Judged, positions: Sequence[int] | None = None) -> list[str]:
    """The first few cases of which two engines say different things; ``positions``: where those of ``second`` are."""
    found: list[str] = []
    where = np.arange(len(second.table)) if positions is None else np.asarray(positions)
    laws = np.array([first.laws[i] != second.laws[j] for i, j in zip(first.law[where], second.law, strict=True)])
    found += [f"law of case {i}" for i in np.flatnonzero(laws)[:3]]
    for action, mine in first.actions.items():
        numbers: dict[Judgement, int] = {}
        ours, theirs = (
            np.array([numbers.setdefault(j, len(numbers)) for j in one.judgements[action]], np.int64)
            for one in (first, second)
        )
        differ = np.flatnonzero(ours[mine[where]] != theirs[second.actions[action]])
        for i in differ[:2]:
            told = first.judgement(action, int(where[i])), second.judgement(action, int(i))
            found.append(f"{len(differ)} x {action!r}, case {where[i]}: {told[0]} / {told[1]}")
    return found


def judgement_of_case(stack: Stack, case: Case, action: str) -> Judgement:
    """What the one-case engine decides, put as a table puts it."""
    if case.law_date is None:
        return Judgement("need a fact", missing=("law date",))
    era = stack.at(case.law_date)
    law = era.by_action[action]
    found = verdict(law, stack, era, case)
    missing = set()
    for readings, evaluation in found.tried:
        if not evaluation.standing.settled:
            for fact in culprits(law, evaluation, Scene(case, era.definitions, readings)):
                of_row = f"{fact.list}: {fact.name}" if fact.row >= 0 else f"{fact.list}: all of them?"
                missing.add(of_row if fact.list else fact.name)
    wanted = (found.outcome,) if found.outcome in (MUST, MUST_NOT, MAY) else (MUST, MUST_NOT, MAY)
    order = sorted(range(len(law.norms)), key=law.ranks.__getitem__)
    wins = [law.norms[i] for i in order if found.evaluation.wins[i] == YES]
    possible = {ASK_COUNSEL if p == CONFLICT else p for p in found.possible}
    return Judgement(
        found.outcome,
        found.reason,
        found.layers,
        tuple(n.id for n in wins if n.effect in wanted),
        tuple(sorted(missing)),
        tuple(o for o in (*OUTCOMES, SILENT) if o in possible),
    )


class Interpreter:
    """Every case of a table by ``judgement_of_case``."""

    def __init__(self, library: Library, cases: Sequence[Case]) -> None:
        self.cases = [counting(case) for case in cases]
        self.stacks: dict[str, Stack] = {}
        self.library = library

    def judge_one(self, table: CaseTable, position: int, action: str) -> Judgement:
        case = self.cases[position]
        if case.agency.id not in self.stacks:
            self.stacks[case.agency.id] = bind(self.library, case.agency)
        return judgement_of_case(self.stacks[case.agency.id], case, action)

    def check(self, judged: Judged) -> None:
        for action in judged.actions:
            for i, case in enumerate(self.cases):
                told = judged.judgement(action, i)
                assert told == self.judge_one(judged.table, i, action), (action, case)


# -- every example of the packaged library ----------------------------------------------------------------------------


@cache
def examples() -> tuple[list[Case], CaseTable, Judged]:
    """Every example on each of its dates; and what the interpreter says of it."""
    library = packaged()
    cases = [case_of_check(check, trial.on, library) for check in library.checks for trial in check.trials]
    table = tabulate(cases, library.vocabulary)
    return cases, table, OneCase(door(library)).judge(table)


def same_as_examples(engine: Engine) -> None:
    _, table, wanted = examples()
    assert len(table) > 800
    assert differences(wanted, engine.judge(table)) == []


@pytest.mark.slow
def test_columns_judge_every_example_as_the_interpreter() -> None:
    same_as_examples(Columns(packaged(), judge_one=OneCase(door(packaged())).judge_one))


@pytest.mark.slow
def test_duckdb_judges_every_example_as_the_interpreter() -> None:
    same_as_examples(Warehouse(packaged(), judge_one=OneCase(door(packaged())).judge_one))


@SPARK
@pytest.mark.slow
def test_spark_judges_every_example_as_the_interpreter() -> None:
    pytest.importorskip("pyspark")
    same_as_examples(Warehouse(packaged(), judge_one=OneCase(door(packaged())).judge_one, backend="pyspark"))


# -- random law, random cases -----------------------------------------------------------------------------------------

#: The words of random law, and more: entries that were vacated, and facts that the law leaves to a person.
WIDER = dataclasses.replace(
    random_law.VOCABULARY,
    facts=(
        *(dataclasses.replace(f, counsel=f.name in ("served", "listed")) for f in random_law.VOCABULARY.facts),
        FactWord("vacated", "conviction", FactType("yes/no")),
    ),
)
_some_truth = st.sampled_from((None, None, False, True))


@st.composite
def tables_of_cases(draw: st.DrawFn, most: int = 12) -> list[Case]:
    """Cases of both agencies; some without a law date, some rows vacated."""
    found = []
    for case in draw(st.lists(random_law.cases(), min_size=1, max_size=most)):
        lists = dict(case.lists)
        if "convictions" in lists:
            rows = lists["convictions"]
            vacated = draw(st.lists(_some_truth, min_size=len(rows.rows), max_size=len(rows.rows)))
            marked = tuple({**row, "vacated": v} for row, v in zip(rows.rows, vacated, strict=True))
            lists["convictions"] = Rows(marked, rows.complete)
        day = case.law_date if draw(st.integers(0, 7)) else None
        found.append(dataclasses.replace(case, law_date=day, lists=lists))
    return found


def libraries() -> st.SearchStrategy[Library]:
    plain = random_law.libraries()
    return st.one_of(plain, plain.map(lambda library: dataclasses.replace(library, vocabulary=WIDER)))


def bound(library: Library, cases: Sequence[Case]) -> bool:
    """Whether the law can be bound at all; random law may beat itself in a circle, which its checks refuse."""
    try:
        for case in cases:
            stack = bind(library, case.agency)
            if case.law_date is not None:
                stack.at(case.law_date)
    except ComityError as error:
        if error.problems[0].code == "CM304":
            return False
        raise
    return True


def judged_as_one_case(library: Library, stretches: Sequence[tuple[list[Case], bool]], backends: Sequence[str]) -> None:
    """Every engine against ``judgement_of_case``, stretch after stretch through one engine."""
    assume(all(bound(library, cases) for cases, _ in stretches))
    asked: list[Interpreter] = []

    def judge_one(table: CaseTable, position: int, action: str) -> Judgement:
        return asked[-1].judge_one(table, position, action)

    engines: list[Engine] = [Columns(library, judge_one=judge_one)]
    engines += [Warehouse(library, judge_one=judge_one, backend=name) for name in backends]
    for cases, drop in stretches:
        table = tabulate([_within(c, library) for c in cases], library.vocabulary, drop=drop)
        asked.append(Interpreter(library, [_within(c, library) for c in cases]))
        assert differences(OneCase(door(library)).judge(table), engines[0].judge(table)) == []
        for engine in engines:
            asked[-1].check(engine.judge(table))


def _within(case: Case, library: Library) -> Case:
    """The case without fields that the library does not know."""
    if library.vocabulary is WIDER:
        return case
    kept = {
        name: Rows(tuple({k: v for k, v in row.items() if k != "vacated"} for row in rows.rows), rows.complete)
        for name, rows in case.lists.items()
    }
    return case.with_lists(kept)


_stretches = st.lists(st.tuples(tables_of_cases(), st.booleans()), min_size=1, max_size=3)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
@given(libraries(), _stretches)
def test_columns_judge_random_law_as_the_interpreter(library: Library, stretches: Any) -> None:
    judged_as_one_case(library, stretches, ())


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=QUIET)
@given(libraries(), _stretches)
def test_duckdb_judges_random_law_as_the_interpreter(library: Library, stretches: Any) -> None:
    judged_as_one_case(library, stretches, ("duckdb",))


@SPARK
@pytest.mark.slow
def test_spark_judges_random_law_as_the_interpreter() -> None:
    pytest.importorskip("pyspark")

    # Every library is a new plan to Spark, which takes seconds to learn it.
    @settings(max_examples=4, deadline=None, suppress_health_check=QUIET, database=None, derandomize=True)
    @given(libraries(), st.lists(st.tuples(tables_of_cases(20), st.booleans()), min_size=2, max_size=2))
    def judge(library: Library, stretches: Any) -> None:
        judged_as_one_case(library, stretches, ("pyspark",))

    judge()


# -- many rows --------------------------------------------------------------------------------------------------------


def same_on_many(library: Library, tables: Iterable[CaseTable], sampled: int, backends: Sequence[str]) -> None:
    """Columns and SQL engines on all cases of some stretches; the interpreter, and what asks it, on a sample of each.

    On all cases nobody is asked about those that columns cannot tell: it would be the same one-case engine for each.
    """
    one = OneCase(door(library))
    columns, asking = Columns(library), Columns(library, judge_one=one.judge_one)
    engines = [Warehouse(library, backend=name) for name in backends]
    for seed, table in enumerate(tables):
        wanted = columns.judge(table)
        for engine in engines:
            assert differences(wanted, engine.judge(table)) == []
        chosen = np.sort(np.random.default_rng(seed).choice(len(table), min(sampled, len(table)), replace=False))
        sample = some_cases(table, chosen)
        assert differences(wanted, Columns(library).judge(sample), chosen.tolist()) == []
        assert differences(one.judge(sample), asking.judge(sample)) == []


def some_cases(table: CaseTable, positions: np.ndarray[Any, Any]) -> CaseTable:
    """The cases at some positions as a table of their own."""

    def taken(column: Column, where: np.ndarray[Any, Any]) -> Column:
        offsets = None if column.offsets is None else column.offsets[where]
        return dataclasses.replace(column, values=column.values[where], offsets=offsets)

    lists = {}
    for name, rows in table.lists.items():
        wanted = np.isin(np.arange(len(table)), positions)
        where = np.flatnonzero(wanted[rows.owner])
        offsets = np.concatenate([[0], np.cumsum(np.diff(rows.offsets)[positions])])
        columns = {n: taken(c, where) for n, c in rows.columns.items()}
        lists[name] = dataclasses.replace(rows, offsets=offsets, complete=rows.complete[positions], columns=columns)
    return dataclasses.replace(
        table,
        ids=table.ids.take(pa.array(positions)),
        numbers=table.numbers[positions],
        agency=table.agency[positions],
        law_date=table.law_date[positions],
        columns={n: taken(c, positions) for n, c in table.columns.items()},
        lists=lists,
    )


def many(library: Library, size: int, seed: int, **drawn: float) -> CaseTable:
    if library.agencies == (random_law.AGENCY, random_law.SHERIFF):
        return random_table(library, size, seed, [a.id for a in library.agencies], LAW_DATES, **drawn)
    return random_table(library, size, seed, PLACES, DAYS, **drawn)


def test_engines_agree_on_a_few_cases() -> None:
    library, actions = packaged(), ["hold past release", "share status", "allow interview"]
    one = OneCase(door(library), actions)
    engines: list[Engine] = [make(library, actions, one.judge_one) for make in (Columns, Warehouse)]
    for seed in (1, 2):
        table = many(library, 100, seed)
        wanted = one.judge(table)
        for engine in engines:
            assert differences(wanted, engine.judge(table)) == []


def test_codes_keep_their_numbers_whatever_their_width() -> None:
    numbers = HashNumbers()
    for kind, codes in ((np.uint8, [3, 1, 3]), (np.int64, [1, 2**40, 7, 2**40]), (np.int32, [7, 3, -5])):
        found, first = numbers.number(np.array(codes, kind))
        told = dict(zip(codes, found.tolist(), strict=True))
        assert told.items() <= {3: 0, 1: 1, 2**40: 2, 7: 3, -5: 4}.items()
        assert [codes[i] for i in first] == [c for c in dict.fromkeys(codes) if c in _FRESH[kind]]
    wide = HashNumbers()
    high = np.array([2**63, 1, 2**63], np.uint64)
    assert wide.number(high)[0].tolist() == wide.number(high)[0].tolist() == [0, 1, 0]


_FRESH: dict[Any, tuple[int, ...]] = {np.uint8: (3, 1), np.int64: (2**40, 7), np.int32: (-5,)}


def test_distinct_rows_of_many_wide_columns() -> None:
    rng = np.random.default_rng(3)
    columns = [rng.integers(0, 2, 200) * (1 << 30) for _ in range(6)]
    rows, places = distinct_rows(columns, [1 << 31] * 6)
    told = list(zip(*rows, strict=True))
    assert len(set(told)) == len(told) == int(places.max()) + 1
    assert [told[p] for p in places] == list(zip(*(c.tolist() for c in columns), strict=True))


def test_blocks_of_a_table_give_the_judgements_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    library, actions = packaged(), ["hold past release", "share status", "allow interview"]
    table = many(library, 250, 5)
    one = OneCase(door(library), actions)
    whole = Columns(library, actions, one.judge_one).judge(table)
    for cases in (1, 7, 249):
        monkeypatch.setattr(columns_engine, "_BLOCK", cases)
        assert differences(whole, Columns(library, actions, one.judge_one).judge(table)) == []
    few = some_cases(table, np.zeros(0, np.int64))
    assert len(Columns(library, actions).judge(few).actions[actions[0]]) == 0


@pytest.mark.slow
def test_engines_agree_on_many_cases_of_california_and_texas() -> None:
    tables = [many(packaged(), 30_000, 1), many(packaged(), 20_000, 2, nulls=0.05, undated=0.0, left_out=0.3)]
    same_on_many(packaged(), tables, 1_000, ["duckdb"])


@pytest.mark.slow
def test_engines_agree_on_many_cases_of_random_law() -> None:
    @settings(max_examples=5, deadline=None, suppress_health_check=QUIET, database=None, derandomize=True)
    @given(libraries())
    def judge(library: Library) -> None:
        assume(bound(library, [Case(a, day) for a in library.agencies for day in LAW_DATES]))
        same_on_many(library, [many(library, 5_000, seed, rows=2.5) for seed in (1, 2)], 500, ["duckdb"])

    judge()


@SPARK
@pytest.mark.slow
def test_spark_agrees_on_many_cases() -> None:
    pytest.importorskip("pyspark")
    same_on_many(packaged(), [many(packaged(), 3_000, 3), many(packaged(), 2_000, 4)], 200, ["pyspark"])


@pytest.mark.soak
def test_engines_agree_on_ten_million_cases() -> None:
    for start in range(0, 40, 5):
        # Engines start anew now and then: what they keep of random states grows without end.
        tables = (many(packaged(), 250_000, seed) for seed in range(start, start + 5))
        same_on_many(packaged(), tables, 500, ["duckdb"])


@pytest.mark.soak
@settings(max_examples=1_000, deadline=None, suppress_health_check=QUIET)
@given(libraries(), _stretches)
def test_long_duckdb_judges_random_law_as_the_interpreter(library: Library, stretches: Any) -> None:
    judged_as_one_case(library, stretches, ("duckdb",))
