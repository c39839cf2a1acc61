"""A case of an audit, opened again: its facts, what the audit said of it, and whether one-case deciding agrees."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from comity.api import Library
from comity.audit.outputs.decisions import read_decision
from comity.audit.outputs.files import CASES, FINDINGS
from comity.audit.outputs.keptcases import read_kept
from comity.audit.outputs.manifest import read_manifest
from comity.audit.tables import CaseTable
from comity.auditing.assignment import Assignment
from comity.auditing.casefacts import CaseFiles
from comity.auditing.source import open_source
from comity.decide.answer import Answer
from comity.decide.casefile import CaseText
from comity.problems import ComityError, Problem

__all__ = ["Reopened", "compare", "reopen"]


@dataclass(frozen=True, slots=True)
class Reopened:
    """One case of an audit.

    ``record``: its number in the records.  ``findings``: its rows of ``findings.csv``, column by column.  ``computed``:
    action id -> what the audit computed.  ``same_law``: whether the audit was made with this library.
    """

    text: CaseText
    record: int
    findings: tuple[dict[str, str], ...]
    computed: dict[str, str]
    same_law: bool


def reopen(
    folder: Path, library: Library, *, row: int | None = None, case: str | None = None, records: str | None = None
) -> Reopened:
    """The case of finding ``row``, or the case called ``case``.

    ``records``: the input of the audit, to find a case in whose facts the audit did not keep.  Raises ComityError CM736
    for a folder that is no whole audit, CM737 where the case cannot be found, and CM738 for other records.
    """
    manifest = read_manifest(folder)
    record = _record_of(folder, manifest, row) if row is not None else None
    kept = read_kept(folder / CASES, record, case)
    if kept is not None:
        facts, record = kept["facts"], int(kept["record"])
    elif records is not None:
        facts, record = _from_records(folder, manifest, library, records, record, case)
    else:
        called = f"the case '{case}'" if case is not None else f"the case of finding {row}"
        help_ = "name the records it was made from with --records, and the case is looked up there"
        raise ComityError([Problem("CM737", f"the audit did not keep the facts of {called}", help=help_)])
    findings = tuple(f for f in _findings(folder) if f["record"] == str(record))
    text = library.read_case(json.dumps(facts, ensure_ascii=False), file=f"{folder.name}, record {record}")
    decision = read_decision(next(iter(sorted(folder.glob("decisions.*"))), folder / "decisions.parquet"), record)
    computed = {a: str(decision[a]) for a in manifest["actions"] if a in decision} if decision else {}
    computed |= {f["action"]: f["computed"] for f in findings}
    return Reopened(text, record, findings, computed, manifest["law"]["sha256"] == library.sha256)


def compare(reopened: Reopened, answer: Answer) -> tuple[int, tuple[str, ...]]:
    """How many actions the audit and the answer agree on, and a sentence for each on which they differ."""
    differ = []
    for action, computed in reopened.computed.items():
        outcome = answer.action(action).outcome
        if outcome != computed:
            differ.append(f"{action}: the audit says '{computed}', the answer says '{outcome}'")
    return len(reopened.computed) - len(differ), tuple(differ)


def _record_of(folder: Path, manifest: dict[str, Any], row: int) -> int:
    """The record number of a finding."""
    found = next((f for f in _findings(folder) if f["number"] == str(row)), None)
    if found is None:
        total = sum(manifest["counts"]["findings"].values())
        help_ = f"the findings of this audit are numbered 1 to {total}" if total else "this audit has no findings"
        raise ComityError([Problem("CM737", f"there is no finding {row}", help=help_)])
    return int(found["record"])


def _findings(folder: Path) -> Iterator[dict[str, str]]:
    try:
        with (folder / FINDINGS).open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if not {"number", "record", "action", "computed", "severity", "in words"} <= set(rows.fieldnames or ()):
                raise ValueError("not our columns")
            yield from rows
    except (OSError, ValueError, csv.Error):
        help_ = "run the audit again"
        raise ComityError([Problem("CM736", f"'{FINDINGS}' is missing or damaged", help=help_)]) from None


def _from_records(
    folder: Path, manifest: dict[str, Any], library: Library, records: str, record: int | None, case: str | None
) -> tuple[dict[str, Any], int]:
    """The facts of a case, and its record number, from the input read again as the audit read it."""
    options = _options(manifest["command"])
    beside = Path(records).parent
    children = tuple((name, str(beside / file)) for name, _, file in (c.partition("=") for c in options["--list"]))
    at = options["--at"]
    source = open_source(
        Assignment(
            records,
            folder,
            str(folder / manifest["mapping"]["file"]),
            "".join(options["--table"]),
            "".join(options["--agency"]),
            "".join(options["--agency-column"]),
            date.fromisoformat(at[0]) if at else None,
            children,
        ),
        library,
    )
    if [i["sha256"] for i in source.hashes()] != [i["sha256"] for i in manifest["inputs"]]:
        names = ", ".join(i["name"] for i in manifest["inputs"])
        raise ComityError(
            [Problem("CM738", "these are not the records of the audit", help=f"it was made from {names}")]
        )
    for chunk in source.chunks():
        place = _place(chunk.table, record, case)
        if place is not None:
            return next(CaseFiles(library.law).data(chunk.table, [place])), int(chunk.table.numbers[place])
    called = f"'{case}'" if case is not None else f"of record {record}"
    raise ComityError([Problem("CM737", f"the records hold no case {called}", help="look into rejected.csv")])


def _place(table: CaseTable, record: int | None, case: str | None) -> int | None:
    if record is not None:
        found = np.flatnonzero(table.numbers == record)
    else:
        found = np.flatnonzero([str(id_) == case for id_ in table.ids.to_pylist()])
    return int(found[0]) if len(found) else None


def _options(command: list[str]) -> dict[str, list[str]]:
    """Option -> its values, of a command of a manifest."""
    found: dict[str, list[str]] = {name: [] for name in ("--table", "--agency", "--agency-column", "--at", "--list")}
    for name, value in pairwise(command):
        if name in found:
            found[name].append(value)
    return found
