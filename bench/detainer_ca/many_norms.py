"""Libraries of ten, a hundred, a thousand norms over the workload's own vocabulary.

Each norm is about one of a few situations (a handful of facts and searches of the convictions, alone or together), may
have an exception, and is in force for a while; so norms meet, beat each other and change on some twenty days, as they
do in a library of real law.  Ten norms speak about an action, as in the packaged law they do about a hold; more norms
are about more actions.  The same count and seed give the same library.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

from bench.detainer_ca.comity_side import load_law
from bench.detainer_ca.workload import ACTION, CATEGORIES, KINDS

from comity.calendar import Window
from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Expression,
    Fact,
    Literal,
    Name,
    Not,
    OneOf,
    Or,
    Some,
    Within,
)
from comity.policy.facts import Action
from comity.policy.library import Library
from comity.policy.norms import Norm

_YES_NO = (
    "judicial warrant",
    "finding 872",
    "charge state prison felony",
    "on registry",
    "release date public",
    "consent given",
)
_DAYS = tuple(date(year, month, 1) for year in range(2009, 2026) for month in (1, 7))[::2]


def _row(name: str) -> Name:
    return Name(name, True)


def _row_conditions(rng: random.Random, count: int) -> list[Expression]:
    """Conditions of a conviction."""
    parts: list[Expression] = [
        Fact("serious violent", True),
        Fact("state prison", True),
        Fact("wobbler", True),
        Not(Fact("proposition 47 reduced", True)),
        Compare("is", _row("grade"), Literal("felony")),
        Compare("is", _row("grade"), Literal("misdemeanor")),
        Not(Compare("is", _row("offence category"), Literal("none"))),
        OneOf(_row("offence category"), CATEGORIES[1:9]),
        Within(_row("date"), 5, "years", Name("law date"), strict=True),
        Within(_row("date"), 15, "years", Name("law date"), strict=True),
    ]
    return [And(tuple(rng.sample(parts, rng.choice((2, 2, 3))))) for _ in range(count)]


def _case_conditions(rng: random.Random, searches: int) -> list[Expression]:
    """Conditions of the case: its facts, and searches of its convictions."""
    found: list[Expression] = [Fact(name) for name in _YES_NO]
    found += [Compare("is", Name("request kind"), Literal(kind)) for kind in KINDS]
    found += [Compare("is", Name("agency kind"), Literal("cdcr")), OneOf(Name("request kind"), ("notify", "transfer"))]
    rows = _row_conditions(rng, searches)
    found += [Some("convictions", where) for where in rows]
    found.append(AtLeast(2, "convictions", rows[0]))
    return found


#: Norms about one action.
PER_ACTION = 10


def many_norms(count: int, seed: int = 1) -> Library:
    """A library of ``count`` norms, ``PER_ACTION`` about each of its actions."""
    rng = random.Random(seed)
    law = load_law().law
    pool = _case_conditions(rng, searches=6)
    closures = ("no power", "no power", "open", "duty")
    actions = tuple(
        Action(f"{ACTION} {n}", rng.choice(closures), "one of many") for n in range(-(-count // PER_ACTION))
    )
    norms = tuple(_norm(n, actions[n // PER_ACTION].name, pool, law, rng) for n in range(count))
    return replace(
        law,
        vocabulary=replace(law.vocabulary, actions=actions),
        norms=norms,
        definitions=(),
        checks=(),
        claims=(),
        sha256=f"{count:064x}",
    )


def _norm(number: int, action: str, pool: list[Expression], law: Library, rng: random.Random) -> Norm:
    parts = tuple(rng.sample(pool, rng.choice((1, 2, 2, 3))))
    when = And(parts) if rng.random() < 0.85 else Or(parts)
    start, end = sorted(rng.sample(range(len(_DAYS) + 1), 2))
    instrument = rng.choice(law.instruments)
    return Norm(
        id=f"{instrument.id}#{number}",
        instrument=instrument.id,
        label=str(number),
        cite=f"{instrument.cite_as} {number}",
        bearer="agency",
        effect=rng.choice(("may", "may", "may", "must not", "must not", "must")),
        action=action,
        window=Window(_DAYS[start], _DAYS[end] if end < len(_DAYS) else None),
        when=when,
        exceptions=(rng.choice(pool),) if rng.random() < 0.4 else (),
    )
