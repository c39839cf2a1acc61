"""Workbooks (XLSX, XLS) as records: every sheet with the same columns, one after the other.

The federal releases have one sheet for each fiscal year, with six rows of cover text above the names.  A sheet holds at
most a million rows and is read as a whole; this is the one source whose memory grows with its size.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from comity.audit.records import Batch, Limits, Reading, file_sha256, header_names
from comity.problems import ComityError, Problem, nearest

__all__ = ["WorkbookRecords", "open_workbook"]

_LOOKED_AT: Final = 40
_AT_ONCE: Final = 131_072


@dataclass(frozen=True, slots=True, eq=False)
class WorkbookRecords:
    """A workbook.  ``sheets``: (name, rows above the first record, records) of each sheet that is read."""

    path: Path
    header: tuple[str, ...]
    repeated: frozenset[str]
    sheets: tuple[tuple[str, int, int], ...]
    size: int | None
    rows: int | None
    kind: str = "XLSX"

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def sha256(self) -> str:
        """Hash of the file."""
        return file_sha256(self.path)

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The named columns as text; records are numbered on from sheet to sheet."""
        book, first, rows = _opened(self.path), 1, max(self.rows or 0, 1)
        place = {name: i for i, name in enumerate(self.header)}
        for sheet, above, height in self.sheets:
            if not height:
                continue
            table = _cells(book, self.path, sheet, above, None)
            for batch in pa.Table.from_batches([table]).to_batches(max_chunksize=_AT_ONCE):
                numbers = np.arange(first, first + batch.num_rows, dtype=np.int64)
                first += batch.num_rows
                read = (self.size or 0) * (first - 1) // rows
                yield Batch(numbers, {name: batch.column(place[name]) for name in columns}, (), read)


def open_workbook(path: Path, reading: Reading, limits: Limits) -> WorkbookRecords:
    """The workbook at ``path``; ComityError CM702, CM703, CM704, CM707 or CM708."""
    _refuse_bomb(path, limits)
    book = _opened(path)
    names = [str(name) for name in book.sheet_names]
    if reading.table and reading.table not in names:
        near = nearest(reading.table, names)
        help_ = f"did you mean '{near}'?" if near else f"sheets are {', '.join(names)}"
        raise ComityError([Problem("CM707", f"'{path.name}' has no sheet called '{reading.table}'", help=help_)])
    headers: dict[str, tuple[str, ...]] = {}
    sheets: list[tuple[str, int, int]] = []
    repeated: frozenset[str] = frozenset()
    for name in [reading.table] if reading.table else names:
        top = _cells(book, path, name, 0, _LOOKED_AT + max(reading.header_row, 1))
        if top.num_rows == 0:
            continue
        row = reading.header_row - 1 if reading.header_row else _fullest(top)
        if row >= top.num_rows:
            help_ = f"the mapping says 'header row: {reading.header_row}'"
            raise ComityError([Problem("CM704", f"sheet '{name}' has fewer rows than that", help=help_)])
        headers[name], repeated = header_names([column[row].as_py() or "" for column in top.columns])
        sheets.append((name, row + 1, _height(book, name) - row - 1))
    if not headers:
        raise ComityError([Problem("CM704", f"'{path.name}' has no row of column names")])
    if len(set(headers.values())) > 1:
        message = f"the sheets of '{path.name}' have different columns"
        help_ = f"name one of them with --table: {', '.join(headers)}"
        raise ComityError([Problem("CM707", message, help=help_)])
    rows = sum(max(height, 0) for _, _, height in sheets)
    return WorkbookRecords(path, next(iter(headers.values())), repeated, tuple(sheets), path.stat().st_size, rows)


def _opened(path: Path) -> Any:
    try:
        import fastexcel
    except ImportError:
        help_ = "install comity with the extra 'audit', or save the sheet as CSV"
        raise ComityError([Problem("CM708", "workbooks need the package fastexcel", help=help_)]) from None
    try:
        return fastexcel.read_excel(path)
    except Exception as error:  # the reader's own errors share no useful base class
        raise _damaged(path, error) from None


def _cells(book: Any, path: Path, sheet: str, above: int, rows: int | None) -> pa.RecordBatch:
    """Rows of a sheet as text, without the first ``above``."""
    try:
        loaded = book.load_sheet(sheet, header_row=None, skip_rows=above, n_rows=rows, dtypes="string")
        return loaded.to_arrow()
    except Exception as error:
        raise _damaged(path, error) from None


def _height(book: Any, sheet: str) -> int:
    return int(book.load_sheet(sheet, header_row=None, skip_rows=0, n_rows=1, dtypes="string").total_height)


def _damaged(path: Path, error: Exception) -> ComityError:
    reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
    return ComityError([Problem("CM702", f"'{path.name}' is not a workbook that can be read: {reason}")])


def _fullest(top: pa.RecordBatch) -> int:
    """The first row at least half as full as the fullest: cover text fills one cell, names fill them all."""
    cells = [[bool((value or "").strip()) for value in column.to_pylist()] for column in top.columns]
    full = np.array(cells, bool).sum(axis=0)
    return int(np.argmax(full * 2 >= full.max()))


def _refuse_bomb(path: Path, limits: Limits) -> None:
    """Unpack every part of the file once without keeping it; what the directory of the file says may be untrue."""
    compressed, inflated = path.stat().st_size, 0
    try:
        with zipfile.ZipFile(path) as parts, path.open("rb") as raw:
            for part in parts.infolist():
                if part.compress_type != zipfile.ZIP_DEFLATED:
                    continue
                raw.seek(part.header_offset + 26)
                skip = raw.read(4)
                raw.seek(int.from_bytes(skip[:2], "little") + int.from_bytes(skip[2:], "little"), 1)
                left, unpacker = part.compress_size, zlib.decompressobj(-15)
                while left > 0 and not unpacker.eof and (block := raw.read(min(left, 2**16))):
                    left -= len(block)
                    while block:
                        inflated += len(unpacker.decompress(block, 2**22))
                        limits.check(inflated, compressed, path.name, limits.workbook)
                        block = unpacker.unconsumed_tail
    except (zipfile.BadZipFile, zlib.error, OSError):
        return  # an old XLS is no archive; a damaged archive is told when it is opened
