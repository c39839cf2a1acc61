"""Made-up records: shares of blanks and values, what always holds, and that the same seed gives the same rows."""

from __future__ import annotations

import csv
import errno
import hashlib
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import comity
from comity.audit.columns import Columns
from comity.audit.mapping import Mapping
from comity.audit.mappings import load_mapping, read_mapping
from comity.audit.records import open_records
from comity.audit.sample import federal, federal_mixes, jail, jail_mixes, writing
from comity.audit.sample.draws import Draws, Wheel
from comity.audit.sample.eras import pick_by_day
from comity.audit.sample.layout import BLOCK
from comity.audit.sample.mapping import MAPPINGS, sample_mapping
from comity.audit.sample.marking import METADATA_RECIPE, is_synthetic
from comity.audit.sample.writing import LAYOUTS, Recipe, blocks, write_sample
from comity.cli.sample import command
from comity.offences.table import OffenceTable
from comity.problems import ComityError

_RELEASE = Path(__file__).parents[2] / "shared" / "data" / "minnesota-stcloud-declined-detainers-2026.csv"


def _table(like: str, rows: int, seed: int = 1, first: date | None = None, last: date | None = None) -> pa.Table:
    return pa.Table.from_batches(blocks(Recipe(like, rows, seed, first, last)))


def _rows(like: str, rows: int, seed: int = 1, **days: date) -> list[dict[str, Any]]:
    rows_: list[dict[str, Any]] = _table(like, rows, seed, **days).to_pylist()
    return rows_


@pytest.fixture(scope="module")
def many() -> pa.Table:
    return pa.Table.from_batches(blocks(Recipe("federal", 2 * BLOCK, 7)))


def _near(count: int, of: int, share: float) -> bool:
    """Within four standard deviations, and the two slots of 65,536 that a share may be off."""
    return abs(count / of - share) <= 4 * (share * (1 - share) / of) ** 0.5 + 2 / 65_536


# -- the federal layout ------------------------------------------------------------------------------------------------


def test_the_columns_are_those_of_the_release_in_its_order() -> None:
    if not _RELEASE.is_file():
        pytest.skip("the real rows are not on this machine")
    with _RELEASE.open(encoding="utf-8", newline="") as file:
        assert tuple(next(csv.reader(file))) == federal.COLUMNS


def test_sixty_four_columns_and_the_mark(many: pa.Table) -> None:
    assert len(set(federal.COLUMNS)) == 64
    assert tuple(many.column_names) == (*federal.COLUMNS, "synthetic") == LAYOUTS["federal"].columns
    assert many["synthetic"].unique().to_pylist() == ["yes"]


def test_blanks_are_as_frequent_as_published(many: pa.Table) -> None:
    for name in federal.COLUMNS:
        share = 1.0 if name in federal_mixes.EVER_BLANK else federal_mixes.BLANK.get(name, 0.0)
        assert _near(many[name].null_count, len(many), share), name
        assert share not in (0.0, 1.0) or many[name].null_count == share * len(many), name


@pytest.mark.parametrize(
    ("column", "mix"),
    [
        ("detainer_prepared_criminality", federal_mixes.CRIMINALITY),
        ("detainer_lift_reason", federal_mixes.LIFT_REASONS),
        ("felon", federal_mixes.FELON),
        ("processing_disposition", federal_mixes.DISPOSITIONS),
        ("apprehension_method", federal_mixes.APPREHENSION_METHODS),
        ("most_serious_conviction_charge", {name: share for (name, _), share in federal_mixes.CHARGES.items()}),
        ("msc_charge_code", {code: share for (_, code), share in federal_mixes.CHARGES.items()}),
    ],
)
def test_values_have_their_shares(many: pa.Table, column: str, mix: dict[str, float]) -> None:
    counted = Counter(word for word in many[column].to_pylist() if word is not None)
    assert set(counted) == set(mix)
    for word, weight in mix.items():
        assert _near(counted[word], counted.total(), weight / sum(mix.values())), word


