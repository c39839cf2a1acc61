"""How many rows of a list are enough.

Take any case, with as many convictions as you like.  For each quantifier that the question asks (``any conviction
where …``) keep the rows that make it come out as it does: one for *any* and *every*, N for *at least N*.  The case with
only these rows gives every quantifier the same truth, so it gives the same answer.  Hence a counter-example exists
among cases with that many rows, or nowhere: the bound is no limit of the proof.  It holds for three values too: an
unknown *any* needs one row that could meet it, or none where the list is not complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comity.policy.expressions import AtLeast
from comity.policy.opened import Opened, Quantifier, inside

__all__ = ["Bound", "quantifiers", "rows_needed"]


@dataclass(frozen=True, slots=True)
class Bound:
    """How far a proof reaches: list -> rows that were looked at, which are enough.  Empty: no row matters."""

    rows: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        told = [
            f"for any number of {list_} ({rows} row{'' if rows == 1 else 's'} suffice{'s' if rows == 1 else ''})"
            for list_, rows in self.rows
        ]
        return " and ".join(told) or "whatever the lists hold"


def quantifiers(conditions: Iterable[Opened]) -> dict[int, Quantifier]:
    """The distinct quantifiers of some conditions, by identity."""
    found: dict[int, Quantifier] = {}
    for condition in conditions:
        for node in inside(condition):
            if isinstance(node, Quantifier):
                found[id(node)] = node
    return found


def rows_needed(conditions: Iterable[Opened]) -> Mapping[str, int]:
    """List -> how many rows are enough for a question about these conditions.

    What is only taken for granted of every row is not among them: fewer rows meet it too.
    """
    needed: dict[str, int] = {}
    for node in quantifiers(conditions).values():
        needed[node.list] = needed.get(node.list, 0) + (max(node.count, 1) if isinstance(node, AtLeast) else 1)
    return needed
