"""Law as formulas that shrink: what is left to find out once some facts are known.

``Formulas`` opens the conditions of an era into formulas over *issues*, things a case answers one at a time: what a
fact says, whether a comparison holds, whether a list has such a row.  ``put`` answers one issue and simplifies.  All of
it is exact strong Kleene truth: a formula that has become a rank (2 yes, 1 unknown, 0 no) has that truth in every case
with these answers, and nothing classical (*x or not x*) is ever assumed.

Equal formulas are one object, so a state of the law is recognised when it is met again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from comity.policy import expressions as law
from comity.policy.expressions import Expression, Literal, Name, Value
from comity.policy.norms import ReadingOf
from comity.policy.stack import Era
from comity.truth import NO, UNKNOWN, YES

__all__ = ["NOT_SAID", "OTHER", "Answer", "Formula", "Formulas", "Found", "Holds", "Issue", "Node", "Said"]


Comparison = law.Compare | law.Within | law.Includes


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What the case, or a row, says of a fact; answers are values."""

    name: Name
    yes_no: bool
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Holds:
    """A comparison; answers are ranks."""

    condition: Comparison
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A formula that is not settled.  ``kind``: "is", "holds", "some", "at least", "and", "or" or "not".

    ``parts``: the formulas inside; of "some" and "at least" the condition of a row.  ``issue``: of a leaf, or the
    search itself.  ``asks``: the issues that can be answered now.  ``needs``: every issue it can still turn on.
    """

    number: int
    kind: str
    parts: tuple[Formula, ...]
    issue: Issue | None
    members: frozenset[object]
    list: str
    count: int
    asks: frozenset[Issue]
    needs: frozenset[Issue]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Whether a list has so many rows that meet ``where``; answers are ranks."""

    list: str
    count: int
    where: Formula
    number: int


Issue = Said | Holds | Found

#: A rank, or something that still has to be found out.
Formula = int | Node


class _Word:
    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


#: A value no formula at hand names.
OTHER: Final = _Word("any other value")
#: The case does not say.
NOT_SAID: Final = _Word("not said")

#: A value, ``OTHER`` or ``NOT_SAID`` of what is said; a rank of the other issues.
Answer = object

_NOTHING: frozenset[Issue] = frozenset()


