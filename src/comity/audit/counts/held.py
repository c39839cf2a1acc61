"""Whether the library holds the law of each case's day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import numpy as np

from comity.audit.tables import NO_DAY, Array, CaseTable
from comity.policy.library import Coverage

__all__ = ["HELD", "NOT_HELD", "NO_DATE", "HeldLaw"]

NOT_HELD: Final = 0
HELD: Final = 1
#: The case has no law date.
NO_DATE: Final = 2

_EPOCH: Final = date(1970, 1, 1).toordinal()
_EARLIEST: Final = -(2**31) + 1
_LATEST: Final = 2**31 - 1


class HeldLaw:
    """Looks up what the library claims to hold.  ``coverage``: agency id -> that claim, or None."""

    def __init__(self, coverage: Callable[[str], Coverage | None]) -> None:
        self._coverage = coverage
        self._spans: dict[str, tuple[int, int]] = {}

    def of(self, table: CaseTable) -> Array:
        """uint8 per case: ``HELD``, ``NOT_HELD`` or ``NO_DATE``."""
        days = table.law_date
        if not len(days):
            return np.zeros(0, np.uint8)
        spans = np.array([self._span(id_) for id_ in table.agencies], np.int64)
        first, end = spans[0] if len(spans) == 1 else spans[table.agency].T
        held = (days >= first) & (days < end)
        return np.where(days == NO_DAY, np.uint8(NO_DATE), held.astype(np.uint8))

    def _span(self, id_: str) -> tuple[int, int]:
        """First day and first day after, in days since 1970-01-01."""
        if id_ not in self._spans:
            self._spans[id_] = _days(self._coverage(id_))
        return self._spans[id_]


def _days(coverage: Coverage | None) -> tuple[int, int]:
    if coverage is None:
        return _LATEST, _EARLIEST
    start, end = coverage.window.start, coverage.window.end
    first = _EARLIEST if start is None else start.toordinal() - _EPOCH
    return first, _LATEST if end is None else end.toordinal() - _EPOCH
