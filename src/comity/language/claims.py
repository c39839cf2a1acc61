"""Claims of check blocks: sentences about every case, for the prover.  And what the prover takes for granted.

no judge, no hold, whoever the person is
    agency us/ca/los-angeles/lapd, us/ca/san-francisco/sfpd
    whenever not judge signed
    in force from 2018-01-01
    then always must not hold past release

then always|never OUTCOME ACTION [where ACTION is allowed]
then nothing changes in ACTION, …          with a line "changing only FACT, …"
then never looser than state law [in ACTION, …]
then never a conflict [in ACTION, …]
then always an answer [in ACTION, …]
then always an end to ACTION
then the same as on DATE [in ACTION, …]

``agency`` names one or more agencies, or ``all of PLACE``, perhaps ``except`` some.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from comity.calendar import Window
from comity.language.clauses import Clause, Item, read_day, read_window
from comity.language.conditions import read_condition
from comity.language.tree import AssumedThing, AssumptionsBlock, Claim, Phrase
from comity.language.words import unreadable
from comity.problems import Span

__all__ = ["OUTCOMES", "is_claim", "read_assumptions", "read_claim", "read_outcome"]

#: The words an outcome may have; "not due" is a duty that nobody owes.
OUTCOMES = ("must not", "must", "may", "need a fact", "ask counsel", "not due")

_LISTED = r"(?: in (?P<actions>.+))?"
_KINDS = {
    "unchanged": re.compile(rf"nothing changes{_LISTED}"),
    "never looser": re.compile(rf"never looser than (?P<layer>\w+) law{_LISTED}"),
    "no conflict": re.compile(rf"never a conflict{_LISTED}"),
    "answered": re.compile(rf"always an answer{_LISTED}"),
    "ended": re.compile(r"always an end to (?P<actions>.+)"),
    "same": re.compile(rf"the same as on (?P<day>\S+){_LISTED}"),
}
_WHERE = re.compile(r"(?P<action>.+?)(?: where (?P<where>.+) is allowed)?")
_ALL_OF = "all of "


def is_claim(clauses: Sequence[Clause]) -> bool:
    """Whether these clauses are a claim and not an example."""
    starts = ("always ", "never ", "nothing changes", "the same as ")
    return any(
        c.keyword in ("whenever", "changing only") or (c.keyword == "then" and c.text().startswith(starts))
        for c in clauses
    )


def read_outcome(text: str, span: Span) -> tuple[str, str]:
    """The outcome a text begins with, and the rest of it."""
    for outcome in OUTCOMES:
        if text.startswith(outcome + " "):
            return outcome, text[len(outcome) + 1 :]
    raise unreadable(
        f"'{text}' does not begin with an outcome", span, f"outcomes are {', '.join(OUTCOMES)}, then the action"
    )


def _phrases(text: str, span: Span) -> tuple[Phrase, ...]:
    return tuple(Phrase(part.strip(), span) for part in text.split(",") if part.strip())


def read_claim(title: Phrase, agency: Phrase, clauses: Sequence[Clause]) -> Claim:
    """A claim; raises ComityError."""
    stray = next((c for c in clauses if c.keyword in ("given", "on")), None)
    if stray is not None:
        raise unreadable(
            f"a claim is about every case, so it has no '{stray.keyword}'", stray.span, "put the facts into 'whenever'"
        )
    then = [c for c in clauses if c.keyword == "then"]
    if len(then) != 1:
        raise unreadable(
            "a claim ends with one 'then always …' or 'then never …'",
            clauses[-1].span,
            "such as 'then never may hold past release'",
        )
    everywhere = agency.text.startswith(_ALL_OF)
    named = agency.text.removeprefix(_ALL_OF) if everywhere else agency.text
    place, _, left_out = named.partition(" except ") if everywhere else ("", "", "")
    agencies = _phrases(place, agency.span) if everywhere else _phrases(named, agency.span)
    if everywhere and len(agencies) != 1:
        raise unreadable("'all of' names one place", agency.span, "such as 'agency all of us/ca except us/ca/cdcr'")
    agencies += _phrases(left_out, agency.span)
    whenever = next((read_condition(list(c.lines), c.end) for c in clauses if c.keyword == "whenever"), None)
    changing = next((_phrases(c.text(), c.span) for c in clauses if c.keyword == "changing only"), ())
    window = next((read_window(c.text(), c.span) for c in clauses if c.keyword == "in force"), Window())
    text, span = then[0].text(), then[0].span
    tried = ((kind, pattern.fullmatch(text)) for kind, pattern in _KINDS.items())
    kind, match = next(((k, m) for k, m in tried if m is not None), ("", None))
    if (kind == "unchanged") != bool(changing):
        raise unreadable(
            "'changing only FACT' and 'then nothing changes in ACTION' go together",
            span,
            "write both, or say what always or never comes out",
        )
    if match is not None:
        parts = match.groupdict()
        actions = _phrases(parts["actions"] or "", span)
        layer = Phrase(parts["layer"], span) if "layer" in parts else None
        day = read_day(parts["day"], span) if "day" in parts else None
        return Claim(title, agencies, everywhere, whenever, changing, window, kind, "", actions, None, layer, day)
    how, _, rest = text.partition(" ")
    if how not in ("always", "never"):
        raise unreadable(
            "a claim ends with one 'then always …' or 'then never …'",
            span,
            "such as 'then never may hold past release'",
        )
    outcome, rest = read_outcome(rest, span)
    whole = _WHERE.fullmatch(rest)
    assert whole is not None  # the action group takes anything
    where = Phrase(whole["where"], span) if whole["where"] else None
    action = (Phrase(whole["action"], span),)
    return Claim(title, agencies, everywhere, whenever, (), window, how, outcome, action, where, None, None)


def read_assumptions(items: list[Item]) -> AssumptionsBlock:
    """What the prover takes for granted of every case: ``holds CONDITION``, or ``years from … until …``."""
    return AssumptionsBlock(tuple(_assumed(item) for item in items))


def _assumed(item: Item) -> AssumedThing:
    title = Phrase(item.text(), item.line.span())
    clauses = item.clauses("holds", "years")
    if len(clauses) != 1:
        raise unreadable(
            "an assumption says one thing below its name", item.line.span(), "add a line 'holds …' or 'years from …'"
        )
    clause = clauses[0]
    if clause.keyword == "holds":
        return AssumedThing(title, read_condition(list(clause.lines), clause.end), None)
    window = read_window(clause.text(), clause.span)
    if window.start is None or window.end is None:
        raise unreadable("years have a beginning and an end", clause.span, "such as 'years from 1900-01-01 until …'")
    return AssumedThing(title, None, window)
