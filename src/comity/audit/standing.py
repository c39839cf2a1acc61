"""From ranks to judgements, for many states of one version of the law about one action.

The same meaning as one case: readings are left open first; where that leaves the outcome, or a layer's own, open, the
question that settles most is answered, until the rest no longer matters.  Tables of ``policy.outcome.settle`` turn the
five truths (must, must not, may, power, conflict) into outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from comity.audit.blame import RowsOf
from comity.audit.coding import Coder
from comity.audit.conditions import Condition
from comity.audit.judgement import Judgement
from comity.audit.ranks import Choice, MissingName
from comity.audit.tables import Array
from comity.policy.opened import OpenedAction
from comity.policy.outcome import (
    ASK_COUNSEL,
    CONFLICT,
    MAY,
    MUST,
    MUST_NOT,
    NEED_A_FACT,
    NOT_DUE,
    OUTCOMES,
    SILENT,
    clashes,
    settle,
)
from comity.truth import UNKNOWN, YES

__all__ = ["Base", "Version", "Words", "finished"]

#: Words of a standing; the first means that it is open.
_WORDS = ("", MUST, MUST_NOT, MAY, NOT_DUE, CONFLICT, SILENT)
_WORD = {w: i for i, w in enumerate(_WORDS)}


@dataclass(frozen=True, slots=True)
class Words:
    """Names of facts, as a report writes them: ``counsel`` those the law leaves to a person, ``few`` those with few
    values, whose completions the one-case engine tries.
    """

    counsel: frozenset[str]
    few: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Per code of the five truths: the settled word, which outcomes are possible (bits), and which standing it is."""

    settled: Array
    possible: Array
    which: Array


