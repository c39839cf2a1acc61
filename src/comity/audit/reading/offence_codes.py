"""Offences of records: code systems read to citations, and what the offence table knows filled in.

The table is asked once for each combination of section, degree, grade and stretch of time, not once for each row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from comity.audit.mapping import Cell
from comity.audit.reading.days import EPOCH
from comity.audit.reading.values import UNKNOWN, CodeReader, encode
from comity.audit.tables import NO_DAY, NO_WORD, Array, Column
from comity.case import FactValue, fill_offences
from comity.offences.california import CONSPIRACY_SERIOUS, REALIGNMENT
from comity.offences.table import OffenceTable
from comity.policy.facts import FactWord, Vocabulary
from comity.problems import ComityError, Problem

__all__ = ["Filled", "OffenceFiller", "code_reader"]

_NCIC: Final = re.compile(r"(?a)\d{2}[0-9A-Za-z]{2}")
_TEXAS: Final = re.compile(r"(?a)(\d{7,8})[A-Za-z]?")
_LETTERS: Final = re.compile(r"[A-Z]|A[A-E]")
_GRADES: Final = {"F": "felony", "M": "misdemeanor", "I": "infraction"}
_DEGREES: Final = {"1": "first", "2": "second", "3": "third", "4": "fourth"}
#: The California state table writes two letters for a code; these differ from what people type.
_CODE_TYPES: Final = {
    "US": "", "HS": "HSC", "BP": "BPC", "WI": "WIC", "IC": "INS", "UI": "UIC", "LC": "LAB", "GC": "GOV", "HN": "HNC",
    "FG": "FGC",
}  # fmt: skip
#: Combinations kept; beyond that they are forgotten, so that memory stays flat.
_MOST_REMEMBERED: Final = 100_000


def code_reader(cell: Cell, field: str) -> CodeReader | None:
    """How a cell's offence codes are read; None where the text is the citation itself.  ComityError CM717."""
    match cell.codes:
        case "listed":
            return _listed
        case "ncic":
            return _ncic
        case "texas":
            return _texas
        case "category":
            return _category
        case "ca-doj":
            assert cell.table is not None
            table = _california(cell.table)
            column = {"grade": 1, "degree": 2}.get(field, 0)
            return lambda text: _in_table(text, table, column)
        case _:
            return None


def _listed(text: str) -> str:
    raise ValueError("not in the list of values")


def _ncic(text: str) -> str:
    # A column of numbers has lost the first zero.
    code = text.zfill(4) if text.isascii() and text.isdigit() and len(text) == 3 else text
    if not _NCIC.fullmatch(code):
        raise ValueError("not an NCIC code")
    return f"NCIC {code.upper()}"


def _texas(text: str) -> str:
    found = _TEXAS.fullmatch(text)
    if found is None:
        raise ValueError("not an eight-digit Texas code")
    return f"NCIC {found.group(1).zfill(8)[:4]}"


def _category(text: str) -> str:
    letters = text.upper().strip("()")
    if not _LETTERS.fullmatch(letters):
        raise ValueError("not a category of the list")
    return f"category {letters}"


def _in_table(text: str, table: Mapping[str, tuple[str, str, str]], column: int) -> str:
    row = table.get(text.lstrip("0"))
    if row is None:
        raise ValueError("not in the code table")
    if not row[column]:
        raise ValueError("the code table leaves it open")
    return row[column]


