"""The versions of law behind an audit, and what changed from one to the next, for one action.

An era ends whenever any text that binds the agency changes.  Here neighbouring eras are one version where the law of
the action is the same in both, so that a reader sees only the days that could matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from comity.calendar import Window
from comity.policy.expressions import Defined, walk
from comity.policy.stack import ActionLaw, Era, Stack, opened

__all__ = ["Version", "versions"]

#: What sort of thing, and its name in the library.
Piece = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an action's law: its norms and definitions, and, in words, which of them began and ended with
    it.
    """

    window: Window
    law: frozenset[Piece] = frozenset()
    began: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


def versions(stack: Stack, action: str, first: date, last: date) -> list[Version]:
    """The versions of an action's law between two days; what was before the first and after the last is left open."""
    found: list[Version] = []
    before: dict[Piece, str] = {}
    for day in (first, *(edge for edge in stack.edges if first < edge <= last)):
        era = stack.at(day)
        law = dict(_pieces(era, action))
        if found and law == before:
            continue
        began = tuple(dict.fromkeys(words for piece, words in law.items() if piece not in before)) if found else ()
        ended = tuple(dict.fromkeys(words for piece, words in before.items() if piece not in law))
        if found:
            found[-1] = replace(found[-1], window=Window(found[-1].window.start, era.window.start))
        found.append(Version(Window(era.window.start if found else None, None), frozenset(law), began, ended))
        before = law
    return found


def _pieces(era: Era, action: str) -> Iterator[tuple[Piece, str]]:
    """Everything the law of an action is made of, each with the words for it."""
    law = era.by_action.get(action)
    if law is None:
        return
    for norm in law.norms:
        if norm.effect != "contested":
            yield ("norm", norm.id), f"{norm.cite} ({norm.effect})"
    for norm, order in law.suspended:
        yield ("suspended", norm.id, order.cite), f"{norm.cite} suspended ({order.cite})"
    for name, cite, start in _definitions(law, era):
        yield ("definition", name, cite, start), f"“{name}”, {cite}"


def _definitions(law: ActionLaw, era: Era) -> Iterator[tuple[str, str, str]]:
    parts = [part for norm in law.norms if norm.effect != "contested" for part in (norm.when, *norm.exceptions)]
    nodes = (node for part in opened(parts, era.definitions) for node in walk(part))
    for name in dict.fromkeys(node.name for node in nodes if isinstance(node, Defined)):
        for version in era.definitions.get(name, ()):
            yield name, version.cite, str(version.window.start)
