"""The whole California stack over a table: every action, every version since 1979, Parquet to Parquet.

    python -m bench.california_run ENGINE ROWS

Writes outcome, winning norms and missing facts of every action.  Prints one line of JSON: seconds of each run, peak
memory, and how many of some hundred cases differ from the one-case engine (none).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from bench.california import AGENCY, LISTS, table_file, write_tables
from bench.detainer_ca.pipeline import timed

import comity
from comity.audit.facts_tables import FactFile, read_fact_tables
from comity.audit.outputs.decisions import decisions, decisions_schema, open_decisions
from comity.audit.tables import CaseTable
from comity.auditing.engines import engine

TOLD = ("outcome", "winning", "missing")
COMPARED = 300


def stretches(rows: int, law: Any, chunk_rows: int = 250_000) -> Iterator[CaseTable]:
    """The cases, with what is known of whether their lists are complete."""
    lists = {name: FactFile(table_file(rows, name), complete=f"{name} complete") for name in LISTS}
    return read_fact_tables(table_file(rows, "cases"), lists, law, agency=AGENCY, chunk_rows=chunk_rows)


def judged_files(name: str, rows: int, library: comity.Library) -> int:
    """Judge the tables and write the decisions; how many cases there were."""
    actions = library.law.vocabulary.actions
    judge = engine(name, library).judge
    out, done = None, 0
    for table in stretches(rows, library.law):
        judged = judge(table)
        if out is None:
            schema = decisions_schema(table.ids.type, actions, TOLD)
            out = open_decisions(table_file(rows, f"decisions-{name}"), schema, "parquet")
        out.write(decisions(judged, np.ones(len(table), np.uint8), actions, schema, TOLD))
        done += len(table)
    assert out is not None
    out.close()
    return done


def differences(name: str, rows: int, library: comity.Library) -> int:
    """Judgements of the first cases that the one-case engine does not share."""
    table = next(stretches(min(rows, rows), library.law, COMPARED))
    engines = [engine(n, library).judge(table) for n in (name, "interpreter")]
    return sum(
        engines[0].judgement(action.name, case) != engines[1].judgement(action.name, case)
        for action in library.law.vocabulary.actions
        for case in range(len(table))
    )


def main() -> None:
    """Run one engine."""
    parser = argparse.ArgumentParser(description="The whole California stack over a table, Parquet to Parquet.")
    parser.add_argument("engine")
    parser.add_argument("rows", type=int)
    options = parser.parse_args()
    write_tables(options.rows)
    library = comity.load()
    warm = min(options.rows, 100_000)
    write_tables(warm)
    judged_files(options.engine, warm, library)
    found = timed(lambda: judged_files(options.engine, options.rows, library), options.rows)
    wrong = differences(options.engine, options.rows, library)
    size = pq.read_metadata(table_file(options.rows, f"decisions-{options.engine}"))
    assert size.num_rows == options.rows
    print(json.dumps({"what": "california", "route": options.engine, "wrong": wrong, **found}))


if __name__ == "__main__":
    main()
