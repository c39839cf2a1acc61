"""The records of one case side by side: found so, or made so, in memory or with DuckDB on disk.

Cases keep the order of their first record, so that the same records give the same cases in the same order whichever way
they were sorted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from comity.audit.quality import Rejected
from comity.audit.reading.cells import as_text
from comity.audit.records import Batch, Records
from comity.audit.tables import Array
from comity.problems import ComityError, Problem

__all__ = ["MOST_IN_MEMORY", "Order", "case_ids", "in_order", "keys_of", "look_through", "sorted_on_disk"]

#: Bytes of columns held in memory to sort them; more is sorted on disk.
MOST_IN_MEMORY: Final = 512 * 2**20
#: Case ids whose keys are held in memory to find repeated ones: eight bytes each.
_MOST_KEYS: Final = 48_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What a first look at the case ids found.

    ``together``: the records of each case stand side by side.  ``repeated``: numbers of records whose id an earlier one
    has, for files with one record a case.  ``lost``: numbers of records that could not be read.  ``rows``: records.
    """

    together: bool
    repeated: Array
    lost: Array
    rows: int


def case_ids(batch: Batch, columns: Sequence[str]) -> pa.Array:
    """The case id of each record: whole numbers, or trimmed text; null where it is empty."""
    parts = [batch.columns[name] for name in columns]
    if len(parts) == 1 and pa.types.is_integer(parts[0].type) and not pa.types.is_uint64(parts[0].type):
        return parts[0].cast(pa.int64(), safe=False)
    texts = [pc.utf8_trim_whitespace(as_text(part)) for part in parts]
    if len(texts) > 1:
        # A stroke inside a part is doubled, so that two ids never become one.
        texts = [pc.replace_substring(pc.fill_null(text, ""), "/", "//") for text in texts]
        joined = pc.binary_join_element_wise(*texts, "/")
        empty = pc.equal(joined, "/" * (len(texts) - 1))
    else:
        joined, empty = texts[0], pc.equal(texts[0], "")
    return pc.if_else(pc.fill_null(empty, True), pa.scalar(None, pa.string()), joined)


