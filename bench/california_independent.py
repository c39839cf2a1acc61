"""Invented requests whose facts are coin tosses of their own: every combination of facts is as good as any other.

No record looks like this.  Nearly every case is in a state that was never met before, so an engine that learns states
learns all the time: the hard case, measured beside ``california_records.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

#: Share of records in which what is not known is not known.
THIN = 0.25

#: Column -> its words with their shares; None is null.  Words of a some-of fact are joined by commas.
Shares = Mapping[str | None, float]

CASE_WORDS: Mapping[str, Shares] = {
    "request kinds": {
        "hold": 0.25,
        "hold, notification": 0.2,
        "hold, notification, transfer": 0.2,
        "notification": 0.1,
        "notification, transfer": 0.1,
        "interview": 0.08,
        "status question": 0.03,
        "status information": 0.02,
        None: 0.02,
    },
    "request form": {"I-247A": 0.3, "I-247D": 0.25, "I-247": 0.15, "I-247N": 0.1, "none": 0.12, None: 0.08},
    "request attached": {"I-200": 0.45, "I-205": 0.15, "none": 0.25, "I-200, I-205": 0.05, None: 0.1},
    "request from": {"ICE": 0.85, "CBP": 0.08, "other immigration authority": 0.02, None: 0.05},
    "detainer ground": {
        "final order": 0.2,
        "pending proceedings": 0.25,
        "biometric match": 0.35,
        "statements": 0.05,
        "none stated": 0.05,
        None: 0.1,
    },
    "judge court": {"federal": 0.5, "state": 0.3, None: 0.2},
    "warrant charge": {"federal immigration crime": 0.4, "another crime": 0.4, None: 0.2},
    "interview consent": {"agreed": 0.2, "only with lawyer": 0.1, "declined": 0.3, "unasked": 0.2, None: 0.2},
    "interview subject": {"civil immigration": 0.6, "crime only": 0.2, None: 0.2},
}

#: Yes/no column -> share of yes, share of null.
CASE_YES_NO = {
    "judge signed": (0.06, 0.05),
    "federal felony warrant": (0.03, 0.1),
    "served on the person": (0.5, 0.15),
    "currently registered": (0.03, 0.1),
    "previously removed after aggravated felony": (0.03, 0.2),
    "only victim-or-witness": (0.02, 0.03),
    "in custody": (0.95, 0.02),
    "releasable": (0.6, 0.08),
    "release time public": (0.3, 0.05),
    "civil immigration purpose": (0.7, 0.1),
}

#: What one offence is, with its share: share, felony-or-wobbler grade, and the attributes the table fills.
_OFFENCE_FIELDS = ("wobbler", "serious", "violent", "state prison", "categories", "domestic violence", "drug")
OFFENCES: Sequence[tuple[float, str, tuple[bool, bool, bool, bool, str, bool, bool]]] = (
    (0.14, "misdemeanor", (False, False, False, False, "none", False, False)),
    (0.08, "misdemeanor", (False, False, False, False, "G", False, False)),
    (0.06, "either", (True, False, False, False, "B", True, False)),
    (0.05, "either", (True, False, False, True, "B", True, False)),
    (0.08, "either", (True, False, False, False, "F", False, False)),
    (0.06, "felony", (False, True, False, True, "F", False, False)),
    (0.04, "felony", (False, True, True, True, "A", False, False)),
    (0.06, "either", (True, True, False, True, "A", False, False)),
    (0.04, "felony", (False, True, True, True, "C", False, False)),
    (0.09, "felony", (False, False, False, False, "M", False, True)),
    (0.08, "misdemeanor", (False, False, False, False, "none", False, True)),
    (0.05, "either", (True, False, False, True, "H", False, False)),
    (0.05, "either", (True, False, False, False, "D", False, False)),
    (0.03, "felony", (False, False, False, True, "AA", False, False)),
    (0.05, "felony", (False, False, False, False, "none", False, False)),
    (0.04, "either", (True, False, False, False, "F, P", False, False)),
)

_EPOCH = date(1970, 1, 1)


def days(year: int, month: int = 1, day: int = 1) -> int:
    """Days since 1970-01-01."""
    return (date(year, month, day) - _EPOCH).days


class Draw:
    """Columns drawn from one seed."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def words(self, shares: Shares, thin: Any) -> pa.Array:
        """Words with these shares, as a dictionary; ``thin`` records lack some."""
        words = [w for w in shares if w is not None]
        codes = self.codes([shares[w] / (1 - shares.get(None, 0.0)) for w in words], len(thin))
        return pa.DictionaryArray.from_arrays(
            pa.array(codes.astype(np.int8), mask=self.lacking(shares.get(None, 0.0), thin)),
            pa.array(words, pa.string()),
        )

    def lacking(self, share: float, thin: Any) -> Any:
        """Where a value is null: that share of all, and all of it in thin records, for what is not written down is
        seldom one fact alone.
        """
        return thin & (self.rng.random(len(thin)) < min(1.0, share / THIN))

    def codes(self, shares: Sequence[float], size: int) -> Any:
        """Places among some shares; what the shares leave of one goes to the last."""
        edges = np.cumsum(shares)[:-1]
        return np.searchsorted(edges, self.rng.random(size), side="right")

    def yes_no(self, yes: float, null: float, thin: Any) -> pa.Array:
        """Yes, no and null."""
        return pa.array(self.rng.random(len(thin)) < yes, mask=self.lacking(null, thin))

    def law_dates(self, size: int) -> Any:
        """Requests grew over the years, and every version of the law has some."""
        edges = [days(1979), days(2006), days(2014), days(2018), days(2026, 6)]
        part = self.codes((0.15, 0.25, 0.25, 0.35), size)
        low, high = np.array(edges[:-1])[part], np.array(edges[1:])[part]
        return (low + self.rng.random(size) * (high - low)).astype(np.int32)


