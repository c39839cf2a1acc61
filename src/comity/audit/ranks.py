"""Kleene ranks of opened conditions over many states at once, and which unknown facts are to blame.

A *state* is everything the law can tell about a case (or about a row of a list): one digit per fact or comparison.
States are few where cases are many, so conditions are read here, once per state, as arrays of ranks: and is the
smaller, or the larger, not is 2 - x.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from comity.audit.leaves import BOTH_UNKNOWN, LEFT_UNKNOWN, RIGHT_UNKNOWN
from comity.audit.tables import NO_MEMBER, Array
from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Defined,
    Every,
    Fact,
    Includes,
    Literal,
    Name,
    Not,
    OneOf,
    Or,
    Some,
)
from comity.policy.expressions import Within as _Within
from comity.policy.opened import Given, Leaf, Opened, Quantifier, ReadAs, inside, leaves_of, parts
from comity.truth import NO, UNKNOWN, YES

__all__ = ["Choice", "DigitKey", "MissingName", "Ranks", "Reader", "digit_keys", "questions_in", "words_asked"]

#: Readings being tried: (question, answer) pairs, sorted; a question left out is open.
Choice = tuple[tuple[str, str], ...]

#: A missing fact at the level of a table: "judge signed", "convictions: date", "convictions: all of them?".
MissingName = str

Rank = Array | int


@dataclass(frozen=True, slots=True)
class DigitKey:
    """Which digit: of a whole column (``leaf`` None), or of one comparison."""

    name: Name
    leaf: Leaf | None = None


class Reader(Protocol):
    """Where states come from: digits of their facts, ranks of their quantifiers."""

    def digit(self, key: DigitKey) -> Array | None:
        """uint8 per state, or None when the table has no such column: unknown everywhere."""
        ...

    def members(self, name: Name) -> tuple[str, ...]:
        """The words of a one-of fact."""
        ...

    def label(self, name: Name) -> MissingName:
        """What a report calls the fact."""
        ...

    def quantifier(self, node: Quantifier, choice: Choice) -> Rank:
        """Rank per state."""
        ...

    def blamed(self, node: Quantifier, choice: Choice) -> Iterable[tuple[Any, Array | bool]]:
        """Facts that keep a quantifier unknown, and in which states."""
        ...


def questions_in(node: Opened, memory: dict[int, frozenset[str]]) -> frozenset[str]:
    """Every question whose reading can matter to an expression, rows included; ``memory`` is by identity."""
    found = memory.get(id(node))
    if found is None:
        match node:
            case ReadAs(question, _):
                found = frozenset((question,))
            case Some(_, where) | Every(_, where) | AtLeast(_, _, where):
                found = questions_in(where, memory)
            case _:
                found = frozenset[str]().union(*(questions_in(p, memory) for p in parts(node)))
        memory[id(node)] = found
    return found


def digit_keys(node: Opened, kind: Callable[[Name], str | None]) -> Iterable[DigitKey]:
    """The digits an expression reads on its own level; ``kind`` is None for a fact the table has no column for."""
    for leaf in inside(node):
        if isinstance(leaf, ReadAs | And | Or | Not | Some | Every | AtLeast):
            continue
        key = digit_key(leaf, kind)
        if key is not None:
            yield key


def digit_key(leaf: Opened, kind: Callable[[Name], str | None]) -> DigitKey | None:
    """The digit behind a leaf; None where no column can tell anything."""
    match leaf:
        case Fact(name, row):
            return DigitKey(Name(name, row)) if kind(Name(name, row)) else None
        case Given(name, _):
            return DigitKey(Name(name)) if kind(Name(name)) else None
        case OneOf(left, _) if kind(left) == "one of":
            return DigitKey(left)
        case Compare("is", left, Literal(value)) if kind(left) == "one of" and isinstance(value, str):
            return DigitKey(left)
        case Compare() | OneOf() | Includes() | _Within():
            names = leaves_of(leaf)
            if names and all(kind(n) is None for n in names):
                return None
            return DigitKey(names[0] if names else Name("law date"), leaf)
    return None


def words_asked(leaf: Opened, name: Name) -> frozenset[str]:
    """The words a leaf asks a one-of fact for; none for another leaf."""
    match leaf:
        case OneOf(left, wanted) if left == name:
            return frozenset(wanted)
        case Compare("is", left, Literal(value)) if left == name:
            return frozenset((str(value),))
        case _:
            return frozenset()


class Ranks:
    """Ranks over ``size`` states; every condition is read once per choice of the readings it depends on.

    Conditions are known by identity: whoever made them keeps them.
    """

    def __init__(self, size: int, reader: Reader, kind: Callable[[Name], str | None]) -> None:
        self.size = size
        self._reader = reader
        self._kind = kind
        self._memory: dict[tuple[int, Choice], Rank] = {}
        self._questions: dict[int, frozenset[str]] = {}

    def rank(self, node: Opened, choice: Choice) -> Rank:
        """uint8 per state, or one number where all states agree."""
        mine = self._restricted(node, choice)
        known = self._memory.get((id(node), mine))
        if known is None:
            known = self._memory[id(node), mine] = self._rank(node, mine)
        return known

    def _restricted(self, node: Opened, choice: Choice) -> Choice:
        """The readings that an expression depends on."""
        questions = questions_in(node, self._questions)
        return tuple(c for c in choice if c[0] in questions)

    def _rank(self, node: Opened, choice: Choice) -> Rank:
        match node:
            case Not(item):
                return 2 - self.rank(item, choice)
            case And(items):
                return self._fold(np.minimum, items, choice, YES)
            case Or(items):
                return self._fold(np.maximum, items, choice, NO)
            case ReadAs(question, answer):
                tried = dict(choice).get(question)
                return UNKNOWN if tried is None else YES if tried == answer else NO
            case Some() | Every() | AtLeast():
                return self._reader.quantifier(node, choice)
            case Defined():
                raise AssertionError("definitions are opened first")
            case _:
                return self._leaf(node)

    def _fold(self, join: Callable[[Rank, Rank], Rank], items: Sequence[Opened], choice: Choice, empty: int) -> Rank:
        found: Rank = empty
        for item in items:
            rank = self.rank(item, choice)
            found = rank if isinstance(found, int) and found == empty else join(found, rank)
        return int(found) if isinstance(found, np.generic) else found

    def _leaf(self, leaf: Leaf) -> Rank:
        key = digit_key(leaf, self._kind)
        digit = None if key is None else self._reader.digit(key)
        if isinstance(leaf, Given):
            told = YES if leaf.value else NO
            return told if digit is None else np.where(digit == UNKNOWN, told, digit).astype(np.uint8)
        if digit is None:
            return UNKNOWN
        assert key is not None
        if key.leaf is not None:
            return np.where((digit == RIGHT_UNKNOWN) | (digit == BOTH_UNKNOWN), UNKNOWN, digit).astype(np.uint8)
        if isinstance(leaf, Fact):
            return digit
        members = self._reader.members(key.name)
        among = words_asked(leaf, key.name)
        table = np.zeros(NO_MEMBER + 1, np.uint8)
        table[[i for i, m in enumerate(members) if m in among]] = YES
        table[NO_MEMBER] = UNKNOWN
        return table[digit]

    # -- blame ------------------------------------------------------------------------------------------------------

    def blame(self, node: Opened, where: Array | bool, choice: Choice, found: dict[Any, Array]) -> None:
        """Add to ``found``, in the states ``where``, the unknown facts that keep ``node`` unknown (by name, or what
        the reader names a quantifier's rows by).

        A branch that is settled is never followed, so a fact that can no longer matter is not blamed.
        """
        open_ = np.logical_and(where, np.equal(self.rank(node, choice), UNKNOWN))
        if not np.any(open_):
            return
        match node:
            case Not() | And() | Or():
                for part in parts(node):
                    self.blame(part, open_, choice, found)
            case ReadAs() | Defined():
                pass
            case Some() | Every() | AtLeast():
                for name, states in self._reader.blamed(node, self._restricted(node, choice)):
                    self._add(found, name, np.logical_and(open_, states))
            case _:
                for name, states in self._unknown(node):
                    self._add(found, name, np.logical_and(open_, states))

    def _add(self, found: dict[Any, Array], name: Any, states: Array) -> None:
        if np.any(states):
            whole = np.broadcast_to(states, self.size)
            found[name] = whole | found[name] if name in found else whole.copy()

    def _unknown(self, leaf: Leaf) -> Iterable[tuple[MissingName, Array | bool]]:
        """The facts a leaf reads, and in which states each is unknown."""
        names = leaves_of(leaf)
        key = digit_key(leaf, self._kind)
        if key is None or len(names) < 2:
            # One fact: the leaf is unknown exactly where the fact is.  No column at all: always.
            for name in names:
                yield self._reader.label(name), True
            return
        digit = self._reader.digit(key)
        assert digit is not None
        yield self._reader.label(names[0]), (digit == LEFT_UNKNOWN) | (digit == BOTH_UNKNOWN)
        yield self._reader.label(names[1]), (digit == RIGHT_UNKNOWN) | (digit == BOTH_UNKNOWN)
