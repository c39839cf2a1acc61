"""``comity law``: which law is held, what one text says, who beats whom, and what changed when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import click

from comity.api import Library
from comity.cli.completion import complete_agency, complete_reference
from comity.cli.finding import hanging, instrument_data, need_action
from comity.cli.options import AT, DAY, JSON, LAW
from comity.cli.screen import paint, width, wrap
from comity.policy.expressions import Defined, walk
from comity.policy.norms import DefinitionVersion, Instrument, Norm
from comity.policy.stack import Era
from comity.problems import ComityError, Problem

__all__ = ["command"]

AGENCY = click.option("--agency", metavar="ID", shell_complete=complete_agency, help="As it binds this agency.")


@click.group("law")
def command() -> None:
    """What binds an agency, rule by rule, and what changed when."""


def _print_json(data: object) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


@command.command("list")
@AGENCY
@AT
@click.option("--agencies", is_flag=True, help="List the agencies instead.")
@JSON
@LAW
def list_command(agency: str | None, at: date | None, agencies: bool, as_json: bool, law: Path | None) -> None:
    """List the instruments: id, title, authority, window, how far each was checked.

    With --agency only what can bind it, with --at only what is in force that day.
    """
    import comity

    library = comity.load(law)
    if agencies:
        _list_agencies(library, as_json)
        return
    shown = _instruments(library, agency, at)
    if as_json:
        _print_json([instrument_data(i, library) for i in shown])
        return
    columns = width()
    for instrument in shown:
        click.echo(paint(instrument.id, bold=True))
        for line in wrap(instrument.title, 2, columns):
            click.echo(line)
        window = f"in force {instrument.window}"
        for line in wrap(f"{instrument.authority} · {window} · checked: {instrument.checked}", 2, columns):
            click.echo(paint(line, dim=True))
    where = f" for {library.agency(agency).name}" if agency else ""
    when = f" on {at}" if at else ""
    click.echo(f"{len(shown)} instruments{where}{when}")


def _list_agencies(library: Library, as_json: bool) -> None:
    agencies = library.law.agencies
    if as_json:
        _print_json(
            [
                {
                    "id": a.id,
                    "name": a.name,
                    "short": a.short,
                    "kinds": list(a.kinds),
                    "time_zone": a.time_zone,
                    "local_law_held": a.held,
                    "note": a.note,
                }
                for a in agencies
            ]
        )
        return
    wide = max((len(a.id) for a in agencies), default=0)
    for a in agencies:
        click.echo(f"{a.id:<{wide}}  {a.name}" + ("" if a.held else " (its own rules are not held)"))
    kinds = ", ".join(k for k, _ in library.law.kinds)
    click.echo(f"{len(agencies)} agencies; for any other write PLACE:KIND, such as us/ca/town:police (kinds: {kinds})")


def _instruments(library: Library, agency: str | None, at: date | None) -> list[Instrument]:
    law = library.law
    if agency is None:
        used = {n.instrument for n in law.norms if at and at in n.window}
        used |= {d.instrument for d in law.definitions if at and at in d.window}
        return [i for i in law.instruments if at is None or at in i.window or i.id in used]
    stack = library.stack(agency)
    if at is not None:
        used = set(_used(stack.at(at)))
    else:
        # A text may bind in one era only; the day before the first edge stands for what was always so.
        days = [date.min, *stack.edges]
        used = {i for day in days for i in _used(stack.at(day))}
    return [i for i in law.instruments if i.id in used]


def _used(era: Era) -> Iterator[str]:
    """The instruments that speak in an era, suspended ones too, and those whose definitions they use."""
    for law in era.actions:
        for norm in (*law.norms, *(n for n, _ in law.suspended)):
            yield norm.instrument
            for version in _definitions(norm, era.definitions):
                yield version.instrument


def _definitions(
    text: Norm | DefinitionVersion, known: Mapping[str, tuple[DefinitionVersion, ...]]
) -> Iterator[DefinitionVersion]:
    for expression in (text.when, *text.exceptions):
        for node in walk(expression):
            if isinstance(node, Defined):
                for version in known.get(node.name, ()):
                    yield version
                    yield from _definitions(version, known)


@command.command("show")
@click.argument("ref", metavar="REF", shell_complete=complete_reference)
@AGENCY
@AT
@JSON
@LAW
def show_command(ref: str, agency: str | None, at: date | None, as_json: bool, law: Path | None) -> None:
    """Show REF: an instrument, a norm or definition (by id, pinpoint or citation), an agency, or an action.

    For an action with --agency: every norm about it that binds, highest authority first, with who beats whom; without
    --at under the last law date the library was checked for.
    """
    import comity
    from comity.cli.showing import show

    library = comity.load(law)
    found = show(ref, library, law, agency, at)
    if as_json:
        _print_json(found.data)
    else:
        click.echo("\n".join(found.lines))


@command.command("timeline")
@click.option("--agency", metavar="ID", required=True, shell_complete=complete_agency, help="The agency.")
@click.option("--from", "first", type=DAY, metavar="DATE", help="Leave out changes before this day.")
@click.option("--to", "last", type=DAY, metavar="DATE", help="Leave out changes after this day.")
@click.option("--action", metavar="ACTION", help="Only changes of rules about this action.")
@JSON
@LAW
def timeline_command(
    agency: str, first: date | None, last: date | None, action: str | None, as_json: bool, law: Path | None
) -> None:
    """Show what changed for an agency, and when: which rules came, went, were suspended by a court or resumed."""
    import comity
    from comity.cli.timeline import timeline

    library = comity.load(law)
    if first and last and last < first:
        raise ComityError([Problem("CM601", f"--to {last} lies before --from {first}", help="exchange them")])
    wanted = need_action(action, library).name if action is not None else None
    stack = library.stack(agency)
    events = timeline(stack, first, last, wanted)
    if as_json:
        _print_json([e.data() for e in events])
        return
    columns = width()
    day: date | None = None
    for event in events:
        if event.day != day:
            click.echo(paint(str(event.day), bold=True))
            day = event.day
        for line in hanging(event.what, event.words(), 2, columns):
            click.echo(line)
    count = len({e.day for e in events})
    click.echo(f"{len(events)} changes on {count} days for {stack.agency.name}")
