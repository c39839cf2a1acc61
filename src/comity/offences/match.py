"""Which rows of an offence table a citation reaches: subdivisions inherit, a bare section spans its forms."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Protocol, TypeVar

from comity.problems import ComityError, Problem

__all__ = ["Placed", "not_in_table", "pick", "read_table", "same", "split", "tri"]


class Placed(Protocol):
    """Something that stands at a place in a section: the steps ("a", "1")."""

    @property
    def steps(self) -> tuple[str, ...]:
        """Subdivisions from the outside in."""


P = TypeVar("P", bound=Placed)
V = TypeVar("V")


def pick(entries: Sequence[P], steps: tuple[str, ...]) -> tuple[list[P], bool]:
    """The entries of one section that ``steps`` reaches, and whether it truly reaches them.

    The nearest enclosing entries are inherited; entries further in are added, because a citation that stops short of
    them could mean any.  When nothing encloses and nothing is enclosed, all come back with False: the section is in
    the table but this subdivision is not.
    """
    outer = [e for e in entries if e.steps == steps[: len(e.steps)]]
    depth = max((len(e.steps) for e in outer), default=-1)
    chosen = [e for e in outer if len(e.steps) == depth]
    chosen += [e for e in entries if len(e.steps) > len(steps) and e.steps[: len(steps)] == steps]
    return (chosen, True) if chosen else (list(entries), False)


def same(values: Iterable[V]) -> V | None:
    """The one value all agree on, or None."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def split(provision: str) -> tuple[str, tuple[str, ...]]:
    """Section and steps of a provision: "288(a)(1)" is ("288", ("a", "1"))."""
    section, bracket, rest = provision.partition("(")
    return section, tuple(rest[:-1].split(")(")) if bracket else ()


def tri(cell: str) -> bool | None:
    """A table cell as yes (True), no (False) or depends, varies, empty (None)."""
    return {"yes": True, "no": False}.get(cell)


def read_table(path: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a packaged table; ``path`` is relative to the package's law folder, "us/ca/offences.csv"."""
    resource = files("comity")
    for part in ("law", *path.split("/")):
        resource = resource / part
    text = resource.read_text(encoding="utf-8")
    header, *rows = csv.reader(text.splitlines())  # cells hold no line ends, so lines are rows
    return header, rows


def not_in_table(citation: str, known: Iterable[str], help: str = "") -> ComityError:
    """CM501 for ``citation``, naming the nearest of ``known``."""
    near = difflib.get_close_matches(citation, list(known), n=3, cutoff=0.6)
    hint = help or (f"nearest in the table: {', '.join(near)}" if near else "check the code and the section")
    return ComityError([Problem("CM501", f"{citation} is not in the offence table", help=hint)])
