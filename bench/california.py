"""Tables of invented requests to one California agency, for the whole stack of law that binds it.

    python -m bench.california ROWS [--kind records|independent] [--seed N]

Writes cases, convictions and charges as Parquet whose columns are facts of the packaged library, law dates from 1979 to
2026, with nulls and incomplete lists.  There are two kinds: ``records`` are drawn as a county's records look
(``california_records.py``); in ``independent`` every fact is a coin toss of its own (``california_independent.py``),
which no record looks like and which is the worst there is for an engine that learns states.  Rows are drawn and written
block by block, so memory stays flat.  Nobody in them is a real person.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
AGENCY = "us/ca/los-angeles-county/sheriff"
LISTS = ("convictions", "charges")
KINDS = ("records", "independent")
BLOCK = 250_000


def scratch() -> Path:
    """The folder of everything the benchmark writes: ``COMITY_BENCH_DIR``, else ``build/bench``."""
    return Path(os.environ.get("COMITY_BENCH_DIR") or ROOT / "build" / "bench")


def table_file(rows: int, what: str, kind: str = "records") -> Path:
    """``what``: cases, convictions, charges, or what a run writes."""
    return scratch() / f"california-{kind}-{rows}-{what}.parquet"


def write_tables(rows: int, kind: str = "records", seed: int = 11) -> None:
    """The three files of so many cases, unless they are there."""
    from bench import california_independent, california_records

    drawn = {"records": california_records.drawn, "independent": california_independent.drawn}[kind]
    names = ("cases", *LISTS)
    places = {name: table_file(rows, name, kind) for name in names}
    if all(p.exists() for p in places.values()):
        return
    scratch().mkdir(parents=True, exist_ok=True)
    parts = {name: p.with_suffix(f".{os.getpid()}.part") for name, p in places.items()}
    writers: dict[str, pq.ParquetWriter] = {}
    for start in range(0, rows, BLOCK):
        for name, columns in drawn(seed, start // BLOCK, 1 + start, min(BLOCK, rows - start)).items():
            table = pa.table(columns)
            if name not in writers:
                writers[name] = pq.ParquetWriter(parts[name], table.schema, compression="zstd")
            writers[name].write_table(table, row_group_size=BLOCK)
    for writer in writers.values():
        writer.close()
    for name, part in parts.items():
        part.replace(places[name])


def main() -> int:
    """Write the tables and say where they are."""
    parser = argparse.ArgumentParser(description="Invented requests to one California agency, as Parquet.")
    parser.add_argument("rows", type=int)
    parser.add_argument("--kind", choices=KINDS, default="records")
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    write_tables(options.rows, options.kind, options.seed)
    for name in ("cases", *LISTS):
        place = table_file(options.rows, name, options.kind)
        print(f"{place}: {pq.read_metadata(place).num_rows:,} rows, {place.stat().st_size / 2**20:.1f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
