"""What a made-up layout is: its columns, the days it spans by itself, and a maker of one block of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyarrow as pa

from comity.audit.sample.draws import Draws

__all__ = ["BLOCK", "Frame", "Layout"]

#: Rows that are drawn together.  Row ``i`` of a file depends on the seed and on ``i`` only, because whole blocks are
#: always drawn, whatever number of rows is wanted.
BLOCK: Final = 131_072


@dataclass(frozen=True, slots=True)
class Frame:
    """One block: its number, how many of its rows are wanted, and the first and last day (since 1970-01-01)."""

    block: int
    rows: int
    first: int
    last: int

    @property
    def start(self) -> int:
        """Position of the first row in the file, from 0."""
        return self.block * BLOCK


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout.  ``block`` makes the first ``rows`` rows of a block, with ``columns`` in their order."""

    name: str
    number: int
    days: tuple[date, date]
    columns: tuple[str, ...]
    block: Callable[[Draws, Frame], pa.RecordBatch]
