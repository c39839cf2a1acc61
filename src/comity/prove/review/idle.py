"""Norms that apply in no case, never win, or win and never change what comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import z3

from comity.policy.norms import Norm
from comity.policy.outcome import MAY, MUST_NOT, clashes
from comity.prove.outcomes import Outcomes, restricted
from comity.prove.review.benches import Benches, binding_of, unlisted_for
from comity.prove.review.findings import (
    DEFEATED,
    NEVER_DECIDES,
    NEVER_FIRES,
    UNDECIDED,
    Finding,
    Sighting,
    merged,
)
from comity.prove.review.setting import ActionVersion, Bench, GaveUp, Met, Setting

__all__ = ["AS_ANOTHER", "AS_SILENCE", "NO_POWER", "dead_norms", "idle_norms"]

#: Why a norm that wins never decides.
NO_POWER: Final = "It permits, and gives no power; silence means 'must not'."
AS_SILENCE: Final = "Silence says the same."
AS_ANOTHER: Final = "Each time another norm says the same"

#: From the strongest to the weakest thing a norm can do.
_DECIDES, _WINS, _APPLIES, _NOTHING = "decides", "wins", "applies", "nothing"


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """A norm in one version of the law."""

    bench: Bench
    asked: ActionVersion
    index: int


def idle_norms(benches: Benches) -> Iterator[Finding]:
    """A finding for each norm of the agencies' stacks that does less than decide; marks only have to apply."""
    for bench in benches:
        places = _places(bench)
        for norm in benches.library.norms:
            if norm.action != bench.action or not _concerns(norm, benches):
                continue
            here = places.get(norm.id, [])
            does, met, where = _does(norm, here)
            if does not in (_DECIDES, GaveUp) and not (norm.effect == "contested" and does == _APPLIES):
                others = _elsewhere(norm, does, benches, here)
                also, other, there = _does(norm, others)
                if _rank(also) > _rank(does):
                    does, met, where = also, other, there
                here = here or others
            finding = _finding(norm, does, met, where, here, benches)
            if finding is not None:
                yield finding


def dead_norms(benches: Benches) -> Iterator[Norm]:
    """The norms that apply in no case; a quicker question than ``idle_norms``."""
    for bench in benches:
        places = _places(bench)
        for norm in benches.library.norms:
            if norm.action == bench.action and _concerns(norm, benches):
                here = places.get(norm.id, [])
                if _first(here, _applies, _APPLIES)[0] == _NOTHING:
                    others = _elsewhere(norm, _NOTHING, benches, here)
                    if _first(others, _applies, _APPLIES)[0] == _NOTHING:
                        yield norm


def _rank(does: object) -> int:
    return [_NOTHING, _APPLIES, _WINS, _DECIDES].index(does) if isinstance(does, str) else 4


def _places(bench: Bench) -> dict[str, list[_Place]]:
    found: dict[str, list[_Place]] = {}
    for asked in bench.versions:
        for i, norm in enumerate(asked.law.law.norms):
            found.setdefault(norm.id, []).append(_Place(bench, asked, i))
    for places in found.values():
        # With fewer norms beside it, a norm decides more easily.
        places.sort(key=lambda p: len(p.asked.law.law.norms))
    return found


def _concerns(norm: Norm, benches: Benches) -> bool:
    """With some agencies chosen, only what binds one of them is looked at."""
    if set(benches.agencies) >= {a.id for a in benches.library.agencies}:
        return True
    return any(norm in benches.laws.stack(a).norms for a in benches.agencies)


def _elsewhere(norm: Norm, does: str, benches: Benches, here: Sequence[_Place]) -> list[_Place]:
    """The norm in the law of agencies that no list names."""
    if here and does in (_WINS, _APPLIES) and "us" in binding_of(norm, benches.library).places:
        # The listed agencies are many of those it binds.
        return []
    known = {p.asked.law.key for p in here}
    bench = benches.among(norm.action, unlisted_for([norm], benches.laws))
    return [p for p in _places(bench).get(norm.id, []) if p.asked.law.key not in known]


def _does(norm: Norm, places: Sequence[_Place]) -> tuple[Any, Met | None, _Place | None]:
    """The most that a norm does in some case."""
    if norm.effect == "contested":
        return _first(places, _applies, _APPLIES)
    for asks, does in ((_decides, _DECIDES), (_wins, _WINS), (_applies, _APPLIES)):
        able = [p for p in places if _could_decide(p)]
        # Where the norm has somebody to beat, it is easier to see why it wins in vain.
        rest = [] if does == _DECIDES else [p for p in places if p not in able]
        found = _first(able + rest, asks, does)
        if found[0] != _NOTHING:
            return found
    return _NOTHING, None, None


