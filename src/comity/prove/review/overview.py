"""Every question of a review, one kind after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from comity.prove.review.benches import Benches
from comity.prove.review.conflicts import conflicts
from comity.prove.review.doubts import weak_rules
from comity.prove.review.findings import Finding
from comity.prove.review.idle import idle_norms
from comity.prove.review.leapdays import leap_days
from comity.prove.review.silence import gaps
from comity.prove.review.stale import stale_names

__all__ = ["QUESTIONS", "findings"]

QUESTIONS: Final[tuple[Callable[[Benches], Iterator[Finding]], ...]] = (
    conflicts,
    gaps,
    idle_norms,
    leap_days,
    weak_rules,
    stale_names,
)


def findings(benches: Benches) -> Iterator[Finding]:
    """All findings about the law on the benches."""
    for question in QUESTIONS:
        yield from question(benches)
