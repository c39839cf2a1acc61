"""From winners to one of the outcomes.

``Standing`` says how far the outcome is settled.  Silence is read by the action's closure: an *open* action may be
done, an action that needs *power* must not, a *duty* is not due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from comity.policy.stack import ActionLaw
from comity.truth import NO, YES, all_of, any_of, negate

__all__ = [
    "ASK_COUNSEL",
    "CONFLICT",
    "MAY",
    "MUST",
    "MUST_NOT",
    "NEED_A_FACT",
    "NOT_DUE",
    "OUTCOMES",
    "SILENT",
    "Standing",
    "clashes",
    "settle",
    "standing",
]

MUST: Final = "must"
MUST_NOT: Final = "must not"
MAY: Final = "may"
NOT_DUE: Final = "not due"
CONFLICT: Final = "conflict"
SILENT: Final = "silent"
NEED_A_FACT: Final = "need a fact"
ASK_COUNSEL: Final = "ask counsel"

#: The words an answer uses; "not due" only for duties.
OUTCOMES: Final = (MUST, MUST_NOT, MAY, NEED_A_FACT, ASK_COUNSEL, NOT_DUE)


@dataclass(frozen=True, slots=True)
class Standing:
    """``settled``: the outcome that holds whatever is unknown, or "" while several are ``possible``."""

    settled: str
    possible: tuple[str, ...]


def standing(law: ActionLaw, wins: Mapping[int, int], *, final: bool) -> Standing:
    """What the winners (position -> truth) make of the action.

    ``final`` closes silence by the action's closure; a single layer that is silent stays silent.
    """

    def effect(name: str) -> int:
        return any_of(w for i, w in wins.items() if law.norms[i].effect == name)

    power = any_of(w for i, w in wins.items() if law.powers[i])
    return settle(
        effect(MUST), effect(MUST_NOT), effect(MAY), power, _conflict(law, wins), law.closure if final else SILENT
    )


def _conflict(law: ActionLaw, wins: Mapping[int, int]) -> int:
    """Whether authorities contradict each other in a way that changes what the agency is told.

    A *must not* against a *must* always does.  A *must not* against a *may* of its own rank does not when some other
    *must not*, which nothing of its rank contradicts, forbids the action anyway.
    """
    hard: list[tuple[int, int]] = []
    soft: list[tuple[int, int]] = []
    for i, j in clashes(law):
        if i in wins and j in wins:
            (hard if law.norms[j].effect == MUST else soft).append((i, j))
    clear = []
    for i, w in wins.items():
        if law.norms[i].effect == MUST_NOT:
            clear.append(all_of([w, *(negate(wins[b]) for a, b in soft if a == i)]))
    both = any_of(all_of([wins[i], wins[j]]) for i, j in soft)
    return any_of([*(all_of([wins[i], wins[j]]) for i, j in hard), all_of([both, negate(any_of(clear))])])


def clashes(law: ActionLaw) -> list[tuple[int, int]]:
    """Pairs that contradict with no rule between them: *must not* against *must*, or against a *may* of the same rank.

    A pair in which one beats the other never wins together, so it is left out.
    """
    return [
        (i, j)
        for i, forbidding in enumerate(law.norms)
        for j, other in enumerate(law.norms)
        if forbidding.effect == MUST_NOT
        and (other.effect == MUST or (other.effect == MAY and law.ranks[i] == law.ranks[j]))
        and i not in law.beaten_by[j]
        and j not in law.beaten_by[i]
    ]


@cache
def settle(must: int, must_not: int, may: int, power: int, conflict: int, closure: str) -> Standing:
    """The outcome of these truths; ``closure`` is "open", "no power", "duty", or "silent" for a layer by itself.

    Exactly one outcome holds once everything is known, so an outcome that alone is possible is settled too.
    """
    calm = negate(conflict)
    forbidden = all_of([must_not, calm])
    obliged = all_of([must, negate(must_not), calm])
    rest = all_of([negate(must), negate(must_not), calm])
    ranks = {CONFLICT: conflict, MUST_NOT: forbidden, MUST: obliged}
    if closure == SILENT:
        ranks[MAY] = all_of([rest, may])
        ranks[SILENT] = all_of([rest, negate(may)])
    elif closure == "no power":
        ranks[MAY] = all_of([rest, power])
        ranks[MUST_NOT] = any_of([forbidden, all_of([rest, negate(power)])])
    else:
        ranks[NOT_DUE if closure == "duty" else MAY] = rest
    possible = tuple(name for name, rank in ranks.items() if rank != NO)
    settled = next((name for name, rank in ranks.items() if rank == YES), possible[0] if len(possible) == 1 else "")
    return Standing(settled, (settled,) if settled else possible)
