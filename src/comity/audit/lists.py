"""Quantifiers over a list of the cases, all of them in one grouped pass.

Rows are numbered by their state (``coding.py``); what each row state means to every quantifier, under every choice of
readings, is found once per state.  Per row that is a few bits: *surely*, *possibly*, and the facts to blame.  A case
has what any of its rows has, so one bitwise-or over its rows answers every quantifier at once; ``at least`` is counted
beside it.  Cases with the same bits are of one *class*; classes keep their numbers for the life of the pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product

import numpy as np

from comity.audit.coding import Coder
from comity.audit.opened import Quantifier, inside
from comity.audit.ranks import Choice, MissingName, Rank, Ranks
from comity.audit.tables import Array
from comity.policy.expressions import AtLeast, Every, Not
from comity.problems import ComityError, Problem

__all__ = ["ListPass", "choices_of", "nested_in"]

_LANES = 4
_LANE_BITS = 16
_MOST_ROWS = (1 << _LANE_BITS) - 1


#: Makes ranks over row states from their digits and their number.
RanksOfStates = Callable[[Sequence[Array], int], Ranks]


def choices_of(questions: Iterable[str], answers: dict[str, tuple[str, ...]]) -> list[Choice]:
    """Every way to read some questions, left open included."""
    names = sorted(questions)
    found = []
    for picked in product(*(("", *answers[n]) for n in names)):
        found.append(tuple((n, a) for n, a in zip(names, picked, strict=True) if a))
    return found


class ListPass:
    """The quantifiers over one list that can be answered together.

    ``nodes``: each quantifier with the choices of readings it depends on.  ``radices`` bound the digits of a row.
    """

    def __init__(self, nodes: dict[Quantifier, list[Choice]], radices: Sequence[int], ranks: RanksOfStates) -> None:
        self.nodes = nodes
        self._ranks = ranks
        self._coder = Coder([*radices, 2])
        self._judged = 0
        #: Meaning -> its column; columns over row states, and over classes.
        self._columns: dict[tuple[Quantifier, Choice, MissingName], int] = {}
        self._of_states: list[Array] = []
        self._of_classes: list[Array] = []
        self._counts: dict[tuple[Quantifier, Choice, MissingName], int] = {}
        self._count_of_states: list[Array] = []
        self._count_of_classes: list[Array] = []
        self._bit: list[int] = []
        self._lane: list[int] = []
        self._words = np.zeros((0, 0), np.uint64)
        self._class_of: dict[tuple[int, ...], int] = {}
        self._stable: dict[bytes, int] = {}
        self.classes = 0

    def run(self, offsets: Array, digits: Sequence[Array], counted: Array | None) -> Array:
        """The class of each case: int32.

        ``offsets`` bound each case's rows; ``digits`` per row; ``counted`` is 0 for a row that is set aside (None:
        every row counts).
        """
        count = len(offsets) - 1
        length = int(offsets[-1])
        keep = np.ones(length, np.uint8) if counted is None else counted
        states = self._coder.encode([*digits, keep], length)
        if self._coder.size > self._judged:
            self._learn()
        sizes = np.diff(offsets)
        if self._count_of_states and sizes.size and int(sizes.max()) > _MOST_ROWS:
            message = f"a case has more than {_MOST_ROWS} rows in one list"
            raise ComityError([Problem("CM751", message, help="look at how the rows are joined to their case")])
        filled = np.flatnonzero(sizes)
        starts = offsets[:-1][filled]
        packed: list[Array] = []
        for w in range(self._words.shape[1]):
            join = np.bitwise_or if w < self._or_words else np.add
            word = np.zeros(count, np.uint64)
            if len(filled):
                word[filled] = join.reduceat(self._words[states, w], starts)
            packed.append(word)
        return self._classes(packed, count)

    # -- what row states mean -----------------------------------------------------------------------------------------

    def _learn(self) -> None:
        """Read the conditions on the row states seen for the first time, then lay out the bits anew."""
        fresh = slice(self._judged, self._coder.size)
        size = self._coder.size - self._judged
        digits = [d[fresh] for d in self._coder.digits]
        counts = digits[-1].astype(bool)
        ranks = self._ranks(digits[:-1], size)
        for columns in (self._of_states, self._count_of_states):
            columns[:] = [np.concatenate([c, np.zeros(size, bool)]) for c in columns]
        for node, choices in self.nodes.items():
            for choice in choices:
                self._mean(node, choice, ranks, counts)
        self._judged = self._coder.size
        self._lay_out()

    def _mean(self, node: Quantifier, choice: Choice, ranks: Ranks, counts: Array) -> None:
        condition = Not(node.where) if isinstance(node, Every) else node.where
        rank = np.broadcast_to(ranks.rank(condition, choice), ranks.size)
        counted = isinstance(node, AtLeast)
        for name, truth in ((_SURELY, rank == 2), (_POSSIBLY, rank >= 1)):
            self._put(node, choice, name, truth & counts, counted)
        blamed: dict[MissingName, Array] = {}
        ranks.blame(node.where, counts, choice, blamed)
        for name, where in blamed.items():
            self._put(node, choice, name, where, False)

    def _put(self, node: Quantifier, choice: Choice, name: str, truth: Array, counted: bool) -> None:
        index, columns = (self._counts, self._count_of_states) if counted else (self._columns, self._of_states)
        place = index.get((node, choice, name))
        if place is None:
            place = index[node, choice, name] = len(columns)
            columns.append(np.zeros(self._coder.size, bool))
            (self._count_of_classes if counted else self._of_classes).append(
                np.zeros(self.classes, np.uint16 if counted else bool)
            )
        columns[place][self._judged :] = truth

    def _lay_out(self) -> None:
        """Give every distinct column of the row states a bit (or a lane); the same column needs it once."""
        self._bit, bits = _distinct(self._of_states)
        self._lane, lanes = _distinct(self._count_of_states)
        self._or_words = -(-len(bits) // 64)
        words = np.zeros((self._coder.size, self._or_words + -(-len(lanes) // _LANES)), np.uint64)
        for i, column in enumerate(bits):
            words[:, i // 64] |= column.astype(np.uint64) << np.uint64(i % 64)
        for i, column in enumerate(lanes):
            place = np.uint64(i % _LANES * _LANE_BITS)
            words[:, self._or_words + i // _LANES] |= column.astype(np.uint64) << place
        self._words = np.asfortranarray(words)
        self._class_of.clear()

    # -- what classes mean --------------------------------------------------------------------------------------------

    def _classes(self, words: list[Array], count: int) -> Array:
        if not words:
            return np.full(count, self._class(()), np.int32)
        if len(words) == 1:
            distinct, places = _unique(words[0])
            tuples: list[tuple[int, ...]] = [(w,) for w in distinct.tolist()]
        else:
            coder = Coder([1 << 31] * len(words))
            numbered = [_unique(w) for w in words]
            places = coder.encode([p for _, p in numbered], count)
            values = [d[n] for (d, _), n in zip(numbered, coder.digits, strict=True)]
            tuples = list(zip(*(v.tolist() for v in values), strict=True))
        return np.array([self._class(t) for t in tuples] or [0], np.int32)[places]

    def _class(self, words: tuple[int, ...]) -> int:
        known = self._class_of.get(words)
        if known is not None:
            return known
        truths = [b >= 0 and bool(words[b // 64] >> (b % 64) & 1) for b in self._bit]
        counts = [
            0 if n < 0 else words[self._or_words + n // _LANES] >> (n % _LANES * _LANE_BITS) & _MOST_ROWS
            for n in self._lane
        ]
        # Columns come later than classes do, and a class of before has nothing in them.
        key = bytes(truths).rstrip(b"\0") + b"|" + np.array(counts, "<u2").tobytes().rstrip(b"\0")
        number = self._stable.get(key)
        if number is None:
            number = self._stable[key] = self.classes
            self.classes += 1
            self._of_classes = [np.append(c, t) for c, t in zip(self._of_classes, truths, strict=True)]
            self._count_of_classes = [
                np.append(c, np.uint16(n)) for c, n in zip(self._count_of_classes, counts, strict=True)
            ]
        self._class_of[words] = number
        return number

    def rank(self, node: Quantifier, choice: Choice, classes: Array, complete: Array) -> Rank:
        """The quantifier's rank for cases of these classes; ``complete``: bool per case."""
        if isinstance(node, AtLeast):
            surely = self._count(node, choice, _SURELY, classes) >= node.count
            possibly = (self._count(node, choice, _POSSIBLY, classes) >= node.count) | ~complete
        else:
            surely = self._truth(node, choice, _SURELY, classes)
            # A list that is not complete may hold a row that nobody wrote down.
            possibly = self._truth(node, choice, _POSSIBLY, classes) | ~complete
        found = surely.astype(np.uint8) + (possibly | surely).astype(np.uint8)
        return 2 - found if isinstance(node, Every) else found

    def _truth(self, node: Quantifier, choice: Choice, name: str, classes: Array) -> Array:
        place = self._columns.get((node, choice, name))
        return np.zeros(len(classes), bool) if place is None else self._of_classes[place][classes]

    def _count(self, node: Quantifier, choice: Choice, name: str, classes: Array) -> Array:
        place = self._counts.get((node, choice, name))
        return np.zeros(len(classes), np.uint16) if place is None else self._count_of_classes[place][classes]

    def blamed(self, node: Quantifier, choice: Choice, classes: Array) -> Iterable[tuple[MissingName, Array]]:
        """The facts to blame in the rows of cases of these classes."""
        for (of, under, name), place in self._columns.items():
            if of == node and under == choice and name not in (_SURELY, _POSSIBLY):
                yield name, self._of_classes[place][classes]


