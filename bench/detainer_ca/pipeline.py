"""One route over the workload, in a process of its own; prints one line of JSON.

    python -m bench.detainer_ca.pipeline files ROUTE ROWS        Parquet in, decisions and reason codes as Parquet out
    python -m bench.detainer_ca.pipeline resident ROUTE ROWS     columns in memory, reason codes out
    python -m bench.detainer_ca.pipeline one ROUTE CASES         one decision at a time, outcome only
    python -m bench.detainer_ca.pipeline norms ROUTE NORMS       invented libraries of so many norms, columns in memory

The route runs once untimed, then it is timed, then its answers are held against the hand-written ones.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from bench.detainer_ca import tables
from bench.detainer_ca.workload import DECISION_OF, REASONS, block, by_hand, case_rows

#: Cases that a kept engine has judged before it is timed: enough for it to compile its loops.
WARM_CASES = 4_000_000
_SECONDS = 20.0
_MOST_RUNS = 9


def peak_memory() -> int:
    """The most memory this process held since ``forget_peak``, in bytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def forget_peak() -> None:
    """Count peak memory anew."""
    with open("/proc/self/clear_refs", "w") as out:
        out.write("5")


def timed(run: Callable[[], Any], rows: int, least: int = 3) -> dict[str, Any]:
    """Seconds of each run and the peak memory of all of them; as many as fit, ``least`` at least (1: no more)."""
    gc.collect()
    forget_peak()
    seconds: list[float] = []
    while len(seconds) < least or (least > 1 and sum(seconds) < _SECONDS and len(seconds) < _MOST_RUNS):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    middle = statistics.median(seconds)
    return {"rows": rows, "median": middle, "seconds": seconds, "rate": rows / middle, "peak": peak_memory()}


def wrong_codes(reasons: Any, decisions: Any = None) -> int:
    """How many of the first cases have another answer than the hand-written one."""
    expected = tables.reference_codes()[: len(reasons)]
    reasons = np.asarray(reasons)[: len(expected)]
    wrong = reasons != expected
    if decisions is not None:
        wrong |= np.asarray(decisions)[: len(expected)] != DECISION_OF[expected]
    return int(wrong.sum())


def files(route: str, rows: int) -> dict[str, Any]:
    """Parquet in, Parquet out."""
    from bench.detainer_ca.peers import FILES, output_file

    tables.write_tables(rows)
    if route.startswith("comity"):
        from bench.detainer_ca.comity_route import comity_files

        run = comity_files(rows, numba="numba" in route, kept="kept" in route)
    else:
        run = FILES[route](rows)
    for _ in range(-(-WARM_CASES // rows) if "kept" in route else 1):
        run()
    figures = timed(run, rows)
    assert pq.read_metadata(output_file(route, rows)).num_rows == rows
    found = pq.read_table(output_file(route, rows)).sort_by("case id").slice(0, tables.CHECKED)
    return {"wrong": wrong_codes(found["reason"], found["decision"]), **figures}


def resident(route: str, rows: int) -> dict[str, Any]:
    """Columns in memory."""
    from bench.detainer_ca.peers import RESIDENT

    given = block(rows)
    if route.startswith("comity"):
        from bench.detainer_ca.comity_route import comity_resident

        run = comity_resident(given, numba="numba" in route, kept="kept" in route)
    else:
        run = RESIDENT[route](given)
    for _ in range(-(-WARM_CASES // rows) if "kept" in route else 1):
        run()
    return {**timed(run, rows), "wrong": wrong_codes(run()())}


def one(route: str, cases: int) -> dict[str, Any]:
    """One decision at a time: nanoseconds of each call."""
    rows = case_rows(block(cases))
    ask: Callable[[Any], str]
    if route == "by hand":
        given: list[Any] = list(rows)
        seconds, answers = _each(lambda row: by_hand(*row), given)
        wrong = 0
    else:
        from bench.detainer_ca.comity_route import OUTCOMES, questions

        ask, given = questions(route, rows)
        seconds, answers = _each(ask, given)
        expected = [REASONS[by_hand(*row)] for row in rows]
        wrong = sum(OUTCOMES[a] != e for a, e in zip(answers, expected, strict=True))
    p50, p99 = np.percentile(seconds, [50, 99])
    return {"wrong": wrong, "rows": len(rows), "median": float(p50) / 1e9, "p99": float(p99) / 1e9}


NORM_ROWS = 500_000


def norms(route: str, count: int) -> dict[str, Any]:
    """Time with the number of norms: an engine that meets the law for the first time, and one that knows it."""
    from bench.detainer_ca.comity_route import many_norms_judge

    assert route == "comity", route
    judge = many_norms_judge(count, NORM_ROWS)
    start = time.perf_counter()
    judge()
    first = time.perf_counter() - start
    return {"wrong": 0, "norms": count, "first": first, **timed(judge, NORM_ROWS)}


def _each(ask: Callable[[Any], Any], given: list[Any]) -> tuple[list[int], list[Any]]:
    """Nanoseconds and answer of each call; the clock's own time is in it, and fifty calls go before."""
    for item in given[:50]:
        ask(item)
    now = time.perf_counter_ns
    took, answers = [], []
    for item in given:
        start = now()
        answer = ask(item)
        took.append(now() - start)
        answers.append(answer)
    return took, answers


def main() -> None:
    """Run one route."""
    parser = argparse.ArgumentParser(description="One route over the detainer-CA workload.")
    parser.add_argument("what", choices=("files", "resident", "one", "norms"))
    parser.add_argument("route")
    parser.add_argument("rows", type=int)
    options = parser.parse_args()
    measure = {"files": files, "resident": resident, "one": one, "norms": norms}[options.what]
    print(json.dumps({"what": options.what, "route": options.route, **measure(options.route, options.rows)}))


if __name__ == "__main__":
    main()
