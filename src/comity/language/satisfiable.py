"""Whether some conditions can hold together: a small exact check, by truth tables held as whole numbers.

Leaves that are equal are one atom.  Two atoms may rule each other out (one value of a one-of fact and another) or carry
each other (before 2014 carries before 2018); those combinations are struck from the table.  A column of the table for
n atoms is an integer of 2**n bits, so "and" is ``&`` and "or" is ``|``.

The check leans to one side: with too many atoms, or where it does not see a connection, it says that the conditions can
hold together.  "No" is always right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import permutations

from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Defined,
    Every,
    Expression,
    Fact,
    Includes,
    Literal,
    Name,
    Not,
    OneOf,
    Or,
    Some,
    Within,
)
from comity.policy.norms import DefinitionVersion, ReadingOf

__all__ = ["MOST_ATOMS", "Solver", "under"]

#: More atoms than this are not looked at; the table would have a million rows.
MOST_ATOMS = 18
#: More nodes than this, with definitions opened, are not looked at either.
_MOST_NODES = 2000
#: Conditions inside conditions, with definitions opened, deeper than any law is.
_DEEPEST = 150

#: One version of what every definition says: name -> the versions in force.
Definitions = Mapping[str, tuple[DefinitionVersion, ...]]


class _Opened(Enum):
    """Which definitions are looked into; the others are atoms."""

    ALL = "all"
    OF_THE_CASE = "those of the case"
    NONE = "none"


class _TooMuchError(Exception):
    """The question is larger than this check takes on."""


def under(reading: ReadingOf | None) -> Expression:
    """The condition that a question is read in one way.

    A question is a one-of fact with its readings as values.  No declared fact has a colon in its name, so the names
    cannot meet.
    """
    return And(()) if reading is None else OneOf(Name(f"reading: {reading.question}"), (reading.answer,))


@dataclass(frozen=True, slots=True)
class _Among:
    """An atom: the value of ``left`` lies in a set of values that no condition looks into (``several``: holds one)."""

    left: Name
    values: frozenset[str]
    several: bool


_Atom = Fact | Compare | Within | Some | AtLeast | Defined | _Among
#: Values of one name, cut so that each condition takes whole pieces.
_Pieces = dict[tuple[Name, bool], list[frozenset[str]]]


class Solver:
    """Answers questions about conditions under one set of definitions; remembers what it found."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._known: dict[Expression, bool | None] = {}
        self._full: dict[tuple[Defined, bool, _Opened], tuple[Expression, int]] = {}
        self._nodes = 0

    def can_hold(self, *conditions: Expression) -> bool:
        """Whether all of them can hold in one case."""
        # Where opening every definition is too much, some stay closed: an atom may be anything, so "no" is still right.
        for opened in _Opened:
            self._nodes = 0
            try:
                found = self._ask(And(tuple(self._plain(c, False, opened, 0) for c in conditions)))
            except _TooMuchError:
                continue
            if found is not None:
                return found
        return True

    def _ask(self, plain: Expression) -> bool | None:
        """Whether a plain condition can hold; None where a part of it was too much."""
        try:
            return self._known[plain]
        except KeyError:
            found = self._known[plain] = self._table(plain)
            return found

    def _plain(self, condition: Expression, negated: bool, opened: _Opened, depth: int) -> Expression:
        """The condition with definitions opened, negations at the leaves and few kinds of leaf."""
        self._nodes += 1
        if self._nodes > _MOST_NODES or depth > _DEEPEST:
            raise _TooMuchError
        depth += 1
        plain: Expression
        match condition:
            case Not(item):
                return self._plain(item, not negated, opened, depth)
            case And(items) | Or(items):
                parts = tuple(self._plain(i, negated, opened, depth) for i in items)
                return And(parts) if isinstance(condition, And) is not negated else Or(parts)
            case Defined() if opened is _Opened.ALL or (opened is _Opened.OF_THE_CASE and not condition.row):
                return self._open(condition, negated, opened, depth)
            case Every(list_, where):
                # Every row meets it: there is no row that fails.
                return self._plain(Some(list_, Not(where)), not negated, opened, depth)
            case Some(list_, where) | AtLeast(1, list_, where):
                plain = Some(list_, self._plain(where, False, opened, depth))
            case AtLeast(count, list_, where) if count > 1:
                plain = AtLeast(count, list_, self._plain(where, False, opened, depth))
            case AtLeast():
                # Any list has at least no row.
                return Or(()) if negated else And(())
            case Compare("is", left, Literal(str() as value)):
                plain = OneOf(left, (value,))
            case Compare(">=" | ">" as op, left, right):
                return self._plain(Compare("<" if op == ">=" else "<=", left, right), not negated, opened, depth)
            case _:
                plain = condition
        return Not(plain) if negated else plain

    def _open(self, defined: Defined, negated: bool, opened: _Opened, depth: int) -> Expression:
        """A definition in full; what was opened before is not opened again, but counts again."""
        key = (defined, negated, opened)
        if key in self._full:
            plain, nodes = self._full[key]
            self._nodes += nodes
            return plain
        before = self._nodes
        versions = tuple(self._version(v) for v in self._definitions.get(defined.name, ()))
        plain = self._plain(Or(versions), negated, opened, depth)
        self._full[key] = plain, self._nodes - before
        return plain

    @staticmethod
    def _version(version: DefinitionVersion) -> Expression:
        return And((under(version.reading), version.when, *(Not(e) for e in version.exceptions)))

    def _table(self, plain: Expression) -> bool | None:
        leaves = tuple(dict.fromkeys(_leaves(plain)))
        pieces = _pieces(leaves)
        atoms = tuple(dict.fromkeys(a for leaf in leaves for a in _atoms(leaf, pieces)))
        if len(atoms) > MOST_ATOMS:
            return None
        column = {atom: _column(len(atoms), i) for i, atom in enumerate(atoms)}
        every = (1 << (1 << len(atoms))) - 1
        rows = _evaluate(plain, column, pieces, every)
        for one, other in _related(a for a in atoms if not isinstance(a, Some | AtLeast)):
            if _excludes(one, other):
                rows &= ~(column[one] & column[other])
            elif _carries(one, other):
                rows &= ~column[one] | column[other]
        # What stands inside quantifiers is looked at only where it can still make a difference.
        lists = [a for a in atoms if isinstance(a, Some | AtLeast)]
        sure = True
        for atom in lists:
            if rows & column[atom]:
                answer = self._ask(atom.where)
                sure = sure and answer is not None
                rows &= ~column[atom] if answer is False else every
        for some, wider in _related(lists):
            if (
                isinstance(some, Some | AtLeast)
                and isinstance(wider, Some | AtLeast)
                and rows & column[some] & ~column[wider]
            ):
                carries = self._list_carries(some, wider)
                sure = sure and carries is not None
                rows &= ~column[some] | column[wider] if carries else every
        if rows == 0:
            return False
        return True if sure else None

    def _list_carries(self, one: Some | AtLeast, other: Some | AtLeast) -> bool | None:
        """Whether ``other`` holds wherever ``one`` does; None where that was too much."""
        if isinstance(other, Some):
            fails = self._ask(And((one.where, _negated(other.where))))
            return None if fails is None else not fails
        return isinstance(one, AtLeast) and one.where == other.where and one.count >= other.count


