"""Made-up rows in the layout of the federal detainer release of 2026: 64 columns, in their order.

Persons, facilities, cities and states are invented and say so in their names.  Countries, and the status at entry, are
the one word SYNTHETIC: the columns belong to the layout, but no file of this program says where anybody comes from.
"""

from __future__ import annotations

from datetime import date, timedelta
from math import fsum
from typing import Any, Final

import numpy as np
import pyarrow as pa

from comity.audit.sample import federal_mixes as mixes
from comity.audit.sample.arrays import constant, days, numbered, truths, whole, yes_no
from comity.audit.sample.draws import SLOTS, Array, Draws, Picked, Wheel
from comity.audit.sample.eras import by_day, day_number, pick_by_day
from comity.audit.sample.layout import BLOCK, Frame, Layout
from comity.audit.sample.marking import MARK_COLUMN, MARK_VALUE

__all__ = ["COLUMNS", "FEDERAL", "Persons", "facilities"]

_NAMES: Final = """
    detainer_prepare_date facility_state facility_aor port_of_departure departure_country departed_date case_status
    detainer_prepared_criminality detention_facility detention_facility_code facility_city detainer_prep_threat_level
    gender citizenship_country birth_country birth_year entry_status most_serious_conviction_charge msc_sentence_days
    msc_sentence_months msc_sentence_years msc_charge_code msc_charge_date msc_conviction_date felon
    processing_disposition case_category arrest_time_case_category arrest_time_current_program apprehension_method
    final_order_yes_no final_order_date apprehension_date entry_date prior_felony_yes_no multiple_prior_misd_yes_no
    violent_misdemeanor_yes_no illegal_entry_yes_no illegal_reentry_yes_no immigration_fraud_yes_no
    significant_risk_yes_no other_removal_reason_yes_no criminal_street_gang_yes_no aggravated_felony_yes_no
    deportation_ordered_yes_no order_show_cause_served_yes_no biometric_match_yes_no statements_made_yes_no
    unlawful_attempt_yes_no unlawful_entry_yes_no visa_yes_no federal_interest_yes_no resume_custody_yes_no
    detainer_lift_reason detainer_lift_reason_code active_investigation_yes_no detainer_type
    notify_release_request_yes_no tod_current_duty_site unique_identifier duplicate_likely file_original
    sheet_original row_original
"""
#: The 64 columns of the release, in its order.
COLUMNS: Final = tuple(_NAMES.split())

#: Assumed: rows about a person who stands in the file already, and of these, rows of the same day.
_AGAIN: Final = 0.16
_SAME_DAY: Final = 0.12

_NOWHERE: Final = "SYNTHETIC"
_FACILITIES: Final = 400
_STATES: Final = 20
_OFFICES: Final = 25
#: Rows of cover text and the header above the first row of a sheet.
_ABOVE: Final = 7

Columns = dict[str, Any]


class Persons:
    """Which row is about whom, and on which day: the rows of one block.

    ``first``: position of the person's first row in the block.  ``day``: days since 1970-01-01.
    """

    def __init__(self, draws: Draws, frame: Frame) -> None:
        own = np.arange(BLOCK)
        again = draws.yes(_AGAIN, BLOCK)
        again[0] = False
        first = np.where(again, draws.below(np.maximum(own, 1), BLOCK), own)
        while not np.array_equal(earlier := first[first], first):
            first = earlier
        same_day = draws.yes(_SAME_DAY, BLOCK) & again
        day = frame.first + draws.below(frame.last - frame.first + 1, BLOCK)
        self.first = first
        self.same_day = same_day
        self.day = np.where(same_day, day[first], day)
        self.number = frame.start + first + 1
        self.blank = draws.yes(mixes.BLANK["unique_identifier"], BLOCK)

    def twice(self, rows: int) -> Array:
        """Of the first ``rows`` rows, those whose person stands there again on the same day."""
        known = np.flatnonzero(~self.blank[:rows])
        key = self.first[known] * (1 << 32) + self.day[known]
        order = np.argsort(key, kind="stable")
        alike = key[order][1:] == key[order][:-1]
        marked = np.zeros(rows, bool)
        marked[known[order[1:][alike]]] = True
        marked[known[order[:-1][alike]]] = True
        return marked


