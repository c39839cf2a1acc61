"""Fenced blocks to surface statements.

A block is items (no indent), their clauses (indented) and continuation lines (indented further).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from comity.calendar import Window
from comity.language.checks import read_check
from comity.language.claims import read_assumptions
from comity.language.clauses import Clause, Item, read_clock, read_day, read_items, read_window
from comity.language.conditions import read_condition
from comity.language.declarations import (
    declared_name,
    read_actions,
    read_authorities,
    read_facts,
    read_kinds,
    read_question,
)
from comity.language.document import Block
from comity.language.tree import (
    AdoptionBlock,
    Condition,
    DefinitionBlock,
    NormBlock,
    OrderBlock,
    Phrase,
    PreemptionBlock,
    Statement,
    Timer,
)
from comity.language.words import Line, unreadable
from comity.problems import ComityError, Problem, Span

__all__ = ["BEARERS", "read_block"]

#: Who a norm can speak to.
BEARERS = ("agency", "governing body")

#: Blocks whose opening line holds nothing but the kind.
_WITHOUT_LABEL = ("actions", "authorities", "kinds", "check", "assumptions")

_NORM_CLAUSES = (
    "when",
    "except when",
    "despite",
    "in force",
    "under reading",
    "by",
    "for at most",
    "contested",
    "protected",
    "gives power",
    "binds",
    "checked",
)
_REPEATED = ("except when", "despite", "by", "for at most")


def read_block(block: Block) -> Statement:
    """The statement of one block; raises ComityError."""
    items = read_items(block)
    if block.kind in _WITHOUT_LABEL and block.label.text:
        article = "an" if block.kind[0] in "aeiou" else "a"
        raise unreadable(
            f"nothing may follow the word '{block.kind}' when {article} {block.kind} block opens",
            block.label.span(),
            "put it into the block or above it",
        )
    match block.kind:
        case "facts":
            return read_facts(block, items)
        case "actions":
            return read_actions(block, items)
        case "question":
            return read_question(block, items)
        case "authorities":
            return read_authorities(block, items)
        case "kinds":
            return read_kinds(block, items)
        case "norm" | "contested":
            return _norm(block, items)
        case "definition":
            return _definition(block, items)
        case "order":
            return _order(block, items)
        case "preemption":
            return _preemption(block, items)
        case "adoption":
            return _adoption(block, items)
        case "assumptions":
            return read_assumptions(items)
        case _:
            return read_check(items)


def _only(block: Block, items: list[Item], expected: str) -> Item:
    if len(items) != 1:
        span = items[1].line.span() if items else block.label.span()
        raise unreadable(f"a {block.kind} block holds exactly one {expected}", span, "use one block for each")
    return items[0]


def _label(block: Block) -> Phrase:
    if not block.label.text:
        raise ComityError(
            [
                Problem(
                    "CM301",
                    f"this {block.kind} has no citation",
                    Span(block.label.file, block.first_line, 1, 4 + len(block.kind)),
                    citation=block.heading,
                    help=f"write the pinpoint after the kind, such as '```{block.kind} § 7284.6(a)(4)'",
                )
            ]
        )
    return Phrase(" ".join(block.label.text.split()), block.label.span())


def _head(item: Item) -> Phrase:
    return Phrase(item.text(), item.line.span())


def _listed(clause: Clause) -> list[Phrase]:
    """The comma-separated phrases of a clause."""
    return [Phrase(p.strip(), clause.span) for p in clause.text().split(",") if p.strip()]


@dataclass
class _Parts:
    """Clauses that norms and definitions share, collected as they come."""

    when: Condition | None = None
    exceptions: tuple[Condition, ...] = ()
    window: Window | None = None
    reading: tuple[Phrase, Phrase] | None = None

    def take(self, clause: Clause) -> bool:
        match clause.keyword:
            case "when":
                self.when = read_condition(list(clause.lines), clause.end)
            case "except when":
                self.exceptions = (*self.exceptions, read_condition(list(clause.lines), clause.end))
            case "in force":
                self.window = read_window(clause.text(), clause.span)
            case "under reading":
                question, colon, answer = clause.text().partition(":")
                if not colon:
                    raise unreadable(
                        "a reading is written 'under reading QUESTION: ANSWER'", clause.span, "put a colon between them"
                    )
                self.reading = (Phrase(question.strip(), clause.span), Phrase(answer.strip(), clause.span))
            case _:
                return False
        return True


def _norm(block: Block, items: list[Item]) -> NormBlock:
    label = _label(block)
    item = _only(block, items, "norm")
    bearer, effect, action = _norm_head(block, item)
    parts = _Parts()
    despite: list[Phrase] = []
    clocks: list[Timer] = []
    contested = checked = ""
    binds: Phrase | None = None
    protected = gives_power = False
    for clause in item.clauses(*_NORM_CLAUSES, many=_REPEATED, bare=("protected", "gives power")):
        if parts.take(clause):
            continue
        match clause.keyword:
            case "despite":
                despite.append(Phrase(clause.text(), clause.span))
            case "by" | "for at most":
                clock = read_clock(clause.keyword, clause.text(), clause.span)
                clocks.append(Timer(clause.keyword, clock, clause.span))
            case "contested":
                contested = clause.text()
            case "protected":
                protected = True
            case "gives power":
                gives_power = True
            case "binds":
                binds = Phrase(clause.text(), clause.span)
            case _:
                checked = clause.text()
    return NormBlock(
        label,
        bearer,
        effect,
        action,
        parts.when,
        parts.exceptions,
        tuple(despite),
        tuple(clocks),
        parts.window,
        parts.reading,
        contested,
        protected,
        gives_power,
        binds,
        checked,
    )


def _norm_head(block: Block, item: Item) -> tuple[str, str, Phrase]:
    text = item.text()
    if block.kind == "contested":
        return "agency", "contested", _actions(text, item.line.span())
    for bearer in BEARERS:
        for effect in ("must not", "must", "may"):
            start = f"{bearer} {effect} "
            if text.startswith(start):
                # A doubled space may shift the place by a column; it only underlines.
                return bearer, effect, _actions(text[len(start) :], item.line.span(len(start)))
    raise unreadable(
        "a norm begins with who must, must not or may do what",
        item.line.span(),
        f"such as 'agency must not hold past release'; bearers are {', '.join(BEARERS)}",
    )


def _actions(text: str, span: Span) -> Phrase:
    """The actions of a norm, still in one phrase, with one comma and one space between them."""
    actions = [a.strip() for a in text.split(",") if a.strip()]
    if not actions:
        raise unreadable("the norm names no action", span, "such as 'agency must not hold past release'")
    return Phrase(", ".join(actions), span)


_COUNTS = re.compile(r"(?:the case|an? (?P<record>.+?)) counts as (?P<name>.+)")


def _definition(block: Block, items: list[Item]) -> DefinitionBlock:
    label = _label(block)
    item = _only(block, items, "definition")
    head = Line(item.text(), item.line.file, item.line.number, item.line.column)
    match = _COUNTS.fullmatch(head.text)
    if match is None:
        raise unreadable(
            "a definition begins 'the case counts as …' or 'a conviction counts as …'",
            item.line.span(),
            "the words after 'counts as' become a name for conditions",
        )
    declared_name(head, len(head.text))
    name = Phrase(match.group("name"), head.span(match.start("name")))
    parts = _Parts()
    for clause in item.clauses("when", "except when", "in force", "under reading", many=_REPEATED):
        parts.take(clause)
    if parts.when is None:
        raise unreadable(
            "a definition needs a 'when' clause", item.line.span(), "say below it, indented, when it holds"
        )
    return DefinitionBlock(
        label, name, match.group("record") or "", parts.when, parts.exceptions, parts.window, parts.reading
    )


def _order(block: Block, items: list[Item]) -> OrderBlock:
    label = _label(block)
    item = _only(block, items, "order")
    head = _head(item)
    if not head.text.startswith("suspends "):
        raise unreadable("an order begins with 'suspends' and a norm", head.span, "such as 'suspends § 2A.060'")
    norms = [Phrase(head.text.removeprefix("suspends "), item.line.span(len("suspends ")))]
    places: list[Phrase] = []
    window, text = Window(), ""
    for clause in item.clauses("and", "for", "in force", "because", many=("and", "for")):
        match clause.keyword:
            case "and":
                norms.append(Phrase(clause.text(), clause.span))
            case "for":
                places += _listed(clause)
            case "in force":
                window = read_window(clause.text(), clause.span)
            case _:
                text = clause.text()
    if window.start is None:
        raise unreadable("an order says from when", item.line.span(), "add 'in force from YYYY-MM-DD until YYYY-MM-DD'")
    return OrderBlock(label, tuple(norms), tuple(places), window, text)


def _preemption(block: Block, items: list[Item]) -> PreemptionBlock:
    label = _label(block)
    item = _only(block, items, "preemption")
    upper, middle, lower = item.text().partition(" displaces ")
    if not middle:
        raise unreadable(
            "a preemption is written 'UPPER displaces LOWER'", item.line.span(), "such as 'us/1373 displaces us/xx/act'"
        )
    actions: list[Phrase] = []
    window = None
    for clause in item.clauses("for", "in force", many=("for",)):
        if clause.keyword == "for":
            actions += _listed(clause)
        else:
            window = read_window(clause.text(), clause.span)
    return PreemptionBlock(
        label, Phrase(upper, item.line.span()), Phrase(lower, item.line.span()), tuple(actions), window
    )


def _adoption(block: Block, items: list[Item]) -> AdoptionBlock:
    label = _label(block)
    item = _only(block, items, "adoption")
    place, middle, rest = item.text().partition(" reads ")
    question, as_, answer = rest.partition(" as ")
    clauses = {c.keyword: c for c in item.clauses("since", "by")}
    if not middle or not as_ or "since" not in clauses:
        raise unreadable(
            "an adoption is written 'AGENCY reads QUESTION as ANSWER', with 'since YYYY-MM-DD'",
            item.line.span(),
            "add what is missing",
        )
    span = item.line.span()
    day = read_day(clauses["since"].text(), clauses["since"].span)
    by = clauses["by"].text() if "by" in clauses else ""
    return AdoptionBlock(label, Phrase(place, span), Phrase(question, span), Phrase(answer, span), day, by)
