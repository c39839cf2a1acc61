"""Two norms of the same rank that contradict each other while nobody says which prevails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations

from comity.calendar import Window
from comity.language.eras import Eras
from comity.language.satisfiable import under
from comity.policy.authority import Agency
from comity.policy.expressions import Expression, Not
from comity.policy.library import Library
from comity.policy.norms import CourtOrder, Norm, Preemption
from comity.policy.stack import displaces
from comity.problems import Problem

__all__ = ["clashing_norms"]


def clashing_norms(library: Library, eras: Eras) -> Iterator[Problem]:
    """CM307 for each pair that can apply together to a listed agency."""
    agencies = library.agency_table()
    for norms in eras.norms_by_action().values():
        for one, other in _pairs(norms, eras):
            shared = _overlap(one.window, other.window)
            both = eras.agencies(one) & eras.agencies(other)
            if shared is None or not both or one.id in other.despite or other.id in one.despite:
                continue
            settled = [p for p in library.preemptions if displaces(p, one, other) or displaces(p, other, one)]
            orders = [o for o in library.orders if one.id in o.norms or other.id in o.norms]
            found = _clash(one, other, shared, [agencies[a] for a in sorted(both)], settled, orders, eras)
            if found is not None:
                yield _problem(one, other, *found)


def _pairs(norms: Iterable[Norm], eras: Eras) -> Iterator[tuple[Norm, Norm]]:
    """Pairs of the same rank where one forbids what the other commands or permits; the forbidding norm first."""
    by_rank: dict[int, list[Norm]] = {}
    for norm in norms:
        by_rank.setdefault(eras.rank(norm), []).append(norm)
    for equals in by_rank.values():
        for one, other in combinations(equals, 2):
            if one.effect == "must not" and other.effect in ("must", "may"):
                yield one, other
            elif other.effect == "must not" and one.effect in ("must", "may"):
                yield other, one


def _overlap(one: Window, other: Window) -> Window | None:
    if not one.overlaps(other):
        return None
    starts = [w.start for w in (one, other) if w.start is not None]
    ends = [w.end for w in (one, other) if w.end is not None]
    return Window(max(starts, default=None), min(ends, default=None))


def _clash(
    one: Norm,
    other: Norm,
    shared: Window,
    agencies: list[Agency],
    settled: list[Preemption],
    orders: list[CourtOrder],
    eras: Eras,
) -> tuple[date, Agency] | None:
    """The first day and agency for which both norms can apply with nothing between them."""
    conditions = (*_applies(one), *_applies(other))
    changes = [*(p.window for p in settled), *(o.window for o in orders)]
    days = {*eras.days(shared, conditions), *(e for w in changes for e in w.edges() if e in shared)}
    for day in sorted(days):
        if any(day in p.window for p in settled) or not eras.solver(day).can_hold(*conditions):
            continue
        suspended = {place for o in orders if day in o.window for place in o.places}
        for agency in agencies:
            if agency.id not in suspended and suspended.isdisjoint(agency.places):
                return day, agency
    return None


def _applies(norm: Norm) -> tuple[Expression, ...]:
    return (under(norm.reading), norm.when, *(Not(e) for e in norm.exceptions))


def _problem(forbidding: Norm, other: Norm, day: date, agency: Agency) -> Problem:
    does = "commands" if other.effect == "must" else "permits"
    since = "" if day == date.min else f" on {day}"
    where = f" (the other stands at {other.span.file}:{other.span.line})" if other.span is not None else ""
    return Problem(
        "CM307",
        f"this norm forbids '{forbidding.action}' and {other.cite} {does} it, and nothing says which prevails",
        forbidding.span,
        forbidding.cite,
        f"both can apply to {agency.name}{since}; write 'despite' in the one that prevails, or narrow one{where}",
        "error" if other.effect == "must" else "warning",
    )
