"""The five truths of an action (must, must not, may, power, conflict) in many signatures, under one choice of readings.

Each is a Kleene rank; the five together are a code, and tables of ``policy.outcome.settle`` turn codes into standings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from comity.audit.tables import Array
from comity.policy.outcome import CONFLICT, MAY, MUST, MUST_NOT, NOT_DUE, SILENT, clashes, settle
from comity.policy.stack import ActionLaw

__all__ = ["WORDS", "Truths", "Weigher"]

#: Words of a standing; the first means that it is open.
WORDS: Final = ("", MUST, MUST_NOT, MAY, NOT_DUE, CONFLICT, SILENT)
_WORD: Final = {w: i for i, w in enumerate(WORDS)}


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
class Truths:
    """What one choice of readings comes to.

    Per norm and signature ``applies`` and ``wins`` (uint8).  Per signature, for the whole and then for each layer by
    itself, ``words`` (positions in ``WORDS``) and ``standings`` (numbers of their own); ``possible``: outcomes of the
    whole as bits; ``settled``: whether the whole and every layer are.
    """

    applies: Array
    wins: Array
    words: Array
    standings: Array
    possible: Array
    settled: Array


class Weigher:
    """Weighs the norms of one version of an action's law; ``layers``: the names of its layers."""

    def __init__(self, law: ActionLaw) -> None:
        self.layers = tuple(dict.fromkeys(law.layers))
        self._whole = _Group(law, range(len(law.norms)))
        self._alone = [_Group(law, [i for i, of in enumerate(law.layers) if of == name]) for name in self.layers]
        self._final = _table(law.closure)

    def alone(self, layer: int, applies: Array) -> Array:
        """The code of a layer by itself; ``applies`` is that of ``truths``."""
        group = self._alone[layer]
        return group.code(group.wins(applies))

    def truths(self, applies: Array, layers: Array) -> Truths:
        """``applies``: the rank of each norm's condition in each signature, norm by norm; ``layers``: what ``alone``
        says of each.
        """
        wins = self._whole.wins(applies)
        code = self._whole.code(wins)
        alone = _table(SILENT)
        words = np.concatenate([np.take(self._final.settled, code)[None], np.take(alone.settled, layers)])
        standings = np.concatenate([np.take(self._final.which, code)[None], np.take(alone.which, layers)])
        return Truths(applies, wins, words, standings, np.take(self._final.possible, code), np.all(words, axis=0))


class _Group:
    """Some norms of an action, weighed against one another and nothing else; arrays hold positions of norms."""

    def __init__(self, law: ActionLaw, members: Sequence[int]) -> None:
        among = set(members)
        effects = {i: law.norms[i].effect for i in members}
        self._beaten = [(i, _places(j for j in law.beaten_by[i] if j in among)) for i in sorted(among)]
        self._beaten = [(i, by) for i, by in self._beaten if len(by)]
        told = [(w, [i for i in members if effects[i] == e]) for w, e in ((1, MUST), (3, MUST_NOT), (9, MAY))]
        told.append((27, [i for i in members if law.powers[i]]))
        self._told = [(np.uint8(weight), _places(where)) for weight, where in told if where]
        pairs = [(i, j) for i, j in clashes(law) if i in among and j in among]
        hard = [(i, j) for i, j in pairs if effects[j] == MUST]
        soft = [(i, j) for i, j in pairs if effects[j] != MUST]
        self._hard = _places(i for i, _ in hard), _places(j for _, j in hard)
        self._soft = _places(i for i, _ in soft), _places(j for _, j in soft)
        #: Each norm that forbids, and what it contradicts softly.
        self._forbids = [(i, _places(b for a, b in soft if a == i)) for i in members if effects[i] == MUST_NOT]

    def wins(self, applies: Array) -> Array:
        """The rank of "applies and is not beaten" of each norm; lines of norms outside the group mean nothing."""
        if not self._beaten:
            return applies
        wins = applies.copy()
        for i, by in self._beaten:
            wins[i] = np.minimum(applies[i], 2 - wins[by].max(axis=0))
        return wins

    def code(self, wins: Array) -> Array:
        """The code of each signature: uint8."""
        code = np.zeros(wins.shape[1], np.uint8)
        for weight, where in self._told:
            code += weight * (wins[where[0]] if len(where) == 1 else wins[where].max(axis=0))
        conflict = self._conflict(wins)
        return code if conflict is None else code + np.uint8(81) * conflict

    def _conflict(self, wins: Array) -> Array | None:
        """``policy.outcome``'s conflict; None where there can be none."""
        found: Array | None = None
        if len(self._hard[0]):
            found = np.minimum(wins[self._hard[0]], wins[self._hard[1]]).max(axis=0)
        if len(self._soft[0]):
            both = np.minimum(wins[self._soft[0]], wins[self._soft[1]]).max(axis=0)
            clear = [np.minimum(wins[i], 2 - wins[of].max(axis=0)) if len(of) else wins[i] for i, of in self._forbids]
            soft = np.minimum(both, 2 - np.max(clear, axis=0))
            found = soft if found is None else np.maximum(found, soft)
        return found


def _places(positions: Iterable[int]) -> Array:
    return np.array(list(positions), np.intp)
