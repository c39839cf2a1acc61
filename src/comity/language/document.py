"""A Markdown file as front matter, headings and fenced blocks, every line with its place.

Prose is for people and passes through untouched.  Only blocks whose first word is one of ``KINDS`` speak to the
machine; other fenced code (``yaml``, ``text``, …) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from comity.language.words import Line
from comity.problems import ComityError, Problem, Span, nearest

__all__ = [
    "KEYS",
    "KINDS",
    "Block",
    "Document",
    "Fence",
    "Field",
    "decode_text",
    "decode_utf8",
    "fences",
    "read_document",
    "split_document",
]

#: Kinds of block the language knows.
KINDS = (
    "facts",
    "actions",
    "question",
    "authorities",
    "kinds",
    "norm",
    "contested",
    "definition",
    "order",
    "preemption",
    "adoption",
    "check",
    "assumptions",
)

#: Keys allowed in front matter.
KEYS = ("instrument", "title", "cite as", "authority", "binds", "in force", "official", "checked", "note")

#: Fenced code that is plainly not ours.
_FOREIGN = {"", "text", "yaml", "json", "sh", "console", "python", "markdown", "csv"}

_FENCE = re.compile(r"^```\s*(\S*)\s*(.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Field:
    """One front-matter value and where it stands."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its kind, the words after the kind (``label``), the nearest heading, its lines with indents."""

    kind: str
    label: Line
    heading: str
    lines: tuple[tuple[int, Line], ...]
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file; ``file`` is its path relative to the library."""

    file: str
    fields: dict[str, Field]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Fence:
    """One fenced block by its line indexes, counted from 0.

    ``closed`` is None where the file ends first, or where another block opens inside a block of law.
    """

    kind: str
    kind_start: int
    label: str
    label_start: int
    opened: int
    closed: int | None


def fences(lines: list[str], start: int = 0) -> Iterator[Fence]:
    """The fenced blocks of a file, ours and foreign ones, in order."""
    at = start
    while at < len(lines):
        match = _FENCE.match(lines[at])
        if match is None:
            at += 1
            continue
        kind, opened = match.group(1), at
        at += 1
        while at < len(lines) and lines[at].rstrip() != "```":
            if kind in KINDS and lines[at].startswith("```"):
                break
            at += 1
        closed = at if at < len(lines) and lines[at].rstrip() == "```" else None
        yield Fence(kind, match.start(1), match.group(2), match.start(2), opened, closed)
        if closed is not None:
            at += 1


def decode_utf8(data: bytes, file: str) -> str:
    """The text of a file, or the problem that it is not UTF-8."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        raise ComityError(
            [
                Problem(
                    "CM101",
                    f"byte 0x{data[error.start]:02x} is not UTF-8 text",
                    Span(file, line, column, column + 1),
                    help="save the file in the encoding UTF-8 and look at this line: a § or a dash may be lost",
                )
            ]
        ) from None
    return text.removeprefix("\ufeff")


def decode_text(data: bytes, file: str) -> str:
    """The text of a library file, or the problem that it is not UTF-8 or has Windows line ends."""
    text = decode_utf8(data, file)
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        raise ComityError(
            [
                Problem(
                    "CM102",
                    "the file has Windows line ends (CRLF)",
                    Span(file, line),
                    help="save it with Unix line ends (LF), or run 'comity fmt' on it",
                )
            ]
        )
    return text


def read_document(data: bytes, file: str) -> Document:
    """Split one file; raises ComityError with every problem of form found."""
    return split_document(decode_text(data, file), file)


def split_document(text: str, file: str) -> Document:
    """Split the text of one file; raises ComityError with every problem of form found."""
    lines = text.split("\n")
    problems: list[Problem] = []
    fields, at = _front_matter(lines, file, problems)
    blocks: list[Block] = []
    heading = ""
    for fence in fences(lines, at):
        above = [text for text in lines[at : fence.opened] if text.startswith("#")]
        heading = above[-1].lstrip("#").strip() if above else heading
        at = fence.opened if fence.closed is None else fence.closed
        problem = _fence_problem(fence, lines, file)
        if problem is not None:
            problems.append(problem)
        elif fence.kind in KINDS and fence.closed is not None:
            blocks.append(_block(fence, fence.closed, heading, lines, file, problems))
    if problems:
        raise ComityError(problems)
    return Document(file, fields, tuple(blocks))


