"""``comity review``: all law of a library looked over for what contradicts, is silent, or never matters."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comity.cli.exits import BAD_INPUT
from comity.cli.options import JSON, SECONDS
from comity.cli.prove import need_solver
from comity.cli.screen import counted, paint, show_problems, width, wrap
from comity.problems import ComityError, Problem, nearest

if TYPE_CHECKING:
    from comity.policy.library import Library
    from comity.proving.reviewing import Example, Review, Told

__all__ = ["command"]


@click.command("review")
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[FOLDER]")
@click.option("--agency", "agencies", metavar="ID", multiple=True, help="Only the law of this agency; may be repeated.")
@SECONDS
@JSON
def command(folder: Path | None, agencies: tuple[str, ...], seconds: float, as_json: bool) -> None:
    """Look over all law of the library in FOLDER (default: the packaged law), on every date and in every case.

    It tells what a drafter should look at; nothing it tells makes the exit code other than 0. Not legal advice.
    """
    need_solver()
    from comity.api import PACKAGED
    from comity.language.read import library_files, read_library
    from comity.proving.reviewing import review

    files = library_files(folder or PACKAGED)
    try:
        library = read_library(files)
    except ComityError as error:
        show_problems(error.problems, files)
        click.echo(f"{counted(len(error.problems), 'problem')}; nothing was reviewed", err=True)
        sys.exit(BAD_INPUT)
    _known(agencies, library)
    found = review(library, agencies, seconds)
    if as_json:
        click.echo(json.dumps(_data(found, library), ensure_ascii=False, indent=2))
    else:
        for line in _lines(found, library):
            click.echo(line)


def _known(agencies: Iterable[str], library: Library) -> None:
    """CM782 for an agency that is none."""
    from comity.case import find_agency

    for name in agencies:
        if find_agency(name, library) is None:
            near = nearest(name, [a.id for a in library.agencies])
            help_ = f"did you mean '{near}'?" if near else "'comity law list' lists them; or write PLACE:KIND"
            raise ComityError([Problem("CM782", f"there is no agency '{name}'", help=help_)])


def _lines(found: Review, library: Library) -> Iterator[str]:
    from comity.prove.review.findings import GAP, KINDS, NEVER_DECIDES

    columns = width()
    for kind, title in KINDS.items():
        told = [t for t in found.told if t.finding.kind == kind]
        if not told:
            continue
        yield paint(f"{kind}: {title}", bold=True)
        yield ""
        if kind == GAP:
            yield from _gaps(told, library, columns)
        elif kind == NEVER_DECIDES:
            yield from _remarks(told, columns)
        else:
            for one in told:
                yield from _finding(one, columns)
        yield ""
    counts = [f"{kind} {count}" for kind, count in found.counts().items() if kind != "undecided" or count]
    looked = "1 agency" if len(found.agencies) == 1 else f"{len(found.agencies)} agencies"
    summary = f"{looked} looked over in {found.seconds:.0f} s: {'; '.join(counts)} · not legal advice"
    yield from wrap(summary, 0, columns)


def _finding(told: Told, columns: int) -> Iterator[str]:
    finding = told.finding
    where = _where(told)
    mark = paint("  (declared)", dim=True) if finding.declared else ""
    head = wrap("  ".join(p for p in (where, finding.cite) if p), 2, columns - 4)
    for i, line in enumerate(head):
        yield paint(line if i == 0 else f"    {line}", fg="yellow") + (mark if i == len(head) - 1 else "")
    for line in wrap(f"{_capital(finding.says)}. {finding.means}", 4, columns):
        yield line
    if told.example is not None:
        for line in wrap(f"Example: {' '.join(_story(told.example))}", 4, columns):
            yield line
    if finding.stretches:
        for line in wrap(_whom(told), 4, columns):
            yield paint(line, dim=True)
    for line in wrap(f"-> {finding.do}", 4, columns):
        yield line


def _story(example: Example) -> Iterator[str]:
    yield from example.story
    if example.unknown:
        yield f"Not known: {example.unknown}."
    if example.readings:
        yield f"Read as: {'; '.join(f'{q}: {a}' for q, a in example.readings)}."


def _whom(told: Told) -> str:
    finding = told.finding
    first = finding.stretches[0]
    if len(finding.agencies) == 1:
        days = "; ".join(str(s.window) for s in finding.stretches)
        return f"{first.agency}: {days}"
    return f"{len(finding.agencies)} agencies, such as {first.agency}: {first.window}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _gaps(found: list[Told], library: Library, columns: int) -> Iterator[str]:
    """A line for each action, by what silence means."""
    from comity.prove.review.silence import silence_means

    actions = library.vocabulary.action_names()
    for outcome in dict.fromkeys(silence_means(a) for a in library.vocabulary.actions):
        of_it = [t for t in found if silence_means(actions[t.finding.action]) == outcome]
        if not of_it:
            continue
        yield f"  silence means '{outcome}':"
        alike: dict[str, list[str]] = {}
        for told in of_it:
            alike.setdefault(told.finding.says.partition("': ")[2], []).append(told.finding.action)
        for says, names in alike.items():
            yield from _hanging(f"{', '.join(names)}: {says}", columns)


def _hanging(text: str, columns: int) -> Iterator[str]:
    for i, line in enumerate(wrap(text, 4, columns - 4)):
        yield line if i == 0 else f"    {line}"


def _remarks(found: list[Told], columns: int) -> Iterator[str]:
    """Why a norm never decides, and under it a line for each rule with its actions."""
    from comity.prove.review.idle import AS_ANOTHER, AS_SILENCE, NO_POWER

    for why in (AS_ANOTHER, AS_SILENCE, NO_POWER):
        grouped: dict[tuple[str, str], list[Told]] = {}
        for told in (t for t in found if t.finding.means.startswith(why)):
            grouped.setdefault((_where(told), told.finding.cite), []).append(told)
        if grouped:
            yield from wrap(f"{why.rstrip('.')} (most are meant so):", 2, columns)
        for (where, cite), same in grouped.items():
            actions = ", ".join(t.finding.says.split("'")[1] for t in same)
            other = same[0].finding.means.removeprefix(why).strip(":. ")
            yield from _hanging(f"{where}  {cite}: {actions}" + (f" (as {other})" if other else ""), columns)


def _where(told: Told) -> str:
    span = told.finding.span
    return f"{span.file}:{span.line}" if span is not None else ""


def _data(found: Review, library: Library) -> dict[str, Any]:
    def one(told: Told) -> dict[str, Any]:
        finding, example = told.finding, told.example
        data: dict[str, Any] = {
            "kind": finding.kind,
            "at": str(finding.span) if finding.span is not None else "",
            "cite": finding.cite,
            "action": finding.action,
            "says": finding.says,
            "means": finding.means,
            "do": finding.do,
            "declared": finding.declared,
            "agencies": list(finding.agencies),
            "in_force": [{"agency": s.agency, "window": str(s.window)} for s in finding.stretches],
        }
        if example is not None:
            data["example"] = {
                "agency": example.case.agency.id,
                "law_date": str(example.case.law_date),
                "story": list(example.story),
                "unknown": example.unknown,
                "readings": dict(example.readings),
                "outcome": example.outcome,
                "otherwise": example.otherwise,
            }
        return data

    return {
        "counts": found.counts(),
        "findings": [one(t) for t in found.told],
        "agencies": list(found.agencies),
        "seconds": round(found.seconds, 1),
        "library": {"version": library.version, "sha256": library.sha256},
    }
