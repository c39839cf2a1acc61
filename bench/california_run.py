"""The whole California stack over a table: every action, every version since 1979, Parquet to Parquet.

    python -m bench.california_run ENGINE ROWS [--kind records|independent] [--once]

Writes outcome, winning norms and missing facts of every action.  Prints one line of JSON: seconds of each run, peak
memory, how many states and judgements were met, all actions together, and how many of some hundred cases differ from
the one-case engine (none).  The engine is new each time: it learns every state under the clock.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bench.california import AGENCY, KINDS, LISTS, table_file, write_tables
from bench.detainer_ca.pipeline import timed

import comity
from comity.audit.columns import Columns
from comity.audit.facts_tables import FactFile, read_fact_tables
from comity.audit.judgement import Judged
from comity.audit.outputs.background import Background
from comity.audit.outputs.decisions import decisions, decisions_schema, light, open_decisions, parts_of
from comity.audit.tables import CaseTable
from comity.auditing.engines import engine

TOLD = ("outcome", "winning", "missing")
COMPARED = 300
#: Cases judged at once, and written at once: what is new is learned once for each stretch.
STRETCH, PART = 1_000_000, 250_000


def stretches(rows: int, kind: str, law: Any, chunk_rows: int = STRETCH) -> Iterator[CaseTable]:
    """The cases, with what is known of whether their lists are complete."""
    lists = {name: FactFile(table_file(rows, name, kind), complete=f"{name} complete") for name in LISTS}
    return read_fact_tables(table_file(rows, "cases", kind), lists, law, agency=AGENCY, chunk_rows=chunk_rows)


def judged_files(name: str, rows: int, kind: str, library: comity.Library) -> dict[str, int]:
    """Judge the tables and write the decisions; how many states and judgements there were.

    One thread reads, one judges, one writes.
    """
    actions = library.law.vocabulary.actions
    judges = engine(name, library)
    schema = decisions_schema(pa.int64(), actions, TOLD)
    out = open_decisions(table_file(rows, f"decisions-{name}", kind), schema, "parquet")

    def written(judged: Judged) -> None:
        for part, held in parts_of(judged, np.ones(len(judged.table), np.uint8), PART):
            out.write(decisions(part, held, actions, schema, TOLD))

    judged = None
    with Background() as writing:
        for table in stretches(rows, kind, library.law):
            judged = judges.judge(table)
            del table
            judged = light(judged)
            writing.do(partial(written, judged))
    out.close()
    assert judged is not None
    judgements = sum(map(len, judged.judgements.values()))
    states = sum(judges.states.values()) if isinstance(judges, Columns) else 0
    return {"states": states, "judgements": judgements}


def differences(name: str, rows: int, kind: str, library: comity.Library) -> int:
    """Judgements of the first cases that the one-case engine does not share."""
    table = next(stretches(rows, kind, library.law, COMPARED))
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
    parser.add_argument("--kind", choices=KINDS, default="records")
    parser.add_argument("--once", action="store_true", help="time one run, without one before it")
    options = parser.parse_args()
    write_tables(options.rows, options.kind)
    library, met = comity.load(), {}

    def run() -> None:
        met.update(judged_files(options.engine, options.rows, options.kind, library))

    if not options.once:
        warm = min(options.rows, 100_000)
        write_tables(warm, options.kind)
        judged_files(options.engine, warm, options.kind, library)
    start = time.process_time()
    found = timed(run, options.rows, 1 if options.once else 3)
    found["cpu"] = (time.process_time() - start) / len(found["seconds"])
    wrong = differences(options.engine, options.rows, options.kind, library)
    size = pq.read_metadata(table_file(options.rows, f"decisions-{options.engine}", options.kind))
    assert size.num_rows == options.rows
    route = options.engine if options.kind == "records" else f"{options.engine} {options.kind}"
    print(json.dumps({"what": "california", "route": route, "wrong": wrong, **met, **found}))


if __name__ == "__main__":
    main()
