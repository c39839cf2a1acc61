"""Many cases: Comity beside pipelines written by hand for this one table, in the same run.

    python bench/audit.py [--rows 10000,100000,1000000,10000000] [--rounds 3]
                          [--what files,resident,one,norms,california] [--routes comity,duckdb] [--json FILE]

Every route runs in a process of its own and is checked there against the hand-written answers.  Routes take turns,
round by round, so that a busy minute hits all of them; a figure is the median over rounds of each round's median, and a
ratio the median of the rounds' own ratios.  Exit code 1 when an answer was wrong or a route could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

#: What is measured -> its routes, Comity's first, which is what ratios are of.
ROUTES: dict[str, tuple[str, ...]] = {
    "files": ("comity", "comity numba", "comity numba kept", "numba", "duckdb", "polars", "numpy"),
    "resident": (
        *("comity", "comity kept", "comity numba kept"),
        *("numpy", "numba 1 thread", "numba", "polars", "duckdb"),
    ),
    "one": ("comity", "comity by place", "comity outcomes", "by hand"),
    "norms": ("comity",),
    "california": ("columns", "columns independent"),
}
TITLES = {
    "files": "Parquet to Parquet: decisions and reason codes",
    "resident": "Columns in memory to reason codes",
    "one": "One decision of the same rules, outcome only",
    "norms": "Columns in memory, 500,000 cases, invented libraries, every action",
    "california": "The whole California stack, Parquet to Parquet: every action, outcome, winning norms, missing facts",
}
NORMS = (10, 100, 1_000)
CASES_ASKED = 20_000
_LONGEST = 3_600
#: Cases whose facts are coin tosses: their states grow with their number, and so does the time.
_MOST_INDEPENDENT = 1_000_000


@dataclass
class Entry:
    """One route at one size, over the rounds."""

    what: str
    route: str
    size: int
    rounds: list[dict[str, Any]] = field(default_factory=list)
    trouble: str = ""

    def median(self, of: str) -> float:
        """The median over the rounds of one figure."""
        return statistics.median(r[of] for r in self.rounds)

    @property
    def wrong(self) -> int:
        """Answers that differ from the hand-written ones, all rounds together."""
        return sum(r["wrong"] for r in self.rounds)


def command(entry: Entry) -> list[str]:
    """The process that measures a route."""
    if entry.what == "california":
        name, _, kind = entry.route.partition(" ")
        return [sys.executable, "-m", "bench.california_run", name, str(entry.size), "--kind", kind or "records"]
    return [sys.executable, "-m", "bench.detainer_ca.pipeline", entry.what, entry.route, str(entry.size)]


def measure(entry: Entry) -> None:
    """One round of one route."""
    path = os.pathsep.join(p for p in (os.environ.get("PYTHONPATH"), str(ROOT)) if p)
    try:
        done = subprocess.run(
            command(entry),
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path},
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        entry.trouble = f"it took more than {_LONGEST} s"
        return
    if done.returncode:
        entry.trouble = (done.stderr.strip().splitlines() or ["no message"])[-1]
    else:
        entry.rounds.append(json.loads(done.stdout.splitlines()[-1]))


def line_up(what: str, rows: Sequence[int]) -> Iterator[Entry]:
    """Every route of one thing at every size."""
    sizes = {"one": (CASES_ASKED,), "norms": NORMS, "california": tuple(r for r in rows if r >= 1_000_000) or rows[-1:]}
    for size in sizes.get(what, tuple(rows)):
        for route in ROUTES[what]:
            if size <= _MOST_INDEPENDENT or "independent" not in route:
                yield Entry(what, route, size)


def race(entries: Sequence[Entry], rounds: int) -> None:
    """Round by round, all routes of one size one after the other, each round from another one on."""
    for size in dict.fromkeys(e.size for e in entries):
        same = [e for e in entries if e.size == size]
        for turn in range(rounds):
            start = turn % len(same)
            for entry in same[start:] + same[:start]:
                if not entry.trouble:
                    tell(f"{entry.what} {entry.route} {size:,} round {turn + 1} of {rounds}")
                    measure(entry)
    tell("")


def tell(doing: str) -> None:
    """What is being measured, on the terminal alone."""
    if sys.stderr.isatty():
        print(f"\r{doing.ljust(78)}", end="\r", file=sys.stderr, flush=True)


def ratio(entry: Entry, base: Entry) -> float:
    """How many times as fast as the route the base is, round by round."""
    pairs = zip(entry.rounds, base.rounds, strict=False)
    return statistics.median(theirs["median"] / ours["median"] for theirs, ours in pairs)


def show(what: str, entries: Sequence[Entry]) -> None:
    """The table of one thing."""
    print(f"\n{TITLES[what]}")
    for size in dict.fromkeys(e.size for e in entries):
        same = [e for e in entries if e.size == size and e.rounds]
        base = same[0] if same and same[0].route == ROUTES[what][0] else None
        if what == "one":
            print(f"  {f'{size:,} cases':<24}{'p50 µs':>12}{'p99 µs':>12}{'ratio':>10}")
        elif what == "norms":
            print(f"  {f'{size:,} norms':<24}{'first s':>12}{'later s':>12}{'million/s':>12}")
        else:
            print(f"  {f'{size:,} cases':<24}{'seconds':>12}{'million/s':>12}{'peak MiB':>12}{'ratio':>10}")
        for entry in same:
            print(f"  {entry.route:<24}{''.join(figures(entry))}", end="")
            print("" if base is None or what == "norms" else f"{ratio(entry, base):>10.2f}")
            if what == "california":
                met = entry.rounds[-1]
                print(f"    {met['states']:,} states and {met['judgements']:,} judgements met, all actions together")
    if what in ("files", "resident", "one"):
        print(f"  ratio: the time of the route, times that of {ROUTES[what][0]}; above 1 it is slower than Comity")
    for entry in entries:
        if entry.trouble:
            print(f"  not measured: {entry.route}, {entry.size:,}: {entry.trouble}")
        elif entry.wrong:
            print(f"  WRONG: {entry.route}, {entry.size:,}: {entry.wrong} answers differ from the hand-written ones")


def figures(entry: Entry) -> Iterator[str]:
    """The cells of a line."""
    seconds = entry.median("median")
    if entry.what == "one":
        yield f"{seconds * 1e6:>12.2f}"
        yield f"{entry.median('p99') * 1e6:>12.2f}"
    elif entry.what == "norms":
        yield f"{entry.median('first'):>12.2f}"
        yield f"{seconds:>12.3f}"
        yield f"{entry.median('rows') / seconds / 1e6:>12.2f}"
    else:
        yield f"{seconds:>12.3f}"
        yield f"{entry.size / seconds / 1e6:>12.2f}"
        yield f"{entry.median('peak') / 2**20:>12.0f}"


def numbers(text: str) -> list[int]:
    """Row counts written with commas between them."""
    return [int(part.replace("_", "")) for part in text.split(",")]


def main() -> int:
    """Write the tables, race, print."""
    parser = argparse.ArgumentParser(description="Many cases by Comity and by hand-written pipelines, in the same run.")
    parser.add_argument("--rows", type=numbers, default=numbers("10_000,100_000,1_000_000,10_000_000"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--what", default="files,resident,one,norms,california", help="what to measure, with commas")
    parser.add_argument("--routes", default="", help="only these routes, with commas")
    parser.add_argument("--json", type=Path, help="write every figure to this file")
    options = parser.parse_args()
    unknown = set(options.what.split(",")) - set(ROUTES)
    if unknown:
        parser.error(f"there is nothing called {', '.join(sorted(unknown))} to measure")

    print(f"detainer-CA · {options.rounds} rounds · Python {platform.python_version()} · {platform.system()}", end=" ")
    print(f"{platform.machine()} · {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    wanted = {r.strip() for r in options.routes.split(",") if r.strip()}
    every: list[Entry] = []
    for what in options.what.split(","):
        entries = [e for e in line_up(what, options.rows) if not wanted or e.route in wanted]
        race(entries, options.rounds)
        show(what, entries)
        every += entries
    if options.json:
        options.json.write_text(json.dumps([asdict(e) for e in every], indent=1) + "\n", "utf-8")
    return 1 if any(e.trouble or e.wrong for e in every) else 0


if __name__ == "__main__":
    sys.exit(main())
