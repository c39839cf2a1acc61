"""``comity audit`` and ``comity decide --from-audit``: what they write and print, and how they end."""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import comity
from comity.audit.counts.factnames import FactNames
from comity.audit.judgement import Judgement
from comity.audit.outputs.findings import SEVERITIES, in_words
from comity.audit.outputs.manifest import output_hashes, read_manifest
from comity.audit.records import file_sha256
from comity.auditing import Assignment
from comity.auditing.assignment import base_name
from comity.auditing.source import Source
from comity.cli.audited import ProgressBar
from comity.problems import ComityError, Problem
from tests.test_cli import SOURCE, Run, bad, process, run

LAPD = "us/ca/los-angeles/lapd"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

MAPPING = """
mapping: A test
case: id
law date: {column: day}
agency: us/ca/los-angeles/lapd
facts:
  judge signed: {column: judge}
  request kinds: [hold, notification, transfer]
lists:
  convictions:
    complete: {column: all_convictions}
    fields:
      offence: {column: conviction}
      date: {column: convicted}
recorded:
  hold past release: {column: held, done: "yes", not done: "no"}
"""
HEADER = "id,day,judge,held,conviction,convicted,all_convictions\n"
ROWS = """a,2016-11-14,no,yes,PC 459,2010-03-02,yes
b,2016-11-14,yes,yes,,,yes
c,2016-11-14,,yes,,,
d,2018-06-01,no,no,PC 187,2011-01-01,no
e,2018-06-01,no,yes,PC 187,2011-01-01,no
f,2016-13-14,no,yes,,,
g,1900-01-01,no,yes,,,
h,,no,yes,,,
"""
FILES = [
    *("cases.jsonl.gz", "decisions.parquet", "findings.csv", "manifest.json", "mapping.yaml"),
    *("rejected.csv", "report.html"),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with records and a mapping, and the audit ``out`` made of them."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "map.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "records.csv").write_text(HEADER + ROWS, encoding="utf-8")
    (folder / "none.csv").write_text(HEADER, encoding="utf-8")
    (folder / "one.csv").write_text(HEADER + ROWS.splitlines()[0] + "\n", encoding="utf-8")
    done = audit(folder, "--out", folder / "out")
    assert done.code == 0, done.err
    (folder / "printed").write_text(done.out, encoding="utf-8")
    return folder


def audit(desk: Path, *words: object, records: str = "records.csv") -> Run:
    return run("audit", desk / records, "--map", desk / "map.yaml", *words)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


# What comes out


def test_an_audit_writes_its_files_and_nothing_else(desk: Path) -> None:
    assert sorted(p.name for p in (desk / "out").iterdir()) == FILES
    assert not list(desk.glob("out.part-*"))


def test_every_record_is_decided_or_rejected_with_the_reason(desk: Path) -> None:
    decisions = pq.read_table(desk / "out" / "decisions.parquet").to_pylist()
    assert [d["case"] for d in decisions] == list("abcdegh")
    (rejected,) = rows(desk / "out" / "rejected.csv")
    assert (rejected["record"], rejected["case"], rejected["value"]) == ("6", "f", "2016-13-14")
    assert [d["law held"] for d in decisions] == [True] * 5 + [False, None]
    assert decisions[0]["hold_past_release"] == "must not"
    assert decisions[0]["hold_past_release.winning"] == "us/ca/los-angeles/detainers-2014#NR14258an"
    assert decisions[6]["hold_past_release.missing"] == "law date"


def test_findings_of_the_records(desk: Path) -> None:
    found = rows(desk / "out" / "findings.csv")
    assert [(f["case"], f["severity"]) for f in found] == [
        ("a", "contrary"), ("e", "contrary"), ("b", "open"), ("c", "open"),
    ]  # fmt: skip
    assert "NR14258an" in found[0]["citations"]
    assert "the law of that day forbids it" in found[0]["in words"]


def test_the_summary_fits_the_terminal_and_says_what_matters(desk: Path) -> None:
    printed = (desk / "printed").read_text(encoding="utf-8")
    assert max(len(line) for line in printed.splitlines()) <= 100
    assert "8  records read" in printed
    assert "1  rejected" in printed
    assert "7  cases\n" in printed
    assert "5  judged, on days whose law the library holds" in printed
    assert "1  on days whose law the library does not hold: in no answer below" in printed
    assert "1  without a law date: in no answer below" in printed
    assert "whether the list of charges is complete" in printed
    assert "all of them?" not in printed
    assert "hold past release" in printed
    assert "2  contrary" in printed
    assert "decide --from-audit out --row 1" in printed
    assert "not legal advice" in printed


