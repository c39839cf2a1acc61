"""Parquet files as records, row group by row group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from comity.audit.quality import Rejected
from comity.audit.records import Batch, file_sha256, header_names
from comity.problems import ComityError, Problem

__all__ = ["ParquetRecords", "damaged_parquet", "open_parquet", "text_only"]

_AT_ONCE = 131_072


@dataclass(frozen=True, slots=True, eq=False)
class ParquetRecords:
    """A Parquet file; columns keep their types.  ``own``: the names as they stand in the file."""

    path: Path
    header: tuple[str, ...]
    own: tuple[str, ...]
    repeated: frozenset[str]
    size: int | None
    rows: int | None
    kind: str = "Parquet"

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def sha256(self) -> str:
        """Hash of the file."""
        return file_sha256(self.path)

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The named columns, in the order of the file."""
        first, rows = 1, max(self.rows or 0, 1)
        own = [self.own[self.header.index(name)] for name in columns]
        # Asked for a name that it has twice, the file gives both columns.
        given = [i for wanted in dict.fromkeys(own) for i, name in enumerate(self.own) if name == wanted]
        place = [given.index(self.header.index(name)) for name in columns]
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=_AT_ONCE, columns=list(dict.fromkeys(own))):
                    numbers = np.arange(first, first + batch.num_rows, dtype=np.int64)
                    first += batch.num_rows
                    read = (self.size or 0) * (first - 1) // rows
                    named = {name: batch.column(at) for name, at in zip(columns, place, strict=True)}
                    yield text_only(Batch(numbers, named, (), read))
        except (pa.ArrowException, OSError, ValueError) as error:
            raise damaged_parquet(self.path, error) from None


def open_parquet(path: Path) -> ParquetRecords:
    """The Parquet file at ``path``; ComityError CM702 when it is damaged, CM704 when it has no columns."""
    try:
        with pq.ParquetFile(path) as file:
            names = [str(name) for name in file.schema_arrow.names]
            rows = int(file.metadata.num_rows)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged_parquet(path, error) from None
    if not names:
        raise ComityError([Problem("CM704", f"'{path.name}' has no columns")])
    header, repeated = (tuple(names), frozenset[str]()) if len(set(names)) == len(names) else header_names(names)
    return ParquetRecords(path, header, tuple(names), repeated, path.stat().st_size, rows)


def text_only(batch: Batch) -> Batch:
    """Without the records that hold bytes which are no text; a Parquet file may claim them to be text all the same."""
    bad = np.zeros(len(batch), bool)
    lost: list[Rejected] = []
    for name, column in batch.columns.items():
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
            cells = plain.cast(pa.large_binary()).to_pylist()
            wrong = np.array([cell is not None and not _is_text(cell) for cell in cells], bool) & ~bad
            lost += [Rejected(int(n), "bytes that are no text", column=name) for n in batch.numbers[wrong]]
            bad |= wrong
    if not lost:
        return batch
    kept = pa.array(~bad)
    columns = {name: column.filter(kept) for name, column in batch.columns.items()}
    return Batch(batch.numbers[~bad], columns, (*batch.lost, *lost), batch.bytes_read)


def _is_text(cell: bytes) -> bool:
    try:
        cell.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def damaged_parquet(path: Path, error: Exception) -> ComityError:
    """CM702 for a file that Arrow could not read."""
    reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
    help_ = "fetch or write the file again; it may be cut off"
    return ComityError([Problem("CM702", f"'{path.name}' is not a whole Parquet file: {reason}", help=help_)])
