"""One question asked many times: may this agency do this?

>>> question = Question(library, "us/ca/los-angeles/lapd", "hold past release")  # doctest: +SKIP
>>> question({"judge signed": True}, {}, date(2016, 11, 14))  # doctest: +SKIP
'may'

The law about one action of one agency, of all law dates, becomes one generated function that looks at as few facts as
it can and returns as soon as the outcome is settled.  The words are those of ``Library.outcomes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

from comity.case import Case, FactValue, Row, Rows
from comity.decide.diagram import Ask, Diagrams, Tell, TooLarge, law_state, outcome_of
from comity.decide.diagramcode import Function, Root, Written
from comity.decide.formula import Formulas
from comity.decide.reaching import Mapped, Placed, Source
from comity.decide.specialise import Specialised
from comity.policy.authority import Agency
from comity.policy.facts import LAW_DATE, Action
from comity.policy.outcome import ASK_COUNSEL, CONFLICT, NEED_A_FACT
from comity.policy.stack import ActionLaw, Era, Stack
from comity.problems import ComityError, Problem, nearest

__all__ = ["Question"]

#: Answers kept by the exact path for one era before they are dropped.
_MOST_REMEMBERED = 20_000


class _Library(Protocol):
    """What a question needs of ``comity.Library``."""

    def agency(self, id: str) -> Agency: ...

    def stack(self, agency: str | Agency) -> Stack: ...

    def compiled(self, case: Case) -> Specialised: ...


class Question:
    """One action of one agency, ready to be asked again and again.

    Call it with the facts by name, the lists by name, and the law date, as a ``Case`` holds them; the answer is the
    outcome word, the same as ``library.outcomes(case)[action]``.  ``ask`` is the bare function, a little faster.
    Facts that the agency table answers are not filled in: start from ``case.values``, or give them.
    """

    def __init__(self, library: _Library, agency: str | Agency, action: str) -> None:
        self._library = library
        self._stack = library.stack(agency)
        self.agency = self._stack.agency
        self.action = _named(action, self._stack.actions).name
        self.ask: Function = self._function(Mapped(), Formulas(), self._exactly)

    def __call__(self, values: Mapping[str, FactValue], lists: Mapping[str, Rows], law_date: date) -> str:
        """The outcome word."""
        return self.ask(values, lists, law_date)

    def compiled(self, facts: Sequence[str] = (), rows: Mapping[str, Sequence[str]] | None = None) -> Function:
        """The question for cases whose facts come in a fixed order: ``ask(values, lists, law_date)``.

        ``values`` is then a tuple, in the order of ``facts``; ``lists`` a tuple of ``Rows`` in the order of ``rows``,
        each row a tuple in the order of the list's fields.  A fact, a list or a field that is not named is unknown in
        every case.  ComityError CM201 for a name the vocabulary does not have.
        """
        rows = {} if rows is None else {name: tuple(fields) for name, fields in rows.items()}
        facts = tuple(facts)
        known = {LAW_DATE: None, **self._stack.facts}
        for name in (*facts, *rows):
            _need(name, known)
        for list_, fields in rows.items():
            for name in fields:
                _need(name, self._stack.fields.get(list_, {}))
        placed = Placed(facts, rows)

        def exactly(values: Sequence[FactValue], lists: Sequence[Rows], law_date: date) -> str:
            named: dict[str, Rows] = {}
            for (list_, fields), given in zip(rows.items(), lists, strict=True):
                each: list[Row] = [dict(zip(fields, row, strict=True)) for row in given.rows]
                named[list_] = Rows(tuple(each), given.complete)
            return self._exactly(dict(zip(facts, values, strict=True)), named, law_date)

        return self._function(placed, Formulas(placed.known), exactly)

    # -- making the function ----------------------------------------------------------------------------------------

    def _function(self, source: Source, formulas: Formulas, exactly: Function) -> Function:
        written = Written(source, self._kind_of, formulas, exactly)
        diagrams: dict[object, Diagrams[str]] = {}
        edges: list[date] = []
        roots: list[Root] = []
        for start, era in self._eras():
            root = exactly if era is None else self._root(era, formulas, diagrams, written) or exactly
            if roots and root is roots[-1]:
                continue
            if start is not None and roots:
                edges.append(start)
            roots.append(root)
        return written.function(edges, roots)

    def _eras(self) -> Iterator[tuple[date | None, Era | None]]:
        """Each stretch of law dates with its first day; None for law that the stack refuses."""
        starts: list[date | None] = [None, *self._stack.edges]
        for number, start in enumerate(starts):
            if start is None and len(starts) > 1 and self._stack.edges[0] == date.min:
                continue
            day = start or (self._stack.edges[0] - timedelta(days=1) if number + 1 < len(starts) else date.max)
            try:
                yield start, self._stack.at(day)
            except ComityError:
                yield start, None

    def _root(
        self, era: Era, formulas: Formulas, diagrams: dict[object, Diagrams[str]], written: Written
    ) -> Ask[str] | Tell[str] | None:
        law = era.by_action[self.action]
        names, state = law_state(law, era, formulas)
        facts_only = Specialised(self._stack, era).only_facts_missing(law)
        made = diagrams.get(facts_only)
        if made is None:
            words = tuple(ASK_COUNSEL if n == CONFLICT else n for n in names)
            made = diagrams[facts_only] = Diagrams(formulas, _words(outcome_of(words), facts_only))
        try:
            root = made.of(state)
        except TooLarge:
            return None
        return root if written.fits(root) else None

    def _kind_of(self, name: str, list_: str) -> str:
        words = self._stack.fields[list_] if list_ else self._stack.facts
        return words[name].type.kind

    # -- the exact path ---------------------------------------------------------------------------------------------

    def _exactly(self, values: Mapping[str, FactValue], lists: Mapping[str, Rows], law_date: date) -> str:
        """The answer as ``Library.outcomes`` finds it, readings and judgement included."""
        case = Case(self.agency, law_date, values, lists)
        compiled = self._library.compiled(case)
        if len(compiled.remembered_words) > _MOST_REMEMBERED:
            compiled.remembered_words.clear()
        law: ActionLaw = compiled.era.by_action[self.action]
        return compiled.outcome(law, case)


def _words(settled: Callable[[Any], str | None], facts_only: bool) -> Callable[[Any], str | None]:
    """An outcome that is open is *need a fact*, where nothing else can be the reason."""
    if not facts_only:
        return settled

    def told(state: Any) -> str | None:
        found = settled(state)
        return NEED_A_FACT if found == "" else found

    return told


def _named(action: str, actions: Mapping[str, Action]) -> Action:
    """An action by name or id; ComityError CM202 when there is none."""
    found = actions.get(action) or next((a for a in actions.values() if a.id == action), None)
    if found is None:
        near = nearest(action, actions)
        help_ = f"did you mean '{near}'?" if near else "see 'comity law list --actions'"
        raise ComityError([Problem("CM202", f"no action is called '{action}'", help=help_)])
    return found


def _need(name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        near = nearest(name, known)
        help_ = f"did you mean '{near}'?" if near else "write its name as the vocabulary does"
        raise ComityError([Problem("CM201", f"no fact is called '{name}'", help=help_)])
