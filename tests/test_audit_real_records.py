"""What real records gave: the audits of docs/audits.md are run again, and its tables held against what comes out."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("numpy")
pq = pytest.importorskip("pyarrow.parquet")

import comity
from comity.audit.counts.factnames import FactNames
from comity.audit.mappings import builtin_mappings
from comity.auditing import Assignment, Result, audit
from comity.auditing.reopening import compare, reopen
from comity.decide.casefile import CaseText

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of shared records does not stand beside the repository"),
]

TRAVIS = ("travis-county-ice-detainer-bookings.csv.gz", "travis-county-bookings")
POLICE, SHERIFF = "us/ca/los-angeles/lapd", "us/ca/los-angeles-county/sheriff"

#: What the page calls an audit -> records, mapping, agency, law date.
AUDITS = {
    "Travis": (*TRAVIS, "", ""),
    "police 2016": (*TRAVIS, POLICE, "2016-11-14"),
    "sheriff 2016": (*TRAVIS, SHERIFF, "2016-11-14"),
    "police 2018": (*TRAVIS, POLICE, "2018-06-01"),
    "sheriff 2018": (*TRAVIS, SHERIFF, "2018-06-01"),
    "Texas 2017-01-15": (*TRAVIS, "", "2017-01-15"),
    "Texas 2017-03-01": (*TRAVIS, "", "2017-03-01"),
    "Texas 2017-09-01": (*TRAVIS, "", "2017-09-01"),
    "Texas 2017-10-01": (*TRAVIS, "", "2017-10-01"),
    "Pennsylvania": ("pennsylvania-ice-detainers-fy08-fy15.parquet", "pennsylvania-detainers", "", ""),
    "St Cloud": ("minnesota-stcloud-declined-detainers-2026.csv", "federal-detainers", "", ""),
    "Pierce": ("pierce-county-jail-bookings-subset-2016-2018.csv.gz", "pierce-county-bookings", "", ""),
}

#: First cell of a row of the first table -> the audit.
GLANCE = {
    "Travis County, the law of each day": "Travis",
    "what if: Los Angeles police, 14 Nov 2016": "police 2016",
    "what if: Los Angeles sheriff, 14 Nov 2016": "sheriff 2016",
    "what if: Los Angeles police, 1 Jun 2018": "police 2018",
    "what if: Los Angeles sheriff, 1 Jun 2018": "sheriff 2018",
    "Pennsylvania, the law of each day": "Pennsylvania",
    "St Cloud, the law of each day": "St Cloud",
    "Pierce County, the law of each day": "Pierce",
}

HOLD, NOTICE, HAND_OVER = "hold_past_release", "notify_release", "transfer_custody"
LAYERS = ("constitution", "federal", "state", "local", "department")
CALIFORNIA = ("police 2016", "sheriff 2016", "police 2018", "sheriff 2018")

#: First cell of a row of answers -> audits and actions, all of which have that row.
ANSWERS: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "Travis County, Texas": {
        "hold past release": (("Travis",), (HOLD,)),
        "notify release": (("Travis",), (NOTICE,)),
        "transfer custody": (("Travis",), (HAND_OVER,)),
    },
    "The same bookings under California law": {
        "all four, hold past release": (CALIFORNIA, (HOLD,)),
        **{f"{one}, notify release and transfer custody": ((one,), (NOTICE, HAND_OVER)) for one in CALIFORNIA},
    },
    "Pennsylvania, federal detainers": {
        "hold past release": (("Pennsylvania",), (HOLD,)),
        "notify release": (("Pennsylvania",), (NOTICE,)),
        "transfer custody": (("Pennsylvania",), (HAND_OVER,)),
    },
    "St Cloud, Minnesota: the full federal layout": {
        "hold past release": (("St Cloud",), (HOLD,)),
        "notify release": (("St Cloud",), (NOTICE,)),
        "transfer custody": (("St Cloud",), (HAND_OVER,)),
    },
}

#: Columns of the tables of missing facts.
MISSING = {
    "The same bookings under California law": (
        ("police 2016", HOLD),
        ("police 2018", HOLD),
        ("police 2018", HAND_OVER),
    ),
    "Pennsylvania, federal detainers": (
        ("Pennsylvania", HOLD),
        ("Pennsylvania", NOTICE),
        ("Pennsylvania", HAND_OVER),
    ),
}
#: Heads of those tables.
LACKING = ("fact", "the library lacks", "the records lack")


@cache
def library() -> comity.Library:
    return comity.load(cache=False)


@cache
def section(heading: str) -> str:
    """The text of the page below one heading."""
    page = (ROOT / "docs" / "audits.md").read_text(encoding="utf-8")
    return page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(heading: str) -> list[list[str]]:
    """The cells of every table row below one heading."""
    lines = [line for line in section(heading).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


class Desk:
    """Runs each audit once, when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._done: dict[tuple[str, tuple[str, ...]], Result] = {}

    def result(self, name: str, added: tuple[str, ...] = ()) -> Result:
        """The audit of this name; ``added``: lines put below ``facts:`` of its mapping."""
        if (name, added) not in self._done:
            file, mapping, agency, at = AUDITS[name]
            if not (SHARED / file).exists():
                pytest.skip(f"the shared records '{file}' are not here")
            out = self.folder / f"audit-{len(self._done)}"
            if added:
                text = builtin_mappings()[mapping].read_text(encoding="utf-8")
                changed = text.replace("\nfacts:\n", "\nfacts:\n" + "".join(f"  {line}\n" for line in added), 1)
                assert changed != text
                mapping = f"{out}.yaml"
                Path(mapping).write_text(changed, encoding="utf-8")
            day = date.fromisoformat(at) if at else None
            told = Assignment(str(SHARED / file), out, mapping, agency=agency, law_date=day, report=False)
            self._done[name, added] = audit(told, library(), progress=lambda *_: None)
        return self._done[name, added]

    def decisions(self, name: str, action: str, told: str = "", added: tuple[str, ...] = ()) -> list[str]:
        """One column of the decisions, of the cases whose law is held."""
        column = f"{action}.{told}" if told else action
        table = pq.read_table(self.result(name, added).folder / "decisions.parquet", columns=["law held", column])
        both = zip(table["law held"].to_pylist(), table[column].to_pylist(), strict=True)
        return [value for held, value in both if held]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("audits"))


