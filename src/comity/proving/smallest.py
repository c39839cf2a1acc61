"""The smallest case that still shows it: rows and facts that do not matter are taken away, offences get names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from comity.case import Case, FactValue, Row, Rows, fill_offences
from comity.offences.california import Row as Section
from comity.offences.table import OffenceTable
from comity.policy.library import Library
from comity.problems import ComityError

__all__ = ["Offences", "Shows", "smallest"]

Shows = Callable[[Case], bool]

#: What a story is told with where it fits: burglary, robbery, assault, domestic violence, theft, drugs, drunk driving.
_FAMILIAR: Final = (
    *("PC 459", "PC 460(a)", "PC 460(b)", "PC 211", "PC 245(a)(1)", "PC 187", "PC 273.5", "PC 273.5(a)", "PC 422"),
    *("PC 242", "PC 243(e)(1)", "PC 484", "PC 487", "PC 459.5", "HSC 11350(a)", "HSC 11377(a)", "VC 23152(a)"),
    *("VC 23153(a)", "PC 261", "PC 288(a)", "PC 136.1(a)"),
)


def smallest(case: Case, shows: Shows, told: frozenset[str]) -> Case:
    """A case that ``shows`` what this one shows and has no fact or row it could do without.

    ``told``: facts that the agency's own table answers, which stay.  What is left as *yes* could not be *no*.
    """
    changed = True
    while changed:
        changed = False
        for step in (_fewer_rows, _fewer_facts, _fewer_fields, _plainer):
            for smaller in step(case, told):
                made = smaller(case)
                if made is not None and shows(made):
                    case, changed = made, True
    return case


#: What makes a case smaller; None where there is nothing left to take.
_Step = Callable[[Case], Case | None]


def _fewer_rows(case: Case, told: frozenset[str]) -> Iterator[_Step]:
    for name in case.lists:
        for i in reversed(range(len(case.lists[name].rows))):
            yield partial(_drop_row, name=name, position=i)
        yield partial(_drop_list, name=name)
        yield partial(_open_list, name=name)


def _fewer_facts(case: Case, told: frozenset[str]) -> Iterator[_Step]:
    for name in case.values:
        if name not in told:
            yield partial(_drop_fact, name=name)


def _fewer_fields(case: Case, told: frozenset[str]) -> Iterator[_Step]:
    for name, rows in case.lists.items():
        for i, row in enumerate(rows.rows):
            for field in row:
                yield partial(_change_field, name=name, position=i, field=field, value=None)


def _plainer(case: Case, told: frozenset[str]) -> Iterator[_Step]:
    for name, value in case.values.items():
        if name not in told and (value is True or (isinstance(value, frozenset) and value)):
            yield partial(_change_fact, name=name, value=False if value is True else frozenset())
    for name, rows in case.lists.items():
        for i, row in enumerate(rows.rows):
            for field, value in row.items():
                if value is True:
                    yield partial(_change_field, name=name, position=i, field=field, value=False)
                elif isinstance(value, frozenset) and len(value) > 1:
                    for member in sorted(value):
                        kept = frozenset({member})
                        yield partial(_change_field, name=name, position=i, field=field, value=kept)


def _drop_row(case: Case, name: str, position: int) -> Case | None:
    rows = case.lists[name]
    if position >= len(rows.rows):
        return None
    return case.with_lists({name: Rows(rows.rows[:position] + rows.rows[position + 1 :], rows.complete)})


def _drop_list(case: Case, name: str) -> Case | None:
    if case.lists[name].rows:
        return None
    return Case(case.agency, case.law_date, case.values, {n: r for n, r in case.lists.items() if n != name})


def _open_list(case: Case, name: str) -> Case | None:
    rows = case.lists.get(name)
    if rows is None or not rows.rows or not rows.complete:
        return None
    return case.with_lists({name: Rows(rows.rows, False)})


def _drop_fact(case: Case, name: str) -> Case | None:
    if case.values.get(name) is None:
        return None
    return Case(case.agency, case.law_date, {n: v for n, v in case.values.items() if n != name}, case.lists)


def _change_fact(case: Case, name: str, value: FactValue) -> Case | None:
    return case.with_values({name: value}) if case.values.get(name) not in (None, value) else None


def _change_field(case: Case, name: str, position: int, field: str, value: FactValue) -> Case | None:
    """Another value of a field, or (None) no field at all."""
    row = case.lists[name].rows[position]
    if field not in row or row[field] == value:
        return None
    kept = {n: v for n, v in row.items() if n != field}
    return _with_row(case, name, position, kept if value is None else {**row, field: value})


def _with_row(case: Case, name: str, position: int, row: Row) -> Case:
    rows = list(case.lists[name].rows)
    rows[position] = row
    return case.with_lists({name: Rows(tuple(rows), case.lists[name].complete)})


class Offences:
    """Sections of the offence table for rows that say only what the table would fill in."""

    def __init__(self, library: Library) -> None:
        self._vocabulary = library.vocabulary
        self._records = {list_: record for record, list_ in library.vocabulary.records().items()}
        self._filled: dict[tuple[str, str, FactValue, FactValue], Row | None] = {}

    def named(self, case: Case, shows: Shows) -> Case:
        """The case with a section in each row that one fits: a story has a named offence."""
        for name, rows in case.lists.items():
            words = self._vocabulary.fields(self._records[name])
            filled = frozenset(f.name for f in words.values() if f.offence)
            for i, row in enumerate(rows.rows):
                if row.get("offence") is None and filled & row.keys():
                    named = (_with_row(case, name, i, r) for r in self._rows(row, filled, self._records[name]))
                    case = next((c for c in named if shows(c)), case)
        return case

    def _rows(self, row: Row, filled: frozenset[str], record: str) -> Iterator[Row]:
        """The row with one offence after the other that has what the row says."""
        own = {n: v for n, v in row.items() if n not in filled}
        grade = row.get("grade")
        for section in sorted(OffenceTable.load().sections(), key=_familiar):
            for tried in (grade,) if grade is not None else (None, "felony", "misdemeanor"):
                full = self._full(record, f"{section.code} {section.section}", tried, row.get("date"))
                if full is not None and all(_says(full.get(n), row[n]) for n in filled & row.keys()):
                    yield {**full, **own}

    def _full(self, record: str, offence: str, grade: FactValue, on: FactValue) -> Row | None:
        """What the table knows of a section; None where it needs its degree or subdivision."""
        key = record, offence, grade, on
        if key not in self._filled:
            told = {"offence": offence, "grade": grade, "date": on}
            try:
                known: dict[str, FactValue] = {n: v for n, v in told.items() if v is not None}
                grades = OffenceTable.load().find(offence).grades
                fits = grade is None or not grades or grade in grades
                self._filled[key] = fill_offences([known], record, self._vocabulary)[0] if fits else None
            except ComityError:
                self._filled[key] = None
        return self._filled[key]


def _familiar(section: Section) -> int:
    """Sections that everybody knows first."""
    name = f"{section.code} {section.section}"
    return _FAMILIAR.index(name) if name in _FAMILIAR else len(_FAMILIAR)


def _says(value: FactValue, wanted: FactValue) -> bool:
    if isinstance(wanted, frozenset):
        return isinstance(value, frozenset) and wanted <= value
    return value == wanted
