"""The workload as one compiled loop: the fastest thing that was written for it by hand.

What is left of a case after its convictions is a number of fifteen bits; a table of that size holds every reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from bench.detainer_ca.peers import _K2014, _K2018, _YEAR, day_keys
from bench.detainer_ca.workload import AGENCIES, CODES, KINDS, Block, by_hand, date
from numba import prange

_FELONY_LIMIT, _OTHER_LIMIT = 15 * _YEAR, 5 * _YEAR
_TRUTH = {0: False, 1: True, 3: None}


def _reason_table() -> Any:
    """Bits: request kind 2, agency 2, warrant 1, finding 2, charge 1, public 1, consent 2, opens 1, regime 2."""
    table = np.zeros(1 << 14, np.uint8)
    regimes = (date(2010, 1, 1), date(2015, 1, 1), date(2020, 1, 1))
    for bits in range(1 << 14):
        agency, finding, consent, regime = bits >> 2 & 3, bits >> 5 & 3, bits >> 9 & 3, bits >> 12 & 3
        if 3 in (agency, regime) or 2 in (finding, consent):
            continue
        table[bits] = CODES[
            by_hand(
                regimes[regime],
                KINDS[bits & 3],
                AGENCIES[agency],
                bool(bits >> 4 & 1),
                _TRUTH[finding],
                bool(bits >> 7 & 1),
                bool(bits >> 11 & 1),
                bool(bits >> 8 & 1),
                _TRUTH[consent],
                (),
            )
        ]
    return table


_REASONS = _reason_table()


def _loop(parallel: bool) -> Any:
    @numba.njit(parallel=parallel, boundscheck=False)  # type: ignore[untyped-decorator, unused-ignore]
    def loop(
        day: Any, kind: Any, agency: Any, warrant: Any, finding: Any, charge: Any, registry: Any, public: Any,
        consent: Any, offsets: Any, on: Any, category: Any, grade: Any, wobbler: Any, serious: Any, prison: Any,
        reduced: Any, table: Any, out: Any,
    ) -> None:  # fmt: skip
        for i in prange(len(day)):
            today = day[i]
            opens = np.uint32(registry[i])
            for j in range(offsets[i], offsets[i + 1]):
                felony = np.uint32(grade[j] == 0)
                limit = today - (_OTHER_LIMIT + np.int32(felony) * (_FELONY_LIMIT - _OTHER_LIMIT))
                recent = np.uint32(category[j] != 0) & (felony | np.uint32(wobbler[j])) & np.uint32(on[j] > limit)
                always = np.uint32(serious[j]) | (felony & np.uint32(prison[j]))
                opens |= np.uint32(reduced[j] == 0) & (always | recent)
            regime = np.uint32(today >= _K2014) + np.uint32(today >= _K2018)
            out[i] = table[
                np.uint32(kind[i])
                | (np.uint32(agency[i]) << 2)
                | (np.uint32(warrant[i]) << 4)
                | ((np.uint32(finding[i]) & 3) << 5)
                | (np.uint32(charge[i]) << 7)
                | (np.uint32(public[i]) << 8)
                | ((np.uint32(consent[i]) & 3) << 9)
                | (opens << 11)
                | (regime << 12)
            ]

    return loop


_LOOPS: dict[int, Any] = {}


def prepared(block: Block, threads: int) -> Callable[[], Any]:
    """The loop over a block; dates are keys already, as they would be in resident columns."""
    loop = _LOOPS.get(threads)
    if loop is None:
        numba.set_num_threads(threads)
        loop = _LOOPS[threads] = _loop(threads > 1)
    c, v = block.cases, block.convictions
    arrays = (
        day_keys(c["law date"]),
        *(c[n] for n in ("request kind", "agency kind", "judicial warrant", "finding 872")),
        *(c[n] for n in ("charge state prison felony", "on registry", "release date public", "consent given")),
        block.offsets,
        day_keys(v["date"]),
        *(v[n] for n in ("offence category", "grade", "wobbler", "serious violent", "state prison")),
        v["proposition 47 reduced"],
    )
    out = np.empty(len(block), np.uint8)

    def run() -> Any:
        loop(*arrays, _REASONS, out)
        return out

    return run


def reasons(block: Block, threads: int) -> Any:
    """The reason codes of a block: uint8."""
    return prepared(block, threads)()


@numba.njit(boundscheck=False)  # type: ignore[untyped-decorator, unused-ignore]
def merge_offsets(cases: Any, convictions: Any) -> Any:
    """Where each case's convictions begin; both in the order of the ids."""
    offsets = np.empty(len(cases) + 1, np.int32)
    place = 0
    for i in range(len(cases)):
        while place < len(convictions) and convictions[place] < cases[i]:
            place += 1
        offsets[i] = place
        while place < len(convictions) and convictions[place] == cases[i]:
            place += 1
    offsets[len(cases)] = place
    return offsets
