"""From counts to figures: what a report shows, as plain data in a fixed order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from comity.audit.counts.action import action_figures
from comity.audit.counts.factnames import FactNames
from comity.audit.counts.held import HELD, NO_DATE, NOT_HELD
from comity.audit.counts.holds import PAST, Holds
from comity.case import find_agency

if TYPE_CHECKING:
    from comity.audit.summary import Summary

__all__ = ["FORMAT", "figures"]

#: Raised when the keys of the data change.
FORMAT: Final = 2

#: Actions with figures of their own, where nobody chose.
_MOST_FEATURED: Final = 6
#: The actions a request usually is about, for records that tell no outcome of any.
_USUAL: Final[tuple[str, ...]] = ("hold past release", "notify release", "transfer custody")

#: Hours for which the curve of hold lengths is given: a week, hour by hour.
_CURVE: Final = range(0, 169)


def figures(summary: Summary) -> dict[str, Any]:
    """All figures of a summary."""
    law = summary.law
    names = FactNames(law.vocabulary)
    days = [d.isoformat() for d in (summary.first_day, summary.last_day) if d is not None]
    return {
        "format": FORMAT,
        "source": summary.source,
        "synthetic": summary.synthetic,
        "what_if": None if summary.what_if is None else summary.what_if.isoformat(),
        "instead_of": _instead_of(summary),
        "noun": summary.noun,
        "law": {"version": law.version, "sha256": law.sha256},
        "law_dates": {"first": days[0], "last": days[1]} if days else None,
        "counts": {
            "records": summary.records,
            "cases": summary.cases,
            "duplicates": summary.duplicates,
            "alike": summary.alike,
            **{kind: _counted(found) for kind, found in summary.met.items()},
        },
        "standing": _standing(summary),
        "agencies": _agencies(summary),
        "featured": _featured(summary),
        "actions": [
            action_figures(summary, a, summary.tallies[a.name])
            for a in law.vocabulary.actions
            if a.name in summary.tallies
        ],
        "unknown": [
            {
                "fact": fact,
                "words": names.words(fact),
                "values": values,
                "unknown": summary.unknown[fact],
            }
            for fact, values in sorted(summary.values.items())
        ],
        "holds": _holds(summary.holds) if summary.timed else None,
    }


def _instead_of(summary: Summary) -> dict[str, str] | None:
    """The agency that the mapping names, where another was asked about: "agency" and "name", "" for several."""
    id_ = summary.instead_of
    if id_ is None:
        return None
    found = find_agency(id_, summary.law)
    return {"agency": id_, "name": id_ if found is None else found.name}


def _counted(found: Counter[str]) -> list[dict[str, Any]]:
    return [{"what": words, "times": found[words]} for words in _by_count(found) if found[words]]


def _standing(summary: Summary) -> dict[str, int]:
    """Cases by how they stand to the library; every action counts every case, so one is enough."""
    found = [0, 0, 0]
    for tally in summary.tallies.values():
        by_standing = tally.counts.reshape(-1, 3, 3).sum(axis=(0, 2))
        found = [max(a, int(b)) for a, b in zip(found, by_standing, strict=True)]
    return {"held": found[HELD], "not_held": found[NOT_HELD], "undated": found[NO_DATE]}


def _featured(summary: Summary) -> list[str]:
    """The actions that get figures of their own: the chosen ones, else those whose outcome is recorded and the hold."""
    names = [a.name for a in summary.law.vocabulary.actions if a.name in summary.tallies]
    if summary.chosen is not None:
        return [name for name in summary.chosen if name in names]
    told = [n for n in names if summary.tallies[n].counts.reshape(-1, 3, 3)[:, :, 1:].any()]
    usual = [n for n in _USUAL if n in names]
    if told:
        # What a request is mostly about is shown even where the records do not tell what came of it.
        return [*told, *(n for n in usual if n == _USUAL[0] and n not in told)][:_MOST_FEATURED]
    return (usual or names)[:_MOST_FEATURED]


def _agencies(summary: Summary) -> list[dict[str, Any]]:
    periods = summary.periods
    cases: Counter[str] = Counter()
    held: Counter[str] = Counter()
    tally = next(iter(summary.tallies.values()), None)
    for (place, _, standing), ends in zip(periods.rows, () if tally is None else tally.ends, strict=False):
        agency = periods.laws[place].agency
        cases[agency] += int(ends.sum())
        held[agency] += int(ends.sum()) if standing == HELD else 0
    return [_agency(summary, id_, cases[id_], held[id_]) for id_ in _by_count(cases)]


def _agency(summary: Summary, id_: str, cases: int, held: int) -> dict[str, Any]:
    stack = summary.periods.stack(id_)
    coverage = summary.periods.coverage(id_)
    window = None if coverage is None else coverage.window
    return {
        "agency": id_,
        "name": id_ if stack is None else stack.agency.name,
        "local_law_held": stack is not None and stack.agency.held,
        "cases": cases,
        "held": held,
        "coverage": None
        if coverage is None or window is None
        else {
            "place": coverage.place,
            "from": None if window.start is None else window.start.isoformat(),
            "until": None if window.end is None else window.end.isoformat(),
            "note": coverage.note,
        },
    }


def _by_count(found: Counter[str]) -> Iterable[str]:
    return [name for name, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def _holds(holds: Holds) -> dict[str, Any]:
    def spread(share: float) -> dict[str, float | None]:
        return {"elapsed": holds.quantile(holds.elapsed, share), "counted": holds.quantile(holds.counted, share)}

    return {
        "holds": holds.total,
        "untimed": holds.untimed,
        "refused": holds.refused,
        "reversed": {"cases": holds.reversed, "examples": holds.examples.of(len(PAST))},
        "past": [
            {"way": way, "cases": int(holds.past[place]), "examples": holds.examples.of(place)}
            for place, way in enumerate(PAST)
        ],
        "curve": [
            {"hours": h, "elapsed": holds.within(holds.elapsed, h), "counted": holds.within(holds.counted, h)}
            for h in _CURVE
        ],
        "median": spread(0.5),
        "ninth_tenth": spread(0.9),
    }
