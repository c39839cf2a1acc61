"""Items and clauses: the indentation of a block, and the small phrases several clauses share."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from comity.calendar import Window, parse_date
from comity.language.document import Block
from comity.language.words import Line, unreadable
from comity.policy.norms import Clock
from comity.problems import ComityError, Problem, Span, nearest

__all__ = ["Clause", "Item", "read_clock", "read_day", "read_items", "read_window"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One keyword clause; the first of ``lines`` is what stands after the keyword (it may be empty)."""

    keyword: str
    lines: tuple[Line, ...]
    span: Span

    def text(self) -> str:
        """The clause as one line, single-spaced."""
        return " ".join(" ".join(line.text for line in self.lines).split())

    @property
    def end(self) -> Span:
        """The place just after the clause."""
        last = self.lines[-1].span()
        return Span(last.file, last.line, last.end_column, last.end_column + 1)


@dataclass(frozen=True, slots=True)
class Item:
    """A line without indent, the deeper lines that continue it (``more``) and the clause lines below it."""

    line: Line
    more: tuple[Line, ...]
    below: tuple[tuple[int, Line], ...]

    def text(self) -> str:
        """The head with its continuation, single-spaced."""
        return " ".join(" ".join([self.line.text, *(m.text for m in self.more)]).split())

    def whole(self) -> str:
        """Every line of an item that has no clauses, single-spaced."""
        return " ".join(" ".join([self.text(), *(line.text for _, line in self.below)]).split())

    def clauses(self, *keywords: str, many: Collection[str] = (), bare: Collection[str] = ()) -> list[Clause]:
        """The clauses, each beginning with one of ``keywords``; anything else is a problem that names the nearest.

        A clause stands once unless its keyword is in ``many``, and has words after it unless it is in ``bare``.
        """
        found = self._split(keywords)
        seen: set[str] = set()
        for clause in found:
            if clause.keyword in seen and clause.keyword not in many:
                raise unreadable(f"there are two '{clause.keyword}' clauses", clause.span, "keep one, or join them")
            seen.add(clause.keyword)
            if clause.keyword in bare and clause.text():
                raise unreadable(f"nothing may follow '{clause.keyword}'", clause.span, "start another clause")
            if clause.keyword not in bare and not clause.text():
                raise unreadable(f"nothing follows '{clause.keyword}'", clause.span, "say it, or take the clause away")
        return found

    def _split(self, keywords: Sequence[str]) -> list[Clause]:
        clauses: list[Clause] = []
        open_lines: list[Line] = []
        opened: tuple[str, Span] | None = None
        indent = self.below[0][0] if self.below else 0

        def close() -> None:
            if opened is not None:
                clauses.append(Clause(opened[0], tuple(open_lines), opened[1]))

        for depth, line in self.below:
            if depth > indent and opened is not None:
                open_lines.append(line)
                continue
            found = [k for k in keywords if line.text == k or line.text.startswith(k + " ")]
            if not found:
                raise _no_clause(line, keywords)
            close()
            keyword = max(found, key=len)
            start = len(keyword) + (len(line.text) - len(keyword) - len(line.text[len(keyword) :].lstrip()))
            opened = (keyword, line.span(start) if start < len(line.text) else line.span())
            open_lines = [Line(line.text[start:], line.file, line.number, line.column + start)]
        close()
        return clauses


def _no_clause(line: Line, keywords: Sequence[str]) -> ComityError:
    word = line.text.split()[0]
    near = nearest(word, [k.split()[0] for k in keywords])
    known = [k for k in keywords if near and k.split()[0] == near]
    if known:
        help_ = f"did you mean '{known[0]}'?"
    else:
        help_ = (
            f"a line that continues the one above is indented further; clauses here begin with {', '.join(keywords)}"
        )
    return unreadable(f"no clause begins with '{word}'", line.span(0, len(word)), help_)


def read_items(block: Block) -> list[Item]:
    """The items of a block, in order."""
    items: list[Item] = []
    for indent, line in block.lines:
        if indent == 0:
            items.append(Item(line, (), ()))
        elif not items:
            raise unreadable("the first line of a block is indented", line.span(), "begin it at the left margin")
        else:
            item = items[-1]
            if indent >= 12 and not item.below:
                items[-1] = Item(item.line, (*item.more, line), ())
            else:
                items[-1] = Item(item.line, item.more, (*item.below, (indent, line)))
    return items


_WINDOW = re.compile(r"(?:from (\S+))?\s*(?:until (\S+))?")


def read_window(text: str, span: Span) -> Window:
    """``always``, ``from DATE``, ``until DATE`` or ``from DATE until DATE`` (the until-day is not included)."""
    if text == "always":
        return Window()
    match = _WINDOW.fullmatch(text)
    if match is None or not text:
        raise unreadable(
            f"'{text}' does not say when", span, "write 'from YYYY-MM-DD', 'until YYYY-MM-DD', both, or 'always'"
        )
    start, end = (read_day(g, span) if g else None for g in match.groups())
    if start is not None and end is not None and end <= start:
        raise ComityError(
            [
                Problem(
                    "CM309",
                    f"the window from {start} until {end} holds no day",
                    span,
                    help="'until' names the first day on which it no longer holds",
                )
            ]
        )
    return Window(start, end)


def read_day(text: str, span: Span) -> date:
    """A date, or the problem that it does not exist."""
    try:
        return parse_date(text)
    except ValueError:
        raise ComityError(
            [Problem("CM113", f"'{text}' is not a day of the calendar", span, help="write YYYY-MM-DD")]
        ) from None


_HOURS = re.compile(
    r"([0-9]{1,6}) (hours|days)(?: (?:after|from) (.+?))?(, not counting Saturdays, Sundays and holidays)?"
)
_END_OF_DAY = re.compile(r"the end of the day of (.+)")


def read_clock(keyword: str, text: str, span: Span) -> Clock:
    """A deadline (``by …``) or a longest hold (``for at most …``)."""
    match = _HOURS.fullmatch(text)
    if match and match.group(3):
        amount, unit, anchor, counted = match.groups()
        if counted and unit == "days":
            raise unreadable(
                "only hours can leave out Saturdays, Sundays and holidays", span, "write the time in hours"
            )
        return Clock("counted hours" if counted else unit, int(amount), anchor, text)
    match = _END_OF_DAY.fullmatch(text)
    if match:
        return Clock("end of day", 0, match.group(1), text)
    if keyword == "for at most":
        raise unreadable(
            f"'{text}' is not a length of time with its start",
            span,
            "say from when, such as '48 hours from releasable since, not counting Saturdays, Sundays and holidays'",
        )
    return Clock("words", 0, "", text)