def test_the_manifest_names_what_the_audit_was_made_from(desk: Path) -> None:
    manifest = read_manifest(desk / "out")
    assert manifest["inputs"] == [{"name": "records.csv", "sha256": file_sha256(desk / "records.csv")}]
    assert manifest["command"] == ["comity", "audit", "records.csv", "--map", "map.yaml"]
    assert manifest["counts"]["cases"] == 7
    assert manifest["counts"]["findings"] == {"contrary": 2, "counsel": 0, "open": 2}
    assert manifest["outputs"] == output_hashes(desk / "out")
    assert set(manifest["outputs"]) == {*FILES} - {"manifest.json"}
    assert (desk / "out" / "mapping.yaml").read_text(encoding="utf-8") == MAPPING
    assert str(desk) not in (desk / "out" / "manifest.json").read_text(encoding="utf-8")


def test_the_same_audit_gives_the_same_bytes(desk: Path, tmp_path: Path) -> None:
    shutil.copy(desk / "records.csv", tmp_path)
    shutil.copy(desk / "map.yaml", tmp_path)
    env = {"PYTHONHASHSEED": "7"}
    done = process(
        "audit", tmp_path / "records.csv", "--map", tmp_path / "map.yaml", "--out", tmp_path / "again", env=env
    )
    assert done.code == 0, done.err
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (desk / "out" / name).read_bytes(), name


@pytest.mark.slow
def test_engines_write_the_same_decisions_and_findings(desk: Path, tmp_path: Path) -> None:
    for engine in ("interpreter", "duckdb"):
        done = audit(desk, "--out", tmp_path / engine, "--engine", engine, "--no-report")
        assert done.code == 0, done.err
        for name in ("decisions.parquet", "findings.csv", "cases.jsonl.gz", "rejected.csv"):
            assert (tmp_path / engine / name).read_bytes() == (desk / "out" / name).read_bytes(), (engine, name)


def test_json_summary(desk: Path, tmp_path: Path) -> None:
    done = audit(desk, "--out", tmp_path / "out", "--json", "--no-report", "--action", "hold_past_release")
    data: Any = done.json()
    assert data["cases"] == 7
    assert data["rejected"] == 1
    assert list(data["findings"]) == list(SEVERITIES)
    assert [a["action"] for a in data["actions"]] == ["hold_past_release"]
    assert data["actions"][0]["outcomes"]["must not"] == 3
    assert data["standing"] == {"held": 5, "not_held": 1, "undated": 1}
    assert "report.html" not in data["files"]
    assert "judging" in done.err


def test_csv_and_a_choice_of_columns(desk: Path, tmp_path: Path) -> None:
    words = ("--format", "csv", "--columns", "missing,outcome", "--action", "transfer custody")
    assert audit(desk, "--out", tmp_path / "out", "--no-report", *words).code == 0
    found = rows(tmp_path / "out" / "decisions.csv")
    assert list(found[0])[6:] == ["transfer_custody", "transfer_custody.missing"]
    assert read_manifest(tmp_path / "out")["command"][5:] == [
        "--action", "transfer_custody", "--format", "csv", "--columns", "outcome,missing", "--no-report",
    ]  # fmt: skip


def test_records_without_a_case(desk: Path, tmp_path: Path) -> None:
    done = audit(desk, "--out", tmp_path / "out", records="none.csv")
    assert done.code == 0, done.err
    assert "0  cases judged" in done.out
    assert pq.read_table(tmp_path / "out" / "decisions.parquet").num_rows == 0
    assert rows(tmp_path / "out" / "findings.csv") == []
    assert "has no findings" in bad(run("decide", "--from-audit", tmp_path / "out", "--row", 1), "CM737")


def test_one_record(desk: Path, tmp_path: Path) -> None:
    done = audit(desk, "--out", tmp_path / "out", "--no-report", records="one.csv")
    assert "1  contrary" in done.out
    assert "law of 2016-11-14" in done.out