def _check_federal(rows: list[dict[str, Any]], first: date, last: date) -> None:
    conviction = ("most_serious_conviction_charge", "msc_charge_code", "msc_charge_date", "msc_conviction_date")
    boxes = tuple(federal_mixes.BOXES)
    for row in rows:
        day = row["detainer_prepare_date"]
        assert first <= day <= last
        for together in (
            conviction,
            boxes,
            ("case_status", "case_category", "final_order_yes_no"),
            ("detainer_lift_reason", "detainer_lift_reason_code"),
            ("facility_state", "facility_city"),
            ("apprehension_date", "apprehension_method"),
            ("unique_identifier", "duplicate_likely"),
        ):
            assert len({row[name] is None for name in together}) == 1, together
        if row["msc_charge_date"]:
            assert row["msc_charge_date"] < row["msc_conviction_date"] < day
            assert row["detainer_prepared_criminality"] == "1 Convicted Criminal"
        sentences = [row[f"msc_sentence_{unit}"] for unit in federal_mixes.SENTENCES]
        assert sum(s is not None for s in sentences) <= (row["msc_charge_date"] is not None)
        assert all(s is None or s >= 1 for s in sentences)
        if row["biometric_match_yes_no"]:
            assert "YES" in [row[name] for name in boxes]
        assert (row["final_order_date"] is not None) == (row["final_order_yes_no"] == "YES")
        for name in ("final_order_date", "departed_date", "apprehension_date"):
            assert row[name] is None or row[name] <= last
        if row["departed_date"]:
            assert row["case_status"] in federal_mixes.DEPARTED_STATUSES
            assert row["departed_date"] >= day
            assert row["final_order_date"] is None or row["final_order_date"] <= row["departed_date"]
        if row["port_of_departure"]:
            assert row["departed_date"]
        assert row["entry_date"] is None or row["entry_date"] <= day
        assert row["apprehension_date"] is None or row["apprehension_date"] >= day
        if row["arrest_time_current_program"] or row["arrest_time_case_category"]:
            assert row["apprehension_date"]
        fiscal = day.year + (day.month >= 10)
        assert row["sheet_original"] == f"FY{fiscal}"
        assert row["file_original"] == f"SYNTHETIC_Detainers_FY{fiscal % 100:02}.xlsx"
        assert row["birth_year"] % 10 == 0
        # Nobody, and from nowhere.
        assert {row[name] for name in ("birth_country", "citizenship_country")} == {"SYNTHETIC"}
        assert {row[name] for name in ("departure_country", "entry_status")} <= {"SYNTHETIC", None}
        for name in ("detention_facility", "facility_city", "facility_state", "facility_aor", "tod_current_duty_site"):
            assert (row[name] or "SYNTHETIC").upper().startswith("SYNTHETIC")
        assert (row["unique_identifier"] or "synthetic-").startswith("synthetic-")
    assert [row["row_original"] for row in rows] == list(range(8, 8 + len(rows)))


_DAYS = st.dates(date(1995, 1, 1), date(2100, 12, 31))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**63 - 1), st.tuples(_DAYS, _DAYS))
def test_what_always_holds_of_a_federal_row(seed: int, days: tuple[date, date]) -> None:
    first, last = min(days), max(days)
    _check_federal(_rows("federal", 1_500, seed, first=first, last=last), first, last)


def test_one_day_is_enough() -> None:
    day = date(2016, 2, 29)
    _check_federal(_rows("federal", 500, first=day, last=day), day, day)
    assert {row["booked_at"].date() for row in _rows("jail", 500, first=day, last=day)} == {day}


def _expected_form(day: date) -> set[str]:
    if day < date(2015, 6, 12):
        return {"I247"}
    return {"I247D", "I247N", "I247X"} if day < date(2017, 4, 2) else {"I247A"}


