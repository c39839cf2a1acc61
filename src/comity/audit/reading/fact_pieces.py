"""Pieces of fact tables: row groups read in the order of their ids, cut, put together, and joined by id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from comity.audit.sources.parquetfiles import damaged_parquet
from comity.audit.tables import Array, Column
from comity.problems import ComityError, Problem

__all__ = ["Along", "Piece", "all_true", "flat", "groups_rise", "opened", "read_group", "sized", "tables_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A row group: ids, and the columns wanted, by their names in the file."""

    ids: Any
    first: int
    columns: dict[str, Column]

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, start: int, stop: int) -> Piece:
        """Some of its rows, not copied."""
        if start == 0 and stop == len(self):
            return self
        cut = {name: _part(column, start, stop) for name, column in self.columns.items()}
        return Piece(self.ids[start:stop], self.first + start, cut)


def _part(column: Column, start: int, stop: int) -> Column:
    offsets = None if column.offsets is None else column.offsets[start:stop]
    return Column(column.kind, column.values[start:stop], offsets, column.words)


class Along:
    """The rows of a list, read along with the cases."""

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self.pieces = pieces
        self.held: Piece | None = None
        self.ended = False

    def up_to(self, ids: Any, name: str, path: Path) -> tuple[Array, Piece]:
        """Offsets of the rows of these cases, and the rows."""
        taken: list[Piece] = []
        while self.held is not None or not self.ended:
            piece = self.held if self.held is not None else next(self.pieces, None)
            self.held = None
            if piece is None:
                self.ended = True
            elif piece.ids[-1] <= ids[-1]:
                taken.append(piece)
            else:
                cut = int(np.searchsorted(piece.ids, ids[-1], "right"))
                taken.append(piece.part(0, cut))
                self.held = piece.part(cut, len(piece))
                break
        if not taken:
            return np.zeros(len(ids) + 1, np.int64), Piece(ids[:0], 1, {})
        rows = _joined(taken)
        offsets, stranger = _offsets(rows.ids, ids)
        if stranger is not None:
            raise _orphan(stranger, name, path)
        return offsets, rows

    def ends(self, name: str, path: Path) -> None:
        """No row may be left when the cases have ended."""
        left = self.held if self.held is not None else next(self.pieces, None)
        if left is not None and len(left):
            raise _orphan(left.ids[0], name, path)


def _orphan(id_: object, name: str, path: Path) -> ComityError:
    message = f"a row of {name} in '{path.name}' belongs to case {id_}, which is not among the cases"
    return ComityError([Problem("CM723", message, help="leave out such rows, or add the case")])


def _offsets(rows: Any, ids: Any) -> tuple[Array, Any]:
    """Where the rows of each id begin and end, both sorted; and an id of the rows not among ``ids``, or None."""
    counts = np.zeros(len(ids) + 1, np.int64)
    if len(rows):
        starts = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
        own = rows[starts]
        if rows.dtype.kind == "i" and int(ids[-1]) - int(ids[0]) == len(ids) - 1:  # no gap: the id tells its place
            place = own - ids[0]
            match = (place >= 0) & (place < len(ids))
        else:
            place = np.minimum(np.searchsorted(ids, own), len(ids) - 1)
            match = np.asarray(ids[place] == own, bool)
        if not match.all():
            return counts, own[~match][0]
        counts[place + 1] = np.diff(starts, append=len(rows))
    return np.cumsum(counts), None


def sized(pieces: Iterator[Piece], rows: int) -> Iterator[Piece]:
    """Pieces of at most ``rows``, and not much smaller; a large one is cut into equal parts, which copies nothing."""
    waiting: list[Piece] = []
    for piece in pieces:
        waiting.append(piece)
        if 2 * sum(map(len, waiting)) >= rows:
            yield from _cut(_joined(waiting), rows)
            waiting = []
    if waiting:
        yield from _cut(_joined(waiting), rows)


def _cut(piece: Piece, rows: int) -> Iterator[Piece]:
    parts = -(-len(piece) // rows)
    ends = [len(piece) * i // parts for i in range(parts + 1)]
    for start, stop in pairwise(ends):
        yield piece.part(start, stop)


def _joined(pieces: list[Piece]) -> Piece:
    if len(pieces) == 1:
        return pieces[0]
    columns: dict[str, Column] = {}
    for name, one in pieces[0].columns.items():
        parts = [piece.columns[name] for piece in pieces]
        words: tuple[str, ...] = one.words
        values = [part.values for part in parts]
        if one.kind in ("text", "offence"):
            place: dict[str, int] = {}
            values = []
            for part in parts:
                moved = np.array([*(place.setdefault(w, len(place)) for w in part.words), -1], np.int32)
                # A null of one row group is the number after its own last word.
                codes = np.where((part.values < 0) | (part.values >= len(part.words)), len(part.words), part.values)
                values.append(moved[codes])
            words = tuple(place)
        offsets = None if one.offsets is None else np.concatenate([p.offsets for p in parts if p.offsets is not None])
        columns[name] = Column(one.kind, np.concatenate(values), offsets, words)
    return Piece(np.concatenate([piece.ids for piece in pieces]), pieces[0].first, columns)


def all_true(mask: Any) -> bool:
    """Whether a comparison of arrays holds everywhere."""
    return bool(np.asarray(mask, bool).all())


def flat(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    if pa.types.is_dictionary(column.type) and column.num_chunks > 1:
        column = column.unify_dictionaries()
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else combined.chunk(0)


def opened(path: Path, dictionaries: list[str] | None = None) -> Any:
    """A Parquet file, text columns in ``dictionaries`` read as such; ComityError CM701 or CM702."""
    try:
        return pq.ParquetFile(path, read_dictionary=dictionaries or [], memory_map=True)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise ComityError([Problem("CM701", f"'{path}' cannot be opened: there is no such file")]) from None
        raise damaged_parquet(path, error) from None


def read_group(parquet: Any, path: Path, group: int, names: list[str]) -> pa.Table:
    """One row group; ComityError CM702 when it is damaged."""
    try:
        return parquet.read_row_group(group, columns=names, use_threads=True)
    except (pa.ArrowException, OSError) as error:
        raise damaged_parquet(path, error) from None


def tables_of(path: Path, names: list[str]) -> Iterator[pa.Table]:
    """The named columns, batch by batch."""
    with opened(path) as parquet:
        for batch in parquet.iter_batches(columns=names):
            yield pa.Table.from_batches([batch])


def groups_rise(path: Path, column: str) -> bool:
    """Whether no row group begins before the one before it ends, as far as the file's own statistics say."""
    with opened(path) as parquet:
        metadata = parquet.metadata
        last = None
        place = next(i for i in range(metadata.num_columns) if metadata.schema.column(i).path == column)
        for group in range(metadata.num_row_groups):
            told = metadata.row_group(group).column(place).statistics
            if told is None or not told.has_min_max:
                if metadata.row_group(group).num_rows == 0:
                    continue
                return bool(metadata.num_row_groups == 1)
            if last is not None and told.min < last:
                return False
            last = told.max
    return True
