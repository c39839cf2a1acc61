"""Where three-valued truth is weaker than case analysis.

A fact of the case is left out and every other one is known: the outcome stays open, although each value of the fact
gives the same one.  Then an answer asks for a fact that changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import z3

from comity.policy.facts import FactWord
from comity.policy.library import Library
from comity.policy.opened import inside
from comity.prove.bound import quantifiers, reads, rows_needed
from comity.prove.formula import Formulas, KnownOfLists
from comity.prove.laws import Stretch, years_of
from comity.prove.outcomes import Outcomes
from comity.prove.review.benches import Benches
from comity.prove.review.findings import UNDECIDED, WEAK, Finding, Sighting, merged
from comity.prove.review.setting import ActionVersion, Bench, GaveUp, Met, Setting
from comity.prove.truths import Logic
from comity.prove.world import Place, World

__all__ = ["weak_rules"]


class _Filled(World):
    """The case of a world with what is unknown filled in: with the value at ``position``, or the last there is."""

    def __init__(self, around: World, position: int) -> None:
        self.__dict__.update(around.__dict__)
        self.logic = Logic(False)
        self._open, self._position = around, position

    def known(self, place: Place) -> Any:
        return True

    def apart(self, facts: Iterable[str]) -> str:
        assert self.doubtful is not None
        told = "" if self.doubtful.isdisjoint(facts) else f" (filled in, {self._position})"
        return told + self._open.apart(facts)

    def yes(self, place: Place) -> Any:
        return self._chosen(place, self._open.yes(place), self._position == 0)

    def member(self, place: Place, value: str) -> Any:
        members = self.word(place).type.members
        chosen = members[min(self._position, len(members) - 1)] if members else ""
        return self._chosen(place, self._open.member(place, value), value == chosen)

    def _chosen(self, place: Place, value: Any, filled: bool) -> Any:
        known = self._open.known(place)
        return value if known is True else z3.If(known, value, z3.BoolVal(filled))


class _Doubt(Setting):
    """An open case in which exactly one fact is unknown, and the same case with each value of it."""

    def __init__(
        self, bench: Bench, rows: dict[str, int], doubtful: frozenset[str], rough: KnownOfLists | None
    ) -> None:
        library = bench.laws.library
        world = World(library.vocabulary, rows, three_valued=True, years=years_of(library), doubtful=doubtful)
        conditions = [c for v in bench.versions for c in (*v.law.conditions, *v.version.conditions)]
        super().__init__(bench.laws, rows, conditions, rough, bench.seconds, world)
        words = library.vocabulary.case_facts()
        most = max((len(values(words[name])) for name in doubtful), default=0)
        self.filled = [
            Formulas(_Filled(world, position), self.readings, rough=rough) for position in range(max(2, most))
        ]
        self._known = {name: world.known(Place(name)) for name in sorted(doubtful)}
        self._solver.add(*self.readings.rules(self.filled[0].world))

    def weak(self, asked: ActionVersion, facts: Iterable[str]) -> Iterator[tuple[str, str, Met] | GaveUp]:
        """Each of these facts that is weak under a version, with the outcome either way and a case."""
        left = [f for f in facts if f in self._known]
        settled = self.outcomes(asked).settled
        either = [Outcomes(asked.law, formulas).settled for formulas in self.filled[:2]]
        same = [self._same(either[0], either[1])]
        while left:
            meets = [
                *(z3.Not(formula) for formula in settled.values()),
                z3.Or([z3.Not(self._known[f]) for f in left]),
                z3.AtMost(*(z3.Not(k) for k in self._known.values()), 1),
                *(self._known[f] for f in self._known if f not in left),
                *same,
            ]
            found = self.ask(asked, meets)
            if found is None:
                return
            if isinstance(found, GaveUp):
                yield found
                return
            if len(either) < len(self.filled):
                # The first two values nearly always decide; here the others have a say.
                either += [Outcomes(asked.law, formulas).settled for formulas in self.filled[2:]]
                same = [self._same(either[0], other) for other in either[1:]]
                continue
            fact = next(f for f in left if not found.holds(self._known[f]))
            yield fact, next(w for w in settled if found.holds(either[0][w])), found
            left.remove(fact)

    @staticmethod
    def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> Any:
        return z3.And([one[word] == other[word] for word in one])


def values(word: FactWord) -> tuple[Any, ...]:
    """The values a fact of the case can have, in the order in which they are filled in."""
    return (True, False) if word.type.kind == "yes/no" else word.type.members


def weak_rules(benches: Benches) -> Iterator[Finding]:
    """A finding for each action and fact."""
    words = benches.library.vocabulary.case_facts()
    for bench in benches:
        read = {id(v): frozenset().union(*(reads(c)[0] for c in v.law.conditions)) for v in bench.versions}
        asked = [v for v in bench.versions if _twice(v)]
        doubtful = frozenset(
            name
            for v in asked
            for name in read[id(v)]
            if name in words and words[name].type.kind in ("yes/no", "one of")
        )
        if not doubtful:
            continue
        looking = Bench(bench.laws, bench.action, [v.version for v in asked], bench.seconds)
        rough = _Doubt(looking, {}, doubtful, bench.laws.lemmas)
        few: _Doubt | None = None
        seen: dict[str, tuple[Sighting, list[Stretch]]] = {}
        for version in looking.versions:
            facts = sorted(doubtful.intersection(*[read[id(v)] for v in asked if v.version is version.version]))
            for found in rough.weak(version, facts):
                if isinstance(found, GaveUp):
                    says = f"whether some fact is asked for in vain in '{bench.action}' is not settled"
                    yield Finding(UNDECIDED, says, "The solver gave up.", "Give more time.", action=bench.action)
                    continue
                fact, outcome, met = found
                if quantifiers(version.law.conditions):
                    if few is None:
                        needed = rows_needed(c for v in looking.versions for c in v.law.conditions)
                        few = _Doubt(looking, {list_: min(rows, 2) for list_, rows in needed.items()}, doubtful, None)
                    again = next(few.weak(version, [fact]), None)
                    if again is None or isinstance(again, GaveUp):
                        continue
                    fact, outcome, met = again
                case = Sighting(
                    version.version, bench.action, met.setting.world, met.setting.readings, met.model,
                    _doubted(met, version), fact, outcome,
                )  # fmt: skip
                _, stretches = seen.setdefault(fact, (case, []))
                stretches += version.stretches
        for fact, (case, stretches) in seen.items():
            yield _finding(fact, case, stretches, words[fact], benches.library)


def _twice(asked: ActionVersion) -> bool:
    """Whether some fact can be read both for and against: only then is case analysis stronger."""
    return len(asked.law.conditions) > 1 or any(len(list(inside(c))) > 1 for c in asked.law.conditions)


def _doubted(met: Met, asked: ActionVersion) -> tuple[str, ...]:
    """The norms that neither apply nor fail to."""
    found = []
    for condition, norm in zip(asked.law.conditions, asked.law.law.norms, strict=True):
        truth = met.setting.formulas.truth(condition)
        if not any(z3.is_true(met.model.eval(t, model_completion=True)) for t in (truth.yes, truth.no)):
            found.append(norm.id)
    return tuple(found)


def _finding(fact: str, case: Sighting, stretches: list[Stretch], word: FactWord, library: Library) -> Finding:
    either = "yes and no give" if word.type.kind == "yes/no" else "each of its words gives"
    norms = [n for n in library.norms if n.id in case.norms]
    cites = list(dict.fromkeys(n.cite for n in norms))
    return Finding(
        WEAK,
        f"'{case.action}': with '{fact}' unknown the answer stays open, although {either} the same",
        f"An answer may ask for a fact that changes nothing ('{case.outcome}' in the example); in doubt then: "
        f"{'; '.join(cites)}.",
        "Say the rule so that it does not read the fact where it does not matter.",
        norms[0].span if norms else word.span,
        cites[0] if cites else "",
        case.action,
        merged(stretches),
        sighting=case,
    )
