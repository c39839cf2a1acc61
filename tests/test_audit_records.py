"""Records of every sort: what stands in the file comes out, with its number, and what cannot be read is told."""

from __future__ import annotations

import csv
import gzip
import io
import random
import sqlite3
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from comity.audit.quality import Rejected
from comity.audit.records import Limits, Reading, Records, TableRecords, open_records
from comity.problems import ComityError, Problem

Rows = list[tuple[Any, ...]]


def read(records: Records, *columns: str) -> tuple[Rows, list[Rejected]]:
    """(number, cell, …) of every record, and those that were lost."""
    rows: Rows = []
    lost: list[Rejected] = []
    for batch in records.batches(columns or records.header):
        rows += zip(batch.numbers.tolist(), *(c.to_pylist() for c in batch.columns.values()), strict=True)
        lost += batch.lost
    return rows, lost


def file(folder: Path, content: bytes | str, name: str = "records.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def problem(source: str | Path, table: str | None = None, **how: Any) -> Problem:
    """The one problem of opening and reading a source."""
    with pytest.raises(ComityError) as caught:
        read(open_records(source, table, **how))
    (found,) = caught.value.problems
    return found


def told(lost: list[Rejected]) -> list[tuple[int, str, str, str]]:
    return [(r.number, r.reason, r.column, r.value) for r in lost]


# Text tables


@pytest.mark.parametrize("separator", [",", "\t", "|", ";"])
def test_the_separator_is_found_in_the_header(tmp_path: Path, separator: str) -> None:
    path = file(tmp_path, f"a{separator}b\n1{separator}x y\n2{separator}\n")
    assert read(open_records(path)) == ([(1, "1", "x y"), (2, "2", "")], [])


def test_a_separator_inside_quotes_of_the_header_is_none(tmp_path: Path) -> None:
    path = file(tmp_path, '"Last, First, Middle";Age\n"Doe; Jo";3\n')
    records = open_records(path)
    assert records.header == ("Last, First, Middle", "Age")
    assert read(records)[0] == [(1, "Doe; Jo", "3")]


def test_bom_windows_line_ends_line_breaks_in_cells_and_nul(tmp_path: Path) -> None:
    path = file(tmp_path, b'\xef\xbb\xbfa,b\r\n1,"x\r\ny ""z"""\r\n\r\n2,n\x00l\r\n3,')
    assert read(open_records(path)) == ([(1, "1", 'x\r\ny "z"'), (2, "2", "n\x00l"), (3, "3", "")], [])


@pytest.mark.parametrize("text", ["a,b\n", "a,b", "a", "a\r\n"])
def test_a_header_alone_has_no_records(tmp_path: Path, text: str) -> None:
    assert read(open_records(file(tmp_path, text))) == ([], [])


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    records = open_records(file(tmp_path, "a,b,c\n1,2,3\n"))
    assert read(records, "c", "a") == ([(1, "3", "1")], [])
    assert len(next(records.batches(()))) == 1


def test_a_thousand_columns(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(1000)]
    path = file(tmp_path, ",".join(names) + "\n" + ",".join("x" * 1000) + "\n")
    assert read(open_records(path), "c0", "c999") == ([(1, "x", "x")], [])


def test_a_record_with_another_number_of_cells_is_rejected_with_its_number(tmp_path: Path) -> None:
    path = file(tmp_path, 'a,b,c\n1,2,3\n\n4,5\n6,7,8,9\n"x\n1",2\n7,8,9\n')
    rows, lost = read(open_records(path))
    assert rows == [(1, "1", "2", "3"), (5, "7", "8", "9")]
    assert told(lost) == [
        (2, "wrong number of cells", "", "2 of 3 cells"),
        (3, "wrong number of cells", "", "4 of 3 cells"),
        (4, "wrong number of cells", "", "2 of 3 cells, over 2 lines"),
    ]


_cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\ufdd0\r"), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(st.lists(_cells, min_size=2, max_size=2), st.lists(_cells, min_size=3, max_size=3)), max_size=30)
)
def test_any_cells_come_back_with_their_numbers(tmp_path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["first", "second"])
    writer.writerows(rows)
    found, lost = read(open_records(file(tmp_path, text.getvalue())))
    assert found == [(i, *row) for i, row in enumerate(rows, 1) if len(row) == 2]
    assert [r.number for r in lost] == [i for i, row in enumerate(rows, 1) if len(row) == 3]


