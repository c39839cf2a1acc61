"""How many recorded cases each difference between two laws touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from comity.api import Library
from comity.audit.tables import CaseTable
from comity.auditing.assignment import Assignment
from comity.auditing.engines import engine
from comity.auditing.source import open_source
from comity.proving.parties import Party

__all__ = ["Touched", "touched"]


@dataclass(frozen=True, slots=True)
class Touched:
    """``cases`` that were read, ``rejected`` records; per action (outcome on one side, on the other) -> cases."""

    cases: int
    rejected: int
    changes: Mapping[str, Counter[tuple[str, str]]]

    def differing(self, action: str) -> int:
        """Cases whose outcome is not the same on both sides."""
        return sum(n for (before, after), n in self.changes[action].items() if before != after)


def touched(records: str, mapping: str, parties: tuple[Party, Party], actions: Sequence[str]) -> Touched:
    """Judge every case of a file under both laws; ComityError as for an audit (CM6xx, CM7xx).

    Agency and law date of the records are set aside: each case is put before both sides.
    """
    libraries = [Library(party.law) for party in parties]
    if parties[0].law is parties[1].law:
        libraries[1] = libraries[0]
    engines = [engine("columns", library, actions) for library in libraries]
    assignment = Assignment(records, Path(), mapping, agency=parties[0].agency.id, law_date=parties[0].day)
    changes: dict[str, Counter[tuple[str, str]]] = {a: Counter() for a in actions}
    cases = rejected = 0
    for chunk in open_source(assignment, libraries[0]).chunks():
        cases += len(chunk.table)
        rejected = sum(chunk.quality.rejected.values())
        judged = [e.judge(_before(chunk.table, p)) for e, p in zip(engines, parties, strict=True)]
        for action in actions:
            pairs = np.stack([j.actions[action] for j in judged], axis=1)
            found, counts = np.unique(pairs, axis=0, return_counts=True)
            for (one, other), count in zip(found.tolist(), counts.tolist(), strict=True):
                words = judged[0].judgements[action][one].outcome, judged[1].judgements[action][other].outcome
                changes[action][words] += count
    return Touched(cases, rejected, changes)


def _before(table: CaseTable, party: Party) -> CaseTable:
    day = (party.day - date(1970, 1, 1)).days
    size = len(table)
    return replace(
        table,
        agencies=(party.agency.id,),
        agency=np.zeros(size, np.int32),
        law_date=np.full(size, day, np.int32),
    )
