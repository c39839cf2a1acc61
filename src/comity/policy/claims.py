"""Claims: sentences about every case of an agency, for the prover, and what it may assume."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from comity.calendar import Window
from comity.policy.expressions import ALWAYS, Expression
from comity.problems import Span

__all__ = [
    "Answered",
    "Assumption",
    "Claim",
    "Ended",
    "NeverLooser",
    "NoConflict",
    "SameAs",
    "Says",
    "Stated",
    "Unchanged",
]


@dataclass(frozen=True, slots=True)
class Stated:
    """The outcome of an action is always, or never, ``outcome``; with ``where_allowed`` only in cases in which that
    other action may or must be done.
    """

    always: bool
    outcome: str
    action: str
    where_allowed: str = ""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Another value of ``facts``, or knowing or not knowing them, changes the outcome of none of ``actions``."""

    facts: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeverLooser:
    """Where the law down to ``layer`` says *must not* or *must*, the whole law says nothing looser."""

    layer: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoConflict:
    """Authorities never contradict each other without a rule between them, unless a claim says *ask counsel* there."""

    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """Once every fact is known there is an answer, under every reading of an open question."""

    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """Where ``action`` is allowed, a norm that allows it says how long at most."""

    action: str


@dataclass(frozen=True, slots=True)
class SameAs:
    """Every case comes out as under the law of ``day``."""

    day: date
    actions: tuple[str, ...]


Says = SameAs | Stated | Unchanged | NeverLooser | NoConflict | Answered | Ended


@dataclass(frozen=True, slots=True)
class Claim:
    """``says`` holds in every case of every one of ``agencies`` that meets ``whenever``, under the law of every day of
    ``window``.  All facts of these cases are known, except in ``Unchanged``.
    """

    title: str
    agencies: tuple[str, ...]
    says: Says
    whenever: Expression = ALWAYS
    window: Window = field(default_factory=Window)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Assumption:
    """What the prover takes for granted of every case: ``holds`` is not *no*, or (``years``) where dates lie."""

    title: str
    holds: Expression = ALWAYS
    years: Window | None = None
    span: Span | None = field(default=None, compare=False)
