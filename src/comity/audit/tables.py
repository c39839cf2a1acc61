"""Cases as columns: what every audit engine reads.

A ``CaseTable`` is a stretch of cases; a fact it has no column for is unknown in every case of it.  One encoding per
kind of fact, chosen so that an unknown is a value of its own and never a NULL that a comparison could swallow:

=====================  =======================================================  ===================
kind                   ``values``                                               unknown
=====================  =======================================================  ===================
yes/no                 uint8 rank: 0 no, 2 yes                                  1
one of                 uint8, position among the type's members                 255
some of                int64, one bit per member held                           -1
date                   int32, days since 1970-01-01                             ``NO_DAY``
moment                 int64, microseconds since 1970-01-01T00:00Z, and         ``NO_NUMBER``
                       ``offsets``: int16, minutes its own clock is east of UTC
integer, money,        int64                                                    ``NO_NUMBER``
duration
text, offence          int32, position in ``words``                             -1
=====================  =======================================================  ===================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = [
    "NO_DAY",
    "NO_MEMBER",
    "NO_NUMBER",
    "NO_SET",
    "NO_WORD",
    "CaseTable",
    "Column",
    "ListTable",
    "local_days",
    "picked",
    "picked_values",
]

Array = npt.NDArray[Any]

NO_DAY: Final = -(2**31)
NO_NUMBER: Final = -(2**63)
NO_MEMBER: Final = 255
NO_SET: Final = -1
NO_WORD: Final = -1

_DAY_IN_MICROSECONDS: Final = 86_400_000_000
_MINUTE_IN_MICROSECONDS: Final = 60_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One fact of many cases, or one field of many rows; see the table above for ``values``."""

    kind: str
    values: Array
    offsets: Array | None = None
    words: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, eq=False)
class ListTable:
    """A list of the cases: the rows of case ``i`` are ``offsets[i]`` up to ``offsets[i + 1]``.

    ``offsets``: int64, one more than there are cases.  ``complete``: bool per case, True only where the record says
    that no row is missing.  ``columns``: field name -> its column over all rows.
    """

    offsets: Array
    complete: Array
    columns: Mapping[str, Column] = field(default_factory=dict)

    @cached_property
    def owner(self) -> Array:
        """The case of each row: intp."""
        # How many cases end at or before a row; counted, for repeating every case is slower.
        ends = np.bincount(self.offsets[1:-1], minlength=int(self.offsets[-1]) + 1)
        found: Array = np.cumsum(ends[:-1], dtype=np.intp)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class CaseTable:
    """A stretch of cases.

    ``ids``: what the records call each case, as an Arrow array (text or whole numbers).  ``numbers``: int64, the line
    or row of the input a case began on, from 1.  ``agencies`` lists agency ids; ``agency`` (int32) points into it.
    ``law_date``: int32 days since 1970-01-01, ``NO_DAY`` where unknown.  ``columns`` and ``lists``: by fact name of the
    vocabulary.  ``recorded``: action name -> uint8 of what the record says happened: 0 not told, 1 done, 2 not done.
    ``carried``: columns that no rule reads and reports use ("released" a moment, "facility" a text).
    """

    ids: pa.Array
    numbers: Array
    agencies: tuple[str, ...]
    agency: Array
    law_date: Array
    columns: Mapping[str, Column] = field(default_factory=dict)
    lists: Mapping[str, ListTable] = field(default_factory=dict)
    recorded: Mapping[str, Array] = field(default_factory=dict)
    carried: Mapping[str, Column] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)


def picked(table: CaseTable, at: Any, ids: pa.Array, lists: dict[str, ListTable]) -> CaseTable:
    """Some cases of a table, given by their positions or by a slice; their ids and lists are cut by the caller."""
    return CaseTable(
        ids,
        table.numbers[at],
        table.agencies,
        table.agency[at],
        table.law_date[at],
        {name: picked_values(column, at) for name, column in table.columns.items()},
        lists,
        {name: told[at] for name, told in table.recorded.items()},
        {name: picked_values(column, at) for name, column in table.carried.items()},
    )


def picked_values(column: Column, at: Any) -> Column:
    """Some values of a column, given by their positions or by a slice."""
    offsets = None if column.offsets is None else column.offsets[at]
    return Column(column.kind, column.values[at], offsets, column.words)


def local_days(column: Column) -> Array:
    """The calendar day of dates, and of moments on their own clock: int32 days since 1970-01-01, or ``NO_DAY``."""
    if column.kind == "date":
        return column.values
    assert column.kind == "moment"
    assert column.offsets is not None
    known = column.values != NO_NUMBER
    local = np.where(known, column.values, 0) + column.offsets.astype(np.int64) * _MINUTE_IN_MICROSECONDS
    return np.where(known, local // _DAY_IN_MICROSECONDS, NO_DAY).astype(np.int32)
