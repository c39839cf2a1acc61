"""``comity audit``: a table of records, judged case by case under the law of each day."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comity.cli.options import AT, JSON, LAW
from comity.problems import ComityError, Problem, nearest

if TYPE_CHECKING:
    from comity.api import Library
    from comity.auditing import Assignment

__all__ = ["command"]

#: What is told of each action, as in ``comity.audit.outputs.decisions`` (not imported: ``--help`` needs no numpy).
_COLUMNS = ("outcome", "layers", "winning", "missing")
_ENGINES = ("columns", "interpreter", "duckdb", "pyspark")


def _pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = [value.partition("=") for value in values]
    for name, equals, file in found:
        if not equals or not name.strip() or not file:
            raise click.BadParameter("write LIST=FILE, such as convictions=convictions.csv", ctx, param)
    return tuple((name.replace("_", " ").strip(), file) for name, _, file in found)


def _told(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    chosen = [part.strip() for part in value.split(",")]
    for part in chosen:
        if part not in _COLUMNS:
            raise click.BadParameter(f"'{part}' is none of {', '.join(_COLUMNS)}", ctx, param)
    return tuple(name for name in _COLUMNS if name in chosen)


@click.command("audit")
@click.argument("records", metavar="RECORDS")
@click.option(
    "--map", "mapping", metavar="FILE|NAME", default="", help="How the records are read: a file, or a built-in name."
)
@click.option("--guess", is_flag=True, help="Print a first version of a mapping instead, and judge nothing.")
@click.option("--agency", metavar="ID", default="", help="The agency of every case.")
@click.option("--agency-column", metavar="NAME", default="", help="The column that names the agency.")
@AT
@click.option(
    "--list", "--child", "children", metavar="LIST=FILE", multiple=True, callback=_pairs, help="A list's own table."
)
@click.option("--table", metavar="NAME", default="", help="The sheet of a workbook, or the table of a database.")
@click.option("--engine", type=click.Choice(_ENGINES), default="columns", show_default=True, help="What judges.")
@click.option("--action", "actions", metavar="ACTION", multiple=True, help="Tell of this action; may be repeated.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="Of the decisions.",
)
@click.option(
    "--columns",
    metavar="NAMES",
    default=",".join(_COLUMNS),
    callback=_told,
    show_default=True,
    help="What is told of each action.",
)
@click.option("--sample", metavar="N", type=click.IntRange(min=1), help="Judge N cases, drawn at random.")
@click.option(
    "--seed", metavar="S", type=int, default=0, show_default=True, help="Which N: the same seed, the same cases."
)
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), help="The folder to write (default: RECORDS-audit)."
)
@click.option("--resume", is_flag=True, help="Go on with an audit that was stopped.")
@click.option("--force", is_flag=True, help="Replace an older audit, or throw away an unfinished one.")
@click.option("--no-report", is_flag=True, help="Write no report.html.")
@click.option(
    "--keep-cases",
    metavar="N",
    type=click.IntRange(min=0),
    default=10_000,
    show_default=True,
    help="Cases with findings whose facts are kept, for each severity.",
)
@click.option(
    "--max-inflated", metavar="GIB", type=click.IntRange(min=1), help="How large a compressed file may become."
)
@click.option(
    "--sql", metavar="DIALECT", default="", help="Print the SQL of this audit for a warehouse, and judge nothing."
)
@click.option("--quiet", is_flag=True, help="No progress bar.")
@JSON
@LAW
def command(
    records: str,
    mapping: str,
    guess: bool,
    agency: str,
    agency_column: str,
    at: date | None,
    children: tuple[tuple[str, str], ...],
    table: str,
    engine: str,
    actions: tuple[str, ...],
    format_: str,
    columns: tuple[str, ...],
    sample: int | None,
    seed: int,
    out: Path | None,
    resume: bool,
    force: bool,
    no_report: bool,
    keep_cases: int,
    max_inflated: int | None,
    sql: str,
    quiet: bool,
    as_json: bool,
    law: Path | None,
) -> None:  # fmt: skip
    """Judge every case of RECORDS, a file or the address of a database, under the law of its day.

    Writes a folder with decisions, findings, rejected records, a report and a manifest.  Nothing is sent anywhere.
    """
    _needs_extra()
    import comity
    from comity.auditing import Assignment
    from comity.auditing.assignment import base_name
    from comity.cli.finding import need_action

    if agency and agency_column:
        help_ = "leave one of --agency and --agency-column out"
        raise ComityError([Problem("CM601", "the agency is told in two ways", help=help_)])
    library = comity.load(law)
    assignment = Assignment(
        records=records,
        out=out or Path(f"{Path(base_name(records)).name.partition('.')[0] or 'records'}-audit"),
        mapping=mapping,
        table=table,
        agency=agency,
        agency_column=agency_column,
        law_date=at,
        children=_lists(children, library),
        engine=engine,
        actions=tuple(dict.fromkeys(need_action(a, library).name for a in actions)),
        format=format_,
        told=columns,
        sample=sample or 0,
        seed=seed,
        report=not no_report,
        most_kept=keep_cases,
        most_inflated=(max_inflated or 0) * 2**30,
    )
    if guess:
        _guess(assignment, library)
    elif sql:
        _sql(assignment, library, sql)
    else:
        _run(assignment, library, resume=resume, force=force, quiet=quiet, as_json=as_json)


def _run(assignment: Assignment, library: Library, *, resume: bool, force: bool, quiet: bool, as_json: bool) -> None:
    from comity.auditing import AuditStopped, audit
    from comity.cli.audited import ProgressBar, summary_data, summary_text, timing

    bar = ProgressBar(sys.stderr, shown=not quiet)
    try:
        with bar:
            result = audit(assignment, library, resume=resume, force=force, progress=bar.show)
    except AuditStopped as stopped:
        if stopped.kept:
            click.echo("what was judged is kept: the same command with --resume goes on", err=True)
        raise
    if as_json:
        click.echo(_json(summary_data(result)))
    else:
        click.echo(summary_text(result), nl=False)
    click.echo(timing(result), err=True)


def _json(data: dict[str, Any]) -> str:
    import json

    return json.dumps(data, ensure_ascii=False, indent=2)


def _guess(assignment: Assignment, library: Library) -> None:
    from comity.audit.guess import guess
    from comity.audit.records import open_records
    from comity.auditing.source import records_limits

    records = open_records(
        assignment.records, assignment.table or None, limits=records_limits(assignment.most_inflated)
    )
    click.echo(guess(records, library.law), nl=False)
    if sys.stdout.isatty():
        click.echo("save it with '> map.yaml', read every line, then give it with --map map.yaml", err=True)


def _sql(assignment: Assignment, library: Library, dialect: str) -> None:
    from comity.auditing.engines import sql_of
    from comity.auditing.source import open_source

    source = open_source(assignment, library)
    actions, _ = source.actions(lambda what, done, share: None)
    tables = (chunk.table for chunk in source.chunks())
    click.echo(sql_of(tables, [a.name for a in actions], library, dialect), nl=False)


def _lists(children: tuple[tuple[str, str], ...], library: Library) -> tuple[tuple[str, str], ...]:
    lists = {name: w for name, w in library.law.vocabulary.case_facts().items() if w.type.kind == "list"}
    for place, (name, _) in enumerate(children):
        if name not in lists:
            near = nearest(name, lists)
            help_ = f"did you mean '{near}'?" if near else f"lists are {', '.join(lists)}"
            raise ComityError([Problem("CM601", f"a case has no list called '{name}'", help=help_)])
        if name in [other for other, _ in children[:place]]:
            raise ComityError([Problem("CM601", f"two tables are given for '{name}'", help="give one --list for it")])
    return children


def _needs_extra() -> None:
    """A plain sentence where the extra is not installed."""
    for name in ("numpy", "pyarrow"):
        try:
            __import__(name)
        except ImportError:
            help_ = "install it with: pip install 'comity[audit]'"
            raise ComityError([Problem("CM730", f"an audit needs the package '{name}'", help=help_)]) from None
