"""The decisions of an audit as a table: one row a case, and for each action what was computed.

Text columns are dictionaries, so that a million cases are written as quickly as their judgements are looked up.  The
words of a dictionary stand in alphabetical order, whichever engine met them first: the same cases give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from comity.audit.blocks import blocks
from comity.audit.coding import narrow
from comity.audit.judgement import Judged, Judgement, LawVersion
from comity.audit.outputs.memory import give_back
from comity.audit.tables import NO_DAY, Array
from comity.policy.facts import Action
from comity.problems import ComityError, Problem

__all__ = [
    "COLUMNS",
    "FORMATS",
    "DecisionsFile",
    "decisions",
    "decisions_schema",
    "id_array",
    "light",
    "open_decisions",
    "parts_of",
]

#: What is told of each action, and how a judgement is put into words: the outcome first, the rest after a dot.
COLUMNS: Final[Mapping[str, Callable[[Judgement], str]]] = {
    "outcome": lambda j: j.outcome,
    "layers": lambda j: "; ".join(f"{layer}: {outcome}" for layer, outcome in j.layers),
    "winning": lambda j: "; ".join(j.winning),
    "missing": lambda j: "; ".join(j.missing),
}

FORMATS: Final = ("parquet", "csv")

#: Row groups are no smaller than this, the last one excepted.
_ROW_GROUP: Final = 65_536

_WORDS: Final = pa.dictionary(pa.int32(), pa.string())
_OUTCOME_FIRST: Final = "outcome"


def column_name(action: Action, told: str) -> str:
    """``hold_past_release`` for the outcome, ``hold_past_release.missing`` for the rest."""
    return action.id if told == _OUTCOME_FIRST else f"{action.id}.{told}"


def id_array(ids: pa.Array) -> pa.Array:
    """What the records call each case: whole numbers as int64, everything else as text."""
    if isinstance(ids, pa.ChunkedArray):
        ids = ids.combine_chunks()
    if pa.types.is_dictionary(ids.type):
        ids = ids.dictionary_decode()
    return ids.cast(pa.int64() if pa.types.is_integer(ids.type) else pa.string())


def decisions_schema(ids: pa.DataType, actions: Sequence[Action], told: Sequence[str]) -> pa.Schema:
    """The columns of the table; ``ids``: int64 or text."""
    fields: list[pa.Field] = [
        pa.field("case", ids),
        pa.field("record", pa.int64()),
        pa.field("agency", _WORDS, nullable=False),
        pa.field("law date", pa.date32()),
        pa.field("law since", pa.date32()),
        pa.field("law held", pa.bool_()),
    ]
    # Never null, and said so: it is half of the work of writing a column.
    fields += [pa.field(column_name(action, one), _WORDS, nullable=False) for action in actions for one in told]
    return pa.schema(fields)


def decisions(
    judged: Judged, held: Array, actions: Sequence[Action], schema: pa.Schema, told: Sequence[str]
) -> pa.Table:
    """The rows of one stretch.

    ``held``: uint8 per case, whether the library holds the law of the case's day: 1 yes, 0 no, 2 the day is unknown.
    """
    table = judged.table
    undated = table.law_date == NO_DAY
    since, without = _since(judged.laws)
    columns: list[pa.Array] = [
        id_array(table.ids).cast(schema.field("case").type),
        pa.array(table.numbers, pa.int64()),
        _words(table.agency, table.agencies),
        _days(table.law_date, undated),
        _days(since[judged.law], without[judged.law]),
        pa.array(held == 1, mask=held == 2),
    ]
    first = pa.array(np.zeros(len(table), np.int32))
    for action in actions:
        codes, known = judged.actions[action.name], judged.judgements[action.name]
        if len(codes) and codes.min() == codes.max():
            same = known[int(codes[0])]
            columns += [pa.DictionaryArray.from_arrays(first, pa.array([COLUMNS[one](same)])) for one in told]
            continue
        # Positions as numpy wants them, converted once and not for every column.
        codes = codes.astype(np.intp)
        used = np.flatnonzero(np.bincount(codes, minlength=1))
        for one in told:
            columns.append(_judged_words(codes, known, used, COLUMNS[one]))
    return pa.Table.from_arrays(columns, schema=schema)


def light(judged: Judged) -> Judged:
    """What ``decisions`` reads of a judged stretch, in few bytes, for a stretch that waits to be written."""
    actions = {name: narrow(codes) for name, codes in judged.actions.items()}
    table = replace(judged.table, columns={}, lists={}, recorded={}, carried={})
    return Judged(table, judged.laws, narrow(judged.law), judged.judgements, actions)


def parts_of(judged: Judged, held: Array, cases: int) -> Iterator[tuple[Judged, Array]]:
    """A judged stretch in parts of at most so many cases, each with its ``held``: what ``decisions`` makes is large."""
    for where, table in blocks(judged.table, cases):
        actions = {name: codes[where] for name, codes in judged.actions.items()}
        yield Judged(table, judged.laws, judged.law[where], judged.judgements, actions), held[where]


def _since(laws: Sequence[LawVersion]) -> tuple[Array, Array]:
    """First day of each law version, and where there is none."""
    starts = [law.window.start if law.window is not None else None for law in list(laws)]
    days = np.array([0 if start is None else start.toordinal() for start in starts] or [0], np.int64)
    return (days - _EPOCH).astype(np.int32), np.array([start is None for start in starts] or [True])


_EPOCH = 719_163  # date(1970, 1, 1).toordinal()


def _days(days: Array, unknown: Array) -> pa.Array:
    return pa.array(np.where(unknown, 0, days).astype(np.int32), pa.int32(), mask=unknown).cast(pa.date32())


def _words(codes: Array, words: Sequence[str]) -> pa.Array:
    used = np.flatnonzero(np.bincount(codes, minlength=1)) if len(codes) else np.zeros(0, np.intp)
    return _coded(codes, used, [words[i] for i in used.tolist()])


def _judged_words(codes: Array, known: Sequence[Judgement], used: Array, word: Callable[[Judgement], str]) -> pa.Array:
    return _coded(codes, used, [word(known[i]) for i in used.tolist()] if len(codes) else [])


def _coded(codes: Array, used: Array, words: Sequence[str]) -> pa.DictionaryArray:
    """``codes`` as positions in the sorted dictionary of the words that the used codes stand for."""
    ordered = sorted(set(words))
    if len(ordered) <= 1:
        places = np.zeros(len(codes), np.int32)
    else:
        position = {word: place for place, word in enumerate(ordered)}
        table = np.zeros(int(used[-1]) + 1, np.int32)
        table[used] = [position[word] for word in words]
        places = table[codes]
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(ordered, pa.string()))


class DecisionsFile(Protocol):
    """A file of decisions while it is written."""

    def write(self, table: pa.Table) -> None:
        """Add some rows."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


