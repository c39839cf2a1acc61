"""Words to conditions.

condition  := operand { "and" operand }  |  operand { "or" operand }        (never mixed without brackets)
operand    := "not" operand | "(" condition ")" | quantifier | relation
quantifier := ("any" | "every" | "at least" N) noun "where" condition       (reaches to the closing bracket)
relation   := name [ is … | includes … ]
"""

from __future__ import annotations

import re

from comity.language.tree import Condition, Group, Negation, Phrase, Quantifier, Relation
from comity.language.words import Cursor, Line, Word, split_words, unreadable
from comity.problems import ComityError, Problem, Span

__all__ = ["RESERVED", "UNITS", "read_condition", "read_condition_list"]

#: Words that end a name; no declared name may contain one.
RESERVED = frozenset({"and", "or", "not", "any", "every", "where", "is", "includes", "(", ")", ","})

_RESERVED_HELP = f"no name holds one of the words {', '.join(sorted(w for w in RESERVED if w.isalpha()))}"

#: Brackets, negations and quantifiers inside each other; deeper than this nobody can read a rule.
_DEEPEST = 50

UNITS = {"day": "days", "days": "days", "month": "months", "months": "months", "year": "years", "years": "years"}


def read_condition(lines: list[Line], end: Span) -> Condition:
    """One whole condition from the lines of a clause."""
    cursor = Cursor(split_words(lines), end)
    condition = _condition(cursor, 0)
    if not cursor.done():
        raise unreadable(f"'{cursor.peek()}' is not expected here", cursor.span(), "did a bracket close too early?")
    return condition


def read_condition_list(lines: list[Line], end: Span) -> list[Condition]:
    """Comma-separated simple conditions, as in ``given a, not b, c is d``."""
    cursor = Cursor(split_words(lines), end)
    conditions = [_operand(cursor, 0)]
    while cursor.accept(","):
        conditions.append(_operand(cursor, 0))
    if not cursor.done():
        raise unreadable(
            f"'{cursor.peek()}' is not expected here",
            cursor.span(),
            "separate facts with commas; put brackets around one with several values: (kinds includes any of a, b), c",
        )
    return conditions


def _condition(cursor: Cursor, depth: int) -> Condition:
    items = [_operand(cursor, depth)]
    kind = ""
    while cursor.peek() in ("and", "or"):
        span = cursor.span()
        word = cursor.take().text
        if kind and word != kind:
            raise ComityError(
                [
                    Problem(
                        "CM111",
                        "'and' and 'or' stand side by side without brackets",
                        span,
                        help="put brackets around the part that belongs together; the law may not depend on a habit",
                    )
                ]
            )
        kind = word
        items.append(_operand(cursor, depth))
    return Group(kind, tuple(items)) if kind else items[0]


def _operand(cursor: Cursor, depth: int) -> Condition:
    if depth > _DEEPEST:
        raise unreadable(
            f"the condition is nested more than {_DEEPEST} deep",
            cursor.span(),
            "give a part of it a name in a definition",
        )
    depth += 1
    if cursor.accept("not"):
        return Negation(_operand(cursor, depth))
    if cursor.accept("("):
        inner = _condition(cursor, depth)
        cursor.expect(")")
        return inner
    if cursor.accept("any"):
        return _quantifier(cursor, "any", 0, depth)
    if cursor.accept("every"):
        return _quantifier(cursor, "every", 0, depth)
    if cursor.accept("at", "least"):
        return _quantifier(cursor, "at least", _number(cursor), depth)
    return _relation(cursor)


def _quantifier(cursor: Cursor, kind: str, count: int, depth: int) -> Condition:
    noun = _phrase(cursor, "the kind of row, such as 'conviction'")
    cursor.expect("where")
    return Quantifier(kind, noun, _condition(cursor, depth), count)


def _relation(cursor: Cursor) -> Condition:
    left = _phrase(cursor, "the name of a fact")
    if cursor.accept("includes"):
        members = _members(cursor) if cursor.accept("any", "of") else (_phrase(cursor, "a value"),)
        return Relation(left, "includes", members)
    if not cursor.accept("is"):
        return Relation(left)
    negated = cursor.accept("not")
    relation = _after_is(cursor, left)
    return Negation(relation) if negated else relation


def _after_is(cursor: Cursor, left: Phrase) -> Condition:
    if cursor.accept("one", "of"):
        return Relation(left, "one of", _members(cursor))
    for words, op in (
        (("at", "least"), ">="),
        (("at", "most"), "<="),
        (("more", "than"), ">"),
        (("less", "than"), "<"),
        (("on", "or", "before"), "on or before"),
        (("on", "or", "after"), "on or after"),
        (("before",), "before"),
        (("after",), "after"),
    ):
        if cursor.accept(*words):
            return Relation(left, op, (_phrase(cursor, "a value, date or fact"),))
    strict = cursor.accept("strictly", "within")
    if strict or cursor.accept("within"):
        amount = _number(cursor)
        unit_span, unit = cursor.span(), cursor.take().text
        if unit not in UNITS:
            raise unreadable(f"'{unit}' is not a unit of time", unit_span, "write days, months or years")
        side = cursor.take().text
        if side not in ("before", "after"):
            raise unreadable(
                "a window needs 'before' or 'after'", unit_span, "such as 'within 5 years before law date'"
            )
        op = f"{'strictly ' if strict else ''}within {side}"
        return Relation(left, op, (_phrase(cursor, "a date or fact"),), amount, UNITS[unit])
    return Relation(left, "is", (_phrase(cursor, "a value"),))


def _members(cursor: Cursor) -> tuple[Phrase, ...]:
    members = [_phrase(cursor, "a value")]
    while cursor.accept(","):
        members.append(_phrase(cursor, "a value"))
    return tuple(members)


def _phrase(cursor: Cursor, expected: str) -> Phrase:
    words: list[Word] = []
    while not cursor.done() and cursor.peek() not in RESERVED:
        words.append(cursor.take())
    if not words:
        found = f"'{cursor.peek()}'" if cursor.peek() else "the end of the clause"
        raise unreadable(f"expected {expected} but found {found}", cursor.span(), _RESERVED_HELP)
    first, last = words[0].span, words[-1].span
    end = last.end_column if last.line == first.line else first.end_column
    return Phrase(" ".join(w.text for w in words), Span(first.file, first.line, first.column, end))


def _number(cursor: Cursor) -> int:
    span, text = cursor.span(), cursor.take().text
    if re.fullmatch("[0-9]{1,6}", text) is None:
        raise unreadable(f"expected a number but found '{text}'", span, "write it in digits, such as 5")
    return int(text)
