"""The audit in SQL: single comparisons, printed statements, tables of a warehouse, and what is refused.

That whole cases are judged as the other engines judge them is in ``test_audit_engines.py``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from comity.audit.columns import Columns
from comity.audit.judgement import Judgement
from comity.audit.leaves import LeafReader
from comity.audit.plan import Schema
from comity.audit.ranks import DigitKey
from comity.audit.stretch import Stretch, schema_of
from comity.audit.tables import NO_DAY, CaseTable, Column
from comity.audit.tabulated import EPOCH
from comity.calendar import shift
from comity.policy.expressions import Compare, Includes, Literal, Name, OneOf, Within
from comity.policy.facts import FactType, FactWord
from comity.policy.library import Library
from comity.policy.opened import leaves_of
from comity.problems import ComityError
from tests import random_law
from tests.random_tables import random_table
from tests.test_audit_engines import SPARK, differences, many, packaged, some_cases

ibis = pytest.importorskip("ibis", reason="the SQL engines need the extra 'warehouse'")
duckdb = pytest.importorskip("duckdb")

from comity.audit.sql import stages
from comity.audit.sql.backends import Spark, local_session, open_backend
from comity.audit.sql.digits import FactColumn, digit
from comity.audit.sql.facts import case_facts, facts_schema, row_facts
from comity.audit.sql.names import column_name, day_name
from comity.audit.sql.statement import DIALECTS
from comity.audit.warehouse import Warehouse

# -- leaf by leaf -----------------------------------------------------------------------------------------------------

_KINDS = {
    "warrant": FactType("yes/no"),
    "form": FactType("one of", ("A", "D", "N")),
    "paper": FactType("one of", ("N", "D")),
    "kinds": FactType("some of", ("hold", "notify", "transfer")),
    "count": FactType("integer"),
    "bail": FactType("money"),
    "stay": FactType("duration"),
    "received": FactType("date"),
    "asked": FactType("date"),
    "booked": FactType("moment"),
    "released": FactType("moment"),
    "city": FactType("text"),
    "town": FactType("text"),
}
LEAVES = dataclasses.replace(
    random_law.VOCABULARY, facts=tuple(FactWord(name, "request", type_) for name, type_ in _KINDS.items())
)


def leaf_keys() -> list[DigitKey]:
    """Comparisons of every kind, among them windows of every unit before and after everything that has a day."""
    orders = ("is", "<", "<=", ">", ">=")
    days = [Name(n) for n in ("received", "asked", "booked", "law date")]
    leaves = [
        OneOf(Name("city"), ("Los Angeles", "El Cenizo")),
        Includes(Name("kinds"), ("hold", "transfer")),
        Includes(Name("kinds"), ("nobody",)),
        *(Compare("is", Name(n), Literal("Austin")) for n in ("city", "town")),
        *(Compare("is", Name(a), Name(b)) for a, b in (("city", "town"), ("form", "paper"), ("form", "town"))),
        *(Compare(op, Name("count"), Literal(2)) for op in orders),
        *(Compare(op, Name("bail"), Name("stay")) for op in orders),
        *(Compare(op, Name("booked"), Name("released")) for op in orders),
        *(Compare(op, left, right) for op in orders for left in days[:3] for right in days),
        *(Compare(op, Name("booked"), Literal(random_law.LEAP)) for op in orders),
        *(
            Within(left, amount, unit, anchor, after, strict)
            for left in days[:3]
            for anchor in (*days, Literal(random_law.LEAP), Literal(date(2016, 8, 31)))
            for amount, unit in ((5, "years"), (4, "years"), (1, "months"), (18, "months"), (30, "days"), (0, "days"))
            for after in (False, True)
            for strict in (False, True)
            if left != anchor
        ),
    ]
    whole = [DigitKey(Name(n)) for n in ("warrant", "form", "paper")]
    return whole + [DigitKey(Name("received"), leaf) for leaf in leaves]


def leaf_table(size: int) -> CaseTable:
    """Days all over two centuries, each beside the far end of some window from another."""
    rng = np.random.default_rng(5)
    library = dataclasses.replace(
        packaged(), vocabulary=LEAVES, norms=(), definitions=(), agencies=(random_law.AGENCY, random_law.SHERIFF)
    )
    table = random_table(
        library, size, 5, [random_law.AGENCY.id], [date(2016, 2, 29)], nulls=0.1, undated=0.0, left_out=0.0
    )
    columns = dict(table.columns)
    anchor = rng.integers(date(1880, 1, 1).toordinal(), date(2120, 1, 1).toordinal(), size)
    leaps = rng.choice([date(y, 2, d).toordinal() for y in range(1904, 2096, 4) for d in (28, 29)], size)
    anchor = np.where(rng.random(size) < 0.3, leaps, anchor)
    units = [(5, "years"), (4, "years"), (1, "months"), (18, "months"), (30, "days"), (0, "days")]
    picked = rng.integers(0, 2 * len(units), size).tolist()
    near = rng.integers(-2, 3, size).tolist()
    left = []
    for day, pick, off in zip(anchor.tolist(), picked, near, strict=True):
        amount, unit = units[pick // 2]
        far = shift(date.fromordinal(day), amount if pick % 2 else -amount, unit)
        left.append(far.toordinal() + off - EPOCH)
    unknown = rng.random(size) < 0.05
    columns["received"] = Column("date", np.where(unknown, NO_DAY, np.array(left)).astype(np.int32))
    columns["asked"] = Column("date", (anchor - EPOCH).astype(np.int32))
    columns["city"] = Column(
        "text", rng.integers(-1, 4, size).astype(np.int32), words=("Austin", "Los Angeles", "D", "")
    )
    columns["town"] = Column("text", rng.integers(-1, 3, size).astype(np.int32), words=("D", "Austin", "El Cenizo"))
    return dataclasses.replace(table, columns=columns)


def digits_in_sql(backend_name: str, table: CaseTable, keys: Sequence[DigitKey], library: Library) -> pa.Table:
    schema = schema_of(table)
    columns, _ = facts_schema(schema, library)
    cases = ibis.table(columns, name="cases")

    def column(name: Name) -> FactColumn | None:
        if name.name == "law date":
            return FactColumn("date", cases.law_date, cases.law_date)
        if name.name not in schema.facts:
            return None
        type_, value = _KINDS[name.name], cases[column_name(name.name)]
        day = {"date": value, "moment": cases[day_name(name.name)] if type_.kind == "moment" else None}.get(type_.kind)
        return FactColumn(type_.kind, value, day, type_.members)

    asked = cases.select("case_id", **{f"d{i}": digit(key, column) for i, key in enumerate(keys)})
    backend = open_backend(backend_name)
    backend.load("cases", case_facts(table, schema, library))
    return backend.fetch(str(ibis.to_sql(asked, dialect=backend.dialect))).sort_by("case_id")


def same_digits(backend: str, size: int, drop: tuple[str, ...] = (), every: int = 1) -> None:
    library = dataclasses.replace(packaged(), vocabulary=LEAVES)
    table = leaf_table(size)
    table = dataclasses.replace(table, columns={n: c for n, c in table.columns.items() if n not in drop})
    stretch = Stretch(table, library)
    keys = [k for k in leaf_keys()[::every] if not _lacks_all(k, drop)]
    found = digits_in_sql(backend, table, keys, library)
    for i, key in enumerate(keys):
        wanted, told = stretch.digit(key), found.column(f"d{i}").to_numpy()
        assert np.array_equal(wanted, told), (key, np.flatnonzero(wanted != told)[:3])


def _lacks_all(key: DigitKey, drop: tuple[str, ...]) -> bool:
    names = (key.name,) if key.leaf is None else leaves_of(key.leaf)
    return all(n.name in drop for n in names)


@pytest.mark.slow
def test_every_kind_of_comparison_is_the_same_digit_in_duckdb() -> None:
    same_digits("duckdb", 4_000)
    same_digits("duckdb", 200, drop=("asked", "released", "town", "stay", "paper"))


@SPARK
@pytest.mark.slow
def test_every_kind_of_comparison_is_the_same_digit_in_spark() -> None:
    pytest.importorskip("pyspark")
    same_digits("pyspark", 4_000, every=3)


def test_windows_of_the_reader_are_those_of_the_calendar() -> None:
    """The numpy reader that the digits above are held to, held to ``calendar.shift`` itself."""
    table = leaf_table(3_000)
    reader = LeafReader(lambda name: table.columns.get(name.name), table.law_date, None)
    left, anchor = (table.columns[n].values.tolist() for n in ("received", "asked"))
    for key in leaf_keys():
        leaf = key.leaf
        if not (isinstance(leaf, Within) and leaf.left == Name("received") and leaf.anchor == Name("asked")):
            continue
        told = reader.digit(leaf)
        for i, (day, start) in enumerate(zip(left, anchor, strict=True)):
            if day == NO_DAY:
                assert told[i] == 1
                continue
            first, last = date.fromordinal(start + EPOCH), date.fromordinal(day + EPOCH)
            far = shift(first, leaf.amount if leaf.after else -leaf.amount, leaf.unit)
            inside = first <= last <= far if leaf.after else far <= last <= first
            assert told[i] == (2 if inside and not (leaf.strict and last == far) else 0), (leaf, first, last)


# -- printed for a warehouse ------------------------------------------------------------------------------------------


def loaded(table: CaseTable, library: Library, schema: Schema | None = None) -> Any:
    """A DuckDB of somebody else that holds the facts of a table."""
    connection, schema = duckdb.connect(), schema or schema_of(table)
    facts = {"cases": case_facts(table, schema, library)}
    facts.update({column_name(n): row_facts(table, n, schema, library) for n in schema.rows})
    for name, one in facts.items():
        connection.register("given", one)
        connection.execute(f"CREATE TABLE {name} AS FROM given")
        connection.unregister("given")
    return connection


def outcomes(connection: Any, text: str, judgements: Any, action: str) -> list[Judgement | None]:
    found = connection.sql(text).to_arrow_table().sort_by("case_id")
    return [None if n is None else judgements[action][n] for n in found.column(column_name(action)).to_pylist()]


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_printed_statement_gives_the_same_judgements(tmp_path: Path, kind: str) -> None:
    actions = ["hold past release", "share status", "inquire status"]
    table = many(packaged(), 600, 7)
    warehouse = Warehouse(packaged(), actions)
    statement = warehouse.statement(table, "duckdb")
    files = statement.write(tmp_path / "made here", csv=kind == "csv")
    assert [f.name for f in files] == [
        "comity.sql",
        *(f"comity_{name}.{kind}" for name in ("laws", "answers", "judgements")),
    ]
    connection = loaded(table, packaged())
    for name in ("comity_laws", "comity_answers", "comity_judgements"):
        connection.execute(f"CREATE TABLE {name} AS FROM '{tmp_path}/made here/{name}.{kind}'")
    text = files[0].read_text("utf-8")
    wanted = Columns(packaged(), actions).judge(table)
    for action in actions:
        found = outcomes(connection, text, warehouse.judgements, action)
        assert found == [wanted.judgement(action, i) for i in range(len(table))]
    # The number is the key to the judgement in words.
    joined = (
        f"SELECT hold_past_release, outcome FROM ({text}) s JOIN comity_judgements j ON judgement = hold_past_release"
    )
    for number, outcome in connection.execute(f"{joined} WHERE action = 'hold past release'").fetchall():
        assert warehouse.judgements["hold past release"][number].outcome == outcome
    # A state without an answer is not judged; nothing is made up.
    connection.execute("DELETE FROM comity_answers WHERE judgement % 2 = 0")
    for one, was in zip(
        outcomes(connection, text, warehouse.judgements, actions[0]),
        [wanted.judgement(actions[0], i) for i in range(len(table))],
        strict=True,
    ):
        assert one in (None, was)
    connection.execute("DELETE FROM comity_answers")
    assert set(outcomes(connection, text, warehouse.judgements, actions[0])) == {None}
    # An agency that nobody asked about has no law.
    connection.execute("UPDATE cases SET agency = 'us/nowhere:police'")
    assert set(outcomes(connection, text, warehouse.judgements, actions[1])) == {None}


def test_a_statement_is_made_of_several_stretches() -> None:
    actions = ["allow interview", "release on time"]
    stretches = [many(packaged(), 150, seed, left_out=0.3) for seed in (11, 12)]
    warehouse = Warehouse(packaged(), actions)
    statement = warehouse.statement(stretches, "duckdb")
    answers = statement.tables["comity_answers"]
    states = [name for name in answers.column_names if name not in ("cases", "judgement")]
    assert len(answers.group_by(states).aggregate([])) == len(answers)
    first, second = map(schema_of, stretches)
    lists = {n: {**first.rows.get(n, {}), **second.rows.get(n, {})} for n in {**first.rows, **second.rows}}
    schema = Schema({**first.facts, **second.facts}, lists)
    for table in stretches:
        connection = loaded(table, packaged(), schema)
        for name, one in statement.tables.items():
            connection.register(name, one)
        wanted = Columns(packaged(), actions).judge(table)
        for action in actions:
            found = outcomes(connection, statement.text, warehouse.judgements, action)
            assert found == [wanted.judgement(action, i) for i in range(len(table))]


def test_statements_are_printed_for_other_warehouses() -> None:
    sqlglot = pytest.importorskip("sqlglot")
    table = many(packaged(), 50, 3, left_out=0.0)
    warehouse = Warehouse(packaged(), ["hold past release"])
    for dialect in DIALECTS:
        text = warehouse.sql(table, dialect)
        parsed = sqlglot.parse_one(text, dialect={"pyspark": "spark"}.get(dialect, dialect))
        names = {one.alias for one in parsed.find_all(sqlglot.exp.CTE)}
        read = {one.name for one in parsed.find_all(sqlglot.exp.Table)}
        assert read - names == {"cases", "convictions", "charges", "comity_laws", "comity_answers"}
        assert "not judged yet" in text
    with pytest.raises(ComityError) as caught:
        warehouse.sql(table, "postgre")
    assert (caught.value.problems[0].code, caught.value.problems[0].help) == ("CM754", "did you mean 'postgres'?")


def test_codes_that_one_number_cannot_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state and a row of many digits take several numbers; here a number holds next to nothing."""
    monkeypatch.setattr(stages, "MOST_IN_CODE", 100)
    table = many(packaged(), 300, 5)
    actions = ["hold past release", "release on time"]
    columns, engine = Columns(packaged(), actions), Warehouse(packaged(), actions)
    assert differences(columns.judge(table), engine.judge(table)) == []
    answers = engine.statement(table, "duckdb").tables["comity_answers"]
    assert {"code2", "code3", "rows1"} <= set(answers.column_names)
    assert any(len(rows) > 2 * 19 for rows in answers["rows1"].to_pylist() if rows)


