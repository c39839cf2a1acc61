"""Tables of databases: a PostgreSQL server of our own, SQLite and DuckDB files; the same answers as from a CSV file."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
csv = pytest.importorskip("pyarrow.csv")

from comity.audit.records import Reading, Records, open_records
from comity.audit.sources.databases import open_server, refused, shown_address
from comity.auditing.assignment import base_name
from comity.problems import ComityError, Problem
from tests.test_cli import Run, run

SHERIFF = "us/ca/los-angeles-county/sheriff"
SECRET = "hush-hush"
TYPES = {
    **dict.fromkeys(("booked_at", "request_received_at", "releasable_at", "released_at"), "timestamp"),
    **dict.fromkeys(("offence_date", "disposition_date", "sentence_ended"), "date"),
    **dict.fromkeys(("judge_signed", "served", "registered", "held_to_answer", "history_complete"), "boolean"),
    "line": "smallint",
}


def read(records: Records, *columns: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for batch in records.batches(columns or records.header):
        found += zip(batch.numbers.tolist(), *(c.to_pylist() for c in batch.columns.values()), strict=True)
    return found


def problem(source: str, table: str | None = None, *columns: str) -> Problem:
    with pytest.raises(ComityError) as caught:
        read(open_records(source, table), *columns)
    (found,) = caught.value.problems
    assert SECRET not in found.message + found.help
    assert "\n" not in found.message
    return found


def audit(records: str | Path, out: Path, *words: object) -> Run:
    """An audit that must succeed and must not show the password."""
    done = run("audit", records, "--map", "sample-jail", "--agency", SHERIFF, "--out", out, "--quiet", *words)
    assert done.code == 0, done.err
    assert SECRET not in done.out + done.err
    return done


def decisions(folder: Path) -> list[dict[str, Any]]:
    """By case; the number of its first record is that of the order in which a server keeps its rows."""
    found = pq.read_table(folder / "decisions.parquet").drop_columns("record").to_pylist()
    return sorted(found, key=lambda d: str(d["case"]))


def findings(folder: Path) -> list[tuple[Any, ...]]:
    found = csv.read_csv(folder / "findings.csv", parse_options=csv.ParseOptions(newlines_in_values=True))
    return sorted(tuple(map(str, row.values())) for row in found.drop_columns(["number", "record"]).to_pylist())


@pytest.fixture(scope="module")
def jail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``records.csv`` of a made-up jail, and the audit of it in ``csv``."""
    folder = tmp_path_factory.mktemp("jail")
    file = folder / "records.csv"
    assert run("sample", "--rows", 3000, "--like", "jail", "--out", file, "--quiet").code == 0
    audit(file, folder / "csv")
    return folder


def columns_of(file: Path) -> tuple[list[str], list[list[str | None]]]:
    plain = csv.ConvertOptions(strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""])
    names = csv.read_csv(file).column_names
    plain.column_types = dict.fromkeys(names, pa.string())
    table = csv.read_csv(file, convert_options=plain)
    return names, [list(row) for row in zip(*(c.to_pylist() for c in table.columns), strict=True)]


# Files


@pytest.mark.slow
def test_a_table_of_an_sqlite_file_gives_the_same_decisions(jail: Path, tmp_path: Path) -> None:
    names, rows = columns_of(jail / "records.csv")
    path = tmp_path / "jail.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        declared = ", ".join(f"{name} {'INTEGER' if name == 'line' else 'TEXT'}" for name in names)
        connection.execute(f"CREATE TABLE bookings ({declared})")
        connection.executemany(f"INSERT INTO bookings VALUES ({', '.join('?' * len(names))})", rows)
        # Such an index holds every case id, in another order than the table.
        connection.execute("CREATE INDEX by_case ON bookings (booking_id DESC)")
    audit(f"sqlite://{path}", tmp_path / "out", "--table", "bookings")
    for file in ("decisions.parquet", "findings.csv", "rejected.csv"):
        assert (tmp_path / "out" / file).read_bytes() == (jail / "csv" / file).read_bytes()


def test_cells_of_sqlite_are_text_whatever_they_are(tmp_path: Path) -> None:
    path = tmp_path / "any.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (a, b)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(1, 2.0), (None, 1.5), ("x", b"\xffok")])
        connection.execute("CREATE VIEW v AS SELECT b FROM t")
    assert read(open_records(f"sqlite://{path}", "t")) == [(1, "1", "2"), (2, None, "1.5"), (3, "x", "\ufffdok")]
    assert read(open_records(f"sqlite://{path}#v")) == [(1, "2"), (2, "1.5"), (3, "\ufffdok")]
    assert len(open_records(f"sqlite://{path}#v").sha256()) == 64
    assert problem(f"sqlite://{path}").code == "CM707"
    assert problem(f"sqlite://{path}", "tt").help == "did you mean 't'?"
    assert problem(f"sqlite://{tmp_path}/none.db").code == "CM701"
    (tmp_path / "no.db").write_text("no database at all, but a long enough text " * 50)
    assert problem(f"sqlite://{tmp_path}/no.db").code == "CM702"


