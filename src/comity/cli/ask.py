"""``comity ask``: answer by interview.  ``decide/ask.py`` knows what to ask; here the interview begins and ends."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from comity.api import Library
from comity.cli.completion import complete_agency
from comity.cli.options import AT, JSON, LAW, read_text
from comity.cli.saving import check_place, unusable
from comity.decide.ask import blank_case
from comity.decide.casefile import CaseText
from comity.problems import ComityError, Problem

__all__ = ["command"]


@click.command("ask")
@click.option("--agency", metavar="ID", shell_complete=complete_agency, help="The agency, so that it is not asked.")
@AT
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE", help="Write the case to this new file.")
@click.option("--resume", metavar="FILE", help="Go on with a saved case; any case file will do.")
@JSON
@LAW
def command(
    agency: str | None, at: date | None, save: Path | None, resume: str | None, as_json: bool, law: Path | None
) -> None:
    """Answer by interview.  Only what can still change the answer is asked, and "can't tell" is always an answer.

    Answer with a number or the words.  At every question: ? says why it is asked and who knows, b goes back, u means
    can't tell, s saves and stops, q stops.  Nothing is written unless you say so.
    """
    import comity
    from comity.cli.interview import Interview

    if save is not None:
        check_place(save, Path(resume) if resume else None)
    library = comity.load(law)
    text = _start(library, agency, at, resume)
    target = save or (Path(resume) if resume else None)
    interview = Interview(library, text, target, as_json)
    try:
        if not interview.run():
            return
    except click.Abort:
        click.echo("\nnothing was written", err=True)
        raise
    interview.answer()
    if save is not None:
        interview.save(save)
    else:
        interview.offer()


def _start(library: Library, agency: str | None, at: date | None, resume: str | None) -> CaseText:
    if resume == "-":
        # Standard input already brings the answers.
        raise unusable("--resume needs a file of its own; '-' is where the answers come from", "name a case file")
    if resume:
        return library.read_case(read_text(resume), file=resume, at=at, agency=agency)
    if at is not None and not 1900 <= at.year <= 2100:
        # The bounds of case files: what is asked here must be possible to save.
        raise ComityError([Problem("CM405", f"'{at}' is not a law date", help="write a day between 1900 and 2100")])
    case = blank_case()
    if agency:
        case = case.at(library.agency(agency), library.law.vocabulary)
    return CaseText(case.on(at) if at else case)
