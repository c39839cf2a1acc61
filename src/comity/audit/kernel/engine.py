"""The columnar engine with compiled loops: the extra ``comity[speed]``.

The numpy engine (``columns.py``) judges first, and learns.  After so many cases each action gets a loop of machine code
that looks up what was learned.  Cases in a state that was never met go back to the numpy engine, and the tables of the
loops are made anew.  So a loop decides nothing by itself, and the judgements are those of the numpy engine.  An action
that no loop fits (``tables.py`` says when) stays with the numpy engine.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from comity.audit.columns import Columns
from comity.audit.judgement import Judged
from comity.audit.kernel.loops import LawOfCases, Learned, Loop, compiled, is_compiled, loop_of
from comity.audit.kernel.parameters import Block
from comity.audit.lists import ListPass
from comity.audit.plan import Plan, Schema
from comity.audit.reading.stretches import cases_at
from comity.audit.stretch import Stretch, schema_of
from comity.audit.tables import Array, CaseTable

__all__ = ["CompiledColumns"]

#: A loop that leaves one case in so many open, or more, is of no use to a block.
_FEW: Final = 4
#: Agencies whose law is kept day by day.
_MOST_AGENCIES: Final = 64
_MOST_LAWS: Final = (1 << 16) - 2


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """What judging needs; it is replaced and not changed, so that threads may read it while the engine learns.

    ``laws``: how many law versions were known; ``rest``: the actions that no loop judges.  ``by_day`` grows.
    """

    schema: Schema
    laws: int
    loops: tuple[tuple[Loop, Learned], ...]
    rest: frozenset[str]
    by_day: dict[str, LawOfCases] = field(default_factory=dict)


class CompiledColumns:
    """Judges as ``columns`` does, faster.  Several threads may call ``judge``: loops run beside each other.

    ``compile_after``: how many cases the numpy engine judges before loops are compiled, which takes about a second
    each, and before they are compiled anew where columns or law have changed.  Raises ImportError without numba.
    """

    name = "columns+numba"

    def __init__(self, columns: Columns, compile_after: int = 2_000_000) -> None:
        import numba  # noqa: F401  (better now than after two million cases)

        self._columns = columns
        self._compile_after = compile_after
        self._lock = threading.Lock()
        #: Cases that the numpy engine has looked at since loops were last compiled.
        self._judged = 0
        self._plan: Plan | None = None
        self._loops: Sequence[Loop] = ()
        #: Action -> how much had been learned, and the tables of that.
        self._learned: dict[str, tuple[tuple[int, ...], Learned | None]] = {}
        self._ready: _Ready | None = None

    @property
    def compiled(self) -> tuple[str, ...]:
        """The actions that compiled loops judge now."""
        ready = self._ready
        return () if ready is None else tuple(loop.action for loop, _ in ready.loops)

    def judge(self, table: CaseTable) -> Judged:
        """Judge one stretch of cases."""
        ready = self._ready
        if ready is None or not len(table) or ready.schema != schema_of(table):
            return self._by_columns(table)
        block = Block(table, self._columns.library)
        law_of_cases = self._law(ready, table)
        law = np.empty(len(table), np.int32)
        found: dict[str, Array] = {}
        few: set[str] = set()
        many = set(ready.rest)
        for loop, learned in ready.loops:
            judged = loop.judge(block, law_of_cases, learned, law)
            if judged is None:
                return self._by_columns(table)
            found[loop.action] = judged.judgements
            if judged.count:
                (few if _FEW * judged.count < len(table) else many).add(loop.action)
        if few or many:
            self._finish(ready, block, law, found, few, many)
        actions = {action: found[action] for action in self._columns.actions}
        return Judged(table, self._columns.laws.versions, law, self._columns.judgements, actions)

    def _finish(
        self, ready: _Ready, block: Block, law: Array, found: dict[str, Array], few: set[str], many: set[str]
    ) -> None:
        """Have the numpy engine judge what loops left open: of actions with ``few`` such cases those, of others all."""
        table, columns = block.table, self._columns
        with self._lock:
            if (law < 0).any():
                law[:] = columns.laws.of(table)
            if few:
                at = np.flatnonzero(np.any([found[action] < 0 for action in few], axis=0))
                cases = cases_at(table, at)
                for action, one in columns.tell(Stretch(cases, columns.library), ready.schema, law[at], few).items():
                    columns.ask_one(cases, action, one)
                    found[action][at] = one.judgements
            if many:
                for action, one in columns.tell(block.stretch, ready.schema, law, many).items():
                    columns.ask_one(table, action, one)
                    found[action] = one.judgements
            self._judged += len(table) if many else len(at)
            self._refresh(ready.schema)

    def _law(self, ready: _Ready, table: CaseTable) -> LawOfCases:
        """The law versions of cases, as far as they were known when the loops got their tables."""
        if len(table.agencies) > 1:
            with self._lock:
                law = self._columns.laws.of(table)
            given = np.where(law < ready.laws, law + 1, 0).astype(np.int32)
            return LawOfCases(given, np.zeros(0, np.uint16), 0)
        agency = table.agencies[0]
        known = ready.by_day.get(agency)
        if known is None:
            with self._lock:
                law, undated = self._columns.laws.by_day(agency)
                place = np.where(law < ready.laws, law + 1, 0).astype(np.uint16)
                if len(ready.by_day) >= _MOST_AGENCIES:
                    ready.by_day.clear()
                known = LawOfCases(None, place, undated + 1 if undated < ready.laws else 0)
                ready.by_day[agency] = known
        return known

    # -- learning -----------------------------------------------------------------------------------------------------

    def _by_columns(self, table: CaseTable) -> Judged:
        """Have the numpy engine judge, and bring the loops up to what it has learned."""
        with self._lock:
            judged = self._columns.judge(table)
            if len(table):
                self._judged += len(table)
                self._refresh(schema_of(table))
        return judged

    def _refresh(self, schema: Schema) -> None:
        columns = self._columns
        plan = columns.plan(schema)
        if plan is not self._plan:
            # Other columns, or a law version that was never met.
            self._plan, self._learned, self._ready = plan, {}, None
            made = (loop_of(columns, plan, teller) for teller in columns.tellers)
            self._loops = [loop for loop in made if loop is not None]
        if not self._loops or len(columns.laws.versions) > _MOST_LAWS or not self._compile():
            return
        tellers = {t.planned.action: t for t in columns.tellers}
        changed = self._ready is None
        for loop in self._loops:
            teller = tellers[loop.action]
            sizes = (teller.coder.size, *(n for p in teller.places for n in _sizes(columns.passes[p])))
            kept = self._learned.get(loop.action)
            if kept is None or kept[0] != sizes:
                self._learned[loop.action] = sizes, loop.learned(columns, teller, columns.asks)
                changed = True
        if not changed:
            return
        pairs = ((loop, self._learned[loop.action][1]) for loop in self._loops)
        found = tuple((loop, learned) for loop, learned in pairs if learned is not None)
        rest = frozenset(columns.actions) - {loop.action for loop, _ in found}
        by_day = self._ready.by_day if self._ready is not None else {}
        self._ready = _Ready(schema, len(columns.laws.versions), found, rest, by_day) if found else None

    def _compile(self) -> bool:
        """Whether all loops are compiled; compiles them when it is time."""
        missing = [loop for loop in self._loops if not is_compiled(loop)]
        if missing and self._judged < self._compile_after:
            return False
        for loop in missing:
            compiled(loop.source.text, loop.kinds)
            self._judged = 0
        return True


def _sizes(one: ListPass) -> tuple[int, int]:
    """Numbers that grow when a pass learns."""
    return one.row_states, one.classes
