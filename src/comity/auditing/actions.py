"""Which actions an audit tells about, where nobody chose: those on which the law says something, and those recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np

from comity.api import Library
from comity.audit.tables import NO_DAY, Array, CaseTable
from comity.policy.facts import Action
from comity.policy.stack import Era

__all__ = ["chosen_actions", "speaking"]

_EPOCH = date(1970, 1, 1).toordinal()


def chosen_actions(names: Iterable[str], library: Library) -> tuple[Action, ...]:
    """The actions of these names in the order of the vocabulary."""
    wanted = set(names)
    return tuple(a for a in library.law.vocabulary.actions if a.name in wanted)


def speaking(tables: Iterable[CaseTable], library: Library) -> tuple[set[str], tuple[str, ...]]:
    """Names of the actions about which some case's agency has law on the case's day, and the agencies.

    Where no case names a day, those about which its agency ever had law.
    """
    days: dict[str, set[int]] = {}
    for table in tables:
        for code in np.flatnonzero(np.bincount(table.agency, minlength=len(table.agencies))).tolist():
            found = days.setdefault(table.agencies[code], set())
            found.update(np.unique(table.law_date[table.agency == code]).tolist())
    dated = {agency: np.array(sorted(some - {NO_DAY}), np.int64) for agency, some in days.items()}
    eras = [era for agency, some in dated.items() for era in _eras(agency, some, library)]
    if not any(map(len, dated.values())):
        eras = [era for agency in dated for era in _every(agency, library)]
    return {name for era in eras for name in _names(era)}, tuple(days)


def _eras(agency: str, days: Array, library: Library) -> Iterator[Era]:
    stack = library.stack(agency)
    edges = np.array([edge.toordinal() - _EPOCH for edge in stack.edges], np.int64)
    for place in np.unique(np.searchsorted(edges, days, side="right")).tolist():
        yield stack.at(stack.edges[place - 1] if place else date.min)


def _every(agency: str, library: Library) -> Iterator[Era]:
    stack = library.stack(agency)
    yield from (stack.at(day) for day in (date.min, *stack.edges))


def _names(era: Era) -> Iterator[str]:
    for law in era.actions:
        if any(norm.effect != "contested" for norm in law.norms):
            yield law.action
