"""Where SQL runs: DuckDB in this process, or a local Spark session."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, Final, Protocol

import pyarrow as pa

from comity.problems import ComityError, Problem

__all__ = ["Backend", "DuckDB", "Spark", "backend_of", "local_session", "open_backend"]


class Backend(Protocol):
    """One connection.  ``dialect``: what ``ibis.to_sql`` calls its SQL."""

    dialect: str

    def load(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name; one of that name gives way."""
        ...

    def keep(self, name: str, sql: str) -> None:
        """Run a query now and keep what it finds under a name."""
        ...

    def fetch(self, sql: str) -> pa.Table:
        """What a query finds."""
        ...

    def batches(self, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
        """What a query finds, about ``rows`` at a time."""
        ...

    def drop(self, name: str) -> None:
        """Forget what was loaded or kept under a name."""
        ...


class DuckDB:
    """A DuckDB connection (default: a new one in memory)."""

    dialect = "duckdb"

    def __init__(self, connection: Any = None) -> None:
        import duckdb

        self._connection = duckdb.connect() if connection is None else connection
        self._kept: set[str] = set()

    def load(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name."""
        self._connection.register(name, table)

    def keep(self, name: str, sql: str) -> None:
        """Run a query now and keep what it finds."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
        self._kept.add(name)

    def fetch(self, sql: str) -> pa.Table:
        """What a query finds."""
        return self._connection.sql(sql).to_arrow_table()

    def batches(self, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
        """What a query finds, batch by batch."""
        found = self._connection.sql(sql)
        yield from found.to_arrow_reader(rows) if hasattr(found, "to_arrow_reader") else found.fetch_record_batch(rows)

    def drop(self, name: str) -> None:
        """Forget a table."""
        if name in self._kept:
            self._kept.discard(name)
            self._connection.execute(f"DROP TABLE IF EXISTS {name}")
        else:
            self._connection.unregister(name)


class Spark:
    """A Spark session (default: the active one, else a small local one that ends with this process)."""

    dialect = "pyspark"

    def __init__(self, session: Any = None) -> None:
        self._session = local_session() if session is None else session
        self._kept: dict[str, Any] = {}

    def load(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name."""
        plain = [f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in table.schema]
        schema = pa.schema([pa.field(f.name, kind) for f, kind in zip(table.schema, plain, strict=True)])
        self._session.createDataFrame(table.cast(schema)).createOrReplaceTempView(name)

    def keep(self, name: str, sql: str) -> None:
        """Run a query now and keep what it finds."""
        self.drop(name)
        found = self._session.sql(sql).persist()
        found.count()
        found.createOrReplaceTempView(name)
        self._kept[name] = found

    def fetch(self, sql: str) -> pa.Table:
        """What a query finds."""
        return self._session.sql(sql).toArrow()

    def batches(self, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
        """What a query finds, batch by batch; Spark gathers it here first."""
        yield from self.fetch(sql).to_batches(rows)

    def drop(self, name: str) -> None:
        """Forget a table."""
        found = self._kept.pop(name, None)
        if found is not None:
            found.unpersist()
        self._session.catalog.dropTempView(name)


def open_backend(name: str) -> Backend:
    """A connection of our own: "duckdb" or "pyspark".  ComityError CM752 without Java, CM754 for another name."""
    if name == "duckdb":
        return DuckDB()
    if name == "pyspark":
        return Spark()
    help_ = "the SQL engines are 'duckdb' and 'pyspark'; for another warehouse print the statement with --sql"
    raise ComityError([Problem("CM754", f"no SQL engine is called '{name}'", help=help_)])


def backend_of(table: Any) -> Backend:
    """The connection an Ibis table belongs to; ComityError CM754 when it is none of ours."""
    found = table.get_backend()
    if found.name == "duckdb":
        return DuckDB(found.con)
    if found.name == "pyspark":
        return Spark(found._session)
    help_ = "read the tables with DuckDB or Spark, or print the statement for your warehouse with --sql"
    raise ComityError([Problem("CM754", f"tables of '{found.name}' cannot be judged from here", help=help_)])


_SETTINGS: Final = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
}


def local_session() -> Any:
    """The Spark session that is active, or a local one on two threads.

    ComityError CM752 when there is no Java, or when Spark does not start.
    """
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=os.path.join(home, "bin") if home else None) is None:
        message = "the engine 'pyspark' needs Java, and none was found"
        help_ = "install Java 17 or 21 (Debian, Ubuntu: apt install openjdk-17-jre-headless), or set JAVA_HOME"
        raise ComityError([Problem("CM752", message, help=help_)])
    builder = SparkSession.builder.master("local[2]").appName("comity")
    for key, value in _SETTINGS.items():
        builder = builder.config(key, value)
    with _quiet_start():
        session = builder.getOrCreate()
    atexit.register(session.stop)
    return session


@contextlib.contextmanager
def _quiet_start() -> Iterator[None]:
    """Programs started inside write their errors to a file of their own, for as long as they live.

    Java greets on the error channel before any setting can keep it quiet.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        kept = os.dup(2)
        os.dup2(errors.fileno(), 2)
        try:
            yield
        except Exception as error:
            errors.seek(0)
            told = [line for line in errors.read().splitlines() if line.strip()] or [str(error)]
            help_ = "check which Java is installed: Spark 4 needs 17 or 21"
            raise ComityError([Problem("CM752", f"Spark did not start: {told[-1].strip()}", help=help_)]) from None
        finally:
            os.dup2(kept, 2)
            os.close(kept)
