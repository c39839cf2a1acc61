"""The smallest case that still shows it: rows and facts that do not matter are taken away, offences get names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from comity.case import Case, FactValue, Row, Rows, fill_offences
from comity.offences.table import OffenceTable
from comity.policy.facts import Vocabulary
from comity.policy.library import Library
from comity.problems import ComityError

__all__ = ["Shows", "smallest", "with_offences"]

Shows = Callable[[Case], bool]


def smallest(case: Case, shows: Shows, told: frozenset[str]) -> Case:
    """A case that ``shows`` what this one shows and has no fact or row it could do without.

    ``told``: facts that the agency's own table answers, which stay.  What is left as *yes* could not be *no*.
    """
    changed = True
    while changed:
        changed = False
        for smaller in _steps(case, told):
            if shows(smaller):
                case, changed = smaller, True
                break
    return case


def _steps(case: Case, told: frozenset[str]) -> Iterator[Case]:
    for name, rows in case.lists.items():
        if not rows.rows and rows.complete:
            yield Case(case.agency, case.law_date, case.values, {n: r for n, r in case.lists.items() if n != name})
        for i in range(len(rows.rows)):
            yield case.with_lists({name: Rows(rows.rows[:i] + rows.rows[i + 1 :], rows.complete)})
        if rows.complete and rows.rows:
            yield case.with_lists({name: Rows(rows.rows, False)})
    for name, value in case.values.items():
        if name not in told and value is not None:
            yield _without(case, name)
    for name, rows in case.lists.items():
        for i, row in enumerate(rows.rows):
            for field in row:
                yield _with_row(case, name, i, {n: v for n, v in row.items() if n != field})
    for name, value in case.values.items():
        if name not in told and (value is True or (isinstance(value, frozenset) and value)):
            yield case.with_values({name: False if value is True else frozenset()})
    for name, rows in case.lists.items():
        for i, row in enumerate(rows.rows):
            for field, value in row.items():
                if value is True:
                    yield _with_row(case, name, i, {**row, field: False})
                elif isinstance(value, frozenset) and len(value) > 1:
                    for member in sorted(value):
                        yield _with_row(case, name, i, {**row, field: frozenset({member})})


def _without(case: Case, name: str) -> Case:
    return Case(case.agency, case.law_date, {n: v for n, v in case.values.items() if n != name}, case.lists)


def _with_row(case: Case, name: str, position: int, row: Row) -> Case:
    rows = list(case.lists[name].rows)
    rows[position] = row
    return case.with_lists({name: Rows(tuple(rows), case.lists[name].complete)})


def with_offences(case: Case, shows: Shows, library: Library) -> Case:
    """The case with a section of the offence table in each row that one fits: a story has a named offence."""
    records = {list_: record for record, list_ in library.vocabulary.records().items()}
    for name, rows in case.lists.items():
        words = library.vocabulary.fields(records[name])
        filled = frozenset(f.name for f in words.values() if f.offence)
        for i, row in enumerate(rows.rows):
            if row.get("offence") is None and filled & row.keys():
                named = (_with_row(case, name, i, r) for r in _named(row, filled, records[name], library.vocabulary))
                case = next((c for c in named if shows(c)), case)
    return case


def _named(row: Row, filled: frozenset[str], record: str, vocabulary: Vocabulary) -> Iterator[Row]:
    """The row with one offence after the other that has what the row says."""
    own = {n: v for n, v in row.items() if n not in filled}
    grades: tuple[FactValue, ...] = (row["grade"],) if row.get("grade") is not None else (None, "felony", "misdemeanor")
    for section in OffenceTable.load().sections():
        for grade in grades:
            dated = {**own, "offence": f"{section.code} {section.section}"}
            if grade is not None:
                dated["grade"] = grade
            try:
                full = fill_offences([dated], record, vocabulary)[0]
            except ComityError:
                continue  # a section that needs its degree or subdivision
            if all(_says(full.get(n), row[n]) for n in filled & row.keys()):
                yield full


def _says(value: FactValue, wanted: FactValue) -> bool:
    if isinstance(wanted, frozenset):
        return isinstance(value, frozenset) and wanted <= value
    return value == wanted
