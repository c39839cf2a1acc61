"""Conditions as formulas: the meaning of ``decide.interpret``, for a case that is left open.

A quantifier over a list runs over the rows of the world.  With ``rough`` it is a variable that may be anything but
what some lemmas rule out: what is proved so holds whatever the lists hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any, Protocol

import z3

from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Every,
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
from comity.policy.facts import LAW_DATE
from comity.policy.opened import Given, Opened, Quantifier, ReadAs
from comity.prove.bound import quantifiers, reads
from comity.prove.days import Day, plain_day, within
from comity.prove.truths import SURE, Truth, both, conjunction, disjunction, negation
from comity.prove.world import Place, World

__all__ = ["Formulas", "KnownOfLists", "Readings", "reads"]


class KnownOfLists(Protocol):
    """What is known of quantifiers without looking at rows (``lemmas.Lemmas``)."""

    def about(self, one: Quantifier, this: Any, other: Quantifier, that: Any) -> list[Any]:
        """Formulas that hold of two quantifiers over the same list; ``this`` and ``that`` are their truths."""


class Readings:
    """How open questions are read: each in one way, or (``open``) in any way at all.

    ``answers``: question -> its readings.  With three-valued logic an open question may stay unanswered too.
    """

    def __init__(self, answers: Mapping[str, tuple[str, ...]], mark: str = "") -> None:
        self._answers = answers
        self.mark = mark
        self._chosen: dict[str, dict[str, Any]] = {}
        self._fixed: dict[str, str] = {}

    @classmethod
    def fixed(cls, choice: Mapping[str, str]) -> Readings:
        """One reading of every question."""
        made = cls({})
        made._fixed = dict(choice)
        return made

    def truth(self, provision: ReadAs, world: World) -> Truth:
        """Whether a provision exists."""
        if provision.question in self._fixed:
            return SURE if self._fixed[provision.question] == provision.answer else Truth(SURE.no, SURE.yes)
        chosen = self._variables(provision.question)
        read = chosen[provision.answer]
        if not world.logic.three_valued:
            return Truth(read, negation(read))
        # Read in another way: no.  Not answered at all: unknown.
        return Truth(read, disjunction([v for a, v in chosen.items() if a != provision.answer]))

    def answered(self, questions: Iterable[str]) -> Iterator[Any]:
        """Each of some questions is read in one way or another."""
        for question in questions:
            if question not in self._fixed:
                yield disjunction(list(self._variables(question).values()))

    def _variables(self, question: str) -> dict[str, Any]:
        chosen = self._chosen.get(question)
        if chosen is None:
            chosen = {a: z3.Bool(f"{question}{self.mark} is read as {a}") for a in self._answers[question]}
            self._chosen[question] = chosen
        return chosen

    def apart(self, questions: Iterable[str]) -> str:
        """What tells these readings of some questions from others."""
        named = sorted(questions)
        if not named:
            return ""
        return " under " + ", ".join(f"{q}: {self._fixed.get(q, 'any' + self.mark)}" for q in named)

    @property
    def size(self) -> int:
        """How many questions were met so far."""
        return len(self._chosen)

    def rules(self, world: World, questions: Collection[str] | None = None) -> Iterable[Any]:
        """Each question (or each of ``questions``) is read in one way."""
        for question, chosen in self._chosen.items():
            if questions is not None and question not in questions:
                continue
            yield z3.AtMost(*chosen.values(), 1)
            if not world.logic.three_valued:
                yield z3.Or(*chosen.values())

    def in_model(self, model: z3.ModelRef) -> dict[str, str]:
        """The readings of a model."""
        found = dict(self._fixed)
        for question, chosen in self._chosen.items():
            for answer, read in chosen.items():
                if z3.is_true(model.eval(read, model_completion=True)):
                    found[question] = answer
        return found


class Formulas:
    """Opened expressions read in one world under some readings; equal expressions (one object) are read once.

    ``plain``: formulas of the same world under other readings, for conditions that no reading changes.
    """

    def __init__(
        self,
        world: World,
        readings: Readings,
        *,
        rough: KnownOfLists | None = None,
        plain: Formulas | None = None,
    ) -> None:
        self.world = world
        self.readings = readings
        self._rough = rough
        self._plain = plain
        self._turns: dict[int, bool] = {}
        self._lemmas: dict[tuple[int, int], list[Any]] = {}
        self._known: dict[tuple[int, str, int], Truth] = {}
        # Nodes are known by identity and must live as long as what is known of them.
        self._kept: list[Opened] = []

    def truth(self, node: Opened, list_: str = "", row: int = 0) -> Truth:
        """When a condition is yes and when it is no; inside a quantifier of ``list_``, for one of its rows."""
        # Rows of two lists may share a condition, "serious" of a conviction and of a charge, but not its truth.
        key = id(node), list_, row
        found = self._known.get(key)
        if found is None and self._plain is not None and not self._plain.turns_on_readings(node):
            found = self._known[key] = self._plain.truth(node, list_, row)
            self._kept.append(node)
        if found is None:
            found = self._known[key] = self._read(node, list_, row)
            self._kept.append(node)
        return found

    def turns_on_readings(self, node: Opened) -> bool:
        """Whether a condition depends on how a question is read."""
        found = self._turns.get(id(node))
        if found is None:
            found = self._turns[id(node)] = bool(reads(node)[1])
            self._kept.append(node)
        return found

    def _read(self, node: Opened, list_: str, row: int) -> Truth:
        logic = self.world.logic
        match node:
            case Given(name, value):
                # The agency's own table says so.
                return SURE if value else logic.negate(SURE)
            case ReadAs():
                return self.readings.truth(node, self.world)
            case Fact(name, of_row):
                place = self._place(Name(name, of_row), list_, row)
                return logic.of(self.world.yes(place), self.world.known(place))
            case Not(item):
                return logic.negate(self.truth(item, list_, row))
            case And(items):
                return logic.all_of([self.truth(i, list_, row) for i in items])
            case Or(items):
                return logic.any_of([self.truth(i, list_, row) for i in items])
            case Some() | Every() | AtLeast():
                return self._quantified(node)
            case OneOf(left, members) | Includes(left, members):
                place = self._place(left, list_, row)
                value = disjunction([self.world.member(place, m) for m in members])
                return logic.of(value, self.world.known(place))
            case Compare(op, left, right):
                return self._compared(op, left, right, list_, row)
            case Within(left, amount, unit, anchor, after, strict):
                day, there = self._day(left, list_, row), self._day(anchor, list_, row)
                value = within(day, there, amount, unit, after=after, strict=strict)
                return logic.of(value, self._both_known(left, anchor, list_, row))
            case _:
                raise AssertionError(f"{node!r} is not opened")

    # -- leaves ------------------------------------------------------------------------------------------------------

    @staticmethod
    def _place(name: Name, list_: str, row: int) -> Place:
        return Place(name.name, list_, row) if name.row else Place(name.name)

    def _both_known(self, left: Name, right: Any, list_: str, row: int) -> Any:
        names = [n for n in (left, right) if isinstance(n, Name)]
        known = [self.world.known(self._place(n, list_, row)) for n in names]
        open_ = [k for k in known if k is not True]
        return conjunction(open_) if open_ else True

    def _kind(self, value: Any, list_: str, row: int) -> str:
        if isinstance(value, Literal):
            return "text" if isinstance(value.value, str) else "integer" if isinstance(value.value, int) else "date"
        place = self._place(value, list_, row)
        return "date" if value.name == LAW_DATE and not place.list else self.world.word(place).type.kind

    def _day(self, value: Any, list_: str, row: int) -> Day:
        if isinstance(value, Literal):
            return plain_day(value.value)  # type: ignore[arg-type]
        return self.world.day(self._place(value, list_, row))

    def _compared(self, op: str, left: Name, right: Any, list_: str, row: int) -> Truth:
        world = self.world
        place = self._place(left, list_, row)
        kind, other = self._kind(left, list_, row), self._kind(right, list_, row)
        if kind == "moment" and other == "moment":
            value = _ordered(op, world.instant(place), world.instant(self._place(right, list_, row)))
        elif kind in ("date", "moment"):
            value = _ordered(op, self._day(left, list_, row).code, self._day(right, list_, row).code)
        elif kind in ("integer", "money", "duration"):
            there = right.value if isinstance(right, Literal) else world.number(self._place(right, list_, row))
            value = _ordered(op, world.number(place), there)
        elif kind == "yes/no":
            value = world.yes(place) == world.yes(self._place(right, list_, row))
        elif isinstance(right, Literal):
            value = world.member(place, str(right.value))
        else:
            there = self._place(right, list_, row)
            words = world.word(place).type.members
            same = [z3.And(world.member(place, w), world.member(there, w)) for w in words]
            # Two texts that no rule spells out may be equal or not.
            value = z3.Or(same) if words else z3.Bool(f"{place} is {there}")
        return world.logic.of(value, self._both_known(left, right, list_, row))

    # -- lists -------------------------------------------------------------------------------------------------------

    def _anything(self, node: Quantifier) -> Truth:
        """A variable for what a quantifier comes to: one for two readings of it only where nothing tells them apart."""
        facts, questions = reads(node.where)
        name = f"quantifier {self.world.numbered(node)}{self.world.apart(facts)}{self.readings.apart(questions)}"
        yes = z3.Bool(name)
        if not self.world.firm(facts):
            return Truth(yes, both(negation(yes), z3.Bool(f"no {name}")))
        return Truth(yes, negation(yes))

    def known_of(self, conditions: Iterable[Opened]) -> Iterator[Any]:
        """What lemmas say of the quantifiers of some conditions; nothing of those that may be unknown."""
        if self._rough is None:
            return
        firm = [q for q in quantifiers(conditions).values() if self.world.firm(reads(q.where)[0])]
        for one, other in combinations(firm, 2):
            if one.list == other.list:
                key = id(one), id(other)
                if key not in self._lemmas:
                    self._lemmas[key] = self._rough.about(one, self.truth(one).yes, other, self.truth(other).yes)
                yield from self._lemmas[key]

    def _quantified(self, node: Quantifier) -> Truth:
        world = self.world
        if self._rough is not None:
            return self._anything(node)
        there = [world.exists(node.list, row) for row in range(world.rows.get(node.list, 0))]
        rows = [self.truth(node.where, node.list, row) for row in range(len(there))]
        complete = world.complete(node.list)
        match node:
            case Some():
                yes = disjunction([both(e, r.yes) for e, r in zip(there, rows, strict=True)])
                no = conjunction([disjunction((negation(e), r.no)) for e, r in zip(there, rows, strict=True)])
                return Truth(yes, no if complete is True else both(complete, no))
            case Every():
                yes = conjunction([disjunction((negation(e), r.yes)) for e, r in zip(there, rows, strict=True)])
                no = disjunction([both(e, r.no) for e, r in zip(there, rows, strict=True)])
                return Truth(yes if complete is True else both(complete, yes), no)
            case AtLeast(count):
                yes = _at_least([both(e, r.yes) for e, r in zip(there, rows, strict=True)], count)
                maybe = [both(e, negation(r.no)) for e, r in zip(there, rows, strict=True)]
                no = negation(_at_least(maybe, count))
                return Truth(yes, no if complete is True else both(complete, no))


def _at_least(formulas: list[Any], count: int) -> Any:
    if count <= 0:
        return SURE.yes
    return z3.AtLeast(*formulas, count) if len(formulas) >= count else SURE.no


def _ordered(op: str, left: Any, right: Any) -> Any:
    match op:
        case "is":
            return left == right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right
