"""The files of an audit: rows back to cases, decisions, findings, kept cases, samples, parts, and the workspace."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import comity
from comity.api import Library
from comity.audit.cases import CaseReader, day_of
from comity.audit.judgement import Judged, Judgement, LawVersion
from comity.audit.outputs.background import Background
from comity.audit.outputs.decisions import (
    COLUMNS,
    decisions,
    decisions_schema,
    light,
    open_decisions,
    parts_of,
    read_decision,
)
from comity.audit.outputs.findings import CONTRARY, COUNSEL, OPEN, FindingsFile, in_words, severity
from comity.audit.outputs.keptcases import KeptCases, read_kept
from comity.audit.outputs.parts import Remembering
from comity.audit.outputs.rejections import RejectionsFile
from comity.audit.outputs.workspace import MANIFEST, Workspace, open_workspace
from comity.audit.quality import Rejected
from comity.audit.reading.stretches import cases_at
from comity.audit.sampling import Sample
from comity.audit.tables import NO_DAY, CaseTable
from comity.audit.tabulated import tabulate
from comity.auditing import OneCase
from comity.auditing.casefacts import CaseFiles
from comity.calendar import Window
from comity.case import Case, Rows, agency_values, counting
from comity.policy.facts import Action
from comity.policy.library import Library as Law
from comity.problems import ComityError
from tests import random_law
from tests.random_law import AGENCY, VOCABULARY

QUICK = settings(max_examples=60, deadline=None)


@cache
def library() -> Library:
    return comity.load()


def plain(case: Case) -> tuple[Any, ...]:
    """A case without what it says to be unknown, and without lists that say nothing."""

    def known(values: Any) -> dict[str, Any]:
        return {n: v for n, v in values.items() if v is not None}

    lists = {n: ([known(r) for r in rows.rows], rows.complete) for n, rows in case.lists.items()}
    return case.agency, case.law_date, known(case.values), {n: v for n, v in lists.items() if v != ([], False)}


# Rows back to cases


@QUICK
@given(st.data())
def test_a_row_is_read_back_to_the_case_it_was_made_from(data: st.DataObject) -> None:
    law = data.draw(random_law.libraries())
    cases = data.draw(st.lists(random_law.cases(), min_size=1, max_size=4))
    table = tabulate(cases, VOCABULARY, drop=data.draw(st.booleans()))
    for case, back in zip(cases, CaseReader(law).cases(table), strict=True):
        told = {**agency_values(case.agency, VOCABULARY), **{n: v for n, v in case.values.items() if v is not None}}
        assert plain(back) == plain(counting(Case(case.agency, case.law_date, told, case.lists)))


def test_a_moment_keeps_its_own_clock() -> None:
    law = library().law
    moment = "2016-11-14T02:40-08:00"
    text = f"agency: us/ca/los-angeles/lapd\nlaw date: 2016-11-14\ncustody: {{releasable since: '{moment}'}}\n"
    (back,) = CaseReader(law).cases(tabulate([library().read_case(text).case], law.vocabulary))
    assert str(back.values["releasable since"]) == "2016-11-14 02:40:00-08:00"


def test_days_before_1970_and_no_day() -> None:
    assert day_of(-1) == date(1969, 12, 31)
    assert day_of(NO_DAY) is None


def test_an_agency_that_the_library_lacks_is_a_problem() -> None:
    case = Case(AGENCY, date(2016, 1, 1))
    with pytest.raises(ComityError) as caught:
        CaseReader(library().law).case(tabulate([case], library().law.vocabulary), 0)
    assert caught.value.problems[0].code == "CM404"


def test_case_files_read_back_to_equal_cases() -> None:
    text = """
agency: us/ca/los-angeles/lapd
law date: 2016-11-14
request: {kinds: [hold, transfer], judge signed: no}
person:
  convictions:
    - {offence: PC 459, degree: first, grade: felony, date: 2010-03-02}
    - {offence: PC 187, grade: unknown, serious: unknown, date: 2012-01-01}
    - {date: 2011-01-01}
  convictions complete: yes
  charges: []
