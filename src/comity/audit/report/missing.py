"""Which facts that the records lack keep cases open, and, apart from them, which law that the library does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from comity.audit.report.bars import Bar, bars
from comity.audit.report.drawing import colour, hatch
from comity.audit.report.sentences import fact_said, gap_only, lead
from comity.audit.report.view import Cell, Figure, Table, cases, count, table, words
from comity.audit.report.where import decisions
from comity.audit.report.words import and_list, counted, number, part_of, quoted, share

__all__ = ["missing"]

#: Bars of the chart; the table has them all.
_MOST: Final = 8
#: Share of the open cases that the first facts should free.
_ENOUGH: Final = 0.9

_REASONS: Final = {
    "conflict": "because rules contradict each other",
    "readings": "because a text can be read two ways",
    "judgement": "because the law leaves a question to a person",
    "": "for a reason that is not told",
}
_GAP: Final = "a gap of the library, not of the records"


def missing(action: dict[str, Any]) -> Figure:
    """The figure."""
    id_ = f"{action['id']}-missing"
    found = action["missing"]
    facts, gaps, waiting = found["facts"], found["gaps"], found["open"]
    counsel = and_list(f"{number(n)} {_REASONS[reason]}" for reason, n in action["reasons"].items())
    counsel = f"For counsel are {counsel}." if counsel else ""
    if not facts and not gaps:
        title = "What is open is not for want of a fact" if waiting else "No case waits for a fact"
        return Figure(id_, title, counsel)
    title = _title(action)
    rows = [*_bars(facts[:_MOST], "need a fact", _column), *_bars(gaps, "law not held", lambda _: _GAP)]
    heads = {0: "Facts that the records lack", len(rows) - len(gaps): "Local law that the library does not hold"}
    if gaps:
        rows = [Bar(r.label, r.parts, r.value, r.note, r.sign, heads.get(n, "")) for n, r in enumerate(rows)]
    fills = "Solid: nothing else is missing. Hatched: something else is missing too." if facts else ""
    parts = [fills, _together(found), *_gap(action)]
    said = "; ".join(f"{row.label}: {row.value}, {row.note}" for row in rows)
    svg = bars(rows, title=f"{title}. {said}.")
    tables = tuple(t for t in (_facts(action), _gaps(action)) if t.rows)
    return Figure(id_, title, " ".join(part for part in (*parts, counsel) if part), svg, tables)


def _title(action: dict[str, Any]) -> str:
    found = action["missing"]
    facts, waiting = found["facts"], found["open"]
    held = part_of(found["gap_cases"], waiting, "open case")
    if not facts:
        wait = "waits" if found["gap_cases"] == 1 else "wait"
        return f"{lead(held)} {wait} for local law that the library does not hold, and for no fact of the records"
    first = facts[0]
    ties = sum(fact["cases"] == first["cases"] for fact in facts) - 1
    who = f"{fact_said(first)} and {counted(ties, 'other fact')} are" if ties else f"{fact_said(first)} is"
    title = f"{lead(who)} missing in {part_of(first['cases'], waiting, 'open case')}"
    title += f": {_column(first)}" if not ties and _column(first) else ""
    if found["gap_cases"]:
        same = found["gap_cases"] == first["cases"] == waiting
        title += f"; in {'all of them' if same else held} the library does not hold the local law either"
    return title


def _bars(rows: list[dict[str, Any]], name: str, note: Callable[[dict[str, Any]], str]) -> Iterator[Bar]:
    for row in rows:
        parts = ((row["alone"], colour(name)), (row["cases"], hatch(name)))
        yield Bar(row["words"], parts, number(row["cases"]), note(row))


def _facts(action: dict[str, Any]) -> Table:
    return table(
        f"Facts that the records lack, {quoted(action['action'])}",
        ("Fact", "Open cases", "It alone", "Freed with those above", "In the records", "Cases"),
        [
            (
                _name(fact),
                *(count(fact[key]) for key in ("cases", "alone", "with_above")),
                words(_column(fact) or "known in every case", mark="days"),
                cases(fact["examples"], fact["cases"]),
            )
            for fact in action["missing"]["facts"]
        ],
        _where(action),
        stacked=True,
    )


def _gaps(action: dict[str, Any]) -> Table:
    return table(
        f"Local law that the library does not hold, {quoted(action['action'])}",
        ("What is not held", "Open cases", "It alone", "Cases"),
        [
            (_name(gap), count(gap["cases"]), count(gap["alone"]), cases(gap["examples"], gap["cases"]))
            for gap in action["missing"]["gaps"]
        ],
        f"{_where(action)} Of which agencies it is not held: the table of agencies, under “What was read”.",
        stacked=True,
    )


def _where(action: dict[str, Any]) -> str:
    return decisions(f"“{action['id']}.missing” names it")


def _name(row: dict[str, Any]) -> Cell:
    """What is missing, how it is asked, who knows it, and what the files call it where that is something else."""
    who = f"Who knows: {row['who']}." if row["who"] else ""
    code = "" if row["words"] == row["fact"] else f"In the files: {row['fact']}"
    under = " ".join(part for part in (row["question"], who, code) if part)
    return words(lead(row["words"]), under=under, mark="broad")


def _gap(action: dict[str, Any]) -> Iterator[str]:
    """What a gap of the library is, and who can fill it."""
    found = action["missing"]
    if not found["gaps"]:
        return
    yield (
        "Grey: local law that the library does not hold. That is a gap of the library and not of the records, and no"
        " column could tell it; who knows the law of an agency can say it once for all, in the mapping."
    )
    only = gap_only(action)
    if only and found["facts"]:
        yield f"{counted(only, 'open case')} {'waits' if only == 1 else 'wait'} for nothing else."


def _together(found: dict[str, Any]) -> str:
    """How few facts would free most of the open cases."""
    facts = found["facts"]
    for place, fact in enumerate(facts):
        if fact["with_above"] >= _ENOUGH * facts[-1]["with_above"] > 0:
            known = "that one" if place == 0 else f"the first {place + 1}"
            part = share(fact["with_above"], found["open"])
            else_ = "no other fact of the records" if found["gaps"] else "nothing else"
            return f"If the records told {known}, {part} of the open cases would wait for {else_}."
    return ""


def _column(fact: dict[str, Any]) -> str:
    """What the records have of a fact."""
    if fact["counsel"]:
        return "a person must judge it"
    if fact["fact"] == "law date":
        return "the record names no day"
    if not fact["column"]:
        return "no list of it" if fact["of"] == "list" else "no column for it"
    if not fact["values"] or not fact["unknown"]:
        return ""
    every = fact["unknown"] == fact["values"]
    part = share(fact["unknown"], fact["values"])
    if fact["of"] == "list":
        return "said of no case" if every else f"not said in {part} of the cases"
    what = ("row of the list", "rows of the list") if fact["of"] == "row" else ("case", "cases")
    return f"column empty in every {what[0]}" if every else f"column empty or unclear in {part} of the {what[1]}"
