"""``comity decide``: one case, one answer."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from comity.cli.exits import OPEN
from comity.cli.options import AT, JSON, LAW, read_text
from comity.problems import ComityError, Problem

__all__ = ["command"]


@click.command("decide")
@click.argument("case", metavar="CASE")
@AT
@click.option("--agency", metavar="ID", help="Decide it for this agency instead of the one in the file.")
@click.option("--explain", is_flag=True, help="Open the reasons: facts used, what lost, every pinpoint.")
@click.option("--all", "everything", is_flag=True, help="Show every action and duty, not only those asked for.")
@click.option("--why-not", metavar="ACTION", help="Say what stands between this case and another outcome.")
@click.option("--what-if", metavar="FACT=VALUE", multiple=True, help="Change one fact first; may be repeated.")
@click.option("--settled", is_flag=True, help="Exit with 3 when a requested action needs a fact or counsel.")
@JSON
@LAW
def command(
    case: str,
    at: date | None,
    agency: str | None,
    explain: bool,
    everything: bool,
    why_not: str | None,
    what_if: tuple[str, ...],
    settled: bool,
    as_json: bool,
    law: Path | None,
) -> None:
    """Answer one CASE, a YAML or JSON file ("-" reads standard input).

    The short answer comes first; nothing is guessed and nothing is written.
    """
    import comity
    from comity.cli.render import render_answer, render_why_not
    from comity.cli.whatif import apply_changes

    if why_not and as_json:
        message = "--why-not is text for a person and has no JSON"
        raise ComityError([Problem("CM601", message, help="leave one of --why-not and --json out")])
    library = comity.load(law)
    text = library.read_case(read_text(case), file=case, at=at, agency=agency)
    text = apply_changes(text, what_if, library.law)
    answer = library.decide(text)
    if why_not:
        click.echo(render_why_not(answer, why_not, text.case, library), nl=False)
    elif as_json:
        click.echo(answer.to_json(), nl=False)
    else:
        click.echo(render_answer(answer, text.case, library, explain=explain, everything=everything), nl=False)
    asked = [a for a in answer.actions if a.requested] or answer.actions
    if settled and any(a.outcome in ("need a fact", "ask counsel") for a in asked):
        sys.exit(OPEN)