def _related(atoms: Iterable[_Atom]) -> Iterator[tuple[_Atom, _Atom]]:
    """Pairs of atoms about the same name or list, both ways round; only these can have to do with each other."""
    groups: dict[tuple[str, Name | str], list[_Atom]] = {}
    for atom in atoms:
        match atom:
            case Some(list_, _) | AtLeast(_, list_, _):
                groups.setdefault(("list", list_), []).append(atom)
            case _Among(left, _, False) | Compare(_, left, _) | Within(left, _, _, _, _, _):
                groups.setdefault((type(atom).__name__, left), []).append(atom)
            case _:
                pass
    for group in groups.values():
        yield from permutations(group, 2)


def _negated(plain: Expression) -> Expression:
    """The opposite of a condition that is already plain."""
    match plain:
        case Not(item):
            return item
        case And(items):
            return Or(tuple(_negated(i) for i in items))
        case Or(items):
            return And(tuple(_negated(i) for i in items))
        case _:
            return Not(plain)


def _leaves(condition: Expression) -> Iterator[Expression]:
    match condition:
        case Not(item):
            yield from _leaves(item)
        case And(items) | Or(items):
            for item in items:
                yield from _leaves(item)
        case _:
            yield condition


def _pieces(leaves: Iterable[Expression]) -> _Pieces:
    """For each name, its values sorted by which conditions take them: long lists become one or two atoms."""
    sets: dict[tuple[Name, bool], dict[frozenset[str], None]] = {}
    for leaf in leaves:
        if isinstance(leaf, OneOf | Includes):
            sets.setdefault((leaf.left, isinstance(leaf, Includes)), {})[frozenset(leaf.members)] = None
    pieces: _Pieces = {}
    for key, taken in sets.items():
        by_use: dict[tuple[bool, ...], set[str]] = {}
        for value in sorted(frozenset().union(*taken)):
            by_use.setdefault(tuple(value in values for values in taken), set()).add(value)
        pieces[key] = [frozenset(values) for values in by_use.values()]
    return pieces


