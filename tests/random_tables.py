"""Random tables of cases, drawn column by column: many rows at once, straight as numpy, nulls among them.

Values come from what the library itself writes (days, amounts, words) and from beside it, so that windows and
comparisons stand on their edges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pyarrow as pa

from comity.audit.tables import NO_DAY, NO_MEMBER, NO_NUMBER, NO_SET, NO_WORD, Array, CaseTable, Column, ListTable
from comity.calendar import shift
from comity.case import Case, FactValue, Rows, agency_values, find_agency
from comity.policy.expressions import Compare, Expression, Literal, Name, OneOf, Within, walk
from comity.policy.facts import FactType, FactWord
from comity.policy.library import Library

EPOCH = date(1970, 1, 1).toordinal()
OFFSETS = (-480, 0, 345, 540)


def random_table(
    library: Library,
    size: int,
    seed: int,
    agencies: Sequence[str],
    days: Sequence[date],
    *,
    nulls: float = 0.2,
    undated: float = 0.02,
    left_out: float = 0.1,
    rows: float = 1.5,
) -> CaseTable:
    """``size`` cases on law dates near ``days``.

    ``nulls``: how many values of a column are unknown; ``undated``: cases without a law date; ``left_out``: facts the
    table has no column for; ``rows``: rows of a list a case has on average.
    """
    rng = np.random.default_rng(seed)
    pool = Pool(library, rng, nulls, days)
    agency = rng.integers(0, len(agencies), size).astype(np.int32)
    law_date = rng.choice(np.array([d.toordinal() - EPOCH for d in days]), size) + rng.integers(-2, 3, size)
    law_date = np.where(rng.random(size) < undated, NO_DAY, law_date).astype(np.int32)
    columns: dict[str, Column] = {}
    lists: dict[str, ListTable] = {}
    told = [agency_values(_agency(id_, library), library.vocabulary) for id_ in agencies]
    for name, word in library.vocabulary.case_facts().items():
        if rng.random() < left_out:
            continue
        if word.type.kind == "list":
            lists[name] = pool.list_table(size, rows, law_date, library.vocabulary.fields(word.type.record), left_out)
        elif all(name in values for values in told):
            continue  # the agency's own table answers it
        else:
            columns[name] = pool.column(size, word.type, law_date)
    ids, numbers = pa.array([str(i) for i in range(size)]), np.arange(1, size + 1)
    return CaseTable(ids, numbers, tuple(agencies), agency, law_date, columns, lists)


def _agency(id_: str, library: Library) -> Any:
    found = find_agency(id_, library)
    assert found is not None, id_
    return found


class Pool:
    """Values worth trying, by kind of fact."""

    def __init__(self, library: Library, rng: np.random.Generator, nulls: float, days: Sequence[date]) -> None:
        self.rng = rng
        self.nulls = nulls
        written = list(_written(library))
        windows = {(amount, unit) for amount, unit in _windows(library)}
        near = [d for value in written if isinstance(value, date) for d in _beside(value)]
        # The far ends of windows that start on a law date, leap days, and the days beside them.
        far = [shift(d, sign * amount, unit) for d in days for amount, unit in windows for sign in (-1, 1)]
        near += [d for value in [*far, *days] for d in _beside(value)]
        near += [date(y, 2, n) for y in (2008, 2011, 2012, 2016) for n in (28, 29) if n == 28 or y % 4 == 0]
        near = [d for d in near if date(1950, 1, 1) < d < date(2100, 1, 1)]
        self.days = np.array(sorted({d.toordinal() - EPOCH for d in near}), np.int32)
        numbers = [v for v in written if isinstance(v, int)]
        self.numbers = np.array(sorted({n for v in numbers for n in (v - 1, v, v + 1)} | {0, 1, 2}), np.int64)
        self.words = (*tuple(sorted({v for v in written if isinstance(v, str)})[:40]), "another word", "")

    def unknown(self, size: int) -> Array:
        return self.rng.random(size) < self.nulls

    def column(self, size: int, type_: FactType, law_date: Array) -> Column:
        """``law_date``: of each value's case."""
        rng, unknown = self.rng, self.unknown(size)
        kind = type_.kind
        if kind == "yes/no":
            return Column(kind, np.where(unknown, 1, (rng.random(size) < rng.random()) * 2).astype(np.uint8))
        if kind == "one of":
            members = rng.integers(0, len(type_.members), size)
            return Column(kind, np.where(unknown, NO_MEMBER, members).astype(np.uint8))
        if kind == "some of":
            count = len(type_.members)
            one = np.int64(1) << rng.integers(0, count, size)
            sets = np.where(rng.random(size) < 0.3, 0, one | (np.int64(1) << rng.integers(0, count, size)))
            return Column(kind, np.where(unknown, NO_SET, sets).astype(np.int64))
        if kind == "date":
            return Column(kind, np.where(unknown, NO_DAY, self._near(law_date)).astype(np.int32))
        if kind == "moment":
            minutes = self._near(law_date).astype(np.int64) * 1440 + rng.choice([0, 1, 479, 480, 900, 1439], size)
            micros = minutes * 60_000_000 + rng.choice([0, 1, 59_999_999], size)
            return Column(kind, np.where(unknown, NO_NUMBER, micros), rng.choice(OFFSETS, size).astype(np.int16))
        if kind in ("integer", "money", "duration"):
            return Column(kind, np.where(unknown, NO_NUMBER, rng.choice(self.numbers, size)))
        codes = np.where(unknown, NO_WORD, rng.integers(0, len(self.words), size)).astype(np.int32)
        return Column(kind, codes, words=self.words)

    def _near(self, law_date: Array) -> Array:
        """Days worth trying; a third of them close to the case's own law date."""
        size = len(law_date)
        own = np.where(law_date == NO_DAY, 0, law_date) + self.rng.integers(-2, 3, size)
        return np.where(self.rng.random(size) < 1 / 3, own, self.rng.choice(self.days, size))

    def list_table(
        self, size: int, rows: float, law_date: Array, fields: Mapping[str, FactWord], left_out: float
    ) -> ListTable:
        sizes = np.minimum(self.rng.poisson(rows, size), 9)
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        spread = np.repeat(law_date, sizes)
        kept = {n: f for n, f in fields.items() if self.rng.random() >= left_out}
        columns = {n: self.column(len(spread), f.type, spread) for n, f in kept.items()}
        return ListTable(offsets, self.rng.random(size) < 0.6, columns)


