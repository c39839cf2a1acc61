"""``make bench``: one decision by Comity and by its peers, in the same run, checked before it is timed.

Every contender must give the referee's answer on every case, or it is not timed and the exit code is 1.  Rounds are
interleaved, so that a busy machine is busy for all.  A median is over all calls of a contender.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import comity_side
from comity_side import Contender
from peers import PEERS
from question import LAW_DATES, Case, Decide, random_cases, referee

ROOT = Path(__file__).resolve().parent.parent
OUTCOMES_ONLY = "Comity, outcomes only"
BY_HAND = "plain Python by hand (the referee)"

# A small process of its own starts the child, since a child's peak memory counts that of the process it came from.
SPAWN = """
import json, os, sys, time
command = sys.argv[1:]
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
start = time.perf_counter()
child = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
_, status, usage = os.wait4(child, 0)
took = time.perf_counter() - start
scale = 1 if sys.platform == "darwin" else 1024
print(json.dumps([took, usage.ru_maxrss * scale, os.waitstatus_to_exitcode(status)]))
"""


@dataclass(slots=True)
class Entry:
    """A contender in the race, with the times of its calls in nanoseconds."""

    name: str
    version: str
    contender: Contender
    unsettled: bool = True  # also checked on the cases that only a judge can settle
    times: list[int] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Microseconds."""
        return statistics.median(self.times) / 1000

    @property
    def slow(self) -> float:
        """The 95th percentile in microseconds."""
        return statistics.quantiles(self.times, n=20)[-1] / 1000


@dataclass(slots=True)
class Notes:
    """What must not be overlooked; it is printed last."""

    lines: list[str] = field(default_factory=list)
    failed: bool = False

    def missing(self, name: str, reason: object, *, fails: bool) -> None:
        """Somebody could not be measured."""
        self.lines.append(f"MISSING  {name}: {reason}")
        self.failed = self.failed or fails

    def wrong(self, name: str, what: str) -> None:
        """Somebody answered the question differently."""
        self.lines.append(f"WRONG    {name}: {what}")
        self.failed = True


def of_plain(decide: Decide) -> Contender:
    """A contender that takes the plain case as it is."""
    return Contender(prepare=lambda case: case.plain, decide=decide, outcomes=lambda answer: answer)


def package_version(package: str) -> str:
    """The installed version, or nothing."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def line_up(notes: Notes) -> list[Entry]:
    """Everybody who can be had; whoever cannot is named in ``notes``."""
    makers: list[tuple[str, str, bool, Callable[[], Contender]]] = [
        (OUTCOMES_ONLY, "comity", False, comity_side.make_outcomes),
        ("Comity, outcomes, most facts unknown", "comity", False, comity_side.make_open_outcomes),
        ("Comity, whole explanation", "comity", False, comity_side.make_explained),
        ("Comity, explained, most facts unknown", "comity", False, comity_side.make_open_explained),
        *((peer.name, peer.package, True, lambda make=peer.make: of_plain(make())) for peer in PEERS),
        (BY_HAND, "", True, lambda: of_plain(referee)),
    ]
    entries = []
    for name, package, unsettled, make in makers:
        try:
            entries.append(Entry(name, package_version(package) if package else "", make(), unsettled))
        except Exception as error:  # whatever it is, the others still race
            notes.missing(name, f"{type(error).__name__}: {error}", fails=package == "comity")
    return entries


def agrees(entry: Entry, cases: list[Case], notes: Notes) -> bool:
    """Whether the contender gives the referee's answer on every case."""
    wrong = 0
    for case in cases:
        expected = referee(case.plain)
        try:
            given: Any = entry.contender.outcomes(entry.contender.decide(entry.contender.prepare(case)))
        except Exception as error:
            given = f"{type(error).__name__}: {error}"
        if given != expected:
            wrong += 1
            if wrong == 1:
                notes.wrong(entry.name, f"gave {given}, the referee says {expected}, for {case}")
    if wrong:
        notes.wrong(entry.name, f"{wrong} of {len(cases)} cases; not timed")
    return not wrong


def race(entries: list[Entry], cases: list[Case], rounds: int) -> None:
    """Time every contender on every case, round by round in turn; the first round warms up and is thrown away."""
    prepared = {entry.name: [entry.contender.prepare(case) for case in cases] for entry in entries}
    clock = time.perf_counter_ns
    for turn in range(rounds + 1):
        for entry in entries:
            decide, times = entry.contender.decide, []
            for item in prepared[entry.name]:
                start = clock()
                decide(item)
                times.append(clock() - start)
            if turn:
                entry.times += times


