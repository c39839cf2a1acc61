"""Gaps: actions on which no norm speaks, in any case or in some, so that only the reading of silence answers.

Only days for which the library claims to hold the law count: before them silence says nothing about the law.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import z3

from comity.policy.facts import Action
from comity.prove.laws import Stretch
from comity.prove.review.benches import Benches, covered
from comity.prove.review.findings import GAP, UNDECIDED, Finding, Sighting, merged
from comity.prove.review.setting import ActionVersion, GaveUp, Met, Setting

__all__ = ["gaps", "silence_means"]

_SILENCE: Final = {"open": "may", "no power": "must not", "duty": "not due"}


def silence_means(action: Action) -> str:
    """The outcome of an action on which nobody speaks."""
    return _SILENCE.get(action.closure, action.closure)


def gaps(benches: Benches) -> Iterator[Finding]:
    """At most one finding for each action: agencies without any norm about it, and agencies with silent cases."""
    actions = benches.library.vocabulary.action_names()
    known = {n.action for n in benches.library.norms}
    for bench in benches:
        nothing: list[Stretch] = []
        some: list[Stretch] = []
        speaking: set[str] = set()
        sighting: Sighting | None = None
        for asked in bench.versions:
            stretches = list(covered(asked.stretches, benches.laws))
            if not stretches:
                continue
            if not any(n.effect != "contested" for n in asked.law.law.norms):
                nothing += stretches
                continue
            speaking.update(s.agency for s in stretches)
            found = bench.case(asked, partial(_silent, asked, stretches))
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
        yield from _findings(actions[bench.action], nothing, some, speaking, sighting, bench.action in known)


def _silent(asked: ActionVersion, on: list[Stretch], setting: Setting) -> list[Any]:
    """No norm applies.  Where one applies one wins, since nobody beats the first of those that apply."""
    silent = [
        z3.Not(setting.formulas.truth(condition).yes)
        for condition, norm in zip(asked.law.conditions, asked.law.law.norms, strict=True)
        if norm.effect != "contested"
    ]
    return [*silent, z3.Or([setting.on(s.window) for s in on])]


def _findings(
    action: Action,
    nothing: list[Stretch],
    some: list[Stretch],
    speaking: set[str],
    sighting: Sighting | None,
    known: bool,
) -> Iterator[Finding]:
    if not nothing and not some:
        return
    outcome = silence_means(action)
    told = [] if known else ["no norm of this library is about it"]
    never = {s.agency for s in nothing} - speaking
    if never and known:
        told.append(f"no norm at all in {_counted(never)}")
    if {s.agency for s in nothing} & speaking:
        told.append(f"none for a time in {_counted({s.agency for s in nothing} & speaking)}")
    if some:
        told.append(f"none in some cases in {_counted({s.agency for s in some})}")
    yield Finding(
        GAP,
        f"'{action.name}': {', '.join(told)}",
        f"There silence answers, and it means '{outcome}'.",
        "Nothing, where the law is silent indeed; else add the rule that speaks.",
        action.span,
        "",
        action.name,
        merged([*nothing, *some]),
        sighting=sighting,
    )


def _counted(agencies: set[str]) -> str:
    return f"{len(agencies)} agenc{'y' if len(agencies) == 1 else 'ies'}"
