"""``comity fmt``: law files in their one canonical form."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from comity.cli.exits import BAD_INPUT, FAILED
from comity.cli.screen import show_problems
from comity.problems import ComityError, Problem

__all__ = ["command"]


@click.command("fmt")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a file is not in canonical form.")
def command(paths: tuple[Path, ...], check: bool) -> None:
    """Put the blocks of law files into their canonical form.  PATH is a Markdown file or a folder of them.

    Prose is left alone.  A file with a problem is left alone too, and the problem is shown.
    """
    from comity.language.format import format_document

    changed, bad, seen = [], 0, 0
    for path in _files(paths):
        seen += 1
        try:
            data = path.read_bytes()
            text = format_document(data, str(path))
        except OSError as error:
            reason = (error.strerror or "it cannot be read").lower()
            show_problems([Problem("CM112", f"'{path}' cannot be read: {reason}")])
            bad += 1
            continue
        except ComityError as error:
            show_problems(error.problems)
            bad += 1
            continue
        if text.encode() != data:
            changed.append(path)
            if not check:
                _replace(path, text)
    for path in changed:
        click.echo(f"{'would change' if check else 'changed'} {path}")
    click.echo(
        f"{seen} files, {len(changed)} {'to change' if check else 'changed'}"
        + (f", {bad} with problems" if bad else "")
    )
    sys.exit(BAD_INPUT if bad else FAILED if check and changed else 0)


def _files(paths: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*.md") if p.name != "README.md")
        else:
            found.append(path)
    return found


def _replace(path: Path, text: str) -> None:
    """A new file under the old name in one step, so that Ctrl-C never leaves half a law."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
        out.write(text)
    os.chmod(name, path.stat().st_mode)
    os.replace(name, path)
