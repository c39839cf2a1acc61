"""``comity check``: every example of a library, and what the examples cover."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from comity.cli.exits import FAILED
from comity.cli.options import JSON
from comity.cli.screen import counted, paint, problem_text, show_problems

__all__ = ["command"]


@click.command("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[FOLDER]")
@click.option("--only", metavar="INSTRUMENT", multiple=True, help="Run only the examples of this instrument.")
@click.option("--rules", is_flag=True, help="List the coverage of every rule.")
@JSON
def command(folder: Path | None, only: tuple[str, ...], rules: bool, as_json: bool) -> None:
    """Run every example of the library in FOLDER (default: the packaged law) on both engines.

    Coverage by rule must be complete: every norm applies in some example, every exception defeats it in one; each
    window is tried the day before, on and after, and each fact unknown.
    """
    from comity.api import PACKAGED
    from comity.decide.coverage import both_engines, run_checks
    from comity.language.read import library_files, read_library
    from comity.language.relations import relation_problems
    from comity.problems import ComityError, Problem, nearest

    files = library_files(folder or PACKAGED)
    try:
        library = read_library(files)
    except ComityError as error:
        show_problems(error.problems, files)
        click.echo(f"{counted(len(error.problems), 'problem')}; nothing was run", err=True)
        sys.exit(FAILED)
    known = [i.id for i in library.instruments]
    for name in only:
        if name not in known:
            near = nearest(name, known)
            help_ = f"did you mean '{near}'?" if near else "see 'comity law list'"
            raise ComityError([Problem("CM203", f"there is no instrument '{name}'", help=help_)])
    coverage = run_checks(library, both_engines(library), instruments=only)
    warnings = [p for p in relation_problems(library) if p.severity == "warning"]
    shown = [r for r in coverage.rules.values() if not only or r.norm.instrument in only]
    gaps = [(r.norm, gap) for r in shown for gap in r.gaps()]
    if as_json:
        click.echo(
            json.dumps(
                {
                    "ok": not coverage.failures and not gaps,
                    "instruments": len(library.instruments),
                    "norms": len(shown),
                    "examples": coverage.examples,
                    "expectations": coverage.expectations,
                    "trials": coverage.trials,
                    "failures": [{"code": p.code, "message": p.message, "at": str(p.span)} for p in coverage.failures],
                    "warnings": [{"code": p.code, "message": p.message, "at": str(p.span)} for p in warnings],
                    "gaps": [{"norm": norm.id, "gap": gap} for norm, gap in gaps],
                    "claims": len(library.claims),
                },
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        for problem in [*warnings, *coverage.failures]:
            click.echo(problem_text(problem, files))
        for norm, gap in gaps:
            problem = Problem(
                "CM603", f"'{norm.label}' has {gap}", norm.span, norm.cite, "write that example beside the rule"
            )
            click.echo(problem_text(problem, files))
        if rules:
            for rule in shown:
                state = "; ".join(rule.gaps()) or "covered"
                click.echo(
                    f"  {rule.norm.id}: {state}, {len(rule.days_tried)} days, {len(rule.facts_tried)} facts unknown"
                )
        covered = len(shown) - len({norm.id for norm, _ in gaps})
        percent = 100 * covered // len(shown) if shown else 100
        ok = not coverage.failures and not gaps
        click.echo(
            f"{counted(coverage.examples, 'example')}, {counted(coverage.expectations, 'expectation')}, "
            f"{coverage.trials} trials of windows and unknown facts: {counted(len(coverage.failures), 'failure')}"
        )
        click.echo(
            f"{counted(len(library.instruments), 'instrument')}, {counted(len(shown), 'norm')}: "
            f"coverage by rule {percent} % " + paint("✔" if ok else "✘", fg="green" if ok else "red")
        )
        if library.claims:
            click.echo(f"{counted(len(library.claims), 'claim')} about every case: 'comity prove' proves them")
    if coverage.failures or gaps:
        sys.exit(FAILED)
