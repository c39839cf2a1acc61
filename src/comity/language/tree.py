"""The surface tree: what a block says, names not yet looked up, every word with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from comity.calendar import Window
from comity.policy.norms import Clock
from comity.problems import Span

__all__ = [
    "ActionWord",
    "AdoptionBlock",
    "AssumedThing",
    "AssumptionsBlock",
    "AuthoritiesBlock",
    "CheckBlock",
    "Claim",
    "Condition",
    "DefinitionBlock",
    "Example",
    "Expectation",
    "FactLine",
    "FactsBlock",
    "Group",
    "KindsBlock",
    "Negation",
    "NormBlock",
    "OrderBlock",
    "Phrase",
    "PreemptionBlock",
    "Quantifier",
    "QuestionBlock",
    "Relation",
    "RowGiven",
    "Statement",
    "Timer",
    "Trial",
]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Some words as written, single-spaced, and where they stand (places do not count for equality)."""

    text: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Relation:
    """``left op right…``; the op "yes" has no right side (a bare yes/no fact or definition).

    ops: "yes", "is", "one of", "includes", "<", "<=", ">", ">=", "before", "after", "on or before", "on or after",
    "within before", "within after", "strictly within before", "strictly within after".
    """

    left: Phrase
    op: str = "yes"
    right: tuple[Phrase, ...] = ()
    amount: int = 0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Negation:
    """``not …``."""

    item: Condition


@dataclass(frozen=True, slots=True)
class Group:
    """``a and b and c`` or ``a or b or c``; kinds are never mixed without brackets."""

    kind: str
    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Quantifier:
    """``any | every | at least N`` noun ``where`` condition; ``kind`` is "any", "every" or "at least"."""

    kind: str
    noun: Phrase
    where: Condition
    count: int = 0


Condition = Relation | Negation | Group | Quantifier


@dataclass(frozen=True, slots=True)
class FactLine:
    """One declared fact with its attributes (ask, who, why, …)."""

    name: Phrase
    kind: str
    members: tuple[str, ...] = ()
    record: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FactsBlock:
    """Facts of one group of the case file, or fields of one record."""

    group: Phrase
    facts: tuple[FactLine, ...]


@dataclass(frozen=True, slots=True)
class ActionWord:
    """One declared action."""

    name: Phrase
    closure: str
    meaning: str
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ActionsBlock:
    """Declared actions."""

    actions: tuple[ActionWord, ...]


@dataclass(frozen=True, slots=True)
class QuestionBlock:
    """A question of law with its readings."""

    name: Phrase
    text: str
    answers: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class AuthoritiesBlock:
    """The ladder, highest layer first."""

    layers: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class KindsBlock:
    """Kinds of agency and the kinds each implies."""

    kinds: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Timer:
    """A clock with the word that opened it: ``by`` (a deadline) or ``for at most`` (a longest hold)."""

    keyword: str
    clock: Clock
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class NormBlock:
    """One norm (or, with effect "contested", one mark)."""

    label: Phrase
    bearer: str
    effect: str
    action: Phrase
    when: Condition | None = None
    exceptions: tuple[Condition, ...] = ()
    despite: tuple[Phrase, ...] = ()
    clocks: tuple[Timer, ...] = ()
    window: Window | None = None
    reading: tuple[Phrase, Phrase] | None = None
    contested: str = ""
    protected: bool = False
    gives_power: bool = False
    binds: Phrase | None = None
    checked: str = ""


@dataclass(frozen=True, slots=True)
class DefinitionBlock:
    """One version of a definition; ``record`` empty for the case."""

    label: Phrase
    name: Phrase
    record: str
    when: Condition
    exceptions: tuple[Condition, ...] = ()
    window: Window | None = None
    reading: tuple[Phrase, Phrase] | None = None


@dataclass(frozen=True, slots=True)
class OrderBlock:
    """A court order that suspends norms."""

    label: Phrase
    norms: tuple[Phrase, ...]
    places: tuple[Phrase, ...]
    window: Window
    text: str = ""


@dataclass(frozen=True, slots=True)
class PreemptionBlock:
    """One text displaces another for some actions."""

    label: Phrase
    upper: Phrase
    lower: Phrase
    actions: tuple[Phrase, ...]
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class AdoptionBlock:
    """An agency's adopted reading."""

    label: Phrase
    place: Phrase
    question: Phrase
    answer: Phrase
    since: date
    by: str


@dataclass(frozen=True, slots=True)
class RowGiven:
    """``given one conviction: …`` (``count`` 1), ``given no convictions`` (0), ``given maybe more …`` (-1)."""

    noun: Phrase
    count: int
    atoms: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """``then OUTCOME ACTION [in LAYER law] [because NORM] [missing FACT]``."""

    outcome: str
    action: Phrase
    layer: str = ""
    because: Phrase | None = None
    missing: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """One law date of an example and what is expected on it."""

    on: date
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A named example: agency, what each ``given`` says (facts, or one row), one or more dated trials."""

    title: Phrase
    agency: Phrase
    given: tuple[tuple[Condition, ...] | RowGiven, ...]
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence about every case of some agencies.

    ``agencies``: ids, or (``everywhere``) one place, for every listed agency there, and those that are left out.
    ``says`` is the kind of sentence: "always" or "never" with an ``outcome`` of the first of ``actions`` (and perhaps
    ``where`` another action is allowed); "unchanged" (by ``changing``); "never looser" than the law of a ``layer``; "no
    conflict"; "answered"; "ended"; "same" as on a ``day``.
    """

    title: Phrase
    agencies: tuple[Phrase, ...]
    everywhere: bool
    whenever: Condition | None
    changing: tuple[Phrase, ...]
    window: Window
    says: str
    outcome: str
    actions: tuple[Phrase, ...]
    where: Phrase | None
    layer: Phrase | None
    day: date | None


@dataclass(frozen=True, slots=True)
class AssumedThing:
    """What the prover takes for granted: a condition, or between which years dates lie."""

    title: Phrase
    holds: Condition | None
    years: Window | None


@dataclass(frozen=True, slots=True)
class AssumptionsBlock:
    """What the prover takes for granted of every case."""

    items: tuple[AssumedThing, ...]


@dataclass(frozen=True, slots=True)
class CheckBlock:
    """Examples and claims beside the rule they try."""

    items: tuple[Example | Claim, ...]


Statement = (
    FactsBlock
    | ActionsBlock
    | QuestionBlock
    | AuthoritiesBlock
    | KindsBlock
    | NormBlock
    | DefinitionBlock
    | OrderBlock
    | PreemptionBlock
    | AdoptionBlock
    | CheckBlock
    | AssumptionsBlock
)
