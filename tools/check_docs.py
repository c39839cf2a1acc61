"""Does the documentation say what the program does?  Prints one plain sentence per finding; exit code 1 if any.

Run from anywhere: ``python tools/check_docs.py [ROOT]``.  Warnings are printed too, and do not fail.
"""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    import click

MODULE_LINES_WARN = 400
MODULE_LINES_MAX = 500
REFERENCE_LINES = 130
REFERENCE_COLUMNS = 100

LINKED_PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/**/*.md", "examples/**/*.md")

# Spelled in pieces, so that this file does not find itself.
_PLACES = "|".join(("work", "root", "home", "Users"))
MACHINE_PATH = re.compile(rf"(?<![\w.~:$}}/-])/(?:(?:{_PLACES})/|{'t' + 'mp'}(?![\w-]))[\w./-]*")

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_LINK = re.compile(r"\[[^\[\]]*\](?:\(\s*(<[^>]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+\"[^\"]*\")?\s*\))")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s*(<[^>]*>|\S+)")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$")


def read(path: Path) -> str | None:
    """The text of a file, or None when it is missing or not text."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def named(text: str, name: str) -> bool:
    """Whether ``name`` stands in ``text`` as a whole word (``--all`` is not in ``--all-of-it``)."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def load(module: str, attribute: str) -> object:
    """An attribute of a module of the package, or a sentence saying why not, as ``LookupError``."""
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise LookupError(f"{module}:{attribute} cannot be loaded: {error}.") from error


def page_findings(root: Path, name: str) -> tuple[str, list[str]]:
    """The text of a page and, if it is missing, the finding that says so."""
    text = read(root / name)
    return (text, []) if text is not None else ("", [f"{name} is missing."])


def check_problems(root: Path) -> Iterator[str]:
    """Every problem code is explained in docs/problems.md, and no code there is unknown."""
    catalogue = load("comity.problems", "CATALOGUE")
    assert isinstance(catalogue, dict)
    text, missing = page_findings(root, "docs/problems.md")
    yield from missing
    if missing:
        return
    for code, title in catalogue.items():
        if not named(text, code):
            yield f"docs/problems.md does not explain {code} ({title})."
    for code in sorted(set(re.findall(r"\bCM\d{3}\b", text)) - set(catalogue)):
        yield f"docs/problems.md explains {code}, which is not in the catalogue."


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """A command and everything below it, each with the words that call it."""
    import click

    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if not child.hidden:
                yield from commands(child, f"{path} {name}")


def check_cli(root: Path) -> Iterator[str]:
    """Every command and every option is in docs/cli.md."""
    import click

    cli = load("comity.cli.main", "cli")
    if not isinstance(cli, click.Command):
        raise LookupError("comity.cli.main:cli is not a click command.")
    text, missing = page_findings(root, "docs/cli.md")
    yield from missing
    if missing:
        return
    for path, command in commands(cli, "comity"):
        if not named(text, path):
            yield f"docs/cli.md does not name the command `{path}`."
        for parameter in command.params:
            if not isinstance(parameter, click.Option) or parameter.hidden:
                continue
            for option in (*parameter.opts, *parameter.secondary_opts):
                if option.startswith("--") and not named(text, option):
                    yield f"docs/cli.md does not name the option `{option}` of `{path}`."


def check_exits(root: Path) -> Iterator[str]:
    """Every exit code is in docs/cli.md: first in a table row, or between backticks."""
    exits = load("comity.cli.exits", "EXIT_CODES")
    assert isinstance(exits, dict)
    text = read(root / "docs/cli.md") or ""
    for code, meaning in exits.items():
        if not re.search(rf"^\|\s*`?{code}`?\s*\||`{code}`", text, re.MULTILINE):
            yield f"docs/cli.md does not explain exit code {code} ({meaning})."


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a Markdown page outside code blocks, with their numbers."""
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield number, line


def anchors(text: str) -> set[str]:
    """The names that a link with ``#`` may point at: headings as hosting sites spell them, and explicit ids."""
    seen: dict[str, int] = {}
    found = set(re.findall(r"(?:id|name)=\"([^\"]+)\"", text))
    for _, line in prose(text):
        if heading := _HEADING.match(line):
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            count = seen.get(slug, 0)
            seen[slug] = count + 1
            found.add(f"{slug}-{count}" if count else slug)
    return found


