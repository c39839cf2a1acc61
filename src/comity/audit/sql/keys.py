"""What a state of a case is made of in SQL, action by action.

A state holds the version of the action's law, the digits that version reads, and for every list it asks the digits of
each row that counts.  Digits become whole numbers in mixed radix; the numbers of the rows, in order, become one text.
Nothing is lost on the way, so ``Columns`` judges states as it would judge the cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from comity.audit.plan import PlannedAction, Schema
from comity.audit.ranks import DigitKey, digit_keys
from comity.audit.states import radix
from comity.audit.tables import Array
from comity.policy.expressions import Name
from comity.policy.library import Library
from comity.policy.opened import Opened, Quantifier, inside, leaves_of

__all__ = ["ActionKeys", "Place", "in_codes", "keys_of", "names_of"]

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Place:
    """One digit of a state: its values are 0 up to ``radix``; ``versions`` ask for it, and None means that all do.

    ``key``: which digit; None for the version itself, and for whether ``list`` is complete.
    """

    radix: int
    versions: tuple[int, ...] | None = None
    key: DigitKey | None = None
    list: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ActionKeys:
    """The states of one action.

    ``version_of``: law -> version, as int64; ``undated`` is that of cases without a law date.  ``cases``: digits of the
    case, the version first.  ``rows``: list -> digits of its rows.  ``asked``: list -> the versions that ask it (None:
    all).
    """

    action: str
    version_of: Array
    undated: int
    cases: list[Place]
    rows: dict[str, list[Place]] = field(default_factory=dict)
    asked: dict[str, tuple[int, ...] | None] = field(default_factory=dict)

    @property
    def by_law(self) -> bool:
        """Whether the law alone decides: no fact that the tables have is asked."""
        return len(self.cases) == 1 and not self.rows


def keys_of(planned: PlannedAction, schema: Schema, library: Library) -> ActionKeys:
    """What the states of an action are made of."""
    cases: dict[DigitKey, list[int]] = {}
    rows: dict[str, dict[DigitKey, list[int]]] = {}
    asked: dict[str, list[int]] = {}
    for version, opened in enumerate(planned.versions):
        for condition in opened.conditions:
            for list_, key in _asked(condition, "", schema):
                if key is None:
                    _note(asked, list_, version)
                elif any(name.row for name in names_of(key)):
                    _note(rows.setdefault(list_, {}), key, version)
                else:
                    _note(cases, key, version)
    every = len(planned.versions)
    version_of = np.array(planned.version_of, np.int64)

    def place(list_: str, key: DigitKey, versions: list[int]) -> Place:
        return Place(radix(key, schema.kind(list_), library), _some(versions, every), key)

    return ActionKeys(
        planned.action,
        np.where(version_of < 0, every, version_of),
        every,
        [
            Place(every + 1),
            *(place("", key, versions) for key, versions in cases.items()),
            *(Place(2, _some(versions, every), list=list_) for list_, versions in asked.items()),
        ],
        {list_: [place(list_, k, v) for k, v in rows.get(list_, {}).items()] for list_ in asked},
        {list_: _some(versions, every) for list_, versions in asked.items()},
    )


def names_of(key: DigitKey) -> tuple[Name, ...]:
    """The facts behind a digit, the law date left out."""
    return (key.name,) if key.leaf is None else leaves_of(key.leaf)


def _asked(node: Opened, list_: str, schema: Schema) -> Iterable[tuple[str, DigitKey | None]]:
    """The digits an expression reads, each with the list whose rows it is about; a list itself with None."""
    for key in digit_keys(node, schema.kind(list_)):
        yield list_, key
    for inner in inside(node):
        # A list the tables do not have is unknown in every case.
        if isinstance(inner, Quantifier) and inner.list in schema.rows:
            yield inner.list, None
            yield from _asked(inner.where, inner.list, schema)


def _note(found: dict[K, list[int]], key: K, version: int) -> None:
    versions = found.setdefault(key, [])
    if not versions or versions[-1] != version:
        versions.append(version)


def _some(versions: list[int], every: int) -> tuple[int, ...] | None:
    return None if len(versions) == every else tuple(versions)


def in_codes(places: Sequence[Place], most: int) -> list[list[Place]]:
    """Digits in as few groups as fit whole numbers below ``most``, in order; one group at least."""
    groups: list[list[Place]] = [[]]
    span = 1
    for place in places:
        if groups[-1] and span * place.radix > most:
            groups.append([])
            span = 1
        groups[-1].append(place)
        span *= place.radix
    return groups
