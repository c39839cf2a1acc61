"""Facts and rows in the words a person checks against the file."""

from __future__ import annotations

from datetime import date, datetime

from comity.case import Row

__all__ = ["row_words", "value_words"]


def row_words(row: Row) -> str:
    """``PC 459, first degree, felony, 2010-03-02``: what identifies a row."""
    parts = []
    if row.get("offence"):
        parts.append(str(row["offence"]))
    if row.get("degree"):
        parts.append(f"{row['degree']} degree")
    parts += [str(row[k]) for k in ("grade", "date") if row.get(k)]
    return ", ".join(parts) or "no section given"


def value_words(value: object) -> str:
    """A fact's value as a person writes it."""
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case frozenset():
            return ", ".join(sorted(value)) or "none"
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case _:
            return str(value)
