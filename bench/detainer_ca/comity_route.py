"""Comity's routes over the workload: Parquet to Parquet, columns in memory, one decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bench.detainer_ca.comity_side import case_table, lists_of, load_law, values_of
from bench.detainer_ca.peers import Files, Resident, output_file
from bench.detainer_ca.tables import case_file, conviction_file
from bench.detainer_ca.workload import (
    ACTION,
    AGENCY,
    CASE_FACTS,
    CODES,
    CONVICTION_FIELDS,
    DECISION_OF,
    PERMITTED,
    PROHIBITED,
    UNKNOWN,
    Block,
    CaseRow,
    reason_of,
)
from bench.detainer_ca.workload import block as block_of

from comity.audit.judgement import Judged, Judgement
from comity.case import Rows
from comity.decide.question import Question
from comity.policy.library import Library

OUTCOMES = {"must not": PROHIBITED, "may": PERMITTED, "need a fact": UNKNOWN}


def engine(law: Library, numba: bool) -> Any:
    """An audit engine: the embedded one, or the one with compiled loops (``comity[speed]``)."""
    from comity.audit.columns import Columns

    columns = Columns(law, [ACTION])
    if not numba:
        return columns
    from comity.audit.kernel.engine import CompiledColumns

    return CompiledColumns(columns)


class Reasons:
    """Reason codes of judged cases; each judgement is read once."""

    def __init__(self) -> None:
        self._codes = np.zeros(0, np.uint8)

    def of(self, judged: Judged) -> Any:
        """One code a case: uint8."""
        known: Sequence[Judgement] = judged.judgements[ACTION]
        if len(known) > len(self._codes):
            fresh = [CODES[reason_of(j)] for j in known[len(self._codes) :]]
            self._codes = np.concatenate([self._codes, np.array(fresh, np.uint8)])
        return np.take(self._codes, judged.actions[ACTION])


def comity_files(rows: int, *, numba: bool = False, kept: bool = False, chunk_rows: int = 500_000) -> Files:
    """Parquet in, case id, decision and reason as Parquet out; the law is read before the clock starts.

    The engine is new each time, so that it learns, and compiles, under the clock; with ``kept`` it is the one of the
    run before, as the hand-written compiled loop is.
    """
    from comity.audit.facts_tables import FactFile, read_fact_tables

    law = load_law().law
    cases = FactFile(case_file(rows), case="case id")
    convictions = FactFile(conviction_file(rows), case="case id", complete=True)
    schema = pa.schema([("case id", pa.int64()), ("decision", pa.uint8()), ("reason", pa.uint8())])
    out = output_file(f"comity{' numba' if numba else ''}{' kept' if kept else ''}", rows)
    reasons, first = Reasons(), engine(law, numba)

    def run() -> None:
        nonlocal reasons, first
        if not kept:
            reasons, first = Reasons(), engine(law, numba)
        judge = first.judge
        with pq.ParquetWriter(out, schema, compression="zstd", use_dictionary=["decision", "reason"]) as writer:
            for table in read_fact_tables(
                cases, {"convictions": convictions}, law, agency=AGENCY, chunk_rows=chunk_rows
            ):
                codes = reasons.of(judge(table))
                writer.write_table(pa.table([table.ids, DECISION_OF[codes], codes], schema=schema))

    return run


def comity_resident(block: Block, *, numba: bool = False, kept: bool = False) -> Resident:
    """The law evaluated over columns in memory, from the law as data to reason codes.

    The engine is new each time, as for law that was changed; with ``kept`` it is the one that judged before.
    """
    law, table = load_law().law, case_table(block)
    reasons, first = Reasons(), engine(law, numba)

    def run() -> Any:
        nonlocal reasons, first
        if not kept:
            reasons, first = Reasons(), engine(law, numba)
        found = reasons.of(first.judge(table))
        return lambda: found

    return run


def many_norms_judge(count: int, rows: int) -> Callable[[], Any]:
    """Columns in memory judged by an invented library of so many norms, every action; the engine is kept."""
    from bench.detainer_ca.many_norms import many_norms

    from comity.audit.columns import Columns

    table, columns = case_table(block_of(rows)), Columns(many_norms(count))
    return lambda: columns.judge(table)


#: What is asked of one case: the route's own form of a case, to an outcome word.
Ask = Callable[[Any], str]


def questions(route: str, rows: Sequence[CaseRow]) -> tuple[Ask, list[Any]]:
    """One decision: by facts' names ("comity"), by their places ("comity by place"), or all the way as a ``Case``
    ("comity outcomes").
    """
    library = load_law()
    if route == "comity outcomes":
        from bench.detainer_ca.comity_side import case_of

        agency = library.agency(AGENCY)
        return (lambda case: library.outcomes(case)[ACTION]), [case_of(row, agency) for row in rows]
    question = Question(library, AGENCY, ACTION)
    if route == "comity":
        ask = question.ask
        return (lambda given: ask(*given)), [(values_of(row), lists_of(row), row[0]) for row in rows]
    assert route == "comity by place", route
    ask = question.compiled(CASE_FACTS, {"convictions": CONVICTION_FIELDS})
    placed = [(row[1:-1], (Rows(tuple(row[-1]), True),), row[0]) for row in rows]  # type: ignore[arg-type]
    return (lambda given: ask(*given)), placed
