"""Whether a case breaks a claim, according to the one-case engine: nothing of the prover is believed unseen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from comity.case import Case, FactValue
from comity.decide.interpret import Evaluation, Scene, evaluate, truth
from comity.decide.specialise import Specialised
from comity.decide.verdict import Evaluator, Verdict, reading_choices, verdict
from comity.policy.claims import Answered, Claim, Ended, NeverLooser, NoConflict, SameAs, Stated, Unchanged
from comity.policy.library import Library
from comity.policy.outcome import ASK_COUNSEL, CONFLICT, MAY, MUST, MUST_NOT, NEED_A_FACT, NOT_DUE, standing
from comity.policy.stack import ActionLaw, Era, Stack, bind, restricted_law
from comity.truth import NO, UNKNOWN, YES

__all__ = ["Break", "Referee"]


@dataclass(frozen=True, slots=True)
class Break:
    """What a case shows: the outcome under ``readings`` (empty: whatever the readings), against what was claimed.

    ``because``: citations of the norms of that outcome.  ``changed``: the outcome after the change, for claims that
    nothing changes.
    """

    outcome: str
    because: tuple[str, ...]
    readings: tuple[tuple[str, str], ...] = ()
    above: str = ""
    changed: str = ""


class Referee:
    """Asks the one-case engine (``run``: the interpreter by default) about claims of one library."""

    def __init__(self, library: Library, run: Evaluator = evaluate) -> None:
        self.library = library
        self._run = run
        self._quick = False
        self._stacks: dict[str, Stack] = {}
        self._layers = [name for name, _ in library.ladder.layers]

    def law(self, case: Case, action: str, under: date | None = None) -> tuple[Stack, Era, ActionLaw]:
        """The law of the case's agency on its law date (or ``under`` the law of another day) about an action."""
        assert case.law_date is not None
        stack = self._stacks.get(case.agency.id)
        if stack is None:
            stack = self._stacks[case.agency.id] = bind(self.library, case.agency)
        era = stack.at(under or case.law_date)
        return stack, era, era.by_action[action]

    def verdict(self, case: Case, action: str, under: date | None = None) -> Verdict:
        """The one-case engine's verdict about an action."""
        stack, era, law = self.law(case, action, under)
        return verdict(law, stack, era, case, self._run)

    @classmethod
    def quick(cls, library: Library) -> Referee:
        """The same by generated code: for the many trials before the interpreter has the last word."""
        made: dict[int, tuple[Era, Specialised]] = {}
        referee = cls(library)

        def run(law: ActionLaw, era: Era, case: Case, readings: Mapping[str, str]) -> Evaluation:
            known = made.get(id(era))
            if known is None:
                known = made[id(era)] = era, Specialised(referee.law(case, law.action)[0], era)
            return known[1].run(law, era, case, readings)

        referee._run, referee._quick = run, True
        return referee

    def outcome(self, case: Case, action: str, under: date | None = None) -> str:
        """The outcome word; "need a fact" also where only a person could say.

        ``under``: the law of another day, looked at on the case's own law date.
        """
        if self._quick:
            return self._settled(case, action, under) or NEED_A_FACT
        found = self.verdict(case, action, under)
        return NEED_A_FACT if found.reason == "judgement" else found.outcome

    def leads(self, case: Case, action: str, norm: int, under: date | None = None) -> bool:
        """Whether a norm (its position in the action's law) wins, under some readings at least."""
        stack, era, law = self.law(case, action, under)
        wins = self._run(law, era, case, {}).wins[norm]
        if wins != UNKNOWN:
            return wins == YES
        return any(self._run(law, era, case, c).wins[norm] == YES for c in reading_choices(law, stack))

    def _settled(self, case: Case, action: str, under: date | None) -> str:
        """The outcome that every choice of readings settles, or counsel's; "" while a fact is missing."""
        stack, era, law = self.law(case, action, under)
        first = self._run(law, era, case, {}).standing.settled
        if first and first != CONFLICT:
            return first
        met = set()
        for choice in reading_choices(law, stack):
            settled = self._run(law, era, case, choice).standing.settled
            if not settled:
                return ""
            met.add(settled)
        return met.pop() if len(met) == 1 and CONFLICT not in met else ASK_COUNSEL

    def meets(self, claim: Claim, case: Case, action: str) -> bool:
        """Whether the claim is about this case: its date, its condition under every reading, and the assumptions."""
        if case.law_date is None or case.law_date not in claim.window or case.agency.id not in claim.agencies:
            return False
        stack, era, law = self.law(case, action)
        scenes = (Scene(case, era.definitions, choice) for choice in reading_choices(law, stack))
        if any(truth(claim.whenever, scene) != YES for scene in scenes):
            return False
        scene = Scene(case, era.definitions, {})
        return all(
            truth(a.holds, scene) != NO and (a.years is None or case.law_date in a.years)
            for a in self.library.assumptions
        )

    def breaks(
        self,
        claim: Claim,
        case: Case,
        action: str,
        readings: Mapping[str, str],
        changed: Mapping[str, FactValue] | None = None,
    ) -> Break | None:
        """How the case breaks the claim, or None."""
        if not self.meets(claim, case, action):
            return None
        match claim.says:
            case Stated(always, outcome, _, where):
                word = self.outcome(case, action)
                if where and self.outcome(case, where) not in (MAY, MUST):
                    return None
                if word == NEED_A_FACT or (word == outcome) == always:
                    return None
                return Break(word, self._because(action, case, self._openly(case, action), word))
            case Unchanged():
                assert changed is not None
                other = case.with_values(changed)
                before, after = self.outcome(case, action), self.outcome(other, action)
                if before == after:
                    return None
                return Break(before, self._because(action, case, self._openly(case, action), before), changed=after)
            case SameAs(day, _):
                then, now = self.outcome(case, action, day), self.outcome(case, action)
                if NEED_A_FACT in (then, now) or then == now:
                    return None
                return Break(now, self._because(action, case, self._openly(case, action), now), above=then)
            case NeverLooser() | NoConflict() | Answered() | Ended():
                return self._under(claim, case, action, readings)

    def _under(self, claim: Claim, case: Case, action: str, readings: Mapping[str, str]) -> Break | None:
        """Claims about one choice of readings."""
        _, era, law = self.law(case, action)
        chosen = {q: a for q, a in readings.items() if q in law.questions}
        evaluation = self._run(law, era, case, chosen)
        settled = evaluation.standing.settled
        told = tuple(chosen.items())
        match claim.says:
            case NeverLooser(layer, _):
                last = self._layers.index(layer)
                above = restricted_law(law, lambda i: self._layers.index(law.layers[i]) <= last)
                high = evaluate(above, era, case, chosen)
                higher = standing(above, dict(enumerate(high.wins)), final=False).settled
                frees = higher == MUST_NOT and settled in (MAY, MUST)
                drops = higher == MUST and settled in (MAY, MUST_NOT, NOT_DUE)
                if not (frees or drops):
                    return None
                return Break(settled, self._because(action, case, evaluation, settled), told, higher)
            case NoConflict():
                if settled != CONFLICT or self._declared(case, action, claim):
                    return None
                return Break(settled, self._because(action, case, evaluation, settled), told)
            case Ended():
                timed = any(
                    w == YES and n.clocks and n.effect in (MAY, MUST)
                    for w, n in zip(evaluation.wins, law.norms, strict=True)
                )
                if settled not in (MAY, MUST) or timed:
                    return None
                return Break(settled, self._because(action, case, evaluation, settled), told)
            case _:
                return None if settled else Break("", (), told)

    def _openly(self, case: Case, action: str) -> Evaluation:
        """The action with every question left open: what wins then wins under every reading."""
        _, era, law = self.law(case, action)
        return self._run(law, era, case, {})

    def _declared(self, case: Case, action: str, claim: Claim) -> bool:
        """Whether a claim of the library says that counsel is asked in this case."""
        for other in self.library.claims:
            says = other.says
            if (
                isinstance(says, Stated)
                and (says.always, says.outcome, says.action) == (True, ASK_COUNSEL, action)
                and not says.where_allowed
                and self.meets(other, case, action)
            ):
                return True
        return False

    def _because(self, action: str, case: Case, evaluation: Evaluation, word: str) -> tuple[str, ...]:
        _, _, law = self.law(case, action)
        wanted = (word,) if word in (MUST, MUST_NOT, MAY) else (MUST, MUST_NOT, MAY)
        winning = [i for i, w in enumerate(evaluation.wins) if w == YES and law.norms[i].effect in wanted]
        by_rank = sorted(winning, key=law.ranks.__getitem__)
        return tuple(dict.fromkeys(law.norms[i].cite for i in by_rank))
