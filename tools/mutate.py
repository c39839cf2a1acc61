"""``make mutate``: every norm of the law changed in small ways; the examples and claims must notice 95 % of it.

``python -m tools.mutate`` prints the figures per kind, and every mutant that nobody notices.  ``--write`` puts figures
and equivalent mutants into docs/mutations.md; the reasons of the survivors are written there by hand.  Exit code 1:
below 95 % of what could be noticed, a survivor without a reason, or a reason for what is noticed now.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.mutants import KINDS, Mutant, Suite, mutants

from comity.api import PACKAGED
from comity.language.read import library_files, read_library
from comity.policy.library import Library

PAGE = Path(__file__).resolve().parent.parent / "docs" / "mutations.md"
EQUIVALENT = "equivalent"
WANTED = 95.0

_ROW = re.compile(r"^\| `([^`]+)` \| (.+?) \|$", re.MULTILINE)
_PART = re.compile(r"(<!-- (?P<name>figures|equivalent) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: noticed by "example", "claim" or "reader"; "equivalent"; or "" (it survived)."""

    kind: str
    name: str
    by: str


@cache
def packaged() -> Library:
    """The packaged law, read from its pages."""
    return read_library(library_files(PACKAGED))


@cache
def _suite() -> Suite:
    return Suite(packaged())


def _fates(action: str) -> tuple[list[Fate], float]:
    """What became of the mutants of the norms about one action; with the seconds of CPU they took."""
    start = time.process_time()
    found = [fate_of(m, _suite()) for m in mutants(packaged()) if m.norm.action == action]
    return found, time.process_time() - start


def fate_of(mutant: Mutant, suite: Suite) -> Fate:
    """Whether somebody notices, and if nobody does, whether anybody could."""
    by = suite.noticed_by(mutant) or (EQUIVALENT if suite.equivalent(mutant) else "")
    return Fate(mutant.kind, mutant.name, by)


def fates(processes: int) -> tuple[list[Fate], float]:
    """What became of every mutant, in the order of the library; with the seconds of CPU."""
    count = Counter(m.norm.action for m in mutants(packaged()))
    # A solver is not safe across a fork, so each process starts afresh.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        found = list(pool.imap_unordered(_fates, [a for a, _ in count.most_common()], chunksize=1))
    by_name = {fate.name: fate for some, _ in found for fate in some}
    return [by_name[m.name] for m in mutants(packaged())], sum(seconds for _, seconds in found)


def score(found: Iterable[Fate]) -> float:
    """Noticed, in percent of the mutants that are not proved equivalent; 100 where there are none."""
    by = [f.by for f in found if f.by != EQUIVALENT]
    return 100 * sum(b != "" for b in by) / len(by) if by else 100.0


def table(found: list[Fate]) -> Iterator[str]:
    """The figures per kind, as Markdown."""
    yield "| kind | mutants | by an example | by a claim | by the reader | equivalent | survived | noticed |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for kind in (*KINDS, "all"):
        some = [f for f in found if kind in (f.kind, "all")]
        if some:
            by = Counter(f.by for f in some)
            counts = [len(some), by["example"], by["claim"], by["reader"], by[EQUIVALENT], by[""]]
            yield f"| {kind} | {' | '.join(map(str, counts))} | {score(some):.1f} % |"


def summary(found: list[Fate]) -> str:
    """The score in one sentence."""
    noticed = sum(f.by not in ("", EQUIVALENT) for f in found)
    equivalent = sum(f.by == EQUIVALENT for f in found)
    return (
        f"{noticed} of {len(found)} mutants noticed ({100 * noticed / len(found):.1f} %), {equivalent} proved "
        f"equivalent: {score(found):.1f} % of those that could be noticed"
    )


def reasons(page: str) -> dict[str, str]:
    """Survivor -> why nobody notices, as the page says."""
    return dict(_ROW.findall(page))


def equivalents(page: str) -> set[str]:
    """The mutants that the page lists as proved equivalent."""
    part = next((m[3] for m in _PART.finditer(page) if m["name"] == EQUIVALENT), "")
    return set(re.findall(r"^- `([^`]+)`$", part, re.MULTILINE))


def rewritten(page: str, found: list[Fate]) -> str:
    """The page with its generated parts made again."""
    parts = {
        "figures": [*table(found), "", f"{summary(found)}."],
        EQUIVALENT: [f"- `{f.name}`" for f in found if f.by == EQUIVALENT],
    }
    return _PART.sub(lambda m: m[1] + "\n".join(["", *parts[m["name"]], "", ""]) + m[4], page)


def main(arguments: list[str]) -> int:
    """Run, print, and perhaps write; the number to exit with."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutate", description="The mutation test of the law.")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="how many at once (2)")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/mutations.md")
    options = parser.parse_args(arguments)
    found, seconds = fates(options.processes)
    page = PAGE.read_text(encoding="utf-8")
    known = reasons(page)
    survived = [f.name for f in found if not f.by]
    print("\n".join(table(found)))
    for fate in found:
        if fate.by == EQUIVALENT:
            print(f"equivalent  {fate.name}")
    for name in survived:
        print(f"survived    {name}: {known.get(name, 'WITHOUT A REASON in docs/mutations.md')}")
    stale = sorted(set(known) - set(survived))
    for name in stale:
        print(f"noticed now {name}: take its reason out of docs/mutations.md")
    print(f"{summary(found)}; {seconds:.0f} s of CPU")
    if options.write:
        PAGE.write_text(rewritten(page, found), encoding="utf-8", newline="\n")
    return 1 if score(found) < WANTED or stale or set(survived) - set(known) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
