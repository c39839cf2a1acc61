"""Norms and what stands between them: definitions, court orders, preemption, adopted readings.

A norm is one sentence of law: bearer, modality, action, when, except when.  ``effect`` also has "contested": a mark
that an answer carries and that decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from comity.calendar import Window
from comity.policy.expressions import ALWAYS, Expression
from comity.problems import Span

__all__ = [
    "Adoption",
    "Binding",
    "Clock",
    "CourtOrder",
    "DefinitionVersion",
    "Instrument",
    "Norm",
    "Preemption",
    "ReadingOf",
]


@dataclass(frozen=True, slots=True)
class Binding:
    """Whom a text binds: agencies inside ``places``, of ``kinds`` (empty: all), without ``except_`` kinds or ids."""

    places: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    except_: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Instrument:
    """One statute chapter, ordinance, order, policy or holding: what the front matter says."""

    id: str
    title: str
    cite_as: str
    authority: str
    binding: Binding
    window: Window
    official: str
    checked: str
    file: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReadingOf:
    """A provision that exists only when ``question`` is read as ``answer``."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline or a longest time.

    ``kind``: "words" (text only), "hours" (elapsed hours from ``anchor``), "counted hours" (without Saturdays, Sundays
    and holidays), "days" (calendar days) or "end of day".  ``hold`` clocks end a hold; others are deadlines of duties.
    """

    kind: str
    amount: int = 0
    anchor: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Norm:
    """One norm of one instrument, in one version."""

    id: str
    instrument: str
    label: str
    cite: str
    bearer: str
    effect: str
    action: str
    window: Window
    when: Expression = ALWAYS
    exceptions: tuple[Expression, ...] = ()
    despite: tuple[str, ...] = ()
    clocks: tuple[Clock, ...] = ()
    reading: ReadingOf | None = None
    contested: str = ""
    protected: bool = False
    gives_power: bool = False
    binding: Binding | None = None
    checked: str = ""
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class DefinitionVersion:
    """One version of a definition: ``name`` holds when ``when`` and no exception, within ``window``."""

    name: str
    record: str
    instrument: str
    cite: str
    window: Window
    when: Expression
    exceptions: tuple[Expression, ...] = ()
    reading: ReadingOf | None = None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class CourtOrder:
    """A court suspends named norms for named places, for a while."""

    instrument: str
    cite: str
    norms: tuple[str, ...]
    places: tuple[str, ...]
    window: Window
    text: str = ""
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Preemption:
    """``upper`` (instrument or norm id) displaces ``lower`` for ``actions`` (empty: all)."""

    upper: str
    lower: str
    actions: tuple[str, ...]
    cite: str
    window: Window
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Adoption:
    """An agency adopted one reading of a question: who, from when."""

    question: str
    answer: str
    place: str
    since: date
    by: str
    cite: str = ""
    span: Span | None = field(default=None, compare=False)
