"""Text tables: comma, tab, pipe or semicolon between cells, plain or gzip, of any size, in several encodings.

The file is decoded block by block before Arrow parses it.  Bytes that are no text become the sign ``UNREADABLE``, so
that exactly the records that hold it can be rejected and the rest be read.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from comity.audit.quality import Rejected
from comity.audit.records import Batch, Limits, Reading, file_sha256, header_names
from comity.audit.tables import Array
from comity.problems import ComityError, Problem

__all__ = ["ENCODINGS", "SEPARATORS", "UNREADABLE", "TextRecords", "open_text"]

#: A code point that stands for no character and is never exchanged: it marks bytes that could not be decoded.
UNREADABLE: Final = "\ufdd0"
SEPARATORS: Final = {"comma": ",", "tab": "\t", "pipe": "|", "semicolon": ";"}
ENCODINGS: Final = ("utf-8", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "cp437", "cp850", "mac-roman")

_BLOCK: Final = 4 * 2**20
_LONGEST_HEADER: Final = 2**20
_BOM: Final = "\ufeff".encode()


@cache
def _marking() -> str:
    """The name of an error handler that puts ``UNREADABLE`` in place of what cannot be decoded."""

    def mark(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        return UNREADABLE, error.end

    codecs.register_error("comity.unreadable", mark)
    return "comity.unreadable"


class _Source(io.RawIOBase):
    """The file as clean UTF-8 text, from the header line on; what was read so far is counted."""

    def __init__(self, path: Path, encoding: str, limits: Limits) -> None:
        super().__init__()
        self._name = path.name
        self._limits = limits
        self._raw = path.open("rb")
        magic = self._raw.read(2)
        self._raw.seek(0)
        self._packed = magic == b"\x1f\x8b"
        self._file: Any = gzip.GzipFile(fileobj=self._raw) if self._packed else self._raw
        self._utf8 = encoding == "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)(_marking())
        self._pending = b""
        self._between = False
        self._ended = False
        self._line_ended = True
        self.inflated = 0
        self.marked = False
        self.quotes = 0

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._raw.close()
        super().close()

    @property
    def bytes_read(self) -> int:
        """Bytes of the file itself that have been read."""
        return 0 if self._raw.closed else self._raw.tell()

    def skip(self, size: int) -> None:
        """Leave out the first bytes of the decoded text."""
        while size > 0 and (block := self.read(size)):
            size -= len(block)

    def read(self, size: int = -1) -> bytes:
        wanted = _BLOCK if size is None or size < 0 else size
        # Whole blocks only: the last one then ends the last line, as the parser needs.
        while len(self._pending) < wanted and not self._ended:
            self._pending += self._next(wanted)
        block, self._pending = self._pending[:wanted], self._pending[wanted:]
        self.quotes += block.count(b'"')
        return block

    def _next(self, size: int) -> bytes:
        block = self._file.read(size)
        first = self.inflated == 0
        self.inflated += len(block)
        if self._packed:
            self._limits.check(self.inflated, self._raw.tell(), self._name, self._limits.inflated)
        self._ended = not block
        clean = self._clean(block)
        if first and clean.startswith(_BOM):
            clean = clean[len(_BOM) :]
        if clean:
            self._line_ended = clean.endswith((b"\n", b"\r"))
        return clean if self._line_ended or not self._ended else clean + b"\n"

    def readinto(self, buffer: Any) -> int:
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def _clean(self, block: bytes) -> bytes:
        if self._utf8 and not self._between and block.isascii():
            return block
        text = self._decoder.decode(block, final=not block)
        self._between = bool(self._decoder.getstate()[0])
        self.marked = self.marked or UNREADABLE in text
        # A lone surrogate cannot be encoded; UTF-16 may hold one.
        return text.encode("utf-8", "replace")


@dataclass(frozen=True, slots=True, eq=False)
class TextRecords:
    """A text table.  ``start``: bytes of decoded text before the header."""

    path: Path
    header: tuple[str, ...]
    repeated: frozenset[str]
    separator: str
    quotes: bool
    encoding: str
    start: int
    limits: Limits
    size: int | None
    kind: str = "CSV"
    rows: int | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def sha256(self) -> str:
        """Hash of the file as it lies there."""
        return file_sha256(self.path)

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The named columns as text; "" for an empty cell."""
        with _Source(self.path, self.encoding, self.limits) as source:
            try:
                source.skip(self.start)
                yield from self._parsed(source, columns)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                help_ = "fetch the file again, or unpack it yourself to see how far it goes"
                raise ComityError([Problem("CM702", f"'{self.name}' is not a whole gzip file", help=help_)]) from None
            except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
                raise self._broken(error) from None
            except OSError as error:
                message = f"'{self.name}' cannot be read: {error.strerror or 'the file ends or changes'}"
                raise ComityError([Problem("CM701", message)]) from None

    def _parsed(self, source: _Source, columns: Sequence[str]) -> Iterator[Batch]:
        position = {name: f"f{i}" for i, name in enumerate(self.header)}
        # The last column is always read: an open quotation mark ends there.
        last = f"f{len(self.header) - 1}"
        asked = dict.fromkeys([*(position[name] for name in columns), last])
        found: list[pacsv.InvalidRow] = []

        def skip(row: pacsv.InvalidRow) -> str:
            found.append(row)
            return "skip"

        reader = pacsv.open_csv(
            source,
            read_options=pacsv.ReadOptions(use_threads=False, autogenerate_column_names=True, block_size=_BLOCK),
            parse_options=pacsv.ParseOptions(
                delimiter=self.separator,
                quote_char='"' if self.quotes else False,
                newlines_in_values=self.quotes,
                invalid_row_handler=skip,
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=list(asked),
                column_types={name: pa.string() for name in asked},
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
        following, waiting, tail = 0, np.zeros(0, np.int64), ""
        nothing = pa.RecordBatch.from_pydict({name: pa.array([], pa.string()) for name in asked})
        for batch in chain(reader, [nothing]):
            # Lost records are told as soon as their block is parsed; the readable ones around them may come later.
            rejected = [self._wrong(row) for row in found]
            waiting = np.append(waiting, np.array([r.number for r in rejected], np.int64))
            if rejected:
                tail = found[-1].text
            found.clear()
            numbers, following = _numbers(batch.num_rows, following, waiting)
            waiting = waiting[waiting >= following]
            if batch.num_rows and not waiting.size:
                tail = batch.column(last)[batch.num_rows - 1].as_py()
            named = {name: batch.column(position[name]) for name in columns}
            if numbers.size and numbers[0] == 0:  # the header itself
                numbers, named = numbers[1:], {name: column.slice(1) for name, column in named.items()}
            if source.marked:
                numbers, named, unread = _readable(numbers, named)
                rejected += unread
            yield Batch(numbers, named, tuple(sorted(rejected, key=lambda r: r.number)), source.bytes_read)
        if self.quotes and source.quotes % 2 and "\n" in tail:
            raise self._open_quote(int(waiting.max()) if waiting.size else following - 1)

    def _wrong(self, row: pacsv.InvalidRow) -> Rejected:
        lines = row.text.count("\n") + 1
        told = f"{row.actual_columns} of {row.expected_columns} cells" + (f", over {lines} lines" if lines > 1 else "")
        return Rejected(row.number - 1, "wrong number of cells", value=told)

    def _open_quote(self, number: int) -> ComityError:
        message = f"a quotation mark near record {number} of '{self.name}' is never closed"
        help_ = "mend that record; if the marks are only inches, write 'quotes: no' in the mapping"
        return ComityError([Problem("CM702", message, help=help_)])

    def _broken(self, error: Exception) -> ComityError:
        if "straddling" in str(error):
            message = f"a record of '{self.name}' is longer than {_BLOCK // 2**20} MiB"
            help_ = "a quotation mark may never be closed; with 'quotes: no' in the mapping it is an ordinary sign"
        else:
            message, help_ = f"'{self.name}' cannot be read as a table", "is it one? Its first line should name columns"
        return ComityError([Problem("CM702", message, help=help_)])


def _numbers(count: int, following: int, lost: Array) -> tuple[Array, int]:
    """Numbers of ``count`` records that could be read, leaving out those of ``lost`` ones; and the number after."""
    end = following + count
    for number in np.sort(lost):
        if number >= end:
            break
        end += 1
    numbers = np.arange(following, end, dtype=np.int64)
    return (np.setdiff1d(numbers, lost) if lost.size else numbers), end


def _readable(numbers: Array, named: dict[str, pa.Array]) -> tuple[Array, dict[str, pa.Array], list[Rejected]]:
    """Without the records that hold bytes which are no text, in a column that is asked for."""
    bad = np.zeros(len(numbers), bool)
    rejected = []
    for name, column in named.items():
        holds = pc.match_substring(column, UNREADABLE).to_numpy(zero_copy_only=False).astype(bool)
        rejected += [Rejected(int(n), "bytes that are no text", column=name) for n in numbers[holds & ~bad]]
        bad |= holds
    if not rejected:
        return numbers, named, []
    kept = pa.array(~bad)
    return numbers[~bad], {name: column.filter(kept) for name, column in named.items()}, rejected


def open_text(path: Path, reading: Reading, limits: Limits) -> TextRecords:
    """The text table in ``path``; ComityError CM702, CM703, CM704 or CM720 when its header cannot be read."""
    encoding = (reading.encoding or "utf-8").lower()
    if encoding not in ENCODINGS:
        help_ = f"write one of {', '.join(ENCODINGS)}"
        raise ComityError([Problem("CM720", f"no encoding is called '{reading.encoding}'", help=help_)])
    try:
        with _Source(path, encoding, limits) as source:
            text = io.BytesIO()
            while text.tell() < _LONGEST_HEADER and (block := source.read(2**16)):
                text.write(block)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise ComityError([Problem("CM702", f"'{path.name}' is not a whole gzip file")]) from None
    return _with_header(path, text.getvalue(), encoding, reading, limits)


def _with_header(path: Path, start: bytes, encoding: str, reading: Reading, limits: Limits) -> TextRecords:
    # Text of two bytes a sign is half zero bytes.
    if not reading.encoding and start.count(b"\0") * 4 > len(start):
        help_ = "if it is text of two bytes a sign, write 'encoding: utf-16' in the mapping"
        raise ComityError([Problem("CM720", f"'{path.name}' is not UTF-8 text", help=help_)])
    before = 0
    for _ in range(max(reading.header_row, 1) - 1):
        before = start.find(b"\n", before) + 1
        if before == 0:
            help_ = f"the mapping says 'header row: {reading.header_row}'"
            raise ComityError([Problem("CM704", f"'{path.name}' has fewer lines than that", help=help_)])
    text = start[before:].decode("utf-8", "replace").lstrip("\r\n")
    line = re.split(r"\r\n|\r|\n", text, maxsplit=1)[0]
    if not line.strip() or (len(start) >= _LONGEST_HEADER and len(line) >= _LONGEST_HEADER // 2):
        help_ = (
            "the first line names the columns; 'header row:' in the mapping says where it is, if it is not the first"
        )
        raise ComityError([Problem("CM704", f"'{path.name}' has no line of column names", help=help_)])
    if UNREADABLE in line:
        help_ = "is it a text file? If so, write its encoding in the mapping, for example 'encoding: cp1252'"
        raise ComityError([Problem("CM720", f"the column names of '{path.name}' are not UTF-8 text", help=help_)])
    separator = reading.separator or _separator(line, reading.quotes)
    try:
        lines = io.StringIO(text, newline="")
        if reading.quotes:
            cells = next(csv.reader(lines, delimiter=separator))
        else:
            cells = next(csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE))
    except (csv.Error, StopIteration):
        problem = Problem("CM704", f"the column names of '{path.name}' cannot be read", help="look at its first line")
        raise ComityError([problem]) from None
    header, repeated = header_names(cells)
    return TextRecords(path, header, repeated, separator, reading.quotes, encoding, before, limits, path.stat().st_size)


def _separator(line: str, quotes: bool) -> str:
    """The sign that the header holds most often, outside quotation marks."""
    bare = re.sub(r'"[^"]*"', "", line) if quotes else line
    return max(SEPARATORS.values(), key=bare.count)