def keys_of(ids: pa.Array) -> Array:
    """A number for each id, uint64: equal ids have equal numbers, and two different ids almost never have."""
    if pa.types.is_integer(ids.type):
        return np.asarray(pc.fill_null(ids, 0), np.int64).view(np.uint64)
    ids = ids.cast(pa.large_string())
    _, offsets_buffer, data_buffer = ids.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int64)[ids.offset : ids.offset + len(ids) + 1]
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer is not None else np.zeros(0, np.uint8)
    lengths = np.diff(offsets)
    keys = np.zeros(len(ids), np.uint64)
    for length in np.unique(lengths):
        where = np.flatnonzero(lengths == length)
        words = np.zeros((len(where), max((int(length) + 7) // 8, 1) * 8), np.uint8)
        words[:, :length] = data[offsets[where][:, None] + np.arange(length)]
        mixed = np.full(len(where), 0x9E3779B97F4A7C15 ^ (int(length) + 1), np.uint64)
        for word in words.view(np.uint64).T:
            mixed = (mixed ^ word) * np.uint64(0xBF58476D1CE4E5B9)
            mixed ^= mixed >> np.uint64(29)
        keys[where] = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
    return keys


def look_through(records: Records, columns: Sequence[str], *, several: bool) -> Order:
    """Read the ids once: are the records of each case side by side, and which id is used again?"""
    found = _while_rising(records, columns, several=several)
    return found if found is not None else _by_keys(records, columns, several=several)


def _while_rising(records: Records, columns: Sequence[str], *, several: bool) -> Order | None:
    """The order of a file whose ids never fall: nothing needs to be remembered.  None for another file."""
    last: Any = None
    again: list[Array] = []
    lost: list[int] = []
    rows = 0
    ways = {"alphabet", "length"}
    for batch in records.batches(columns):
        lost += [r.number for r in batch.lost]
        rows += len(batch) + len(batch.lost)
        ids = case_ids(batch, columns)
        numbers = batch.numbers
        if ids.null_count:
            told = pc.is_valid(ids)
            ids, numbers = ids.filter(told), numbers[np.asarray(told, bool)]
        if not len(ids):
            continue
        before = pa.concat_arrays(
            [pa.array([ids[0].as_py() if last is None else last], ids.type), ids.slice(0, len(ids) - 1)]
        )
        equal = np.asarray(pc.equal(before, ids), bool)
        if last is None:
            equal[0] = False
        if not several:
            again.append(numbers[equal])
        last = ids[len(ids) - 1].as_py()
        ways &= _rising(before, ids, ways)
        if not ways:
            return None
    return Order(True, _joined(again), np.array(lost, np.int64), rows)


def _rising(before: pa.Array, ids: pa.Array, ways: set[str]) -> set[str]:
    """In which of these orders no id is below the one before: by alphabet, or the shorter first (9 before 10)."""
    held = set()
    if "alphabet" in ways and pc.all(pc.less_equal(before, ids)).as_py():
        held.add("alphabet")
    if "length" in ways and not pa.types.is_integer(ids.type):
        shorter = pc.less(pc.binary_length(before), pc.binary_length(ids))
        same = pc.and_(pc.equal(pc.binary_length(before), pc.binary_length(ids)), pc.less_equal(before, ids))
        if pc.all(pc.or_(shorter, same)).as_py():
            held.add("length")
    return held


def _by_keys(records: Records, columns: Sequence[str], *, several: bool) -> Order:
    keys: list[Array] = []
    numbers: list[Array] = []
    lost: list[int] = []
    rows = kept = 0
    last = None
    for batch in records.batches(columns):
        lost += [r.number for r in batch.lost]
        rows += len(batch) + len(batch.lost)
        ids = case_ids(batch, columns)
        told = np.asarray(pc.is_valid(ids), bool)
        found, own = keys_of(ids)[told], batch.numbers[told]
        if several and found.size:  # only where another case begins
            begins = np.empty(len(found), bool)
            begins[0] = last is None or found[0] != last
            begins[1:] = found[1:] != found[:-1]
            last = found[-1]
            found, own = found[begins], own[begins]
        kept += len(found)
        keys.append(found)
        numbers.append(own)
        if kept > _MOST_KEYS:
            return Order(False, np.zeros(0, np.int64), np.array(lost, np.int64), rows)
    every = np.concatenate(keys) if keys else np.zeros(0, np.uint64)
    ordered = np.sort(every)
    doubled = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    gone = np.array(lost, np.int64)
    if several:
        return Order(not doubled.size, np.zeros(0, np.int64), gone, rows)
    return Order(True, _used_again(records, columns, doubled), gone, rows)


def _used_again(records: Records, columns: Sequence[str], doubled: Array) -> Array:
    """Numbers of the records whose very id an earlier one has; two ids may have one key, so the ids are compared."""
    if not doubled.size:
        return np.zeros(0, np.int64)
    seen: set[object] = set()
    again: list[Array] = []
    for batch in records.batches(columns):
        ids = case_ids(batch, columns)
        suspect = np.isin(keys_of(ids), doubled) & np.asarray(pc.is_valid(ids), bool)
        chosen = ids.filter(pa.array(suspect)).to_pylist()
        used = np.zeros(len(chosen), bool)
        for i, id_ in enumerate(chosen):
            used[i] = id_ in seen
            seen.add(id_)
        again.append(batch.numbers[suspect][used])
    return _joined(again)


def _joined(parts: Sequence[Array]) -> Array:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def in_order(records: Records, columns: Sequence[str], case: Sequence[str], order: Order, most: int) -> Iterator[Batch]:
    """The records, those of one case side by side, cases by their first record."""
    if order.together:
        yield from records.batches(columns)
        return
    lost: list[Rejected] = []
    tables: list[pa.Table] = []
    size = 0
    stream = records.batches(columns)
    for batch in stream:
        lost += batch.lost
        tables.append(_table(batch, columns, case))
        size += tables[-1].nbytes
        if size > most:
            break
    else:
        yield Batch(np.zeros(0, np.int64), {n: pa.array([], pa.string()) for n in columns}, tuple(lost))
        if not tables:
            return
        table = pa.concat_tables(tables).combine_chunks()
        first = _codes(table.column("id"))
        yield from _batches(table.take(pa.array(np.argsort(first, kind="stable"))).to_batches(131_072), columns)
        return

    # Too much for memory: what was read, and what comes, goes to disk.
    def rest() -> Iterator[pa.Table]:
        yield from tables
        tables.clear()
        for batch in stream:
            lost.extend(batch.lost)
            yield _table(batch, columns, case)

    query = "SELECT r.* FROM raw r LEFT JOIN (SELECT id, min(n) f FROM raw GROUP BY id) g USING (id) ORDER BY f, n"
    with sorted_on_disk(rest(), query) as path, pq.ParquetFile(path) as file:
        yield Batch(np.zeros(0, np.int64), {n: pa.array([], pa.string()) for n in columns}, tuple(lost))
        yield from _batches(file.iter_batches(batch_size=131_072), columns)


def _table(batch: Batch, columns: Sequence[str], case: Sequence[str]) -> pa.Table:
    arrays = [batch.columns[name] for name in columns]
    names = ["n", "id", *(f"c{i}" for i in range(len(columns)))]
    return pa.Table.from_arrays([pa.array(batch.numbers), case_ids(batch, case), *arrays], names=names)


def _codes(ids: pa.ChunkedArray) -> Array:
    """For each id, the place among the ids at which it first came; ids that are empty come last."""
    encoded = ids.combine_chunks().dictionary_encode()
    encoded = encoded if isinstance(encoded, pa.DictionaryArray) else encoded.combine_chunks()
    return np.asarray(pc.fill_null(encoded.indices.cast(pa.int64()), 2**62), np.int64)


def _batches(batches: Any, columns: Sequence[str]) -> Iterator[Batch]:
    for batch in batches:
        numbers = np.asarray(batch.column("n"), np.int64)
        yield Batch(numbers, {name: batch.column(f"c{i}") for i, name in enumerate(columns)})


class sorted_on_disk:
    """Tables written to a temporary Parquet file, read by ``query`` (as ``raw``), and the path of what it gave."""

    def __init__(self, tables: Iterator[pa.Table], query: str, **others: Iterator[pa.Table]) -> None:
        self.tables = {"raw": tables, **others}
        self.query = query
        self.folder = tempfile.TemporaryDirectory(prefix="comity-")

    def __enter__(self) -> Path:
        try:
            import duckdb
        except ImportError:
            help_ = "install comity with the extra 'audit', or sort the records by case first"
            raise ComityError(
                [Problem("CM708", "sorting this many records needs the package duckdb", help=help_)]
            ) from None
        folder = Path(self.folder.name)
        try:
            for name, tables in self.tables.items():
                _spool(tables, folder / f"{name}.parquet")
            with duckdb.connect() as connection:
                connection.execute("SET memory_limit = '768MB'")
                connection.execute(f"SET temp_directory = '{folder}'")
                for name in self.tables:
                    connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{folder / name}.parquet')")
                connection.execute(f"COPY ({self.query}) TO '{folder}/sorted.parquet' (FORMAT parquet)")
            for name in self.tables:
                (folder / f"{name}.parquet").unlink()
        except (duckdb.Error, OSError) as error:
            self.folder.cleanup()
            reason = str(error).splitlines()[0][:120]
            help_ = "the folder for temporary files (TMPDIR) needs about twice the size of the records"
            raise ComityError([Problem("CM722", f"the records cannot be sorted: {reason}", help=help_)]) from None
        except BaseException:
            self.folder.cleanup()
            raise
        return folder / "sorted.parquet"

    def __exit__(self, *_: object) -> None:
        self.folder.cleanup()


def _spool(tables: Iterator[pa.Table], path: Path) -> None:
    writer: pq.ParquetWriter | None = None
    try:
        for table in tables:
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table.cast(writer.schema))
    finally:
        if writer is not None:
            writer.close()
