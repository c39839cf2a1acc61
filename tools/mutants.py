"""Mutants of a law library: one norm changed in one small way, and who of the library notices.

A mutant is *noticed* by an **example** (an expectation of it fails), or by a **claim** (a case breaks it), or by the
**reader** (it refuses the library).  What `comity check` derives from the law itself (windows tried at their edges) is
left out: it moves along with the law.  Only what can tell is asked: a moved edge shows on one day only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from comity.calendar import Window
from comity.case import Case, case_of_check, find_agency
from comity.decide.coverage import expectation_failures
from comity.decide.interpret import evaluate
from comity.language.norms import Draft, with_ids
from comity.language.relations import relation_problems
from comity.policy.authority import Agency, binds
from comity.policy.claims import Answered, Claim, NeverLooser, NoConflict, SameAs, Unchanged
from comity.policy.library import Check, Expected, Library, TrialDay
from comity.policy.norms import Norm
from comity.policy.stack import bind
from comity.problems import ComityError, Problem
from comity.prove.claims import Prover
from comity.prove.laws import Laws, intersection
from comity.prove.scope import actions_of
from comity.prove.search import Nothing

__all__ = ["KINDS", "Mutant", "Suite", "mutants"]

DAY = timedelta(days=1)

#: What is done to a norm, in the order of the report.
KINDS = (
    "dropped",
    "must -> must not",
    "may -> must not",
    "must not -> must",
    "must not -> may",
    "exception dropped",
    "starts a day earlier",
    "starts a day later",
    "ends a day earlier",
    "ends a day later",
)

_FLIPS = {"must": ("must not",), "may": ("must not",), "must not": ("must", "may"), "contested": ()}


@dataclass(frozen=True)
class Mutant:
    """``norm`` made into ``becomes`` (None: taken out).  ``days``: outside them the law is what it was."""

    kind: str
    norm: Norm
    becomes: Norm | None
    days: Window
    number: int = 0

    @property
    def name(self) -> str:
        """What a reader calls it: norm, and what was done to it."""
        done = f"exception {self.number} dropped" if self.number else self.kind
        return f"{self.norm.id}: {done}"


def mutants(library: Library) -> Iterator[Mutant]:
    """Every mutant of every norm; a mark (effect *contested*) decides nothing, so only those an example names."""
    named = {id_ for c in library.checks for t in c.trials for e in t.expected for id_ in e.because}
    for norm in library.norms:
        if norm.effect != "contested" or norm.id in named:
            yield from _of(norm)


def _of(norm: Norm) -> Iterator[Mutant]:
    window = norm.window
    yield Mutant("dropped", norm, None, window)
    for effect in _FLIPS[norm.effect]:
        yield Mutant(f"{norm.effect} -> {effect}", norm, replace(norm, effect=effect), window)
    for i in range(len(norm.exceptions)):
        rest = norm.exceptions[:i] + norm.exceptions[i + 1 :]
        yield Mutant("exception dropped", norm, replace(norm, exceptions=rest), window, i + 1)
    start, end = window.start, window.end
    moved: list[tuple[str, Window, Window]] = []
    if start is not None:
        moved.append(("starts a day earlier", Window(start - DAY, end), Window(start - DAY, start)))
        moved.append(("starts a day later", Window(start + DAY, end), Window(start, start + DAY)))
    if end is not None:
        moved.append(("ends a day earlier", Window(start, end - DAY), Window(end - DAY, end)))
        moved.append(("ends a day later", Window(start, end + DAY), Window(end, end + DAY)))
    for kind, becomes, days in moved:
        empty = becomes.start is not None and becomes.start == becomes.end
        yield Mutant(kind, norm, None if empty else replace(norm, window=becomes), days)


@dataclass(frozen=True)
class _Asked:
    """One expectation of one example, ready to be asked again."""

    check: Check
    trial: TrialDay
    expected: Expected
    agency: Agency


class Suite:
    """The examples and claims of one library.  ``seconds``: the solver's limit for one question."""

    def __init__(self, library: Library, seconds: float = 10.0) -> None:
        self.library = library
        self.seconds = seconds
        self._instruments = library.instrument_table()
        self._norms: dict[str, list[Norm]] = {}
        for norm in library.norms:
            self._norms.setdefault(norm.action, []).append(norm)
        self._asked: dict[str, list[_Asked]] = {}
        self._agencies = {a.id: a for a in library.agencies}
        for check in library.checks:
            if check.agency not in self._agencies and (found := find_agency(check.agency, library)) is not None:
                self._agencies[check.agency] = found
            for trial in check.trials:
                for expected in trial.expected:
                    asked = _Asked(check, trial, expected, self._agencies[check.agency])
                    self._asked.setdefault(expected.action, []).append(asked)
        self._cases: dict[tuple[int, int], Case] = {}
        self._laws: dict[str, Laws] = {}

    def noticed_by(self, mutant: Mutant) -> str:
        """ "example", "claim", "reader", or "" where nobody notices."""
        try:
            if self._by_example(mutant):
                return "example"
            if self._by_claim(mutant):
                return "claim"
        except ComityError:
            return "reader"
        return "reader" if self._by_reader(mutant) else ""

    # -- who notices -------------------------------------------------------------------------------------------------

    def _by_example(self, mutant: Mutant) -> bool:
        norm = mutant.norm
        law = self._mutated(mutant, [norm.action])
        can_tell = [
            a for a in self._asked.get(norm.action, []) if a.trial.on in mutant.days and self._binds(norm, a.agency)
        ]
        # Most norms are named by an example of their own: ask that one first.
        can_tell.sort(key=lambda a: norm.id not in a.expected.because)
        stacks = {}
        for asked in can_tell:
            if norm.effect == "contested" and norm.id not in asked.expected.because:
                continue
            if asked.agency.id not in stacks:
                stacks[asked.agency.id] = bind(law, asked.agency)
            found = expectation_failures(
                asked.check, self._case(asked), asked.expected, stacks[asked.agency.id], evaluate
            )
            if any(found):
                return True
        return False

    def _by_claim(self, mutant: Mutant) -> bool:
        provers: dict[tuple[str, ...], Prover] = {}
        for claim in self.library.claims:
            narrow = self._narrowed(claim, mutant)
            if narrow is not None:
                actions = actions_of(narrow.says, self.library)
                if actions not in provers:
                    provers[actions] = Prover(self._mutated(mutant, actions), self.seconds)
                if provers[actions].prove(narrow).status == "broken":
                    return True
        return False

    def _by_reader(self, mutant: Mutant) -> bool:
        norm, becomes = mutant.norm, mutant.becomes
        same = [n for n in self.library.norms if (n.instrument, n.label) == (norm.instrument, norm.label)]
        if becomes is None and any(norm.id in n.despite for n in self.library.norms):
            # Nothing of this name is left for the other norm to prevail over.
            return all(n.action != norm.action or n is norm for n in same)
        overlapping: list[Problem] = []
        with_ids([Draft(becomes if n is norm else n) for n in same if n is not norm or becomes], overlapping)
        if overlapping:
            return True
        return any(p.severity == "error" for p in relation_problems(self._mutated(mutant, [norm.action])))

    # -- who cannot tell ---------------------------------------------------------------------------------------------

    def equivalent(self, mutant: Mutant) -> bool:
        """Whether no case with every fact known comes out otherwise: proved for each agency listed or in an example."""
        action = mutant.norm.action
        if action not in self._laws:
            self._laws[action] = Laws(replace(self.library, norms=tuple(self._norms[action])))
        prover = Prover(self.library, self.seconds, self._laws[action])
        now = Laws(self._mutated(mutant, [action]), self._laws[action].interned)
        for agency in self._agencies.values():
            if not self._binds(mutant.norm, agency):
                continue
            for era, days in self._laws[action].eras(agency.id, mutant.days):
                first = days.start or (days.end - DAY if days.end is not None else None)
                other = now.stack(agency.id).at(first) if first is not None else next(now.eras(agency.id, days))[0]
                before, after = prover.laws.opened(era, action), now.opened(other, action)
                if not isinstance(prover.difference(agency.id, days, before, after), Nothing):
                    return False
        return True

    # -- the mutated law ---------------------------------------------------------------------------------------------

    def _mutated(self, mutant: Mutant, actions: list[str] | tuple[str, ...]) -> Library:
        """The mutated law about some actions; norms about others decide nothing there."""
        kept: list[Norm] = []
        for action in actions:
            for norm in self._norms.get(action, []):
                now = mutant.becomes if norm is mutant.norm else norm
                kept += [] if now is None else [now]
        return replace(self.library, norms=tuple(kept))

    def _binds(self, norm: Norm, agency: Agency) -> bool:
        return binds(norm.binding or self._instruments[norm.instrument].binding, agency)

    def _case(self, asked: _Asked) -> Case:
        key = id(asked.check), id(asked.trial)
        if key not in self._cases:
            self._cases[key] = case_of_check(asked.check, asked.trial.on, self.library)
        return self._cases[key]

    def _narrowed(self, claim: Claim, mutant: Mutant) -> Claim | None:
        """The part of a claim that the mutant can break; what the law keeps saying was proved before."""
        norm = mutant.norm
        agencies = tuple(a for a in claim.agencies if self._binds(norm, self._agencies[a]))
        window = intersection(claim.window, mutant.days)
        says = claim.says
        if isinstance(says, SameAs) and says.day in mutant.days:
            window = claim.window
        if norm.action not in actions_of(says, self.library) or not agencies or window is None:
            return None
        if isinstance(says, SameAs | Unchanged | NeverLooser | NoConflict | Answered):
            says = replace(says, actions=(norm.action,))
        return replace(claim, agencies=agencies, window=window, says=says)
