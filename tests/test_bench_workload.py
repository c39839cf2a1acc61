"""The workload of the benchmark: every engine's answer and reason is the hand-written one, and the peers' too."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy", reason="the workload is drawn with numpy: pip install 'comity[audit]'")
pq = pytest.importorskip("pyarrow.parquet", reason="tables are Parquet: pip install 'comity[audit]'")

from bench import california, california_run
from bench.detainer_ca import peers, tables
from bench.detainer_ca.comity_route import comity_files, comity_resident, questions
from bench.detainer_ca.comity_side import case_of, case_table, load_law, reason_codes
from bench.detainer_ca.many_norms import many_norms
from bench.detainer_ca.workload import (
    ACTION,
    AGENCY,
    CODES,
    DECISION_OF,
    REASONS,
    Block,
    CaseRow,
    block,
    by_hand,
    case_rows,
    reason_of,
    years_before,
)

import comity
from comity.audit.columns import Columns
from comity.auditing.onecase import judgement_of
from comity.case import case_of_check

CASES = 20_000
FEW = 3_000
#: Outcome word -> the hand-written decision.
DECIDED = {"must not": 0, "may": 1, "need a fact": 2}


@cache
def law() -> comity.Library:
    return load_law()


@cache
def cases() -> Block:
    return block(CASES)


@cache
def drawn() -> list[CaseRow]:
    return case_rows(cases())


def expected(rows: list[CaseRow]) -> Any:
    return np.array([CODES[by_hand(*row)] for row in rows], np.uint8)


# -- the law against the hand-written answer --------------------------------------------------------------------------


@pytest.mark.slow
def test_the_law_of_the_workload_says_what_the_hand_written_answer_says() -> None:
    agency, stack = law().agency(AGENCY), law().stack(AGENCY)
    wrong = []
    for row in drawn():
        case, reason = case_of(row, agency), by_hand(*row)
        compiled = law().compiled(case)
        judgement = judgement_of(compiled.era.by_action[ACTION], stack, compiled.era, case, compiled.run)
        word = law().outcomes(case)[ACTION]
        if (judgement.outcome, DECIDED[word], reason_of(judgement)) != (word, REASONS[reason], reason):
            wrong.append((row, reason, word, judgement))
    assert wrong == []


@pytest.mark.parametrize("route", ["comity", "comity by place", "comity outcomes"])
def test_one_question_says_what_the_hand_written_answer_says(route: str) -> None:
    ask, given = questions(route, drawn())
    assert [DECIDED[ask(one)] for one in given] == [REASONS[by_hand(*row)] for row in drawn()]


def test_the_columnar_engine_gives_the_same_reasons() -> None:
    judged = Columns(law().law, [ACTION]).judge(case_table(cases()))
    assert (reason_codes(judged) == expected(drawn())).all()
    assert (comity_resident(cases())()() == expected(drawn())).all()


def test_the_examples_beside_the_law_hold() -> None:
    for check in law().law.checks:
        for trial in check.trials:
            outcomes = law().outcomes(case_of_check(check, trial.on, law().law))
            assert [outcomes[e.action] for e in trial.expected] == [e.outcome for e in trial.expected], check.title


# -- the cases --------------------------------------------------------------------------------------------------------


def test_the_cases_reach_every_reason() -> None:
    assert {by_hand(*row) for row in drawn()} == set(REASONS)


def test_the_first_cases_are_the_same_whatever_else_is_drawn() -> None:
    short = case_rows(block(100))
    assert short == case_rows(block(300), end=100) == drawn()[:100]
    assert short != case_rows(block(100, seed=8))
    assert case_rows(block(300), 100, 200) == drawn()[100:200]


def test_convictions_stand_on_the_anniversaries_and_beside_them() -> None:
    beside = {
        (years, (on - years_before(row[0], years)).days)
        for row in drawn()
        for on, *_ in row[-1]
        for years in (5, 15)
        if abs(on - years_before(row[0], years)) <= timedelta(1)
    }
    assert beside == {(years, off) for years in (5, 15) for off in (-1, 0, 1)}
    assert all(on < row[0] for row in drawn() for on, *_ in row[-1])
    assert years_before(date(2016, 2, 29), 5) == date(2011, 2, 28)


def test_unknown_facts_are_one_in_twenty() -> None:
    for place in (4, 8):
        assert 0.04 < sum(row[place] is None for row in drawn()) / CASES < 0.06
    assert max(len(row[-1]) for row in drawn()) <= 12


# -- the pipelines ----------------------------------------------------------------------------------------------------


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMITY_BENCH_DIR", str(tmp_path))
    return tmp_path


_NEEDS = {"duckdb": "duckdb", "polars": "polars", "numba": "numba", "numba 1 thread": "numba"}


def test_comity_reads_and_writes_parquet(scratch: Path) -> None:
    tables.write_tables(FEW)
    comity_files(FEW, chunk_rows=700)()
    found = pq.read_table(peers.output_file("comity", FEW))
    assert found["case id"].to_pylist() == cases().cases["case id"][:FEW].tolist()
    assert (found["reason"].to_numpy() == expected(drawn()[:FEW])).all()
    assert (found["decision"].to_numpy() == DECISION_OF[expected(drawn()[:FEW])]).all()
    assert (tables.reference_codes(FEW) == expected(drawn()[:FEW])).all()
    assert sorted(p.suffix for p in scratch.iterdir()) == [".npy", ".parquet", ".parquet", ".parquet"]


@pytest.mark.slow
@pytest.mark.parametrize("route", list(peers.FILES))
@pytest.mark.usefixtures("scratch")
def test_every_peer_gives_the_hand_written_answers_from_parquet(route: str) -> None:
    pytest.importorskip(_NEEDS.get(route, "numpy"), reason=f"the peer {route} is not installed")
    tables.write_tables(FEW)
    peers.FILES[route](FEW)()
    found = pq.read_table(peers.output_file(route, FEW)).sort_by("case id")
    assert (found["reason"].to_numpy() == expected(drawn()[:FEW])).all()
    assert (found["decision"].to_numpy() == DECISION_OF[expected(drawn()[:FEW])]).all()


@pytest.mark.slow
@pytest.mark.parametrize("route", list(peers.RESIDENT))
def test_every_peer_gives_the_hand_written_answers_in_memory(route: str) -> None:
    pytest.importorskip(_NEEDS.get(route, "numpy"), reason=f"the peer {route} is not installed")
    assert (np.asarray(peers.RESIDENT[route](block(FEW))()()) == expected(drawn()[:FEW])).all()


# -- invented libraries and the table for the whole stack -------------------------------------------------------------


def test_invented_libraries_are_the_same_each_time_and_judged_alike() -> None:
    invented = many_norms(40)
    assert invented == many_norms(40)
    assert invented != many_norms(40, seed=2)
    assert len(many_norms(10).norms) == 10
    library, few = comity.Library(invented), block(300)
    judged = Columns(invented).judge(case_table(few))
    for place, row in enumerate(case_rows(few)):
        for action, word in library.outcomes(case_of(row, library.agency(AGENCY))).items():
            assert judged.judgement(action, place).outcome == word


@pytest.mark.usefixtures("scratch")
@pytest.mark.parametrize("kind", california.KINDS)
def test_the_california_tables_hold_facts_of_the_library_and_nothing_else(kind: str) -> None:
    california.write_tables(400, kind)
    vocabulary = comity.load().law.vocabulary
    records = {list_: record for record, list_ in vocabulary.records().items()}
    own = {"case_id", "law date", *(f"{list_} complete" for list_ in california.LISTS)}
    for what in ("cases", *california.LISTS):
        words = vocabulary.case_facts() if what == "cases" else vocabulary.fields(records[what])
        table = pq.read_table(california.table_file(400, what, kind))
        assert set(table.column_names) - own <= set(words)
        assert all(table[name].null_count for name in table.column_names if name not in own), what
        for name in set(table.column_names) & set(words):
            type_ = words[name].type
            if type_.kind in ("one of", "some of"):
                told = {part for value in table[name].drop_null().to_pylist() for part in value.split(", ")}
                assert told - {"none"} <= set(type_.members), name
    days = pq.read_table(california.table_file(400, "cases", kind))["law date"].to_pylist()
    assert min(days) < date(2000, 1, 1)
    assert max(days) > date(2025, 1, 1)


@pytest.mark.usefixtures("scratch")
@pytest.mark.parametrize("kind", california.KINDS)
def test_the_california_tables_are_the_same_for_the_same_seed(kind: str) -> None:
    california.write_tables(50, kind)
    first = [california.table_file(50, what, kind).read_bytes() for what in ("cases", *california.LISTS)]
    for what in ("cases", *california.LISTS):
        california.table_file(50, what, kind).unlink()
    california.write_tables(50, kind)
    assert first == [california.table_file(50, what, kind).read_bytes() for what in ("cases", *california.LISTS)]


@pytest.mark.usefixtures("scratch")
def test_records_hang_together() -> None:
    california.write_tables(2_000)
    cases = pq.read_table(california.table_file(2_000, "cases")).to_pylist()
    # Which court signed is only told where somebody signed, and no form is older than itself.
    assert all(c["judge signed"] in (True, None) for c in cases if c["judge court"])
    assert all(c["law date"] >= date(2017, 4, 2) for c in cases if c["request form"] == "I-247A")
    charges = pq.read_table(california.table_file(2_000, "charges"))["case_id"].to_pylist()
    assert sorted(set(charges)) == [c["case_id"] for c in cases]
    convictions = pq.read_table(california.table_file(2_000, "convictions"))["case_id"].to_pylist()
    most = max(map(convictions.count, set(convictions)))
    assert 6 <= most <= 12
    assert len(set(convictions)) < 1_500


@pytest.mark.slow
@pytest.mark.usefixtures("scratch")
def test_the_california_run_judges_as_the_one_case_engine() -> None:
    california.write_tables(60)
    library = comity.load()
    met = california_run.judged_files("columns", 60, "records", library)
    assert met["states"] > met["judgements"] > 50
    assert pq.read_metadata(california.table_file(60, "decisions-columns")).num_rows == 60
    assert california_run.differences("columns", 60, "records", library) == 0
