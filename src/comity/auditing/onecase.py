"""The one-case engine as an engine of the audit: every case of a table, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from comity.api import Library
from comity.audit.cases import CaseReader, day_of
from comity.audit.judgement import Judged, Judgement, LawVersion
from comity.audit.tables import CaseTable
from comity.case import Case
from comity.decide.interpret import Evaluation, Readings, Scene, evaluate
from comity.decide.missing import MissingFact, culprits
from comity.decide.verdict import Evaluator, Verdict, verdict
from comity.policy.facts import LAW_DATE
from comity.policy.outcome import ASK_COUNSEL, CONFLICT, MAY, MUST, MUST_NOT, NEED_A_FACT, OUTCOMES, SILENT
from comity.policy.stack import ActionLaw, Era, Stack
from comity.truth import YES

__all__ = ["OneCase", "generated", "judgement_of"]

_UNDATED = Judgement(NEED_A_FACT, missing=(LAW_DATE,))


class OneCase:
    """Judges case by case with ``comity.decide.verdict``: slow, and what the other engines are held to.

    ``actions``: the actions to judge (default: all).  ``run``: the reference interpreter, or generated code.
    """

    name = "interpreter"

    def __init__(self, library: Library, actions: Sequence[str] | None = None, run: Evaluator = evaluate) -> None:
        self._library = library
        words = library.law.vocabulary.actions
        self._actions = tuple(a.name for a in words) if actions is None else tuple(actions)
        self._run = run
        self._reader = CaseReader(library.law)
        self._laws: list[LawVersion] = []
        self._law_numbers: dict[LawVersion, int] = {}
        self._judgements: dict[str, list[Judgement]] = {a: [] for a in self._actions}
        self._numbers: dict[str, dict[Judgement, int]] = {a: {} for a in self._actions}
        #: What an action without any norm comes to: (era, action) -> judgement.
        self._silent: dict[tuple[Era, str], Judgement] = {}

    def judge(self, table: CaseTable) -> Judged:
        """Judge one stretch of cases."""
        law = np.zeros(len(table), np.int32)
        found = {action: np.zeros(len(table), np.int32) for action in self._actions}
        for i, case in enumerate(self._reader.cases(table)):
            stack = self._library.stack(case.agency)
            era = None if case.law_date is None else stack.at(case.law_date)
            law[i] = self._law(LawVersion(case.agency.id, None if era is None else era.window))
            for action, codes in found.items():
                codes[i] = self._number(action, self._one(action, stack, era, case))
        return Judged(table, self._laws, law, self._judgements, found)

    def judge_one(self, table: CaseTable, position: int, action: str) -> Judgement:
        """The judgement of one case (position in the table, from 0) about one action."""
        day = day_of(int(table.law_date[position]))
        if day is None:
            return _UNDATED
        case = self._reader.case(table, position)
        stack = self._library.stack(case.agency)
        return self._one(action, stack, stack.at(day), case)

    def _one(self, action: str, stack: Stack, era: Era | None, case: Case) -> Judgement:
        if era is None:
            return _UNDATED
        law = era.by_action[action]
        if law.norms:
            return judgement_of(law, stack, era, case, self._run)
        kept = self._silent.get((era, action))
        if kept is None:
            kept = self._silent[era, action] = judgement_of(law, stack, era, case, self._run)
        return kept

    def _law(self, version: LawVersion) -> int:
        place = self._law_numbers.setdefault(version, len(self._laws))
        if place == len(self._laws):
            self._laws.append(version)
        return place

    def _number(self, action: str, judgement: Judgement) -> int:
        known = self._judgements[action]
        place = self._numbers[action].setdefault(judgement, len(known))
        if place == len(known):
            known.append(judgement)
        return place


def generated(library: Library) -> Evaluator:
    """The evaluator that generated code is: the same answers as the interpreter, sooner where cases are many."""

    def run(law: ActionLaw, era: Era, case: Case, readings: Readings) -> Evaluation:
        return library.compiled(case).run(law, era, case, readings)

    return run


def judgement_of(law: ActionLaw, stack: Stack, era: Era, case: Case, run: Evaluator = evaluate) -> Judgement:
    """The judgement of one case about ``law.action`` under the law of its date."""
    found = verdict(law, stack, era, case, run)
    return Judgement(
        found.outcome,
        found.reason,
        found.layers,
        tuple(_winning(law, found)),
        tuple(sorted(set(map(_as_column, _behind(law, era, case, found))))),
        _possible(found.possible),
    )


def _winning(law: ActionLaw, found: Verdict) -> Iterable[str]:
    """Norms of the outcome that win under every reading; where no outcome is settled, every norm that does."""
    effects = (found.outcome,) if found.outcome in (MUST, MUST_NOT, MAY) else (MUST, MUST_NOT, MAY)
    for i in sorted(range(len(law.norms)), key=law.ranks.__getitem__):
        if found.evaluation.wins[i] == YES and law.norms[i].effect in effects:
            yield law.norms[i].id


def _behind(law: ActionLaw, era: Era, case: Case, found: Verdict) -> Iterable[MissingFact]:
    """The unknown facts before case analysis leaves some out: columns see no more than these."""
    for readings, evaluation in found.tried:
        if not evaluation.standing.settled:
            yield from culprits(law, evaluation, Scene(case, era.definitions, readings))


def _as_column(fact: MissingFact) -> str:
    """A missing fact without the number of its row."""
    return f"{fact.list}: {fact.name}" if fact.row >= 0 else str(fact)


def _possible(outcomes: Iterable[str]) -> tuple[str, ...]:
    shown = {ASK_COUNSEL if o == CONFLICT else o for o in outcomes}
    return tuple(o for o in (*OUTCOMES, SILENT) if o in shown)
