"""The figures of one action: funnel, months, matrix, rules and range; what is missing is in ``missing``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from comity.audit.counts.held import HELD, NO_DATE, NOT_HELD
from comity.audit.counts.missing import missing_figures
from comity.audit.counts.periods import NO_MONTH, month_words
from comity.audit.counts.tallies import LAW_NOT_HELD, NO_LAW_DATE, Tally
from comity.audit.counts.versions import Version, versions
from comity.audit.tables import Array
from comity.audit.verdicts import DECIDED, RECORDED, may_be_contrary, verdict
from comity.calendar import Window
from comity.policy.facts import Action
from comity.policy.outcome import ASK_COUNSEL, OUTCOMES

if TYPE_CHECKING:
    from comity.audit.summary import Summary

__all__ = ["action_figures"]


def action_figures(summary: Summary, action: Action, tally: Tally) -> dict[str, Any]:
    """Everything the report says of one action."""
    counts = tally.counts[: len(tally.judgements)].reshape(-1, 3, 3)
    ends = tally.ends.reshape(-1, len(OUTCOMES), 3)
    standing = np.array([row[2] for row in summary.periods.rows[: len(ends)]], np.intp)
    held = ends[standing == HELD].sum(axis=0)
    contrary = _contrary(tally, counts)
    matrix = list(_matrix(tally, held, counts))
    return {
        "action": action.name,
        "id": action.id,
        "meaning": action.meaning,
        "closure": action.closure,
        "outcomes": _outcomes(held.sum(axis=1)),
        "reasons": _reasons(tally, counts),
        "funnel": _funnel(summary, held, counts, contrary),
        "contrary": contrary,
        "matrix": matrix,
        "rules": _rules(summary, tally, counts),
        "missing": missing_figures(summary, tally, counts),
        **_in_time(summary, action.name, ends),
        "month_examples": list(_month_examples(summary, tally)),
        "agencies": _agencies(summary, ends),
    }


def _outcomes(row: Array) -> dict[str, int]:
    return {outcome: int(n) for outcome, n in zip(OUTCOMES, row, strict=True)}


def _reasons(tally: Tally, counts: Array) -> dict[str, int]:
    """Why cases are *ask counsel*."""
    found: Counter[str] = Counter()
    for judgement, made in zip(tally.judgements, counts, strict=True):
        if judgement.outcome == ASK_COUNSEL:
            found[judgement.reason] += int(made[HELD].sum())
    return {reason: n for reason, n in sorted(found.items()) if n}


def _contrary(tally: Tally, counts: Array) -> dict[str, Any]:
    """How many cases are contrary to law at least, and at most if every open fact turned out that way."""
    least = maybe = told = 0
    for judgement, made in zip(tally.judgements, counts, strict=True):
        for recorded in range(1, 3):
            n = int(made[HELD, recorded])
            told += n
            least += n if verdict(judgement.outcome, recorded) == "contrary" else 0
            maybe += n if may_be_contrary(judgement, recorded) else 0
    return {
        "told": told,
        "at_least": least,
        "at_most": least + maybe,
        "examples": tally.of_cell(("contrary",)),
        "open_examples": tally.of_cell(("may be contrary",)),
    }


def _funnel(summary: Summary, held: Array, counts: Array, contrary: dict[str, Any]) -> list[dict[str, Any]]:
    by_standing = counts.sum(axis=(0, 2))
    decided = held[[OUTCOMES.index(o) for o in DECIDED]]
    told = int(decided[:, 1:].sum())
    steps = [
        ("records", summary.records),
        ("cases", summary.cases),
        ("law date", int(by_standing[HELD] + by_standing[NOT_HELD])),
        ("law held", int(by_standing[HELD])),
        ("decided", int(decided.sum())),
        ("recorded", told),
        ("consistent", told - contrary["at_least"]),
        ("contrary", contrary["at_least"]),
    ]
    return [{"step": step, "cases": n} for step, n in steps if step != "records" or n]


def _matrix(tally: Tally, held: Array, counts: Array) -> Iterator[dict[str, Any]]:
    """Computed against recorded; law that is not held and cases without a law date are rows of their own."""
    rows = [(outcome, held[place]) for place, outcome in enumerate(OUTCOMES)]
    rows += [(LAW_NOT_HELD, counts[:, NOT_HELD].sum(axis=0)), (NO_LAW_DATE, counts[:, NO_DATE].sum(axis=0))]
    for computed, cells in rows:
        for recorded, n in enumerate(cells):
            if computed in OUTCOMES or n:
                yield {
                    "computed": computed,
                    "recorded": RECORDED[recorded],
                    "cases": int(n),
                    "verdict": verdict(computed, recorded) if computed in OUTCOMES else "",
                    "examples": tally.of_cell(("matrix", computed, str(recorded))),
                }


def _rules(summary: Summary, tally: Tally, counts: Array) -> list[dict[str, Any]]:
    """The norms that decided cases; "" stands for the silence of the law."""
    cases: Counter[tuple[str, str]] = Counter()
    alone: Counter[tuple[str, str]] = Counter()
    told: Counter[tuple[str, str]] = Counter()
    against: Counter[tuple[str, str]] = Counter()
    for judgement, made in zip(tally.judgements, counts, strict=True):
        if judgement.outcome not in DECIDED:
            continue
        winning = judgement.winning or ("",)
        for key in ((norm, judgement.outcome) for norm in winning):
            cases[key] += int(made[HELD].sum())
            alone[key] += int(made[HELD].sum()) if len(winning) == 1 else 0
            told[key] += int(made[HELD, 1:].sum())
            for recorded in range(1, 3):
                if verdict(judgement.outcome, recorded) == "contrary":
                    against[key] += int(made[HELD, recorded])
    norms = {n.id: n for n in summary.law.norms}
    instruments = summary.law.instrument_table()
    found = []
    for key in sorted((k for k in cases if cases[k]), key=lambda k: (-against[k], -cases[k], k)):
        id_, outcome = key
        rule = norms.get(id_)
        instrument = None if rule is None else instruments.get(rule.instrument)
        found.append(
            {
                "norm": id_,
                "cite": id_ if rule is None else rule.cite,
                "title": "" if instrument is None else instrument.title,
                "official": "" if instrument is None else instrument.official,
                "checked": "" if rule is None else rule.checked or (instrument.checked if instrument else ""),
                "outcome": outcome,
                "cases": cases[key],
                "alone": alone[key],
                "told": told[key],
                "contrary": against[key],
                "examples": tally.of_cell(("rule", id_, outcome)),
                "contrary_examples": tally.of_cell(("contrary", id_, outcome)),
            }
        )
    return found


def _in_time(summary: Summary, action: str, ends: Array) -> dict[str, Any]:
    """Outcomes by version of the action's law, and by month."""
    periods = summary.periods
    # Versions of several agencies that live under the very same law are one.
    found: defaultdict[Version, list[str]] = defaultdict(list)
    version_of: dict[int, Version] = {}
    agencies = sorted({law.agency for law in periods.laws})
    days = {place: _a_day(law.window) for place, law in enumerate(periods.laws) if law.window is not None}
    if days:
        # One stretch of time for all, so that agencies under the same law have the same versions.
        first, last = min(days.values()), max(days.values())
        for agency in agencies:
            for version in _versions(summary, agency, action, first, last):
                found[version].append(agency)
                version_of |= {
                    place: version
                    for place, day in days.items()
                    if periods.laws[place].agency == agency and day in version.window
                }
    counted = {place for (place, *_), made in zip(periods.rows, ends, strict=False) if made.any()}
    used = {version for place, version in version_of.items() if place in counted}
    known = found if len(agencies) == 1 else used
    ordered = sorted(known, key=lambda v: (str(v.window.start or ""), str(v.window.end or ""), found[v]))
    number = {version: place for place, version in enumerate(ordered)}
    by_version = np.zeros((len(ordered), 2, len(OUTCOMES)), np.int64)
    by_month: defaultdict[tuple[int, int], Array] = defaultdict(lambda: np.zeros((2, len(OUTCOMES)), np.int64))
    for (place, month, standing), made in zip(periods.rows, ends, strict=False):
        if month != NO_MONTH and made.any() and place in days:
            version_number = number[version_of[place]]
            by_version[version_number, standing] += made.sum(axis=1)
            by_month[month, version_number if len(agencies) == 1 else -1][standing] += made.sum(axis=1)
    return {
        "versions": [
            {
                "from": None if version.window.start is None else version.window.start.isoformat(),
                "until": None if version.window.end is None else version.window.end.isoformat(),
                "agencies": found[version],
                "began": list(version.began),
                "ended": list(version.ended),
                "outcomes": _outcomes(by_version[place, HELD]),
                "not_held": _outcomes(by_version[place, NOT_HELD]),
            }
            for place, version in enumerate(ordered)
        ],
        # One row a month; one a month and law version where all cases have one agency.
        "months": [
            {
                "month": month_words(month),
                "version": None if version_number < 0 else version_number,
                "outcomes": _outcomes(made[HELD]),
                "not_held": int(made[NOT_HELD].sum()),
            }
            for (month, version_number), made in sorted(by_month.items())
        ],
    }


