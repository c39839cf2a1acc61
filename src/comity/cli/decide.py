"""``comity decide``: one case, one answer."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.exits import FAILED, OPEN
from comity.cli.options import AT, JSON, LAW, read_text
from comity.problems import ComityError, Problem

if TYPE_CHECKING:
    from comity.api import Library
    from comity.decide.casefile import CaseText

__all__ = ["command"]


@click.command("decide")
@click.argument("case", metavar="[CASE]", required=False)
@AT
@click.option("--agency", metavar="ID", help="Decide it for this agency instead of the one in the file.")
@click.option("--explain", is_flag=True, help="Open the reasons: facts used, what lost, every pinpoint.")
@click.option("--all", "everything", is_flag=True, help="Show every action and duty, not only those asked for.")
@click.option("--why-not", metavar="ACTION", help="Say what stands between this case and another outcome.")
@click.option("--what-if", metavar="FACT=VALUE", multiple=True, help="Change one fact first; may be repeated.")
@click.option(
    "--from-audit", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Open a case of this audit again."
)
@click.option("--row", type=int, metavar="N", help="With --from-audit: the case of finding N.")
@click.option("--case", "called", metavar="ID", help="With --from-audit: the case with this id.")
@click.option("--records", metavar="FILE", help="With --from-audit: the records, for a case that was not kept.")
@click.option("--settled", is_flag=True, help="Exit with 3 when a requested action needs a fact or counsel.")
@JSON
@LAW
def command(
    case: str | None,
    at: date | None,
    agency: str | None,
    explain: bool,
    everything: bool,
    why_not: str | None,
    what_if: tuple[str, ...],
    folder: Path | None,
    row: int | None,
    called: str | None,
    records: str | None,
    settled: bool,
    as_json: bool,
    law: Path | None,
) -> None:
    """Answer one CASE, a YAML or JSON file ("-" reads standard input), or a case of an audit (--from-audit).

    The short answer comes first; nothing is guessed and nothing is written.
    """
    import comity
    from comity.cli.render import render_answer, render_why_not
    from comity.cli.whatif import apply_changes

    if why_not and as_json:
        message = "--why-not is text for a person and has no JSON"
        raise ComityError([Problem("CM601", message, help="leave one of --why-not and --json out")])
    if case is None and folder is None:
        raise ComityError(
            [Problem("CM601", "no case is given", help="name a case file, or an audit with --from-audit")]
        )
    library = comity.load(law)
    reopened = None
    if folder is not None:
        from comity.cli.reopened import open_case, show_agreement

        reopened = open_case(folder, library, case, row, called, records)
        text = reopened.text
        if at or agency:
            text = _moved(text, at, agency, library)
    else:
        assert case is not None
        text = library.read_case(read_text(case), file=case, at=at, agency=agency)
    text = apply_changes(text, what_if, library.law)
    answer = library.decide(text)
    if why_not:
        click.echo(render_why_not(answer, why_not, text.case, library), nl=False)
    elif as_json:
        click.echo(answer.to_json(), nl=False)
    else:
        click.echo(render_answer(answer, text.case, library, explain=explain, everything=everything), nl=False)
    if reopened is not None:
        changed = bool(at or agency or what_if)
        if not show_agreement(reopened, answer, changed=changed, aside=as_json):
            sys.exit(FAILED)
    asked = [a for a in answer.actions if a.requested] or answer.actions
    if settled and any(a.outcome in ("need a fact", "ask counsel") for a in asked):
        sys.exit(OPEN)


def _moved(text: CaseText, at: date | None, agency: str | None, library: Library) -> CaseText:
    """The case under the law of another day, or before another agency."""
    moved = text.case if agency is None else text.case.at(library.agency(agency), library.law.vocabulary)
    return replace(text, case=moved if at is None else moved.on(at))
