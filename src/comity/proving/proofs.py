"""Every claim of a library, proved or broken, with the counter-example that the other readings confirm."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from comity.policy.claims import Claim
from comity.policy.library import Library
from comity.prove.bound import Bound
from comity.prove.claims import Prover
from comity.proving.counterexamples import CounterExample, counter_example
from comity.proving.enumeration import SecondOpinion, second_opinion
from comity.proving.referee import Referee

__all__ = ["BROKEN", "PROVED", "UNDECIDED", "Proof", "assumptions_told", "proofs"]

PROVED, BROKEN, UNDECIDED = "proved", "broken", "undecided"


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """One claim and what came of it.

    ``status``: "proved", "broken" or "undecided"; never "proved" where a time limit was met.  ``why``: what was left
    undecided.  ``seconds``: wall clock.  ``second``: what trying every case said, where it was asked for.
    """

    claim: Claim
    status: str
    laws: int
    bound: Bound
    counter: CounterExample | None
    why: str
    seconds: float
    second: SecondOpinion | None = None


def proofs(library: Library, claims: Iterable[Claim], seconds: float, *, twice: bool = False) -> Iterator[Proof]:
    """Claim by claim; ``seconds`` is the limit of one question to the solver.

    ``twice``: what is proved and has few cases is tried case by case too.
    """
    prover, referees = Prover(library, seconds), (Referee(library), Referee.quick(library))
    for claim in claims:
        start = time.perf_counter()
        proof = _proof(claim, prover, referees, start)
        yield _tried(proof, prover, referees[1]) if twice and proof.status == PROVED else proof


def _proof(claim: Claim, prover: Prover, referees: tuple[Referee, Referee], start: float) -> Proof:
    verdict = prover.prove(claim)
    status, why, counter = verdict.status, "", None
    if verdict.broken:
        counter = counter_example(verdict.broken[0], claim, *referees)
        if counter is None:
            # Never shown as a counter-example, and never as a proof: the readings of the law disagree.
            status = UNDECIDED
            why = "the prover found a case that the one-case engine does not confirm: please report it"
    elif verdict.undecided:
        version, action, reason = verdict.undecided[0]
        place = version.stretches[0]
        why = f"the solver gave up ({reason}) on '{action}' of {place.agency}, {place.window}"
    elif prover.is_about_nothing(claim):
        status, why = UNDECIDED, "no case is one that the claim is about, so it says nothing"
    bound = Bound(tuple(sorted(verdict.rows.items())))
    return Proof(claim, status, verdict.versions, bound, counter, why, time.perf_counter() - start)


def _tried(proof: Proof, prover: Prover, referee: Referee) -> Proof:
    """The proof with a second opinion; where that differs, nothing is proved."""
    opinion = second_opinion(proof.claim, prover, referee)
    if opinion.breaks is None:
        return replace(proof, second=opinion)
    why = "the prover found no case, and trying each of them did: please report it"
    return replace(proof, status=UNDECIDED, why=why, second=opinion)


def assumptions_told(library: Library) -> list[str]:
    """What every proof takes for granted, a sentence each."""
    told = []
    for assumption in library.assumptions:
        years = "" if assumption.years is None else f" ({assumption.years})"
        told.append(f"{assumption.title}{years}")
    return [
        *told,
        "entries dated after the law date, and vacated ones, do not count",
        "every fact of the case is known",
    ]
