"""The columnar engine: millions of cases, judged by the few states they are in.

    columns -> digits -> (rows: states -> bits -> one grouped pass) -> state of each case -> judgement of each state

Nothing here knows a rule.  A state holds every truth the opened law reads; the ranks of each new state are worked out
once (``standing.py``), and cases only look theirs up.  All versions of the law stand side by side: which version a case
falls under is one more digit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from comity.audit.coding import Coder
from comity.audit.judgement import Judged, Judgement, LawVersion
from comity.audit.laws import Laws
from comity.audit.lists import ListPass
from comity.audit.plan import Plan, PlannedAction, Schema, plan_of
from comity.audit.standing import Version
from comity.audit.states import States, radix
from comity.audit.stretch import Stretch
from comity.audit.tables import Array, CaseTable
from comity.policy.facts import LAW_DATE
from comity.policy.library import Library
from comity.policy.outcome import NEED_A_FACT

__all__ = ["Columns", "JudgeOne"]

#: The one-case engine's judgement of one case (position in the table) about an action.
JudgeOne = Callable[[CaseTable, int, str], Judgement]


class Columns:
    """Judges tables of cases; keeps what it has learned of states from stretch to stretch.

    ``actions``: the actions to judge (default: all).  ``judge_one`` is asked about the rare cases whose outcome turns
    on a person's judgement among other missing facts: whether those others still matter takes case analysis.
    """

    name = "columns"

    def __init__(
        self, library: Library, actions: Sequence[str] | None = None, judge_one: JudgeOne | None = None
    ) -> None:
        self.library = library
        words = library.vocabulary.actions
        self.actions = tuple(a.name for a in words) if actions is None else tuple(actions)
        self._laws = Laws(library, self.actions)
        self._judge_one = judge_one
        self._answers = {q.name: q.answers for q in library.vocabulary.questions}
        self._counsel = _counsel(library)
        self._judgements: dict[str, list[Judgement]] = {a: [] for a in self.actions}
        self._numbers: dict[str, dict[Judgement, int]] = {a: {} for a in self.actions}
        self._plan: Plan | None = None
        self._planned: tuple[object, int] = (None, 0)
        self._passes: list[ListPass] = []
        self._tellers: list[_Teller] = []

    @property
    def laws(self) -> Sequence[LawVersion]:
        """Every law version met so far."""
        return self._laws.versions

    def judge(self, table: CaseTable) -> Judged:
        """Judge one stretch of cases."""
        law = self._laws.of(table)
        plan = self._prepare(table)
        stretch = Stretch(table, self.library)
        classes: list[Array] = []
        for planned, one in zip(plan.passes, self._passes, strict=True):
            rows = stretch.rows(planned.list_)
            digits = [rows.digit(key) for key in planned.keys]
            for node in planned.nested:
                digits.append(rows.spread(classes[plan.pass_of[node]]))
                digits.append(rows.spread(table.lists[node.list].complete.astype(np.uint8)))
            classes.append(one.run(table.lists[planned.list_].offsets, digits, rows.counted()))
        found = {t.planned.action: t.judge(stretch, law, classes) for t in self._tellers}
        return Judged(table, self._laws.versions, law, self._judgements, found)

    def _prepare(self, table: CaseTable) -> Plan:
        """The plan for this table; made anew when the columns differ or a law version is met for the first time."""
        schema = Schema(
            {n: c.kind for n, c in table.columns.items()},
            {n: {f: c.kind for f, c in rows.columns.items()} for n, rows in table.lists.items()},
        )
        now = (schema, len(self._laws.opened))
        if self._plan is None or now != self._planned:
            plan = plan_of(self._laws.opened, self.actions, schema, self._answers)
            self._plan, self._planned = plan, now
            self._passes = []
            for planned in plan.passes:
                radices = [radix(k, schema.kind(planned.list_), self.library) for k in planned.keys]
                radices += [r for _ in planned.nested for r in (1 << 31, 2)]
                maker = States.of_rows(plan, planned, self._passes, self.library)
                self._passes.append(ListPass(planned.nodes, radices, maker))
            self._tellers = [_Teller(self, plan, a) for a in plan.actions]
        return self._plan

    def number(self, action: str, judgement: Judgement) -> int:
        """The position of a judgement of an action; a new one is added."""
        numbers = self._numbers[action]
        place = numbers.get(judgement)
        if place is None:
            place = numbers[judgement] = len(numbers)
            self._judgements[action].append(judgement)
        return place


_FEW_CLASSES = 32


class _Teller:
    """Judgements of one action: which digits make its states, and what has been found of each state."""

    def __init__(self, engine: Columns, plan: Plan, planned: PlannedAction) -> None:
        self.planned = planned
        self._engine = engine
        self._plan = plan
        self._versions = [Version(v, engine._answers, engine._counsel) for v in planned.versions]
        self._places = sorted({plan.pass_of[q] for q in planned.quantifiers})
        self._lists = list(dict.fromkeys(plan.passes[p].list_ for p in self._places))
        # One version more than there are: cases without a law date.
        version_of = np.array(planned.version_of, np.int32)
        self._version_of = np.where(version_of < 0, len(planned.versions), version_of)
        kind = plan.schema.kind("")
        self._radices = [radix(k, kind, engine.library) for k in planned.keys]
        self._room = [_FEW_CLASSES for _ in self._places]
        self._start()

    def _start(self) -> None:
        versions = len(self._versions) + 1
        self._coder = Coder([*self._radices, *self._room, *(2 for _ in self._lists), versions])
        self._judgement_of = np.zeros(0, np.int32)
        self._mixed = np.zeros(0, bool)

    def judge(self, stretch: Stretch, law: Array, classes: Sequence[Array]) -> Array:
        """The judgement of each case: int32 positions."""
        passes = self._engine._passes
        if any(passes[p].classes > room for p, room in zip(self._places, self._room, strict=True)):
            self._room = [max(_FEW_CLASSES, 4 * passes[p].classes) for p in self._places]
            self._start()
        digits = [stretch.digit(k) for k in self.planned.keys]
        digits += [classes[p] for p in self._places]
        digits += [stretch.complete(name) for name in self._lists]
        digits.append(self._version_of[law])
        states = self._coder.encode(digits, len(law))
        if self._coder.size > len(self._judgement_of):
            self._learn()
        found: Array = self._judgement_of[states]
        if self._mixed.any():
            self._ask_one(stretch.table, found, states)
        return found

    def _learn(self) -> None:
        """Judge the states met for the first time, version by version."""
        action, engine = self.planned.action, self._engine
        known = len(self._judgement_of)
        fresh = [d[known:] for d in self._coder.digits]
        size = self._coder.size - known
        judgement_of = np.zeros(size, np.int32)
        mixed = np.zeros(size, bool)
        for place in np.unique(fresh[-1]).tolist():
            chosen = np.flatnonzero(fresh[-1] == place)
            if place == len(self._versions):
                judgement_of[chosen] = engine.number(action, Judgement(NEED_A_FACT, missing=(LAW_DATE,)))
                continue
            states = States.of_cases(
                self._plan, self.planned, self._places, self._lists, engine._passes, engine.library
            )([d[chosen] for d in fresh[:-1]], len(chosen))
            places, judgements, mixed[chosen] = self._versions[place].judge(states, states.subset)
            judgement_of[chosen] = np.array([engine.number(action, j) for j in judgements], np.int32)[places]
        self._judgement_of = np.concatenate([self._judgement_of, judgement_of])
        self._mixed = np.concatenate([self._mixed, mixed])

    def _ask_one(self, table: CaseTable, found: Array, states: Array) -> None:
        judge_one = self._engine._judge_one
        if judge_one is None:
            return
        kept: dict[int, int] = {}
        for case in np.flatnonzero(self._mixed[states]).tolist():
            state = int(states[case])
            # Without lists the state is all there is; a list has details that a state leaves out.
            number = kept.get(state) if not self._places else None
            if number is None:
                number = self._engine.number(self.planned.action, judge_one(table, case, self.planned.action))
                kept[state] = number
            found[case] = number


def _counsel(library: Library) -> frozenset[str]:
    """Names, as a report writes them, of the facts that the law leaves to a person."""
    records = library.vocabulary.records()
    found = [f for f in library.vocabulary.facts if f.counsel]
    return frozenset(f"{records[f.group]}: {f.name}" if f.group in records else f.name for f in found)
