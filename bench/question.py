"""The one question that every contender answers, random cases for it, and a referee.

The question: an immigration officer asks the Los Angeles police for a hold, a release date and a transfer.  May each be
given?  On 14 November 2016 the TRUST Act (Gov. Code § 7282.5 as enacted) and the department's order of 7 July 2014
speak; on 14 November 2018 the Values Act (§ 7284.6(a)) and § 7282.5 as rewritten do.

The facts are complete, so nobody needs an answer for "unknown", and they keep clear of what only a judge can settle:
look-back anniversaries, county-jail felonies from before October 2011 that nothing else brings in, drug charges (Health
& Saf. Code § 11369), charges of domestic violence.  It is a cut of the law for measuring, not the law.

What helps the peers: they have no dates and no offence table, so they are given each date as a number like 20161114,
both look-back days, and each offence's attributes.  Comity is given the citation and finds all that out by itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Plain = dict[str, Any]
Outcomes = dict[str, str]
Decide = Callable[[Plain], Outcomes]

MAY, MUST_NOT = "may", "must not"
ACTIONS = ("hold", "notify", "transfer")
LAW_DATES = (date(2016, 11, 14), date(2018, 11, 14))
REALIGNMENT = date(2011, 10, 1)  # from here on a felony may be a county-jail one (PC 1170(h))
PROP_47 = date(2014, 11, 5)


@dataclass(frozen=True, slots=True)
class Offence:
    """A row of the California table, as far as the question goes."""

    citation: str
    degree: str = ""
    grades: tuple[str, ...] = ("misdemeanor", "felony")  # both: a wobbler
    serious_or_violent: bool = False
    state_prison: bool = False
    listed: bool = True  # in § 7282.5(a)(3)
    prop47: bool = False
    domestic_violence: bool = False


OFFENCES = (
    Offence("PC 459", "first", ("felony",), serious_or_violent=True, state_prison=True),
    Offence("PC 459", "second", prop47=True),
    Offence("PC 211", grades=("felony",), serious_or_violent=True, state_prison=True),
    Offence("PC 245(a)(1)", serious_or_violent=True, state_prison=True),
    Offence("PC 273a(a)", state_prison=True),
    Offence("PC 273.5(a)", state_prison=True, domestic_violence=True),
    Offence("PC 422", serious_or_violent=True, state_prison=True),
    Offence("PC 487(a)", prop47=True),
    Offence("PC 496d"),
    Offence("PC 243(e)(1)", grades=("misdemeanor",), domestic_violence=True),
    Offence("PC 484", grades=("misdemeanor",), listed=False),
    Offence("PC 594(b)(1)", listed=False),
)


@dataclass(frozen=True, slots=True)
class Conviction:
    """One conviction: what was done, how it was graded, when."""

    offence: Offence
    grade: str
    date: date
    prop47: bool = False

    @property
    def plain(self) -> Plain:
        """What the peers see of it."""
        felony = self.grade == "felony"
        return {
            "day": number(self.date),
            "felony": felony,
            "wobbler": len(self.offence.grades) == 2,
            "listed": self.offence.listed,
            "serious_or_violent": felony and self.offence.serious_or_violent,
            "state_prison": felony and self.offence.state_prison,
            "prop47": self.prop47,
        }


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge on which the person stands before a magistrate."""

    offence: Offence
    grade: str
    probable_cause: bool  # found by the magistrate under PC 872

    @property
    def plain(self) -> Plain:
        """What the peers see of it."""
        felony = self.grade == "felony"
        return {
            "felony": felony,
            "listed": self.offence.listed,
            "serious_or_violent": felony and self.offence.serious_or_violent,
            "state_prison": felony and self.offence.state_prison,
            "found_872": self.probable_cause,
        }


@dataclass(frozen=True, slots=True)
class Case:
    """A complete case."""

    law_date: date
    convictions: tuple[Conviction, ...]
    charges: tuple[Charge, ...]
    judge_signed: bool
    judge_found_cause: bool
    release_public: bool
    on_registry: bool
    federal_aggravated_felony: bool
    federal_felony_warrant: bool

    @property
    def plain(self) -> Plain:
        """The case as the peers see it."""
        return {
            "law_date": number(self.law_date),
            "five_years_before": number(years_before(self.law_date, 5)),
            "fifteen_years_before": number(years_before(self.law_date, 15)),
            "judge_signed": self.judge_signed,
            "judge_found_cause": self.judge_found_cause,
            "release_public": self.release_public,
            "on_registry": self.on_registry,
            "federal_aggravated_felony": self.federal_aggravated_felony,
            "federal_felony_warrant": self.federal_felony_warrant,
            "convictions": [c.plain for c in self.convictions],
            "charges": [c.plain for c in self.charges],
        }


def number(day: date) -> int:
    """A date as a number that sorts: 20161114."""
    return day.year * 10000 + day.month * 100 + day.day


