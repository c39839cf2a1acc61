"""Gaps: actions on which no norm speaks, in any case or in some, so that only the reading of silence answers.

Only days for which the library claims to hold the law count: before them silence says nothing about the law.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import z3

from comity.policy.facts import Action
from comity.prove.laws import Stretch
from comity.prove.review.benches import Benches, covered
from comity.prove.review.findings import GAP, UNDECIDED, Finding, Sighting, merged
from comity.prove.review.setting import ActionVersion, GaveUp, Met, Setting

__all__ = ["NO_NORM", "SOME_CASES", "gaps", "silence_means"]

NO_NORM: Final = "no norm at all"
SOME_CASES: Final = "some cases"

_SILENCE: Final = {"open": "may", "no power": "must not", "duty": "not due"}


def silence_means(action: Action) -> str:
    """The outcome of an action on which nobody speaks."""
    return _SILENCE.get(action.closure, action.closure)


def gaps(benches: Benches) -> Iterator[Finding]:
    """At most two findings for each action: agencies without any norm about it, and agencies with silent cases."""
    actions = benches.library.vocabulary.action_names()
    for bench in benches:
        nothing: list[Stretch] = []
        some: list[Stretch] = []
        sighting: Sighting | None = None
        for asked in bench.versions:
            stretches = list(covered(asked.stretches, benches.laws))
            if not stretches:
                continue
            if not any(n.effect != "contested" for n in asked.law.law.norms):
                nothing += stretches
                continue
            found = bench.case(asked, lambda s, a=asked, on=stretches: [*_silent(s, a), z3.Or([s.on(t.window) for t in on])])
            if isinstance(found, GaveUp):
                says = f"whether some norm always speaks on '{bench.action}' is not settled"
                yield Finding(UNDECIDED, says, "The solver gave up.", "Give more time.", action=bench.action)
            if isinstance(found, Met):
                some += stretches
                world, readings = found.setting.world, found.setting.readings
                outcome = silence_means(actions[bench.action])
                sighting = sighting or Sighting(
                    asked.version, bench.action, world, readings, found.model, outcome=outcome
                )
        yield from _findings(actions[bench.action], nothing, some, sighting)


def _silent(setting: Setting, asked: ActionVersion) -> list[Any]:
    """No norm applies.  Where one applies one wins, since nobody beats the first of those that apply."""
    return [
        z3.Not(setting.formulas.truth(condition).yes)
        for condition, norm in zip(asked.law.conditions, asked.law.law.norms, strict=True)
        if norm.effect != "contested"
    ]


def _findings(
    action: Action, nothing: list[Stretch], some: list[Stretch], sighting: Sighting | None
) -> Iterator[Finding]:
    outcome = silence_means(action)
    do = "Nothing, where the law is silent indeed; else add the rule that speaks."
    if nothing:
        says = f"'{action.name}': {NO_NORM}"
        means = f"Whatever the case, the answer is '{outcome}', because nobody speaks."
        yield Finding(GAP, says, means, do, action.span, "", action.name, merged(nothing))
    if some:
        says = f"'{action.name}': no norm speaks in {SOME_CASES}"
        means = f"There the answer is '{outcome}', because nobody speaks."
        yield Finding(GAP, says, means, do, action.span, "", action.name, merged(some), sighting=sighting)
