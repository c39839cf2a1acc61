"""The records of an audit, opened: their mapping, their cases stretch by stretch, and the hashes of every file read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from comity.api import Library
from comity.audit.chunks import Chunk, fact_chunks
from comity.audit.convert import convert
from comity.audit.guess import fitting_builtin
from comity.audit.mapping import Fixed, Mapping
from comity.audit.mappings.facts import FactMapping
from comity.audit.mappings.file import load_mapping
from comity.audit.outputs.manifest import code_tables
from comity.audit.reading.stretches import cases_at
from comity.audit.records import Limits, Records, file_sha256, open_records
from comity.audit.sample.marking import is_synthetic
from comity.audit.sampling import Sample
from comity.audit.tables import CaseTable
from comity.auditing.actions import chosen_actions, speaking
from comity.auditing.assignment import Assignment, base_name
from comity.policy.facts import LAW_DATE, Action
from comity.problems import ComityError, Problem

__all__ = ["CHUNK_ROWS", "Progress", "Source", "open_source", "records_limits"]

#: Told now and then: what is being done, the cases or records done, and the share of the whole (None: not known).
Progress = Callable[[str, int, float | None], None]

#: Records read at a time.
CHUNK_ROWS: Final = 250_000


def records_limits(most_inflated: int) -> Limits:
    """How far compressed files may grow; 0: as far as is usual."""
    if not most_inflated:
        return Limits()
    return Limits(ratio=2**62, inflated=most_inflated, workbook=most_inflated)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Opened records.

    ``mapping_text`` is the mapping as it was written, ``mapping_name`` what it is called.
    """

    assignment: Assignment
    library: Library
    records: Records
    children: dict[str, Records]
    mapping: Mapping | FactMapping
    mapping_text: str
    mapping_name: str

    @property
    def synthetic(self) -> bool:
        """Whether the records say that they are made up."""
        return is_synthetic(self.records.header)

    @property
    def mapping_sha256(self) -> str:
        """Hash of the mapping."""
        return hashlib.sha256(self.mapping_text.encode("utf-8")).hexdigest()

    @property
    def instead_of(self) -> str | None:
        """Where ``--agency`` takes the place of what the mapping says: the agency named there, "" for one the records
        name; else None.
        """
        told, mapping = self.assignment.agency, self.mapping
        if not told:
            return None
        if isinstance(mapping, FactMapping):
            columns = mapping.cases.columns or {name: name.replace("_", " ") for name in self.records.header}
            named = mapping.agency or ("" if "agency" in columns.values() else None)
        else:
            named = None if mapping.agency is None else mapping.agency.fixed
        return None if named == told else named

    def hashes(self) -> list[dict[str, str]]:
        """Every file read: ``name``, ``sha256`` ("" for a database server) and, for a list's own table, ``list``."""
        found = [{"name": base_name(self.assignment.records), "sha256": self.records.sha256()}]
        for (name, file), records in zip(self.assignment.children, self.children.values(), strict=True):
            found.append({"name": base_name(file), "list": name, "sha256": records.sha256()})
        for path in code_tables(self.mapping):
            found.append({"name": path.name, "sha256": file_sha256(path)})
        return found

    def stamps(self) -> list[tuple[int, int]]:
        """Size and time of change of the files, to see whether they changed while they were read."""
        files = [self.assignment.records, *(file for _, file in self.assignment.children)]
        known = [Path(f).stat() for f in files if "://" not in f]
        return [(stat.st_size, stat.st_mtime_ns) for stat in known]

    def actions(self, progress: Progress) -> tuple[tuple[Action, ...], tuple[str, ...]]:
        """The actions to tell of: the chosen ones, or those that the law of the cases and the records speak of; and
        the agencies met while looking, if any.
        """
        if self.assignment.actions:
            return chosen_actions(self.assignment.actions, self.library), ()
        recorded = self.mapping.recorded if isinstance(self.mapping, Mapping) else {}
        found, agencies = speaking(self._narrow(progress), self.library)
        names = {*found, *recorded} or set(self.library.law.vocabulary.action_names())
        return chosen_actions(names, self.library), agencies

    def _narrow(self, progress: Progress) -> Iterator[CaseTable]:
        """The cases with their agency and law date alone."""
        agency, day = self._fixed()
        if agency and day:
            yield _one_case(agency, day)
            return
        if isinstance(self.mapping, FactMapping):
            main = self.mapping.cases
            columns = main.columns or {name: name.replace("_", " ") for name in self.records.header}
            kept = {column: fact for column, fact in columns.items() if fact in (LAW_DATE, "agency")}
            chunks = fact_chunks(self._tables(replace(self.mapping, cases=replace(main, columns=kept), lists={}), {}))
        else:
            plain = replace(
                self.mapping, case=(), several=False, alike=None, lists=(), facts={}, recorded={}, carried={}
            )
            chunks = self._convert(plain, {})
        for chunk in chunks:
            progress("looking through", chunk.quality.rows, self.share(chunk))
            yield chunk.table

    def _fixed(self) -> tuple[str, date | None]:
        """The agency and the law date of every case, where there is one for all."""
        told, mapping = self.assignment, self.mapping
        agency, day = told.agency, told.law_date
        if isinstance(mapping, FactMapping):
            return agency or mapping.agency, day or mapping.law_date
        if not agency and not told.agency_column and mapping.agency is not None:
            agency = mapping.agency.fixed
        source = mapping.law_date.source
        if day is None and isinstance(source, Fixed) and isinstance(source.value, date):
            day = source.value
        return agency, day

    def share(self, chunk: Chunk) -> float | None:
        """How much of the records has been read; None where that is not known."""
        if self.records.rows:
            return min(1.0, chunk.quality.rows / self.records.rows)
        if self.records.size and chunk.bytes_read:
            return min(1.0, chunk.bytes_read / self.records.size)
        return None

    def chunks(self, sample: Sample | None = None) -> Iterator[Chunk]:
        """The cases with their counts; of a sample those that can still be in it."""
        if isinstance(self.mapping, FactMapping):
            lists: dict[str, str | Path] = dict(self.assignment.children)
            chunks = fact_chunks(self._tables(self.mapping, lists))
            return chunks if sample is None else (_kept(chunk, sample) for chunk in chunks)
        return self._convert(self.mapping, self.children, sample)

    def _tables(self, mapping: FactMapping, lists: dict[str, str | Path]) -> Any:
        told = self.assignment
        if told.agency_column:
            help_ = "name the column under 'agency:' in the mapping"
            raise ComityError([Problem("CM601", "--agency-column is not for a mapping of 'kind: facts'", help=help_)])
        law, agency = self.library.law, told.agency or None
        return mapping.tables(told.records, lists, law, agency=agency, law_date=told.law_date, chunk_rows=CHUNK_ROWS)

    def _convert(self, mapping: Mapping, children: dict[str, Records], sample: Sample | None = None) -> Iterator[Chunk]:
        told = self.assignment
        return convert(
            self.records,
            mapping,
            self.library.law,
            children=children,
            agency=told.agency or None,
            agency_column=told.agency_column or None,
            law_date=told.law_date,
            chunk_rows=CHUNK_ROWS,
            keep=None if sample is None else sample.keep,
        )


