"""The law of some agencies, action by action, on the bench; and agencies that no list names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from comity.calendar import Window
from comity.policy.authority import UNHELD, Agency, binds
from comity.policy.library import Library
from comity.policy.norms import Binding, Norm
from comity.policy.stack import subtract
from comity.prove.laws import Laws, Stretch, intersection
from comity.prove.review.setting import Bench

__all__ = ["Benches", "binding_of", "covered", "uncovered", "unlisted_for"]


class Benches:
    """One bench for each action.  ``seconds``: the limit of one question to the solver."""

    def __init__(self, laws: Laws, agencies: Sequence[str], seconds: float = 10.0) -> None:
        self.laws = laws
        self.library = laws.library
        self.agencies = tuple(agencies)
        self.seconds = seconds
        self._made: dict[str, Bench] = {}

    def of(self, action: str) -> Bench:
        """The versions of the law about an action."""
        if action not in self._made:
            self._made[action] = self.among(action, self.agencies)
        return self._made[action]

    def among(self, action: str, agencies: Iterable[str]) -> Bench:
        """The same for other agencies."""
        assumed = [a.holds for a in self.library.assumptions]
        return Bench(self.laws, action, self.laws.versions(agencies, Window(), [action], assumed), self.seconds)

    def __iter__(self) -> Iterator[Bench]:
        for action in self.library.vocabulary.actions:
            yield self.of(action.name)


def binding_of(norm: Norm, library: Library) -> Binding:
    """Whom a norm binds."""
    return norm.binding or library.instrument(norm.instrument).binding


def unlisted_for(norms: Iterable[Norm], laws: Laws) -> list[str]:
    """Agencies that no list names, one of each kind that some norm binds, in each place it names.

    Where a norm binds the whole country, one place is as good as another: the first state that a norm names is taken.
    """
    library = laws.library
    kinds = [kind for kind, _ in library.kinds if kind != UNHELD]
    states = sorted({"/".join(p.split("/")[:2]) for n in library.norms for p in binding_of(n, library).places} - {"us"})
    listed = library.agency_table()
    found: dict[str, Agency] = {}
    for norm in norms:
        binding = binding_of(norm, library)
        for place in (p for p in binding.places if p not in listed):
            for kind in binding.kinds or kinds:
                name = f"{(states or [''])[0] if place == 'us' else place}:{kind}"
                try:
                    agency = found.get(name) or laws.agency(name)
                except KeyError:
                    continue
                if binds(binding, agency):
                    found[name] = agency
    return list(found)


def covered(stretches: Iterable[Stretch], laws: Laws) -> Iterator[Stretch]:
    """The days of some stretches for which the library claims to hold the law of the agency's place."""
    for stretch in stretches:
        coverage = laws.stack(stretch.agency).coverage
        shared = stretch.window if coverage is None else intersection(stretch.window, coverage.window)
        if shared is not None:
            yield Stretch(stretch.agency, shared)


def uncovered(window: Window, by: Iterable[Window]) -> list[Window]:
    """What is left of a window outside some others."""
    left = [window]
    for other in by:
        left = [rest for one in left for rest in subtract(one, other)]
    return left
