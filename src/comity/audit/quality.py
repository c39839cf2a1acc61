"""What a reading of records met: rejected records, and counts of what was doubtful.  Nothing is dropped unseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["SET_ASIDE", "Quality", "Rejected", "Tally", "shown"]

#: How the reason of a record begins that was readable but is no case of the mapping.
SET_ASIDE = "set aside: "


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that gave no case, or no row of a case.

    ``number``: the record, from 1, blank lines and the header not counted (0: not known).  ``reason`` is short and the
    same for like records, so that it can be counted.  ``case`` is its id where it could be read, ``column`` and
    ``value`` what stood there.  ``table`` names the list whose own table it stood in ("" for the records themselves).
    """

    number: int
    reason: str
    case: str = ""
    column: str = ""
    value: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class Quality:
    """Counts over all records read so far.

    ``rows``: records read, rejected ones among them.  ``cases``: cases made.  ``rejected``: reason -> records, without
    those set aside, which ``set_aside`` counts.  ``duplicates``: records rejected because their case id was used
    before.  ``alike``: records equal to an earlier one in what the mapping calls likely duplicates; None where it
    compares nothing.  ``unreadable``: column -> values made unknown because the mapping says so.  ``disagreements``:
    fact -> cases whose records contradict each other.  ``notes``: other things counted, each a sentence.
    ``unknown``: fact -> cases in which it is unknown, and "list: field" -> rows in which it is.  ``list_rows``: list ->
    rows.
    """

    rows: int = 0
    cases: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    set_aside: Mapping[str, int] = field(default_factory=dict)
    duplicates: int = 0
    alike: int | None = None
    unreadable: Mapping[str, int] = field(default_factory=dict)
    disagreements: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    list_rows: Mapping[str, int] = field(default_factory=dict)

    def share_unknown(self, fact: str) -> float:
        """Share of cases in which the fact is unknown; a fact that nothing was mapped to is unknown in all.

        A field of a list, as "charges: grade", is counted over the rows of the list.
        """
        list_, colon, _ = fact.partition(": ")
        every = self.list_rows.get(list_, 0) if colon else self.cases
        return self.unknown.get(fact, every) / every if every else 0.0

    def to_json(self) -> dict[str, Any]:
        """As plain data, keys in a fixed order."""
        plain: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            plain[name] = dict(sorted(value.items())) if isinstance(value, Mapping) else value
        return plain


class Tally:
    """Counts while they grow; ``quality()`` freezes them."""

    def __init__(self) -> None:
        self.rows = 0
        self.cases = 0
        self.duplicates = 0
        self.alike: int | None = None
        self.rejected: Counter[str] = Counter()
        self.set_aside: Counter[str] = Counter()
        self.unreadable: Counter[str] = Counter()
        self.disagreements: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.list_rows: Counter[str] = Counter()

    def reject(self, rejected: tuple[Rejected, ...]) -> tuple[Rejected, ...]:
        """Count them, and hand them back."""
        reasons = Counter(r.reason for r in rejected)
        for reason, count in reasons.items():
            if reason.startswith(SET_ASIDE):
                self.set_aside[reason.removeprefix(SET_ASIDE)] += count
            else:
                self.rejected[reason] += count
        return rejected

    def count(self, counter: Counter[str], name: str, number: int) -> None:
        """Add to one counter; nothing is named that never happened."""
        if number:
            counter[name] += number

    def quality(self) -> Quality:
        """The counts so far."""
        return Quality(
            self.rows,
            self.cases,
            dict(self.rejected),
            dict(self.set_aside),
            self.duplicates,
            self.alike,
            dict(self.unreadable),
            dict(self.disagreements),
            dict(self.notes),
            dict(self.unknown),
            dict(self.list_rows),
        )


def shown(text: str, longest: int = 60) -> str:
    """A cell as it may be printed: one line, no control signs, cut when long."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text[: longest * 4]).split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"
