"""Norms that can contradict each other while no rule says which prevails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import z3

from comity.policy.claims import Claim, Stated
from comity.policy.norms import Norm
from comity.policy.opened import Opened
from comity.policy.outcome import ASK_COUNSEL, MUST, clashes
from comity.policy.outcome import CONFLICT as CONTRADICTION
from comity.prove.laws import Stretch
from comity.prove.review.benches import Benches
from comity.prove.review.findings import CONFLICT, UNDECIDED, Finding, Sighting, merged
from comity.prove.review.setting import ActionVersion, Bench, GaveUp, Met, Setting

__all__ = ["claims_of_counsel", "conflicts"]


@dataclass(slots=True)
class _Pair:
    """A pair that contradicts in some case: where, an example, and the claims that say so."""

    forbidding: Norm
    other: Norm
    layers: tuple[str, str]
    stretches: list[Stretch] = field(default_factory=list)
    sighting: Sighting | None = None
    undeclared: Sighting | None = None
    claims: dict[str, None] = field(default_factory=dict)
    gave_up: bool = False


def conflicts(benches: Benches) -> Iterator[Finding]:
    """A finding for each pair of norms; declared where a claim says *ask counsel* in each of their cases."""
    for bench in benches:
        pairs: dict[tuple[str, str], _Pair] = {}
        for asked in bench.versions:
            law = asked.law.law
            possible = clashes(law)
            if not possible or bench.case(asked, partial(_contradicted, asked)) is None:
                continue
            for i, j in possible:
                key = law.norms[i].id, law.norms[j].id
                pair = pairs.setdefault(key, _Pair(law.norms[i], law.norms[j], (law.layers[i], law.layers[j])))
                _look(pair, bench, asked, (i, j), benches)
        yield from (_finding(p) for p in pairs.values() if p.sighting is not None or p.gave_up)


def _contradicted(asked: ActionVersion, setting: Setting) -> list[Any]:
    return [setting.outcomes(asked).settled[CONTRADICTION]]


def _look(pair: _Pair, bench: Bench, asked: ActionVersion, which: tuple[int, int], benches: Benches) -> None:
    def both(setting: Setting) -> list[Any]:
        outcomes = setting.outcomes(asked)
        return [*(outcomes.wins[i].yes for i in which), outcomes.settled[CONTRADICTION]]

    found = bench.case(asked, both)
    if isinstance(found, GaveUp):
        pair.gave_up = True
    if not isinstance(found, Met):
        return
    pair.stretches += asked.stretches
    pair.sighting = pair.sighting or _sighting(found, asked, pair)
    if pair.undeclared is not None:
        return
    for stretch in asked.stretches:
        said = claims_of_counsel(stretch.agency, asked.action, benches.library.claims)
        claims = [c for c in said if c.window.overlaps(stretch.window)]
        pair.claims.update(dict.fromkeys(c.title for c in claims))
        known = [(c, _opened(c, stretch, benches)) for c in claims]

        def unknown(setting: Setting, stretch: Stretch = stretch, known: Any = known) -> list[Any]:
            said = [z3.And(setting.on(c.window), setting.formulas.truth(o).yes) for c, o in known]
            return [*both(setting), setting.on(stretch.window), *(z3.Not(s) for s in said)]

        # A claim may ask of lists what the law does not: then rows are needed from the beginning.
        left = bench.with_rows(asked, unknown) if known else found
        if isinstance(left, Met):
            pair.undeclared = _sighting(left, asked, pair)
            return


def claims_of_counsel(agency: str, action: str, claims: Iterable[Claim]) -> list[Claim]:
    """The claims that say of this agency, in some cases, that counsel is asked about an action."""
    return [
        c
        for c in claims
        if isinstance(c.says, Stated)
        and (c.says.always, c.says.outcome, c.says.action) == (True, ASK_COUNSEL, action)
        and agency in c.agencies
    ]


def _opened(claim: Claim, stretch: Stretch, benches: Benches) -> Opened:
    era, _ = benches.laws.eras(stretch.agency, stretch.window)[0]
    return benches.laws.opener(era).condition(claim.whenever)


def _sighting(met: Met, asked: ActionVersion, pair: _Pair) -> Sighting:
    ids = pair.forbidding.id, pair.other.id
    world, readings = met.setting.world, met.setting.readings
    return Sighting(asked.version, asked.action, world, readings, met.model, ids, outcome=CONTRADICTION)


def _finding(pair: _Pair) -> Finding:
    norm, other = pair.forbidding, pair.other
    does = "commands" if other.effect == MUST else "permits"
    inside = (
        f"inside {pair.layers[0]} law" if len(set(pair.layers)) == 1 else f"between {' and '.join(pair.layers)} law"
    )
    where = f" ({other.span.file}:{other.span.line})" if other.span is not None else ""
    says = f"{inside}, it forbids '{norm.action}' and {other.cite}{where} {does} it"
    stretches = merged(pair.stretches)
    if pair.sighting is None:
        message = f"whether {norm.cite} and {other.cite} can meet is not settled"
        return Finding(UNDECIDED, message, "The solver gave up.", "Give more time.", norm.span, norm.cite, norm.action)
    declared = pair.undeclared is None
    claims = " and ".join(f"'{title}'" for title in pair.claims)
    if declared:
        means, do = f"Known: {claims} says that counsel is asked there.", "Nothing; an answer says 'ask counsel'."
    elif claims:
        means, do = (
            f"{claims} says so of some of these cases and not of all.",
            "Widen the claim, or settle the conflict.",
        )
    else:
        means = "Both can apply to one case; an answer says 'ask counsel'."
        do = "Write 'despite' in the one that prevails, narrow one, or declare it with a claim 'always ask counsel'."
    sighting = pair.sighting if declared else pair.undeclared
    return Finding(CONFLICT, says, means, do, norm.span, norm.cite, norm.action, stretches, declared, sighting)
