"""What every command prints with: colour that may be absent, widths, problems with their source line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from comity.problems import Problem, render_problem

__all__ = ["MARKS", "coloured", "counted", "paint", "problem_text", "show_problems", "width", "wrap"]

#: Outcome -> (shape, word, colour).  Word, shape and colour say the same; without colour nothing is lost.
MARKS: dict[str, tuple[str, str, str]] = {
    "must": ("■", "MUST", "blue"),
    "must not": ("⬢", "MUST NOT", "red"),
    "may": ("◆", "MAY", "green"),
    "need a fact": ("○", "NEED A FACT", "yellow"),
    "ask counsel": ("▲", "ASK COUNSEL", "magenta"),
    "not due": ("·", "NOT DUE", "bright_black"),
}


def coloured(stream: object = None) -> bool:
    """Whether to use colour: a terminal, no NO_COLOR (no-color.org), not TERM=dumb."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    if os.environ.get("CLICOLOR_FORCE"):
        return True
    out = stream or sys.stdout
    return bool(getattr(out, "isatty", lambda: False)())


def paint(text: str, **style: Any) -> str:
    """``text`` in a style, or plain."""
    return click.style(text, **style) if coloured() else text


def counted(number: int, thing: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def width() -> int:
    """Columns to use: the terminal's, between 60 and 100; 80 where there is none."""
    if sys.stdout is None or not sys.stdout.isatty():
        return 80
    return max(60, min(100, os.get_terminal_size().columns))


def wrap(text: str, indent: int, columns: int) -> list[str]:
    """``text`` in lines that fit ``columns``, each indented; a word that is too long stays whole."""
    lines: list[str] = []
    line = ""
    # A section sign stays with its number.
    for word in text.replace("§ ", "§\u00a0").split(" "):
        word = word.replace("\u00a0", " ").strip("\n")
        if not word:
            continue
        if line and len(line) + 1 + len(word) > columns - indent:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [" " * indent + part for part in [*lines, line] if part]


def problem_text(problem: Problem, sources: Mapping[str, bytes] | None = None) -> str:
    """A problem with its underlined source line, where the source can be had."""
    line = None
    if problem.span is not None:
        data = (sources or {}).get(problem.span.file)
        if data is None:
            path = Path(problem.span.file)
            try:
                data = path.read_bytes() if path.is_file() and path.stat().st_size < 10_000_000 else None
            except OSError:
                data = None
        if data is not None:
            lines = data.decode("utf-8", "replace").splitlines()
            line = lines[problem.span.line - 1] if 0 < problem.span.line <= len(lines) else None
    return render_problem(problem, line)


def show_problems(problems: Iterable[Problem], sources: Mapping[str, bytes] | None = None) -> None:
    """Every problem, on standard error."""
    for problem in problems:
        text = problem_text(problem, sources)
        head, _, rest = text.partition("\n")
        if coloured(sys.stderr):
            head = click.style(head, fg="red" if problem.severity == "error" else "yellow", bold=True)
        click.echo(head + ("\n" + rest if rest else ""), err=True)
