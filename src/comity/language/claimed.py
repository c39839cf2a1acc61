"""Claims and assumptions with names looked up."""

from __future__ import annotations

from comity.language import tree
from comity.language.examples import Surroundings, need_agency
from comity.language.lower import lower_condition
from comity.language.norms import need_action
from comity.policy.claims import (
    Answered,
    Assumption,
    Claim,
    Ended,
    NeverLooser,
    NoConflict,
    SameAs,
    Says,
    Stated,
    Unchanged,
)
from comity.policy.expressions import ALWAYS
from comity.policy.outcome import NEED_A_FACT
from comity.problems import ComityError, Problem, nearest

__all__ = ["lower_assumption", "lower_claim"]


def lower_claim(item: tree.Claim, around: Surroundings) -> Claim:
    """The claim in terms of the library; raises ComityError with its first problem."""
    return Claim(
        item.title.text,
        _agencies(item, around),
        _says(item, around),
        ALWAYS if item.whenever is None else lower_condition(item.whenever, around.scope),
        item.window,
        item.title.span,
    )


def lower_assumption(item: tree.AssumedThing, around: Surroundings) -> Assumption:
    """The assumption in terms of the library; raises ComityError with its first problem."""
    holds = ALWAYS if item.holds is None else lower_condition(item.holds, around.scope)
    return Assumption(item.title.text, holds, item.years, item.title.span)


def _agencies(item: tree.Claim, around: Surroundings) -> tuple[str, ...]:
    if not item.everywhere:
        for phrase in item.agencies:
            need_agency(phrase, around)
        return tuple(p.text for p in item.agencies)
    place = item.agencies[0]
    for phrase in item.agencies[1:]:
        need_agency(phrase, around)
    left_out = {p.text for p in item.agencies[1:]}
    found = tuple(a.id for a in around.agencies if place.text in a.places and a.id not in left_out)
    if not found:
        near = nearest(place.text, {p for a in around.agencies for p in a.places})
        help_ = f"did you mean '{near}'?" if near else "places are those of agencies.csv"
        raise ComityError([Problem("CM208", f"no agency lies in '{place.text}'", place.span, help=help_)])
    return found


def _says(item: tree.Claim, around: Surroundings) -> Says:
    for phrase in (*item.actions, *((item.where,) if item.where is not None else ())):
        need_action(phrase.text, phrase, around.scope)
    actions = tuple(p.text for p in item.actions)
    match item.says:
        case "unchanged":
            for phrase in item.changing:
                _need_case_fact(phrase, around)
            return Unchanged(tuple(p.text for p in item.changing), actions)
        case "never looser":
            assert item.layer is not None
            if item.layer.text not in around.layers:
                near = nearest(item.layer.text, around.layers)
                help_ = f"did you mean '{near}'?" if near else f"layers are {', '.join(around.layers)}"
                message = f"there is no layer of law called '{item.layer.text}'"
                raise ComityError([Problem("CM209", message, item.layer.span, help=help_)])
            return NeverLooser(item.layer.text, actions)
        case "no conflict":
            return NoConflict(actions)
        case "answered":
            return Answered(actions)
        case "same":
            assert item.day is not None
            return SameAs(item.day, actions)
        case "ended":
            return Ended(actions[0])
        case how:
            if item.outcome == NEED_A_FACT:
                raise ComityError(
                    [
                        Problem(
                            "CM210",
                            "a claim is about cases whose facts are all known, so 'need a fact' cannot come out",
                            item.actions[0].span,
                            help="say what comes out: must, must not, may, not due or ask counsel",
                        )
                    ]
                )
            where = "" if item.where is None else item.where.text
            return Stated(how == "always", item.outcome, actions[0], where)


def _need_case_fact(phrase: tree.Phrase, around: Surroundings) -> None:
    facts = {n for n, f in around.scope.case_facts.items() if f.type.kind != "list"}
    if phrase.text not in facts:
        near = nearest(phrase.text, facts)
        help_ = f"did you mean '{near}'?" if near else "name a fact of the case, not a list or a field of its rows"
        raise ComityError([Problem("CM201", f"no fact is called '{phrase.text}'", phrase.span, help=help_)])
