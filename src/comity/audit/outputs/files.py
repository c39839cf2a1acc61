"""All output files of one audit, fed stretch by stretch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from comity.audit.counts.held import HeldLaw
from comity.audit.judgement import Judged
from comity.audit.outputs.decisions import COLUMNS, DecisionsFile, decisions, decisions_schema, id_array, open_decisions
from comity.audit.outputs.findings import SEVERITIES, FindingsFile
from comity.audit.outputs.keptcases import CaseFacts, KeptCases
from comity.audit.outputs.rejections import RejectionsFile
from comity.audit.quality import Rejected
from comity.audit.summary import Summary
from comity.policy.facts import Action
from comity.policy.library import Library

__all__ = ["CASES", "FINDINGS", "REJECTED", "Counts", "Outputs"]

FINDINGS: Final = "findings.csv"
REJECTED: Final = "rejected.csv"
CASES: Final = "cases.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Counts:
    """What was written.  ``findings``: action name -> severity -> how many.  ``kept`` and ``left_out``: cases with
    findings whose facts are in ``cases.jsonl.gz``, and those that are not.
    """

    cases: int
    rejected: int
    findings: Mapping[str, Mapping[str, int]]
    kept: int
    left_out: int

    def by_severity(self) -> dict[str, int]:
        """Severity -> findings of every action."""
        return {s: sum(found[s] for found in self.findings.values()) for s in SEVERITIES}


class Outputs:
    """Writes what is judged.

    ``files``: the folder of the outputs; ``spool``: one for files that are gone at the end.  ``actions``: those the
    decisions tell, in order; of them ``told`` (keys of ``decisions.COLUMNS``).  ``facts``: cases as case files;
    ``most_kept``: how many are kept for each severity.
    """

    def __init__(
        self,
        files: Path,
        spool: Path,
        library: Library,
        actions: Sequence[Action],
        *,
        format_: str,
        facts: CaseFacts,
        summary: Summary,
        told: Sequence[str] = tuple(COLUMNS),
        most_kept: int = 10_000,
    ) -> None:
        self.summary = summary
        self._files = files
        self._actions = tuple(actions)
        self._told = tuple(told)
        self._format = format_
        self._held = HeldLaw(summary.periods.coverage)
        self._rejections = RejectionsFile(files / REJECTED)
        self._findings = FindingsFile(spool, library, actions)
        self._kept = KeptCases(spool, facts, most_kept)
        self._decisions: DecisionsFile | None = None
        self._schema = pa.schema([])
        self._cases = 0

    def reject(self, rejected: Iterable[Rejected]) -> None:
        """Add records that gave no case."""
        self._rejections.add(rejected)

    def add(self, judged: Judged) -> None:
        """Add a stretch of judged cases."""
        table = judged.table
        if not len(table):
            return
        self._cases += len(table)
        held = self._held.of(table)
        self._open(id_array(table.ids).type).write(decisions(judged, held, self._actions, self._schema, self._told))
        self._kept.add(table, self._findings.add(judged, held))
        self.summary.add(judged)

    def _open(self, ids: pa.DataType) -> DecisionsFile:
        if self._decisions is None:
            self._schema = decisions_schema(ids, self._actions, self._told)
            path = self._files / f"decisions.{self._format}"
            self._decisions = open_decisions(path, self._schema, self._format)
        return self._decisions

    def close(self) -> Counts:
        """Finish every file; an audit without cases has empty ones."""
        self._open(pa.string()).close()
        self._rejections.close()
        self._findings.close(self._files / FINDINGS)
        self._kept.close(self._files / CASES)
        return Counts(self._cases, self._rejections.count, self._findings.counts, self._kept.kept, self._kept.left_out)

    def drop(self) -> None:
        """Let go of every file of an audit that does not end; what is in them is of no use."""
        for one in (self._decisions, self._rejections, self._findings, self._kept):
            # A full disk is told already; here it would hide that.
            with contextlib.suppress(OSError, ValueError):
                if isinstance(one, FindingsFile | KeptCases):
                    one.drop()
                elif one is not None:
                    one.close()
