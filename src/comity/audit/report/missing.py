"""Which unknown facts keep cases open, alone and together, and which column of the records is to blame."""

from __future__ import annotations

from typing import Any, Final

from comity.audit.report.bars import Bar, bars
from comity.audit.report.drawing import colour, hatch
from comity.audit.report.view import Figure, cases, count, table, words
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


def missing(action: dict[str, Any]) -> Figure:
    """The figure."""
    id_ = f"{action['id']}-missing"
    facts, waiting = action["missing"]["facts"], action["missing"]["open"]
    counsel = and_list(f"{number(n)} {_REASONS[reason]}" for reason, n in action["reasons"].items())
    counsel = f"For counsel are {counsel}." if counsel else ""
    if not facts:
        title = "What is open is not for want of a fact" if waiting else "No case waits for a fact"
        return Figure(id_, title, counsel)
    first = facts[0]
    ties = sum(fact["cases"] == first["cases"] for fact in facts) - 1
    who = f"{quoted(first['fact'])} and {counted(ties, 'other fact')} are" if ties else f"{quoted(first['fact'])} is"
    title = f"{who} missing in {part_of(first['cases'], waiting, 'open case')}"
    blame = "" if ties else _column(first)
    title += f"; {'it is ' if blame.startswith('blank') else ''}{blame}" if blame else ""
    rows = [
        Bar(
            fact["fact"],
            ((fact["alone"], colour("need a fact")), (fact["cases"], hatch("need a fact"))),
            number(fact["cases"]),
            _column(fact),
        )
        for fact in facts[:_MOST]
    ]
    listed = table(
        f"Missing facts, {quoted(action['action'])}",
        ("Fact", "Open cases", "It alone", "Freed with those above", "In the records", "Who knows", "Cases"),
        [
            (
                words(fact["fact"], under=fact["question"], mark="broad"),
                *(count(fact[key]) for key in ("cases", "alone", "with_above")),
                words(_column(fact) or "blank in no case", mark="days"),
                words(fact["who"] or "–"),
                cases(fact["examples"], fact["cases"]),
            )
            for fact in facts
        ],
        decisions(f"“{action['id']}.missing” holds the fact"),
    )
    text = (
        f"Solid: nothing else is missing. Hatched: other facts are missing too. {_together(facts, waiting)} {counsel}"
    )
    text = " ".join(part for part in text.split(" ") if part)
    said = "; ".join(f"{row.label}: {row.value}, {row.note}" for row in rows)
    return Figure(id_, title, text, bars(rows, title=f"{title}. {said}."), (listed,))


def _together(facts: list[dict[str, Any]], waiting: int) -> str:
    """How few facts would free most of the open cases."""
    for place, fact in enumerate(facts):
        if fact["with_above"] >= _ENOUGH * facts[-1]["with_above"] > 0:
            known = "that one" if place == 0 else f"the first {place + 1}"
            part = share(fact["with_above"], waiting)
            return f"If the records told {known}, {part} of the open cases would wait for nothing else."
    return ""


def _column(fact: dict[str, Any]) -> str:
    """Which column is to blame."""
    if fact["counsel"]:
        return "a person must judge it"
    if not fact["column"]:
        return "the records have no column for it"
    if fact["fact"] == "law date":
        return "the record names no day"
    if not fact["values"] or not fact["unknown"]:
        return ""
    inside = ": " in fact["fact"] and not fact["fact"].endswith("all of them?")
    one, many = ("row", "rows") if inside else ("case", "cases")
    if fact["unknown"] == fact["values"]:
        return f"blank in every {one}"
    return f"blank in {share(fact['unknown'], fact['values'])} of the {many}"
