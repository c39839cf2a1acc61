"""A table of cases in blocks of few enough cases that what is worked out of a block stays in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from comity.audit.tables import CaseTable, ListTable, picked, picked_values

__all__ = ["blocks"]


def blocks(table: CaseTable, cases: int) -> Iterator[tuple[slice, CaseTable]]:
    """Where each block of at most ``cases`` lies, and the block; all are about the same size, and nothing is copied."""
    parts = max(1, -(-len(table) // cases))
    if parts == 1:
        yield slice(0, len(table)), table
        return
    for start, stop in pairwise(len(table) * i // parts for i in range(parts + 1)):
        where = slice(start, stop)
        yield where, _part(table, where)


def _part(table: CaseTable, where: slice) -> CaseTable:
    ids = table.ids.slice(where.start, where.stop - where.start)
    return picked(table, where, ids, {name: _list(one, where) for name, one in table.lists.items()})


def _list(one: ListTable, where: slice) -> ListTable:
    offsets = one.offsets[where.start : where.stop + 1]
    rows = slice(int(offsets[0]), int(offsets[-1]))
    columns = {name: picked_values(column, rows) for name, column in one.columns.items()}
    return ListTable(offsets - offsets[0], one.complete[where], columns)