def test_the_form_is_one_in_use_on_the_day() -> None:
    table = _table("federal", 20_000, first=date(2011, 1, 1), last=date(2026, 3, 10))
    rows = table.select(["detainer_type", "detainer_prepare_date"]).to_pylist()
    seen = set()
    for row in rows:
        form, _, words = row["detainer_type"].partition(" - ")
        seen.add(form)
        assert form in _expected_form(row["detainer_prepare_date"])
        if "prior to March 2013" in words:
            assert row["detainer_prepare_date"] < date(2013, 3, 1)
        if "as of March 2013" in words:
            assert row["detainer_prepare_date"] >= date(2013, 3, 1)
        if "as of May 2025" in words:
            assert row["detainer_prepare_date"] >= date(2025, 5, 1)
    assert seen == {"I247", "I247D", "I247N", "I247X", "I247A"}


@pytest.mark.parametrize("rows", [1, 2, 1_000, 40_000])
def test_a_likely_duplicate_is_the_same_person_on_the_same_day(rows: int) -> None:
    made = (
        _table("federal", rows, 3)
        .select(["unique_identifier", "detainer_prepare_date", "duplicate_likely"])
        .to_pylist()
    )
    keys = Counter((r["unique_identifier"], r["detainer_prepare_date"]) for r in made if r["unique_identifier"])
    for row in made:
        key = (row["unique_identifier"], row["detainer_prepare_date"])
        assert row["duplicate_likely"] is (keys[key] > 1 if row["unique_identifier"] else None)
    if rows == 40_000:
        assert 0.01 < sum(n for n in keys.values() if n > 1) / rows < 0.06


def test_a_person_is_the_same_in_every_row(many: pa.Table) -> None:
    about: dict[str, set[tuple[str, int]]] = {}
    for who, gender, born in zip(
        *(many[name].to_pylist() for name in ("unique_identifier", "gender", "birth_year")), strict=True
    ):
        if who:
            about.setdefault(who, set()).add((gender, born))
    assert all(len(seen) == 1 for seen in about.values())
    assert 1.05 < (len(many) - many["unique_identifier"].null_count) / len(about) < 1.4


def test_the_old_layout_writes_days_as_then() -> None:
    rows = _rows("federal-2008", 5_000)
    for row in rows:
        day = datetime.strptime(row["Prepare Date"], "%m/%d/%y").date()
        assert date(2007, 10, 2) <= day <= date(2015, 7, 18)
        assert (row["Detainer Type"] is None) == (day < date(2014, 10, 1))
    assert any(row["Prepare Date"].startswith("1/") for row in rows)


# -- the jail ----------------------------------------------------------------------------------------------------------


def _check_jail(rows: list[dict[str, Any]], last: date) -> None:
    end = datetime(last.year, last.month, last.day, 23, 59)
    zone = ZoneInfo("America/Los_Angeles")
    constant = jail.COLUMNS[: jail.COLUMNS.index("line")]
    before: dict[str, Any] | None = None
    for row in rows:
        same = before is not None and row["booking_id"] == before["booking_id"]
        if same:
            assert before is not None
            assert all(row[name] == before[name] for name in constant)
            assert row["line"] == before["line"] + 1
            order = ["detainer", "charge", "conviction"]
            assert order.index(row["line_kind"]) >= order.index(before["line_kind"])
        else:
            assert row["line"] == 1
            assert row["line_kind"] == "detainer"
            assert before is None or row["booking_id"] > before["booking_id"]
        times = [row["booked_at"], row["releasable_at"], row["released_at"]]
        known = [t for t in times if t is not None]
        assert known == sorted(known)
        if row["request_received_at"]:
            assert row["booked_at"] <= row["request_received_at"] <= (row["released_at"] or end)
            _check_forms(row)
        for time in [*known, row["request_received_at"]]:
            if time is not None:
                assert time <= end
                there = [time.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)]
                assert there[0] == there[1], f"{time} is not one moment"
        assert (row["released_at"] is None) == (row["release_reason"] is None)
        if row["release_reason"] == jail_mixes.TO_FEDERAL:
            assert row["notified"] == "yes"
        if row["held_for_request"] == "yes":
            assert "hold" in row["request_asks"]
            assert (row["released_at"] - row["releasable_at"]).total_seconds() > 3600
        assert row["request_asks"] == jail_mixes.ASKS[row["request_form"]]
        assert row["judge_signed"] == "yes" or row["judge_court"] is row["warrant_charge"] is None
        _check_line(row, last)
        before = row


