"""Strong Kleene truth: yes, unknown, no, held as the ranks 2, 1, 0.

Ranks make every connective arithmetic (and = min, or = max, not = 2 - x), so that a table of cases can use the same
numbers and no NULL ever decides anything.  Source: S. C. Kleene, *Introduction to Metamathematics*
(1952), § 64.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["NO", "UNKNOWN", "YES", "all_of", "any_of", "from_bool", "negate", "word"]

NO: Final = 0
UNKNOWN: Final = 1
YES: Final = 2


def all_of(values: Iterable[int]) -> int:
    """Kleene conjunction; yes when there is nothing to meet."""
    return min(values, default=YES)


def any_of(values: Iterable[int]) -> int:
    """Kleene disjunction; no when there is nothing to choose from."""
    return max(values, default=NO)


def negate(value: int) -> int:
    """Kleene negation: unknown stays unknown."""
    return 2 - value


def from_bool(value: bool | None) -> int:
    """True, False, None as yes, no, unknown."""
    return UNKNOWN if value is None else YES if value else NO


def word(value: int) -> str:
    """The word a person reads: "yes", "no" or "unknown"."""
    return ("no", "unknown", "yes")[value]