def print_race(entries: list[Entry]) -> None:
    """The table of medians and ratios."""
    base = next((e for e in entries if e.name == OUTCOMES_ONLY), None) or entries[-1]
    print(f"{'one decision, three actions':<40}{'version':>11}{'median µs':>12}{'p95 µs':>11}{'ratio':>10}")
    for entry in sorted(entries, key=lambda e: e.median):
        ratio = "1" if entry is base else f"× {entry.median / base.median:.2f}"
        print(f"{entry.name:<40}{entry.version:>11}{entry.median:>12.2f}{entry.slow:>11.2f}{ratio:>10}")
    print(f"ratio: times the median of {base.name}\n")


def load_seconds(runs: int) -> float:
    """The median time to load the library from its cache, each time in a fresh process."""
    command = [sys.executable, "-c", comity_side.LOAD]
    times = []
    for _ in range(runs + 1):
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["no message"])[-1])
        times.append(float(done.stdout))
    return statistics.median(times[1:])


def cold_start(command: list[str], runs: int) -> tuple[float, float, int]:
    """Median seconds and peak bytes of a command as a process, and its exit code; the first run warms the disk."""
    seconds, peaks, code = [], [], 0
    for turn in range(runs + 1):
        spawn = [sys.executable, "-I", "-S", "-c", SPAWN, *command]
        done = subprocess.run(spawn, capture_output=True, text=True, cwd=ROOT, check=False)
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["no message"])[-1])
        took, peak, code = json.loads(done.stdout.splitlines()[-1])
        if turn:
            seconds.append(took)
            peaks.append(peak)
    return statistics.median(seconds), statistics.median(peaks), code


def print_processes(runs: int, notes: Notes) -> None:
    """Cold start, peak memory, and the time to load the library."""
    comity = Path(sys.executable).with_name("comity")
    rows = [
        ("python that does nothing", [sys.executable, "-c", "pass"]),
        (f"comity decide {Path(comity_side.EXAMPLE).name}", [str(comity), "decide", comity_side.EXAMPLE]),
    ]
    print(f"{'a process, cold':<47}{'median ms':>12}{'peak MiB':>11}{'exit':>10}")
    for name, command in rows:
        try:
            # A command that fails is not a command that decides: look at what it says before timing it.
            said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
            if "Traceback" in said.stderr or (command[0] == str(comity) and not said.stdout.strip()):
                raise RuntimeError((said.stderr.strip().splitlines() or ["it printed nothing"])[-1])
            took, peak, code = cold_start(command, runs)
            print(f"{name:<47}{took * 1000:>12.1f}{peak / 2**20:>11.1f}{code:>10}")
        except (OSError, RuntimeError) as error:
            notes.missing(name, error, fails=True)
    try:
        print(f"{'library load from the cache, inside a process':<47}{load_seconds(runs) * 1000:>12.1f}")
    except (OSError, RuntimeError, ValueError) as error:
        notes.missing("library load", error, fails=True)
    print()


def main() -> int:
    """Check, race, print; 1 when somebody was wrong or Comity itself could not be measured."""
    parser = argparse.ArgumentParser(description="One decision by Comity and by its peers, in the same run.")
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--runs", type=int, default=11, help="processes for cold start and load")
    parser.add_argument("--seed", type=int, default=2016)
    options = parser.parse_args()

    days = " and ".join(day.isoformat() for day in LAW_DATES)
    print(f"hold, notify, transfer · LAPD · law of {days} · {options.cases} cases, {options.rounds} rounds")
    print(f"Python {platform.python_version()} · {platform.system()} {platform.machine()} · {os.cpu_count()} cores\n")

    notes = Notes()
    print_processes(options.runs, notes)
    cases = random_cases(options.cases, options.seed)
    beyond = random_cases(5 * options.cases, options.seed + 1, settled=False)
    entries = [e for e in line_up(notes) if agrees(e, [*cases, *beyond] if e.unsettled else cases, notes)]
    race(entries, cases, options.rounds)
    print_race(entries)
    print(f"checked against the referee: {len(cases)} cases each, and {len(beyond)} harder ones for the peers")
    for line in notes.lines:
        print(line)
    return 1 if notes.failed else 0


if __name__ == "__main__":
    sys.exit(main())
