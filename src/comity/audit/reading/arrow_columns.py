"""Arrow columns that already hold facts, turned into the numbers of a case table with a few vector operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from comity.audit.mapping import plain_key
from comity.audit.reading.cells import as_text
from comity.audit.reading.values import NO_OFFSET, UNKNOWN, encode
from comity.audit.tables import NO_DAY, NO_NUMBER, NO_WORD, Array, Column
from comity.policy.facts import FactType
from comity.problems import ComityError, Problem

__all__ = ["codes_of", "column_of", "wants_dictionary"]

_WORDS: Final = {"yes": True, "true": True, "no": False, "false": False}


def wants_dictionary(type_: FactType) -> bool:
    """Whether a text column of this fact is best read as a dictionary: its words are few."""
    return type_.kind in ("yes/no", "one of", "some of", "offence")


def column_of(array: pa.Array, type_: FactType, name: str, words: Mapping[str, str]) -> Column:
    """The column of one fact; ``words``: cell -> word of the fact, where they differ.

    A moment without a zone is still wall clock, its offsets ``NO_OFFSET``.  ComityError CM723 for a value that is none.
    """
    kind = type_.kind
    if pa.types.is_boolean(array.type) and kind == "yes/no":
        return Column(kind, _ranks(array))
    if pa.types.is_dictionary(array.type) or pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return _of_words(array, type_, name, words)
    if kind == "date" and pa.types.is_date(array.type):
        return Column(kind, _filled(array.cast(pa.date32()).view(pa.int32()), NO_DAY, np.int32))
    if kind == "date" and pa.types.is_timestamp(array.type) and array.type.tz is None:
        return Column(kind, _filled(array.cast(pa.date32(), safe=False).view(pa.int32()), NO_DAY, np.int32))
    if kind == "moment" and pa.types.is_timestamp(array.type):
        return _moments(array)
    if kind in ("integer", "money", "duration", "yes/no", "some of") and pa.types.is_integer(array.type):
        if kind == "yes/no":
            return Column(kind, _ranks(array.cast(pa.bool_())))
        return Column(kind, _filled(array.cast(pa.int64()), UNKNOWN[kind][0], np.int64))
    if kind == "text":
        return _of_words(as_text(array), type_, name, words)
    message = f"the column '{name}' is {array.type}, which is not {type_}"
    raise ComityError([Problem("CM723", message, help="a mapping of kind records reads text of many sorts")])


def _ranks(array: pa.BooleanArray) -> Array:
    """Yes/no as ranks: twice the bit, and one where it is null."""
    validity, bits = array.buffers()
    ranks = _bits(bits, array.offset, len(array))
    if array.null_count:
        known = _bits(validity, array.offset, len(array))
        ranks &= known
        ranks <<= 1
        ranks += known ^ np.uint8(1)
    else:
        ranks <<= 1
    return ranks


def _bits(buffer: pa.Buffer, offset: int, length: int) -> Array:
    """Bits of an Arrow buffer as bytes of 0 and 1."""
    packed = np.frombuffer(buffer, np.uint8)[offset // 8 :]
    return np.unpackbits(packed, count=offset % 8 + length, bitorder="little")[offset % 8 :]


def _filled(array: pa.Array, unknown: int, dtype: Any) -> Array:
    if array.null_count:
        array = pc.fill_null(array, unknown)
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype)


def codes_of(array: pa.Array) -> tuple[Array, list[str]]:
    """For each row a number, and the words these stand for; the number after the last is null."""
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    try:
        words = [text or "" for text in as_text(encoded.dictionary).to_pylist()]
    except UnicodeDecodeError:
        raise ComityError([Problem("CM702", "a column of text holds bytes that are no text")]) from None
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices.cast(pa.int32()), len(words))
    return indices.to_numpy(zero_copy_only=False), words


def _of_words(array: pa.Array, type_: FactType, name: str, words: Mapping[str, str]) -> Column:
    codes, found = codes_of(array)
    unknown, dtype = UNKNOWN[type_.kind]
    if type_.kind in ("text", "offence"):
        told = [words.get(plain_key(text), text) for text in found]
        place = {word: i for i, word in enumerate(dict.fromkeys(filter(None, told)))}
        table = np.array([*(place.get(word, NO_WORD) for word in told), NO_WORD], np.int32)
        return Column(type_.kind, table[codes], None, tuple(place))
    table = np.array([*(_encoded(text, type_, name, words) for text in found), unknown], dtype)
    return Column(type_.kind, table[codes])


def _encoded(text: str, type_: FactType, name: str, words: Mapping[str, str]) -> int:
    word = words.get(plain_key(text), text).strip()
    if word in ("", "unknown"):
        return UNKNOWN[type_.kind][0]
    if type_.kind == "yes/no" and word.lower() in _WORDS:
        return encode(_WORDS[word.lower()], type_)
    if type_.kind == "one of" and word in type_.members:
        return encode(word, type_)
    if type_.kind == "some of":
        parts = frozenset(part.strip() for part in word.split(",")) - {"none"}
        if parts <= set(type_.members):
            return encode(parts, type_)
    message = f"'{text}' in the column '{name}' is not a word of {type_}"
    raise ComityError([Problem("CM723", message, help=f"add it to the 'values' of '{name}', or mend the table")])


def _moments(array: pa.Array) -> Column:
    values = _filled(array.cast(pa.timestamp("us"), safe=False).view(pa.int64()), NO_NUMBER, np.int64)
    if array.type.tz is None:
        return Column("moment", values, np.full(len(values), NO_OFFSET, np.int16))
    if array.type.tz in ("UTC", "Etc/UTC"):
        return Column("moment", values, np.zeros(len(values), np.int16))
    from comity.audit.reading.days import zone

    there = zone(array.type.tz)
    east = there.offsets[np.searchsorted(there.starts, values, "right") - 1]
    return Column("moment", values, np.where(values == NO_NUMBER, 0, east).astype(np.int16))