def _fence_problem(fence: Fence, lines: list[str], file: str) -> Problem | None:
    if fence.closed is None:
        return Problem(
            "CM108",
            f"the {fence.kind or 'fenced'} block opened here is never closed",
            Span(file, fence.opened + 1, 1, len(lines[fence.opened]) + 1),
            help="end it with a line of three backticks at the left margin",
        )
    if fence.kind in KINDS or fence.kind in _FOREIGN:
        return None
    near = nearest(fence.kind, KINDS)
    known = f"did you mean '{near}'?" if near else f"the kinds are {', '.join(KINDS)}; 'text' is never read as law"
    start = fence.kind_start + 1
    span = Span(file, fence.opened + 1, start, start + len(fence.kind))
    return Problem("CM109", f"there is no kind of block called '{fence.kind}'", span, help=known)


def _block(fence: Fence, closed: int, heading: str, lines: list[str], file: str, problems: list[Problem]) -> Block:
    body: list[tuple[int, Line]] = []
    for number in range(fence.opened + 1, closed):
        text = lines[number]
        if "\t" in text:
            column = text.index("\t") + 1
            problems.append(
                Problem(
                    "CM103",
                    "a tab stands inside a block",
                    Span(file, number + 1, column, column + 1),
                    help="indent with spaces; 'comity fmt' does it",
                )
            )
        stripped = text.strip()
        if stripped:
            indent = len(text) - len(text.lstrip())
            body.append((indent, Line(stripped, file, number + 1, indent + 1)))
    label = Line(fence.label, file, fence.opened + 1, fence.label_start + 1)
    return Block(fence.kind, label, heading, tuple(body), fence.opened + 1, closed + 1)


def _front_matter(lines: list[str], file: str, problems: list[Problem]) -> tuple[dict[str, Field], int]:
    if lines[0].rstrip() != "---":
        problems.append(
            Problem(
                "CM105",
                "the file does not begin with front matter",
                Span(file, 1, 1, len(lines[0]) + 1),
                help="begin with a line '---', the keys, and another '---'",
            )
        )
        return {}, 0
    fields: dict[str, Field] = {}
    for at in range(1, len(lines)):
        text = lines[at]
        if text.rstrip() == "---":
            return fields, at + 1
        if not text.strip():
            continue
        key, colon, value = text.partition(":")
        key = key.strip()
        span = Span(file, at + 1, 1, len(key) + 1)
        value_start = text.index(":") + 2 + len(value) - len(value.lstrip()) if colon else 1
        if not colon:
            span = Span(file, at + 1, 1, len(text.rstrip()) + 1)
            known = f"write 'key: value'; the keys are {', '.join(KEYS)}"
            problems.append(Problem("CM106", "this line of the front matter has no colon", span, help=known))
        elif key not in KEYS:
            near = nearest(key, KEYS)
            known = f"did you mean '{near}'?" if near else f"the keys are {', '.join(KEYS)}"
            problems.append(Problem("CM106", f"front matter has no key called '{key}'", span, help=known))
        elif key in fields:
            problems.append(Problem("CM206", f"the key '{key}' is given twice", span, help="keep one of them"))
        elif not value.strip():
            problems.append(Problem("CM114", f"nothing follows '{key}:'", span, help="say it, or take the line away"))
        else:
            fields[key] = Field(value.strip(), Span(file, at + 1, value_start, len(text.rstrip()) + 1))
    problems.append(
        Problem("CM105", "the front matter is never closed", Span(file, 1, 1, 4), help="end it with a line '---'")
    )
    return fields, len(lines)
