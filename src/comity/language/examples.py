"""Examples with names looked up: what a check gives, and what it expects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from comity.calendar import parse_date, parse_moment
from comity.language import tree
from comity.language.lower import Scope, article, values_help
from comity.language.norms import need_action
from comity.language.references import Index
from comity.policy.authority import Agency
from comity.policy.facts import LAW_DATE, FactWord
from comity.policy.library import Check, Expected, Given, GivenRow, TrialDay
from comity.problems import ComityError, Problem, Span, nearest

__all__ = ["Surroundings", "lower_check", "need_agency"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a check may refer to.  ``here`` is the instrument of its file, ``layers`` the layers of the ladder."""

    here: str
    index: Index
    scope: Scope
    agencies: tuple[Agency, ...]
    kinds: Collection[str]
    layers: Collection[str]


def lower_check(item: tree.Example, around: Surroundings) -> Check:
    """The example in terms of the library; raises ComityError with its first problem."""
    need_agency(item.agency, around)
    given: list[Given] = []
    rows: list[GivenRow] = []
    complete: set[str] = set()
    for part in item.given:
        if isinstance(part, tree.RowGiven):
            _row(part, around.scope, rows, complete)
        else:
            given += [_given(condition, around.scope) for condition in part]
    trials = tuple(TrialDay(t.on, tuple(_expected(e, around) for e in t.expectations)) for t in item.trials)
    return Check(
        item.title.text,
        item.agency.text,
        tuple(given),
        tuple(rows),
        tuple(sorted(complete)),
        trials,
        item.title.span,
    )


def _error(code: str, message: str, span: Span, help: str) -> ComityError:
    return ComityError([Problem(code, message, span, help=help)])


def _nearest(name: str, known: Collection[str], otherwise: str) -> str:
    near = nearest(name, known)
    return f"did you mean '{near}'?" if near else otherwise


def need_agency(phrase: tree.Phrase, around: Surroundings) -> None:
    """Raise unless the phrase names an agency of the tables, or a kind of agency somewhere."""
    known = [a.id for a in around.agencies]
    place, colon, kind = phrase.text.partition(":")
    if colon and kind not in around.kinds:
        near = nearest(kind, around.kinds)
        kinds = ", ".join(sorted(around.kinds))
        help_ = f"did you mean '{place}:{near}'?" if near else f"kinds of agency are {kinds}"
        raise _error("CM208", f"there is no kind of agency called '{kind}'", phrase.span, help_)
    if not colon and phrase.text not in known:
        help_ = _nearest(phrase.text, known, "add it to agencies.csv, or write PLACE:KIND")
        raise _error("CM208", f"no agency is called '{phrase.text}'", phrase.span, help_)


def _row(part: tree.RowGiven, scope: Scope, rows: list[GivenRow], complete: set[str]) -> None:
    by_list = {list_: record for record, list_ in scope.records.items()}
    word = part.noun.text
    record = word if word in scope.records else by_list.get(word, "")
    if not record:
        help_ = _nearest(word, [*scope.records, *by_list], f"lists hold: {', '.join(scope.records)}")
        raise _error("CM201", f"there is no list of '{word}'", part.noun.span, help_)
    list_ = scope.records[record]
    # A list written in an example is complete unless it says 'maybe more'.
    complete.add(list_)
    if part.count == 1:
        rows.append(GivenRow(list_, tuple(_given(a, scope.within(record)) for a in part.atoms)))
    elif part.count < 0:
        complete.discard(list_)


def _place(condition: tree.Condition) -> Span:
    """Where a condition begins."""
    match condition:
        case tree.Negation(item):
            return _place(item)
        case tree.Group(_, items):
            return _place(items[0])
        case tree.Quantifier():
            return condition.noun.span
        case tree.Relation():
            return condition.left.span