def test_small_tables() -> None:
    table = many(packaged(), 40, 9)
    actions = ["hold past release", "share status"]
    columns, engine = Columns(packaged(), actions), Warehouse(packaged(), actions)
    for count in (0, 1, 40):
        some = some_cases(table, np.arange(count))
        assert differences(columns.judge(some), engine.judge(some)) == []
    bare = dataclasses.replace(table, columns={}, lists={})
    assert differences(columns.judge(bare), engine.judge(bare)) == []


def test_a_day_that_cannot_be_is_refused() -> None:
    table = many(packaged(), 5, 9)
    far = dataclasses.replace(table, law_date=np.full(5, 400_000, np.int32))
    with pytest.raises(ComityError) as caught:
        Warehouse(packaged(), ["share status"]).judge(far)
    assert caught.value.problems[0].code == "CM750"


# -- tables of a warehouse --------------------------------------------------------------------------------------------

WAREHOUSE = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


def in_ibis(table: CaseTable, *changes: str) -> tuple[Any, dict[str, Any]]:
    """A DuckDB of somebody else through Ibis, changed by some statements: cases and lists."""
    connection = ibis.duckdb.connect()
    schema = schema_of(table)
    facts = {"cases": case_facts(table, schema, packaged())}
    facts.update({column_name(n): row_facts(table, n, schema, packaged()) for n in schema.rows})
    for name, one in facts.items():
        connection.con.register("given", one)
        connection.raw_sql(f"CREATE TABLE {name} AS FROM given")
    for change in changes:
        connection.raw_sql(change)
    return connection.table("cases"), {n: connection.table(column_name(n)) for n in schema.rows}


