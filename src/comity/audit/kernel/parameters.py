"""The arrays that a compiled loop is called with, and what makes them from a block of cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from comity.audit.leaves import shifted_days
from comity.audit.ranks import DigitKey
from comity.audit.stretch import Stretch
from comity.audit.tables import Array, CaseTable, local_days
from comity.policy.library import Library

__all__ = ["DAYS", "FIRST_DAY", "Block", "Parameter", "Parameters"]

#: Law dates that a table of days holds: ``DAYS`` days from ``FIRST_DAY`` on, 1860 to 2079.
FIRST_DAY: Final = -40_000
DAYS: Final = 80_000


class Block:
    """A table of cases, and its digits where numpy works them out."""

    def __init__(self, table: CaseTable, library: Library) -> None:
        self.table = table
        self._library = library
        self._stretch: Stretch | None = None

    @property
    def stretch(self) -> Stretch:
        """Its digits, each worked out once."""
        if self._stretch is None:
            self._stretch = Stretch(self.table, self._library)
        return self._stretch


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """An array of a loop: ``made`` of a block, or ``fixed``, the same for every block.  ``kind``: its numpy type.

    ``of``: the list that has as many rows; "" for cases.
    """

    name: str
    kind: str
    made: Callable[[Block], Array] | None = None
    fixed: Array | None = None
    of: str = ""


class Parameters:
    """The parameters of one loop; each is asked for by what it is, and there once."""

    def __init__(self) -> None:
        self.all: list[Parameter] = []
        self._names: dict[object, str] = {}

    def _named(self, key: object, kind: str, made: Callable[[Block], Array], of: str = "") -> str:
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"a{len(self.all)}"
            self.all.append(Parameter(name, kind, made, of=of))
        return name

    def fixed(self, values: Array) -> str:
        """An array that is the same for every block."""
        key = ("fixed", values.dtype.name, values.tobytes())
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"a{len(self.all)}"
            self.all.append(Parameter(name, values.dtype.name, fixed=values))
        return name

    def far_of_law_date(self, amount: int, unit: str) -> str:
        """The far end of a window from every law date: int32 days, by place from ``FIRST_DAY``."""
        return self.fixed(shifted_days(np.arange(FIRST_DAY, FIRST_DAY + DAYS, dtype=np.int32), amount, unit))

    # -- of cases -----------------------------------------------------------------------------------------------------

    def digit(self, key: DigitKey) -> str:
        """A digit of each case, as numpy works it out: uint8."""
        return self._named(("digit", key), "uint8", lambda block: block.stretch.digit(key))

    def column(self, name: str) -> str:
        """A column of ranks or of members: uint8."""
        return self._named(("column", name), "uint8", lambda block: block.table.columns[name].values)

    def days(self, name: str) -> str:
        """The days of a fact: int32."""
        return self._named(("days", name), "int32", lambda block: local_days(block.table.columns[name]))

    def far(self, name: str, amount: int, unit: str) -> str:
        """The far end of a window from the days of a fact: int32."""

        def made(block: Block) -> Array:
            return shifted_days(local_days(block.table.columns[name]), amount, unit)

        return self._named(("far", name, amount, unit), "int32", made)

    def complete(self, list_: str) -> str:
        """Where a list holds every row there is: bool."""
        return self._named(("complete", list_), "bool", lambda block: block.table.lists[list_].complete)

    # -- of rows ------------------------------------------------------------------------------------------------------

    def row_digit(self, list_: str, key: DigitKey) -> str:
        """A digit of each row, as numpy works it out: uint8."""
        key_ = ("row digit", list_, key)
        return self._named(key_, "uint8", lambda block: block.stretch.rows(list_).digit(key), list_)

    def row_column(self, list_: str, name: str) -> str:
        """A column of ranks or of members: uint8."""
        key = ("row column", list_, name)
        return self._named(key, "uint8", lambda block: block.table.lists[list_].columns[name].values, list_)

    def row_days(self, list_: str, name: str) -> str:
        """The days of a field: int32."""
        key = ("row days", list_, name)
        return self._named(key, "int32", lambda block: local_days(block.table.lists[list_].columns[name]), list_)
