"""Check blocks: examples that run on every engine, claims that go to the prover.

title
    agency us/ca/los-angeles/lapd
    given form is I-247A, not judge signed
    given one conviction: offence is PC 459, grade is felony, date is 2010-03-02
    on 2018-01-01
    then must not hold past release because § 7284.6(a)(1)(B)
    then may transfer custody in state law
"""

from __future__ import annotations

import re
from datetime import date

from comity.language.claims import OUTCOMES, is_claim, read_claim, read_outcome
from comity.language.clauses import Clause, Item, read_day
from comity.language.conditions import read_condition_list
from comity.language.tree import CheckBlock, Claim, Condition, Example, Expectation, Phrase, RowGiven, Trial
from comity.language.words import Line, unreadable
from comity.problems import Span

__all__ = ["OUTCOMES", "ROW", "read_check"]

_CLAUSES = ("agency", "given", "on", "then", "whenever", "changing only", "in force")

#: A ``given`` that is a row of a list, or says how many there are.
ROW = re.compile(r"one (?P<noun>[^:]+?)(?:: (?P<atoms>.+))?|no (?P<none>.+)|maybe more (?P<more>.+)")
_TAIL = re.compile(
    r"(?P<action>.+?)(?: in (?P<layer>\w+) law)?(?: because (?P<because>.+?))?(?: missing (?P<missing>.+))?"
)


def read_check(items: list[Item]) -> CheckBlock:
    """All examples and claims of one block."""
    return CheckBlock(tuple(_item(item) for item in items))


def _item(item: Item) -> Example | Claim:
    title = Phrase(item.text(), item.line.span())
    clauses = item.clauses(*_CLAUSES, many=("given", "on", "then"))
    agency = next((Phrase(c.text(), c.span) for c in clauses if c.keyword == "agency"), None)
    if agency is None:
        raise unreadable("a check names its agency", item.line.span(), "add a line 'agency us/…'")
    if is_claim(clauses):
        return read_claim(title, agency, clauses)
    given: list[tuple[Condition, ...] | RowGiven] = []
    trials: list[Trial] = []
    day: date | None = None
    expected: list[Expectation] = []
    for clause in clauses:
        match clause.keyword:
            case "given":
                given.append(_given(clause))
            case "on":
                if day is not None:
                    if not expected:
                        raise unreadable(f"nothing is expected on {day}", clause.span, "add a 'then' below the date")
                    trials.append(Trial(day, tuple(expected)))
                day, expected = read_day(clause.text(), clause.span), []
            case "then":
                if day is None:
                    raise unreadable("'then' stands before the law date", clause.span, "add a line 'on YYYY-MM-DD'")
                expected.append(_expectation(clause.text(), clause.span))
            case "in force":
                raise unreadable("an example has one law date, not a window", clause.span, "write 'on YYYY-MM-DD'")
            case _:
                pass
    if day is None or not expected:
        raise unreadable(
            "an example has a law date and, below it, what must come out",
            item.line.span(),
            "add 'on YYYY-MM-DD' and 'then …'",
        )
    trials.append(Trial(day, tuple(expected)))
    return Example(title, agency, tuple(given), tuple(trials))


def _given(clause: Clause) -> tuple[Condition, ...] | RowGiven:
    match = ROW.fullmatch(clause.text())
    if match is None:
        return tuple(read_condition_list(list(clause.lines), clause.end))
    if match.group("none"):
        return RowGiven(Phrase(match.group("none"), clause.span), 0)
    if match.group("more"):
        return RowGiven(Phrase(match.group("more"), clause.span), -1)
    noun = Phrase(match.group("noun"), clause.span)
    if match.group("atoms") is None:
        return RowGiven(noun, 1)
    # Keep the places: cut the head off the line that ends it, the rest stays as it is.
    at = next(i for i, line in enumerate(clause.lines) if ":" in line.text)
    first = clause.lines[at]
    colon = first.text.index(":") + 1
    rest = [Line(first.text[colon:], first.file, first.number, first.column + colon), *clause.lines[at + 1 :]]
    return RowGiven(noun, 1, tuple(read_condition_list(rest, clause.end)))


def _expectation(text: str, span: Span) -> Expectation:
    outcome, rest = read_outcome(text, span)
    match = _TAIL.fullmatch(rest)
    assert match is not None  # the action group takes anything
    because, missing = match.group("because"), match.group("missing")
    return Expectation(
        outcome,
        Phrase(match.group("action"), span),
        match.group("layer") or "",
        Phrase(because, span) if because else None,
        Phrase(missing, span) if missing else None,
    )
