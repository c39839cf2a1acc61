"""Tables that somebody else made: which facts they hold, and whether every value can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa

from comity.audit.plan import Schema
from comity.audit.sql.backends import Backend
from comity.audit.sql.names import AGENCY, CASE, CASES, LAW_DAY, column_name, complete_name, day_name
from comity.audit.tables import NO_DAY, CaseTable
from comity.policy.facts import FactWord
from comity.policy.library import Library
from comity.problems import ComityError, Problem, nearest

__all__ = ["Given", "agency_days", "given_tables"]

_WHOLE: Final = ("integer", "money", "duration")


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Tables as the stages read them: known columns only, under their own names (``sql/names.py``)."""

    schema: Schema
    cases: Any
    lists: Mapping[str, Any]
    words: Mapping[str, Mapping[str, FactWord]]

    def check(self, backend: Backend) -> None:
        """Look at every value.

        Raises ComityError CM755 for ids that are missing or stand twice, rows without a case, cases without an agency,
        words that a fact does not know, and days outside 1800 to 2199.
        """
        problems: list[Problem] = []
        for list_, table in (("", self.cases), *self.lists.items()):
            name = column_name(list_) or CASES
            wrong = dict(_wrong(table, self.words[list_]))
            counts = {what: ibis.cases((bad, 1), else_=0).sum() for what, bad in wrong.items()}
            if list_:
                orphans = table.anti_join(self.cases, CASE)
                problems += _told(backend, name, orphans.agg(**{"rows of no case": orphans.count()}))
            else:
                counts["rows whose case_id stands twice"] = table.count() - table[CASE].nunique()
            problems += _told(backend, name, table.agg(**counts))
        if problems:
            raise ComityError(problems)


def given_tables(cases: Any, lists: Mapping[str, Any], library: Library) -> Given:
    """The facts in some Ibis tables; columns that are no facts are left alone.

    Raises ComityError CM714 for a list that the library lacks, CM753 for a column that is missing or of another type.
    """
    vocabulary = library.vocabulary
    facts = {n: w for n, w in vocabulary.case_facts().items() if w.type.kind != "list"}
    records = {name: record for record, name in vocabulary.records().items()}
    for list_ in lists:
        if list_ not in records:
            near = nearest(list_, records)
            help_ = f"did you mean '{near}'?" if near else f"lists are {', '.join(records)}"
            raise ComityError([Problem("CM714", f"the library has no list called '{list_}'", help=help_)])
    flags = [complete_name(list_) for list_ in lists]
    words: dict[str, Mapping[str, FactWord]] = {"": facts}
    main, kinds = _known(cases, CASES, facts, {AGENCY: "string", LAW_DAY: "date"}, flags)
    found, rows = {}, {}
    for list_, table in lists.items():
        words[list_] = vocabulary.fields(records[list_])
        found[list_], rows[list_] = _known(table, column_name(list_), words[list_], {}, ())
    return Given(Schema(kinds, rows), main, found, words)


def agency_days(backend: Backend, cases: Any) -> CaseTable:
    """A case for every agency and law date of the tables."""
    pairs = cases.select(AGENCY, LAW_DAY).distinct()
    found = backend.fetch(str(ibis.to_sql(pairs, dialect=backend.dialect)))
    agencies = found.column(AGENCY).combine_chunks().cast(pa.string()).dictionary_encode()
    days = found.column(LAW_DAY).combine_chunks().cast(pa.date32()).cast(pa.int32()).fill_null(NO_DAY)
    return CaseTable(
        pa.array(range(len(found))),
        np.arange(1, len(found) + 1),
        tuple(agencies.dictionary.to_pylist()),
        np.asarray(agencies.indices, np.int32),
        np.asarray(days, np.int32),
    )


