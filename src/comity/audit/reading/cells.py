"""The columns of a stretch of records, cell by distinct cell.

Most columns of records repeat a few cells over and over.  So every column is turned into its distinct cells and a
number for each record, and only the distinct cells are ever read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from comity.audit.mapping import Where, matcher, plain_key
from comity.audit.tables import Array
from comity.problems import ComityError, Problem

__all__ = ["Blanks", "Cells", "Distinct", "as_text", "together"]

_REDACTION: Final = re.compile(r"(?:b\d[a-f]?)+")
_MARKS: Final = str.maketrans("", "", "(),;/& ")


@dataclass(frozen=True, slots=True)
class Blanks:
    """Which cells say nothing: empty ones, "unknown", those in ``words``, and marks of redaction: "(b)(6)"."""

    words: frozenset[str] = frozenset()
    redacted: bool = True

    def is_blank(self, text: str) -> bool:
        """Whether a trimmed cell says nothing."""
        if not text:
            return True
        key = text.casefold()
        if key == "unknown" or key in self.words:
            return True
        return self.redacted and "(" in key and _REDACTION.fullmatch(key.translate(_MARKS)) is not None


@dataclass(frozen=True, slots=True, eq=False)
class Distinct:
    """``texts``: the distinct cells, trimmed, "" where a cell says nothing.  ``codes``: int32, each record's cell."""

    codes: Array
    texts: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)


class Cells:
    """The columns of a stretch; each is looked at once, when first asked for."""

    def __init__(self, columns: Mapping[str, pa.Array], count: int, blanks: Blanks) -> None:
        self.columns = columns
        self.count = count
        self.blanks = blanks
        self._distinct: dict[tuple[str, ...], Distinct] = {}

    def distinct(self, name: str) -> Distinct:
        """The distinct cells of one column."""
        found = self._distinct.get((name,))
        if found is None:
            found = self._distinct[(name,)] = self._encode(self.columns[name])
        return found

    def joined(self, names: tuple[str, ...]) -> Distinct:
        """The cells of several columns with a blank between; cells that say nothing are left out."""
        found = self._distinct.get(names)
        if found is None:
            which, combinations = together([self.distinct(name) for name in names])
            found = self._distinct[names] = Distinct(which, [" ".join(filter(None, c)) for c in combinations])
        return found

    def matches(self, where: Sequence[Where]) -> Array:
        """Which records pass all filters: bool for each record."""
        passed = np.ones(self.count, bool)
        for one in where:
            distinct = self.distinct(one.columns[0])
            fits = matcher(one.values)
            listed = np.array([fits(plain_key(text)) for text in distinct.texts], bool)
            passed &= (listed if one.holds else ~listed)[distinct.codes]
        return passed

    def filled(self, names: Sequence[str]) -> Array:
        """Which records say something in at least one of the columns: bool for each record."""
        filled = np.zeros(self.count, bool)
        for name in names:
            distinct = self.distinct(name)
            filled |= np.array([bool(text) for text in distinct.texts], bool)[distinct.codes]
        return filled

    def _encode(self, column: pa.Array) -> Distinct:
        if not _has_codes(column.type):
            column = as_text(column)
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        texts = [self._trimmed(text) for text in as_text(encoded.dictionary).to_pylist()]
        codes = encoded.indices.cast(pa.int32())
        if codes.null_count:
            codes = pc.fill_null(codes, len(texts))
            texts.append("")
        return Distinct(np.asarray(codes, np.int32), texts)

    def _trimmed(self, text: str | None) -> str:
        trimmed = " ".join((text or "").split())
        return "" if self.blanks.is_blank(trimmed) else trimmed


def _has_codes(type_: pa.DataType) -> bool:
    """Whether Arrow can number the distinct values of this type."""
    plain = (
        pa.types.is_integer,
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_boolean,
        pa.types.is_floating,
    )
    return pa.types.is_dictionary(type_) or pa.types.is_temporal(type_) or any(is_(type_) for is_ in plain)


def together(parts: Sequence[Distinct]) -> tuple[Array, list[tuple[str, ...]]]:
    """For each record which combination of cells it has, and the combinations."""
    number = np.zeros(len(parts[0]) if parts else 0, np.int64)
    for part in parts:
        number = number * len(part.texts) + part.codes
    numbers, first, which = np.unique(number, return_index=True, return_inverse=True)
    combinations = [tuple(part.texts[part.codes[i]] for part in parts) for i in first[: len(numbers)]]
    return which.reshape(-1).astype(np.int32), combinations


def as_text(column: pa.Array) -> pa.Array:
    """A typed column as the text a CSV file would hold; "true" and "false", ISO days, whole numbers without a point."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_nested(column.type):
        message = f"a column holds {column.type}, which is no single value"
        raise ComityError([Problem("CM723", message, help="take it apart before, or leave it out of the mapping")])
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return pa.array([(v or b"").decode("utf-8", "replace") for v in column.to_pylist()], pa.string())
    if pa.types.is_decimal(column.type):
        return pa.array([None if v is None else format(v.normalize(), "f") for v in column.to_pylist()], pa.string())
    return column.cast(pa.string())
