"""The `detainer-CA` workload: random cases, the answer by hand, and how Comity's judgements read as reason codes.

The rules are a cut of the law for measuring (``law/``): three regimes, one action, nineteen reasons.  Cases are drawn
block by block, each block from its own seed, so that ten million of them never stand in memory together and the first
100,000 are the same whatever else is drawn.

Columns carry the names of the law's facts.  In memory a yes/no that may be unknown is int8 (1, 0, -1), a word is the
position in its list of words (uint8), a date is int32 days since 1970-01-01.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from comity.audit.judgement import Judgement

LAW = Path(__file__).parent / "law"
AGENCY = "us/ca/workload"
ACTION = "grant the request"

KINDS = ("hold", "notify", "transfer", "interview")
AGENCIES = ("police", "sheriff", "cdcr")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CATEGORIES = ("none", *_LETTERS, *("A" + letter for letter in "ABCDE"))
GRADES = ("felony", "misdemeanor")

PROHIBITED, PERMITTED, UNKNOWN = 0, 1, 2
DECISIONS = ("prohibited", "permitted", "unknown")

#: Reason -> decision; the position of a reason is its code.
REASONS: Mapping[str, int] = {
    "CDCR_NOT_BOUND": PERMITTED,
    "HOLD_PRE2014": PERMITTED,
    "HOLD_TRUST_QUAL": PERMITTED,
    "HOLD_TRUST_872": PERMITTED,
    "HOLD_TRUST_UNKNOWN": UNKNOWN,
    "HOLD_TRUST_NONE": PROHIBITED,
    "HOLD_WARRANT": PERMITTED,
    "HOLD_BARRED": PROHIBITED,
    "NOTIFY_PRE2018": PERMITTED,
    "NOTIFY_PUBLIC": PERMITTED,
    "QUALIFIES": PERMITTED,
    "FINDING_872": PERMITTED,
    "FINDING_872_UNKNOWN": UNKNOWN,
    "NO_GROUND": PROHIBITED,
    "WARRANT": PERMITTED,
    "INTERVIEW_PRE2018": PERMITTED,
    "CONSENT": PERMITTED,
    "NO_CONSENT": PROHIBITED,
    "CONSENT_UNKNOWN": UNKNOWN,
}
CODES = {reason: code for code, reason in enumerate(REASONS)}
DECISION_OF = np.array(list(REASONS.values()), np.uint8)

#: The norm that speaks first -> reason, in the order in which the reference looks for them.
_BY_NORM = {
    "custody#hold practice": "HOLD_PRE2014",
    "custody#hold door": "HOLD_TRUST_QUAL",
    "custody#hold finding": "HOLD_TRUST_872",
    "custody#hold none": "HOLD_TRUST_NONE",
    "custody#hold warrant": "HOLD_WARRANT",
    "custody#hold barred": "HOLD_BARRED",
    "custody#interview practice": "INTERVIEW_PRE2018",
    "custody#interview consent": "CONSENT",
    "custody#interview refused": "NO_CONSENT",
    "release#cdcr not bound": "CDCR_NOT_BOUND",
    "release#notify practice": "NOTIFY_PRE2018",
    "release#notify public": "NOTIFY_PUBLIC",
    "release#transfer warrant": "WARRANT",
    "release#qualified": "QUALIFIES",
    "release#finding": "FINDING_872",
}


def reason_of(judgement: Judgement) -> str:
    """The reason code that a judgement of the workload's law stands for.

    The first winning norm, in the order above, names it.  Where none wins, silence is no ground; where a fact is
    missing, that fact and the layer whose answer it leaves open tell which reason is unknown.  The law version needs no
    look: each version has norms of its own wherever the reason tells them apart.
    """
    if judgement.outcome == "need a fact":
        if judgement.missing == ("consent given",):
            return "CONSENT_UNKNOWN"
        assert judgement.missing == ("finding 872",), judgement
        return "HOLD_TRUST_UNKNOWN" if ("custody", "need a fact") in judgement.layers else "FINDING_872_UNKNOWN"
    winning = {norm.removeprefix(f"{AGENCY}/") for norm in judgement.winning}
    for norm, reason in _BY_NORM.items():
        if norm in winning:
            return reason
    assert judgement.outcome == "must not", judgement
    return "NO_GROUND"


# -- the answer by hand -----------------------------------------------------------------------------------------------

_2014, _2018 = date(2014, 1, 1), date(2018, 1, 1)


def years_before(day: date, years: int) -> date:
    """The anniversary; 29 February less a year is 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