def test_a_what_if_judges_every_case_by_one_day(desk: Path, tmp_path: Path) -> None:
    done = audit(desk, "--out", tmp_path / "out", "--no-report", "--at", "2013-11-14", "--action", "hold_past_release")
    assert "what if: the law of 2013-11-14" in done.out
    days = {d["law date"].isoformat() for d in pq.read_table(tmp_path / "out" / "decisions.parquet").to_pylist()}
    assert days == {"2013-11-14"}


def test_another_agency_for_every_case(desk: Path, tmp_path: Path) -> None:
    done = audit(desk, "--out", tmp_path / "out", "--no-report", "--agency", "us/ca/fresno-county:police")
    assert "us/ca/fresno-county:police" in done.out
    assert "CM716" in bad(audit(desk, "--out", tmp_path / "x", "--agency", "us/ca/lapd"))
    assert "CM705" in bad(audit(desk, "--out", tmp_path / "x", "--agency-column", "agency"))


def test_another_agency_than_the_mapping_names_is_a_what_if(desk: Path, tmp_path: Path) -> None:
    sheriff = "us/ca/los-angeles-county/sheriff"
    done = audit(desk, "--out", tmp_path / "out", "--agency", sheriff)
    printed = " ".join(done.out.split())
    assert f"what if: the law of {sheriff} for every case, not of {LAPD}, which the mapping names" in printed
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<strong>A what-if.</strong> Every case is judged by the law of Los Angeles County Sheriff" in page
    assert "not by that of Los Angeles Police Department, which the mapping names" in page
    # The agency of the mapping, said again, is none; nor is an agency for a mapping that names none.
    same = audit(desk, "--out", tmp_path / "same", "--agency", LAPD, "--json", "--no-report").json()
    assert same["what_if"] == {"law_date": None, "instead_of": None}
    (tmp_path / "map.yaml").write_text(MAPPING.replace(f"agency: {LAPD}\n", ""), encoding="utf-8")
    words = ("--map", tmp_path / "map.yaml", "--agency", LAPD, "--out", tmp_path / "none", "--json", "--no-report")
    assert run("audit", desk / "records.csv", *words).json()["what_if"]["instead_of"] is None
    # Where the records name their agencies, one agency for all of them is a what-if too.
    read = MAPPING.replace(LAPD, f"{{column: id, values: {{a: {LAPD}}}, otherwise: {LAPD}}}")
    (tmp_path / "map.yaml").write_text(read, encoding="utf-8")
    words = ("--map", tmp_path / "map.yaml", "--agency", sheriff, "--out", tmp_path / "read", "--no-report")
    assert "whatever the records name" in " ".join(run("audit", desk / "records.csv", *words).out.split())


def test_local_law_that_the_library_lacks_is_told_apart(desk: Path, tmp_path: Path) -> None:
    words = ("--agency", "us/nv/washoe-county:sheriff", "--at", "2016-11-14")
    done = audit(desk, "--out", tmp_path / "out", *words, "--action", "transfer_custody", "--no-report")
    head, _, gaps = done.out.partition("Missing in the library: local law")
    assert "8  whether local law forbids  for transfer custody" in gaps
    assert "local law" not in head
    data = audit(desk, "--out", tmp_path / "again", *words, "--no-report", "--json").json()
    assert [one["fact"] for one in data["law_not_in_library"]] == ["local law gives power"]
    assert all("local law" not in one["fact"] for one in data["missing"])
    # A finding says so in its sentence; the column keeps the code.
    done = audit(desk, "--out", tmp_path / "found", *words, "--no-report")
    assert done.code == 0
    found = rows(tmp_path / "found" / "findings.csv")
    assert "local law gives power" in found[0]["missing"]
    assert "whether local law gives power" in found[0]["in words"]


def test_a_finding_that_waits_for_local_law_does_not_blame_the_record() -> None:
    law = comity.load().law
    action = law.vocabulary.action_names()["transfer custody"]
    names = FactNames(law.vocabulary)
    both = Judgement("need a fact", "", (), (), ("judge signed", "local law forbids"), ("may", "must not"))
    said = "transfer custody: recorded as done; whether the law of that day forbids it turns on "
    library = "local law that the library does not hold (whether local law forbids)"
    assert in_words(action, 1, both, "", names) == (
        f"{said}what the record does not tell (judge signed), and on {library}"
    )
    assert in_words(action, 1, replace(both, missing=("local law forbids",)), "", names) == said + library
    assert in_words(action, 1, replace(both, missing=("convictions: all of them?",)), "", names).endswith(
        "(whether the list of convictions is complete)"
    )