@WAREHOUSE
def test_tables_of_a_warehouse_are_judged_where_they_are() -> None:
    table = many(packaged(), 500, 21)
    # Ids of another kind, words as lists, moments as timestamps, and a column that is no fact.
    words = packaged().vocabulary.case_facts()["request kinds"].type.members
    bits = ", ".join(f"CASE WHEN request_kinds & {1 << i} != 0 THEN '{word}' END" for i, word in enumerate(words))
    renamed = "SELECT * REPLACE ('case ' || case_id AS case_id)"
    cases, lists = in_ibis(
        table,
        "ALTER TABLE cases ADD COLUMN facility TEXT",
        f"""CREATE OR REPLACE TABLE cases AS SELECT * REPLACE (
            'case ' || case_id AS case_id,
            make_timestamp(releasable_since) AS releasable_since,
            make_timestamp(request_received) AS request_received,
            CASE WHEN request_kinds IS NOT NULL THEN list_filter([{bits}], lambda x: x IS NOT NULL) END AS request_kinds
            ) FROM cases""",
        'ALTER TABLE cases RENAME judge_signed TO "Judge Signed"',
        *(f"CREATE OR REPLACE TABLE {n} AS {renamed} FROM {n}" for n in table.lists),
    )
    actions = ["hold past release", "share status", "notify release", "advise of detainer"]
    wanted = Columns(packaged(), actions).judge(table)
    judged = Warehouse(packaged(), actions).judge_tables(cases, lists)
    met = 0
    for batch in judged.batches(100):
        for row in batch.to_pylist():
            case = int(row["case_id"].removeprefix("case "))
            assert judged.laws[row["law"]] == wanted.laws[wanted.law[case]]
            for action in actions:
                assert judged.judgements[action][row[judged.columns[action]]] == wanted.judgement(action, case)
            met += 1
    assert met == len(table)
    judged.close()
    left = cases.get_backend().con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert {name for (name,) in left} == {"cases", *map(column_name, table.lists)}


