"""The report as a page: one file that loads nothing, says what was found, and can be read by eye, ear and printer."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from comity.audit.judgement import Judgement
from comity.audit.quality import Quality
from comity.audit.report import drawing, report_html, write_report
from comity.audit.report.strips import Strip, strips
from comity.audit.report.words import and_list, part_of, share, window_words
from comity.audit.summary import Summary
from comity.audit.tables import NO_NUMBER, Column
from comity.problems import ComityError
from tests.test_audit_summary import GAPS, HOLD, JUDGEMENTS, LAPD, TRAVIS, Plain, bound, judged, law, moment, moments

pytest.importorskip("altair", reason="the report is drawn with Altair, of the extra 'audit'")
pytest.importorskip("vl_convert", reason="the report is drawn with vl-convert, of the extra 'audit'")

PRACTICE = "us/ca/los-angeles/detainer-practice#detainers"
ORDER = "us/ca/los-angeles/detainers-2014#NR14258an"
TRUST = "us/ca/trust-act-2013#§ 7282.5(b)"
TRUST_MAY = "us/ca/trust-act-2013#§ 7282.5(a)(1)"
REGULATION = "us/8-cfr-287-7#§ 287.7(d)"
NOTICE = "us/1357#§ 1357(g)(10)(B) [notify release]"
RUN = {
    "engine": "columns",
    "mapping": "jail.yaml",
    "command": "comity audit records.csv --map jail.yaml",
}


def _hold_on(day: date, chance: random.Random) -> Judgement:
    """A judgement such as a real audit would give: what is known grows less, what is forbidden more."""
    roll = chance.random()
    if day < date(2013, 1, 1):
        if roll < 0.72:
            return Judgement("may", "", (), (PRACTICE, REGULATION), (), ("may",))
        return Judgement("need a fact", "", (), (), ("detainer ground",), ("may", "must not"))
    if day < date(2014, 7, 7):
        if roll < 0.22:
            return Judgement("must not", "", (), (TRUST,), (), ("must not",))
        if roll < 0.31:
            return Judgement("may", "", (), (TRUST_MAY, REGULATION), (), ("may",))
        if roll < 0.36:
            return Judgement(
                "ask counsel", "judgement", (), (), ("power to hold without a mandate",), ("may", "must not")
            )
        missing = ("convictions: all of them?", "judge signed", "charges: grade")[: 1 + int(roll * 7) % 3]
        return Judgement("need a fact", "", (), (), missing, ("may", "must not"))
    if roll < 0.68:
        return Judgement("must not", "", (), (ORDER,) if roll < 0.5 else (ORDER, TRUST), (), ("must not",))
    return Judgement("need a fact", "", (), (), ("judge signed",), ("may", "must not"))


def invented(cases: int = 9_533, seed: int = 7) -> Summary:
    """Some years of invented bookings of one department, with hold times in a third of them."""
    chance = random.Random(seed)
    made: list[Plain] = []
    since, left = [], []
    zone = ZoneInfo("America/Los_Angeles")
    for _ in range(cases):
        day = date(2008, 1, 1) + timedelta(days=int(3260 * chance.random() ** 0.8))
        hold = _hold_on(day, chance)
        notify = Judgement("may", "", (), (NOTICE,), (), ("may",))
        held = chance.random() < (0.78 if day < date(2014, 1, 1) else 0.35 if day < date(2014, 7, 7) else 0.06)
        told = 0 if chance.random() < 0.18 else 1 if held else 2
        if chance.random() < 0.02:
            notify = Judgement("ask counsel", "readings", (), (), (), ("may", "must not"))
        made.append((LAPD, None if chance.random() < 0.01 else day, hold, notify, told, 0))
        start = datetime(day.year, day.month, day.day, chance.randrange(24), chance.randrange(60), tzinfo=zone)
        end = start + timedelta(hours=chance.gammavariate(2.2, 17), minutes=chance.randrange(60))
        timed = held and chance.random() < 0.7
        since.append(moment(start.isoformat()) if timed else NO_NUMBER)
        left.append(moment(end.isoformat()) if timed else NO_NUMBER)
    part = judged(made)
    table = replace(
        part.table,
        columns={
            "releasable since": moments(since),
            "judge signed": Column("yes/no", np.full(cases, 1, np.uint8)),
            "detainer ground": Column("one of", np.array([255 if n % 5 else 1 for n in range(cases)], np.uint8)),
        },
        carried={"released": moments(left)},
    )
    summary = Summary(
        law(), None, source="an invented jail export", synthetic=True, stacks={a: bound(a) for a in (LAPD, TRAVIS)}
    )
    summary.add(replace(part, table=table))
    summary.note(
        Quality(
            24_839,
            cases,
            {"a date that does not exist": 12, "no booking number": 3},
            {"no detainer line": 211},
            7,
            31,
            notes={"an offence no table knows": 412},
        ),
        noun="bookings",
    )
    return summary


def stretch(cases: list[Plain], *, told: bool = True, source: str = "records.csv") -> Summary:
    """A small audit of these cases."""
    stacks = {agency: bound(agency) for agency in (LAPD, TRAVIS)}
    summary = Summary(law(), None, source=source, synthetic=False, stacks=stacks)
    summary.add(judged(cases, told=told))
    return summary


def some(agency: str, first: date, count: int, every: int = 3) -> list[Plain]:
    """Cases on some days, with every sort of judgement."""
    days = (first + timedelta(days=every * n) for n in range(count))
    return [(agency, d, JUDGEMENTS[n % 12], JUDGEMENTS[n * 5 % 12], n % 3, n % 2) for n, d in enumerate(days)]


@cache
def whole() -> str:
    return report_html(invented().to_data(), **RUN)


#: Name -> the page of an audit that is unlike the others.
STRANGE: dict[str, Any] = {
    "no case at all": lambda: Summary(law(), None, source="", synthetic=False),
    "nothing recorded": lambda: stretch(some(LAPD, date(2013, 5, 1), 90), told=False),
    "no law date": lambda: stretch([(LAPD, None, JUDGEMENTS[5], JUDGEMENTS[3], 1, 1)] * 3),
    "one day": lambda: stretch([(LAPD, date(2016, 11, 14), j, JUDGEMENTS[3], 1, 2) for j in JUDGEMENTS]),
    "law not held": lambda: stretch(some(TRAVIS, date(1991, 1, 1), 60, every=140)),
    "two agencies": lambda: stretch([*some(LAPD, date(2014, 1, 1), 50), *some(TRAVIS, date(2016, 2, 1), 50)]),
    "only consistent": lambda: stretch([(LAPD, date(2015, 3, 1), JUDGEMENTS[0], JUDGEMENTS[3], 2, 1)] * 30),
    "gaps alone": lambda: stretch([(LAPD, date(2015, 3, 1), GAPS[0], JUDGEMENTS[3], 1, 1)] * 4),
    "gaps and facts": lambda: stretch([(LAPD, date(2015, 3, 1), j, GAPS[1], 1, 0) for j in (*GAPS, *JUDGEMENTS)]),
    "nothing commanded": lambda: stretch([(LAPD, date(2015, 3, 1), JUDGEMENTS[3], JUDGEMENTS[11], 1, 2)] * 9),
    "all open": lambda: stretch([(LAPD, date(2015, 3, 1), JUDGEMENTS[5], JUDGEMENTS[3], 1, 1)] * 5),
    "one contrary": lambda: stretch([(LAPD, date(2015, 3, 1), JUDGEMENTS[0], JUDGEMENTS[3], 1, 1)]),
}


class Read(HTMLParser):
    """Reads a page strictly: every element is closed in order, and what a test asks about is kept."""

    VOID = frozenset({"meta", "link", "img", "br", "hr", "input", "base", "source"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {k: v or "" for k, v in attrs}, tuple(self.open)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {k: v or "" for k, v in attrs}, tuple(self.open)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "svg"} & set(self.open):
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs, _ in self.found if name == tag]

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


@cache
def strange(name: str) -> str:
    return report_html(STRANGE[name]().to_data(), **RUN)


def pages() -> Iterator[str]:
    yield whole()
    yield from (strange(name) for name in STRANGE)


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_audit_gives_a_sound_page(name: str) -> None:
    read = Read(strange(name))
    check_structure(read)
    # "None of 30 cases" is a sentence, a bare None is a slip.
    assert not re.search(r"None(?! of )|nan\b|undefined|Traceback|\{\{|%\}|\[\]", read.words)


def test_the_page_is_sound() -> None:
    check_structure(Read(whole()))


def check_structure(read: Read) -> None:
    assert read.all("html")[0]["lang"] == "en"
    assert len(read.all("h1")) == len(read.all("title")) == 1
    ids = [attrs["id"] for _, attrs, _ in read.found if "id" in attrs]
    assert len(ids) == len(set(ids))
    labels = {attrs["aria-labelledby"] for _, attrs, _ in read.found if "aria-labelledby" in attrs}
    targets = {attrs["href"][1:] for attrs in read.all("a") if attrs["href"].startswith("#")}
    assert labels | targets <= set(ids)
    # Headings never jump a level.
    levels = [int(tag[1]) for tag, _, _ in read.found if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    # Every table has a caption and tells rows and columns.
    assert len(read.all("table")) == len(read.all("caption"))
    assert all(attrs.get("scope") in ("col", "row") for attrs in read.all("th"))
    check_charts(read)


def check_charts(read: Read) -> None:
    """Every chart is told in words, is drawn for two widths, and has a table in the same figure."""
    figure = -1
    charts: dict[int, list[dict[str, str]]] = {}
    tables: dict[int, int] = {}
    for tag, attrs, inside in read.found:
        figure += tag == "figure"
        if tag == "svg" and attrs.get("role") == "img":
            assert inside[-1] == "div"
            charts.setdefault(figure, []).append(attrs)
        if tag == "table" and "figure" in inside:
            tables[figure] = tables.get(figure, 0) + 1
    for place, drawings in charts.items():
        assert [d["class"] for d in drawings] == ["wide", "narrow"]
        assert all(len(d["aria-label"]) > 30 for d in drawings)
        assert drawings[0]["aria-label"] == drawings[1]["aria-label"]
        assert tables[place] >= 1
    # What is no chart is for the eye only.
    assert all(a.get("role") == "img" or a.get("aria-hidden") == "true" for a in read.all("svg"))


def test_nothing_is_loaded_from_anywhere() -> None:
    for text in pages():
        read = Read(text)
        assert not {tag for tag, _, _ in read.found} & {"script", "link", "img", "iframe", "object", "base", "form"}
        for tag, attrs, _ in read.found:
            for name, value in attrs.items():
                assert name != "src"
                assert not name.startswith("on")
                if name.endswith("href"):
                    assert value.startswith("#") or (tag == "a" and value.startswith("https://")), value
                elif name != "content":
                    assert "url(" not in value or re.fullmatch(r"(fill:)?url\(#[a-z-]+\)", value), value
        style = text[text.index("<style>") : text.index("</style>")]
        assert not re.search(r"url\(|@import|@font-face", style)
        assert "default-src 'none'" in text
        assert not re.search(r"https?://(?![\w./-]*\.(gov|org|com|us|net|edu)\b)", text)


def test_patterns_and_colours_that_charts_use_are_on_the_page() -> None:
    text = whole()
    ids = set(re.findall(r'id="([\w-]+)"', text))
    assert set(re.findall(r"url\(#([\w-]+)\)", text)) <= ids
    used = set(re.findall(r"var\((--[\w-]+)[,)]", text)) - {"--c", "--tint"}
    assert used <= set(re.findall(r"(--[\w-]+):", text[text.index("<style>") : text.index("</style>")]))


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_have_contrast_enough(theme: int) -> None:
    text = whole()
    blocks = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    colours = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", blocks[theme]))
    for words in ("ink", "muted", "link", "must-not", "form", "regulation"):
        for ground in ("paper", "card"):
            assert _contrast(colours[f"--{words}"], colours[f"--{ground}"]) >= 4.5, (words, ground)
    for ground in ("band", "band-2"):
        assert _contrast(colours["--ink"], colours[f"--{ground}"]) >= 4.5
    for shape in ("bar", "must", "may", "need-a-fact", "ask-counsel", "not-due", "law-not-held", "no-law-date"):
        assert _contrast(colours[f"--{shape}"], colours["--paper"]) >= 3, shape


def test_it_says_what_was_found_in_the_order_of_importance() -> None:
    data = invented().to_data()
    words = Read(whole()).words
    hold = next(a for a in data["actions"] if a["action"] == HOLD)
    decided = next(s["cases"] for s in hold["funnel"] if s["step"] == "decided")
    least, most = hold["contrary"]["at_least"], hold["contrary"]["at_most"]
    headline = (
        f"Of 9,533 bookings, {decided:,} could be decided for “hold past release”; {least} are contrary to the law of"
        f" the day, and {most - least:,} more may be"
    )
    place = 0
    for part in (
        headline,
        "What was asked",
        "an invented jail export",
        "Los Angeles Police Department",
        "Not legal advice",
        "hold past release",
        "could be decided; for",
        f"Done {least} times although the law said MUST NOT",
        "stands behind",
        "is missing in",
        "held longer than 48 hours as the form counts",
        f"Between {least} and {most:,} of",
        "What was read",
        "comity decide --from-audit DIR --row N",
        RUN["command"],
    ):
        assert part in words[place:], part
        place = words.index(part, place)
    assert law().sha256 in words


def test_gaps_of_the_library_are_told_apart_from_facts_that_the_records_lack() -> None:
    words = Read(strange("gaps alone")).words
    assert "All 4 open cases wait for local law that the library does not hold, and for no fact of the records" in words
    assert "4 wait only for local law that the library does not hold" in words
    assert "4 wait for local law not held" in strange("gaps alone")
    assert "whether the records fit the law cannot be told: the library does not hold the local law" in words
    assert "Facts that the records lack" not in words
    both = strange("gaps and facts")
    assert "in 3 of the 9 open cases the library does not hold the local law either" in Read(both).words
    # The chart has a head for each, in both its widths, and each has its table.
    assert both.count(">Facts that the records lack</text>") == 2
    assert both.count(">Local law that the library does not hold</text>") == 2
    table = both[both.index("<caption>Facts that the records lack, “hold") :].partition("</table>")[0]
    assert "Judge signed" in table
    assert "local law" not in table.lower()
    assert "<caption>Local law that the library does not hold, “hold" in both


def test_missing_facts_are_said_in_words() -> None:
    text = whole()
    charts = "".join(re.findall("<svg.*?</svg>", text, re.DOTALL))
    assert "all of them?" not in charts
    assert "whether the list of convictions is complete" in charts
    assert "grade, of a charge" in charts
    words = Read(text).words
    # The files keep their codes, and the table says which.
    assert "In the files: convictions: all of them?" in words
    assert words.count("all of them?") == 1
    assert "column empty in every case" in words
    assert "no column for it" in words
    assert "blank in" not in words


def test_what_was_done_is_asked_apart_from_what_the_law_says() -> None:
    open_ = strange("all open")
    assert open_.count(">Another question: what was done</text>") == 4
    figure = open_[open_.index('id="hold_past_release-funnel"') :].partition("</figure>")[0]
    assert "Law held, and the record tells what was done: 5".lower() in figure.lower()
    assert "Of these, decided" in figure
    silent = strange("nothing recorded")
    assert "Another question" not in silent
    assert "The records do not tell what was done, so no answer can be held against a record." in Read(silent).words
    assert "Record tells" not in silent


def test_headlines_say_why_nothing_is_contrary_or_known() -> None:
    words = Read(strange("nothing commanded")).words
    assert (
        "none of the 9 with a known record could be contrary, since the law neither commanded nor forbade it" in words
    )
    assert "No record could be contrary: the law neither commanded nor forbade it" in words
    assert "None of 9 decided records on “hold past release” could be contrary" in words
    words = Read(strange("all open")).words
    assert "whether the records fit the law cannot be told: the records do not tell enough" in words
    assert (
        "How many of 5 records on “hold past release” are contrary to the law is not known: the records do not" in words
    )
    assert "Between 0" not in words
    words = Read(strange("only consistent")).words
    assert "none of 30 with a known record is contrary to the law" in words


@pytest.mark.parametrize(("day", "instead", "said"), [
    (None, None, ""),
    (date(2016, 11, 14), None, "by the law as it was on 14 Nov 2016, and not by that of its own day."),
    (None, TRAVIS, "of Los Angeles Police Department, and not by that of Travis County Sheriff's Office, which"),
    (None, "", "by the law of Los Angeles Police Department, and not by that of its own agency."),
    (date(2016, 11, 14), TRAVIS, "which the mapping names, or by that of its own day. No figure here says"),
])  # fmt: skip
def test_a_what_if_says_so_on_top(day: date | None, instead: str | None, said: str) -> None:
    summary = Summary(law(), None, source="x", synthetic=False, what_if=day, instead_of=instead)
    summary.add(judged([(LAPD, day or date(2015, 3, 1), JUDGEMENTS[3], JUDGEMENTS[3], 1, 1)]))
    words = Read(report_html(summary.to_data(), **RUN)).words
    assert said in words
    assert ("A what-if." in words) is bool(said)


def test_likely_repetitions_are_told_once() -> None:
    assert Read(whole()).words.count("31 records equal an earlier one in everything that the mapping compares") == 1


def test_words_of_the_hold_curve_stand_where_no_curve_runs() -> None:
    figure = whole()[whole().index('<figure id="holds">') :].partition("</figure>")[0]
    drawings = re.findall("<svg.*?</svg>", figure, re.DOTALL)
    for drawn in drawings:
        assert ">48 hours<" in drawn
        assert len(re.findall(r">\d+\u00a0%<", drawn)) == 4
    assert ">as the form counts: " in drawings[0]
    assert re.search(r">the regulation: \d+ late<", drawings[1])


def test_invented_records_are_marked_and_others_are_not() -> None:
    assert Read(whole()).words.count("nvented records") >= 2
    assert "nvented records" not in Read(strange("one day")).words


def test_case_ids_of_the_records_are_never_shown() -> None:
    # Only the number of the record is: an id may be a booking number.
    assert not re.search(r"\bB-\d", whole())


def test_what_comes_from_the_records_is_escaped() -> None:
    evil = "<script>alert(1)</script>\"'&<b>"
    summary = stretch(some(LAPD, date(2014, 1, 1), 30), source=evil)
    summary.note(Quality(3, 2, {evil: 1}, notes={evil: 2}), noun=evil)
    data = summary.to_data()
    data["agencies"][0]["name"] = evil
    data["actions"][0]["rules"][0]["cite"] = evil
    data["actions"][0]["rules"][0]["official"] = "javascript:alert(1)"
    data["actions"][0]["missing"]["facts"][0]["fact"] = evil
    text = report_html(data, engine=evil, mapping=evil, command=evil)
    read = Read(text)
    assert not re.search("<script|<b>", text)
    assert read.all("script") + read.all("b") == []
    assert "javascript" not in " ".join(a["href"] for a in read.all("a"))
    assert evil in read.words


def test_same_figures_same_bytes_also_from_json() -> None:
    data = invented(400).to_data()
    text = report_html(data, **RUN)
    assert report_html(json.loads(json.dumps(data)), **RUN) == text
    assert report_html(invented(400).to_data(), **RUN) == text


def test_drawings_do_not_depend_on_the_letters_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    data = invented(400).to_data()
    text = report_html(data, **RUN)
    monkeypatch.setattr(drawing, "_FONT", "DejaVu Sans Mono")
    assert report_html(data, **RUN) == text


def test_a_new_process_gives_the_same_bytes() -> None:
    code = (
        "import hashlib; from tests.test_audit_report import RUN, STRANGE, report_html;"
        "print(hashlib.sha256(report_html(STRANGE['one day']().to_data(), **RUN).encode()).hexdigest())"
    )
    root = Path(__file__).parent.parent
    found = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
        done = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1


def test_the_page_is_small() -> None:
    assert len(whole().encode()) < 1_500_000


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    summary = STRANGE["one contrary"]()
    place = tmp_path / "report.html"
    write_report(summary, place, **RUN)
    assert place.read_text("utf-8") == report_html(summary.to_data(), **RUN)
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    with pytest.raises(ComityError) as caught:
        write_report(summary, tmp_path / "nowhere" / "report.html", **RUN)
    problem = caught.value.problems[0]
    assert (problem.code, problem.message) == ("CM771", "the report cannot be written: No such file or directory")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ComityError) as caught:
        report_html(STRANGE["one day"]().to_data(), **RUN)
    problem = caught.value.problems[0]
    assert problem.code == "CM770"
    assert "comity[audit]" in problem.help


def test_every_answer_has_a_strip_of_its_own_and_law_is_numbered() -> None:
    rows = [Strip("MAY", "may", (3, 0, 5)), Strip("NEED A FACT", "need a fact", (0, 1, 0))]
    drawn = strips(rows, ticks=[(0.0, "2014")], edges=[(0.0, "1"), (1.5, "2")], title="t")
    assert drawn.count("<svg") == 2
    assert drawn.count(">MAY<") == drawn.count(">law 1<") == drawn.count(">law 2<") == 2


def test_words() -> None:
    assert [share(1, 0), share(0, 9), share(1, 3), share(9, 9)] == ["–", "0\u00a0%", "33\u00a0%", "100\u00a0%"]
    assert [share(1, 10_000), share(9_999, 10_000)] == ["under 0.1\u00a0%", "over 99.9\u00a0%"]
    assert [part_of(1, 1, "case"), part_of(3, 3, "case"), part_of(1, 3, "case")] == [
        "the one case",
        "all 3 cases",
        "1 of the 3 cases",
    ]
    assert [and_list(""), and_list("a"), and_list("abc")] == ["", "a", "a, b and c"]
    assert window_words({"from": "2014-01-01", "until": "2014-07-07"}) == "1 Jan 2014 to 6 Jul 2014"
    assert window_words({"from": None, "until": "2014-07-07"}) == "until 6 Jul 2014"


# In a real browser


#: A browser reads commands from 3 and answers on 4, whatever numbers the pipes have here.
_WIRE = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for end, number in zip(ends, (3, 4)):
    os.dup2(end, number)
os.execvp(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """Chromium without a head, spoken to through a pipe; no port, no network."""

    def __init__(self, program: str, profile: Path) -> None:
        read_commands, self._commands = os.pipe()
        answers, write_answers = os.pipe()
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--remote-debugging-pipe",
        ]
        options.append(f"--user-data-dir={profile}")
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WIRE, str(read_commands), str(write_answers), program, *options],
            pass_fds=(read_commands, write_answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_commands)
        os.close(write_answers)
        self._answers = os.fdopen(answers, "rb")
        self._number = 0
        self._session = ""
        self.events: list[dict[str, Any]] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return dict(answer["result"])

    def _read(self) -> dict[str, Any]:
        text = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "the browser is gone"
            text += byte
        return dict(json.loads(text))

    def open(self, page: Path) -> None:
        self.send("Page.navigate", url=page.as_uri())
        while not any(e["method"] == "Page.loadEventFired" for e in self.events):
            self.events.append(self._read())

    def width_needed(self, width: int) -> int:
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        told = self.send("Runtime.evaluate", expression="document.documentElement.scrollWidth", returnByValue=True)
        return int(told["result"]["value"])

    def ask(self, expression: str) -> Any:
        return self.send("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def close(self) -> None:
        self.send("Browser.close")
        self._process.wait(20)
        os.close(self._commands)
        self._answers.close()


#: Stacked tables that have to be scrolled sideways.
SCROLLED = """
[...document.querySelectorAll('.scroll:has(.stacked)')].filter(s => s.scrollWidth > s.clientWidth + 1)
  .map(s => s.ariaLabel)