_FACILITY_NAMES: Final = [
    f"SYNTHETIC STATE PRISON {n:03}" if n % 9 == 0 else f"SYNTHETIC COUNTY JAIL {n:03}"
    for n in range(1, _FACILITIES + 1)
]
_FACILITY: Final = Wheel({name: 1 / (n + 6) for n, name in enumerate(_FACILITY_NAMES)})
_FACILITY_CODES: Final = pa.array([f"SYN{n:04}" for n in range(1, _FACILITIES + 1)])
_CITIES: Final = pa.array([f"SYNTHETIC CITY {n:03}" for n in range(1, _FACILITIES + 1)])
_STATE_NAMES: Final = pa.array([f"SYNTHETIC STATE {n:02}" for n in range(1, _STATES + 1)])
_AREAS: Final = pa.array([f"Synthetic Area of Responsibility {n:02}" for n in range(1, _OFFICES + 1)])
_DUTY_SITES: Final = pa.array([f"SYNTHETIC CITY {n:03}, DOCKET CONTROL OFFICE" for n in range(1, _OFFICES + 1)])


def facilities(draws: Draws, who: Persons) -> Columns:
    """Where: facility, code, city, state and area; one facility lies in one city, state and area."""
    picked = _FACILITY.pick(draws, BLOCK)
    place = np.where(who.same_day, picked.codes[who.first], picked.codes).astype(np.int16)
    no_state = draws.yes(mixes.BLANK["facility_state"], BLOCK)
    no_area = draws.yes(mixes.BLANK["facility_aor"], BLOCK)
    no_site = draws.yes(mixes.BLANK["tod_current_duty_site"], BLOCK)
    return {
        "detention_facility": Picked(picked.words, place).column(),
        "detention_facility_code": Picked(_FACILITY_CODES, place).column(),
        "facility_city": Picked(_CITIES, place, no_state).column(),
        "facility_state": Picked(_STATE_NAMES, place % _STATES, no_state).column(),
        "facility_aor": Picked(_AREAS, place % _OFFICES, no_area).column(),
        "tod_current_duty_site": Picked(_DUTY_SITES, place % _OFFICES, no_site).column(),
    }


def _block(draws: Draws, frame: Frame) -> pa.RecordBatch:
    who = Persons(draws, frame)
    made: Columns = {
        **facilities(draws, who),
        **_person(draws, who),
        **_conviction(draws, who.day),
        **_proceedings(draws, who.day, frame.last),
        **_boxes(draws),
        **_request(draws, who.day),
        **_origin(frame, who.day),
        "duplicate_likely": truths(who.twice(frame.rows), who.blank[: frame.rows]),
        MARK_COLUMN: constant(MARK_VALUE, BLOCK),
    }
    for name in mixes.EVER_BLANK:
        made[name] = pa.nulls(BLOCK, pa.string())
    names = [*COLUMNS, MARK_COLUMN]
    return pa.RecordBatch.from_arrays([made[name].slice(0, frame.rows) for name in names], names)


_GENDER: Final = Wheel(mixes.FEMALE_MALE)
_BIRTH_TENS: Final = Wheel({"1950": 3.0, "1960": 9.0, "1970": 19.0, "1980": 29.0, "1990": 30.0, "2000": 10.0})


def _person(draws: Draws, who: Persons) -> Columns:
    """A person is the same in every row; the year of birth is the first of ten years, never a year."""
    gender = _GENDER.pick(draws, BLOCK)
    tens = 1950 + 10 * _BIRTH_TENS.pick(draws, BLOCK).codes.astype(np.int32)
    return {
        "gender": Picked(gender.words, gender.codes[who.first]).column(),
        "birth_year": whole(tens[who.first]),
        "citizenship_country": constant(_NOWHERE, BLOCK),
        "birth_country": constant(_NOWHERE, BLOCK),
        "entry_status": constant(_NOWHERE, BLOCK, draws.yes(mixes.BLANK["entry_status"], BLOCK)),
        "unique_identifier": numbered("synthetic-", who.number, who.blank),
    }


_CRIMINALITY: Final = Wheel(mixes.CRIMINALITY)
_CHARGE: Final = Wheel({f"{name}|{code}": share for (name, code), share in mixes.CHARGES.items()})
_CHARGE_NAMES: Final = pa.array([name for name, _ in mixes.CHARGES])
_CHARGE_CODES: Final = pa.array([code for _, code in mixes.CHARGES])
_FELON: Final = Wheel(mixes.FELON, mixes.BLANK["felon"])
_DISPOSITION: Final = Wheel(mixes.DISPOSITIONS)
_THREAT_CONVICTED: Final = Wheel(mixes.THREAT_CONVICTED)
_THREAT_OTHERS: Final = Wheel(mixes.THREAT_OTHERS)
_UNIT: Final = Wheel(
    {unit: 1.0 - mixes.BLANK[f"msc_sentence_{unit}"] for unit in mixes.SENTENCES},
    blank=1.0
    - fsum(1.0 - mixes.BLANK[f"msc_sentence_{unit}"] for unit in mixes.SENTENCES)
    / (1.0 - mixes.BLANK["msc_charge_code"]),
)


