"""Tables of a PostgreSQL server as records: every cell as the text that the server itself would export.

All passes over a table see it as it was when it was opened, in one order, whatever others write meanwhile.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import csv

from comity.audit.records import Batch, Reading
from comity.audit.sources.databases import AT_ONCE, one_table, quoted, refused, shown_address
from comity.problems import ComityError, Problem

__all__ = ["PostgresRecords", "open_postgresql"]

#: Bytes of a batch; wide rows make it shorter.
_MOST_BYTES: Final = 8 * 2**20
_BEGIN: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
#: How cells are written, and that nothing but the order of the table decides which record comes first.
_SETTINGS: Final = (
    "SET client_encoding = 'UTF8'",
    "SET datestyle = 'ISO, YMD'",
    "SET timezone = 'UTC'",
    "SET statement_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
    "SET synchronize_seqscans = off",
    "SET max_parallel_workers_per_gather = 0",
)
#: An index would give a pass that needs few columns another order than one that needs many.
_NO_INDEX: Final = ("SET enable_indexscan = off", "SET enable_indexonlyscan = off", "SET enable_bitmapscan = off")
_TABLES: Final = """
SELECT n.nspname, c.relname, c.oid, c.relkind IN ('r', 'p', 'm'), pg_table_is_visible(c.oid)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND NOT c.relispartition
   AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
 ORDER BY 1, 2