@pytest.mark.slow
def test_a_table_of_a_duckdb_file_gives_the_same_decisions(jail: Path, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "jail.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE bookings AS FROM read_csv('{jail / 'records.csv'}')")
        connection.execute("CREATE TABLE other AS SELECT 1 AS a")
    audit(f"duckdb://{path}#bookings", tmp_path / "out")
    assert decisions(tmp_path / "out") == decisions(jail / "csv")


@pytest.mark.filterwarnings("ignore")
def test_a_table_that_ibis_reaches(tmp_path: Path) -> None:
    """SQLite has a reader of its own; here it stands for any other database that Ibis knows."""
    pytest.importorskip("ibis")
    pytest.importorskip("regex", reason="Ibis has no driver for SQLite here")
    path = tmp_path / "jail.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE bookings (id INTEGER, a TEXT)")
        connection.executemany("INSERT INTO bookings VALUES (?, ?)", ((i, f"x{i}") for i in range(200_000, 0, -1)))
        connection.execute("CREATE INDEX by_id ON bookings (id)")
    records = open_server(f"sqlite://{path}", Reading())
    assert records.header == ("id", "a")
    # The index holds the ids in another order than the table.
    assert read(records, "id") == [(i + 1, 200_000 - i) for i in range(200_000)]
    assert sum(len(batch) for batch in records.batches(())) == 200_000
    with pytest.raises(ComityError, match="has no table called 'booking'"):
        open_server(f"sqlite://{path}", Reading(table="booking"))


# Passwords


@pytest.mark.parametrize(
    "url",
    [
        f"postgres://jailer:{SECRET}@db.example/jail",
        f"postgres://jailer:{SECRET}@db.example",
        f"postgres://jailer:x@{SECRET}@db.example/jail",
        f"postgres://jailer:x/{SECRET}?@db.example/jail",
        f"postgres://db.example/jail?user=jailer&password={SECRET}",
        f"postgres://db.example/jail?password=a/{SECRET}&sslmode=require",
    ],
)
def test_an_address_is_shown_without_its_password(url: str) -> None:
    assert SECRET not in shown_address(url)
    assert SECRET not in base_name(url)
    for told in (url, f'invalid port number: "{SECRET}"', f"cannot reach {SECRET}@db.example"):
        assert SECRET not in str(refused(url, ValueError(told)))


def test_a_short_password_hides_what_the_server_said() -> None:
    assert str(refused("postgres://u:ed@h/jail", ValueError("refused"))).endswith(
        "what it said is not shown, since a part of the password is in it"
    )


# PostgreSQL


@dataclass(frozen=True)
class Server:
    port: int
    folder: Path

    def url(self, user: str = "jailer", database: str = "jail") -> str:
        return f"postgres://{user}@127.0.0.1:{self.port}/{database}"

    def connect(self) -> Any:
        import psycopg

        return psycopg.connect(self.url(), autocommit=True)