def _check_forms(row: dict[str, Any]) -> None:
    day = row["request_received_at"].date()
    old, both = day < date(2015, 6, 12), day < date(2017, 4, 2)
    allowed = {"I-247"} if old else {"I-247D", "I-247N", "I-247X"} if both else {"I-247A", "I-247G"}
    assert row["request_form"] in allowed | {"none"}


def _check_line(row: dict[str, Any], last: date) -> None:
    if row["line_kind"] == "detainer":
        names = ("code", "degree", "grade", "offence_date", "held_to_answer", "disposition", "disposition_date")
        assert all(row[name] is None for name in names)
        return
    booked = row["booked_at"].date()
    assert row["grade"] in ("F", "M")
    assert (row["disposition_date"] is None) == (row["disposition"] == "PENDING")
    if row["line_kind"] == "conviction":
        assert row["offence_date"] < row["disposition_date"] < booked
        assert row["sentence_ended"] is None or row["disposition_date"] < row["sentence_ended"] < booked
        assert row["held_to_answer"] is None
        assert row["disposition"] != "REDUCED" or row["grade"] == "F"
    else:
        assert row["offence_date"] <= booked
        assert row["disposition_date"] is None or booked < row["disposition_date"] <= last
        assert row["sentence_ended"] is None
        assert row["grade"] == "F" or row["held_to_answer"] == "no"


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**63 - 1), st.tuples(_DAYS, _DAYS))
def test_what_always_holds_of_a_jail_line(seed: int, days: tuple[date, date]) -> None:
    first, last = min(days), max(days)
    rows = _rows("jail", 1_500, seed, first=first, last=last)
    assert all(first <= row["booked_at"].date() for row in rows)
    _check_jail(rows, last)


def test_the_lines_around_the_end_of_a_block() -> None:
    rows = pa.Table.from_batches(blocks(Recipe("jail", BLOCK + 50))).slice(BLOCK - 100).to_pylist()
    _check_jail(rows[next(i for i, row in enumerate(rows) if row["line"] == 1) :], date(2026, 5, 31))
    assert rows[100]["line"] == 1


def test_every_hold_length_occurs() -> None:
    hours = [
        (row["released_at"] - row["releasable_at"]).total_seconds() / 3600
        for row in _rows("jail", 20_000)
        if row["line"] == 1 and row["released_at"] and row["releasable_at"]
    ]
    assert min(hours) < 1
    assert any(40 < h < 48 for h in hours)
    assert any(48 < h < 96 for h in hours)
    assert max(hours) > 96


def test_every_section_stands_in_the_table_with_its_grades() -> None:
    table = OffenceTable.load()
    for offence in jail_mixes.OFFENCES:
        found = table.find(offence.code, degree=offence.degree or None)
        wanted = {"felony"} if offence.felony == 1 else {"misdemeanor"} if offence.felony == 0 else set()
        assert wanted <= found.grades, offence
        assert wanted or {"felony", "misdemeanor"} <= found.grades, offence


# -- the same seed, the same rows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("like", LAYOUTS)
def test_more_rows_begin_with_the_same_rows(like: str) -> None:
    more = Recipe(like, BLOCK + 5_000, 11)
    fewer = Recipe(like, 5_000, 11)
    some, all_ = next(blocks(fewer)), next(blocks(more))
    for name in some.schema.names:
        if name != "duplicate_likely":  # whether a row has a twin depends on whether that one is there
            assert some[name].equals(all_[name].slice(0, 5_000)), name
    assert more.batch(1).num_rows == 5_000
    assert more.batch(1).equals(list(blocks(more))[1])


