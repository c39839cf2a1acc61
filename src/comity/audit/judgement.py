"""What an audit says of an action: the judgement, and many cases judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from comity.audit.tables import Array, CaseTable
from comity.calendar import Window

__all__ = ["Engine", "Judged", "Judgement", "LawVersion"]


@dataclass(frozen=True, slots=True, order=True)
class Judgement:
    """The answer for one action; cases of a table that nothing in the law tells apart share one.

    ``outcome``: one of ``comity.policy.outcome.OUTCOMES``.  ``reason``: why it is *ask counsel*: "conflict",
    "readings", "judgement" or "".  ``layers``: each layer's own outcome, silent layers left out.  ``winning``: ids of
    the norms of that outcome that win under every reading, highest authority first.  ``missing``: the unknown facts
    that keep it open, as "judge signed", "convictions: date" or "convictions: all of them?".  ``possible``: outcomes
    still possible, whatever is unknown.
    """

    outcome: str
    reason: str = ""
    layers: tuple[tuple[str, str], ...] = ()
    winning: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LawVersion:
    """One agency's law over one stretch of law dates; ``window`` is None for cases whose law date is unknown."""

    agency: str
    window: Window | None


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A stretch of cases, judged.

    ``law``: int32 per case, position in ``laws``.  ``actions``: action name -> int32 per case, position in
    ``judgements[action]``.  ``laws`` and ``judgements`` grow from stretch to stretch of one audit; positions stay.
    """

    table: CaseTable
    laws: Sequence[LawVersion]
    law: Array
    judgements: Mapping[str, Sequence[Judgement]]
    actions: Mapping[str, Array]

    def judgement(self, action: str, case: int) -> Judgement:
        """The judgement of one case (position in the stretch)."""
        return self.judgements[action][int(self.actions[action][case])]


class Engine(Protocol):
    """One way to judge many cases; every engine gives the same judgements."""

    name: str

    def judge(self, table: CaseTable) -> Judged:
        """Judge one stretch of cases."""
        ...
