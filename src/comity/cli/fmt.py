"""``comity fmt``: law files in their one canonical form."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from comity.cli.exits import BAD_INPUT, FAILED
from comity.cli.options import JSON
from comity.cli.saving import save_text
from comity.cli.screen import counted, show_problems
from comity.problems import ComityError, Problem

__all__ = ["command"]


@click.command("fmt")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a file is not in canonical form.")
@JSON
def command(paths: tuple[Path, ...], check: bool, as_json: bool) -> None:
    """Put the blocks of law files into their canonical form.  PATH is a Markdown file or a folder of them.

    Prose is left alone.  A file with a problem is left alone too, and the problem is shown.
    """
    from comity.language.format import format_document

    files = _files(paths)
    changed: list[Path] = []
    problems: list[Problem] = []
    unusable = 0
    for path in files:
        try:
            data = path.read_bytes()
            text = format_document(data, str(path))
            if text.encode() != data:
                if not check:
                    save_text(path, text)
                changed.append(path)
        except OSError as error:
            reason = (error.strerror or "it cannot be used").lower()
            problems.append(Problem("CM112", f"'{path}' cannot be read or written: {reason}"))
            unusable += 1
        except ComityError as error:
            problems += error.problems
            unusable += 1
    if as_json:
        shown = [{"code": p.code, "message": p.message, "at": str(p.span) if p.span else None} for p in problems]
        data_out = {"files": len(files), "changed": [str(p) for p in changed], "written": not check, "problems": shown}
        click.echo(json.dumps(data_out, ensure_ascii=False, indent=2))
    else:
        show_problems(problems)
        for path in changed:
            click.echo(f"{'would change' if check else 'changed'} {path}")
        end = f", {unusable} with problems" if unusable else ""
        click.echo(f"{counted(len(files), 'file')}, {len(changed)} {'to change' if check else 'changed'}{end}")
    sys.exit(BAD_INPUT if unusable else FAILED if check and changed else 0)


def _files(paths: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*.md") if p.name != "README.md")
        else:
            found.append(path)
    return found
