"""States as something conditions can be read on: digits back to the values that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from comity.audit.blame import RowsOf
from comity.audit.conditions import Key, RanksOfDigits
from comity.audit.lists import ListPass
from comity.audit.plan import Plan, PlannedPass
from comity.audit.ranks import Choice, DigitKey, MissingName, Rank, Ranks
from comity.audit.tables import NO_MEMBER, Array
from comity.policy.expressions import AtLeast, Name
from comity.policy.library import Library
from comity.policy.opened import Quantifier, leaves_of
from comity.truth import UNKNOWN

__all__ = ["States", "radix"]


def radix(key: DigitKey, kind: Callable[[Name], str | None], library: Library) -> int:
    """How many values a digit can have."""
    if key.leaf is not None:
        return 5 if len(leaves_of(key.leaf)) == 2 else 3
    if kind(key.name) == "yes/no":
        return 3
    # A row's field is looked up in every record: members of a name never differ in width between them.
    return 1 + max(len(w.type.members) for w in library.vocabulary.facts if w.name == key.name.name)


class States(Ranks):
    """Ranks over states given by their digits."""

    def __init__(
        self,
        size: int,
        digits: dict[DigitKey, Array],
        classes: dict[int, Array],
        complete: dict[str, Array],
        plan: Plan,
        list_: str,
        passes: Sequence[ListPass],
        library: Library,
    ) -> None:
        super().__init__(size, self, plan.schema.kind(list_))
        self._digits = digits
        self._classes = classes
        self._complete = complete
        self._plan = plan
        self._list = list_
        self._passes = passes
        self._library = library

    @staticmethod
    def of_rows(
        plan: Plan, planned: PlannedPass, passes: Sequence[ListPass], library: Library
    ) -> Callable[[Sequence[Array], int], States]:
        """Makes states of the rows of a pass."""

        def made(digits: Sequence[Array], size: int) -> States:
            keys = dict(zip(planned.keys, digits, strict=False))
            rest = digits[len(planned.keys) :]
            classes = {plan.pass_of[id(n)]: rest[2 * i] for i, n in enumerate(planned.nested)}
            complete = {n.list: rest[2 * i + 1].astype(bool) for i, n in enumerate(planned.nested)}
            return States(size, keys, classes, complete, plan, planned.list_, passes, library)

        return made

    @staticmethod
    def of_cases(plan: Plan, passes: Sequence[ListPass], library: Library) -> RanksOfDigits:
        """Makes states of cases from some of what conditions read of them."""

        def made(keys: Sequence[Key], values: Sequence[Array], size: int) -> States:
            by = list(zip(keys, values, strict=True))
            return States(
                size,
                {k: v for k, v in by if isinstance(k, DigitKey)},
                {k: v for k, v in by if isinstance(k, int)},
                {k: v.astype(bool) for k, v in by if isinstance(k, str)},
                plan,
                "",
                passes,
                library,
            )

        return made

    # -- what conditions ask ----------------------------------------------------------------------------------------

    def digit(self, key: DigitKey) -> Array | None:
        """uint8 per state."""
        found = self._digits.get(key)
        if found is None:
            return None
        if key.leaf is None and self._kind(key.name) == "one of":
            unknown = radix(key, self._kind, self._library) - 1
            return np.where(found == unknown, NO_MEMBER, found).astype(np.uint8)
        return found.astype(np.uint8)

    def members(self, name: Name) -> tuple[str, ...]:
        """The words of a one-of fact."""
        vocabulary = self._library.vocabulary
        if not name.row:
            return vocabulary.case_facts()[name.name].type.members
        record = next(r for r, list_ in vocabulary.records().items() if list_ == self._list)
        return vocabulary.fields(record)[name.name].type.members

    def label(self, name: Name) -> MissingName:
        """What a report calls the fact."""
        return f"{self._list}: {name.name}" if name.row else name.name

    def quantifier(self, node: Quantifier, choice: Choice) -> Rank:
        """Rank per state."""
        place = self._plan.pass_of.get(id(node))
        if place is None or place not in self._classes:
            return UNKNOWN if not isinstance(node, AtLeast) or node.count > 0 else 2
        return self._passes[place].rank(node, choice, self._classes[place], self._complete[node.list])

    def blamed(self, node: Quantifier, choice: Choice) -> Iterable[tuple[MissingName | RowsOf, Array | bool]]:
        """Facts that keep a quantifier unknown, and in which states; of cases, rows to be looked at."""
        place = self._plan.pass_of.get(id(node))
        missing_rows = f"{node.list}: all of them?"
        if place is None or place not in self._classes:
            yield missing_rows, True
            return
        if self._list:
            yield from self._passes[place].blamed(node, choice, self._classes[place])
        else:
            yield RowsOf(place, id(node), choice), True
        yield missing_rows, ~self._complete[node.list]
