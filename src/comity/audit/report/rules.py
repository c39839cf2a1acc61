"""Which rules stand behind the answers, and behind the records that do not fit."""

from __future__ import annotations

from typing import Any, Final

from comity.audit.report.bars import Bar, bars
from comity.audit.report.drawing import colour, hatch
from comity.audit.report.funnel import steps
from comity.audit.report.view import Figure, Table, cases, count, link, outcome, table
from comity.audit.report.where import decisions, findings
from comity.audit.report.words import bound, number, part_of, quoted

__all__ = ["rules"]

#: Bars of the chart; the table has them all.
_MOST: Final = 8

_SILENCE: Final = {
    "no power": "Silence: no rule of that day allows it",
    "open": "Silence: no rule of that day forbids it",
    "duty": "Silence: no rule of that day asks for it",
}


def rules(action: dict[str, Any]) -> Figure:
    """The figure."""
    id_ = f"{action['id']}-rules"
    found = action["rules"]
    if not found:
        return Figure(id_, "No case was decided, so no rule stands behind an answer")
    contrary = action["contrary"]["at_least"]
    rows = []
    for rule in [r for r in found if r["contrary"] or not contrary][:_MOST]:
        against = (rule["contrary"], hatch("must not")), (rule["told"], "var(--band)")
        decided = ((rule["cases"], colour(rule["outcome"])),)
        value = f"{number(rule['contrary'])} of {number(rule['told'])}" if contrary else number(rule["cases"])
        rows.append(Bar(_name(rule, action), against if contrary else decided, value, "", rule["outcome"]))
    first = found[0]
    if contrary:
        title = f"{_name(first, action)} stands behind {part_of(first['contrary'], contrary, 'contrary record')}"
        text = (
            "Hatched: records contrary to the rule. Pale: other records it decided. A case can rest on several rules."
        )
    else:
        title = f"{_name(first, action)} decides {part_of(first['cases'], steps(action)['decided'], 'decided case')}"
        text = "How many cases each rule decided. A case can rest on several rules."
    said = "; ".join(f"{row.label}: {row.value}" for row in rows)
    return Figure(id_, title, text, bars(rows, title=f"{title}. {said}."), _tables(action))


def _name(rule: dict[str, Any], action: dict[str, Any]) -> str:
    return bound(str(rule["cite"])) or _SILENCE[action["closure"]]


def _about(rule: dict[str, Any]) -> str:
    return " · ".join(text for text in (rule["title"], rule["checked"], rule["norm"]) if text)


def _tables(action: dict[str, Any]) -> tuple[Table, ...]:
    found = action["rules"]
    whole = table(
        f"Rules behind the answers, {quoted(action['action'])}",
        ("Rule", "Answer", "Cases decided", "By it alone", "Record known", "Contrary", "Cases decided"),
        [
            (
                link(_name(r, action), r["official"], under=_about(r), mark="broad"),
                outcome(r["outcome"]),
                *(count(r[key]) for key in ("cases", "alone", "told", "contrary")),
                cases(r["examples"], r["cases"]),
            )
            for r in found
        ],
        decisions(f"“{action['id']}.winning” holds the rule's id, the last words under its name"),
        stacked=True,
    )
    against = [r for r in found if r["contrary"]]
    if not against:
        return (whole,)
    contrary = table(
        f"Records contrary to each rule, {quoted(action['action'])}",
        ("Rule", "Contrary", "Cases"),
        [
            (link(_name(r, action), r["official"]), count(r["contrary"]), cases(r["contrary_examples"], r["contrary"]))
            for r in against
        ],
        findings("“severity” is contrary", f"“action” is {action['id']}", "“citations” holds the rule"),
    )
    return (contrary, whole)
