"""``comity sample``: made-up records for demonstrations and benchmarks."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

import click

from comity.cli.options import DAY
from comity.problems import ComityError, Problem

__all__ = ["command"]

_QUIET_SECONDS = 2.0


@click.command("sample")
@click.option("--rows", metavar="N", type=int, required=True, help="How many records, 0 to 100,000,000.")
@click.option("--like", metavar="LAYOUT", required=True, help="federal, federal-2008 or jail.")
@click.option(
    "--seed", metavar="S", type=int, default=1, show_default=True, help="Which rows: the same seed, the same rows."
)
@click.option(
    "--format", "format_", type=click.Choice(["parquet", "csv"]), help="Default: by the name, parquet without one."
)
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="Default: synthetic-LAYOUT-N.parquet in this folder."
)
@click.option("--from", "first", metavar="DATE", type=DAY, help="The first day that records are made for.")
@click.option("--to", "last", metavar="DATE", type=DAY, help="The last one.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def command(
    rows: int,
    like: str,
    seed: int,
    format_: str | None,
    out: Path | None,
    first: date | None,
    last: date | None,
    force: bool,
    quiet: bool,
) -> None:
    """Write made-up records in the layout of the federal detainer release, or of a jail.

    They are about nobody: each row, each identifier and the file itself say that they are synthetic.
    """
    _needs_extra()
    from comity.audit.sample.mapping import MAPPINGS
    from comity.audit.sample.writing import Recipe, write_sample
    from comity.cli.audited import ProgressBar

    recipe = Recipe(like, rows, seed, first, last)
    place = out or Path(f"synthetic-{like}-{rows}.{format_ or 'parquet'}")
    began = time.monotonic()
    with ProgressBar(sys.stderr, shown=not quiet) as bar:

        def progress(done: int, wanted: int) -> None:
            if time.monotonic() - began > _QUIET_SECONDS:
                bar.show("writing", done, done / wanted if wanted else 1.0)

        size = write_sample(recipe, place, format=format_, force=force, progress=progress)
    seconds = time.monotonic() - began
    days = f"{recipe.days[0]} to {recipe.days[1]}"
    click.echo(f"{place}: {rows:,} SYNTHETIC records like '{like}', {days}, seed {seed}; {size / 1e6:,.1f} MB")
    click.echo(f"audit them with: comity audit {place} --map {MAPPINGS[like]} --agency ID")
    rate = f", {rows / seconds / 1e3:,.0f} thousand a second" if rows and seconds > 1 else ""
    click.echo(f"{seconds:.1f} s{rate}", err=True)


def _needs_extra() -> None:
    """A plain sentence where the extra is not installed."""
    for name in ("numpy", "pyarrow"):
        try:
            __import__(name)
        except ImportError:
            help_ = "install it with: pip install 'comity[audit]'"
            raise ComityError([Problem("CM730", f"made-up records need the package '{name}'", help=help_)]) from None
