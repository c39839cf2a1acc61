"""Parquet tables whose columns are facts already: the fast way to cases.

One file of cases and one for each list, read row group by row group in a thread and joined by case id as they come.
Files that are not in the order of their ids are sorted first.  Nothing is mended here: a value that is no word of its
fact, a case id used twice, or a row that belongs to no case is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from comity.audit.mapping import plain_key
from comity.audit.reading.ahead import ahead
from comity.audit.reading.arrow_columns import codes_of, column_of, wants_dictionary
from comity.audit.reading.clocks_of_places import settle
from comity.audit.reading.fact_pieces import (
    Along,
    Piece,
    all_true,
    flat,
    groups_rise,
    opened,
    read_group,
    sized,
    tables_of,
)
from comity.audit.reading.offence_codes import OffenceFiller
from comity.audit.reading.ordering import sorted_on_disk
from comity.audit.reading.values import Parsed
from comity.audit.sources.databases import quoted
from comity.audit.tables import NO_DAY, Array, CaseTable, Column, ListTable
from comity.case import find_agency
from comity.policy.facts import LAW_DATE, FactType, FactWord
from comity.policy.library import Library
from comity.problems import ComityError, Problem, nearest

__all__ = ["FactFile", "read_fact_tables"]

_AGENCY: Final = "agency"


@dataclass(frozen=True, slots=True)
class FactFile:
    """One Parquet file.

    ``case``: the column of the case id.  ``columns``: column -> fact, field, "law date" or "agency"; None takes every
    column that is called like one, with blanks or underscores.  ``also``: the same, before those.
    ``values``: column -> cell -> word or agency id.  ``complete``: whether a list holds every row there is, or the
    yes/no column of the cases that says so.
    """

    path: Path
    case: str = "case_id"
    columns: Mapping[str, str] | None = None
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)
    complete: bool | str = False


def read_fact_tables(
    cases: str | Path | FactFile,
    lists: Mapping[str, str | Path | FactFile],
    library: Library,
    *,
    agency: str = "",
    law_date: int | None = None,
    columns: Mapping[str, str] | None = None,
    chunk_rows: int = 500_000,
    threads: bool = True,
) -> Iterator[CaseTable]:
    """Stretches of ``chunk_rows`` cases.

    ``lists``: list name -> its file.  ``agency``: one id for all cases, where no column tells it; ``law_date``: one day
    for all, as days since 1970.  ``columns`` is that of the cases.  ``threads``: read ahead in a thread.

    Raises ComityError: CM702 damaged file, CM705 no such column, CM714 no such fact, CM716 no such agency, CM723 a
    value that cannot be.
    """
    main = cases if isinstance(cases, FactFile) else FactFile(Path(cases), columns=columns)
    files = {name: one if isinstance(one, FactFile) else FactFile(Path(one)) for name, one in lists.items()}
    joined = _Joined(main, files, library, agency, law_date)
    tables = joined.tables(chunk_rows)
    return ahead(tables, 1) if threads else tables


class _File:
    """One of the files, in the order of its ids."""

    def __init__(self, file: FactFile, words: Mapping[str, FactWord], what: str) -> None:
        self.file = file
        self.what = what
        self.words = words
        with opened(file.path) as parquet:
            names = list(parquet.schema_arrow.names)
        self.columns = self._chosen(names)
        if file.case not in names:
            raise _no_column(file.path, file.case, names)

    def _chosen(self, names: list[str]) -> dict[str, FactWord]:
        """Column -> the fact it holds."""
        told = self.file.columns
        if told is None:
            called = {name: name if name in self.words else name.replace("_", " ") for name in names}
            told = {name: fact for name, fact in called.items() if fact in self.words and name != self.file.case}
        told = {name: fact for name, fact in told.items() if fact not in self.file.also.values()}
        chosen: dict[str, FactWord] = {}
        for name, fact in {**told, **self.file.also}.items():
            if name not in names:
                raise _no_column(self.file.path, name, names)
            if fact not in self.words:
                near = nearest(fact, self.words)
                help_ = f"did you mean '{near}'?" if near else f"{self.what} may hold {', '.join(self.words)}"
                raise ComityError([Problem("CM714", f"the library has no fact called '{fact}'", help=help_)])
            if self.words[fact] in chosen.values():
                raise ComityError([Problem("CM713", f"two columns of '{self.file.path.name}' hold '{fact}'")])
            chosen[name] = self.words[fact]
        return chosen

    def pieces(self, stack: ExitStack, *, once: bool) -> Iterator[Piece]:
        """Row groups in the order of the ids.  ``once``: no id may stand twice."""
        path, last, first = self.file.path, None, 1
        names = [self.file.case, *self.columns]
        if not groups_rise(path, self.file.case):
            query = f"SELECT {', '.join(map(quoted, names))} FROM raw ORDER BY {quoted(self.file.case)}"
            path = stack.enter_context(sorted_on_disk(tables_of(path, names), query))
        dictionaries = [
            name for name, word in self.columns.items() if wants_dictionary(word.type) or word.name == _AGENCY
        ]
        with opened(path, dictionaries) as parquet:
            for group in range(parquet.num_row_groups):
                table = read_group(parquet, path, group, names)
                piece = self._piece(table, first)
                first += len(piece)
                if not len(piece):
                    continue
                if once and (
                    not all_true(piece.ids[1:] > piece.ids[:-1]) or (last is not None and piece.ids[0] == last)
                ):
                    raise self._twice(piece, last)
                last = piece.ids[-1]
                yield piece

    def _piece(self, table: pa.Table, first: int) -> Piece:
        ids = flat(table.column(self.file.case))
        if ids.null_count:
            message = f"'{self.file.path.name}' has {ids.null_count} rows without a '{self.file.case}'"
            raise ComityError([Problem("CM723", message)])
        plain = ids.to_numpy(zero_copy_only=False)
        if len(plain) > 1 and not all_true(plain[1:] >= plain[:-1]):
            order = np.argsort(plain, kind="stable")
            table, plain = table.take(pa.array(order)), plain[order]
        columns = {}
        for name, word in self.columns.items():
            array = flat(table.column(name))
            if word.name == _AGENCY:
                codes, words = codes_of(array)
                columns[name] = Column("text", codes, None, tuple(words))
            else:
                columns[name] = column_of(array, word.type, name, self._values(name))
        return Piece(plain, first, columns)

    def _values(self, name: str) -> dict[str, str]:
        return {plain_key(cell): word for cell, word in self.file.values.get(name, {}).items()}

    def _twice(self, piece: Piece, last: Any) -> ComityError:
        same = np.flatnonzero(piece.ids[1:] == piece.ids[:-1])
        told = piece.ids[same[0]] if len(same) else last
        message = f"the case id {told} stands twice in '{self.file.path.name}'"
        return ComityError([Problem("CM723", message, help="a table of cases has one row for each case")])


class _Joined:
    """The cases with their lists."""

    def __init__(
        self, cases: FactFile, lists: Mapping[str, FactFile], library: Library, agency: str, law_date: int | None
    ) -> None:
        vocabulary = library.vocabulary
        facts = {n: w for n, w in vocabulary.case_facts().items() if w.type.kind != "list"}
        facts[LAW_DATE] = FactWord(LAW_DATE, "", FactType("date"))
        facts[_AGENCY] = FactWord(_AGENCY, "", FactType("text"))
        records = {name: record for record, name in vocabulary.records().items()}
        flags = [one.complete for one in lists.values() if isinstance(one.complete, str)]
        for flag in flags:
            facts[f"complete {flag}"] = FactWord(f"complete {flag}", "", FactType("yes/no"))
        cases = replace(cases, also={**cases.also, **{flag: f"complete {flag}" for flag in flags}})
        for name in lists:
            if name not in records:
                near = nearest(name, records)
                help_ = f"did you mean '{near}'?" if near else f"lists are {', '.join(records)}"
                raise ComityError([Problem("CM714", f"the library has no list called '{name}'", help=help_)])
        self.library = library
        self.cases = _File(cases, facts, "a case")
        # What the caller says takes the place of a column.
        said = {_AGENCY for _ in [agency] if agency} | {LAW_DATE for _ in [law_date] if law_date is not None}
        self.cases.columns = {name: word for name, word in self.cases.columns.items() if word.name not in said}
        self.lists = {
            name: _File(one, vocabulary.fields(records[name]), f"a {records[name]}") for name, one in lists.items()
        }
        self.fillers = {name: OffenceFiller(records[name], vocabulary) for name in lists}
        self.law_date = law_date
        self.agency = agency
        self.ids: dict[str, int] = {}
        if not agency and _AGENCY not in {w.name for w in self.cases.columns.values()}:
            raise ComityError([Problem("CM716", "nothing says which agency the cases are about", help="give --agency")])
        if agency:
            self._position(agency)

    def tables(self, rows: int) -> Iterator[CaseTable]:
        """Stretches of ``rows`` cases."""
        with ExitStack() as stack:
            streams = {name: Along(one.pieces(stack, once=False)) for name, one in self.lists.items()}
            for piece in sized(self.cases.pieces(stack, once=True), rows):
                yield self._table(piece, streams)
            for name, stream in streams.items():
                stream.ends(name, self.lists[name].file.path)

    def _table(self, cases: Piece, streams: Mapping[str, Along]) -> CaseTable:
        named = {word.name: name for name, word in self.cases.columns.items()}
        agency = self._agencies(cases, named)
        zones = sorted({self._zone(id_) for id_ in self.ids})
        at = np.array([zones.index(self._zone(id_)) for id_ in self.ids], np.int32)[agency]
        columns = {}
        for fact, name in named.items():
            if fact not in (_AGENCY, LAW_DATE) and not fact.startswith("complete "):
                column = cases.columns[name]
                columns[fact] = _settled(column, zones, at) if column.kind == "moment" else column
        lists = {}
        for name, stream in streams.items():
            found = stream.up_to(cases.ids, name, self.lists[name].file.path)
            flag = self.lists[name].file.complete
            told = cases.columns[flag].values == 2 if isinstance(flag, str) else np.full(len(cases), flag)
            lists[name] = ListTable(found[0], np.asarray(told, bool), self._fields(name, found[1]))
        if LAW_DATE in named:
            law_date = cases.columns[named[LAW_DATE]].values
        else:
            law_date = np.full(len(cases), NO_DAY if self.law_date is None else self.law_date, np.int32)
        numbers = np.arange(cases.first, cases.first + len(cases), dtype=np.int64)
        return CaseTable(pa.array(cases.ids), numbers, tuple(self.ids), agency, law_date, columns, lists)

    def _fields(self, name: str, piece: Piece) -> dict[str, Column]:
        fields = {self.lists[name].columns[n].name: column for n, column in piece.columns.items()}
        filled = self.fillers[name].fill(fields, len(piece))
        if filled.bad.any():
            row, reason = next(iter(filled.reasons.items()))
            offence = fields[self.fillers[name].offence]
            message = f"'{offence.words[offence.values[row]]}' in {name} is {reason}"
            raise ComityError(
                [Problem("CM723", message, help="mend it, or leave the offence empty: it is then unknown")]
            )
        return filled.columns

    def _agencies(self, cases: Piece, named: Mapping[str, str]) -> Array:
        if self.agency:
            return np.zeros(len(cases), np.int32)
        column = cases.columns[named[_AGENCY]]
        values = {plain_key(cell): id_ for cell, id_ in self.cases.file.values.get(named[_AGENCY], {}).items()}
        table = [self._position(values.get(plain_key(text), text)) for text in column.words]
        codes = np.array([*table, -1], np.int32)[column.values]
        if (codes < 0).any():
            raise ComityError([Problem("CM723", f"a case has no agency in the column '{named[_AGENCY]}'")])
        return codes

    def _position(self, id_: str) -> int:
        if id_ not in self.ids:
            if find_agency(id_, self.library) is None:
                near = nearest(id_, self.library.agency_table())
                help_ = f"did you mean '{near}'?" if near else "write PLACE:KIND for one that is not listed"
                raise ComityError([Problem("CM716", f"no agency is called '{id_}'", help=help_)])
            self.ids[id_] = len(self.ids)
        return self.ids[id_]

    def _zone(self, id_: str) -> str:
        found = find_agency(id_, self.library)
        return found.time_zone if found is not None else "UTC"


def _settled(column: Column, zones: list[str], at: Array) -> Column:
    return settle(Parsed("moment", column.values, column.offsets), zones, at).column()


def _no_column(path: Path, name: str, names: list[str]) -> ComityError:
    near = nearest(name, names)
    help_ = f"did you mean '{near}'?" if near else f"columns are {', '.join(names[:12])}"
    return ComityError([Problem("CM705", f"'{path.name}' has no column called '{name}'", help=help_)])