def _kept(chunk: Chunk, sample: Sample) -> Chunk:
    return replace(chunk, table=cases_at(chunk.table, np.flatnonzero(sample.keep(chunk.table))))


def _one_case(agency: str, day: date) -> CaseTable:
    days = np.array([(day - date(1970, 1, 1)).days], np.int32)
    return CaseTable(pa.array([1]), np.array([1]), (agency,), np.zeros(1, np.int32), days)


def open_source(assignment: Assignment, library: Library) -> Source:
    """The records and their mapping; ComityError when either cannot be used (CM7xx)."""
    limits = records_limits(assignment.most_inflated)
    name, table = assignment.mapping, assignment.table or None
    if not name:
        name = fitting_builtin(open_records(assignment.records, table, limits=limits), library.law)
    if not name:
        shown = base_name(assignment.records)
        help_ = f"write one: comity audit {shown} --guess > map.yaml; read it, then give it with --map map.yaml"
        raise ComityError([Problem("CM740", f"no built-in mapping fits '{shown}'", help=help_)])
    mapping = load_mapping(name, library.law)
    reading = mapping.reading if isinstance(mapping, Mapping) else None
    records = open_records(assignment.records, table, reading=reading, limits=limits)
    children = {list_: open_records(file, limits=limits) for list_, file in assignment.children}
    text = Path(mapping.file).read_text("utf-8")
    return Source(assignment, library, records, children, mapping, text, base_name(name))
