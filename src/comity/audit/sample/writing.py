"""Writes a made-up file: block after block, under a temporary name that becomes the real one at the end."""

from __future__ import annotations

import contextlib
import gzip
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from comity.audit.sample.draws import Draws
from comity.audit.sample.eras import day_number
from comity.audit.sample.federal import FEDERAL
from comity.audit.sample.federal_2008 import FEDERAL_2008
from comity.audit.sample.jail import JAIL
from comity.audit.sample.layout import BLOCK, Frame
from comity.audit.sample.marking import MARK_VALUE, METADATA_MARK, METADATA_RECIPE, recipe_text
from comity.problems import ComityError, Problem, nearest

__all__ = ["DEFAULT_SEED", "FORMATS", "LAYOUTS", "MOST_ROWS", "Recipe", "blocks", "format_of", "write_sample"]

LAYOUTS: Final = {layout.name: layout for layout in (FEDERAL, FEDERAL_2008, JAIL)}
FORMATS: Final = ("parquet", "csv")
MOST_ROWS: Final = 100_000_000
DEFAULT_SEED: Final = 1
_MOST_SEED: Final = 2**63 - 1
_FIRST_DAY: Final = date(1995, 1, 1)
_LAST_DAY: Final = date(2100, 12, 31)
#: Rows whose words are written out at a time for CSV; few, so that they stay in the processor's cache.
_SLICE: Final = 8_192

Progress = Callable[[int, int], None]


class Recipe:
    """What is wanted, checked: layout, rows, seed, first and last day.

    ``like``: a name in ``LAYOUTS``; ``rows``: 0 to 100,000,000 records; ``seed``: 0 to 2^63 - 1; ``first`` and
    ``last``: None for the layout's own days.  Raises ComityError CM776 with everything that cannot be.
    """

    def __init__(
        self, like: str, rows: int, seed: int = DEFAULT_SEED, first: date | None = None, last: date | None = None
    ) -> None:
        problems: list[Problem] = []
        layout = LAYOUTS.get(like, FEDERAL)
        if like not in LAYOUTS:
            near = nearest(like, LAYOUTS)
            help_ = f"did you mean '{near}'?" if near else f"write one of {', '.join(LAYOUTS)}"
            problems.append(Problem("CM776", f"no layout is called '{like}'", help=help_))
        if not 0 <= rows <= MOST_ROWS:
            message = f"{rows:,} rows cannot be made"
            problems.append(Problem("CM776", message, help=f"ask for 0 to {MOST_ROWS:,}"))
        if not 0 <= seed <= _MOST_SEED:
            problems.append(Problem("CM776", f"{seed} is no seed", help="a seed is a whole number from 0 to 2^63 - 1"))
        first, last = first or layout.days[0], last or layout.days[1]
        if first > last:
            help_ = f"by itself the layout has the days {layout.days[0]} to {layout.days[1]}; give --from and --to"
            problems.append(Problem("CM776", f"the first day, {first}, lies after the last, {last}", help=help_))
        elif first < _FIRST_DAY or last > _LAST_DAY:
            message = f"days from {first} to {last} cannot be made"
            problems.append(Problem("CM776", message, help=f"days may be from {_FIRST_DAY} to {_LAST_DAY}"))
        if problems:
            raise ComityError(problems)
        self.layout = layout
        self.rows = rows
        self.seed = seed
        self.days = (first, last)

    def __str__(self) -> str:
        return recipe_text(self.layout.name, self.rows, self.seed, self.days)

    def batch(self, block: int) -> pa.RecordBatch:
        """The rows of one block, at most 131,072 of them."""
        rows = min(BLOCK, self.rows - block * BLOCK)
        frame = Frame(block, rows, *(day_number(day) for day in self.days))
        return self.layout.block(Draws(self.seed, self.layout.number, block), frame)


