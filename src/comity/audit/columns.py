"""The columnar engine: millions of cases, judged by the few states they are in.

    columns -> digits -> (rows: states -> bits -> one grouped pass) -> state of each case -> judgement of each state

Nothing here knows a rule.  A state holds every truth the opened law reads; the ranks of each new state are worked out
once (``standing.py``), and cases only look theirs up.  All versions of the law stand side by side: which version a case
falls under is one more digit.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

import numpy as np

from comity.audit.blame import RowBlame
from comity.audit.blocks import blocks
from comity.audit.coding import Coder, HashNumbers, narrow
from comity.audit.conditions import Condition
from comity.audit.judgement import Judged, Judgement
from comity.audit.laws import Laws
from comity.audit.lists import ListPass
from comity.audit.opened import Opened, OpenedAction, Quantifier, inside
from comity.audit.plan import Plan, PlannedAction, Schema, plan_of
from comity.audit.ranks import DigitKey, MissingName, digit_keys, words_asked
from comity.audit.standing import Base, Version, Words, finished
from comity.audit.states import States, radix
from comity.audit.stretch import Digits, Stretch, schema_of
from comity.audit.tables import Array, CaseTable
from comity.policy.facts import LAW_DATE
from comity.policy.library import Library
from comity.policy.outcome import NEED_A_FACT

__all__ = ["Classes", "Columns", "JudgeOne", "Teller", "Told"]

#: The one-case engine's judgement of one case (position in the table) about an action.
JudgeOne = Callable[[CaseTable, int, str], Judgement]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """An action of many cases.  ``judgements`` and ``states`` per case; ``mixed`` where the one-case engine is asked
    (None: nowhere); ``lists``: whether a state leaves out details of a list.
    """

    judgements: Array
    mixed: Array | None
    states: Array
    lists: bool


#: Cases worked through at a time: their arrays stay in the cache, and the cost of a block does not show.
_BLOCK = 131_072


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
        self._answers = {q.name: q.answers for q in library.vocabulary.questions}
        self._words = _words(library)
        self._judgements: dict[str, list[Judgement]] = {a: [] for a in self.actions}
        self._numbers: dict[str, dict[Judgement, int]] = {a: {} for a in self.actions}
        self._plan: Plan | None = None
        self._planned: tuple[object, int] = (None, 0)
        self.passes: list[ListPass] = []
        self._blame: list[RowBlame] = []
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
        schema = schema_of(table)
        found = {action: np.zeros(len(table), np.int32) for action in self.actions}
        for where, part in parts:
            for action, one in self.tell(Stretch(part, self.library), schema, law[where]).items():
                self.ask_one(part, action, one)
                found[action][where] = one.judgements
        return Judged(table, self._laws.versions, law, self._judgements, found)

    def plan(self, schema: Schema) -> Plan:
        """What must be looked at; made anew when the columns differ or a law version is met for the first time."""
        now = (schema, len(self._laws.opened))
        if self._plan is None or now != self._planned:
            plan = plan_of(self._laws.opened, self.actions, schema, self._answers)
            self._plan, self._planned = plan, now
            self.passes = []
            for planned in plan.passes:
                radices = [radix(k, schema.kind(planned.list_), self.library) for k in planned.keys]
                radices += [r for _ in planned.nested for r in (1 << 31, 2)]
                maker = States.of_rows(plan, planned, self.passes, self.library)
                nested = any(id(n) in planned.nodes for other in plan.passes for n in other.nested)
                self.passes.append(ListPass(planned.nodes, radices, maker, nested=nested))
            self._blame = [RowBlame(one) for one in self.passes]
            self.tellers = [Teller(self, plan, a) for a in plan.actions]
        return self._plan

    def tell(
        self, stretch: Digits, schema: Schema, law: Array, actions: Container[str] | None = None
    ) -> dict[str, Told]:
        """What digits say of each action (default: of all); ``law`` is the position of each case's law version."""
        plan = self.plan(schema)
        tellers = [t for t in self.tellers if actions is None or t.planned.action in actions]
        needed = plan.with_nested(p for t in tellers for p in t.places)
        classes: list[Array] = []
        row_states: list[Array] = []
        for place, (planned, one) in enumerate(zip(plan.passes, self.passes, strict=True)):
            if place not in needed:
                classes.append(np.zeros(0, np.int32))
                row_states.append(np.zeros(0, np.int32))
                continue
            rows = stretch.rows(planned.list_)
            digits = [rows.digit(key) for key in planned.keys]
            for node in planned.nested:
                digits.append(rows.spread(classes[plan.pass_of[id(node)]]))
                digits.append(rows.spread(stretch.complete(node.list)))
            of_cases, of_rows = one.run(rows.offsets, digits, rows.counted())
            classes.append(of_cases)
            row_states.append(of_rows)
        return {t.planned.action: t.judge(stretch, law, classes, row_states) for t in tellers}

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


