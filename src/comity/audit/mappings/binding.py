"""A mapping bound to a file: every column it names found in the header, or a problem that names the nearest one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from comity.audit.mapping import (
    AgencyOf,
    AnyOf,
    Boxes,
    Cell,
    FirstOf,
    Fixed,
    ListOf,
    Mapping,
    RowOf,
    Source,
    Told,
    Where,
    plain_name,
)
from comity.audit.records import Records
from comity.problems import ComityError, Problem, nearest

__all__ = ["Header", "bind", "columns_of"]


class Header:
    """The columns of one source.  Names are compared by their letters and digits where no exact name is there."""

    def __init__(self, records: Records) -> None:
        self.name = records.name
        self.names = records.header
        self.repeated = records.repeated
        self._plain: dict[str, list[str]] = {}
        for name in records.header:
            self._plain.setdefault(plain_name(name), []).append(name)
        self.problems: list[Problem] = []

    def find(self, wanted: Sequence[str]) -> str:
        """The column that the first of these names has here, or ""."""
        for name in wanted:
            if name in self.names:
                return name
            alike = self._plain.get(plain_name(name), []) if plain_name(name) else []
            if len(alike) == 1:
                return alike[0]
        return ""

    def need(self, wanted: Sequence[str]) -> str:
        """The same; a problem is noted when there is none."""
        found = self.find(wanted)
        if not found and wanted:
            self.problems.append(self._missing(wanted))
        return found

    def _missing(self, wanted: Sequence[str]) -> Problem:
        for name in wanted:
            if name in self.repeated:
                message = f"'{self.name}' has several columns called '{name}'"
                return Problem("CM706", message, help=f"write '{name} (1)' for the first, '{name} (2)' for the second")
            alike = self._plain.get(plain_name(name), [])
            if len(alike) > 1:
                return Problem("CM706", f"'{name}' may be {' or '.join(map(repr, alike))} of '{self.name}'")
        near = nearest(wanted[0], self.names)
        listed = ", ".join(self.names[:12]) + (", …" if len(self.names) > 12 else "")
        help_ = f"did you mean '{near}'?" if near else f"columns are {listed}"
        return Problem("CM705", f"'{self.name}' has no column called '{wanted[0]}'", help=help_)


def bind(mapping: Mapping, records: Records, children: dict[str, Records]) -> Mapping:
    """The mapping with the names its columns have in these files; optional parts that a file lacks are left out.

    Raises ComityError with every column that is missing (CM705), or named twice in the file (CM706), and CM718 where
    a list's own table was not given.
    """
    header = Header(records)
    headers = [header]
    lists: list[ListOf] = []
    problems: list[Problem] = []
    for one in mapping.lists:
        own = header
        if one.table:
            if one.name not in children:
                help_ = f"name its file with --list '{one.name}=FILE'"
                problems.append(Problem("CM718", f"the mapping reads '{one.name}' from a table of its own", help=help_))
                continue
            own = Header(children[one.name])
            headers.append(own)
        if (bound := _list(one, own, header)) is not None:
            lists.append(bound)
    for name in children:
        if name not in {one.name for one in mapping.lists if one.table}:
            help_ = "add it under 'lists:' with 'table: its own'"
            problems.append(Problem("CM718", f"the mapping reads no table for '{name}'", help=help_))
    recorded = {}
    for name, act in mapping.recorded.items():
        column = header.find(act.columns) if act.optional else header.need(act.columns)
        if column:
            recorded[name] = replace(act, columns=(column,), where=_where(act.where, header))
    made = replace(
        mapping,
        law_date=_told(mapping.law_date, header),
        agency=_agency(mapping.agency, header) if mapping.agency is not None else None,
        case=tuple((header.need(names),) for names in mapping.case),
        alike=_alike(mapping.alike, header),
        only=_where(mapping.only, header),
        facts={name: _told(told, header) for name, told in mapping.facts.items()},
        lists=tuple(lists),
        recorded=recorded,
        carried={name: _told(told, header) for name, told in mapping.carried.items()},
    )
    problems += [problem for one in headers for problem in one.problems]
    if problems:
        raise ComityError(dict.fromkeys(problems))
    return made


def _alike(alike: tuple[tuple[str, ...], ...] | None, header: Header) -> tuple[tuple[str, ...], ...] | None:
    """Columns to look for likely duplicates in; None where the file lacks one of them."""
    if alike is None:
        return None
    found = tuple((header.find(names),) for names in alike)
    return found if all(names[0] for names in found) else None


def _where(where: Sequence[Where], header: Header) -> tuple[Where, ...]:
    return tuple(replace(one, columns=(header.need(one.columns),)) for one in where)


def _told(told: Told, header: Header) -> Told:
    source = _source(told.source, header)
    if source is None:
        return Told(Fixed(None))
    return replace(told, source=source, where=_where(told.where, header))


def _source(source: Source, header: Header) -> Source | None:
    """The source with the names of this file; None where a part that may be missing is missing."""
    match source:
        case Fixed():
            return source
        case Cell() if source.join:
            found = [header.find((name,)) if source.optional else header.need((name,)) for name in source.join]
            return replace(source, join=tuple(found)) if all(found) or not source.optional else None
        case Cell():
            name = header.find(source.columns) if source.optional else header.need(source.columns)
            return replace(source, columns=(name,)) if name or not source.optional else None
        case Boxes():
            cells = [(member, _source(cell, header)) for member, cell in source.boxes]
            kept = tuple((member, cell) for member, cell in cells if isinstance(cell, Cell))
            return replace(source, boxes=kept) if len(kept) == len(cells) else None
        case FirstOf() | AnyOf():
            inner = [_source(one, header) for one in source.sources]
            there = tuple(one for one in inner if one is not None)
            # "Any of" needs all of its columns: what is not there may have said yes.
            if not there or (isinstance(source, AnyOf) and len(there) < len(inner)):
                return None
            return replace(source, sources=there)


def _agency(agency: AgencyOf, header: Header) -> AgencyOf:
    return replace(
        agency,
        columns=(header.need(agency.columns),) if agency.columns else (),
        place={part: (header.need(names),) for part, names in agency.place.items()},
        facility=_facility(agency, header),
        where=_where(agency.where, header),
    )


def _facility(agency: AgencyOf, header: Header) -> dict[str, tuple[str, ...]]:
    """Columns of a facility's name, city and state; the city only helps, so a file may lack it."""
    found = {p: header.find(n) if p == "city" else header.need(n) for p, n in agency.facility.items()}
    return {part: (name,) for part, name in found.items() if name}


