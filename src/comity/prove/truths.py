"""Truth as formulas: when a condition is surely yes, and when it is surely no.

With every fact known the two are each other's opposite.  With unknown facts they are Kleene's tables: *and* is yes
where all are yes and no where one is no, and neither of the two is *unknown*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import z3

__all__ = ["SURE", "Logic", "Truth"]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Formulas of Z3: ``yes`` and ``no`` never hold together."""

    yes: Any
    no: Any


#: Holds in every case.
SURE: Final = Truth(z3.BoolVal(True), z3.BoolVal(False))


@dataclass(frozen=True, slots=True)
class Logic:
    """Two-valued logic (every fact is known) or, with ``three_valued``, Kleene's."""

    three_valued: bool

    def of(self, value: Any, known: Any) -> Truth:
        """The truth of a fact with a value, known or not."""
        if not self.three_valued or known is True:
            return Truth(value, z3.Not(value))
        return Truth(z3.And(known, value), z3.And(known, z3.Not(value)))

    def all_of(self, truths: Iterable[Truth]) -> Truth:
        """Conjunction; yes when there is nothing to meet."""
        parts = list(truths)
        if len(parts) == 1:
            return parts[0]
        yes = z3.And([p.yes for p in parts])
        return Truth(yes, z3.Or([p.no for p in parts]) if self.three_valued else z3.Not(yes))

    def any_of(self, truths: Iterable[Truth]) -> Truth:
        """Disjunction; no when there is nothing to choose from."""
        parts = list(truths)
        if len(parts) == 1:
            return parts[0]
        yes = z3.Or([p.yes for p in parts])
        return Truth(yes, z3.And([p.no for p in parts]) if self.three_valued else z3.Not(yes))

    def negate(self, truth: Truth) -> Truth:
        """Negation."""
        return Truth(truth.no, truth.yes)
