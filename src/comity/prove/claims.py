"""Claims as puzzles: a case that would break the claim is looked for, and where there is none it is proved.

All facts of the case are known, so each choice of readings gives one outcome; an action's outcome is *ask counsel*
where the choices differ or where authorities conflict.  Only ``Unchanged`` looks at cases with unknown facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import z3

from comity.calendar import Window
from comity.policy.claims import Answered, Claim, Ended, NeverLooser, NoConflict, SameAs, Stated, Unchanged
from comity.policy.expressions import ALWAYS, Every
from comity.policy.library import Library
from comity.policy.opened import Opened, OpenedAction
from comity.policy.outcome import ASK_COUNSEL, CONFLICT, MAY, MUST, MUST_NOT, NOT_DUE, clashes
from comity.prove.apart import Pair
from comity.prove.bound import ONCE, Bound, Ways, reads, rows_needed
from comity.prove.days import lies_in
from comity.prove.formula import Formulas, KnownOfLists, Readings
from comity.prove.laws import Laws, Stretch, Version, years_of
from comity.prove.outcomes import Outcomes, counsel_asked, restricted
from comity.prove.scope import THEN, declared_conflicts, versions_of
from comity.prove.search import Found, Nothing, Posed, Puzzle, Undecided, search
from comity.prove.world import World

__all__ = ["Broken", "Prover", "Verdict"]

#: The words an outcome may have once every fact is known, "ask counsel" apart.
_DEFINITE = (MUST, MUST_NOT, MAY, NOT_DUE)


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """A case that breaks a claim: where, for which action, and under which readings."""

    version: Version
    action: str
    found: Found


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What came of one claim.

    ``status``: "proved", "broken" or "undecided".  ``versions``: how many distinct laws it was asked of; ``rows``: list
    -> the most rows that had to be looked at.  ``broken`` and ``undecided`` say where and why.
    """

    claim: Claim
    status: str
    versions: int
    asked: int
    rows: Mapping[str, int]
    broken: tuple[Broken, ...] = ()
    undecided: tuple[tuple[Version, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Posing:
    """One question about one action of one version."""

    action: str
    posed: Posed
    conditions: tuple[Opened, ...]
    rows: Mapping[str, int]
    #: Where ``posed`` has a case, whether one of these has one.
    exactly: tuple[Posed, ...] = ()


class Prover:
    """Proves the claims of one library, or finds the case that breaks them.  ``seconds``: the limit of one question."""

    def __init__(self, library: Library, seconds: float = 10.0, laws: Laws | None = None) -> None:
        self.library = library
        self.laws = Laws(library) if laws is None else laws
        self.seconds = seconds
        self._shared: Formulas | None = None
        self._known: dict[int, Outcomes] = {}
        self._layers = [name for name, _ in library.ladder.layers]
        self._years = years_of(library)

    def prove(self, claim: Claim, *, first: bool = True) -> Verdict:
        """Every version of the law the claim is about, one after the other; with ``first`` until one breaks it."""
        broken: list[Broken] = []
        undecided: list[tuple[Version, str, str]] = []
        rows: dict[str, int] = {}
        versions = asked = 0
        for version in self.versions(claim):
            versions += 1
            for posing in self._posings(claim, version):
                asked += 1
                found = self._found(posing)
                match found:
                    case Found():
                        broken.append(Broken(version, posing.action, found))
                    case Undecided(why):
                        undecided.append((version, posing.action, why))
                    case Nothing(bound):
                        for list_, needed in bound.rows:
                            rows[list_] = max(rows.get(list_, 0), needed)
                if broken and first:
                    break
            if broken and first:
                break
        status = "broken" if broken else "undecided" if undecided else "proved"
        return Verdict(claim, status, versions, asked, rows, tuple(broken), tuple(undecided))

    def is_about_nothing(self, claim: Claim) -> bool:
        """Whether no case on any day of its window meets the claim's condition: then it says nothing."""
        for version in self.versions(claim):
            posed = self._some_reading(claim, version, lambda f: z3.BoolVal(True))
            if not isinstance(self._search(posed, self._posing("", posed, version)), Nothing):
                return False
        return True

    def _found(self, posing: _Posing) -> Found | Nothing | Undecided:
        found = self._search(posing.posed, posing)
        if not isinstance(found, Found) or not posing.exactly:
            return found
        settled: Nothing | Undecided = Nothing(Bound())
        for posed in posing.exactly:
            found = self._search(posed, posing)
            if isinstance(found, Found):
                return found
            if isinstance(found, Undecided) or not isinstance(settled, Undecided):
                settled = found
        return settled

    def _search(self, posed: Posed, posing: _Posing) -> Found | Nothing | Undecided:
        return search(posed, posing.conditions, posing.rows, self.laws.lemmas, self.seconds)

    def difference(
        self, agency: str, window: Window, then: OpenedAction, now: OpenedAction
    ) -> Found | Nothing | Undecided:
        """A case of an agency, on a day of ``window``, that two laws about an action answer differently.

        Their conditions are interned in ``laws``, and the window lies within one era of its law.
        """
        if then.key == now.key:
            return Nothing(Bound())
        (era, _), *_ = self.laws.eras(agency, window)
        conditions = tuple(self.laws.condition(era, c) for c in (ALWAYS, *(a.holds for a in self.library.assumptions)))
        version = Version({now.law.action: now, THEN: then}, conditions, (Stretch(agency, window),))
        return self._found(self._told_apart(now.law.action, version, self._beside(then, now, version)))

    def versions(self, claim: Claim) -> Iterator[Version]:
        """The distinct laws that a claim is about."""
        return versions_of(claim, self.laws)

    # -- what is asked -----------------------------------------------------------------------------------------------

    def _posings(self, claim: Claim, version: Version) -> Iterator[_Posing]:
        says = claim.says
        if isinstance(says, Stated):
            yield from self._stated(claim, says, version)
            return
        (action, law), *_ = version.actions.items()
        match says:
            case Unchanged(facts, _):
                if _reads(law, facts):
                    yield self._told_apart(action, version, self._changing(frozenset(facts), law, version), facts)
            case NeverLooser(layer, _):
                above = self._down_to(law, layer)
                if 0 < len(above.law.norms) < len(law.law.norms):
                    posed = self._some_reading(
                        claim, version, lambda f: _looser(Outcomes(above, f, final=False), self._outcomes(law, f))
                    )
                    yield self._posing(action, posed, version)
            case NoConflict():
                if clashes(law.law):
                    posed = self._undeclared(claim, version, law)
                    yield self._posing(action, posed, version)
            case Answered():
                posed = self._some_reading(
                    claim, version, lambda f: z3.Not(z3.Or(list(self._outcomes(law, f).settled.values())))
                )
                yield self._posing(action, posed, version)
            case SameAs():
                then = version.actions[THEN]
                if then.key != law.key:
                    yield self._told_apart(action, version, self._beside(then, law, version))
            case Ended():
                posed = self._some_reading(claim, version, lambda f: _endless(self._outcomes(law, f)))
                yield self._posing(action, posed, version)

    def _posing(
        self, action: str, posed: Posed, version: Version, ways: Ways = ONCE, exactly: tuple[Posed, ...] = ()
    ) -> _Posing:
        # What is taken for granted of every row needs none of its own.
        granted = {id(c) for c in version.conditions[1 : 1 + len(self.library.assumptions)] if isinstance(c, Every)}
        about = self._about(version)
        return _Posing(action, posed, about, rows_needed((c for c in about if id(c) not in granted), ways), exactly)

    def _about(self, version: Version) -> tuple[Opened, ...]:
        return (*version.conditions, *(c for law in version.actions.values() for c in law.conditions))

    def _world(self, rows: Mapping[str, int], *, three_valued: bool = False) -> World:
        return World(self.library.vocabulary, rows, three_valued=three_valued, years=self._years)

    def _formulas(self, rows: Mapping[str, int], rough: KnownOfLists | None) -> Formulas:
        """One open case; without rows the same for all questions, since most of them share most of the law."""
        if rough is None:
            return Formulas(self._world(rows), Readings(self.laws.answers))
        if self._shared is None:
            self._shared = Formulas(self._world({}), Readings(self.laws.answers), rough=rough)
        return self._shared

    def _outcomes(self, law: OpenedAction, formulas: Formulas) -> Outcomes:
        """The outcomes of a law, kept for the formulas that all questions share."""
        if formulas is not self._shared:
            return Outcomes(law, formulas)
        found = self._known.get(id(law))
        if found is None:
            found = self._known[id(law)] = Outcomes(law, formulas)
        return found

    def _frame(self, version: Version, formulas: Formulas) -> list[Any]:
        """The case is one that the claim is about: the law date, the claim's condition, what is taken for granted."""
        whenever, *assumed = version.conditions[: 1 + len(self.library.assumptions)]
        code = formulas.world.law_date.code
        days = [lies_in(stretch.window, code) for stretch in version.stretches]
        return [
            z3.Or(days),
            formulas.truth(whenever).yes,
            *(z3.Not(formulas.truth(a).no) for a in assumed),
        ]

    def _some_reading(self, claim: Claim, version: Version, breaks: Callable[[Formulas], Any]) -> Posed:
        """A case, and some choice of readings, in which something breaks."""

        def posed(rows: Mapping[str, int], rough: KnownOfLists | None) -> Puzzle:
            formulas = self._formulas(rows, rough)
            return Puzzle([*self._frame(version, formulas), breaks(formulas)], [formulas])

        return posed

    def _every_reading(self, claim: Claim, version: Version, breaks: Callable[[Formulas], Any]) -> Posed:
        """A case in which something breaks under every choice of readings."""
        questions = sorted({q for c in self._about(version) for q in reads(c)[1]})
        choices = [
            dict(zip(questions, answers, strict=True))
            for answers in product(*(self.laws.answers[q] for q in questions))
        ]

        def posed(rows: Mapping[str, int], rough: KnownOfLists | None) -> Puzzle:
            formulas = self._formulas(rows, rough)

            def under(choice: Mapping[str, str]) -> Callable[[], Any]:
                def made() -> Any:
                    fixed = Formulas(formulas.world, Readings.fixed(choice), rough=rough, plain=formulas)
                    return z3.And(*self._frame(version, fixed)[1:], breaks(fixed))

                return made

            every = [under(c) for c in choices] if questions else []
            return Puzzle([*self._frame(version, formulas), breaks(formulas)], [formulas], every)

        return posed

    # -- the kinds of claim ------------------------------------------------------------------------------------------

    def _stated(self, claim: Claim, says: Stated, version: Version) -> Iterator[_Posing]:
        law = version.actions[says.action]

        def allowed(formulas: Formulas) -> Any:
            if not says.where_allowed:
                return z3.BoolVal(True)
            settled = self._outcomes(version.actions[says.where_allowed], formulas).settled
            return z3.Or(settled.get(MAY, False), settled.get(MUST, False))

        def comes_out(formulas: Formulas, outcome: str) -> Any:
            return z3.And(allowed(formulas), self._outcomes(law, formulas).settled.get(outcome, z3.BoolVal(False)))

        def fails(formulas: Formulas) -> Any:
            settled = self._outcomes(law, formulas).settled.get(says.outcome, z3.BoolVal(False))
            return z3.And(allowed(formulas), z3.Not(settled))

        often = Ways(self.laws.answers)
        if says.outcome == ASK_COUNSEL:
            if says.always:
                # It breaks where one outcome holds under every reading.
                for word in _DEFINITE:
                    posed = self._every_reading(claim, version, lambda f, w=word: comes_out(f, w))  # type: ignore[misc]
                    yield self._posing(says.action, posed, version, often)
            else:
                yield self._posing(says.action, self._counsel(claim, version, law, allowed), version, often)
        elif says.always:
            yield self._posing(says.action, self._some_reading(claim, version, fails), version)
        else:
            posed = self._every_reading(claim, version, lambda f: comes_out(f, says.outcome))
            yield self._posing(says.action, posed, version, often)

    def _counsel(self, claim: Claim, version: Version, law: OpenedAction, allowed: Callable[[Formulas], Any]) -> Posed:
        """A case in which authorities conflict, or two choices of readings give two outcomes."""

        def posed(rows: Mapping[str, int], rough: KnownOfLists | None) -> Puzzle:
            first = Formulas(self._world(rows), Readings(self.laws.answers), rough=rough)
            second = Formulas(first.world, Readings(self.laws.answers, " (otherwise)"), rough=rough, plain=first)
            differ = counsel_asked(self._outcomes(law, first), self._outcomes(law, second))
            frame = [*self._frame(version, first), *self._frame(version, second)[1:]]
            return Puzzle([*frame, allowed(first), allowed(second), differ], [first, second])

        return posed

    def _undeclared(self, claim: Claim, version: Version, law: OpenedAction) -> Posed:
        opened = version.conditions[1 + len(self.library.assumptions) :]
        declared = declared_conflicts(self.library, version.stretches[0].agency, law.law.action) if opened else []

        def breaks(formulas: Formulas) -> Any:
            code = formulas.world.law_date.code
            known = [
                z3.Not(z3.And(formulas.truth(condition).yes, lies_in(c.window, code)))
                for condition, c in zip(opened, declared, strict=True)
            ]
            return z3.And(self._outcomes(law, formulas).settled[CONFLICT], *known)

        return self._some_reading(claim, version, breaks)

    def _told_apart(self, action: str, version: Version, pair: Pair, varied: Iterable[str] = ()) -> _Posing:
        ways = Ways(self.laws.answers, frozenset(varied))
        return self._posing(action, pair.somewhere, version, ways, tuple(pair.exactly()))

    def _changing(self, facts: frozenset[str], law: OpenedAction, version: Version) -> Pair:
        """The same law, and a case in which some facts have another value or are known or not."""

        def make(rows: Mapping[str, int], rough: KnownOfLists | None) -> tuple[Formulas, Formulas]:
            world, readings = self._world(rows, three_valued=True), Readings(self.laws.answers)
            changed = world.changed_in(facts)
            return Formulas(world, readings, rough=rough), Formulas(changed, readings, rough=rough)

        return self._pair(make, (law, law), version)

    def _beside(self, then: OpenedAction, now: OpenedAction, version: Version) -> Pair:
        """The same case under two laws."""

        def make(rows: Mapping[str, int], rough: KnownOfLists | None) -> tuple[Formulas, Formulas]:
            formulas = Formulas(self._world(rows), Readings(self.laws.answers), rough=rough)
            return formulas, formulas

        return self._pair(make, (then, now), version)

    def _pair(
        self,
        make: Callable[[Mapping[str, int], KnownOfLists | None], tuple[Formulas, Formulas]],
        laws: tuple[OpenedAction, OpenedAction],
        version: Version,
    ) -> Pair:
        questions = tuple(sorted({q for c in self._about(version) for q in reads(c)[1]}))
        return Pair(make, laws, lambda formulas: self._frame(version, formulas), self.laws.answers, questions)

    def _down_to(self, law: OpenedAction, layer: str) -> OpenedAction:
        last = self._layers.index(layer)
        return restricted(law, lambda i: self._layers.index(law.law.layers[i]) <= last)


def _looser(above: Outcomes, whole: Outcomes) -> Any:
    """The whole law allows what the law above forbids, or lets go of what it demands."""
    high, low = above.settled, whole.settled
    frees = z3.And(high[MUST_NOT], z3.Or(low.get(MAY, False), low[MUST]))
    drops = z3.And(high[MUST], z3.Or(low.get(MAY, False), low[MUST_NOT], low.get(NOT_DUE, False)))
    return z3.Or(frees, drops)


def _endless(outcomes: Outcomes) -> Any:
    """The action is allowed, and no norm that wins says for how long."""
    timed = [
        w.yes
        for w, n in zip(outcomes.wins, outcomes.version.law.norms, strict=True)
        if n.clocks and n.effect in (MAY, MUST)
    ]
    return z3.And(z3.Or(outcomes.settled.get(MAY, False), outcomes.settled[MUST]), z3.Not(z3.Or(timed)))


def _reads(law: OpenedAction, facts: Iterable[str]) -> bool:
    """Whether the law about an action looks at one of these facts."""
    wanted = frozenset(facts)
    return any(reads(condition)[0] & wanted for condition in law.conditions)