def test_numbers_stay_true_over_many_blocks(tmp_path: Path) -> None:
    lines = [f"{i},{'x' * 900}" if i % 7 else f"{i}" for i in range(1, 15_001)]  # three blocks
    path = file(tmp_path, "a,b\n" + "\n".join(lines) + "\n")
    numbers, lost = [], []
    for batch in open_records(path).batches(["a"]):
        assert batch.numbers.tolist() == [int(a) for a in batch.columns["a"].to_pylist()]
        numbers += batch.numbers.tolist()
        lost += [r.number for r in batch.lost]
    assert sorted(numbers + lost) == list(range(1, 15_001))
    assert all(n % 7 == 0 for n in lost)


def test_bytes_that_are_no_text_reject_their_record_only_where_they_are_read(tmp_path: Path) -> None:
    path = file(tmp_path, b"a,b\n1,x\n2,\xe9\n3,\xc3\xa9\n4,\xff\xfe\n")
    rows, lost = read(open_records(path))
    assert rows == [(1, "1", "x"), (3, "3", "é")]
    assert told(lost) == [(2, "bytes that are no text", "b", ""), (4, "bytes that are no text", "b", "")]
    assert read(open_records(path), "a") == ([(1, "1"), (2, "2"), (3, "3"), (4, "4")], [])


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-8"])
def test_other_encodings_when_the_mapping_names_them(tmp_path: Path, encoding: str) -> None:
    path = file(tmp_path, "naïve,b\né,ü\n".encode(encoding))
    assert open_records(path, reading=Reading(encoding=encoding)).header == ("naïve", "b")
    assert read(open_records(path, reading=Reading(encoding=encoding)))[0] == [(1, "é", "ü")]


def test_a_byte_that_the_named_encoding_lacks(tmp_path: Path) -> None:
    path = file(tmp_path, b"a,b\n\x81,2\n\x80,3\n")
    rows, lost = read(open_records(path, reading=Reading(encoding="cp1252")))
    assert rows == [(2, "€", "3")]
    assert told(lost) == [(1, "bytes that are no text", "a", "")]


def test_repeated_and_missing_names_are_told_apart(tmp_path: Path) -> None:
    records = open_records(file(tmp_path, "Level,Level,,a \n1,2,3,4\n"))
    assert records.header == ("Level (1)", "Level (2)", "column 3", "a")
    assert records.repeated == frozenset({"Level"})
    assert read(records, "Level (2)")[0] == [(1, "2")]


def test_a_header_further_down(tmp_path: Path) -> None:
    path = file(tmp_path, "Released under FOIA\nby an office, of sorts\na,b\n1,2\n")
    assert read(open_records(path, reading=Reading(header_row=3)))[0] == [(1, "1", "2")]


