"""Truth as formulas: when a condition is surely yes, and when it is surely no.

With every fact known the two are each other's opposite.  With unknown facts they are Kleene's tables: *and* is yes
where all are yes and no where one is no, and neither of the two is *unknown*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import z3

__all__ = ["SURE", "Logic", "Truth", "both", "conjunction", "disjunction", "negation"]

_CONTEXT: Final = z3.main_ctx()
_REF: Final = _CONTEXT.ref()
_YES: Final = z3.BoolVal(True)
_NO: Final = z3.BoolVal(False)


def conjunction(parts: Iterable[Any]) -> Any:
    """``z3.And`` of formulas, without its conversions: most of the time of a proof went into them."""
    kept = [p for p in parts if p is not _YES]
    if len(kept) < 2:
        return kept[0] if kept else _YES
    if any(p is _NO for p in kept):
        return _NO
    return z3.BoolRef(z3.Z3_mk_and(_REF, len(kept), (z3.Ast * len(kept))(*[p.as_ast() for p in kept])), _CONTEXT)


def disjunction(parts: Iterable[Any]) -> Any:
    """``z3.Or`` of formulas."""
    kept = [p for p in parts if p is not _NO]
    if len(kept) < 2:
        return kept[0] if kept else _NO
    if any(p is _YES for p in kept):
        return _YES
    return z3.BoolRef(z3.Z3_mk_or(_REF, len(kept), (z3.Ast * len(kept))(*[p.as_ast() for p in kept])), _CONTEXT)


def negation(formula: Any) -> Any:
    """``z3.Not`` of a formula."""
    if formula is _YES or formula is _NO:
        return _NO if formula is _YES else _YES
    return z3.BoolRef(z3.Z3_mk_not(_REF, formula.as_ast()), _CONTEXT)


def both(one: Any, other: Any) -> Any:
    """The conjunction of two formulas."""
    return conjunction((one, other))


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Formulas of Z3: ``yes`` and ``no`` never hold together."""

    yes: Any
    no: Any


#: Holds in every case.
SURE: Final = Truth(_YES, _NO)


@dataclass(frozen=True, slots=True)
class Logic:
    """Two-valued logic (every fact is known) or, with ``three_valued``, Kleene's."""

    three_valued: bool

    def of(self, value: Any, known: Any) -> Truth:
        """The truth of a fact with a value; ``known`` is a formula, or True."""
        if not self.three_valued or known is True:
            return Truth(value, negation(value))
        return Truth(both(known, value), both(known, negation(value)))

    def all_of(self, truths: Iterable[Truth]) -> Truth:
        """Conjunction; yes when there is nothing to meet."""
        parts = list(truths)
        if len(parts) == 1:
            return parts[0]
        yes = conjunction([p.yes for p in parts])
        return Truth(yes, disjunction([p.no for p in parts]) if self.three_valued else negation(yes))

    def any_of(self, truths: Iterable[Truth]) -> Truth:
        """Disjunction; no when there is nothing to choose from."""
        parts = list(truths)
        if len(parts) == 1:
            return parts[0]
        yes = disjunction([p.yes for p in parts])
        return Truth(yes, conjunction([p.no for p in parts]) if self.three_valued else negation(yes))

    def negate(self, truth: Truth) -> Truth:
        """Negation."""
        return Truth(truth.no, truth.yes)
