"""The workload as Comity sees it: one case, a table of cases in memory, and reason codes out of judgements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from bench.detainer_ca.workload import (
    ACTION,
    AGENCIES,
    AGENCY,
    CASE_FACTS,
    CATEGORIES,
    CODES,
    CONVICTION_FIELDS,
    GRADES,
    KINDS,
    LAW,
    Block,
    CaseRow,
    reason_of,
)

import comity
from comity.audit.judgement import Judged
from comity.audit.tables import CaseTable, Column, ListTable
from comity.case import Case, Rows
from comity.policy.authority import Agency

_WORDS = {"request kind": KINDS, "agency kind": AGENCIES, "offence category": CATEGORIES, "grade": GRADES}


def load_law() -> comity.Library:
    """The workload's law, read and checked."""
    return comity.load(LAW, cache=False)


def values_of(row: CaseRow) -> dict[str, Any]:
    """The facts of a case by name."""
    return dict(zip(CASE_FACTS, row[1:-1], strict=True))


def lists_of(row: CaseRow) -> dict[str, Rows]:
    """The convictions of a case; every one there is."""
    return {"convictions": Rows(tuple(dict(zip(CONVICTION_FIELDS, c, strict=True)) for c in row[-1]), True)}


def case_of(row: CaseRow, agency: Agency) -> Case:
    """A case for the one-case engine."""
    return Case(agency, row[0], values_of(row), lists_of(row))


def case_table(block: Block) -> CaseTable:
    """A block as the audit's columns, without copying what has the right form already."""
    size = len(block)
    return CaseTable(
        ids=pa.array(block.cases["case id"]),
        numbers=np.arange(1, size + 1),
        agencies=(AGENCY,),
        agency=np.zeros(size, np.int32),
        law_date=block.cases["law date"],
        columns=_columns(block.cases, CASE_FACTS),
        lists={
            "convictions": ListTable(block.offsets, np.ones(size, bool), _columns(block.convictions, CONVICTION_FIELDS))
        },
    )


def _columns(columns: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Column]:
    return {name: _column(name, columns[name]) for name in names}


def _column(name: str, values: Any) -> Column:
    if name == "date":
        return Column("date", values)
    if name in _WORDS:
        return Column("one of", values, words=_WORDS[name])
    if values.dtype == np.int8:  # 1, 0 and -1 for unknown, as ranks 2, 0, 1
        return Column("yes/no", np.array([0, 2, 1], np.uint8)[values])
    return Column("yes/no", values.view(np.uint8) << 1)


def reason_codes(judged: Judged) -> Any:
    """The reason code of each case: uint8."""
    table = np.array([CODES[reason_of(j)] for j in judged.judgements[ACTION]], np.uint8)
    return table[judged.actions[ACTION]]
