"""Mappings: every record ends in a case or is rejected with its reason, and nothing is guessed on the way."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

import comity
from comity.audit.chunks import Chunk, fact_chunks
from comity.audit.convert import convert
from comity.audit.facts_tables import FactFile, read_fact_tables
from comity.audit.guess import fitting_builtin, guess
from comity.audit.mapping import Mapping
from comity.audit.mappings import builtin_mappings, load_mapping, read_mapping
from comity.audit.mappings.facts import FactMapping
from comity.audit.quality import Quality, Rejected
from comity.audit.reading.days import read_stamp, zone
from comity.audit.reading.stretches import cases_at
from comity.audit.records import Records, TableRecords, open_records
from comity.audit.tables import NO_DAY, CaseTable, Column
from comity.case import FactValue, fill_offences
from comity.policy.facts import FactType
from comity.policy.library import Library
from comity.problems import ComityError, Problem, render_problem

SHARED = Path(__file__).parent.parent.parent / "shared" / "data"
HEAD = "case: record number\nlaw date: 2016-11-14\nagency: us/ca/los-angeles/lapd\n"
SEVERAL = "case: id\nrecords of a case: several\nlaw date: 2016-11-14\nagency: us/ca/los-angeles/lapd\n"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def library() -> Library:
    return comity.load(cache=False).law


def mapping(text: str, file: str = "map.yaml") -> Mapping:
    made = read_mapping(text, library().vocabulary, library(), file=file)
    assert isinstance(made, Mapping)
    return made


def table(**columns: list[Any]) -> Records:
    return TableRecords(pa.table(columns))


def chunks(text: str, records: Records, **how: Any) -> list[Chunk]:
    return list(convert(records, mapping(text), library(), **how))


class Read:
    """A whole conversion: its cases in plain Python, what was rejected, and the counts."""

    def __init__(self, made: list[Chunk]) -> None:
        self.cases = [case for chunk in made for case in plain(chunk.table)]
        self.rejected = [r for chunk in made for r in chunk.rejected]
        self.quality: Quality = made[-1].quality

    def fact(self, name: str) -> list[Any]:
        return [case["facts"].get(name) for case in self.cases]

    def told(self) -> list[tuple[int, str, str, str]]:
        return [(r.number, r.reason, r.column, r.value) for r in self.rejected]


def read(text: str, records: Records, **how: Any) -> Read:
    return Read(chunks(text, records, **how))


@cache
def types() -> dict[str, FactType]:
    vocabulary = library().vocabulary
    found = {name: word.type for name, word in vocabulary.case_facts().items()}
    for record, list_ in vocabulary.records().items():
        found |= {f"{list_}: {name}": word.type for name, word in vocabulary.fields(record).items()}
    return found | {"released": FactType("moment"), "facility": FactType("text"), "group": FactType("text")}


def value(column: Column, i: int, type_: FactType) -> FactValue:
    number = int(column.values[i])
    match column.kind:
        case "yes/no":
            return {0: False, 2: True}.get(number)
        case "one of":
            return None if number == 255 else type_.members[number]
        case "some of":
            return None if number == -1 else frozenset(m for k, m in enumerate(type_.members) if number >> k & 1)
        case "date":
            return None if number == NO_DAY else date(1970, 1, 1) + timedelta(days=number)
        case "moment":
            if number == -(2**63):
                return None
            assert column.offsets is not None
            east = timezone(timedelta(minutes=int(column.offsets[i])))
            return (EPOCH + timedelta(microseconds=number)).astimezone(east)
        case "text" | "offence":
            return None if number == -1 else column.words[number]
        case _:
            return None if number == -(2**63) else number


def known(columns: Any, i: int, prefix: str = "") -> dict[str, FactValue]:
    pairs = ((name, value(column, i, types()[prefix + name])) for name, column in columns.items())
    return {name: v for name, v in pairs if v is not None}


def plain(made: CaseTable) -> Iterator[dict[str, Any]]:
    for i in range(len(made)):
        lists = {}
        for name, one in made.lists.items():
            span = range(int(one.offsets[i]), int(one.offsets[i + 1]))
            lists[name] = ([known(one.columns, row, f"{name}: ") for row in span], bool(one.complete[i]))
        day = int(made.law_date[i])
        yield {
            "id": made.ids[i].as_py(),
            "number": int(made.numbers[i]),
            "agency": made.agencies[int(made.agency[i])],
            "law date": None if day == NO_DAY else date(1970, 1, 1) + timedelta(days=day),
            "facts": known(made.columns, i),
            "lists": lists,
            "recorded": {name: int(told[i]) for name, told in made.recorded.items()},
            "carried": known(made.carried, i),
        }


# The file


@pytest.mark.parametrize(
    ("text", "code", "line", "says"),
    [
        ("", "CM712", 1, "the mapping is empty"),
        ("- a", "CM712", 1, "not a set of keys"),
        ("a: [", "CM710", 2, "not a mapping in YAML"),
        ("a: &x 1\nb: *x", "CM710", 2, "uses an alias"),
        ("[" * 99, "CM710", 1, "nested far deeper"),
        ("law date: 2016-11-14\ncase: record number\nagancy: x", "CM711", 3, "no key called 'agancy'"),
        (HEAD + "case: id", "CM713", 4, "'case' is given twice"),
        ("case: id", "CM712", 1, "has no 'law date'"),
        (HEAD + "encoding: klingon", "CM712", 4, "no word for 'encoding'"),
        (HEAD + "header row: 0", "CM712", 4, "no row number"),
        (HEAD + "time zone: Mars/Olympus", "CM721", 4, "no time zone is called 'Mars/Olympus'"),
        (HEAD + "days: [m/d/y, d/m/y]", "CM713", 4, "read one day in two ways"),
        (HEAD + "facts:\n  judge sgned: yes", "CM714", 5, "no fact called 'judge sgned'"),
        (HEAD + "facts:\n  judge signed: maybe", "CM712", 5, "'maybe' is not yes/no"),
        (HEAD + "facts:\n  judge signed: yes\n  judge signed: no", "CM713", 6, "'judge signed' is given twice"),
        (HEAD + "facts:\n  judge signed: {colum: a}", "CM711", 5, "no key called 'colum'"),
        (HEAD + "facts:\n  judge signed: {column: a, fixed: yes}", "CM713", 5, "has column and fixed"),
        (HEAD + "facts:\n  request form: {column: a, values: {x: I-247Z}}", "CM714", 5, "'I-247Z' is not a word"),
        (HEAD + "facts:\n  request form: {column: a, values: {x: I-247, X: I-247A}}", "CM713", 5, "'X' is given twice"),
        (HEAD + "facts:\n  request form: {column: a, values: {'*': I-247}}", "CM712", 5, "would be every cell"),
        (HEAD + "facts:\n  request form: {column: a, fold: any}", "CM712", 5, "cannot be folded by 'any'"),
        (HEAD + "facts:\n  arrest date: 2016-02-30", "CM712", 5, "'2016-02-30' is not date"),
        (HEAD + "facts:\n  judge signed: {column: a, codes: ncic}", "CM712", 5, "has no codes"),
        (HEAD + "facts:\n  convictions: {column: a}", "CM714", 5, "no fact called 'convictions'"),
        (HEAD + "lists:\n  conviction: {}", "CM714", 5, "no list called 'conviction'"),
        (HEAD + "lists:\n  charges: {}", "CM712", 5, "has no 'fields'"),
        (HEAD + "lists:\n  charges: {fields: {offense: {column: a}}}", "CM714", 5, "no field of a charge"),
        (HEAD + "lists:\n  charges: {fields: {offence: burglary}}", "CM712", 5, "not the citation of one offence"),
        (HEAD + "lists:\n  charges: {fields: {offence: {column: a, codes: ca-doj}}}", "CM712", 5, "need their table"),
        (HEAD + "lists:\n  charges: {table: its own, fields: {date: {column: a}}}", "CM712", 5, "which column names"),
        (HEAD + "recorded:\n  transfer: {column: a, done: x}", "CM714", 5, "no action called 'transfer'"),
        (HEAD + "recorded:\n  transfer custody: {column: a}", "CM712", 5, "neither what is done"),
        (HEAD + "recorded:\n  transfer custody: {column: a, done: x, not done: X}", "CM713", 5, "both done and not"),
        (HEAD + "carried: {name: {column: a}}", "CM711", 4, "no key called 'name'"),
        (HEAD.replace("lapd", "lapdd"), "CM716", 3, "no agency is called"),
        ("case: record number\nlaw date: {column: d}\nagency: {values: {}}", "CM712", 3, "how an agency is found"),
        (SEVERAL.replace("case: id", "case: record number"), "CM712", 1, "needs a column with its id"),
        ("kind: facts\nfacts: {judge sgned: x}", "CM714", 2, "no fact called"),
    ],
)  # fmt: skip
def test_a_problem_of_the_mapping_is_told_with_its_line(text: str, code: str, line: int, says: str) -> None:
    with pytest.raises(ComityError) as caught:
        read_mapping(text, library().vocabulary, library(), file="map.yaml")
    found = caught.value.problems[0]
    assert found.span is not None
    assert (found.code, found.span.file, found.span.line) == (code, "map.yaml", line), found
    assert says in found.message
    assert not found.message.endswith(".")


def test_every_problem_is_told_at_once_in_the_order_of_the_lines() -> None:
    with pytest.raises(ComityError) as caught:
        mapping(HEAD + "facts:\n  judge sgned: yes\nlists: {charges: {}}\ntime zone: Mars/Olympus")
    assert [p.code for p in caught.value.problems] == ["CM714", "CM712", "CM721"]
    assert caught.value.problems[0].help == "did you mean 'judge signed'?"


_PIECES = (
    "column",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "\n",
    "  ",
    "yes",
    "*",
    "&a ",
    "'",
    '"',
    "#",
    "- ",
    "\0",
    "first of",
    "é",
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(builtin_mappings())), st.randoms(use_true_random=False))
def test_whatever_a_mapping_says_is_read_or_told(name: str, chance: random.Random) -> None:
    text = builtin_mappings()[name].read_text("utf-8")
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(_PIECES) + text[at + chance.choice((0, 1, 12)) :]
    told: tuple[Problem, ...] = ()
    try:
        read_mapping(text, library().vocabulary, library())
    except ComityError as error:
        told = error.problems
    assert all(p.code.startswith("CM7") and "\n" not in p.message for p in told)


def test_a_mapping_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ComityError) as caught:
        load_mapping("travis-county-booking", library())
    assert caught.value.problems[0].code == "CM719"
    assert caught.value.problems[0].help == "did you mean 'travis-county-bookings'?"
    (tmp_path / "x.yaml").write_bytes(b"case: \xff")
    with pytest.raises(ComityError):
        load_mapping(tmp_path / "x.yaml", library())


# Columns


def file_mapping(name: str | Path) -> Mapping:
    made = load_mapping(name, library())
    assert isinstance(made, Mapping)
    return made


def problem(text: str, records: Records, **how: Any) -> Problem:
    with pytest.raises(ComityError) as caught:
        chunks(text, records, **how)
    (found,) = caught.value.problems
    return found


def test_a_column_that_the_file_lacks_names_the_nearest() -> None:
    found = problem(HEAD + "facts: {judge signed: {column: judge_sign}}", table(judge_signed=["yes"], other=["1"]))
    assert (found.code, found.help) == ("CM705", "did you mean 'judge_signed'?")


def test_column_names_are_compared_by_letters_and_digits() -> None:
    records = table(**{"Judge Signed (Yes/No)": ["yes"]})
    assert read(HEAD + "facts: {judge signed: {column: judge_signed_yes_no}}", records).fact("judge signed") == [True]


def test_a_name_that_may_be_two_columns_is_told() -> None:
    both = table(**{"Judge Signed": ["yes"], "judge_signed": ["no"]})
    assert problem(HEAD + "facts: {judge signed: {column: judge signed}}", both).code == "CM706"
    assert read(HEAD + "facts: {judge signed: {column: judge_signed}}", both).fact("judge signed") == [False]


def test_a_name_that_stands_twice_in_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,a\nyes,no\n")
    records = open_records(tmp_path / "x.csv")
    found = problem(HEAD + "facts: {judge signed: {column: a}}", records)
    assert (found.code, "write 'a (1)' for the first" in found.help) == ("CM706", True)
    assert read(HEAD + "facts: {judge signed: {column: a (2)}}", records).fact("judge signed") == [False]


def test_the_first_name_that_is_there_is_meant_and_optional_columns_may_be_missing() -> None:
    text = HEAD + "also called: {old: [older, oldest]}\nfacts:\n  judge signed: {column: [new, old]}\n"
    assert read(text, table(oldest=["yes"])).fact("judge signed") == [True]
    text = HEAD + "facts:\n  judge signed: {column: new, optional: yes}\n  juvenile: {column: a}\n"
    assert read(text, table(a=["no"])).cases[0]["facts"] == {"juvenile": False}
    assert read(text, table(a=["no"])).quality.unknown == {"judge signed": 1, "juvenile": 0}


# Values


def test_the_words_a_cell_may_say() -> None:
    text = (
        HEAD
        + """
