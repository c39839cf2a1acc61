"""Distinct states, as SQL found them, back to digits that ``Columns`` can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from comity.audit.ranks import DigitKey
from comity.audit.sql.keys import ActionKeys, Place
from comity.audit.tables import Array

__all__ = ["CODE_WIDTH", "MOST_IN_CODE", "NO_ROWS", "DistinctRows", "DistinctStates"]

#: Codes below this fit a BIGINT, with room for the sum that makes them; and their figures in decimal.
MOST_IN_CODE: Final = 1 << 62
CODE_WIDTH: Final = 19
#: The text of no rows; an empty one would be NULL in some engines and files.
NO_ROWS: Final = "-"


class DistinctStates:
    """States as if each were a case of its own.  ``codes``: for each group of digits, int64 per state."""

    def __init__(
        self, keys: ActionKeys, groups: Sequence[Sequence[Place]], codes: Sequence[Array], rows: dict[str, DistinctRows]
    ) -> None:
        self.version: Array = np.zeros(len(codes[0]), np.int64)
        self._digits: dict[DigitKey, Array] = {}
        self._complete: dict[str, Array] = {}
        for place, values in _unpacked(groups, codes):
            if place is keys.cases[0]:
                self.version = values
            elif place.key is not None:
                self._digits[place.key] = values
            else:
                self._complete[place.list] = values
        self._rows = rows
        for one in rows.values():
            one.cases = self

    def __len__(self) -> int:
        return len(self.version)

    def digit(self, key: DigitKey) -> Array:
        """uint8 per state."""
        return self._digits[key]

    def complete(self, list_: str) -> Array:
        """uint8 per state: 1 where the list holds every row there is."""
        return self._complete[list_]

    def rows(self, list_: str) -> DistinctRows:
        """The rows of a list."""
        return self._rows[list_]


class DistinctRows:
    """The rows of one list, out of texts such as ``"17,17,240"``."""

    cases: DistinctStates

    def __init__(self, groups: Sequence[Sequence[Place]], texts: pa.Array) -> None:
        filled = pc.not_equal(texts, NO_ROWS)
        split = pc.split_pattern(pc.if_else(filled, texts, None), ",")
        sizes = np.asarray(pc.fill_null(pc.list_value_length(split), 0), np.int64)
        self.offsets: Array = np.concatenate([[0], np.cumsum(sizes)])
        told = pc.list_flatten(split)
        if len(groups) > 1:
            parts = [pc.utf8_slice_codeunits(told, i * CODE_WIDTH, (i + 1) * CODE_WIDTH) for i in range(len(groups))]
        else:
            parts = [told]
        codes = [np.asarray(p.cast(pa.int64()), np.int64) for p in parts]
        self._digits = {place.key: values for place, values in _unpacked(groups, codes)}

    @cached_property
    def owner(self) -> Array:
        """The state of each row."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def digit(self, key: DigitKey) -> Array:
        """uint8 per row."""
        found = self._digits.get(key)
        # What is not of the row is of its case.
        return self.spread(self.cases.digit(key)) if found is None else found

    def spread(self, values: Array) -> Array:
        """An array over states, brought to their rows."""
        found: Array = np.take(values, self.owner)
        return found

    def counted(self) -> None:
        """Rows that are set aside never got here."""


def _unpacked(groups: Sequence[Sequence[Place]], codes: Sequence[Array]) -> Iterator[tuple[Place, Array]]:
    """The digits behind codes, the first of a group weighing least."""
    for group, code in zip(groups, codes, strict=True):
        rest = code
        for place in group:
            rest, digit = np.divmod(rest, place.radix)
            yield place, digit.astype(np.uint8 if place.radix <= 256 else np.int64)
