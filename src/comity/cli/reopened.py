"""``comity decide --from-audit``: a case of an audit, and whether its answer agrees with what the audit says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.screen import counted, paint, width, wrap
from comity.problems import ComityError, Problem

if TYPE_CHECKING:
    from comity.api import Library
    from comity.auditing.reopening import Reopened
    from comity.decide.answer import Answer

__all__ = ["open_case", "show_agreement"]


def open_case(
    folder: Path, library: Library, case: str | None, row: int | None, called: str | None, records: str | None
) -> Reopened:
    """The case that the options name; ComityError CM601 where they do not name exactly one."""
    if case is not None:
        help_ = "leave one of CASE and --from-audit out"
        raise ComityError([Problem("CM601", "a case file and an audit are given", help=help_)])
    if (row is None) == (called is None):
        help_ = "name one case: --row N (a number of findings.csv) or --case ID"
        raise ComityError([Problem("CM601", "which case of the audit?", help=help_)])
    try:
        from comity.auditing.reopening import reopen
    except ImportError as error:
        help_ = "install it with: pip install 'comity[audit]'"
        raise ComityError([Problem("CM730", f"an audit needs the package '{error.name}'", help=help_)]) from None
    return reopen(folder, library, row=row, case=called, records=records)


def show_agreement(reopened: Reopened, answer: Answer, *, changed: bool, aside: bool) -> bool:
    """Say whether the answer agrees with the audit; whether it does, as far as it was looked at.

    ``changed``: the case was changed on the command line, so there is nothing to compare.  ``aside``: on standard
    error.
    """
    agrees, lines = _compared(reopened, answer, changed)
    for line in lines:
        click.echo(line, err=aside)
    return agrees


def _compared(reopened: Reopened, answer: Answer, changed: bool) -> tuple[bool, list[str]]:
    from comity.auditing.reopening import compare

    lines = [""]
    for finding in reopened.findings:
        lines += wrap(f"finding {finding['number']} ({finding['severity']}): {finding['in words']}", 2, width())
    if changed:
        return True, [*lines, "  the case was changed here, so it is not compared with the audit"]
    if not reopened.same_law:
        words = "the audit was made with another law library than this one, so the two may differ"
        click.echo(f"warning: {words}", err=True)
    same, differ = compare(reopened, answer)
    if not differ:
        return True, [*lines, paint(f"  ✔ agrees with the audit on {counted(same, 'action')}", fg="green")]
    return False, [*lines, *_loudly(differ)]


def _loudly(differ: tuple[str, ...]) -> Iterator[str]:
    yield paint(f"  ✘ DIFFERS from the audit on {counted(len(differ), 'action')}", fg="red", bold=True)
    for sentence in differ:
        yield from wrap(sentence, 4, width())
    if not sys.stdout.isatty():
        return
    yield "  please report it: the two are meant to be the same, always"