def _cases(draw: Draw, first: int, size: int) -> tuple[dict[str, Any], Any]:
    law_date = draw.law_dates(size)
    columns: dict[str, Any] = {
        "case_id": pa.array(np.arange(first, first + size, dtype=np.int64)),
        "law date": pa.array(law_date, pa.int32()).cast(pa.date32()),
    }
    thin = draw.rng.random(size) < THIN
    columns |= {name: draw.words(shares, thin) for name, shares in CASE_WORDS.items()}
    columns |= {name: draw.yes_no(yes, null, thin) for name, (yes, null) in CASE_YES_NO.items()}
    columns |= {f"{list_} complete": draw.yes_no(0.85, 0.0, thin) for list_ in ("convictions", "charges")}
    return columns, law_date


def _rows(draw: Draw, case: Any, law_date: Any, list_: str) -> dict[str, Any]:
    """Rows of a list: offences with what the table knows of them, some of it unknown."""
    size = len(case)
    kind = draw.codes([share for share, _, _ in OFFENCES], size)
    either = np.array([grade == "either" for _, grade, _ in OFFENCES])[kind]
    felony = np.where(either, draw.rng.random(size) < 0.5, np.array([g == "felony" for _, g, _ in OFFENCES])[kind])
    age = draw.rng.integers(1, 30 * 365 if list_ == "convictions" else 60, size)
    on = (law_date - age).astype(np.int32)
    # Either no table knows the section, or the court's record is not at hand: then several facts are null together.
    unknown, no_record = draw.rng.random(size) < 0.04, draw.rng.random(size) < 0.06
    grades = pa.DictionaryArray.from_arrays(
        pa.array((~felony).astype(np.int8), mask=no_record & (draw.rng.random(size) < 0.5)),
        pa.array(["felony", "misdemeanor"]),
    )
    columns: dict[str, Any] = {
        "case_id": pa.array(case),
        "date": pa.array(on, pa.int32(), mask=no_record & (draw.rng.random(size) < 0.5)).cast(pa.date32()),
        "grade": grades,
    }
    for place, name in enumerate(_OFFENCE_FIELDS):
        told = [attributes[place] for _, _, attributes in OFFENCES]
        if name == "categories":
            words = sorted({str(t) for t in told})
            codes = np.array([words.index(str(t)) for t in told], np.int8)[kind]
            columns[name] = pa.DictionaryArray.from_arrays(pa.array(codes, mask=unknown), pa.array(words))
        elif name == "drug":
            if list_ == "charges":
                columns["drug notice offence"] = pa.array(np.array(told, bool)[kind], mask=unknown)
        elif name == "wobbler":
            if list_ == "convictions":
                columns[name] = pa.array(np.array(told, bool)[kind], mask=unknown)
        else:
            # A misdemeanor is no serious, violent or state prison felony.
            yes = np.array(told, bool)[kind] & (felony if name != "domestic violence" else True)
            columns[name] = pa.array(yes, mask=unknown)
    columns["category certain"] = pa.array(draw.rng.random(size) < 0.93, mask=unknown)

    def of_record(values: Any) -> pa.Array:
        return pa.array(values, mask=no_record)

    if list_ == "charges":
        columns["held to answer"] = of_record(draw.rng.random(size) < 0.3)
    else:
        old = (on < days(2011, 10)) & felony
        columns["realignment question"] = of_record(old & (draw.rng.random(size) < 0.3))
        columns["proposition 47 misdemeanor"] = of_record(~felony & (draw.rng.random(size) < 0.08))
        columns["reduced to misdemeanor later"] = of_record(felony & (draw.rng.random(size) < 0.05))
        columns["aggravated felony"] = of_record(felony & (draw.rng.random(size) < 0.2))
        columns["vacated"] = of_record(draw.rng.random(size) < 0.01)
    return columns


def drawn(seed: int, block: int, first: int, size: int) -> dict[str, dict[str, Any]]:
    """One block of the three tables: ``size`` cases, numbered from ``first``."""
    draw = Draw(np.random.default_rng([seed, block]))
    cases, law_date = _cases(draw, first, size)
    tables = {"cases": cases}
    for list_, mean, most in (("convictions", 1.2, 10), ("charges", 1.1, 6)):
        owner = np.repeat(np.arange(size), np.minimum(draw.rng.poisson(mean, size), most))
        tables[list_] = _rows(draw, owner + first, law_date[owner], list_)
    return tables