unknown: [NA, "--"]
facts:
  judge signed: {column: yes no}
  request form: {column: form, values: {"I247D - *": I-247D, 'F\\*': none}, otherwise: unknown, blank: I-247}
  request kinds: {column: kinds, split: ";", values: {ICE HOLD: [hold, transfer]}}
  arrest date: {column: day, days: [iso, m/d/y]}
"""
    )
    made = read(
        text,
        table(**{
            "yes no": ["YES", " n ", "1", "", "na", "(b)(6), (b)(7)(C)", "unknown"],
            "form": ["I-247A", "i247d -  Immigration", "F*", "F1", "", "--", "I-247a"],
            "kinds": ["hold; Transfer", "none", "ice hold", "", "hold", "NA", "notification"],
            "day": ["2016-03-04", "3/4/16", "03/04/2016 10:15 PM", "2016-03-04 10:15:00", "", "NA", "12/31/49"],
        }),
    )  # fmt: skip
    assert made.fact("judge signed") == [True, False, True, None, None, None, None]
    assert made.fact("request form") == ["I-247A", "I-247D", "none", None, "I-247", "I-247", "I-247A"]
    kinds = [{"hold", "transfer"}, set(), {"hold", "transfer"}, None, {"hold"}, None, {"notification"}]
    assert made.fact("request kinds") == kinds
    assert made.fact("arrest date") == [*[date(2016, 3, 4)] * 4, None, None, date(2049, 12, 31)]
    assert made.quality.unreadable == {"form": 1}
    assert made.rejected == []


def test_a_cell_that_cannot_be_read_rejects_its_record_with_the_reason() -> None:
    text = HEAD + "facts:\n  judge signed: {column: a}\n  arrest date: {column: b}\n  request form: {column: c}\n"
    made = read(
        text,
        table(
            a=["yes", "perhaps", "no", "no", "no", "no"],
            b=["2016-01-01", "2016-01-01", "2016-02-30", "1816-01-01", "1/2/16", "2016-01-01"],
            c=["I-247", "I-247", "I-247", "I-247", "I-247", "I-999"],
        ),
    )
    assert [case["number"] for case in made.cases] == [1]
    assert made.told() == [
        (2, "not yes or no", "a", "perhaps"),
        (3, "no such day", "b", "2016-02-30"),
        (4, "a day outside 1900 to 2100", "b", "1816-01-01"),
        (5, "not a day", "b", "1/2/16"),
        (6, "not a word of this fact", "c", "I-999"),
    ]
    assert (made.quality.rows, made.quality.cases, sum(made.quality.rejected.values())) == (6, 1, 5)


def test_what_the_mapping_makes_unknown_is_counted() -> None:
    text = HEAD + "facts: {judge signed: {column: a, otherwise: unknown}, juvenile: {column: a, otherwise: no}}"
    made = read(text, table(a=["yes", "perhaps", ""]))
    assert made.fact("judge signed") == [True, None, None]
    assert made.fact("juvenile") == [True, False, None]
    assert made.quality.unreadable == {"a": 1}
    assert made.quality.unknown == {"judge signed": 2, "juvenile": 1}
    assert made.quality.share_unknown("judge signed") == pytest.approx(2 / 3)
    assert made.quality.share_unknown("in custody") == 1.0


def test_boxes_of_which_exactly_one_may_be_ticked() -> None:
    text = (
        HEAD
        + """
facts:
  detainer ground:
    boxes: {final order: {column: a}, biometric match: {column: b}}
    none: none stated
  request kinds:
    boxes: {hold: {column: a}, transfer: {column: b}}
