"""``cases.jsonl.gz``: the facts of the cases with findings, so that each can be opened again by the one-case engine.

A line is an object with ``record``, ``case`` and ``facts``; ``facts`` is a case file as ``comity decide`` reads it.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from comity.audit.outputs.findings import SEVERITIES, Found
from comity.audit.tables import Array, CaseTable
from comity.problems import ComityError, Problem

__all__ = ["CaseFacts", "KeptCases", "read_kept"]

#: Cases of a table (by their positions) as the plain data of case files.
CaseFacts = Callable[[CaseTable, Iterable[int]], Iterator[dict[str, Any]]]


class KeptCases:
    """Collects cases; of each severity at most ``most`` (a case counts under its gravest finding), the first ones.

    ``kept`` and ``left_out`` count them.
    """

    def __init__(self, folder: Path, facts: CaseFacts, most: int) -> None:
        self._folder = folder
        self._facts = facts
        self._most = most
        self._spools: dict[int, io.TextIOBase] = {}
        self._counts: dict[int, int] = {}
        self.kept = 0
        self.left_out = 0

    def add(self, table: CaseTable, found: Found) -> None:
        """Keep the cases of some findings of a table."""
        if not len(found):
            return
        cases, firsts = np.unique(found.cases, return_index=True)
        gravest = np.minimum.reduceat(found.severities, firsts)
        for grade in range(len(SEVERITIES)):
            chosen = cases[gravest == grade]
            room = max(0, self._most - self._counts.get(grade, 0))
            if room:
                self._write(grade, table, chosen[:room])
            kept = min(room, len(chosen))
            self._counts[grade] = self._counts.get(grade, 0) + kept
            self.kept += kept
            self.left_out += len(chosen) - kept

    def _write(self, grade: int, table: CaseTable, positions: Array) -> None:
        if grade not in self._spools:
            self._spools[grade] = self._spool(grade).open("w", encoding="utf-8", newline="\n")
        ids, numbers = table.ids.take(pa.array(positions)).to_pylist(), table.numbers[positions].tolist()
        for number, id_, facts in zip(numbers, ids, self._facts(table, positions.tolist()), strict=True):
            line = {"record": number, "case": id_, "facts": facts}
            self._spools[grade].write(json.dumps(line, ensure_ascii=False) + "\n")

    def _spool(self, grade: int) -> Path:
        return self._folder / f"cases-{SEVERITIES[grade]}.jsonl"

    def drop(self) -> None:
        """Let go of the files without writing any."""
        for spool in self._spools.values():
            spool.close()

    def close(self, path: Path) -> None:
        """Write the kept cases to ``path``; neither a time nor a name goes into the gzip header."""
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, 0) as out:
            for grade in sorted(self._spools):
                self._spools[grade].close()
                with self._spool(grade).open("rb") as spool:
                    while block := spool.read(_BLOCK):
                        out.write(block)
                self._spool(grade).unlink()


_BLOCK: Final = 1 << 20


def read_kept(path: Path, record: int | None = None, case: str | None = None) -> dict[str, Any] | None:
    """The line of a record, or of a case id; None when it was not kept.  ComityError CM736 for a damaged file."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                found = json.loads(line)
                if found["record"] == record or (case is not None and str(found["case"]) == case):
                    return dict(found)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error):
        message = f"'{path.name}' is missing or damaged"
        raise ComityError([Problem("CM736", message, help="run the audit again")]) from None
    return None