def _first(places: Iterable[_Place], asks: Any, does: str) -> tuple[Any, Met | None, _Place | None]:
    gave_up: _Place | None = None
    for place in places:
        found = place.bench.case(place.asked, partial(asks, place))
        if isinstance(found, Met):
            return does, found, place
        if isinstance(found, GaveUp):
            gave_up = place
    return (GaveUp, None, gave_up) if gave_up else (_NOTHING, None, None)


def _applies(place: _Place, setting: Setting) -> list[Any]:
    return [setting.formulas.truth(place.asked.law.conditions[place.index]).yes]


def _wins(place: _Place, setting: Setting) -> list[Any]:
    return [setting.outcomes(place.asked).wins[place.index].yes]


def _could_decide(place: _Place) -> bool:
    """Not where the norm says what silence says, beats nobody, contradicts nobody, and so cannot change anything."""
    law, i = place.asked.law.law, place.index
    effect = law.norms[i].effect
    if any(i in beaten for beaten in law.beaten_by) or any(i in pair for pair in clashes(law)):
        return True
    if effect == MAY:
        return bool(law.closure == "no power" and law.powers[i])
    if effect == MUST_NOT and law.closure == "no power":
        return any(law.powers)
    return True


def _decides(place: _Place, setting: Setting) -> list[Any]:
    """Without the norm another outcome comes out."""
    law = place.asked.law
    whole = setting.outcomes(place.asked).settled
    without = Outcomes(restricted(law, lambda i: i != place.index), setting.formulas).settled
    return [z3.Or([whole[word] != without[word] for word in whole])]


def _finding(
    norm: Norm, does: Any, met: Met | None, where: _Place | None, places: Sequence[_Place], benches: Benches
) -> Finding | None:
    stretches = merged(s for p in places for s in p.asked.stretches)
    sighting = None
    if met is not None and where is not None:
        sighting = Sighting(
            where.asked.version, norm.action, met.setting.world, met.setting.readings, met.model, (norm.id,)
        )

    def told(kind: str, says: str, means: str, do: str) -> Finding:
        return Finding(kind, says, means, do, norm.span, norm.cite, norm.action, stretches, sighting=sighting)

    whom = f"{norm.effect} {norm.action}"
    if does is GaveUp:
        return told(UNDECIDED, f"'{whom}': whether it matters is not settled", "The solver gave up.", "Give more time.")
    if does == _NOTHING and not places:
        return told(*_nowhere(norm, whom, benches))
    if does == _NOTHING:
        return told(
            NEVER_FIRES,
            f"'{whom}' applies in no case, in any agency and on any day it is in force",
            "Nothing anybody could write into a case makes this norm speak.",
            "Look for parts of 'when' that rule each other out, for a definition that is not in force then, or for a "
            "reading nobody can choose.",
        )
    if does == _APPLIES and norm.effect != "contested":
        assert where is not None
        by = _beaters(where)
        return told(
            DEFEATED,
            f"'{whom}' applies in some cases and wins in none: {by} beats it each time",
            "The norm stands in the law and never has its way.",
            "If the text above is meant to leave room for it, say so with 'despite' or in a condition; if not, this is "
            "how the law stands.",
        )
    if does == _WINS and met is not None and where is not None:
        return told(
            NEVER_DECIDES,
            f"'{whom}' wins and never changes an outcome: without it the same comes out",
            _why_idle(norm, met, where),
            "Nothing, where the text says so too; look again if it was meant to change something.",
        )
    return None


def _why_idle(norm: Norm, met: Met, place: _Place) -> str:
    law = place.asked.law.law
    if norm.effect == MAY and law.closure == "no power" and not law.powers[place.index]:
        return NO_POWER
    wins = met.setting.outcomes(place.asked).wins
    same = [
        n.cite
        for i, n in enumerate(law.norms)
        if i != place.index and n.effect == norm.effect and met.holds(wins[i].yes)
    ]
    silence = {"open": MAY, "no power": MUST_NOT}.get(law.closure, "")
    if norm.effect == silence and not (same and _could_decide(place)):
        return AS_SILENCE
    return f"{AS_ANOTHER}: {same[0]}." if same else f"{AS_ANOTHER}."


def _nowhere(norm: Norm, whom: str, benches: Benches) -> tuple[str, str, str, str]:
    orders = [o for o in benches.library.orders if norm.id in o.norms]
    if orders:
        return (
            NEVER_FIRES,
            f"'{whom}' is suspended by a court on every day it is in force",
            f"{orders[0].cite} keeps it from speaking.",
            "Compare the window of the norm with that of the order.",
        )
    return (
        NEVER_FIRES,
        f"'{whom}' binds no agency that could be named",
        "No stack holds it, so it speaks to nobody.",
        "Look at 'binds': the place, the kinds and what is left out.",
    )


def _beaters(place: _Place) -> str:
    law = place.asked.law.law
    cites = dict.fromkeys(law.norms[j].cite for j in law.beaten_by[place.index])
    first, *more = cites
    return f"{first} (or {len(more)} more)" if more else first