"""
    )
    made = read(text, table(a=["yes", "no", "yes", "no", "", "yes"], b=["no", "yes", "yes", "no", "no", ""]))
    assert made.fact("detainer ground") == ["final order", "biometric match", None, "none stated", None, None]
    assert made.fact("request kinds") == [{"hold"}, {"transfer"}, {"hold", "transfer"}, set(), None, None]
    assert sum(made.quality.notes.values()) == 1


def test_the_first_of_several_columns_and_any_of_them() -> None:
    text = (
        HEAD
        + """
facts:
  request form: {first of: [{column: a, otherwise: unknown}, {column: b}]}
  judge signed: {any of: [{column: c}, {column: d}]}
"""
    )
    made = read(
        text,
        table(a=["I-247", "x", "", "y"], b=["I-247A", "I-247A", "I-247D", ""],
              c=["yes", "no", "", "no"], d=["no", "no", "no", ""]),
    )  # fmt: skip
    assert made.fact("request form") == ["I-247", "I-247A", "I-247D", None]
    assert made.fact("judge signed") == [True, False, None, None]
    assert made.quality.unreadable == {"a": 1}  # only where nothing else said it


_words = {
    "judge signed": st.sampled_from([True, False, None]),
    "request form": st.sampled_from(["I-247A", "I-247", "none", None]),
    "request kinds": st.none() | st.frozensets(st.sampled_from(["hold", "transfer", "bail"])),
    "arrest date": st.none() | st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    "releasable since": st.none()
    | st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone(timedelta(hours=-7)))),
}


def _cell(told: FactValue) -> str:
    match told:
        case None:
            return ""
        case bool():
            return "yes" if told else "no"
        case frozenset():
            return ";".join(sorted(told)) or "none"
        case date():
            return told.isoformat()
        case _:
            return str(told)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries(_words), min_size=1, max_size=20), st.integers(1, 7))
def test_any_values_written_as_text_come_back(tmp_path: Path, cases: list[dict[str, Any]], rows: int) -> None:
    text = (
        HEAD + "facts:\n" + "".join(f"  {n}: {{column: {n}{', split: ;' * (n == 'request kinds')}}}\n" for n in _words)
    )
    text = text.replace("split: ;", 'split: ";"')
    lines = [",".join(_words), *(",".join(_cell(case[name]) for name in _words) for case in cases)]
    path = tmp_path / "x.csv"
    path.write_text("\n".join(lines) + "\n")
    made = read(text, open_records(path), chunk_rows=rows)
    assert made.rejected == []
    assert [c["facts"] for c in made.cases] == [{n: v for n, v in c.items() if v is not None} for c in cases]
    typed = pa.table({"judge signed": pa.array([c["judge signed"] for c in cases], pa.bool_()),
                      "arrest date": pa.array([c["arrest date"] for c in cases], pa.date32())})  # fmt: skip
    again = read(
        HEAD + "facts: {judge signed: {column: judge signed}, arrest date: {column: arrest date}}", TableRecords(typed)
    )
    assert again.fact("judge signed") == [c["judge signed"] for c in cases]
    assert again.fact("arrest date") == [c["arrest date"] for c in cases]


# Days and clocks


@pytest.mark.parametrize(
    ("text", "days", "local", "offset"),
    [
        ("2016-03-04", ("iso",), datetime(2016, 3, 4), None),
        ("2016-3-4 7:05", ("iso",), datetime(2016, 3, 4, 7, 5), None),
        ("2016-03-04T07:05:06.5Z", ("iso",), datetime(2016, 3, 4, 7, 5, 6, 500000), 0),
        ("2016-03-04T07:05-0830", ("iso",), datetime(2016, 3, 4, 7, 5), -510),
        ("3/4/16 12:05 AM", ("m/d/y",), datetime(2016, 3, 4, 0, 5), None),
        ("3/4/1950 12:05 p.m.", ("m/d/y",), datetime(1950, 3, 4, 12, 5), None),
        ("3/4/16", ("d/m/y",), datetime(2016, 4, 3), None),
        ("03-04-16", ("m-d-y",), datetime(2016, 3, 4), None),
        ("20160304", ("yyyymmdd",), datetime(2016, 3, 4), None),
        ("04-MAR-16", ("d-mon-y",), datetime(2016, 3, 4), None),
        ("4 March 2016", ("iso", "d-mon-y"), datetime(2016, 3, 4), None),
    ],
)
def test_ways_to_write_a_day(text: str, days: tuple[str, ...], local: datetime, offset: int | None) -> None:
    stamp = read_stamp(text, days)
    assert datetime(1970, 1, 1) + timedelta(microseconds=stamp.local) == local
    assert stamp.offset == offset


_NO_DAYS = (
    "2016-02-30", "13/1/2016", "2016-01-01 24:00", "1/2/16 13:00 PM", "01-XXX-16", "x", "", "²016-01-01",
    "2016-01-01T00:00+15:00", "0000-01-01", "99991231", "2016-01-01 00:00:60",
)  # fmt: skip


@pytest.mark.parametrize("text", _NO_DAYS)
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match=r"no|day"):
        read_stamp(text, ("iso", "m/d/y", "yyyymmdd", "d-mon-y"))


def test_the_clock_on_the_wall_of_the_agency() -> None:
    text = "case: record number\nlaw date: {column: t}\nagency: {column: a}\nfacts: {request received: {column: t}}\n"
    made = read(
        text,
        table(
            a=["us/ca/los-angeles/lapd", *["us/tx/travis-county/sheriff"] * 2, *["us/ca/cdcr"] * 4],
            t=["2016-11-14 03:07", "2016-07-14 03:07", "2016-11-14T03:07Z", "2016-11-06 01:30", "2016-03-13 02:30",
               "2016-11-06 01:30-08:00", "2016-01-01"],
        ),
    )  # fmt: skip
    assert [str(v) for v in made.fact("request received")] == [
        "2016-11-14 03:07:00-08:00",
        "2016-07-14 03:07:00-05:00",
        "2016-11-14 03:07:00+00:00",
        "None",  # the clock showed it twice
        "None",  # and never
        "2016-11-06 01:30:00-08:00",
    ]
    # The day is that of the agency's calendar: 03:07 in London is still the day before in Austin.
    assert [str(case["law date"]) for case in made.cases][2] == "2016-11-13"
    assert made.told() == [(7, "no clock time", "t", "2016-01-01")]
    assert sum(made.quality.notes.values()) == 2


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(2100, 12, 1)),
    st.sampled_from(["America/Chicago", "Australia/Lord_Howe"]),
)
@settings(deadline=None)
def test_the_zone_agrees_with_the_machine(moment: datetime, name: str) -> None:
    from zoneinfo import ZoneInfo

    there = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(name)).replace(microsecond=0)
    wall = np.array([(there.replace(tzinfo=None) - datetime(1970, 1, 1)) // timedelta(microseconds=1)])
    utc, east, shown = zone(name).moments(wall)
    offset = there.utcoffset()
    assert offset is not None
    if shown[0] == 1 and offset.seconds % 60 == 0:
        assert (EPOCH + timedelta(microseconds=int(utc[0])), int(east[0])) == (there, offset // timedelta(minutes=1))
    else:
        assert shown[0] != 0 or offset.seconds % 60  # a time the clock did show


# Several records of one case


def test_records_of_one_case_fold_into_one() -> None:
    text = (
        SEVERAL
        + """
facts:
  judge signed: {column: same}
  juvenile: {column: same, fold: first}
  in custody: {column: same, fold: any}
  releasable: {column: same, fold: all}
  request form: {column: form, where: {line: "2"}}
  arrest date: {column: day, fold: latest}
lists:
  charges:
    complete: yes
    except: {line: "2"}
    fields: {offence: {column: offence}, date: {column: day, where: {}}}
recorded:
  transfer custody: {column: end, where: {line: "2"}, done: ICE, not done: BOND}
carried:
  group: {column: end, fold: last}
