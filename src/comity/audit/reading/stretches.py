"""Batches of records gathered into stretches of whole cases, and stretches of cases cut down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from comity.audit.quality import Rejected
from comity.audit.reading.ordering import case_ids
from comity.audit.records import Batch
from comity.audit.tables import Array, CaseTable, ListTable, picked, picked_values

__all__ = ["Stretch", "cases_at", "stretches"]


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Records of whole cases.

    ``ids``: null where a record has none; None where cases are known by their record numbers.  ``run``: int64, rising
    by one where another case begins; with each record where a case has one.
    """

    numbers: Array
    columns: dict[str, pa.Array]
    ids: pa.Array | None
    run: Array
    lost: tuple[Rejected, ...]
    bytes_read: int

    def __len__(self) -> int:
        return len(self.numbers)


def stretches(batches: Iterator[Batch], case: Sequence[str], rows: int, *, several: bool) -> Iterator[Stretch]:
    """Stretches of ``rows`` records; where a case has several, as many whole cases as that holds, and at least one."""
    waiting: list[Batch] = []
    lost: list[Rejected] = []
    # Whether a case ends with the last record of a stretch is seen on the next one.
    least = rows + 1 if several else rows
    count, wanted, bytes_read = 0, least, 0
    for batch in batches:
        lost += batch.lost
        bytes_read = max(bytes_read, batch.bytes_read)
        waiting.append(batch)
        count += len(batch)
        while count >= wanted:
            whole = _together(waiting)
            cut = _cut(whole, case, rows) if several else rows
            if cut == 0:  # one case longer than a stretch
                waiting, wanted = [whole], count * 2
                break
            yield _stretch(_part(whole, 0, cut), case, tuple(lost), bytes_read, several)
            lost = []
            waiting, count, wanted = [_part(whole, cut, len(whole))], len(whole) - cut, least
    if waiting and (count or lost):
        yield _stretch(_together(waiting), case, tuple(lost), bytes_read, several)


def _together(batches: Sequence[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    filled = [batch for batch in batches if len(batch)] or list(batches[:1])
    numbers = np.concatenate([batch.numbers for batch in filled])
    columns = {}
    for name in filled[0].columns:
        chunked = pa.chunked_array([batch.columns[name] for batch in filled])
        if pa.types.is_dictionary(chunked.type):
            chunked = chunked.unify_dictionaries()
        combined = chunked.combine_chunks()
        columns[name] = combined if isinstance(combined, pa.Array) else combined.chunk(0)
    return Batch(numbers, columns)


def _part(batch: Batch, start: int, stop: int) -> Batch:
    columns = {name: column.slice(start, stop - start) for name, column in batch.columns.items()}
    return Batch(batch.numbers[start:stop], columns)


def _cut(batch: Batch, case: Sequence[str], rows: int) -> int:
    """Where the last case that begins within ``rows`` records begins, or else the next one; 0 when none ends here."""
    starts = np.flatnonzero(np.diff(_runs(case_ids(batch, case)))) + 1
    within = starts[starts <= rows]
    return int(within[-1]) if within.size else int(starts[0]) if starts.size else 0


def _runs(ids: pa.Array) -> Array:
    if not len(ids):
        return np.zeros(0, np.int64)
    begins = np.zeros(len(ids), np.int64)
    different = pc.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1))
    # A record without an id is a case of its own as far as cutting goes.
    begins[1:] = np.asarray(pc.fill_null(different, True), bool)
    return np.cumsum(begins)


def _stretch(batch: Batch, case: Sequence[str], lost: tuple[Rejected, ...], bytes_read: int, several: bool) -> Stretch:
    ids = case_ids(batch, case) if case else None
    run = np.arange(len(batch)) if ids is None or not several else _runs(ids)
    return Stretch(batch.numbers, dict(batch.columns), ids, run, lost, bytes_read)


def cases_at(table: CaseTable, positions: Array) -> CaseTable:
    """The cases at these positions, in that order."""
    at = np.asarray(positions, np.int64)
    ids = table.ids.take(pa.array(at))
    return picked(table, at, ids, {name: _list_at(one, at) for name, one in table.lists.items()})


def _list_at(one: ListTable, at: Array) -> ListTable:
    counts = np.diff(one.offsets)[at]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    rows = rows_of(one.offsets[at], counts)
    return ListTable(offsets, one.complete[at], {name: picked_values(c, rows) for name, c in one.columns.items()})


def rows_of(starts: Array, counts: Array) -> Array:
    """Row numbers of several ranges, one after the other: ``counts[i]`` rows from ``starts[i]`` on."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(starts - (ends - counts), counts))
