"""Arrow columns from numpy arrays, made many rows at a time."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from comity.audit.sample.draws import Array

__all__ = ["YES_NO", "constant", "days", "moments", "numbered", "truths", "whole", "yes_no"]

_THREE_DIGITS: Final = np.frombuffer("".join(f"{n:03}" for n in range(1000)).encode(), np.uint8).reshape(1000, 3)
YES_NO: Final = pa.array(["NO", "YES"])


def _bitmap(blank: Array | None) -> pa.Buffer | None:
    return None if blank is None else pa.py_buffer(np.packbits(~blank, bitorder="little").tobytes())


def numbered(stem: str, numbers: Array, blank: Array | None = None) -> pa.Array:
    """Texts of a stem and a number of nine digits: "synthetic-000000017"."""
    count, width = len(numbers), len(stem) + 9
    text = np.empty((count, width), np.uint8)
    text[:, : len(stem)] = np.frombuffer(stem.encode(), np.uint8)
    left = numbers.astype(np.int64)
    for place, unit in enumerate((1_000_000, 1_000, 1)):
        text[:, len(stem) + 3 * place : len(stem) + 3 * place + 3] = _THREE_DIGITS[left // unit % 1000]
    offsets = np.arange(count + 1, dtype=np.int32) * width
    return pa.StringArray.from_buffers(
        count, pa.py_buffer(offsets.tobytes()), pa.py_buffer(text.tobytes()), _bitmap(blank)
    )


def constant(word: str, count: int, blank: Array | None = None) -> pa.DictionaryArray:
    """One word in every row that is not blank."""
    codes = pa.array(np.zeros(count, np.int8), mask=blank)
    return pa.DictionaryArray.from_arrays(codes, pa.array([word]), safe=False)


def yes_no(yes: Array, blank: Array | None = None, words: pa.Array = YES_NO) -> pa.DictionaryArray:
    """Bools as YES and NO, or as the two ``words`` for False and True."""
    return pa.DictionaryArray.from_arrays(pa.array(yes.view(np.int8), mask=blank), words, safe=False)


def truths(yes: Array, blank: Array | None = None) -> pa.Array:
    """Bools."""
    return pa.array(yes, mask=blank)


def days(numbers: Array, blank: Array | None = None) -> pa.Array:
    """Days since 1970-01-01 as dates."""
    return pa.array(numbers.astype(np.int32), mask=blank).view(pa.date32())


def moments(minutes: Array, blank: Array | None = None) -> pa.Array:
    """Minutes since 1970-01-01T00:00 of a wall clock as date-times without a zone."""
    return pa.array(minutes.astype(np.int64) * 60, mask=blank).view(pa.timestamp("s"))


def whole(numbers: Array, blank: Array | None = None) -> pa.Array:
    """Whole numbers."""
    return pa.array(numbers.astype(np.int32), mask=blank)
