"""What the relation checks ask again and again: ranks, whom a norm binds, and definitions on the days that matter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from comity.calendar import Window
from comity.language.satisfiable import Solver
from comity.policy.authority import binds
from comity.policy.expressions import Defined, Expression, walk
from comity.policy.library import Library
from comity.policy.norms import Binding, DefinitionVersion, Norm

__all__ = ["Eras"]


class Eras:
    """Look-ups over one library, each answered once."""

    def __init__(self, library: Library) -> None:
        self.library = library
        ranks = library.ladder.ranks()
        self._instruments = library.instrument_table()
        self._ranks = {i.id: ranks[i.authority] for i in library.instruments}
        self._bound: dict[Binding, frozenset[str]] = {}
        self._versions: dict[str, list[DefinitionVersion]] = {}
        for version in library.definitions:
            self._versions.setdefault(version.name, []).append(version)
        self._solvers: dict[tuple[int, ...], Solver] = {}

    def rank(self, norm: Norm) -> int:
        """The rank of the norm's authority; 0 is highest."""
        return self._ranks[norm.instrument]

    def agencies(self, norm: Norm) -> frozenset[str]:
        """The listed agencies the norm binds."""
        binding = norm.binding or self._instruments[norm.instrument].binding
        found = self._bound.get(binding)
        if found is None:
            found = frozenset(a.id for a in self.library.agencies if binds(binding, a))
            self._bound[binding] = found
        return found

    def norms_by_action(self) -> dict[str, list[Norm]]:
        """The norms about each action, marks that decide nothing left out."""
        found: dict[str, list[Norm]] = {}
        for norm in self.library.norms:
            if norm.effect != "contested":
                found.setdefault(norm.action, []).append(norm)
        return found

    def days(self, window: Window, conditions: Iterable[Expression]) -> list[date]:
        """One day for each stretch of ``window`` in which the definitions these conditions use stay the same."""
        windows = [v.window for name in self._names(conditions) for v in self._versions.get(name, ())]
        start = date.min if window.start is None else window.start
        return sorted({start, *(e for w in windows for e in w.edges() if e in window)})

    def solver(self, day: date) -> Solver:
        """The solver under the definitions in force on a day; days with the same law share one."""
        live = {name: tuple(v for v in versions if day in v.window) for name, versions in self._versions.items()}
        key = tuple(id(v) for versions in live.values() for v in versions)
        found = self._solvers.get(key)
        if found is None:
            found = self._solvers[key] = Solver({name: versions for name, versions in live.items() if versions})
        return found

    def solvers(self, window: Window, conditions: Iterable[Expression]) -> list[Solver]:
        """A solver for each stretch of ``window`` with other definitions."""
        return [self.solver(day) for day in self.days(window, conditions)]

    def _names(self, conditions: Iterable[Expression]) -> set[str]:
        """The definitions used, and those used by them."""
        found: set[str] = set()
        waiting = list(conditions)
        while waiting:
            for node in walk(waiting.pop()):
                if isinstance(node, Defined) and node.name not in found:
                    found.add(node.name)
                    waiting += [c for v in self._versions.get(node.name, ()) for c in (v.when, *v.exceptions)]
        return found
