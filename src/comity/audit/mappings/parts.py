"""The parts of a mapping file that say where a value comes from: columns, value maps, filters, agencies."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import yaml

from comity.audit.mapping import (
    FOLDS,
    AgencyOf,
    AnyOf,
    Boxes,
    Cell,
    FirstOf,
    Fixed,
    Source,
    Told,
    Where,
    plain_key,
    split_start,
)
from comity.audit.mappings.nodes import Nodes
from comity.calendar import parse_date, parse_moment
from comity.case import FactValue, find_agency
from comity.offences.citation import read_citation
from comity.policy.authority import UNHELD
from comity.policy.facts import FactType, FactWord
from comity.policy.library import Library
from comity.problems import ComityError, nearest

__all__ = ["CODES", "DAY_FORMATS", "SourceReader"]

#: Systems of offence codes: as people type them; only the cells listed under "values"; NCIC; Texas eight digits, whose
#: first four are NCIC; the California state table, given as a file; letters of Gov. Code § 7282.5(a)(3).
CODES: Final = ("citation", "listed", "ncic", "texas", "ca-doj", "category")
#: How days may be written.
DAY_FORMATS: Final = ("iso", "m/d/y", "d/m/y", "m-d-y", "yyyymmdd", "d-mon-y")

_CELL: Final = ("column", "join", "values", "otherwise", "blank", "days", "codes", "code table", "split", "optional")
_SOURCE: Final = (*_CELL, "fixed", "boxes", "none", "first of", "any of")
_TOLD: Final = (*_SOURCE, "where", "except", "fold")
_AGENCY: Final = (
    "column", "values", "set aside", "place", "facility", "otherwise", "where", "except", "fold",
)  # fmt: skip
_YES: Final = {"yes": True, "true": True, "no": False, "false": False}


class SourceReader:
    """Reads sources; ``also``: column name -> other names the same column has in other files."""

    def __init__(self, nodes: Nodes, library: Library, also: MappingOf[str, tuple[str, ...]], folder: Path) -> None:
        self.nodes = nodes
        self.library = library
        self.also = also
        self.folder = folder

    def called(self, name: str) -> tuple[str, ...]:
        """The name and the other names of the same column."""
        return (name, *self.also.get(name, ()))

    def columns(self, node: yaml.Node | None, at: yaml.Node, what: str) -> tuple[str, ...]:
        """Column names of which the first that the source has is meant."""
        if node is None:
            self.nodes.fail("CM712", f"{what} names no column", at, "add 'column: NAME'")
            return ()
        names = self.nodes.names(node, "column")
        return tuple(dict.fromkeys(other for name in names for other in self.called(name)))

    def columns_of(self, source: Source) -> Iterator[tuple[str, ...]]:
        """The columns that a source reads, each with all its names."""
        match source:
            case Cell():
                yield from ((name,) for name in source.join)
                if source.columns:
                    yield source.columns
            case Boxes():
                for _, cell in source.boxes:
                    yield from self.columns_of(cell)
            case FirstOf() | AnyOf():
                for inner in source.sources:
                    yield from self.columns_of(inner)
            case _:
                pass

    def plain(self, node: yaml.Node, what: str) -> frozenset[str]:
        """Cells as they are looked up."""
        return frozenset(plain_key(text) for text in self.nodes.texts(node, what))

    def where(self, node: yaml.Node | None, but: yaml.Node | None) -> tuple[Where, ...]:
        """Filters of records: those that are so, and those that are not so."""
        made: list[Where] = []
        for part, holds in ((node, True), (but, False)):
            for name, _, value in self.nodes.pairs(part, "a filter") if part is not None else ():
                made.append(Where(self.called(name), tuple(sorted(self.plain(value, name))), holds))
        return tuple(made)

    def days(self, node: yaml.Node) -> tuple[str, ...]:
        """Ways to write a day."""
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        ways = tuple(self.nodes.choice(item, "days", DAY_FORMATS) for item in items)
        if {"m/d/y", "d/m/y"} <= set(ways):
            self.nodes.fail(
                "CM713", "m/d/y and d/m/y read one day in two ways", node, "keep the one that the file uses"
            )
        return ways or ("iso",)

    def told(self, word: FactWord, node: yaml.Node) -> Told:
        """A source with its filter and its fold.  A plain value is fixed."""
        if not isinstance(node, yaml.MappingNode):
            return Told(self.source(word, node, f"'{word.name}'"))
        before = len(self.nodes.problems)
        keys = self.nodes.keys(node, f"'{word.name}'", _TOLD)
        blamed = len(self.nodes.problems) > before
        where = self.where(keys.pop("where", None), keys.pop("except", None))
        fold = "same"
        if "fold" in keys:
            at = keys.pop("fold")
            fold = self.nodes.choice(at, "fold", FOLDS)
            kind = word.type.kind
            if (fold in ("earliest", "latest") and kind not in ("date", "moment")) or (
                fold in ("any", "all") and kind not in ("yes/no", "some of")
            ):
                self.nodes.fail("CM712", f"'{word.name}' is {word.type}, which cannot be folded by '{fold}'", at)
        return Told(self._source(word, keys, node, blamed), where, fold)

    def source(self, word: FactWord, node: yaml.Node, what: str) -> Source:
        """A source; a plain value is fixed."""
        if not isinstance(node, yaml.MappingNode):
            return Fixed(self.value(word, node))
        before = len(self.nodes.problems)
        keys = self.nodes.keys(node, what, _SOURCE)
        return self._source(word, keys, node, len(self.nodes.problems) > before)

    def _source(self, word: FactWord, keys: MappingOf[str, yaml.Node], node: yaml.Node, blamed: bool) -> Source:
        """The source in ``keys``; ``blamed``: a key of it was misspelt, which is told already."""
        ways = [k for k in ("column", "join", "fixed", "boxes", "first of", "any of") if k in keys]
        if not ways and blamed:
            return Fixed(None)
        if len(ways) != 1:
            message = f"'{word.name}' has {' and '.join(ways)}" if ways else f"'{word.name}' names no column"
            self.nodes.fail(
                "CM713" if ways else "CM712", message, node, "write one of column, join, fixed, boxes, first of"
            )
            return Fixed(None)
        way = ways[0]
        allowed = {"fixed": ("fixed",), "boxes": ("boxes", "none"), "first of": (way,), "any of": (way,)}.get(
            way, _CELL
        )
        for key in keys:
            if key not in allowed:
                self.nodes.fail("CM711", f"'{key}' has no meaning beside '{way}'", keys[key], "put it into the source")
        match way:
            case "fixed":
                return Fixed(self.value(word, keys[way]))
            case "boxes":
                return self._boxes(word, keys)
            case "first of" | "any of":
                sources = self._several(word, keys[way], way)
                if way == "any of" and word.type.kind != "yes/no":
                    self.nodes.fail("CM712", f"'any of' is for yes/no facts, '{word.name}' is {word.type}", keys[way])
                return FirstOf(sources) if way == "first of" else AnyOf(sources)
            case _:
                return self._cell(word, keys, node)

    def _several(self, word: FactWord, node: yaml.Node, way: str) -> tuple[Source, ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.nodes.fail("CM712", f"'{way}' is not a list", node, "write one '- column: …' for each")
            return ()
        return tuple(self.source(word, item, f"'{way}'") for item in node.value)

    def _boxes(self, word: FactWord, keys: MappingOf[str, yaml.Node]) -> Boxes:
        if word.type.kind not in ("one of", "some of"):
            self.nodes.fail("CM712", f"'{word.name}' is {word.type} and has no boxes", keys["boxes"])
        box = FactWord(word.name, "", FactType("yes/no"))
        boxes: list[tuple[str, Cell]] = []
        for name, key, value in self.nodes.pairs(keys["boxes"], "'boxes'"):
            if self._member(word, name, key) is None:
                continue
            cell = self.source(box, value, f"'{name}'")
            if isinstance(cell, Cell):
                boxes.append((name, cell))
            else:
                self.nodes.fail("CM712", f"the box '{name}' names no column", value, "add 'column: NAME'")
        none = self.value(word, keys["none"]) if "none" in keys else None
        return Boxes(tuple(boxes), none)

    def _cell(self, word: FactWord, keys: MappingOf[str, yaml.Node], node: yaml.Node) -> Cell:
        cell = Cell(optional="optional" in keys and self.nodes.flag(keys["optional"], "optional"))
        if "column" in keys:
            cell = replace(cell, columns=self.columns(keys["column"], node, f"'{word.name}'"))
        else:
            cell = replace(cell, join=self.nodes.names(keys["join"], "join"))
        if "values" in keys:
            parts = [(*split_start(k), v) for k, v in self._values(word, keys["values"]).items()]
            starts = sorted(((k, v) for k, begins, v in parts if begins), key=lambda s: (-len(s[0]), s[0]))
            cell = replace(cell, values={k: v for k, begins, v in parts if not begins}, starts=tuple(starts))
        if "otherwise" in keys and not _says(keys["otherwise"], "reject"):
            cell = replace(cell, otherwise=(self.value(word, keys["otherwise"]),))
        if "blank" in keys:
            cell = replace(cell, blank=self.value(word, keys["blank"]))
        if "days" in keys:
            cell = replace(cell, days=self.days(keys["days"]))
        if "split" in keys:
            if word.type.kind != "some of":
                self.nodes.fail("CM712", f"'{word.name}' is {word.type} and is not split", keys["split"])
            cell = replace(cell, split=self.nodes.text(keys["split"], "split"))
        return self._coded(cell, word, keys)

    def _coded(self, cell: Cell, word: FactWord, keys: MappingOf[str, yaml.Node]) -> Cell:
        if "codes" in keys:
            codes = self.nodes.choice(keys["codes"], "codes", CODES)
            if word.type.kind != "offence" and not (codes == "ca-doj" and word.name in ("grade", "degree")):
                self.nodes.fail("CM712", f"'{word.name}' is {word.type} and has no codes", keys["codes"])
            if codes == "ca-doj" and "code table" not in keys:
                help_ = "add 'code table: FILE' with the columns cjis_code, statute and code_type"
                self.nodes.fail("CM712", "the California codes need their table", keys["codes"], help_)
            cell = replace(cell, codes=codes)
        if "code table" in keys:
            cell = replace(cell, table=self.folder / (self.nodes.text(keys["code table"], "code table") or "?"))
        return cell

    def _values(self, word: FactWord, node: yaml.Node) -> dict[str, FactValue]:
        made: dict[str, FactValue] = {}
        for text, key, value in self.nodes.pairs(node, "'values'"):
            name = plain_key(text)
            if name in made:
                self.nodes.fail("CM713", f"'{text}' is given twice", key, "capitals and blanks make no difference")
            if not name:
                self.nodes.fail("CM712", "an empty cell is no value", key, "write 'blank: …' beside 'values'")
            elif name == "*":
                help_ = "write 'otherwise: …' beside 'values'; a star itself is '\\*'"
                self.nodes.fail("CM712", "'*' would be every cell", key, help_)
            made[name] = self.value(word, value)
        return made

    def value(self, word: FactWord, node: yaml.Node) -> FactValue:
        """A value of the fact's type, as in a case file; None for unknown."""
        kind = word.type.kind
        if kind == "some of" and isinstance(node, yaml.SequenceNode):
            texts = [self.nodes.text(item, word.name) for item in node.value]
            return frozenset(m for t, n in zip(texts, node.value, strict=True) if (m := self._member(word, t, n)))
        text = self.nodes.text(node, word.name)
        if text in ("unknown", "", "null", "~"):
            return None
        try:
            match kind:
                case "yes/no":
                    return _YES[text.lower()]
                case "one of":
                    return self._member(word, text, node)
                case "some of":
                    return frozenset() if text == "none" else frozenset(filter(None, [self._member(word, text, node)]))
                case "date":
                    return _sane(parse_date(text))
                case "moment":
                    return parse_moment(text)
                case "integer" | "money" | "duration":
                    return int(text)
                case "offence":
                    read_citation(text)
                    return text
                case _:
                    return text
        except (KeyError, ValueError):
            self.nodes.fail("CM712", f"'{text}' is not {word.type} for '{word.name}'", node, _how(kind))
        except ComityError as error:
            self.nodes.fail("CM712", error.problems[0].message, node, error.problems[0].help)
        return None

    def _member(self, word: FactWord, text: str, node: yaml.Node) -> str | None:
        if text in word.type.members:
            return text
        near = nearest(text, word.type.members)
        help_ = f"did you mean '{near}'?" if near else f"write one of {', '.join(word.type.members)}"
        self.nodes.fail("CM714", f"'{text}' is not a word of '{word.name}'", node, help_)
        return None

    def agency(self, node: yaml.Node) -> AgencyOf:
        """The agency, or how a cell names it."""
        if isinstance(node, yaml.ScalarNode):
            return AgencyOf(fixed=self._agency_id(node))
        keys = self.nodes.keys(node, "'agency'", _AGENCY)
        ways = [k for k in ("column", "place", "facility") if k in keys]
        if ways not in (["column"], ["place"], ["facility"], ["column", "facility"]):
            help_ = "write an agency's id, or 'column:' with 'values:', or 'place:', or 'facility:'"
            self.nodes.fail("CM712", "'agency' does not say how an agency is found", node, help_)
        values: dict[str, str] = {}
        for text, key, value in self.nodes.pairs(keys["values"], "'values'") if "values" in keys else ():
            if plain_key(text) in values:
                self.nodes.fail("CM713", f"'{text}' is given twice", key, "capitals and blanks make no difference")
            values[plain_key(text)] = self._agency_id(value)
        aside: dict[str, str] = {}
        for reason, _, cells in self.nodes.pairs(keys["set aside"], "'set aside'") if "set aside" in keys else ():
            for cell in sorted(self.plain(cells, reason)):
                if cell in values or cell in aside:
                    self.nodes.fail("CM713", f"'{cell}' is given twice", cells, "keep one of them")
                aside[cell] = reason
        columns = self.columns(keys["column"], node, "'agency'") if "column" in keys else ()
        place, kind = self._place(keys.get("place"))
        facility: dict[str, tuple[str, ...]] = {}
        if "facility" in keys:
            parts = self.nodes.keys(keys["facility"], "'facility'", ("name", "city", "state"))
            facility = {name: self.columns(part, part, name) for name, part in parts.items()}
            if not {"name", "state"} <= set(facility):
                self.nodes.fail("CM712", "'facility' needs at least a 'name' and a 'state'", keys["facility"])
        otherwise = ""
        if "otherwise" in keys and not _says(keys["otherwise"], "reject"):
            otherwise = self._agency_id(keys["otherwise"])
        fold = self.nodes.choice(keys["fold"], "fold", ("same", "first", "last")) if "fold" in keys else "same"
        where = self.where(keys.get("where"), keys.get("except"))
        return AgencyOf("", columns, values, aside, place, kind, facility, otherwise, where, fold)

    def _place(self, node: yaml.Node | None) -> tuple[dict[str, tuple[str, ...]], str]:
        if node is None:
            return {}, ""
        keys = self.nodes.keys(node, "'place'", ("state", "county", "city", "kind"))
        kinds = [kind for kind, _ in self.library.kinds if kind != UNHELD]
        kind = self.nodes.choice(keys["kind"], "kind", kinds) if "kind" in keys else ""
        if not kind or "state" not in keys:
            self.nodes.fail("CM712", "'place' needs a 'state' and a 'kind'", node, f"kinds are {', '.join(kinds)}")
        return {n: self.columns(part, part, n) for n, part in keys.items() if n != "kind"}, kind

    def _agency_id(self, node: yaml.Node) -> str:
        text = self.nodes.text(node, "agency")
        if find_agency(text, self.library) is None:
            near = nearest(text, self.library.agency_table())
            help_ = (
                f"did you mean '{near}'?"
                if near
                else "write PLACE:KIND for one that is not listed, as us/pa/x-county:police"
            )
            self.nodes.fail("CM716", f"no agency is called '{text}'", node, help_)
        return text


def _says(node: yaml.Node, word: str) -> bool:
    return isinstance(node, yaml.ScalarNode) and str(node.value).strip() == word


def _sane(day: date) -> date:
    if not 1900 <= day.year <= 2100:
        raise ValueError("outside 1900 to 2100")
    return day


def _how(kind: str) -> str:
    return {
        "yes/no": "write yes, no or unknown",
        "date": "write YYYY-MM-DD, or 'column: NAME' if a column holds it",
        "moment": "write it like 2016-11-14T03:07-08:00, or 'column: NAME' if a column holds it",
    }.get(kind, "write a whole number")
