"""Lists that stand in a table of their own: its rows brought to the cases, stretch by stretch.

A table that fits into memory is kept there by case id.  A larger one is sorted on disk into the order of the cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from comity.audit.quality import Rejected
from comity.audit.reading.ordering import case_ids, sorted_on_disk
from comity.audit.reading.stretches import rows_of
from comity.audit.records import Batch, Records
from comity.audit.tables import Array

__all__ = ["Child", "ChildRows", "open_child"]

ORPHAN: Final = "no case with this id was read"


@dataclass(frozen=True, slots=True, eq=False)
class ChildRows:
    """Rows of a stretch of cases.  ``case``: int64, position of the case in the stretch, never falling."""

    numbers: Array
    columns: dict[str, pa.Array]
    case: Array


class Child(Protocol):
    """A list's own table.  ``lost``: rows that could not be read, before any is asked for."""

    lost: tuple[Rejected, ...]

    def rows(self, ids: pa.Array, positions: Array) -> ChildRows:
        """The rows of these cases; ``positions``: number of each case's first record, rising."""
        ...

    def orphans(self) -> Iterator[Rejected]:
        """Rows that no case asked for."""
        ...


def open_child(
    name: str, table: Records, columns: Sequence[str], key: str, records: Records, case: Sequence[str], most: int
) -> Child:
    """The rows of ``table``; ``key`` is its column with the case id, ``case`` those of the records."""
    tables: list[pa.Table] = []
    lost: list[Rejected] = []
    size = 0
    stream = table.batches([*columns, key] if key not in columns else columns)
    for batch in stream:
        lost += _of(name, batch.lost)
        tables.append(_table(batch, columns, key))
        size += tables[-1].nbytes
        if size > most:
            return _OnDisk(name, stream, tables, lost, columns, key, records, case)
    return _InMemory(name, pa.concat_tables(tables, promote_options="permissive") if tables else None, lost, columns)


def _of(name: str, lost: Sequence[Rejected]) -> list[Rejected]:
    return [Rejected(r.number, r.reason, r.case, r.column, r.value, name) for r in lost]


def _table(batch: Batch, columns: Sequence[str], key: str) -> pa.Table:
    ids = case_ids(batch, [key])
    # Ids are compared as text: one file may hold numbers and the other digits.
    names = ["n", "id", *(f"c{i}" for i in range(len(columns)))]
    arrays = [pa.array(batch.numbers), ids.cast(pa.string()), *(batch.columns[c] for c in columns)]
    return pa.Table.from_arrays(arrays, names=names)


class _InMemory:
    def __init__(self, name: str, table: pa.Table | None, lost: list[Rejected], columns: Sequence[str]) -> None:
        self.name = name
        self.lost = tuple(lost)
        self.columns = columns
        empty = pa.table({"n": pa.array([], pa.int64()), "id": pa.array([], pa.string())} | {
            f"c{i}": pa.array([], pa.string()) for i in range(len(columns))
        })  # fmt: skip
        table = empty if table is None else table
        encoded = table.column("id").combine_chunks()
        encoded = (encoded if isinstance(encoded, pa.Array) else pa.concat_arrays(encoded.chunks)).dictionary_encode()
        self.ids = encoded.dictionary
        codes = np.asarray(pc.fill_null(encoded.indices.cast(pa.int64()), len(self.ids)), np.int64)
        self.order = np.argsort(codes, kind="stable")
        self.table = table.take(pa.array(self.order)).combine_chunks()
        self.starts = np.searchsorted(codes[self.order], np.arange(len(self.ids) + 2))
        self.used = np.zeros(len(self.ids) + 1, bool)

    def rows(self, ids: pa.Array, positions: Array) -> ChildRows:
        found = np.asarray(pc.fill_null(pc.index_in(ids.cast(pa.string()), self.ids).cast(pa.int64()), -1), np.int64)
        there = np.flatnonzero(found >= 0)
        self.used[found[there]] = True
        starts = self.starts[found[there]]
        counts = self.starts[found[there] + 1] - starts
        at = rows_of(starts, counts)
        taken = self.table.take(pa.array(at))
        columns = {c: _array(taken.column(f"c{i}")) for i, c in enumerate(self.columns)}
        return ChildRows(np.asarray(taken.column("n"), np.int64), columns, np.repeat(there, counts))

    def orphans(self) -> Iterator[Rejected]:
        left = np.flatnonzero(np.repeat(~self.used, np.diff(self.starts)))
        chosen = self.table.select(["n", "id"]).take(pa.array(left)).to_pylist()
        for row in sorted(chosen, key=lambda row: row["n"]):
            yield Rejected(row["n"], ORPHAN, row["id"] or "", table=self.name)