@cache
def _california(path: Path) -> Mapping[str, tuple[str, str, str]]:
    """Code -> (citation, grade, degree) of the user's copy of the state table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            names = {"cjis_code", "statute", "code_type"}
            if missing := sorted(names - set(rows.fieldnames or ())):
                help_ = "it needs cjis_code, statute and code_type; charge_type and degree are used when there"
                message = f"the code table '{path.name}' has no column '{missing[0]}'"
                raise ComityError([Problem("CM717", message, help=help_)])
            return {(row["cjis_code"] or "").lstrip("0"): _code_row(row) for row in rows}
    except (OSError, ValueError, csv.Error):
        message = f"the code table '{path.name}' cannot be read"
        help_ = f"it is looked for at {path}; it must be CSV in UTF-8"
        raise ComityError([Problem("CM717", message, help=help_)]) from None


def _code_row(row: Mapping[str, str | None]) -> tuple[str, str, str]:
    kind, statute = (row["code_type"] or "").strip().upper(), (row["statute"] or "").strip()
    code = _CODE_TYPES.get(kind, kind)
    citation = f"{code} {statute}" if code and statute else ""
    return (
        citation,
        _GRADES.get((row.get("charge_type") or "").strip(), ""),
        _DEGREES.get((row.get("degree") or "").strip(), ""),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """Columns of a list with what the table knows; ``bad``: rows whose offence no table knows, ``reasons`` for each."""

    columns: dict[str, Column]
    bad: Array
    reasons: dict[int, str]


class OffenceFiller:
    """Fills the fields of one kind of row (conviction, charge) from the offence table."""

    def __init__(self, record: str, vocabulary: Vocabulary) -> None:
        self.record = record
        self.vocabulary = vocabulary
        self.fields = vocabulary.fields(record)
        self.offence = next((f.name for f in self.fields.values() if f.type.kind == "offence"), "")
        self.fillable = [f for f in self.fields.values() if f.offence or f.name == "grade"]
        self._memo: dict[tuple[str, str, str, int], dict[str, FactValue] | str] = {}

    def fill(self, columns: Mapping[str, Column], rows: int) -> Filled:
        """The columns of ``rows`` rows with those that the table fills; what the record itself says stays."""
        cited = columns.get(self.offence)
        if cited is None or not cited.words or not (cited.values != NO_WORD).any():
            return Filled(dict(columns), np.zeros(rows, bool), {})
        parts = [self._code(columns, "degree", rows), self._code(columns, "grade", rows), self._stretch(columns, rows)]
        key = cited.values.astype(np.int64) + 1
        for part in parts:
            key = key * 1024 + part + 1
        _, first, which = np.unique(key, return_index=True, return_inverse=True)
        which = which.reshape(-1)
        if len(self._memo) > _MOST_REMEMBERED:
            self._memo.clear()
        answers = [self._answer(cited.words, int(cited.values[i]), *(int(part[i]) for part in parts)) for i in first]
        bad = np.array([isinstance(a, str) for a in answers], bool)[which]
        reasons = {int(i): str(answers[which[i]]) for i in np.flatnonzero(bad)}
        made = dict(columns)
        for field in self.fillable:
            found = [a.get(field.name) if isinstance(a, dict) else None for a in answers]
            if all(value is None for value in found):
                continue
            unknown, dtype = UNKNOWN[field.type.kind]
            values = np.array([encode(value, field.type) for value in found], dtype)[which]
            own = columns.get(field.name)
            if own is not None:
                values = np.where(own.values == unknown, values, own.values)
            made[field.name] = Column(field.type.kind, values)
        return Filled(made, bad, reasons)

    def _code(self, columns: Mapping[str, Column], field: str, rows: int) -> Array:
        column = columns.get(field)
        return np.full(rows, -1, np.int64) if column is None else column.values.astype(np.int64)

    def _stretch(self, columns: Mapping[str, Column], rows: int) -> Array:
        """In which stretch between two changes of the table a row's date lies; -1 when it has none."""
        column = columns.get("date")
        if column is None or column.kind != "date":
            return np.full(rows, -1, np.int64)
        place = np.searchsorted(_changes(), column.values, "right")
        return np.where(column.values == NO_DAY, -1, place)

    def _answer(
        self, words: tuple[str, ...], word: int, degree: int, grade: int, stretch: int
    ) -> dict[str, FactValue] | str:
        if word == NO_WORD:
            return {}
        row: dict[str, FactValue] = {self.offence: words[word]}
        for name, code in (("degree", degree), ("grade", grade)):
            members = self._members(name)
            if 0 <= code < len(members):
                row[name] = members[code]
        if stretch >= 0:
            days = _changes()
            row["date"] = EPOCH + timedelta(days=int(days[stretch - 1]) if stretch else int(days[0]) - 1)
        key = (words[word], str(row.get("degree", "")), str(row.get("grade", "")), stretch)
        if key not in self._memo:
            try:
                (filled,) = fill_offences([row], self.record, self.vocabulary)
                self._memo[key] = dict(filled)
            except ComityError as error:
                problem = error.problems[0]
                reasons = {"CM502": "not the citation of one offence", "CM503": "a citation that fits several offences"}
                late = "not yet law" in problem.message
                told = "an offence that was not yet law" if late else "an offence no table knows"
                self._memo[key] = reasons.get(problem.code, told)
        return self._memo[key]

    def _members(self, name: str) -> tuple[str, ...]:
        word: FactWord | None = self.fields.get(name)
        return word.type.members if word is not None else ()


@cache
def _changes() -> Array:
    """Days on which the offence table changes, sorted: between two of them every date gives the same answer."""
    days = {REALIGNMENT, CONSPIRACY_SERIOUS}
    for row in OffenceTable.load().sections():
        days |= {date.fromisoformat(text) for text in (row.from_, row.until) if text}
    return np.array(sorted((day - EPOCH).days for day in days), np.int64)