def counted(found: Counter[str]) -> str:
    """ "need a fact 12, may 10"."""
    return ", ".join(f"{word} {n:,}" for word, n in sorted(found.items(), key=lambda item: -item[1]))


def layers(told: Iterable[str]) -> list[str]:
    """The cells of the layers: the word alone where every case has it, – where none has one."""
    found: dict[str, Counter[str]] = {layer: Counter() for layer in LAYERS}
    cases = 0
    for text in told:
        cases += 1
        for part in filter(None, text.split("; ")):
            layer, _, outcome = part.partition(": ")
            found[layer][outcome] += 1
    shown = []
    for counts in found.values():
        whole = len(counts) == 1 and sum(counts.values()) == cases
        shown.append(next(iter(counts)) if whole else counted(counts) or "–")
    return shown


def test_at_a_glance(desk: Desk) -> None:
    table = {row[0]: row[1:8] for row in rows("At a glance")[1:]}
    assert set(table) == {*GLANCE}
    for label, name in GLANCE.items():
        result = desk.result(name)
        aside = sum(result.quality.set_aside.values())
        assert result.counts.rejected == aside, "no record is unreadable"
        severities = result.counts.by_severity()
        held_not = result.figures["standing"]["not_held"]
        numbers = [result.quality.rows, aside, result.counts.cases, held_not]
        numbers += [severities[word] for word in ("contrary", "counsel", "open")]
        assert table[label] == [f"{n:,}" for n in numbers], label


@pytest.mark.parametrize("heading", ANSWERS)
def test_answers(desk: Desk, heading: str) -> None:
    table = {row[0]: row[1:] for row in rows(heading)}
    for label, (names, actions) in ANSWERS[heading].items():
        for name in names:
            for action in actions:
                answer = counted(Counter(desk.decisions(name, action)))
                assert table[label] == [answer, *layers(desk.decisions(name, action, "layers"))], (label, name, action)


@pytest.mark.parametrize("heading", MISSING)
def test_missing_facts(desk: Desk, heading: str) -> None:
    columns = []
    for name, action in MISSING[heading]:
        told = desk.decisions(name, action, "missing")
        columns.append(Counter(fact for text in told for fact in filter(None, text.split("; "))))
    names = FactNames(library().law.vocabulary)
    codes = {names.words(code): code for column in columns for code in column}
    table = rows(heading)
    start = next(i for i, row in enumerate(table) if row[0] in LACKING)
    assert len(table) > start + 5
    lacking = ""
    for said, *cells in table[start:]:
        if said in LACKING:
            lacking = said
            continue
        code = codes[said]
        assert cells == [f"{column[code]:,}" for column in columns], said
        assert (lacking == "the library lacks") is names.is_gap(code), said


def test_texas_law_of_2017(desk: Desk) -> None:
    table = rows("The same bookings under Texas law of 2017")
    assert len(table) == 5
    for day, *cells in table[1:]:
        result = desk.result(f"Texas {day}")
        told = {action.id for action in result.actions}
        for action, cell in zip((HOLD, NOTICE, HAND_OVER, "inquire_status"), cells, strict=True):
            words = set(desk.decisions(f"Texas {day}", action)) if action in told else {"–"}
            assert words == {cell}, (day, action)