def _a_day(window: Window) -> date:
    """Some day of a window."""
    if window.start is not None:
        return window.start
    return date.min if window.end is None else window.end - timedelta(days=1)


def _versions(summary: Summary, agency: str, action: str, first: date, last: date) -> list[Version]:
    stack = summary.periods.stack(agency)
    # Of an agency that the library does not know there is nothing more to say.
    return [Version(Window())] if stack is None else versions(stack, action, first, last)


def _month_examples(summary: Summary, tally: Tally) -> Iterator[dict[str, Any]]:
    months = sorted(m for m in summary.periods.months if m != NO_MONTH)
    for month in months:
        place = summary.periods.month_place(month)
        for band, computed in enumerate((*OUTCOMES, LAW_NOT_HELD)):
            numbers = tally.of_month(place, band)
            if numbers:
                yield {"month": month_words(month), "computed": computed, "examples": numbers}


def _agencies(summary: Summary, ends: Array) -> list[dict[str, Any]]:
    """Each agency's cases, where there are several."""
    periods = summary.periods
    found: defaultdict[str, Array] = defaultdict(lambda: np.zeros((len(OUTCOMES), 3), np.int64))
    total: Counter[str] = Counter()
    for (place, _, standing), made in zip(periods.rows, ends, strict=False):
        agency = periods.laws[place].agency
        total[agency] += int(made.sum())
        if standing == HELD:
            found[agency] += made
    if len(total) < 2:
        return []
    rows = []
    for agency in sorted(total, key=lambda a: (-total[a], a)):
        held = found[agency]
        decided = held[[OUTCOMES.index(o) for o in DECIDED]]
        against = sum(
            int(held[place, recorded])
            for place, outcome in enumerate(OUTCOMES)
            for recorded in range(1, 3)
            if verdict(outcome, recorded) == "contrary"
        )
        rows.append(
            {
                "agency": agency,
                "cases": total[agency],
                "held": int(held.sum()),
                "decided": int(decided.sum()),
                "told": int(decided[:, 1:].sum()),
                "contrary": against,
            }
        )
    return rows
