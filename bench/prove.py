"""Proofs and comparisons: all claims of the library, one claim, two dates of one agency, and how time grows.

    python bench/prove.py [--rounds 3] [--what claims,diffs,norms] [--diffs 150] [--norms 100,1000,10000]
                          [--json FILE]

Wall clock and processor time of this process; medians over the rounds.  A round of claims begins with nothing but the
library read: every stack, era and formula is made anew.  Comparisons are of the day before and the day of changes of
law, drawn from all changes of all agencies, each made anew.  No peer answers such questions over law, so there is no
ratio here.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from comity.api import PACKAGED
from comity.language.read import library_files, read_library
from comity.policy.claims import Answered, Claim, NeverLooser, NoConflict, Stated
from comity.policy.library import Library
from comity.policy.stack import bind
from comity.prove.claims import Prover
from comity.proving.comparing import compare
from comity.proving.parties import Party
from comity.proving.proofs import proofs

AIMS = {"claims": 10.0, "claim": 0.05, "diff": 1.0}
_LIMIT = 60.0


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall seconds, processor seconds, and what came of it."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - wall, time.process_time() - cpu, found


def claims(library: Library, rounds: int) -> dict[str, Any]:
    """Every claim, from nothing; and each by itself in that process."""
    walls, cpus, single = [], [], []
    for _ in range(rounds):
        wall, cpu, found = timed(lambda: list(proofs(library, library.claims, _LIMIT)))
        assert all(p.status == "proved" for p in found)
        walls.append(wall)
        cpus.append(cpu)
        single += [p.seconds for p in found]
    return {
        "claims": len(library.claims),
        "wall": statistics.median(walls),
        "cpu": statistics.median(cpus),
        "claim_median": statistics.median(single),
        "claim_longest": max(single),
    }


def diffs(library: Library, count: int) -> dict[str, Any]:
    """The day before and the day of some changes of law, drawn from all of every agency."""
    changes = [(a, day) for a in library.agencies for day in bind(library, a).edges]
    took: list[tuple[float, str]] = []
    for agency, day in random.Random(1).sample(changes, min(count, len(changes))):
        one, other = Party(library, agency, day - timedelta(days=1)), Party(library, agency, day)
        wall, _, _ = timed(partial(compare, one, other, (), _LIMIT))
        took.append((wall, f"{agency.id} {day}"))
    took.sort()
    seconds = [s for s, _ in took]
    return {
        "comparisons": len(took),
        "median": statistics.median(seconds),
        "p95": seconds[int(len(seconds) * 0.95)],
        "longest": took[-1],
        "within_aim": sum(s <= AIMS["diff"] for s in seconds) / len(seconds),
    }


def norms(counts: Sequence[int]) -> list[dict[str, Any]]:
    """Invented libraries: four claims over all of the law."""
    from bench.detainer_ca.many_norms import many_norms

    found = []
    for count in counts:
        library = many_norms(count)
        agency = library.agencies[0].id
        action = library.vocabulary.actions[0].name
        asked = [
            Claim("conflict", (agency,), NoConflict(())),
            Claim("answer", (agency,), Answered(())),
            Claim("looser", (agency,), NeverLooser(library.ladder.layers[0][0], ())),
            Claim("never", (agency,), Stated(False, "must", action)),
        ]
        library = replace(library, claims=tuple(asked))
        prove = Prover(library, _LIMIT).prove
        row: dict[str, Any] = {"norms": count}
        for claim in asked:
            wall, _, verdict = timed(partial(prove, claim))
            row[claim.title] = (wall, verdict.status, verdict.versions)
        found.append(row)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Proofs and comparisons, timed.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--what", default="claims,diffs,norms")
    parser.add_argument("--norms", default="100,1000,10000")
    parser.add_argument("--diffs", type=int, default=150, help="how many comparisons")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    what = options.what.split(",")
    print(f"Proofs · Python {platform.python_version()} · {platform.system()} {platform.machine()}")
    library = read_library(library_files(PACKAGED))
    data: dict[str, Any] = {}
    if "claims" in what:
        data["claims"] = one = claims(library, options.rounds)
        print(f"\nAll {one['claims']} claims of the library, from nothing")
        print(f"  wall {one['wall']:.1f} s (aim {AIMS['claims']:.0f}), processor {one['cpu']:.1f} s")
        print(f"  one claim: median {one['claim_median'] * 1000:.0f} ms (aim 50), longest {one['claim_longest']:.1f} s")
    if "diffs" in what:
        data["diffs"] = two = diffs(library, options.diffs)
        print(
            f"\n{two['comparisons']} comparisons: the day before and the day of each change, every agency, every action"
        )
        median, within = two["median"] * 1000, two["within_aim"]
        print(f"  median {median:.0f} ms, 95 % within {two['p95']:.2f} s; {within:.1%} within 1 s (the aim)")
        print(f"  longest {two['longest'][0]:.1f} s: {two['longest'][1]}")
    if "norms" in what:
        data["norms"] = norms([int(n) for n in options.norms.split(",")])
        print("\nInvented libraries: claims over all of the law, seconds (laws looked at, what came of it)")
        print(f"  {'norms':>8}{'no conflict':>24}{'an answer':>24}{'never looser':>24}{'never must':>24}")
        for row in data["norms"]:
            told = [f"{row[t][0]:.2f} ({row[t][2]}, {row[t][1]})" for t in ("conflict", "answer", "looser", "never")]
            print(f"  {row['norms']:>8}" + "".join(f"{t:>24}" for t in told))
    if options.json:
        options.json.write_text(json.dumps(data, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
