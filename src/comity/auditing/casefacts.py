"""A case of a table as the plain data of a case file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from comity.audit.cases import CaseReader
from comity.audit.tables import CaseTable
from comity.case import Case, FactValue, Row, agency_values
from comity.policy.facts import LAW_DATE
from comity.policy.library import Library

__all__ = ["CaseFiles"]

_UNKNOWN = "unknown"


class CaseFiles:
    """Makes case files of the cases of tables; ``comity decide`` reads each back to an equal case.

    ``casewriting.write_case`` does the same for a person; this is for thousands of cases, as data.
    """

    def __init__(self, library: Library) -> None:
        vocabulary = library.vocabulary
        self._vocabulary = vocabulary
        self._reader = CaseReader(library)
        self._groups = {name: word.group for name, word in vocabulary.case_facts().items()}
        self._by_agency: dict[str, dict[str, FactValue]] = {}
        # The offence table fills these in when a row names an offence and leaves them out: (that field, those).
        self._filled: dict[str, tuple[str, list[str]]] = {}
        for record, list_ in vocabulary.records().items():
            fields = vocabulary.fields(record).values()
            offence = next((f.name for f in fields if f.type.kind == "offence"), "")
            self._filled[list_] = offence, [f.name for f in fields if f.offence or f.name == "grade"]

    def data(self, table: CaseTable, positions: Iterable[int]) -> Iterator[dict[str, Any]]:
        """The cases at some positions (from 0)."""
        return map(self._data, self._reader.cases(table, positions))

    def _data(self, case: Case) -> dict[str, Any]:
        data: dict[str, Any] = {"title": case.name}
        place, colon, kind = case.agency.id.partition(":")
        data |= {"place": place, "kind": kind} if colon else {"agency": place}
        # Written even when unknown: left out, the day of the request would take its place.
        data[LAW_DATE] = _plain(case.law_date)
        by_agency = self._by_agency.get(case.agency.id)
        if by_agency is None:
            by_agency = self._by_agency[case.agency.id] = agency_values(case.agency, self._vocabulary)
        for name, value in case.values.items():
            if name not in by_agency or by_agency[name] != value:
                data.setdefault(self._groups[name], {})[name] = _plain(value)
        for name, rows in case.lists.items():
            group = data.setdefault(self._groups[name], {})
            group[name] = [self._row(name, row) for row in rows.rows]
            group[f"{name} complete"] = "yes" if rows.complete else _UNKNOWN
        return data

    def _row(self, list_: str, row: Row) -> dict[str, Any]:
        told = {name: _plain(value) for name, value in row.items()}
        offence, filled = self._filled[list_]
        return told | {name: _UNKNOWN for name in filled if name not in row} if offence in row else told


def _plain(value: FactValue) -> Any:
    match value:
        case None:
            return _UNKNOWN
        case bool():
            return "yes" if value else "no"
        case frozenset():
            return sorted(value)
        case date():
            return value.isoformat()
        case _:
            return value
