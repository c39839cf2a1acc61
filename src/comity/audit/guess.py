"""A first version of a mapping, guessed from column names and a sample of cells.

What is sure (a name that is a fact's own, cells that all fit) is written out.  What only looks alike is written as a
comment for a person to decide.  A column about status, nationality or birthplace is never proposed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

import pyarrow as pa

from comity.audit.mapping import Mapping, plain_key, plain_name
from comity.audit.mappings.binding import Header
from comity.audit.mappings.file import builtin_mappings, load_mapping
from comity.audit.mappings.parts import DAY_FORMATS
from comity.audit.reading.cells import Blanks, as_text
from comity.audit.reading.days import read_stamp
from comity.audit.records import Records
from comity.case import find_agency
from comity.offences.citation import read_citation
from comity.policy.facts import FactWord
from comity.policy.library import Library
from comity.problems import ComityError

__all__ = ["fitting_builtin", "guess"]

_SAMPLE: Final = 5_000
_LISTED: Final = 12
_LIKE: Final = 0.72
_YES_NO: Final = frozenset({"yes", "no", "y", "n", "true", "false", "t", "f", "1", "0"})
_NEVER: Final = re.compile(
    r"name|birth|dob|citizen|national|country|status|alien|visa|entry|race|ethnic|gender|sex$|religion|ssn|address|photo"
)
_ID: Final = re.compile(
    r"(case|booking|detainer|record|request|event|intake|incident|row)(seq|id|no|num|number|key|nbr)?$"
)
_LAW_DATE: Final = (
    r"(request|detainer).*(receiv|prepar|date|dt)", r"prepare", r"receiv",
    r"(booking|bookin|intake|arrest).*(date|dt|time)?", r"^date$", r"date",
)  # fmt: skip
_OFFENCE: Final = re.compile(r"offen[sc]e|charge|statute|section|ncic|crime|violation")
_OUTCOME: Final = re.compile(r"disposition|outcome|lift|releasereason|result|action")
_RELEASED: Final = re.compile(r"(releas|bookout|letgo).*(date|dt|time|at)?$")
_FACILITY: Final = re.compile(r"facility|jail|prison|agency|department|institution")
_FORM: Final = re.compile(r"form|detainertype")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the sample: its distinct cells in the order met, and how many records say something."""

    name: str
    cells: tuple[str, ...]
    filled: int

    @property
    def plain(self) -> str:
        return plain_name(self.name)

    def days(self) -> tuple[str, bool]:
        """The way its days are written and whether they have a clock; ("", False) when they are no days."""
        for way in DAY_FORMATS:
            try:
                stamps = [read_stamp(cell, (way,)) for cell in self.cells[:400]]
            except ValueError:
                continue
            if stamps and not (way == "yyyymmdd" and "dat" not in self.plain and "dt" not in self.plain):
                return way, all(stamp.clock for stamp in stamps)
        return "", False

    def all_in(self, words: Sequence[str] | frozenset[str]) -> bool:
        known = {plain_key(word) for word in words}
        return bool(self.cells) and all(plain_key(cell) in known for cell in self.cells)


def fitting_builtin(records: Records, library: Library) -> str:
    """The name of the built-in mapping whose columns the file has, or "" when none fits."""
    header = Header(records)
    best, most = "", 0
    for name in builtin_mappings():
        mapping = load_mapping(name, library)
        if not isinstance(mapping, Mapping):
            continue
        for names in mapping.headers:
            if len(names) > most and all(header.find((n,)) for n in names):
                best, most = name, len(names)
    return best


def guess(records: Records, library: Library) -> str:
    """The text of a mapping for this file: a built-in one where its columns are known, else a first version."""
    if name := fitting_builtin(records, library):
        text = builtin_mappings()[name].read_text("utf-8")
        return f"# The columns are those of the built-in mapping '{name}'; --map {name} uses it as it stands.\n{text}"
    columns, rows, ids = _sample(records)
    return "\n".join(_lines(records.name, columns, rows, ids, library)) + "\n"


def _sample(records: Records) -> tuple[list[_Column], int, dict[str, int]]:
    """The columns of the first records, how many records that is, and in how many runs each column's cells come."""
    blanks = Blanks()
    met: dict[str, dict[str, None]] = {name: {} for name in records.header}
    filled = dict.fromkeys(records.header, 0)
    runs = dict.fromkeys(records.header, 0)
    rows = 0
    for batch in records.batches(records.header):
        for name in records.header:
            last = None
            if pa.types.is_nested(batch.columns[name].type):
                continue
            for text in as_text(batch.columns[name].slice(0, _SAMPLE - rows)).to_pylist():
                cell = " ".join((text or "").split())
                runs[name] += cell != last
                last = cell
                if not blanks.is_blank(cell):
                    met[name][cell] = None
                    filled[name] += 1
        rows += min(len(batch), _SAMPLE - rows)
        if rows >= _SAMPLE:
            break
    return [_Column(name, tuple(met[name]), filled[name]) for name in records.header], rows, runs


