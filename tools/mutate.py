"""``make mutate``: every norm of the law changed in small ways; the examples and claims must notice 95 % of it.

``python -m tools.mutate [--write] [--only WORDS] [--processes N]`` prints the figures per kind and every survivor.
``--write`` puts both into docs/mutations.md, where each survivor has its reason.  Exit code 1: below 95 %, or a survivor
without a reason.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from comity.api import PACKAGED
from comity.language.read import library_files, read_library
from comity.policy.library import Library
from tools.mutants import KINDS, Mutant, Suite, mutants

PAGE = Path(__file__).resolve().parent.parent / "docs" / "mutations.md"
EQUIVALENT = "equivalent"
WANTED = 95.0


@dataclass(frozen=True)
class Fate:
    """What became of one mutant: noticed by "example", "claim" or "reader"; "equivalent"; or "" (survived)."""

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
    """All mutants of the norms about one action; with the seconds of CPU they took."""
    start = time.process_time()
    found = [fate_of(m, _suite()) for m in mutants(packaged()) if m.norm.action == action]
    return found, time.process_time() - start


def fate_of(mutant: Mutant, suite: Suite) -> Fate:
    """Whether somebody notices, and if not, whether anybody could."""
    by = suite.noticed_by(mutant) or (EQUIVALENT if suite.equivalent(mutant) else "")
    return Fate(mutant.kind, mutant.name, by)


def fates(processes: int) -> tuple[list[Fate], float]:
    """What became of every mutant, in the order of the library; with the seconds of CPU."""
    count = Counter(m.norm.action for m in mutants(packaged()))
    actions = [a for a, _ in count.most_common()]
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        found = list(pool.imap_unordered(_fates, actions, chunksize=1))
    by_name = {fate.name: fate for some, _ in found for fate in some}
    return [by_name[m.name] for m in mutants(packaged())], sum(seconds for _, seconds in found)


def score(found: list[Fate]) -> float:
    """Noticed, in percent of all; what is proved equivalent is not noticed."""
    return 100 * sum(f.by not in ("", EQUIVALENT) for f in found) / len(found)


def table(found: list[Fate]) -> Iterator[str]:
    """The figures per kind."""
    yield "| kind | mutants | an example | a claim | the reader | noticed | equivalent | survived |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for kind in (*KINDS, "all"):
        some = [f for f in found if kind in (f.kind, "all")]
        if some:
            by = Counter(f.by for f in some)
            noticed = f"{score(some):.1f} %"
            cells = [kind, len(some), by["example"], by["claim"], by["reader"], noticed, by[EQUIVALENT], by[""]]
            yield f"| {' | '.join(map(str, cells))} |"


def main(arguments: list[str]) -> int:
    """Run, print, and perhaps write; the number to exit with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    found, seconds = fates(options.processes)
    for line in table(found):
        print(line)
    for fate in found:
        if fate.by in ("", EQUIVALENT):
            print(f"{fate.by or 'survived':12}{fate.name}")
    print(f"{score(found):.2f} % of {len(found)} noticed, in {seconds:.0f} s of CPU")
    return 0 if score(found) >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