@pytest.mark.parametrize("like", LAYOUTS)
def test_another_seed_gives_other_rows(like: str) -> None:
    assert Recipe(like, 100, 1).batch(0).equals(Recipe(like, 100, 1).batch(0))
    assert not Recipe(like, 100, 1).batch(0).equals(Recipe(like, 100, 2).batch(0))


@pytest.mark.parametrize(
    ("like", "expected"),
    [("federal", "bee7383f44b93e35"), ("federal-2008", "ed9339facaa2f1b2"), ("jail", "0df091d8f94eb361")],
)
def test_the_rows_of_seed_1_never_change(like: str, expected: str) -> None:
    # A demonstration of last year must be repeatable.  If rows must change, CHANGELOG.md says so.
    text = "\n".join(repr(list(row.values())) for row in _rows(like, 2_000))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == expected


# -- files -------------------------------------------------------------------------------------------------------------


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case _:
            return str(value)


@pytest.mark.parametrize("like", LAYOUTS)
def test_csv_and_parquet_hold_the_same_rows(like: str, tmp_path: Path) -> None:
    recipe = Recipe(like, 20_001, 5)
    sizes = [write_sample(recipe, tmp_path / f"synthetic.{ending}") for ending in ("parquet", "csv", "csv.gz")]
    assert sizes == [(tmp_path / f"synthetic.{ending}").stat().st_size for ending in ("parquet", "csv", "csv.gz")]
    table = pq.read_table(tmp_path / "synthetic.parquet")
    with (tmp_path / "synthetic.csv").open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == table.column_names == list(LAYOUTS[like].columns)
    assert lines == [[_as_text(v) for v in row.values()] for row in table.to_pylist()]
    assert open_records(tmp_path / "synthetic.csv.gz").header == tuple(header)


def test_a_parquet_file_has_plain_types_and_says_what_it_is(tmp_path: Path) -> None:
    recipe = Recipe("federal", 300_000)
    write_sample(recipe, tmp_path / "synthetic.parquet")
    schema = pq.read_schema(tmp_path / "synthetic.parquet")
    types = {name: str(schema.field(name).type) for name in schema.names}
    assert types.pop("duplicate_likely") == "bool"
    dates = {name for name, type_ in types.items() if type_ == "date32[day]"}
    assert dates == {name for name in types if name.endswith("_date")}
    whole = {name for name, type_ in types.items() if type_ == "int32"}
    assert whole == {"birth_year", "row_original", *(f"msc_sentence_{unit}" for unit in federal_mixes.SENTENCES)}
    assert {type_ for name, type_ in types.items() if name not in dates | whole} == {"string"}
    assert schema.metadata[METADATA_RECIPE].decode() == str(recipe)
    assert str(recipe) == '{"like":"federal","rows":300000,"seed":1,"from":"2022-10-01","to":"2026-03-10"}'
    assert is_synthetic((), schema.metadata)
    metadata = pq.read_metadata(tmp_path / "synthetic.parquet")
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [
        BLOCK,
        BLOCK,
        300_000 - 2 * BLOCK,
    ]


def test_the_same_recipe_gives_the_same_bytes(tmp_path: Path) -> None:
    for ending in ("parquet", "csv", "csv.gz"):
        for name in ("a", "b"):
            write_sample(Recipe("jail", 3_000), tmp_path / f"{name}.{ending}")
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


@pytest.mark.parametrize("like", LAYOUTS)
def test_no_rows_is_a_table_too(like: str, tmp_path: Path) -> None:
    write_sample(Recipe(like, 0), tmp_path / "none.parquet")
    write_sample(Recipe(like, 0), tmp_path / "none.csv")
    table = pq.read_table(tmp_path / "none.parquet")
    assert table.num_rows == 0
    assert open_records(tmp_path / "none.csv").header == tuple(table.column_names) == LAYOUTS[like].columns


def test_the_mark_is_recognised() -> None:
    assert is_synthetic(["id", "Synthetic "])
    assert not is_synthetic(["id", "case"])
    assert not is_synthetic(["id"], {b"comity.synthetic": b"no"})
    for layout in LAYOUTS.values():
        assert is_synthetic(layout.columns)