def blocks(recipe: Recipe) -> Iterator[pa.RecordBatch]:
    """The rows in order, a block at a time; one empty block where no row is wanted.  One block is made ahead."""
    with ThreadPoolExecutor(1) as pool:
        yield from _ahead(pool, recipe.batch, iter(range(max(1, -(-recipe.rows // BLOCK)))), 1)


def _ahead(pool: ThreadPoolExecutor, make: Callable[[Any], Any], items: Iterator[Any], most: int) -> Iterator[Any]:
    """``make`` of each item, in order; ``most`` of them are under way while one is used."""
    waiting = []
    for item in items:
        waiting.append(pool.submit(make, item))
        if len(waiting) > most:
            yield waiting.pop(0).result()
    for last in waiting:
        yield last.result()


def format_of(path: Path, named: str | None = None) -> str:
    """The format a file is to have: the one named, else the one its name ends in; CM776 when neither tells."""
    ending = "csv" if path.name.lower().endswith((".csv", ".csv.gz")) else path.suffix.lower().removeprefix(".")
    if named is None:
        if ending not in FORMATS:
            help_ = "add --format parquet or --format csv"
            raise ComityError([Problem("CM776", f"the name '{path.name}' does not say the format", help=help_)])
        return ending
    if ending in FORMATS and ending != named:
        help_ = f"call it .{named}, or leave --format out"
        raise ComityError([Problem("CM776", f"'{path.name}' would hold {named}, not {ending}", help=help_)])
    return named


def write_sample(
    recipe: Recipe, out: Path, *, format: str | None = None, force: bool = False, progress: Progress | None = None
) -> int:
    """Write the rows to ``out`` and give the size of the file in bytes.

    ``format``: "parquet" or "csv", None to go by the name; a name that ends in .csv.gz is compressed.  ``force``: a
    file that is there is replaced.  ``progress`` is called with the rows written and the rows wanted after each block.
    The bytes are the same for the same recipe and the same version of pyarrow.

    Raises ComityError CM775 when the file cannot be written, CM776 for its name; nothing is left behind.
    """
    chosen = format_of(out, format)
    part = None
    try:
        target = _place(out, force)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        with part.open("xb") as file:
            write = _write_parquet if chosen == "parquet" else _write_csv
            write(recipe, file, out.name.lower().endswith(".gz"), progress or _quiet)
        size = part.stat().st_size
        os.replace(part, target)
    except OSError as error:
        raise _unwritable(
            out, (error.strerror or str(error)).lower(), "free some space or name another folder"
        ) from None
    finally:
        if part is not None:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return size


def _quiet(done: int, wanted: int) -> None:
    pass


def _place(out: Path, force: bool) -> Path:
    """Where the file really goes; refused before any row is made."""
    target = Path(os.path.realpath(out))
    if not out.name or target.is_dir():
        raise _unwritable(out, "it is a folder", "name a file in it")
    if target.exists():
        if not target.is_file():
            raise _unwritable(out, "it is no ordinary file", "name a file")
        if not force:
            raise _unwritable(out, "it exists already", "name a new file, or add --force to replace it")
    if not target.parent.is_dir():
        raise _unwritable(out, f"there is no folder '{out.parent}'", "make the folder first")
    if not os.access(target.parent, os.W_OK):
        raise _unwritable(out, "its folder is read-only", "name another folder")
    return target


def _unwritable(out: Path, why: str, help_: str) -> ComityError:
    return ComityError([Problem("CM775", f"'{out}' cannot be written: {why}", help=help_)])


def _write_parquet(recipe: Recipe, file: Any, _: bool, progress: Progress) -> None:
    writer = None
    done = 0
    try:
        for batch in blocks(recipe):
            if writer is None:
                words = [field.name for field in batch.schema if not _runs_on(field)]
                # Without the Arrow schema the columns of words are read back as texts, as in a release.
                writer = pyarrow.parquet.ParquetWriter(
                    file,
                    batch.schema,
                    compression="zstd",
                    compression_level=1,
                    store_schema=False,
                    use_dictionary=words,
                )
            if batch.num_rows:
                writer.write_batch(batch)
            done += batch.num_rows
            progress(done, recipe.rows)
        assert writer is not None
        writer.add_key_value_metadata({METADATA_MARK.decode(): MARK_VALUE, METADATA_RECIPE.decode(): str(recipe)})
    finally:
        if writer is not None:
            writer.close()


def _runs_on(field: pa.Field) -> bool:
    """A column in which nearly every row is another."""
    return bool(pa.types.is_string(field.type)) or field.name == "row_original"


class _Csv(Protocol):
    def write_batch(self, batch: pa.RecordBatch) -> None: ...


def _write_csv(recipe: Recipe, file: Any, compressed: bool, progress: Progress) -> None:
    with contextlib.ExitStack() as stack:
        sink = file
        if compressed:
            # Neither a name nor a time goes into the head, so that the same rows are the same bytes.
            sink = stack.enter_context(gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0))
        pool = stack.enter_context(ThreadPoolExecutor(1))
        writer: _Csv | None = None
        done = 0
        for batch in blocks(recipe):
            for plain in _ahead(pool, _written_out, iter(_slices(batch)), 2):
                if writer is None:
                    writer = stack.enter_context(pyarrow.csv.CSVWriter(sink, plain.schema))
                if plain.num_rows:
                    writer.write_batch(plain)
            done += batch.num_rows
            progress(done, recipe.rows)


def _slices(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    edges = [*range(0, batch.num_rows, _SLICE), batch.num_rows]
    return [batch.slice(start, stop - start) for start, stop in pairwise(edges)] or [batch]


def _written_out(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Words and truths as the texts a CSV file holds."""
    return pa.RecordBatch.from_arrays([_texts(column) for column in batch.columns], batch.schema.names)


def _texts(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return column.dictionary_decode()
    if pa.types.is_boolean(column.type):
        return pyarrow.compute.if_else(column, "TRUE", "FALSE")
    return column
