"""The library: every checked word of law, frozen, with what it takes to bind it to one agency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from comity.calendar import Holiday, Window
from comity.policy.authority import Agency, Ladder
from comity.policy.claims import Assumption, Claim
from comity.policy.facts import Vocabulary
from comity.policy.norms import Adoption, CourtOrder, DefinitionVersion, Instrument, Norm, Preemption
from comity.problems import Span

__all__ = ["Check", "Coverage", "Expected", "Given", "GivenRow", "Library", "TrialDay"]


@dataclass(frozen=True, slots=True)
class Given:
    """One fact an example states: a value, or None for "is unknown"."""

    name: str
    value: str | int | bool | date | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class GivenRow:
    """One row of a list, field by field."""

    list: str
    fields: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """What an example expects of one action: the outcome (in one layer, or finally), the norm, the missing fact."""

    outcome: str
    action: str
    layer: str = ""
    because: tuple[str, ...] = ()
    missing: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class TrialDay:
    """One law date of an example."""

    on: date
    expected: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """An example beside the law it tries.  Lists named in ``complete`` hold every row there is."""

    title: str
    agency: str
    given: tuple[Given, ...]
    rows: tuple[GivenRow, ...]
    complete: tuple[str, ...]
    trials: tuple[TrialDay, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Coverage:
    """The law dates for which the library claims to hold a place's law; the end is the first day nobody checked."""

    place: str
    window: Window
    note: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """Everything a reading of the law reads.

    ``version`` is the calendar version of the law texts, ``sha256`` identifies the sources, ``coverage`` says for each
    place which law dates the library claims to hold.
    """

    version: str
    sha256: str
    coverage: tuple[Coverage, ...]
    vocabulary: Vocabulary
    ladder: Ladder
    kinds: tuple[tuple[str, tuple[str, ...]], ...]
    instruments: tuple[Instrument, ...]
    norms: tuple[Norm, ...]
    definitions: tuple[DefinitionVersion, ...]
    orders: tuple[CourtOrder, ...]
    preemptions: tuple[Preemption, ...]
    adoptions: tuple[Adoption, ...]
    agencies: tuple[Agency, ...]
    holidays: tuple[Holiday, ...]
    assumptions: tuple[Assumption, ...] = ()
    checks: tuple[Check, ...] = ()
    claims: tuple[Claim, ...] = ()

    def instrument(self, id: str) -> Instrument:
        """The instrument with this id; KeyError when there is none."""
        return self.instrument_table()[id]

    def instrument_table(self) -> dict[str, Instrument]:
        """Id -> instrument."""
        return {i.id: i for i in self.instruments}

    def agency_table(self) -> dict[str, Agency]:
        """Id -> agency."""
        return {a.id: a for a in self.agencies}
