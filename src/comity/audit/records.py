"""Opens the records an audit reads: text tables, Parquet, workbooks, and tables of databases.

Every source gives the same thing: a header, and batches of columns with the number of each record.  Nothing is
interpreted here; a text file stays text.  Memory does not grow with the number of records, workbooks excepted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote

import pyarrow as pa

from comity.audit.quality import Rejected
from comity.audit.tables import Array
from comity.problems import ComityError, Problem

__all__ = ["Batch", "Limits", "Reading", "Records", "file_sha256", "header_names", "open_records"]

#: What a file begins with -> what it is.  The name may say otherwise: one public file called .csv is gzip.
_MAGIC: Final = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "workbook"),
    (b"\xd0\xcf\x11\xe0", "workbook"),
    (b"SQLite format 3", "sqlite"),
)
#: The table that an address names at its end; a "#" in a password has an "@" behind it.
_TABLE: Final = re.compile(r"#[^@#/]+$")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source is to be read where its own look does not tell.

    ``separator``: the sign between cells ("" finds it in the header).  ``quotes``: whether ``"`` may enclose a cell.
    ``encoding``: of a text file.  ``header_row``: the line or row with the names, from 1 (0: the first line; in a
    workbook the first row that is as full as the table).  ``table``: the sheet or table ("" where there is one).
    """

    separator: str = ""
    quotes: bool = True
    encoding: str = ""
    header_row: int = 0
    table: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a compressed file may grow before it is refused.

    A gzip file is refused once it is larger than ``small`` bytes and ``ratio`` times its compressed size, or larger
    than ``inflated``; a workbook is held in memory, so ``workbook`` takes the place of ``inflated``.
    """

    ratio: int = 200
    small: int = 64 * 2**20
    inflated: int = 256 * 2**30
    workbook: int = 4 * 2**30

    def check(self, inflated: int, compressed: int, name: str, most: int) -> None:
        """ComityError CM703 when the sizes look like a bomb."""
        if inflated > most or (inflated > self.small and inflated > self.ratio * max(compressed, 1)):
            size = f"{inflated / 2**20:,.0f} MiB out of {compressed / 2**20:,.1f} MiB"
            help_ = "if the file is honest, unpack it first or allow more with --max-inflated"
            raise ComityError([Problem("CM703", f"'{name}' grows beyond reason when unpacked: {size}", help=help_)])


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some records, in order.

    ``numbers``: int64, from 1; the header and blank lines are not counted.  ``columns``: the columns asked for.
    ``lost``: records among them that could not be read.  ``bytes_read``: bytes of the input up to here, 0 where that
    is not known.
    """

    numbers: Array
    columns: Mapping[str, pa.Array]
    lost: tuple[Rejected, ...] = ()
    bytes_read: int = 0

    def __len__(self) -> int:
        return len(self.numbers)


class Records(Protocol):
    """A source of records.

    ``name`` as a person gave it, ``kind`` such as "CSV".  ``header``: the names, made different where the source
    repeats one (``repeated`` lists those).  ``size``: bytes of the input, ``rows``: records, each None when not known.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def header(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def repeated(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def size(self) -> int | None: ...  # noqa: D102
    @property
    def rows(self) -> int | None: ...  # noqa: D102

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The named columns of every record, from the start; may be asked again."""
        ...

    def sha256(self) -> str:
        """Hash of the input file; "" for a database server, whose content has no bytes."""
        ...