# Names that no fact can have.
_SURELY, _POSSIBLY = "\0surely", "\0possibly"


def _distinct(columns: Sequence[Array]) -> tuple[list[int], list[Array]]:
    """For each column the place of its like among the distinct ones (-1 for a column of nothing), and those."""
    places: list[int] = []
    found: dict[bytes, int] = {}
    distinct: list[Array] = []
    for column in columns:
        if not column.any():
            places.append(-1)
            continue
        key = np.packbits(column).tobytes()
        place = found.setdefault(key, len(distinct))
        if place == len(distinct):
            distinct.append(column)
        places.append(place)
    return places, distinct


def _unique(words: Array) -> tuple[Array, Array]:
    """Distinct values, and each position's place among them; a table for small values."""
    if words.size and int(words.max()) < 1 << 16:
        seen = np.zeros(1 << 16, bool)
        small = words.astype(np.uint16)
        seen[small] = True
        distinct = np.flatnonzero(seen)
        places = np.zeros(1 << 16, np.int32)
        places[distinct] = np.arange(len(distinct))
        return distinct, places[small]
    import pyarrow as pa
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(pa.array(words))
    return encoded.dictionary.to_numpy(), encoded.indices.to_numpy()


def nested_in(node: Quantifier) -> list[Quantifier]:
    """The quantifiers directly inside a quantifier's row condition."""
    return [n for n in inside(node.where) if isinstance(n, Quantifier)]
