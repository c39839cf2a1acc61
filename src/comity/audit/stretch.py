"""Digits of one stretch of cases, each worked out once."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from comity.audit.leaves import LeafReader
from comity.audit.plan import Schema
from comity.audit.ranks import DigitKey
from comity.audit.tables import NO_DAY, Array, CaseTable, Column, ListTable, local_days
from comity.policy.expressions import Name
from comity.policy.facts import VACATED, FactWord
from comity.policy.library import Library
from comity.policy.opened import leaves_of

__all__ = ["Digits", "RowDigits", "RowStretch", "Stretch", "schema_of"]


class RowDigits(Protocol):
    """Digits of the rows of one list."""

    @property
    def offsets(self) -> Array:
        """The rows of case ``i`` are ``offsets[i]`` up to ``offsets[i + 1]``."""
        ...

    @property
    def owner(self) -> Array:
        """The case of each row."""
        ...

    def digit(self, key: DigitKey) -> Array:
        """uint8 per row."""
        ...

    def spread(self, values: Array) -> Array:
        """An array over cases, brought to their rows."""
        ...

    def counted(self) -> Array | None:
        """uint8 per row, 0 for one that is set aside; None where every row counts."""
        ...


class Digits(Protocol):
    """Digits of many cases, wherever they were worked out."""

    def digit(self, key: DigitKey) -> Array:
        """uint8 per case."""
        ...

    def complete(self, list_: str) -> Array:
        """uint8 per case: 1 where the list holds every row there is."""
        ...

    def rows(self, list_: str) -> RowDigits:
        """The rows of a list."""
        ...


def schema_of(table: CaseTable) -> Schema:
    """Which columns a table has."""
    return Schema(
        {n: c.kind for n, c in table.columns.items()},
        {n: {f: c.kind for f, c in rows.columns.items()} for n, rows in table.lists.items()},
    )


class Stretch:
    """The cases of a table."""

    def __init__(self, table: CaseTable, library: Library) -> None:
        self.table = table
        self._library = library
        words = library.vocabulary.case_facts()
        self._columns = {n: with_words(c, words[n]) for n, c in table.columns.items()}
        self._reader = LeafReader(lambda name: self._columns.get(name.name), table.law_date, None)
        self._digits: dict[DigitKey, Array] = {}
        self._complete: dict[str, Array] = {}
        self._rows: dict[str, RowStretch] = {}

    def column(self, name: str) -> Column | None:
        """The column of a fact of the case."""
        return self._columns.get(name)

    def digit(self, key: DigitKey) -> Array:
        """uint8 per case."""
        found = self._digits.get(key)
        if found is None:
            found = self._digits[key] = _digit(key, self._columns.get(key.name.name), self._reader)
        return found

    def complete(self, list_: str) -> Array:
        """uint8 per case: 1 where the list holds every row there is."""
        found = self._complete.get(list_)
        if found is None:
            found = self._complete[list_] = self.table.lists[list_].complete.astype(np.uint8)
        return found

    def rows(self, list_: str) -> RowStretch:
        """The rows of a list."""
        found = self._rows.get(list_)
        if found is None:
            vocabulary = self._library.vocabulary
            record = next(r for r, of in vocabulary.records().items() if of == list_)
            fields = vocabulary.fields(record)
            found = self._rows[list_] = RowStretch(self, self.table.lists[list_], fields)
        return found


class RowStretch:
    """The rows of one list, each knowing its case."""

    def __init__(self, cases: Stretch, rows: ListTable, fields: dict[str, FactWord]) -> None:
        self._cases = cases
        self._table = rows
        self._columns = {n: with_words(c, fields[n]) for n, c in rows.columns.items()}
        self._reader = LeafReader(self._column, cases.table.law_date, self.spread)
        self._digits: dict[DigitKey, Array] = {}

    @property
    def offsets(self) -> Array:
        """The rows of case ``i`` are ``offsets[i]`` up to ``offsets[i + 1]``."""
        return self._table.offsets

    @property
    def owner(self) -> Array:
        """The case of each row."""
        return self._table.owner

    def _column(self, name: Name) -> Column | None:
        return self._columns.get(name.name) if name.row else self._cases.column(name.name)

    def spread(self, values: Array) -> Array:
        """An array over cases, brought to their rows."""
        return np.take(values, self._table.owner)

    def digit(self, key: DigitKey) -> Array:
        """uint8 per row."""
        found = self._digits.get(key)
        if found is None:
            names = (key.name,) if key.leaf is None else leaves_of(key.leaf)
            if any(name.row for name in names):
                found = _digit(key, self._column(key.name), self._reader)
            else:
                found = self.spread(self._cases.digit(key))  # a condition of the case inside a row condition
            self._digits[key] = found
        return found

    def counted(self) -> Array | None:
        """uint8 per row, 0 for one that is set aside: vacated, or dated after the law date."""
        aside: Array | None = None
        vacated = self._columns.get(VACATED)
        if vacated is not None:
            aside = vacated.values == 2
        day = self._columns.get("date")
        if day is not None and day.kind in ("date", "moment"):
            law_date = self._reader.law_date_of_rows()
            later = local_days(day) > law_date
            if (self._cases.table.law_date == NO_DAY).any():
                later &= law_date != NO_DAY
            aside = later if aside is None else aside | later
        return None if aside is None or not aside.any() else (~aside).view(np.uint8)


def with_words(column: Column, word: FactWord) -> Column:
    """The column with the members of its type as ``words``."""
    return replace(column, words=word.type.members) if word.type.members else column


def _digit(key: DigitKey, column: Column | None, reader: LeafReader) -> Array:
    if key.leaf is not None:
        return reader.digit(key.leaf)
    assert column is not None
    if column.kind == "one of":
        return np.minimum(column.values, np.uint8(len(column.words)))
    return column.values
