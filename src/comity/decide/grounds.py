"""The facts that made a condition yes or no, in words a person can check against the file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from comity.decide.case import Row, Rows
from comity.decide.interpret import Scene, truth
from comity.policy.expressions import (
    And,
    AtLeast,
    Defined,
    Every,
    Expression,
    Not,
    Or,
    Some,
    facts_in,
)
from comity.policy.facts import LAW_DATE
from comity.policy.norms import Norm
from comity.truth import NO, YES

__all__ = ["grounds", "row_words", "value_words"]


def grounds(norm: Norm, scene: Scene) -> tuple[str, ...]:
    """The known facts by which the norm applies, each once, in reading order."""
    found: dict[str, None] = {}
    for words in _of(norm.when, scene, YES):
        found[words] = None
    for exception in norm.exceptions:
        for words in _of(exception, scene, NO):
            found[words] = None
    return tuple(found)


def _of(expression: Expression, scene: Scene, wanted: int) -> Iterator[str]:
    if truth(expression, scene) != wanted:
        return
    match expression:
        case Not(item):
            yield from _of(item, scene, 2 - wanted)
        case And(items) | Or(items):
            # A yes of "and" and a no of "or" rest on every part; the others on the first part that settles them.
            every = (wanted == YES) == isinstance(expression, And)
            for item in items:
                words = list(_of(item, scene, wanted))
                yield from words
                if words and not every:
                    return
        case Defined(name, _):
            for version in scene.definitions.get(name, ()):
                yield from _of(version.when, scene, wanted)
        case Some(name, where) | AtLeast(_, name, where) if wanted == YES:
            rows = scene.case.lists.get(name, Rows()).rows
            for number, row in enumerate(rows, 1):
                if truth(where, Scene(scene.case, scene.definitions, scene.readings, row)) == YES:
                    yield f"{name} {number}: {row_words(row)}"
        case Some(name, _) | Every(name, _) | AtLeast(_, name, _):
            rows = scene.case.lists.get(name, Rows()).rows
            one = name.removesuffix("s")
            yield f"no {one} on record" if not rows else f"none of the {len(rows)} {name} meets it"
        case _:
            for name, row in facts_in(expression):
                value = scene.row.get(name) if row and scene.row is not None else scene.case.values.get(name)
                if not row and name != LAW_DATE and value is not None:
                    yield f"{name}: {value_words(value)}"


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
