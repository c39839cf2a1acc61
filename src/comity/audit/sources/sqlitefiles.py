"""Tables of SQLite files as records, read as they stand: every cell as text, row by row, without changing the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa

from comity.audit.records import Batch, Reading, file_sha256
from comity.audit.sources.databases import AT_ONCE, one_table, quoted
from comity.problems import ComityError, Problem

__all__ = ["SqliteRecords", "open_sqlite"]


@dataclass(frozen=True, slots=True, eq=False)
class SqliteRecords:
    """A table or view of an SQLite file.  ``plain``: a table, whose rows have an order of their own."""

    path: Path
    table: str
    header: tuple[str, ...]
    plain: bool
    size: int | None
    rows: int | None
    repeated: frozenset[str] = frozenset()
    kind: str = "SQLite"

    @property
    def name(self) -> str:
        """File and table."""
        return f"{self.path.name}, table {self.table}"

    def sha256(self) -> str:
        """Hash of the database file."""
        return file_sha256(self.path)

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The named columns, in the order of the table; ComityError CM702."""
        # A covering index would give a pass over few columns another order.  A view is always asked the same question.
        asked = list(columns) if self.plain else list(self.header)
        wanted = ", ".join(quoted(name) for name in asked) or "1"
        query = f"SELECT {wanted} FROM {quoted(self.table)}" + (" NOT INDEXED" if self.plain else "")
        first = 1
        try:
            with closing(_connected(self.path)) as connection:
                cursor = connection.execute(query)
                while rows := cursor.fetchmany(AT_ONCE // 4):
                    numbers = np.arange(first, first + len(rows), dtype=np.int64)
                    first += len(rows)
                    cells = dict(zip(asked, zip(*rows, strict=True), strict=False))
                    named = {name: pa.array([_text(v) for v in cells[name]], pa.string()) for name in columns}
                    yield Batch(numbers, named, (), (self.size or 0) * (first - 1) // max(self.rows or 0, first - 1))
        except sqlite3.Error as error:
            raise _damaged(self.path, error) from None


def _text(value: object) -> str | None:
    match value:
        case None | str():
            return value
        case bytes():
            return value.decode("utf-8", "replace")
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        case _:
            return str(value)


def open_sqlite(path: Path, reading: Reading) -> SqliteRecords:
    """A table or view of the SQLite file at ``path``; ComityError CM701, CM702 or CM707."""
    if not path.is_file():
        problem = Problem("CM701", f"'{path}' cannot be opened: there is no such file", help="check the name")
        raise ComityError([problem])
    try:
        with closing(_connected(path)) as connection:
            kinds = dict(
                connection.execute(
                    "SELECT name, type = 'table' FROM sqlite_master WHERE type IN ('table', 'view') "
                    "AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
                ).fetchall()
            )
            table = one_table(list(kinds), reading.table, path.name)
            cursor = connection.execute(f"SELECT * FROM {quoted(table)} LIMIT 0")
            header = tuple(str(column[0]) for column in cursor.description)
            rows = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0]
    except sqlite3.Error as error:
        raise _damaged(path, error) from None
    return SqliteRecords(path, table, header, bool(kinds[table]), path.stat().st_size, int(rows))


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, check_same_thread=False)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return connection


def _damaged(path: Path, error: sqlite3.Error) -> ComityError:
    return ComityError([Problem("CM702", f"'{path.name}' cannot be read by SQLite: {str(error)[:120]}")])