def open_decisions(path: Path, schema: pa.Schema, format_: str) -> DecisionsFile:
    """A new file of decisions; ``format_`` is one of ``FORMATS``."""
    return _Parquet(path, schema) if format_ == "parquet" else _Csv(path, schema)


class _Parquet:
    """Parquet: small stretches are gathered, so that the file does not fall into pieces."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._waiting: list[pa.Table] = []
        self._rows = 0
        counted = [schema.field(i).name for i in range(len(schema)) if schema.field(i).type != _WORDS]
        self._writer = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            compression_level=1,
            write_statistics=counted,
            write_batch_size=_ROW_GROUP,
            version="2.6",
        )

    def write(self, table: pa.Table) -> None:
        self._waiting.append(table)
        self._rows += len(table)
        if self._rows >= _ROW_GROUP:
            self._flush()

    def close(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        whole = self._waiting[0]
        if len(self._waiting) > 1:
            whole = pa.concat_tables(self._waiting).unify_dictionaries().combine_chunks()
        self._writer.write_table(whole, row_group_size=max(len(whole), 1))
        self._waiting, self._rows = [], 0
        give_back()


class _Csv:
    """CSV in UTF-8; an unknown day is an empty cell."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        plain = [pa.field(f.name, pa.string() if f.type == _WORDS else f.type) for f in schema]
        self._schema = pa.schema(plain)
        self._writer = pyarrow.csv.CSVWriter(str(path), self._schema)

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table.cast(self._schema))

    def close(self) -> None:
        self._writer.close()


def read_decision(path: Path, record: int) -> dict[str, Any] | None:
    """The row of one record, column by column; None when the file has none.  ComityError CM736 for a damaged file."""
    try:
        if path.suffix == ".parquet":
            found = pq.read_table(path, filters=[("record", "=", record)]).to_pylist()
            return found[0] if found else None
        with pyarrow.csv.open_csv(path, convert_options=_AS_TEXT) as batches:
            for batch in batches:
                place = np.flatnonzero(np.asarray(batch.column("record")).astype(str) == str(record))
                if len(place):
                    return dict(batch.slice(int(place[0]), 1).to_pylist()[0])
    except (OSError, pa.ArrowException) as error:
        message = f"'{path.name}' cannot be read: {str(error).splitlines()[0]}"
        raise ComityError([Problem("CM736", message, help="run the audit again")]) from None
    return None


_AS_TEXT = pyarrow.csv.ConvertOptions(strings_can_be_null=False, column_types={"record": pa.string()})
