"""From a model of the solver to a case that two other readings of the law confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from comity.case import Case, FactValue, agency_values, find_agency
from comity.policy.claims import Claim, Unchanged
from comity.policy.library import Library
from comity.prove.claims import Broken
from comity.prove.laws import Stretch
from comity.prove.search import Found
from comity.prove.world import World
from comity.proving.referee import Break, Referee
from comity.proving.smallest import Offences, Shows, smallest

__all__ = ["CounterExample", "case_of", "columns_agree", "counter_example"]


@dataclass(frozen=True, slots=True)
class CounterExample:
    """A case that breaks a claim, as small as could be found, and confirmed.

    ``changed``: what changes in it, for claims that nothing changes.  ``confirmed``: which other engines agree with
    what the prover says of it; empty would be a bug of the prover, and is shown as *undecided*.
    """

    claim: Claim
    action: str
    case: Case
    shown: Break
    changed: Mapping[str, FactValue]
    confirmed: tuple[str, ...]


def case_of(world: World, model: object, agency_id: str, library: Library) -> Case:
    """The case of a model before an agency."""
    agency = find_agency(agency_id, library)
    assert agency is not None
    values = {**world.values_in(model), **agency_values(agency, library.vocabulary)}
    return Case(agency, world.day_in(model), values, world.lists_in(model))


def counter_example(broken: Broken, claim: Claim, referee: Referee, quick: Referee) -> CounterExample | None:
    """The case behind a broken claim; None when the one-case engine does not see it break.

    ``quick`` tries the many smaller cases; ``referee`` has the last word.
    """
    library = referee.library
    found: Found = broken.found
    world, readings = found.puzzle.world, found.puzzle.readings.in_model(found.model)
    day = world.day_in(found.model)
    stretch = next(s for s in broken.version.stretches if day in s.window)
    case = case_of(world, found.model, stretch.agency, library)
    changed: dict[str, FactValue] = {}
    if isinstance(claim.says, Unchanged):
        after = found.puzzle.formulas[1].world.values_in(found.model)
        changed = {n: after[n] for n in claim.says.facts if n in after and after[n] != case.values.get(n)}

    def seen(other: Case) -> Break | None:
        return quick.breaks(claim, other, broken.action, readings, changed)

    first = seen(case)
    if first is None:
        return None

    def shows(other: Case) -> bool:
        found = seen(other)
        return found is not None and (found.outcome, found.changed) == (first.outcome, first.changed)

    told = frozenset(agency_values(case.agency, library.vocabulary)) | frozenset(changed)
    case = smallest(case, shows, told)
    case = _on_a_plain_day(case, stretch, shows)
    case = Offences(library).named(case, shows)
    shown = referee.breaks(claim, case, broken.action, readings, changed)
    if shown is None:
        return None
    confirmed = ["the one-case engine"]
    if columns_agree([case, *([case.with_values(changed)] if changed else [])], broken.action, referee):
        confirmed.append("the columnar engine")
    return CounterExample(claim, broken.action, case, shown, changed, tuple(confirmed))


def _on_a_plain_day(case: Case, stretch: Stretch, shows: Shows) -> Case:
    """The first day of the stretch of law, or the day the claim begins, where that shows it as well."""
    days: list[date] = []
    if stretch.window.start is not None:
        days.append(stretch.window.start)
    if stretch.window.end is not None:
        days.append(stretch.window.end - timedelta(days=1))
    for day in days:
        if shows(case.on(day)):
            return case.on(day)
    return case


def columns_agree(cases: list[Case], action: str, referee: Referee) -> bool:
    """Whether the columnar engine says the same as the one-case engine; False too where it is not installed."""
    try:
        from comity.audit.columns import Columns
        from comity.audit.tabulated import tabulate
    except ImportError:
        return False
    from comity.api import Library as Door
    from comity.auditing.onecase import OneCase
    from comity.case import counting

    library = referee.library
    one = OneCase(Door(library), [action])
    table = tabulate([counting(c) for c in cases], library.vocabulary)
    judged = Columns(library, [action], one.judge_one).judge(table)
    return all(judged.judgement(action, i).outcome == referee.verdict(c, action).outcome for i, c in enumerate(cases))