#: One conviction: date, offence category, grade, wobbler, serious or violent, state prison, reduced.
ConvictionRow = tuple[date, str, str, bool, bool, bool, bool]

#: One case: law date, request kind, agency kind, judge's warrant, finding under section 872 (or None), state prison
#: felony charged, on the registry, release date public, consent given (or None), convictions.
CaseRow = tuple[date, str, str, bool, bool | None, bool, bool, bool, bool | None, Sequence[ConvictionRow]]


def by_hand(
    day: date,
    kind: str,
    agency: str,
    warrant: bool,
    finding: bool | None,
    charge: bool,
    registry: bool,
    public: bool,
    consent: bool | None,
    convictions: Sequence[ConvictionRow],
) -> str:
    """The reason code, in plain Python: the referee of every engine."""
    if kind == "hold":
        if day < _2014:
            return "HOLD_PRE2014"
        if day >= _2018:
            return "HOLD_WARRANT" if warrant else "HOLD_BARRED"
        if opens_the_door(day, registry, convictions):
            return "HOLD_TRUST_QUAL"
        return "HOLD_TRUST_UNKNOWN" if finding is None else "HOLD_TRUST_872" if finding else "HOLD_TRUST_NONE"
    if kind == "interview":
        if day < _2018:
            return "INTERVIEW_PRE2018"
        return "CONSENT_UNKNOWN" if consent is None else "CONSENT" if consent else "NO_CONSENT"
    if agency == "cdcr":
        return "CDCR_NOT_BOUND"
    if kind == "transfer":
        if warrant:
            return "WARRANT"
    elif day < _2018:
        return "NOTIFY_PRE2018"
    elif public:
        return "NOTIFY_PUBLIC"
    if opens_the_door(day, registry, convictions):
        return "QUALIFIES"
    if charge and finding is not False:
        return "FINDING_872" if finding else "FINDING_872_UNKNOWN"
    return "NO_GROUND"


def opens_the_door(day: date, registry: bool, convictions: Sequence[ConvictionRow]) -> bool:
    """Whether the registry or one of the convictions opens the door."""
    if registry:
        return True
    for on, category, grade, wobbler, serious, prison, reduced in convictions:
        if reduced:
            continue
        if serious:
            return True
        if grade == "felony":
            if prison or (category != "none" and on > years_before(day, 15)):
                return True
        elif wobbler and category != "none" and on > years_before(day, 5):
            return True
    return False


# -- random cases -----------------------------------------------------------------------------------------------------

