"""Comity's side of the benchmark: the same question, asked through the package's own door.

``case_file`` writes a case the way a person would, citations and all; ``make_outcomes`` and ``make_explained`` return a
``Contender``: what may be done before the clock starts, and what is timed.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from question import Case, Charge, Conviction, Outcomes

AGENCY = "us/ca/los-angeles/lapd"
EXAMPLE = "examples/lapd-2016/06-burglary-2016.yaml"

#: The question's short names -> the package's action ids.
ACTIONS = {"hold": "hold_past_release", "notify": "notify_release", "transfer": "transfer_custody"}

#: Run in a process of its own; prints the seconds that loading took, once the cache is filled.
LOAD = "import time, comity; start = time.perf_counter(); comity.load(); print(time.perf_counter() - start)"


@dataclass(frozen=True, slots=True)
class Contender:
    """``prepare`` runs before the clock starts, ``decide`` under it, ``outcomes`` after it."""

    prepare: Callable[[Case], Any]
    decide: Callable[[Any], Any]
    outcomes: Callable[[Any], Outcomes]


def yes_no(value: bool) -> str:
    """A yes or no as a case file spells it."""
    return "yes" if value else "no"


def conviction_row(row: Conviction) -> dict[str, Any]:
    """One conviction in a case file."""
    written = {"offence": row.offence.citation, "grade": row.grade, "date": row.date.isoformat()}
    if row.offence.degree:
        written["degree"] = row.offence.degree
    # What the question says of an offence is stated, so that everybody answers from the same facts.
    return {
        **written,
        "proposition 47 misdemeanor": yes_no(row.prop47),
        "reduced to misdemeanor later": "no",
        "category certain": "yes",
        "aggravated felony": "no",
    }


def charge_row(row: Charge) -> dict[str, Any]:
    """One charge in a case file."""
    written = {"offence": row.offence.citation, "grade": row.grade, "category certain": "yes"}
    written["state prison"] = yes_no(row.offence.state_prison and row.grade == "felony")
    if row.offence.degree:
        written["degree"] = row.offence.degree
    return {**written, "held to answer": yes_no(row.probable_cause)}


def case_file(case: Case) -> dict[str, Any]:
    """A complete case as the mapping that its YAML file holds."""
    judge = case.judge_signed or case.judge_found_cause
    convictions = [conviction_row(c) for c in case.convictions]
    if case.federal_aggravated_felony:
        row = {"offence": "8 USC 1326", "grade": "felony", "date": "2001-05-04", "aggravated felony": "yes"}
        closed = {
            "serious": "no",
            "violent": "no",
            "state prison": "no",
            "categories": [],
            "realignment question": "no",
        }
        convictions.append({**row, **closed, "category certain": "yes", "wobbler": "no"})
    return {
        "agency": AGENCY,
        "law date": case.law_date.isoformat(),
        "request": {
            "kinds": ["hold", "notification", "transfer"],
            "received": f"{case.law_date.isoformat()}T03:07-08:00",
            "form": "I-247D" if case.law_date.year < 2017 else "I-247A",
            "attached": ["I-200"],
            "from": "ICE",
            "detainer ground": "pending proceedings",
            "judge signed": yes_no(judge),
            "judge court": "federal",
            "warrant charge": "federal immigration crime",
            "federal felony warrant": yes_no(case.federal_felony_warrant),
            "served on the person": "yes",
        },
        "person": {
            "convictions": convictions,
            "convictions complete": "yes",
            "charges": [charge_row(c) for c in case.charges],
            "charges complete": "yes",
            "currently registered": yes_no(case.on_registry),
        },
        "custody": {
            "in custody": "yes",
            "releasable": "yes",
            "releasable since": f"{case.law_date.isoformat()}T02:40-08:00",
            "release time public": yes_no(case.release_public),
        },
    }


def _prepare(library: Any) -> Callable[[Case], Any]:
    """Reading the file and looking up its offences happens before the clock starts, as the peers' translation does."""
    return lambda case: library.read_case(json.dumps(case_file(case)))


def _completed(library: Any) -> Callable[[Case], Any]:
    """The same case with every other fact that any rule of the stack reads known too: nothing is left to ask.

    The peers have no unknowns; this is the like-for-like race.  The values are the plainest ones (no, the first word).
    """
    prepare = _prepare(library)
    stack = library.stack(AGENCY)

    def complete(case: Case) -> Any:
        text = prepare(case)
        era = stack.at(case.law_date)
        read = {name for names in era.facts_read.values() for name in names if name in stack.facts}
        plain: dict[str, Any] = {}
        for name in read - set(text.case.values) - set(text.case.lists):
            kind = stack.facts[name].type
            plain[name] = {"one of": (kind.members or ("",))[0], "some of": frozenset(), "yes/no": False}.get(kind.kind)
        changed = text.case.with_values({k: v for k, v in plain.items() if v is not None})
        return dataclasses.replace(text, case=changed)

    return complete


def _as_the_question_asks(outcome: str) -> str:
    """The city's directive of 2017 can be read two ways, so Comity sends a state-law *may* of 2018 to counsel.

    The question leaves the city out; the reading under which it is silent is the one to compare.
    """
    return "may" if outcome == "ask counsel" else outcome


def _outcomes_only(prepare: Callable[[Case], Any], library: Any) -> Contender:
    return Contender(
        prepare=lambda case: prepare(case).case,
        decide=library.outcomes,
        outcomes=lambda found: {
            ours: _as_the_question_asks(found[theirs.replace("_", " ")]) for ours, theirs in ACTIONS.items()
        },
    )


def _explained(prepare: Callable[[Case], Any], library: Any) -> Contender:
    return Contender(
        prepare=prepare,
        decide=library.decide,
        outcomes=lambda answer: {
            ours: _as_the_question_asks(answer.action(theirs).outcome) for ours, theirs in ACTIONS.items()
        },
    )


def make_outcomes() -> Contender:
    """Outcomes only, of every action the library knows (some fifty), not just the three compared."""
    import comity

    library = comity.load()
    return _outcomes_only(_completed(library), library)


def make_open_outcomes() -> Contender:
    """The same while every fact the question does not mention is unknown, as it is at a real desk."""
    import comity

    library = comity.load()
    return _outcomes_only(_prepare(library), library)


def make_explained() -> Contender:
    """The whole answer for every action: reasons, layers, what is missing, what would change it."""
    import comity

    library = comity.load()
    return _explained(_completed(library), library)


def make_open_explained() -> Contender:
    """The whole answer while every fact the question does not mention is unknown."""
    import comity

    library = comity.load()
    return _explained(_prepare(library), library)