"""
    case = library().read_case(text).case
    table = tabulate([case, case.on(date(2018, 6, 1))], library().law.vocabulary)
    for data, back in zip(
        CaseFiles(library().law).data(table, [0, 1]), CaseReader(library().law).cases(table), strict=True
    ):
        again = library().read_case(json.dumps(data)).case
        assert plain(again) == plain(back)
    assert [r.get("grade") for r in back.lists["convictions"].rows] == ["felony", None, None]


def test_a_case_of_an_agency_that_is_not_listed_is_written_as_place_and_kind() -> None:
    case = library().read_case("place: us/ca/fresno-county\nkind: police\nlaw date: 2020-01-01\n").case
    (data,) = CaseFiles(library().law).data(tabulate([case], library().law.vocabulary), [0])
    assert (data["place"], data["kind"]) == ("us/ca/fresno-county", "police")
    assert library().read_case(json.dumps(data)).case.agency == case.agency


# A table by hand

HOLD, TELL = Action("hold past release", "no power", ""), Action("notify release", "open", "")
MUST_NOT = Judgement(
    "must not", layers=(("state", "must not"), ("department", "may")), winning=("n1", "n2"), possible=("must not",)
)
MAY = Judgement("may", possible=("may",))
OPEN_ONE = Judgement("need a fact", missing=("judge signed", "served"), possible=("must not", "may"))
HARMLESS = Judgement("need a fact", missing=("judge signed",), possible=("may", "not due"))
CONFLICT = Judgement("ask counsel", "conflict", possible=("ask counsel",), winning=("n1",))
READINGS = Judgement("ask counsel", "readings", possible=("must not", "may"))
MUST = Judgement("must", possible=("must",), winning=("n3",))
UNDATED = Judgement("need a fact", missing=("law date",))
KNOWN = [MUST_NOT, MAY, OPEN_ONE, HARMLESS, CONFLICT, READINGS, MUST, UNDATED]


def table_of(size: int, recorded: Sequence[int] | None = None, first: int = 1, ids: Any = None) -> CaseTable:
    days = np.full(size, 17_000, np.int32)
    return CaseTable(
        pa.array([f"c{first + i}" for i in range(size)]) if ids is None else ids,
        np.arange(first, first + size),
        ("us/a", "us/b"),
        np.zeros(size, np.int32),
        days,
        recorded={} if recorded is None else {HOLD.name: np.array(recorded, np.uint8)},
    )


def judged_of(table: CaseTable, hold: Sequence[int], known: Sequence[Judgement] = KNOWN) -> Judged:
    size = len(table)
    laws = [LawVersion("us/a", Window(date(2014, 7, 7), None)), LawVersion("us/a", Window()), LawVersion("us/a", None)]
    codes = {HOLD.name: np.array(hold, np.int32), TELL.name: np.ones(size, np.int32)}
    return Judged(table, laws, np.zeros(size, np.int32), {HOLD.name: known, TELL.name: known}, codes)


# Severity


@pytest.mark.parametrize(
    ("judgement", "done", "not_done"),
    [
        (MUST_NOT, CONTRARY, ""),
        (MUST, "", CONTRARY),
        (MAY, "", ""),
        (Judgement("not due", possible=("not due",)), "", ""),
        (OPEN_ONE, OPEN, ""),
        (Judgement("need a fact", missing=("x",), possible=("must", "not due")), "", OPEN),
        (HARMLESS, "", ""),
        (Judgement("need a fact", missing=("x",), possible=("may", "ask counsel")), OPEN, ""),
        (CONFLICT, COUNSEL, COUNSEL),
        (READINGS, COUNSEL, ""),
        (Judgement("ask counsel", "readings", possible=("may", "must")), "", COUNSEL),
        (Judgement("ask counsel", "judgement", missing=("x",), possible=("may", "not due")), "", ""),
    ],
)
def test_severity_of_what_was_recorded(judgement: Judgement, done: str, not_done: str) -> None:
    assert severity(judgement, 0) == ""
    assert severity(judgement, 1) == done
    assert severity(judgement, 2) == not_done


def test_findings_in_plain_words() -> None:
    assert in_words(HOLD, 1, MUST_NOT, "PC 1") == (
        "hold past release: recorded as done, but the law of that day forbids it (PC 1)"
    )
    assert "nobody with authority allows it" in in_words(HOLD, 1, Judgement("must not"), "")
    assert "requires it (PC 3)" in in_words(HOLD, 2, MUST, "PC 3")
    assert "recorded as not done" in in_words(HOLD, 2, MUST, "PC 3")
    assert "contradict each other" in in_words(HOLD, 1, CONFLICT, "PC 1")
    assert "can be read so that it forbids it" in in_words(HOLD, 1, READINGS, "")
    many = Judgement("need a fact", missing=("a", "b", "c", "d", "e"))
    assert in_words(HOLD, 1, many, "").endswith("(a; b; c; and 2 more)")


# Decisions


def test_decisions_tell_outcome_layers_winning_and_missing(tmp_path: Path) -> None:
    table = table_of(3)
    judged = judged_of(table, [0, 2, 1])
    schema = decisions_schema(pa.string(), [HOLD], list(COLUMNS))
    file = open_decisions(tmp_path / "d.parquet", schema, "parquet")
    file.write(decisions(judged, np.array([1, 0, 2], np.uint8), [HOLD], schema, list(COLUMNS)))
    file.close()
    rows = pq.read_table(tmp_path / "d.parquet").to_pylist()
    assert [r["hold_past_release"] for r in rows] == ["must not", "need a fact", "may"]
    assert rows[0]["hold_past_release.layers"] == "state: must not; department: may"
    assert rows[0]["hold_past_release.winning"] == "n1; n2"
    assert rows[1]["hold_past_release.missing"] == "judge signed; served"
    assert rows[0] | {"case": "c1", "record": 1, "agency": "us/a"} == rows[0]
    assert rows[0]["law date"] == date(2016, 7, 18)
    assert rows[0]["law since"] == date(2014, 7, 7)
    assert [r["law held"] for r in rows] == [True, False, None]
    assert read_decision(tmp_path / "d.parquet", 2) == rows[1]
    assert read_decision(tmp_path / "d.parquet", 9) is None


def test_decisions_as_csv(tmp_path: Path) -> None:
    schema = decisions_schema(pa.int64(), [HOLD, TELL], ["outcome"])
    table = table_of(2, ids=pa.array([7, 8]))
    file = open_decisions(tmp_path / "d.csv", schema, "csv")
    file.write(decisions(judged_of(table, [0, 2]), np.array([1, 2], np.uint8), [HOLD, TELL], schema, ["outcome"]))
    file.close()
    with (tmp_path / "d.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert rows[1]["hold_past_release"] == "need a fact"
    assert rows[0] == {
        "case": "7", "record": "1", "agency": "us/a", "law date": "2016-07-18", "law since": "2014-07-07",
        "law held": "true", "hold_past_release": "must not", "notify_release": "may",
    }  # fmt: skip
    found = read_decision(tmp_path / "d.csv", 2)
    assert found is not None
    assert (found["case"], found["law held"]) == (8, None)


def test_the_order_in_which_an_engine_met_judgements_does_not_change_a_byte(tmp_path: Path) -> None:
    schema = decisions_schema(pa.string(), [HOLD], list(COLUMNS))
    rng = np.random.default_rng(1)
    codes = rng.integers(0, len(KNOWN), 5_000)
    order = rng.permutation(len(KNOWN))
    place = np.argsort(order)
    written = []
    for name, known, used in (("a", KNOWN, codes), ("b", [KNOWN[i] for i in order], place[codes])):
        file = open_decisions(tmp_path / name, schema, "parquet")
        judged = judged_of(table_of(5_000), used, known)
        file.write(decisions(judged, np.ones(5_000, np.uint8), [HOLD], schema, list(COLUMNS)))
        file.close()
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_a_stretch_written_in_parts_is_the_stretch(tmp_path: Path) -> None:
    table, held = table_of(5_000), (np.arange(5_000) % 3).astype(np.uint8)
    judged = judged_of(table, [i % len(KNOWN) for i in range(5_000)])
    schema = decisions_schema(pa.string(), [HOLD, TELL], list(COLUMNS))
    few = parts_of(light(judged), held, 900)
    parts = [decisions(one, told, [HOLD, TELL], schema, list(COLUMNS)) for one, told in few]
    assert max(map(len, parts)) <= 900
    whole = decisions(judged, held, [HOLD, TELL], schema, list(COLUMNS))
    assert pa.concat_tables(parts).to_pylist() == whole.to_pylist()


def test_small_stretches_are_gathered_into_row_groups(tmp_path: Path) -> None:
    schema = decisions_schema(pa.string(), [HOLD], ["outcome"])
    file = open_decisions(tmp_path / "d", schema, "parquet")
    for start in range(0, 100_000, 10_000):
        table = table_of(10_000, first=start + 1)
        code = start // 10_000 % 3
        judged = judged_of(table, [code] * 10_000)
        file.write(decisions(judged, np.ones(10_000, np.uint8), [HOLD], schema, ["outcome"]))
    file.close()
    read = pq.ParquetFile(tmp_path / "d")
    assert [read.metadata.row_group(i).num_rows for i in range(read.num_row_groups)] == [70_000, 30_000]
    outcomes = read.read().column("hold_past_release").to_pylist()
    assert outcomes == [KNOWN[i // 10_000 % 3].outcome for i in range(100_000)]


def test_a_damaged_decisions_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "decisions.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(ComityError) as caught:
        read_decision(tmp_path / "decisions.parquet", 1)
    assert caught.value.problems[0].code == "CM736"


# Findings


def findings_of(tmp_path: Path, judged: Judged, held: Sequence[int] | None = None) -> list[dict[str, str]]:
    file = FindingsFile(tmp_path, library().law, [HOLD, TELL])
    size = len(judged.table)
    file.add(judged, np.ones(size, np.uint8) if held is None else np.array(held, np.uint8))
    file.close(tmp_path / "findings.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["findings.csv"]
    with (tmp_path / "findings.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_findings_are_numbered_the_gravest_first(tmp_path: Path) -> None:
    recorded = [1, 1, 1, 1, 2, 1, 2, 0]
    rows = findings_of(tmp_path, judged_of(table_of(8, recorded), [2, 4, 0, 1, 6, 5, 0, 0]))
    assert [(r["number"], r["case"], r["severity"]) for r in rows] == [
        ("1", "c3", "contrary"),
        ("2", "c5", "contrary"),
        ("3", "c2", "counsel"),
        ("4", "c6", "counsel"),
        ("5", "c1", "open"),
    ]
    assert rows[0]["recorded"] == "done"
    assert rows[0]["computed"] == "must not"
    assert rows[0]["action"] == "hold_past_release"
    assert rows[4]["possible"] == "must not; may"
    assert rows[4]["missing"] == "judge signed; served"


def test_only_law_that_is_held_can_be_contradicted(tmp_path: Path) -> None:
    assert findings_of(tmp_path, judged_of(table_of(3, [1, 1, 1]), [0, 0, 0]), [1, 0, 2])[1:] == []


def test_no_finding_is_a_file_with_its_header_alone(tmp_path: Path) -> None:
    assert findings_of(tmp_path, judged_of(table_of(2), [0, 0])) == []
    assert (tmp_path / "findings.csv").read_text().startswith('"number","case","record"')


def test_the_citations_of_the_winning_norms_stand_in_a_finding(tmp_path: Path) -> None:
    norm = library().law.norms[0]
    known = [Judgement("must not", winning=(norm.id,), possible=("must not",))]
    (row,) = findings_of(tmp_path, judged_of(table_of(1, [1]), [0], known * 2))
    assert (row["winning"], row["citations"]) == (norm.id, norm.cite)
    assert norm.cite in row["in words"]


def test_cells_that_need_quotes_are_quoted(tmp_path: Path) -> None:
    ids = pa.array(['a,"b"\nc'])
    (row,) = findings_of(tmp_path, judged_of(table_of(1, [1], ids=ids), [0]))
    assert row["case"] == 'a,"b"\nc'


def test_rejected_records(tmp_path: Path) -> None:
    file = RejectionsFile(tmp_path / "r.csv")
    file.add([Rejected(3, "no such day", "c3", "day", "2016-13-14\n\x1b[31m"), Rejected(0, "lost")])
    file.close()
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert rows[0]["reason"] == "no such day"
    assert "\x1b" not in rows[0]["value"]
    assert rows[1]["record"] == ""
    assert file.count == 2


# Kept cases


def facts(table: CaseTable, positions: Any) -> Iterator[dict[str, Any]]:
    return ({"title": str(int(table.numbers[p]))} for p in positions)


def test_kept_cases_come_back_by_record_and_by_id(tmp_path: Path) -> None:
    file = FindingsFile(tmp_path, library().law, [HOLD])
    kept = KeptCases(tmp_path, facts, most=2)
    table = table_of(6, [1, 1, 1, 1, 1, 0])
    kept.add(table, file.add(judged_of(table, [2, 0, 0, 0, 4, 0]), np.ones(6, np.uint8)))
    kept.close(tmp_path / "cases.jsonl.gz")
    lines = [json.loads(line) for line in gzip.decompress((tmp_path / "cases.jsonl.gz").read_bytes()).splitlines()]
    assert [line["record"] for line in lines] == [2, 3, 5, 1]
    assert (kept.kept, kept.left_out) == (4, 1)
    assert read_kept(tmp_path / "cases.jsonl.gz", record=5) == lines[2]
    assert read_kept(tmp_path / "cases.jsonl.gz", case="c1") == lines[3]
    assert read_kept(tmp_path / "cases.jsonl.gz", record=4) is None


def test_a_damaged_file_of_cases_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl.gz"
    for data in (b"no gzip", gzip.compress(b"no json\n"), gzip.compress(b"[]\n" * 1000)[:-5], gzip.compress(b"{}\n")):
        path.write_bytes(data)
        with pytest.raises(ComityError) as caught:
            read_kept(path, record=1)
        assert caught.value.problems[0].code == "CM736"


# Samples


@QUICK
@given(st.integers(1, 30), st.integers(0, 5), st.integers(1, 100), st.integers(1, 40), st.integers(1, 40))
def test_a_sample_does_not_depend_on_the_stretches(size: int, seed: int, total: int, one: int, other: int) -> None:
    found = [sampled(size, seed, total, chunk) for chunk in (one, other)]
    assert found[0] == found[1]
    assert len(found[0]) == min(size, total)
    assert found[0] == sorted(set(found[0]))


def sampled(size: int, seed: int, total: int, chunk: int) -> list[int]:
    sample = Sample(size, seed)
    for start in range(0, total, chunk):
        table = table_of(min(chunk, total - start), first=start + 1)
        sample.add(cases_at(table, np.flatnonzero(sample.keep(table))))
    assert sample.met == total
    return [int(n) for table in sample.chosen() for n in table.numbers]


def test_another_seed_is_another_sample() -> None:
    assert sampled(50, 1, 5_000, 1_000) != sampled(50, 2, 5_000, 1_000)


# Parts


class Counting:
    """An engine that counts how often it is asked."""

    name = "counting"

    def __init__(self, shift: int = 0) -> None:
        self.asked = 0
        self.shift = shift

    def judge(self, table: CaseTable) -> Judged:
        self.asked += 1
        known = KNOWN[self.shift :] + KNOWN[: self.shift]
        return judged_of(table, [(int(n) - self.shift) % len(KNOWN) for n in table.numbers], known)


def words(judged: Judged) -> list[Judgement]:
    return [judged.judgement(HOLD.name, i) for i in range(len(judged.table))]


def test_a_stopped_audit_goes_on_where_it_was(tmp_path: Path) -> None:
    tables = [table_of(10, first=1 + 10 * n) for n in range(4)]
    first = Counting()
    one = Remembering(first, tmp_path, resume=False)
    expected = [words(one.judge(t)) for t in tables]
    assert expected == [[KNOWN[int(n) % len(KNOWN)] for n in t.numbers] for t in tables]
    (tmp_path / "000002.arrow").unlink()
    # Another engine may number its judgements in another way.
    second = Counting(shift=3)
    again = Remembering(second, tmp_path, resume=True)
    found = [again.judge(t) for t in tables]
    assert [words(j) for j in found] == expected
    assert second.asked == 2
    assert again.cases == 20
    assert [j.laws[j.law[0]] for j in found] == [LawVersion("us/a", Window(date(2014, 7, 7), None))] * 4
    third = Counting()
    last = Remembering(third, tmp_path, resume=True)
    assert [words(last.judge(t)) for t in tables] == expected
    assert third.asked == 0


def test_parts_of_other_records_are_not_used(tmp_path: Path) -> None:
    one = Remembering(Counting(), tmp_path, resume=False)
    one.judge(table_of(10))
    engine = Counting()
    again = Remembering(engine, tmp_path, resume=True)
    again.judge(table_of(10, first=2))
    assert engine.asked == 1
    assert again.cases == 0


def test_a_damaged_part_is_judged_again(tmp_path: Path) -> None:
    Remembering(Counting(), tmp_path, resume=False).judge(table_of(10))
    (tmp_path / "000000.arrow").write_bytes(b"ARROW1 and nothing")
    engine = Counting()
    assert words(Remembering(engine, tmp_path, resume=True).judge(table_of(10)))[0] == KNOWN[1]
    assert engine.asked == 1


def test_a_slow_engine_is_given_a_few_cases_at_a_time(tmp_path: Path) -> None:
    engine = Counting()
    told: list[int] = []
    judged = Remembering(engine, tmp_path, resume=False, at_once=3).judge(table_of(8), told.append)
    assert told == [3, 6, 8]
    assert engine.asked == 3
    assert words(judged) == [KNOWN[n % len(KNOWN)] for n in range(1, 9)]
    assert len(list(tmp_path.glob("*.arrow"))) == 3


# Work in the background


def test_an_error_in_the_background_comes_to_the_caller() -> None:
    def fail() -> None:
        raise OSError("disk full")

    def work() -> None:
        with Background() as background:
            for _ in range(50):
                background.do(fail)

    with pytest.raises(OSError, match="disk full"):
        work()


def test_jobs_are_done_in_order_and_all_of_them() -> None:
    done: list[int] = []
    with Background() as work:
        for n in range(100):
            work.do(lambda n=n: done.append(n))  # type: ignore[misc]
    assert done == list(range(100))


# The workspace


def codes(caught: pytest.ExceptionInfo[ComityError]) -> list[str]:
    return [p.code for p in caught.value.problems]


def test_a_finished_audit_has_its_name_and_nothing_else_is_left(tmp_path: Path) -> None:
    work = open_workspace(tmp_path / "audit", resume=False, force=False)
    (work.files / MANIFEST).write_text("{}")
    (work.spool / "x").write_text("x")
    work.keep_state({"law": "1"})
    assert not (tmp_path / "audit").exists()
    work.finish()
    assert [p.name for p in tmp_path.iterdir()] == ["audit"]
    assert [p.name for p in (tmp_path / "audit").iterdir()] == [MANIFEST]


def test_an_older_audit_is_replaced_only_by_force(tmp_path: Path) -> None:
    target = tmp_path / "audit"
    target.mkdir()
    (target / MANIFEST).write_text("old")
    with pytest.raises(ComityError) as caught:
        open_workspace(target, resume=False, force=False)
    assert codes(caught) == ["CM732"]
    work = open_workspace(target, resume=False, force=True)
    (work.files / MANIFEST).write_text("new")
    assert (target / MANIFEST).read_text() == "old"
    work.finish()
    assert (target / MANIFEST).read_text() == "new"


def test_a_folder_that_is_no_audit_is_not_replaced_by_force(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "thesis.docx").write_text("years of work")
    with pytest.raises(ComityError) as caught:
        open_workspace(tmp_path / "audit", resume=False, force=True)
    assert codes(caught) == ["CM732"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    work = open_workspace(tmp_path / "audit", resume=False, force=False)
    (work.files / MANIFEST).write_text("{}")
    work.finish()
    assert (tmp_path / "audit" / MANIFEST).is_file()


def stopped(tmp_path: Path, **state: str) -> Workspace:
    work = open_workspace(tmp_path / "audit", resume=False, force=False)
    (work.files / "half").write_text("half")
    (work.parts / "000000.arrow").write_text("part")
    (work.parts / "000001.part").write_text("half")
    work.keep_state(state)
    assert work.stop(keep=True)
    return work


def test_a_stopped_audit_leaves_its_parts_and_nothing_half_written(tmp_path: Path) -> None:
    work = stopped(tmp_path, law="1")
    assert sorted(p.name for p in work.folder.rglob("*")) == ["000000.arrow", "lock", "parts", "state.json"]
    with pytest.raises(ComityError) as caught:
        open_workspace(tmp_path / "audit", resume=False, force=False)
    assert codes(caught) == ["CM734"]
    again = open_workspace(tmp_path / "audit", resume=True, force=False)
    assert again.folder == work.folder
    again.compare({"law": "1"})
    assert [p.name for p in again.parts.iterdir()] == ["000000.arrow"]
    again.stop(keep=True)


def test_resuming_names_what_changed(tmp_path: Path) -> None:
    stopped(tmp_path, law="1", mapping="2")
    again = open_workspace(tmp_path / "audit", resume=True, force=False)
    with pytest.raises(ComityError) as caught:
        again.compare({"law": "1", "mapping": "3", "options": ["--sample", "3"]})
    assert codes(caught) == ["CM733"]
    assert "the mapping, options changed" in caught.value.problems[0].message
    again.stop(keep=True)


def test_force_throws_an_unfinished_audit_away(tmp_path: Path) -> None:
    stopped(tmp_path, law="1")
    work = open_workspace(tmp_path / "audit", resume=False, force=True)
    assert [p.name for p in tmp_path.iterdir()] == [work.folder.name]
    assert list(work.parts.iterdir()) == []
    work.stop(keep=False)


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(ComityError) as caught:
        open_workspace(tmp_path / "audit", resume=True, force=False)
    assert codes(caught) == ["CM733"]


def test_an_audit_that_is_stopped_before_anything_was_judged_leaves_nothing(tmp_path: Path) -> None:
    work = open_workspace(tmp_path / "audit", resume=False, force=False)
    work.keep_state({"law": "1"})
    assert not work.stop(keep=True)
    assert list(tmp_path.iterdir()) == []


def test_two_audits_do_not_write_one_folder(tmp_path: Path) -> None:
    first = open_workspace(tmp_path / "audit", resume=False, force=False)
    for force in (False, True):
        with pytest.raises(ComityError) as caught:
            open_workspace(tmp_path / "audit", resume=False, force=force)
        assert codes(caught) == ["CM734"]
    assert first.files.is_dir()
    first.stop(keep=False)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "none" / "audit", tmp_path / "file" / "audit"):
        with pytest.raises(ComityError) as caught:
            open_workspace(target, resume=False, force=False)
        assert codes(caught) == ["CM731"]


# The one-case engine


def circular(made: Library, case: Case) -> bool:
    """Whether norms beat each other in a circle, so that the library is refused."""
    try:
        made.stack(case.agency).at(case.law_date or date.min)
    except ComityError:
        return True
    return False


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_one_case_engine_says_of_a_table_what_it_says_of_its_cases(data: st.DataObject) -> None:
    law = data.draw(random_law.libraries())
    cases = data.draw(st.lists(random_law.cases(), min_size=1, max_size=3))
    made = Library(law)
    if any(circular(made, case) for case in cases):
        return
    judged = OneCase(made).judge(tabulate(cases, VOCABULARY))
    for i, case in enumerate(cases):
        whole = Case(case.agency, case.law_date, {**agency_values(case.agency, VOCABULARY), **case.values}, case.lists)
        outcomes = made.outcomes(counting(whole))
        assert {a: judged.judgement(a, i).outcome for a in judged.actions} == outcomes
        assert judged.laws[judged.law[i]].agency == case.agency.id


def test_a_case_without_a_law_date_needs_that_fact_for_everything() -> None:
    case = library().read_case("agency: us/ca/los-angeles/lapd\nlaw date: unknown\n").case
    judged = OneCase(library(), [HOLD.name, TELL.name]).judge(tabulate([case], library().law.vocabulary))
    assert judged.judgement(HOLD.name, 0) == UNDATED
    assert judged.laws[judged.law[0]] == LawVersion("us/ca/los-angeles/lapd", None)


def test_rows_are_named_without_their_number() -> None:
    text = """
