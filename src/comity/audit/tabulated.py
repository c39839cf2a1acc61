"""Cases, one by one, as a table of the audit: the plainest possible encoding, for few cases at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa

from comity.audit.tables import NO_DAY, NO_MEMBER, NO_NUMBER, NO_SET, NO_WORD, CaseTable, Column, ListTable
from comity.case import Case, FactValue, Rows
from comity.policy.facts import FactType, Vocabulary

__all__ = ["EPOCH", "column", "tabulate"]

#: 1970-01-01 as an ordinal.
EPOCH = date(1970, 1, 1).toordinal()


def tabulate(cases: Sequence[Case], vocabulary: Vocabulary, *, drop: bool = True) -> CaseTable:
    """One table of these cases; with ``drop``, a fact unknown in all of them has no column."""
    agencies = tuple(dict.fromkeys(c.agency.id for c in cases))
    columns = {}
    lists = {}
    for name, word in vocabulary.case_facts().items():
        if word.type.kind == "list":
            if drop and all(name not in c.lists for c in cases):
                continue
            given = [c.lists.get(name, Rows()) for c in cases]
            rows = [row for g in given for row in g.rows]
            fields = {
                f.name: column([r.get(f.name) for r in rows], f.type)
                for f in vocabulary.fields(word.type.record).values()
                if not drop or any(r.get(f.name) is not None for r in rows)
            }
            offsets = np.cumsum([0, *(len(g.rows) for g in given)]).astype(np.int64)
            lists[name] = ListTable(offsets, np.array([g.complete for g in given], bool), fields)
        elif not drop or any(c.values.get(name) is not None for c in cases):
            columns[name] = column([c.values.get(name) for c in cases], word.type)
    return CaseTable(
        pa.array([str(i) for i in range(len(cases))]),
        np.arange(1, len(cases) + 1),
        agencies,
        np.array([agencies.index(c.agency.id) for c in cases], np.int32),
        np.array([NO_DAY if c.law_date is None else c.law_date.toordinal() - EPOCH for c in cases], np.int32),
        columns,
        lists,
    )


def column(values: Sequence[FactValue], type_: FactType) -> Column:
    """One column; None is unknown."""
    kind = type_.kind
    if kind == "yes/no":
        return Column(kind, np.array([1 if v is None else 2 if v else 0 for v in values], np.uint8))
    if kind == "one of":
        return Column(
            kind, np.array([NO_MEMBER if v is None else type_.members.index(str(v)) for v in values], np.uint8)
        )
    if kind == "some of":
        sets = [sum(1 << type_.members.index(m) for m in v) if isinstance(v, frozenset) else NO_SET for v in values]
        return Column(kind, np.array(sets, np.int64))
    if kind == "date":
        return Column(kind, np.array([NO_DAY if v is None else v.toordinal() - EPOCH for v in values], np.int32))  # type: ignore[union-attr]
    if kind == "moment":
        stamps, offsets = [], []
        for v in values:
            if v is None:
                stamps.append(NO_NUMBER)
                offsets.append(0)
                continue
            assert isinstance(v, datetime)
            offset = v.utcoffset()
            assert offset is not None
            since = v.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
            stamps.append(since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds)
            offsets.append(int(offset.total_seconds() // 60))
        return Column(kind, np.array(stamps, np.int64), np.array(offsets, np.int16))
    if kind in ("integer", "money", "duration"):
        return Column(kind, np.array([NO_NUMBER if v is None else v for v in values], np.int64))
    words = tuple(dict.fromkeys(str(v) for v in values if v is not None))
    return Column(
        kind, np.array([NO_WORD if v is None else words.index(str(v)) for v in values], np.int32), words=words
    )