@cache
def _table(closure: str) -> _Table:
    standings = [settle(*(code // 3**n % 3 for n in range(5)), closure) for code in range(243)]
    numbers = {s: i for i, s in enumerate(dict.fromkeys(standings))}
    return _Table(
        np.array([_WORD[s.settled] for s in standings], np.uint8),
        np.array([sum(1 << _WORD[p] for p in s.possible) for s in standings], np.uint8),
        np.array([numbers[s] for s in standings], np.uint8),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Evaluation:
    """One choice of readings: per norm ``applies`` and ``wins``, the code of the whole and of each layer."""

    applies: list[Array]
    wins: list[Array]
    code: Array
    layers: list[Array]


#: Which condition hangs (its position), and under which readings of those it depends on.
Hanging = tuple[int, Choice]


@dataclass(slots=True, eq=False)
class _Found:
    """What has been found of each signature so far; sets of words as bits."""

    words: Array
    layers: list[Array]
    possible: Array
    hanging: dict[Hanging, Array]


@dataclass(frozen=True, slots=True)
class Base:
    """A judgement before the rows of lists have been looked at: ``rows`` say which could still be to blame."""

    judgement: Judgement
    rows: tuple[RowsOf, ...]


class Version:
    """One version of the law about an action, ready to judge states.

    States in which every condition has the same ranks share a *signature*; outcomes are worked out once for each.
    ``answers``: question -> its readings.
    """

    def __init__(
        self, opened: OpenedAction, answers: dict[str, tuple[str, ...]], conditions: Sequence[Condition]
    ) -> None:
        self.law = opened.law
        self._conditions = conditions
        self._answers = answers
        self._layer_names = tuple(dict.fromkeys(self.law.layers))
        self._among = [{i for i, of in enumerate(self.law.layers) if of == name} for name in self._layer_names]
        self._clashes = clashes(self.law)
        self._final = _table(self.law.closure)
        self._alone = _table(SILENT)
        self._signatures = Coder([1 << 31 for _ in conditions])
        #: Signature -> its judgement, and the conditions that keep it open.
        self._judgements: list[Judgement] = []
        self._hanging: list[tuple[Hanging, ...]] = []

    def judge(self, digits: Sequence[Array], size: int) -> tuple[Array, list[Base]]:
        """For each state, given by its digits, the position of its judgement in the list; and the list."""
        combinations = [c.combinations(digits, size) for c in self._conditions]
        vectors = [c.vectors(n) for c, n in zip(self._conditions, combinations, strict=True)]
        signatures = self._signatures.encode(vectors, size)
        if self._signatures.size > len(self._judgements):
            self._learn()
        found = np.zeros(size, np.int32)
        bases: dict[Base, int] = {}
        for signature in np.flatnonzero(np.bincount(signatures, minlength=1)).tolist():
            states = np.flatnonzero(signatures == signature)
            judgement, hanging = self._judgements[signature], self._hanging[signature]
            if not hanging:
                found[states] = bases.setdefault(Base(judgement, ()), len(bases))
                continue
            sets = [self._conditions[i].blamed(combinations[i][states], choice) for i, choice in hanging]
            rows, places = np.unique(np.stack(sets, axis=1), axis=0, return_inverse=True)
            names = [self._conditions[i].sets() for i, _ in hanging]
            numbers = []
            for row in rows.tolist():
                blamed = frozenset[MissingName | RowsOf]().union(*(n[k] for n, k in zip(names, row, strict=True)))
                missing = tuple(sorted(b for b in blamed if isinstance(b, str)))
                rows_of = tuple(sorted(b for b in blamed if isinstance(b, RowsOf)))
                numbers.append(bases.setdefault(Base(replace(judgement, missing=missing), rows_of), len(bases)))
            found[states] = np.array(numbers, np.int32)[places.reshape(-1)]
        return found, list(bases)

    def _learn(self) -> None:
        """Judge the signatures met for the first time."""
        known = len(self._judgements)
        size = self._signatures.size - known
        vectors = [d[known:] for d in self._signatures.digits]
        memory: dict[Choice, _Evaluation] = {}
        first = self._at((), vectors, size, memory)
        none = np.zeros(size, np.uint8)
        found = _Found(none.copy(), [none.copy() for _ in self._layer_names], none.copy(), {})
        self._split(found, (), np.arange(size), vectors, size, memory)
        names = list(found.hanging)
        for i in range(size):
            winning = [n for n, wins in enumerate(first.wins) if wins[i] == YES]
            layers = [int(layer[i]) for layer in found.layers]
            self._judgements.append(self._judgement(int(found.words[i]), int(found.possible[i]), layers, winning))
            self._hanging.append(tuple(n for n in names if found.hanging[n][i]))

    # -- one choice of readings -------------------------------------------------------------------------------------

    def _at(
        self, choice: Choice, vectors: Sequence[Array], size: int, memory: dict[Choice, _Evaluation]
    ) -> _Evaluation:
        known = memory.get(choice)
        if known is None:
            known = memory[choice] = self._evaluate(choice, vectors, size)
        return known

    def _evaluate(self, choice: Choice, vectors: Sequence[Array], size: int) -> _Evaluation:
        applies = [c.rank(v, choice) for c, v in zip(self._conditions, vectors, strict=True)]
        whole = self._wins(applies, set(range(len(applies))))
        code = self._code(whole, size)
        layers = [self._code(self._wins(applies, among), size) for among in self._among]
        return _Evaluation(applies, [whole[i] for i in range(len(applies))], code, layers)

    def _wins(self, applies: Sequence[Array], among: set[int]) -> dict[int, Array]:
        wins: dict[int, Array] = {}
        for i in sorted(among):
            found = applies[i]
            for j in self.law.beaten_by[i]:
                if j in among:
                    found = np.minimum(found, 2 - wins[j])
            wins[i] = found
        return wins

    def _code(self, wins: dict[int, Array], size: int) -> Array:
        norms = self.law.norms
        code = np.zeros(size, np.uint8)
        for weight, effect in ((1, MUST), (3, MUST_NOT), (9, MAY)):
            code += np.uint8(weight) * _largest((w for i, w in wins.items() if norms[i].effect == effect), size)
        code += np.uint8(27) * _largest((w for i, w in wins.items() if self.law.powers[i]), size)
        return code + np.uint8(81) * self._conflict(wins, size)

    def _conflict(self, wins: dict[int, Array], size: int) -> Array:
        """``policy.outcome``'s conflict, over states."""
        norms = self.law.norms
        pairs = [(i, j) for i, j in self._clashes if i in wins and j in wins]
        hard = [np.minimum(wins[i], wins[j]) for i, j in pairs if norms[j].effect == MUST]
        soft = [(i, j) for i, j in pairs if norms[j].effect != MUST]
        if soft:
            clear = []
            for i, win in wins.items():
                if norms[i].effect == MUST_NOT:
                    for a, b in soft:
                        if a == i:
                            win = np.minimum(win, 2 - wins[b])
                    clear.append(win)
            both = _largest((np.minimum(wins[i], wins[j]) for i, j in soft), size)
            hard.append(np.minimum(both, 2 - _largest(clear, size)))
        return _largest(hard, size)

    def _all_settled(self, evaluation: _Evaluation) -> Array:
        settled = self._final.settled[evaluation.code] > 0
        for code in evaluation.layers:
            settled &= self._alone.settled[code] > 0
        return settled

    # -- readings -----------------------------------------------------------------------------------------------------

    def _split(
        self,
        found: _Found,
        choice: Choice,
        which: Array,
        vectors: Sequence[Array],
        size: int,
        memory: dict[Choice, _Evaluation],
    ) -> None:
        """Answer one more question in the signatures ``which``, until the rest no longer matters."""
        now = self._at(choice, vectors, size, memory)
        tried = {q for q, _ in choice}
        rest = [q for q in self.law.questions if q not in tried]
        done = self._all_settled(now)[which] if rest else np.ones(len(which), bool)
        best = np.zeros(len(which), np.int64)
        if not done.all():
            best = self._best(choice, rest, which, now, vectors, size, memory)
            done = done | (best < 0)
        self._note(found, now, choice, which[done])
        for place, question in enumerate(rest):
            chosen = which[~done & (best == place)]
            if len(chosen):
                for answer in self._answers[question]:
                    self._split(found, _with(choice, question, answer), chosen, vectors, size, memory)

    def _best(
        self,
        choice: Choice,
        rest: Sequence[str],
        which: Array,
        now: _Evaluation,
        vectors: Sequence[Array],
        size: int,
        memory: dict[Choice, _Evaluation],
    ) -> Array:
        """Per signature the question (position in ``rest``) that settles most, or -1 where none is worth answering."""
        best = np.zeros(len(which), np.int64)
        best_score = np.full(len(which), -1, np.int64)
        decided = np.zeros(len(which), bool)
        for place, question in enumerate(rest):
            branch = [self._at(_with(choice, question, a), vectors, size, memory) for a in self._answers[question]]
            score = np.zeros(len(which), np.int64)
            changed = np.zeros(len(which), bool)
            for evaluation in branch:
                score += self._all_settled(evaluation)[which]
                changed |= self._differs(evaluation, now)[which]
            score += changed
            better = ~decided & (score > best_score)
            best[better], best_score[better] = place, score[better]
            decided |= score == len(branch) + 1
        # No single answer moves anything.  If answering them all does not either, facts are missing, not readings.
        stuck = best_score == 0
        if stuck.any():
            every = choice
            for question in rest:
                every = _with(every, question, self._answers[question][0])
            full = self._at(every, vectors, size, memory)
            open_ = self._final.settled[full.code][which] == 0
            kept = (self._final.settled[now.code][which] > 0) & ~self._all_settled(full)[which]
            best[stuck & (open_ | kept)] = -1
        return best

    def _differs(self, one: _Evaluation, other: _Evaluation) -> Array:
        differs: Array = self._final.which[one.code] != self._final.which[other.code]
        for a, b in zip(one.layers, other.layers, strict=True):
            differs |= self._alone.which[a] != self._alone.which[b]
        return differs

    def _note(self, found: _Found, evaluation: _Evaluation, choice: Choice, which: Array) -> None:
        """Add what one choice of readings says of some signatures."""
        if not len(which):
            return
        code = evaluation.code[which]
        found.words[which] |= np.uint8(1) << self._final.settled[code]
        found.possible[which] |= self._final.possible[code]
        for kept, layer in zip(found.layers, evaluation.layers, strict=True):
            kept[which] |= np.uint8(1) << self._alone.settled[layer[which]]
        open_ = which[self._final.settled[code] == 0]
        if not len(open_):
            return
        for i, condition in enumerate(self._conditions):
            hanging = (evaluation.wins[i][open_] == UNKNOWN) & (evaluation.applies[i][open_] == UNKNOWN)
            if hanging.any():
                key = i, condition.restricted(choice)
                if key not in found.hanging:
                    found.hanging[key] = np.zeros(len(found.words), bool)
                found.hanging[key][open_[hanging]] = True

    # -- judgements ---------------------------------------------------------------------------------------------------

    def _judgement(self, words: int, possible: int, layers: Sequence[int], winning: Sequence[int]) -> Judgement:
        met = [w for i, w in enumerate(_WORDS) if words >> i & 1]
        reason = ""
        if met == [CONFLICT]:
            outcome, reason = ASK_COUNSEL, "conflict"
        elif "" in met:
            outcome = NEED_A_FACT
        elif len(met) == 1:
            outcome = met[0]
        else:
            outcome, reason = ASK_COUNSEL, "readings"
        wanted = (outcome,) if outcome in (MUST, MUST_NOT, MAY) else (MUST, MUST_NOT, MAY)
        by_rank = sorted(range(len(self.law.norms)), key=self.law.ranks.__getitem__)
        return Judgement(
            outcome,
            reason,
            tuple(self._layers(layers)),
            tuple(self.law.norms[i].id for i in by_rank if i in winning and self.law.norms[i].effect in wanted),
            (),
            _possible(possible),
        )

    def _layers(self, layers: Sequence[int]) -> Iterable[tuple[str, str]]:
        for name, bits in zip(self._layer_names, layers, strict=True):
            met = {_shown(w) or NEED_A_FACT for i, w in enumerate(_WORDS) if bits >> i & 1}
            outcome = met.pop() if len(met) == 1 else NEED_A_FACT if NEED_A_FACT in met else ASK_COUNSEL
            if outcome != SILENT:
                yield name, outcome


def finished(base: Judgement, in_rows: Iterable[str], words: Words) -> tuple[Judgement, bool]:
    """A judgement with the facts missing in rows too; and whether a person's judgement among other missing facts keeps
    it open, so that the one-case engine must say what still matters.
    """
    missing = tuple(sorted({*base.missing, *in_rows}))
    if base.outcome != NEED_A_FACT or not missing:
        return replace(base, missing=missing), False
    if all(name in words.counsel for name in missing):
        return replace(base, outcome=ASK_COUNSEL, reason="judgement", missing=missing), False
    # One fact with too many values (a date, a row nobody wrote down), and case analysis is not tried.
    open_to_analysis = all(name in words.few for name in missing)
    return replace(base, missing=missing), open_to_analysis and any(name in words.counsel for name in missing)


def _with(choice: Choice, question: str, answer: str) -> Choice:
    return tuple(sorted((*choice, (question, answer))))


def _shown(word: str) -> str:
    return ASK_COUNSEL if word == CONFLICT else word


def _possible(bits: int) -> tuple[str, ...]:
    """Outcomes in the order of ``OUTCOMES``."""
    met = {_shown(w) for i, w in enumerate(_WORDS) if bits >> i & 1}
    return tuple(o for o in (*OUTCOMES, SILENT) if o in met)


def _largest(ranks: Iterable[Array], size: int) -> Array:
    found: Array | None = None
    for rank in ranks:
        found = rank if found is None else np.maximum(found, rank)
    return np.zeros(size, np.uint8) if found is None else found
