"""Conditions and free words as canonical lines: at most ``WIDTH`` columns, broken where a reader would pause.

A condition that fits stands on one line.  Otherwise the outermost group breaks before each ``and`` or ``or``, and a
bracketed group that still does not fit breaks again, four columns deeper.
"""

from __future__ import annotations

from collections.abc import Iterable

from comity.language.tree import Condition, Group, Negation, Quantifier, Relation

__all__ = [
    "CLAUSE",
    "HEAD",
    "WIDTH",
    "clause_lines",
    "condition_lines",
    "condition_list",
    "kept",
    "listed",
    "show",
    "wrap",
]

#: The widest line of a block.
WIDTH = 100
#: Columns of a clause; what continues it stands four further.
CLAUSE = 4
#: Columns of what continues an item itself: a long list of values, a meaning, a title.
HEAD = 12

_STEP = 4
#: Stands for a space that may not become a line break; no text of a library holds it.
_KEPT = "\0"

_OPS = {
    "is": "is",
    "one of": "is one of",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
    "before": "is before",
    "after": "is after",
    "on or before": "is on or before",
    "on or after": "is on or after",
}


def show(condition: Condition) -> str:
    """The condition on one line."""
    match condition:
        case Relation():
            return _relation(condition, negated=False)
        case Negation(Relation() as item) if item.op not in ("yes", "includes"):
            return _relation(item, negated=True)
        case Negation(item):
            opened, closed = ("(", ")") if isinstance(item, Group) else ("", "")
            return f"not {opened}{show(item)}{closed}"
        case Quantifier():
            return f"{_quantifier(condition)} {show(condition.where)}"
        case Group(kind, items):
            return f" {kind} ".join("".join(_operand(condition, i)) for i in range(len(items)))


def _operand(group: Group, index: int) -> tuple[str, str, str]:
    """One item of a group: opening bracket, text, closing bracket."""
    item = group.items[index]
    opened, closed = ("(", ")") if _needs_brackets(item, group.kind, last=index == len(group.items) - 1) else ("", "")
    # "not (any …)" reads better than "(not any …)", and means the same.
    if opened and isinstance(item, Negation):
        return "not (", show(item.item), ")"
    return opened, show(item), closed


def _needs_brackets(item: Condition, kind: str, *, last: bool) -> bool:
    if isinstance(item, Group):
        return True
    reach = _reaching(item)
    # A quantifier reaches to the next bracket.  The last one may run on, unless its own "or" would follow an "and".
    return reach is not None and (not last or kind not in _open_kinds(reach))


def _reaching(item: Condition) -> Quantifier | None:
    """The quantifier that this operand ends with, brackets aside."""
    while isinstance(item, Negation):
        item = item.item
    return item if isinstance(item, Quantifier) else None


def _open_kinds(quantifier: Quantifier) -> tuple[str, ...]:
    """Which groups may stand before the quantifier without confusion."""
    where = quantifier.where
    while (inner := _reaching(where)) is not None:
        where = inner.where
    return (where.kind,) if isinstance(where, Group) else ("and", "or")


def _quantifier(condition: Quantifier) -> str:
    count = f" {condition.count}" if condition.kind == "at least" else ""
    return f"{condition.kind}{count} {condition.noun.text} where"


def _relation(relation: Relation, *, negated: bool) -> str:
    left, right = relation.left.text, ", ".join(p.text for p in relation.right)
    if relation.op == "yes":
        return left
    if relation.op == "includes":
        return f"{left} includes {'any of ' if len(relation.right) > 1 else ''}{right}"
    if relation.op in _OPS:
        words = _OPS[relation.op]
    else:
        unit = relation.unit.removesuffix("s") if relation.amount == 1 else relation.unit
        start, _, side = relation.op.rpartition(" ")
        words = f"is {start} {relation.amount} {unit} {side}"
    if negated:
        words = words.replace("is", "is not", 1)
    return f"{left} {words} {right}"


def condition_lines(keyword: str, condition: Condition) -> list[str]:
    """A clause that holds a condition."""
    return _lay(f"{keyword} ", condition, "", CLAUSE)


def _lay(head: str, condition: Condition, tail: str, indent: int) -> list[str]:
    """``head``, the condition and ``tail`` as lines that begin at ``indent``; what continues them stands deeper."""
    line = f"{' ' * indent}{head}{show(condition)}{tail}"
    if len(line) <= WIDTH:
        return [line]
    match condition:
        case Group(kind, items):
            lines: list[str] = []
            for i, item in enumerate(items):
                opened, _, closed = _operand(condition, i)
                inner = item.item if opened.startswith("not") and isinstance(item, Negation) else item
                start = f"{head}{opened}" if i == 0 else f"{kind} {opened}"
                end = closed + (tail if i == len(items) - 1 else "")
                lines += _lay(start, inner, end, indent if i == 0 else indent + _STEP)
            return lines
        case Quantifier():
            return _lay(f"{head}{_quantifier(condition)} ", condition.where, tail, indent)
        case Negation(Group() as group):
            return _lay(f"{head}not (", group, f"){tail}", indent)
        case Negation(Quantifier() | Negation() as item):
            return _lay(f"{head}not ", item, tail, indent)
        case _:
            return wrap(line, indent, indent + _STEP)


def condition_list(head: str, conditions: Iterable[Condition], *, bracket_first: bool = False) -> list[str]:
    """A clause of single conditions with commas between them; ``head`` is what stands before the first."""
    texts = []
    items = list(conditions)
    for i, condition in enumerate(items):
        text = show(condition)
        # After a list of values a comma would only add another value to it.
        bracket = isinstance(condition, Group) or (i < len(items) - 1 and _ends_with_list(condition))
        bracket = bracket or (i == 0 and bracket_first)
        texts.append(f"({text})" if bracket else text)
    return wrap(head + listed(texts), CLAUSE, CLAUSE + _STEP)


def _ends_with_list(condition: Condition) -> bool:
    match condition:
        case Relation(_, op, right):
            return op == "one of" or (op == "includes" and len(right) > 1)
        case Negation(item):
            return not isinstance(item, Group) and _ends_with_list(item)
        case Quantifier():
            where = condition.where
            if isinstance(where, Group):
                last = len(where.items) - 1
                return not _operand(where, last)[2] and _ends_with_list(where.items[last])
            return _ends_with_list(where)
        case Group():
            return False


def clause_lines(keyword: str, text: str = "") -> list[str]:
    """A clause of free words."""
    return wrap(f"{kept(keyword)} {text}", CLAUSE, CLAUSE + _STEP)


def kept(text: str) -> str:
    """The text with spaces at which ``wrap`` does not break."""
    return text.replace(" ", _KEPT)


def listed(texts: Iterable[str]) -> str:
    """Texts with commas between them, for ``wrap`` to break only after a comma."""
    # A text that fills a line by itself may still break, or it would stick out.
    return ", ".join(kept(t) if len(t) < WIDTH - HEAD else t for t in texts)


def wrap(text: str, first: int, rest: int) -> list[str]:
    """Words as lines of at most ``WIDTH`` columns, the first at column ``first``, the others at column ``rest``."""
    lines: list[str] = []
    line = " " * first
    empty = True
    for word in text.split():
        # A line that began with one of these would be read as a reading, or as the end of the block.
        glued = word.startswith(("-", "`")) and rest == 0
        if not empty and not glued and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line, empty = " " * rest, True
        word = word.replace(_KEPT, " ")
        line += word if empty else f" {word}"
        empty = False
    return [*lines, line]