def _conviction(draws: Draws, day: Array) -> Columns:
    """The most serious conviction: known for some of the convicted only; charge before conviction before detainer."""
    criminality = _CRIMINALITY.pick(draws, BLOCK)
    convicted = mixes.CRIMINALITY["1 Convicted Criminal"] / fsum(mixes.CRIMINALITY.values())
    told = (criminality.codes == 0) & draws.yes((1 - mixes.BLANK["msc_charge_code"]) / convicted, BLOCK)
    none = ~told
    charge = _CHARGE.pick(draws, BLOCK).codes
    on = day - 1 - (draws.part(BLOCK) ** 2 * 7300).astype(np.int64)
    charged = on - 5 - draws.below(700, BLOCK)
    unit = _UNIT.pick(draws, BLOCK)
    no_unit = none if unit.blank is None else none | unit.blank
    length = draws.part(BLOCK)
    no_threat = draws.yes(mixes.BLANK["detainer_prep_threat_level"], BLOCK)
    threat = np.where(told, _THREAT_CONVICTED.pick(draws, BLOCK).codes, _THREAT_OTHERS.pick(draws, BLOCK).codes)
    made: Columns = {
        "detainer_prepared_criminality": criminality.column(),
        "detainer_prep_threat_level": Picked(_THREAT_OTHERS.words, threat, no_threat).column(),
        "most_serious_conviction_charge": Picked(_CHARGE_NAMES, charge, none).column(),
        "msc_charge_code": Picked(_CHARGE_CODES, charge, none).column(),
        "msc_charge_date": days(charged, none),
        "msc_conviction_date": days(on, none),
        "felon": _FELON.pick(draws, BLOCK).column(),
        "processing_disposition": _DISPOSITION.pick(draws, BLOCK).column(),
    }
    for position, (name, most) in enumerate(mixes.SENTENCES.items()):
        years = 1 + (length**2 * most).astype(np.int64)
        made[f"msc_sentence_{name}"] = whole(years, no_unit | (unit.codes != position))
    return made


_DEPARTED_STATUS: Final = Wheel(mixes.DEPARTED_STATUSES)
_OPEN_STATUS: Final = Wheel(mixes.OPEN_STATUSES)
_STATUSES: Final = pa.array([*mixes.DEPARTED_STATUSES, *mixes.OPEN_STATUSES])
_FINAL: Final = Wheel(mixes.CASE_CATEGORIES_FINAL)
_OPEN: Final = Wheel(mixes.CASE_CATEGORIES_OPEN)
_CATEGORIES: Final = pa.array([*mixes.CASE_CATEGORIES_FINAL, *mixes.CASE_CATEGORIES_OPEN])
_ANY_CATEGORY: Final = Wheel({**mixes.CASE_CATEGORIES_FINAL, **mixes.CASE_CATEGORIES_OPEN})
_PORT: Final = Wheel({f"SYNTHETIC PORT {n:02}": 1 / n for n in range(1, 13)})
_PROGRAMME: Final = Wheel(mixes.PROGRAMMES)
_METHOD: Final = Wheel(mixes.APPREHENSION_METHODS)


