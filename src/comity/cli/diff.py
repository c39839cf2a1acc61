"""``comity diff``: two laws, proved equal for every case, or the kinds of case that differ."""

from __future__ import annotations

import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from comity.cli.exits import FAILED, OPEN
from comity.cli.options import DAY, JSON, SECONDS
from comity.cli.prove import need_solver
from comity.cli.screen import counted, paint, width, wrap
from comity.problems import ComityError, Problem, nearest

if TYPE_CHECKING:
    from comity.api import Library
    from comity.proving.comparing import Compared, Comparison, Example
    from comity.proving.parties import Party
    from comity.proving.touched import Touched

__all__ = ["command"]

_T = TypeVar("_T")
_COLOURS = {"stricter": "red", "looser": "green", "a new duty": "blue", "no longer a duty": "yellow"}


@click.command("diff")
@click.argument("sides", nargs=-1, metavar="[SIDE]...")
@click.option("--at", "days", type=DAY, multiple=True, metavar="DATE", help="The law of this day; twice for two days.")
@click.option("--agency", "agencies", multiple=True, metavar="ID", help="Before this agency; twice for two agencies.")
@click.option("--action", "chosen", multiple=True, metavar="ACTION", help="Only this action; may be repeated.")
@click.option("--cases", metavar="RECORDS", help="Count the recorded cases that each difference touches.")
@click.option("--map", "mapping", default="", metavar="MAP", help="The mapping of --cases, as for an audit.")
@click.option("--memo", is_flag=True, help="Print a Markdown memo: what changes.")
@click.option("--exit-code", "strict", is_flag=True, help="Exit code 1 where anything differs.")
@SECONDS
@JSON
def command(
    sides: tuple[str, ...],
    days: tuple[date, ...],
    agencies: tuple[str, ...],
    chosen: tuple[str, ...],
    cases: str | None,
    mapping: str,
    memo: bool,
    strict: bool,
    seconds: float,
    as_json: bool,
) -> None:
    """Prove that two laws treat every case alike, or list the kinds of case that they do not.

    A SIDE is an agency (us/ca/los-angeles/lapd), a day (2018-01-01), the folder of a library, or git:REVISION of the
    packaged library or, after a colon, of another folder (git:HEAD~1:law). What only one side names, both have; days
    and agencies may be given with --at and --agency too. Not legal advice.
    """
    need_solver()
    from comity.proving.comparing import compare
    from comity.proving.memo import comparison_data
    from comity.proving.memo import memo as memo_text
    from comity.proving.touched import touched

    if cases is None and mapping:
        raise _misused("--map is for --cases", "add --cases RECORDS")
    parties = _parties(sides, days, agencies)
    comparison = compare(*parties, _actions(chosen, parties), seconds)
    differing = [a.action for a in comparison.actions if not a.same]
    counts = touched(cases, mapping, parties, differing) if cases is not None else None
    if as_json:
        click.echo(json.dumps(comparison_data(comparison, counts), ensure_ascii=False, indent=2))
    elif memo:
        click.echo(memo_text(comparison, counts), nl=False)
    else:
        _show(comparison, counts)
    if comparison.undecided:
        sys.exit(OPEN)
    if strict and not comparison.identical:
        sys.exit(FAILED)


def _misused(message: str, help_: str) -> ComityError:
    return ComityError([Problem("CM781", message, help=help_)])


def _actions(chosen: tuple[str, ...], parties: tuple[Party, Party]) -> tuple[str, ...]:
    known = {a.id: a.name for a in parties[0].law.vocabulary.actions}
    found = []
    for name in chosen:
        id_ = name.replace(" ", "_")
        if id_ not in known:
            near = nearest(id_, known)
            help_ = f"did you mean '{near}'?" if near else "see 'comity law list --actions'"
            raise _misused(f"no action is called '{name}'", help_)
        found.append(known[id_])
    return tuple(found)


def _parties(sides: tuple[str, ...], days: tuple[date, ...], agencies: tuple[str, ...]) -> tuple[Party, Party]:
    from comity.api import PACKAGED, load
    from comity.calendar import parse_date
    from comity.proving.parties import Party

    packaged = load()
    when, who, laws = list(days), list(agencies), []
    for side in sides:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", side):
            try:
                when.append(parse_date(side))
            except ValueError:
                raise _misused(f"'{side}' is not a day of the calendar", "write YYYY-MM-DD") from None
        elif side.startswith("git:"):
            laws.append((side, _revision(side, PACKAGED)))
        elif Path(side).is_dir():
            laws.append((side, load(side)))
        elif re.match(r"us/[a-z]{2}(/|:)", side) or "/" not in side:
            who.append(side)
        else:
            raise _misused(f"'{side}' is no agency, day, folder or revision", "see 'comity diff --help'")
    for what, found in (("agency", who), ("day", when), ("library", laws)):
        if len(found) > 2:
            raise _misused(f"there are {len(found)} of '{what}'", "a comparison has two sides")
    if not who:
        raise _misused("nobody says whose law is compared", "name an agency, such as us/ca/los-angeles/lapd")
    today = date.today()
    if len(laws) == 1 and len(who) < 2 and len(when) < 2:
        # One other library: a revision is what was, a folder is what may come.
        laws = [*laws, ("packaged", packaged)] if laws[0][0].startswith("git:") else [("packaged", packaged), *laws]
    both = [
        Party(law.law, law.agency(agency), day, label)
        for (label, law), agency, day in zip(
            _two(laws, [("", packaged)]), _two(who, []), _two(when, [today]), strict=True
        )
    ]
    one, other = both
    if one.law is other.law and one.agency == other.agency and one.day == other.day:
        raise _misused("both sides are the same", "name a second agency, day, folder or revision")
    return one, other


