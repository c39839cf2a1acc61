"""Case files: YAML or JSON to a Case, and back.

A misspelt key, an impossible date or an offence no table knows is an error with its line, what was expected and the
nearest thing that exists.  Nothing is guessed and nothing is dropped.  Left out, or ``unknown``, means unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import yaml

from comity.calendar import parse_date, parse_moment
from comity.case import Case, FactValue, Row, Rows, agency_values, counts, fill_offences, find_agency
from comity.decide.casewriting import write_case
from comity.decide.clocks import zone_named
from comity.decide.words import row_words
from comity.policy.authority import UNHELD, Agency
from comity.policy.facts import LAW_DATE, VACATED, FactType, FactWord
from comity.policy.library import Library
from comity.problems import ComityError, Problem, Span, nearest

__all__ = ["RECEIVED", "CaseText", "read_case", "write_case"]

#: The fact whose day is the law date when a file names none.
RECEIVED = "request received"

_YES = {"yes": True, "true": True, "no": False, "false": False}
_TOP = ("agency", "place", "kind", LAW_DATE, "title", "about")
_DEEPEST = 20
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class CaseText:
    """A case as read: the case, its title, free words about it, and remarks that stop nothing (severity "warning")."""

    case: Case
    title: str = ""
    about: str = ""
    remarks: tuple[Problem, ...] = ()


@dataclass
class _Reader:
    """One pass over the node tree; collects every problem instead of stopping at the first."""

    library: Library
    file: str
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def fail(self, code: str, message: str, node: yaml.Node, help: str = "", citation: str = "") -> None:
        self.problems.append(Problem(code, message, self.span(node), citation, help))

    def span(self, node: yaml.Node) -> Span:
        start, end = node.start_mark, node.end_mark
        stop = end.column + 1 if end.line == start.line else start.column + 2
        return Span(self.file, start.line + 1, start.column + 1, stop)

    def pairs(self, node: yaml.Node, what: str) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        if isinstance(node, yaml.ScalarNode) and node.value in ("", "null", "~"):
            return
        if not isinstance(node, yaml.MappingNode):
            self.fail("CM402", f"{what} is not a set of keys", node, "write 'key: value' lines below it")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.fail("CM401", "a key must be plain words", key)
                continue
            name = " ".join(key.value.split())
            if name in seen:
                self.fail("CM406", f"'{name}' is given twice", key, "keep one of them")
                continue
            seen.add(name)
            yield name, key, value

    def text(self, node: yaml.Node, name: str) -> str | None:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value).strip()
        self.fail("CM402", f"'{name}' must be one plain value", node)
        return None

    def value(self, word: FactWord, node: yaml.Node) -> FactValue:
        """The value of one fact; None for unknown, and for what could not be read (a problem is then noted)."""
        kind = word.type.kind
        if kind == "some of":
            return self._some(word, node)
        text = self.text(node, word.name)
        if text is None or text in ("unknown", "", "null", "~"):
            return None
        try:
            match kind:
                case "yes/no":
                    return _YES[text.lower()]
                case "one of":
                    return self._member(word, text, node)
                case "date":
                    return _sane(parse_date(text))
                case "moment":
                    moment = parse_moment(text)
                    _sane(moment.date())
                    return moment
                case "integer" | "money" | "duration":
                    return int(text)
                case _:
                    return text
        except (KeyError, ValueError):
            code = "CM405" if kind in ("date", "moment") else "CM402"
            self.fail(code, f"'{text}' is not {_expected(kind)} for '{word.name}'", node, _how(kind))
            return None

    def _member(self, word: FactWord, text: str, node: yaml.Node) -> str | None:
        if text in word.type.members:
            return text
        near = nearest(text, word.type.members)
        help_ = f"did you mean '{near}'?" if near else f"write one of {', '.join(word.type.members)}, or unknown"
        self.fail("CM402", f"'{text}' is not a word of '{word.name}'", node, help_)
        return None

    def _some(self, word: FactWord, node: yaml.Node) -> FactValue:
        if isinstance(node, yaml.SequenceNode):
            members = set()
            for item in node.value:
                text = self.text(item, word.name)
                if text == "unknown":
                    self.fail(
                        "CM402",
                        f"'{word.name}' is a list in which one word is unknown",
                        item,
                        "write 'unknown' for the whole list",
                    )
                elif text is not None and (member := self._member(word, text, item)) is not None:
                    members.add(member)
            return frozenset(members)
        text = self.text(node, word.name)
        if text is None or text in ("unknown", "", "null", "~"):
            return None
        if text == "none":
            return frozenset()
        member = self._member(word, text, node)
        return frozenset() if member is None else frozenset({member})


def _sane(day: date) -> date:
    if not 1900 <= day.year <= 2100:
        raise ValueError("outside 1900 to 2100")
    return day


def _expected(kind: str) -> str:
    return {"yes/no": "yes, no or unknown", "date": "a day", "moment": "a date and time with its zone"}.get(
        kind, f"a value of type {kind}"
    )


def _how(kind: str) -> str:
    return {
        "yes/no": "write yes, no or unknown",
        "date": "write YYYY-MM-DD, a day that exists, between 1900 and 2100",
        "moment": "write it like 2016-11-14T03:07-08:00; a clock needs its time zone",
    }.get(kind, "write a whole number")


def read_case(
    text: str, library: Library, *, file: str = "case", at: date | None = None, agency: str | None = None
) -> CaseText:
    """The case in ``text`` (YAML or JSON).

    ``at`` replaces the law date, ``agency`` the agency.  Raises ComityError with every problem found (CM4xx, CM5xx).
    """
    reader = _Reader(library, file)
    root = _compose(text, file)
    groups = {w.group for w in library.vocabulary.case_facts().values()}
    top: dict[str, yaml.Node] = {}
    values: dict[str, FactValue] = {}
    lists: dict[str, Rows] = {}
    if root is not None:
        for name, key, node in reader.pairs(root, "the case"):
            if name in _TOP:
                top[name] = node
            elif name in groups:
                _group(reader, name, node, values, lists)
            else:
                near = nearest(name, [*_TOP, *groups])
                help_ = f"did you mean '{near}'?" if near else f"keys are {', '.join([*_TOP, *sorted(groups)])}"
                reader.fail("CM401", f"a case has no key called '{name}'", key, help_)
    found = _agency(reader, top, agency, root)
    law_date = at or _law_date(reader, top, values, found)
    title, about = _plain(reader, top, "title"), _plain(reader, top, "about")
    if reader.problems:
        raise ComityError(reader.problems)
    assert found is not None
    for name, entries in lists.items():
        kept = tuple(row for row in entries.rows if counts(row, law_date))
        reader.remarks += [_set_aside(name, row, law_date) for row in entries.rows if not counts(row, law_date)]
        lists[name] = Rows(kept, entries.complete)
    case = Case(
        found, law_date, {**agency_values(found, library.vocabulary), **values}, lists, title or Path(file).name
    )
    return CaseText(case, title, about, (*reader.remarks, *_remarks(case, library)))


def _compose(text: str, file: str) -> yaml.Node | None:
    try:
        depth = deepest = 0
        for event in yaml.parse(text, Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            deepest = max(deepest, depth)
            if deepest > _DEEPEST:
                # The composer recurses in C; a case is four levels deep.
                at = event.start_mark
                span = Span(file, at.line + 1, at.column + 1, at.column + 2) if at else Span(file, 1)
                raise ComityError([Problem("CM403", "this is nested far deeper than a case can be", span)])
        return yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        span = Span(file, mark.line + 1, mark.column + 1, mark.column + 2) if mark else Span(file, 1)
        reason = getattr(error, "problem", None) or "it cannot be read"
        raise ComityError(
            [
                Problem(
                    "CM403",
                    f"this is not YAML or JSON: {reason}",
                    span,
                    help="check the indentation and quotes near here",
                )
            ]
        ) from None
    except (ValueError, RecursionError):
        raise ComityError([Problem("CM403", "this is not YAML or JSON", Span(file, 1))]) from None


def _group(reader: _Reader, group: str, node: yaml.Node, values: dict[str, FactValue], lists: dict[str, Rows]) -> None:
    words = {w.name: w for w in reader.library.vocabulary.case_facts().values() if w.group == group}
    complete: dict[str, bool] = {}
    given: dict[str, str] = {}
    completeness = {f"{w.name} complete": w.name for w in words.values() if w.type.kind == "list"}
    rows: dict[str, tuple[Row, ...]] = {}
    flags: dict[str, yaml.Node] = {}
    for key, key_node, value in reader.pairs(node, f"'{group}'"):
        # Inside its group a fact may leave the group's name off: "kinds" under "request" is "request kinds".
        name = key if key in words or key in completeness else f"{group} {key}"
        if name in given:
            reader.fail("CM406", f"'{name}' is given twice, once as '{given[name]}'", key_node, "keep one of them")
            continue
        given[name] = key
        if name in completeness:
            flag = reader.value(_COMPLETE, value)
            complete[completeness[name]] = flag is True
            flags[completeness[name]] = value
        elif name not in words:
            known = [*words, *completeness, *(w.removeprefix(f"{group} ") for w in words)]
            near = nearest(key, known)
            help_ = f"did you mean '{near}'?" if near else f"'{group}' may hold {', '.join([*words, *completeness])}"
            reader.fail("CM401", f"'{group}' has no fact called '{key}'", key_node, help_)
        elif words[name].type.kind == "list":
            read = _rows(reader, words[name], value)
            if read is not None:
                rows[name] = read
        else:
            values[name] = reader.value(words[name], value)
    for name in {*rows, *complete}:
        if complete.get(name) and name not in rows:
            message = f"'{name} complete' says yes, but '{name}' is not given"
            reader.fail("CM402", message, flags[name], f"write '{name}: []' if there are none")
            continue
        lists[name] = Rows(rows.get(name, ()), complete.get(name, False))


_COMPLETE = FactWord("complete", "", FactType("yes/no"))


def _rows(reader: _Reader, word: FactWord, node: yaml.Node) -> tuple[Row, ...] | None:
    if isinstance(node, yaml.ScalarNode) and node.value in ("", "unknown", "null", "~"):
        return None
    if not isinstance(node, yaml.SequenceNode):
        reader.fail("CM402", f"'{word.name}' is not a list", node, "write one '- offence: …' for each, or []")
        return None
    fields = reader.library.vocabulary.fields(word.type.record)
    rows: list[Row] = []
    for item in node.value:
        row: dict[str, FactValue] = {}
        offence_node = item
        for name, key, value in reader.pairs(item, f"an entry of '{word.name}'"):
            if name not in fields:
                near = nearest(name, fields)
                help_ = f"did you mean '{near}'?" if near else f"an entry may hold {', '.join(fields)}"
                reader.fail("CM401", f"a {word.type.record} has no '{name}'", key, help_)
                continue
            if fields[name].type.kind == "offence":
                offence_node = value
            row[name] = reader.value(fields[name], value)
        try:
            rows += fill_offences([row], word.type.record, reader.library.vocabulary)
        except ComityError as error:
            for p in error.problems:
                reader.problems.append(Problem(p.code, p.message, reader.span(offence_node), p.citation, p.help))
    return tuple(rows)


def _agency(reader: _Reader, top: dict[str, yaml.Node], given: str | None, root: yaml.Node | None) -> Agency | None:
    listed = list(reader.library.agency_table())
    kinds = [k for k, _ in reader.library.kinds if k != UNHELD]
    place: str | None = None
    kind: str | None = None
    at = kind_at = root
    if given is not None:
        name, at, kind_at = given, None, None
    elif "agency" in top and ("place" in top or "kind" in top):
        other = "place" if "place" in top else "kind"
        reader.fail("CM406", f"the case names an 'agency' and also a '{other}'", top[other], "keep one of the two ways")
        return None
    elif "agency" in top:
        name, at = reader.text(top["agency"], "agency") or "", top["agency"]
        kind_at = at
    elif "place" in top:
        if "kind" not in top:
            reader.fail("CM404", "the place has no 'kind'", top["place"], f"add 'kind:' with one of {', '.join(kinds)}")
            return None
        place, kind = reader.text(top["place"], "place") or "", reader.text(top["kind"], "kind") or ""
        name, at, kind_at = f"{place}:{kind}", top["place"], top["kind"]
    else:
        help_ = "add 'agency: us/ca/los-angeles/lapd', or 'place:' and 'kind:' for one that is not listed"
        reader.problems.append(Problem("CM404", "the case names no agency", Span(reader.file, 1), help=help_))
        return None
    found = find_agency(name, reader.library)
    if found is not None:
        return found
    if place is None and ":" in name:
        place, _, kind = name.partition(":")
    if kind is not None and kind not in kinds:
        near = nearest(kind, kinds)
        message, where = f"there is no kind of agency called '{kind}'", kind_at
        help_ = f"did you mean '{near}'?" if near else f"kinds are {', '.join(kinds)}"
    elif place is not None:
        message, where = f"'{place}' is not a place", at
        help_ = "write us, the state's two letters, then the city or county, such as us/ca/fresno-county"
    else:
        spoken = {n.lower(): a.id for a in reader.library.agencies for n in (a.short, a.name)}
        near = spoken.get(name.lower()) or nearest(name, listed)
        message, where = f"no agency is called '{name}'", at
        help_ = f"did you mean '{near}'?" if near else "see 'comity law list --agencies', or write 'place:' and 'kind:'"
    span = None if where is None else reader.span(where)
    reader.problems.append(Problem("CM404", message, span, help=help_))
    return None


def _law_date(
    reader: _Reader, top: dict[str, yaml.Node], values: dict[str, FactValue], agency: Agency | None
) -> date | None:
    if LAW_DATE in top:
        text = reader.text(top[LAW_DATE], LAW_DATE)
        try:
            return None if text in (None, "", "unknown") else _sane(parse_date(str(text)))
        except ValueError:
            reader.fail("CM405", f"'{text}' is not a day for '{LAW_DATE}'", top[LAW_DATE], _how("date"))
            return None
    received = values.get(RECEIVED)
    if not isinstance(received, datetime) or agency is None:
        return None
    # The day where the agency is: a stamp in another zone must not move a case across a change of law.
    return received.astimezone(zone_named(agency.time_zone)).date()


def _plain(reader: _Reader, top: dict[str, yaml.Node], name: str) -> str:
    return reader.text(top[name], name) or "" if name in top else ""


def _set_aside(name: str, row: Row, law_date: date | None) -> Problem:
    one = name.removesuffix("s")
    what = f"a {one} ({row_words(row)})"
    if row.get(VACATED) is True:
        return Problem("CM402", f"{what} was vacated and is set aside", severity="warning")
    return Problem("CM405", f"{what} is dated after the law date {law_date} and is set aside", severity="warning")


def _remarks(case: Case, library: Library) -> Iterator[Problem]:
    """What a careful clerk would point at: a grade the table does not know."""
    for name, rows in case.lists.items():
        for number, row in enumerate(rows.rows, 1):
            day = row.get("date")
            offence, grade = row.get("offence"), row.get("grade")
            if isinstance(offence, str) and isinstance(grade, str):
                from comity.offences.table import OffenceTable

                degree = row.get("degree")
                known = OffenceTable.load().find(
                    offence,
                    degree=degree if isinstance(degree, str) else None,
                    on=day if isinstance(day, date) else None,
                )
                if known.grades and grade not in known.grades:
                    yield Problem(
                        "CM402",
                        f"{name} {number} says {grade}, but {known.citation} is known only as "
                        f"{' or '.join(sorted(known.grades))}; the file's word is used",
                        severity="warning",
                        help="look at the court record again",
                    )
