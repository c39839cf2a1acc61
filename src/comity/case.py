"""A case: the facts of one request, every one of them possibly unknown.

``casefile.py`` reads one from YAML or JSON.  What is left out is unknown; what the offence table knows of a section is
filled in, and what the file says itself is never overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from comity.policy.authority import UNHELD, Agency, unlisted_agency
from comity.policy.facts import VACATED, FactWord, Vocabulary
from comity.policy.library import Check, Given, Library

__all__ = [
    "Case",
    "FactValue",
    "Row",
    "Rows",
    "agency_values",
    "case_of_check",
    "counting",
    "counts",
    "fill_offences",
    "find_agency",
    "plain_values",
]

FactValue = bool | int | str | date | frozenset[str] | None
Row = Mapping[str, FactValue]


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of the case and whether it holds every row there is; an incomplete list proves no absence."""

    rows: tuple[Row, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One case, ready to decide.

    ``values`` maps fact name to value (missing: unknown); dates are ``date``, moments aware ``datetime``, one-of words
    ``str``, some-of words ``frozenset``.  ``lists`` maps list name to rows.  ``law_date`` is None when the case names
    no day.
    """

    agency: Agency
    law_date: date | None
    values: Mapping[str, FactValue] = field(default_factory=dict)
    lists: Mapping[str, Rows] = field(default_factory=dict)
    name: str = ""

    def with_values(self, changes: Mapping[str, FactValue]) -> Case:
        """The same case with some facts set (None: made unknown)."""
        return Case(self.agency, self.law_date, {**self.values, **changes}, self.lists, self.name)

    def with_lists(self, changes: Mapping[str, Rows]) -> Case:
        """The same case with some lists replaced."""
        return Case(self.agency, self.law_date, self.values, {**self.lists, **changes}, self.name)

    def on(self, day: date) -> Case:
        """The same case under the law of another day."""
        return Case(self.agency, day, self.values, self.lists, self.name)

    def at(self, agency: Agency, vocabulary: Vocabulary) -> Case:
        """The same case before another agency."""
        # What the other agency's table said is no fact of this one.
        told = {f.name for f in vocabulary.facts if f.agency}
        values = {n: v for n, v in self.values.items() if n not in told} | agency_values(agency, vocabulary)
        return Case(agency, self.law_date, values, self.lists, self.name)


#: A place of the United States: us, two letters, then lower-case names.
_PLACE = re.compile(r"us/[a-z]{2}(/[a-z0-9.-]+)*")


def plain_values(case: Case) -> dict[str, object]:
    """The values as parts of a key; a moment by its own clock, since the law may ask for its calendar day."""
    return {n: v.isoformat() if isinstance(v, datetime) else v for n, v in case.values.items()}


def agency_values(agency: Agency, vocabulary: Vocabulary) -> dict[str, FactValue]:
    """Facts the agency table answers: ``held`` for local law, ``kind NAME`` for what it counts as."""
    values: dict[str, FactValue] = {}
    for fact in vocabulary.facts:
        if fact.agency == "local law not held":
            # Held local law speaks as norms; only unheld law leaves the question open.
            if agency.held:
                values[fact.name] = False
        elif fact.agency.startswith("kind "):
            values[fact.name] = fact.agency.removeprefix("kind ") in agency.kinds
    return values


def find_agency(id_: str, library: Library) -> Agency | None:
    """A listed agency by id, or ``PLACE:KIND`` for one that is not listed; None when neither."""
    listed = library.agency_table().get(id_)
    if listed is not None:
        return listed
    place, colon, kind = id_.partition(":")
    kinds = dict(library.kinds)
    if not colon or kind not in kinds or kind == UNHELD or not _PLACE.fullmatch(place):
        return None
    zone = next((a.time_zone for a in library.agencies if place in a.places or a.id.startswith(place)), "")
    state = "/".join(place.split("/")[:2])
    zone = zone or next((a.time_zone for a in library.agencies if state in a.places), "UTC")
    return unlisted_agency(place, kind, kinds, zone)


def counts(row: Row, law_date: date | None) -> bool:
    """Whether an entry counts on the law date: not vacated, and not dated after it.

    Nobody "has been convicted" of what a court decides later; an entry without a date stays, its date is unknown.
    """
    day = row.get("date")
    later = isinstance(day, date) and law_date is not None and day > law_date
    return row.get(VACATED) is not True and not later


def counting(case: Case) -> Case:
    """The case with only the entries that count on its law date."""
    kept = {
        name: Rows(tuple(row for row in rows.rows if counts(row, case.law_date)), rows.complete)
        for name, rows in case.lists.items()
    }
    return case.with_lists(kept) if case.law_date is not None else case


def fill_offences(rows: Iterable[dict[str, FactValue]], record: str, vocabulary: Vocabulary) -> list[Row]:
    """Rows with what the offence table knows filled in; a value the file itself gives is never overwritten."""
    fields = vocabulary.fields(record)
    offence_field = next((f.name for f in fields.values() if f.type.kind == "offence"), None)
    filled: list[Row] = []
    for row in rows:
        text = row.get(offence_field) if offence_field else None
        filled.append({**_looked_up(text, row, fields), **row} if isinstance(text, str) else row)
    return filled


def _looked_up(text: str, row: Mapping[str, FactValue], fields: Mapping[str, FactWord]) -> dict[str, FactValue]:
    from comity.offences.table import OffenceTable

    degree, grade, on = row.get("degree"), row.get("grade"), row.get("date")
    offence = OffenceTable.load().find(
        text,
        degree=degree if isinstance(degree, str) else None,
        grade=grade if isinstance(grade, str) else None,
        on=on if isinstance(on, date) else None,
    )
    found: dict[str, FactValue] = {}
    for field_ in fields.values():
        if field_.offence:
            value = getattr(offence, field_.offence.replace(" ", "_"))
            if field_.offence == "categories" and not value and offence.category_certain is not True:
                # No category found is not "in no category": that needs a row that says so.
                value = None
            found[field_.name] = frozenset(value) if isinstance(value, tuple) else value
        elif field_.name == "grade" and len(offence.grades) == 1:
            # The table knows only one grade for it: not a guess.
            found[field_.name] = next(iter(offence.grades))
    return found


def case_of_check(check: Check, day: date, library: Library) -> Case:
    """The case an example describes, on one of its law dates."""
    agency = find_agency(check.agency, library)
    if agency is None:
        raise KeyError(check.agency)
    vocabulary = library.vocabulary
    rows: dict[str, list[dict[str, FactValue]]] = {}
    for row in check.rows:
        rows.setdefault(row.list, []).append({g.name: _plain(g) for g in row.fields})
    records = {list_: record for record, list_ in vocabulary.records().items()}
    lists: dict[str, Rows] = {}
    for name in {*rows, *check.complete}:
        standing = [row for row in rows.get(name, []) if counts(row, day)]
        lists[name] = Rows(tuple(fill_offences(standing, records[name], vocabulary)), name in check.complete)
    values = {**agency_values(agency, vocabulary), **{g.name: _plain(g) for g in check.given}}
    return Case(agency, day, values, lists, check.title)


def _plain(given: Given) -> FactValue:
    return frozenset(given.value) if isinstance(given.value, tuple) else given.value
