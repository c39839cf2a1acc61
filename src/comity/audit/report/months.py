"""The answers over time, with the days on which the law of the action changed."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, Final

from comity.audit.report.strips import Mark, Strip, strips
from comity.audit.report.view import Figure, Table, count, few, table, words
from comity.audit.report.where import decisions
from comity.audit.report.words import OUTCOME_WORDS, and_list, counted, day_words, number, quoted, share, window_words

__all__ = ["months"]

#: Longer stretches are shown by year.
_MOST_MONTHS: Final = 180
#: A version with fewer cases is no ground to speak of a change.
_FEW: Final = 20
#: A change of an answer's share that is worth a headline.
_MUCH: Final = 0.1
_NOT_HELD: Final = "law not held"
_SHOWN_CASES: Final = 5


def months(action: dict[str, Any], data: dict[str, Any]) -> Figure:
    """The figure."""
    id_ = f"{action['id']}-months"
    rows = action["months"]
    if not rows:
        return Figure(id_, "No case has a law date, so there is no month to show")
    title, text = _finding(action, data)
    tables = (_by_month(action), _cases_by_month(action))
    versions = _versions(action, data)
    steps, unit, first = _in_steps(rows)
    if len(steps) < 2:
        return Figure(id_, title, f"All law dates lie in {day_words(rows[0]['month'])}. {text}", "", tables, versions)
    shown = []
    for word in (*action["outcomes"], _NOT_HELD):
        values = tuple(step.get(word, 0) for step in steps)
        if any(values):
            most = f"{number(sum(values))} in all, most in {_step_words(first + values.index(max(values)), unit)}"
            shown.append(Strip(OUTCOME_WORDS[word][0], word, values, f"{most}: {number(max(values))}"))
    edges = _edges(action, unit, first, len(steps))
    one_law = len({tuple(version["agencies"]) for version in action["versions"]}) == 1
    changed = one_law and len(edges) > 1
    if changed:
        text += " Dashed lines: the days on which the law of this action changed, numbered as in the table below."
    elif not one_law:
        text += " The law differs by agency; the table below tells when each changed."
    said = "; ".join(f"{strip.label}: {strip.note}" for strip in shown)
    alt = f"{title}. Number of answers by {unit} of the law date. {said}."
    svg = strips(shown, ticks=_ticks(len(steps), unit, first), edges=edges if changed else (), title=alt)
    return Figure(id_, title, text, svg, tables, versions)


def _in_steps(rows: list[dict[str, Any]]) -> tuple[list[dict[str, int]], str, int]:
    """Numbers for every month from the first to the last, or every year of a long stretch; unit and first step."""
    at = [int(row["month"][:4]) * 12 + int(row["month"][5:]) - 1 for row in rows]
    unit, size = ("month", 1) if max(at) - min(at) < _MOST_MONTHS else ("year", 12)
    first, last = min(at) // size, max(at) // size
    steps: list[dict[str, int]] = [{} for _ in range(last - first + 1)]
    for place, row in zip(at, rows, strict=True):
        step = steps[place // size - first]
        for word, n in (*row["outcomes"].items(), (_NOT_HELD, row["not_held"])):
            step[word] = step.get(word, 0) + n
    return steps, unit, first


def _step_words(step: int, unit: str) -> str:
    return str(step) if unit == "year" else day_words(f"{step // 12:04d}-{step % 12 + 1:02d}")


def _ticks(steps: int, unit: str, first: int) -> list[Mark]:
    if unit == "year":
        return [(float(n), str(first + n)) for n in range(steps)]
    if steps < 18:
        return [(float(n), _step_words(first + n, unit)) for n in range(steps)]
    return [(float(n), str((first + n) // 12)) for n in range(steps) if (first + n) % 12 == 0]


def _edges(action: dict[str, Any], unit: str, first: int, steps: int) -> list[Mark]:
    """Where the versions begin, with the number each has in the table."""
    found: dict[float, str] = {}
    for place, version in enumerate(action["versions"]):
        at = -1.0
        if version["from"]:
            day = date.fromisoformat(version["from"])
            at = (day.year * 12 + day.month - 1 + (day.day - 1) / 31) / (1 if unit == "month" else 12) - first
        # Of the versions that began before the first step only the last one reaches into the chart.
        if at < steps:
            found.setdefault(max(at, 0.0), "")
            found[max(at, 0.0)] = str(place + 1)
    return sorted(found.items())


def _finding(action: dict[str, Any], data: dict[str, Any]) -> tuple[str, str]:
    """The change of law that moved the answers most, or the commonest answer."""
    outcomes = action["outcomes"]
    total = sum(outcomes.values())
    if not total:
        return "The library holds the law of none of these days, so no answer is counted", ""
    top = max(outcomes, key=lambda word: outcomes[word])
    common = f"{OUTCOME_WORDS[top][0]} is the commonest answer, {share(outcomes[top], total)} of the cases"
    if outcomes[top] == total:
        return f"{OUTCOME_WORDS[top][0]} is the only answer", ""
    best, title = 0.0, ""
    known = [v for v in action["versions"] if sum(v["outcomes"].values()) >= _FEW]
    for before, after in pairwise(known):
        if before["agencies"] != after["agencies"]:
            continue
        was, now = sum(before["outcomes"].values()), sum(after["outcomes"].values())
        for word in outcomes:
            left, right = before["outcomes"][word], after["outcomes"][word]
            moved = right / now - left / was
            if abs(moved) > best:
                best = abs(moved)
                who = f" for {_names(after, data)}" if len(data["agencies"]) > 1 else ""
                title = (
                    f"{OUTCOME_WORDS[word][0]} {'rose' if moved > 0 else 'fell'} from {share(left, was)} to"
                    f" {share(right, now)} of the answers{who} when the law changed on {day_words(after['from'])}"
                )
    if best >= _MUCH:
        return title, f"{common}."
    return common, "No change of law moved the answers by a tenth." if len(known) > 1 else ""


def _by_month(action: dict[str, Any]) -> Table:
    used = [word for word, n in action["outcomes"].items() if n]
    outside = any(row["not_held"] for row in action["months"])
    numbered = any(row["version"] is not None for row in action["months"])
    head = ["Month", *(["Law"] if numbered else []), *(OUTCOME_WORDS[word][0] for word in used)]
    head += [OUTCOME_WORDS[_NOT_HELD][0]] if outside else []
    rows = [
        [
            words(day_words(row["month"]), mark="short"),
            *([words(str(row["version"] + 1), mark="number")] if numbered else []),
            *(count(row["outcomes"][word]) for word in used),
            *([count(row["not_held"])] if outside else []),
        ]
        for row in action["months"]
    ]
    return table(f"Answers by month, {quoted(action['action'])}", head, rows)


def _cases_by_month(action: dict[str, Any]) -> Table:
    """The first few cases of each month and answer."""
    totals: dict[tuple[str, str], int] = {}
    for row in action["months"]:
        for word, n in (*row["outcomes"].items(), (_NOT_HELD, row["not_held"])):
            totals[row["month"], word] = totals.get((row["month"], word), 0) + n
    shown = {(row["month"], row["computed"]): row["examples"][:_SHOWN_CASES] for row in action["month_examples"]}
    used = [word for word in (*action["outcomes"], _NOT_HELD) if any(key[1] == word for key in shown)]
    return table(
        f"Cases by month, {quoted(action['action'])}",
        ("Month", *(OUTCOME_WORDS[word][0] for word in used)),
        [
            [
                words(day_words(month), mark="short"),
                *(few(shown.get((month, word), ()), totals[month, word]) for word in used),
            ]
            for month in dict.fromkeys(row["month"] for row in action["months"])
        ],
        decisions("“law date” lies in the month", f"“{action['id']}” is the answer"),
    )


def _versions(action: dict[str, Any], data: dict[str, Any]) -> Table:
    several = len(data["agencies"]) > 1
    rows = []
    for place, version in enumerate(action["versions"]):
        rows.append(
            [
                words(str(place + 1), mark="short"),
                words(window_words(version), mark="days"),
                *([words(_names(version, data))] if several else []),
                words(_changes(version), mark="prose"),
                words(_answers(version), mark="prose"),
            ]
        )
    head = ("Law", "In force", *(("Agency",) if several else ()), "What changed", "Answers")
    return table(f"The versions of the law, {quoted(action['action'])}", head, rows, stacked=True)


def _names(version: dict[str, Any], data: dict[str, Any]) -> str:
    names = {agency["agency"]: agency["name"] for agency in data["agencies"]}
    who = [names.get(agency, agency) for agency in version["agencies"]]
    return and_list(who) if len(who) < 4 else f"{len(who)} agencies"


def _answers(version: dict[str, Any]) -> str:
    def told(outcomes: dict[str, int]) -> str:
        return ", ".join(f"{OUTCOME_WORDS[word][0]} {number(n)}" for word, n in outcomes.items() if n)

    held, outside = told(version["outcomes"]), told(version["not_held"])
    outside = f"not counted, since the law is not wholly held: {outside}" if outside else ""
    return " · ".join(part for part in (held, outside) if part) or "no case"


def _changes(version: dict[str, Any]) -> str:
    parts = []
    for verb, found in (("new", version["began"]), ("ended", version["ended"])):
        norms = [text for text in found if not text.startswith("“")]
        texts = norms[:4] + ([f"{len(norms) - 4} more"] if len(norms) > 4 else [])
        texts += [counted(len(found) - len(norms), "definition")] if len(found) > len(norms) else []
        if texts:
            parts.append(f"{verb}: {'; '.join(texts)}")
    return " · ".join(parts) or ("the first in these records" if version["until"] else "no change in these records")
