"""What a review tells, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import z3

from comity.calendar import Window
from comity.policy.expressions import Within
from comity.problems import Span
from comity.prove.formula import Readings
from comity.prove.laws import Stretch, Version
from comity.prove.world import World

__all__ = [
    "CONFLICT",
    "DEFEATED",
    "GAP",
    "KINDS",
    "LEAP_DAY",
    "NEVER_DECIDES",
    "NEVER_FIRES",
    "STALE",
    "UNDECIDED",
    "WEAK",
    "Finding",
    "Sighting",
    "merged",
]

CONFLICT: Final = "conflict"
GAP: Final = "gap"
NEVER_FIRES: Final = "never fires"
DEFEATED: Final = "always defeated"
NEVER_DECIDES: Final = "never decides"
LEAP_DAY: Final = "29 February"
WEAK: Final = "weaker than case analysis"
STALE: Final = "not in force"
UNDECIDED: Final = "undecided"

#: Kind -> what its findings are, in the order they are told.
KINDS: Final[Mapping[str, str]] = {
    CONFLICT: "norms that can contradict each other with no rule between them",
    GAP: "where no norm speaks and only the reading of silence answers",
    NEVER_FIRES: "norms that apply in no case",
    DEFEATED: "norms that apply and never win",
    NEVER_DECIDES: "norms that win and never change an outcome",
    LEAP_DAY: "windows in which the rule for 29 February changes an outcome",
    WEAK: "facts that are asked for where neither value changes the outcome",
    STALE: "what names law that is not in force then",
    UNDECIDED: "questions that the solver gave up",
}


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One case that shows a finding: a model of an open case under one version of the law about ``action``.

    ``norms``: ids of the norms it is about.  ``unknown``: the fact that is left out.  ``outcome``: what comes out;
    ``otherwise``: what would come out if ``window`` counted from 29 February up to 1 March.
    """

    version: Version
    action: str
    world: World
    readings: Readings
    model: z3.ModelRef
    norms: tuple[str, ...] = ()
    unknown: str = ""
    outcome: str = ""
    otherwise: str = ""
    window: Within | None = None

    def holds(self, formula: Any) -> bool:
        """Whether a formula is true in the case."""
        return bool(z3.is_true(self.model.eval(formula, model_completion=True)))


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """One finding.  ``stretches``: for whom and when; ``declared``: the library itself says so (a claim).

    ``says`` is one sentence without its full stop; ``means`` and ``do`` are whole sentences.
    """

    kind: str
    says: str
    means: str
    do: str
    span: Span | None = None
    cite: str = ""
    action: str = ""
    stretches: tuple[Stretch, ...] = ()
    declared: bool = False
    sighting: Sighting | None = None

    @property
    def agencies(self) -> tuple[str, ...]:
        """The agencies concerned, each once."""
        return tuple(dict.fromkeys(s.agency for s in self.stretches))


def merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Stretches of one agency that touch become one; in the order of the agencies, then of the days."""
    by_agency: dict[str, list[Window]] = {}
    for stretch in stretches:
        by_agency.setdefault(stretch.agency, []).append(stretch.window)
    found = []
    for agency, windows in by_agency.items():
        windows.sort(key=lambda w: (w.start is not None, w.start))
        last = windows[0]
        for window in windows[1:]:
            if last.end is None or (window.start is not None and window.start > last.end):
                found.append(Stretch(agency, last))
                last = window
            else:
                end = None if window.end is None else max(window.end, last.end)
                last = Window(last.start, end)
        found.append(Stretch(agency, last))
    return tuple(found)