def _given(condition: tree.Condition, scope: Scope) -> Given:
    """``a``, ``not a``, ``a is value``, ``a is unknown``, ``a includes x``."""
    negated = isinstance(condition, tree.Negation)
    relation = condition.item if isinstance(condition, tree.Negation) else condition
    if not isinstance(relation, tree.Relation):
        help_ = "separate single facts with commas; say a claim about every case with 'whenever'"
        raise _error("CM110", "an example gives single facts, not conditions", _place(condition), help_)
    fact = _fact(relation.left, scope)
    if not negated and relation.op == "is" and relation.right[0].text == "unknown":
        return Given(fact.name, None)
    kind = fact.type.kind
    if kind == "yes/no":
        if relation.op == "yes":
            return Given(fact.name, not negated)
    elif not negated and kind == "some of" and relation.op in ("is", "includes"):
        return Given(fact.name, tuple(_word(p, fact) for p in relation.right))
    elif not negated and kind not in ("list", "some of") and relation.op == "is":
        return Given(fact.name, _value(relation.right[0], fact))
    message = f"'{fact.name}' is {article(fact.type)}, and an example gives it one plain value"
    raise _error("CM205", message, relation.left.span, _plain(fact))


def _plain(fact: FactWord) -> str:
    match fact.type.kind:
        case "yes/no":
            return f"write '{fact.name}', 'not {fact.name}' or '{fact.name} is unknown'"
        case "some of":
            return f"write '{fact.name} includes {fact.type.members[0]}' or '{fact.name} is unknown'"
        case "list":
            return f"write 'given one {fact.type.record}: …', 'given no {fact.name}' or 'given maybe more {fact.name}'"
        case _:
            return f"write '{fact.name} is …' or '{fact.name} is unknown'"


def _fact(phrase: tree.Phrase, scope: Scope) -> FactWord:
    if phrase.text == LAW_DATE:
        raise _error("CM205", "the law date is not given as a fact", phrase.span, "write 'on YYYY-MM-DD'")
    found = scope.find(phrase.text)
    if found is None:
        known = [n for n in scope.known() if n not in scope.definitions]
        help_ = _nearest(phrase.text, known, "declare it in a facts block")
        if phrase.text in scope.definitions:
            help_ = "it is defined by other facts; give those"
        what = "field or fact" if scope.record else "fact"
        raise _error("CM201", f"no {what} is called '{phrase.text}'", phrase.span, help_)
    return found[0]


def _word(phrase: tree.Phrase, fact: FactWord) -> str:
    if fact.type.members and phrase.text not in fact.type.members:
        help_ = values_help(phrase.text, fact)
        raise _error("CM204", f"'{phrase.text}' is not a value of '{fact.name}'", phrase.span, help_)
    return phrase.text


def _value(phrase: tree.Phrase, fact: FactWord) -> str | int | date:
    kind = fact.type.kind
    try:
        match kind:
            case "date":
                return parse_date(phrase.text)
            case "moment":
                return parse_moment(phrase.text)
            case "integer" | "money" | "duration":
                return int(phrase.text)
            case _:
                return _word(phrase, fact)
    except ValueError:
        how = {"date": "YYYY-MM-DD", "moment": "a date and time with its offset, such as 2018-01-01T09:30-08:00"}
        help_ = f"write {how.get(kind, 'a whole number in digits')}"
        raise _error("CM205", f"'{phrase.text}' is not {article(fact.type)}", phrase.span, help_) from None


def _expected(item: tree.Expectation, around: Surroundings) -> Expected:
    need_action(item.action.text, item.action, around.scope)
    if item.layer and item.layer not in around.layers:
        help_ = _nearest(item.layer, around.layers, f"layers are {', '.join(around.layers)}")
        raise _error("CM209", f"there is no layer of law called '{item.layer}'", item.action.span, help_)
    return Expected(
        item.outcome,
        item.action.text,
        item.layer,
        () if item.because is None else _because(item.because, item.action.text, around),
        "" if item.missing is None else _missing(item.missing, around.scope),
        item.action.span,
    )


def _because(phrase: tree.Phrase, action: str, around: Surroundings) -> tuple[str, ...]:
    found = around.index.need(phrase, around.here)
    because = tuple(n.id for n in found if n.action == action)
    if not because:
        help_ = f"it is about {', '.join(sorted({n.action for n in found}))}"
        raise _error("CM203", f"'{phrase.text}' says nothing about '{action}'", phrase.span, help_)
    return because


def _missing(phrase: tree.Phrase, scope: Scope) -> str:
    known = [f.name for f in scope.vocabulary.facts]
    if phrase.text not in known:
        help_ = _nearest(phrase.text, known, "name a fact of a facts block")
        raise _error("CM201", f"no fact is called '{phrase.text}'", phrase.span, help_)
    return phrase.text