""".replace(", where: {}", "")
    )
    made = read(
        text,
        table(
            id=["a", "a", "a", "b", "c"],
            line=["1", "2", "3", "1", "2"],
            same=["", "yes", "no", "no", "yes"],
            form=["I-247", "I-247A", "I-247D", "", "I-247D"],
            day=["2016-01-01", "2016-03-01", "2016-02-01", "", "2016-01-05"],
            offence=["PC 459", "", "VC 23152(a)", "", "PC 211"],
            end=["BOND", "ICE", "ICE", "ICE", "BOND"],
        ),
    )
    a, b, c = made.cases
    assert a["facts"] == {
        "juvenile": True, "in custody": True, "request form": "I-247A", "arrest date": date(2016, 3, 1),
        "releasable": False,
    }  # fmt: skip
    assert b["facts"] == {"judge signed": False, "juvenile": False, "in custody": False, "releasable": False}
    assert [row.get("offence") for row in a["lists"]["charges"][0]] == ["PC 459", "VC 23152(a)"]
    assert (b["lists"]["charges"], c["lists"]["charges"]) == (([{}], True), ([], True))
    assert [case["recorded"]["transfer custody"] for case in made.cases] == [1, 0, 2]
    assert [case["carried"]["group"] for case in made.cases] == ["ICE", "ICE", "BOND"]
    assert made.quality.disagreements == {"judge signed": 1}
    assert [(case["id"], case["number"]) for case in made.cases] == [("a", 1), ("b", 4), ("c", 5)]


_record = st.fixed_dictionaries({
    "id": st.sampled_from(["1", "2", "3", "10", "x"]),
    "yes": st.sampled_from(["yes", "no", "", "?"]),
    "day": st.sampled_from(["2016-01-01", "2016-02-01", "", "2016-02-30"]),
    "code": st.sampled_from(["1199", "5404", ""]),
})  # fmt: skip
_FOLDED = (
    SEVERAL
    + """
facts:
  judge signed: {column: yes}
  in custody: {column: yes, fold: any}
  arrest date: {column: day, fold: earliest}
lists:
  charges: {complete: yes, fields: {offence: {column: code, codes: ncic}, date: {column: day}}}
"""
)


def _by_hand(records: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The meaning of ``_FOLDED``, one record after the other."""
    cases = []
    for id_ in dict.fromkeys(r["id"] for r in records):
        every = [(i, r) for i, r in enumerate(records, 1) if r["id"] == id_]
        good = [r for _, r in every if r["yes"] != "?" and r["day"] != "2016-02-30"]
        if not good:
            continue
        told = {r["yes"] for r in good} - {""}
        facts: dict[str, Any] = {}
        if len(told) == 1:
            facts["judge signed"] = told == {"yes"}
        if "yes" in told or "" not in {r["yes"] for r in good}:
            facts["in custody"] = "yes" in told
        if days := sorted({r["day"] for r in good} - {""}):
            facts["arrest date"] = date.fromisoformat(days[0])
        rows = []
        for r in good:
            row: dict[str, Any] = {"offence": f"NCIC {r['code']}"} if r["code"] else {}
            rows.append(row | ({"date": date.fromisoformat(r["day"])} if r["day"] else {}))
        cases.append({"id": id_, "number": every[0][0], "facts": facts, "charges": (rows, len(good) == len(every))})
    return cases


@settings(max_examples=80, deadline=None)
@given(st.lists(_record, min_size=1, max_size=14), st.integers(1, 6), st.booleans(), st.booleans())
def test_folding_is_what_one_would_do_by_hand(
    records: list[dict[str, str]], rows: int, sort: bool, on_disk: bool
) -> None:
    if sort:
        records = sorted(records, key=lambda r: r["id"])
    if on_disk:
        pytest.importorskip("duckdb")
    columns = {name: [r[name] for r in records] for name in records[0]}
    made = read(_FOLDED, table(**columns), chunk_rows=rows, most_in_memory=0 if on_disk else 2**30)
    plainly = []
    for case in made.cases:
        charges = case["lists"]["charges"]
        kept = [{k: v for k, v in row.items() if k in ("offence", "date")} for row in charges[0]]
        plainly.append({k: case[k] for k in ("id", "number", "facts")} | {"charges": (kept, charges[1])})
    assert plainly == _by_hand(records)
    assert made.quality.rows == len(records)
    assert len(made.rejected) == sum(r["yes"] == "?" or r["day"] == "2016-02-30" for r in records)


def test_a_case_longer_than_a_stretch_stays_whole() -> None:
    ids = ["a"] * 40 + ["b"] * 3 + ["c"] * 30
    made = chunks(SEVERAL, table(id=ids, n=ids), chunk_rows=5)
    assert [len(chunk.table) for chunk in made] == [1, 1, 1]
    assert [case["id"] for chunk in made for case in plain(chunk.table)] == ["a", "b", "c"]


def test_a_lost_record_leaves_the_lists_beside_it_incomplete(tmp_path: Path) -> None:
    text = SEVERAL + "lists: {charges: {complete: yes, fields: {offence: {column: o}}}}"
    path = tmp_path / "x.csv"
    path.write_text("id,o\n1,PC 459\n2,PC 211\n2\n3,PC 187\n4,PC 459\n")
    made = read(text, open_records(path))
    assert [case["lists"]["charges"][1] for case in made.cases] == [True, False, False, True]
    path.write_text("id,o\n1,PC 459\n2,PC 211\n2\n3,PC 187\n1,PC 459\n")  # and no order: it may be any case's
    assert [case["lists"]["charges"][1] for case in read(text, open_records(path)).cases] == [False] * 3


def test_records_without_a_case_id_and_records_set_aside() -> None:
    text = SEVERAL + 'only: {hold: ["1", "y*"]}\nlists: {charges: {complete: yes, fields: {date: {column: day}}}}'
    made = read(
        text, table(id=["a", "", "b", "b"], hold=["1", "1", "yes", "0"], day=["", "", "2016-01-01", "2016-01-02"])
    )
    assert made.told() == [(2, "no case id", "id", ""), (4, "set aside: hold is not 1, y*", "hold", "")]
    assert [case["lists"]["charges"][1] for case in made.cases] == [True, True]  # what is set aside is not missing
    assert made.quality.set_aside == {"hold is not 1, y*": 1}


def test_two_columns_may_name_a_case_together() -> None:
    text = SEVERAL.replace("case: id", "case: [a, b]")
    made = read(text, table(a=["1", "1/2", "1", "1"], b=["2/3", "3", "2/3", ""]))
    assert len({case["id"] for case in made.cases}) == len(made.cases) == 3


# Duplicates

ONE = SEVERAL.replace("records of a case: several\n", "")


def test_a_case_id_used_again_is_rejected_or_kept() -> None:
    records = table(id=["b", "a", "b", "c", "c"], x=["1", "1", "1", "1", "1"])
    made = read(ONE, records)
    assert [case["id"] for case in made.cases] == ["b", "a", "c"]
    assert made.told() == [
        (3, "case id used by an earlier record", "id", ""),
        (5, "case id used by an earlier record", "id", ""),
    ]
    assert made.quality.duplicates == 2
    kept = read(ONE + "duplicates: keep\n", records)
    assert [case["number"] for case in kept.cases] == [1, 2, 3, 4, 5]
    assert (kept.rejected, sum(kept.quality.notes.values())) == ([], 2)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=40), st.integers(1, 9), st.booleans())
def test_only_the_first_record_of_an_id_is_kept(ids: list[int | None], rows: int, text: bool) -> None:
    column = pa.array(
        [None if i is None else str(i) for i in ids] if text else ids, pa.string() if text else pa.int64()
    )
    made = read(ONE, TableRecords(pa.table({"id": column, "x": ["1"] * len(ids)})), chunk_rows=rows)
    first = list(dict.fromkeys(str(i) if text else i for i in ids if i is not None))
    assert [case["id"] for case in made.cases] == first
    assert made.quality.duplicates == sum(i is not None for i in ids) - len(first)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_more_ids_than_are_remembered_are_sorted_instead(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    from comity.audit.reading import ordering

    monkeypatch.setattr(ordering, "_MOST_KEYS", 2)
    records = table(id=["b", "a", "", "b", "c", "c", "a"], x=["1"] * 7)
    made = read(ONE, records, chunk_rows=rows)
    assert [(case["id"], case["number"]) for case in made.cases] == [("b", 1), ("a", 2), ("c", 5)]
    assert sorted(r.number for r in made.rejected) == [3, 4, 6, 7]
    assert made.quality.duplicates == 3
    folded = read(SEVERAL + "lists: {charges: {fields: {offence: unknown}}}", records, chunk_rows=rows)
    assert [len(case["lists"]["charges"][0]) for case in folded.cases] == [2, 2, 2]


def test_likely_duplicates_are_counted_and_kept() -> None:
    records = table(who=["a", "a", "", "", "b", "a"], day=["1", "1", "1", "1", "1", "2"])
    made = read(HEAD + "likely duplicates: [who, day]", records)
    assert (made.quality.alike, len(made.cases)) == (1, 6)
    assert read(HEAD + "likely duplicates: all columns", records).quality.alike == 2
    assert read(HEAD, records).quality.alike is None
    lacking = read(HEAD + "likely duplicates: [who, night]", records)
    assert (lacking.quality.alike, len(lacking.quality.notes)) == (None, 1)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=40), st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_equal_records_are_counted_over_all_stretches(rows: list[tuple[int, int]], size: int) -> None:
    records = table(a=[str(a) for a, _ in rows], b=[str(b) for _, b in rows])
    assert read(HEAD + "likely duplicates: all columns", records, chunk_rows=size).quality.alike == len(rows) - len(
        set(rows)
    )


