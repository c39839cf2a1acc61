"""The reference interpreter: the meaning of the law language, written to be read over a coffee.

Everything is Kleene truth (``comity.truth``).  ``applies``: the norm's condition holds, no exception does, and its
reading is the one being tried.  ``wins``: it applies and nobody who beats it wins; so a beaten exception no longer
beats.  The other engines are tested against this file; speed is not its business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from comity.calendar import shift
from comity.case import Case, Row, Rows
from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Defined,
    Every,
    Expression,
    Fact,
    Includes,
    Literal,
    Name,
    Not,
    OneOf,
    Or,
    Some,
    Value,
    Within,
)
from comity.policy.facts import LAW_DATE
from comity.policy.norms import DefinitionVersion, Norm, ReadingOf
from comity.policy.outcome import Standing, standing
from comity.policy.stack import ActionLaw, Era
from comity.truth import NO, UNKNOWN, YES, all_of, any_of, from_bool, negate

__all__ = ["Evaluation", "Readings", "Scene", "applies_to", "evaluate", "reading_truth", "truth", "value_of"]

Readings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One action under one choice of readings: ``applies`` and ``wins`` per norm of the action's law, in its order."""

    action: str
    applies: tuple[int, ...]
    wins: tuple[int, ...]
    standing: Standing
    layers: tuple[tuple[str, Standing], ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a condition is read against."""

    case: Case
    definitions: Mapping[str, tuple[DefinitionVersion, ...]]
    readings: Readings
    row: Row | None = None


def evaluate(law: ActionLaw, era: Era, case: Case, readings: Readings) -> Evaluation:
    """Which norms about one action apply and win, and what that makes of it."""
    scene = Scene(case, era.definitions, readings)
    applies = tuple(applies_to(norm, scene) for norm in law.norms)
    wins: list[int] = []
    for i in range(len(law.norms)):
        wins.append(all_of([applies[i], *(negate(wins[j]) for j in law.beaten_by[i])]))
    layers = []
    for layer in dict.fromkeys(law.layers):
        alone = [i for i, of in enumerate(law.layers) if of == layer]
        within: dict[int, int] = {}
        for i in alone:
            within[i] = all_of([applies[i], *(negate(within[j]) for j in law.beaten_by[i] if j in within)])
        layers.append((layer, standing(law, within, final=False)))
    return Evaluation(law.action, applies, tuple(wins), standing(law, dict(enumerate(wins)), final=True), tuple(layers))


def applies_to(norm: Norm, scene: Scene) -> int:
    """Whether a norm's condition holds and no exception does, under the readings of the scene."""
    return all_of(
        [
            reading_truth(norm.reading, scene),
            truth(norm.when, scene),
            *(negate(truth(e, scene)) for e in norm.exceptions),
        ]
    )


def reading_truth(reading: ReadingOf | None, scene: Scene) -> int:
    """Whether a provision exists under the readings being tried; a question left open is unknown."""
    if reading is None:
        return YES
    tried = scene.readings.get(reading.question)
    return from_bool(None if tried is None else tried == reading.answer)


def truth(expression: Expression, scene: Scene) -> int:
    """The Kleene truth of a condition."""
    match expression:
        case Fact(name, row):
            known = _look(name, row, scene)
            return from_bool(known if isinstance(known, bool) else None)
        case Not(item):
            return negate(truth(item, scene))
        case And(items):
            return all_of(truth(i, scene) for i in items)
        case Or(items):
            return any_of(truth(i, scene) for i in items)
        case Compare(op, left, right):
            return _compare(op, _look(left.name, left.row, scene), value_of(right, scene))
        case OneOf(left, members):
            value = _look(left.name, left.row, scene)
            return UNKNOWN if value is None else from_bool(value in members)
        case Includes(left, members):
            held = _look(left.name, left.row, scene)
            return from_bool(any(m in held for m in members)) if isinstance(held, frozenset) else UNKNOWN
        case Within():
            return _within(expression, scene)
        case Defined(name, _):
            return any_of(_version(v, scene) for v in scene.definitions.get(name, ()))
        case Some(name, where):
            rows = _rows(name, scene)
            found = any_of(_per_row(rows, where, scene))
            return found if rows.complete else max(found, UNKNOWN)
        case Every(name, where):
            rows = _rows(name, scene)
            found = all_of(_per_row(rows, where, scene))
            return found if rows.complete else min(found, UNKNOWN)
        case AtLeast(count, name, where):
            rows = _rows(name, scene)
            ranks = list(_per_row(rows, where, scene))
            if sum(r == YES for r in ranks) >= count:
                return YES
            return NO if rows.complete and sum(r != NO for r in ranks) < count else UNKNOWN


def _version(version: DefinitionVersion, scene: Scene) -> int:
    return all_of(
        [
            reading_truth(version.reading, scene),
            truth(version.when, scene),
            *(negate(truth(e, scene)) for e in version.exceptions),
        ]
    )


def _rows(name: str, scene: Scene) -> Rows:
    return scene.case.lists.get(name, Rows((), False))


def _per_row(rows: Rows, where: Expression, scene: Scene) -> Iterable[int]:
    return (truth(where, Scene(scene.case, scene.definitions, scene.readings, row)) for row in rows.rows)


def _look(name: str, row: bool, scene: Scene) -> object:
    if row:
        assert scene.row is not None
        return scene.row.get(name)
    return scene.case.law_date if name == LAW_DATE else scene.case.values.get(name)


def value_of(value: Value, scene: Scene) -> object:
    """A written value, or what the case says of a fact (None: unknown)."""
    match value:
        case Literal(written):
            return written
        case Name(name, row):
            return _look(name, row, scene)


def _compare(op: str, left: object, right: object) -> int:
    if left is None or right is None:
        return UNKNOWN
    if op == "is" and not isinstance(left, date):
        return from_bool(left == right)
    return from_bool(_ordered(op, *_alike(left, right)))


def _alike(left: object, right: object) -> tuple[object, object]:
    # A moment against a day is compared by its own local calendar day.
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left, right
    return _day(left), _day(right)


def _day(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


def _ordered(op: str, left: object, right: object) -> bool:
    if op == "is":
        return left == right
    assert isinstance(left, int | date)
    assert isinstance(right, int | date)
    match op:
        case "<":
            return left < right  # type: ignore[operator]
        case "<=":
            return left <= right  # type: ignore[operator]
        case ">":
            return left > right  # type: ignore[operator]
        case _:
            return left >= right  # type: ignore[operator]


def _within(window: Within, scene: Scene) -> int:
    day = _day(_look(window.left.name, window.left.row, scene))
    anchor = _day(value_of(window.anchor, scene))
    if not isinstance(day, date) or not isinstance(anchor, date):
        return UNKNOWN
    far = shift(anchor, window.amount if window.after else -window.amount, window.unit)
    if window.after:
        return from_bool(anchor <= day and (day < far if window.strict else day <= far))
    return from_bool(day <= anchor and (far < day if window.strict else far <= day))
