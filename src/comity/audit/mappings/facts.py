"""Mappings of ``kind: facts``: Parquet tables whose columns are facts already.  docs/mappings.md explains the keys."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import yaml

from comity.audit.facts_tables import FactFile, read_fact_tables
from comity.audit.mappings.nodes import Nodes
from comity.audit.mappings.parts import SourceReader
from comity.audit.reading.days import EPOCH
from comity.audit.tables import CaseTable
from comity.policy.facts import LAW_DATE, FactType, FactWord
from comity.policy.library import Library

__all__ = ["FactMapping", "read_fact_mapping"]

_TOP = ("mapping", "about", "kind", "case", LAW_DATE, "agency", "facts", "lists")
_LIST = ("case", "complete", "fields")


@dataclass(frozen=True, slots=True)
class FactMapping:
    """How fact tables are called.  ``cases`` and ``lists`` without their paths; ``law_date``: one day for all cases."""

    title: str
    file: str
    cases: FactFile
    lists: MappingOf[str, FactFile] = field(default_factory=dict)
    agency: str = ""
    law_date: date | None = None

    def tables(
        self,
        cases: str | Path,
        lists: MappingOf[str, str | Path],
        library: Library,
        *,
        agency: str | None = None,
        law_date: date | None = None,
        chunk_rows: int = 500_000,
    ) -> Iterator[CaseTable]:
        """The case tables in these files; ``agency`` and ``law_date`` take the place of what the mapping says."""
        main = replace(self.cases, path=Path(cases))
        told = {name: replace(self.lists.get(name, FactFile(Path())), path=Path(path)) for name, path in lists.items()}
        day = law_date or self.law_date
        number = None if day is None else (day - EPOCH).days
        chosen = agency or self.agency
        return read_fact_tables(main, told, library, agency=chosen, law_date=number, chunk_rows=chunk_rows)


def read_fact_mapping(root: yaml.Node, nodes: Nodes, library: Library) -> FactMapping:
    """The mapping in ``root``; problems are noted in ``nodes``."""
    vocabulary = library.vocabulary
    sources = SourceReader(nodes, library, {}, Path(nodes.file).parent)
    top = nodes.keys(root, "a mapping of facts", _TOP)
    facts = {n: w for n, w in vocabulary.case_facts().items() if w.type.kind != "list"}
    columns: dict[str, str] | None = None
    values: dict[str, dict[str, str]] = {}
    if "facts" in top:
        columns, values = _columns(top["facts"], facts, "fact", nodes)
    also: dict[str, str] = {}
    day = agency = None
    if LAW_DATE in top and not isinstance(top[LAW_DATE], yaml.MappingNode):
        day = sources.value(FactWord(LAW_DATE, "", FactType("date")), top[LAW_DATE])
    elif LAW_DATE in top and (name := _column(top[LAW_DATE], nodes, LAW_DATE)):
        also[name] = LAW_DATE
    if "agency" in top:
        told = sources.agency(top["agency"])
        agency = told.fixed
        if told.columns:
            also[told.columns[0]] = "agency"
            values[told.columns[0]] = dict(told.values)
    lists: dict[str, FactFile] = {}
    records = {name: record for record, name in vocabulary.records().items()}
    for name, key, node in nodes.pairs(top["lists"], "'lists'") if "lists" in top else ():
        if name not in records:
            nodes.fail("CM714", f"the library has no list called '{name}'", key, f"lists are {', '.join(records)}")
            continue
        keys = nodes.keys(node, f"'{name}'", _LIST)
        own: dict[str, str] | None = None
        own_values: dict[str, dict[str, str]] = {}
        if "fields" in keys:
            own, own_values = _columns(keys["fields"], vocabulary.fields(records[name]), "field", nodes)
        complete: bool | str = False
        if "complete" in keys and isinstance(keys["complete"], yaml.MappingNode):
            complete = _column(keys["complete"], nodes, "complete")
        elif "complete" in keys:
            complete = nodes.flag(keys["complete"], "complete")
        case = nodes.text(keys["case"], "case") if "case" in keys else "case_id"
        lists[name] = FactFile(Path(), case, own, own_values, complete=complete)
    case = nodes.text(top["case"], "case") if "case" in top else "case_id"
    title = nodes.text(top["mapping"], "mapping") if "mapping" in top else Path(nodes.file).stem
    main = FactFile(Path(), case, columns, values, also)
    return FactMapping(title, nodes.file, main, lists, agency or "", day if isinstance(day, date) else None)


def _columns(
    node: yaml.Node, words: MappingOf[str, FactWord], what: str, nodes: Nodes
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Column -> fact, and column -> cell -> word."""
    columns: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    for name, key, value in nodes.pairs(node, f"'{what}s'"):
        if name not in words:
            nodes.fail("CM714", f"the library has no {what} called '{name}'", key, "docs/case-files.md lists them")
            continue
        if isinstance(value, yaml.MappingNode):
            keys = nodes.keys(value, f"'{name}'", ("column", "values"))
            column = nodes.text(keys["column"], "column") if "column" in keys else ""
            cells = nodes.pairs(keys["values"], "'values'") if "values" in keys else ()
            told = {cell: nodes.text(word, cell) for cell, _, word in cells}
        else:
            column, told = nodes.text(value, name), {}
        if not column:
            nodes.fail("CM712", f"'{name}' names no column", value, "write the name of a column")
        elif column in columns:
            nodes.fail("CM713", f"the column '{column}' is given twice", value, "one column holds one fact")
        else:
            columns[column] = name
            values.update({column: told} if told else {})
    return columns, values


def _column(node: yaml.Node, nodes: Nodes, what: str) -> str:
    keys = nodes.keys(node, f"'{what}'", ("column",))
    if "column" not in keys:
        nodes.fail("CM712", f"'{what}' names no column", node, "add 'column: NAME'")
        return ""
    return nodes.text(keys["column"], "column")
