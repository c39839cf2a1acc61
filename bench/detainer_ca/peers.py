"""The workload by hand, four times: what somebody who knows the tool would write for this one table of rules.

Each peer offers ``files(rows)``: Parquet in, Parquet out, and ``resident(block)``: columns in memory, reason codes out.
Both prepare what may be prepared (connections, compiled kernels, resident tables) and return the function to time.
``resident``'s gives the reason codes as uint8; the output file has case id, decision and reason.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from bench.detainer_ca.tables import WORDS, as_table, case_file, conviction_file, scratch
from bench.detainer_ca.workload import CODES, DECISION_OF, REASONS, Block, days

Files = Callable[[], None]
Resident = Callable[[], Any]

D2014, D2018 = days(2014), days(2018)
_UNKNOWN = [c for r, c in CODES.items() if REASONS[r] == 2]
_PROHIBITED = [c for r, c in CODES.items() if REASONS[r] == 0]


def output_file(route: str, rows: int) -> Path:
    """What a route writes."""
    return scratch() / f"detainer-ca-{rows}-{route}.parquet"


# -- DuckDB -----------------------------------------------------------------------------------------------------------

_SQL_LADDER = (
    ("kind = 'hold' AND early", "HOLD_PRE2014"),
    ("kind = 'hold' AND before2018 AND opens", "HOLD_TRUST_QUAL"),
    ("kind = 'hold' AND before2018 AND finding IS NULL", "HOLD_TRUST_UNKNOWN"),
    ("kind = 'hold' AND before2018 AND finding", "HOLD_TRUST_872"),
    ("kind = 'hold' AND before2018", "HOLD_TRUST_NONE"),
    ("kind = 'hold' AND warrant", "HOLD_WARRANT"),
    ("kind = 'hold'", "HOLD_BARRED"),
    ("kind = 'interview' AND before2018", "INTERVIEW_PRE2018"),
    ("kind = 'interview' AND consent IS NULL", "CONSENT_UNKNOWN"),
    ("kind = 'interview' AND consent", "CONSENT"),
    ("kind = 'interview'", "NO_CONSENT"),
    ("agency = 'cdcr'", "CDCR_NOT_BOUND"),
    ("kind = 'notify' AND before2018", "NOTIFY_PRE2018"),
    ("kind = 'notify' AND public", "NOTIFY_PUBLIC"),
    ("kind = 'transfer' AND warrant", "WARRANT"),
    ("opens", "QUALIFIES"),
    ("charge AND finding IS NULL", "FINDING_872_UNKNOWN"),
    ("charge AND finding", "FINDING_872"),
)


def _sql(cases: str, convictions: str) -> str:
    ladder = "\n".join(f"WHEN {condition} THEN {CODES[reason]}" for condition, reason in _SQL_LADDER)
    unknown, prohibited = (", ".join(map(str, codes)) for codes in (_UNKNOWN, _PROHIBITED))
    return f"""
    WITH opening AS (
        SELECT DISTINCT v."case id" AS id
        FROM {convictions} v JOIN {cases} c ON v."case id" = c."case id"
        WHERE NOT v."proposition 47 reduced"
          AND (v."serious violent"
            OR (v.grade = 'felony' AND v."state prison")
            OR (v."offence category" <> 'none' AND (
                 (v.grade = 'misdemeanor' AND v.wobbler AND v.date > c."law date" - INTERVAL 5 YEAR)
              OR (v.grade = 'felony' AND v.date > c."law date" - INTERVAL 15 YEAR))))
    ), facts AS (
        SELECT c."case id" AS id, c."request kind" AS kind, c."agency kind" AS agency, c."judicial warrant" AS warrant,
               c."finding 872" AS finding, c."charge state prison felony" AS charge, c."release date public" AS public,
               c."consent given" AS consent, o.id IS NOT NULL OR c."on registry" AS opens,
               c."law date" < DATE '2014-01-01' AS early, c."law date" < DATE '2018-01-01' AS before2018
        FROM {cases} c LEFT JOIN opening o ON c."case id" = o.id
    ), reasons AS (
        SELECT id, (CASE {ladder} ELSE {CODES["NO_GROUND"]} END)::UTINYINT AS reason FROM facts
    )
    SELECT id AS "case id",
           (CASE WHEN reason IN ({unknown}) THEN 2 WHEN reason IN ({prohibited}) THEN 0 ELSE 1 END)::UTINYINT
               AS decision,
           reason
    FROM reasons"""


def duckdb_files(rows: int) -> Files:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    cases, convictions = (f"read_parquet('{place(rows)}')" for place in (case_file, conviction_file))
    out = output_file("duckdb", rows)
    text = f"COPY ({_sql(cases, convictions)}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"

    def run() -> None:
        connection.execute(text)

    return run


def duckdb_resident(block: Block) -> Resident:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    for number, (name, words) in enumerate(WORDS.items()):
        listed = ", ".join(f"'{w}'" for w in words)
        connection.execute(f"CREATE TYPE words{number} AS ENUM ({listed})")
        assert name
    for table, columns in (("cases", block.cases), ("convictions", block.convictions)):
        connection.register("given", as_table(columns))
        types = ", ".join(
            f'"{name}"::VARCHAR::words{number} AS "{name}"' for number, name in enumerate(WORDS) if name in columns
        )
        connection.execute(f"CREATE TABLE {table} AS SELECT * REPLACE ({types}) FROM given")
        connection.unregister("given")
    text = f"CREATE OR REPLACE TEMP TABLE answers AS {_sql('cases', 'convictions')}"

    def run() -> Any:
        connection.execute(text)
        return lambda: connection.execute('SELECT reason FROM answers ORDER BY "case id"').fetchnumpy()["reason"]

    return run


# -- Polars -----------------------------------------------------------------------------------------------------------


def _polars_plan(cases: Any, convictions: Any) -> Any:
    import polars as pl

    c = pl.col
    felony = c("grade") == "felony"
    recent = pl.when(felony).then(c("date") > c("law date").dt.offset_by("-15y"))
    recent = recent.otherwise(c("wobbler") & (c("date") > c("law date").dt.offset_by("-5y")))
    opens = c("serious violent") | (felony & c("state prison")) | ((c("offence category") != "none") & recent)
    opening = (
        convictions.filter(~c("proposition 47 reduced"))
        .join(cases.select("case id", "law date"), on="case id")
        .filter(opens)
        .select("case id")
        .unique()
        .with_columns(opens=pl.lit(True))
    )
    kind, day, finding, consent = (c(n) for n in ("request kind", "law date", "finding 872", "consent given"))
    facts = {
        "early": day < pl.date(2014, 1, 1),
        "before2018": day < pl.date(2018, 1, 1),
        "opens": c("opens").fill_null(False) | c("on registry"),
        "finding": finding,
        "finding IS NULL": finding.is_null(),
        "consent": consent,
        "consent IS NULL": consent.is_null(),
        "warrant": c("judicial warrant"),
        "public": c("release date public"),
        "charge": c("charge state prison felony"),
        "agency = 'cdcr'": c("agency kind") == "cdcr",
        **{f"kind = '{k}'": kind == k for k in WORDS["request kind"]},
    }
    ladder: Any = pl
    for condition, reason in _SQL_LADDER:
        parts = [facts[p] for p in condition.split(" AND ")]
        ladder = ladder.when(pl.all_horizontal(parts)).then(pl.lit(CODES[reason], pl.UInt8))
    reason_column = c("reason")
    decision = (
        pl.when(reason_column.is_in(_UNKNOWN)).then(2).when(reason_column.is_in(_PROHIBITED)).then(0).otherwise(1)
    )
    return (
        cases.join(opening, on="case id", how="left", maintain_order="left")
        .select("case id", ladder.otherwise(pl.lit(CODES["NO_GROUND"], pl.UInt8)).alias("reason"))
        .select("case id", decision.cast(pl.UInt8).alias("decision"), "reason")
    )


def _with_words(frame: Any) -> Any:
    import polars as pl

    names = frame.collect_schema().names()
    return frame.with_columns(pl.col(n).cast(pl.Enum(words)) for n, words in WORDS.items() if n in names)


def polars_files(rows: int) -> Files:
    import polars as pl

    def run() -> None:
        cases, convictions = (_with_words(pl.scan_parquet(place(rows))) for place in (case_file, conviction_file))
        _polars_plan(cases, convictions).sink_parquet(output_file("polars", rows), compression="zstd")

    return run


def polars_resident(block: Block) -> Resident:
    import polars as pl

    cases, convictions = (
        _with_words(pl.from_arrow(_plain_words(as_table(t)))).rechunk() for t in (block.cases, block.convictions)
    )

    def run() -> Any:
        found = _polars_plan(cases.lazy(), convictions.lazy()).collect()
        return lambda: found.sort("case id")["reason"].to_numpy()

    return run


def _plain_words(table: pa.Table) -> pa.Table:
    for place, name in enumerate(table.column_names):
        if name in WORDS:
            table = table.set_column(place, name, table[name].cast(pa.string()))
    return table


# -- numpy and numba over Arrow ---------------------------------------------------------------------------------------

#: Dates as year, month, day in bits: "years before" is one subtraction, exact on every day.
_FIRST_DAY = days(1950)


def _day_keys() -> Any:
    every = np.arange(_FIRST_DAY, days(2060)).astype("M8[D]")
    year, month = every.astype("M8[Y]"), every.astype("M8[M]")
    day = (every - month.astype("M8[D]")).astype(int) + 1
    return ((year.astype(int) + 1970) * 512 + ((month - year.astype("M8[M]")).astype(int) + 1) * 32 + day).astype(
        np.int32
    )


_KEYS = _day_keys()
_YEAR = 512


def day_keys(numbers: Any) -> Any:
    """Days since 1970-01-01 as numbers that sort alike and in which a year is 512."""
    return _KEYS[numbers - _FIRST_DAY]


_K2014, _K2018 = (int(day_keys(np.array([d]))[0]) for d in (D2014, D2018))


def _decoded(table: pa.Table) -> dict[str, Any]:
    """Arrow columns as the workload keeps them in memory."""
    return {name: _plain(name, table[name]) for name in table.column_names}


def _plain(name: str, column: pa.ChunkedArray) -> Any:
    if name in WORDS:
        parts = []
        for chunk in column.chunks:
            places = np.array([WORDS[name].index(w) for w in chunk.dictionary.to_pylist()], np.uint8)
            parts.append(places[chunk.indices.to_numpy(zero_copy_only=False)])
        return np.concatenate(parts)
    whole = column.combine_chunks()
    if pa.types.is_date(whole.type):
        return whole.cast(pa.int32()).to_numpy()
    if not pa.types.is_boolean(whole.type):
        return whole.to_numpy()
    if name in ("finding 872", "consent given"):
        return pc.fill_null(whole.cast(pa.int8()), -1).to_numpy(zero_copy_only=False)
    return whole.cast(pa.uint8()).to_numpy(zero_copy_only=False).view(bool)


Kernel = Callable[[Block], Any]


def _arrow_files(rows: int, route: str, offsets_of: Callable[[Any, Any], Any], kernel: Kernel) -> Files:
    def run() -> None:
        words = list(WORDS)
        cases = _decoded(pq.read_table(case_file(rows), read_dictionary=words))
        convictions = _decoded(pq.read_table(conviction_file(rows), read_dictionary=words))
        reasons = kernel(Block(cases, convictions, offsets_of(cases["case id"], convictions["case id"])))
        table = pa.table({"case id": cases["case id"], "decision": DECISION_OF[reasons], "reason": reasons})
        pq.write_table(table, output_file(route, rows), compression="zstd", use_dictionary=["decision", "reason"])

    return run


def numpy_files(rows: int) -> Files:
    def offsets_of(cases: Any, convictions: Any) -> Any:
        assert (np.diff(convictions) >= 0).all()
        return np.append(np.searchsorted(convictions, cases), len(convictions))

    def kernel(block: Block) -> Any:
        return _numpy_reasons(block, np.repeat(np.arange(len(block)), np.diff(block.offsets)))

    return _arrow_files(rows, "numpy", offsets_of, kernel)


def numpy_resident(block: Block) -> Resident:
    case = np.repeat(np.arange(len(block)), np.diff(block.offsets))

    def run() -> Any:
        found = _numpy_reasons(block, case)
        return lambda: found

    return run


def _numpy_reasons(block: Block, case: Any) -> Any:
    cases, rows = block.cases, block.convictions
    today, on = day_keys(cases["law date"]), day_keys(rows["date"])
    felony = rows["grade"] == 0
    limit = today[case] - np.where(felony, 15 * _YEAR, 5 * _YEAR).astype(np.int32)
    recent = (rows["offence category"] != 0) & (felony | rows["wobbler"]) & (on > limit)
    counts = ~rows["proposition 47 reduced"] & (rows["serious violent"] | (felony & rows["state prison"]) | recent)
    opens = cases["on registry"].copy()
    opens[case[counts]] = True
    kind, finding, consent = cases["request kind"], cases["finding 872"], cases["consent given"]
    warrant, charge = cases["judicial warrant"], cases["charge state prison felony"]
    early, before2018 = today < _K2014, today < _K2018
    hold, notify, transfer, interview = (kind == k for k in range(4))
    ladder = [
        *(
            hold & early,
            hold & before2018 & opens,
            hold & before2018 & (finding < 0),
            hold & before2018 & (finding > 0),
        ),
        *(hold & before2018, hold & warrant, hold),
        *(interview & before2018, interview & (consent < 0), interview & (consent > 0), interview),
        *(cases["agency kind"] == 2, notify & before2018, notify & cases["release date public"], transfer & warrant),
        *(opens, charge & (finding < 0), charge & (finding > 0)),
    ]
    codes = [np.uint8(CODES[reason]) for _, reason in _SQL_LADDER]
    return np.select(ladder, codes, np.uint8(CODES["NO_GROUND"]))


def numba_files(rows: int) -> Files:
    from bench.detainer_ca.numba_peer import merge_offsets, reasons

    return _arrow_files(rows, "numba", merge_offsets, lambda block: reasons(block, threads=2))


def _numba_resident(block: Block, threads: int) -> Resident:
    from bench.detainer_ca.numba_peer import prepared

    kernel = prepared(block, threads)

    def run() -> Any:
        found = kernel()
        return lambda: found

    return run


def numba_resident(block: Block) -> Resident:
    return _numba_resident(block, 2)


def numba_one_resident(block: Block) -> Resident:
    return _numba_resident(block, 1)


FILES: dict[str, Callable[[int], Files]] = {
    "numba": numba_files,
    "duckdb": duckdb_files,
    "polars": polars_files,
    "numpy": numpy_files,
}
RESIDENT: dict[str, Callable[[Block], Resident]] = {
    "numba": numba_resident,
    "numba 1 thread": numba_one_resident,
    "numpy": numpy_resident,
    "duckdb": duckdb_resident,
    "polars": polars_resident,
}
