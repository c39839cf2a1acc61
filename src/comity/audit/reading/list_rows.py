"""Rows of a list, such as convictions: read from records, their offences looked up, and put to their cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from comity.audit.mapping import AnyOf, Cell, FirstOf, ListOf, Source
from comity.audit.mapping import Mapping as MappingOf
from comity.audit.reading.cells import Cells
from comity.audit.reading.clocks_of_places import settle
from comity.audit.reading.offence_codes import OffenceFiller, code_reader
from comity.audit.reading.sieve import Sieve
from comity.audit.reading.values import UNKNOWN, Reader, reader
from comity.audit.tables import NO_WORD, Array, Column, ListTable
from comity.policy.facts import Vocabulary

__all__ = ["ListReader", "Rows", "list_table"]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of a list.  ``records``: int64, the record each came from; ``columns`` over all rows."""

    records: Array
    columns: dict[str, Column]


class ListReader:
    """Reads one list."""

    def __init__(self, one: ListOf, mapping: MappingOf, vocabulary: Vocabulary) -> None:
        record = next(r for r, name in vocabulary.records().items() if name == one.name)
        self.one = one
        self.words = vocabulary.fields(record)
        self.lenient = mapping.unknown_offences
        self.filler = OffenceFiller(record, vocabulary)
        self.offence = self.filler.offence
        self.mapped = tuple(dict.fromkeys(name for row in one.rows for name in row.fields))
        self.readers: list[dict[str, Reader]] = []
        self.named: list[str] = []
        for row in one.rows:
            sources = {name: self._lenient(name, source) for name, source in row.fields.items()}
            self.readers.append({name: self._reader(name, source, mapping) for name, source in sources.items()})
            self.named.append(_named(row.fields[self.offence]) if self.offence in row.fields else "")

    def _reader(self, name: str, source: Source, mapping: MappingOf) -> Reader:
        return reader(source, self.words[name].type, mapping.days, lambda cell: code_reader(cell, name))

    def _lenient(self, name: str, source: Source) -> Source:
        """A code that no table knows is an unknown offence, where the mapping says so."""
        if not self.lenient or name != self.offence:
            return source
        match source:
            case Cell() if not source.otherwise:
                return replace(source, otherwise=(None,))
            case FirstOf() | AnyOf():
                return replace(source, sources=tuple(self._lenient(name, inner) for inner in source.sources))
            case _:
                return source

    def rows(self, cells: Cells, sieve: Sieve, zones: tuple[Sequence[str], Array]) -> Rows:
        """The rows of the records that are still in; a record with an unreadable row goes out."""
        parts = [self._part(i, cells, sieve, zones) for i in range(len(self.one.rows))]
        return parts[0] if len(parts) == 1 else _joined(parts)

    def _part(self, i: int, cells: Cells, sieve: Sieve, zones: tuple[Sequence[str], Array]) -> Rows:
        row = self.one.rows[i]
        mask = cells.matches(row.where) & ~sieve.out
        if row.given:
            mask &= cells.filled([names[0] for names in row.given])
        parsed = {}
        for name, read in self.readers[i].items():
            parsed[name] = settle(read(cells), *zones)
            sieve.look(parsed[name], mask)
        at = np.flatnonzero(mask & ~sieve.out)
        columns = {name: value.at(at).column() for name, value in parsed.items()}
        filled = self.filler.fill(columns, len(at))
        if filled.bad.any():
            self._not_in_table(i, at, filled.bad, filled.reasons, columns, sieve)
            if self.lenient:
                cited = filled.columns[self.offence]
                values = np.where(filled.bad, NO_WORD, cited.values).astype(np.int32)
                filled.columns[self.offence] = replace(cited, values=values)
        return Rows(at, filled.columns)

    def _not_in_table(
        self, i: int, at: Array, bad: Array, reasons: dict[int, str], columns: dict[str, Column], sieve: Sieve
    ) -> None:
        mask = np.zeros(len(sieve.out), bool)
        mask[at[bad]] = True
        if self.lenient:
            sieve.note("an offence that no table knows, left unknown", mask)
            return
        place = {int(record): position for position, record in enumerate(at)}
        cited = columns[self.offence]

        def told(record: int) -> tuple[str, str]:
            position = place[record]
            return cited.words[cited.values[position]], reasons[position]

        sieve.drop(mask, "an offence no table knows", self.named[i], told)


def _named(source: Source) -> str:
    match source:
        case Cell():
            return source.named
        case FirstOf() | AnyOf():
            return next((found for inner in source.sources if (found := _named(inner))), "")
        case _:
            return ""


def _joined(parts: Sequence[Rows]) -> Rows:
    """The rows of several parts, those of one record side by side."""
    records = np.concatenate([part.records for part in parts])
    order = np.argsort(records, kind="stable")
    columns: dict[str, Column] = {}
    for name in dict.fromkeys(name for part in parts for name in part.columns):
        kind = next(part.columns[name].kind for part in parts if name in part.columns)
        unknown, dtype = UNKNOWN[kind]
        words: dict[str, int] = {}
        pieces = []
        for part in parts:
            column = part.columns.get(name)
            if column is None:
                pieces.append(np.full(len(part.records), unknown, dtype))
            elif kind in ("text", "offence"):
                moved = [words.setdefault(word, len(words)) for word in column.words]
                pieces.append(np.array([*moved, NO_WORD], dtype)[column.values])
            else:
                pieces.append(column.values)
        columns[name] = Column(kind, np.concatenate(pieces)[order], None, tuple(words))
    return Rows(records[order], columns)


def list_table(rows: Rows, case: Array, cases: int, complete: Array) -> ListTable:
    """The list of each case.  ``case``: the case of each record, -1 where it is out; it never falls otherwise."""
    kept = np.flatnonzero(case[rows.records] >= 0)
    owner = case[rows.records[kept]]
    offsets = np.searchsorted(owner, np.arange(cases + 1)).astype(np.int64)
    columns = {}
    for name, column in rows.columns.items():
        values = column.values[kept]
        if (values != UNKNOWN[column.kind][0]).any():
            columns[name] = Column(
                column.kind, values, None if column.offsets is None else column.offsets[kept], column.words
            )
    return ListTable(offsets, complete, columns)