_FEW_CLASSES = 32


class Classes:
    """Classes of a pass as one action sees them, version by version: what a version does not ask is left out."""

    def __init__(self, one: ListPass, nodes: Sequence[Sequence[Quantifier]]) -> None:
        self._pass = one
        self.nodes = nodes
        self._known: list[dict[bytes, int]] = [{} for _ in nodes]
        #: Version x class of the pass -> our number; the last line, of cases without a law date, is 0.
        self.numbers = np.zeros((len(nodes) + 1, 0), np.uint8)
        #: Version -> for each of our numbers a class of the pass that has it.
        self.examples: list[Array] = [np.zeros(0, np.int32) for _ in nodes]

    def of(self, classes: Array, version: Array) -> Array:
        """Our number of each case's class."""
        first = self.numbers.shape[1]
        if self._pass.classes > first:
            more = np.zeros((len(self.nodes) + 1, self._pass.classes - first), np.int32)
            for i, nodes in enumerate(self.nodes):
                known, size = self._known[i], len(self._known[i])
                more[i] = [known.setdefault(key, len(known)) for key in self._pass.alike(nodes, first)]
                _, where = np.unique(more[i], return_index=True)
                where = where[more[i][where] >= size]
                fresh = np.zeros(len(known) - size, np.int32)
                fresh[more[i][where] - size] = first + where
                self.examples[i] = np.concatenate([self.examples[i], fresh])
            self.numbers = narrow(np.concatenate([self.numbers, more], axis=1))
        return np.take(self.numbers.ravel(), version * np.int32(self.numbers.shape[1]) + classes)

    def __len__(self) -> int:
        return max(len(known) for known in self._known)


class _Digit:
    """A digit of an action's states: what its conditions do not tell apart is one value.

    ``example``: for each value one that the column may have.
    """

    def __init__(self, planned: PlannedAction, key: DigitKey, plan: Plan, library: Library) -> None:
        self.key = key
        self.asked = _asked(planned, lambda c: key in digit_keys(c, plan.schema.kind("")))
        self.radix = radix(key, plan.schema.kind(""), library)
        self.example = np.arange(self.radix)
        self.merged: Array | None = None
        if key.leaf is None and plan.schema.kind("")(key.name) == "one of":
            members = library.vocabulary.case_facts()[key.name.name].type.members
            told = [words_asked(n, key.name) for v in planned.versions for c in v.conditions for n in inside(c)]
            alike = [tuple(m in words for words in told if words) for m in members]
            groups = list(dict.fromkeys(alike))
            self.merged = np.array([*(groups.index(a) for a in alike), len(groups)], np.uint8)
            self.radix = len(groups) + 1
            self.example = np.array([*(alike.index(g) for g in groups), len(members)])

    def of(self, stretch: Digits, version: Array, asked: dict[bytes, Array]) -> Array:
        """The digit of each case; 0 where its version of the law does not ask.  ``asked`` keeps what digits share."""
        found = stretch.digit(self.key)
        if self.merged is not None:
            found = np.take(self.merged, found)
        if self.asked is None:
            return found
        key = self.asked.tobytes()
        mine = asked.get(key)
        if mine is None:
            mine = asked[key] = np.take(self.asked, version)
        return found * mine


def _asked(planned: PlannedAction, asks: Callable[[Opened], bool]) -> Array | None:
    """Per version whether it asks: bool, one more for cases without a law date; None where every version does."""
    found = [any(asks(c) for c in v.conditions) for v in planned.versions]
    return None if all(found) else np.array([*found, False])


