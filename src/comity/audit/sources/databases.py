"""Tables of databases as records: DuckDB files directly, everything else through Ibis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from comity.audit.records import Batch, Reading, file_sha256
from comity.problems import ComityError, Problem, nearest

__all__ = ["DuckRecords", "ServerRecords", "open_duckdb", "open_server", "quoted"]

_AT_ONCE: Final = 131_072


def quoted(name: str) -> str:
    """An SQL identifier, whatever signs it holds."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True, eq=False)
class DuckRecords:
    """A table or view of a DuckDB file, read without changing it."""

    path: Path
    table: str
    header: tuple[str, ...]
    size: int | None
    rows: int | None
    repeated: frozenset[str] = frozenset()
    kind: str = "DuckDB"

    @property
    def name(self) -> str:
        """File and table."""
        return f"{self.path.name}, table {self.table}"

    def sha256(self) -> str:
        """Hash of the database file."""
        return file_sha256(self.path)

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The named columns, in the order the rows were put in."""
        import duckdb

        wanted = ", ".join(quoted(name) for name in columns) or "1"
        with duckdb.connect(str(self.path), read_only=True) as connection:
            reader = connection.sql(f"SELECT {wanted} FROM {quoted(self.table)}").to_arrow_reader(_AT_ONCE)
            yield from _numbered(reader, columns, self.size or 0, self.rows or 0)


@dataclass(frozen=True, slots=True, eq=False)
class ServerRecords:
    """A table behind a URL.  A server may answer in another order each time; number the rows yourself if it matters."""

    url: str
    table: str
    header: tuple[str, ...]
    rows: int | None = None
    size: int | None = None
    repeated: frozenset[str] = frozenset()
    kind: str = "SQL"

    @property
    def name(self) -> str:
        """The address without a password, and the table."""
        return f"{_without_password(self.url)}, table {self.table}"

    def sha256(self) -> str:
        """A server's table has no bytes to hash."""
        return ""

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The named columns, as the server sends them."""
        connection = _connected(self.url)
        try:
            table = connection.table(self.table)
            chosen = table.select(*columns) if columns else table.select(table.columns[0])
            yield from _numbered(chosen.to_pyarrow_batches(chunk_size=_AT_ONCE), columns, 0, self.rows or 0)
        except ComityError:
            raise
        except Exception as error:  # every back end has errors of its own
            raise _refused(self.url, error) from None


def _numbered(batches: Any, columns: Sequence[str], size: int, rows: int) -> Iterator[Batch]:
    first = 1
    for batch in batches:
        numbers = np.arange(first, first + batch.num_rows, dtype=np.int64)
        first += batch.num_rows
        named = {name: _plain(batch.column(i)) for i, name in enumerate(columns)}
        yield Batch(numbers, named, (), size * (first - 1) // max(rows, first - 1, 1))


def _plain(column: pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def open_duckdb(path: Path, reading: Reading) -> DuckRecords:
    """A table of the DuckDB file at ``path``; ComityError CM702, CM707 or CM708."""
    try:
        import duckdb
    except ImportError:
        help_ = "install comity with the extra 'audit'"
        raise ComityError([Problem("CM708", "a DuckDB file needs the package duckdb", help=help_)]) from None
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            listed = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name"
            ).fetchall()
            table = _one_table([str(row[0]) for row in listed], reading.table, path.name)
            described = connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
            counted = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0][:120]
        raise ComityError([Problem("CM702", f"'{path.name}' cannot be read by DuckDB: {reason}")]) from None
    rows = int(counted[0]) if counted else 0
    return DuckRecords(path, table, tuple(str(row[0]) for row in described), path.stat().st_size, rows)


def open_server(url: str, reading: Reading) -> ServerRecords:
    """A table behind ``url``; ComityError CM707, CM708 or CM709."""
    connection = _connected(url)
    try:
        table = _one_table([str(name) for name in connection.list_tables()], reading.table, _without_password(url))
        return ServerRecords(url, table, tuple(connection.table(table).columns))
    except ComityError:
        raise
    except Exception as error:
        raise _refused(url, error) from None


def _one_table(tables: list[str], wanted: str, where: str) -> str:
    if wanted in tables or (not wanted and len(tables) == 1):
        return wanted or tables[0]
    if not tables:
        raise ComityError([Problem("CM707", f"'{where}' holds no table")])
    near = nearest(wanted, tables) if wanted else None
    message = f"'{where}' has no table called '{wanted}'" if wanted else f"'{where}' holds {len(tables)} tables"
    listed = ", ".join(sorted(tables)[:20])
    help_ = f"did you mean '{near}'?" if near else f"name one with --table: {listed}"
    raise ComityError([Problem("CM707", message, help=help_)])


def _connected(url: str) -> Any:
    try:
        import ibis
    except ImportError:
        help_ = "install comity with the extra 'warehouse'"
        raise ComityError([Problem("CM708", "a database address needs the package ibis", help=help_)]) from None
    try:
        return ibis.connect(url)
    except ImportError as error:
        help_ = "install the driver of that database, as Ibis names it"
        reason = str(error).strip().splitlines()[0][:120] if str(error).strip() else "it cannot be imported"
        raise ComityError([Problem("CM708", f"a database driver is missing: {reason}", help=help_)]) from None
    except Exception as error:
        raise _refused(url, error) from None


def _refused(url: str, error: Exception) -> ComityError:
    told = str(error).splitlines()[0] if str(error) else type(error).__name__
    message = f"'{_without_password(url)}' does not answer: {_without_password(told)[:160]}"
    return ComityError([Problem("CM709", message, help="check address, user and table; nothing was written")])


def _without_password(text: str) -> str:
    return re.sub(r"://[^/@\s]*@", "://…@", text)
