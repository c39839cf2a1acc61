"""Made-up bookings of a jail in California, one record for each line: a federal request, charges, earlier convictions.

The layout is this program's own; docs/sample.md lists the columns.  What concerns the booking stands in each of its
lines.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from comity.audit.sample import jail_mixes as mixes
from comity.audit.sample.arrays import constant, days, moments, numbered, whole
from comity.audit.sample.draws import SLOTS, Array, Draws, Names, Picked, Wheel
from comity.audit.sample.eras import pick_by_day
from comity.audit.sample.jail_mixes import Mix
from comity.audit.sample.layout import BLOCK, Frame, Layout
from comity.audit.sample.marking import MARK_COLUMN, MARK_VALUE

__all__ = ["COLUMNS", "JAIL"]

_NAMES: Final = """
    booking_id facility booked_at request_received_at request_form request_asks request_attached ground judge_signed
    judge_court warrant_charge served federal_felony_warrant releasable_at released_at release_reason
    release_time_public notified held_for_request registered history_complete line line_kind code degree literal grade
    offence_date held_to_answer disposition disposition_date sentence_ended
"""
COLUMNS: Final = tuple(_NAMES.split())

#: At most so many bookings stand in a block: each has two lines or more.
_MOST: Final = BLOCK // 2
_DAY: Final = 1_440

Columns = dict[str, Any]


def _wheel(mix: Mix) -> Wheel:
    return Wheel(mix.words, mix.blank)


_CHARGES: Final = _wheel(mixes.CHARGES)
_PRIORS: Final = _wheel(mixes.PRIORS)


def _block(draws: Draws, frame: Frame) -> pa.RecordBatch:
    charges = 1 + _CHARGES.pick(draws, _MOST).codes.astype(np.int64)
    lines = 1 + charges + _PRIORS.pick(draws, _MOST).codes
    ends = np.cumsum(lines)
    # The last booking of a block, and of a file, may have fewer lines than it drew: it is a booking with fewer.
    of = np.searchsorted(ends, np.arange(BLOCK), side="right")
    line = np.arange(BLOCK) - (ends - lines)[of]
    made = _booking(draws, frame, of)
    booked = made.pop("booked")
    made.update(_lines(draws, frame.last, booked[of] // _DAY, line, charges[of]))
    made["booking_id"] = numbered("synthetic-", frame.start + of + 1)
    made["line"] = whole(line + 1)
    made[MARK_COLUMN] = constant(MARK_VALUE, BLOCK)
    names = [*COLUMNS, MARK_COLUMN]
    return pa.RecordBatch.from_arrays([made[name].slice(0, frame.rows) for name in names], names)


_FACILITY: Final = Wheel({f"SYNTHETIC JAIL {n:02}": 1 / (n + 2) for n in range(1, 13)})
_ASKS: Final = pa.array(list(dict.fromkeys(mixes.ASKS.values())))
_ASKS_OF: Final = {form: list(dict.fromkeys(mixes.ASKS.values())).index(asks) for form, asks in mixes.ASKS.items()}
_SIGNED: Final = _wheel(mixes.JUDGE_SIGNED)
_SIGNED_WHAT: Final = {"judge_court": _wheel(mixes.COURTS), "warrant_charge": _wheel(mixes.WARRANTS)}
_PLAIN: Final = {
    "served": _wheel(mixes.SERVED),
    "federal_felony_warrant": _wheel(mixes.FELONY_WARRANT),
    "release_time_public": _wheel(mixes.PUBLIC_TIME),
    "registered": _wheel(mixes.REGISTERED),
    "history_complete": _wheel(mixes.HISTORY_COMPLETE),
}
_NOTIFIED: Final = _wheel(mixes.NOTIFIED)
_NO_YES: Final = pa.array(["no", "yes"])


def _booking(draws: Draws, frame: Frame, of: Array) -> Columns:
    """What concerns the booking, in each of its lines; and ``booked``, for each booking, in minutes.

    Nothing is known of the time after the last day: a release that would come later has not happened.
    """
    end = (frame.last + 1) * _DAY
    booked = _standing(frame.first * _DAY + draws.below(end - frame.first * _DAY, _MOST))
    due = _standing(booked + _STAYS.draw(draws))
    # Most requests come while the person is held on a charge, some only when release is due.
    asked = _standing(booked + (draws.part(_MOST) ** 2 * (np.minimum(due, end) - booked)).astype(np.int64))
    late = draws.yes(0.06, _MOST) & (due < end)
    asked = np.where(late, _standing(np.minimum(due + draws.below(90, _MOST), end - 1)), asked)
    day = asked // _DAY
    form = pick_by_day(draws, mixes.FORMS, day)
    reason = pick_by_day(draws, mixes.REASONS, day)
    federal = reason.codes == reason.words.index(mixes.TO_FEDERAL).as_py()
    held = np.where(federal, _HOLDS_FOR_FEDERAL.draw(draws), _HOLDS_OTHERWISE.draw(draws))
    released = _standing(np.maximum(due + held, asked))
    still_there = (released >= end) | draws.yes(0.01, _MOST)
    no_due = (due >= end) | draws.yes(0.03, _MOST)
    asks = np.array([_ASKS_OF[word] for word in form.words.to_pylist()])[form.codes].astype(np.int8)
    holds = np.array(["hold" in word for word in _ASKS.to_pylist()])[asks]
    signed = _SIGNED.pick(draws, _MOST)
    notified = _NOTIFIED.pick(draws, _MOST)
    handed = federal & ~still_there
    # Who is handed over was told of.
    told = Picked(_NO_YES, (handed | (notified.codes == 0)).astype(np.int8), ~handed & _blank(notified))
    made: Columns = {
        "booked": booked,
        "booked_at": moments(booked[of]),
        "request_received_at": moments(asked[of], draws.yes(0.01, _MOST)[of]),
        "releasable_at": moments(due[of], no_due[of]),
        "released_at": moments(released[of], still_there[of]),
        "release_reason": _spread_over(reason, of, still_there),
        "request_form": _spread_over(form, of),
        "request_asks": _spread_over(Picked(_ASKS, asks), of),
        "request_attached": _spread_over(pick_by_day(draws, mixes.ATTACHED, day), of),
        "ground": _spread_over(pick_by_day(draws, mixes.GROUNDS, day), of),
        "judge_signed": _spread_over(signed, of),
        "facility": _spread_over(_FACILITY.pick(draws, _MOST), of),
        "notified": _spread_over(told, of),
        "held_for_request": _spread_over(
            Picked(_NO_YES, (federal & holds & (released - due > 60)).astype(np.int8)),
            of,
            still_there | no_due | draws.yes(0.05, _MOST),
        ),
    }
    unsigned = _blank(signed) | (signed.codes != _SIGNED.positions["yes"])
    for name, wheel in _SIGNED_WHAT.items():
        made[name] = _spread_over(wheel.pick(draws, _MOST), of, unsigned)
    for name, wheel in _PLAIN.items():
        made[name] = _spread_over(wheel.pick(draws, _MOST), of)
    return made


def _blank(picked: Picked) -> Array:
    return np.zeros(len(picked.codes), bool) if picked.blank is None else picked.blank


def _spread_over(picked: Picked, of: Array, blank: Array | None = None) -> pa.DictionaryArray:
    """A word of the booking in each of its lines."""
    none = _blank(picked) if blank is None else _blank(picked) | blank
    return Picked(picked.words, picked.codes[of], none[of]).column()


class _Spans:
    """Lengths of time in minutes: a span by its weight, and within it every minute alike."""

    def __init__(self, spans: tuple[tuple[int, float], ...]) -> None:
        self._bounds = np.array([bound for bound, _ in spans])
        self._wheel = Wheel({str(bound): weight for bound, weight in spans[1:]})

    def draw(self, draws: Draws) -> Array:
        """A length for each booking."""
        span = self._wheel.pick(draws, _MOST).codes
        lowest = self._bounds[span]
        return lowest + draws.below(self._bounds[span + 1] - lowest, _MOST)


_STAYS: Final = _Spans(mixes.STAYS)
_HOLDS_FOR_FEDERAL: Final = _Spans(mixes.HOLDS_FOR_FEDERAL)
_HOLDS_OTHERWISE: Final = _Spans(mixes.HOLDS_OTHERWISE)


def _standing(minutes: Array) -> Array:
    """No wall clock between 1 and 3 on a Sunday of a month in which clocks change: such a time may not exist, or twice.

    It is moved to 3 o'clock, which keeps the order of times.
    """
    day, minute = np.divmod(minutes, _DAY)
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    unsure = ((day + 3) % 7 == 6) & np.isin(month, (2, 3, 9, 10)) & (minute >= 60) & (minute < 180)
    return np.where(unsure, day * _DAY + 180, minutes)


_CHARGED: Final = Wheel({str(n): offence.charged for n, offence in enumerate(mixes.OFFENCES)})
_EARLIER: Final = Wheel({str(n): offence.earlier for n, offence in enumerate(mixes.OFFENCES)})
_CODES: Final = Names([offence.code for offence in mixes.OFFENCES])
_LITERALS: Final = Names([*(offence.literal for offence in mixes.OFFENCES), "IMMIGRATION DETAINER"])
_DEGREES: Final = Names([offence.degree for offence in mixes.OFFENCES])
_NO_DEGREE: Final = np.array([not offence.degree for offence in mixes.OFFENCES])
_FELONIES: Final = np.array([round(offence.felony * SLOTS) for offence in mixes.OFFENCES])
_GRADES: Final = pa.array(["M", "F"])
_KINDS: Final = pa.array(["detainer", "charge", "conviction"])
_HELD_TO_ANSWER: Final = _wheel(mixes.HELD_TO_ANSWER)
_ENDS: Final = _wheel(mixes.DISPOSITIONS)
_PRIOR_ENDS: Final = _wheel(mixes.PRIOR_DISPOSITIONS)
_DISPOSITIONS: Final = Names([*mixes.DISPOSITIONS.words, *mixes.PRIOR_DISPOSITIONS.words])


def _lines(draws: Draws, last: int, booked: Array, line: Array, charges: Array) -> Columns:
    """The lines: first the request, then what the person is booked for, then earlier convictions.

    ``last``: the last day that anything is known of.  For every line ``booked``: the day of its booking, ``line``: its
    position there, ``charges``: how many the booking has.
    """
    request = line == 0
    prior = line > charges
    charge = ~request & ~prior
    offence = np.where(prior, _EARLIER.pick(draws, BLOCK).codes, _CHARGED.pick(draws, BLOCK).codes)
    felony = draws.slots(BLOCK) < _FELONIES[offence]
    # The day of an earlier conviction: up to thirty years back, most of them recent.
    convicted = booked - 30 - (draws.part(BLOCK) ** 2 * 10_900).astype(np.int64)
    done = np.where(
        prior, convicted - 10 - draws.below(600, BLOCK), booked - (draws.part(BLOCK) ** 2 * 20).astype(np.int64)
    )
    prior_end = len(_ENDS.words) + _PRIOR_ENDS.pick(draws, BLOCK).codes
    reduced = prior_end == len(_ENDS.words) + _PRIOR_ENDS.positions["REDUCED"]
    # Only a felony that could have been a misdemeanor is ever made one.
    prior_end = np.where(reduced & ~(felony & (_FELONIES[offence] < SLOTS)), len(_ENDS.words), prior_end)
    end = np.where(prior, prior_end, _ENDS.pick(draws, BLOCK).codes)
    ended = np.where(prior, convicted, booked + 2 + draws.below(180, BLOCK))
    pending = charge & ((end == _ENDS.positions["PENDING"]) | (ended > last))
    end = np.where(pending, _ENDS.positions["PENDING"], end)
    served = convicted + np.where(felony, 200, 5) + draws.below(np.where(felony, 900, 120), BLOCK)
    answer = _HELD_TO_ANSWER.pick(draws, BLOCK)
    not_answered = np.where(felony, answer.codes, _HELD_TO_ANSWER.positions["no"])
    no_end = request | pending
    return {
        "line_kind": Picked(_KINDS, (charge + 2 * prior).astype(np.int8)).column(),
        "code": _CODES.column(offence, request),
        "degree": _DEGREES.column(offence, request | _NO_DEGREE[offence]),
        "literal": _LITERALS.column(np.where(request, len(mixes.OFFENCES), offence)),
        "grade": Picked(_GRADES, felony.astype(np.int8), request).column(),
        "offence_date": days(done, request),
        "held_to_answer": Picked(answer.words, not_answered, ~charge | (felony & _blank(answer))).column(),
        "disposition": _DISPOSITIONS.column(end, request),
        "disposition_date": days(ended, no_end),
        "sentence_ended": days(served, ~prior | (served >= booked) | draws.yes(0.25, BLOCK)),
    }


JAIL: Final = Layout(
    name="jail",
    number=3,
    days=(date(2012, 1, 1), date(2026, 5, 31)),
    columns=(*COLUMNS, MARK_COLUMN),
    block=_block,
)