class Formulas:
    """Makes formulas, one object for all that are equal.

    ``known(name, list)`` tells whether a fact of the case (list "") or a field of a list's rows is ever given, and of a
    list itself with the name ""; what is not given, is unknown in every case.
    """

    def __init__(self, known: Callable[[str, str], bool] | None = None) -> None:
        self._known = known
        self._made: dict[object, Node] = {}
        self._leaves: dict[object, Said | Holds] = {}
        self._negations: dict[int, Formula] = {}
        self._put: dict[tuple[int, Issue, Answer], Formula] = {}
        self._opened: dict[tuple[int, Expression, str], Formula] = {}
        self._eras: dict[int, Era] = {}

    # -- making -----------------------------------------------------------------------------------------------------

    def _node(
        self,
        kind: str,
        parts: tuple[Formula, ...] = (),
        issue: Issue | None = None,
        members: frozenset[object] = frozenset(),
        list_: str = "",
        count: int = 0,
    ) -> Node:
        key = (kind, tuple([p if isinstance(p, int) else (p.number,) for p in parts]), issue, members, list_, count)
        made = self._made.get(key)
        if made is not None:
            return made
        nodes = [p for p in parts if isinstance(p, Node)]
        asks = _NOTHING.union(*(n.asks for n in nodes))
        needs = _NOTHING.union(*(n.needs for n in nodes))
        if issue is not None:
            asks = needs = frozenset((issue,))
        elif kind in ("some", "at least"):
            # What a row condition asks of the case is found out before any row is looked at.
            asks, needs = (frozenset(i for i in issues if not _is_of_row(i)) for issues in (asks, needs))
            issue = Found(list_, count, parts[0], len(self._made))
            asks, needs = asks or frozenset((issue,)), needs | {issue}
        made = Node(len(self._made), kind, parts, issue, members, list_, count, asks, needs)
        self._made[key] = made
        return made

    def negated(self, of: Formula) -> Formula:
        """Not; it stands on leaves only."""
        if isinstance(of, int):
            return YES - of
        known = self._negations.get(of.number)
        if known is None:
            match of.kind:
                case "not":
                    known = of.parts[0]
                case "and":
                    known = self.either([self.negated(p) for p in of.parts])
                case "or":
                    known = self.both([self.negated(p) for p in of.parts])
                case _:
                    known = self._node("not", (of,))
            self._negations[of.number] = known
        return known

    def both(self, parts: Iterable[Formula]) -> Formula:
        """And."""
        return self._join("and", parts, NO, YES)

    def either(self, parts: Iterable[Formula]) -> Formula:
        """Or."""
        return self._join("or", parts, YES, NO)

    def _join(self, kind: str, parts: Iterable[Formula], decides: int, empty: int) -> Formula:
        flat: dict[Formula, None] = {}
        for part in parts:
            inner = part.parts if isinstance(part, Node) and part.kind == kind else (part,)
            flat.update(dict.fromkeys(inner))
        flat.pop(empty, None)
        if decides in flat:
            return decides
        kept = self._one_search_each(list(flat), kind)
        other = "or" if kind == "and" else "and"
        # x and (x or y) is x.
        present = set(kept)
        kept = [p for p in kept if isinstance(p, int) or p.kind != other or not any(i in present for i in p.parts)]
        if len(kept) < 2:
            return kept[0] if kept else empty
        return self._node(kind, tuple(sorted(kept, key=_order)))

    def _one_search_each(self, parts: list[Formula], kind: str) -> list[Formula]:
        """Two searches of one list become one: any A or any B is any (A or B); no A and no B is no (A or B)."""
        wheres: dict[str, list[Formula]] = {}
        rest: list[Formula] = []
        for part in parts:
            found = part
            if isinstance(part, Node) and kind == "and" and part.kind == "not":
                found = part.parts[0]
            elif kind == "and":
                found = NO
            if isinstance(found, Node) and found.kind == "some":
                wheres.setdefault(found.list, []).append(found.parts[0])
            else:
                rest.append(part)
        for list_, each in wheres.items():
            search = self.some(list_, self.either(each))
            rest.append(search if kind == "or" else self.negated(search))
        return rest

    def some(self, list_: str, where: Formula) -> Formula:
        """Any row of the list."""
        return self._node("some", (where,), list_=list_, count=1)

    def at_least(self, count: int, list_: str, where: Formula) -> Formula:
        """So many rows of the list."""
        if count < 1:
            return YES
        return self.some(list_, where) if count == 1 else self._node("at least", (where,), list_=list_, count=count)

    # -- opening the law --------------------------------------------------------------------------------------------

    def provision(
        self, reading: ReadingOf | None, when: Expression, exceptions: Iterable[Expression], era: Era, list_: str = ""
    ) -> Formula:
        """When a norm or a version of a definition applies; a reading of an open question is unknown."""
        parts: list[Formula] = [] if reading is None else [UNKNOWN]
        parts.append(self.opened(when, era, list_))
        parts += [self.negated(self.opened(e, era, list_)) for e in exceptions]
        return self.both(parts)

    def opened(self, expression: Expression, era: Era, list_: str = "") -> Formula:
        """A condition of an era, definitions written out; ``list_`` is the list whose row it speaks of."""
        key = (id(era), expression, list_)
        known = self._opened.get(key)
        if known is None:
            self._eras[id(era)] = era
            known = self._opened[key] = self._open(expression, era, list_)
        return known

    def _open(self, expression: Expression, era: Era, list_: str) -> Formula:
        match expression:
            case law.Fact(name, row):
                return self._is(Name(name, row), True, frozenset((True,)), list_)
            case law.OneOf(left, members):
                return self._is(left, False, frozenset(members), list_)
            case law.Compare("is", left, Literal(str() as word)):
                return self._is(left, False, frozenset((word,)), list_)
            case law.Compare(_, left, right) | law.Within(left, _, _, right, _, _):
                return self._holds(expression, (left, right), list_)
            case law.Includes(left, _):
                return self._holds(expression, (left,), list_)
            case law.Not(item):
                return self.negated(self.opened(item, era, list_))
            case law.And(items):
                return self.both([self.opened(i, era, list_) for i in items])
            case law.Or(items):
                return self.either([self.opened(i, era, list_) for i in items])
            case law.Defined(name, _):
                versions = era.definitions.get(name, ())
                return self.either([self.provision(v.reading, v.when, v.exceptions, era, list_) for v in versions])
            case law.Some(name, where):
                return self._if_given(name, self.some(name, self.opened(where, era, name)))
            case law.Every(name, where):
                failing = self.negated(self.opened(where, era, name))
                return self._if_given(name, self.negated(self.some(name, failing)))
            case law.AtLeast(count, name, where):
                return self._if_given(name, self.at_least(count, name, self.opened(where, era, name)))

    def _if_given(self, list_: str, found: Formula) -> Formula:
        """A list that is never given has no rows that are known, and is not complete."""
        if isinstance(found, Node) and self._known is not None and not self._known("", list_):
            return UNKNOWN
        return found

    def _given(self, value: Value, list_: str) -> bool:
        if not isinstance(value, Name) or self._known is None or value == _TODAY:
            return True
        return self._known(value.name, list_ if value.row else "")

    def _is(self, name: Name, yes_no: bool, members: frozenset[object], list_: str) -> Formula:
        if not self._given(name, list_):
            return UNKNOWN
        issue = self._leaves.setdefault((name, yes_no), Said(name, yes_no, len(self._made)))
        return self._node("is", issue=issue, members=members)

    def _holds(self, condition: Comparison, values: tuple[Value, ...], list_: str) -> Formula:
        if not all(self._given(v, list_) for v in values):
            return UNKNOWN
        issue = self._leaves.setdefault(condition, Holds(condition, len(self._made)))
        return self._node("holds", issue=issue)

    # -- finding out ------------------------------------------------------------------------------------------------

    def put(self, of: Formula, issue: Issue, answer: Answer) -> Formula:
        """What is left of a formula once an issue is answered."""
        if isinstance(of, int):
            return of
        key = (of.number, issue, answer)
        known = self._put.get(key)
        if known is None:
            known = self._put[key] = self._put_into(of, issue, answer)
        return known

    def _put_into(self, of: Node, issue: Issue, answer: Answer) -> Formula:
        if of.issue is issue:
            if of.kind == "is":
                return UNKNOWN if answer is NOT_SAID else YES if answer in of.members else NO
            assert isinstance(answer, int)
            return answer
        if issue not in of.asks:
            return of
        parts = [self.put(p, issue, answer) for p in of.parts]
        match of.kind:
            case "and":
                return self.both(parts)
            case "or":
                return self.either(parts)
            case "not":
                return self.negated(parts[0])
            case "some":
                return self.some(of.list, parts[0])
            case _:
                return self.at_least(of.count, of.list, parts[0])


_TODAY: Final = Name("law date")


def _order(part: Formula) -> tuple[int, int]:
    return (0, part) if isinstance(part, int) else (1, part.number)


def _reads_row(condition: Comparison) -> bool:
    return any(row for _, row in law.facts_in(condition))


def _is_of_row(issue: Issue) -> bool:
    match issue:
        case Said(name):
            return name.row
        case Holds(condition):
            return _reads_row(condition)
        case Found():
            return False
