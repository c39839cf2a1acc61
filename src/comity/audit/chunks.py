"""Stretches of cases as an audit goes through them, each with what was rejected and the counts so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from comity.audit.quality import Quality, Rejected
from comity.audit.reading.values import UNKNOWN
from comity.audit.tables import NO_DAY, CaseTable
from comity.policy.facts import LAW_DATE

__all__ = ["Chunk", "fact_chunks"]


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """A stretch of cases, the records that gave none, and the counts so far.

    ``bytes_read``: of the input, up to here; 0 where that is not known.
    """

    table: CaseTable
    rejected: tuple[Rejected, ...]
    quality: Quality
    bytes_read: int = 0


def fact_chunks(tables: Iterator[CaseTable]) -> Iterator[Chunk]:
    """Tables with their counts; fact tables reject nothing."""
    quality = Quality()
    for table in tables:
        unknown = dict(quality.unknown)
        if (dateless := int((table.law_date == NO_DAY).sum())) or LAW_DATE in unknown:
            unknown[LAW_DATE] = unknown.get(LAW_DATE, 0) + dateless
        for name, column in table.columns.items():
            missing = int((column.values == UNKNOWN[column.kind][0]).sum())
            unknown[name] = unknown.get(name, 0) + missing
        rows = dict(quality.list_rows)
        for name, one in table.lists.items():
            rows[name] = rows.get(name, 0) + int(one.offsets[-1])
            for field_, column in one.columns.items():
                missing = int((column.values == UNKNOWN[column.kind][0]).sum())
                unknown[f"{name}: {field_}"] = unknown.get(f"{name}: {field_}", 0) + missing
        count = len(table)
        quality = replace(
            quality, rows=quality.rows + count, cases=quality.cases + count, unknown=unknown, list_rows=rows
        )
        yield Chunk(table, (), quality)
