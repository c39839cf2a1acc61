"""Which records of a stretch are still in, and why each of the others is out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from comity.audit.quality import SET_ASIDE, Rejected, Tally, shown
from comity.audit.reading.values import Parsed
from comity.audit.tables import Array

__all__ = ["Sieve"]


class Sieve:
    """Records, by position in the stretch; a record leaves once, for the first reason found."""

    def __init__(self, numbers: Array, ids: pa.Array | None, table: str = "") -> None:
        self.numbers = numbers
        self.ids = ids
        self.table = table
        self.out = np.zeros(len(numbers), bool)
        #: Records that are out for what they hold, not because the mapping leaves them aside.
        self.failed = np.zeros(len(numbers), bool)
        self.rejected: list[Rejected] = []
        self._looked: list[tuple[Parsed, Array]] = []
        self._notes: list[tuple[str, Array]] = []

    def drop(
        self, mask: Array, reason: str, column: str = "", told: Callable[[int], tuple[str, str]] | None = None
    ) -> None:
        """Take records out; ``told`` gives (cell, reason) of a record where they differ."""
        new = mask & ~self.out
        if not new.any():
            return
        at = np.flatnonzero(new)
        cases = [""] * len(at) if self.ids is None else self.ids.take(pa.array(at)).to_pylist()
        for i, number, case in zip(at.tolist(), self.numbers[at].tolist(), cases, strict=True):
            cell, why = told(i) if told is not None else ("", reason)
            own = "" if case is None else str(case)
            self.rejected.append(Rejected(number, why or reason, own, column, shown(cell) if cell else "", self.table))
        self.out |= new
        if not reason.startswith(SET_ASIDE):
            self.failed |= new

    def look(self, parsed: Parsed, mask: Array, *, fatal: bool = True) -> None:
        """Take out the records, of those looked at, that hold something unreadable; remember what is to be counted."""
        for fault in parsed.faults:
            if fault.fatal and fatal:
                self.drop(fault.mask & mask, "not readable", fault.column, fault.told)
        self._looked.append((parsed, mask))

    def note(self, told: str, mask: Array) -> None:
        """Something to be counted, about these records."""
        self._notes.append((told, mask))

    def count(self, tally: Tally) -> None:
        """Count what was made unknown in the records that stay."""
        kept = ~self.out
        for parsed, mask in self._looked:
            for fault in parsed.faults:
                tally.count(tally.unreadable, fault.column, int((fault.mask & mask & kept).sum()))
            for note, where in parsed.notes:
                tally.count(tally.notes, note, int((where & mask & kept).sum()))
        for note, where in self._notes:
            tally.count(tally.notes, note, int((where & kept).sum()))

    def positions(self) -> Array:
        """The records that are still in."""
        return np.flatnonzero(~self.out)


def names(values: Sequence[str], most: int = 4) -> str:
    """Some words, for a message."""
    return ", ".join(values[:most]) + (", …" if len(values) > most else "")
