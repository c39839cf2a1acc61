"""Records to case tables: a mapping carried out, stretch by stretch of whole cases.

Every record ends in a case, or is rejected with its reason.  What is made unknown, contradicts itself or looks like a
duplicate is counted.  Memory holds one stretch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from comity.audit.chunks import Chunk
from comity.audit.mapping import CARRIED, AgencyOf, Fixed, Told, Where, matcher, plain_key
from comity.audit.mapping import Mapping as MappingOf
from comity.audit.mappings.binding import bind, columns_of
from comity.audit.quality import SET_ASIDE, Rejected, Tally
from comity.audit.reading.agency_cells import AgencyReader
from comity.audit.reading.alike import AlikeCounter
from comity.audit.reading.cells import Blanks, Cells
from comity.audit.reading.children import Child, open_child
from comity.audit.reading.clocks_of_places import settle
from comity.audit.reading.folding import Groups, fold, fold_done
from comity.audit.reading.list_rows import ListReader, Rows, list_table
from comity.audit.reading.ordering import MOST_IN_MEMORY, Order, in_order, look_through
from comity.audit.reading.sieve import Sieve, names
from comity.audit.reading.stretches import Stretch, cases_at, stretches
from comity.audit.reading.values import UNKNOWN, Parsed, Reader, reader
from comity.audit.records import Records
from comity.audit.tables import Array, CaseTable, ListTable
from comity.case import find_agency
from comity.policy.facts import LAW_DATE, FactType
from comity.policy.library import Library
from comity.problems import ComityError, Problem, nearest

__all__ = ["Chunk", "Keep", "convert"]

#: Of a table of cases, which to go on with: bool for each.  For samples.
Keep = Callable[[CaseTable], Array]


def convert(
    records: Records,
    mapping: MappingOf,
    library: Library,
    *,
    children: Mapping[str, Records] | None = None,
    agency: str | None = None,
    agency_column: str | None = None,
    law_date: date | None = None,
    chunk_rows: int = 250_000,
    keep: Keep | None = None,
    limit: int | None = None,
    most_in_memory: int = MOST_IN_MEMORY,
) -> Iterator[Chunk]:
    """The cases of ``records`` as ``mapping`` reads them.

    ``children``: list name -> its own table.  ``agency`` (an id), ``agency_column`` (a column of ids, or of cells that
    the mapping's values turn into ids) and ``law_date`` take the place of what the mapping says.  ``chunk_rows``:
    records a stretch.  ``keep`` chooses cases, ``limit`` stops after so many.  ``most_in_memory``: bytes to sort in
    memory.

    Raises ComityError before the first chunk for a mapping that does not fit the file (CM705, CM706, CM716, CM718), and
    at any time for a file that turns out to be damaged (CM702, CM703).
    """
    children = dict(children or {})
    changed = _changed(mapping, library, agency, agency_column, law_date)
    bound = bind(changed, records, children)
    case = [column for names_ in bound.case for column in names_]
    reading = _Reading(bound, library)
    order = None
    if case:
        order = look_through(records, case, several=bound.several)
    alike = None
    if bound.alike is not None:
        alike = AlikeCounter([names_[0] for names_ in bound.alike] or records.header, every=not bound.alike)
    columns = tuple(dict.fromkeys([*case, *reading.columns, *(alike.columns if alike else ())]))
    opened = {
        name: open_child(name, table, reading.child_columns[name], reading.keys[name], records, case, most_in_memory)
        for name, table in children.items()
    }
    batches = records.batches(columns) if order is None else in_order(records, columns, case, order, most_in_memory)
    made = _Converter(reading, order, alike, opened)
    if mapping.alike and bound.alike is None:
        made.tally.notes["likely duplicates were not looked for: the file lacks a column of theirs"] = 1
    done = 0
    for stretch in stretches(batches, case, chunk_rows, several=bound.several):
        chunk = made.chunk(stretch)
        if keep is not None:
            chunk = replace(chunk, table=cases_at(chunk.table, np.flatnonzero(keep(chunk.table))))
        if limit is not None and done + len(chunk.table) >= limit:
            yield replace(chunk, table=cases_at(chunk.table, np.arange(limit - done)))
            return
        done += len(chunk.table)
        yield chunk
    if (orphans := made.orphans(whole=keep is None)) or not done:
        yield Chunk(made.empty(), orphans, made.tally.quality(), records.size or 0)


def _changed(
    mapping: MappingOf, library: Library, agency: str | None, column: str | None, law_date: date | None
) -> MappingOf:
    if agency is not None:
        if find_agency(agency, library) is None:
            near = nearest(agency, library.agency_table())
            help_ = f"did you mean '{near}'?" if near else "see 'comity law list --agencies', or write PLACE:KIND"
            raise ComityError([Problem("CM716", f"no agency is called '{agency}'", help=help_)])
        mapping = replace(mapping, agency=AgencyOf(fixed=agency))
    elif column is not None:
        old = mapping.agency or AgencyOf()
        kept = AgencyOf(
            "", (column,), old.values, old.set_aside, otherwise=old.otherwise, where=old.where, fold=old.fold
        )
        mapping = replace(mapping, agency=kept)
    if mapping.agency is None:
        help_ = "add 'agency:' to the mapping, or give --agency or --agency-column"
        raise ComityError([Problem("CM716", "the mapping says nothing about the agency", help=help_)])
    return mapping if law_date is None else replace(mapping, law_date=Told(Fixed(law_date)))


@dataclass(frozen=True, slots=True, eq=False)
class _Fact:
    """A fact and how it is read."""

    name: str
    kind: str
    read: Reader
    told: Told


class _Reading:
    """A bound mapping, made ready to read stretches."""

    def __init__(self, mapping: MappingOf, library: Library) -> None:
        assert mapping.agency is not None
        self.mapping = mapping
        self.library = library
        self.agencies = AgencyReader(mapping.agency, library)
        self.blanks = Blanks(mapping.blanks, mapping.redacted)
        words = library.vocabulary.case_facts()
        self.law_date = self._fact(LAW_DATE, FactType("date"), mapping.law_date)
        self.facts = [self._fact(name, words[name].type, told) for name, told in mapping.facts.items()]
        self.carried = [self._fact(name, FactType(CARRIED[name]), told) for name, told in mapping.carried.items()]
        self.complete = {one.name: self._fact(one.name, FactType("yes/no"), one.complete) for one in mapping.lists}
        self.lists = {one.name: ListReader(one, mapping, library.vocabulary) for one in mapping.lists}
        self.keys = {one.name: one.case[0] for one in mapping.lists if one.table}
        self.child_columns = {one.name: columns_of(one.rows) for one in mapping.lists if one.table}
        own = [row for one in mapping.lists if not one.table for row in one.rows]
        told = [
            mapping.law_date,
            *mapping.facts.values(),
            *mapping.carried.values(),
            *(o.complete for o in mapping.lists),
        ]
        acts = [Where(act.columns, ()) for act in mapping.recorded.values()]
        acts += [where for act in mapping.recorded.values() for where in act.where]
        self.columns = columns_of([mapping.agency, *mapping.only, *told, *own, *acts])

    def _fact(self, name: str, type_: FactType, told: Told) -> _Fact:
        return _Fact(name, type_.kind, reader(told.source, type_, self.mapping.days, lambda _: None), told)


class _Converter:
    """Makes chunks out of stretches, and keeps the counts."""

    def __init__(
        self, reading: _Reading, order: Order | None, alike: AlikeCounter | None, children: Mapping[str, Child]
    ) -> None:
        self.reading = reading
        self.mapping = reading.mapping
        self.order = order
        self.alike = alike
        self.children = children
        self.tally = Tally()
        self.tally.alike = 0 if alike is not None else None
        self._first = True
        self._last: Any = None

    def chunk(self, stretch: Stretch) -> Chunk:
        tally, reading = self.tally, self.reading
        rejected = list(tally.reject(stretch.lost))
        tally.rows += len(stretch) + len(stretch.lost)
        if self._first:
            self._first = False
            lost = [r for child in self.children.values() for r in child.lost]
            rejected += tally.reject(tuple(lost))
        cells = Cells(stretch.columns, len(stretch), reading.blanks)
        if self.alike is not None:
            tally.alike = (tally.alike or 0) + self.alike.count(cells)
        sieve = Sieve(stretch.numbers, stretch.ids)
        self._ids(sieve, stretch)
        self._only(sieve, cells)
        agency = self._agency(sieve, cells, stretch)
        zones = reading.agencies.zones_of(agency, self.mapping.time_zone)
        parsed: dict[int, tuple[Parsed, Array]] = {}
        parts = [reading.law_date, *reading.facts, *reading.complete.values(), *reading.carried]
        for i, fact in enumerate(parts):
            value, mask = settle(fact.read(cells), *zones), cells.matches(fact.told.where)
            sieve.look(value, mask, fatal=fact not in reading.carried)
            parsed[i] = value, mask
        rows = {
            name: read.rows(cells, sieve, zones) for name, read in reading.lists.items() if name not in self.children
        }
        rejected += tally.reject(tuple(sieve.rejected))
        sieve.count(tally)
        table, child_rejected = self._table(stretch, cells, sieve, agency, zones, parts, parsed, rows)
        rejected += child_rejected
        if len(rejected) > 1:
            rejected.sort(key=lambda r: (r.table, r.number))
        return Chunk(table, tuple(rejected), tally.quality(), stretch.bytes_read)

    def _ids(self, sieve: Sieve, stretch: Stretch) -> None:
        if stretch.ids is None or self.order is None:
            return
        sieve.drop(np.asarray(stretch.ids.is_null(), bool), "no case id", self.mapping.case[0][0])
        if self.mapping.several:
            return
        again = np.isin(stretch.numbers, self.order.repeated)
        if not self.order.together and len(stretch):  # sorted by now, so that equal ids stand side by side
            before = pa.concat_arrays(
                [pa.array([self._last], stretch.ids.type), stretch.ids.slice(0, len(stretch) - 1)]
            )
            again |= np.asarray(pc.fill_null(pc.equal(stretch.ids, before), False), bool)
            self._last = stretch.ids[len(stretch) - 1].as_py()
        if self.mapping.keep_duplicates:
            self.tally.count(
                self.tally.notes, "a case id that an earlier record has; kept as a case of its own", int(again.sum())
            )
            return
        out = int(sieve.out.sum())
        sieve.drop(again, "case id used by an earlier record", self.mapping.case[0][0])
        self.tally.duplicates += int(sieve.out.sum()) - out

    def _only(self, sieve: Sieve, cells: Cells) -> None:
        for where in self.mapping.only:
            listed = names([value or "empty" for value in where.values])
            reason = f"{SET_ASIDE}{where.columns[0]} is {'not ' if where.holds else ''}{listed}"
            sieve.drop(~cells.matches([where]), reason, where.columns[0])

    def _agency(self, sieve: Sieve, cells: Cells, stretch: Stretch) -> Array:
        """The agency of each record that stays, one for all records of a case."""
        found = self.reading.agencies.read(cells)
        source = self.reading.agencies.agency
        looked = cells.matches(source.where)
        for position, reason in enumerate(found.reasons[1:], 1):
            # "No agency", the first reason, is told below, once the other records of the case have been asked.
            sieve.drop(looked & (found.codes == -1 - position), reason, found.column, lambda i: (found.told(i), ""))
        codes = np.where(looked, np.maximum(found.codes, -1), -1)
        if self.mapping.several and not source.fixed:
            kept = sieve.positions()
            runs, case = np.unique(stretch.run[kept], return_inverse=True)
            case = case.reshape(-1)
            if len(kept):
                parsed = Parsed("text", codes[kept].astype(np.int32))
                one, differ = fold(parsed, np.ones(len(kept), bool), Groups.of(case, len(runs)), source.fold)
                self.tally.count(self.tally.disagreements, "agency", int(differ.sum()))
                contradict = np.zeros(len(codes), bool)
                contradict[kept] = differ[case]
                sieve.drop(contradict, "the records of one case name different agencies", found.column)
                codes[kept] = one.values[case]
        sieve.drop(codes < 0, found.reasons[0] if found.reasons else "no agency", found.column)
        return codes

    def _table(
        self, stretch: Stretch, cells: Cells, sieve: Sieve, agency: Array, zones: tuple[Sequence[str], Array],
        parts: list[_Fact], parsed: dict[int, tuple[Parsed, Array]], rows: dict[str, Rows],
    ) -> tuple[CaseTable, list[Rejected]]:  # fmt: skip
        reading, tally = self.reading, self.tally
        kept = sieve.positions()
        runs, first, case = np.unique(stretch.run[kept], return_index=True, return_inverse=True)
        groups = Groups(first, case.reshape(-1))
        begins = np.searchsorted(stretch.run, runs)
        tally.cases += len(runs)
        columns: dict[str, Parsed] = {}
        for i, fact in enumerate(parts):
            value, mask = parsed[i]
            if not len(kept):
                columns[str(i)] = value.at(kept)
                continue
            folded, differ = fold(value.at(kept), mask[kept], groups, fact.told.fold)
            tally.count(tally.disagreements, fact.name, int(differ.sum()))
            columns[str(i)] = folded
        law_date = columns["0"].values.astype(np.int32)
        known = {fact.name: columns[str(1 + i)] for i, fact in enumerate(reading.facts)}
        tally.count(tally.unknown, LAW_DATE, int((~columns["0"].known).sum()))
        for name, value in known.items():
            tally.unknown[name] += int((~value.known).sum())
        short = self._short(stretch, sieve, runs)
        lists: dict[str, ListTable] = {}
        rejected: list[Rejected] = []
        number = np.full(len(stretch), -1, np.int64)
        number[kept] = groups.case
        offset = 1 + len(reading.facts)
        ids = pa.array(stretch.numbers[begins]) if stretch.ids is None else stretch.ids.take(pa.array(begins))
        for i, name in enumerate(reading.complete):
            complete = np.asarray(columns[str(offset + i)].values == 2)
            if name in self.children:
                lists[name], out = self._child(name, ids, stretch, begins, complete, zones, agency)
                rejected += out
            else:
                lists[name] = list_table(rows[name], number, len(runs), complete & ~short)
            self._count_rows(name, lists[name])
        offset += len(reading.complete)
        table = CaseTable(
            ids=ids,
            numbers=stretch.numbers[begins],
            agencies=tuple(reading.agencies.ids),
            agency=agency[kept][first].astype(np.int32),
            law_date=law_date,
            columns={name: value.column() for name, value in known.items() if value.known.any()},
            lists=lists,
            recorded={name: self._recorded(name, cells, kept, groups) for name in self.mapping.recorded},
            carried={fact.name: columns[str(offset + i)].column() for i, fact in enumerate(reading.carried)},
        )
        return table, rejected

    def _count_rows(self, name: str, one: ListTable) -> None:
        rows = int(one.offsets[-1])
        self.tally.list_rows[name] += rows
        for field in self.reading.lists[name].mapped:
            column = one.columns.get(field)
            known = 0 if column is None else int((column.values != UNKNOWN[column.kind][0]).sum())
            self.tally.unknown[f"{name}: {field}"] += rows - known

    def _short(self, stretch: Stretch, sieve: Sieve, runs: Array) -> Array:
        """Cases of which a record is missing, or may be: their lists are not complete."""
        if not self.mapping.several or self.order is None:
            return np.zeros(len(runs), bool)
        missing = sieve.failed
        if self.order.lost.size:
            if not self.order.together:
                return np.ones(len(runs), bool)
            beside = np.isin(stretch.numbers - 1, self.order.lost) | np.isin(stretch.numbers + 1, self.order.lost)
            missing = missing | beside
        return np.isin(runs, stretch.run[missing])

    def _recorded(self, name: str, cells: Cells, kept: Array, groups: Groups) -> Array:
        act = self.mapping.recorded[name]
        distinct = cells.distinct(act.columns[0])
        done, undone = matcher(act.done), matcher(act.not_done)
        keys = [plain_key(text) for text in distinct.texts]
        told = np.array([1 if done(k) else 2 if undone(k) else 0 for k in keys], np.uint8)[distinct.codes]
        told = np.where(cells.matches(act.where), told, 0)[kept]
        return fold_done(told, groups) if len(kept) else told.astype(np.uint8)

    def _child(
        self, name: str, ids: pa.Array, stretch: Stretch, begins: Array, complete: Array,
        zones: tuple[Sequence[str], Array], agency: Array,
    ) -> tuple[ListTable, list[Rejected]]:  # fmt: skip
        child, read = self.children[name], self.reading.lists[name]
        found = child.rows(ids, stretch.numbers[begins])
        cells = Cells(found.columns, len(found.numbers), self.reading.blanks)
        sieve = Sieve(found.numbers, ids.take(pa.array(found.case)), name)
        at = zones[1][begins][found.case]
        rows = read.rows(cells, sieve, (zones[0], at))
        sieve.count(self.tally)
        short = np.zeros(len(begins), bool)
        short[found.case[sieve.failed]] = True
        if child.lost:
            short[:] = True
        number = np.where(sieve.out, -1, found.case)
        return list_table(rows, number, len(begins), complete & ~short), list(self.tally.reject(tuple(sieve.rejected)))

    def orphans(self, *, whole: bool) -> tuple[Rejected, ...]:
        """Rows of the lists' own tables that no case asked for."""
        if not whole:
            return ()
        return self.tally.reject(tuple(r for child in self.children.values() for r in child.orphans()))

    def empty(self) -> CaseTable:
        """A table without cases."""
        return CaseTable(
            pa.array([], pa.string()), np.zeros(0, np.int64), (), np.zeros(0, np.int32), np.zeros(0, np.int32)
        )
