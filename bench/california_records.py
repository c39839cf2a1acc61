"""Invented requests drawn as a county's records look: facts that hang together, gaps that come in whole stretches.

What the jail of ``comity sample`` draws, over a longer time and with longer lives:

* The form follows the year, what is asked follows the form, and what is written on it (paper attached, box ticked)
  the year.  One request in twelve comes without a form and asks something else.
* A fact that is asked for only when another says so (which court signed, whether the person agreed to an interview)
  is null otherwise.
* Twelve stations write down different facts, and more of them from decade to decade: a fact is known in all records
  of a station in a decade, or in none.  Of what is written down, 6 % is missing at random, each fact by itself.
* Offences are 300 sections of the packaged table with Zipf weights, in four orders, one for each kind of life (driving,
  drugs, property, violence).  What the table knows of a section under the law of its date is filled in; one row in
  twenty-five is of a section that no table knows.
* Nobody, or up to twelve earlier convictions, over thirty years; one to four charges.  Every case has a law date of
  its own between 1979 and 2026, in no order, as in a table that is kept by person.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

import comity
from comity.audit.reading.offence_codes import OffenceFiller
from comity.audit.sample import jail_mixes as mixes
from comity.audit.sample.draws import Draws, Picked, Wheel
from comity.audit.sample.eras import day_number, pick_by_day
from comity.audit.tables import NO_DAY, Column
from comity.offences.table import OffenceTable
from comity.policy.library import Library

_LAYOUT = 71
STATIONS, DECADES = 12, 5
SECTIONS = 300
#: Of what a station writes down, what is missing all the same.
MISSING = 0.06
NO_TABLE = 0.04
#: Persons of whom the court's record is not at hand.
NO_RECORD = 0.05

#: Years, and what share of the requests come up to the next.
_YEARS = {1979: 6.0, 1996: 10.0, 2006: 14.0, 2010: 20.0, 2014: 14.0, 2018: 26.0, 2025: 10.0}
_LAST = "2026-06-01"

_PLAIN = {
    "request from": Wheel({"ICE": 90, "CBP": 8, "other immigration authority": 2}),
    "judge signed": Wheel({"yes": 2, "no": 98}),
    "federal felony warrant": Wheel({"yes": 1, "no": 99}),
    "served on the person": Wheel({"yes": 80, "no": 20}),
    "currently registered": Wheel({"yes": 1.5, "no": 98.5}),
    "previously removed after aggravated felony": Wheel({"yes": 2, "no": 98}),
    "only victim-or-witness": Wheel({"yes": 0.5, "no": 99.5}),
    "juvenile": Wheel({"yes": 1, "no": 99}),
    "in custody": Wheel({"yes": 97, "no": 3}),
    "releasable": Wheel({"yes": 60, "no": 40}),
    "release time public": Wheel({"yes": 45, "no": 55}),
    "civil immigration purpose": Wheel({"yes": 94, "no": 6}),
}
_SIGNED = {"judge court": Wheel(mixes.COURTS.words), "warrant charge": Wheel(mixes.WARRANTS.words)}
_ASKED = {
    "interview consent": Wheel({"agreed": 20, "only with lawyer": 8, "declined": 32, "unasked": 40}),
    "interview subject": Wheel({"civil immigration": 85, "crime only": 15}),
}
_COMPLETE = Wheel({"yes": 92, "no": 8})
_OTHER_KINDS = Wheel({"interview": 55, "status question": 20, "status information": 15, "personal information": 10})
#: How many earlier convictions; how many charges.
_PRIORS = Wheel({str(n): 40.0 if n == 0 else 27.0 * 0.68 ** (n - 1) for n in range(13)})
_CHARGES = Wheel(mixes.CHARGES.words)
_LIVES = Wheel({"driving": 40, "drugs": 22, "property": 20, "violence": 18})
#: What a life's order of sections puts first.
_FIRST = {"driving": ("VC",), "drugs": ("HSC",), "property": ("PC 4", "PC 5"), "violence": ("PC 2", "PC 64")}


def drawn(seed: int, block: int, first: int, size: int) -> dict[str, dict[str, Any]]:
    """One block of the three tables: ``size`` cases, numbered from ``first``."""
    draws = Draws(seed, _LAYOUT, block)
    law_date = _law_dates(draws, size)
    life = _LIVES.pick(draws, size).codes
    no_record = draws.yes(NO_RECORD, size)
    tables = {"cases": _cases(draws, law_date, first)}
    for list_, wheel, least in (("convictions", _PRIORS, 0), ("charges", _CHARGES, 1)):
        owner = np.repeat(np.arange(size), least + wheel.pick(draws, size).codes.astype(np.int64))
        rows = _rows(draws, list_, law_date[owner], life[owner], no_record[owner])
        tables[list_] = {"case_id": pa.array(owner + first), **rows}
    return tables


def _law_dates(draws: Draws, size: int) -> Any:
    era = Wheel({str(year): share for year, share in _YEARS.items()}).pick(draws, size).codes
    edges = np.array([*(_day(f"{year}-01-01") for year in _YEARS), _day(_LAST)])
    return (edges[era] + draws.part(size) * (edges[era + 1] - edges[era])).astype(np.int32)


def _day(text: str) -> int:
    return day_number(date.fromisoformat(text))


# -- cases ------------------------------------------------------------------------------------------------------------


def _cases(draws: Draws, law_date: Any, first: int) -> dict[str, Any]:
    size = len(law_date)
    form = pick_by_day(draws, mixes.FORMS, law_date)
    asked = _asked(form.words.to_pylist())
    kinds = np.array([asked.index(mixes.ASKS[w].replace(";", ", ")) for w in form.words.to_pylist()], np.int8)[
        form.codes
    ]
    other = draws.yes(1 / 12, size)
    wheel = _OTHER_KINDS.pick(draws, size)
    offset = len(asked) - len(_OTHER_KINDS.words)
    kinds = np.where(other, offset + wheel.codes, kinds).astype(np.int8)
    formless = np.where(other, form.words.index("none").as_py(), form.codes).astype(np.int8)
    told = {name: wheel.pick(draws, size) for name, wheel in _PLAIN.items()}
    signed = told["judge signed"].codes == 0
    interview = np.isin(kinds, [i for i, words in enumerate(asked) if "interview" in words])
    picked: dict[str, tuple[Picked, Any]] = {
        "request kinds": (Picked(pa.array(asked), kinds), None),
        "request form": (Picked(form.words, formless), None),
        "request attached": (_or_none(pick_by_day(draws, mixes.ATTACHED, law_date)), None),
        "detainer ground": (_or_none(pick_by_day(draws, mixes.GROUNDS, law_date), "none stated"), other),
        **{name: (one, None) for name, one in told.items()},
        **{name: (one.pick(draws, size), ~signed) for name, one in _SIGNED.items()},
        **{name: (one.pick(draws, size), ~interview) for name, one in _ASKED.items()},
    }
    unwritten = _unwritten(draws, law_date, len(picked))
    columns: dict[str, Any] = {
        "case_id": pa.array(np.arange(first, first + size, dtype=np.int64)),
        "law date": pa.array(law_date, pa.int32()).cast(pa.date32()),
    }
    for place, (name, (one, never)) in enumerate(picked.items()):
        blank = draws.yes(MISSING, size) if name == "request kinds" else unwritten[place] | draws.yes(MISSING, size)
        blank = blank if never is None else blank | never
        columns[name] = _yes_no(one, blank) if one.words.to_pylist() == ["yes", "no"] else one.column(blank)
    for list_ in ("convictions", "charges"):
        columns[f"{list_} complete"] = _yes_no(_COMPLETE.pick(draws, size), None)
    return columns


def _asked(forms: list[str]) -> list[str]:
    """Everything that is asked, by form and without one."""
    return list(dict.fromkeys([*(mixes.ASKS[f].replace(";", ", ") for f in forms), *_OTHER_KINDS.words.to_pylist()]))


def _or_none(picked: Picked, word: str = "none") -> Picked:
    """An empty box is an answer: none."""
    words = [w or word for w in picked.words.to_pylist()]
    once = list(dict.fromkeys(words))
    places = np.array([once.index(w) for w in words], np.int8)
    return Picked(pa.array(once), places[picked.codes])


def _yes_no(picked: Picked, blank: Any) -> pa.Array:
    return pa.array(picked.codes == 0, mask=blank)


@cache
def _practice(columns: int) -> Any:
    """Whether a station in a decade writes a fact down: bool, (fact, station, decade)."""
    rng = np.random.default_rng(5)
    share = np.linspace(0.3, 0.95, DECADES)
    habit = rng.random((columns, STATIONS, 1)) * 0.7 + rng.random((columns, STATIONS, DECADES)) * 0.3
    return habit < share


def _unwritten(draws: Draws, law_date: Any, columns: int) -> Any:
    """Per column and case, whether its station never wrote the fact down in those years."""
    station = Wheel({str(n): 1 / (n + 1) for n in range(STATIONS)}).pick(draws, len(law_date)).codes
    decade = np.clip((law_date - _day("1979-01-01")) * DECADES // (_day(_LAST) - _day("1979-01-01")), 0, DECADES - 1)
    return ~_practice(columns)[:, station, decade]


# -- rows of lists ----------------------------------------------------------------------------------------------------


@cache
def _library() -> Library:
    return comity.load().law


@cache
def _filler(list_: str) -> OffenceFiller:
    vocabulary = _library().vocabulary
    return OffenceFiller(next(r for r, of in vocabulary.records().items() if of == list_), vocabulary)


@cache
def _sections() -> tuple[tuple[str, ...], Any]:
    """Citations, those of the made-up jail first; and the share of each that is a felony."""
    shares = {one.code: one.felony for one in mixes.OFFENCES}
    by_grade = {"felony": 1.0, "wobbler": 0.5}
    rows = OffenceTable.load().sections()
    told = {f"{r.code} {r.section}": by_grade.get(r.grade, 0.0) for r in rows if r.section and not r.from_}
    every = [*shares, *(cited for cited in told if cited not in shares)]
    cited = np.arange(len(every), dtype=np.int32)
    day = np.full(len(every), _day("1979-01-01"), np.int32)
    bad = np.zeros(len(every), bool)
    for list_ in ("convictions", "charges"):
        given = {"offence": Column("offence", cited, None, tuple(every)), "date": Column("date", day)}
        bad |= _filler(list_).fill(given, len(every)).bad
    kept = [name for name, wrong in zip(every, bad, strict=True) if not wrong][:SECTIONS]
    return tuple(kept), np.array([shares.get(name, told.get(name, 0.0)) for name in kept])


@cache
def _orders() -> tuple[Any, Any]:
    """Per kind of life the sections in its order; and the running total of Zipf weights."""
    cited, _ = _sections()
    orders = [
        sorted(range(len(cited)), key=lambda i, first=_FIRST[life]: (not cited[i].startswith(first), i))
        for life in _LIVES.words.to_pylist()
    ]
    weights = 1 / (np.arange(len(cited)) + 2.7)
    return np.array(orders, np.int32), np.cumsum(weights) / weights.sum()


def _rows(draws: Draws, list_: str, law_date: Any, life: Any, no_record: Any) -> dict[str, Any]:
    size = len(law_date)
    words, felonies = _sections()
    orders, totals = _orders()
    rank = np.searchsorted(totals, draws.part(size), side="right").clip(max=len(words) - 1)
    cited = orders[life, rank]
    felony = draws.part(size) < felonies[cited]
    back = (draws.part(size) ** 2 * (10_900 if list_ == "convictions" else 40)).astype(np.int32)
    on = law_date - back - np.int32(30 if list_ == "convictions" else 0)
    lost = no_record & draws.yes(0.5, size)
    dated = np.where(lost | draws.yes(MISSING, size), NO_DAY, on).astype(np.int32)
    graded = np.where(lost | draws.yes(MISSING, size), 255, np.where(felony, 0, 1)).astype(np.uint8)
    given = {
        "offence": Column("offence", np.where(draws.yes(NO_TABLE, size), -1, cited).astype(np.int32), None, words),
        "date": Column("date", dated),
        "grade": Column("one of", graded),
    }
    filled = _filler(list_).fill(given, size)
    columns = {n: _arrow(n, c) for n, c in filled.columns.items() if n in _KEPT}

    def of_record(yes: float, where: Any = True) -> pa.Array:
        """What only the court's record tells."""
        return pa.array(draws.yes(yes, size) & where, mask=no_record | draws.yes(MISSING, size))

    if list_ == "charges":
        return columns | {"held to answer": of_record(0.25, felony)}
    return columns | {
        "reduced to misdemeanor later": of_record(0.03, felony),
        "vacated": of_record(0.015),
        "expunged": of_record(0.025),
        "aggravated felony": pa.array(felony & draws.yes(0.2, size), mask=no_record | draws.yes(0.3, size)),
    }


#: What is kept of what the offence table tells.
_KEPT = (
    *("date", "grade", "wobbler", "serious", "violent", "state prison", "realignment question", "categories"),
    *("category certain", "proposition 47 misdemeanor", "domestic violence", "drug notice offence"),
)


def _arrow(name: str, column: Column) -> pa.Array:
    values = column.values
    if column.kind == "date":
        return pa.array(values, pa.int32(), mask=values == NO_DAY).cast(pa.date32())
    if column.kind == "yes/no":
        return pa.array(values == 2, mask=values == 1)
    members = _members(name)
    if column.kind == "one of":
        return pa.DictionaryArray.from_arrays(pa.array(values.astype(np.int16), mask=values == 255), pa.array(members))
    assert column.kind == "some of"
    sets, codes = np.unique(values, return_inverse=True)
    words = [", ".join(m for i, m in enumerate(members) if held >> i & 1) or "none" for held in sets.tolist()]
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.reshape(-1).astype(np.int32), mask=values == -1), pa.array(words)
    )


def _members(name: str) -> tuple[str, ...]:
    return next(word.type.members for word in _library().vocabulary.facts if word.name == name and word.group)
