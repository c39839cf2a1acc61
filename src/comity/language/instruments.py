"""Front matter of each document to its instrument."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from comity.calendar import Window
from comity.language import tree
from comity.language.clauses import read_window
from comity.language.document import Document, Field
from comity.policy.authority import Ladder
from comity.policy.norms import Binding, Instrument
from comity.problems import ComityError, Problem, Span, nearest

__all__ = ["Stated", "check_binding", "days_in", "read_binding", "read_instruments"]

#: Keys without which a document may not state law, each with a value as an example.
_NEEDED = {
    "instrument": "us/ca/values-act",
    "title": "California Values Act",
    "cite as": "Cal. Gov. Code",
    "authority": "state statute",
    "binds": "us/ca only local",
    "checked": "text read, 2026-11-23",
}


@dataclass(frozen=True, slots=True)
class Stated:
    """An instrument, and whether its front matter says since when it is in force ("always" is said too)."""

    instrument: Instrument
    dated: bool


def read_instruments(
    sources: Iterable[tuple[Document, tuple[tree.Statement, ...]]],
    ladder: Ladder,
    kinds: Collection[str],
    problems: list[Problem],
) -> dict[str, Stated]:
    """File -> instrument, for every document that states law; what is wrong is added to ``problems``."""
    found: dict[str, Stated] = {}
    taken: dict[str, str] = {}
    for document, statements in sources:
        if not any(isinstance(s, _LAW) for s in statements):
            continue
        try:
            stated = _instrument(document, ladder, kinds)
        except ComityError as error:
            problems.extend(error.problems)
            continue
        id_ = stated.instrument.id
        if id_ in taken:
            message = f"the instrument '{id_}' is declared twice"
            span = document.fields["instrument"].span
            problems.append(Problem("CM206", message, span, help=f"the first stands in {taken[id_]}; keep one of them"))
        taken.setdefault(id_, document.file)
        found[document.file] = stated
    return found


_LAW = (tree.NormBlock, tree.DefinitionBlock, tree.OrderBlock, tree.PreemptionBlock)


def _instrument(document: Document, ladder: Ladder, kinds: Collection[str]) -> Stated:
    fields = document.fields
    missing = [k for k in _NEEDED if k not in fields]
    if missing:
        raise ComityError([_missing(key, document.file) for key in missing])
    authority = fields["authority"]
    if authority.value not in ladder.ranks():
        near = nearest(authority.value, ladder.ranks())
        help_ = f"did you mean '{near}'?" if near else f"authorities are {', '.join(ladder.ranks())}"
        message = f"there is no authority called '{authority.value}'"
        raise ComityError([Problem("CM209", message, authority.span, help=help_)])
    binding = read_binding(fields["binds"].value)
    check_binding(binding, fields["binds"].span, kinds)
    days_in(fields["checked"])
    window = None
    if "in force" in fields:
        window = read_window(fields["in force"].value, fields["in force"].span)
    instrument = Instrument(
        fields["instrument"].value,
        fields["title"].value,
        fields["cite as"].value,
        authority.value,
        binding,
        window or Window(),
        fields["official"].value if "official" in fields else "",
        fields["checked"].value,
        document.file,
        fields["note"].value if "note" in fields else "",
    )
    return Stated(instrument, window is not None)


def _missing(key: str, file: str) -> Problem:
    message = f"the front matter does not say '{key}'"
    return Problem("CM107", message, Span(file, 1, 1, 4), help=f"add a line such as '{key}: {_NEEDED[key]}'")


def read_binding(text: str) -> Binding:
    """``PLACES [only KINDS] [except KINDS-OR-IDS]``, each a comma list."""
    head, _, except_ = text.partition(" except ")
    places, _, only = head.partition(" only ")

    def names(part: str) -> tuple[str, ...]:
        return tuple(p.strip() for p in part.split(",") if p.strip())

    return Binding(names(places), names(only), names(except_))


def check_binding(binding: Binding, span: Span, kinds: Collection[str], cite: str = "") -> None:
    """Raise where a binding names a kind nobody declared: a misspelt kind would bind nobody, in silence."""
    # A place or an agency's id is written as a path; there may be law for places without a listed agency.
    unknown = [k for k in binding.kinds if k not in kinds]
    unknown += [k for k in binding.except_ if k not in kinds and not _is_path(k)]
    if unknown:
        near = nearest(unknown[0], kinds)
        help_ = f"did you mean '{near}'?" if near else f"kinds of agency are {', '.join(sorted(kinds))}"
        message = f"there is no kind of agency called '{unknown[0]}'"
        raise ComityError([Problem("CM208", message, span, cite, help_)])
    strange = [p for p in binding.places if not _is_path(p)]
    if strange:
        message = f"'{strange[0]}' is not a place"
        help_ = "places are written like us, us/ca or us/ca/los-angeles; kinds of agency stand after 'only'"
        raise ComityError([Problem("CM208", message, span, cite, help_)])


def _is_path(name: str) -> bool:
    return name == "us" or name.startswith("us/")


_DAY = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")


def days_in(text: Field) -> list[date]:
    """Every ``YYYY-MM-DD`` or ``YYYY-MM`` in a front-matter value; raises where one of them does not exist."""
    days = []
    for year, month, day in _DAY.findall(text.value):
        try:
            days.append(date(int(year), int(month), int(day or 1)))
        except ValueError:
            shown = f"{year}-{month}" + (f"-{day}" if day else "")
            message = f"'{shown}' is not a day of the calendar"
            raise ComityError([Problem("CM113", message, text.span, help="write YYYY-MM-DD or YYYY-MM")]) from None
    return days
