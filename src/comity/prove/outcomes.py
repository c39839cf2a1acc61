"""What the law makes of an open case: for each outcome of an action, when it comes out.

The same steps as ``decide.interpret`` and ``policy.outcome``: which norms apply, which win, and what the winners make
of the action.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from comity.policy.opened import OpenedAction
from comity.policy.outcome import CONFLICT, MAY, MUST, MUST_NOT, NOT_DUE, SILENT, clashes
from comity.policy.stack import restricted_law
from comity.prove.formula import Formulas
from comity.prove.truths import Truth, conjunction, disjunction, negation

__all__ = ["Outcomes", "counsel_asked", "restricted"]


@dataclass(frozen=True, eq=False)
class Outcomes:
    """One version of the law about an action, in one world and under some readings.

    ``final``: silence is closed by the action's closure; else it stays silence.
    """

    version: OpenedAction
    formulas: Formulas
    final: bool = True

    @cached_property
    def wins(self) -> tuple[Truth, ...]:
        """Per norm of the law, in its order, whether it wins."""
        logic = self.formulas.world.logic
        found: list[Truth] = []
        for condition, beaten_by in zip(self.version.conditions, self.version.law.beaten_by, strict=True):
            applies = self.formulas.truth(condition)
            found.append(logic.all_of([applies, *(logic.negate(found[j]) for j in beaten_by)]))
        return tuple(found)

    @cached_property
    def ranks(self) -> Mapping[str, Truth]:
        """Outcome word (and "conflict", "silent") -> its truth; exactly one is yes once everything is known."""
        logic, law = self.formulas.world.logic, self.version.law

        def effect(name: str) -> Truth:
            return logic.any_of([w for w, n in zip(self.wins, law.norms, strict=True) if n.effect == name])

        must, must_not, may = effect(MUST), effect(MUST_NOT), effect(MAY)
        conflict = self._conflict()
        calm = logic.negate(conflict)
        forbidden = logic.all_of([must_not, calm])
        rest = logic.all_of([logic.negate(must), logic.negate(must_not), calm])
        ranks = {
            CONFLICT: conflict,
            MUST_NOT: forbidden,
            MUST: logic.all_of([must, logic.negate(must_not), calm]),
        }
        if not self.final:
            ranks[MAY] = logic.all_of([rest, may])
            ranks[SILENT] = logic.all_of([rest, logic.negate(may)])
        elif law.closure == "no power":
            power = logic.any_of([w for w, p in zip(self.wins, law.powers, strict=True) if p])
            ranks[MAY] = logic.all_of([rest, power])
            ranks[MUST_NOT] = logic.any_of([forbidden, logic.all_of([rest, logic.negate(power)])])
        else:
            ranks[NOT_DUE if law.closure == "duty" else MAY] = rest
        return ranks

    @cached_property
    def settled(self) -> Mapping[str, Any]:
        """Outcome word -> when the outcome is settled to be that, whatever is unknown."""
        ranks = self.ranks
        if not self.formulas.world.logic.three_valued:
            return {word: rank.yes for word, rank in ranks.items()}
        return {
            word: disjunction((rank.yes, conjunction([other.no for name, other in ranks.items() if name != word])))
            for word, rank in ranks.items()
        }

    def _conflict(self) -> Truth:
        """``policy.outcome``'s conflict: a *must not* against a *must*, or against a *may* of its own rank unless some
        other *must not*, which nothing of its rank contradicts, forbids it anyway.
        """
        logic, norms = self.formulas.world.logic, self.version.law.norms
        pairs = clashes(self.version.law)
        hard = [(i, j) for i, j in pairs if norms[j].effect == MUST]
        soft = [(i, j) for i, j in pairs if norms[j].effect != MUST]
        found = [logic.all_of([self.wins[i], self.wins[j]]) for i, j in hard]
        if soft:
            clear = [
                logic.all_of([self.wins[i], *(logic.negate(self.wins[b]) for a, b in soft if a == i)])
                for i, norm in enumerate(norms)
                if norm.effect == MUST_NOT
            ]
            both = logic.any_of([logic.all_of([self.wins[i], self.wins[j]]) for i, j in soft])
            found.append(logic.all_of([both, logic.negate(logic.any_of(clear))]))
        return logic.any_of(found)


def counsel_asked(one: Outcomes, other: Outcomes) -> Any:
    """Under two choices of readings of one law: authorities conflict, or the choices give two outcomes."""
    here, there = one.settled, other.settled
    apart = [conjunction((here[word], negation(there[word]))) for word in here]
    return disjunction([here[CONFLICT], *apart])


def restricted(version: OpenedAction, kept: Callable[[int], bool]) -> OpenedAction:
    """The law about the action as if only some of its norms (by position) were there."""
    conditions = tuple(c for i, c in enumerate(version.conditions) if kept(i))
    return OpenedAction(restricted_law(version.law, kept), conditions)
