"""Two laws side by side: proof that they treat every case alike, or the kinds of case that they do not.

A *side* is the law of one agency on one day, of one library.  The same case is put before both: the same facts, all of
them known.  What the law counts from the law date is counted from the later of the two days on both sides, so that only
the law differs and not the time that has passed between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any, Final

import z3

from comity.policy.expressions import Every
from comity.policy.facts import LAW_DATE
from comity.policy.norms import Norm
from comity.policy.opened import Opened, OpenedAction
from comity.policy.outcome import ASK_COUNSEL, MAY, MUST, MUST_NOT, NOT_DUE, clashes
from comity.prove.bound import Bound, Ways, reads, rows_needed
from comity.prove.formula import Formulas, KnownOfLists, Readings
from comity.prove.laws import Laws
from comity.prove.outcomes import Outcomes, counsel_asked
from comity.prove.search import Asked, Undecided, rules_of, satisfied
from comity.prove.world import World

__all__ = ["ActionDiff", "Differ", "Kind", "Side", "direction"]

_WORDS: Final = (MUST, MUST_NOT, MAY, NOT_DUE, ASK_COUNSEL)
#: Kinds of case told apart for one action and one change of outcome.
MOST_KINDS: Final = 12
_NO: Final = z3.BoolVal(False)


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The law of ``agency`` on ``day``."""

    laws: Laws
    agency: str
    day: date

    def opened(self, action: str) -> OpenedAction:
        """Its law about an action."""
        return self.laws.opened(self.laws.stack(self.agency).at(self.day), action)


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Cases that ``one`` side answers with ``before`` and the other with ``after``.

    ``lead``: on each side, the position of the highest norm that wins with that outcome and is not the same on the
    other, or None where there is none.  ``world``, ``model``: a case; with ``own`` each side may look at it on
    its own day, without it both look at it on the later day.
    """

    before: str
    after: str
    lead: tuple[int | None, int | None]
    world: World
    model: z3.ModelRef
    own: bool


@dataclass(frozen=True, slots=True, eq=False)
class ActionDiff:
    """One action on both sides.

    ``same``: "word for word" (one law), "proved" (other words, the same outcome in every case), or "" where
    outcomes differ.  ``bound`` goes with a proof, and says also that there are no other kinds than those told.
    ``more``: there are more kinds than were looked for.  ``undecided``: why the solver gave up, or "".  ``clocks``:
    what differs in deadlines and longest times, a sentence each; no outcome tells it.
    """

    action: str
    same: str
    bound: Bound
    kinds: tuple[Kind, ...] = ()
    more: bool = False
    undecided: str = ""
    clocks: tuple[str, ...] = ()


def direction(before: str, after: str) -> str:
    """What a change of outcome is for the agency: "stricter", "looser" and so on."""
    if after == ASK_COUNSEL:
        return "no longer settled"
    if before == ASK_COUNSEL:
        return "now settled"
    freedom = {MUST_NOT: 0, MAY: 1, NOT_DUE: 1, MUST: 2}
    if before in (MAY, NOT_DUE) and after == MUST:
        return "a new duty"
    if before == MUST and after in (MAY, NOT_DUE):
        return "no longer a duty"
    return "looser" if freedom[after] > freedom[before] else "stricter"


#: Per side: the positions of norms that tell kinds of case; the norm that leads in one.
_Told = tuple[tuple[int, ...], tuple[int, ...]]
_Lead = tuple[int | None, int | None]


class Differ:
    """Compares two sides, action by action.  Their ``Laws`` share what is interned.  ``seconds``: for one question."""

    def __init__(self, one: Side, other: Side, seconds: float = 10.0) -> None:
        self.one, self.other = one, other
        self.seconds = seconds
        self._answers = {**one.laws.answers, **other.laws.answers}

    def actions(self) -> Iterator[ActionDiff]:
        """Every action that both libraries know."""
        known = self.other.laws.library.vocabulary.action_names()
        for action in self.one.laws.library.vocabulary.actions:
            if action.name in known:
                yield self.action(action.name)

    def action(self, action: str) -> ActionDiff:
        """One action."""
        laws = self.one.opened(action), self.other.opened(action)
        for name in self._questions(laws):
            if self.one.laws.answers.get(name) != self.other.laws.answers.get(name):
                why = f"the question '{name}' has other readings on the two sides"
                return ActionDiff(action, "", Bound(), undecided=why)
        clocks = _clocks_apart(laws)
        if laws[0].key == laws[1].key:
            return ActionDiff(action, "proved" if clocks else "word for word", Bound(), clocks=clocks)
        granted = self._assumed()
        asked = (*laws[0].conditions, *laws[1].conditions, *(c for c in granted if not isinstance(c, Every)))
        needed = rows_needed(asked, Ways(self._answers, frozenset({LAW_DATE})))
        return replace(_Comparison(self, laws, needed).found(action), clocks=clocks)

    def _questions(self, laws: tuple[OpenedAction, OpenedAction]) -> list[str]:
        """The questions that two libraries may answer differently; one library answers them in one way."""
        if self.one.laws is self.other.laws:
            return []
        return sorted({q for law in laws for c in law.conditions for q in reads(c)[1]})

    def _assumed(self) -> tuple[Opened, ...]:
        """What either library takes for granted."""
        found: dict[int, Opened] = {}
        for side in (self.one, self.other):
            era = side.laws.stack(side.agency).at(side.day)
            opened = (side.laws.condition(era, a.holds) for a in side.laws.library.assumptions)
            found.update({id(c): c for c in opened})
        return tuple(found.values())

    @property
    def one_day(self) -> bool:
        """Whether both sides are of the same day."""
        return self.one.day == self.other.day

    def setting(
        self, laws: tuple[OpenedAction, OpenedAction], rows: Mapping[str, int], *, rough: bool, own_days: bool
    ) -> _Setting:
        """Both laws before one open case with so many rows, on the later day; with ``own_days`` a case that comes out
        the same when the earlier side looks at it on its own day.
        """
        lemmas = self.one.laws.lemmas if rough else None
        days = self.one.day, self.other.day
        world = World(self.one.laws.vocabulary, rows, law_date=max(days), last_day=min(days) if own_days else max(days))
        earlier = 0 if self.one.day < self.other.day else 1
        own = None
        if own_days and not self.one_day and any(LAW_DATE in reads(c)[0] for c in laws[earlier].conditions):
            own = world.on(min(self.one.day, self.other.day))
        return _Setting(world, laws, self._answers, self._assumed(), lemmas, self.seconds, (earlier, own))


class _Setting:
    """Both laws before one open case, ready to be asked again and again.

    ``own``: the earlier side, and the case as it is looked at on that side's own day, or None where nobody asks.
    """

    def __init__(
        self,
        world: World,
        laws: tuple[OpenedAction, OpenedAction],
        answers: Mapping[str, tuple[str, ...]],
        assumed: Sequence[Opened],
        lemmas: KnownOfLists | None,
        seconds: float,
        own: tuple[int, World | None],
    ) -> None:
        self.world = world
        self._earlier, self._own = own
        self._answers, self._lemmas = answers, lemmas
        self._solver = z3.Solver()
        self._solver.set("timeout", max(1, int(seconds * 1000)))
        self._readings = Readings(answers)
        shared = Formulas(world, self._readings, rough=lemmas)
        self.laws = laws
        self._worlds = [world, world]
        self.sides = [Outcomes(law, shared) for law in laws]
        if self._own is not None:
            self._worlds.append(self._own)
            law = laws[self._earlier]
            self.sides.append(Outcomes(law, Formulas(self._own, self._readings, rough=lemmas)))
        self._solver.add(*(z3.Not(shared.truth(a).no) for a in assumed))
        self._fixed: dict[tuple[int, tuple[tuple[str, str], ...]], Formulas] = {}
        self._under: dict[tuple[int, tuple[tuple[str, str], ...]], Outcomes] = {}
        self._otherwise: list[Outcomes] = []
        self._asked = Asked.of([*assumed, *(c for law in laws for c in law.conditions)])
        settled = [side.settled for side in self.sides[:2]]
        words = dict.fromkeys(w for s in settled for w in s)
        self._apart = z3.Or([settled[0].get(w, _NO) != settled[1].get(w, _NO) for w in words])

    def apart(self) -> z3.ModelRef | str | None:
        """A case in which some choice of readings gives two outcomes; None: there is none; text: it gave up."""
        return self._check([self._apart], ())

    def changes(
        self, words: tuple[str, str], blocked: Sequence[_Lead], told: _Told, only: _Lead | None = None
    ) -> z3.ModelRef | str | None:
        """A case of this change of outcome whose kind is not among ``blocked`` (or is ``only`` this one); ``told``:
        norms that tell kinds.
        """
        meets: list[Any] = []
        every: list[tuple[int, str, tuple[tuple[str, str], ...]]] = []
        all_words = (*words, words[self._earlier])[: len(self.sides)]
        for side, word in enumerate(all_words):
            if word == ASK_COUNSEL:
                meets.append(self._counsel(side))
            else:
                meets.append(self.sides[side].settled.get(word, _NO))
                every += [(side, word, choice) for choice in self._choices(side)]
        meets += [z3.Not(self._kind(met, told, words)) for met in blocked]
        if only is not None:
            meets.append(self._kind(only, told, words))
        return self._check(meets, every)

    def leading(self, model: z3.ModelRef, told: _Told, words: tuple[str, str]) -> _Lead:
        """On each side the first norm of ``told`` that wins in a model with the outcome, or None."""
        found = []
        for side, word in enumerate(words):
            wins = self.sides[side].wins
            among = [i for i in _telling(self.laws[side], word) if i in told[side]]
            found.append(next((i for i in among if z3.is_true(model.eval(wins[i].yes, model_completion=True))), None))
        return found[0], found[1]

    def _kind(self, lead: _Lead, told: _Told, words: tuple[str, str]) -> Any:
        """When these norms lead."""
        parts = []
        for side, word in enumerate(words):
            for i in _telling(self.laws[side], word):
                if i in told[side]:
                    wins = self.sides[side].wins[i].yes
                    parts.append(wins if i == lead[side] else z3.Not(wins))
                    if i == lead[side]:
                        break
        return z3.And(parts) if parts else z3.BoolVal(True)

    def _check(
        self, meets: Sequence[Any], every: Sequence[tuple[int, str, tuple[tuple[str, str], ...]]]
    ) -> z3.ModelRef | str | None:
        def under(side: int, word: str, choice: tuple[tuple[str, str], ...]) -> Callable[[], Any]:
            return lambda: self._outcomes_under(side, choice).settled.get(word, _NO)

        solver = self._solver
        solver.push()
        try:
            solver.add(*meets, *self._rules())
            found = satisfied(solver, [under(*one) for one in every], self._rules)
        finally:
            solver.pop()
        return found.why if isinstance(found, Undecided) else found

    def _rules(self) -> Iterator[Any]:
        formulas = [side.formulas for side in (*self.sides, *self._otherwise)]
        yield from rules_of(formulas, self._asked)

    def _choices(self, side: int) -> Iterator[tuple[tuple[str, str], ...]]:
        questions = self.sides[side].version.law.questions
        if questions:
            for answers in product(*(self._answers[q] for q in questions)):
                yield tuple(zip(questions, answers, strict=True))

    def _outcomes_under(self, side: int, choice: tuple[tuple[str, str], ...]) -> Outcomes:
        key = side, choice
        if key not in self._under:
            where = side // 2, choice
            if where not in self._fixed:
                plain = self.sides[side].formulas
                readings = Readings.fixed(dict(choice))
                self._fixed[where] = Formulas(self._worlds[side], readings, rough=self._lemmas, plain=plain)
            self._under[key] = Outcomes(self.sides[side].version, self._fixed[where])
        return self._under[key]

    def _counsel(self, side: int) -> Any:
        """Authorities conflict under some readings, or two choices of readings give two outcomes."""
        if not self._otherwise:
            readings = Readings(self._answers, " (otherwise)")
            shared = self.sides[0].formulas
            formulas = [Formulas(self.world, readings, rough=self._lemmas, plain=shared)] * 2
            if self._own is not None:
                own = self.sides[2].formulas
                formulas.append(Formulas(self._own, readings, rough=self._lemmas, plain=own))
            self._otherwise = [Outcomes(s.version, f) for s, f in zip(self.sides, formulas, strict=True)]
        return counsel_asked(self.sides[side], self._otherwise[side])


class _Comparison:
    """The kinds of case in which two laws about an action differ.

    Each question is put first to a rough setting, in which quantifiers are variables: what cannot be there cannot be.
    What can be is looked for with one row, and with all rows that could matter where one is not enough.
    """

    def __init__(self, differ: Differ, laws: tuple[OpenedAction, OpenedAction], needed: Mapping[str, int]) -> None:
        self._differ, self._laws, self._needed = differ, laws, needed
        self._rough = differ.setting(laws, {}, rough=bool(needed), own_days=False)
        self._whole: dict[tuple[int, bool], _Setting] = {}
        self._told = _telling_apart(laws)
        self._used: dict[str, int] = {}

    def found(self, action: str) -> ActionDiff:
        """Whether the outcomes differ, and how."""
        whole = self._one_of(lambda setting: setting.apart())[1]
        if isinstance(whole, str):
            return ActionDiff(action, "", Bound(), undecided=whole)
        if whole is None:
            return ActionDiff(action, "proved", self._bound())
        kinds: list[Kind] = []
        more, undecided = False, ""
        for before, after in product(list(self._words(0)), list(self._words(1))):
            if before != after:
                found, too_many, why = self._kinds((before, after))
                kinds += found
                more, undecided = more or too_many, undecided or why
        # Outcomes under single readings may differ and come to the same for the agency: counsel either way.
        same = "" if kinds or undecided else "proved"
        return ActionDiff(action, same, self._bound(), tuple(kinds), more, undecided)

    def _words(self, side: int) -> Iterator[str]:
        settled = self._rough.sides[side].settled
        law = self._laws[side].law
        for word in _WORDS:
            if word in settled or (word == ASK_COUNSEL and (law.questions or clashes(law))):
                yield word

    def _kinds(self, words: tuple[str, str]) -> tuple[list[Kind], bool, str]:
        kinds: list[Kind] = []
        blocked: list[_Lead] = []
        while True:
            setting, found = self._one_of(lambda s: s.changes(words, blocked, self._told))
            if found is None:
                return kinds, False, ""
            if isinstance(found, str):
                return kinds, False, found
            if len(kinds) == MOST_KINDS:
                return kinds, True, ""
            lead = setting.leading(found, self._told, words)
            blocked.append(lead)
            kinds.append(self._on_own_days(words, lead) or Kind(*words, lead, setting.world, found, own=False))

    def _on_own_days(self, words: tuple[str, str], lead: _Lead) -> Kind | None:
        """A case of the same kind that each side may look at on its own day; few rows show it, or it is let be."""
        for size in (1, 2):
            setting = self._with(size, own_days=True)
            found = setting.changes(words, (), self._told, lead)
            if isinstance(found, z3.ModelRef):
                return Kind(*words, lead, setting.world, found, own=True)
        return None

    def _one_of(self, ask: Callable[[_Setting], z3.ModelRef | str | None]) -> tuple[_Setting, z3.ModelRef | str | None]:
        """A case, looked for where it is likeliest to be found or to be ruled out soonest."""
        if not self._needed:
            return self._rough, ask(self._rough)
        found = ask(self._with(1))
        if found is not None:
            return self._with(1), found
        if ask(self._rough) is None:
            return self._rough, None
        most = max(self._needed.values())
        self._used = dict(self._needed)
        return self._with(most), ask(self._with(most))

    def _with(self, size: int, *, own_days: bool = False) -> _Setting:
        key = size, own_days
        if key not in self._whole:
            rows = {list_: min(size, most) for list_, most in self._needed.items()}
            self._whole[key] = self._differ.setting(self._laws, rows, rough=False, own_days=own_days)
        return self._whole[key]

    def _bound(self) -> Bound:
        return Bound(tuple(self._used.items()))


def _clocks_apart(laws: tuple[OpenedAction, OpenedAction]) -> tuple[str, ...]:
    """Norms of both sides whose deadlines, longest times or contested words are not the same."""
    before, after = ({n.id: n for n in law.law.norms} for law in laws)
    told = []
    for id_ in before.keys() & after.keys():
        for what, then, now in (
            ("clock", _clocks(before[id_]), _clocks(after[id_])),
            ("contested", before[id_].contested, after[id_].contested),
        ):
            if then != now:
                told.append(f"{after[id_].cite}: {what}: {then or 'none'} → {now or 'none'}")
    return tuple(sorted(told))


def _clocks(norm: Norm) -> str:
    return "; ".join(clock.text for clock in norm.clocks)


def _telling(law: OpenedAction, word: str) -> list[int]:
    """The norms that can be the reason of an outcome, the highest authority first."""
    wanted = (word,) if word in (MUST, MUST_NOT, MAY) else (MUST, MUST_NOT, MAY)
    found = [i for i, norm in enumerate(law.law.norms) if norm.effect in wanted]
    return sorted(found, key=law.law.ranks.__getitem__)


def _telling_apart(laws: tuple[OpenedAction, OpenedAction]) -> _Told:
    """On each side, the norms that are not there, or say something else, on the other: these make a kind of case."""
    said = [{(n.id, n.effect, id(c)) for n, c in zip(o.law.norms, o.conditions, strict=True)} for o in laws]
    told = [
        tuple(
            i
            for i, (n, c) in enumerate(zip(laws[side].law.norms, laws[side].conditions, strict=True))
            if (n.id, n.effect, id(c)) not in said[1 - side]
        )
        for side in (0, 1)
    ]
    return told[0], told[1]