# Lists of their own


CHILD = (
    ONE + "lists: {convictions: {table: its own, case: who, complete: {column: all}, fields: {date: {column: day}}}}"
)


def test_a_list_in_a_table_of_its_own() -> None:
    convictions = table(
        who=["2", "1", "9", "2", "1"], day=["2001-01-01", "2002-01-01", "2003-01-01", "2004-01-01", "2001-13-01"]
    )
    made = read(CHILD, table(id=["1", "2", "3"], all=["yes", "yes", "yes"]), children={"convictions": convictions})
    days = [[row["date"].year for row in case["lists"]["convictions"][0]] for case in made.cases]
    assert days == [[2002], [2001, 2004], []]
    assert [case["lists"]["convictions"][1] for case in made.cases] == [False, True, True]
    assert [(r.number, r.reason, r.case, r.table) for r in made.rejected] == [
        (5, "no such day", "1", "convictions"),
        (3, "no case with this id was read", "9", "convictions"),
    ]
    assert problem(CHILD, table(id=["1"], all=["yes"])).code == "CM718"
    assert problem(ONE, table(id=["1"]), children={"charges": convictions}).code == "CM718"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 12), unique=True, min_size=1),
    st.lists(st.integers(0, 14), max_size=30),
    st.integers(1, 5),
    st.booleans(),
)
def test_rows_of_their_own_table_find_their_cases(
    cases: list[int], owners: list[int], rows: int, on_disk: bool
) -> None:
    if on_disk:
        pytest.importorskip("duckdb")
    day = date(2000, 1, 1)
    child = table(who=[str(o) for o in owners], day=[(day + timedelta(days=i)).isoformat() for i in range(len(owners))])
    # The ids are numbers in one file and text in the other.
    records = TableRecords(pa.table({"id": pa.array(cases, pa.int64()), "all": ["yes"] * len(cases)}))
    made = read(
        CHILD, records, children={"convictions": child}, chunk_rows=rows, most_in_memory=0 if on_disk else 2**30
    )
    found = {case["id"]: [(row["date"] - day).days for row in case["lists"]["convictions"][0]] for case in made.cases}
    assert found == {case: [i for i, o in enumerate(owners) if o == case] for case in cases}
    assert sorted(r.number for r in made.rejected) == [i for i, o in enumerate(owners, 1) if o not in cases]


# Offences

_CITED = ("PC 459", "PC 487(c)", "HSC 11378", "PC 273.5(a)", "PC 664/187", "182/211 PC", "TX PC 19.03", "8 USC 1326",
          "NCIC 2202", "category F", "PC 245(a)(1)", "VC 23152(a)", "NY PL 120.05")  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_CITED), st.none() | st.dates(date(1975, 1, 1), date(2026, 12, 31)),
                          st.sampled_from(["", "felony", "misdemeanor"])), min_size=1, max_size=12))  # fmt: skip
def test_offences_are_what_the_table_says_of_each_row(rows: list[tuple[str, date | None, str]]) -> None:
    text = (
        HEAD
        + "unknown offences: unknown\n"
        + "lists: {convictions: {fields: {offence: {column: o}, date: {column: d}, grade: {column: g}}}}"
    )
    records = table(
        o=[o for o, _, _ in rows], d=[d.isoformat() if d else "" for _, d, _ in rows], g=[g for _, _, g in rows]
    )
    for (cited, day, grade), case in zip(rows, read(text, records).cases, strict=True):
        row: dict[str, FactValue] = {"offence": cited, "date": day, "grade": grade or None}
        row = {name: v for name, v in row.items() if v is not None}
        try:
            (filled,) = fill_offences([row], "conviction", library().vocabulary)
        except ComityError:  # not yet law that day
            filled = {name: v for name, v in row.items() if name != "offence"}
        assert case["lists"]["convictions"][0] == [{n: v for n, v in filled.items() if v is not None}]


def test_what_the_record_says_itself_is_not_overwritten() -> None:
    text = HEAD + "lists: {charges: {fields: {offence: {column: o}, serious: {column: s}}}}"
    made = read(text, table(o=["PC 211", "PC 211"], s=["no", ""]))
    assert [case["lists"]["charges"][0][0]["serious"] for case in made.cases] == [False, True]


def test_an_offence_no_table_knows() -> None:
    text = HEAD + "lists: {charges: {fields: {offence: {column: o}, date: {column: d}}}}\n"
    records = table(o=["PC 459999", "burglary", "PC 459", "11378"], d=["2016-01-01"] * 4)
    made = read(text, records)
    assert made.told() == [
        (1, "an offence no table knows", "o", "PC 459999"),
        (2, "not the citation of one offence", "o", "burglary"),
        (4, "a citation that fits several offences", "o", "11378"),
    ]
    lenient = read(text + "unknown offences: unknown\n", records)
    assert [case["lists"]["charges"][0][0].get("offence") for case in lenient.cases] == [None, None, "PC 459", None]
    assert sum(lenient.quality.notes.values()) == 3
    assert lenient.quality.unknown["charges: offence"] == 3


def test_code_systems(tmp_path: Path) -> None:
    (tmp_path / "doj.csv").write_text(
        "cjis_code,statute,code_type,charge_type\n22001,459,PC,F\n35010,11378,HS,F\n9,1,ZZ,M\n"
    )
    rows = "".join(
        f"      - {{fields: {{offence: {{column: {c}, codes: {codes}}}}}}}\n"
        for c, codes in (("n", "ncic"), ("t", "texas"), ("k", "category"), ("l", "listed, values: {DWI: TX PC 49.04}"))
    )
    text = HEAD + "unknown offences: unknown\nlists:\n  charges:\n    rows:\n" + rows
    doj = "column: c, codes: ca-doj, code table: doj.csv"
    text += f"      - {{fields: {{offence: {{{doj}}}, grade: {{{doj}, otherwise: unknown}}}}}}\n"
    file = tmp_path / "map.yaml"
    file.write_text(text)
    records = table(n=["0902", "902", "35AA", "9"], t=["54040009", "9990001", "1199000A", "4200"],
                    k=["F", "ae", "(C)", "AZ"],
                    l=["dwi", "x", "", ""], c=["22001", "035010", "9", "77"])  # fmt: skip
    made = Read(list(convert(records, file_mapping(file), library())))
    found = [[(r.get("offence"), r.get("grade")) for r in case["lists"]["charges"][0]] for case in made.cases]
    assert [[o for o, _ in case] for case in found] == [
        ["NCIC 0902", "NCIC 5404", "category F", "TX PC 49.04", "PC 459"],
        ["NCIC 0902", "NCIC 0999", "category AE", None, "HSC 11378"],
        ["NCIC 35AA", "NCIC 0119", "category C", None],
        [None, None, None, None],
    ]
    assert found[0][-1] == ("PC 459", "felony")
    (tmp_path / "doj.csv").write_text("code,statute\n")
    from comity.audit.reading.offence_codes import _california

    _california.cache_clear()
    with pytest.raises(ComityError) as caught:
        list(convert(records, file_mapping(file), library()))
    assert caught.value.problems[0].code == "CM717"
    _california.cache_clear()


# Agencies


