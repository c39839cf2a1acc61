"""What would come out if one window counted from 29 February up to 1 March, according to the one-case engine.

The engine has one rule for 29 February.  So the window is written out for one case: its far end as a plain date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from comity.calendar import shift
from comity.case import Case
from comity.decide.interpret import evaluate
from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Every,
    Expression,
    Literal,
    Name,
    Not,
    Or,
    Some,
    Within,
)
from comity.policy.facts import LAW_DATE
from comity.policy.norms import DefinitionVersion, Norm
from comity.policy.stack import ActionLaw, Era

__all__ = ["CountedUp"]

_Rule = TypeVar("_Rule", Norm, DefinitionVersion)


class CountedUp:
    """Laws with one window written out, each made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, str, Within, date], tuple[ActionLaw, Era, Era]] = {}

    def outcome(self, law: ActionLaw, era: Era, case: Case, window: Within, readings: Mapping[str, str]) -> str:
        """The settled outcome if the far end of ``window`` were 1 March where it is 28 February.

        "" where the outcome is open, and where the window is counted from a field of a row.
        """
        anchor = _day(window.anchor, case)
        if anchor is None:
            return ""
        key = id(era), law.action, window, anchor
        if key not in self._made:
            # The era is kept: what is known by identity must live as long as what is known of it.
            self._made[key] = (*_written_out(law, era, window, anchor), era)
        other, then, _ = self._made[key]
        return evaluate(other, then, case, readings).standing.settled


def _written_out(law: ActionLaw, era: Era, window: Within, anchor: date) -> tuple[ActionLaw, Era]:
    far = shift(anchor, window.amount if window.after else -window.amount, window.unit)
    if far.day != anchor.day:
        far += timedelta(days=1)
    beyond, side = ("<", ">=") if window.after else (">", "<=")
    limit = Compare(beyond if window.strict else f"{beyond}=", window.left, Literal(far))
    instead = And((Compare(side, window.left, Literal(anchor)), limit))
    definitions = {n: tuple(_rewritten(v, window, instead) for v in vs) for n, vs in era.definitions.items()}
    other = replace(law, norms=tuple(_rewritten(n, window, instead) for n in law.norms))
    return other, replace(era, definitions=definitions)


def _day(anchor: Literal | Name, case: Case) -> date | None:
    if isinstance(anchor, Literal):
        return anchor.value if isinstance(anchor.value, date) else None
    if anchor.row:
        return None
    value = case.law_date if anchor.name == LAW_DATE else case.values.get(anchor.name)
    return date(value.year, value.month, value.day) if isinstance(value, date) else None


def _rewritten(rule: _Rule, old: Expression, new: Expression) -> _Rule:
    when = _with(rule.when, old, new)
    return replace(rule, when=when, exceptions=tuple(_with(e, old, new) for e in rule.exceptions))


def _with(expression: Expression, old: Expression, new: Expression) -> Expression:
    if expression == old:
        return new
    match expression:
        case Not(item):
            return Not(_with(item, old, new))
        case And(items):
            return And(tuple(_with(i, old, new) for i in items))
        case Or(items):
            return Or(tuple(_with(i, old, new) for i in items))
        case Some(list_, where):
            return Some(list_, _with(where, old, new))
        case Every(list_, where):
            return Every(list_, _with(where, old, new))
        case AtLeast(count, list_, where):
            return AtLeast(count, list_, _with(where, old, new))
        case _:
            return expression
