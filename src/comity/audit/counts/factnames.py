"""What a missing fact is called where a person reads it, and whether it is a gap of the library.

Engines and files name missing facts by code: "judge signed", "convictions: date", "convictions: all of them?".  A gap
is local law that the library does not hold for the agency of the case; no column of any record could tell it.
"""

from __future__ import annotations

from typing import Final

from comity.policy.facts import FactWord, Vocabulary

__all__ = ["FactNames", "is_whole_list"]

#: How a code ends that asks whether a list is complete.
_COMPLETE: Final = "all of them?"
#: What the agency table answers for agencies whose local law the library holds.
_NOT_HELD: Final = "local law not held"


def is_whole_list(fact: str) -> bool:
    """Whether a code asks if a list is complete."""
    return fact.endswith(f": {_COMPLETE}")


class FactNames:
    """The names of one vocabulary; each code is looked up once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._facts = vocabulary.case_facts()
        self._known: dict[str, tuple[str, FactWord | None]] = {}

    def words(self, fact: str) -> str:
        """The name as somebody would say it: "whether the list of convictions is complete", "date, of a conviction"."""
        return self._look(fact)[0]

    def word(self, fact: str) -> FactWord | None:
        """The declaration of the fact, or of the field of a list, or of a list asked for as a whole."""
        return self._look(fact)[1]

    def is_gap(self, fact: str) -> bool:
        """Whether it is local law that the library does not hold."""
        word = self.word(fact)
        return word is not None and word.agency == _NOT_HELD

    def _look(self, fact: str) -> tuple[str, FactWord | None]:
        known = self._known.get(fact)
        if known is None:
            known = self._known[fact] = self._named(fact)
        return known

    def _named(self, fact: str) -> tuple[str, FactWord | None]:
        list_, _, field = fact.partition(": ")
        word = self._facts.get(list_)
        if not field:
            return f"whether {fact}" if word is not None and word.agency == _NOT_HELD else fact, word
        if field == _COMPLETE:
            return f"whether the list of {list_} is complete", word
        record = "" if word is None else word.type.record
        row = record or f"row of {list_}"
        of = f"of {'an' if row[0] in 'aeiou' else 'a'} {row}"
        return f"{field}, {of}", self._vocabulary.fields(record).get(field) if record else None