def _atoms(leaf: Expression, pieces: _Pieces) -> Iterable[_Atom]:
    """The atoms of a leaf; a leaf about several values holds where one of its atoms does."""
    match leaf:
        case OneOf(left, members) | Includes(left, members):
            several = isinstance(leaf, Includes)
            return [_Among(left, p, several) for p in pieces[left, several] if p <= frozenset(members)]
        case Fact() | Compare() | Within() | Some() | AtLeast() | Defined():
            return [leaf]
        case _:
            raise AssertionError(f"{leaf!r} is no leaf")


def _evaluate(condition: Expression, column: Mapping[_Atom, int], pieces: _Pieces, all_rows: int) -> int:
    """The rows of the table in which the condition holds, one bit for each."""
    match condition:
        case Not(item):
            return all_rows & ~_evaluate(item, column, pieces, all_rows)
        case And(items):
            rows = all_rows
            for item in items:
                rows &= _evaluate(item, column, pieces, all_rows)
            return rows
        case Or(items):
            rows = 0
            for item in items:
                rows |= _evaluate(item, column, pieces, all_rows)
            return rows
        case leaf:
            rows = 0
            for atom in _atoms(leaf, pieces):
                rows |= column[atom]
            return rows


@cache
def _column(atoms: int, index: int) -> int:
    """The column of one atom in a table of ``atoms``: blocks of 2**index rows without it and with it."""
    block = 1 << index
    column, width = ((1 << block) - 1) << block, 2 * block
    while width < 1 << atoms:
        column |= column << width
        width *= 2
    return column


def _excludes(one: _Atom, other: _Atom) -> bool:
    """Whether the two can never hold together."""
    match one, other:
        case _Among(left, _, False), _Among(same, _, False):
            # Pieces of one name never share a value, and the fact has one.
            return left == same
        case Compare("is", left, Literal(day)), Compare(op, same, Literal(bound)) if left == same:
            return _holds(day, op, bound) is False
        case _:
            return False


def _carries(one: _Atom, other: _Atom) -> bool:
    """Whether ``other`` holds wherever ``one`` does."""
    match one, other:
        case Compare(), Compare():
            return _carries_comparison(one, other)
        case Within(), Within():
            return _carries_window(one, other)
        case _:
            return False


def _carries_comparison(one: Compare, other: Compare) -> bool:
    if one.left != other.left or not isinstance(one.right, Literal) or not isinstance(other.right, Literal):
        return False
    low, high = one.right.value, other.right.value
    match one.op, other.op:
        case "is", op:
            return _holds(low, op, high) is True
        case ("<" | "<=", "<=") | ("<", "<"):
            return low == high or _holds(low, "<", high) is True
        case "<=", "<":
            return _holds(low, "<", high) is True
        case _:
            return False


def _holds(value: object, op: str, bound: object) -> bool | None:
    """A comparison of two written values; None where their types do not compare."""
    if op == "is":
        return value == bound
    try:
        less = bool(value < bound)  # type: ignore[operator]
    except TypeError:
        return None
    return less or (op == "<=" and value == bound)


def _carries_window(one: Within, other: Within) -> bool:
    """Five years back lies within ten years back."""
    if (one.left, one.unit, one.anchor, one.after) != (other.left, other.unit, other.anchor, other.after):
        return False
    return one.amount < other.amount or (one.amount == other.amount and (one.strict or not other.strict))
