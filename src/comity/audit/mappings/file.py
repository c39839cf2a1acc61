"""Mapping files: YAML to a ``Mapping``, or every problem in it with its line."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import yaml

from comity.audit.mapping import CARRIED, Fixed, ListOf, Mapping, Recorded, RowOf, Told
from comity.audit.mappings.facts import FactMapping, read_fact_mapping
from comity.audit.mappings.nodes import Nodes, compose, is_empty
from comity.audit.mappings.parts import SourceReader
from comity.audit.records import Reading
from comity.audit.sources.textfiles import ENCODINGS, SEPARATORS
from comity.policy.facts import LAW_DATE, FactType, FactWord, Vocabulary
from comity.policy.library import Library
from comity.problems import ComityError, Problem, Span, nearest

__all__ = ["builtin_mappings", "load_mapping", "read_mapping"]

_TOP: Final = (
    "mapping", "about", "kind", "recognised by", "also called", "encoding", "separator", "quotes", "header row",
    "table", "time zone", "days", "redacted", "unknown", "case", "records of a case", "duplicates", "likely duplicates",
    "only", LAW_DATE, "agency", "facts", "lists", "recorded", "carried", "unknown offences",
)  # fmt: skip
_LIST: Final = ("table", "case", "complete", "rows", "fields", "where", "except", "when given")
_ROW: Final = ("fields", "where", "except", "when given")


def builtin_mappings() -> dict[str, Path]:
    """Name -> file of the mappings that come with the package."""
    folder = files("comity.audit") / "mappings"
    return {Path(str(f)).stem: Path(str(f)) for f in sorted(folder.iterdir(), key=str) if str(f).endswith(".yaml")}


def load_mapping(name: str | Path, library: Library) -> Mapping | FactMapping:
    """The mapping in a file, or a built-in one by its name; ComityError CM719 when there is neither."""
    path = Path(name)
    if not path.is_file():
        known = builtin_mappings()
        if str(name) not in known:
            near = nearest(str(name), known)
            help_ = f"did you mean '{near}'?" if near else f"built-in mappings are {', '.join(known)}"
            raise ComityError([Problem("CM719", f"there is no mapping '{name}'", help=help_)])
        path = known[str(name)]
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        raise ComityError([Problem("CM719", f"the mapping '{path.name}' cannot be read as UTF-8 text")]) from None
    return read_mapping(text, library.vocabulary, library, file=str(path))


def read_mapping(
    text: str, vocabulary: Vocabulary, library: Library, *, file: str = "mapping.yaml"
) -> Mapping | FactMapping:
    """The mapping in ``text``; ComityError with every problem found (CM710 to CM716, CM721).

    A ``FactMapping`` is what a mapping with the line ``kind: facts`` gives.
    """
    root = compose(text, file)
    if root is None:
        help_ = "docs/mappings.md shows one; 'comity audit --guess' writes a first version"
        raise ComityError([Problem("CM712", "the mapping is empty", Span(file, 1), help=help_)])
    nodes = Nodes(file)
    made: Mapping | FactMapping | None = None
    if not isinstance(root, yaml.MappingNode):
        nodes.fail("CM712", "a mapping is not a set of keys", root, "write 'key: value' lines")
    elif _kind(root, nodes) == "facts":
        made = read_fact_mapping(root, nodes, library)
    else:
        made = _Reader(nodes, vocabulary, library).mapping(root)
    if nodes.problems or made is None:
        raise ComityError(sorted(nodes.problems, key=lambda p: (p.span.line, p.span.column) if p.span else (0, 0)))
    return made


def _kind(root: yaml.MappingNode, nodes: Nodes) -> str:
    told = next((v for k, v in root.value if isinstance(k, yaml.ScalarNode) and k.value == "kind"), None)
    return nodes.choice(told, "kind", ("records", "facts")) if told is not None else "records"


class _Reader:
    """One mapping file."""

    def __init__(self, nodes: Nodes, vocabulary: Vocabulary, library: Library) -> None:
        self.nodes = nodes
        self.vocabulary = vocabulary
        self.library = library
        self.sources = SourceReader(nodes, library, {}, Path(nodes.file).parent)

    def mapping(self, root: yaml.Node) -> Mapping | None:
        top = self.nodes.keys(root, "a mapping", _TOP)
        if "also called" in top:
            self.sources.also = {
                name: self.nodes.names(node, name)
                for name, _, node in self.nodes.pairs(top["also called"], "'also called'")
            }
        for key, why in (("case", "the column of the case id, or 'record number'"), (LAW_DATE, "a column or a day")):
            if key not in top:
                self.nodes.fail("CM712", f"the mapping has no '{key}'", root, f"add '{key}:' with {why}")
        law_date = FactWord(LAW_DATE, "", FactType("date"))
        several = self._choice(top, "records of a case", ("one", "several")) == "several"
        mapping = Mapping(
            title=self._text(top, "mapping") or Path(self.nodes.file).stem,
            file=self.nodes.file,
            law_date=self.sources.told(law_date, top[LAW_DATE]) if LAW_DATE in top else Told(Fixed(None)),
            agency=self.sources.agency(top["agency"]) if "agency" in top else None,
            case=self._case(top["case"]) if "case" in top else (),
            several=several,
            keep_duplicates=self._choice(top, "duplicates", ("reject", "keep")) == "keep",
            alike=self._alike(top.get("likely duplicates")),
            about=self._text(top, "about"),
            reading=self._reading(top),
            time_zone=self._time_zone(top.get("time zone")),
            days=self._days(top.get("days")),
            redacted=self._choice(top, "redacted", ("unknown", "as it stands")) == "unknown",
            blanks=self.sources.plain(top["unknown"], "unknown") if "unknown" in top else frozenset(),
            only=self.sources.where(top.get("only"), None),
            facts=self._facts(top.get("facts")),
            lists=self._lists(top.get("lists"), several),
            recorded=self._recorded(top.get("recorded")),
            carried=self._carried(top.get("carried")),
            unknown_offences=self._choice(top, "unknown offences", ("reject", "unknown")) == "unknown",
            headers=self._headers(top.get("recognised by")),
        )
        if several and not mapping.case:
            self.nodes.fail(
                "CM712", "a case of several records needs a column with its id", root, "write 'case: COLUMN'"
            )
        return mapping

    def _text(self, top: MappingOf[str, yaml.Node], key: str) -> str:
        return self.nodes.text(top[key], key) if key in top else ""

    def _choice(self, top: MappingOf[str, yaml.Node], key: str, words: tuple[str, ...]) -> str:
        return self.nodes.choice(top[key], key, words) if key in top else words[0]

    def _case(self, node: yaml.Node) -> tuple[tuple[str, ...], ...]:
        names = self.nodes.names(node, "case")
        return () if names == ("record number",) else tuple(self.sources.called(name) for name in names)

    def _alike(self, node: yaml.Node | None) -> tuple[tuple[str, ...], ...] | None:
        if node is None:
            return None
        names = self.nodes.names(node, "likely duplicates")
        if names == ("all columns",):
            return ()
        return None if names == ("not looked for",) else tuple(self.sources.called(name) for name in names)

    def _reading(self, top: MappingOf[str, yaml.Node]) -> Reading:
        separator = ""
        if "separator" in top:
            separator = SEPARATORS[self.nodes.choice(top["separator"], "separator", SEPARATORS)]
        encoding = self._choice(top, "encoding", ENCODINGS) if "encoding" in top else ""
        row = 0
        if "header row" in top:
            told = self.nodes.text(top["header row"], "header row")
            if told.isascii() and told.isdigit() and 1 <= int(told[:4]) <= 1000 and len(told) <= 4:
                row = int(told)
            else:
                self.nodes.fail("CM712", f"'{told}' is no row number", top["header row"], "write 1 to 1000")
        quotes = self.nodes.flag(top["quotes"], "quotes") if "quotes" in top else True
        return Reading(separator, quotes, encoding, row, self._text(top, "table"))

    def _time_zone(self, node: yaml.Node | None) -> str:
        if node is None:
            return ""
        name = self.nodes.text(node, "time zone")
        try:
            ZoneInfo(name)
        except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
            help_ = "write it like America/Chicago; 'comity doctor' says whether this machine has zone data"
            self.nodes.fail("CM721", f"no time zone is called '{name}' on this machine", node, help_)
        return name

    def _days(self, node: yaml.Node | None) -> tuple[str, ...]:
        return self.sources.days(node) if node is not None else ("iso",)

    def _headers(self, node: yaml.Node | None) -> tuple[tuple[str, ...], ...]:
        if node is None:
            return ()
        if isinstance(node, yaml.SequenceNode) and any(isinstance(n, yaml.SequenceNode) for n in node.value):
            return tuple(self.nodes.names(item, "recognised by") for item in node.value)
        return (self.nodes.names(node, "recognised by"),)

    def _facts(self, node: yaml.Node | None) -> dict[str, Told]:
        words = {n: w for n, w in self.vocabulary.case_facts().items() if w.type.kind != "list"}
        told: dict[str, Told] = {}
        for name, key, value in self.nodes.pairs(node, "'facts'") if node is not None else ():
            if word := self._known(name, key, words, "fact"):
                told[name] = self.sources.told(word, value)
        return told

    def _known(self, name: str, key: yaml.Node, words: MappingOf[str, FactWord], what: str) -> FactWord | None:
        if name not in words:
            near = nearest(name, words)
            help_ = f"did you mean '{near}'?" if near else "docs/case-files.md lists every fact"
            self.nodes.fail("CM714", f"the library has no {what} called '{name}'", key, help_)
        return words.get(name)

    def _lists(self, node: yaml.Node | None, several: bool) -> tuple[ListOf, ...]:
        words = {n: w for n, w in self.vocabulary.case_facts().items() if w.type.kind == "list"}
        made: list[ListOf] = []
        for name, key, value in self.nodes.pairs(node, "'lists'") if node is not None else ():
            if word := self._known(name, key, words, "list"):
                made.append(self._list(word, value, several))
        return tuple(made)

    def _list(self, word: FactWord, node: yaml.Node, several: bool) -> ListOf:
        what = f"'{word.name}'"
        keys = self.nodes.keys(node, what, _LIST)
        yes_no = FactWord("complete", "", FactType("yes/no"))
        complete = self.sources.told(yes_no, keys["complete"]) if "complete" in keys else ListOf("", ()).complete
        table = "table" in keys and self.nodes.choice(keys["table"], "table", ("its own", "the records")) == "its own"
        case: tuple[str, ...] = ()
        if "case" in keys:
            if not table:
                self.nodes.fail("CM712", "only a table of its own needs a 'case'", keys["case"], "add 'table: its own'")
            case = self.nodes.names(keys["case"], "case")
        elif table:
            self.nodes.fail("CM712", f"{what} does not say which column names the case", node, "add 'case: COLUMN'")
        if "rows" in keys:
            if not isinstance(keys["rows"], yaml.SequenceNode):
                self.nodes.fail("CM712", "'rows' is not a list", keys["rows"], "write one '- fields: …' for each row")
                return ListOf(word.name, (), complete, table, case)
            items = [self.nodes.keys(item, "a row", _ROW) for item in keys["rows"].value]
            if doubled := [key for key in _ROW if key in keys]:
                self.nodes.fail("CM713", f"{what} has '{doubled[0]}' beside 'rows'", node, "put it into the rows")
        else:
            items = [{key: keys[key] for key in _ROW if key in keys}]
        always = several and not table
        rows = tuple(self._row(word, item, node, always or table) for item in items)
        return ListOf(word.name, rows, complete, table, case)

    def _row(self, word: FactWord, keys: MappingOf[str, yaml.Node], node: yaml.Node, always: bool) -> RowOf:
        words = self.vocabulary.fields(word.type.record)
        fields = {}
        if "fields" not in keys or is_empty(keys["fields"]):
            self.nodes.fail("CM712", f"'{word.name}' has no 'fields'", node, "add 'fields:' with a column for each")
        else:
            for name, key, value in self.nodes.pairs(keys["fields"], "'fields'"):
                if field := self._known(name, key, words, f"field of a {word.type.record}"):
                    fields[name] = self.sources.source(field, value, "a field")
        where = self.sources.where(keys.get("where"), keys.get("except"))
        given: tuple[tuple[str, ...], ...] = ()
        if "when given" in keys:
            given = tuple(self.sources.called(name) for name in self.nodes.names(keys["when given"], "when given"))
        elif not always:
            given = tuple(dict.fromkeys(names for s in fields.values() for names in self.sources.columns_of(s)))
        return RowOf(fields, where, given)

    def _recorded(self, node: yaml.Node | None) -> dict[str, Recorded]:
        actions = self.vocabulary.action_names()
        made: dict[str, Recorded] = {}
        for name, key, value in self.nodes.pairs(node, "'recorded'") if node is not None else ():
            if name not in actions:
                near = nearest(name, actions)
                help_ = f"did you mean '{near}'?" if near else f"actions are {', '.join(actions)}"
                self.nodes.fail("CM714", f"the library has no action called '{name}'", key, help_)
                continue
            what = f"'{name}'"
            keys = self.nodes.keys(value, what, ("column", "done", "not done", "where", "except", "optional"))
            columns = self.sources.columns(keys.get("column"), value, what)
            done = self.sources.plain(keys["done"], "done") if "done" in keys else frozenset()
            undone = self.sources.plain(keys["not done"], "not done") if "not done" in keys else frozenset()
            if both := sorted(done & undone):
                self.nodes.fail("CM713", f"'{both[0]}' is both done and not done", value, "keep one of them")
            if not done and not undone:
                help_ = "add 'done: [...]' or 'not done: [...]' with the cells that tell it"
                self.nodes.fail("CM712", f"{what} says neither what is done nor what is not", value, help_)
            where = self.sources.where(keys.get("where"), keys.get("except"))
            optional = "optional" in keys and self.nodes.flag(keys["optional"], "optional")
            made[name] = Recorded(columns, tuple(sorted(done)), tuple(sorted(undone)), where, optional)
        return made

    def _carried(self, node: yaml.Node | None) -> dict[str, Told]:
        if node is None:
            return {}
        keys = self.nodes.keys(node, "'carried'", CARRIED)
        return {n: self.sources.told(FactWord(n, "", FactType(CARRIED[n])), value) for n, value in keys.items()}
