"""The facts that made a condition yes or no, in words a person can check against the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from comity.case import Rows
from comity.decide.interpret import Scene, reading_truth, truth
from comity.decide.words import row_words, value_words
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
from comity.policy.norms import DefinitionVersion, Norm
from comity.truth import NO, YES

__all__ = ["Known", "Truth", "grounds"]


#: The truth of an expression in a scene: the interpreter's, or generated code that agrees with it.
Truth = Callable[[Expression, Scene], int]


class Known:
    """Truths already found for one case and one choice of readings: norms share definitions, and so the work.

    An expression is known by its identity; it lives as long as its library.
    """

    def __init__(self, truth_of: Truth = truth) -> None:
        self._truth_of = truth_of
        self._found: dict[int, int] = {}

    def truth(self, expression: Expression, scene: Scene) -> int:
        """The truth of an expression; of a row it is found anew each time."""
        if scene.row is not None:
            return self._truth_of(expression, scene)
        rank = self._found.get(id(expression))
        if rank is None:
            rank = self._found[id(expression)] = self._truth_of(expression, scene)
        return rank


def grounds(norm: Norm, scene: Scene, known: Known) -> tuple[str, ...]:
    """The known facts by which a norm that *applies* does so, each once, in reading order."""
    found: dict[str, None] = {}
    for words in _of(norm.when, scene, YES, known):
        found[words] = None
    for exception in norm.exceptions:
        for words in _of(exception, scene, NO, known):
            found[words] = None
    return tuple(found)


def _of(expression: Expression, scene: Scene, rank: int, known: Known) -> Iterator[str]:
    """The facts that settle an expression whose truth is already found to be ``rank``, yes or no."""
    match expression:
        case Not(item):
            yield from _of(item, scene, 2 - rank, known)
        case And(items) | Or(items):
            if (rank == YES) == isinstance(expression, And):
                for item in items:
                    yield from _of(item, scene, rank, known)
            else:
                # A no of "and", a yes of "or" rests on the first part that settles it.
                settling = next(i for i in items if known.truth(i, scene) == rank)
                yield from _of(settling, scene, rank, known)
        case Defined(name, _):
            yield from _of_definition(scene.definitions.get(name, ()), scene, rank, known)
        case Some(name, where) | AtLeast(_, name, where) if rank == YES:
            for number, row in enumerate(scene.case.lists[name].rows, 1):
                if known.truth(where, Scene(scene.case, scene.definitions, scene.readings, row)) == YES:
                    yield f"{name} {number}: {row_words(row)}"
        case Some(name, _) | Every(name, _) | AtLeast(_, name, _):
            yield from _no_row(expression, name, scene, rank)
        case _:
            for name, of_row in facts_in(expression):
                value = None if of_row else scene.case.values.get(name)
                if value is not None:
                    yield f"{name}: {value_words(value)}"


def _no_row(expression: Expression, name: str, scene: Scene, rank: int) -> Iterator[str]:
    """Words for a list that does not settle it by a row: nothing there, or not enough."""
    rows = scene.case.lists.get(name, Rows()).rows
    one = name.removesuffix("s")
    if not rows:
        yield f"no {one} on record"
    elif isinstance(expression, AtLeast):
        yield f"fewer than {expression.count} {name} meet it"
    elif rank == NO and isinstance(expression, Some):
        yield f"the only {one} does not meet it" if len(rows) == 1 else f"none of the {len(rows)} {name} meets it"


def _of_definition(versions: tuple[DefinitionVersion, ...], scene: Scene, rank: int, known: Known) -> Iterator[str]:
    """A yes rests on the first version that holds as a whole; a no on what refuses each version."""
    for version in versions:
        refused = [e for e in version.exceptions if known.truth(e, scene) == YES]
        when = known.truth(version.when, scene)
        if rank == NO:
            if when == NO:
                yield from _of(version.when, scene, NO, known)
            elif refused:
                yield from _of(refused[0], scene, YES, known)
        elif (
            reading_truth(version.reading, scene) == YES
            and when == YES
            and all(known.truth(e, scene) == NO for e in version.exceptions)
        ):
            yield from _of(version.when, scene, YES, known)
            for exception in version.exceptions:
                yield from _of(exception, scene, NO, known)
            return
