"""What a page is made of: figures, tables and cells, before they become HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from comity.audit.report.words import bound, number

__all__ = ["Cell", "Figure", "Table", "cases", "count", "few", "link", "outcome", "table", "words"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.  ``kind``: "" words, "number", "outcome", "cases" or "link" (to ``href``).  ``mark`` is a class of the
    style sheet, ``under`` a second line, ``tint`` how full of colour it is, 0 to 1.
    """

    text: str
    kind: str = ""
    under: str = ""
    mark: str = ""
    href: str = ""
    tint: float = 0.0


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row is its head.  ``where`` says how to list every case behind it.  On a narrow
    screen the cells of a ``stacked`` table stand below each other, each after its head.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    where: str = ""
    stacked: bool = False

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """Each head, and whether numbers stand under it."""
        first = self.rows[0] if self.rows else ()
        numeric = ["number" in (cell.kind, cell.mark) for cell in first]
        return [*zip(self.head, [*numeric, *(False for _ in self.head)], strict=False)]


@dataclass(frozen=True, slots=True)
class Figure:
    """A finding with its chart and its tables.  ``svg`` is text made here and trusted; all else is escaped.

    ``shown`` is a table that is open from the start; where there is no chart, it is the chart.
    """

    id: str
    title: str
    text: str = ""
    svg: str = ""
    tables: tuple[Table, ...] = ()
    shown: Table | None = None
    note: str = ""


def words(text: str, *, under: str = "", mark: str = "") -> Cell:
    """A cell of words."""
    return Cell(bound(text), under=bound(under), mark=mark)


def count(n: int, *, under: str = "", mark: str = "", tint: float = 0.0) -> Cell:
    """A cell with a number."""
    return Cell(number(n), "number", under, mark, "", tint)


def outcome(word: str) -> Cell:
    """A cell with a computed word, shown with its sign."""
    return Cell(word, "outcome")


def link(text: str, href: str, *, under: str = "", mark: str = "") -> Cell:
    """Words that lead to a public page; plain words where the address is not one."""
    safe = href.startswith(("https://", "http://"))
    return Cell(bound(text), "link" if safe else "", bound(under), mark, href if safe else "")


def cases(examples: Sequence[int], total: int) -> Cell:
    """The numbers of some cases, and how many there are."""
    if not examples:
        return Cell("–", "cases")
    listed = ", ".join(str(n) for n in examples)
    return Cell(listed, "cases", f"first {len(examples)} of {number(total)}" if total > len(examples) else "")


def few(examples: Sequence[int], total: int) -> Cell:
    """The numbers of a few cases, in little room."""
    return Cell(", ".join(str(n) for n in examples) + (" …" if total > len(examples) else "") or "–", "few")


def table(
    caption: str, head: Iterable[str], rows: Iterable[Iterable[Any]], where: str = "", *, stacked: bool = False
) -> Table:
    """A table from rows of cells."""
    return Table(caption, tuple(head), tuple(tuple(row) for row in rows), where, stacked)