@pytest.fixture(scope="module")
def server(jail: Path) -> Iterator[Server]:
    """A PostgreSQL server in a temporary folder, with the made-up jail in it."""
    pytest.importorskip("psycopg", reason="NO POSTGRESQL: install the extra 'postgres' to see its tables read")
    found = shutil.which("initdb") or max(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=None)
    if found is None:
        pytest.skip("NO POSTGRESQL: install its server (tools/machine.sh postgres) to see its tables read")
    # The server refuses to run as root.
    user: dict[str, Any] = {}
    if os.getuid() == 0:
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        other = known.get("postgres") or known.get("nobody")
        if other is None:
            pytest.skip("NO POSTGRESQL: its server does not run as root, and there is no other user here")
        user = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
    folder = Path(tempfile.mkdtemp(prefix="comity-pg-"))
    if user:
        os.chown(folder, user["user"], user["group"])

    def control(program: str, *words: str) -> None:
        command = [str(Path(found).with_name(program)), "-D", str(folder / "data"), *words]
        done = subprocess.run(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=120, **user
        )
        assert done.returncode == 0, done.stderr

    try:
        control("initdb", "-U", "jailer", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        rules = "local all all trust\nhost all locked 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
        (folder / "data" / "pg_hba.conf").write_text(rules)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c autovacuum=off"
        control("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield _filled(Server(port, folder), jail / "records.csv")
        finally:
            control("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _filled(server: Server, file: Path) -> Server:
    import psycopg

    with psycopg.connect(server.url(database="postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE jail")
        connection.execute(f"CREATE ROLE locked LOGIN PASSWORD '{SECRET}'")
        connection.execute("CREATE ROLE guest LOGIN")
    names, _ = columns_of(file)
    with server.connect() as connection:
        for table, types in (("bookings", {}), ("typed", TYPES)):
            declared = ", ".join(f"{name} {types.get(name, 'text')}" for name in names)
            connection.execute(f"CREATE TABLE {table} ({declared})")
            with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv, HEADER)") as copy:
                copy.write(file.read_bytes())
        connection.execute("CREATE INDEX by_case ON bookings (booking_id DESC)")
        connection.execute("CREATE TABLE shuffled AS SELECT * FROM bookings ORDER BY md5(booking_id || line)")
        connection.execute("CREATE VIEW seen AS SELECT * FROM bookings")
        connection.execute("CREATE SCHEMA archive")
        connection.execute('CREATE TABLE archive.old AS SELECT 1 AS a, \'it\'\'s "quoted",\n\'::text AS "the ""b"""')
        connection.execute("GRANT CONNECT ON DATABASE jail TO locked")
        connection.execute("VACUUM ANALYZE")
    return server


@pytest.mark.slow
@pytest.mark.parametrize("table", ["bookings", "typed", "shuffled", "seen"])
def test_a_table_of_postgresql_gives_the_same_decisions(server: Server, jail: Path, tmp_path: Path, table: str) -> None:
    audit(server.url(), tmp_path / "out", "--table", table)
    assert decisions(tmp_path / "out") == decisions(jail / "csv")
    assert findings(tmp_path / "out") == findings(jail / "csv")
    assert len(findings(jail / "csv")) > 100


@pytest.mark.slow
def test_a_password_is_used_and_never_shown(server: Server, jail: Path, tmp_path: Path) -> None:
    with server.connect() as connection:
        connection.execute("GRANT SELECT ON bookings TO locked")
    url = server.url(f"locked:{SECRET}")
    audit(url, tmp_path / "out", "--table", "bookings")
    assert decisions(tmp_path / "out") == decisions(jail / "csv")
    for file in (tmp_path / "out").iterdir():
        assert SECRET.encode() not in file.read_bytes(), file.name
    wrong = problem(server.url(f"locked:{SECRET}-not"), "bookings")
    assert (wrong.code, "password authentication failed" in wrong.message) == ("CM709", True)


@pytest.mark.slow
def test_a_list_from_another_table(server: Server, tmp_path: Path) -> None:
    mapping = """
mapping: A test
case: booking
law date: {column: day}
agency: us/ca/los-angeles/lapd
facts:
  judge signed: {column: judge}
lists:
  convictions:
    table: its own
    case: booking
    complete: yes
    fields:
      offence: {column: code, codes: citation}
      date: {column: convicted}
"""
    (tmp_path / "map.yaml").write_text(mapping, "utf-8")
    (tmp_path / "records.csv").write_text("booking,day,judge\n1,2016-11-14,no\n2,2016-11-14,yes\n", "utf-8")
    (tmp_path / "convictions.csv").write_text("booking,code,convicted\n2,PC 187,2010-03-02\n9,PC 459,\n", "utf-8")
    with server.connect() as connection:
        connection.execute("CREATE TABLE people (booking int, day date, judge text)")
        connection.execute("INSERT INTO people VALUES (1, '2016-11-14', 'no'), (2, '2016-11-14', 'yes')")
        connection.execute("CREATE TABLE past (booking bigint, code text, convicted date)")
        connection.execute("INSERT INTO past VALUES (2, 'PC 187', '2010-03-02'), (9, 'PC 459', NULL)")
    told = (
        (tmp_path / "records.csv", tmp_path / "convictions.csv", "file"),
        (f"{server.url()}#people", f"{server.url()}#past", "base"),
    )
    for records, list_, out in told:
        words = ("--map", tmp_path / "map.yaml", "--list", f"convictions={list_}", "--out", tmp_path / out, "--quiet")
        done = run("audit", records, *words)
        assert done.code == 0, done.err
    for file in ("decisions.parquet", "rejected.csv"):
        assert (tmp_path / "file" / file).read_bytes() == (tmp_path / "base" / file).read_bytes()


@pytest.mark.slow
def test_what_cannot_be_read_is_one_plain_sentence(server: Server) -> None:
    url = server.url()
    with server.connect() as connection:
        connection.execute("CREATE TABLE odd (id int, kinds text[], place point, bytes bytea, span int4range)")
        connection.execute("INSERT INTO odd VALUES (1, '{a,b}', '(1,2)', '\\x00ff', '[1,3)')")
    assert read(open_records(f"{url}#odd"), "id") == [(1, "1")]
    for column, type_ in (("kinds", "text[]"), ("place", "point"), ("bytes", "bytea"), ("span", "int4range")):
        found = problem(url, "odd", column)
        assert found.code == "CM723"
        assert f"the column '{column}' of 'odd' holds {type_}" in found.message
    assert problem(url, "booking").help == "did you mean 'bookings'?"
    assert problem(url).code == "CM707"
    assert 'database "prison" does not exist' in problem(server.url(database="prison")).message
    assert "permission denied" in problem(server.url("guest"), "typed").message
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        down = problem(f"postgres://jailer:{SECRET}@127.0.0.1:{free.getsockname()[1]}/jail", "bookings")
    assert down.code == "CM709"
    assert "refused" in down.message
    for bad in (f"postgres://u:x/{SECRET}@h/jail", f"postgres://u:%zz{SECRET}@127.0.0.1/jail"):
        assert problem(bad).code == "CM709"
    done = run("audit", f"postgres://jailer:{SECRET}@127.0.0.1:1/jail", "--table", "bookings", "--map", "sample-jail")
    assert (done.code, SECRET in done.out + done.err, "Traceback" in done.err) == (2, False, False)


@pytest.mark.slow
def test_every_other_type_is_the_text_that_the_server_writes(server: Server) -> None:
    cells = {
        "1::bigint": "1",
        "1.50::numeric": "1.50",
        "0.5::float8": "0.5",
        "true": "true",
        "''::text": "",
        "NULL::date": None,
        "date '2016-03-04'": "2016-03-04",
        "timestamp '2016-03-04 05:06:07'": "2016-03-04 05:06:07",
        "timestamptz '2016-03-04 05:06:07-08'": "2016-03-04 13:06:07+00:00",
        "time '05:06'": "05:06:00",
        "'ab'::char(4)": "ab",
        "'{\"a\": 1}'::json": '{"a": 1}',
        "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "interval '90 minutes'": "01:30:00",
        "'a,\"b\"' || chr(10) || 'c\\.'": 'a,"b"\nc\\.',
    }
    with server.connect() as connection:
        connection.execute(f"CREATE TABLE many AS SELECT {', '.join(f'{sql} AS c{i}' for i, sql in enumerate(cells))}")
    assert read(open_records(f"{server.url()}#many")) == [(1, *cells.values())]
    assert read(open_records(f"{server.url()}#archive.old")) == [(1, "1", 'it\'s "quoted",\n')]
    assert read(open_records(f"{server.url()}#many"), "c5") == [(1, None)]


@pytest.mark.slow
def test_every_pass_meets_the_records_in_one_order(server: Server) -> None:
    records = open_records(f"{server.url()}#bookings")
    whole = read(records)
    assert len(whole) == records.rows == 3000
    # An index holds this column in another order.
    assert read(records, "booking_id") == [row[:2] for row in whole]
    assert sum(len(batch) for batch in records.batches(())) == 3000


@pytest.mark.slow
def test_what_others_write_meanwhile_is_not_seen(server: Server) -> None:
    with server.connect() as connection:
        connection.execute("CREATE TABLE live AS SELECT generate_series(1, 1000) AS id")
        records = open_records(f"{server.url()}#live")
        assert records.rows == 1000
        before = read(records)
        connection.execute("DELETE FROM live WHERE id % 2 = 0")
        connection.execute("INSERT INTO live VALUES (0)")
        assert read(records) == before
        assert len(read(open_records(f"{server.url()}#live"))) == 501


@pytest.mark.slow
def test_memory_does_not_grow_with_the_table(server: Server) -> None:
    with server.connect() as connection:
        for name, rows in (("small", 300_000), ("large", 3_000_000)):
            connection.execute(
                f"CREATE VIEW {name} AS SELECT i AS id, repeat('x', 80) AS a FROM generate_series(1, {rows}) i"
            )
    program = (
        "import resource, sys; from comity.audit.records import open_records\n"
        "rows = sum(len(b) for b in open_records(sys.argv[1]).batches(['id', 'a']))\n"
        "print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    peaks = []
    for name, rows in (("small", 300_000), ("large", 3_000_000)):
        command = [sys.executable, "-c", program, f"{server.url()}#{name}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        read_, peak = map(int, done.stdout.split())
        assert read_ == rows
        peaks.append(peak * (1 if sys.platform == "darwin" else 1024))
    assert peaks[1] - peaks[0] < 64 * 2**20, peaks
