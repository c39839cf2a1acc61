"""The plan as SQL, stage by stage.

    cases + laws -> dated -> digits ------------------------------> states
                       `-> rows of a list -> gathered by case -----'

Each stage is an Ibis expression over the named stages before it, so the text reads from top to bottom and every engine
runs the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import ibis

from comity.audit.plan import Schema
from comity.audit.ranks import DigitKey
from comity.audit.sql.digits import ColumnOf, FactColumn, digit
from comity.audit.sql.keys import ActionKeys, Place, in_codes, names_of
from comity.audit.sql.names import AGENCY, CASE, LAW, LAW_DAY, column_name, complete_name, day_name
from comity.audit.sql.states import CODE_WIDTH, MOST_IN_CODE, NO_ROWS
from comity.policy.expressions import Name
from comity.policy.facts import LAW_DATE, VACATED
from comity.policy.library import Library

__all__ = ["LAWS", "NO_DATE", "STATES", "Stages", "laws_schema", "state_columns", "version_name"]

LAWS: Final = "comity_laws"
STATES: Final = "comity_states"
#: Stands for an unknown law date where laws are looked up (year, month, day); no case and no law is so old.
NO_DATE: Final = (1, 1, 1)

#: Engines whose lists are put in order with a function; the others sort while they join texts.
_WITH_ARRAYS: Final = ("duckdb", "pyspark", "databricks")
_WITH_BACKTICKS: Final = ("pyspark", "databricks", "bigquery")
#: A product above this needs a BIGINT.
_MOST_IN_INTEGER: Final = (1 << 31) - 1
#: Whether a row counts.
_COUNTS: Final = "counts"


class Stages:
    """The SQL of some actions over tables of a schema.

    ``cases`` and ``lists``: Ibis tables.  ``dialect``: a name that ``ibis.to_sql`` knows.  ``laws``: the table of law
    versions.
    """

    def __init__(
        self,
        keys: Sequence[ActionKeys],
        schema: Schema,
        library: Library,
        cases: Any,
        lists: Mapping[str, Any],
        dialect: str,
        *,
        laws: str = LAWS,
    ) -> None:
        self.keys = keys
        self.dialect = dialect
        self._schema = schema
        self._library = library
        self.groups = {k.action: in_codes(k.cases, MOST_IN_CODE) for k in keys}
        self.row_groups = {
            (k.action, list_): in_codes(places, MOST_IN_CODE) for k in keys for list_, places in k.rows.items()
        }
        #: Stage -> its SQL, in order.
        self.texts: dict[str, str] = {}
        #: Digit -> its column.
        self.columns: dict[DigitKey, str] = {}
        self._deciding = [k for k in keys if not k.by_law]
        self.lists = list(dict.fromkeys(list_ for k in keys for list_ in k.rows))
        dated = self._stage("comity_dated", self._dated(cases, ibis.table(laws_schema(keys), name=laws)))
        digits = self._stage("comity_digits", self._digits(dated))
        gathered = {}
        for list_ in self.lists:
            name = f"comity_{column_name(list_)}"
            rows = self._stage(f"{name}_digits", self._row_digits(list_, lists[list_], dated))
            codes = self._stage(f"{name}_codes", self._row_codes(list_, rows))
            gathered[list_] = self._stage(name, self._gathered(list_, codes))
        self.states = self._stage(STATES, self._of_cases(digits, gathered))

    def sql(self, expression: Any) -> str:
        """An expression in the dialect."""
        return str(ibis.to_sql(expression, dialect=self.dialect))

    def with_stages(self, last: str) -> str:
        """A query over stages, with all of them before it."""
        stages = ",\n".join(f"{self.quoted(name)} AS (\n{_indented(sql)}\n)" for name, sql in self.texts.items())
        return f"WITH\n{stages}\n{last}"

    def quoted(self, name: str) -> str:
        """A name as the dialect quotes it: some engines change the letters of a bare one."""
        return f"`{name}`" if self.dialect in _WITH_BACKTICKS else f'"{name}"'

    def _stage(self, name: str, expression: Any) -> Any:
        self.texts[name] = self.sql(expression)
        return ibis.table(expression.schema(), name=name)

    # -- cases --------------------------------------------------------------------------------------------------------

    def _dated(self, cases: Any, laws: Any) -> Any:
        """The cases with the version of the law each falls under."""
        day = ibis.coalesce(cases[LAW_DAY], ibis.date(*NO_DATE))
        within = [cases[AGENCY] == laws[AGENCY], day >= laws.first_day, day < laws.end_day]
        return cases.left_join(laws, within).select(
            *(cases[c] for c in (CASE, LAW_DAY, *self._facts(), *map(complete_name, self.lists))),
            laws[LAW],
            *(laws[version_name(k.action)] for k in self._deciding),
        )

    def _facts(self) -> Iterable[str]:
        """Columns of the facts of the case that some digit reads."""
        places = [p for k in self.keys for of in (k.cases, *k.rows.values()) for p in of if p.key is not None]
        asked = {n.name for p in places if p.key is not None for n in names_of(p.key) if not n.row}
        for name, kind in self._schema.facts.items():
            if name in asked:
                yield column_name(name)
                if kind == "moment":
                    yield day_name(name)

    def _digits(self, dated: Any) -> Any:
        """The digits of the case."""
        keys = dict.fromkeys(p.key for k in self.keys for p in k.cases if p.key is not None)
        column = self._reader(dated, None, "")
        found = {self._column(key): digit(key, column) for key in keys}
        flags = {complete_name(n): ibis.cases((dated[complete_name(n)], 1), else_=0) for n in self.lists}
        versions = [version_name(k.action) for k in self._deciding]
        return dated.select(CASE, LAW, *versions, **flags, **found)

    def _column(self, key: DigitKey) -> str:
        return self.columns.setdefault(key, f"d{len(self.columns) + 1}")

    def _reader(self, cases: Any, rows: Any, list_: str) -> ColumnOf:
        vocabulary = self._library.vocabulary
        facts = vocabulary.case_facts()
        fields = vocabulary.fields(facts[list_].type.record) if list_ else {}
        kind = self._schema.kind(list_)

        def column(name: Name) -> FactColumn | None:
            if name.name == LAW_DATE and not name.row:
                return FactColumn("date", cases[LAW_DAY], cases[LAW_DAY])
            if kind(name) is None:
                return None
            type_ = (fields if name.row else facts)[name.name].type
            table = rows if name.row else cases
            value = table[column_name(name.name)]
            day = table[day_name(name.name)] if type_.kind == "moment" else value if type_.kind == "date" else None
            return FactColumn(type_.kind, value, day, type_.members)

        return column

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _row_digits(self, list_: str, rows: Any, dated: Any) -> Any:
        """The digits of the rows."""
        column = self._reader(dated, rows, list_)
        keys = dict.fromkeys(p.key for k in self.keys for p in k.rows.get(list_, ()) if p.key is not None)
        versions = [version_name(k.action) for k in self.keys if list_ in k.rows]
        return rows.join(dated, rows[CASE] == dated[CASE]).select(
            dated[CASE],
            *(dated[v] for v in versions),
            **{_COUNTS: self._counts(column)},
            **{self._column(key): digit(key, column) for key in keys},
        )

    def _counts(self, column: ColumnOf) -> Any:
        """0 for a row that was vacated or is dated after the law date, else 1."""
        vacated, day, law_date = column(Name(VACATED, True)), column(Name("date", True)), column(Name(LAW_DATE))
        assert law_date is not None
        aside = []
        if vacated is not None:
            aside.append((vacated.value, 0))
        if day is not None and day.day is not None:
            aside.append((day.day > law_date.day, 0))
        return ibis.cases(*aside, else_=1) if aside else ibis.literal(1)

    def _row_codes(self, list_: str, rows: Any) -> Any:
        """What each action sees of a row that counts: one number, or figures where one number cannot hold it."""
        found = {}
        for keys in self.keys:
            if list_ in keys.rows:
                codes = [self._code(group, rows, keys) for group in self.row_groups[keys.action, list_]]
                if len(codes) > 1:
                    figures = [code.cast("string").lpad(CODE_WIDTH, "0") for code in codes]
                    codes = [figures[0].concat(*figures[1:])]
                found[column_name(keys.action)] = codes[0]
        return rows.filter(rows[_COUNTS] == 1).select(CASE, **found)

    def _gathered(self, list_: str, codes: Any) -> Any:
        """The rows of each case, in order: one grouped pass for every action."""
        names = [column_name(k.action) for k in self.keys if list_ in k.rows]
        return codes.group_by(CASE).agg(**{name: self._in_order(codes[name]) for name in names})

    def _in_order(self, code: Any) -> Any:
        text = code.type().is_string()
        if self.dialect in _WITH_ARRAYS:
            rows = code.collect().sort()
            return (rows if text else rows.map(lambda one: one.cast("string"))).join(",")
        return (code if text else code.cast("string")).group_concat(",", order_by=code)

    # -- states -------------------------------------------------------------------------------------------------------

    def _of_cases(self, digits: Any, gathered: Mapping[str, Any]) -> Any:
        """The state of each case for every action."""
        joined = digits
        for rows in gathered.values():
            joined = joined.left_join(rows, digits[CASE] == rows[CASE])
        found: dict[str, Any] = {}
        for keys in self._deciding:
            for i, group in enumerate(self.groups[keys.action]):
                found[f"{column_name(keys.action)}_code{i + 1}"] = self._code(group, digits, keys)
            for list_ in keys.rows:
                text = ibis.coalesce(gathered[list_][column_name(keys.action)], NO_ROWS)
                text = self._asked(keys, keys.asked[list_], digits, text, NO_ROWS)
                found[f"{column_name(keys.action)}_{column_name(list_)}"] = text
        return joined.select(digits[CASE], digits[LAW], **found)

    def _code(self, group: Sequence[Place], table: Any, keys: ActionKeys) -> Any:
        code: Any = None
        weight = 1
        for place in group:
            value = self._asked(keys, place.versions, table, self._value(place, table, keys), 0)
            if weight * place.radix > _MOST_IN_INTEGER:
                value = value.cast("int64")
            value = value if weight == 1 else value * weight
            code = value if code is None else code + value
            weight *= place.radix
        return ibis.literal(0) if code is None else code

    def _value(self, place: Place, table: Any, keys: ActionKeys) -> Any:
        if place.key is not None:
            return table[self._column(place.key)]
        return table[complete_name(place.list) if place.list else version_name(keys.action)]

    def _asked(self, keys: ActionKeys, versions: tuple[int, ...] | None, table: Any, value: Any, other: Any) -> Any:
        """A value where the case's version of the law asks for it."""
        if versions is None:
            return value
        return ibis.cases((table[version_name(keys.action)].isin(versions), value), else_=other)


def laws_schema(keys: Sequence[ActionKeys]) -> dict[str, str]:
    """Columns of the table of law versions: the version of each action's law, or what the law alone decides."""
    columns = {AGENCY: "string", "first_day": "date", "end_day": "date", LAW: "int64"}
    columns.update((version_name(k.action), "int64") for k in keys if not k.by_law)
    columns.update((column_name(k.action), "int32") for k in keys if k.by_law)
    return columns


def version_name(action: str) -> str:
    """The column of the version of an action's law."""
    return f"{column_name(action)}_version"


def state_columns(stages: Stages, keys: ActionKeys) -> list[str]:
    """The columns of the last stage that hold the states of one action: codes, then rows."""
    name = column_name(keys.action)
    codes = [f"{name}_code{i + 1}" for i in range(len(stages.groups[keys.action]))]
    return codes + [f"{name}_{column_name(list_)}" for list_ in keys.rows]


def _indented(text: str) -> str:
    return "\n".join("  " + line for line in text.splitlines())
