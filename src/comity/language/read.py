"""A folder of Markdown and tables to a Library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from comity.language.assemble import Source, assemble
from comity.language.blocks import read_block
from comity.language.document import Block, Document, read_document
from comity.language.relations import relation_problems
from comity.language.sources import VERSION, library_files, library_hash
from comity.language.tables import read_tables
from comity.policy.library import Library
from comity.problems import ComityError, Problem

__all__ = ["VERSION", "library_files", "library_hash", "read_library"]


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
    tables = read_tables(files, problems)
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
    library = assemble(sources, tables, version, library_hash(files))
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