"""
_COLUMNS: Final = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), coalesce(b.typname, t.typname),
       coalesce(b.typcategory, t.typcategory)::text
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
 WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
"""
#: Kinds of type that are no single value: arrays, composites, geometry, ranges.
_NO_SINGLE: Final = "ACGR"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class PostgresRecords:
    """A table or view.  ``snapshot``: the state of the database that every pass reads.

    ``source``: the table in SQL.  ``cells``: column -> its text in SQL.  ``unfit``: column -> its type, where that is
    no single value.  ``plain``: a table, whose order does not turn on the columns asked for.
    """

    url: str
    table: str
    source: str
    header: tuple[str, ...]
    cells: dict[str, str]
    unfit: dict[str, str]
    plain: bool
    rows: int | None
    snapshot: str
    size: int | None = None
    repeated: frozenset[str] = frozenset()
    kind: str = "PostgreSQL"

    @property
    def name(self) -> str:
        """The address without a password, and the table."""
        return f"{shown_address(self.url)}, table {self.table}"

    def sha256(self) -> str:
        """A server's table has no bytes to hash."""
        return ""

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The named columns, as the server streams them; ComityError CM709 or, for arrays and the like, CM723."""
        for name in columns:
            if name in self.unfit:
                message = f"the column '{name}' of '{self.table}' holds {self.unfit[name]}, which is no single value"
                help_ = "make a view that takes it apart, or leave it out of the mapping"
                raise ComityError([Problem("CM723", message, help=help_)])
        # A view is always asked the same question: another choice of columns could be planned in another order.
        asked = list(columns) if self.plain else [name for name in self.header if name not in self.unfit]
        wanted = ", ".join(self.cells[name] for name in asked) or "'1'"
        query = f"COPY (SELECT {wanted} FROM {self.source}) TO STDOUT (FORMAT csv)"
        first = 1
        for table in _copied(self, query, max(len(asked), 1)):
            numbers = np.arange(first, first + table.num_rows, dtype=np.int64)
            first += table.num_rows
            yield Batch(numbers, {name: _column(table, asked.index(name)) for name in columns})


def _copied(records: PostgresRecords, query: str, width: int) -> Iterator[pa.Table]:
    import psycopg

    try:
        with _connected(records.url) as connection:
            for setting in (*_SETTINGS, *(_NO_INDEX if records.plain else ())):
                connection.execute(setting)
            connection.execute(_BEGIN)
            connection.execute(f"SET TRANSACTION SNAPSHOT '{records.snapshot}'")
            with connection.cursor() as cursor, cursor.copy(query) as copy:
                rows = 0
                read = bytearray()
                for row in copy:
                    read += row
                    rows += 1
                    if rows == AT_ONCE or len(read) > _MOST_BYTES:
                        yield _parsed(read, width)
                        rows, read = 0, bytearray()
                if rows:
                    yield _parsed(read, width)
    except (psycopg.Error, pa.ArrowInvalid) as error:
        raise refused(records.url, error) from None


def _parsed(read: bytearray, width: int) -> pa.Table:
    names = [f"c{i}" for i in range(width)]
    return csv.read_csv(
        pa.BufferReader(pa.py_buffer(read)),
        csv.ReadOptions(use_threads=False, block_size=len(read) + 1, column_names=names),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        ),
    )


def _column(table: pa.Table, place: int) -> pa.Array:
    combined = table.column(place).combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


def open_postgresql(url: str, reading: Reading) -> PostgresRecords:
    """A table or view behind ``url``, such as ``postgres://user@host/jail``; ComityError CM707, CM708 or CM709.

    ``reading.table`` is its name, with the schema where it is not on the search path: ``archive.bookings``.
    """
    try:
        import psycopg
    except ImportError:
        help_ = "install it with: pip install 'comity[postgres]'"
        raise ComityError([Problem("CM708", "a PostgreSQL address needs the package psycopg", help=help_)]) from None
    keeper = _connected(url)
    try:
        records = _opened(keeper, url, reading)
    except psycopg.Error as error:
        keeper.close()
        raise refused(url, error) from None
    except BaseException:
        keeper.close()
        raise
    # The snapshot lasts as long as the transaction that exported it.
    weakref.finalize(records, keeper.close)
    return records


def _opened(keeper: Any, url: str, reading: Reading) -> PostgresRecords:
    for setting in _SETTINGS:
        keeper.execute(setting)
    keeper.execute(_BEGIN)
    listed: dict[str, tuple[str, int, bool]] = {}
    near = []
    for schema, name, oid, plain, visible in keeper.execute(_TABLES).fetchall():
        found = (f"{quoted(schema)}.{quoted(name)}", int(oid), bool(plain))
        listed[f"{schema}.{name}"] = found
        if visible:
            listed[name] = found
            near.append(name)
    offered = [reading.table] if reading.table in listed else near or list(listed)
    table = one_table(offered, reading.table, shown_address(url))
    source, oid, plain = listed[table]
    described = keeper.execute(_COLUMNS, (oid,)).fetchall()
    # Counting also holds the table as it is: nobody can rewrite or drop it until the audit is done.
    rows = keeper.execute(f"SELECT count(*) FROM {source}").fetchone()[0] if plain else None
    return PostgresRecords(
        url,
        table,
        source,
        header=tuple(name for name, _, _, _ in described),
        cells={name: _cell(name, base) for name, _, base, _ in described},
        unfit={name: told for name, told, base, kind in described if kind in _NO_SINGLE or base == "bytea"},
        plain=plain,
        rows=rows,
        snapshot=str(keeper.execute("SELECT pg_export_snapshot()").fetchone()[0]),
    )


def _cell(name: str, type_: str) -> str:
    # The clock of the session is UTC, which PostgreSQL writes as +00 and everybody else as +00:00.
    return f"{quoted(name)}::text" + (" || ':00'" if type_ == "timestamptz" else "")


def _connected(url: str) -> Any:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        told = conninfo_to_dict(url)
    except psycopg.Error:
        message = f"'{shown_address(url)}' is not the address of a PostgreSQL database"
        help_ = "write postgres://USER@HOST:PORT/DATABASE; signs such as @ and / in a password as %40 and %2F"
        raise ComityError([Problem("CM709", message, help=help_)]) from None
    try:
        return psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=int(told.get("connect_timeout") or 15),
            application_name=str(told.get("application_name") or "comity"),
        )
    except (psycopg.Error, ValueError) as error:
        raise refused(url, error) from None
