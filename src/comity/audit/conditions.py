"""The condition of one norm over the states of cases: few combinations of what it reads.

A state of an action holds everything that any of its norms reads; one norm reads little of it.  So each condition keeps
a table of its own combinations: its rank under every choice of the readings it depends on, and the facts to blame while
it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from comity.audit.blame import RowsOf
from comity.audit.coding import Coder, distinct_rows
from comity.audit.lists import choices_of
from comity.audit.ranks import Choice, DigitKey, MissingName, Ranks, questions_in
from comity.audit.tables import Array
from comity.policy.opened import Opened

__all__ = ["Blamed", "Condition", "Key", "RanksOfDigits"]

#: What a condition reads of a case: a digit, the class of a pass (its place), whether a list is complete (its name).
Key = DigitKey | int | str

#: Makes ranks over combinations from what they read, its values, and their number.
RanksOfDigits = Callable[[Sequence[Key], Sequence[Array], int], Ranks]

#: The facts that keep a condition open, those in rows by where to look for them.
Blamed = frozenset[MissingName | RowsOf]


class Condition:
    """When a norm applies; all actions and versions of the law that have the same condition share it.

    ``keys``: what it reads, with the ``radices`` of that.
    """

    def __init__(
        self,
        node: Opened,
        keys: Sequence[Key],
        radices: Sequence[int],
        answers: dict[str, tuple[str, ...]],
        ranks: RanksOfDigits,
    ) -> None:
        self.node = node
        self.keys = tuple(keys)
        self._ranks = ranks
        self._coder = Coder(radices)
        #: The questions it turns on.
        self.questions = questions_in(node, {})
        self._choices = choices_of(self.questions, answers)
        self._column = {choice: i for i, choice in enumerate(self._choices)}
        #: Combination -> its vector of ranks, one per choice; vector number -> the vector.
        self._vector_of = np.zeros(0, np.int32)
        self._vectors = np.zeros((0, len(self._choices)), np.uint8)
        self._known: dict[bytes, int] = {}
        self._blamed: dict[Choice, Array] = {}
        #: Sets of facts to blame, by number.
        self.sets: list[Blamed] = []
        self._set_numbers: dict[Blamed, int] = {}
        self._slices: dict[tuple[int, int], Ranks] = {}

    def combinations(self, values: Sequence[Array], size: int) -> Array:
        """The number of the combination of values of ``keys`` in each state."""
        found = self._coder.encode(values, size)
        known = len(self._vector_of)
        if self._coder.size > known:
            ranks = self._from(known)
            fresh = np.empty((ranks.size, len(self._choices)), np.uint8)
            for i, choice in enumerate(self._choices):
                fresh[:, i] = ranks.rank(self.node, choice)
            numbers = [self._known.setdefault(row.tobytes(), len(self._known)) for row in fresh]
            new = np.unique(np.array(numbers, np.int32), return_index=True)
            added = [i for number, i in zip(*new, strict=True) if number >= len(self._vectors)]
            self._vectors = np.concatenate([self._vectors, fresh[added]])
            self._vector_of = np.concatenate([self._vector_of, np.array(numbers, np.int32)])
        return found

    def vectors(self, combinations: Array) -> Array:
        """The number of the vector of ranks of each combination."""
        return np.take(self._vector_of, combinations)

    def restricted(self, choice: Choice) -> Choice:
        """The readings that the condition depends on."""
        return tuple(c for c in choice if c[0] in self.questions)

    def rank(self, vectors: Array, choice: Choice) -> Array:
        """The rank in states of these vectors: uint8."""
        found: Array = self._vectors[:, self._column[self.restricted(choice)]][vectors]
        return found

    def blamed(self, combinations: Array, choice: Choice) -> Array:
        """The number of the set of facts to blame in each combination, under a restricted choice."""
        known = self._blamed.get(choice)
        if known is None or len(known) < self._coder.size:
            kept = np.zeros(0, np.int32) if known is None else known
            known = self._blamed[choice] = np.concatenate([kept, self._read(len(kept), choice)])
        return np.take(known, combinations)

    def _read(self, first: int, choice: Choice) -> Array:
        ranks = self._from(first)
        found: dict[MissingName | RowsOf, Array] = {}
        ranks.blame(self.node, True, choice, found)
        if not found:
            return np.full(ranks.size, self._set(frozenset()), np.int32)
        names = list(found)
        rows, places = distinct_rows([found[n] for n in names], [2] * len(names))
        sets = [frozenset(n for n, flag in zip(names, row, strict=True) if flag) for row in zip(*rows, strict=True)]
        return np.array([self._set(one) for one in sets], np.int32)[places]

    def _set(self, facts: Blamed) -> int:
        number = self._set_numbers.setdefault(facts, len(self.sets))
        if number == len(self.sets):
            self.sets.append(facts)
        return number

    def _from(self, first: int) -> Ranks:
        """Ranks over the combinations from ``first`` on."""
        key = (first, self._coder.size)
        found = self._slices.get(key)
        if found is None:
            digits = [d[first:] for d in self._coder.digits]
            found = self._ranks(self.keys, digits, self._coder.size - first)
            self._slices = {k: v for k, v in self._slices.items() if k[1] == key[1]} | {key: found}
        return found
