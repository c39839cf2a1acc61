"""Quantifiers over a list of the cases, all of them in one grouped pass.

Rows are numbered by their state (``coding.py``); what each row state means to every quantifier, under every choice of
readings, is found once per state.  Per row that is a few bits: *surely*, *possibly*, and the facts to blame.  A case
has what any of its rows has, so one bitwise-or over its rows answers every quantifier at once; ``at least`` is counted
beside it.  Cases with the same bits are of one *class*; classes keep their numbers for the life of the pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from comity.audit.coding import Coder, HashNumbers
from comity.audit.meanings import POSSIBLY, SURELY, Meaning, Meanings, distinct_columns, meanings_of
from comity.audit.ranks import Choice, MissingName, Rank, Ranks
from comity.audit.tables import Array
from comity.policy.expressions import AtLeast, Every
from comity.policy.opened import Quantifier, inside
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

    ``nodes``: each quantifier, by identity, with the choices of readings it depends on.  ``radices`` bound the digits
    of a row.  ``nested``: other passes ask about these quantifiers inside their own rows, so a class must also tell
    which facts are to blame; otherwise that is found row by row where it is needed (``blame.py``).
    """

    def __init__(
        self,
        nodes: dict[int, tuple[Quantifier, list[Choice]]],
        radices: Sequence[int],
        ranks: RanksOfStates,
        *,
        nested: bool,
    ) -> None:
        self.nodes = nodes
        self._nested = nested
        self._ranks = ranks
        self._slices: dict[tuple[int, int], tuple[Ranks, Array]] = {}
        self.coder = Coder([*radices, 2])
        self._states = Meanings()
        self._classes = Meanings()
        #: What is known of every class, by the bytes of its meaning; and of words, since they meant something else.
        self._stable: dict[bytes, int] = {}
        self._layout: tuple[int, ...] = ()
        self._class_of_byte: Array
        self._class_of_pair: Array
        self._pairs: HashNumbers
        self._row_class: Array
        self._lay_out()

    @property
    def classes(self) -> int:
        """How many classes have been met."""
        return self._classes.size

    def states(self, length: int, digits: Sequence[Array], counted: Array | None) -> Array:
        """The state of each of ``length`` rows: int32.

        ``digits`` per row; ``counted`` is 0 for a row that is set aside (None: every row counts).
        """
        keep: Any = counted if counted is not None else np.uint8(1) if digits else np.ones(length, np.uint8)
        return self.coder.encode([*digits, keep], length)

    def of_cases(self, states: Array, offsets: Array) -> Array:
        """The class of each case: int32.  ``states``: of the rows, as ``states`` gave them; ``offsets`` bound each
        case's rows.
        """
        if self.coder.size > self._states.size:
            self._learn()
        count = len(offsets) - 1
        sizes = np.diff(offsets) if self._lanes or self._words.shape[1] > 1 else np.zeros(0, np.int64)
        if self._lanes and sizes.size and int(sizes.max()) > _MOST_ROWS:
            message = f"a case has more than {_MOST_ROWS} rows in one list"
            raise ComityError([Problem("CM751", message, help="look at how the rows are joined to their case")])
        if self._words.shape[1] > 1:
            return self._fold(states, offsets, sizes)
        word = self._join(np.take(self._small, states), offsets, count)
        if word.dtype.itemsize == 1:
            if self._class_of_byte.min() < 0:
                self._class_of_byte = self._numbers(np.arange(256, dtype=np.uint64).reshape(-1, 1))
            return np.take(self._class_of_byte, word)
        distinct, places = _unique(word)
        return self._numbers(distinct.astype(np.uint64).reshape(-1, 1))[places]

    def _join(self, words: Array, offsets: Array, count: int) -> Array:
        """The bits that any row of a case has."""
        found = np.zeros(count, words.dtype)
        if len(self._bit_values) <= 2:
            # Running totals differ across a case that has a row with the bit: quicker than a loop over cases.
            for bit in self._bit_values:
                totals = np.zeros(len(words) + 1, np.uint32)
                np.cumsum(words & words.dtype.type(bit) != 0, dtype=np.uint32, out=totals[1:])
                at = np.take(totals, offsets)
                found |= (at[1:] != at[:-1]) * words.dtype.type(bit)
            return found
        filled = np.flatnonzero(np.diff(offsets))
        if len(filled):
            found[filled] = np.bitwise_or.reduceat(words, offsets[:-1][filled])
        return found

    def _fold(self, states: Array, offsets: Array, sizes: Array) -> Array:
        """The class of each case where its meaning takes several words: row after row, class and row to class.

        Pairs of a class and a row are few; each is joined once.
        """
        found = np.full(len(sizes), self._numbers(np.zeros((1, self._words.shape[1]), np.uint64))[0], np.int32)
        row = 0
        filled = np.flatnonzero(sizes)
        while len(filled):
            code = (found[filled].astype(np.int64) << 32) | self._row_class[states[offsets[filled] + row]]
            pairs, new = self._pairs.number(code)
            if len(new):
                joined = self._joined(code[new] >> 32, code[new] & 0xFFFFFFFF)
                self._class_of_pair = np.concatenate([self._class_of_pair, self._numbers(joined)])
            found[filled] = self._class_of_pair[pairs]
            row += 1
            filled = filled[sizes[filled] > row]
        return found

    def _joined(self, classes: Array, row_classes: Array) -> Array:
        """The words of classes joined with those of rows."""
        kept, added = self._class_words[classes], self._row_words[row_classes]
        joined: Array = kept | added
        joined[:, self._or_words :] = kept[:, self._or_words :] + added[:, self._or_words :]
        return joined

    # -- what row states mean -----------------------------------------------------------------------------------------

    def _learn(self) -> None:
        """Read the conditions on the row states seen for the first time, then lay out the bits anew."""
        known = self._states.size
        size = self.coder.size - known
        ranks, counts = self._ranks_from(known)
        truths: dict[Meaning, Array] = {}
        for node, choices in self.nodes.values():
            for choice in choices:
                truths.update(meanings_of(node, choice, ranks, counts, blame=self._nested))
        self._states.add(size, truths)
        self._lay_out()

    @property
    def row_states(self) -> int:
        """How many states of rows have been met."""
        return self.coder.size

    def blame_in_rows(self, quantifier: int, choice: Choice, first: int) -> dict[MissingName, Array]:
        """The facts that keep a quantifier's condition unknown on a row: name -> bool per row state from ``first``."""
        ranks, counts = self._ranks_from(first)
        found: dict[MissingName, Array] = {}
        ranks.blame(self.nodes[quantifier][0].where, counts, choice, found)
        return found

    def _ranks_from(self, first: int) -> tuple[Ranks, Array]:
        """Ranks over the row states from ``first`` on, and which of them are of rows that count."""
        key = (first, self.coder.size)
        known = self._slices.get(key)
        if known is None:
            digits = [d[first:] for d in self.coder.digits]
            known = self._ranks(digits[:-1], self.coder.size - first), digits[-1].astype(bool)
            self._slices = {k: v for k, v in self._slices.items() if k[1] == key[1]} | {key: known}
        return known

    def _lay_out(self) -> None:
        """Give every distinct column of the row states a bit (or a lane); the same column needs it once."""
        self._bits, bits = distinct_columns([c for m, c in self._states.columns() if not self._is_count(m)])
        self._lanes, lanes = distinct_columns([c for m, c in self._states.columns() if self._is_count(m)])
        self._or_words = max(1, -(-len(bits) // 64))
        words = np.zeros((self.coder.size, self._or_words + -(-len(lanes) // _LANES)), np.uint64)
        for i, column in enumerate(bits):
            words[:, i // 64] |= column.astype(np.uint64) << np.uint64(i % 64)
        for i, column in enumerate(lanes):
            place = np.uint64(i % _LANES * _LANE_BITS)
            words[:, self._or_words + i // _LANES] |= column.astype(np.uint64) << place
        self._words: Array = np.asfortranarray(words)
        kind = np.uint8 if len(bits) <= 4 else np.uint16 if len(bits) <= 16 else np.uint64
        self._bit_values = [1 << i for i in range(len(bits))]
        self._small: Array = self._words[:, 0].astype(kind)
        layout = (*self._bits, -2, *self._lanes)
        if layout != self._layout:
            # Words mean something else now; otherwise what is known of them lasts.
            self._layout = layout
            self._class_of_byte = np.full(256, -1, np.int32)
            self._word_numbers = [HashNumbers() for _ in range(words.shape[1])]
            self._word_coder = Coder([1 << 31] * words.shape[1])
            self._class_of = np.zeros(0, np.int32)
            self._class_words = np.zeros((self._classes.size, words.shape[1]), np.uint64)
            self._row_known: dict[bytes, int] = {}
            self._row_class = np.zeros(0, np.int64)
            self._pairs = HashNumbers()
            self._class_of_pair = np.zeros(0, np.int32)
        fresh = [self._row_known.setdefault(w.tobytes(), len(self._row_known)) for w in words[len(self._row_class) :]]
        self._row_class = np.concatenate([self._row_class, np.array(fresh, np.int64)])
        _, first = np.unique(self._row_class, return_index=True)
        self._row_words = words[first]

    def _is_count(self, meaning: Meaning) -> bool:
        return isinstance(self.nodes[meaning[0]][0], AtLeast) and meaning[2] in (SURELY, POSSIBLY)

    # -- what classes mean --------------------------------------------------------------------------------------------

    def _numbers(self, table: Array) -> Array:
        """The class of each row of words."""
        columns = [one.number(np.ascontiguousarray(table[:, i]))[0] for i, one in enumerate(self._word_numbers)]
        places = self._word_coder.encode(columns, len(table))
        known = len(self._class_of)
        if self._word_coder.size > known:
            _, first = np.unique(places, return_index=True)
            self._class_of = np.concatenate([self._class_of, self._meet(table[first[places[first] >= known]])])
        numbers: Array = np.take(self._class_of, places)
        if len(self._class_words) < self._classes.size:
            more = np.zeros((2 * self._classes.size - len(self._class_words), table.shape[1]), np.uint64)
            self._class_words = np.concatenate([self._class_words, more])
        self._class_words[numbers] = table
        return numbers

    def _meet(self, table: Array) -> Array:
        """The classes behind words met for the first time since the layout: int32."""
        size = len(table)
        octets = np.ascontiguousarray(table[:, : self._or_words]).astype("<u8").view(np.uint8).reshape(size, -1)
        bits = np.unpackbits(octets, axis=1, bitorder="little")
        meanings = self._states.meanings()
        truth = [m for m in meanings if not self._is_count(m)]
        counted = [m for m in meanings if self._is_count(m)]
        truths: dict[Meaning, Array] = {}
        for meaning, bit in zip(truth, self._bits, strict=True):
            if bit >= 0:
                truths[meaning] = bits[:, bit]
        for meaning, lane in zip(counted, self._lanes, strict=True):
            if lane >= 0:
                word = table[:, self._or_words + lane // _LANES] >> np.uint64(lane % _LANES * _LANE_BITS)
                truths[meaning] = (word & np.uint64(_MOST_ROWS)).astype(np.uint16)
        keys = self._classes.keys(size, truths)
        fresh: list[int] = []
        found = np.zeros(size, np.int32)
        for i, key in enumerate(keys):
            number = self._stable.get(key)
            if number is None:
                number = self._stable[key] = self._classes.size + len(fresh)
                fresh.append(i)
            found[i] = number
        if fresh:
            self._classes.add(len(fresh), {m: t[fresh] for m, t in truths.items()})
        return found

    def rank(self, node: Quantifier, choice: Choice, classes: Array, complete: Array) -> Rank:
        """The quantifier's rank for cases of these classes; ``complete``: bool per case."""
        surely = self._classes.values((id(node), choice, SURELY), classes)
        possibly = self._classes.values((id(node), choice, POSSIBLY), classes)
        if isinstance(node, AtLeast):
            surely, possibly = surely >= node.count, possibly >= node.count
        # A list that is not complete may hold a row that nobody wrote down.
        possibly = possibly.astype(bool) | ~complete
        found: Array = surely.astype(np.uint8) + (possibly | surely.astype(bool)).astype(np.uint8)
        return 2 - found if isinstance(node, Every) else found

    def marks(self, node: Quantifier, choice: Choice) -> Iterable[tuple[Array, Array]]:
        """Surely and possibly, of a quantifier that is not counted: per state of rows, and per class (uint16)."""
        for what in (SURELY, POSSIBLY):
            meaning = (id(node), choice, what)
            yield self._states.values(meaning, slice(None)), self._classes.values(meaning, slice(None))

    def blamed(self, node: Quantifier, choice: Choice, classes: Array) -> Iterable[tuple[MissingName, Array]]:
        """The facts to blame in the rows of cases of these classes."""
        for name in self._classes.names(id(node), choice):
            if name not in (SURELY, POSSIBLY):
                yield name, self._classes.values((id(node), choice, name), classes).astype(bool)

    def alike(self, nodes: Iterable[Quantifier], first: int) -> list[bytes]:
        """How some quantifiers stand in classes from ``first`` on: equal bytes, equal standing."""
        columns: list[Array] = []
        for node in nodes:
            for choice in self.nodes[id(node)][1]:
                surely = self._classes.values((id(node), choice, SURELY), slice(first, None))
                settled = surely >= (node.count if isinstance(node, AtLeast) else 1)
                possibly = self._classes.values((id(node), choice, POSSIBLY), slice(first, None))
                if isinstance(node, AtLeast):
                    possibly = possibly >= node.count
                columns += [settled.astype(np.uint8), (possibly.astype(bool) | settled).astype(np.uint8)]
        if not columns:
            return [b""] * (self.classes - first)
        return [row.tobytes() for row in np.ascontiguousarray(np.stack(columns, axis=1))]


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
    encoded = pc.dictionary_encode(pa.array(words))
    return encoded.dictionary.to_numpy(), encoded.indices.to_numpy()


def nested_in(node: Quantifier) -> list[Quantifier]:
    """The quantifiers directly inside a quantifier's row condition."""
    return [n for n in inside(node.where) if isinstance(n, Quantifier)]