BLOCK = 1_000_000
_EPOCH = date(1970, 1, 1)
MOST_CONVICTIONS = 12
FIRST_ID = 1_000_000

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some cases as columns.  The convictions of case ``i`` are ``offsets[i]`` up to ``offsets[i + 1]`` (int64)."""

    cases: Columns
    convictions: Columns
    offsets: Any

    def __len__(self) -> int:
        return len(self.offsets) - 1


def days(year: int, month: int = 1, day: int = 1) -> int:
    """Days since 1970-01-01."""
    return (date(year, month, day) - _EPOCH).days


def blocks(rows: int, seed: int = 7) -> Iterator[Block]:
    """``rows`` random cases, ``BLOCK`` at a time."""
    for start in range(0, rows, BLOCK):
        yield _block(start, min(BLOCK, rows - start), np.random.default_rng([seed, start // BLOCK]))


def block(rows: int, seed: int = 7) -> Block:
    """``rows`` random cases in one block."""
    parts = list(blocks(rows, seed))
    starts = np.cumsum([0, *(p.offsets[-1] for p in parts)])
    offsets = [np.zeros(1, np.int64), *(p.offsets[1:] + start for p, start in zip(parts, starts, strict=False))]

    def joined(columns: list[Columns]) -> Columns:
        return {name: np.concatenate([c[name] for c in columns]) for name in columns[0]}

    return Block(joined([p.cases for p in parts]), joined([p.convictions for p in parts]), np.concatenate(offsets))


def _block(start: int, rows: int, rng: np.random.Generator) -> Block:
    # Every draw is made for a whole block, so that a shorter table holds the first rows of a longer one.
    def chance(of: float, size: int = BLOCK) -> Any:
        return rng.random(size) < of

    def perhaps(of: float) -> Any:
        known = chance(of).astype(np.int8)
        known[chance(0.05)] = -1
        return known

    cases: Columns = {
        "case id": np.arange(FIRST_ID + start, FIRST_ID + start + BLOCK, dtype=np.int64),
        "law date": rng.integers(days(2008), days(2026), BLOCK).astype(np.int32),
        "agency kind": np.searchsorted([0.3, 0.9], rng.random(BLOCK), side="right").astype(np.uint8),
        "request kind": rng.integers(0, 4, BLOCK).astype(np.uint8),
        "judicial warrant": chance(0.05),
        "finding 872": perhaps(0.15),
        "charge state prison felony": chance(0.25),
        "on registry": chance(0.03),
        "release date public": chance(0.3),
        "consent given": perhaps(0.5),
    }
    counts = np.minimum(rng.poisson(1.5, BLOCK), MOST_CONVICTIONS)
    case = np.repeat(np.arange(BLOCK), counts)
    size = len(case)
    category = rng.integers(1, len(CATEGORIES), size).astype(np.uint8)
    category[chance(0.6, size)] = 0
    misdemeanor = ~chance(0.45, size)
    convictions: Columns = {
        "case id": cases["case id"][case],
        "date": _conviction_days(cases["law date"][case], rng),
        "offence category": category,
        "grade": misdemeanor.astype(np.uint8),
        "wobbler": chance(0.3, size),
        "serious violent": chance(0.08, size),
        "state prison": chance(0.3, size) & ~misdemeanor,
        "proposition 47 reduced": chance(0.1, size),
    }
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])[: rows + 1]
    kept = {name: values[:rows] for name, values in cases.items()}
    return Block(kept, {name: values[: offsets[-1]] for name, values in convictions.items()}, offsets)


def _conviction_days(law_days: Any, rng: np.random.Generator) -> Any:
    """Within 25 years before the request; one in fifty on the fifth or fifteenth anniversary or a day beside it."""
    found = law_days - rng.integers(1, 25 * 365, len(law_days)).astype(np.int32)
    edge = np.flatnonzero(rng.random(len(law_days)) < 0.02)
    years = np.where(rng.random(len(edge)) < 0.5, 5, 15)
    day = law_days[edge].astype("M8[D]")
    month = day.astype("M8[M]")
    then = month - 12 * years
    last = (then + 1).astype("M8[D]") - then.astype("M8[D]") - np.timedelta64(1, "D")
    anniversary = then.astype("M8[D]") + np.minimum(day - month.astype("M8[D]"), last)
    found[edge] = anniversary.astype(np.int32) + rng.integers(-1, 2, len(edge))
    return found


def case_rows(block: Block, first: int = 0, end: int | None = None) -> list[CaseRow]:
    """Cases of a block as tuples of plain Python values, as ``by_hand`` takes them."""
    end = len(block) if end is None else end
    low, high = int(block.offsets[first]), int(block.offsets[end])
    known = {d: _EPOCH + timedelta(d) for d in range(days(1980), days(2026))}
    perhaps = {1: True, 0: False, -1: None}

    def plain(name: str, columns: Columns, start: int, stop: int) -> list[Any]:
        values = columns[name][start:stop].tolist()
        match name:
            case "law date" | "date":
                return [known[v] for v in values]
            case "finding 872" | "consent given":
                return [perhaps[v] for v in values]
        words = {"request kind": KINDS, "agency kind": AGENCIES, "offence category": CATEGORIES, "grade": GRADES}
        return [words[name][v] for v in values] if name in words else values

    convictions = list(zip(*(plain(n, block.convictions, low, high) for n in CONVICTION_FIELDS), strict=True))
    starts = (block.offsets[first : end + 1] - low).tolist()
    lists = [tuple(convictions[a:b]) for a, b in pairwise(starts)]
    return list(zip(*(plain(n, block.cases, first, end) for n in ("law date", *CASE_FACTS)), lists, strict=True))


#: Facts of a case and fields of a conviction in the order of ``CaseRow`` and ``ConvictionRow``.
CASE_FACTS = (
    "request kind",
    "agency kind",
    "judicial warrant",
    "finding 872",
    "charge state prison felony",
    "on registry",
    "release date public",
    "consent given",
)
CONVICTION_FIELDS = (
    "date",
    "offence category",
    "grade",
    "wobbler",
    "serious violent",
    "state prison",
    "proposition 47 reduced",
)


def reference(block: Block) -> Any:
    """The reason codes of a block, by hand: uint8."""
    return np.array([CODES[by_hand(*row)] for row in case_rows(block)], np.uint8)
