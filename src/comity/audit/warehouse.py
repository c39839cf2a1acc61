"""The audit as SQL, through Ibis: DuckDB and PySpark run it, other warehouses get it printed.

    facts -> SQL: digits, one grouped pass per list, distinct states -> here: judged by ``Columns`` -> SQL: joined back

The engine does what is long (every case, every row); what is left for Python is the distinct states of each action.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from comity.audit.columns import Columns, JudgeOne, Told
from comity.audit.judgement import Judged, Judgement, LawVersion
from comity.audit.laws import Laws
from comity.audit.plan import Schema
from comity.audit.sql.backends import Backend, backend_of, open_backend
from comity.audit.sql.facts import case_facts, facts_schema, row_facts
from comity.audit.sql.given import agency_days, given_tables
from comity.audit.sql.keys import keys_of
from comity.audit.sql.lookups import ANSWERS, Lookups, law_table, no_facts, numbered, of_action, united
from comity.audit.sql.names import CASE, CASES, LAW, check_names, column_name
from comity.audit.sql.stages import LAWS, STATES, Stages
from comity.audit.sql.statement import JUDGEMENTS, Statement, judgement_table, known_dialect, statement_text
from comity.audit.stretch import schema_of
from comity.audit.tables import Array, CaseTable
from comity.policy.library import Library

__all__ = ["JudgedTables", "Warehouse"]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedTables:
    """Tables of a warehouse, judged.

    ``query``: the SQL that gives one row a case: ``case_id``, ``law`` (position in ``laws``), and for each action, in
    the column ``columns`` names, the position in ``judgements[action]``.  ``open_to_analysis``: positions of judgements
    that the one-case engine may sharpen (a person's judgement among other missing facts).
    """

    laws: Sequence[LawVersion]
    judgements: Mapping[str, Sequence[Judgement]]
    columns: Mapping[str, str]
    open_to_analysis: Mapping[str, frozenset[int]]
    query: str
    backend: Backend
    tables: tuple[str, ...]

    def batches(self, rows: int = 100_000) -> Iterator[pa.RecordBatch]:
        """The rows, in no order, as Arrow batches of about ``rows``."""
        return self.backend.batches(self.query, rows)

    def close(self) -> None:
        """Drop ``tables``, which were made for this in the warehouse; the query finds nothing afterwards."""
        for name in self.tables:
            self.backend.drop(name)


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """The SQL for tables of one schema under the laws met so far."""

    schema: Schema
    stages: Stages
    lookups: Lookups


class Warehouse:
    """Judges tables of cases in a SQL engine; gives the judgements of ``Columns``.

    ``actions``: the actions to judge (default: all).  ``judge_one``: see ``Columns``.  ``backend``: "duckdb", or
    "pyspark" for a local Spark session.

    Raises ComityError: CM752 Spark finds no Java, CM753 two facts of the library would share a column, CM754 there is
    no such engine.
    """

    def __init__(
        self,
        library: Library,
        actions: Sequence[str] | None = None,
        judge_one: JudgeOne | None = None,
        backend: str = "duckdb",
    ) -> None:
        check_names(library.vocabulary)
        self.name = backend
        self.library = library
        words = library.vocabulary.actions
        self.actions = tuple(a.name for a in words) if actions is None else tuple(actions)
        self._laws = Laws(library, self.actions)
        # One engine an action: a state of one action is nothing to another.
        self._columns = {a: Columns(library, [a], judge_one, laws=self._laws) for a in self.actions}
        self._backend = open_backend(backend)
        self._planned: tuple[Schema, int] | None = None
        self._plan: _Plan | None = None

    @property
    def judgements(self) -> Mapping[str, Sequence[Judgement]]:
        """Action -> every judgement met so far."""
        return {a: one.judgements[a] for a, one in self._columns.items()}

    # -- tables of the audit ------------------------------------------------------------------------------------------

    def judge(self, table: CaseTable) -> Judged:
        """Judge one stretch of cases.  ComityError CM404 for an unknown agency, CM750 for a day that cannot be."""
        self._laws.of(table)
        plan = self._own_plan(schema_of(table))
        backend, told = self._backend, self._told_of_laws(plan)
        # An answer here is the place of a state: the one-case engine may have something to say about its cases.
        with self._kept(table, plan, {action: _places(one) for action, one in told.items()}):
            found = backend.fetch(plan.lookups.distinct_query)
            states = self._told_of_states(plan, found)
            backend.load(ANSWERS, numbered(found, {action: _places(one) for action, one in states.items()}))
            found = backend.fetch(plan.lookups.answered_query)
            backend.drop(ANSWERS)
        told.update(states)
        case = found.column(CASE).to_numpy()
        actions = {a: self._of_cases(table, a, told[a], _by_case(found, column_name(a), case)) for a in self.actions}
        return Judged(table, self._laws.versions, _by_case(found, LAW, case), self.judgements, actions)

    def _of_cases(self, table: CaseTable, action: str, told: Told, states: Array) -> Array:
        """The judgement of each case, given its state."""
        mixed = None if told.mixed is None else np.take(told.mixed, states)
        found = replace(
            told, judgements=np.take(told.judgements, states), mixed=mixed, states=np.take(told.states, states)
        )
        self._columns[action].ask_one(table, action, found)
        return found.judgements

    def statement(self, tables: CaseTable | Iterable[CaseTable], dialect: str) -> Statement:
        """The plan as one statement of ``dialect`` (one of ``sql.statement.DIALECTS``), with answers for every state
        that some tables show.  Answers are those without the one-case engine.

        Raises ComityError: CM754 for another dialect, and what ``judge`` raises.
        """
        stretches = [tables] if isinstance(tables, CaseTable) else list(tables)
        known_dialect(dialect)
        for table in stretches:
            self._laws.of(table)
        plan = self._own_plan(_joined([schema_of(table) for table in stretches]))
        by_law = {action: one.judgements for action, one in self._told_of_laws(plan).items()}
        found = []
        for table in stretches:
            with self._kept(table, plan, by_law):
                states = self._backend.fetch(plan.lookups.distinct_query)
            told = self._told_of_states(plan, states)
            found.append(numbered(states, {action: one.judgements for action, one in told.items()}))
        answers = united(found)
        stages = self._stages(plan.schema, dialect, *_unbound(plan.schema, self.library))
        text = statement_text(stages, self.library, self._laws.versions, len(answers))
        laws = law_table(stages.keys, self._laws.versions, by_law)
        return Statement(text, {LAWS: laws, ANSWERS: answers, JUDGEMENTS: judgement_table(self.judgements)})

    def sql(self, tables: CaseTable | Iterable[CaseTable], dialect: str) -> str:
        """The text of ``statement``."""
        return self.statement(tables, dialect).text

    @contextmanager
    def _kept(self, table: CaseTable, plan: _Plan, by_law: Mapping[str, Array]) -> Iterator[None]:
        """The states of a table's cases, kept in the engine for a while."""
        facts = {
            CASES: case_facts(table, plan.schema, self.library),
            **{column_name(n): row_facts(table, n, plan.schema, self.library) for n in plan.schema.rows},
            LAWS: law_table(plan.stages.keys, self._laws.versions, by_law),
        }
        backend = self._backend
        try:
            for name, one in facts.items():
                backend.load(name, one)
            backend.keep(STATES, plan.stages.with_stages(f"SELECT * FROM {STATES}"))
            yield
        finally:
            for name in (STATES, *facts):
                backend.drop(name)

    # -- tables of a warehouse ----------------------------------------------------------------------------------------

    def judge_tables(self, cases: Any, lists: Mapping[str, Any] | None = None) -> JudgedTables:
        """Judge Ibis tables where they are, in DuckDB or Spark.

        ``cases``: one row a case; ``lists``: list -> its rows.  docs/warehouse.md says what their columns are called.
        The one-case engine is not asked; see ``JudgedTables.open_to_analysis``.

        Raises ComityError: CM404 an unknown agency, CM714 an unknown list, CM753 a missing or unfit column,
        CM754 tables of another engine, CM755 values that cannot be.
        """
        backend = backend_of(cases)
        given = given_tables(cases, lists or {}, self.library)
        given.check(backend)
        self._laws.of(agency_days(backend, given.cases))
        mark = uuid.uuid4().hex[:8]
        laws, states, answers = tables = f"{LAWS}_{mark}", f"{STATES}_{mark}", f"{ANSWERS}_{mark}"
        stages = self._stages(given.schema, backend.dialect, given.cases, given.lists, laws=laws)
        plan = _Plan(given.schema, stages, Lookups(stages, states, laws, answers))
        told = self._told_of_laws(plan)
        by_law = {action: one.judgements for action, one in told.items()}
        try:
            backend.load(laws, law_table(stages.keys, self._laws.versions, by_law))
            backend.keep(states, stages.with_stages(f"SELECT * FROM {STATES}"))
            found = backend.fetch(plan.lookups.distinct_query)
            of_states = self._told_of_states(plan, found)
            backend.load(answers, numbered(found, {action: one.judgements for action, one in of_states.items()}))
        except BaseException:
            for name in tables:
                backend.drop(name)
            raise
        told.update(of_states)
        return JudgedTables(
            self._laws.versions,
            self.judgements,
            {a: column_name(a) for a in self.actions},
            {a: _open_to_analysis(told[a]) for a in self.actions},
            plan.lookups.answered_query,
            backend,
            tables,
        )

    # -- plans and states ---------------------------------------------------------------------------------------------

    def _own_plan(self, schema: Schema) -> _Plan:
        now = (schema, len(self._laws.versions))
        if self._plan is None or self._planned != now:
            stages = self._stages(schema, self._backend.dialect, *_unbound(schema, self.library))
            self._plan, self._planned = _Plan(schema, stages, Lookups(stages, STATES)), now
        return self._plan

    def _stages(self, schema: Schema, dialect: str, cases: Any, lists: Mapping[str, Any], laws: str = LAWS) -> Stages:
        keys = [keys_of(one.plan(schema).actions[0], schema, self.library) for one in self._columns.values()]
        return Stages(keys, schema, self.library, cases, lists, dialect, laws=laws)

    def _told_of_laws(self, plan: _Plan) -> dict[str, Told]:
        """What is told of each law, about the actions that the law alone decides."""
        laws = len(self._laws.versions)
        return {k.action: self._told(plan, k.action, *no_facts(k, laws)) for k in plan.stages.keys if k.by_law}

    def _told_of_states(self, plan: _Plan, found: pa.Table) -> dict[str, Told]:
        """What is told of the distinct states of each other action."""
        told = {}
        for keys in plan.lookups.deciding:
            told[keys.action] = self._told(plan, keys.action, *plan.lookups.states(keys, of_action(found, keys.action)))
        return told

    def _told(self, plan: _Plan, action: str, states: Any, law: Array) -> Told:
        return self._columns[action].tell(states, plan.schema, law)[action]


def _unbound(schema: Schema, library: Library) -> tuple[Any, dict[str, Any]]:
    """Tables of Ibis that stand for those of a schema: the cases, and each list."""
    cases, lists = facts_schema(schema, library)
    return ibis.table(cases, name=CASES), {n: ibis.table(s, name=column_name(n)) for n, s in lists.items()}


def _joined(schemas: Sequence[Schema]) -> Schema:
    """A schema with every column that one of some schemas has."""
    facts: dict[str, str] = {}
    rows: dict[str, dict[str, str]] = {}
    for schema in schemas:
        facts.update(schema.facts)
        for list_, fields in schema.rows.items():
            rows.setdefault(list_, {}).update(fields)
    return Schema(facts, rows)


def _places(told: Told) -> Array:
    return np.arange(len(told.judgements))


def _open_to_analysis(told: Told) -> frozenset[int]:
    return frozenset() if told.mixed is None else frozenset(told.judgements[told.mixed].tolist())


def _by_case(found: pa.Table, column: str, case: Array) -> Array:
    """A column in the order of the cases: int32."""
    values = np.zeros(len(case), np.int32)
    values[case] = found.column(column).to_numpy()
    return values