def _proceedings(draws: Draws, day: Array, last: int) -> Columns:
    """Case, departure, final order and arrest; no date lies after the last day, none before the one it follows."""

    def filled(name: str) -> float:
        return 1 - mixes.BLANK[name]

    case = draws.yes(filled("case_status"), BLOCK)
    gone = case & draws.yes(filled("departed_date") / filled("case_status"), BLOCK)
    # Nine of ten who departed had a final order; the rest of the orders fall on those who did not.
    share_gone = filled("departed_date") / filled("case_status")
    share_final = filled("final_order_date") / filled("case_status")
    stayed = (share_final - 0.9 * share_gone) / (1 - share_gone)
    final = case & np.where(gone, draws.yes(0.9, BLOCK), draws.yes(stayed, BLOCK))
    room = np.minimum(last - day, 400)
    departed = day + (draws.part(BLOCK) ** 2 * (room + 1)).astype(np.int64)
    until = np.where(gone, departed, day + room)
    before = day - draws.below(6000, BLOCK)
    after = day + draws.below(until - day + 1, BLOCK)
    ordered = np.where(draws.yes(0.5, BLOCK), before, after)
    status = np.where(
        gone,
        _DEPARTED_STATUS.pick(draws, BLOCK).codes,
        len(_DEPARTED_STATUS.words) + _OPEN_STATUS.pick(draws, BLOCK).codes,
    )
    category = np.where(final, _FINAL.pick(draws, BLOCK).codes, len(_FINAL.words) + _OPEN.pick(draws, BLOCK).codes)
    taken = draws.yes(filled("apprehension_date"), BLOCK)
    no_programme = ~(taken & draws.yes(filled("arrest_time_current_program") / filled("apprehension_date"), BLOCK))
    no_earlier = ~(taken & draws.yes(filled("arrest_time_case_category") / filled("apprehension_date"), BLOCK))
    no_port = ~(gone & draws.yes(filled("port_of_departure") / filled("departed_date"), BLOCK))
    arrest = day + (draws.part(BLOCK) ** 2 * (np.minimum(last - day, 60) + 1)).astype(np.int64)
    entry = day - draws.below(day - day_number(date(1980, 1, 1)), BLOCK)
    return {
        "case_status": Picked(_STATUSES, status, ~case).column(),
        "case_category": Picked(_CATEGORIES, category, ~case).column(),
        "final_order_yes_no": yes_no(final, ~case),
        "final_order_date": days(ordered, ~final),
        "departed_date": days(departed, ~gone),
        "port_of_departure": _PORT.pick(draws, BLOCK).column(no_port),
        "departure_country": constant(_NOWHERE, BLOCK, no_port),
        "arrest_time_case_category": _ANY_CATEGORY.pick(draws, BLOCK).column(no_earlier),
        "arrest_time_current_program": _PROGRAMME.pick(draws, BLOCK).column(no_programme),
        "apprehension_method": _METHOD.pick(draws, BLOCK).column(~taken),
        "apprehension_date": days(arrest, ~taken),
        "entry_date": days(entry, draws.yes(mixes.BLANK["entry_date"], BLOCK)),
    }


def _boxes(draws: Draws) -> Columns:
    """The yes/no boxes: old priorities, one within the other; the four grounds, at least one of which is ticked."""
    made: Columns = {}
    rank = draws.slots(BLOCK)
    for name, share in mixes.PRIORITIES.items():
        made[name] = yes_no(draws.yes(share, BLOCK), rank >= round((1 - mixes.BLANK[name]) * SLOTS))
    blank = draws.yes(mixes.BLANK["biometric_match_yes_no"], BLOCK)
    ticked = [draws.yes(share, BLOCK) for share in mixes.BOXES.values()]
    ticked[-1] = ticked[-1] | ~(ticked[0] | ticked[1] | ticked[2])
    for name, box in zip(mixes.BOXES, ticked, strict=True):
        made[name] = yes_no(box, blank)
    no_interest = draws.yes(mixes.BLANK["federal_interest_yes_no"], BLOCK)
    made["federal_interest_yes_no"] = yes_no(draws.yes(mixes.FEDERAL_INTEREST, BLOCK), no_interest)
    made["resume_custody_yes_no"] = yes_no(draws.yes(mixes.BOX_2, BLOCK))
    return made


_LIFTED: Final = Wheel(mixes.LIFT_REASONS, mixes.BLANK["detainer_lift_reason"])
_LIFT_CODES: Final = pa.array(mixes.LIFT_REASON_CODES)


def _request(draws: Draws, day: Array) -> Columns:
    """The form of the day, and how it ended."""
    lifted = _LIFTED.pick(draws, BLOCK)
    return {
        "detainer_prepare_date": days(day),
        "detainer_type": pick_by_day(draws, mixes.DETAINER_TYPES, day).column(),
        "detainer_lift_reason": lifted.column(),
        "detainer_lift_reason_code": Picked(_LIFT_CODES, lifted.codes, lifted.blank).column(),
    }


def _origin(frame: Frame, day: Array) -> Columns:
    """File, sheet and row: a sheet holds a federal fiscal year, which begins in October."""
    lowest, highest = (_fiscal_year(frame.first), _fiscal_year(frame.last))
    starts = [f"{year - 1}-10-01" for year in range(lowest, highest + 1)]
    year = by_day(starts, day).astype(np.int16)
    files = pa.array([f"SYNTHETIC_Detainers_FY{n % 100:02}.xlsx" for n in range(lowest, highest + 1)])
    sheets = pa.array([f"FY{n}" for n in range(lowest, highest + 1)])
    return {
        "file_original": Picked(files, year).column(),
        "sheet_original": Picked(sheets, year).column(),
        "row_original": whole(np.arange(frame.start, frame.start + BLOCK) + _ABOVE + 1),
    }


def _fiscal_year(day: int) -> int:
    on = date(1970, 1, 1) + timedelta(days=day)
    return on.year + (on.month >= 10)


FEDERAL: Final = Layout(
    name="federal",
    number=1,
    days=(date(2022, 10, 1), date(2026, 3, 10)),
    columns=(*COLUMNS, MARK_COLUMN),
    block=_block,
)