class _OnDisk:
    """Rows sorted by the number of their case's first record, read along with the cases."""

    def __init__(
        self, name: str, stream: Iterator[Batch], tables: list[pa.Table], lost: list[Rejected],
        columns: Sequence[str], key: str, records: Records, case: Sequence[str],
    ) -> None:  # fmt: skip
        self.name = name
        self.columns = columns

        def rows() -> Iterator[pa.Table]:
            yield from tables
            tables.clear()
            for batch in stream:
                lost.extend(_of(name, batch.lost))
                yield _table(batch, columns, key)

        def cases() -> Iterator[pa.Table]:
            for batch in records.batches(case):
                ids = case_ids(batch, case).cast(pa.string())
                yield pa.table({"id": ids, "n": pa.array(batch.numbers)})

        query = (
            "SELECT r.*, g.f FROM raw r LEFT JOIN (SELECT id, min(n) f FROM cases GROUP BY id) g USING (id) "
            "ORDER BY f NULLS LAST, n"
        )
        self._sorted = sorted_on_disk(rows(), query, cases=cases())
        self._file = pq.ParquetFile(self._sorted.__enter__())
        self.lost = tuple(lost)
        self._stream = self._file.iter_batches(batch_size=131_072)
        self._ahead: list[pa.RecordBatch] = []
        self._left: list[Rejected] = []

    def rows(self, ids: pa.Array, positions: Array) -> ChildRows:
        taken: list[pa.RecordBatch] = []
        last = int(positions[-1]) if len(positions) else -1
        while (batch := self._ahead.pop() if self._ahead else next(self._stream, None)) is not None:
            places = np.asarray(pc.fill_null(batch.column("f"), 2**62), np.int64)
            cut = int(np.searchsorted(places, last, "right"))
            if cut:
                taken.append(batch.slice(0, cut))
            if cut < batch.num_rows:
                self._ahead.append(batch.slice(cut))
                break
        if not taken:
            return ChildRows(
                np.zeros(0, np.int64), {c: pa.array([], pa.string()) for c in self.columns}, np.zeros(0, np.int64)
            )
        table = pa.Table.from_batches(taken)
        places = np.asarray(table.column("f"), np.int64)
        case = np.searchsorted(positions, places)
        match = positions[np.minimum(case, len(positions) - 1)] == places
        self._left += self._told(table.filter(pa.array(~match)))
        table = table.filter(pa.array(match))
        columns = {c: _array(table.column(f"c{i}")) for i, c in enumerate(self.columns)}
        return ChildRows(np.asarray(table.column("n"), np.int64), columns, case[match])

    def orphans(self) -> Iterator[Rejected]:
        yield from self._left
        for batch in (*self._ahead, *self._stream):
            yield from self._told(batch)
        self._file.close()
        self._sorted.__exit__()

    def _told(self, rows: Any) -> list[Rejected]:
        chosen = rows.select(["n", "id"]).to_pylist()
        return [Rejected(row["n"], ORPHAN, row["id"] or "", table=self.name) for row in chosen]


def _array(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)
