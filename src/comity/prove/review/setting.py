"""Every version of the law about one action before one open case, asked again and again.

The versions share nearly all of their conditions, so each condition becomes a formula once, and each question is a
few more formulas in a solver that knows the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import z3

from comity.calendar import Window
from comity.policy.expressions import Every
from comity.policy.opened import Opened
from comity.prove.bound import quantifiers, rows_needed
from comity.prove.days import lies_in
from comity.prove.formula import Formulas, KnownOfLists, Readings
from comity.prove.laws import Laws, Stretch, Version, years_of
from comity.prove.outcomes import Outcomes
from comity.prove.world import World

__all__ = ["ActionVersion", "Bench", "GaveUp", "Met", "Setting"]

#: Rows tried before all that could matter.
_FEW = (1, 2)


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The solver did not come to an end, with its reason."""

    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """A case that meets a question."""

    setting: Setting
    model: z3.ModelRef

    def holds(self, formula: Any) -> bool:
        """Whether a formula is true in the case."""
        return bool(z3.is_true(self.model.eval(formula, model_completion=True)))


@dataclass(frozen=True, slots=True, eq=False)
class ActionVersion:
    """One version of the law about an action, for a review: ``version.actions`` holds that action alone."""

    action: str
    version: Version

    @property
    def law(self) -> Any:
        """The opened law about the action."""
        return self.version.actions[self.action]

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """For whom and when."""
        return self.version.stretches


Asked = Callable[["Setting"], Iterable[Any]]


class Setting:
    """An open case with so many rows (``rows``), or with lists that may hold anything (``rough``)."""

    def __init__(
        self,
        laws: Laws,
        rows: Mapping[str, int],
        conditions: Iterable[Opened],
        rough: KnownOfLists | None,
        seconds: float,
        world: World | None = None,
    ) -> None:
        self.world = world or World(laws.library.vocabulary, rows, years=years_of(laws.library))
        self.readings = Readings(laws.answers)
        self.rough = rough
        self.formulas = Formulas(self.world, self.readings, rough=rough)
        self._outcomes: dict[int, Outcomes] = {}
        self.conditions = list(conditions)
        for condition in self.conditions:
            self.formulas.truth(condition)
        self._solver = z3.Solver()
        self._solver.set("timeout", max(1, int(seconds * 1000)))
        self._ruled = -1

    def outcomes(self, asked: ActionVersion) -> Outcomes:
        """What the law of a version makes of the case."""
        found = self._outcomes.get(id(asked))
        if found is None:
            found = self._outcomes[id(asked)] = Outcomes(asked.law, self.formulas)
        return found

    def ask(self, asked: ActionVersion, meets: Iterable[Any]) -> Met | GaveUp | None:
        """A case under the law of a version, on one of its days, that meets all of this."""
        wanted = [*meets, *self.frame(asked)]
        self._rules()
        self._solver.push()
        try:
            self._solver.add(*wanted)
            answer = self._solver.check()
            if answer == z3.sat:
                return Met(self, self._solver.model())
            return None if answer == z3.unsat else GaveUp(str(self._solver.reason_unknown()))
        finally:
            self._solver.pop()

    def frame(self, asked: ActionVersion) -> list[Any]:
        """The law date, and what is taken for granted."""
        assumed = (z3.Not(self.formulas.truth(a).no) for a in asked.version.conditions)
        return [z3.Or([self.on(s.window) for s in asked.stretches]), *assumed]

    def on(self, window: Window) -> Any:
        """The law date lies in a window."""
        return lies_in(window, self.world.law_date.code)

    def _rules(self) -> None:
        # Rules only ever become more, or stricter: what was said before stays true.
        size = self.world.size + self.readings.size
        if size != self._ruled:
            self._solver.add(*self.world.rules(), *self.readings.rules(self.world))
            self._solver.add(*self.formulas.known_of(self.conditions))
            self._ruled = size


class Bench:
    """The versions of the law about one action, ready for questions.  ``seconds``: the limit of one."""

    def __init__(self, laws: Laws, action: str, versions: Sequence[Version], seconds: float) -> None:
        self.laws = laws
        self.action = action
        self.versions = [ActionVersion(action, v) for v in versions]
        self.seconds = seconds
        self._rough: Setting | None = None
        self._small: dict[int, Setting] = {}

    def case(self, asked: ActionVersion, meets: Asked) -> Met | GaveUp | None:
        """A case under a version that meets a question; None: there is none, however many rows it has."""
        if self._rough is None:
            self._rough = self._setting({}, self._conditions(self.versions), rough=True)
        found = self._rough.ask(asked, meets(self._rough))
        about = self._conditions([asked])
        if not isinstance(found, Met) or not quantifiers(about):
            return found
        return self.with_rows(asked, meets)

    def with_rows(self, asked: ActionVersion, meets: Asked) -> Met | GaveUp | None:
        """The same, with rows from the beginning."""
        needed = rows_needed(self._asking(asked))
        most = max(needed.values(), default=0)
        for size in (s for s in _FEW if s < most or s == 1):
            if size not in self._small:
                every = rows_needed(c for v in self.versions for c in self._asking(v))
                rows = {list_: min(size, rows) for list_, rows in every.items()}
                self._small[size] = self._setting(rows, self._conditions(self.versions), rough=False)
            found = self._small[size].ask(asked, meets(self._small[size]))
            if found is not None or most <= size:
                return found
        whole = self._setting(needed, self._conditions([asked]), rough=False)
        return whole.ask(asked, meets(whole))

    def _setting(self, rows: Mapping[str, int], conditions: Iterable[Opened], *, rough: bool) -> Setting:
        return Setting(self.laws, rows, conditions, self.laws.lemmas if rough else None, self.seconds)

    def _conditions(self, asked: Iterable[ActionVersion]) -> list[Opened]:
        found: dict[int, Opened] = {}
        for one in asked:
            for condition in (*one.law.conditions, *one.version.conditions):
                found[id(condition)] = condition
        return list(found.values())

    @staticmethod
    def _asking(asked: ActionVersion) -> list[Opened]:
        """What a case with few rows must get right; what holds of every row holds of fewer too."""
        return [*asked.law.conditions, *(c for c in asked.version.conditions if not isinstance(c, Every))]