def check_links(root: Path) -> Iterator[str]:
    """Every relative link leads to a file of the project, and its anchor to a heading there."""
    for page in sorted({p for pattern in LINKED_PAGES for p in root.glob(pattern)}):
        text = read(page) or ""
        place = page.relative_to(root).as_posix()
        for number, line in prose(text):
            bare = re.sub(r"(`+)(?:(?!\1).)*\1", lambda code: "x" * len(code[0]), line)
            for target in _LINK.findall(bare) + _REFERENCE.findall(bare):
                link = target.strip("<>")
                if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//", link) or link.startswith("^"):
                    continue
                name, _, anchor = link.partition("#")
                file = page if not name else page.parent / unquote(name)
                if name.startswith("/") or not file.resolve().is_relative_to(root.resolve()):
                    yield f"{place}:{number} links to {link}, which is outside the project."
                elif not file.exists():
                    yield f"{place}:{number} links to {link}, which does not exist."
                elif anchor and file.suffix == ".md" and unquote(anchor) not in anchors(read(file) or ""):
                    yield f"{place}:{number} links to {link}, but there is no such heading."


def module_lengths(root: Path) -> Iterator[tuple[str, int]]:
    """Each module under src/ with the number of its lines."""
    for path in sorted((root / "src").rglob("*.py")):
        yield path.relative_to(root).as_posix(), len((read(path) or "").splitlines())


def check_modules(root: Path) -> Iterator[str]:
    """No module is longer than its reader's patience."""
    for name, lines in module_lengths(root):
        if lines > MODULE_LINES_MAX:
            yield f"{name} has {lines} lines; a module has at most {MODULE_LINES_MAX}."


def check_reference(root: Path) -> Iterator[str]:
    """The language reference fits on two printed pages."""
    text, missing = page_findings(root, "docs/language.md")
    yield from missing
    lines = text.splitlines()
    if len(lines) > REFERENCE_LINES:
        yield f"docs/language.md has {len(lines)} lines; two pages hold {REFERENCE_LINES}."
    for number, line in enumerate(lines, 1):
        if len(line) > REFERENCE_COLUMNS:
            yield f"docs/language.md:{number} is {len(line)} columns wide; the page holds {REFERENCE_COLUMNS}."


def project_files(root: Path) -> list[Path]:
    """The files that are in the repository or could be committed to it as they are."""
    listing = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listing.returncode:
        skip = {".git", ".venv", "build", "dist", "__pycache__"}
        return sorted(p for p in root.rglob("*") if p.is_file() and not skip & set(p.relative_to(root).parts))
    return sorted({root / name for name in listing.stdout.decode("utf-8").split("\0") if name})


def check_paths(root: Path) -> Iterator[str]:
    """No file names a folder that exists on one machine only."""
    for path in project_files(root):
        for number, line in enumerate((read(path) or "").splitlines(), 1):
            if found := MACHINE_PATH.search(line):
                yield f"{path.relative_to(root).as_posix()}:{number} names {found[0]}, a path on somebody's machine."


CHECKS = (check_problems, check_cli, check_exits, check_links, check_modules, check_reference, check_paths)


def main(root: Path) -> int:
    """Run every check over the project at ``root``; the number to exit with."""
    findings: list[str] = []
    for check in CHECKS:
        try:
            findings += check(root)
        except LookupError as reason:
            findings.append(str(reason.args[0]))
    for name, lines in module_lengths(root):
        if MODULE_LINES_WARN < lines <= MODULE_LINES_MAX:
            print(f"warning: {name} has {lines} lines; think about splitting it before {MODULE_LINES_MAX}.")
    for finding in findings:
        print(finding)
    print("documentation: nothing to report" if not findings else f"documentation: {len(findings)} to mend")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent))