def _two(found: list[_T], otherwise: list[_T]) -> list[_T]:
    chosen = found or otherwise
    return chosen if len(chosen) == 2 else [chosen[0], chosen[0]]


def _revision(side: str, packaged: Path) -> Library:
    from comity.api import Library
    from comity.language.read import read_library
    from comity.proving.parties import revision_files

    revision, _, folder = side.removeprefix("git:").partition(":")
    return Library(read_library(revision_files(Path(folder) if folder else packaged, revision)))


def _show(comparison: Comparison, counts: Touched | None) -> None:
    from comity.proving.memo import not_held, summary, titles, told_assumptions

    one, other = comparison.one, comparison.other
    columns = width()
    names = titles(comparison)
    shared = [one.agency.short] if one.agency == other.agency else []
    shared += [one.day.isoformat()] if one.day == other.day else []
    click.echo(paint(f"{' · '.join([*shared, ''])}{names[0]} → {names[1]}", bold=True))
    mark, colour = ("✔", "green") if comparison.identical and not comparison.undecided else ("≠", "yellow")
    for i, line in enumerate(wrap(f"{mark} {summary(comparison)}", 0, columns)):
        click.echo(paint(line, fg=colour, bold=True) if i == 0 else line)
    for text in not_held(comparison):
        for line in wrap(f"Beware: {text}.", 2, columns):
            click.echo(paint(line, fg="yellow"))
    bounds = sorted({str(a.bound) for a in comparison.actions if a.same})
    if bounds:
        for line in wrap(f"Proved {'; '.join(bounds)}.", 2, columns):
            click.echo(line)
    for action in comparison.actions:
        if not action.same or action.clocks:
            _action(action, comparison, counts, columns)
    proved = [a.action for a in comparison.actions if a.same == "proved"]
    if proved:
        click.echo()
        for line in wrap(f"Other words, the same outcome in every case: {', '.join(proved)}.", 0, columns):
            click.echo(line)
    for side, only in zip(names, comparison.only, strict=True):
        if only:
            click.echo(f"Only in {side}: {', '.join(only)}.")
    click.echo()
    for line in wrap(f"Assumed: {'; '.join(told_assumptions(comparison))}. Not legal advice.", 0, columns):
        click.echo(paint(line, dim=True))


def _action(action: Compared, comparison: Comparison, counts: Touched | None, columns: int) -> None:
    click.echo()
    touches = ""
    if counts is not None:
        touches = f"  {counts.differing(action.action):,} of {counted(counts.cases, 'recorded case')}"
    click.echo(paint(action.action, bold=True) + touches)
    for example in action.examples:
        _example(example, comparison, columns)
    for text in action.clocks:
        for line in wrap(text, 2, columns):
            click.echo(line)
    notes = [
        *(["more kinds of case than were looked for"] if action.more else []),
        *([f"not everything was decided: {action.undecided}"] if action.undecided else []),
        *([f"{action.unconfirmed} kinds could not be confirmed"] if action.unconfirmed else []),
    ]
    for note in notes:
        click.echo(paint(f"  ? {note}", fg="yellow"))


def _example(example: Example, comparison: Comparison, columns: int) -> None:
    from comity.proving.stories import facts_told, rows_told

    colour = _COLOURS.get(example.direction, "magenta")
    click.echo(f"  {example.before} → {example.after}  " + paint(example.direction, fg=colour))
    law = comparison.other.law
    told = [*facts_told(example.other, law), *rows_told(example.other, law)]
    for line in wrap(f"such as: {'; '.join(told) or 'any case'}", 4, columns):
        click.echo(line)
    if example.looked_at is not None:
        click.echo(paint(f"    both laws asked on {example.looked_at.isoformat()}", dim=True))
    for word, because in (("before", example.because[0]), ("after", example.because[1])):
        if because:
            for line in wrap(f"{word}: {'; '.join(because)}", 4, columns):
                click.echo(paint(line, dim=True))
