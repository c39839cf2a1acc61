"""Words whose shares change on known days, such as the forms in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import fsum

import numpy as np
import pyarrow as pa

from comity.audit.sample.draws import SLOTS, Array, Draws, Picked

__all__ = ["by_day", "day_number", "pick_by_day"]

_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def by_day(starts: Sequence[str], days: Array) -> Array:
    """For each day the position of the last of ``starts`` (ISO dates, ascending) that is not after it: int64."""
    firsts = np.array([day_number(date.fromisoformat(start)) for start in starts])
    return np.searchsorted(firsts, days, side="right") - 1


def pick_by_day(draws: Draws, mixes: Mapping[str, Mapping[str, float]], days: Array) -> Picked:
    """Words of the mix in force on each day: first day (ISO) -> word -> weight.  The word "" is a blank."""
    slots = draws.slots(len(days)).astype(np.int64)
    words = list(dict.fromkeys(word for mix in mixes.values() for word in mix))
    codes = np.zeros(len(days), np.int8)
    era = by_day(list(mixes), days)
    for position, mix in enumerate(mixes.values()):
        here = era == position
        edges = np.cumsum(list(mix.values())) * (SLOTS / fsum(mix.values()))
        places = np.array([words.index(word) for word in mix])
        codes[here] = places[np.searchsorted(edges, slots[here], side="right").clip(max=len(mix) - 1)]
    return Picked(pa.array(words), codes, codes == words.index("") if "" in words else None)
