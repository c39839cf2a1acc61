"""Findings: recorded outcomes that contradict the law of their day, or that cannot be squared with it yet.

While the cases go by, findings are kept in one small file for each severity; at the end they become one CSV, the
gravest first, so that the first row is the one to read first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv

from comity.audit.counts.factnames import FactNames
from comity.audit.counts.held import HELD
from comity.audit.judgement import Judged, Judgement
from comity.audit.outputs.decisions import id_array
from comity.audit.tables import Array
from comity.audit.verdicts import DONE, RECORDED, may_be_contrary, verdict
from comity.policy.facts import Action
from comity.policy.library import Library
from comity.policy.outcome import ASK_COUNSEL

__all__ = ["CONTRARY", "COUNSEL", "OPEN", "SEVERITIES", "FindingsFile", "Found", "in_words", "severity"]

CONTRARY: Final = "contrary"
COUNSEL: Final = "counsel"
OPEN: Final = "open"

#: From the gravest on; this is the order of the rows of ``findings.csv``.
SEVERITIES: Final = (CONTRARY, COUNSEL, OPEN)

_NONE: Final = 255
#: Missing facts named in a sentence; the column ``missing`` has them all.
_MOST_NAMED: Final = 3


def severity(judgement: Judgement, recorded: int) -> str:
    """ "contrary", "counsel", "open", or "" where the record can be squared with the law.

    ``recorded`` is a number of ``verdicts.RECORDED``.  "counsel": a person must say what the law is; "open": a missing
    fact can still make it contrary.
    """
    found = verdict(judgement.outcome, recorded)
    if found != "open":
        return CONTRARY if found == "contrary" else ""
    if not may_be_contrary(judgement, recorded):
        return ""
    return COUNSEL if judgement.outcome == ASK_COUNSEL else OPEN


def in_words(action: Action, recorded: int, judgement: Judgement, cites: str, names: FactNames | None = None) -> str:
    """A finding as a plain sentence without a full stop.

    ``cites``: the citations of the winning norms, or "".  ``names``: what facts are called; None: by their codes.
    """
    said = f"{action.name}: recorded as {RECORDED[recorded]}"
    verb = "forbids" if recorded == DONE else "requires"
    beside = f" ({cites})" if cites else ""
    match judgement.outcome, judgement.reason:
        case "must not", _ if not cites:
            return f"{said}, but under the law of that day nobody with authority allows it"
        case (("must not" | "must"), _):
            return f"{said}, but the law of that day {verb} it{beside}"
        case "ask counsel", "conflict":
            return f"{said}; authorities contradict each other and no rule says which prevails{beside}: ask counsel"
        case "ask counsel", "readings":
            return f"{said}; the law of that day can be read so that it {verb} it: ask counsel"
        case "ask counsel", _:
            facts = _some(judgement.missing, names)
            return f"{said}; whether the law of that day {verb} it is for a person to judge ({facts}): ask counsel"
        case _:
            gaps = [fact for fact in judgement.missing if names is not None and names.is_gap(fact)]
            lacking = [fact for fact in judgement.missing if fact not in gaps]
            turns = [f"what the record does not tell ({_some(lacking, names)})"] if lacking or not gaps else []
            turns += [f"local law that the library does not hold ({_some(gaps, names)})"] if gaps else []
            return f"{said}; whether the law of that day {verb} it turns on {', and on '.join(turns)}"


def _some(facts: Sequence[str], names: FactNames | None) -> str:
    facts = facts if names is None else [names.words(fact) for fact in facts]
    more = len(facts) - _MOST_NAMED
    return "; ".join(facts) if more < 2 else "; ".join((*facts[:_MOST_NAMED], f"and {more} more"))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Findings of one stretch: position of the case in it, position of the action, and severity, row by row."""

    cases: Array
    actions: Array
    severities: Array

    def __len__(self) -> int:
        return len(self.cases)


