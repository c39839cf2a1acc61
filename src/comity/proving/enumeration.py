"""A second opinion on a proof: where few facts matter, every case is put before the one-case engine.

It shares nothing with the prover but the opened law, from which it learns which facts matter.  Laws that read dates,
numbers or lists have too many cases and are left to the proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, combinations, product

from comity.case import Case, FactValue, agency_values, find_agency
from comity.policy.claims import Claim, Unchanged
from comity.policy.facts import LAW_DATE, FactWord
from comity.policy.library import Library
from comity.prove.bound import quantifiers, reads
from comity.prove.claims import Prover
from comity.prove.laws import Version
from comity.proving.referee import Referee

__all__ = ["SecondOpinion", "second_opinion"]

#: More cases of one law than this are not tried.
MOST_CASES = 20_000


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """``cases`` of ``laws`` (of ``of`` that the claim is about) were tried; ``breaks``: one that breaks it, or None."""

    laws: int
    of: int
    cases: int
    breaks: Case | None


def second_opinion(claim: Claim, prover: Prover, referee: Referee) -> SecondOpinion:
    """Try every case of each law that has few; ``referee`` is asked for each."""
    laws = of = cases = 0
    if isinstance(claim.says, Unchanged):
        # Its cases have unknown facts too: three values each, twice over.
        return SecondOpinion(0, sum(1 for _ in prover.versions(claim)), 0, None)
    for version in prover.versions(claim):
        of += 1
        words = _words(version, prover.library)
        if words is None:
            continue
        laws += 1
        for case in _cases(version, words, prover.library):
            cases += 1
            for action in version.actions:
                if action in prover.library.vocabulary.action_names() and any(
                    referee.breaks(claim, case, action, readings) for readings in _readings(version, prover)
                ):
                    return SecondOpinion(laws, of, cases, case)
    return SecondOpinion(laws, of, cases, None)


def _words(version: Version, library: Library) -> list[FactWord] | None:
    """The facts that matter, where their values are few."""
    conditions = [*version.conditions, *(c for law in version.actions.values() for c in law.conditions)]
    asked = [c for c in conditions if not any(c is a for a in version.conditions[1:])]
    if quantifiers(asked):
        return None
    facts = library.vocabulary.case_facts()
    names = sorted(frozenset[str]().union(*(reads(c)[0] for c in asked)))
    if LAW_DATE in names:
        return None
    size, words = 1, []
    for name in names:
        kind = facts[name].type
        if kind.kind not in ("yes/no", "one of", "some of"):
            return None
        size *= 2 ** len(kind.members) if kind.kind == "some of" else max(2, len(kind.members))
        if size > MOST_CASES:
            return None
        words.append(facts[name])
    return words


def _cases(version: Version, words: list[FactWord], library: Library) -> Iterator[Case]:
    place = version.stretches[0]
    agency = find_agency(place.agency, library)
    assert agency is not None
    told = agency_values(agency, library.vocabulary)
    free = [w for w in words if w.name not in told]
    day = place.window.start or (place.window.end - timedelta(days=1) if place.window.end else date(2000, 1, 1))
    for values in product(*(_values(word) for word in free)):
        given: Mapping[str, FactValue] = dict(zip([w.name for w in free], values, strict=True))
        yield Case(agency, day, {**given, **told})


def _values(word: FactWord) -> list[FactValue]:
    members = word.type.members
    match word.type.kind:
        case "yes/no":
            return [True, False]
        case "one of":
            return list(members)
        case _:
            sizes = range(len(members) + 1)
            return [frozenset(some) for some in chain.from_iterable(combinations(members, n) for n in sizes)]


def _readings(version: Version, prover: Prover) -> Iterator[dict[str, str]]:
    questions = sorted({q for law in version.actions.values() for q in law.law.questions})
    for answers in product(*(prover.laws.answers[q] for q in questions)):
        yield dict(zip(questions, answers, strict=True))
