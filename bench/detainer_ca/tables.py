"""The workload as Parquet: a table of cases, a table of convictions, and the reason codes by hand.

Both tables are in the order of the case ids; zstd.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bench.detainer_ca.workload import (
    AGENCIES,
    CATEGORIES,
    GRADES,
    KINDS,
    Block,
    Columns,
    blocks,
    reference,
)

ROOT = Path(__file__).resolve().parents[2]
#: Rows of a row group: a table of one million is in four, so that two threads have something to share.
ROW_GROUP, ROW_GROUP_OF_SMALL = 1_000_000, 250_000

#: Column -> its words.
WORDS = {"request kind": KINDS, "agency kind": AGENCIES, "offence category": CATEGORIES, "grade": GRADES}
#: Row counts of which the answers by hand are kept.
CHECKED = 100_000


def scratch() -> Path:
    """The folder of everything the benchmark writes: ``COMITY_BENCH_DIR``, else ``build/bench``."""
    return Path(os.environ.get("COMITY_BENCH_DIR") or ROOT / "build" / "bench")


def case_file(rows: int) -> Path:
    """The cases."""
    return scratch() / f"detainer-ca-{rows}-cases.parquet"


def conviction_file(rows: int) -> Path:
    """Their convictions."""
    return scratch() / f"detainer-ca-{rows}-convictions.parquet"


def reference_codes(rows: int = CHECKED) -> Any:
    """Reason codes of the first ``rows`` cases, by hand: uint8; worked out once and kept."""
    place = scratch() / f"detainer-ca-{rows}-reasons.npy"
    if place.exists():
        return np.load(place)
    codes = np.concatenate([reference(b) for b in blocks(rows)])
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(f".{os.getpid()}.npy")
    np.save(part, codes)
    part.replace(place)
    return codes


def as_table(columns: Columns) -> pa.Table:
    """Columns of a block as Arrow: words as dictionaries, unknown as null."""
    return pa.table({name: _array(name, values) for name, values in columns.items()})


def _array(name: str, values: Any) -> pa.Array:
    if name in WORDS:
        return pa.DictionaryArray.from_arrays(pa.array(values.astype(np.int8)), pa.array(WORDS[name]))
    if name in ("law date", "date"):
        return pa.array(values, pa.int32()).cast(pa.date32())
    if values.dtype == np.int8:
        return pa.array(values == 1, mask=values < 0)
    return pa.array(values)


def write_tables(rows: int) -> None:
    """Both files of so many rows, unless they are there; never more than a block of them in memory."""
    places = (case_file(rows), conviction_file(rows))
    if all(p.exists() for p in places):
        return
    scratch().mkdir(parents=True, exist_ok=True)
    parts = [p.with_suffix(f".{os.getpid()}.part") for p in places]
    writers: list[pq.ParquetWriter] = []
    for made in blocks(rows):
        tables = _tables(made)
        if not writers:
            writers = [pq.ParquetWriter(p, t.schema, compression="zstd") for p, t in zip(parts, tables, strict=True)]
        for writer, table in zip(writers, tables, strict=True):
            writer.write_table(table, row_group_size=ROW_GROUP if rows > ROW_GROUP else ROW_GROUP_OF_SMALL)
    for writer in writers:
        writer.close()
    for part, place in zip(parts, places, strict=True):
        part.replace(place)


def _tables(made: Block) -> tuple[pa.Table, pa.Table]:
    return as_table(made.cases), as_table(made.convictions)
