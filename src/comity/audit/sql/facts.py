"""A table of the audit as tables for SQL: plain types, and NULL for what is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from comity.audit.leaves import unknown_in
from comity.audit.plan import Schema
from comity.audit.sql.names import AGENCY, CASE, LAW_DAY, column_name, complete_name, day_name
from comity.audit.tables import NO_DAY, Array, CaseTable, Column, local_days
from comity.policy.facts import FactType, FactWord
from comity.policy.library import Library
from comity.problems import ComityError, Problem

__all__ = ["case_facts", "facts_schema", "row_facts"]

#: Kind of fact -> type of its column, as Ibis names it.
_TYPES: Final = {
    "yes/no": "boolean",
    "one of": "string",
    "some of": "int64",
    "date": "date",
    "moment": "int64",
    "integer": "int64",
    "money": "int64",
    "duration": "int64",
    "text": "string",
    "offence": "string",
}
_ARROW: Final = {"boolean": pa.bool_(), "string": pa.string(), "int64": pa.int64(), "date": pa.date32()}

# Days from 1800-01-01 up to 2200-01-01, as the other engines read them.
_FIRST_DAY: Final = int(np.datetime64("1800-01-01").astype(int))
_END_DAY: Final = int(np.datetime64("2200-01-01").astype(int))


def facts_schema(schema: Schema, library: Library) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Columns of the table of cases, and of the table of each list: name -> type, as Ibis names it."""
    cases = {CASE: "int64", AGENCY: "string", LAW_DAY: "date", **_columns(schema.facts)}
    cases.update((complete_name(list_), "boolean") for list_ in schema.rows)
    return cases, {list_: {CASE: "int64", **_columns(fields)} for list_, fields in schema.rows.items()}


def _columns(kinds: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, kind in kinds.items():
        found[column_name(name)] = _TYPES[kind]
        if kind == "moment":
            found[day_name(name)] = "date"
    return found


def case_facts(table: CaseTable, schema: Schema, library: Library) -> pa.Table:
    """One row a case; ``case_id`` is the position in the table, from 0.  A column the table lacks is NULL throughout.

    Raises ComityError CM750 for a day outside 1800 to 2199.
    """
    agency = pa.DictionaryArray.from_arrays(pa.array(table.agency), pa.array(table.agencies, pa.string()))
    columns = {CASE: pa.array(np.arange(len(table))), AGENCY: agency, LAW_DAY: _dates(table.law_date)}
    columns.update(_facts(schema.facts, table.columns, library.vocabulary.case_facts(), len(table)))
    for list_ in schema.rows:
        rows = table.lists.get(list_)
        columns[complete_name(list_)] = pa.array(np.zeros(len(table), bool) if rows is None else rows.complete)
    return pa.table(columns)


def row_facts(table: CaseTable, list_: str, schema: Schema, library: Library) -> pa.Table:
    """One row for each entry of a list."""
    vocabulary = library.vocabulary
    fields = vocabulary.fields(vocabulary.case_facts()[list_].type.record)
    rows = table.lists.get(list_)
    owner = np.zeros(0, np.int64) if rows is None else rows.owner.astype(np.int64)
    found = {} if rows is None else rows.columns
    return pa.table({CASE: pa.array(owner), **dict(_facts(schema.rows[list_], found, fields, len(owner)))})


def _facts(
    kinds: Mapping[str, str], columns: Mapping[str, Column], words: Mapping[str, FactWord], size: int
) -> Iterable[tuple[str, Any]]:
    for name, kind in kinds.items():
        column = columns.get(name)
        if column is not None:
            yield from _fact(name, column, words[name].type)
            continue
        for column_, type_ in _columns({name: kind}).items():
            yield column_, pa.nulls(size, _ARROW[type_])


def _fact(name: str, column: Column, type_: FactType) -> Iterable[tuple[str, Any]]:
    unknown = unknown_in(column)
    match column.kind:
        case "yes/no":
            yield column_name(name), pa.array(column.values == 2, mask=unknown)
        case "one of":
            yield column_name(name), _words(column.values, unknown, type_.members)
        case "text" | "offence":
            yield column_name(name), _words(column.values, unknown, column.words)
        case "date":
            yield column_name(name), _dates(column.values)
        case _:
            yield column_name(name), pa.array(column.values, mask=unknown)
            if column.kind == "moment":
                yield day_name(name), _dates(local_days(column))


def _words(places: Array, unknown: Array, words: tuple[str, ...]) -> Any:
    known = pa.array(np.where(unknown, 0, places).astype(np.int32), mask=unknown)
    return pa.DictionaryArray.from_arrays(known, pa.array(words, pa.string()))


def _dates(days: Array) -> Any:
    unknown = days == NO_DAY
    if ((days < _FIRST_DAY) | (days >= _END_DAY))[~unknown].any():
        raise ComityError([Problem("CM750", "a date of the table lies outside 1800 to 2199", help="mend the date")])
    return pa.array(days.astype(np.int32), mask=unknown).cast(pa.date32())