def _beside(day: date) -> tuple[date, ...]:
    return day, day - timedelta(days=1), day + timedelta(days=1)


def _conditions(library: Library) -> Iterator[Expression]:
    for provision in (*library.norms, *library.definitions):
        for condition in (provision.when, *provision.exceptions):
            yield from walk(condition)


def _written(library: Library) -> Iterator[Any]:
    """Every value that a condition of the library names."""
    for node in _conditions(library):
        match node:
            case Compare(_, _, Literal(value)) | Within(_, _, _, Literal(value), _, _):
                yield value
            case OneOf(Name(), members):
                yield from members


def _windows(library: Library) -> Iterator[tuple[int, str]]:
    for node in _conditions(library):
        if isinstance(node, Within):
            yield node.amount, node.unit


def case_at(table: CaseTable, position: int, library: Library) -> Case:
    """One case of a table, as the one-case engine reads it."""
    vocabulary = library.vocabulary
    words = vocabulary.case_facts()
    agency = _agency(table.agencies[int(table.agency[position])], library)
    day = int(table.law_date[position])
    values = {n: value_at(c, position, words[n].type) for n, c in table.columns.items()}
    values = {n: v for n, v in values.items() if v is not None}
    # What the record does not tell, the agency's own table may.
    values = agency_values(agency, vocabulary) | values
    lists = {}
    for name, rows in table.lists.items():
        fields = vocabulary.fields(words[name].type.record)
        places = range(int(rows.offsets[position]), int(rows.offsets[position + 1]))
        found = [{n: value_at(c, i, fields[n].type) for n, c in rows.columns.items()} for i in places]
        lists[name] = Rows(tuple(found), bool(rows.complete[position]))
    return Case(agency, None if day == NO_DAY else date.fromordinal(day + EPOCH), values, lists)


def value_at(column: Column, position: int, type_: FactType) -> FactValue:
    """One value of a column; None where it is unknown."""
    value = int(column.values[position])
    match column.kind:
        case "yes/no":
            return None if value == 1 else value == 2
        case "one of":
            return None if value == NO_MEMBER else type_.members[value]
        case "some of":
            return None if value == NO_SET else frozenset(m for i, m in enumerate(type_.members) if value >> i & 1)
        case "date":
            return None if value == NO_DAY else date.fromordinal(value + EPOCH)
        case "moment":
            if value == NO_NUMBER:
                return None
            assert column.offsets is not None
            zone = timezone(timedelta(minutes=int(column.offsets[position])))
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)).astimezone(zone)
        case "integer" | "money" | "duration":
            return None if value == NO_NUMBER else value
    return None if value == NO_WORD else column.words[value]