def years_before(day: date, years: int) -> date:
    """The same day of the month, some years earlier (no law date here is a 29 February)."""
    return day.replace(year=day.year - years)


def unsettled(conviction: Conviction, law_date: date) -> bool:
    """Whether Comity would rightly leave this conviction to a judge."""
    if conviction.date in (years_before(law_date, 5), years_before(law_date, 15)):
        return True
    offence = conviction.offence
    if conviction.grade != "felony" or offence.state_prison or conviction.date >= REALIGNMENT:
        return False
    return not (offence.listed and conviction.date > years_before(law_date, 15))


def random_conviction(rng: random.Random, law_date: date, settled: bool) -> Conviction:
    """A conviction from the last 25 years, more often from the last ten."""
    while True:
        offence = rng.choice(OFFENCES)
        grade = rng.choice(offence.grades)
        days = rng.randint(1, 365 * rng.choice((7, 10, 25)))
        if not settled and rng.random() < 0.5:
            days = (law_date - years_before(law_date, rng.choice((5, 15)))).days + rng.choice((-1, 0, 1))
        day = law_date - timedelta(days=days)
        reduced = offence.prop47 and grade == "misdemeanor" and day >= PROP_47 and rng.random() < 0.5
        conviction = Conviction(offence, grade, day, reduced)
        if not (settled and unsettled(conviction, law_date)):
            return conviction


def random_charge(rng: random.Random) -> Charge:
    """A charge that is neither about drugs nor about domestic violence."""
    offence = rng.choice([o for o in OFFENCES if not o.domestic_violence])
    return Charge(offence, rng.choice(offence.grades), rng.random() < 0.5)


def random_cases(count: int, seed: int = 2016, *, settled: bool = True) -> list[Case]:
    """Complete cases, the same for the same seed.

    ``settled=False`` also draws what only a judge can settle, where peers and referee read the statute alike and
    Comity says so; those cases are for checking the peers, never for comparing with Comity.
    """
    rng = random.Random(seed)

    def chance(of: float) -> bool:
        return rng.random() < of

    def case() -> Case:
        law_date = rng.choice(LAW_DATES)
        return Case(
            law_date=law_date,
            convictions=tuple(random_conviction(rng, law_date, settled) for _ in range(rng.choice((0, 1, 1, 2, 3)))),
            charges=tuple(random_charge(rng) for _ in range(rng.choice((0, 0, 1)))),
            judge_signed=chance(0.3),
            judge_found_cause=chance(0.2),
            release_public=chance(0.25),
            on_registry=chance(0.05),
            federal_aggravated_felony=chance(0.05),
            federal_felony_warrant=chance(0.05),
        )

    return [case() for _ in range(count)]


def opens_the_door_2014(x: Plain) -> bool:
    """§ 7282.5(a)(1)–(6) as enacted."""
    if x["on_registry"] or x["federal_aggravated_felony"] or x["federal_felony_warrant"]:
        return True
    for c in x["convictions"]:
        if c["prop47"]:
            continue
        if c["felony"]:
            if c["serious_or_violent"] or c["state_prison"] or c["listed"]:
                return True
        elif c["wobbler"] and c["listed"] and c["day"] > x["five_years_before"]:
            return True
    for c in x["charges"]:
        if c["found_872"] and c["felony"] and (c["serious_or_violent"] or c["state_prison"] or c["listed"]):
            return True
    return False


def opens_the_door_2018(x: Plain) -> bool:
    """§ 7282.5(a)(1)–(5) as rewritten."""
    if x["on_registry"] or x["federal_aggravated_felony"] or x["federal_felony_warrant"]:
        return True
    for c in x["convictions"]:
        if c["prop47"]:
            continue
        if c["felony"]:
            if c["serious_or_violent"] or c["state_prison"]:
                return True
            if c["listed"] and c["day"] > x["fifteen_years_before"]:
                return True
        elif c["wobbler"] and c["listed"] and c["day"] > x["five_years_before"]:
            return True
    return False


def magistrate_found_cause(x: Plain) -> bool:
    """§ 7282.5(b) as rewritten: it opens notification only."""
    return any(c["found_872"] and c["felony"] and (c["serious_or_violent"] or c["state_prison"]) for c in x["charges"])


def referee(x: Plain) -> Outcomes:
    """The answer, by hand, in plain Python."""
    judge = x["judge_signed"] or x["judge_found_cause"]
    # A judge's warrant is no detainer: neither the TRUST Act's list nor § 7284.6(a)(1)(B) stands against it.
    hold = judge or (x["law_date"] < 20140707 and opens_the_door_2014(x))
    if x["law_date"] < 20180101:
        notify = transfer = True
    else:
        door = opens_the_door_2018(x)
        notify = x["release_public"] or door or magistrate_found_cause(x)
        transfer = judge or door
    return {
        "hold": MAY if hold else MUST_NOT,
        "notify": MAY if notify else MUST_NOT,
        "transfer": MAY if transfer else MUST_NOT,
    }