def test_agencies_by_values_places_and_names() -> None:
    text = "case: record number\nlaw date: 2016-11-14\nagency:\n"
    by_value = (
        text
        + "  column: a\n  values: {LAPD: us/ca/los-angeles/lapd, 'LASD *': us/ca/los-angeles-county/sheriff}\n"
        + "  set aside: {federal: [BOP]}\n"
    )
    made = read(by_value, table(a=["lapd", "LASD Lynwood", "BOP", "", "XX", "us/pa/berks-county:county jail"]))
    assert [case["agency"] for case in made.cases] == [
        "us/ca/los-angeles/lapd",
        "us/ca/los-angeles-county/sheriff",
        "us/pa/berks-county:county jail",
    ]
    assert made.told() == [
        (3, "set aside: federal", "a", "BOP"),
        (4, "no agency", "a", ""),
        (5, "no agency is known for this", "a", "XX"),
    ]
    by_place = text + "  place: {state: s, county: c, kind: sheriff}\n"
    found = read(by_place, table(s=["Texas", "CA", "Penn."], c=["Travis", "San Bernardino County", "Berks"]))
    assert [case["agency"] for case in found.cases] == [
        "us/tx/travis-county/sheriff",
        "us/ca/san-bernardino-county:sheriff",
    ]
    by_name = text + "  facility: {name: n, city: t, state: s}\n"
    names = {
        "MONTGOMERY CNTY JAIL, PA": "us/pa/montgomery-county:county jail",
        "LEHIGH COUNTY JAIL, PA": "us/pa/lehigh-county/prison",
        "PHILADELPHIA 25TH POLICE DIST.": "us/pa/philadelphia:police",
        "S.C.I. FOREST": "us/pa:state corrections",
        "ALLENWOOD (LOW) FCI": None,
        "BETHANY CHILDRENS' HOME": None,
    }
    found = read(by_name, table(n=list(names), t=["PHILADELPHIA"] * len(names), s=["PENNSYLVANIA"] * len(names)))
    assert [case["agency"] for case in found.cases] == [id_ for id_ in names.values() if id_]
    assert list(found.quality.set_aside) == ["a federal facility, of no state or local agency"]


def test_the_caller_may_say_the_agency_and_the_law_date() -> None:
    records = table(a=["lapd", "BOP"], b=["us/ca/cdcr", "lapd"])
    text = "case: record number\nlaw date: 2016-11-14\n"
    text += "agency: {column: a, values: {LAPD: us/ca/los-angeles/lapd}, set aside: {federal: BOP}}"
    made = read(text, records, agency="us/tx/travis-county/sheriff", law_date=date(2018, 1, 1))
    assert [(c["agency"], str(c["law date"])) for c in made.cases] == [
        ("us/tx/travis-county/sheriff", "2018-01-01")
    ] * 2
    assert [c["agency"] for c in read(text, records, agency_column="b").cases] == [
        "us/ca/cdcr",
        "us/ca/los-angeles/lapd",
    ]
    assert problem(text, records, agency="us/ca/nowhere").code == "CM716"
    assert problem(text, records, agency_column="c").code == "CM705"
    assert problem(text.split("agency")[0], records).code == "CM716"


def test_records_of_one_case_that_name_different_agencies() -> None:
    text = "case: id\nrecords of a case: several\nlaw date: 2016-11-14\nagency: {column: a}\n"
    records = table(id=["1", "1", "2", "2"], a=["us/ca/cdcr", "us/ca/chp", "us/ca/chp", ""])
    made = read(text, records)
    assert [case["agency"] for case in made.cases] == ["us/ca/chp"]
    assert [r.reason for r in made.rejected] == ["the records of one case name different agencies"] * 2
    first = read(text.replace("{column: a}", "{column: a, fold: first}"), records)
    assert [case["agency"] for case in first.cases] == ["us/ca/cdcr", "us/ca/chp"]


# Stretches, samples


