"""Counting the judgements of one action: how often each was made, when, and against which record.

Two tables are counted, whatever the number of cases: judgement x (standing, recorded), from which rules, missing facts
and ranges follow, and period x (outcome, recorded), from which months, law versions and agencies follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from comity.audit.counts.examples import NONE, Examples
from comity.audit.counts.held import HELD, NO_DATE, NOT_HELD
from comity.audit.counts.periods import NO_MONTH, Periods
from comity.audit.judgement import Judgement
from comity.audit.tables import Array
from comity.audit.verdicts import DECIDED, may_be_contrary, verdict
from comity.policy.facts import LAW_DATE
from comity.policy.outcome import OUTCOMES

__all__ = ["LAW_NOT_HELD", "NO_LAW_DATE", "Cell", "Tally", "missing_facts"]

LAW_NOT_HELD: Final = "law not held"
NO_LAW_DATE: Final = "no law date"

_RECORDED: Final = 3
#: Standing and recorded together.
_SIDES: Final = 3 * _RECORDED
#: Outcome and recorded together.
_ENDS: Final = len(OUTCOMES) * _RECORDED
#: Outcomes, and one place for law that is not held.
_BANDS: Final = len(OUTCOMES) + 1

#: What a figure lists cases of: ("matrix", computed, recorded), ("rule", norm, outcome), ("contrary", norm,
#: outcome), ("missing", fact), ("contrary",) or ("may be contrary",).
Cell = tuple[str, ...]


def missing_facts(judgement: Judgement, standing: int) -> tuple[str, ...]:
    """The facts a case waits for; a case without a law date always waits for that."""
    if standing == NO_DATE and LAW_DATE not in judgement.missing:
        return (LAW_DATE, *judgement.missing)
    return judgement.missing if standing == NO_DATE or judgement.outcome not in DECIDED else ()


def cells_of(judgement: Judgement, standing: int, recorded: int) -> Iterator[Cell]:
    """Every cell of the figures that such a case stands in."""
    words = {HELD: judgement.outcome, NOT_HELD: LAW_NOT_HELD, NO_DATE: NO_LAW_DATE}
    yield ("matrix", words[standing], str(recorded))
    if standing != NOT_HELD:
        for fact in missing_facts(judgement, standing):
            yield ("missing", fact)
    if standing != HELD:
        return
    found = verdict(judgement.outcome, recorded)
    if judgement.outcome in DECIDED:
        for norm in judgement.winning or ("",):
            yield ("rule", norm, judgement.outcome)
            if found == "contrary":
                yield ("contrary", norm, judgement.outcome)
    if found == "contrary":
        yield ("contrary",)
    elif may_be_contrary(judgement, recorded):
        yield ("may be contrary",)


class Tally:
    """Everything counted of one action.

    ``counts`` is int64, judgement x (standing * 3 + recorded); ``ends`` is int64, period x (outcome * 3 + recorded).
    """

    def __init__(self) -> None:
        self.judgements: list[Judgement] = []
        self.counts = np.zeros((0, _SIDES), np.int64)
        self.ends = np.zeros((0, _ENDS), np.int64)
        self.cells: dict[Cell, int] = {}
        self.examples = Examples()
        #: month x (outcome, law not held), by position in ``Periods.months``
        self.by_month = Examples()
        self._index: dict[Judgement, int] = {}
        # By the engine's own code: the judgement it had, its place here, its outcome, and how low a number must be.
        self._seen: list[Judgement | None] = []
        self._place = np.zeros(0, np.intp)
        self._outcome = np.zeros(0, np.intp)
        self._limits = np.zeros(0, np.int64)
        self._bands = np.zeros(0, np.intp)

    def add(
        self,
        codes: Array,
        judgements: Sequence[Judgement],
        recorded: Array | None,
        standing: Array,
        period: Array,
        numbers: Array,
        periods: Periods,
    ) -> None:
        """Count a stretch of cases; every array has one entry a case."""
        side = standing * _RECORDED if recorded is None else standing * _RECORDED + recorded
        key = codes * _SIDES + side
        made = np.bincount(key, minlength=len(self._seen) * _SIDES)
        made = np.r_[made, np.zeros(-len(made) % _SIDES, np.intp)].reshape(-1, _SIDES)
        self._learn(np.flatnonzero(made.any(axis=1)), judgements)
        np.add.at(self.counts, self._place[: len(made)], made)

        end = period * _ENDS + self._outcome[codes] * _RECORDED
        if recorded is not None:
            end += recorded
        self._grow(periods)
        self.ends += np.bincount(end, minlength=self.ends.size).reshape(-1, _ENDS)

        low = np.flatnonzero(numbers < self._limits[key])
        if len(low):
            self._keep(key[low], numbers[low])
        low = np.flatnonzero(numbers < self._month_limits()[end])
        if len(low):
            self.by_month.offer(self._bands[end[low]], numbers[low])

    def merge(self, other: Tally, rows: Sequence[int], months: Sequence[int], periods: Periods) -> None:
        """Add what another part counted; ``rows`` and ``months`` are the places here of its periods and months."""
        for judgement, made in zip(other.judgements, other.counts, strict=False):
            place = self._number(judgement)
            self.counts[place] += made
        for cell, old in other.cells.items():
            self._offer(self.examples, self._cell(cell), other.examples.of(old))
        self._grow(periods)
        for row, ends in zip(rows, other.ends, strict=False):
            self.ends[row] += ends
        for old, month in enumerate(months):
            for band in range(_BANDS):
                self._offer(self.by_month, month * _BANDS + band, other.by_month.of(old * _BANDS + band))
        # How low a number must be is found again when the next stretch comes.
        self._limits[:] = NONE

    def of_cell(self, cell: Cell) -> list[int]:
        """Case numbers of a cell, lowest first."""
        return self.examples.of(self.cells[cell]) if cell in self.cells else []

    def of_month(self, month_place: int, band: int) -> list[int]:
        """Case numbers of a month; ``band`` is a position in ``OUTCOMES``, or one more for law that is not held."""
        return self.by_month.of(month_place * _BANDS + band)

    @staticmethod
    def _offer(examples: Examples, cell: int, numbers: list[int]) -> None:
        examples.offer(np.full(len(numbers), cell, np.intp), np.array(numbers, np.int64))

    def _number(self, judgement: Judgement) -> int:
        # Figures do not read layers; without them far fewer judgements are told apart.
        plain = replace(judgement, layers=())
        index = self._index.get(plain)
        if index is None:
            index = self._index[plain] = len(self.judgements)
            self.judgements.append(plain)
            if index >= len(self.counts):
                self.counts = np.vstack([self.counts, np.zeros((max(16, index), _SIDES), np.int64)])
        return index

    def _cell(self, cell: Cell) -> int:
        index = self.cells.setdefault(cell, len(self.cells))
        self.examples.grow(index + 1)
        return index

    def _learn(self, codes: Array, judgements: Sequence[Judgement]) -> None:
        """Know the judgements behind the engine's codes."""
        room = int(codes[-1]) + 1 - len(self._seen) if len(codes) else 0
        if room > 0:
            self._seen += [None] * room
            self._place = np.r_[self._place, np.zeros(room, np.intp)]
            self._outcome = np.r_[self._outcome, np.zeros(room, np.intp)]
            self._limits = np.r_[self._limits, np.full(room * _SIDES, NONE, np.int64)]
        for code in codes:
            judgement = judgements[code]
            if self._seen[code] is not judgement:
                self._seen[code] = judgement
                self._place[code] = self._number(judgement)
                self._outcome[code] = OUTCOMES.index(judgement.outcome)
                self._limits[code * _SIDES : (code + 1) * _SIDES] = NONE

    def _keep(self, keys: Array, numbers: Array) -> None:
        """Let cases into the cells they stand in; ``keys`` are engine code * 9 + (standing * 3 + recorded)."""
        order = np.argsort(keys, kind="stable")
        keys, numbers = keys[order], numbers[order]
        first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        links: list[Array] = []
        for start in first:
            code, side = divmod(int(keys[start]), _SIDES)
            judgement = self.judgements[self._place[code]]
            found = cells_of(judgement, side // _RECORDED, side % _RECORDED)
            links.append(np.array([self._cell(cell) for cell in found], np.intp))
        sizes = np.diff(np.r_[first, len(keys)])
        self.examples.offer(
            np.concatenate([np.repeat(cells, size) for cells, size in zip(links, sizes, strict=True)]),
            np.concatenate(
                [
                    np.tile(numbers[start : start + size], len(cells))
                    for cells, start, size in zip(links, first, sizes, strict=True)
                ]
            ),
        )
        limits = self.examples.limits
        for start, cells in zip(first, links, strict=True):
            self._limits[keys[start]] = limits[cells].max()

    def _grow(self, periods: Periods) -> None:
        known = len(self.ends)
        if len(periods.rows) == known:
            return
        more = periods.rows[known:]
        self.ends = np.vstack([self.ends, np.zeros((len(more), _ENDS), np.int64)])
        bands = np.full((len(more), _ENDS), -1, np.intp)
        outcome = np.arange(_ENDS) // _RECORDED
        for row, (_, month, standing) in enumerate(more):
            if month != NO_MONTH:
                band = outcome if standing == HELD else len(OUTCOMES)
                bands[row] = periods.month_place(month) * _BANDS + band
        self._bands = np.r_[self._bands, bands.ravel()]
        self.by_month.grow(len(periods.months) * _BANDS)

    def _month_limits(self) -> Array:
        """How low a number must be to enter, by period * 18 + end; nothing enters where there is no month."""
        limits = np.where(self._bands < 0, -NONE, self.by_month.limits[self._bands])
        return limits