"""
#: Words of the curve of hold lengths that lie on each other, or reach out of the drawing.
OVERDRAWN = """
(() => {
  const svg = [...document.querySelectorAll('#holds .chart svg')].find(s => s.getBoundingClientRect().width);
  const all = svg.getBoundingClientRect();
  const words = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
  const curves = [...svg.querySelectorAll('path')]
    .filter(p => /stroke:var..-(form|regulation)/.test(p.getAttribute('style')))
    .map(p => p.getBoundingClientRect()).filter(b => b.width > all.width / 2);
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  if (curves.length != 2) return ['curves: ' + curves.length];
  return words.filter(([text, box], n) =>
    box.left < all.left - 1 || box.right > all.right + 1 || (curves.some(c => meet(c, box)) && !/^0 hours$/.test(text))
    || words.some(([, other], m) => m != n && meet(other, box))).map(([text]) => text);
})()
"""


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    program = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
    if program is None:
        pytest.skip("NO BROWSER: install chromium to see whether the report loads nothing and fits a telephone")
    made = Browser(program, folder / "profile")
    try:
        yield made
    finally:
        made.close()


@pytest.mark.slow
def test_in_a_browser_it_loads_nothing_and_fits_every_width(tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    place.write_text(whole(), "utf-8")
    with browser(tmp_path) as seen:
        seen.open(place)
        asked = [e["params"]["request"]["url"] for e in seen.events if e["method"] == "Network.requestWillBeSent"]
        assert asked == [place.as_uri()]
        assert [e["params"]["entry"]["text"] for e in seen.events if e["method"] == "Log.entryAdded"] == []
        # 320: a page of 1280 at 400 %.  Everything open, so that no hidden table can be too wide.
        seen.ask("document.querySelectorAll('details').forEach(d => d.open = true)")
        for width in (1366, 768, 360, 320):
            assert seen.width_needed(width) <= width
        assert seen.ask("getComputedStyle(document.querySelector('.chart .narrow')).display") == "block"
        # Wide tables are stacked, so that none has to be scrolled sideways.
        for width in (1280, 600, 500, 320):
            seen.width_needed(width)
            assert seen.ask(SCROLLED) == [], width
        # No words of the curve overdraw each other, a curve, or the edge.
        for width in (1280, 390):
            seen.width_needed(width)
            assert seen.ask(OVERDRAWN) == [], width
        assert seen.ask("getComputedStyle(document.querySelector('.chart .wide')).display") == "none"
        seen.ask("document.querySelectorAll('details').forEach(d => d.open = false)")
        seen.send("Emulation.setEmulatedMedia", media="print")
        assert seen.ask("document.querySelector('details table').getBoundingClientRect().height") > 50
        dark = [{"name": "prefers-color-scheme", "value": "dark"}]
        seen.send("Emulation.setEmulatedMedia", media="screen", features=dark)
        label = "[...document.querySelectorAll('.chart text')].find(t => t.textContent == 'Cases')"
        assert seen.ask(f"getComputedStyle({label}).fill") == "rgb(236, 232, 223)"
