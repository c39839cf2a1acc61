"""One row of a table of cases as a case for the one-case engine: the exact inverse of the encoding in ``tables.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone

from comity.audit.tables import NO_DAY, NO_MEMBER, NO_NUMBER, NO_SET, NO_WORD, CaseTable, Column, ListTable
from comity.case import Case, FactValue, Row, Rows, agency_values, counting, find_agency
from comity.policy.authority import Agency
from comity.policy.facts import FactType
from comity.policy.library import Library
from comity.problems import ComityError, Problem

__all__ = ["CaseReader", "day_of"]

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: The value at a position; None for unknown.
_Decode = Callable[[int], FactValue]


def day_of(number: int) -> date | None:
    """The day of a number of days since 1970-01-01; None for ``NO_DAY``."""
    return None if number == NO_DAY else date.fromordinal(_EPOCH_DAY + number)


class CaseReader:
    """Reads cases of tables; knows the agencies and words of one library.

    A case holds what the agency table answers, what its row knows, and only the entries of its lists that count on its
    law date.  What the row does not know is left out.
    """

    def __init__(self, library: Library) -> None:
        vocabulary = library.vocabulary
        self._library = library
        self._types = {name: word.type for name, word in vocabulary.case_facts().items()}
        self._fields = {
            list_: {name: word.type for name, word in vocabulary.fields(record).items()}
            for record, list_ in vocabulary.records().items()
        }
        self._agencies: dict[str, tuple[Agency, dict[str, FactValue]]] = {}

    def case(self, table: CaseTable, position: int) -> Case:
        """The case at a position of the table (from 0); ComityError CM404 for an agency that the library lacks."""
        return next(self.cases(table, (position,)))

    def cases(self, table: CaseTable, positions: Iterable[int] | None = None) -> Iterator[Case]:
        """The cases at these positions, or all of them, in order."""
        facts = [(name, _decoder(column, self._types[name])) for name, column in table.columns.items()]
        lists = [(name, rows, self._row_decoders(name, rows)) for name, rows in table.lists.items()]
        for i in range(len(table)) if positions is None else positions:
            agency, told = self._agency(table.agencies[int(table.agency[i])])
            values = dict(told)
            for name, decode in facts:
                value = decode(i)
                if value is not None:
                    values[name] = value
            found = {name: _rows(rows, i, decoders) for name, rows, decoders in lists}
            day = day_of(int(table.law_date[i]))
            yield counting(Case(agency, day, values, found, str(table.ids[i].as_py())))

    def _row_decoders(self, name: str, rows: ListTable) -> list[tuple[str, _Decode]]:
        types = self._fields[name]
        return [(field, _decoder(column, types[field])) for field, column in rows.columns.items()]

    def _agency(self, id_: str) -> tuple[Agency, dict[str, FactValue]]:
        known = self._agencies.get(id_)
        if known is None:
            agency = find_agency(id_, self._library)
            if agency is None:
                help_ = "see 'comity law list --agencies', or write place:kind"
                raise ComityError([Problem("CM404", f"no agency is called '{id_}'", help=help_)])
            known = self._agencies[id_] = agency, agency_values(agency, self._library.vocabulary)
        return known


def _rows(rows: ListTable, case: int, decoders: list[tuple[str, _Decode]]) -> Rows:
    found: list[Row] = []
    for place in range(int(rows.offsets[case]), int(rows.offsets[case + 1])):
        values = ((field, decode(place)) for field, decode in decoders)
        found.append({field: value for field, value in values if value is not None})
    return Rows(tuple(found), bool(rows.complete[case]))


def _decoder(column: Column, type_: FactType) -> _Decode:
    values = column.values
    words = column.words or type_.members
    match type_.kind:
        case "yes/no":
            return lambda i: None if values[i] == 1 else bool(values[i] == 2)
        case "one of":
            return lambda i: None if values[i] == NO_MEMBER else words[int(values[i])]
        case "some of":
            return lambda i: None if values[i] == NO_SET else _members(int(values[i]), words)
        case "date":
            return lambda i: day_of(int(values[i]))
        case "moment":
            offsets = column.offsets
            assert offsets is not None
            return lambda i: None if values[i] == NO_NUMBER else _moment(int(values[i]), int(offsets[i]))
        case "text" | "offence":
            return lambda i: None if values[i] == NO_WORD else words[int(values[i])]
        case _:
            return lambda i: None if values[i] == NO_NUMBER else int(values[i])


def _members(bits: int, words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for place, word in enumerate(words) if bits >> place & 1)


def _moment(microseconds: int, minutes_east: int) -> datetime:
    zone = timezone(timedelta(minutes=minutes_east))
    return (_EPOCH + timedelta(microseconds=microseconds)).astimezone(zone)
