"""Dates, windows, deadlines and federal holidays, against known days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import comity
from comity.calendar import (
    Holiday,
    Window,
    counted_deadline,
    end_of_day,
    holidays_between,
    parse_date,
    parse_moment,
    shift,
)
from comity.language.read import library_files, read_library
from tests.oracle import moved_day

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
NEW_YORK = ZoneInfo("America/New_York")
ALWAYS = Window()


@pytest.fixture(scope="module")
def federal() -> tuple[Holiday, ...]:
    return read_library(library_files(Path(comity.__path__[0]) / "law")).holidays


def days(federal: tuple[Holiday, ...], year: int, *, observed: bool = False) -> set[str]:
    found = holidays_between(federal, date(year, 1, 1), date(year, 12, 31), observed=observed)
    return {d.strftime("%m-%d") for d in found}


# -- counting back and on ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "amount", "unit", "expected"),
    [
        (date(2024, 2, 29), -5, "years", date(2019, 2, 28)),
        (date(2024, 2, 29), 1, "years", date(2025, 2, 28)),
        (date(2024, 2, 29), -4, "years", date(2020, 2, 29)),
        (date(2000, 2, 29), -100, "years", date(1900, 2, 28)),
        (date(2024, 2, 28), -5, "years", date(2019, 2, 28)),
        (date(2024, 3, 31), -1, "months", date(2024, 2, 29)),
        (date(2023, 3, 31), -1, "months", date(2023, 2, 28)),
        (date(2023, 3, 30), -1, "months", date(2023, 2, 28)),
        (date(2024, 1, 31), 1, "months", date(2024, 2, 29)),
        (date(2024, 5, 31), 1, "months", date(2024, 6, 30)),
        (date(2024, 12, 15), 1, "months", date(2025, 1, 15)),
        (date(2024, 1, 15), -1, "months", date(2023, 12, 15)),
        (date(2024, 1, 15), -13, "months", date(2022, 12, 15)),
        (date(2024, 3, 1), -1, "days", date(2024, 2, 29)),
        (date(2023, 12, 31), 1, "days", date(2024, 1, 1)),
        (date(2024, 2, 29), 0, "years", date(2024, 2, 29)),
    ],
)
def test_counting_clamps_to_the_last_day_of_a_shorter_month(day: date, amount: int, unit: str, expected: date) -> None:
    assert shift(day, amount, unit) == expected


@pytest.mark.parametrize("unit", ["days", "months", "years"])
def test_leaving_the_calendar_stops_at_its_ends(unit: str) -> None:
    assert shift(date(2024, 2, 29), -9_999_999, unit) == date.min
    assert shift(date(2024, 2, 29), 9_999_999, unit) == date.max
    assert shift(date(2024, 2, 29), 10**12, unit) == date.max
    assert shift(date.min, -1, unit) == date.min
    assert shift(date.max, 1, unit) == date.max


@given(st.dates(), st.integers(-30_000, 30_000), st.sampled_from(["days", "months", "years"]))
def test_counting_agrees_with_the_referee(day: date, amount: int, unit: str) -> None:
    assert shift(day, amount, unit).toordinal() == moved_day(day.toordinal(), amount, unit)


@given(st.dates(), st.dates(), st.integers(0, 100), st.sampled_from(["days", "months", "years"]))
def test_counting_keeps_the_order_of_days(one: date, other: date, amount: int, unit: str) -> None:
    early, late = sorted((one, other))
    assert shift(early, -amount, unit) <= shift(late, -amount, unit)
    assert shift(early, -amount, unit) <= early <= shift(early, amount, unit)


# -- windows ----------------------------------------------------------------------------------------------------------


def test_a_window_holds_its_first_day_and_not_its_end() -> None:
    window = Window(date(2018, 1, 1), date(2020, 1, 1))
    assert date(2017, 12, 31) not in window
    assert date(2018, 1, 1) in window
    assert date(2019, 12, 31) in window
    assert date(2020, 1, 1) not in window


def test_an_open_side_has_no_end() -> None:
    assert date.min in Window(None, date(2020, 1, 1))
    assert date.max in Window(date(2020, 1, 1), None)
    assert {date.min, date.max} <= {d for d in (date.min, date.max) if d in ALWAYS}


def test_windows_that_only_touch_do_not_overlap() -> None:
    old, new = Window(None, date(2018, 1, 1)), Window(date(2018, 1, 1), None)
    assert not old.overlaps(new)
    assert not new.overlaps(old)
    assert old.overlaps(Window(date(2017, 12, 31), None))
    assert ALWAYS.overlaps(old)


def test_a_window_says_itself() -> None:
    assert str(ALWAYS) == "always"
    assert str(Window(date(2018, 1, 1), date(2020, 1, 1))) == "from 2018-01-01 until 2020-01-01"
    assert str(Window(None, date(2020, 1, 1))) == "until 2020-01-01"
    assert list(Window(date(2018, 1, 1), None).edges()) == [date(2018, 1, 1)]


_maybe_day = st.none() | st.dates(date(2018, 1, 1), date(2018, 1, 12))


@given(_maybe_day, _maybe_day, _maybe_day, _maybe_day)
def test_two_windows_overlap_exactly_when_some_day_is_in_both(
    a: date | None, b: date | None, c: date | None, d: date | None
) -> None:
    if (a and b and b <= a) or (c and d and d <= c):
        return  # an empty window is refused when the law is read
    one, other = Window(a, b), Window(c, d)
    common = any(x in one and x in other for x in (date(2017, 12, 1) + timedelta(days=n) for n in range(90)))
    assert one.overlaps(other) == other.overlaps(one) == common


# -- 48 hours ---------------------------------------------------------------------------------------------------------


def at(text: str, zone: ZoneInfo = LOS_ANGELES) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "deadline"),
    [
        ("2024-06-06T17:00", "2024-06-10T17:00"),  # Thursday to Monday
        ("2024-06-05T17:00", "2024-06-07T17:00"),  # Wednesday to Friday
        ("2024-06-07T17:00", "2024-06-11T17:00"),  # Friday to Tuesday
        ("2024-06-08T10:00", "2024-06-12T00:00"),  # Saturday: counting begins at midnight to Monday
        ("2024-06-09T23:59", "2024-06-12T00:00"),  # Sunday night, the same
        ("2024-06-10T00:00", "2024-06-12T00:00"),  # Monday, the first minute
        ("2024-06-06T00:00", "2024-06-08T00:00"),  # both working days used up: Friday midnight, not Monday
    ],
)
def test_forty_eight_hours_without_the_weekend(start: str, deadline: str) -> None:
    assert counted_deadline(at(start), 48, (), LOS_ANGELES) == at(deadline)


def test_a_monday_holiday_adds_a_day(federal: tuple[Holiday, ...]) -> None:
    days = holidays_between(federal, date(2024, 5, 1), date(2024, 6, 30), observed=False)
    # Memorial Day, Monday 27 May 2024.
    assert counted_deadline(at("2024-05-23T17:00"), 48, days, LOS_ANGELES) == at("2024-05-28T17:00")
    assert counted_deadline(at("2024-05-25T08:00"), 48, days, LOS_ANGELES) == at("2024-05-30T00:00")
    # Juneteenth, Wednesday 19 June 2024, inside the week.
    assert counted_deadline(at("2024-06-18T09:30"), 48, days, LOS_ANGELES) == at("2024-06-21T09:30")


def test_whether_observed_days_count_is_for_the_caller_to_say(federal: tuple[Holiday, ...]) -> None:
    # Independence Day 2020 fell on a Saturday and was observed on Friday 3 July.
    july = (date(2020, 7, 1), date(2020, 7, 10))
    legal = holidays_between(federal, *july, observed=False)
    observed = holidays_between(federal, *july, observed=True)
    start = at("2020-07-02T12:00")
    assert counted_deadline(start, 48, legal, LOS_ANGELES) == at("2020-07-06T12:00")
    assert counted_deadline(start, 48, observed, LOS_ANGELES) == at("2020-07-07T12:00")


def test_summer_time_inside_a_hold_neither_lengthens_nor_shortens_it() -> None:
    # The clocks change on Sundays, which do not count: the deadline keeps its clock time.
    assert counted_deadline(at("2024-03-08T17:00"), 48, (), LOS_ANGELES) == at("2024-03-12T17:00")
    assert counted_deadline(at("2024-11-01T17:00"), 48, (), LOS_ANGELES) == at("2024-11-05T17:00")
    # In real hours the first hold over the weekend is an hour shorter and the second an hour longer.
    spring = counted_deadline(at("2024-03-08T17:00"), 48, (), LOS_ANGELES).astimezone(UTC)
    autumn = counted_deadline(at("2024-11-01T17:00"), 48, (), LOS_ANGELES).astimezone(UTC)
    assert spring - at("2024-03-08T17:00").astimezone(UTC) == timedelta(hours=95)
    assert autumn - at("2024-11-01T17:00").astimezone(UTC) == timedelta(hours=97)


def test_elapsed_hours_are_counted_where_the_clock_changes_on_a_working_day() -> None:
    # Cairo put its clocks on at midnight before Friday 26 April 2024, so that Friday had 23 hours.
    cairo = ZoneInfo("Africa/Cairo")
    start = at("2024-04-25T12:00", cairo)
    deadline = counted_deadline(start, 30, (), cairo)
    assert deadline == at("2024-04-26T19:00", cairo)
    assert deadline.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=30)


def test_the_local_day_decides_whatever_zone_the_moment_was_written_in() -> None:
    # Friday 17:00 in Los Angeles is Saturday in universal time.
    start = at("2024-06-07T17:00")
    assert counted_deadline(start.astimezone(UTC), 48, (), LOS_ANGELES) == at("2024-06-11T17:00")
    assert counted_deadline(start.astimezone(UTC), 48, (), LOS_ANGELES).tzinfo is LOS_ANGELES


def test_no_hours_end_at_once_on_a_working_day() -> None:
    assert counted_deadline(at("2024-06-06T17:00"), 0, (), LOS_ANGELES) == at("2024-06-06T17:00")


@given(
    st.datetimes(datetime(2015, 1, 1), datetime(2026, 1, 1)).map(lambda d: d.replace(tzinfo=UTC)),
    st.integers(1, 96),
    st.frozensets(st.dates(date(2015, 1, 1), date(2026, 1, 1)), max_size=5),
)
def test_exactly_the_hours_of_working_days_are_counted(start: datetime, hours: int, holidays: frozenset[date]) -> None:
    end = counted_deadline(start, hours, holidays, LOS_ANGELES).astimezone(UTC)
    counted, now = timedelta(), start
    while now < end:
        local = now.astimezone(LOS_ANGELES)
        step = min(end, _next_midnight(local).astimezone(UTC))
        if local.isoweekday() <= 5 and local.date() not in holidays:
            counted += step - now
        now = step
    assert counted == timedelta(hours=hours)


def _next_midnight(local: datetime) -> datetime:
    day = local.date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=LOS_ANGELES)


def test_the_end_of_the_day_is_a_minute_to_midnight_of_the_local_day() -> None:
    moment = datetime(2019, 3, 16, 2, 0, tzinfo=UTC)  # still 15 March in New York
    assert end_of_day(moment, NEW_YORK) == at("2019-03-15T23:59", NEW_YORK)
    assert end_of_day(at("2019-03-15T00:00", NEW_YORK), NEW_YORK) == at("2019-03-15T23:59", NEW_YORK)


# -- federal holidays -------------------------------------------------------------------------------------------------

#: (King, Washington, Memorial, Labor, Columbus, Thanksgiving), as proclaimed and printed for each year.
_MOVING = {
    1979: ("", "02-19", "05-28", "09-03", "10-08", "11-22"),
    1985: ("", "02-18", "05-27", "09-02", "10-14", "11-28"),
    1986: ("01-20", "02-17", "05-26", "09-01", "10-13", "11-27"),
    1999: ("01-18", "02-15", "05-31", "09-06", "10-11", "11-25"),
    2000: ("01-17", "02-21", "05-29", "09-04", "10-09", "11-23"),
    2010: ("01-18", "02-15", "05-31", "09-06", "10-11", "11-25"),
    2012: ("01-16", "02-20", "05-28", "09-03", "10-08", "11-22"),
    2016: ("01-18", "02-15", "05-30", "09-05", "10-10", "11-24"),
    2018: ("01-15", "02-19", "05-28", "09-03", "10-08", "11-22"),
    2019: ("01-21", "02-18", "05-27", "09-02", "10-14", "11-28"),
    2020: ("01-20", "02-17", "05-25", "09-07", "10-12", "11-26"),
    2021: ("01-18", "02-15", "05-31", "09-06", "10-11", "11-25"),
    2022: ("01-17", "02-21", "05-30", "09-05", "10-10", "11-24"),
    2023: ("01-16", "02-20", "05-29", "09-04", "10-09", "11-23"),
    2024: ("01-15", "02-19", "05-27", "09-02", "10-14", "11-28"),
    2025: ("01-20", "02-17", "05-26", "09-01", "10-13", "11-27"),
    2026: ("01-19", "02-16", "05-25", "09-07", "10-12", "11-26"),
    2027: ("01-18", "02-15", "05-31", "09-06", "10-11", "11-25"),
}


@pytest.mark.parametrize("year", _MOVING)
def test_federal_holidays_of_the_year(federal: tuple[Holiday, ...], year: int) -> None:
    expected = {"01-01", "07-04", "11-11", "12-25", *(d for d in _MOVING[year] if d)}
    if year >= 2021:
        expected.add("06-19")
    assert days(federal, year) == expected


@pytest.mark.parametrize("year", range(1979, 2028))
def test_the_number_of_holidays_grew_from_nine_to_eleven(federal: tuple[Holiday, ...], year: int) -> None:
    assert len(days(federal, year)) == (9 if year < 1986 else 10 if year < 2021 else 11)


def test_veterans_day_left_the_eleventh_of_november_and_came_back(federal: tuple[Holiday, ...]) -> None:
    assert "11-11" not in days(federal, 1977)
    assert "10-24" in days(federal, 1977)
    assert "11-11" in days(federal, 1978)
    assert "10-23" not in days(federal, 1978)


def test_juneteenth_was_first_a_holiday_in_2021_two_days_after_it_became_law(federal: tuple[Holiday, ...]) -> None:
    assert "06-19" not in days(federal, 2020)
    assert "06-19" in days(federal, 2021)
    # 19 June 2021 was a Saturday; the day off was Friday 18 June.
    assert "06-18" in days(federal, 2021, observed=True)


@pytest.mark.parametrize(
    ("year", "observed"),
    [
        (2010, {"07-05", "12-24", "12-31"}),  # Christmas on Saturday; New Year's Day 2011 on Saturday too
        (2011, {"12-26"}),
        (2012, {"01-02", "11-12"}),
        (2015, {"07-03"}),
        (2016, {"12-26"}),
        (2017, {"01-02", "11-10"}),
        (2020, {"07-03"}),
        (2021, {"06-18", "07-05", "12-24", "12-31"}),
        (2022, {"06-20", "12-26"}),
        (2023, {"01-02", "11-10"}),
        (2026, {"07-03"}),
    ],
)
def test_days_observed_instead_of_a_weekend(federal: tuple[Holiday, ...], year: int, observed: set[str]) -> None:
    assert days(federal, year, observed=True) - days(federal, year) == observed


# -- reading dates ----------------------------------------------------------------------------------------------------


def test_dates_are_read_as_written() -> None:
    assert parse_date("2024-02-29") == date(2024, 2, 29)
    assert parse_moment("2024-02-29T17:00:00-08:00").utcoffset() == timedelta(hours=-8)
    assert parse_moment("2024-02-29T17:00Z") == datetime(2024, 2, 29, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "2024-2-9", "20240229", "2023-02-29", "2024-13-01", "2024-00-10", "0000-01-01", "29.02.2024", "2024-W05-1",
     "2024-02-29T00:00", " 2024-02-29", "2024-02-29\n", "２０２４-02-29"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_date(text)


@pytest.mark.parametrize(
    "text",
    ["2024-02-29", "2024-02-29T17:00", "2024-02-29T25:00Z", "17:00Z", "20240229T170000Z", "2023-02-29T17:00Z", "now"],
)
def test_a_moment_without_its_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)