def _lines(name: str, columns: list[_Column], rows: int, runs: dict[str, int], library: Library) -> Iterator[str]:
    yield f"# Guessed from the column names and the first {rows:,} records of {json.dumps(name)}."
    yield "# Read every line first: a comment is only a likeness, and what is not in the file stays unknown."
    yield "# docs/mappings.md explains the keys."
    yield f"mapping: {json.dumps('Guessed for ' + name)}"
    used: set[str] = set()
    yield from _days(columns)
    yield from _case(columns, rows, runs, used)
    yield ""
    yield from _law_date(columns, used)
    yield ""
    yield from _agency(columns, used, library)
    yield ""
    yield from _facts(columns, used, library)
    yield ""
    yield from _offences(columns, used)
    yield ""
    yield from _outcome(columns, used)
    yield from _carried(columns)
    yield ""
    yield "# Not read: " + (_names([c for c in columns if c.name not in used]) or "nothing")


def _names(columns: Sequence[_Column]) -> str:
    return _quoted([c.name for c in columns])


def _quoted(texts: Sequence[str]) -> str:
    return ", ".join(json.dumps(text) for text in texts)


def _days(columns: list[_Column]) -> Iterator[str]:
    ways = list(dict.fromkeys(way for c in columns if not _NEVER.search(c.plain) and (way := c.days()[0])))
    if "m/d/y" in ways and "d/m/y" in ways:
        ways.remove("d/m/y")
    if ways and ways != ["iso"]:
        yield f"days: [{', '.join(ways)}]"
        if "m/d/y" in ways:
            yield "# 3/4/2016 is read as the fourth of March; write d/m/y if it is the third of April."


def _case(columns: list[_Column], rows: int, runs: dict[str, int], used: set[str]) -> Iterator[str]:
    for column in columns:
        if not _ID.search(column.plain) or column.filled < rows or not rows:
            continue
        used.add(column.name)
        yield f"case: {json.dumps(column.name)}"
        if len(column.cells) < rows:
            near = "side by side" if runs[column.name] == len(column.cells) else "not side by side"
            yield f"# The same {json.dumps(column.name)} stands in several records, {near}."
            yield "records of a case: several"
        return
    yield "# No column looks like the number of a case."
    yield "case: record number"


def _law_date(columns: list[_Column], used: set[str]) -> Iterator[str]:
    dated = [c for c in columns if not _NEVER.search(c.plain) and c.days()[0]]
    for pattern in _LAW_DATE:
        for column in dated:
            if re.search(pattern, column.plain):
                used.add(column.name)
                others = _names([c for c in dated if c is not column])
                yield "# The day whose law is asked." + (f"  Other days: {others}." if others else "")
                yield f"law date: {{column: {json.dumps(column.name)}}}"
                return
    yield "# No column looks like the day whose law is asked; name one as {column: NAME}, or write a day."
    yield "law date: unknown"


def _agency(columns: list[_Column], used: set[str], library: Library) -> Iterator[str]:
    for column in columns:
        if column.cells and all(find_agency(cell, library) is not None for cell in column.cells):
            used.add(column.name)
            yield f"agency: {{column: {json.dumps(column.name)}}}"
            return
    yield "# Which agency is each record about?  Write one id, or a column and what its cells mean, or give --agency."
    for column in columns:
        if _FACILITY.search(column.plain) and column.cells:
            used.add(column.name)
            yield "# agency:"
            yield f"#   column: {json.dumps(column.name)}"
            yield "#   values:"
            for cell in column.cells[:_LISTED]:
                yield f"#     {json.dumps(cell)}: PLACE:KIND"
            if len(column.cells) > _LISTED:
                yield f"#     # and {len(column.cells) - _LISTED} more"
            return
    yield "# agency: us/ca/los-angeles/lapd"


