"""Several records of one case made one value.  A contradiction makes it unknown and is counted; nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from comity.audit.reading.values import UNKNOWN, Parsed
from comity.audit.tables import Array

__all__ = ["Groups", "fold", "fold_done"]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Records in groups, one group a case, the records of a case side by side.

    ``starts``: int64, the first record of each case.  ``case``: int64, the case of each record.
    """

    starts: Array
    case: Array

    @property
    def single(self) -> bool:
        """Whether every case has exactly one record."""
        return len(self.starts) == len(self.case)

    @staticmethod
    def of(case: Array, cases: int) -> Groups:
        """Groups from the case of each record, which must not fall; every case needs a record."""
        return Groups(np.searchsorted(case, np.arange(cases)), case)


def fold(parsed: Parsed, looked_at: Array, groups: Groups, how: str) -> tuple[Parsed, Array]:
    """One value a case out of the records that are looked at, and the cases whose records contradict each other."""
    known = parsed.known & looked_at
    cases = len(groups.starts)
    if groups.single:
        return _only(parsed, known, np.arange(cases)), np.zeros(cases, bool)
    if how in ("any", "all"):
        return _joined(parsed, looked_at, groups, how), np.zeros(cases, bool)
    order = np.arange(len(known))
    has = np.maximum.reduceat(known, groups.starts)
    if how in ("earliest", "latest"):
        best = _extreme(parsed.values, known, groups, largest=how == "latest")
        chosen = known & (parsed.values == best[groups.case])
    else:
        chosen = known
    if how == "last":
        at = np.maximum.reduceat(np.where(chosen, order, -1), groups.starts)
    else:
        at = np.minimum.reduceat(np.where(chosen, order, len(order)), groups.starts)
    at = np.where(has, at, groups.starts)
    differ = np.zeros(cases, bool)
    if how == "same":
        low = _extreme(parsed.values, known, groups, largest=False)
        high = _extreme(parsed.values, known, groups, largest=True)
        differ = has & (low != high)
    return _only(parsed, np.asarray(has & ~differ), at), differ


def _only(parsed: Parsed, known: Array, at: Array) -> Parsed:
    """The values at one record for each case, unknown where ``known`` (by case) says no."""
    picked = parsed.at(at)
    unknown, dtype = UNKNOWN[parsed.kind]
    return Parsed(parsed.kind, np.where(known, picked.values, unknown).astype(dtype), picked.offsets, parsed.words)


def _extreme(values: Array, known: Array, groups: Groups, *, largest: bool) -> Array:
    bounds = np.iinfo(values.dtype)
    if largest:
        return np.maximum.reduceat(np.where(known, values, bounds.min), groups.starts)
    return np.minimum.reduceat(np.where(known, values, bounds.max), groups.starts)


def _joined(parsed: Parsed, looked_at: Array, groups: Groups, how: str) -> Parsed:
    """Yes if any (if all) says yes; of words, those that any (that all) names.  With no record to look at: unknown."""
    has = np.maximum.reduceat(looked_at, groups.starts)
    if parsed.kind == "yes/no":
        if how == "any":
            values = np.maximum.reduceat(np.where(looked_at, parsed.values, 0), groups.starts)
        else:
            values = np.minimum.reduceat(np.where(looked_at, parsed.values, 2), groups.starts)
        return Parsed("yes/no", np.where(has, values, 1).astype(np.uint8))
    unknown = UNKNOWN[parsed.kind][0]
    told = np.minimum.reduceat(parsed.known | ~looked_at, groups.starts)
    if how == "any":
        values = np.bitwise_or.reduceat(np.where(looked_at & parsed.known, parsed.values, 0), groups.starts)
    else:
        values = np.bitwise_and.reduceat(np.where(looked_at & parsed.known, parsed.values, -1), groups.starts)
    return Parsed(parsed.kind, np.where(has & told, values, unknown).astype(np.int64))


def fold_done(told: Array, groups: Groups) -> Array:
    """What the records of a case say was done: 1 if any says done, else 2 if any says not done, else 0."""
    done = np.maximum.reduceat(told == 1, groups.starts)
    undone = np.maximum.reduceat(told == 2, groups.starts)
    return np.where(done, 1, np.where(undone, 2, 0)).astype(np.uint8)
