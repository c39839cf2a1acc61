"""Cells to facts: a source of the mapping becomes a function from the cells of a stretch to one encoded column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import numpy as np

from comity.audit.mapping import AnyOf, Boxes, Cell, FirstOf, Fixed, Source, plain_key
from comity.audit.reading.cells import Cells, Distinct
from comity.audit.reading.days import EPOCH, Stamp, iso_column, read_stamp
from comity.audit.tables import NO_DAY, NO_MEMBER, NO_NUMBER, NO_SET, NO_WORD, Array, Column
from comity.case import FactValue
from comity.policy.facts import FactType

__all__ = ["NO_OFFSET", "UNKNOWN", "CodeReader", "Fault", "Parsed", "Reader", "encode", "reader"]

#: Offset of a clock time whose zone the record does not tell.
NO_OFFSET: Final = -(2**15)
#: Kind -> how unknown is written, and the type of the numbers; see tables.py.
UNKNOWN: Final[Mapping[str, tuple[int, type[np.generic]]]] = {
    "yes/no": (1, np.uint8),
    "one of": (NO_MEMBER, np.uint8),
    "some of": (NO_SET, np.int64),
    "date": (NO_DAY, np.int32),
    "moment": (NO_NUMBER, np.int64),
    "integer": (NO_NUMBER, np.int64),
    "money": (NO_NUMBER, np.int64),
    "duration": (NO_NUMBER, np.int64),
    "text": (NO_WORD, np.int32),
    "offence": (NO_WORD, np.int32),
}
_DAY: Final = 86_400_000_000
_RANKS: Final = {True: 2, False: 0}
_YES: Final = {
    "yes": True, "y": True, "true": True, "t": True, "1": True,
    "no": False, "n": False, "false": False, "f": False, "0": False,
}  # fmt: skip
#: Distinct cells kept per source from stretch to stretch; beyond that they are forgotten, so that memory stays flat.
_MOST_REMEMBERED: Final = 200_000
_OK, _LOOSE, _BAD = 0, 1, 2

#: Reads an offence code to the words a person types; ValueError with a short reason when it is none.
CodeReader = Callable[[str], str]


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """Cells of a column that could not be read.  ``fatal``: their records are rejected, else they count as unknown."""

    mask: Array
    column: str
    fatal: bool
    distinct: Distinct
    reasons: Mapping[int, str]

    def told(self, record: int) -> tuple[str, str]:
        """The cell and the reason, for one record of the mask."""
        code = int(self.distinct.codes[record])
        return self.distinct.texts[code], self.reasons.get(code, "not readable")


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """One fact of a stretch of records.

    ``values`` as in tables.py; those of a moment are still wall clock where its ``offsets`` are ``NO_OFFSET``.
    ``instants``: for days that a record wrote as a time with its zone, that moment (UTC microseconds), else
    ``NO_NUMBER``: which day it was where the agency is, only the agency tells.  ``notes``: a sentence, and the records
    it is about.
    """

    kind: str
    values: Array
    offsets: Array | None = None
    words: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[tuple[str, Array], ...] = ()
    instants: Array | None = None

    @property
    def known(self) -> Array:
        """Which records say something: bool for each."""
        return np.asarray(self.values != UNKNOWN[self.kind][0])

    def at(self, positions: Array) -> Parsed:
        """The same at some records, without faults and notes."""
        offsets = None if self.offsets is None else self.offsets[positions]
        return Parsed(self.kind, self.values[positions], offsets, self.words)

    def column(self) -> Column:
        """As a column of a case table."""
        return Column(self.kind, self.values, self.offsets, self.words)


Reader = Callable[[Cells], Parsed]


def encode(value: FactValue, type_: FactType) -> int:
    """One known or unknown value as its number; days of moments and words of texts are for the caller."""
    if value is None:
        return UNKNOWN[type_.kind][0]
    match type_.kind:
        case "yes/no":
            return _RANKS[bool(value)]
        case "one of":
            return type_.members.index(str(value))
        case "some of":
            assert isinstance(value, frozenset)
            return sum(1 << type_.members.index(member) for member in value)
        case "date":
            assert isinstance(value, date)
            return (value - EPOCH).days
        case _:
            assert isinstance(value, int)
            return int(value)


def reader(
    source: Source, type_: FactType, days: tuple[str, ...], codes: Callable[[Cell], CodeReader | None]
) -> Reader:
    """The function that carries out a source.  ``codes``: how the offence codes of a cell are read."""
    match source:
        case Fixed():
            return lambda cells: _fixed(source.value, type_, cells.count)
        case Cell():
            return _CellReader(source, type_, source.days or days, codes(source)).read
        case Boxes():
            box = FactType("yes/no")
            readers = [(member, reader(cell, box, days, codes)) for member, cell in source.boxes]
            return lambda cells: _boxes([(m, read(cells)) for m, read in readers], type_, source.none)
        case FirstOf():
            parts = [reader(inner, type_, days, codes) for inner in source.sources]
            return lambda cells: _first([read(cells) for read in parts])
        case AnyOf():
            parts = [reader(inner, type_, days, codes) for inner in source.sources]
            return lambda cells: _any([read(cells) for read in parts])


def _fixed(value: FactValue, type_: FactType, count: int) -> Parsed:
    unknown, dtype = UNKNOWN[type_.kind]
    if isinstance(value, str) and type_.kind in ("text", "offence"):
        return Parsed(type_.kind, np.zeros(count, dtype), None, (value,))
    if type_.kind == "moment":
        stamp = _stamp_of(value) if isinstance(value, datetime) else None
        offsets = np.full(count, NO_OFFSET if stamp is None else stamp.offset, np.int16)
        return Parsed("moment", np.full(count, unknown if stamp is None else _utc(stamp), dtype), offsets)
    return Parsed(type_.kind, np.full(count, encode(value, type_), dtype))


def _stamp_of(value: datetime) -> Stamp:
    east = value.utcoffset()
    assert east is not None
    local = value.replace(tzinfo=None) - datetime(1970, 1, 1)
    return Stamp(
        (local.days * 86_400 + local.seconds) * 1_000_000 + local.microseconds, True, int(east.total_seconds() // 60)
    )


def _utc(stamp: Stamp) -> int:
    return stamp.local - (stamp.offset or 0) * 60_000_000


class _CellReader:
    """Reads the distinct cells of one source, and remembers them."""

    def __init__(self, cell: Cell, type_: FactType, days: tuple[str, ...], code: CodeReader | None) -> None:
        self.cell = cell
        self.type = type_
        self.days = days
        self.code = code
        self.members = {plain_key(m): m for m in type_.members}
        self.plain = not cell.values and not cell.starts and cell.blank is None and not cell.join
        self.memo: dict[str, tuple[int, int, str, int, str]] = {}

    def read(self, cells: Cells) -> Parsed:
        if self.plain and self.type.kind in ("date", "moment") and self.days[0] == "iso":
            found = iso_column(cells.columns[self.cell.columns[0]])
            if found is not None and (self.type.kind == "date" or bool(np.all(found[1] | (found[0] == NO_NUMBER)))):
                return self._iso(*found)
        distinct = cells.joined(self.cell.join) if self.cell.join else cells.distinct(self.cell.columns[0])
        return self._distinct(distinct)

    def _iso(self, local: Array, clock: Array) -> Parsed:
        if self.type.kind == "moment":
            return Parsed("moment", local, np.full(len(local), NO_OFFSET, np.int16))
        return Parsed("date", np.where(local == NO_NUMBER, NO_DAY, local // _DAY).astype(np.int32))

    def _distinct(self, distinct: Distinct) -> Parsed:
        kind = self.type.kind
        if len(self.memo) > _MOST_REMEMBERED:
            self.memo.clear()
        read = [self._remembered(text) for text in distinct.texts]
        states = np.array([state for _, _, _, state, _ in read], np.uint8)
        dtype = UNKNOWN[kind][1]
        words: tuple[str, ...] = ()
        if kind in ("text", "offence"):
            place: dict[str, int] = {}
            numbers = [place.setdefault(w, len(place)) if w else NO_WORD for _, _, w, _, _ in read]
            words = tuple(place)
        else:
            numbers = [number for number, _, _, _, _ in read]
        offsets = instants = None
        if kind == "moment":
            offsets = np.array([east for _, east, _, _, _ in read], np.int16)[distinct.codes]
        elif kind == "date" and any(east != NO_OFFSET for _, east, _, _, _ in read):
            moments = np.array([number if east != NO_OFFSET else NO_NUMBER for number, east, _, _, _ in read], np.int64)
            numbers = [number if east == NO_OFFSET else number // _DAY for number, east, _, _, _ in read]
            instants = moments[distinct.codes]
        values = np.array(numbers, dtype)[distinct.codes]
        faults = []
        for state in (_LOOSE, _BAD):
            if (states == state).any():
                reasons = {i: r[4] for i, r in enumerate(read) if r[3] == state}
                faults.append(
                    Fault((states == state)[distinct.codes], self.cell.named, state == _BAD, distinct, reasons)
                )
        return Parsed(kind, values, offsets, words, tuple(faults), (), instants)

    def _remembered(self, text: str) -> tuple[int, int, str, int, str]:
        found = self.memo.get(text)
        if found is None:
            found = self.memo[text] = self._one(text)
        return found

    def _one(self, text: str) -> tuple[int, int, str, int, str]:
        """(number, offset, word, state, reason) of one distinct cell."""
        if not text:
            return (*self._encoded(self.cell.blank), _OK, "")
        key = plain_key(text)
        if key in self.cell.values:
            return (*self._encoded(self.cell.values[key]), _OK, "")
        for start, value in self.cell.starts:
            if key.startswith(start):
                return (*self._encoded(value), _OK, "")
        try:
            return (*self._encoded(self._typed(text, key)), _OK, "")
        except ValueError as error:
            if self.cell.otherwise:
                value = self.cell.otherwise[0]
                return (*self._encoded(value), _LOOSE if value is None else _OK, str(error))
            return (*self._encoded(None), _BAD, str(error))

    def _encoded(self, value: FactValue | Stamp) -> tuple[int, int, str]:
        kind = self.type.kind
        if isinstance(value, datetime):
            value = _stamp_of(value)
        if isinstance(value, Stamp):
            if kind == "date" and (value.offset is None or not value.clock):
                return value.local // _DAY, NO_OFFSET, ""
            return _utc(value), NO_OFFSET if value.offset is None else value.offset, ""
        if kind in ("text", "offence"):
            return NO_WORD, NO_OFFSET, value if isinstance(value, str) else ""
        return encode(value, self.type), NO_OFFSET, ""

    def _typed(self, text: str, key: str) -> FactValue | Stamp:
        """A cell read by the type of its fact; ValueError with a short reason."""
        match self.type.kind:
            case "yes/no":
                if key not in _YES:
                    raise ValueError("not yes or no")
                return _YES[key]
            case "one of":
                return self._member(key)
            case "some of":
                if key == "none":
                    return frozenset()
                parts = key.split(self.cell.split) if self.cell.split else [key]
                return frozenset(self._member(plain_key(part)) for part in parts if part.strip())
            case "date":
                return read_stamp(text, self.days)
            case "moment":
                stamp = read_stamp(text, self.days)
                if not stamp.clock:
                    raise ValueError("no clock time")
                return stamp
            case "integer" | "duration" | "money":
                return _whole(text, self.type.kind == "money")
            case "offence":
                return self.code(text) if self.code is not None else text
            case _:
                return text if self.code is None else self.code(text)

    def _member(self, key: str) -> str:
        if self.code is not None and key not in self.members:
            key = plain_key(self.code(key))
        if key not in self.members:
            raise ValueError("not a word of this fact")
        return self.members[key]


def _whole(text: str, money: bool) -> int:
    plain = text.removeprefix("$").replace(",", "") if money else text
    number, point, rest = plain.partition(".")
    if (point and rest.strip("0")) or len(number) > 18:
        raise ValueError("not a whole number")
    try:
        return int(number)
    except ValueError:
        raise ValueError("not a whole number") from None


def _boxes(parts: Sequence[tuple[str, Parsed]], type_: FactType, none: FactValue) -> Parsed:
    ranks = np.stack([parsed.values for _, parsed in parts]) if parts else np.zeros((0, 0), np.uint8)
    ticked, told = (ranks == 2).sum(axis=0), (ranks != 1).all(axis=0)
    unknown, dtype = UNKNOWN[type_.kind]
    values = np.full(ranks.shape[1], unknown, dtype)
    numbers = [encode(m if type_.kind == "one of" else frozenset({m}), type_) for m, _ in parts]
    if type_.kind == "some of":
        values[told] = 0
        for number, row in zip(numbers, ranks, strict=True):
            values[told & (row == 2)] |= number
    else:
        for number, row in zip(numbers, ranks, strict=True):
            values[told & (ticked == 1) & (row == 2)] = number
    values[told & (ticked == 0)] = encode(none, type_) if type_.kind == "one of" or none is not None else 0
    faults = tuple(fault for _, parsed in parts for fault in parsed.faults)
    notes: tuple[tuple[str, Array], ...] = ()
    if type_.kind == "one of" and (ticked > 1).any():
        notes = (("more than one box is ticked, so which ground holds is unknown", ticked > 1),)
    return Parsed(type_.kind, values, None, (), faults, notes)


def _first(parts: Sequence[Parsed]) -> Parsed:
    words: tuple[str, ...] = ()
    chosen = parts[0]
    for part in parts[1:]:
        if chosen.kind in ("text", "offence"):
            chosen, part = _same_words(chosen, part)
            words = chosen.words
        take = ~chosen.known & part.known
        values = np.where(take, part.values, chosen.values)
        offsets = None
        if chosen.offsets is not None and part.offsets is not None:
            offsets = np.where(take, part.offsets, chosen.offsets)
        faults, notes = chosen.faults + part.faults, chosen.notes + part.notes
        chosen = Parsed(chosen.kind, values, offsets, words, faults, notes)
    # A cell that could not be read does not matter where another one says it.
    still = ~chosen.known
    return replace(chosen, faults=tuple(replace(f, mask=f.mask & still) for f in chosen.faults))


def _same_words(one: Parsed, other: Parsed) -> tuple[Parsed, Parsed]:
    words = list(one.words)
    place = {word: i for i, word in enumerate(words)}
    moved = []
    for word in other.words:
        if word not in place:
            place[word] = len(words)
            words.append(word)
        moved.append(place[word])
    values = np.array([*moved, NO_WORD], np.int32)[other.values]
    return replace(one, words=tuple(words)), replace(other, values=values, words=tuple(words))


def _any(parts: Sequence[Parsed]) -> Parsed:
    values = np.maximum.reduce([part.values for part in parts])
    faults = tuple(fault for part in parts for fault in part.faults)
    notes = tuple(note for part in parts for note in part.notes)
    return Parsed("yes/no", values, None, (), faults, notes)
