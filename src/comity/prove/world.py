"""One case, left open: every fact a variable of Z3, every list some rows that may be there or not.

A world makes a variable when a condition first reads the fact, so that a question is only as large as the law it is
about.  Two worlds that differ in a few facts share all the others (``changed_in``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

import z3

from comity.case import FactValue, Row, Rows
from comity.policy.facts import LAW_DATE, VACATED, FactWord, Vocabulary
from comity.prove.days import FIRST, LAST, Day, open_day, plain_day
from comity.prove.truths import Logic, disjunction

__all__ = ["OTHER_TEXT", "Place", "World"]

#: A text that no rule names.
OTHER_TEXT: Final = "something else"
_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Place:
    """A fact of the case, or (``list``) of one row, counted from 0."""

    name: str
    list: str = ""
    row: int = 0

    def __str__(self) -> str:
        return f"{self.list} {self.row + 1}: {self.name}" if self.list else self.name


class World:
    """The variables of one open case.

    ``rows``: list -> how many rows it may have.  ``law_date`` is a day of the question, or None where it is open too.
    ``last_day``: entries of lists are not dated after it (they would not count); by default the law date.
    ``doubtful``: with three values, the only facts of the case that may be unknown; by default anything may be.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        rows: Mapping[str, int],
        *,
        three_valued: bool = False,
        law_date: date | None = None,
        last_day: date | None = None,
        years: tuple[date, date] = (FIRST, LAST),
        doubtful: frozenset[str] | None = None,
    ) -> None:
        self.logic = Logic(three_valued)
        self.doubtful = doubtful
        self.rows = dict(rows)
        self._years = years
        self._facts = vocabulary.case_facts()
        self._fields = {list_: vocabulary.fields(record) for record, list_ in vocabulary.records().items()}
        self._vocabulary = vocabulary
        self._rules: list[tuple[Place, Any]] = []
        self._yes: dict[Place, Any] = {}
        self._known: dict[Place, Any] = {}
        self._members: dict[Place, dict[str, Any]] = {}
        self._days: dict[Place, Day] = {}
        self._instants: dict[Place, Any] = {}
        self._numbers: dict[Place, Any] = {}
        self._exists: dict[tuple[str, int], Any] = {}
        self._complete: dict[str, Any] = {}
        # By identity; whoever reads a condition keeps it.
        self._numbered: dict[int, int] = {}
        self._changed: frozenset[str] = frozenset()
        self._around: World | None = None
        self._last_day = last_day
        self._mark = ""
        if law_date is None:
            self.law_date, rules = open_day(LAW_DATE, *years)
            self._rules += [(Place(LAW_DATE), rule) for rule in rules]
        else:
            self.law_date = plain_day(law_date)

    def changed_in(self, facts: frozenset[str]) -> World:
        """The same case with other values of ``facts``, or with other ones known."""
        other = World.__new__(World)
        other.__dict__.update(self.__dict__)
        other._around, other._changed, other._mark = self, facts, " (changed)"
        other._rules = []
        for made in ("_yes", "_known", "_members", "_days", "_instants", "_numbers"):
            setattr(other, made, {})
        return other

    def on(self, day: date) -> World:
        """The same case, looked at on another day."""
        other = World.__new__(World)
        other.__dict__.update(self.__dict__)
        other._around, other.law_date, other._rules = self, plain_day(day), []
        for made in ("_yes", "_known", "_members", "_days", "_instants", "_numbers"):
            setattr(other, made, {})
        return other

    def word(self, place: Place) -> FactWord:
        """The declared word of a fact or field."""
        return self._fields[place.list][place.name] if place.list else self._facts[place.name]

    def _of(self, place: Place) -> World:
        """The world whose variable it is."""
        return self if self._around is None or (place.name in self._changed and not place.list) else self._around

    def apart(self, facts: Iterable[str]) -> str:
        """What tells a condition that reads these facts in this world from the same condition in another."""
        told = self._mark if self._changed.intersection(facts) else ""
        if self.law_date.known is not None and LAW_DATE in facts:
            told += f" on {self.law_date.known}"
        return told

    # -- variables ---------------------------------------------------------------------------------------------------

    def known(self, place: Place) -> Any:
        """Whether the fact is known."""
        if not self.logic.three_valued or place.name == LAW_DATE:
            return True
        if self.doubtful is not None and (place.list or place.name not in self.doubtful):
            return True
        world = self._of(place)
        if place not in world._known:
            world._known[place] = z3.Bool(f"{place}{world._mark} is known")
        return world._known[place]

    def yes(self, place: Place) -> Any:
        """The value of a yes/no fact."""
        world = self._of(place)
        if place not in world._yes:
            # An entry that is vacated does not count, so no row of a world is.
            never = place.list and place.name == VACATED
            world._yes[place] = z3.BoolVal(False) if never else z3.Bool(f"{place}{world._mark}")
        return world._yes[place]

    def member(self, place: Place, value: str) -> Any:
        """Whether a fact has, or a some-of fact holds, this value."""
        world = self._of(place)
        members = world._members.setdefault(place, {})
        if value not in members:
            members[value] = z3.Bool(f"{place}{world._mark} is {value}")
        return members[value]

    def day(self, place: Place) -> Day:
        """The day of a date or moment."""
        if place.name == LAW_DATE and not place.list:
            return self.law_date
        world = self._of(place)
        if place not in world._days:
            world._days[place], rules = open_day(f"{place}{world._mark}", *self._years)
            world._rules += [(place, rule) for rule in rules]
            if place.list and place.name == "date":
                last = self.law_date if self._last_day is None else plain_day(self._last_day)
                counts = world._days[place].code <= last.code
                known = self.known(place)
                world._rules.append((place, counts if known is True else z3.Implies(known, counts)))
        return world._days[place]

    def instant(self, place: Place) -> Any:
        """A moment in minutes of universal time since the day before 1 January of year 1."""
        world = self._of(place)
        if place not in world._instants:
            moment = world._instants[place] = z3.Int(f"{place}{world._mark} · instant")
            midnight = self.day(place).number * _MINUTES
            # Clocks of the world stand between 12 hours behind and 14 hours before universal time.
            world._rules += [
                (place, moment >= midnight - 14 * 60),
                (place, moment < midnight + _MINUTES + 12 * 60),
            ]
        return world._instants[place]

    def number(self, place: Place) -> Any:
        """The value of a whole number, an amount of money or a duration."""
        world = self._of(place)
        if place not in world._numbers:
            world._numbers[place] = z3.Int(f"{place}{world._mark}")
        return world._numbers[place]

    def exists(self, list_: str, row: int) -> Any:
        """Whether a row is there; rows fill up from the first."""
        key = list_, row
        if key not in self._exists:
            self._exists[key] = z3.Bool(f"{list_} {row + 1} exists")
        return self._exists[key]

    def complete(self, list_: str) -> Any:
        """Whether the list holds every row there is."""
        if not self.logic.three_valued or self.doubtful is not None:
            return True
        if list_ not in self._complete:
            self._complete[list_] = z3.Bool(f"{list_} complete")
        return self._complete[list_]

    def numbered(self, condition: object) -> int:
        """A number for a condition, the same in worlds that differ in some facts, and on every run."""
        return self._numbered.setdefault(id(condition), len(self._numbered))

    @property
    def size(self) -> int:
        """Grows with every variable."""
        members = sum(len(m) for m in self._members.values())
        return len(self._rules) + len(self._yes) + members + len(self._exists)

    def firm(self, facts: Iterable[str]) -> bool:
        """Whether a condition that reads these facts of the case, and lists, is yes or no and never unknown."""
        return not self.logic.three_valued or (self.doubtful is not None and self.doubtful.isdisjoint(facts))

    # -- what makes it a case ----------------------------------------------------------------------------------------

    def rules(self, facts: Collection[str] | None = None) -> Iterator[Any]:
        """What every case obeys, for the variables made so far; with ``facts``, for these facts of the case alone."""

        def asked(place: Place) -> bool:
            return facts is None or bool(place.list) or place.name == LAW_DATE or place.name in facts

        yield from (rule for place, rule in self._rules if asked(place))
        for place, members in self._members.items():
            word = self.word(place)
            if word.type.kind == "some of" or not asked(place):
                continue
            if len(members) > 1:
                yield z3.AtMost(*members.values(), 1)
            if word.type.members and len(members) == len(word.type.members):
                yield disjunction(members.values())
        if self._around is None:
            for list_, row in self._exists:
                if row:
                    yield z3.Implies(self.exists(list_, row), self.exists(list_, row - 1))

    # -- back to a case ----------------------------------------------------------------------------------------------

    def day_in(self, model: z3.ModelRef) -> date:
        """The law date of a model."""
        return self._day(self.law_date, model)

    def values_in(self, model: z3.ModelRef) -> dict[str, FactValue]:
        """The facts of the case that were asked for, None where unknown."""
        return {p.name: self._value(p, model) for p in self._touched() if not p.list}

    def lists_in(self, model: z3.ModelRef) -> dict[str, Rows]:
        """The rows that are there."""
        fields: dict[tuple[str, int], dict[str, FactValue]] = {}
        for place in self._touched():
            if place.list:
                fields.setdefault((place.list, place.row), {})[place.name] = self._value(place, model)
        lists = {}
        for list_, most in self.rows.items():
            rows: list[Row] = []
            for row in range(most):
                if (list_, row) in self._exists and _true(self._exists[list_, row], model):
                    rows.append(fields.get((list_, row), {}))
            whole = self.complete(list_)
            lists[list_] = Rows(tuple(rows), whole is True or _true(whole, model))
        return lists

    def _touched(self) -> list[Place]:
        own = [*self._yes, *self._members, *self._days, *self._instants, *self._numbers]
        if self._around is not None:
            own += [p for p in self._around._touched() if self._of(p) is not self]
        return sorted(dict.fromkeys(own), key=lambda p: (p.list, p.row, p.name))

    def _value(self, place: Place, model: z3.ModelRef) -> FactValue:
        known = self.known(place)
        if known is not True and not _true(known, model):
            return None
        world, word = self._of(place), self.word(place)
        match word.type.kind:
            case "yes/no":
                return _true(world._yes[place], model)
            case "date":
                return self._day(world._days[place], model)
            case "moment":
                return self._moment(place, model)
            case "some of":
                return frozenset(m for m, held in world._members[place].items() if _true(held, model))
            case "one of" | "text" | "offence":
                members = world._members[place]
                for member, held in members.items():
                    if _true(held, model):
                        return member
                return next((m for m in word.type.members if m not in members), OTHER_TEXT)
            case _:
                return int(model.eval(world._numbers[place], model_completion=True).as_long())

    def _moment(self, place: Place, model: z3.ModelRef) -> datetime:
        world = self._of(place)
        day = self._day(world._days[place], model)
        if place not in world._instants:
            return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        minute = model.eval(world._instants[place], model_completion=True).as_long()
        midnight = day.toordinal() * _MINUTES
        # The clock whose day it is, as near to universal time as can be.
        offset = min(max(0, midnight - minute), 14 * 60) if minute < midnight else -max(0, minute - midnight - 1439)
        local = datetime(day.year, day.month, day.day) + timedelta(minutes=minute + offset - midnight)
        return local.replace(tzinfo=timezone(timedelta(minutes=offset)))

    @staticmethod
    def _day(day: Day, model: z3.ModelRef) -> date:
        if day.known is not None:
            return day.known
        parts = (model.eval(p, model_completion=True).as_long() for p in (day.year, day.month, day.day))
        return date(*parts)


def _true(formula: Any, model: z3.ModelRef) -> bool:
    return bool(z3.is_true(model.eval(formula, model_completion=True)))