def _facts(columns: list[_Column], used: set[str], library: Library) -> Iterator[str]:
    words = [w for w in library.vocabulary.case_facts().values() if w.type.kind != "list"]
    sure: list[str] = []
    likely: list[str] = []
    for column in columns:
        if _NEVER.search(column.plain) or column.name in used or not column.cells:
            continue
        if _FORM.search(column.plain) and all(cell.upper().startswith(("I247", "I-247")) for cell in column.cells):
            used.add(column.name)
            sure += [f"  request form:\n    column: {json.dumps(column.name)}\n    values:"]
            sure += [f"      {json.dumps(cell)}: {_form(cell)}" for cell in column.cells]
            continue
        for word, likeness in _alike(column, words):
            if likeness == 1.0:
                used.add(column.name)
                sure.append(f"  {word.name}: {{column: {json.dumps(column.name)}}}")
            else:
                likely.append(
                    f"  # {word.name}: {{column: {json.dumps(column.name)}}}  # the names are alike; the same?"
                )
            break
    yield "facts:" if sure else "# facts:"
    yield from sure
    yield from likely
    if not sure and not likely:
        yield "#   judge signed: {column: NAME}"


def _form(cell: str) -> str:
    found = re.match(r"I-?247([A-Z]?)", cell.upper())
    letter = found.group(1) if found else ""
    return f"I-247{letter}" if letter in ("", "A", "D", "G", "N", "X") else "unknown"


def _alike(column: _Column, words: list[FactWord]) -> list[tuple[FactWord, float]]:
    """Facts the column may hold, the likeliest first; 1.0 where name and cells both fit."""
    found = []
    for word in words:
        if not _fits(column, word):
            continue
        name = plain_name(word.name)
        likeness = 1.0 if column.plain == name else min(0.99, SequenceMatcher(None, column.plain, name).ratio())
        if likeness >= _LIKE:
            found.append((word, likeness))
    return sorted(found, key=lambda pair: (-pair[1], pair[0].name))


def _fits(column: _Column, word: FactWord) -> bool:
    match word.type.kind:
        case "yes/no":
            return column.all_in(_YES_NO)
        case "one of" | "some of":
            return column.all_in(word.type.members)
        case "date":
            return bool(column.days()[0])
        case "moment":
            return column.days()[1]
        case "text" | "offence":
            return True
        case _:
            return all(cell.isascii() and cell.isdigit() for cell in column.cells)


def _offences(columns: list[_Column], used: set[str]) -> Iterator[str]:
    named = [c for c in columns if _OFFENCE.search(c.plain) and c.cells and not c.days()[0] and c.name not in used]
    found = [(c, code) for c in named if (code := _codes(c))]
    if not found:
        if named:
            yield f"# These may tell offences, in words or codes no table here knows: {_names(named)}"
        return
    column, code = found[0]
    used.add(column.name)
    yield "# Are these charges, or convictions?  Does the file hold every one of them?"
    yield "unknown offences: unknown"
    yield "lists:"
    yield "  charges:"
    yield "    complete: no"
    yield "    fields:"
    yield f"      offence: {{column: {json.dumps(column.name)}{', codes: ' + code if code != 'citation' else ''}}}"


def _codes(column: _Column) -> str:
    """The code system that most cells fit, or ""."""
    cells = column.cells[:500]

    def most(fits: int) -> bool:
        return fits * 5 >= len(cells) * 4

    if "ncic" in column.plain and most(sum(bool(re.fullmatch(r"(?a)\d{2}[0-9A-Za-z]{2}", c)) for c in cells)):
        return "ncic"
    if most(sum(bool(re.fullmatch(r"(?a)\d{8}[A-Z]?", c)) for c in cells)):
        return "texas"
    read = 0
    for cell in cells:
        try:
            read += bool(read_citation(cell).code)
        except ComityError:
            continue
    return "citation" if most(read) else ""


def _outcome(columns: list[_Column], used: set[str]) -> Iterator[str]:
    for column in columns:
        if (
            _OUTCOME.search(column.plain)
            and 1 < len(column.cells) <= 200
            and column.name not in used
            and not column.days()[0]
        ):
            used.add(column.name)
            yield (
                f"# What was done?  {json.dumps(column.name)} says: {_quoted(column.cells[:_LISTED])}"
                + (f", and {len(column.cells) - _LISTED} more" if len(column.cells) > _LISTED else "")
            )
            yield "# recorded:"
            yield f"#   transfer custody: {{column: {json.dumps(column.name)}, done: [...], not done: [...]}}"
            return


def _carried(columns: list[_Column]) -> Iterator[str]:
    lines = []
    for column in columns:
        if _RELEASED.search(column.plain) and column.days()[1]:
            lines.append(f"  released: {{column: {json.dumps(column.name)}}}")
            break
    for column in columns:
        if _FACILITY.search(column.plain) and column.cells:
            lines.append(f"  facility: {{column: {json.dumps(column.name)}}}")
            break
    if lines:
        yield ""
        yield "carried:"
        yield from lines
