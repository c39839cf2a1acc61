"""Judgements of one action: which digits make its states, and what has been found of each state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from comity.audit.coding import Coder, HashNumbers, narrow
from comity.audit.conditions import Key
from comity.audit.judgement import Judgement
from comity.audit.narrowed import CaseDigit, Classes, Sight
from comity.audit.plan import Plan, PlannedAction
from comity.audit.ranks import MissingName
from comity.audit.standing import Base, Version, finished
from comity.audit.stretch import Digits
from comity.audit.tables import Array
from comity.policy.facts import LAW_DATE
from comity.policy.opened import Opened, Quantifier, inside
from comity.policy.outcome import NEED_A_FACT

if TYPE_CHECKING:
    from comity.audit.columns import Columns

__all__ = ["Teller", "Told", "quantifiers_of"]

_FEW_CLASSES = 32


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """An action of many cases.  ``judgements`` and ``states`` per case; ``mixed`` where the one-case engine is asked
    (None: nowhere); ``lists``: whether a state leaves out details of a list.
    """

    judgements: Array
    mixed: Array | None
    states: Array
    lists: bool


class Teller:
    """One action of one plan.  First ``meet`` the classes, then ``states`` block by block, ``learn`` the new ones, and
    ``told`` block by block: what is new is worked out for all blocks at once.
    """

    def __init__(self, engine: Columns, plan: Plan, planned: PlannedAction) -> None:
        self.planned = planned
        self._engine = engine
        self._plan = plan
        self.places = sorted({plan.pass_of[id(q)] for q in planned.quantifiers})
        self.lists = list(dict.fromkeys(plan.passes[p].list_ for p in self.places))
        asked = [[q for c in v.conditions for q in quantifiers_of(c, plan)] for v in planned.versions]
        self.classes = [
            Classes(engine.passes[p], [[q for q in nodes if plan.pass_of[id(q)] == p] for nodes in asked])
            for p in self.places
        ]
        self.digits = [CaseDigit(planned, key, plan, engine.library) for key in planned.keys]
        self._versions = [
            Version(v, engine.answers, [engine.condition(c) for c in v.conditions]) for v in planned.versions
        ]
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

    def _start(self) -> None:
        versions = len(self._versions) + 1
        self.coder = Coder([*(d.radix for d in self.digits), *self._room, *(2 for _ in self.lists), versions])
        self._base_of = np.zeros(0, np.int32)
        #: The finished judgement of each state; -1: look at rows first.
        self._number_of_state = np.zeros(0, np.int32)

    def meet(self) -> None:
        """Take in the classes that the passes have met since."""
        for own in self.classes:
            own.grow()
        if any(len(own) > room for own, room in zip(self.classes, self._room, strict=True)):
            self._room = [max(_FEW_CLASSES, 4 * len(own)) for own in self.classes]
            self._start()

    def states(self, sight: Sight, classes: Sequence[Array]) -> Array:
        """The state of each case: int32; ``classes``: per pass of the plan."""
        version = sight.version(self.version_of)
        digits = [d.of(sight, self.version_of) for d in self.digits]
        digits += [own.of(classes[p], version) for p, own in zip(self.places, self.classes, strict=True)]
        digits += [sight.stretch.complete(name) for name in self.lists]
        digits.append(version)
        return self.coder.encode(digits, len(version))

    def learn(self) -> None:
        """Judge the states met for the first time."""
        known = len(self._base_of)
        size = self.coder.size - known
        if not size:
            return
        *fresh, version = [d[known:] for d in self.coder.digits]
        versions = {place: np.flatnonzero(version == place) for place in np.unique(version).tolist()}
        raw: dict[Key, Array] = {d.key: d.example[fresh[i]] for i, d in enumerate(self.digits)}
        for i, (own, at) in enumerate(zip(self.classes, self.places, strict=True), len(self.digits)):
            raw[at] = fresh[i].copy()
            for place, chosen in versions.items():
                if place < len(self._versions) and len(own.examples[place]):
                    raw[at][chosen] = own.examples[place][fresh[i][chosen]]
        raw |= dict(zip(self.lists, fresh[len(self.digits) + len(self.classes) :], strict=True))
        dated = [place for place in versions if place < len(self._versions)]
        combinations = self._combinations(raw, {place: versions[place] for place in dated}, size)
        base_of = np.zeros(size, np.int32)
        for place in dated:
            chosen = versions[place]
            own_combinations = [combinations[id(c)][chosen] for c in self._versions[place].conditions]
            base_of[chosen] = self._versions[place].judge(own_combinations, len(chosen), self._base)
        undated = versions.get(len(self._versions))
        if undated is not None:
            base_of[undated] = self._base(Base(Judgement(NEED_A_FACT, missing=(LAW_DATE,)), ()))
        self._base_of = np.concatenate([self._base_of, base_of])
        self._know(list(self._bases)[len(self._number_of_base) :])
        self._number_of_state = np.take(self._number_of_base, self._base_of)

    def _combinations(self, raw: dict[Key, Array], versions: dict[int, Array], size: int) -> dict[int, Array]:
        """By identity of each condition of some versions, its combination in the states of these versions."""
        asking: dict[int, list[int]] = {}
        conditions = {}
        for place in versions:
            for condition in self._versions[place].conditions:
                conditions[id(condition)] = condition
                asking.setdefault(id(condition), []).append(place)
        found: dict[int, Array] = {}
        for number, places in asking.items():
            condition = conditions[number]
            if len(places) == len(versions):
                found[number] = condition.combinations([raw[k] for k in condition.keys], size)
                continue
            where = np.concatenate([versions[place] for place in dict.fromkeys(places)])
            found[number] = np.zeros(size, np.int32)
            found[number][where] = condition.combinations([raw[k][where] for k in condition.keys], len(where))
        return found

    def _base(self, base: Base) -> int:
        return self._bases.setdefault(base, len(self._bases))

    def _know(self, bases: Sequence[Base]) -> None:
        """Finish the bases that need no look at rows, and note what the others ask to see."""
        numbers, mixed = [], []
        for base in bases:
            judgement, ask = finished(base.judgement, (), self._engine.words)
            numbers.append(-1 if base.rows else self._engine.number(self.planned.action, judgement))
            mixed.append(ask and not base.rows)
        self._number_of_base = np.concatenate([self._number_of_base, np.array(numbers, np.int32)])
        self._mixed_base = np.concatenate([self._mixed_base, np.array(mixed, bool)])
        for i, p in enumerate(self.places):
            wanted = [self._engine.blame[p].demand(r for r in base.rows if r.place == p) for base in bases]
            self._demands[i] = np.concatenate([self._demands[i], np.array(wanted, np.int32)])

    def told(self, stretch: Digits, states: Array, row_states: Sequence[Array]) -> Told:
        """The judgement of each case in these states; ``row_states``: per pass of the plan."""
        numbers = np.take(self._number_of_state, states)
        mixed = np.take(self._mixed_base, np.take(self._base_of, states)) if self._mixed_base.any() else None
        if self.places and len(numbers) and numbers.min() < 0:
            mixed = self._look_at_rows(states, numbers, mixed, stretch, row_states)
        return Told(numbers, mixed, states, bool(self.places))

    def _look_at_rows(
        self, states: Array, numbers: Array, mixed: Array | None, stretch: Digits, row_states: Sequence[Array]
    ) -> Array | None:
        """Finish ``numbers`` where facts in rows may be to blame; gives ``mixed``, brought up to that."""
        open_ = np.flatnonzero(numbers < 0)
        base = np.take(self._base_of, states[open_])
        fields: list[Array] = []
        for i, place in enumerate(self.places):
            rows = stretch.rows(self._plan.passes[place].list_)
            demands = np.take(self._demands[i], base)
            found = self._engine.blame[place].of_cases(demands, open_, rows.offsets, row_states[place])
            places, new = self._fields[i].number(found)
            self._known_fields[i] += found[new].tolist()
            fields.append(places)
        finished = self._finished.encode([base, *fields], len(open_))
        if self._finished.size > len(self._number_of):
            self._finish()
        numbers[open_] = np.take(self._number_of, finished)
        if self._mixed.any():
            mixed = np.zeros(len(numbers), bool) if mixed is None else mixed
            mixed[open_] = np.take(self._mixed, finished)
        return mixed

    def _finish(self) -> None:
        """Finish the judgements that have been met for the first time."""
        engine, bases = self._engine, list(self._bases)
        fresh = [d[len(self._number_of) :] for d in self._finished.digits]
        numbers, mixed = [], []
        for base, *fields in zip(*(f.tolist() for f in fresh), strict=True):
            names: list[MissingName] = []
            for place, known, number in zip(self.places, self._known_fields, fields, strict=True):
                names += engine.blame[place].names(known[number])
            judgement, ask = finished(bases[base].judgement, names, engine.words)
            numbers.append(engine.number(self.planned.action, judgement))
            mixed.append(ask)
        self._number_of = np.concatenate([self._number_of, np.array(numbers, np.int32)])
        self._mixed = np.concatenate([self._mixed, np.array(mixed, bool)])

    def numbers(self, ask_one: bool) -> Array:
        """The judgement of every state (int32); -1 where rows must be looked at, or where ``ask_one`` and the one-case
        engine is asked.
        """
        numbers = np.where(self._mixed_base & ask_one, np.int32(-1), self._number_of_base)
        return np.take(numbers, self._base_of)


def quantifiers_of(condition: Opened, plan: Plan) -> list[Quantifier]:
    """The quantifiers of a condition over lists the table has."""
    return [n for n in inside(condition) if isinstance(n, Quantifier) and id(n) in plan.pass_of]
