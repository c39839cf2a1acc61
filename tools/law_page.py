"""The generated parts of the documentation: what law there is, what a case may say, what the program prints.

``python tools/law_page.py`` rewrites, in README.md and docs/, what stands between ``<!-- NAME: … -->`` and
``<!-- end -->``; with ``--check`` it changes nothing and exits with 1 if something would change.  Names: ``law`` (every
instrument), ``facts`` (every fact of a case file), ``output: ARGUMENTS`` (what ``comity ARGUMENTS`` prints).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from comity.api import PACKAGED
from comity.calendar import Window
from comity.language.document import read_document
from comity.language.read import library_files, read_library
from comity.policy.facts import FactWord
from comity.policy.library import Library
from comity.policy.norms import Instrument

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "docs/law.md", "docs/case-files.md", "docs/answer.md")
PLACES = {
    "us": "United States",
    "us/ca": "California",
    "us/tx": "Texas",
    "us/ny": "New York",
    "us/nj": "New Jersey",
    "us/ma": "Massachusetts",
    "us/or": "Oregon",
    "us/pa": "Pennsylvania",
}

_PART = re.compile(r"(<!-- (law|facts|output)(?:: ([^>]*?))? -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def cell(text: str) -> str:
    """Text that a table can hold."""
    return " ".join(text.split()).replace("|", "\\|")


def row(*cells: str) -> str:
    return "| " + " | ".join(map(cell, cells)) + " |"


def place_of(instrument: Instrument) -> str:
    """The place an instrument is filed under: its id without the last word."""
    return instrument.id.rpartition("/")[0]


def place_name(place: str) -> str:
    if place in PLACES:
        return PLACES[place]
    above, _, own = place.rpartition("/")
    return f"{PLACES.get(above, above)}: {own.replace('-', ' ').title()}"


def window_words(window: Window) -> str:
    return str(window) if window.start or window.end else "always (no day given)"


def open_points(library: Library, instrument: Instrument) -> Iterator[str]:
    """Marks, open readings and court orders of one instrument, each once."""
    seen: dict[str, str] = {}
    for norm in library.norms:
        if norm.instrument == instrument.id and norm.contested:
            seen.setdefault(norm.contested, norm.cite)
    for text, cite in seen.items():
        yield f"{cite}: {text}"
    for question in library.vocabulary.questions:
        if question.span is not None and question.span.file == instrument.file:
            yield f"open reading *{question.name}*: {question.text} ({' / '.join(question.answers)})"
    for order in library.orders:
        if order.instrument == instrument.id:
            yield f"court order, {order.cite}: {order.window}" + (f"; {order.text}" if order.text else "")


def law_lines(library: Library) -> Iterator[str]:
    """The instruments place by place: a table, then what is contested or open."""
    by_place: dict[str, list[Instrument]] = {}
    for instrument in library.instruments:
        by_place.setdefault(place_of(instrument), []).append(instrument)
    states = list(PLACES)
    for place in sorted(by_place, key=lambda p: (states.index("/".join(p.split("/")[:2])), p)):
        instruments = by_place[place]
        yield from ("", f"## {place_name(place)}", "")
        yield row("instrument", "authority", "in force", "checked", "norms")
        yield "|---|---|---|---|---|"
        for i in instruments:
            count = sum(n.instrument == i.id for n in library.norms)
            title = f"[{i.title}](../src/comity/law/{i.file})" + (f" ({i.note})" if i.note else "")
            yield row(title, i.authority, window_words(i.window), i.checked, str(count))
        points = [(i, list(open_points(library, i))) for i in instruments]
        if any(found for _, found in points):
            yield from ("", "Contested or open:", "")
            for instrument, found in points:
                yield from (f"- **{instrument.title}.** {cell(point)}" for point in found)
    stated = {i.file for i in library.instruments}
    files = library_files(PACKAGED)
    yield from ("", "## Pages without rules", "", "They explain, and no answer turns on them.", "")
    for name in sorted(n for n in files if n.endswith(".md") and n not in stated and not n.startswith("words/")):
        fields = read_document(files[name], name).fields
        checked = f" (checked: {fields['checked'].value})" if "checked" in fields else ""
        yield f"- [{fields['title'].value}](../src/comity/law/{name}){checked}"
    yield ""


def fact_lines(library: Library) -> Iterator[str]:
    """Every fact of a case file, group by group, then the fields of a conviction and of a charge."""
    words = library.vocabulary
    groups: dict[str, list[FactWord]] = {}
    for word in words.case_facts().values():
        groups.setdefault(word.group, []).append(word)
    rows = {f"each of {list_}": list(words.fields(record).values()) for record, list_ in words.records().items()}
    for group, facts in [*sorted(groups.items()), *rows.items()]:
        yield from ("", f"### {group}", "")
        yield row("fact", "value", "what it asks")
        yield "|---|---|---|"
        for fact in facts:
            marks = " *A person must judge this.*" if fact.counsel else ""
            marks += " *Filled from the offence table.*" if fact.offence else ""
            marks += " *Filled for agencies whose local law is held.*" if fact.agency else ""
            yield row(f"`{fact.name}`", str(fact.type), (fact.ask or "") + marks)
    yield ""


def output(arguments: str) -> Iterator[str]:
    """What the program prints, as a block."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "comity.cli", *arguments.split()]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=True)
    yield from ("```text", *done.stdout.splitlines(), "```")


def regenerated(text: str, library: Library) -> str:
    """A page with every generated part made again."""

    def part(match: re.Match[str]) -> str:
        start, name, arguments, _, end = match.groups()
        lines = {"law": law_lines, "facts": fact_lines}[name](library) if name != "output" else output(arguments or "")
        return start + "\n".join(lines) + "\n" + end

    return _PART.sub(part, text)


def main(check: bool) -> int:
    """Rewrite the pages, or say which would change; the number to exit with."""
    library = read_library(library_files(PACKAGED))
    changed = []
    for name in PAGES:
        page = ROOT / name
        old = page.read_text(encoding="utf-8")
        new = regenerated(old, library)
        if new != old:
            changed.append(name)
            if not check:
                page.write_text(new, encoding="utf-8", newline="\n")
    for name in changed:
        print(f"{name} {'is out of date: run python tools/law_page.py' if check else 'rewritten'}")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