def _known(
    table: Any, what: str, words: Mapping[str, FactWord], needed: Mapping[str, str], flags: Iterable[str]
) -> tuple[Any, dict[str, str]]:
    """The table with its known columns, and the kinds of its facts."""
    called: dict[str, str] = {}
    for name in table.columns:
        if column_name(name) in called:
            raise _fault(what, f"has two columns called '{column_name(name)}'", "leave one of them out")
        called[column_name(name)] = name
    for name in (CASE, *needed):
        if name not in called:
            raise _fault(what, f"has no column '{name}'", "see the page on warehouses for the columns it needs")
    columns = {name: table[called[name]] for name in (CASE, *needed)}
    for name, type_ in needed.items():
        _of_type(columns[name], what, name, (type_,))
    for flag in flags:
        # A list is complete only where the tables say so.
        columns[flag] = table[called[flag]] if flag in called else ibis.literal(False)
        _of_type(columns[flag], what, flag, ("boolean",))
    kinds = {}
    for name, word in words.items():
        column = called.get(column_name(name))
        if column is None:
            continue
        kind = kinds[name] = word.type.kind
        columns[column_name(name)] = _of_type(table[column], what, column, _types(kind))
        if kind == "moment":
            day = day_name(name)
            if day not in called:
                help_ = "add the calendar day of the moment, on its own clock, as a date"
                raise _fault(what, f"has '{column}' without '{day}'", help_)
            columns[day] = _of_type(table[called[day]], what, day, ("date",))
    return table.select(**columns), kinds


def _types(kind: str) -> tuple[str, ...]:
    match kind:
        case "yes/no":
            return ("boolean",)
        case "date":
            return ("date",)
        case "some of":
            return ("integer", "array")
        case "moment":
            return ("integer", "timestamp")
        case _:
            return ("integer",) if kind in _WHOLE else ("string",)


def _of_type(column: Any, what: str, name: str, types: tuple[str, ...]) -> Any:
    found = column.type()
    if not any(getattr(found, f"is_{type_}")() for type_ in types):
        raise _fault(what, f"has '{name}' as {found}", f"make it {' or '.join(types)}")
    return column


def _fault(what: str, message: str, help_: str) -> ComityError:
    return ComityError([Problem("CM753", f"the table '{what}' {message}", help=help_)])


def _wrong(table: Any, words: Mapping[str, FactWord]) -> Iterable[tuple[str, Any]]:
    """What may be wrong with a row, in words, and the condition for it (NULL: it is not)."""
    yield f"rows without a '{CASE}'", table[CASE].isnull()
    if AGENCY in table.columns:
        yield f"rows without an '{AGENCY}'", table[AGENCY].isnull()
        yield f"days of '{LAW_DAY}' outside 1800 to 2199", _far(table[LAW_DAY])
    for name, word in words.items():
        column = column_name(name)
        if column not in table.columns:
            continue
        value, members = table[column], word.type.members
        match word.type.kind:
            case "one of":
                yield f"values of '{column}' that are no word of '{name}'", value.notin(members)
            case "some of" if value.type().is_array():
                strange = value.filter(lambda one, members=members: one.notin(members))
                yield f"values of '{column}' with no word of '{name}'", strange.length() > 0
            case "some of":
                yield f"values of '{column}' with no word of '{name}'", (value < 0) | (value >= 1 << len(members))
            case "date":
                yield f"days of '{column}' outside 1800 to 2199", _far(value)
            case "moment":
                day = table[day_name(name)]
                yield f"days of '{day_name(name)}' outside 1800 to 2199", _far(day)
                yield (
                    f"values of '{column}' without '{day_name(name)}', or the other way",
                    value.isnull() != day.isnull(),
                )


def _far(day: Any) -> Any:
    return (day < ibis.date(1800, 1, 1)) | (day >= ibis.date(2200, 1, 1))


def _told(backend: Backend, table: str, counts: Any) -> Iterable[Problem]:
    """A problem for each count above zero."""
    found = backend.fetch(str(ibis.to_sql(counts, dialect=backend.dialect))).to_pylist()[0]
    for what, count in found.items():
        if count:
            help_ = "mend them in the tables; nothing is guessed or left out here"
            yield Problem("CM755", f"the table '{table}' has {count} {what}", help=help_)
