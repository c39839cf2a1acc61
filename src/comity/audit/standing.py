"""From ranks to judgements, for many states of one version of the law about one action.

The same meaning as one case: readings are left open first; where that leaves the outcome, or a layer's own, open, the
question that settles most is answered, until the rest no longer matters.  Tables of ``policy.outcome.settle`` turn the
five truths (must, must not, may, power, conflict) into outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np

from comity.audit.blame import RowsOf
from comity.audit.coding import Coder, distinct_rows
from comity.audit.conditions import Condition
from comity.audit.judgement import Judgement
from comity.audit.ranks import Choice, MissingName
from comity.audit.tables import Array
from comity.audit.truths import WORDS, Truths, Weigher
from comity.policy.opened import OpenedAction
from comity.policy.outcome import (
    ASK_COUNSEL,
    CONFLICT,
    MAY,
    MUST,
    MUST_NOT,
    NEED_A_FACT,
    OUTCOMES,
    SILENT,
)
from comity.truth import UNKNOWN, YES

__all__ = ["Base", "Version", "Words", "finished"]


@dataclass(frozen=True, slots=True)
class Words:
    """Names of facts, as a report writes them: ``counsel`` those the law leaves to a person, ``few`` those with few
    values, whose completions the one-case engine tries.
    """

    counsel: frozenset[str]
    few: frozenset[str]


#: So few states are read one by one: that is quicker than arrays of them.
_FEW_STATES = 48

_ROWS = attrgetter("place", "quantifier", "choice")

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
        self.conditions = conditions
        self.answers = answers
        self._weigher = Weigher(self.law)
        #: Question -> positions of the conditions that turn on it.
        self._depends = {
            q: np.array([i for i, c in enumerate(conditions) if q in c.questions], np.intp) for q in self.law.questions
        }
        self._signatures = Coder([1 << 31 for _ in conditions])
        #: Signature -> its judgement (by number), and the conditions that keep it open (by number).
        self._judgement_of = np.zeros(0, np.int32)
        self._hanging_of = np.zeros(0, np.int32)
        self._judgements: list[Judgement] = []
        self._hanging: dict[tuple[Hanging, ...], int] = {}
        #: What was found of signatures, by its bytes -> the numbers of judgements; where they hang likewise.
        self._read: dict[bytes, int] = {}
        #: (hanging, judgement, sets of facts) -> the number that the caller gave it.
        self._bases: dict[tuple[int, ...], int] = {}

    def judge(self, combinations: Sequence[Array], size: int, number: Callable[[Base], int]) -> Array:
        """For each state, given by the combination of each condition, the number that ``number`` gives its base."""
        vectors = [c.vectors(n) for c, n in zip(self.conditions, combinations, strict=True)]
        signatures = self._signatures.encode(vectors, size)
        if self._signatures.size > len(self._judgement_of):
            self._learn()
        judgements, hanging = self._judgement_of[signatures], self._hanging_of[signatures]
        order = np.argsort(hanging, kind="stable")
        ends = np.cumsum(np.bincount(hanging, minlength=len(self._hanging)))
        every = list(self._hanging)
        blamed: dict[Hanging, Array] = {}
        found = np.zeros(size, np.int32)
        for hangs in np.unique(hanging).tolist():
            where = order[ends[hangs - 1] if hangs else 0 : ends[hangs]]
            columns = [judgements[where]]
            for i, choice in every[hangs]:
                facts = blamed.get((i, choice))
                if facts is None:
                    facts = blamed[i, choice] = self.conditions[i].blamed(combinations[i], choice)
                columns.append(facts[where])
            if len(where) <= _FEW_STATES:
                lines = zip(*(column.tolist() for column in columns), strict=True)
                found[where] = [self._base(hangs, line, every, number) for line in lines]
                continue
            spans = [len(self._judgements), *(len(self.conditions[i].sets) for i, _ in every[hangs])]
            rows, places = distinct_rows(columns, spans)
            bases = [self._base(hangs, line, every, number) for line in zip(*rows, strict=True)]
            found[where] = np.array(bases, np.int32)[places]
        return found

    def _base(
        self,
        hangs: int,
        line: tuple[int, ...],
        every: Sequence[tuple[Hanging, ...]],
        number: Callable[[Base], int],
    ) -> int:
        """The number of the base of a judgement (first in ``line``) with sets of facts to blame."""
        key = (hangs, *line)
        base = self._bases.get(key)
        if base is None:
            sets = (self.conditions[i].sets[k] for (i, _), k in zip(every[hangs], line[1:], strict=True))
            blamed = frozenset[MissingName | RowsOf]().union(*sets)
            missing = tuple(sorted(b for b in blamed if isinstance(b, str)))
            rows_of = tuple(sorted((b for b in blamed if isinstance(b, RowsOf)), key=_ROWS))
            told = self._judgements[line[0]]
            base = self._bases[key] = number(Base(_missing(told, missing) if missing else told, rows_of))
        return base

    def _learn(self) -> None:
        """Judge the signatures met for the first time."""
        known = len(self._judgement_of)
        size = self._signatures.size - known
        trial = _Trial(self, self._signatures.digits, known, size)
        first = trial.at(())
        none = np.zeros(size, np.uint8)
        found = _Found(none.copy(), [none.copy() for _ in self._weigher.layers], none.copy(), {})
        self._split(found, (), np.arange(size), trial)
        table = np.stack([found.words, found.possible, *found.layers, *(first.wins == YES).view(np.uint8)], axis=1)
        layers = len(found.layers)
        judgements = np.zeros(size, np.int32)
        for i, line in enumerate(table):
            key = line.tobytes()
            number = self._read.get(key)
            if number is None:
                words, possible, *rest = line.tolist()
                winning = [n for n, wins in enumerate(rest[layers:]) if wins]
                judgement = self._judgement(words, possible, rest[:layers], winning)
                number = self._read[key] = len(self._judgements)
                self._judgements.append(judgement)
            judgements[i] = number
        self._judgement_of = np.concatenate([self._judgement_of, judgements])
        names = list(found.hanging)
        hanging = np.zeros(size, np.int32)
        if names:
            rows, places = distinct_rows([found.hanging[n] for n in names], [2] * len(names))
            sets = [tuple(n for n, flag in zip(names, row, strict=True) if flag) for row in zip(*rows, strict=True)]
            hanging = np.array([self._hanging.setdefault(s, len(self._hanging)) for s in sets], np.int32)[places]
        else:
            hanging[:] = self._hanging.setdefault((), len(self._hanging))
        self._hanging_of = np.concatenate([self._hanging_of, hanging])

    # -- readings -----------------------------------------------------------------------------------------------------

    def _split(self, found: _Found, choice: Choice, which: Array, trial: _Trial) -> None:
        """Answer one more question in the signatures ``which``, until the rest no longer matters."""
        now = trial.at(choice)
        tried = {q for q, _ in choice}
        rest = [q for q in self.law.questions if q not in tried]
        done = now.settled[which] if rest else np.ones(len(which), bool)
        best = np.full(len(which), -1, np.int64)
        open_ = np.flatnonzero(~done)
        if len(open_):
            best[open_] = self._best(choice, rest, which[open_], now, trial)
            done = done | (best < 0)
        self._note(found, now, choice, which[done])
        for place, question in enumerate(rest):
            chosen = which[~done & (best == place)]
            if len(chosen):
                for answer in self.answers[question]:
                    self._split(found, _with(choice, question, answer), chosen, trial)

    def _best(self, choice: Choice, rest: Sequence[str], which: Array, now: Truths, trial: _Trial) -> Array:
        """Per signature the question (position in ``rest``) that settles most, or -1 where none is worth answering."""
        best = np.zeros(len(which), np.int64)
        best_score = np.full(len(which), -1, np.int64)
        decided = np.zeros(len(which), bool)
        standings = now.standings[:, which]
        unknown = (now.applies[:, which] == UNKNOWN).any(axis=1)
        for place, question in enumerate(rest):
            if not unknown[self._depends[question]].any():
                # No condition that is still open turns on it: no answer settles or changes anything here.
                better = best_score < 0
                best[better], best_score[better] = place, 0
                continue
            branch = [trial.at(_with(choice, question, a)) for a in self.answers[question]]
            score = np.zeros(len(which), np.int64)
            changed = np.zeros(len(which), bool)
            for truths in branch:
                score += truths.settled[which]
                changed |= (truths.standings[:, which] != standings).any(axis=0)
            score += changed
            better = ~decided & (score > best_score)
            best[better], best_score[better] = place, score[better]
            decided |= score == len(branch) + 1
            if decided.all():
                break
        # No single answer moves anything.  If answering them all does not either, facts are missing, not readings.
        stuck = best_score == 0
        if stuck.any():
            every = choice
            for question in rest:
                every = _with(every, question, self.answers[question][0])
            full = trial.at(every)
            open_ = full.words[0][which] == 0
            kept = (now.words[0][which] > 0) & ~full.settled[which]
            best[stuck & (open_ | kept)] = -1
        return best

    def _note(self, found: _Found, truths: Truths, choice: Choice, which: Array) -> None:
        """Add what one choice of readings says of some signatures."""
        if not len(which):
            return
        words = truths.words[:, which]
        bits = np.uint8(1) << words
        found.words[which] |= bits[0]
        found.possible[which] |= truths.possible[which]
        for kept, layer in zip(found.layers, bits[1:], strict=True):
            kept[which] |= layer
        open_ = which[words[0] == 0]
        if not len(open_):
            return
        hanging = (truths.wins[:, open_] == UNKNOWN) & (truths.applies[:, open_] == UNKNOWN)
        for i in np.flatnonzero(hanging.any(axis=1)).tolist():
            key = i, self.conditions[i].restricted(choice)
            if key not in found.hanging:
                found.hanging[key] = np.zeros(len(found.words), bool)
            found.hanging[key][open_[hanging[i]]] = True

    # -- judgements ---------------------------------------------------------------------------------------------------

    def _judgement(self, words: int, possible: int, layers: Sequence[int], winning: Sequence[int]) -> Judgement:
        met = [w for i, w in enumerate(WORDS) if words >> i & 1]
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
        for name, bits in zip(self._weigher.layers, layers, strict=True):
            met = {_shown(w) or NEED_A_FACT for i, w in enumerate(WORDS) if bits >> i & 1}
            outcome = met.pop() if len(met) == 1 else NEED_A_FACT if NEED_A_FACT in met else ASK_COUNSEL
            if outcome != SILENT:
                yield name, outcome


class _Trial:
    """New signatures of a version under the choices of readings that are tried; each is weighed once."""

    def __init__(self, version: Version, digits: Sequence[Array], first: int, size: int) -> None:
        self._conditions = version.conditions
        self._weigher = version._weigher
        self._vectors = [d[first:] for d in digits]
        self._size = size
        self._ranks: dict[tuple[int, Choice], Array] = {}
        self._alone: dict[tuple[int, Choice], Array] = {}
        self._truths: dict[Choice, Truths] = {}
        turns = {name: set[str]() for name in self._weigher.layers}
        for name, condition in zip(version.law.layers, version.conditions, strict=True):
            turns[name] |= condition.questions
        self._questions = list(turns.values())

    def at(self, choice: Choice) -> Truths:
        """What the signatures come to under a choice."""
        known = self._truths.get(choice)
        if known is None:
            applies = np.zeros((len(self._conditions), self._size), np.uint8)
            for i, condition in enumerate(self._conditions):
                key = i, condition.restricted(choice)
                rank = self._ranks.get(key)
                if rank is None:
                    rank = self._ranks[key] = condition.rank(self._vectors[i], choice)
                applies[i] = rank
            layers = np.zeros((len(self._weigher.layers), self._size), np.uint8)
            for place, questions in enumerate(self._questions):
                # A layer turns on few questions: one answer more is seldom new to it.
                asked = place, tuple(c for c in choice if c[0] in questions)
                code = self._alone.get(asked)
                if code is None:
                    code = self._alone[asked] = self._weigher.alone(place, applies)
                layers[place] = code
            known = self._truths[choice] = self._weigher.truths(applies, layers)
        return known


def finished(base: Judgement, in_rows: Iterable[str], words: Words) -> tuple[Judgement, bool]:
    """A judgement with the facts missing in rows too; and whether a person's judgement among other missing facts keeps
    it open, so that the one-case engine must say what still matters.
    """
    missing = tuple(sorted({*base.missing, *in_rows}))
    if base.outcome != NEED_A_FACT or not missing:
        return _missing(base, missing), False
    if all(name in words.counsel for name in missing):
        return replace(base, outcome=ASK_COUNSEL, reason="judgement", missing=missing), False
    # One fact with too many values (a date, a row nobody wrote down), and case analysis is not tried.
    open_to_analysis = all(name in words.few for name in missing)
    return _missing(base, missing), open_to_analysis and any(name in words.counsel for name in missing)


def _missing(base: Judgement, missing: tuple[str, ...]) -> Judgement:
    """The judgement with these facts missing; written out, for ``replace`` takes ten times as long."""
    return Judgement(base.outcome, base.reason, base.layers, base.winning, missing, base.possible)


def _with(choice: Choice, question: str, answer: str) -> Choice:
    return tuple(sorted((*choice, (question, answer))))


def _shown(word: str) -> str:
    return ASK_COUNSEL if word == CONFLICT else word


def _possible(bits: int) -> tuple[str, ...]:
    """Outcomes in the order of ``OUTCOMES``."""
    met = {_shown(w) for i, w in enumerate(WORDS) if bits >> i & 1}
    return tuple(o for o in (*OUTCOMES, SILENT) if o in met)
