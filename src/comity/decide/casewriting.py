"""Case files, the way out: a Case as YAML that reads back to an equal case."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import yaml

from comity.case import Case, FactValue, Row, agency_values, fill_offences
from comity.policy.facts import LAW_DATE
from comity.policy.library import Library

__all__ = ["write_case"]


def write_case(case: Case, library: Library, *, title: str = "", about: str = "") -> str:
    """The case as YAML that ``read_case`` reads back to an equal case."""
    vocabulary = library.vocabulary
    top: dict[str, Any] = {"title": title or case.name, "about": about} if title or about else {}
    if ":" in case.agency.id:
        place, _, kind = case.agency.id.partition(":")
        top |= {"place": place, "kind": kind}
    else:
        top["agency"] = case.agency.id
    # Written even when unknown: left out, the day of the request would take its place.
    top[LAW_DATE] = case.law_date.isoformat() if case.law_date is not None else "unknown"
    given_by_agency = agency_values(case.agency, vocabulary)
    for word in vocabulary.case_facts().values():
        group: dict[str, Any] = top.setdefault(word.group, {})
        if word.name in case.lists:
            rows = case.lists[word.name]
            group[word.name] = [_dump_row(row, word.type.record, library) for row in rows.rows]
            group[f"{word.name} complete"] = "yes" if rows.complete else "unknown"
        elif case.values.get(word.name) != given_by_agency.get(word.name):
            # Also an explicit unknown where the agency table would answer.
            group[word.name] = _dump(case.values.get(word.name))
    kept = {k: v for k, v in top.items() if v != {}}
    return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=100)


def _dump_row(row: Row, record: str, library: Library) -> dict[str, Any]:
    """The row without what the offence table fills in again by itself."""
    filled_fields = {f.name for f in library.vocabulary.fields(record).values() if f.offence}
    plain = {k: v for k, v in row.items() if k not in filled_fields}
    again = fill_offences([plain], record, library.vocabulary)[0]
    # What the table would fill in again is left out; an explicit unknown that the table would fill is kept.
    return {k: _dump(v) for k, v in row.items() if again.get(k) != v or (v is not None and k not in filled_fields)}


def _dump(value: FactValue) -> Any:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case frozenset():
            return sorted(value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return value
