"""Every message a person may see about bad input: one value, rendered late.

A ``Problem`` says what is wrong in one plain sentence, where, under which citation, and what to do.  Passes
return or raise problems; faces (terminal, JSON, editors) render them.  ``CATALOGUE`` lists every code; the page
``docs/problems.md`` explains each, and a test fails if one is missing there.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["CATALOGUE", "ComityError", "Problem", "Span", "nearest", "render_problem"]


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a source file.

    ``line`` and ``column`` count from 1; ``end_column`` is one past the last character on the same line.
    """

    file: str
    line: int
    column: int = 1
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input, as a value.

    ``code`` is stable for ever ("CM201"), ``message`` is one sentence without a final full stop, ``citation`` names
    the law it touches (or is empty), ``help`` says what to do next.
    """

    code: str
    message: str
    span: Span | None = None
    citation: str = ""
    help: str = ""
    severity: str = "error"


class ComityError(Exception):
    """Input that cannot be used.  ``problems`` holds at least one ``Problem``."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("; ".join(p.message for p in self.problems))


#: Code -> short title.  Codes are never reused.  1xx files and documents, 2xx names and types, 3xx norms and their
#: relations, 4xx case files, 5xx offences, 6xx the command line.
CATALOGUE: dict[str, str] = {
    "CM101": "file is not UTF-8",
    "CM102": "file has Windows line ends",
    "CM103": "tab in a block",
    "CM104": "library is empty",
    "CM105": "front matter is missing or not closed",
    "CM106": "unknown key in front matter",
    "CM107": "missing key in front matter",
    "CM108": "block is not closed",
    "CM109": "unknown kind of block",
    "CM110": "text that cannot be read as law",
    "CM111": "and/or mixed without brackets",
    "CM112": "file cannot be read",
    "CM113": "date that does not exist",
    "CM114": "value in front matter cannot be read",
    "CM201": "unknown fact",
    "CM202": "unknown action",
    "CM203": "unknown instrument or norm",
    "CM204": "unknown value of a one-of fact",
    "CM205": "type mismatch",
    "CM206": "name declared twice",
    "CM207": "name uses a reserved word",
    "CM208": "unknown agency, place or kind",
    "CM209": "unknown authority",
    "CM210": "claim of an outcome that cannot be",
    "CM301": "norm without a citation",
    "CM302": "norm without an in-force date",
    "CM303": "versions of a norm overlap",
    "CM304": "norms beat each other in a circle",
    "CM305": "exception can never matter",
    "CM306": "despite a norm that does not exist",
    "CM307": "two norms contradict with no rule between them",
    "CM308": "definitions refer to each other in a circle",
    "CM309": "in-force window is empty",
    "CM401": "unknown key in a case file",
    "CM402": "value in a case file cannot be read",
    "CM403": "case file is not YAML or JSON",
    "CM404": "agency missing or unknown",
    "CM405": "date in a case that cannot be",
    "CM406": "key given twice",
    "CM501": "offence not in the table",
    "CM502": "offence citation cannot be read",
    "CM503": "offence citation is ambiguous",
    "CM601": "unusable command-line argument",
    "CM602": "check failed",
    "CM603": "coverage by rule is incomplete",
    "CM701": "records cannot be opened",
    "CM702": "records are damaged",
    "CM703": "records grow beyond reason when unpacked",
    "CM704": "records without column names",
    "CM705": "column not in the records",
    "CM706": "column name that fits several columns",
    "CM707": "which table",
    "CM708": "a package is missing",
    "CM709": "database does not answer",
    "CM710": "mapping is not YAML",
    "CM711": "unknown key in a mapping",
    "CM712": "value in a mapping cannot be read",
    "CM713": "given twice in a mapping",
    "CM714": "word that the library does not have",
    "CM716": "agency of an audit missing or unknown",
    "CM717": "code table cannot be used",
    "CM718": "table of a list",
    "CM719": "no such mapping",
    "CM720": "encoding of the records",
    "CM721": "time zone not known",
    "CM722": "records cannot be sorted",
    "CM723": "table of facts that cannot be",
    "CM730": "engine that is not there",
    "CM731": "audit cannot be written",
    "CM732": "folder is in use",
    "CM733": "nothing to resume",
    "CM734": "unfinished audit is there",
    "CM735": "audit had to stop",
    "CM736": "audit folder is damaged",
    "CM737": "case that the audit does not have",
    "CM738": "records of another audit",
    "CM739": "records changed while they were read",
    "CM740": "no mapping fits",
    "CM750": "date far outside",
    "CM751": "too many rows in a list",
    "CM752": "Spark cannot start",
    "CM753": "names that SQL cannot tell apart",
    "CM754": "SQL engine that is not there",
    "CM755": "tables of a warehouse that cannot be",
    "CM770": "the report needs a package",
    "CM771": "the report cannot be written",
    "CM775": "made-up file cannot be written",
    "CM776": "made-up records that cannot be",
    "CM780": "the prover needs a package",
    "CM781": "claim or comparison that cannot be asked",
    "CM782": "review of an agency that is none",
}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like ``name``, or None when nothing is near."""
    lowered = {k.lower(): k for k in known}
    found = difflib.get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def render_problem(problem: Problem, source_line: str | None = None) -> str:
    """A problem as plain text: place, sentence, underlined source, citation, help.  Ends without a newline."""
    head = f"{problem.severity}[{problem.code}]: {problem.message}"
    lines = [head]
    if problem.span is not None:
        lines.append(f"  --> {problem.span}")
        if source_line is not None:
            number = str(problem.span.line)
            width = max(1, problem.span.end_column - problem.span.column)
            lines.append(f"  {number} | {source_line.rstrip()}")
            lines.append(f"  {' ' * len(number)} | {' ' * (problem.span.column - 1)}{'^' * width}")
    if problem.citation:
        lines.append(f"  law: {problem.citation}")
    if problem.help:
        lines.append(f"  help: {problem.help}")
    return "\n".join(lines)
