"""The whole plan as one statement for somebody else's warehouse, and the small tables that it reads."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from comity.audit.judgement import Judgement, LawVersion
from comity.audit.ranks import DigitKey
from comity.audit.sql.lookups import ANSWERS, Lookups
from comity.audit.sql.names import CASES, column_name
from comity.audit.sql.stages import LAWS, STATES, Stages
from comity.policy.expressions import Compare, Fact, Includes, Literal, OneOf, Value, Within
from comity.policy.library import Library
from comity.problems import ComityError, Problem, nearest

__all__ = ["DIALECTS", "JUDGEMENTS", "Statement", "judgement_table", "known_dialect", "statement_text"]

#: What a statement can be printed for; the names are those of Ibis.
DIALECTS: Final = ("duckdb", "pyspark", "databricks", "snowflake", "bigquery", "postgres", "trino")
JUDGEMENTS: Final = "comity_judgements"

_ABOUT: Final = {
    "comity_dated": "which version of the law each case falls under",
    "comity_digits": "all that the law can see of a case, as small numbers (the list of them is above)",
    STATES: "one state a case and action; cases in the same state have the same answer",
}
_LOAD: Final = {
    "duckdb": "CREATE TABLE {0} AS FROM '{0}.parquet';",
    "pyspark": "CREATE TEMPORARY VIEW {0} USING parquet OPTIONS (path '{0}.parquet');",
    "databricks": "CREATE TEMPORARY VIEW {0} USING parquet OPTIONS (path '{0}.parquet');",
    "bigquery": "bq load --source_format=PARQUET DATASET.{0} {0}.parquet",
}


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """``text``: the SQL.  ``tables``: name -> what to load beside it: laws, answers, judgements."""

    text: str
    tables: Mapping[str, pa.Table]

    def write(self, folder: Path, *, csv: bool = False) -> list[Path]:
        """Write ``comity.sql`` and one Parquet (or CSV) file for each table; gives the paths.

        Each file is written beside its place and then renamed.  OSError where it cannot be.
        """
        folder.mkdir(parents=True, exist_ok=True)
        written = [_renamed(folder / "comity.sql", self.text.encode())]
        for name, table in self.tables.items():
            buffer = pa.BufferOutputStream()
            if csv:
                pyarrow.csv.write_csv(table, buffer)
            else:
                pyarrow.parquet.write_table(table, buffer)
            written.append(_renamed(folder / f"{name}.{'csv' if csv else 'parquet'}", buffer.getvalue().to_pybytes()))
        return written


def _renamed(path: Path, content: bytes) -> Path:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def known_dialect(dialect: str) -> str:
    """The dialect; ComityError CM754 for one that no statement is printed for."""
    if dialect not in DIALECTS:
        near = nearest(dialect, DIALECTS)
        help_ = f"did you mean '{near}'?" if near else f"dialects are {', '.join(DIALECTS)}"
        raise ComityError([Problem("CM754", f"no statement can be printed for '{dialect}'", help=help_)])
    return dialect


def statement_text(stages: Stages, library: Library, versions: Sequence[LawVersion], answers: int) -> str:
    """The statement, after comments that tell what it reads and gives."""
    head = "\n".join(f"-- {line}".rstrip() for line in _head(stages, library, versions, answers))
    about = dict(_ABOUT)
    for list_ in stages.lists:
        name = f"comity_{column_name(list_)}"
        about[f"{name}_digits"] = f"all that the law can see of a row of the {list_}"
        about[f"{name}_codes"] = "the rows that count on the law date, as each action sees them"
        about[name] = "the rows of each case, in order"
    text = stages.with_stages(Lookups(stages, STATES).answered_query)
    for name, words in about.items():
        start = f"{stages.quoted(name)} AS (\n"
        text = text.replace(start, f"-- {words}\n{start}", 1)
    return f"{head}\n{text}\n"


def _head(stages: Stages, library: Library, versions: Sequence[LawVersion], answers: int) -> Iterable[str]:
    load = _LOAD.get(stages.dialect, "load {0}.parquet (or .csv) as the table {0} with the loader of your warehouse")
    yield f"The law of {len({v.agency for v in versions})} agencies over tables of cases, as SQL for {stages.dialect}."
    yield f"Made by Comity; library {library.version} {library.sha256[:7]}. Not legal advice."
    yield ""
    yield f"Reads   {', '.join([CASES, *map(column_name, stages.lists)])}: facts, as docs/warehouse.md names them"
    yield f"        {LAWS} ({len(versions)} rows): which law when"
    yield f"        {ANSWERS} ({answers} rows): the judgement of every state that was met"
    yield "Load    " + load.format(LAWS)
    yield "        " + load.format(ANSWERS)
    yield "Gives   one row a case: case_id, law, and for each action the number of a judgement, which"
    yield f"        {JUDGEMENTS} (action, judgement, outcome, reasons) spells out"
    yield "        NULL: not judged yet. Nobody met that state, that agency, or that day of its law; judge those"
    yield "        cases with Comity and load the new answers"
    yield ""
    yield "The laws, by number:"
    for number, version in enumerate(versions):
        yield f"  {number}  {version.agency}, {version.window or 'no law date'}"
    yield ""
    yield "What the numbered columns hold: 0 no, 2 yes, 1 not known; of two facts, 1 the first is not known, 3 the"
    yield "second, 4 both; for one word out of several its place, and after the last one not known."
    for key, column in stages.columns.items():
        yield f"  {column}  {_in_words(key)}"
    yield ""


def _in_words(key: DigitKey) -> str:
    match key.leaf:
        case OneOf(left, members):
            return f"{left.name} is one of {', '.join(members)}"
        case Includes(left, members):
            return f"{left.name} includes {', '.join(members)}"
        case Compare(op, left, right):
            return f"{left.name} {op} {_value(right)}"
        case Within(left, amount, unit, anchor, after, strict):
            less = "less than " if strict else ""
            return f"{left.name} within {less}{amount} {unit} {'after' if after else 'before'} {_value(anchor)}"
        case Fact(name, _):
            return name
    return key.name.name


def _value(value: Value) -> str:
    return str(value.value) if isinstance(value, Literal) else value.name


def judgement_table(judgements: Mapping[str, Sequence[Judgement]]) -> pa.Table:
    """Every judgement in words, by action and number."""
    rows = [(action, number, one) for action, known in judgements.items() for number, one in enumerate(known)]
    texts = {
        "outcome": [j.outcome for _, _, j in rows],
        "reason": [j.reason for _, _, j in rows],
        "layers": ["; ".join(f"{layer}: {outcome}" for layer, outcome in j.layers) for _, _, j in rows],
        "winning": ["; ".join(j.winning) for _, _, j in rows],
        "missing": ["; ".join(j.missing) for _, _, j in rows],
        "possible": ["; ".join(j.possible) for _, _, j in rows],
    }
    numbers = pa.array([number for _, number, _ in rows], pa.int32())
    actions = pa.array([action for action, _, _ in rows], pa.string())
    found = {"action": actions, "judgement": numbers}
    return pa.table(found | {name: pa.array(values, pa.string()) for name, values in texts.items()})