def test_what_the_records_of_travis_county_tell(desk: Desk) -> None:
    transfer = next(a for a in desk.result("Travis").figures["actions"] if a["id"] == HAND_OVER)
    assert {word: n for word, n in transfer["outcomes"].items() if n} == {"may": 297}
    assert transfer["contrary"]["told"] == 113
    assert "113 of the 297" in section("Travis County, Texas")


def test_why_records_of_pennsylvania_are_set_aside(desk: Desk) -> None:
    result = desk.result("Pennsylvania")
    federal, children = sorted(result.quality.set_aside.values(), reverse=True)
    assert (federal, children, result.quality.alike) == (15_410, 9, 11_455)
    for number in (federal, children, result.quality.alike):
        assert f"{number:,}" in section("Pennsylvania, federal detainers")


def test_hours_of_pierce_county(desk: Desk) -> None:
    """The two times of the file are what the page says, so no length of a hold is measured."""
    assert desk.result("Pierce").figures["holds"] is None
    with gzip.open(SHARED / AUDITS["Pierce"][0], "rt", encoding="utf-8") as lines:
        records = [{**row, "record": str(n)} for n, row in enumerate(csv.DictReader(lines), 1)]
    bookings: dict[str, list[dict[str, str]]] = {}
    for record in records:
        bookings.setdefault(record["booking_seq"], []).append(record)
    first = [lines[0] for lines in bookings.values()]

    def at(hour: str, column: str, told: str, of: list[dict[str, str]]) -> tuple[int, int]:
        time = "release_dt" if column == "final_release_disp" else "charge_release_dt"
        found = [r for r in of if r[column] == told]
        return sum(r[time][11:13] == hour for r in found), len(found)

    set_hours = [
        at("05", "final_release_disp", "Time Served", first),
        at("08", "final_release_disp", "Probation/Parole Officer", first),
        at("22", "release_disposition_desc", "Bail Bond", records),
    ]
    assert set_hours == [(641, 819), (1_534, 2_132), (468, 1_121)]

    def hours(later: str, earlier: str) -> float:
        return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 3600

    held = [lines for lines in bookings.values() if lines[0]["imm_hold"] == "1"]
    early = [hours(max(r["charge_release_dt"] for r in lines), lines[0]["release_dt"]) for lines in held]
    before, after = [h for h in early if h > 0], [h for h in early if h < 0]
    assert (len(held), len(before), min(before), max(before), len(after)) == (204, 110, 1, 11, 11)

    past: dict[str, float | None] = {}
    for lines in held:
        (hold,) = (r for r in lines if r["booking_charge_desc"] == "HOLD IMMIGRAT")
        others = [r["charge_release_dt"] for r in lines if r is not hold]
        if hold["release_disposition_desc"] == "Immigration":
            past[lines[0]["record"]] = hours(hold["charge_release_dt"], max(others)) if others else None
    known = [h for h in past.values() if h is not None]
    assert (len(past), sum(h > 0 for h in known), known.count(0), sum(h < 0 for h in known)) == (125, 37, 31, 55)
    long = {record: h for record, h in past.items() if h is not None and h > 48}
    assert (len(long), min(long.values()), max(long.values())) == (6, 69, 1_416)
    page = " ".join(section("Pierce County, Washington: two times, and no length of a hold").split())
    for text in (
        "641 of the 819",
        "1,534 of the 2,132",
        "468 of the 1,121",
        "110 of the 204",
        ", ".join(sorted(long, key=int)),
    ):
        assert text in page, text


def test_what_would_have_decided_them(desk: Desk) -> None:
    table = rows("What would have decided them")[1:]
    assert len(table) == 8
    for name, added, cell in table:
        lines = tuple(added.split("; "))
        assert counted(Counter(desk.decisions(name, HOLD, added=lines))) == cell, (name, added)
    forbids = ("local law forbids: no",)
    for action in (NOTICE, HAND_OVER):
        assert set(desk.decisions("Pennsylvania", action, added=forbids)) == {"may"}


@pytest.mark.parametrize(("name", "row", "case", "agree"), [
    ("Pennsylvania", 1, None, 17),
    ("police 2018", 1, None, 31),
    ("sheriff 2016", 1, None, 18),
    ("Travis", None, "9237", 14),
    ("St Cloud", None, "1", 17),
])  # fmt: skip
def test_cases_open_again_and_agree(desk: Desk, name: str, row: int | None, case: str | None, agree: int) -> None:
    records = None if row else str(SHARED / AUDITS[name][0])
    reopened = reopen(desk.result(name).folder, library(), row=row, case=case, records=records)
    assert isinstance(reopened.text, CaseText)
    same, differ = compare(reopened, library().decide(reopened.text))
    assert (same, differ) == (agree, ())
