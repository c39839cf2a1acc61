"""The answer: plain frozen data, the same content for a page, a terminal and JSON.

``Answer.to_json`` is deterministic: same case, same library, same bytes, on every machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from comity.decide.clocks import Deadline

__all__ = ["ActionAnswer", "Answer", "Ask", "Change", "Defeated", "Mark", "ReadingShown", "Reason"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One norm behind an outcome: its pinpoint, its effect, the facts that made it apply, how far it was checked.

    ``under`` names the reading on which it rests, where it does not win under every one.
    """

    norm: str
    cite: str
    title: str
    effect: str
    layer: str
    facts: tuple[str, ...]
    checked: str
    official: str
    under: str = ""


@dataclass(frozen=True, slots=True)
class Defeated:
    """A norm that applies and loses: to which norms, or to which court order."""

    norm: str
    cite: str
    effect: str
    layer: str
    by: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that, set to ``to``, would make the outcome ``outcome``."""

    fact: str
    to: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Unsettled law on the answer: where it stands, in which words."""

    cite: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadingShown:
    """One reading of an open question, what it leads to, and who adopted it."""

    readings: tuple[tuple[str, str], ...]
    outcome: str
    adopted_by: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A fact still missing: how to ask it, who knows, why it is asked, which actions wait for it."""

    fact: str
    question: str
    who_knows: str
    why: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionAnswer:
    """Everything about one action.

    ``layers`` are each layer's own answer, ``layer_reasons`` the norm behind each
    that differs from the whole.  ``silence`` is the sentence that explains an outcome no norm gave.
    ``decided_anyway``: the outcome whatever the missing facts are, or "".  ``requested``: the request asks for it.
    """

    action: str
    name: str
    outcome: str
    reason: str
    requested: bool
    layers: tuple[tuple[str, str], ...]
    layer_reasons: tuple[Reason, ...]
    because: tuple[Reason, ...]
    silence: str
    defeated: tuple[Defeated, ...]
    missing: tuple[str, ...]
    possible: tuple[str, ...]
    decided_anyway: str
    would_change: tuple[Change, ...]
    contested: tuple[Mark, ...]
    readings: tuple[ReadingShown, ...]
    clocks: tuple[Deadline, ...]
    meanwhile: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer.  ``actions`` are what may be done or left, ``duties`` what is due or may be due."""

    case: str
    title: str
    agency: str
    agency_name: str
    law_date: date | None
    library_version: str
    library_sha256: str
    checked_to: date | None
    actions: tuple[ActionAnswer, ...]
    duties: tuple[ActionAnswer, ...]
    ask: tuple[Ask, ...]
    meanwhile: str
    notes: tuple[str, ...]

    def action(self, name: str) -> ActionAnswer:
        """The answer for one action or duty, by id ("hold_past_release") or name; KeyError when there is none."""
        wanted = name.replace("_", " ")
        for answer in (*self.actions, *self.duties):
            if answer.name == wanted:
                return answer
        raise KeyError(name)

    def to_data(self) -> dict[str, Any]:
        """The answer as plain JSON data (see docs/answer.md for every key)."""
        return {
            "case": self.case,
            "title": self.title,
            "law_date": self.law_date.isoformat() if self.law_date else None,
            "agency": self.agency,
            "agency_name": self.agency_name,
            "library": {
                "version": self.library_version,
                "sha256": self.library_sha256,
                "checked_to": self.checked_to.isoformat() if self.checked_to else None,
            },
            "actions": {a.action: _action_data(a) for a in self.actions},
            "duties": {a.action: _action_data(a) for a in self.duties},
            "ask": [
                {
                    "fact": a.fact,
                    "question": a.question,
                    "who_knows": a.who_knows,
                    "why": a.why,
                    "actions": [x.replace(" ", "_") for x in a.actions],
                }
                for a in self.ask
            ],
            "meanwhile": self.meanwhile,
            "notes": list(self.notes),
            "not_legal_advice": True,
        }

    def to_json(self) -> str:
        """``to_data`` as indented JSON with a final newline."""
        return json.dumps(self.to_data(), ensure_ascii=False, indent=2) + "\n"


def _reason_data(r: Reason) -> dict[str, Any]:
    return {
        "norm": r.norm,
        "cite": r.cite,
        "title": r.title,
        "effect": r.effect,
        "layer": r.layer,
        "facts": list(r.facts),
        "checked": r.checked,
        "official": r.official,
        "under": r.under,
    }


def _action_data(a: ActionAnswer) -> dict[str, Any]:
    return {
        "outcome": a.outcome,
        "reason": a.reason,
        "requested": a.requested,
        "layers": dict(a.layers),
        "layer_reasons": [_reason_data(r) for r in a.layer_reasons],
        "because": [_reason_data(r) for r in a.because],
        "silence": a.silence,
        "meanwhile": a.meanwhile,
        "defeated": [
            {"norm": d.norm, "cite": d.cite, "effect": d.effect, "layer": d.layer, "by": list(d.by), "why": d.why}
            for d in a.defeated
        ],
        "missing": list(a.missing),
        "possible": list(a.possible),
        "decided_anyway": a.decided_anyway,
        "would_change": [{"fact": c.fact, "to": c.to, "outcome": c.outcome} for c in a.would_change],
        "contested": [{"cite": m.cite, "text": m.text} for m in a.contested],
        "readings": [
            {"readings": dict(r.readings), "outcome": r.outcome, "adopted_by": r.adopted_by} for r in a.readings
        ],
        "clocks": [
            {
                "cite": d.cite,
                "words": d.words,
                "at": d.at.isoformat() if d.at else None,
                "needs": d.needs,
                "reading": d.reading,
            }
            for d in a.clocks
        ],
    }