agency: us/ca/los-angeles/lapd
law date: 2016-11-14
request: {kinds: [hold], judge signed: yes}
person: {convictions: [{date: 2010-01-01}, {date: 2011-01-01}], charges: [], charges complete: yes}
"""
    case = library().read_case(text).case
    judged = OneCase(library(), [HOLD.name]).judge(tabulate([case], library().law.vocabulary))
    missing = judged.judgement(HOLD.name, 0).missing
    assert "convictions: all of them?" in missing
    assert "convictions: serious" in missing
    assert list(missing) == sorted(set(missing))
    assert not any(name.startswith("convictions ") for name in missing)


def test_silence_is_read_by_the_closure_of_the_action() -> None:
    cases = [Case(AGENCY, date(2016, 11, 14), {}, {"convictions": Rows()})]
    instruments = random_law.INSTRUMENTS
    nothing: list[Any] = [()] * 5
    words = VOCABULARY, random_law.LADDER, (("police", ()),)
    law = Law("test", "0" * 64, (), *words, instruments, *nothing, (AGENCY,), ())
    empty = Library(law)
    judged = OneCase(empty).judge(tabulate(cases, VOCABULARY))
    found = {a: judged.judgement(a, 0) for a in ("hold", "tell", "copy")}
    assert found == {
        "hold": Judgement("must not", possible=("must not",)),
        "tell": Judgement("may", possible=("may",)),
        "copy": Judgement("not due", possible=("not due",)),
    }