class FindingsFile:
    """Collects the findings of an audit; ``counts`` says how many there are of each action and severity.

    ``folder`` is for files while the audit runs.  ``actions``: those whose recorded outcome is looked at.
    """

    def __init__(self, folder: Path, library: Library, actions: Sequence[Action]) -> None:
        self._folder = folder
        self._actions = tuple(actions)
        self._names = FactNames(library.vocabulary)
        self._cites = {n.id: n.cite for n in library.norms}
        self._spools: dict[str, pa.ipc.RecordBatchStreamWriter] = {}
        self._ids: pa.DataType | None = None
        self._agencies: dict[str, int] = {}
        self._known: dict[tuple[int, int, Judgement], int] = {}
        #: Action name -> severity -> findings.
        self.counts: dict[str, dict[str, int]] = {a.name: dict.fromkeys(SEVERITIES, 0) for a in actions}

    def add(self, judged: Judged, held: Array) -> Found:
        """Look at one stretch.  ``held``: per case, as ``HeldLaw`` says; only held law can be contradicted."""
        found = self._look(judged, held)
        for place, name in enumerate(SEVERITIES):
            chosen = np.flatnonzero(found.severities == place)
            if len(chosen):
                self._keep(judged, name, found.cases[chosen], found.actions[chosen])
        return found

    def _look(self, judged: Judged, held: Array) -> Found:
        cases: list[Array] = []
        actions: list[Array] = []
        severities: list[Array] = []
        for number, action in enumerate(self._actions):
            recorded = judged.table.recorded.get(action.name)
            if recorded is None or action.name not in judged.actions:
                continue
            told = np.flatnonzero((recorded != 0) & (held == HELD))
            if not len(told):
                continue
            codes = judged.actions[action.name][told].astype(np.intp) * 3 + recorded[told]
            table = np.full(int(codes.max()) + 1, _NONE, np.uint8)
            for code in np.flatnonzero(np.bincount(codes)).tolist():
                grave = severity(judged.judgements[action.name][code // 3], code % 3)
                table[code] = SEVERITIES.index(grave) if grave else _NONE
            grades = table[codes]
            chosen = np.flatnonzero(grades != _NONE)
            cases.append(told[chosen])
            actions.append(np.full(len(chosen), number, np.int32))
            severities.append(grades[chosen])
        if not cases:
            return Found(np.zeros(0, np.intp), np.zeros(0, np.int32), np.zeros(0, np.uint8))
        whole = np.concatenate(cases), np.concatenate(actions), np.concatenate(severities)
        order = np.lexsort((whole[1], whole[0]))
        return Found(*(one[order] for one in whole))

    def _keep(self, judged: Judged, name: str, cases: Array, actions: Array) -> None:
        table = judged.table
        known = np.zeros(len(cases), np.int32)
        for number, action in enumerate(self._actions):
            of = np.flatnonzero(actions == number)
            if not len(of):
                continue
            self.counts[action.name][name] += len(of)
            keys = judged.actions[action.name][cases[of]].astype(np.intp) * 3 + table.recorded[action.name][cases[of]]
            used, places = np.unique(keys, return_inverse=True)
            numbers = [
                self._known.setdefault((number, k % 3, judged.judgements[action.name][k // 3]), len(self._known))
                for k in used.tolist()
            ]
            known[of] = np.array(numbers, np.int32)[places.reshape(-1)]
        agencies = np.array([self._agencies.setdefault(a, len(self._agencies)) for a in table.agencies], np.int32)
        ids = id_array(table.ids).take(pa.array(cases))
        if self._ids is None:
            self._ids = ids.type
        columns = {
            "case": ids.cast(self._ids),
            "record": pa.array(table.numbers[cases], pa.int64()),
            "agency": pa.array(agencies[table.agency[cases]]),
            "law date": pa.array(table.law_date[cases], pa.int32()).cast(pa.date32()),
            "known": pa.array(known),
        }
        batch = pa.record_batch(columns)
        if name not in self._spools:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._spools[name] = pa.ipc.new_stream(self._spool(name), batch.schema, options=options)
        self._spools[name].write_batch(batch)

    def _spool(self, name: str) -> str:
        return str(self._folder / f"findings-{name}.arrow")

    def drop(self) -> None:
        """Let go of the files without writing any."""
        for spool in self._spools.values():
            spool.close()

    def close(self, path: Path) -> None:
        """Write every finding to ``path``, with its number from 1."""
        for spool in self._spools.values():
            spool.close()
        first = 1
        with pyarrow.csv.CSVWriter(str(path), self._schema()) as out:
            for name in SEVERITIES:
                if name not in self._spools:
                    continue
                words = self._words()
                with pa.OSFile(self._spool(name)) as file, pa.ipc.open_stream(file) as batches:
                    for batch in batches:
                        out.write_table(self._rows(batch, first, name, words))
                        first += batch.num_rows
                Path(self._spool(name)).unlink()

    def _schema(self) -> pa.Schema:
        text = pa.string()
        return pa.schema(
            [
                ("number", pa.int64()), ("case", self._ids or text), ("record", pa.int64()), ("agency", text),
                ("law date", pa.date32()), ("action", text), ("recorded", text), ("computed", text),
                ("severity", text), ("possible", text), ("winning", text), ("citations", text), ("missing", text),
                ("in words", text),
            ]
        )  # fmt: skip

    def _words(self) -> Mapping[str, pa.Array]:
        """Text columns, by position in ``known``."""
        found: dict[str, list[str]] = {
            k: [] for k in ("action", "recorded", "computed", "possible", "winning", "citations", "missing", "in words")
        }
        for number, recorded, judgement in self._known:
            action = self._actions[number]
            cites = "; ".join(dict.fromkeys(self._cites.get(norm, norm) for norm in judgement.winning))
            found["action"].append(action.id)
            found["recorded"].append(RECORDED[recorded])
            found["computed"].append(judgement.outcome)
            found["possible"].append("; ".join(judgement.possible))
            found["winning"].append("; ".join(judgement.winning))
            found["citations"].append(cites)
            found["missing"].append("; ".join(judgement.missing))
            found["in words"].append(in_words(action, recorded, judgement, cites, self._names))
        return {key: pa.array(words, pa.string()) for key, words in found.items()}

    def _rows(self, batch: pa.RecordBatch, first: int, name: str, words: Mapping[str, pa.Array]) -> pa.Table:
        schema = self._schema()
        known = batch.column("known")
        agencies = pa.array(list(self._agencies), pa.string())
        columns = {
            "number": pa.array(np.arange(first, first + batch.num_rows)),
            "case": batch.column("case"),
            "record": batch.column("record"),
            "agency": agencies.take(batch.column("agency")),
            "law date": batch.column("law date"),
            "severity": pa.array([name] * batch.num_rows, pa.string()),
            **{key: column.take(known) for key, column in words.items()},
        }
        return pa.Table.from_arrays([columns[field.name] for field in schema], schema=schema)
