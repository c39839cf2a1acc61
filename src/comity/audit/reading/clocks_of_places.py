"""Wall clocks turned into moments, once the agency of a record, and so its time zone, is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from comity.audit.reading.days import zone
from comity.audit.reading.values import NO_OFFSET, Parsed
from comity.audit.tables import NO_DAY, NO_NUMBER, Array

__all__ = ["settle"]

_DAY: Final = 86_400_000_000
_MINUTE: Final = 60_000_000
TWICE: Final = "a clock time in the hour that the clock showed twice, so which moment is unknown"
NEVER: Final = "a clock time in the hour that summer time left out, so which moment is unknown"


def settle(parsed: Parsed, zones: Sequence[str], at: Array) -> Parsed:
    """Moments as UTC with their offsets, and days as those of the agency's calendar.

    ``zones``: time zones, ``at``: which one each record's agency has.
    """
    if parsed.kind == "date" and parsed.instants is not None:
        return replace(parsed, values=_local_days(parsed, zones, at), instants=None)
    if parsed.kind != "moment":
        return parsed
    assert parsed.offsets is not None
    values, offsets = parsed.values.copy(), parsed.offsets.copy()
    wall = (values != NO_NUMBER) & (offsets == NO_OFFSET)
    shown = np.ones(len(values), np.uint8)
    for i, name in enumerate(zones):
        here = wall & (at == i)
        if here.any():
            values[here], offsets[here], shown[here] = zone(name).moments(values[here])
    values[shown != 1] = NO_NUMBER
    offsets[values == NO_NUMBER] = 0
    notes = tuple((told, shown == often) for told, often in ((TWICE, 2), (NEVER, 0)) if (shown == often).any())
    return replace(parsed, values=values, offsets=offsets, notes=parsed.notes + notes)


def _local_days(parsed: Parsed, zones: Sequence[str], at: Array) -> Array:
    assert parsed.instants is not None
    days = parsed.values.copy()
    told = (parsed.instants != NO_NUMBER) & (days != NO_DAY)
    for i, name in enumerate(zones):
        here = told & (at == i)
        if here.any():
            there, moments = zone(name), parsed.instants[here]
            east = there.offsets[np.searchsorted(there.starts, moments, "right") - 1].astype(np.int64)
            days[here] = (moments + east * _MINUTE) // _DAY
    return days