def test_stretches_give_the_same_cases_whatever_their_size() -> None:
    records = table(id=[str(i // 3) for i in range(60)], x=["yes" if i % 2 else "no" for i in range(60)])
    text = (
        SEVERAL
        + "facts: {judge signed: {column: x, fold: last}}\nlists: {charges: {fields: {vacated: {column: x}}}}".replace(
            "vacated", "held to answer"
        )
    )
    whole = read(text, records).cases
    for rows in (1, 2, 7, 59, 60, 61):
        assert read(text, records, chunk_rows=rows).cases == whole


def test_a_sample_of_cases() -> None:
    records = table(id=[str(i) for i in range(20)], o=["PC 459"] * 20)
    text = ONE + "lists: {charges: {fields: {offence: {column: o}}}}"
    kept = chunks(text, records, keep=lambda t: t.numbers % 3 == 0, chunk_rows=7)
    assert [case["number"] for chunk in kept for case in plain(chunk.table)] == [3, 6, 9, 12, 15, 18]
    few = chunks(text, records, limit=9, chunk_rows=7)
    assert [len(chunk.table) for chunk in few] == [7, 2]
    table_ = chunks(text, records)[0].table
    assert [c["number"] for c in plain(cases_at(table_, np.array([5, 2])))] == [6, 3]


def test_a_file_without_records_gives_one_empty_table() -> None:
    (chunk,) = chunks(
        SEVERAL + "facts: {judge signed: {column: x}}",
        TableRecords(pa.table({"id": pa.array([], pa.string()), "x": pa.array([], pa.string())})),
    )
    assert (len(chunk.table), chunk.rejected, chunk.quality.rows) == (0, (), 0)
    assert json.dumps(chunk.quality.to_json())


# Fact tables


def _fact_files(folder: Path, cases: Any, convictions: Any, rows: int = 3) -> tuple[Path, Path]:
    main, child = folder / "cases.parquet", folder / "convictions.parquet"
    pq.write_table(cases, main, row_group_size=rows)
    pq.write_table(convictions, child, row_group_size=rows)
    return main, child


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_fact_tables_say_the_same_as_records(tmp_path: Path, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    step, text_ids = data.draw(st.sampled_from([1, 3])), data.draw(st.booleans())
    ids: list[Any] = [f"{i * step:04}" if text_ids else i * step for i in range(count)]
    owners = data.draw(st.lists(st.sampled_from(ids), max_size=20))
    if not data.draw(st.booleans()):
        owners = sorted(owners)
    order = data.draw(st.permutations(range(count))) if data.draw(st.booleans()) else list(range(count))

    def column(values: st.SearchStrategy[Any], number: int) -> list[Any]:
        return [data.draw(st.none() | values) for _ in range(number)]

    cases = pa.table({
        "case_id": ids,
        "judge_signed": pa.array(column(st.booleans(), count), pa.bool_()),
        "kind": pa.array(column(st.sampled_from(["hold", "notify"]), count), pa.string()).dictionary_encode(),
        "arrest_date": pa.array(column(st.dates(date(1990, 1, 1), date(2020, 1, 1)), count), pa.date32()),
        "all": pa.array([data.draw(st.booleans()) for _ in ids]),
    }).take(pa.array(order, pa.int64()))  # fmt: skip
    convictions = pa.table({
        "who": pa.array(owners, pa.string() if text_ids else pa.int64()),
        "date": pa.array(column(st.dates(date(1990, 1, 1), date(2020, 1, 1)), len(owners)), pa.date32()),
        "grade": pa.array(column(st.sampled_from(["felony", "misdemeanor"]), len(owners)), pa.string()),
        "serious": pa.array(column(st.booleans(), len(owners)), pa.bool_()),
    })  # fmt: skip
    main, child = _fact_files(tmp_path, cases, convictions, data.draw(st.integers(1, 5)))
    text = """
kind: facts
case: case_id
law date: 2016-11-14
agency: us/ca/los-angeles/lapd
facts:
  judge signed: judge_signed
  request kinds: {column: kind, values: {notify: notification}}
  arrest date: arrest_date
lists:
  convictions: {case: who, complete: {column: all}}
"""
    facts = read_mapping(text, library().vocabulary, library())
    assert isinstance(facts, FactMapping)
    made = Read(
        list(
            fact_chunks(facts.tables(main, {"convictions": child}, library(), chunk_rows=data.draw(st.integers(1, 9))))
        )
    )
    same = """
case: case_id
law date: 2016-11-14
agency: us/ca/los-angeles/lapd
facts:
  judge signed: {column: judge_signed}
  request kinds: {column: kind, values: {notify: notification}}
  arrest date: {column: arrest_date}
lists:
  convictions:
    table: its own
    case: who
    complete: {column: all}
    fields: {date: {column: date}, grade: {column: grade}, serious: {column: serious}}
"""
    other = read(same, open_records(main), children={"convictions": open_records(child)})
    key = ("id", "agency", "law date", "facts", "lists")
    assert [[case[k] for k in key] for case in made.cases] == sorted(
        [[case[k] for k in key] for case in other.cases], key=lambda c: c[0]
    )
    assert made.quality.unknown == {n: u for n, u in other.quality.unknown.items() if n in made.quality.unknown}


@pytest.mark.parametrize(
    ("cases", "convictions", "code", "says"),
    [
        ({"case_id": [1, 2, 2]}, {"case_id": [1]}, "CM723", "case id 2 stands twice"),
        ({"case_id": [1, 2, 3, 3, 4]}, {"case_id": [1]}, "CM723", "case id 3 stands twice"),
        ({"case_id": [1, None]}, {"case_id": [1]}, "CM723", "rows without a 'case_id'"),
        ({"case_id": [1, 3]}, {"case_id": [1, 2]}, "CM723", "belongs to case 2"),
        ({"case_id": [1, 3]}, {"case_id": [0]}, "CM723", "belongs to case 0"),
        ({"case_id": [1, 3]}, {"case_id": [4]}, "CM723", "belongs to case 4"),
        ({"id": [1]}, {"case_id": [1]}, "CM705", "no column called 'case_id'"),
        (
            {"case_id": [1], "judge signed": ["maybe"]},
            {"case_id": [1]},
            "CM723",
            "'maybe' in the column 'judge signed'",
        ),
        ({"case_id": [1], "arrest date": [3.5]}, {"case_id": [1]}, "CM723", "which is not date"),
        ({"case_id": [1]}, {"case_id": [1], "offence": ["burglary"]}, "CM723", "is not the citation of one offence"),
    ],
)
def test_fact_tables_that_cannot_be(tmp_path: Path, cases: Any, convictions: Any, code: str, says: str) -> None:
    main, child = _fact_files(tmp_path, pa.table(cases), pa.table(convictions))
    for threads in (True, False):
        with pytest.raises(ComityError) as caught:
            list(read_fact_tables(main, {"convictions": child}, library(), agency="us/ca/cdcr", threads=threads))
        assert caught.value.problems[0].code == code
        assert says in caught.value.problems[0].message


def test_fact_tables_with_agencies_moments_and_offences(tmp_path: Path) -> None:
    main, child = _fact_files(
        tmp_path,
        pa.table({
            "case_id": ["a", "b"], "where": ["LAPD", "Travis"],
            "request_received": pa.array([datetime(2016, 11, 14, 3, 7), None], pa.timestamp("us")),
            "day": [date(2016, 11, 14), None],
        }),
        pa.table({"case_id": ["b", "b"], "offence": ["PC 459", None], "date": [date(2010, 3, 2), None]}),
    )  # fmt: skip
    columns = {"where": "agency", "request_received": "request received", "day": "law date"}
    places = {"LAPD": "us/ca/los-angeles/lapd", "travis": "us/tx/travis-county/sheriff"}
    cases = FactFile(main, columns=columns, values={"where": places})
    made = Read(list(fact_chunks(read_fact_tables(cases, {"convictions": child}, library()))))
    assert [(c["agency"], str(c["law date"]), str(c["facts"].get("request received"))) for c in made.cases] == [
        ("us/ca/los-angeles/lapd", "2016-11-14", "2016-11-14 03:07:00-08:00"),
        ("us/tx/travis-county/sheriff", "None", "None"),
    ]
    first, second = made.cases[1]["lists"]["convictions"][0]
    assert (first["categories"], second) == (frozenset({"F"}), {})
    text = (
        "kind: facts\nlaw date: {column: day}\nagency: {column: where, values: {lapd: us/ca/cdcr, Travis: us/ca/chp}}"
    )
    by_name = read_mapping(text, library().vocabulary, library())
    assert isinstance(by_name, FactMapping)
    made = Read(list(fact_chunks(by_name.tables(main, {"convictions": child}, library()))))
    assert [case["agency"] for case in made.cases] == ["us/ca/cdcr", "us/ca/chp"]
    assert "request received" in made.cases[0]["facts"]  # a column that is called like its fact
    told = by_name.tables(main, {}, library(), agency="us/ca/ucpd", law_date=date(2020, 1, 1))
    assert [(c["agency"], str(c["law date"])) for t in told for c in plain(t)] == [("us/ca/ucpd", "2020-01-01")] * 2
    with pytest.raises(ComityError) as caught:
        list(read_fact_tables(FactFile(main, columns=columns), {}, library()))
    assert caught.value.problems[0].code == "CM716"
    with pytest.raises(ComityError) as caught:
        list(read_fact_tables(replace(cases, path=tmp_path / "none.parquet"), {}, library()))
    assert caught.value.problems[0].code == "CM701"


# Guessing, and the mappings that come with the package

NEVER = (
    "citizenship",
    "birth",
    "entry_status",
    "case_status",
    "nationality",
    "birth_country",
    "country_of_birth",
    "race",
    "gender",
)


@pytest.mark.parametrize("name", sorted(builtin_mappings()))
def test_built_in_mappings_can_be_read_and_read_nothing_about_status_or_origin(name: str) -> None:
    made = load_mapping(name, library())
    assert isinstance(made, Mapping)
    assert made.headers
    from comity.audit.mappings.binding import columns_of

    told = [
        made.law_date,
        *made.facts.values(),
        *made.carried.values(),
        *(row for one in made.lists for row in one.rows),
    ]
    for column in columns_of([*told, *made.only, made.agency]):
        assert not any(word in column for word in NEVER), column


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("date,lift_reason,det_facility,city,state,detainer_type", "pennsylvania-detainers"),
        ("Prepare Date,Detainer Lift Reason,Detainer Detention Facility,City,State,Detainer Type",
         "federal-detainers"),
        ("Detainer Prepare Date,Facility State,Detainer Facility,Facility City,MSC Charge,MSC Charge Code,"
         "MSC Conviction Date,"
         "Deportation Ordered Yes No,Order to Show Cause Served Yes No,Biometric Match Yes No,Statements Made Yes No,"
         "Detainer Lift Reason,Detainer Type,Anonymized Identifier", "federal-detainers"),
        ("detainer_prepare_date,facility_state,detention_facility,most_serious_conviction_charge,detainer_lift_reason,detainer_type",
         "federal-detainers"),
        ("Booking No,Charge", ""),
    ],
)  # fmt: skip
def test_a_header_that_is_known_gets_its_mapping(tmp_path: Path, header: str, name: str) -> None:
    (tmp_path / "x.csv").write_text(header + "\n")
    records = open_records(tmp_path / "x.csv")
    assert fitting_builtin(records, library()) == name
    text = guess(records, library())
    again = read_mapping(text, library().vocabulary, library())
    assert isinstance(again, Mapping)
    if name:
        assert f"built-in mapping '{name}'" in text
        list(convert(records, again, library()))


def test_the_wider_federal_layout_is_used_where_it_is_there(tmp_path: Path) -> None:
    names = ["Detainer Prepare Date", "Detention Facility", "Facility State", "Detainer Lift Reason", "Detainer Type",
             "Detainer Most Serious Pending Charge Code", "MSC Charge", "MSC Charge Code"]  # fmt: skip
    jail, reentry = ["HARRIS CO JAIL", "TEXAS"], "Illegal Re-Entry (INA SEC.101(a)(43)(O), 8USC1326 only)"
    rows = [["1/2/17", *jail, "", "I247D - Immigration Detainer - Request for Action", "1399", "", ""],
            ["1/3/17", *jail, "Detainer Declined by LEA", "", "", reentry, ""]]  # fmt: skip
    text = "\n".join("\t".join(row) for row in [names, *rows])
    (tmp_path / "x.txt").write_text(text)
    made = Read(list(convert(open_records(tmp_path / "x.txt"), file_mapping("federal-detainers"), library())))
    first, second = made.cases
    assert (first["agency"], str(first["law date"]), first["facts"]["request form"]) == (
        "us/tx/harris-county:sheriff",
        "2017-01-02",
        "I-247D",
    )
    assert first["lists"]["charges"] == ([{"offence": "NCIC 1399"}], False)
    assert second["lists"]["convictions"][0][0]["offence"] == "8 USC 1326"
    assert [case["recorded"]["transfer custody"] for case in made.cases] == [0, 2]


def test_a_first_version_for_an_unknown_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "Booking No,Inmate Name,Booked At,Released At,Facility,Charge,How It Ended,Judge Signed,Form,Citizenship,"
        "juvenil\n"
        "1,DOE JO,3/4/2016 10:00,3/5/2016 11:00,MAIN JAIL,PC 459,ICE,yes,I-247D,X,no\n"
        "1,DOE JO,3/4/2016 10:00,3/5/2016 11:00,MAIN JAIL,VC 23152(a),BOND,yes,I-247D,X,no\n"
        "2,ROE CY,3/4/2016 10:00,3/25/2016 11:00,MAIN JAIL,PC 211,BOND,no,I-247A,X,no\n"
    )
    records = open_records(tmp_path / "x.csv")
    text = guess(records, library())
    lines = text.splitlines()
    assert 'case: "Booking No"' in lines
    assert "records of a case: several" in lines
    assert "days: [m/d/y]" in lines
    assert '  judge signed: {column: "Judge Signed"}' in lines
    assert '      offence: {column: "Charge"}' in lines
    assert any(line.startswith('  # juvenile: {column: "juvenil"}') for line in lines)
    assert not any("Citizenship" in line or "Inmate" in line for line in lines if not line.startswith("# Not read"))
    assert "DOE" not in text
    made = Read(list(convert(records, mapping(text), library(), agency="us/ca/los-angeles/lapd")))
    assert [case["id"] for case in made.cases] == ["1", "2"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(max_size=12), min_size=1, max_size=5),
    st.lists(st.sampled_from(["", "1", "x", "2016-01-01", "PC 459", "a\nb", "yes"]), max_size=5),
)
def test_a_guess_is_always_a_mapping(names: list[str], cells: list[str]) -> None:
    from comity.audit.records import header_names

    header, _ = header_names(names)
    text = guess(TableRecords(pa.table({name: pa.array(cells, pa.string()) for name in header})), library())
    mapping(text)


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the shared data file {name} is not here")
    return path


