"""Two laws compared, with an example of each kind of case that both one-case engines confirm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from comity.case import Case, agency_values
from comity.policy.library import Library
from comity.prove.bound import Bound
from comity.prove.diff import ActionDiff, Differ, Kind, Side, direction
from comity.prove.laws import Laws
from comity.proving.parties import Party, merged_vocabulary
from comity.proving.referee import Referee
from comity.proving.smallest import Offences, smallest

__all__ = ["Compared", "Comparison", "Example", "compare"]


@dataclass(frozen=True, slots=True)
class Example:
    """The smallest case found of one kind of difference, as each side sees it.

    ``looked_at``: None where each side decides it on its own day; else the one day on which both laws are asked, since
    what matters lies between the two.  ``because``: on each side, the citation of the highest norm that gives the
    outcome and is not the same on the other.
    """

    action: str
    before: str
    after: str
    direction: str
    because: tuple[tuple[str, ...], tuple[str, ...]]
    one: Case
    other: Case
    looked_at: date | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One action: ``same`` is "word for word", "proved" or "" (``ActionDiff``); ``unconfirmed`` counts cases that the
    one-case engine did not confirm, which would be a fault of the prover or a look-back between the two days.
    """

    action: str
    same: str
    bound: Bound
    examples: tuple[Example, ...]
    more: bool
    undecided: str
    unconfirmed: int
    clocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, action by action."""

    one: Party
    other: Party
    actions: tuple[Compared, ...]
    only: tuple[tuple[str, ...], tuple[str, ...]]

    @property
    def identical(self) -> bool:
        """Whether every case comes out the same, in every action."""
        return all(a.same and not a.clocks for a in self.actions) and not any(self.only)

    @property
    def undecided(self) -> bool:
        """Whether something was left open, so that nothing is promised."""
        return any(a.undecided or a.unconfirmed for a in self.actions)


def compare(one: Party, other: Party, chosen: Sequence[str], seconds: float) -> Comparison:
    """Compare two sides in the chosen actions (none: all); ``seconds`` is the limit of one question.

    Raises ComityError CM781 when words clash.
    """
    vocabulary = one.law.vocabulary
    if other.law is not one.law:
        vocabulary = merged_vocabulary(one.law.vocabulary, other.law.vocabulary)
    laws = Laws(one.law, vocabulary=vocabulary)
    theirs = laws if other.law is one.law else Laws(other.law, laws.interned, vocabulary)
    differ = Differ(Side(laws, one.agency.id, one.day), Side(theirs, other.agency.id, other.day), seconds)
    bench = _Bench(one, other)
    diffs = (differ.action(name) for name in chosen) if chosen else differ.actions()
    compared = tuple(bench.compared(diff) for diff in diffs)
    known = set(one.law.vocabulary.action_names()), set(other.law.vocabulary.action_names())
    only = tuple(sorted(known[0] - known[1])), tuple(sorted(known[1] - known[0]))
    return Comparison(one, other, compared, only)


def _both(one: Party, other: Party, make: Callable[[Library], Referee]) -> tuple[Referee, Referee]:
    first = make(one.law)
    return first, first if other.law is one.law else make(other.law)


class _Bench:
    """Both sides' one-case engines."""

    def __init__(self, one: Party, other: Party) -> None:
        self._parties = one, other
        self._offences = Offences(one.law)
        self._quick = _both(one, other, Referee.quick)
        self._plain = _both(one, other, Referee)
        self._told = frozenset(n for p in self._parties for n in agency_values(p.agency, p.law.vocabulary))

    def compared(self, diff: ActionDiff) -> Compared:
        """One action with its examples."""
        examples, unconfirmed = [], 0
        for kind in diff.kinds:
            example = self._example(diff.action, kind)
            if example is None:
                unconfirmed += 1
            else:
                examples.append(example)
        return Compared(
            diff.action, diff.same, diff.bound, tuple(examples), diff.more, diff.undecided, unconfirmed, diff.clocks
        )

    def _example(self, action: str, kind: Kind) -> Example | None:
        values, lists = kind.world.values_in(kind.model), kind.world.lists_in(kind.model)
        case = Case(self._parties[0].agency, None, values, lists)

        def shows(other: Case, by: tuple[Referee, Referee] = self._quick) -> bool:
            wanted = (kind.before, kind.after)
            return all(self._comes_out(by[i], i, other, action, wanted[i], kind) for i in (0, 1))

        if not shows(case):
            return None
        case = self._offences.named(smallest(case, shows, self._told), shows)
        if not shows(case, self._plain):
            return None
        because = tuple(self._cites(side, kind.lead[side], case, action) for side in (0, 1))
        return Example(
            action,
            kind.before,
            kind.after,
            direction(kind.before, kind.after),
            (because[0], because[1]),
            self._before(0, case, kind.own),
            self._before(1, case, kind.own),
            None if kind.own else max(p.day for p in self._parties),
        )

    def _before(self, side: int, case: Case, own: bool) -> Case:
        """The case before one side, with the words that its library knows."""
        party = self._parties[side]
        words = party.law.vocabulary
        known = words.case_facts()
        values = {n: v for n, v in case.values.items() if n in known and n not in self._told}
        values |= agency_values(party.agency, words)
        lists = {n: r for n, r in case.lists.items() if n in known}
        day = party.day if own else max(p.day for p in self._parties)
        return Case(party.agency, day, values, lists, case.name)

    def _comes_out(self, by: Referee, side: int, case: Case, action: str, word: str, kind: Kind) -> bool:
        """Whether the outcome comes out on one side, and the norm that leads wins, under some readings at least."""
        placed = self._before(side, case, kind.own)
        under = None if kind.own else self._parties[side].day
        lead = kind.lead[side]
        return by.outcome(placed, action, under) == word and (lead is None or by.leads(placed, action, lead, under))

    def _cites(self, side: int, lead: int | None, case: Case, action: str) -> tuple[str, ...]:
        if lead is None:
            return ()
        _, _, law = self._plain[side].law(self._before(side, case, True), action)
        return (law.norms[lead].cite,)
