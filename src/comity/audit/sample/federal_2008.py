"""Made-up rows in the manner of the federal files to mid-2017: other names, days as m/d/yy, hardly any facts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from comity.audit.sample import federal_mixes as mixes
from comity.audit.sample.arrays import constant, numbered, yes_no
from comity.audit.sample.draws import Draws, Picked, Wheel
from comity.audit.sample.eras import day_number, pick_by_day
from comity.audit.sample.federal import Persons, facilities
from comity.audit.sample.layout import BLOCK, Frame, Layout
from comity.audit.sample.marking import MARK_COLUMN, MARK_VALUE

__all__ = ["COLUMNS", "FEDERAL_2008"]

COLUMNS: Final = (
    "Prepare Date", "Area of Responsibility", "Detainer Lift Reason", "Detainer Detention Facility",
    "Detainer Detention Facility Code", "Facility City", "Facility State", "Detainer Type", "Detainer Criminality",
    "OSC Served", "Unique Identifier",
)  # fmt: skip

#: Outcomes of 32,757 detainers of fiscal years 2008 to 2015 in one state, seen.
_LIFTED: Final = Wheel(
    {
        "Booked into Detention": 18_143,
        "Case Closed": 1_457,
        "Lifted": 1_220,
        "Transferred": 233,
        "Detainer Declined by LEA": 225,
        "Alien Not Subject to Deportation": 86,
        "United States Citizen Interviewed": 61,
        "Prosecutorial Discretion": 36,
        "Early Release": 33,
        "Died": 22,
        "Lifted - Lack of Funds": 7,
        "Lifted - Lack of Space": 5,
    },
    blank=11_229 / 32_757,
)
_CRIMINALITY: Final = Wheel(mixes.CRIMINALITY)
#: The type of form is filled from late 2014 on.
_TYPE_FILLED: Final = day_number(date(2014, 10, 1))


def _block(draws: Draws, frame: Frame) -> pa.RecordBatch:
    who = Persons(draws, frame)
    place = facilities(draws, who)
    first = date(1970, 1, 1) + timedelta(days=frame.first)
    every = [first + timedelta(days=n) for n in range(frame.last - frame.first + 1)]
    written = pa.array([f"{day.month}/{day.day}/{day.year % 100:02}" for day in every])
    made = {
        "Prepare Date": Picked(written, (who.day - frame.first).astype(np.int32)).column(),
        "Area of Responsibility": place["facility_aor"],
        "Detainer Lift Reason": _LIFTED.pick(draws, BLOCK).column(),
        "Detainer Detention Facility": place["detention_facility"],
        "Detainer Detention Facility Code": place["detention_facility_code"],
        "Facility City": place["facility_city"],
        "Facility State": place["facility_state"],
        "Detainer Type": pick_by_day(draws, mixes.DETAINER_TYPES, who.day).column(who.day < _TYPE_FILLED),
        "Detainer Criminality": _CRIMINALITY.pick(draws, BLOCK).column(),
        "OSC Served": yes_no(draws.yes(0.12, BLOCK), draws.yes(0.3, BLOCK)),
        "Unique Identifier": numbered("synthetic-", who.number, who.blank),
        MARK_COLUMN: constant(MARK_VALUE, BLOCK),
    }
    names = [*COLUMNS, MARK_COLUMN]
    return pa.RecordBatch.from_arrays([made[name].slice(0, frame.rows) for name in names], names)


FEDERAL_2008: Final = Layout(
    name="federal-2008",
    number=2,
    days=(date(2007, 10, 2), date(2015, 7, 18)),
    columns=(*COLUMNS, MARK_COLUMN),
    block=_block,
)
