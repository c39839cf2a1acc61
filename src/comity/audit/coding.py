"""Tuples of digits to small whole numbers, and back.

Millions of cases share few states.  A coder gives every distinct tuple of digits a number in order of first sight;
numbers stay for the life of the coder.  Where the digits span few enough tuples, a plain table does it at memory speed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from comity.audit.tables import Array

__all__ = ["Coder", "HashNumbers", "distinct_rows", "narrow", "pack"]

#: Tuples a plain table may span (int32 entries).
_MOST_IN_TABLE: Final = 1 << 22
_MOST_IN_CODE: Final = 1 << 62


def pack(digits: Sequence[Array], radices: Sequence[int]) -> tuple[Array, int]:
    """One code per position, the first digit weighing least; and how many codes there can be (below 2**62).

    A digit may be one number, the same for every position, if another is not.
    Small digits are packed in bytes first, then in wider numbers: most of the work is done on bytes.
    """
    parts = [(d, r) for d, r in zip(digits, radices, strict=True)]
    kind: Any
    for kind in (np.uint8, np.uint16, np.uint32, np.int64):
        most = int(np.iinfo(kind).max) + 1
        merged: list[tuple[Array, int]] = []
        for digit, radix in parts:
            if merged and merged[-1][1] * radix <= most:
                low, span = merged[-1]
                high = np.multiply(digit.astype(kind, copy=False), kind(span))
                high = np.add(high, low.astype(kind, copy=False), out=high if np.ndim(high) else None)
                merged[-1] = (high, span * radix)
            else:
                merged.append((digit, radix))
        parts = merged
        if len(parts) == 1:
            break
    assert len(parts) == 1, "more digits than a code can hold"
    return parts[0]


def narrow(numbers: Array) -> Array:
    """The same numbers (0 or more) in as few bytes as hold them: work on bytes is the cheapest there is."""
    most = int(numbers.max(initial=0))
    return numbers.astype(np.uint8 if most < 1 << 8 else np.uint16 if most < 1 << 16 else np.int32)


class _Table:
    """Numbers for codes below ``span``, looked up in a table."""

    def __init__(self, span: int) -> None:
        #: One more than the number; 0 where there is none, so that what is never met takes no memory.
        self._numbers = np.zeros(span, np.int32)
        self._size = 0

    def number(self, code: Array) -> tuple[Array, Array]:
        """The number of each code, and the first position of each code never seen before."""
        numbers: Array = np.take(self._numbers, code)
        numbers -= 1
        if not len(numbers) or numbers.min() >= 0:
            return numbers, np.zeros(0, np.int64)
        where = np.flatnonzero(numbers < 0)
        fresh, first = np.unique(code[where], return_index=True)
        self._numbers[fresh] = np.arange(1 + self._size, 1 + self._size + len(fresh))
        self._size += len(fresh)
        return np.take(self._numbers, code) - np.int32(1), where[first]


class HashNumbers:
    """Numbers for any codes."""

    def __init__(self) -> None:
        #: The codes met, rising, and the number of each.
        self._codes: Array = np.zeros(0, np.int64)
        self._numbers: Array = np.zeros(0, np.int32)

    def number(self, code: Array) -> tuple[Array, Array]:
        """The number of each code, and the first position of each code never seen before."""
        encoded = pc.dictionary_encode(pa.array(code))
        places = encoded.indices.to_numpy()
        codes = encoded.dictionary.to_numpy()
        codes = codes if codes.dtype == np.uint64 else codes.astype(np.int64)
        if not len(self._codes):
            self._codes = self._codes.astype(codes.dtype)
        at = np.searchsorted(self._codes, codes)
        known = at < len(self._codes)
        known[known] = self._codes[at[known]] == codes[known]
        new = np.flatnonzero(~known)
        numbers = np.zeros(len(codes), np.int32)
        numbers[known] = self._numbers[at[known]]
        positions = np.zeros(len(new), np.int64)
        if len(new):
            first = np.zeros(len(codes), np.int64)
            # Written backwards, so that the first position stays.
            first[places[::-1]] = np.arange(len(code) - 1, -1, -1)
            positions = first[new]
            numbers[new] = len(self._codes) + np.arange(len(new))
            order = new[np.argsort(codes[new])]
            self._numbers = np.insert(self._numbers, at[order], numbers[order])
            self._codes = np.insert(self._codes, at[order], codes[order])
        return np.take(numbers, places), positions


class Coder:
    """Numbers for tuples of digits; ``radices[i]`` bounds digit ``i`` (below 2**31)."""

    def __init__(self, radices: Sequence[int]) -> None:
        self.size = 0
        #: Digit position -> value of that digit in each numbered tuple (int32).
        self.digits: list[Array] = [np.zeros(0, np.int32) for _ in radices]
        self._radices = tuple(radices)
        self._groups = _groups(self._radices)
        self._steps: list[_Table | HashNumbers] = [HashNumbers() for _ in self._groups]
        span = math.prod(self._radices)
        if self._radices and span <= _MOST_IN_TABLE:
            self._steps = [_Table(span)]

    def encode(self, digits: Sequence[Array], length: int) -> Array:
        """The number of each position's tuple: int32, ``length`` long; new tuples are numbered and kept."""
        numbers = np.zeros(length, np.int32)
        new = np.zeros(min(length, 1 - self.size if not digits else 0), np.int64)
        for i, (group, step) in enumerate(zip(self._groups, self._steps, strict=True)):
            parts, radices = [digits[j] for j in group], [self._radices[j] for j in group]
            if i:
                # What the groups before came to is one more digit.
                parts.append(numbers)
                radices.append(1 << 31)
            numbers, new = step.number(pack(parts, radices)[0])
        if not len(new):
            return numbers
        self.size += len(new)
        fresh = [np.broadcast_to(digit, length)[new].astype(np.int32) for digit in digits]
        self.digits = [np.concatenate(pair) for pair in zip(self.digits, fresh, strict=True)]
        return numbers


def distinct_rows(columns: Sequence[Array], radices: Sequence[int]) -> tuple[list[list[int]], Array]:
    """The distinct rows of a table, column by column, and the place of each row among them.

    ``radices`` bound the values of each column.
    """
    code, span = columns[0].astype(np.int64), max(1, radices[0])
    for column, radix in zip(columns[1:], radices[1:], strict=True):
        if span * max(1, radix) > _MOST_IN_CODE:
            known, code = np.unique(code, return_inverse=True)
            code, span = code.reshape(-1), len(known)
        code = code * max(1, radix) + column
        span *= max(1, radix)
    _, first, places = np.unique(code, return_index=True, return_inverse=True)
    return [column[first].tolist() for column in columns], places.reshape(-1)


def _groups(radices: Sequence[int]) -> list[list[int]]:
    """Positions of digits in as few groups as fit one code each."""
    if not radices:
        return []
    if math.prod(radices) <= _MOST_IN_CODE:
        return [list(range(len(radices)))]
    groups: list[list[int]] = [[]]
    span = 1
    for i, radix in enumerate(radices):
        if span * radix > 1 << 31:
            groups.append([])
            span = 1
        groups[-1].append(i)
        span *= radix
    return groups
