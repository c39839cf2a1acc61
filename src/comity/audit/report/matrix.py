"""What the law says against what the records say was done."""

from __future__ import annotations

from typing import Any, Final

from comity.audit.report.funnel import steps
from comity.audit.report.sentences import could_be_contrary, why_open
from comity.audit.report.view import Figure, cases, count, outcome, table, words
from comity.audit.report.where import decisions
from comity.audit.report.words import number, quoted

__all__ = ["matrix"]

_TOLD: Final = ("done", "not done", "not told")


def matrix(action: dict[str, Any]) -> Figure:
    """The figure; the table is the chart."""
    fields = {(cell["computed"], cell["recorded"]): cell for cell in action["matrix"]}
    total = sum(cell["cases"] for cell in action["matrix"])
    used = dict.fromkeys(cell["computed"] for cell in action["matrix"] if cell["cases"])
    rows = []
    for computed in used:
        row = [outcome(computed)]
        for told in _TOLD:
            cell = fields.get((computed, told), {"cases": 0, "verdict": ""})
            verdict = cell["verdict"] if cell["cases"] else ""
            row.append(count(cell["cases"], under=verdict, mark=verdict, tint=cell["cases"] / total))
        rows.append(row)
    shown = table(
        f"Rows: what the law says. Columns: what the records say was done, {quoted(action['action'])}",
        ("The law says", "Done", "Not done", "Not told"),
        rows,
    )
    listed = table(
        f"Cases behind each field, {quoted(action['action'])}",
        ("The law says", "The record says", "Number", "Verdict", "Cases"),
        [
            (outcome(cell["computed"]), words(cell["recorded"]), count(cell["cases"]), words(cell["verdict"] or "–"),
             cases(cell["examples"], cell["cases"]))
            for cell in action["matrix"]
            if cell["cases"]
        ],
        decisions(f"“{action['id']}” is the answer")
        + " Those that are contrary, or may be: findings.csv, where “recorded” and “computed” are the two words.",
        stacked=True,
    )  # fmt: skip
    text = (
        "Contrary: it was done although forbidden, or not done although commanded. Open: the law cannot be told without"
        " a fact or a person. Everything else is consistent; a MAY always is. Without a law"
        " that is held there is no verdict."
    )
    if not total:
        return Figure(f"{action['id']}-matrix", "No case was counted")
    if not action["contrary"]["told"]:
        return Figure(f"{action['id']}-matrix", "The records do not tell what was done", "", "", (listed,))
    return Figure(f"{action['id']}-matrix", _title(action), text, "", (listed,), shown)


def _title(action: dict[str, Any]) -> str:
    if not steps(action)["recorded"]:
        return f"What was done cannot be held against the law: {why_open(action)}"
    if not could_be_contrary(action):
        return "No record could be contrary: the law neither commanded nor forbade it"
    against = dict.fromkeys(_TOLD, 0)
    for cell in action["matrix"]:
        against[cell["recorded"]] += cell["cases"] if cell["verdict"] == "contrary" else 0
    parts = []
    if against["done"]:
        parts.append(f"done {_times(against['done'])} although the law said MUST NOT")
    if against["not done"]:
        parts.append(f"left {_times(against['not done'])} although the law said MUST")
    told = " and ".join(parts)
    return told[:1].upper() + told[1:] if told else "No record is plainly contrary to the law"


def _times(n: int) -> str:
    return "once" if n == 1 else f"{number(n)} times"
