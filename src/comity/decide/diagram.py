"""A decision diagram: which issue to look at next, until the outcome is settled.

Made once for a question that is asked many times.  A *state* is what is left of the law; each issue that is answered
leaves a smaller one, and a state met before is the same node.  The issue chosen is the one that leaves least to find
out, its own cost included; so cheap decisive facts come first, and lists are searched only where they still matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from comity.decide.formula import NOT_SAID, OTHER, Answer, Formula, Formulas, Found, Holds, Issue, Node, Said
from comity.policy.outcome import CONFLICT, MAY, MUST, MUST_NOT, NOT_DUE, clashes
from comity.policy.stack import ActionLaw, Era
from comity.truth import NO, UNKNOWN, YES

__all__ = ["OPEN", "Ask", "Diagrams", "Tell", "TooLarge", "law_state", "outcome_of", "rank_of"]

#: The outcome is not settled: a fact is missing, or a reading is open.
OPEN: Final = ""

#: Formulas of a state, by place.
State = tuple[Formula, ...]

Leaf = TypeVar("Leaf", str, int)


class TooLarge(Exception):
    """The law has more states than are worth a diagram."""


@dataclass(frozen=True, slots=True, eq=False)
class Tell(Generic[Leaf]):
    """Settled: an outcome, ``OPEN``, or the rank of a row condition."""

    found: Leaf


@dataclass(frozen=True, slots=True, eq=False)
class Ask(Generic[Leaf]):
    """Look at an issue; ``then`` pairs each answer with where it leads."""

    issue: Issue
    then: tuple[tuple[Answer, Ask[Leaf] | Tell[Leaf]], ...]


def law_state(law: ActionLaw, era: Era, formulas: Formulas) -> tuple[tuple[str, ...], State]:
    """The outcomes an action can have, and under what each of them is the one (``outcome.settle``, as formulas)."""
    wins: list[Formula] = []
    for norm, beaters in zip(law.norms, law.beaten_by, strict=True):
        applies = formulas.provision(norm.reading, norm.when, norm.exceptions, era)
        wins.append(formulas.both([applies, *(formulas.negated(wins[j]) for j in beaters)]))
    both, either, negated = formulas.both, formulas.either, formulas.negated

    def effect(name: str) -> Formula:
        return either([w for w, norm in zip(wins, law.norms, strict=True) if norm.effect == name])

    must, must_not = effect(MUST), effect(MUST_NOT)
    power = either([w for w, gives in zip(wins, law.powers, strict=True) if gives])
    conflict = _conflict(law, wins, formulas)
    calm = negated(conflict)
    forbidden = both([must_not, calm])
    rest = both([negated(must), negated(must_not), calm])
    ranks: dict[str, Formula] = {
        CONFLICT: conflict,
        MUST_NOT: forbidden,
        MUST: both([must, negated(must_not), calm]),
    }
    if law.closure == "no power":
        ranks[MAY] = both([rest, power])
        ranks[MUST_NOT] = either([forbidden, both([rest, negated(power)])])
    else:
        ranks[NOT_DUE if law.closure == "duty" else MAY] = rest
    return tuple(ranks), tuple(ranks.values())


def _conflict(law: ActionLaw, wins: list[Formula], formulas: Formulas) -> Formula:
    """The same as ``outcome._conflict``, as a formula."""
    both, either, negated = formulas.both, formulas.either, formulas.negated
    pairs = clashes(law)
    hard = [(i, j) for i, j in pairs if law.norms[j].effect == MUST]
    soft = [(i, j) for i, j in pairs if law.norms[j].effect == MAY]
    clear = [
        both([w, *(negated(wins[b]) for a, b in soft if a == i)])
        for i, w in enumerate(wins)
        if law.norms[i].effect == MUST_NOT
    ]
    any_soft = either([both([wins[i], wins[j]]) for i, j in soft])
    return either([*(both([wins[i], wins[j]]) for i, j in hard), both([any_soft, negated(either(clear))])])


def outcome_of(names: tuple[str, ...]) -> Callable[[State], str | None]:
    """What a state of the law settles: an outcome, ``OPEN``, or None while there is something to ask.

    Exactly one outcome holds once everything is known, so the last that is possible is settled too.
    """

    def settled(state: State) -> str | None:
        live = [n for n, rank in zip(names, state, strict=True) if rank != NO]
        for name, rank in zip(names, state, strict=True):
            if rank == YES:
                return name
        if len(live) == 1:
            return live[0]
        if sum(rank == UNKNOWN for rank in state) > 1:
            return OPEN
        return None

    return settled


def rank_of(state: State) -> int | None:
    """What a row condition, the only formula of the state, settles."""
    return state[0] if isinstance(state[0], int) else None


#: How much an answer that is seldom given counts, issues looked at closely for the next place, and states of a diagram.
_RARE, _TRIED, _MOST_STATES = 0.2, 8, 500
_COST: Mapping[type, float] = {Said: 1.0, Holds: 2.0, Found: 12.0}


class Diagrams(Generic[Leaf]):
    """Diagrams that share the nodes of states met twice."""

    def __init__(self, formulas: Formulas, settled: Callable[[State], Leaf | None]) -> None:
        self._formulas = formulas
        self._settled: Callable[[State], Leaf | None] = settled
        self._nodes: dict[State, Ask[Leaf] | Tell[Leaf]] = {}
        self._tells: dict[Leaf, Tell[Leaf]] = {}

    def of(self, state: State) -> Ask[Leaf] | Tell[Leaf]:
        """The diagram of a state; ``TooLarge`` when there are too many."""
        made = self._nodes.get(state)
        if made is None:
            found = self._settled(state)
            if found is not None:
                made = self._tells.setdefault(found, Tell(found))
            else:
                if len(self._nodes) > _MOST_STATES:
                    raise TooLarge
                issue = self._next(state)
                answers = _answers(issue, state)
                then = tuple([(a, self.of(self._after(state, issue, a))) for a in answers])
                # Whatever the answer, it leads to one place: then it is not asked.
                made = Ask(issue, then) if any(node is not then[0][1] for _, node in then) else then[0][1]
            self._nodes[state] = made
        return made

    def _after(self, state: State, issue: Issue, answer: Answer) -> State:
        return tuple([self._formulas.put(f, issue, answer) for f in state])

    def _next(self, state: State) -> Issue:
        """The issue that leaves least; where two do, the one that was made first."""
        uses = _uses(state)
        often = sorted(uses, key=lambda issue: (-uses[issue] / _COST[type(issue)], issue.number))
        return min(often[:_TRIED], key=lambda issue: self._left(state, issue))

    def _left(self, state: State, issue: Issue) -> float:
        answers = _answers(issue, state)
        rare = _RARE if len(answers) > 1 else 1.0
        total = weights = 0.0
        for answer in answers:
            weight = rare if answer is NOT_SAID or answer is OTHER or _is_unknown(issue, answer) else 1.0
            after = self._after(state, issue, answer)
            total += weight * (0.0 if self._settled(after) is not None else _cost(after))
            weights += weight
        return total / weights + _COST[type(issue)]


def _uses(state: State) -> Counter[Issue]:
    """How many places of a state ask each issue that can be answered now."""
    # Inside a row condition stand issues of rows as well; those wait for the search.
    askable = frozenset[Issue]().union(*(f.asks for f in state if isinstance(f, Node)))
    uses: Counter[Issue] = Counter(dict.fromkeys(askable, 0))
    pending, seen = [f for f in state if isinstance(f, Node)], set[int]()
    while pending:
        node = pending.pop()
        if node.issue is not None and node.issue in askable:
            uses[node.issue] += 1
        elif node.number not in seen:
            seen.add(node.number)
            pending += [p for p in node.parts if isinstance(p, Node) and not p.asks.isdisjoint(askable)]
    return uses


def _cost(state: State) -> float:
    """What it costs to look at everything that a state can still turn on."""
    needs: set[Issue] = set()
    for formula in state:
        if isinstance(formula, Node):
            needs |= formula.needs
    return sum(_COST[type(issue)] for issue in needs)


def _is_unknown(issue: Issue, answer: Answer) -> bool:
    return not isinstance(issue, Said) and answer == UNKNOWN


def _answers(issue: Issue, state: State) -> tuple[Answer, ...]:
    """Answers that the formulas of a state can tell apart."""
    if not isinstance(issue, Said):
        return YES, NO, UNKNOWN
    if issue.yes_no:
        return True, False, NOT_SAID
    named: dict[object, None] = {}
    for formula in state:
        for members in _members(formula, issue):
            named.update(dict.fromkeys(sorted(members, key=str)))
    return *named, OTHER, NOT_SAID


def _members(formula: Formula, issue: Said) -> list[frozenset[object]]:
    """Which values of a fact a formula asks about, searches of lists included."""
    if isinstance(formula, int) or issue not in formula.asks:
        return []
    if formula.issue is issue:
        return [formula.members]
    return [m for p in formula.parts for m in _members(p, issue)]