class Teller:
    """Judgements of one action: which digits make its states, and what has been found of each state."""

    def __init__(self, engine: Columns, plan: Plan, planned: PlannedAction) -> None:
        self.planned = planned
        self._engine = engine
        self._plan = plan
        self.places = sorted({plan.pass_of[id(q)] for q in planned.quantifiers})
        self.lists = list(dict.fromkeys(plan.passes[p].list_ for p in self.places))
        asked = [[q for c in v.conditions for q in _quantifiers(c, plan)] for v in planned.versions]
        self.classes = [
            Classes(engine.passes[p], [[q for q in nodes if plan.pass_of[id(q)] == p] for nodes in asked])
            for p in self.places
        ]
        self.digits = [_Digit(planned, key, plan, engine.library) for key in planned.keys]
        self._versions = [self._version(v) for v in planned.versions]
        # One version more than there are: cases without a law date.
        version_of = np.array(planned.version_of, np.int32)
        self.version_of = narrow(np.where(version_of < 0, len(planned.versions), version_of))
        self._room = [_FEW_CLASSES for _ in self.places]
        #: Judgements before rows are looked at.  Per base: the finished judgement (-1: look at rows first), whether to
        #: ask the one-case engine, and the rows each pass must look at.
        self._bases: dict[Base, int] = {}
        self._number_of_base = np.zeros(0, np.int32)
        self._mixed_base = np.zeros(0, bool)
        self._demands = [np.zeros(0, np.int32) for _ in self.places]
        #: (base, fields per pass) -> the same, finished.
        self._finished = Coder([1 << 31, *(1 << 31 for _ in self.places)])
        self._fields = [HashNumbers() for _ in self.places]
        self._known_fields: list[list[int]] = [[] for _ in self.places]
        self._number_of = np.zeros(0, np.int32)
        self._mixed = np.zeros(0, bool)
        self._start()

    def _version(self, opened: OpenedAction) -> Version:
        """A version, each of its conditions knowing which digits it reads."""
        plan, engine = self._plan, self._engine
        ranks = States.of_cases(plan, self.planned, self.places, self.lists, engine.passes, engine.library)
        place_of = {key: i for i, key in enumerate(self.planned.keys)}
        facts, classes = len(self.planned.keys), len(self.places)
        conditions = []
        for node in opened.conditions:
            keys = dict.fromkeys(place_of[k] for k in digit_keys(node, plan.schema.kind("")))
            quantifiers = _quantifiers(node, plan)
            passes = dict.fromkeys(facts + self.places.index(plan.pass_of[id(q)]) for q in quantifiers)
            whole = dict.fromkeys(facts + classes + self.lists.index(q.list) for q in quantifiers)
            radices = [int(self.digits[p].example.max()) + 1 for p in keys]
            radices += [*(1 << 31 for _ in passes), *(2 for _ in whole)]
            conditions.append(Condition(node, [*keys, *passes, *whole], radices, engine._answers, ranks))
        return Version(opened, engine._answers, conditions)

    def _start(self) -> None:
        versions = len(self._versions) + 1
        self.coder = Coder([*(d.radix for d in self.digits), *self._room, *(2 for _ in self.lists), versions])
        self._base_of = np.zeros(0, np.int32)

    def judge(self, stretch: Digits, law: Array, classes: Sequence[Array], row_states: Sequence[Array]) -> Told:
        """The judgement of each case."""
        version = np.take(self.version_of, law)
        ours = [own.of(classes[p], version) for p, own in zip(self.places, self.classes, strict=True)]
        if any(len(own) > room for own, room in zip(self.classes, self._room, strict=True)):
            self._room = [max(_FEW_CLASSES, 4 * len(own)) for own in self.classes]
            self._start()
        asked: dict[bytes, Array] = {}
        digits = [d.of(stretch, version, asked) for d in self.digits]
        digits += ours
        digits += [stretch.complete(name) for name in self.lists]
        digits.append(version)
        states = self.coder.encode(digits, len(law))
        if self.coder.size > len(self._base_of):
            self._learn()
        base = np.take(self._base_of, states)
        numbers = np.take(self._number_of_base, base)
        mixed = np.take(self._mixed_base, base) if self._mixed_base.any() else None
        if self.places and len(numbers) and numbers.min() < 0:
            mixed = self._look_at_rows(base, numbers, mixed, stretch, row_states)
        return Told(numbers, mixed, states, bool(self.places))

    def _look_at_rows(
        self, base: Array, numbers: Array, mixed: Array | None, stretch: Digits, row_states: Sequence[Array]
    ) -> Array | None:
        """Finish ``numbers`` where facts in rows may be to blame; gives ``mixed``, brought up to that."""
        open_ = np.flatnonzero(numbers < 0)
        fields: list[Array] = []
        for i, place in enumerate(self.places):
            demands = np.take(self._demands[i], base)
            rows = stretch.rows(self._plan.passes[place].list_)
            found = self._engine._blame[place].of_cases(demands, rows.offsets, rows.owner, row_states[place])
            places, new = self._fields[i].number(found[open_])
            self._known_fields[i] += found[open_[new]].tolist()
            fields.append(places)
        finished = self._finished.encode([base[open_], *fields], len(open_))
        if self._finished.size > len(self._number_of):
            self._finish()
        numbers[open_] = np.take(self._number_of, finished)
        if self._mixed.any():
            mixed = np.zeros(len(numbers), bool) if mixed is None else mixed
            mixed[open_] = np.take(self._mixed, finished)
        return mixed

    def numbers(self, ask_one: bool) -> Array:
        """The judgement of every state (int32); -1 where rows must be looked at, or where ``ask_one`` and the one-case
        engine is asked.
        """
        numbers = np.where(self._mixed_base & ask_one, np.int32(-1), self._number_of_base)
        return np.take(numbers, self._base_of)

    def _finish(self) -> None:
        """Finish the judgements that have been met for the first time."""
        engine, bases = self._engine, list(self._bases)
        fresh = [d[len(self._number_of) :] for d in self._finished.digits]
        numbers, mixed = [], []
        for base, *fields in zip(*(f.tolist() for f in fresh), strict=True):
            names: list[MissingName] = []
            for place, known, number in zip(self.places, self._known_fields, fields, strict=True):
                names += engine._blame[place].names(known[number])
            judgement, ask = finished(bases[base].judgement, names, engine._words)
            numbers.append(engine.number(self.planned.action, judgement))
            mixed.append(ask)
        self._number_of = np.concatenate([self._number_of, np.array(numbers, np.int32)])
        self._mixed = np.concatenate([self._mixed, np.array(mixed, bool)])

    def _learn(self) -> None:
        """Judge the states met for the first time, version by version."""
        known = len(self._base_of)
        fresh = [d[known:] for d in self.coder.digits]
        for i, digit in enumerate(self.digits):
            fresh[i] = digit.example[fresh[i]]
        base_of = np.zeros(self.coder.size - known, np.int32)
        for place in np.unique(fresh[-1]).tolist():
            chosen = np.flatnonzero(fresh[-1] == place)
            if place == len(self._versions):
                base_of[chosen] = self._base(Base(Judgement(NEED_A_FACT, missing=(LAW_DATE,)), ()))
                continue
            digits = [d[chosen] for d in fresh[:-1]]
            for i, own in enumerate(self.classes, len(self.digits)):
                digits[i] = own.examples[place][digits[i]] if len(own.examples[place]) else digits[i]
            places, bases = self._versions[place].judge(digits, len(chosen))
            base_of[chosen] = np.array([self._base(b) for b in bases], np.int32)[places]
        self._base_of = np.concatenate([self._base_of, base_of])
        self._know(list(self._bases)[len(self._number_of_base) :])

    def _base(self, base: Base) -> int:
        return self._bases.setdefault(base, len(self._bases))

    def _know(self, bases: Sequence[Base]) -> None:
        """Finish the bases that need no look at rows, and note what the others ask to see."""
        numbers, mixed = [], []
        for base in bases:
            judgement, ask = finished(base.judgement, (), self._engine._words)
            numbers.append(-1 if base.rows else self._engine.number(self.planned.action, judgement))
            mixed.append(ask and not base.rows)
        self._number_of_base = np.concatenate([self._number_of_base, np.array(numbers, np.int32)])
        self._mixed_base = np.concatenate([self._mixed_base, np.array(mixed, bool)])
        for i, p in enumerate(self.places):
            wanted = [self._engine._blame[p].demand(r for r in base.rows if r.place == p) for base in bases]
            self._demands[i] = np.concatenate([self._demands[i], np.array(wanted, np.int32)])


def _quantifiers(condition: Opened, plan: Plan) -> list[Quantifier]:
    """The quantifiers of a condition over lists the table has."""
    return [n for n in inside(condition) if isinstance(n, Quantifier) and id(n) in plan.pass_of]


def _words(library: Library) -> Words:
    records = library.vocabulary.records()
    named = {(f"{records[f.group]}: {f.name}" if f.group in records else f.name): f for f in library.vocabulary.facts}
    few = frozenset(n for n, f in named.items() if f.type.kind in ("yes/no", "one of"))
    return Words(frozenset(n for n, f in named.items() if f.counsel), few)
