"""The small tables that the SQL reads beside the facts, and the queries that ask for them.

``comity_laws`` says which law an agency's cases fall under, day by day, and what is decided by the law alone;
``comity_answers`` what each state was judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from comity.audit.judgement import LawVersion
from comity.audit.sql.keys import ActionKeys
from comity.audit.sql.names import AGENCY, CASE, LAW, column_name
from comity.audit.sql.stages import LAWS, NO_DATE, Stages, laws_schema, state_columns, version_name
from comity.audit.sql.states import DistinctRows, DistinctStates
from comity.audit.tables import Array

__all__ = ["ANSWERS", "Lookups", "law_table", "no_facts", "numbered", "of_action", "united"]

ANSWERS: Final = "comity_answers"

_NONE: Final = date(*NO_DATE)
_FIRST: Final = date(1, 1, 2)
_END: Final = date(9999, 12, 31)


def law_table(keys: Sequence[ActionKeys], versions: Sequence[LawVersion], by_law: Mapping[str, Array]) -> pa.Table:
    """One row for each version of an agency's law: its days (the end not included), the version of each action's law,
    and a number for each action that the law alone decides (``by_law``: per law).

    The law of cases without a law date is that of one day long before any.
    """
    windows = [v.window for v in versions]
    columns: dict[str, Any] = {
        AGENCY: pa.array([v.agency for v in versions], pa.string()),
        "first_day": pa.array([_NONE if w is None else w.start or _FIRST for w in windows], pa.date32()),
        "end_day": pa.array([_FIRST if w is None else w.end or _END for w in windows], pa.date32()),
        LAW: pa.array(range(len(windows)), pa.int64()),
    }
    columns.update((version_name(k.action), pa.array(k.version_of, pa.int64())) for k in keys if not k.by_law)
    columns.update((column_name(action), pa.array(numbers, pa.int32())) for action, numbers in by_law.items())
    return pa.table(columns)


class Lookups:
    """Queries over the states of all cases, and the answers that are joined to them.

    ``states``, ``laws``, ``answers``: the tables that hold the last stage, the law versions and the answers.
    """

    def __init__(self, stages: Stages, states: str, laws: str = LAWS, answers: str = ANSWERS) -> None:
        self._stages = stages
        self._states = ibis.table(stages.states.schema(), name=states)
        self._laws = ibis.table(laws_schema(stages.keys), name=laws)
        self._answers = ibis.table(self._schema(), name=answers)
        self.deciding = [k for k in stages.keys if not k.by_law]

    def _schema(self) -> dict[str, str]:
        codes = max((len(g) for g in self._stages.groups.values()), default=1)
        rows = max((len(k.rows) for k in self._stages.keys), default=0)
        return {
            "action": "string",
            **{f"code{i + 1}": "int64" for i in range(codes)},
            **{f"rows{i + 1}": "string" for i in range(rows)},
            "judgement": "int32",
        }

    def _columns(self, keys: ActionKeys) -> dict[str, str]:
        """Columns of the answers that hold a state of the action, and those of the last stage that they are."""
        codes = [f"code{i + 1}" for i in range(len(self._stages.groups[keys.action]))]
        rows = [f"rows{i + 1}" for i in range(len(keys.rows))]
        return dict(zip([*codes, *rows], state_columns(self._stages, keys), strict=True))

    @cached_property
    def distinct_query(self) -> str:
        """Every state of every action, each with how many cases are in it: the answers, but for the judgement."""
        found = [self._state(keys.action, self._columns(keys)) for keys in self.deciding]
        if not found:
            return self._stages.sql(self._states.filter(False).select(**self._state("", {}), cases=ibis.literal(0)))
        one = self._states.select(state=ibis.array([ibis.struct(s) for s in found]).unnest())
        one = one.select(**{name: one.state[name] for name in found[0]})
        return self._stages.sql(one.group_by(one.columns).agg(cases=one.count()))

    def _state(self, action: str, own: Mapping[str, str]) -> Any:
        columns = {"action": ibis.literal(action)}
        for name, type_ in self._schema().items():
            if name not in ("action", "judgement"):
                columns[name] = (self._states[own[name]] if name in own else ibis.null()).cast(type_)
        return columns

    @cached_property
    def answered_query(self) -> str:
        """Per case the number of the answer about each action; NULL where nobody has judged its state."""
        states, answers = self._states, self._answers
        joined = states.left_join(self._laws, [states[LAW] == self._laws[LAW]])
        found = {}
        for keys in self._stages.keys:
            name = column_name(keys.action)
            if keys.by_law:
                found[name] = self._laws[name]
                continue
            columns = self._columns(keys)
            own = answers.filter(answers.action == keys.action).select(
                **{f"{name}_{c}": answers[c] for c in columns}, **{f"{name}_judgement": answers.judgement}
            )
            joined = joined.left_join(own, [states[of] == own[f"{name}_{c}"] for c, of in columns.items()])
            found[name] = own[f"{name}_judgement"]
        return self._stages.sql(joined.select(states[CASE], states[LAW], **found))

    def states(self, keys: ActionKeys, found: pa.Table) -> tuple[DistinctStates, Array]:
        """The states of one action, out of what the query found; and for each a law that it falls under (int32)."""
        columns = [found.column(name).combine_chunks() for name in self._columns(keys)]
        groups = self._stages.groups[keys.action]
        codes = [np.asarray(c) for c in columns[: len(groups)]]
        texts = zip(keys.rows, columns[len(groups) :], strict=True)
        rows = {list_: DistinctRows(self._stages.row_groups[keys.action, list_], text) for list_, text in texts}
        states = DistinctStates(keys, groups, codes, rows)
        example = np.zeros(keys.undated + 1, np.int32)
        example[keys.version_of[::-1]] = np.arange(len(keys.version_of) - 1, -1, -1)
        return states, np.take(example, states.version)


def no_facts(keys: ActionKeys, laws: int) -> tuple[DistinctStates, Array]:
    """A state for each law, for an action that the law alone decides."""
    return DistinctStates(keys, [[]], [np.zeros(laws, np.int64)], {}), np.arange(laws, dtype=np.int32)


def of_action(found: pa.Table, action: str) -> pa.Table:
    """The states of one action."""
    return found.filter(pc.equal(found.column("action"), action))


def numbered(found: pa.Table, numbers: Mapping[str, Array]) -> pa.Table:
    """The answers: states that the query found, with the number of each (action -> in the order of its states)."""
    parts = [found.slice(0, 0).append_column("judgement", pa.nulls(0, pa.int32()))]
    for action, values in numbers.items():
        parts.append(of_action(found, action).append_column("judgement", pa.array(values, pa.int32())))
    return pa.concat_tables(parts)


def united(answers: Sequence[pa.Table]) -> pa.Table:
    """Answers of several stretches, each state once, with all its cases."""
    whole = pa.concat_tables(answers)
    names = [name for name in whole.column_names if name != "cases"]
    found = whole.group_by(names, use_threads=False).aggregate([("cases", "sum")])
    return found.rename_columns([*names, "cases"]).select([*names[:-1], "cases", names[-1]])
