"""Windows of years or months in which it matters that 29 February clamps down and not up to 1 March."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Final

import z3

from comity.policy.expressions import AtLeast, Every, Name, Some, Within, walk
from comity.policy.facts import LAW_DATE
from comity.policy.library import Library
from comity.policy.norms import DefinitionVersion, Norm
from comity.policy.opened import Opened, inside
from comity.prove.days import FIRST, LAST, within
from comity.prove.formula import Formulas, Readings
from comity.prove.laws import Stretch
from comity.prove.outcomes import Outcomes
from comity.prove.review.benches import Benches
from comity.prove.review.findings import LEAP_DAY, UNDECIDED, Finding, Sighting, merged
from comity.prove.review.setting import ActionVersion, Bench, GaveUp, Met, Setting
from comity.prove.truths import Truth
from comity.prove.world import Place, World

__all__ = ["leap_days"]

#: Years before the law date in which an example's other dates are looked for.
_NEAR: Final = 5


class _CountedUp(Formulas):
    """Conditions as they would be if one window counted from 29 February up to 1 March."""

    def __init__(self, world: World, readings: Readings, window: Within) -> None:
        super().__init__(world, readings)
        self._window = window

    def _read(self, node: Opened, list_: str, row: int) -> Truth:
        if node != self._window:
            return super()._read(node, list_, row)
        window = self._window
        day, anchor = self._day(window.left, list_, row), self._day(window.anchor, list_, row)
        value = within(day, anchor, window.amount, window.unit, after=window.after, strict=window.strict, up=True)
        return self.world.logic.of(value, self._both_known(window.left, window.anchor, list_, row))


def leap_days(benches: Benches) -> Iterator[Finding]:
    """A finding for each window, with the first case found that it changes."""
    shown: dict[Within, list[tuple[Sighting, list[Stretch]]]] = {}
    gave_up: dict[Within, None] = {}
    for bench in benches:
        reading: dict[Within, list[ActionVersion]] = {}
        for asked in bench.versions:
            for window in _windows(asked.law.conditions):
                reading.setdefault(window, []).append(asked)
        for window, versions in reading.items():
            found = _first(bench, window, versions)
            if isinstance(found, GaveUp):
                gave_up[window] = None
            elif found is not None:
                stretches = [s for v in versions for s in v.stretches]
                shown.setdefault(window, []).append((found, stretches))
    together: dict[Within, list[tuple[Sighting, list[Stretch]]]] = {}
    for window, seen in shown.items():
        together.setdefault(_same(window), []).extend(seen)
    for window, seen in together.items():
        yield _finding(window, seen, benches.library)
    for window in gave_up:
        if _same(window) not in together:
            says = f"whether 29 February matters to '{_words(window)}' is not settled"
            yield Finding(UNDECIDED, says, "The solver gave up.", "Give more time.")


def _windows(conditions: Iterable[Opened]) -> Iterator[Within]:
    found: dict[Within, None] = {}
    waiting = list(conditions)
    while waiting:
        for node in inside(waiting.pop()):
            if isinstance(node, Some | Every | AtLeast):
                waiting.append(node.where)
            elif isinstance(node, Within) and node.unit in ("years", "months") and not _from_a_row(node):
                found[node] = None
    return iter(found)


def _from_a_row(window: Within) -> bool:
    """Windows counted from a field of a row are left out: the one-case engine could not confirm them."""
    return isinstance(window.anchor, Name) and window.anchor.row


def _first(bench: Bench, window: Within, versions: Iterable[ActionVersion]) -> Sighting | GaveUp | None:
    """The first case whose outcome would be another."""
    gave_up: GaveUp | None = None
    # A setting is kept with its formulas: what is known by identity must live as long as what is known of it.
    others: dict[int, tuple[Setting, Formulas]] = {}

    def counted_up(setting: Setting) -> Formulas:
        if id(setting) not in others:
            others[id(setting)] = setting, _CountedUp(setting.world, setting.readings, window)
        return others[id(setting)][1]

    def differ(asked: ActionVersion, setting: Setting) -> list[Any]:
        here, there = setting.outcomes(asked).settled, Outcomes(asked.law, counted_up(setting)).settled
        return [z3.Or([here[w] != there[w] for w in here]), *_near(window, setting)]

    for asked in versions:
        if not _turns(window, asked):
            continue
        found = bench.with_rows(asked, partial(differ, asked))
        if isinstance(found, GaveUp):
            gave_up = found
        if isinstance(found, Met):
            setting = found.setting

            def shown(outcomes: Outcomes, met: Met = found) -> str:
                return next(w for w, formula in outcomes.settled.items() if met.holds(formula))

            ours, theirs = shown(setting.outcomes(asked)), shown(Outcomes(asked.law, counted_up(setting)))
            return Sighting(
                asked.version, bench.action, setting.world, setting.readings, found.model,
                outcome=ours, otherwise=theirs, window=window,
            )  # fmt: skip
    return gave_up


def _turns(window: Within, asked: ActionVersion) -> bool:
    """Whether a version is in force on a day from which the window could count: years from the law date turn on 29
    February alone.
    """
    if window.unit != "years" or window.anchor != Name(LAW_DATE):
        return True
    leaps = [date(year, 2, 29) for year in range(FIRST.year, LAST.year + 1) if isleap(year)]
    return any(day in s.window for s in asked.stretches for day in leaps)


def _same(window: Within) -> Within:
    """The window whether or not the anniversary is in it: the two are told as one."""
    return replace(window, strict=False)


def _near(window: Within, setting: Setting) -> list[Any]:
    """An anchor that is a fact of the case lies in the years before the law date, as in life."""
    anchor = window.anchor
    if not isinstance(anchor, Name) or anchor.row or anchor.name == LAW_DATE:
        return []
    code, today = setting.world.day(Place(anchor.name)).code, setting.world.law_date.code
    return [code <= today, code > today - 372 * _NEAR]


def _words(window: Within) -> str:
    side = "after" if window.after else "before"
    anchor = window.anchor.name if isinstance(window.anchor, Name) else window.anchor.value
    return f"{window.left.name} within {window.amount} {window.unit} {side} {anchor}"


def _places(window: Within, library: Library) -> list[Norm | DefinitionVersion]:
    rules: list[Norm | DefinitionVersion] = [*library.definitions, *library.norms]
    read = [(r, node) for r in rules for e in (r.when, *r.exceptions) for node in walk(e)]
    return [r for r, node in read if isinstance(node, Within) and _same(node) == window]


def _finding(window: Within, seen: list[tuple[Sighting, list[Stretch]]], library: Library) -> Finding:
    places = _places(window, library)
    cites = list(dict.fromkeys(p.cite for p in places))
    sighting = seen[0][0]
    actions = list(dict.fromkeys(s.action for s, _ in seen))
    says = f"'{_words(window)}' turns on 29 February, in {', '.join(actions)}"
    return Finding(
        LEAP_DAY,
        says,
        f"Counted from 29 February our rule clamps down to 28 February: '{sighting.outcome}'; "
        f"clamped up to 1 March it would be '{sighting.otherwise}'.",
        "See whether the text or a court says how such a year is counted; the rule of the house is the clamp down.",
        places[0].span if places else None,
        "; ".join(cites),
        sighting.action,
        merged(s for _, stretches in seen for s in stretches),
        sighting=sighting,
    )