def _list(one: ListOf, own: Header, records: Header) -> ListOf | None:
    """The list with the names of its table; None when the file has nothing for any of its rows."""
    rows: list[RowOf] = []
    for row in one.rows:
        found = {name: _source(source, own) for name, source in row.fields.items()}
        fields = {name: source for name, source in found.items() if source is not None}
        if not any(_reads(source) for source in fields.values()) and any(source is None for source in found.values()):
            continue
        given = tuple((name,) for names in row.given if (name := own.find(names)))
        if row.given and not given:
            own.need(row.given[0])
        rows.append(RowOf(fields, _where(row.where, own), given))
    if not rows:
        return None
    complete = _told(one.complete, records)
    return replace(one, rows=tuple(rows), complete=complete, case=(own.need(one.case),) if one.case else ())


def _reads(source: Source) -> bool:
    return not isinstance(source, Fixed)


def columns_of(parts: Iterable[object]) -> tuple[str, ...]:
    """Every column that parts of a bound mapping read, each once, in order."""
    found: dict[str, None] = {}
    add: Callable[[str], None] = lambda name: found.setdefault(name, None) if name else None  # noqa: E731
    for part in parts:
        for name in _columns(part):
            add(name)
    return tuple(found)


def _columns(part: object) -> Iterable[str]:
    match part:
        case Cell():
            yield from part.join or part.columns
        case Boxes():
            for _, cell in part.boxes:
                yield from _columns(cell)
        case FirstOf() | AnyOf():
            for inner in part.sources:
                yield from _columns(inner)
        case Told():
            yield from _columns(part.source)
            for one in part.where:
                yield from one.columns
        case Where():
            yield from part.columns
        case AgencyOf():
            yield from part.columns
            for names in (*part.place.values(), *part.facility.values()):
                yield from names
            for one in part.where:
                yield from one.columns
        case RowOf():
            for source in part.fields.values():
                yield from _columns(source)
            for names in part.given:
                yield from names
            for one in part.where:
                yield from one.columns
        case _:
            pass
