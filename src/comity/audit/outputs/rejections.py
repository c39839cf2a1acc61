"""``rejected.csv``: every record that gave no case, or no row of one, with the reason."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from comity.audit.quality import Rejected, shown

__all__ = ["RejectionsFile"]

_HEADER: Final = ("record", "table", "case", "reason", "column", "value")


class RejectionsFile:
    """The file while it is written; ``count`` says how many rows it has.  It is there even when nothing was."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(_HEADER)
        self.count = 0

    def add(self, rejected: Iterable[Rejected]) -> None:
        """Add some."""
        for one in rejected:
            number = one.number or ""
            self._writer.writerow((number, one.table, one.case, one.reason, one.column, shown(one.value)))
            self.count += 1

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
