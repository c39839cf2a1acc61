"""Blocks that declare words: facts, actions, questions, authorities, kinds of agency."""

from __future__ import annotations

from comity.language.clauses import Item
from comity.language.conditions import RESERVED
from comity.language.document import Block
from comity.language.tree import (
    ActionsBlock,
    ActionWord,
    AuthoritiesBlock,
    FactLine,
    FactsBlock,
    KindsBlock,
    Phrase,
    QuestionBlock,
)
from comity.language.words import Line, split_words, unreadable
from comity.problems import ComityError, Problem, nearest

__all__ = [
    "ACTION_CLAUSES",
    "CLOSURES",
    "FACT_CLAUSES",
    "TYPES",
    "declared_name",
    "read_actions",
    "read_authorities",
    "read_facts",
    "read_kinds",
    "read_question",
]

#: What silence of the law means for an action.
CLOSURES = ("no power", "open", "duty")
#: Types of one word; beside them stand ``one of``, ``some of`` and ``list of``.
TYPES = ("yes/no", "integer", "money", "date", "moment", "duration", "text", "offence")
#: Clauses of a fact and of an action, in the order in which they are printed.
FACT_CLAUSES = ("ask", "who", "why", "counsel", "offence", "agency")
ACTION_CLAUSES = ("request", "meanwhile")


def declared_name(line: Line, end: int) -> Phrase:
    """The name in ``line.text[:end]``, or the problem that it uses a word the language needs."""
    name = Phrase(" ".join(line.text[:end].split()), line.span(0, end))
    if not name.text:
        raise unreadable("a name is missing before the colon", line.span(0, 1), "write 'name : …'")
    bad = [w.text for w in split_words([Line(name.text, line.file, line.number, line.column)]) if w.text in RESERVED]
    if bad or name.text.startswith("at least"):
        raise ComityError(
            [
                Problem(
                    "CM207",
                    f"the name '{name.text}' uses the reserved word '{bad[0] if bad else 'at least'}'",
                    name.span,
                    help=f"say it in other words; reserved are {', '.join(sorted(w for w in RESERVED if w.isalpha()))}",
                )
            ]
        )
    return name


def read_facts(block: Block, items: list[Item]) -> FactsBlock:
    """Facts of one group or record."""
    if not block.label.text:
        raise unreadable("a facts block names its group", block.label.span(), "such as '```facts request'")
    label = Phrase(" ".join(block.label.text.split()), block.label.span())
    return FactsBlock(label, tuple(_fact(item) for item in items))


def _fact(item: Item) -> FactLine:
    left, colon, right = item.line.text.partition(":")
    if not colon:
        raise unreadable("a fact needs a type", item.line.span(), "write 'name : yes/no' or another type")
    name = declared_name(item.line, len(left.rstrip()))
    attributes = _attributes(item, FACT_CLAUSES, bare=("counsel",))
    # Long one-of lists may run on: the continuation lines belong to the type.
    kind = " ".join(" ".join([right, *(line.text for line in item.more)]).split())
    for prefix in ("one of ", "some of "):
        if kind.startswith(prefix):
            members = tuple(m.strip() for m in kind.removeprefix(prefix).split(",") if m.strip())
            if not members:
                break
            return FactLine(name, prefix.strip(), members, "", attributes)
    if kind.startswith("list of "):
        return FactLine(name, "list", (), kind.removeprefix("list of "), attributes)
    if kind not in TYPES:
        near = nearest(kind, TYPES)
        help_ = f"did you mean '{near}'?" if near else f"types are {', '.join(TYPES)}, one of …, some of …, list of …"
        start = len(left) + 1 + len(right) - len(right.lstrip())
        raise unreadable(f"'{kind}' is not a type", item.line.span(start), help_)
    return FactLine(name, kind, (), "", attributes)


def _attributes(item: Item, keywords: tuple[str, ...], bare: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    """The clauses in their one order; in a declaration the written order means nothing."""
    found = {c.keyword: c.text() for c in item.clauses(*keywords, bare=bare)}
    return tuple((k, found[k]) for k in keywords if k in found)


def read_actions(block: Block, items: list[Item]) -> ActionsBlock:
    """Declared actions."""
    return ActionsBlock(tuple(_action(item) for item in items))


def _action(item: Item) -> ActionWord:
    left, colon, right = item.line.text.partition(":")
    closure, dash, meaning = right.strip().partition(" - ")
    if not colon or not dash or closure not in CLOSURES:
        raise unreadable(
            "an action is written 'name : closure - meaning'",
            item.line.span(),
            f"the closure says what silence means: {', '.join(CLOSURES)}",
        )
    meaning = " ".join(" ".join([meaning, *(line.text for line in item.more)]).split())
    name = declared_name(item.line, len(left.rstrip()))
    return ActionWord(name, closure, meaning, _attributes(item, ACTION_CLAUSES))


def read_question(block: Block, items: list[Item]) -> QuestionBlock:
    """A question of law: its name, its sentence, its readings."""
    answers = [item for item in items if item.line.text.startswith("- ")]
    text = " ".join(item.whole() for item in items if not item.line.text.startswith("- "))
    if not block.label.text or not text or len(answers) < 2:
        raise unreadable(
            "a question has a name, a sentence and at least two readings",
            block.label.span(),
            "write each reading on a line that begins with '- '",
        )
    label = Phrase(" ".join(block.label.text.split()), block.label.span())
    return QuestionBlock(label, text, tuple(Phrase(a.whole()[2:].strip(), a.line.span(2)) for a in answers))


def read_authorities(block: Block, items: list[Item]) -> AuthoritiesBlock:
    """The ladder of authorities, highest layer first."""
    return AuthoritiesBlock(tuple(_named_list(item) for item in items))


def read_kinds(block: Block, items: list[Item]) -> KindsBlock:
    """Kinds of agency, each with the kinds it implies."""
    return KindsBlock(tuple(_named_list(item) for item in items))


def _named_list(item: Item) -> tuple[str, tuple[str, ...]]:
    left, _, right = item.whole().partition(":")
    if not left.strip():
        raise unreadable("a name is missing before the colon", item.line.span(), "write 'name: a, b'")
    return left.strip(), tuple(p.strip() for p in right.split(",") if p.strip())
