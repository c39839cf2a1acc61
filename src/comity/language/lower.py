"""Conditions with names looked up and types checked: surface tree to core expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from comity.calendar import parse_date
from comity.language.tree import Condition, Group, Negation, Phrase, Quantifier, Relation
from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Defined,
    Every,
    Expression,
    Fact,
    Includes,
    Literal,
    Name,
    Not,
    OneOf,
    Or,
    Some,
    Value,
    Within,
)
from comity.policy.facts import LAW_DATE, FactType, FactWord, Vocabulary
from comity.problems import ComityError, Problem, nearest

__all__ = ["Scope", "article", "lower_condition", "values_help"]

_DATED = ("date", "moment")
_NUMBERS = ("integer", "money", "duration")
_ORDER = {
    "before": "<",
    "after": ">",
    "on or before": "<=",
    "on or after": ">=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
#: Comparisons that the tree holds as signs, as a person writes them.
_SPOKEN = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}


@dataclass(frozen=True, slots=True)
class Scope:
    """The names a condition may use.  ``record`` is the kind of row it speaks about ("" outside quantifiers);
    ``definitions`` maps a definition's name to the record it is about.
    """

    vocabulary: Vocabulary
    case_facts: dict[str, FactWord]
    records: dict[str, str]
    definitions: dict[str, str]
    record: str = ""
    cite: str = ""

    def within(self, record: str) -> Scope:
        """The scope inside a quantifier over ``record``."""
        return Scope(self.vocabulary, self.case_facts, self.records, self.definitions, record, self.cite)

    def find(self, name: str) -> tuple[FactWord, bool] | None:
        """The fact and whether it is a field of the row."""
        if self.record:
            field = self.vocabulary.fields(self.record).get(name)
            if field is not None:
                return field, True
        if name == LAW_DATE:
            return FactWord(LAW_DATE, "", FactType("date")), False
        fact = self.case_facts.get(name)
        return (fact, False) if fact is not None else None

    def known(self) -> list[str]:
        """Every name that may stand here."""
        fields = list(self.vocabulary.fields(self.record)) if self.record else []
        named = [n for n, record in self.definitions.items() if record in ("", self.record)]
        return [LAW_DATE, *fields, *self.case_facts, *named]


def _problem(code: str, message: str, phrase: Phrase, scope: Scope, help: str = "") -> ComityError:
    return ComityError([Problem(code, message, phrase.span, scope.cite, help)])


def lower_condition(condition: Condition, scope: Scope) -> Expression:
    """The core expression, or ComityError with the first problem."""
    match condition:
        case Negation(item):
            return Not(lower_condition(item, scope))
        case Group(kind, items):
            lowered = tuple(lower_condition(i, scope) for i in items)
            return And(lowered) if kind == "and" else Or(lowered)
        case Quantifier():
            return _quantifier(condition, scope)
        case Relation():
            return _relation(condition, scope)


def _quantifier(condition: Quantifier, scope: Scope) -> Expression:
    noun = condition.noun
    by_list = {list_: record for record, list_ in scope.records.items()}
    record = noun.text if noun.text in scope.records else by_list.get(noun.text, "")
    if scope.record:
        message = f"'{condition.kind} {noun.text}' stands inside a condition about a {scope.record}"
        raise _problem("CM205", message, noun, scope, "close a bracket before it; a condition sees one row at a time")
    if not record:
        near = nearest(noun.text, [*scope.records, *by_list])
        help_ = f"did you mean '{near}'?" if near else f"lists hold: {', '.join(scope.records)}"
        raise _problem("CM201", f"there is no list of '{noun.text}'", noun, scope, help_)
    where = lower_condition(condition.where, scope.within(record))
    list_ = scope.records[record]
    if condition.kind == "at least":
        return AtLeast(condition.count, list_, where)
    return Some(list_, where) if condition.kind == "any" else Every(list_, where)


def _relation(relation: Relation, scope: Scope) -> Expression:
    name = relation.left.text
    found = scope.find(name)
    if found is None:
        return _defined(relation, scope)
    fact, row = found
    left = Name(fact.name, row)
    kind = fact.type.kind
    match relation.op:
        case "yes":
            if kind != "yes/no":
                raise _mismatch(relation.left, fact, "stands alone as if it were yes or no", scope)
            return Fact(fact.name, row)
        case "is" | "one of" if kind == "yes/no":
            raise _mismatch(relation.left, fact, "is compared with a value", scope, f"write '{name}' or 'not {name}'")
        case "is" if kind in ("some of", "list"):
            raise _mismatch(relation.left, fact, "is compared with one value", scope)
        case "is":
            return Compare("is", left, _value(relation.right[0], fact, scope))
        case "one of":
            if kind not in ("one of", "text", "offence"):
                raise _mismatch(relation.left, fact, "is compared with a list of words", scope)
            return OneOf(left, tuple(_member(p, fact, scope) for p in relation.right))
        case "includes":
            if kind != "some of":
                raise _mismatch(relation.left, fact, "is asked what it includes", scope)
            return Includes(left, tuple(_member(p, fact, scope) for p in relation.right))
        case op if op in _ORDER:
            wanted = _DATED if op in ("before", "after", "on or before", "on or after") else (*_NUMBERS, *_DATED)
            if kind not in wanted:
                raise _mismatch(relation.left, fact, f"is compared by '{_SPOKEN.get(op, op)}'", scope)
            return Compare(_ORDER[op], left, _value(relation.right[0], fact, scope))
        case op:
            if kind not in _DATED:
                raise _mismatch(relation.left, fact, "is measured against a window of time", scope)
            anchor = _value(relation.right[0], fact, scope)
            return Within(left, relation.amount, relation.unit, anchor, op.endswith("after"), op.startswith("strictly"))


def _mismatch(phrase: Phrase, fact: FactWord, how: str, scope: Scope, help: str = "") -> ComityError:
    return _problem("CM205", f"'{fact.name}' is {article(fact.type)}, but {how}", phrase, scope, help or _hint(fact))


def article(type_: FactType) -> str:
    """The type with its article, as a sentence needs it."""
    match type_.kind:
        case "one of":
            return "a choice of one value"
        case "some of":
            return "a choice of several values"
        case "integer" | "offence":
            return f"an {type_.kind}"
        case "yes/no":
            return "a yes/no fact"
        case "money":
            return "an amount of money"
        case kind:
            return f"a {kind}"


def _hint(fact: FactWord) -> str:
    match fact.type.kind:
        case "one of":
            return f"write '{fact.name} is {fact.type.members[0]}' or another of its values"
        case "some of":
            return f"write '{fact.name} includes {fact.type.members[0]}' or another of its values"
        case "date" | "moment":
            return f"write '{fact.name} is before YYYY-MM-DD' or '{fact.name} is within 5 years before law date'"
        case "list":
            return f"write 'any {fact.type.record} where …'"
        case "yes/no":
            return f"write '{fact.name}' or 'not {fact.name}'"
        case _:
            return f"compare it with {_literal(fact.type.kind)}"


def _literal(kind: str) -> str:
    """A value of this type, as a person is told to write it."""
    match kind:
        case "date" | "moment":
            return "a date, YYYY-MM-DD"
        case "money":
            return "an amount in cents, in digits"
        case "integer" | "duration":
            return "a whole number, in digits"
        case _:
            return f"a value of type {kind}"


def _defined(relation: Relation, scope: Scope) -> Expression:
    name = relation.left.text
    record = scope.definitions.get(name)
    if record is None or (record and record != scope.record):
        raise _unknown(relation.left, scope)
    if relation.op != "yes":
        message = f"'{name}' is a definition, but is compared with a value"
        raise _problem("CM205", message, relation.left, scope, f"write '{name}' or 'not {name}'")
    return Defined(name, bool(record))


def _unknown(phrase: Phrase, scope: Scope) -> ComityError:
    name = phrase.text
    records = [r for r in scope.records if name in scope.vocabulary.fields(r) or scope.definitions.get(name) == r]
    if records and not scope.record:
        message = f"'{name}' is said of a {records[0]}, not of the case"
        return _problem("CM201", message, phrase, scope, f"write 'any {records[0]} where {name} …'")
    near = nearest(name, scope.known())
    help_ = f"did you mean '{near}'?" if near else "declare it in a facts block, or define it"
    what = "field or fact" if scope.record else "fact"
    return _problem("CM201", f"no {what} is called '{name}'", phrase, scope, help_)


def _member(phrase: Phrase, fact: FactWord, scope: Scope) -> str:
    if fact.type.kind in ("text", "offence") or phrase.text in fact.type.members:
        return phrase.text
    help_ = values_help(phrase.text, fact)
    raise _problem("CM204", f"'{phrase.text}' is not a value of '{fact.name}'", phrase, scope, help_)


def values_help(text: str, fact: FactWord) -> str:
    """What to write instead of a value the fact does not have."""
    members = fact.type.members
    near = nearest(text, members)
    if near is None:
        return f"its values are {', '.join(members)}"
    # One form number looks like the next, so a short list is shown beside the guess.
    return f"did you mean '{near}'?" + (f" its values are {', '.join(members)}" if len(members) <= 8 else "")


def _value(phrase: Phrase, fact: FactWord, scope: Scope) -> Value:
    """The right side of a comparison, typed by its left side."""
    kind = fact.type.kind
    if kind in ("one of", "text", "offence"):
        return Literal(_member(phrase, fact, scope))
    if kind in _NUMBERS and re.fullmatch("[0-9]{1,18}", phrase.text):
        return Literal(int(phrase.text))
    if kind in _DATED and phrase.text[:4].isdigit():
        try:
            return Literal(parse_date(phrase.text))
        except ValueError:
            message = f"'{phrase.text}' is not a day of the calendar"
            raise _problem("CM113", message, phrase, scope, "write YYYY-MM-DD") from None
    other = scope.find(phrase.text)
    if other is None:
        near = nearest(phrase.text, [n for n in scope.known() if _fits(scope.find(n), kind)])
        help_ = f"did you mean '{near}'?" if near else f"write {_literal(kind)}, or the name of such a fact"
        raise _problem("CM201", f"no fact is called '{phrase.text}'", phrase, scope, help_)
    if not _fits(other, kind):
        message = f"'{fact.name}' is {article(fact.type)}, but '{phrase.text}' is {article(other[0].type)}"
        raise _problem("CM205", message, phrase, scope, f"compare it with {_literal(kind)}, or with such a fact")
    return Name(other[0].name, other[1])


def _fits(found: tuple[FactWord, bool] | None, kind: str) -> bool:
    if found is None:
        return False
    other = found[0].type.kind
    return other == kind or (kind in _DATED and other in _DATED)
