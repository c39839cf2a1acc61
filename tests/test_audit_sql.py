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
from comity.audit.opened import leaves_of
from comity.audit.ranks import DigitKey
from comity.audit.stretch import Stretch, schema_of
from comity.audit.tables import NO_DAY, CaseTable, Column
from comity.calendar import shift
from comity.policy.expressions import Compare, Includes, Literal, Name, OneOf, Within
from comity.policy.facts import FactType, FactWord
from comity.policy.library import Library
from tests import random_law
from tests.random_tables import random_table
from tests.tabulate import EPOCH
from tests.test_audit_engines import SPARK, many, packaged

ibis = pytest.importorskip("ibis", reason="the SQL engines need the extra 'warehouse'")
duckdb = pytest.importorskip("duckdb")

from comity.audit.sql.backends import open_backend
from comity.audit.sql.digits import FactColumn, digit
from comity.audit.sql.facts import case_facts, facts_schema, row_facts
from comity.audit.sql.names import column_name, day_name
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


def same_digits(backend: str, size: int, drop: tuple[str, ...] = ()) -> None:
    library = dataclasses.replace(packaged(), vocabulary=LEAVES)
    table = leaf_table(size)
    table = dataclasses.replace(table, columns={n: c for n, c in table.columns.items() if n not in drop})
    stretch = Stretch(table, library)
    keys = [k for k in leaf_keys() if not _lacks_all(k, drop)]
    found = digits_in_sql(backend, table, keys, library)
    for i, key in enumerate(keys):
        wanted, told = stretch.digit(key), found.column(f"d{i}").to_numpy()
        assert np.array_equal(wanted, told), (key, np.flatnonzero(wanted != told)[:3])


def _lacks_all(key: DigitKey, drop: tuple[str, ...]) -> bool:
    names = (key.name,) if key.leaf is None else leaves_of(key.leaf)
    return all(n.name in drop for n in names)


def test_every_kind_of_comparison_is_the_same_digit_in_duckdb() -> None:
    same_digits("duckdb", 4_000)
    same_digits("duckdb", 200, drop=("asked", "released", "town", "stay", "paper"))


@SPARK
@pytest.mark.slow
def test_every_kind_of_comparison_is_the_same_digit_in_spark() -> None:
    pytest.importorskip("pyspark")
    same_digits("pyspark", 4_000)


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


# -- printed for a warehouse --------------------------------------------------------------------------------------------------------


def loaded(table: CaseTable, library: Library) -> Any:
    """A DuckDB of somebody else that holds the facts of a table."""
    connection, schema = duckdb.connect(), schema_of(table)
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
    stretches = [many(packaged(), 200, seed, left_out=0.4) for seed in (11, 12)]
    warehouse = Warehouse(packaged(), actions)
    statement = warehouse.statement(stretches, "duckdb")
    answers = statement.tables["comity_answers"]
    assert len(answers.group_by(answers.column_names[:-2]).aggregate([])) == len(answers)
    for table in stretches:
        whole = dataclasses.replace(
            table, columns={**nothing_known(stretches, table), **table.columns}, lists=dict(table.lists)
        )
        connection = loaded(whole, packaged())
        for name in stretches[0].lists.keys() | stretches[1].lists.keys():
            if name not in table.lists:
                pytest.skip("the seeds above must give both tables the same lists")
        wanted = Columns(packaged(), actions).judge(table)
        for name, one in statement.tables.items():
            connection.register(name, one)
        text = with_missing_fields(connection, statement.text, stretches)
        for action in actions:
            found = outcomes(connection, text, warehouse.judgements, action)
            assert [f.outcome if f else None for f in found] == [
                wanted.judgement(action, i).outcome for i in range(len(table))
            ]
