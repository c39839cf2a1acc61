"""What more than one part of the report says: what a fact is called, why cases are open, and what could be contrary."""

from __future__ import annotations

from typing import Any

from comity.audit.report.words import number, quoted

__all__ = ["could_be_contrary", "fact_said", "gap_only", "lead", "others_may", "why_open"]


def lead(text: str) -> str:
    """``text`` with a capital first letter, to begin a sentence."""
    return text[:1].upper() + text[1:]


def fact_said(row: dict[str, Any]) -> str:
    """A fact that can be missing: ``“judge signed”``, or ``a list of convictions known to be complete``."""
    if row["of"] == "list":
        return f"a list of {row['fact'].partition(': ')[0]} known to be complete"
    return quoted(row["words"])


def gap_only(action: dict[str, Any]) -> int:
    """Open cases that wait for local law that the library does not hold, and for nothing else."""
    return sum(action["missing"]["gap_only"].values())


def why_open(action: dict[str, Any]) -> str:
    """Why the open cases of an action are open, as the end of a sentence."""
    missing = action["missing"]
    if missing["open"] and gap_only(action) == missing["open"]:
        return "the library does not hold the local law"
    if missing["gap_cases"]:
        return "the records do not tell enough, and the library does not hold the local law"
    if missing["facts"]:
        return "the records do not tell enough"
    return "a person must say what the law is"


def could_be_contrary(action: dict[str, Any]) -> int:
    """Cases with a known record in which the law commanded or forbade; no other decided case can be contrary."""
    firm = ("must", "must not")
    return sum(
        cell["cases"] for cell in action["matrix"] if cell["computed"] in firm and cell["recorded"] != "not told"
    )


def others_may(more: int) -> str:
    """What is said of open cases that may turn out contrary, after a comma; nothing where there is none."""
    return f", but {number(more)} others may be" if more else ""
