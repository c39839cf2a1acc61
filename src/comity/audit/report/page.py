"""The report: one HTML file that needs no script, no network and no other file."""

from __future__ import annotations

import os
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity.audit.report.funnel import funnel, steps
from comity.audit.report.hold_lengths import hold_lengths
from comity.audit.report.marks import SHAPES
from comity.audit.report.matrix import matrix
from comity.audit.report.missing import missing
from comity.audit.report.months import months
from comity.audit.report.ranges import ranges
from comity.audit.report.reading import agencies, other_actions, reading, unknowns
from comity.audit.report.rules import rules
from comity.audit.report.sentences import could_be_contrary, fact_said, others_may, why_open
from comity.audit.report.words import OUTCOME_WORDS, counted, day_words, number, quoted
from comity.problems import ComityError, Problem

if TYPE_CHECKING:
    from comity.audit.summary import Summary

__all__ = ["report_html", "write_report"]


def write_report(summary: Summary, path: str | os.PathLike[str], *, engine: str, mapping: str, command: str) -> None:
    """Write the report of an audit to ``path``, under a temporary name first.

    ``engine``, ``mapping`` and ``command`` are words for the reader.  Raises ComityError: CM770 where the extra
    ``audit`` is not installed, CM771 where the file cannot be written.
    """
    text = report_html(summary.to_data(), engine=engine, mapping=mapping, command=command)
    place = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
                out.write(text)
            os.chmod(name, 0o644)
            os.replace(name, place)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise ComityError(
            [Problem("CM771", f"the report cannot be written: {reason}", help=f"check the folder of {place.name}")]
        ) from error


def report_html(data: dict[str, Any], *, engine: str, mapping: str, command: str) -> str:
    """The report as HTML; the same data gives the same text."""
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        raise ComityError(
            [Problem("CM770", f"the report needs {error.name}", help="install it with: pip install 'comity[audit]'")]
        ) from error
    folder = files("comity.audit.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((folder / "page.html").read_text("utf-8"))
    by_name = {a["action"]: a for a in data["actions"]}
    featured = [by_name[name] for name in data["featured"]]
    return template.render(
        style=(folder / "report.css").read_text("utf-8"),
        shapes=SHAPES,
        data=data,
        headline=_headline(data, featured),
        standfirst=_standfirst(data, featured),
        asked=_asked(data, engine, mapping),
        command=command,
        chapters=[(a, (funnel(a, data), months(a, data), matrix(a), rules(a), missing(a))) for a in featured],
        agencies=agencies(data),
        holds=hold_lengths(data),
        ranges=ranges(data),
        others=other_actions(data),
        reading=reading(data),
        unknowns=unknowns(data),
        outcome_words=OUTCOME_WORDS,
        what_if=_what_if(data),
    )


def _headline(data: dict[str, Any], featured: list[dict[str, Any]]) -> str:
    """The one sentence that somebody should remember."""
    total = data["counts"]["cases"]
    if not total or not featured:
        return "No case could be read"
    action = featured[0]
    found, contrary = steps(action), action["contrary"]
    how_many = "all" if found["decided"] == total else number(found["decided"]) if found["decided"] else "none"
    of = f"Of {number(total)} {data['noun']}, {how_many}"
    text = f"{of} could be decided for {quoted(action['action'])}"
    least, more = contrary["at_least"], contrary["at_most"] - contrary["at_least"]
    if not contrary["told"]:
        return text
    if not found["recorded"]:
        return f"{text}; whether the records fit the law cannot be told: {why_open(action)}"
    if not least and not could_be_contrary(action):
        known = f"the {number(found['recorded'])}" if found["recorded"] > 1 else "the one"
        return (
            f"{text}; none of {known} with a known record could be contrary, since the law neither commanded nor"
            f" forbade it{others_may(more)}"
        )
    if not least:
        return (
            f"{text}; none of {number(found['recorded'])} with a known record is contrary to the law{others_may(more)}"
        )
    return f"{text}; {number(least)} {'is' if least == 1 else 'are'} contrary to the law of the day" + (
        f", and {number(more)} more may be" if more else ""
    )


def _standfirst(data: dict[str, Any], featured: list[dict[str, Any]]) -> str:
    """What stops the rest from being decided."""
    if not data["counts"]["cases"] or not featured:
        return "The records gave no case. What was read, and why it was refused, stands below."
    action = featured[0]
    standing, outcomes, facts = data["standing"], action["outcomes"], action["missing"]["facts"]
    most = f", most often {fact_said(facts[0])}" if facts else ""
    missing, gaps = action["missing"], action["missing"]["gap_only"]
    parts = [
        (outcomes["need a fact"] - gaps["need a fact"], f"need a fact that the records do not tell{most}"),
        (outcomes["ask counsel"] - gaps["ask counsel"], "are for counsel"),
        (sum(gaps.values()), "wait only for local law that the library does not hold"),
        (standing["not_held"], "lie on days whose law the library does not hold, and nothing is said of them"),
        (standing["undated"], "name no day"),
    ]
    told = [f"{number(n)} {what}" for n, what in sorted(parts, key=lambda part: -part[0]) if n]
    of = "Of the rest" if steps(action)["decided"] else "Of them"
    both = missing["gap_cases"] - sum(gaps.values())
    also = f" For {number(both)} the library does not hold the local law either." if both else ""
    return f"{of}, {'; '.join(told)}.{also}" if told else "Every case could be decided."


def _what_if(data: dict[str, Any]) -> tuple[str, str]:
    """Whose law was asked for every case, and that it was not its own; two empty texts where it was."""
    day, other = data["what_if"], data["instead_of"]
    if day is None and other is None:
        return "", ""
    who = data["agencies"][0]["name"] if data["agencies"] else "one agency"
    law = f"the law of {who}" if other is not None else "the law"
    law += f" as it was on {day_words(day)}" if day else ""
    own = []
    if other is not None:
        own.append(f"that of {other['name']}, which the mapping names" if other["name"] else "that of its own agency")
    own += ["that of its own day"] if day else []
    said = f"Every case is judged by {law}, and not by {', or by '.join(own)}."
    return law, f"{said} No figure here says that anybody broke a law."


def _asked(data: dict[str, Any], engine: str, mapping: str) -> list[tuple[str, str]]:
    """What was asked, for a reader who wants to judge the answer."""
    days = data["law_dates"]
    names = [a["name"] for a in data["agencies"]]
    who = "; ".join(names) if len(names) < 4 else counted(len(names), "agency", "agencies")
    when = "no case names a day"
    if days:
        first, last = day_words(days["first"]), day_words(days["last"])
        when = f"{first} for every case" if first == last else f"{first} to {last}"
    law = data["law"]
    return [
        ("Records", data["source"]),
        ("Whose law", who or "no agency"),
        ("Law dates", when),
        ("Law library", f"{law['version']}, {law['sha256'][:12]}"),
        ("Mapping", mapping),
        ("Engine", engine),
    ]