def real(name: str, file: str) -> Read:
    made = load_mapping(name, library())
    assert isinstance(made, Mapping)
    return Read(list(convert(open_records(shared(file)), made, library())))


@pytest.mark.parametrize("ending", [".parquet", ".csv.gz"])
def test_travis_county(ending: str) -> None:
    made = real("travis-county-bookings", f"travis-county-ice-detainer-bookings{ending}")
    assert (made.quality.rows, made.quality.cases, made.rejected) == (24_839, 9_533, [])
    assert made.quality.list_rows == {"charges": 15_237, "convictions": 4_842}
    done = [case["recorded"]["transfer custody"] for case in made.cases]
    assert (done.count(1), done.count(2), done.count(0)) == (7_907, 572, 1_054)
    assert {case["agency"] for case in made.cases} == {"us/tx/travis-county/sheriff"}
    assert round(made.quality.share_unknown("charges: offence"), 3) == 0.247


@pytest.mark.parametrize("ending", [".parquet", ".csv.gz"])
def test_pennsylvania(ending: str) -> None:
    made = real("pennsylvania-detainers", f"pennsylvania-ice-detainers-fy08-fy15{ending}")
    assert (made.quality.rows, made.quality.cases) == (32_757, 17_338)
    assert made.quality.rejected == {}
    assert sorted(made.quality.set_aside.values()) == [9, 15_410]
    assert sum(case["agency"] == "us/pa/lehigh-county/prison" for case in made.cases) == 464
    assert made.quality.unknown["request form"] == 16_711


def test_pierce_county() -> None:
    made = real("pierce-county-bookings", "pierce-county-jail-bookings-subset-2016-2018.parquet")
    assert (made.quality.rows, made.quality.cases, sum(made.quality.set_aside.values())) == (11_675, 204, 10_984)
    # No column tells when somebody left.
    assert not any("released" in case["carried"] for case in made.cases)
    assert sum("releasable since" in case["facts"] for case in made.cases) == 197


def test_st_cloud() -> None:
    made = real("federal-detainers", "minnesota-stcloud-declined-detainers-2026.csv")
    assert (made.quality.rows, made.quality.cases, made.rejected) == (22, 22, [])
    assert {case["agency"] for case in made.cases} == {"us/mn:state corrections"}
    assert made.quality.list_rows["convictions"] == 19
    assert {case["recorded"]["transfer custody"] for case in made.cases} == {2}
    # Twelve forms tick several boxes; the first one stands for all.
    grounds = Counter(case["facts"]["detainer ground"] for case in made.cases)
    assert grounds == {"statements": 9, "biometric match": 8, "final order": 3, "pending proceedings": 2}
    assert not made.quality.unreadable
    assert not made.quality.notes


@pytest.mark.parametrize(("ticked", "ground"), [
    ({}, None),
    ({"statements_made_yes_no": "YES"}, "statements"),
    ({"statements_made_yes_no": "YES", "biometric_match_yes_no": "YES"}, "biometric match"),
    ({"order_show_cause_served_yes_no": "YES", "biometric_match_yes_no": ""}, "pending proceedings"),
    ({"deportation_ordered_yes_no": "YES", "order_show_cause_served_yes_no": "YES"}, "final order"),
])  # fmt: skip
def test_of_several_grounds_the_first_of_the_form_counts(ticked: dict[str, str], ground: str | None) -> None:
    boxes = dict.fromkeys(
        (
            "deportation_ordered_yes_no",
            "order_show_cause_served_yes_no",
            "biometric_match_yes_no",
            "statements_made_yes_no",
        ),
        "NO",
    )
    cells = {
        "detainer_prepare_date": "2026-02-02", "detention_facility": "MINN.C.F., ST CLOUD", "facility_state": "MN",
        "facility_city": "ST CLOUD", "detainer_lift_reason": "", "detainer_type": "I247A - Detainer",
        "most_serious_conviction_charge": "", **boxes, **ticked,
    }  # fmt: skip
    made = load_mapping("federal-detainers", library())
    assert isinstance(made, Mapping)
    (case,) = Read(list(convert(table(**{k: [v] for k, v in cells.items()}), made, library()))).cases
    assert case["facts"].get("detainer ground") == ground


def test_groups_are_found_whatever_the_ids_are() -> None:
    """Ids of every length keep apart, and the key of an id is the same in every batch."""
    from comity.audit.reading.ordering import keys_of

    ids = ["", "a", "b", "ab", "ba", "a" * 7, "a" * 8, "a" * 9, "é", *(f"{i}" for i in range(2000))]
    keys = keys_of(pa.array(ids))
    assert len(set(keys.tolist())) == len(ids)
    assert keys_of(pa.array(ids[5:9])).tolist() == keys[5:9].tolist()
    assert [k for k, _ in groupby(keys_of(pa.array(["x", "x", "y"])).tolist())] == keys_of(
        pa.array(["x", "y"])
    ).tolist()


def test_a_rejected_record_is_a_plain_value() -> None:
    assert Rejected(1, "no case id") == Rejected(1, "no case id", "", "", "", "")
    assert render_problem(problem(HEAD + "facts: {judge signed: {column: x}}", table(a=["1"]))).startswith(
        "error[CM705]"
    )


def test_the_mappings_of_the_documentation_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "mappings.md").read_text("utf-8")
    blocks = [block.split("```")[0] for block in page.split("```yaml\n")[1:]]
    assert len(blocks) >= 5
    for block in blocks:
        read_mapping(block, library().vocabulary, library())
    (tmp_path / "bookings.csv").write_text(page.split("```text\n")[1].split("```")[0])
    made = read(blocks[0], open_records(tmp_path / "bookings.csv"))
    first, second = made.cases
    (charge,) = first["lists"]["charges"][0]
    assert (charge["offence"], charge["grade"], first["lists"]["charges"][1]) == ("PC 459 2nd", "felony", True)
    assert [case["recorded"]["transfer custody"] for case in made.cases] == [1, 2]
    assert str(first["facts"]["releasable since"]) == "2016-03-05 09:30:00-08:00"
    assert str(first["carried"]["released"]) == "2016-03-05 14:00:00-08:00"
    assert str(second["law date"]) == "2016-03-05"
    assert made.told() == [(5, "no such day", "Booked", "13/5/2016 04:00")]
    keys = {
        line.split("`")[1]
        for line in page.split("## The keys")[1].split("## Where")[0].splitlines()
        if line[:3] == "| `"
    }
    from comity.audit.mappings.file import _TOP

    assert set(_TOP) - keys - {"about"} == set()
