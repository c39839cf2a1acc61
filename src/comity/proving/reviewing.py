"""A review of a library, each case it names made small and confirmed by the one-case engine.

A finding with a case that the engine does not confirm is told as *undecided*: nothing of the prover is believed unseen.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from comity.case import Case, FactValue, agency_values
from comity.decide.interpret import Scene, evaluate, truth
from comity.policy.library import Library
from comity.policy.outcome import CONFLICT as CONTRADICTION
from comity.prove.laws import Laws, Stretch
from comity.prove.review.benches import Benches
from comity.prove.review.conflicts import claims_of_counsel
from comity.prove.review.findings import (
    CONFLICT,
    DEFEATED,
    GAP,
    KINDS,
    LEAP_DAY,
    UNDECIDED,
    WEAK,
    Finding,
    Sighting,
)
from comity.prove.review.overview import findings
from comity.proving.countedup import CountedUp
from comity.proving.counterexamples import case_of
from comity.proving.referee import Referee
from comity.proving.smallest import Offences, smallest
from comity.proving.stories import person_story
from comity.truth import NO, YES

__all__ = ["Example", "Review", "Told", "review"]


@dataclass(frozen=True, slots=True)
class Example:
    """A confirmed case of a finding, as small as could be found.

    ``readings``: how open questions are read in it.  ``unknown``: the fact that is left out.  ``story``: the case in
    sentences.
    """

    case: Case
    action: str
    readings: tuple[tuple[str, str], ...]
    unknown: str
    outcome: str
    otherwise: str
    story: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with its example, if it has one."""

    finding: Finding
    example: Example | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What was found; ``seconds`` of the processor."""

    told: tuple[Told, ...]
    agencies: tuple[str, ...]
    seconds: float

    def counts(self) -> dict[str, int]:
        """Kind -> how many findings, 0 included."""
        return {kind: sum(t.finding.kind == kind for t in self.told) for kind in KINDS}


def review(library: Library, agencies: Sequence[str] = (), seconds: float = 10.0) -> Review:
    """Look over the law of some agencies (default: all listed ones).  ``seconds``: the limit of one question."""
    start = time.process_time()
    chosen = tuple(agencies) or tuple(a.id for a in library.agencies)
    benches = Benches(Laws(library), chosen, seconds)
    scout = _Scout(Referee(library))
    order = list(KINDS)
    told = sorted((scout.told(f) for f in findings(benches)), key=lambda t: order.index(t.finding.kind))
    return Review(tuple(told), chosen, time.process_time() - start)


class _Scout:
    """Makes cases of sightings."""

    def __init__(self, referee: Referee) -> None:
        self._referee = referee
        self._library = referee.library
        self._offences = Offences(referee.library)
        self._counted_up = CountedUp()

    def told(self, finding: Finding) -> Told:
        """The finding with its case; *undecided* where the one-case engine does not see it."""
        sighting = finding.sighting
        if sighting is None or finding.kind not in (CONFLICT, GAP, DEFEATED, LEAP_DAY, WEAK):
            return Told(finding)
        example = self._example(finding, sighting)
        if example is not None:
            return Told(finding, example)
        return Told(
            replace(
                finding,
                kind=UNDECIDED,
                means="The prover found a case that the one-case engine does not confirm.",
                do="Please report it.",
            )
        )

    def _example(self, finding: Finding, sighting: Sighting) -> Example | None:
        day = sighting.world.day_in(sighting.model)
        places: Iterable[Stretch] = (*finding.stretches, *sighting.version.stretches)
        here = {s.agency for s in sighting.version.stretches if day in s.window}
        agency = next(s.agency for s in places if s.agency in here and day in s.window)
        case = case_of(sighting.world, sighting.model, agency, self._library)
        if sighting.unknown:
            case = case.with_values({sighting.unknown: None})
        _, _, law = self._referee.law(case, sighting.action)
        chosen = sighting.readings.in_model(sighting.model)
        readings = {q: a for q, a in chosen.items() if q in law.questions}

        chosen_all = dict(readings)

        def shows(other: Case) -> bool:
            if finding.kind == CONFLICT and not finding.declared and self._declared(other, sighting.action, chosen_all):
                return False
            return self._assumed(other) and self._shows(finding.kind, sighting, other, chosen_all)

        if not shows(case):
            return None
        told = frozenset(agency_values(case.agency, self._library.vocabulary))
        case = smallest(case, shows, told)
        first = next(s.window.start for s in sighting.version.stretches if s.agency == agency and day in s.window)
        if first is not None and shows(case.on(first)):
            case = case.on(first)
        case = self._offences.named(case, shows)
        for question in list(readings):
            # A reading that does not matter is not told.
            left = {q: a for q, a in readings.items() if q != question}
            if self._shows(finding.kind, sighting, case, left):
                readings = left
        return Example(
            case,
            sighting.action,
            tuple(readings.items()),
            sighting.unknown,
            sighting.outcome,
            sighting.otherwise,
            tuple(person_story(case, self._library)),
        )

    def _assumed(self, case: Case) -> bool:
        scene = Scene(case, {}, {})
        return all(truth(a.holds, scene) != NO for a in self._library.assumptions)

    def _declared(self, case: Case, action: str, readings: Mapping[str, str]) -> bool:
        """Whether a claim says, or with more known could say, that counsel is asked in the case."""
        assert case.law_date is not None
        _, era, _ = self._referee.law(case, action)
        scene = Scene(case, era.definitions, readings)
        known = claims_of_counsel(case.agency.id, action, self._library.claims)
        return any(case.law_date in c.window and truth(c.whenever, scene) != NO for c in known)

    def _shows(self, kind: str, sighting: Sighting, case: Case, readings: Mapping[str, str]) -> bool:
        _, era, law = self._referee.law(case, sighting.action)
        found = evaluate(law, era, case, readings)
        settled = found.standing.settled
        about = [i for i, n in enumerate(law.norms) if n.id in sighting.norms]
        match kind:
            case "conflict":
                return settled == CONTRADICTION and all(found.wins[i] == YES for i in about)
            case "gap":
                speaking = [a for a, n in zip(found.applies, law.norms, strict=True) if n.effect != "contested"]
                return settled == sighting.outcome and all(a == NO for a in speaking)
            case "always defeated":
                return all(found.applies[i] == YES and found.wins[i] == NO for i in about)
            case "29 February":
                assert sighting.window is not None
                other = self._counted_up.outcome(law, era, case, sighting.window, readings)
                return settled == sighting.outcome and other == sighting.otherwise
            case _:
                return settled == "" and all(
                    evaluate(law, era, completed, readings).standing.settled == sighting.outcome
                    for completed in self._completed(case, sighting.unknown)
                )

    def _completed(self, case: Case, fact: str) -> Iterator[Case]:
        word = self._library.vocabulary.case_facts()[fact]
        values: tuple[FactValue, ...] = (True, False) if word.type.kind == "yes/no" else word.type.members
        for value in values:
            yield case.with_values({fact: value})
