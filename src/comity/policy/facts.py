"""The vocabulary: which facts a case may have, what they are called, who knows them.

Declared in ``facts`` and ``actions`` blocks of the library; nothing is built into Python.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from comity.problems import Span

__all__ = ["LAW_DATE", "OFFENCE_ATTRIBUTES", "VACATED", "Action", "FactType", "FactWord", "Question", "Vocabulary"]

#: The one fact every case has: the day whose law is asked.
LAW_DATE = "law date"

#: A field of a row: a court took the conviction away, so the row is set aside.
VACATED = "vacated"

#: What the offence table can fill a field with (``offence wobbler`` in a facts block): attributes of
#: ``comity.offences.Offence``.
OFFENCE_ATTRIBUTES = (
    "wobbler",
    "serious",
    "violent",
    "state prison",
    "realignment question",
    "categories",
    "category certain",
    "prop47",
    "registration",
    "domestic violence",
    "notice 11369",
    "felony only category",
    "travis 2017",
    "nyc listed",
    "nj violent or serious",
    "nj indictable",
    "federal aggravated felony",
    "name",
)


@dataclass(frozen=True, slots=True)
class FactType:
    """A type: ``kind`` is one of "yes/no", "integer", "money", "date", "moment", "duration", "one of", "some of",
    "text", "offence", "list".  ``members`` for one-of and some-of; ``record`` for lists.
    """

    kind: str
    members: tuple[str, ...] = ()
    record: str = ""

    def __str__(self) -> str:
        if self.kind in ("one of", "some of"):
            return f"{self.kind} {', '.join(self.members)}"
        return f"list of {self.record}" if self.kind == "list" else self.kind


@dataclass(frozen=True, slots=True)
class FactWord:
    """One fact: its name in norms, the group (or record) it belongs to in a case file, its type, and how to ask it.

    ``counsel`` marks a question the law leaves to a person: while it is unknown and decides, the outcome is *ask
    counsel*.  ``offence`` names the attribute of the offence table that fills the field when the file leaves it out.
    """

    name: str
    group: str
    type: FactType
    ask: str = ""
    who: str = ""
    why: str = ""
    counsel: bool = False
    offence: str = ""
    agency: str = ""
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Action:
    """Something an agency does or leaves.  ``closure`` says what silence means: "open" (may), "no power" (must not
    unless somebody with authority allows it), or "duty" (nothing is due).
    """

    name: str
    closure: str
    meaning: str
    meanwhile: str = ""
    request: str = ""
    span: Span | None = field(default=None, compare=False)

    @property
    def id(self) -> str:
        """The stable id used in case files and answers: words joined by underscores."""
        return self.name.replace(" ", "_")


@dataclass(frozen=True, slots=True)
class Question:
    """A text of law with more than one defensible reading."""

    name: str
    text: str
    answers: tuple[str, ...]
    cite: str = ""
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All declared words, in order of declaration."""

    facts: tuple[FactWord, ...] = ()
    actions: tuple[Action, ...] = ()
    questions: tuple[Question, ...] = ()

    def records(self) -> dict[str, str]:
        """Record name -> name of the list of the case that holds its rows."""
        return {f.type.record: f.name for f in self.facts if f.type.kind == "list"}

    def case_facts(self) -> dict[str, FactWord]:
        """Name -> fact, for facts of the case (row fields left out)."""
        records = self.records()
        return {f.name: f for f in self.facts if f.group not in records}

    def fields(self, record: str) -> dict[str, FactWord]:
        """Name -> field, for one record."""
        return {f.name: f for f in self.facts if f.group == record}

    def action_names(self) -> dict[str, Action]:
        """Name -> action."""
        return {a.name: a for a in self.actions}