@WAREHOUSE
@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        ("ALTER TABLE cases DROP law_date", "CM753", "has no column 'law_date'"),
        ("ALTER TABLE cases ALTER law_date TYPE TEXT", "CM753", "has 'law_date' as string"),
        ("ALTER TABLE cases ALTER judge_signed TYPE INTEGER", "CM753", "has 'judge_signed' as int32"),
        ('ALTER TABLE cases ADD COLUMN "Judge-Signed" BOOLEAN', "CM753", "has two columns called 'judge_signed'"),
        ("ALTER TABLE cases DROP releasable_since_day", "CM753", "'releasable_since' without 'releasable_since_day'"),
        ("UPDATE cases SET releasable_since_day = NULL WHERE case_id = 4", "CM755", "without 'releasable_since_day'"),
        ("UPDATE cases SET case_id = 4 WHERE case_id = 5", "CM755", "has 1 rows whose case_id stands twice"),
        ("UPDATE cases SET case_id = NULL WHERE case_id = 5", "CM755", "has 1 rows without a 'case_id'"),
        ("UPDATE cases SET agency = NULL WHERE case_id < 3", "CM755", "has 3 rows without an 'agency'"),
        ("UPDATE cases SET agency = 'us/xx/nowhere' WHERE case_id < 3", "CM404", "no agency is called"),
        ("UPDATE cases SET law_date = DATE '0207-01-01' WHERE case_id < 3", "CM755", "has 3 days of 'law_date'"),
        ("UPDATE cases SET request_form = 'I-247 D' WHERE case_id < 3", "CM755", "no word of 'request form'"),
        ("UPDATE cases SET request_kinds = -1 WHERE case_id < 3", "CM755", "has 3 values of 'request_kinds'"),
        ("UPDATE convictions SET case_id = 900 WHERE case_id < 9", "CM755", "rows of no case"),
        ("UPDATE convictions SET date = DATE '2916-01-01'", "CM755", "days of 'date' outside 1800 to 2199"),
    ],
)
def test_tables_that_cannot_be_are_refused(change: str, code: str, told: str) -> None:
    table = many(packaged(), 40, 2, nulls=0.0, undated=0.0, left_out=0.0)
    cases, lists = in_ibis(table, change)
    with pytest.raises(ComityError) as caught:
        Warehouse(packaged(), ["hold past release"]).judge_tables(cases, lists)
    problem = caught.value.problems[0]
    assert problem.code == code
    assert told in problem.message


