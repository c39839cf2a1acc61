"""What one action sees of a case: classes and digits with everything left out that its own law does not ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from comity.audit.coding import narrow
from comity.audit.lists import ListPass
from comity.audit.plan import Plan, PlannedAction
from comity.audit.ranks import DigitKey, digit_keys, words_asked
from comity.audit.states import radix
from comity.audit.stretch import Digits
from comity.audit.tables import Array
from comity.policy.library import Library
from comity.policy.opened import Opened, Quantifier, inside

__all__ = ["CaseDigit", "Classes", "Sight"]


class Sight:
    """A block of cases as the actions look at it; what several of them need is worked out once.

    ``law``: the position of each case's law version.
    """

    def __init__(self, stretch: Digits, law: Array) -> None:
        self.stretch = stretch
        self.law = law
        self._kept: dict[tuple[bytes, ...], Array] = {}

    def version(self, of: Array) -> Array:
        """The version of an action's law each case falls under; ``of``: law version -> it."""
        return self._taken(of, self.law, of.tobytes())

    def asked(self, asked: Array, of: Array) -> Array:
        """Whether the version of each case asks something: bool; ``asked``: per version."""
        return self._taken(asked, self.version(of), of.tobytes(), asked.tobytes())

    def _taken(self, table: Array, places: Array, *key: bytes) -> Array:
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = np.take(table, places)
        return found


class Classes:
    """Classes of a pass as one action sees them, version by version: what a version does not ask is left out."""

    def __init__(self, one: ListPass, nodes: Sequence[Sequence[Quantifier]]) -> None:
        self._pass = one
        self.nodes = nodes
        self._known: list[dict[bytes, int]] = [{} for _ in nodes]
        #: Version x class of the pass -> our number; the last line, of cases without a law date, is 0.
        self.numbers = np.zeros((len(nodes) + 1, 0), np.uint8)
        #: Version -> for each of our numbers a class of the pass that has it.
        self.examples: list[Array] = [np.zeros(0, np.int32) for _ in nodes]

    def grow(self) -> None:
        """Number the classes that the pass has met since."""
        first = self.numbers.shape[1]
        if self._pass.classes == first:
            return
        more = np.zeros((len(self.nodes) + 1, self._pass.classes - first), np.int32)
        read: dict[tuple[int, ...], tuple[Array, list[bytes]]] = {}
        for i, nodes in enumerate(self.nodes):
            same = tuple(id(node) for node in nodes)
            if same not in read:
                read[same] = _alike(self._pass.alike(nodes, first))
            places, keys = read[same]
            known, size = self._known[i], len(self._known[i])
            numbers = np.array([known.setdefault(key, len(known)) for key in keys], np.int32)
            more[i] = numbers[places]
            _, where = np.unique(more[i], return_index=True)
            where = where[more[i][where] >= size]
            fresh = np.zeros(len(known) - size, np.int32)
            fresh[more[i][where] - size] = first + where
            self.examples[i] = np.concatenate([self.examples[i], fresh])
        self.numbers = narrow(np.concatenate([self.numbers, more], axis=1))

    def of(self, classes: Array, version: Array) -> Array:
        """Our number of each case's class."""
        return np.take(self.numbers.ravel(), version * np.int32(self.numbers.shape[1]) + classes)

    def __len__(self) -> int:
        return max(len(known) for known in self._known)


def _alike(keys: Sequence[bytes]) -> tuple[Array, list[bytes]]:
    """Each key's place among the distinct ones, in order of first sight; and those."""
    known: dict[bytes, int] = {}
    places = np.array([known.setdefault(key, len(known)) for key in keys], np.int32)
    return places, list(known)


class CaseDigit:
    """A digit of an action's states: what its conditions do not tell apart is one value.

    ``example``: for each value one that the column may have.
    """

    def __init__(self, planned: PlannedAction, key: DigitKey, plan: Plan, library: Library) -> None:
        self.key = key
        self.asked = _asked(planned, lambda c: key in digit_keys(c, plan.schema.kind("")))
        self.radix = radix(key, plan.schema.kind(""), library)
        self.example = np.arange(self.radix)
        self.merged: Array | None = None
        if key.leaf is None and plan.schema.kind("")(key.name) == "one of":
            members = library.vocabulary.case_facts()[key.name.name].type.members
            told = [words_asked(n, key.name) for v in planned.versions for c in v.conditions for n in inside(c)]
            alike = [tuple(m in words for words in told if words) for m in members]
            groups = list(dict.fromkeys(alike))
            self.merged = np.array([*(groups.index(a) for a in alike), len(groups)], np.uint8)
            self.radix = len(groups) + 1
            self.example = np.array([*(alike.index(g) for g in groups), len(members)])

    def of(self, sight: Sight, version_of: Array) -> Array:
        """The digit of each case; 0 where its version of the law does not ask."""
        found = sight.stretch.digit(self.key)
        if self.merged is not None:
            found = np.take(self.merged, found)
        return found if self.asked is None else found * sight.asked(self.asked, version_of)


def _asked(planned: PlannedAction, asks: Callable[[Opened], bool]) -> Array | None:
    """Per version whether it asks: bool, one more for cases without a law date; None where every version does."""
    found = [any(asks(c) for c in v.conditions) for v in planned.versions]
    return None if all(found) else np.array([*found, False])