def open_records(
    source: str | Path, table: str | None = None, *, reading: Reading | None = None, limits: Limits | None = None
) -> Records:
    """The records of a file or of a database.

    ``source``: a path, or an address: ``postgres://…``, ``sqlite://FILE``, ``duckdb://FILE``, or another that Ibis
    can connect to; ``#TABLE`` at its end names the table.  ``table``: the sheet or table.
    Raises ComityError: CM701 there is no such file, CM702 it is not what it seems, CM703 it unpacks to too much, CM704
    it has no header, CM707 which table, CM708 a package is missing, CM709 no connection, CM720 its encoding.
    """
    reading = reading or Reading()
    if table is not None:
        reading = Reading(reading.separator, reading.quotes, reading.encoding, reading.header_row, table)
    limits = limits or Limits()
    scheme, sign, place = str(source).partition("://")
    if sign:
        address, _, named = str(source).rpartition("#") if _TABLE.search(place) else (str(source), "", "")
        if named and table is None:
            reading = Reading(reading.separator, reading.quotes, reading.encoding, reading.header_row, unquote(named))
        found = _at_address(scheme, address, reading)
        if found is not None:
            return found
        source = address.removeprefix("duckdb://")
    path = Path(source)
    start = _start_of(path)
    kind = next((k for magic, k in _MAGIC if start.startswith(magic)), "")
    if kind == "parquet":
        from comity.audit.sources.parquetfiles import open_parquet

        return open_parquet(path)
    if kind == "workbook":
        from comity.audit.sources.workbooks import open_workbook

        return open_workbook(path, reading, limits)
    if start[8:12] == b"DUCK":
        from comity.audit.sources.databases import open_duckdb

        return open_duckdb(path, reading)
    if kind == "sqlite":
        raise ComityError([Problem("CM702", f"'{path.name}' is an SQLite file", help=f"write sqlite://{path}")])
    if path.suffix.lower() in (".parquet", ".pq", ".xlsx", ".xls", ".duckdb"):
        message = f"'{path.name}' does not hold what its name says"
        raise ComityError([Problem("CM702", message, help="the file may be damaged, or only partly downloaded")])
    from comity.audit.sources.textfiles import open_text

    return open_text(path, reading, limits)


def _at_address(scheme: str, address: str, reading: Reading) -> Records | None:
    """A table behind an address; None for a DuckDB file."""
    if scheme in ("postgres", "postgresql"):
        from comity.audit.sources.postgresql import open_postgresql

        return open_postgresql(address, reading)
    if scheme == "sqlite":
        from comity.audit.sources.sqlitefiles import open_sqlite

        return open_sqlite(Path(address.removeprefix("sqlite://").partition("?")[0]), reading)
    if scheme != "duckdb":
        from comity.audit.sources.databases import open_server

        return open_server(address, reading)
    return None


def _start_of(path: Path) -> bytes:
    try:
        if path.is_dir():
            help_ = "name one file; files of several years are audited one by one"
            raise ComityError([Problem("CM701", f"'{path}' is a folder", help=help_)])
        with path.open("rb") as file:
            start = file.read(64)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name cannot be used"
        problem = Problem("CM701", f"'{path}' cannot be opened: {reason}", help="check the name and where you are")
        raise ComityError([problem]) from None
    if not start:
        help_ = "an export without records still has its header"
        raise ComityError([Problem("CM704", f"'{path.name}' is empty", help=help_)])
    return start


def header_names(cells: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Names to call the columns by, and which names were repeated.

    ``Level`` twice becomes ``Level (1)`` and ``Level (2)``; a column without a name is ``column 3``.
    """
    plain = [" ".join(cell.split()) or f"column {i}" for i, cell in enumerate(cells, 1)]
    taken = set(plain)
    repeated = frozenset(name for name in taken if plain.count(name) > 1) if len(taken) < len(plain) else frozenset()
    seen: dict[str, int] = {}
    names = []
    for name in plain:
        if name in repeated:
            seen[name] = seen.get(name, 0) + 1
            while f"{name} ({seen[name]})" in taken:
                seen[name] += 1
            name = f"{name} ({seen[name]})"
        names.append(name)
    return tuple(names), repeated


def file_sha256(path: Path) -> str:
    """Hash of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class TableRecords:
    """Records that are in memory already, such as an Arrow table; for tests and for callers from Python."""

    table: pa.Table
    name: str = "table"
    kind: str = "Arrow"
    repeated: frozenset[str] = frozenset()
    size: int | None = None
    rows: int | None = field(init=False, default=None)
    header: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", self.table.num_rows)
        object.__setattr__(self, "header", tuple(self.table.column_names))

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The named columns, batch by batch."""
        import numpy as np

        first = 1
        chosen: Any = self.table.select(list(columns))
        for batch in chosen.to_batches(max_chunksize=131_072):
            numbers = np.arange(first, first + batch.num_rows, dtype=np.int64)
            first += batch.num_rows
            yield Batch(numbers, {name: batch.column(i) for i, name in enumerate(columns)})

    def sha256(self) -> str:
        """Nothing stands behind a table in memory."""
        return ""