@pytest.mark.parametrize(
    ("content", "how", "code", "says"),
    [
        (b"", {}, "CM704", "is empty"),
        (b"\n\n", {}, "CM704", "no line of column names"),
        (b"a,b\n", {"reading": Reading(header_row=3)}, "CM704", "fewer lines"),
        (b'a,b\n1,"open\n2,3\n', {}, "CM702", "near record 1 of 'records.csv' is never closed"),
        (b'a,b\n"open,2\n2,3\n', {}, "CM702", "never closed"),
        (b"PAR1 and no more", {}, "CM702", "not a whole Parquet file"),
        (b"PK\x03\x04 and no more", {}, "CM702", "not a workbook"),
        (b"\x1f\x8b and no more", {}, "CM702", "not a whole gzip file"),
        (
            gzip.compress(b"a,b\n" + random.Random(1).randbytes(9000).hex().encode())[:2000],
            {},
            "CM702",
            "not a whole gzip file",
        ),
        ("a,b\né,2\n".encode("utf-16"), {}, "CM720", "not UTF-8 text"),
        (bytes(range(128, 256)) * 9, {}, "CM720", "not UTF-8 text"),
        (b"a\n1\n", {"reading": Reading(encoding="klingon")}, "CM720", "no encoding is called 'klingon'"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes, how: dict[str, Any], code: str, says: str) -> None:
    found = problem(file(tmp_path, content), **how)
    assert (found.code, says in found.message) == (code, True), found.message


def test_a_record_longer_than_a_block_is_told_and_not_read(tmp_path: Path) -> None:
    path = file(tmp_path, 'a,b\n1,"' + "x,y\n" * 4_000_000)
    assert "longer than 4 MiB" in problem(path).message


def test_quotes_may_be_ordinary_signs(tmp_path: Path) -> None:
    path = file(tmp_path, 'a,b\n5" pipe,2\n"7,8\n')
    assert read(open_records(path, reading=Reading(quotes=False)))[0] == [(1, '5" pipe', "2"), (2, '"7', "8")]


def test_no_such_file_a_folder_and_a_name_that_cannot_be(tmp_path: Path) -> None:
    assert problem(tmp_path / "none.csv").code == "CM701"
    assert "is a folder" in problem(tmp_path).message
    assert problem("a\0b").code == "CM701"
    assert "does not hold what its name says" in problem(file(tmp_path, "a,b\n", "x.parquet")).message


# Compressed files


def test_gzip_is_known_by_its_content_not_its_name(tmp_path: Path) -> None:
    assert read(open_records(file(tmp_path, gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n"))))[0] == [
        (1, "1", "2"),
        (2, "3", "4"),
    ]


def test_a_gzip_bomb_is_refused_early_and_the_limit_can_be_raised(tmp_path: Path) -> None:
    path = file(tmp_path, gzip.compress(b"a,b\n" + b"0,0\n" * 2_000_000))
    found = problem(path, limits=Limits(small=2**20))
    assert found.code == "CM703"
    assert "grows beyond reason" in found.message
    assert sum(len(b) for b in open_records(path).batches(["a"])) == 2_000_000
    assert problem(path, limits=Limits(inflated=2**22)).code == "CM703"


def test_a_bomb_of_zeros_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = file(tmp_path, gzip.compress(b"a,b\n" + bytes(50_000_000)))
    assert problem(path).code in ("CM703", "CM720")


# Workbooks


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("fastexcel")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


COVER = [[f"cover text {i}"] for i in range(6)]
NAMES = ["Detainer Prepare Date", "Biometric Match Yes No", "MSC Charge Code"]


def test_a_federal_workbook_with_cover_rows_and_a_sheet_a_year(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "x.xlsx",
        {
            "FY2025": [*COVER, NAMES, [date(2025, 1, 2), "YES", "0999"], [date(2025, 1, 3), None, "1199"]],
            "FY2026": [*COVER, NAMES, [date(2026, 1, 2), "NO", "5404"]],
            "Notes": [],
        },
    )
    records = open_records(path)
    assert records.header == tuple(NAMES)
    assert records.rows == 3
    assert read(records, "MSC Charge Code", "Detainer Prepare Date")[0] == [
        (1, "0999", "2025-01-02 00:00:00"),
        (2, "1199", "2025-01-03 00:00:00"),
        (3, "5404", "2026-01-02 00:00:00"),
    ]
    assert read(open_records(path, "FY2026"), "MSC Charge Code")[0] == [(1, "5404")]
    assert read(open_records(path, reading=Reading(header_row=7)), "MSC Charge Code")[0][0] == (1, "0999")


def test_sheets_that_differ_must_be_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"one": [["a", "b"], [1, 2]], "two": [["a", "c"], [1, 2]]})
    assert problem(path).code == "CM707"
    assert read(open_records(path, "two"))[0] == [(1, "1", "2")]
    assert problem(path, "tow").help == "did you mean 'two'?"


def test_an_empty_workbook_has_no_columns(tmp_path: Path) -> None:
    assert problem(workbook(tmp_path / "x.xlsx", {"one": []})).code == "CM704"


def test_a_zip_bomb_is_refused_whatever_its_directory_says(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", bytes(20_000_000))
    assert problem(path, limits=Limits(small=2**20)).code == "CM703"
    assert problem(path, limits=Limits(workbook=2**20)).code == "CM703"


# Parquet and databases


def test_parquet_keeps_its_types_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    table = pa.table({"day": pa.array([date(2016, 1, 2), None]), "n": [1, 2], "yes": [True, None]})
    pq.write_table(table, path)
    records = open_records(path)
    assert (records.rows, records.kind) == (2, "Parquet")
    assert read(records, "yes", "day")[0] == [(1, True, date(2016, 1, 2)), (2, None, None)]
    assert len(records.sha256()) == 64


def test_a_truncated_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": list(range(9999))}), path)
    whole = path.read_bytes()
    assert problem(file(tmp_path, whole[: len(whole) // 2], "y.parquet")).code == "CM702"
    middle = len(whole) // 3
    broken = file(tmp_path, whole[:middle] + bytes(200) + whole[middle + 200 :], "z.parquet")
    with pytest.raises(ComityError) as caught:
        read(open_records(broken))
    assert caught.value.problems[0].code == "CM702"


def test_parquet_columns_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([i]) for i in range(4)], names=["b", "a", "b", "c"]), path)
    records = open_records(path)
    assert records.header == ("b (1)", "a", "b (2)", "c")
    assert read(records, "c", "b (2)", "a")[0] == [(1, 3, 2, 1)]


def test_parquet_text_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    wrong = pa.Array.from_buffers(pa.string(), 2, pa.array([b"ok", b"\xff\xfe"]).buffers())
    pq.write_table(pa.table({"a": wrong, "b": [1, 2]}), path)
    rows, lost = read(open_records(path))
    assert rows == [(1, "ok", 1)]
    assert told(lost) == [(2, "bytes that are no text", "a", "")]


def test_a_table_of_a_duckdb_file(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "jail.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("""CREATE TABLE "my ""cases" AS SELECT range + 1 AS "the id", 'x' AS b FROM range(3)""")
    records = open_records(path)
    assert read(records)[0] == [(1, 1, "x"), (2, 2, "x"), (3, 3, "x")]
    assert read(open_records(f"duckdb://{path}", 'my "cases'), "b")[0] == [(1, "x"), (2, "x"), (3, "x")]
    assert problem(path, "cases").code == "CM707"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE other AS SELECT 1 AS a")
    assert "holds 2 tables" in problem(path).message


@pytest.mark.filterwarnings("ignore")
def test_a_table_that_ibis_reaches(tmp_path: Path) -> None:
    pytest.importorskip("ibis")
    path = tmp_path / "jail.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookings (id INTEGER, charge TEXT)")
        connection.executemany("INSERT INTO bookings VALUES (?, ?)", [(1, "PC 459"), (2, None)])
    connection.close()
    assert "write sqlite://" in problem(path).help
    try:
        records = open_records(f"sqlite://{path}")
    except ComityError as error:
        if error.problems[0].code == "CM708":
            pytest.skip("Ibis has no driver for SQLite here")
        raise
    assert records.header == ("id", "charge")
    assert read(records, "charge")[0] == [(1, "PC 459"), (2, None)]
    assert problem(f"sqlite://{path}", "booking").help == "did you mean 'bookings'?"


@pytest.mark.filterwarnings("ignore")
def test_an_address_that_does_not_answer_tells_no_password() -> None:
    pytest.importorskip("ibis")
    found = problem("klingon://user:secret@localhost:1/jail")
    assert found.code in ("CM708", "CM709")
    assert "secret" not in found.message + found.help


def test_a_table_in_memory() -> None:
    records = TableRecords(pa.table({"a": [1, 2], "b": ["x", "y"]}))
    assert read(records, "b")[0] == [(1, "x"), (2, "y")]
    assert [len(batch) for batch in records.batches(())] == [2]
