"""What must be looked at to judge a table: the digits, the passes over lists, the versions of each action's law.

A plan depends on the law versions met and on which columns the table has; a fact without a column is unknown in every
case, so nothing is spent on it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from comity.audit.lists import choices_of, nested_in
from comity.audit.ranks import Choice, DigitKey, digit_keys, questions_in
from comity.policy.expressions import Name
from comity.policy.opened import OpenedAction, Quantifier, inside

T = TypeVar("T", bound=Hashable)

__all__ = ["Plan", "PlannedAction", "PlannedPass", "Schema", "plan_of"]


@dataclass(frozen=True, slots=True)
class Schema:
    """Kinds of the columns a table has: ``facts`` of the case, ``rows`` per list."""

    facts: Mapping[str, str]
    rows: Mapping[str, Mapping[str, str]]

    def kind(self, list_: str) -> Callable[[Name], str | None]:
        """Fact -> its kind, None without a column; row names are those of ``list_``."""
        fields = self.rows.get(list_, {})
        return lambda name: (fields if name.row else self.facts).get(name.name)


@dataclass(slots=True, eq=False)
class PlannedPass:
    """One grouped pass over a list.  ``keys``: digits of its rows; ``nested``: quantifiers inside its conditions."""

    list_: str
    nodes: dict[int, tuple[Quantifier, list[Choice]]] = field(default_factory=dict)
    keys: list[DigitKey] = field(default_factory=list)
    nested: list[Quantifier] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class PlannedAction:
    """One action: its versions, the version of each law (-1: no law date), and what tells its cases apart."""

    action: str
    versions: list[OpenedAction] = field(default_factory=list)
    version_of: list[int] = field(default_factory=list)
    keys: list[DigitKey] = field(default_factory=list)
    quantifiers: list[Quantifier] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """``passes`` stand in an order in which nested ones come first; ``pass_of``: id of a quantifier -> its."""

    schema: Schema
    actions: list[PlannedAction]
    passes: list[PlannedPass]
    pass_of: dict[int, int]

    def with_nested(self, places: Iterable[int]) -> set[int]:
        """Places of passes, and of those that they ask inside their rows."""
        found = set(places)
        for place in reversed(range(len(self.passes))):
            if place in found:
                found |= {self.pass_of[id(node)] for node in self.passes[place].nested}
        return found


def plan_of(
    laws: Sequence[Mapping[str, OpenedAction]],
    actions: Sequence[str],
    schema: Schema,
    answers: dict[str, tuple[str, ...]],
) -> Plan:
    """The plan for these laws (position -> action -> its opened law; empty for cases without a law date)."""
    planned = []
    quantifiers: dict[int, Quantifier] = {}
    for action in actions:
        one = PlannedAction(action)
        known: dict[object, int] = {}
        for law in laws:
            opened = law.get(action)
            if opened is None:
                one.version_of.append(-1)
                continue
            place = known.setdefault(opened.key, len(one.versions))
            if place == len(one.versions):
                one.versions.append(opened)
            one.version_of.append(place)
        conditions = [c for v in one.versions for c in v.conditions]
        one.keys = _distinct(k for c in conditions for k in digit_keys(c, schema.kind("")))
        # A list the table does not have is unknown in every case, like any other fact.
        met = (n for c in conditions for n in inside(c) if isinstance(n, Quantifier) and n.list in schema.rows)
        one.quantifiers = list({id(n): n for n in met}.values())
        quantifiers.update((id(q), q) for q in one.quantifiers)
        planned.append(one)
    passes, pass_of = _passes(quantifiers, schema, answers)
    return Plan(schema, planned, passes, pass_of)


def _passes(
    quantifiers: Mapping[int, Quantifier], schema: Schema, answers: dict[str, tuple[str, ...]]
) -> tuple[list[PlannedPass], dict[int, int]]:
    heights: dict[int, tuple[int, Quantifier]] = {}

    def height(node: Quantifier) -> int:
        if id(node) not in heights:
            inner = [height(n) for n in nested_in(node) if n.list in schema.rows]
            heights[id(node)] = 1 + max(inner, default=-1), node
        return heights[id(node)][0]

    for node in quantifiers.values():
        height(node)
    found: dict[tuple[int, str], PlannedPass] = {}
    memory: dict[int, frozenset[str]] = {}
    for high, node in sorted(heights.values(), key=lambda pair: pair[0]):
        one = found.setdefault((high, node.list), PlannedPass(node.list))
        one.nodes[id(node)] = node, choices_of(questions_in(node, memory), answers)
        one.keys = _distinct([*one.keys, *digit_keys(node.where, schema.kind(node.list))])
        inner = [*one.nested, *(n for n in nested_in(node) if n.list in schema.rows)]
        one.nested = list({id(n): n for n in inner}.values())
    passes = list(found.values())
    return passes, {number: i for i, one in enumerate(passes) for number in one.nodes}


def _distinct(items: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(items))
