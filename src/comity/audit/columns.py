"""The columnar engine: millions of cases, judged by the few states they are in.

    columns -> digits -> (rows: states -> bits -> one grouped pass) -> state of each case -> judgement of each state

Nothing here knows a rule.  A state holds every truth the opened law reads; the ranks of each new state are worked out
once (``standing.py``), and cases only look theirs up.  All versions of the law stand side by side: which version a case
falls under is one more digit.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from comity.audit.blame import RowBlame
from comity.audit.blocks import blocks
from comity.audit.conditions import Condition, Key
from comity.audit.judgement import Judged, Judgement
from comity.audit.laws import Laws
from comity.audit.lists import ListPass
from comity.audit.narrowed import Sight
from comity.audit.plan import Plan, Schema, plan_of
from comity.audit.ranks import digit_keys
from comity.audit.standing import Words
from comity.audit.states import States, radix
from comity.audit.stretch import Digits, Stretch, schema_of
from comity.audit.tables import Array, CaseTable
from comity.audit.teller import Teller, Told, quantifiers_of
from comity.policy.library import Library
from comity.policy.opened import Opened

__all__ = ["Columns", "JudgeOne", "Teller", "Told"]

#: The one-case engine's judgement of one case (position in the table) about an action.
JudgeOne = Callable[[CaseTable, int, str], Judgement]


#: Cases worked through at a time: their arrays stay in the cache, and the cost of a block does not show.
_BLOCK: Final = 131_072


class Columns:
    """Judges tables of cases; keeps what it has learned of states from stretch to stretch.

    ``actions``: the actions to judge (default: all).  ``judge_one`` is asked about the rare cases whose outcome turns
    on a person's judgement among other missing facts: whether those others still matter takes case analysis.
    ``laws``: law versions to share with other engines.
    """

    name = "columns"

    def __init__(
        self,
        library: Library,
        actions: Sequence[str] | None = None,
        judge_one: JudgeOne | None = None,
        laws: Laws | None = None,
    ) -> None:
        self.library = library
        words = library.vocabulary.actions
        self.actions = tuple(a.name for a in words) if actions is None else tuple(actions)
        self._laws = Laws(library, self.actions) if laws is None else laws
        self._judge_one = judge_one
        self.answers = {q.name: q.answers for q in library.vocabulary.questions}
        self.words = _words(library)
        self._judgements: dict[str, list[Judgement]] = {a: [] for a in self.actions}
        self._numbers: dict[str, dict[Judgement, int]] = {a: {} for a in self.actions}
        self._plan: Plan | None = None
        self._planned: tuple[object, int] = (None, 0)
        self.passes: list[ListPass] = []
        self.blame: list[RowBlame] = []
        self._conditions: dict[int, Condition] = {}
        self.tellers: list[Teller] = []

    @property
    def laws(self) -> Laws:
        """Every law version met so far."""
        return self._laws

    @property
    def judgements(self) -> dict[str, list[Judgement]]:
        """Action -> every judgement met so far."""
        return self._judgements

    @property
    def states(self) -> dict[str, int]:
        """Action -> how many states have been met."""
        return {teller.planned.action: teller.coder.size for teller in self.tellers}

    @property
    def asks(self) -> bool:
        """Whether there is a one-case engine to ask."""
        return self._judge_one is not None

    def judge(self, table: CaseTable) -> Judged:
        """Judge one stretch of cases."""
        law = np.zeros(len(table), np.int32)
        parts = list(blocks(table, _BLOCK))
        for where, part in parts:
            law[where] = self._laws.of(part)
        # All law versions are known before anything is planned, so that no block makes the plan anew.
        self.plan(schema_of(table))
        found = {action: np.zeros(len(table), np.int32) for action in self.actions}
        sights = _Sights([part for _, part in parts], [law[where] for where, _ in parts], self.library)
        states = [{action: found[action][where] for action in self.actions} for where, _ in parts]
        row_states = self._meet(sights, self.tellers, states)
        for sight, mine, rows, (_, part) in zip(sights, states, row_states, parts, strict=True):
            for teller in self.tellers:
                action = teller.planned.action
                one = teller.told(sight.stretch, mine[action], rows)
                self.ask_one(part, action, one)
                mine[action][:] = one.judgements
        return Judged(table, self._laws.versions, law, self._judgements, found)

    def plan(self, schema: Schema) -> Plan:
        """What must be looked at; made anew when the columns differ or a law version is met for the first time."""
        now = (schema, len(self._laws.opened))
        if self._plan is None or now != self._planned:
            plan = plan_of(self._laws.opened, self.actions, schema, self.answers)
            self._plan, self._planned = plan, now
            self.passes = []
            for planned in plan.passes:
                radices = [radix(k, schema.kind(planned.list_), self.library) for k in planned.keys]
                radices += [r for _ in planned.nested for r in (1 << 31, 2)]
                maker = States.of_rows(plan, planned, self.passes, self.library)
                nested = any(id(n) in planned.nodes for other in plan.passes for n in other.nested)
                self.passes.append(ListPass(planned.nodes, radices, maker, nested=nested))
            self.blame = [RowBlame(one) for one in self.passes]
            self._conditions = {}
            self.tellers = [Teller(self, plan, a) for a in plan.actions]
        return self._plan

    def tell(
        self, stretch: Digits, schema: Schema, law: Array, actions: Container[str] | None = None
    ) -> dict[str, Told]:
        """What digits say of each action (default: of all); ``law`` is the position of each case's law version."""
        self.plan(schema)
        tellers = [t for t in self.tellers if actions is None or t.planned.action in actions]
        states = {t.planned.action: np.zeros(len(law), np.int32) for t in tellers}
        (rows,) = self._meet([Sight(stretch, law)], tellers, [states])
        return {t.planned.action: t.told(stretch, states[t.planned.action], rows) for t in tellers}

    def _meet(
        self, sights: Iterable[Sight], tellers: Sequence[Teller], states: Sequence[Mapping[str, Array]]
    ) -> list[list[Array]]:
        """Fill in the state of each case of some blocks, and learn those that are new, for all blocks at once.

        ``states``: per block, action -> what is filled.  Gives per block the states of its rows, per pass.
        """
        plan = self._plan
        assert plan is not None
        needed = plan.with_nested(p for t in tellers for p in t.places)
        classes: list[list[Array]] = [[] for _ in states]
        row_states: list[list[Array]] = [[] for _ in states]
        nothing = np.zeros(0, np.int32)
        for place, (planned, one) in enumerate(zip(plan.passes, self.passes, strict=True)):
            if place not in needed:
                for of_cases, of_rows in zip(classes, row_states, strict=True):
                    of_cases.append(nothing)
                    of_rows.append(nothing)
                continue
            bounds = []
            for sight, of_cases, of_rows in zip(sights, classes, row_states, strict=True):
                rows = sight.stretch.rows(planned.list_)
                digits = [rows.digit(key) for key in planned.keys]
                for node in planned.nested:
                    digits.append(rows.spread(of_cases[plan.pass_of[id(node)]]))
                    digits.append(rows.spread(sight.stretch.complete(node.list)))
                bounds.append(rows.offsets)
                of_rows.append(one.states(int(rows.offsets[-1]), digits, rows.counted()))
            for offsets, of_cases, of_rows in zip(bounds, classes, row_states, strict=True):
                of_cases.append(one.of_cases(of_rows[place], offsets))
        for teller in tellers:
            teller.meet()
        for sight, of_cases, mine in zip(sights, classes, states, strict=True):
            for teller in tellers:
                mine[teller.planned.action][:] = teller.states(sight, of_cases)
        for teller in tellers:
            teller.learn()
        return row_states

    def condition(self, node: Opened) -> Condition:
        """When some norms apply; made once for all actions and versions of the plan."""
        found = self._conditions.get(id(node))
        if found is None:
            plan = self._plan
            assert plan is not None
            kind = plan.schema.kind("")
            asked = quantifiers_of(node, plan)
            keys: dict[Key, int] = {key: radix(key, kind, self.library) for key in digit_keys(node, kind)}
            keys |= {plan.pass_of[id(q)]: 1 << 31 for q in asked}
            keys |= {q.list: 2 for q in asked}
            ranks = States.of_cases(plan, self.passes, self.library)
            found = self._conditions[id(node)] = Condition(node, list(keys), list(keys.values()), self.answers, ranks)
        return found

    def ask_one(self, table: CaseTable, action: str, told: Told) -> None:
        """Have the one-case engine judge the cases that columns cannot."""
        if self._judge_one is None or told.mixed is None:
            return
        kept: dict[int, int] = {}
        for case in np.flatnonzero(told.mixed).tolist():
            state = int(told.states[case])
            # Without lists the state is all there is; a list has details that a state leaves out.
            number = kept.get(state) if not told.lists else None
            if number is None:
                number = kept[state] = self.number(action, self._judge_one(table, case, action))
            told.judgements[case] = number

    def number(self, action: str, judgement: Judgement) -> int:
        """The position of a judgement of an action; a new one is added."""
        numbers = self._numbers[action]
        place = numbers.get(judgement)
        if place is None:
            place = numbers[judgement] = len(numbers)
            self._judgements[action].append(judgement)
        return place


def _words(library: Library) -> Words:
    records = library.vocabulary.records()
    named = {(f"{records[f.group]}: {f.name}" if f.group in records else f.name): f for f in library.vocabulary.facts}
    few = frozenset(n for n, f in named.items() if f.type.kind in ("yes/no", "one of"))
    return Words(frozenset(n for n, f in named.items() if f.counsel), few)


class _Sights:
    """Blocks of cases, made anew whenever they are gone through: what was worked out of one is dropped after it."""

    def __init__(self, parts: Sequence[CaseTable], laws: Sequence[Array], library: Library) -> None:
        self._parts = parts
        self._laws = laws
        self._library = library

    def __iter__(self) -> Iterator[Sight]:
        for part, law in zip(self._parts, self._laws, strict=True):
            yield Sight(Stretch(part, self._library), law)
