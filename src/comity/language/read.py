"""A folder of Markdown and tables to a Library."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from comity.calendar import Holiday, Window, parse_date
from comity.language.assemble import Source, assemble
from comity.language.blocks import read_block
from comity.language.document import Block, Document, decode_text, read_document
from comity.language.relations import relation_problems
from comity.policy.authority import Agency, prefixes
from comity.policy.library import Library
from comity.problems import ComityError, Problem, Span

__all__ = ["VERSION", "library_files", "library_hash", "read_library"]

#: Calendar version of the packaged law texts.
VERSION = "2026.11"


def library_files(folder: Path) -> dict[str, bytes]:
    """Relative name -> content of every ``.md``, ``agencies.csv`` and ``holidays.csv`` under ``folder``, sorted."""
    if not folder.is_dir():
        raise ComityError(
            [Problem("CM112", f"there is no folder '{folder}'", help="name a folder of Markdown instruments")]
        )
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (path.suffix in (".md", ".csv")) and path.name != "README.md":
            try:
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
            except OSError as error:
                reason = error.strerror or "unreadable"
                raise ComityError([Problem("CM112", f"'{path.name}' cannot be read: {reason}")]) from None
    return found


def library_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents, in name order."""
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def read_library(files: Mapping[str, bytes], version: str = VERSION) -> Library:
    """The checked library of these files; raises ComityError with every problem, errors only."""
    sources: list[Source] = []
    problems: list[Problem] = []
    for name in sorted(n for n in files if n.endswith(".md")):
        try:
            document = read_document(files[name], name)
        except ComityError as error:
            problems.extend(error.problems)
            continue
        statements = []
        for block in document.blocks:
            try:
                statements.append(read_block(block))
            except ComityError as error:
                problems += [_cited(p, document, block) for p in error.problems]
        sources.append((document, tuple(statements)))
    agencies = tuple(a for n in sorted(files) if n.endswith("agencies.csv") for a in _agencies(files[n], n, problems))
    holidays = tuple(h for n in sorted(files) if n.endswith("holidays.csv") for h in _holidays(files[n], n, problems))
    if not sources and not problems:
        raise ComityError(
            [
                Problem(
                    "CM104",
                    "the library holds no Markdown file",
                    help="a library is a folder of .md files, one for each instrument; see docs/adding-a-statute.md",
                )
            ]
        )
    if problems:
        # A block that cannot be read hides its names; looking further would only blame innocent lines.
        raise ComityError(problems)
    library = assemble(sources, agencies, holidays, version, library_hash(files))
    problems += [p for p in relation_problems(library) if p.severity == "error"]
    if problems:
        raise ComityError(problems)
    return library


def _cited(problem: Problem, document: Document, block: Block) -> Problem:
    """The problem with the citation of its block, where it has none of its own."""
    if problem.citation or block.kind not in ("norm", "contested", "definition"):
        return problem
    cite_as = document.fields["cite as"].value if "cite as" in document.fields else ""
    return replace(problem, citation=f"{cite_as} {block.label.text}".strip())


def _table(
    data: bytes, name: str, columns: Iterable[str], problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = decode_text(data, name)
    except ComityError as error:
        problems.extend(error.problems)
        return
    needed = ", ".join(columns)
    try:
        reader = csv.DictReader(io.StringIO(text))
        missing = [c for c in columns if c not in (reader.fieldnames or [])]
        if missing:
            message = f"the table has no column '{missing[0]}'"
            problems.append(
                Problem("CM107", message, Span(name, 1), help=f"the first line names the columns: {needed}")
            )
            return
        for row in reader:
            # A short line leaves columns empty; what stands beyond the last column has no name.
            yield reader.line_num, {k: (v or "").strip() for k, v in row.items() if k}
    except csv.Error as error:
        problems.append(
            Problem("CM112", f"the table cannot be read: {error}", Span(name, 1), help="save it as CSV again")
        )


def _agencies(data: bytes, name: str, problems: list[Problem]) -> Iterator[Agency]:
    columns = ("id", "name", "short", "also", "kinds", "time_zone", "held", "note")
    for line, row in _table(data, name, columns, problems):
        if not row["id"] or not row["kinds"] or row["held"] not in ("yes", "no"):
            problems.append(
                Problem(
                    "CM208",
                    f"the agency '{row['id']}' lacks an id, a kind, or yes/no under 'held'",
                    Span(name, line),
                    help="columns: " + ", ".join(columns),
                )
            )
            continue
        also = tuple(p.strip() for p in row["also"].split(";") if p.strip())
        kinds = tuple(k.strip() for k in row["kinds"].split(";") if k.strip())
        places = tuple(dict.fromkeys([*prefixes(row["id"])[:-1], *also]))
        yield Agency(
            row["id"], row["name"], row["short"], places, kinds, row["time_zone"], row["held"] == "yes", row["note"]
        )


def _holidays(data: bytes, name: str, problems: list[Problem]) -> Iterator[Holiday]:
    columns = ("name", "month", "day", "weekday", "nth", "from", "until", "cite")
    for line, row in _table(data, name, columns, problems):
        try:
            window = Window(*(parse_date(row[k]) if row[k] else None for k in ("from", "until")))
            yield Holiday(
                row["name"],
                int(row["month"]),
                int(row["day"] or 0),
                int(row["weekday"]) if row["weekday"] else None,
                int(row["nth"] or 0),
                window,
                row["cite"],
            )
        except ValueError:
            problems.append(
                Problem(
                    "CM113",
                    f"the holiday '{row['name']}' cannot be read",
                    Span(name, line),
                    help="month, day, weekday and nth are numbers, from and until are dates or empty",
                )
            )