def _code(error: pytest.ExceptionInfo[ComityError]) -> str:
    return error.value.problems[0].code


def test_a_file_is_replaced_only_when_told_to(tmp_path: Path) -> None:
    out = tmp_path / "synthetic.csv"
    out.write_text("mine")
    with pytest.raises(ComityError, match="it exists already") as error:
        write_sample(Recipe("jail", 10), out)
    assert _code(error) == "CM775"
    assert out.read_text() == "mine"
    write_sample(Recipe("jail", 10), out, force=True)
    assert out.read_text().startswith('"booking_id"')


@pytest.mark.parametrize("ending", ["parquet", "csv", "csv.gz"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_a_stop_leaves_the_old_file_and_no_half_of_a_new_one(ending: str, stop: BaseException, tmp_path: Path) -> None:
    out = tmp_path / f"synthetic.{ending}"
    out.write_text("mine")

    def halfway(done: int, wanted: int) -> None:
        raise stop

    with pytest.raises((KeyboardInterrupt, ComityError)) as error:
        write_sample(Recipe("federal-2008", BLOCK + 1), out, force=True, progress=halfway)
    if isinstance(error.value, ComityError):
        assert error.value.problems[0].code == "CM775"
        assert "no space left" in error.value.problems[0].message
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    assert out.read_text() == "mine"


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none" / "x.csv", tmp_path / ("x" * 300 + ".csv"), Path("/dev/null")):
        with pytest.raises(ComityError) as error:
            write_sample(Recipe("jail", 1), place, format="csv")
        assert _code(error) == "CM775"


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write_sample(Recipe("jail", 1), tmp_path / "link.csv", force=True)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() != "old"


def test_every_problem_of_a_recipe_is_told_at_once() -> None:
    with pytest.raises(ComityError) as error:
        Recipe("fedral", -1, -1, date(2020, 1, 2), date(2020, 1, 1))
    assert {p.code for p in error.value.problems} == {"CM776"}
    assert len(error.value.problems) == 4
    assert error.value.problems[0].help == "did you mean 'federal'?"
    for days in ((date(1994, 12, 31), None), (None, date(2101, 1, 1))):
        with pytest.raises(ComityError, match="cannot be made"):
            Recipe("jail", 1, 1, *days)
    with pytest.raises(ComityError, match="rows cannot be made"):
        Recipe("jail", writing.MOST_ROWS + 1)


def test_the_name_tells_the_format() -> None:
    assert writing.format_of(Path("a.CSV.gz")) == "csv"
    assert writing.format_of(Path("a.Parquet")) == "parquet"
    assert writing.format_of(Path("a.dat"), "csv") == "csv"
    for name, format_ in (("a.dat", None), ("a.csv", "parquet"), ("a.parquet", "csv")):
        with pytest.raises(ComityError) as error:
            writing.format_of(Path(name), format_)
        assert _code(error) == "CM776"


# -- drawing -----------------------------------------------------------------------------------------------------------


@given(
    st.dictionaries(st.text(min_size=1, max_size=4), st.floats(0.001, 1e6), min_size=1, max_size=300),
    st.floats(0, 0.99),
)
def test_a_wheel_gives_every_word_its_slots(mix: dict[str, float], blank: float) -> None:
    wheel = Wheel(mix, blank)
    picked = wheel.pick(Draws(1, 9, 0), 1_000)
    assert picked.codes.max() < len(mix)
    shares = Counter(wheel._slots[: wheel._filled].tolist())
    assert len(shares) == len(mix)
    if min(mix.values()) / sum(mix.values()) * wheel._filled >= 1:
        for word, weight in mix.items():
            exact = weight / sum(mix.values()) * wheel._filled
            assert abs(shares[wheel.positions[word]] - exact) <= 1.001


def test_draws_are_spread_evenly() -> None:
    draws = Draws(5, 1, 0)
    part = draws.part(100_001)
    assert len(part) == len(draws.slots(100_001)) == 100_001
    assert 0 <= part.min() < part.max() < 1
    assert abs(part.mean() - 0.5) < 0.005
    below = draws.below(7, 70_000)
    assert sorted(set(below.tolist())) == list(range(7))
    assert _near(int(draws.yes(0.3, 100_000).sum()), 100_000, 0.3)


def test_a_mix_changes_on_its_day() -> None:
    mixes = {"1970-01-01": {"a": 1.0}, "1970-01-11": {"b": 1.0, "": 1.0}}
    days = np.repeat(np.arange(20), 100)
    words = pick_by_day(Draws(1, 9, 1), mixes, days).column().to_pylist()
    assert set(words[:1000]) == {"a"}
    assert set(words[1000:]) == {"b", None}


# -- read by an audit --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def library() -> comity.Library:
    return comity.load()


def _chunks(out: Path, name: str, library: comity.Library) -> list[Any]:
    from comity.audit.convert import convert

    mapping = load_mapping(name, library.law)
    assert isinstance(mapping, Mapping)
    return list(convert(open_records(out), mapping, library.law, agency="us/ca/los-angeles-county/sheriff"))


@pytest.mark.parametrize("like", LAYOUTS)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_its_mapping_reads_every_row(like: str, ending: str, library: comity.Library, tmp_path: Path) -> None:
    out = tmp_path / f"synthetic.{ending}"
    write_sample(Recipe(like, 2_000), out)
    mapping = load_mapping(MAPPINGS[like], library.law)
    assert mapping == read_mapping(sample_mapping(like), library.law.vocabulary, library.law, file=mapping.file)
    chunks = _chunks(out, MAPPINGS[like], library)
    quality = chunks[-1].quality
    assert not quality.rejected
    assert not quality.set_aside
    assert not quality.unreadable
    assert not quality.disagreements
    assert quality.rows == 2_000
    assert quality.cases == sum(len(chunk.table) for chunk in chunks)
    bookings = len({row["booking_id"] for row in _rows("jail", 2_000)})
    assert quality.cases == (bookings if like == "jail" else 2_000)


def test_california_law_decides_most_bookings(library: comity.Library, tmp_path: Path) -> None:
    out = tmp_path / "synthetic.parquet"
    write_sample(Recipe("jail", 4_000), out)
    (chunk,) = _chunks(out, "sample-jail", library)
    actions = ("hold past release", "notify release", "transfer custody")
    judged = Columns(library.law, actions).judge(chunk.table)
    for action in actions:
        outcomes = Counter(judged.judgement(action, case).outcome for case in range(len(chunk.table)))
        assert outcomes["need a fact"] + outcomes["ask counsel"] < 0.4 * len(chunk.table)
        assert min(outcomes["may"], outcomes["must not"], outcomes["need a fact"]) > 20
        assert {0, 1, 2} == set(chunk.table.recorded[action].tolist())


# -- the command -------------------------------------------------------------------------------------------------------


def test_the_command_says_where_the_file_is_and_how_to_audit_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = CliRunner()
    monkeypatch.chdir(tmp_path)
    done = runner.invoke(command, ["--rows", "7", "--like", "jail", "--from", "2018-01-01"], catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "synthetic-jail-7.parquet: 7 SYNTHETIC records like 'jail', 2018-01-01 to 2026-05-31, seed 1; 0.0 MB",
        "audit them with: comity audit synthetic-jail-7.parquet --map sample-jail --agency ID",
    ]
    assert pq.read_table("synthetic-jail-7.parquet").num_rows == 7
    again = runner.invoke(command, ["--rows", "7", "--like", "jail"])
    assert isinstance(again.exception, ComityError)
    named = ["--rows", "0", "--like", "federal", "--format", "csv", "--seed", "9"]
    assert runner.invoke(command, named).exit_code == 0
    assert Path("synthetic-federal-0.csv").read_text().count("\n") == 1
