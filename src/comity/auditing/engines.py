"""The engines of the audit, by name.  What is heavy is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from comity.api import Library
from comity.audit.judgement import Engine
from comity.audit.tables import CaseTable
from comity.problems import ComityError, Problem, nearest

__all__ = ["AT_ONCE", "ENGINES", "engine", "sql_of"]

#: Name -> what it is, the default first.
ENGINES: Final = {
    "columns": "the columnar engine",
    "interpreter": "the one-case engine, which 'comity decide' runs, case by case",
    "duckdb": "the same plan as SQL, in DuckDB",
    "pyspark": "the same plan in PySpark",
}

#: Cases that a slow engine judges at a time, so that little is lost when it is stopped.
AT_ONCE: Final = {"interpreter": 200}


def engine(name: str, library: Library, actions: Sequence[str] | None = None) -> Engine:
    """The engine called so; ComityError CM730 when there is none, or when its packages are missing."""
    from comity.auditing.onecase import OneCase, generated

    one = OneCase(library, actions, generated(library))
    try:
        match name:
            case "columns":
                from comity.audit.columns import Columns

                return Columns(library.law, actions, one.judge_one)
            case "interpreter":
                return one
            case "duckdb" | "pyspark":
                from comity.audit.warehouse import Warehouse

                return Warehouse(library.law, actions, one.judge_one, name)
    except ImportError as error:
        help_ = f"install what it needs: pip install 'comity[{'audit' if name == 'columns' else 'warehouse'}]'"
        message = f"the engine '{name}' needs '{error.name}', which is not installed"
        raise ComityError([Problem("CM730", message, help=help_)]) from None
    near = nearest(name, ENGINES)
    help_ = f"did you mean '{near}'?" if near else f"engines are {', '.join(ENGINES)}"
    raise ComityError([Problem("CM730", f"no engine is called '{name}'", help=help_)])


def sql_of(tables: Iterable[CaseTable], actions: Sequence[str], library: Library, dialect: str) -> str:
    """The SQL that judges these cases in a warehouse; ComityError CM730 where it cannot be printed.

    ``tables`` are looked at for their columns and law dates; ``dialect``: a name that SQLGlot knows.
    """
    judge: Any = engine("duckdb", library, actions)
    if not hasattr(judge, "sql"):
        raise ComityError([Problem("CM730", "this version cannot print SQL", help="run it with --engine duckdb")])
    return str(judge.sql(tables, dialect))
