"""Tables of databases as records: DuckDB files directly, and through Ibis what no other module here reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import numpy as np
import pyarrow as pa

from comity.audit.records import Batch, Reading, file_sha256
from comity.problems import ComityError, Problem, nearest

__all__ = [
    "AT_ONCE", "DuckRecords", "ServerRecords", "one_table", "open_duckdb", "open_server", "quoted", "refused",
    "shown_address",
]  # fmt: skip

#: Rows of a batch.
AT_ONCE: Final = 131_072
#: Words of an address that hold something secret.
_SECRET: Final = frozenset({"password", "pwd", "passwd", "sslpassword", "token", "access_token", "private_key"})


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
            reader = connection.sql(f"SELECT {wanted} FROM {quoted(self.table)}").to_arrow_reader(AT_ONCE)
            yield from _numbered(reader, columns, self.size or 0, self.rows or 0)


@dataclass(frozen=True, slots=True, eq=False)
class ServerRecords:
    """A table behind a URL.  A server that answers in another order each time gives wrong record numbers."""

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
        return f"{shown_address(self.url)}, table {self.table}"

    def sha256(self) -> str:
        """A server's table has no bytes to hash."""
        return ""

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The named columns, as the server sends them; ComityError CM709."""
        connection = _connected(self.url)
        try:
            table = connection.table(self.table)
            # Always the same question: with few columns a server may read an index, which has another order.
            asked = [name for name, type_ in table.schema().items() if name in columns or not type_.is_unknown()]
            batches = table.select(*asked).to_pyarrow_batches(chunk_size=AT_ONCE)
            yield from _numbered(batches, columns, 0, self.rows or 0)
        except ComityError:
            raise
        except Exception as error:  # every back end has errors of its own
            raise refused(self.url, error) from None
        finally:
            connection.disconnect()


def _numbered(batches: Any, columns: Sequence[str], size: int, rows: int) -> Iterator[Batch]:
    first = 1
    for batch in batches:
        numbers = np.arange(first, first + batch.num_rows, dtype=np.int64)
        first += batch.num_rows
        named = {name: _plain(batch.column(name)) for name in columns}
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
            table = one_table([str(row[0]) for row in listed], reading.table, path.name)
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
        table = one_table([str(name) for name in connection.list_tables()], reading.table, shown_address(url))
        return ServerRecords(url, table, tuple(connection.table(table).columns))
    except ComityError:
        raise
    except Exception as error:
        raise refused(url, error) from None
    finally:
        connection.disconnect()


def one_table(tables: list[str], wanted: str, where: str) -> str:
    """The table called ``wanted``, or the only one where it is ""; ComityError CM707."""
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
        raise refused(url, error) from None


def refused(url: str, error: Exception) -> ComityError:
    """CM709 with the first line of what the database said, and nothing secret in it."""
    told = " ".join(str(error).strip().partition("\n")[0].split()) or type(error).__name__
    message = f"'{shown_address(url)}' does not answer: {_without_secrets(told, url)[:200]}"
    return ComityError([Problem("CM709", message, help="check address, user and table; nothing was written")])


def shown_address(url: str) -> str:
    """The address without user, password and options."""
    return re.sub(r"://\S*@", "://…@", url).partition("?")[0]


def _without_secrets(told: str, url: str) -> str:
    _, sign, user = url.rpartition("@")[0].partition("://")
    password = user.partition(":")[2] if sign else ""
    options = [value for name, value in parse_qsl(url.partition("?")[2]) if name.lower() in _SECRET]
    # An unescaped sign in a password makes a driver see its parts as something else, and tell of them.
    parts = {part for whole in (password, *options) for part in (whole, unquote(whole), *re.split(r"[:/@?#&]", whole))}
    for part in sorted(filter(None, parts), key=len, reverse=True):
        if part in told and len(part) < 4:
            return "what it said is not shown, since a part of the password is in it"
        told = told.replace(part, "…")
    return re.sub(r"://\S*@", "://…@", told)