def test_likely_repetitions_are_told(desk: Path, tmp_path: Path) -> None:
    mapping = MAPPING.replace("case: id\n", "case: record number\nlikely duplicates: all columns\n")
    (tmp_path / "map.yaml").write_text(mapping, encoding="utf-8")
    line = ROWS.splitlines()[0]
    (tmp_path / "twice.csv").write_text(HEADER + f"{line}\n{line}\n", encoding="utf-8")
    words = ("--map", tmp_path / "map.yaml", "--no-report")
    done = run("audit", tmp_path / "twice.csv", *words, "--out", tmp_path / "out")
    assert "1  likely repetitions of an earlier record, counted all the same" in " ".join(done.out.split(" " * 11))
    assert "2  cases judged" in done.out
    assert run("audit", tmp_path / "twice.csv", *words, "--out", tmp_path / "two", "--json").json()["alike"] == 1


def test_a_sample_is_the_same_for_the_same_seed(desk: Path, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        done = audit(desk, "--out", tmp_path / name, "--no-report", "--sample", 3, "--seed", 5)
        assert "3  cases in the sample" in done.out
        assert "7  cases, of which a sample was judged" in done.out
        found.append((tmp_path / name / "manifest.json").read_bytes())
    assert found[0] == found[1]
    assert json.loads(found[0])["sample"] == {"size": 3, "seed": 5, "of": 7}
    assert "7  cases in the sample" in audit(desk, "--out", tmp_path / "all", "--no-report", "--sample", 50).out


def test_the_default_folder_stands_here(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert audit(desk, "--no-report", records="one.csv").code == 0
    assert (tmp_path / "one-audit" / "manifest.json").is_file()


def test_a_list_in_a_table_of_its_own(desk: Path, tmp_path: Path) -> None:
    mapping = MAPPING.replace("    complete: {column: all_convictions}\n", "    table: its own\n    case: id\n")
    (tmp_path / "map.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "convictions.csv").write_text("id,conviction,convicted\na,PC 459,2010-03-02\n", encoding="utf-8")
    words = ("--map", tmp_path / "map.yaml", "--out", tmp_path / "out", "--no-report", "--force")
    done = run("audit", desk / "one.csv", *words, "--child", f"convictions={tmp_path / 'convictions.csv'}")
    assert done.code == 0, done.err
    assert read_manifest(tmp_path / "out")["inputs"][1]["list"] == "convictions"
    assert "--list" in read_manifest(tmp_path / "out")["command"]
    assert "CM718" in bad(run("audit", desk / "one.csv", *words))
    refused = bad(run("audit", desk / "one.csv", *words, "--list", "convctions=x"), "CM601")
    assert "did you mean 'convictions'?" in refused
    bad(run("audit", desk / "one.csv", *words, "--list", "convictions"))
    twice = ("--list", "convictions=x", "--list", "convictions=y")
    assert "two tables" in bad(run("audit", desk / "one.csv", *words, *twice), "CM601")


def test_guess_prints_a_mapping_and_judges_nothing(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("audit", desk / "records.csv", "--guess")
    assert done.code == 0
    assert "law date:" in done.out
    assert list(tmp_path.iterdir()) == []


# A case of an audit, opened again


def test_every_finding_opens_again_and_agrees(desk: Path) -> None:
    for row in range(1, 5):
        done = run("decide", "--from-audit", desk / "out", "--row", row)
        assert done.code == 0, done.err
        assert f"finding {row} (" in done.out
        assert "✔ agrees with the audit on 33 actions" in done.out


def test_a_case_is_opened_by_its_id_too(desk: Path) -> None:
    done = run("decide", "--from-audit", desk / "out", "--case", "e")
    assert "finding 2 (contrary)" in done.out
    assert "agrees with the audit" in done.out


def test_the_answer_as_json_keeps_the_agreement_aside(desk: Path) -> None:
    done = run("decide", "--from-audit", desk / "out", "--row", 1, "--json")
    data: Any = done.json()
    assert data["agency"] == LAPD
    assert "agrees with the audit" in done.err


def test_a_case_that_was_not_kept_is_found_in_the_records(desk: Path) -> None:
    words = ("decide", "--from-audit", desk / "out", "--case", "d")
    assert "--records" in bad(run(*words), "CM737")
    done = run(*words, "--records", desk / "records.csv")
    assert "agrees with the audit on 33 actions" in done.out
    assert "finding" not in done.out.splitlines()[-2]
    bad(run(*words, "--records", desk / "one.csv"), "CM738")
    bad(run("decide", "--from-audit", desk / "out", "--case", "zz", "--records", desk / "records.csv"), "CM737")


def test_an_audit_that_keeps_no_cases_says_so(desk: Path, tmp_path: Path) -> None:
    done = audit(desk, "--out", tmp_path / "out", "--no-report", "--keep-cases", 0)
    assert "the facts of 4 cases with findings are not kept" in " ".join(done.out.split())
    assert "did not keep" in bad(run("decide", "--from-audit", tmp_path / "out", "--row", 1), "CM737")
    again = run("decide", "--from-audit", tmp_path / "out", "--row", 1, "--records", desk / "records.csv")
    assert "agrees" in again.out


def test_a_difference_is_told_loudly(desk: Path, tmp_path: Path) -> None:
    shutil.copytree(desk / "out", tmp_path / "out")
    text = (tmp_path / "out" / "findings.csv").read_text(encoding="utf-8")
    (tmp_path / "out" / "findings.csv").write_text(
        text.replace('"must not","contrary"', '"may","contrary"', 1), "utf-8"
    )
    done = run("decide", "--from-audit", tmp_path / "out", "--row", 1)
    assert done.code == 1
    assert "✘ DIFFERS from the audit on 1 action" in done.out
    assert "the audit says 'may', the answer says 'must not'" in " ".join(done.out.split())


def test_another_library_is_warned_of(desk: Path, tmp_path: Path) -> None:
    shutil.copytree(desk / "out", tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    manifest["law"]["sha256"] = "0" * 64
    (tmp_path / "out" / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    done = run("decide", "--from-audit", tmp_path / "out", "--row", 1)
    assert done.code == 0
    assert "another law library" in done.err


def test_a_changed_case_is_not_compared(desk: Path) -> None:
    for words in (
        ("--what-if", "judge signed=yes"),
        ("--at", "2013-11-14"),
        ("--agency", "us/ca/los-angeles-county/sheriff"),
    ):
        done = run("decide", "--from-audit", desk / "out", "--row", 1, *words)
        assert done.code == 0, done.err
        assert "it is not compared with the audit" in done.out


def test_one_case_must_be_named(desk: Path, tmp_path: Path) -> None:
    out = desk / "out"
    bad(run("decide"), "CM601")
    bad(run("decide", desk / "records.csv", "--from-audit", out, "--row", 1), "CM601")
    bad(run("decide", "--from-audit", out), "CM601")
    bad(run("decide", "--from-audit", out, "--row", 1, "--case", "a"), "CM601")
    bad(run("decide", "--from-audit", out, "--row", 0), "CM737")
    bad(run("decide", "--from-audit", out, "--row", 5), "CM737")
    bad(run("decide", "--from-audit", tmp_path, "--row", 1), "CM736")


def test_a_damaged_audit_is_a_sentence(desk: Path, tmp_path: Path) -> None:
    for name, data in (
        ("manifest.json", b"{"),
        ("manifest.json", b'{"format": 99}'),
        ("findings.csv", b"\xff\xfe"),
        ("findings.csv", b"a,b\n1,2\n"),
        ("cases.jsonl.gz", b"\x1f\x8b broken"),
        ("decisions.parquet", b"PAR1"),
    ):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        shutil.copytree(desk / "out", tmp_path / "out")
        (tmp_path / "out" / name).write_bytes(data)
        bad(run("decide", "--from-audit", tmp_path / "out", "--row", 1), "CM736")
    (tmp_path / "out" / "decisions.parquet").unlink()
    bad(run("decide", "--from-audit", tmp_path / "out", "--row", 1), "CM736")


# Bad input


def test_no_mapping_fits(desk: Path) -> None:
    assert "--guess" in bad(run("audit", desk / "records.csv", "--out", desk / "x"), "CM740")


def test_what_cannot_be_used_is_refused_before_anything_is_made(desk: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out")
    bad(audit(desk, *out, "--agency", LAPD, "--agency-column", "day"), "CM601")
    bad(audit(desk, *out, "--action", "fly"), "CM202")
    bad(audit(desk, *out, "--engine", "fast"))
    bad(audit(desk, *out, "--columns", "all"))
    bad(audit(desk, *out, "--sample", 0))
    bad(audit(desk, *out, "--at", "2016-02-30"))
    bad(audit(desk, *out, records="nothing.csv"), "CM701")
    bad(run("audit", desk / "records.csv", "--map", "nothing.yaml", *out), "CM719")
    bad(run("audit"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_not_replaced(desk: Path, tmp_path: Path) -> None:
    assert "--force" in bad(audit(desk, "--out", desk / "out"), "CM732")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    bad(audit(desk, "--out", tmp_path / "mine", "--force"), "CM732")
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"
    bad(audit(desk, "--out", tmp_path / "none" / "out"), "CM731")
    assert audit(desk, "--out", tmp_path / "out", "--no-report", records="one.csv").code == 0
    assert audit(desk, "--out", tmp_path / "out", "--no-report", "--force").code == 0
    assert read_manifest(tmp_path / "out")["counts"]["cases"] == 7


def test_a_damaged_input_leaves_nothing(desk: Path, tmp_path: Path) -> None:
    whole = tmp_path / "records.parquet"
    pq.write_table(pq.read_table(desk / "out" / "decisions.parquet"), whole)
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(whole.read_bytes()[:-100])
    bad(run("audit", cut, "--map", desk / "map.yaml", "--out", tmp_path / "out"), "CM702")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cut.parquet", "records.parquet"]


def small_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def test_a_full_disk_is_a_sentence_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    big(tmp_path, 600)
    words = ("audit", "big.csv", "--map", "map.yaml", "--out", "out", "--action", "hold_past_release", "--no-report")
    done = subprocess.run(
        [sys.executable, "-m", "comity.cli", *words], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(SOURCE)}, preexec_fn=small_files, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "error[CM735]: the audit had to stop: file too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob("out.part-*/files"))


# Stopping and resuming


def big(folder: Path, size: int) -> None:
    draw = random.Random(1)
    with (folder / "big.csv").open("w", encoding="utf-8") as out:
        out.write(HEADER)
        for i in range(size):
            day = f"{draw.randint(2012, 2023)}-0{draw.randint(1, 9)}-{draw.randint(10, 28)}"
            offence = draw.choice(["PC 459", "PC 187", "HS 11378", ""])
            signed, held, whole = (draw.choice(["yes", "no"]) for _ in range(3))
            out.write(f"b{i},{day},{signed},{held},{offence},2010-03-01,{whole}\n")
    (folder / "map.yaml").write_text(MAPPING, encoding="utf-8")


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_half_written_and_resume_gives_the_same_bytes(tmp_path: Path) -> None:
    big(tmp_path, 500)
    words = ["audit", "big.csv", "--map", "map.yaml", "--action", "hold_past_release", "--engine", "interpreter"]
    env = {**os.environ, "PYTHONPATH": str(SOURCE)}

    def start(*more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "comity.cli", *words, *more], cwd=tmp_path, env=env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip

    running = start("--out", "out")
    limit = time.monotonic() + 120
    while not list(tmp_path.glob("out.part-*/parts/*.arrow")) and running.poll() is None and time.monotonic() < limit:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 130, said
    assert "--resume goes on" in said
    assert "Traceback" not in said
    (kept,) = tmp_path.glob("out*")
    assert sorted(p.name for p in kept.iterdir()) == ["lock", "parts", "state.json"]

    refused = start("--out", "out")
    assert "CM734" in refused.communicate(timeout=120)[1]
    changed = start("--out", "out", "--resume", "--columns", "outcome")
    assert "the options changed" in changed.communicate(timeout=120)[1]
    going_on = start("--out", "out", "--resume")
    _, said = going_on.communicate(timeout=120)
    assert going_on.returncode == 0, said
    assert "were judged before" in said
    whole = start("--out", "whole")
    assert whole.communicate(timeout=120)
    assert whole.returncode == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["big.csv", "map.yaml", "out", "whole"]
    for name in FILES:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    nothing = start("--out", "other", "--resume")
    assert "CM733" in nothing.communicate(timeout=120)[1]


def test_records_that_change_while_they_are_read_are_refused(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamps = iter([[(1, 1)], [(1, 2)]])
    monkeypatch.setattr(Source, "stamps", lambda self: next(stamps))
    assert "changed while it was read" in bad(audit(desk, "--out", tmp_path / "out"), "CM739")
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_cannot_be_made_loses_no_judgement(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> str:
        raise ComityError([Problem("CM770", "the report needs jinja2")])

    with monkeypatch.context() as patch:
        patch.setattr("comity.audit.report.report_html", fail)
        bad(audit(desk, "--out", tmp_path / "out"), "CM770")
    assert not (tmp_path / "out").exists()
    done = audit(desk, "--out", tmp_path / "out", "--resume")
    assert "7 cases were judged before" in done.err
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == FILES
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_tables_whose_columns_are_facts_already(desk: Path, tmp_path: Path) -> None:
    days = pa.array([date(2016, 11, 14), date(2018, 6, 1), None])
    agencies = [LAPD, LAPD, "us/tx/travis-county/sheriff"]
    cases = {"case_id": [1, 2, 3], "law_date": days, "agency": agencies, "judge_signed": [True, False, None]}
    pq.write_table(pa.table(cases), tmp_path / "facts.parquet")
    pq.write_table(pa.table({"case_id": [1], "offence": ["PC 459"]}), tmp_path / "convictions.parquet")
    mapping = "mapping: facts\nkind: facts\nlists:\n  convictions: {complete: yes}\n"
    (tmp_path / "facts.yaml").write_text(mapping, encoding="utf-8")
    words = (
        "--map",
        tmp_path / "facts.yaml",
        "--list",
        f"convictions={tmp_path / 'convictions.parquet'}",
        "--no-report",
    )
    done = run("audit", tmp_path / "facts.parquet", *words, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    assert "2 agencies" in done.out
    assert "The records tell no outcome of an action" in done.out
    again = run("decide", "--from-audit", tmp_path / "out", "--case", 2, "--records", tmp_path / "facts.parquet")
    assert "agrees with the audit" in again.out
    sample = run("audit", tmp_path / "facts.parquet", *words, "--out", tmp_path / "two", "--sample", 2)
    assert "2  cases judged" in sample.out
    bad(run("audit", tmp_path / "facts.parquet", *words, "--out", tmp_path / "x", "--agency-column", "agency"), "CM601")


# The small parts


def test_the_command_of_a_manifest_names_no_folder() -> None:
    assignment = Assignment("/a/b/records.csv", Path("/x"), children=(("convictions", "/c/d.csv"),), sample=3)
    assert assignment.command("map.yaml") == [
        *("comity", "audit", "records.csv", "--map", "map.yaml", "--list", "convictions=d.csv"),
        *("--sample", "3", "--seed", "0"),
    ]
    assert base_name("postgres://user:secret@host:5432/jail?sslmode=x") == "postgres://…/jail"


def test_the_bar_tells_rate_and_time_left() -> None:
    bar = ProgressBar(None, shown=True)
    bar.show("judging", 1, 0.5)
    line = bar.line("judging", 1_500_000, 0.25, 10.0)
    assert "25%" in line
    assert "1,500,000" in line
    assert "150.0 k a second" in line
    assert "30 s left" in line
    assert "left" not in bar.line("judging", 10, None, 10.0)
    assert "20 min left" in bar.line("judging", 10, 0.5, 1200.0)


# Real records


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared records are not on this machine")
def test_real_records_give_a_finding_that_opens_again(tmp_path: Path) -> None:
    records = SHARED / "pennsylvania-ice-detainers-fy08-fy15.csv.gz"
    done = run("audit", records, "--out", tmp_path / "pa", "--keep-cases", 100)
    assert done.code == 0, done.err
    assert "32,757  records read" in done.out
    for row in (1, 100):
        again = run("decide", "--from-audit", tmp_path / "pa", "--row", row)
        assert again.code == 0, again.err
        assert "agrees with the audit" in again.out