@WAREHOUSE
def test_lists_and_engines_that_nobody_knows_are_refused() -> None:
    cases, lists = in_ibis(many(packaged(), 5, 2, left_out=0.0))
    engine = Warehouse(packaged(), ["hold past release"])
    with pytest.raises(ComityError) as caught:
        engine.judge_tables(cases, {"conviction": lists["convictions"]})
    assert (caught.value.problems[0].code, caught.value.problems[0].help) == ("CM714", "did you mean 'convictions'?")
    with pytest.raises(ComityError) as caught:
        engine.judge_tables(ibis.sqlite.connect().create_table("cases", schema=ibis.schema({"case_id": "int64"})))
    assert caught.value.problems[0].code == "CM754"
    with pytest.raises(ComityError) as caught:
        Warehouse(packaged(), backend="polars")
    assert caught.value.problems[0].code == "CM754"


@SPARK
@WAREHOUSE
@pytest.mark.slow
def test_tables_of_spark_are_judged_where_they_are() -> None:
    pytest.importorskip("pyspark")
    table = many(packaged(), 300, 22)
    actions = ["hold past release", "share status"]
    engine = Warehouse(packaged(), actions, backend="pyspark")
    session = local_session()
    backend, schema = Spark(session), schema_of(table)
    backend.load("told_cases", case_facts(table, schema, packaged()))
    for name in schema.rows:
        backend.load(f"told_{name}", row_facts(table, name, schema, packaged()))
    connection = ibis.pyspark.connect(session=session)
    lists = {n: connection.table(f"told_{n}") for n in schema.rows}
    judged = engine.judge_tables(connection.table("told_cases"), lists)
    wanted = Columns(packaged(), actions).judge(table)
    rows = [row for batch in judged.batches() for row in batch.to_pylist()]
    assert len(rows) == len(table)
    for row in rows:
        for action in actions:
            told = judged.judgements[action][row[judged.columns[action]]]
            assert told == wanted.judgement(action, row["case_id"])
    judged.close()


def test_spark_without_java_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    pyspark = pytest.importorskip("pyspark.sql")
    monkeypatch.setattr(pyspark.SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(ComityError) as caught:
        Warehouse(packaged(), ["share status"], backend="pyspark")
    problem = caught.value.problems[0]
    assert problem.code == "CM752"
    assert "Java 17" in problem.help
