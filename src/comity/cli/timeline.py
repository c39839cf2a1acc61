"""What changed for one agency, day by day: its eras compared, each with the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from comity.policy.norms import CourtOrder, DefinitionVersion, Norm
from comity.policy.stack import Era, Stack

__all__ = ["Event", "timeline"]


@dataclass(frozen=True, slots=True)
class Event:
    """One change.  ``what`` is "came", "went", "changed", "suspended", "resumed" or "adopted"."""

    day: date
    what: str
    cite: str
    instrument: str
    effect: str
    actions: tuple[str, ...]
    by: str = ""

    def words(self) -> str:
        """What changed, in one line."""
        said = self.cite
        if self.effect:
            said += f" - {self.effect} {', '.join(self.actions)}".rstrip()
        return said + (f" (by {self.by})" if self.by else "")

    def data(self) -> dict[str, Any]:
        """The change as JSON data."""
        return {
            "day": self.day.isoformat(),
            "what": self.what,
            "cite": self.cite,
            "instrument": self.instrument,
            "effect": self.effect,
            "actions": [a.replace(" ", "_") for a in self.actions],
            "by": self.by,
        }


#: A norm's state in one era: it speaks (None), or the order that suspends it.
_States = dict[str, tuple[Norm, CourtOrder | None]]


def timeline(stack: Stack, first: date | None, last: date | None, action: str | None) -> list[Event]:
    """Every change from ``first`` to ``last``, both included, in order of days."""
    days = set(stack.edges) | {a.since for a in stack.adoptions}
    events: list[Event] = []
    for day in sorted(days):
        if (first is None or first <= day) and (last is None or day <= last) and day > date.min:
            before, after = stack.at(day - timedelta(days=1)), stack.at(day)
            events += _merged(_norms(day, before, after, action))
            if action is None:
                events += _definitions(day, before, after, stack)
                events += [
                    Event(day, "adopted", a.cite or a.question, "", f"reads '{a.question}' as '{a.answer}'", (), a.by)
                    for a in stack.adoptions
                    if a.since == day
                ]
    return events


def _states(era: Era, action: str | None) -> _States:
    found: _States = {}
    for law in era.actions:
        if action is None or law.action == action:
            found |= {n.id: (n, None) for n in law.norms}
            found |= {n.id: (n, order) for n, order in law.suspended}
    return found


def _norms(day: date, before: Era, after: Era, action: str | None) -> Iterator[Event]:
    old, new = _states(before, action), _states(after, action)
    come = {_place(n): n for id_, (n, _) in new.items() if id_ not in old}
    gone = {_place(n): n for id_, (n, _) in old.items() if id_ not in new}
    for id_, (norm, _) in old.items():
        # A norm that goes on the day its next version comes has changed; one line says so.
        if id_ not in new and _place(norm) not in come:
            yield _event(day, "went", norm)
    for id_, (norm, order) in new.items():
        if id_ not in old:
            yield _event(day, "changed" if _place(norm) in gone else "came", norm)
        was = old[id_][1] if id_ in old else None
        if order is not None and was is None:
            yield _event(day, "suspended", norm, order.cite)
        elif order is None and was is not None:
            yield _event(day, "resumed", norm, was.cite)


def _place(norm: Norm) -> tuple[str, str, str]:
    return norm.instrument, norm.label, norm.action


def _event(day: date, what: str, norm: Norm, by: str = "") -> Event:
    return Event(day, what, norm.cite, norm.instrument, norm.effect, (norm.action,), by)


def _merged(events: Iterator[Event]) -> list[Event]:
    """One event where one block of law says the same of several actions."""
    merged: dict[tuple[str, str, str, str], Event] = {}
    for e in events:
        key = (e.what, e.instrument, e.cite, e.effect + e.by)
        held = merged.get(key)
        actions = (*held.actions, *e.actions) if held else e.actions
        merged[key] = Event(e.day, e.what, e.cite, e.instrument, e.effect, actions, e.by)
    return list(merged.values())


def _definitions(day: date, before: Era, after: Era, stack: Stack) -> Iterator[Event]:
    """Definitions that came, went or changed, of instruments that speak to this agency at some time."""
    bound = {n.instrument for n in stack.norms}
    for name in dict.fromkeys([*before.definitions, *after.definitions]):
        old = [v for v in before.definitions.get(name, ()) if v.instrument in bound]
        new = [v for v in after.definitions.get(name, ()) if v.instrument in bound]
        come, gone = [v for v in new if v not in old], [v for v in old if v not in new]
        cites = {v.cite for v in come}
        for version in gone:
            if version.cite not in cites:
                yield _definition(day, "went", version)
        for version in come:
            yield _definition(day, "changed" if version.cite in {v.cite for v in gone} else "came", version)


def _definition(day: date, what: str, version: DefinitionVersion) -> Event:
    return Event(day, what, version.cite, version.instrument, f"definition of '{version.name}'", ())
