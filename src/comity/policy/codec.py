"""A library as JSON and back, for the cache and for other programs.

Every frozen node becomes ``[name, field, …]``; dates become ``["date", "YYYY-MM-DD"]``.  Places in the source and the
examples are left out: whoever needs them reads the sources.  JSON rather than pickle, because a cache that somebody
else could write must never be able to run code.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from typing import Any, Final

from comity.calendar import Holiday, Window
from comity.policy import authority, expressions, norms
from comity.policy import facts as words
from comity.policy.claims import Assumption
from comity.policy.library import Coverage, Library
from comity.problems import Span

__all__ = ["FORMAT", "library_from_json", "library_to_json"]

#: Changes with every change of a node, so that an old cache is never misread.
FORMAT: Final = 5

_TYPES: Final[dict[str, type[Any]]] = {
    t.__name__: t
    for t in (
        Window,
        Holiday,
        authority.Ladder,
        authority.Agency,
        expressions.Literal,
        expressions.Name,
        expressions.Fact,
        expressions.Compare,
        expressions.OneOf,
        expressions.Includes,
        expressions.Within,
        expressions.Not,
        expressions.And,
        expressions.Or,
        expressions.Some,
        expressions.Every,
        expressions.AtLeast,
        expressions.Defined,
        words.FactType,
        words.FactWord,
        words.Action,
        words.Question,
        words.Vocabulary,
        norms.Binding,
        norms.Instrument,
        norms.ReadingOf,
        norms.Clock,
        norms.Norm,
        norms.DefinitionVersion,
        norms.CourtOrder,
        norms.Preemption,
        norms.Adoption,
        Assumption,
        Coverage,
        Library,
    )
}
_FIELDS: Final = {t: tuple(f.name for f in fields(t)) for t in _TYPES.values()}
_OPERATORS: Final = ("is", "<", "<=", ">", ">=")
_LEFT_OUT: Final = ("checks", "claims")


def library_to_json(library: Library) -> str:
    """The library without examples and places."""
    return json.dumps([FORMAT, _encode(library)], ensure_ascii=False, separators=(",", ":"))


def library_from_json(text: str) -> Library:
    """The library of ``library_to_json``; ValueError when the text is something else or of another format."""
    data = json.loads(text)
    if not isinstance(data, list) or len(data) != 2 or data[0] != FORMAT:
        raise ValueError("not a library of this format")
    try:
        library = _decode(data[1])
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"not a library: {error}") from None
    if not isinstance(library, Library):
        raise ValueError("not a library")
    return library


def _encode(value: Any) -> Any:
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, Span):
        return None
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, tuple):
        return ["", *(_encode(v) for v in value)]
    kind = type(value)
    return [
        kind.__name__,
        *(
            [
                "",
            ]
            if n in _LEFT_OUT
            else _encode(getattr(value, n))
            for n in _FIELDS[kind]
        ),
    ]


def _decode(value: Any) -> Any:
    if value.__class__ is not list:
        return value
    name = value[0]
    if name == "":
        return tuple([_decode(v) for v in value[1:]])
    if name == "date":
        return date.fromisoformat(value[1])
    if name == "Compare" and value[1] not in _OPERATORS:
        raise ValueError(f"not a comparison: {value[1]!r}")
    return _TYPES[name](*[_decode(v) for v in value[1:]])
