"""What the audit read: agencies, the other actions, what the reading met, and what the records leave unknown."""

from __future__ import annotations

from typing import Any, Final

from comity.audit.report.view import Cell, Figure, Table, count, table, words
from comity.audit.report.words import OUTCOME_WORDS, counted, day_words, quoted, share

__all__ = ["agencies", "other_actions", "reading", "unknowns"]

#: A longer list of agencies is folded.
_MANY: Final = 8

_MET: Final = {
    "rejected": "rejected: no case could be made of it",
    "set_aside": "set aside by the mapping",
    "unreadable": "value made unknown, by column",
    "disagreements": "records of one case contradict each other, by fact",
    "notes": "noted",
}


def agencies(data: dict[str, Any]) -> Figure | None:
    """Whose law was asked, and for which days the library claims to hold it."""
    found = data["agencies"]
    if not found:
        return None
    rows = []
    for agency in found:
        coverage = agency["coverage"]
        claimed, notes = "nothing is claimed for this place", []
        if coverage is not None:
            claimed = f"{coverage['place']}: {_reach(coverage)}"
            notes = [coverage["note"]] if coverage["note"] else []
        notes += [] if agency["local_law_held"] else ["the agency's own rules are not held"]
        rows.append(
            (
                words(agency["name"], under=agency["agency"]),
                count(agency["cases"]),
                count(agency["held"]),
                words(claimed, under="; ".join(notes)),
            )
        )
    title = found[0]["name"] if len(found) == 1 else counted(len(found), "agency", "agencies")
    listed = table(
        "Agencies, and the days for which the library claims to hold their law",
        ("Agency", "Cases", "Law held", "Claimed"),
        rows,
        stacked=True,
    )
    names = {agency["agency"]: agency["name"] for agency in found}
    tables = tuple(
        table(
            f"By agency, {quoted(action['action'])}",
            ("Agency", "Cases", "Law held", "Decided", "Record known", "Contrary"),
            [
                (words(names[a["agency"]]), *(count(a[k]) for k in ("cases", "held", "decided", "told", "contrary")))
                for a in action["agencies"]
            ],
            stacked=True,
        )
        for action in data["actions"]
        if action["agencies"] and action["action"] in data["featured"]
    )
    if len(found) > _MANY:
        return Figure("agencies", title, "", "", (listed, *tables))
    return Figure("agencies", title, "", "", tables, listed)


def _reach(coverage: dict[str, Any]) -> str:
    start = f"from {day_words(coverage['from'])}" if coverage["from"] else ""
    end = f"before {day_words(coverage['until'])}" if coverage["until"] else ""
    return ", ".join(part for part in (start, end) if part) or "always"


def other_actions(data: dict[str, Any]) -> Table | None:
    """Every judged action that has no figures of its own."""
    rest = [action for action in data["actions"] if action["action"] not in data["featured"]]
    if not rest:
        return None
    outcomes = [*rest[0]["outcomes"]]
    return table(
        "The other actions and duties, in cases whose day's law is held",
        ("Action", *(OUTCOME_WORDS[word][0] for word in outcomes), "First missing fact"),
        [
            (
                words(action["action"], under=action["meaning"]),
                *(count(action["outcomes"][word]) for word in outcomes),
                _first_missing(action["missing"]),
            )
            for action in rest
        ],
        "Every case of them stands in decisions, with its rule and its missing facts.",
        stacked=True,
    )


def _first_missing(missing: dict[str, Any]) -> Cell:
    """The fact that most open cases lack; beside it, or in its place, local law that the library does not hold."""
    gap = "the library lacks local law" if missing["gaps"] else ""
    if missing["facts"]:
        return words(missing["facts"][0]["words"], under=f"and {gap}" if gap else "")
    return words(f"none; {gap}" if gap else "–")


def reading(data: dict[str, Any]) -> Table:
    """What was met while the records were read."""
    counts = data["counts"]
    rows: list[tuple[Cell, ...]] = []
    if counts["records"]:
        rows.append((words("records read"), words(""), count(counts["records"])))
    rows.append((words("cases made"), words(""), count(counts["cases"])))
    for kind, phrase in _MET.items():
        rows += [(words(phrase), words(met["what"]), count(met["times"])) for met in counts[kind]]
    if counts["duplicates"]:
        rows.append((words("of the rejected"), words("case id used by an earlier record"), count(counts["duplicates"])))
    if counts["alike"] is not None:
        likely = words("equal to an earlier record in what the mapping compares")
        rows.append((words("likely a repetition, counted all the same"), likely, count(counts["alike"])))
    where = "Every rejected record, with its reason: rejected.csv."
    return table("What the reading met", ("Met", "What", "Number"), rows, where)


def unknowns(data: dict[str, Any]) -> Table | None:
    """How much of every mapped column is unknown."""
    if not data["unknown"]:
        return None
    return table(
        "What the records leave unknown",
        ("Fact", "Values", "Unknown", "Share"),
        [
            (
                words(row["words"]),
                count(row["values"]),
                count(row["unknown"]),
                words(share(row["unknown"], row["values"]), mark="number"),
            )
            for row in data["unknown"]
        ],
        "A fact that is not listed has no column in the records: it is unknown in every case.",
        stacked=True,
    )
