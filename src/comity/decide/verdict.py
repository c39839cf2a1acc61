"""One action of one case, over every reading of the open questions: the outcome, and what stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from comity.case import Case, FactValue, Rows
from comity.decide.interpret import Evaluation, Readings, Scene, evaluate
from comity.decide.missing import MissingFact, culprits, word_of
from comity.policy.norms import Adoption
from comity.policy.outcome import ASK_COUNSEL, CONFLICT, NEED_A_FACT, SILENT
from comity.policy.stack import ActionLaw, Era, Stack

__all__ = ["Evaluator", "ReadingOutcome", "Verdict", "reading_choices", "verdict"]

#: What turns a case into an evaluation of one action: the interpreter or generated code.
Evaluator = Callable[[ActionLaw, Era, Case, Readings], Evaluation]

#: Completions of unknown facts tried before giving up on the sharper answer.
_MOST_COMPLETIONS = 256


@dataclass(frozen=True, slots=True)
class ReadingOutcome:
    """What one choice of the readings that matter makes of the action; ``adopted`` by the agency, if it adopted one."""

    readings: tuple[tuple[str, str], ...]
    outcome: str
    adopted: tuple[Adoption, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one action.

    ``reason`` says why it is *ask counsel*: "conflict", "readings", "judgement" or "".  ``evaluation`` leaves
    every question open, so what wins in it wins under every reading; ``tried`` are the readings that had to be told
    apart.  ``layers`` are each layer's own outcome, silent layers left out.  ``decided_anyway`` is the outcome every
    completion of the missing facts leads to, or "".
    """

    action: str
    outcome: str
    reason: str
    evaluation: Evaluation
    tried: tuple[tuple[dict[str, str], Evaluation], ...]
    readings: tuple[ReadingOutcome, ...]
    layers: tuple[tuple[str, str], ...]
    missing: tuple[MissingFact, ...]
    possible: tuple[str, ...]
    decided_anyway: str


Tried = list[tuple[dict[str, str], Evaluation]]


def reading_choices(law: ActionLaw, stack: Stack) -> list[dict[str, str]]:
    """Every choice of readings of the action's open questions."""
    return [
        dict(zip(law.questions, answers, strict=True))
        for answers in product(*(stack.questions[name].answers for name in law.questions))
    ]


def verdict(law: ActionLaw, stack: Stack, era: Era, case: Case, run: Evaluator = evaluate) -> Verdict:
    """The outcome of ``law.action`` for ``case``.

    Questions are left open first: what is settled then is settled under every reading.  Only where that leaves the
    outcome, or a layer's own, open are readings tried, and only of the questions that change something.
    """
    first = run(law, era, case, {})
    tried: Tried = [({}, first)]
    if law.questions and not _all_settled(first):
        tried = list(_split(law, stack, era, case, run, {}, first))
    settled = {e.standing.settled for _, e in tried}
    shown: tuple[ReadingOutcome, ...] = ()
    missing: tuple[MissingFact, ...] = ()
    anyway = reason = ""
    if settled == {CONFLICT}:
        outcome, reason = ASK_COUNSEL, "conflict"
    elif "" not in settled and len(settled) == 1:
        outcome = settled.pop()
    elif "" not in settled:
        outcome, reason = ASK_COUNSEL, "readings"
        shown = _readings_that_matter(tried, stack, case)
    else:
        found: dict[MissingFact, None] = {}
        for readings, evaluation in tried:
            if not evaluation.standing.settled:
                for fact in culprits(law, evaluation, Scene(case, era.definitions, readings)):
                    found[fact] = None
        missing, anyway = _sharpen(list(found), law, era, case, run, stack, [r for r, _ in tried])
        outcome = NEED_A_FACT
        if missing and all(word_of(f, stack).counsel for f in missing):
            outcome, reason = ASK_COUNSEL, "judgement"
    possible = tuple(dict.fromkeys(o for _, e in tried for o in e.standing.possible))
    return Verdict(law.action, outcome, reason, first, tuple(tried), shown, _layers(tried), missing, possible, anyway)


def _all_settled(evaluation: Evaluation) -> bool:
    return bool(evaluation.standing.settled) and all(standing.settled for _, standing in evaluation.layers)


def _split(
    law: ActionLaw, stack: Stack, era: Era, case: Case, run: Evaluator, readings: dict[str, str], now: Evaluation
) -> Iterator[tuple[dict[str, str], Evaluation]]:
    """Answer one more question, the one that settles most, until the rest no longer matters."""
    rest = [] if _all_settled(now) else [name for name in law.questions if name not in readings]
    best: Tried = []
    best_score = -1
    for name in rest:
        answers = stack.questions[name].answers
        branch = [(tried := {**readings, name: answer}, run(law, era, case, tried)) for answer in answers]
        changed = any((e.standing, e.layers) != (now.standing, now.layers) for _, e in branch)
        score = sum(_all_settled(e) for _, e in branch) + (1 if changed else 0)
        if score > best_score:
            best, best_score = branch, score
        if score == len(branch) + 1:
            break  # it settles everything by itself
    if rest and best_score == 0:
        # No single answer moves anything.  If answering them all does not either, facts are missing, not readings.
        every = {**readings, **{name: stack.questions[name].answers[0] for name in rest}}
        full = run(law, era, case, every)
        if not full.standing.settled or (now.standing.settled and not _all_settled(full)):
            best = []
    if not best:
        yield readings, now
        return
    for tried, evaluation in best:
        yield from _split(law, stack, era, case, run, tried, evaluation)


def _readings_that_matter(tried: Tried, stack: Stack, case: Case) -> tuple[ReadingOutcome, ...]:
    """What each choice leads to, the adopted one first."""
    shown = []
    for readings, evaluation in tried:
        kept = tuple(readings.items())
        found = [stack.adopted(name, case.law_date) if case.law_date else None for name, _ in kept]
        adopted = tuple(a for a, (_, answer) in zip(found, kept, strict=True) if a is not None and a.answer == answer)
        whole = adopted if len(adopted) == len(kept) else ()
        shown.append(ReadingOutcome(kept, _shown(evaluation.standing.settled), whole))
    return tuple(sorted(shown, key=lambda r: not r.adopted))


def _shown(settled: str) -> str:
    return ASK_COUNSEL if settled == CONFLICT else settled


def _layers(tried: Tried) -> tuple[tuple[str, str], ...]:
    """Each layer's own outcome; a layer whose answer turns on a reading asks counsel."""
    if len(tried) == 1:
        alone_ = [(layer, _shown(s.settled) or NEED_A_FACT) for layer, s in tried[0][1].layers]
        return tuple([pair for pair in alone_ if pair[1] != SILENT])
    found: dict[str, set[str]] = {}
    for _, evaluation in tried:
        for layer, alone in evaluation.layers:
            found.setdefault(layer, set()).add(_shown(alone.settled) or NEED_A_FACT)
    merged = {
        layer: next(iter(outcomes)) if len(outcomes) == 1 else NEED_A_FACT if NEED_A_FACT in outcomes else ASK_COUNSEL
        for layer, outcomes in found.items()
    }
    return tuple((layer, outcome) for layer, outcome in merged.items() if outcome != SILENT)


def _sharpen(
    missing: list[MissingFact],
    law: ActionLaw,
    era: Era,
    case: Case,
    run: Evaluator,
    stack: Stack,
    choices: list[dict[str, str]],
) -> tuple[tuple[MissingFact, ...], str]:
    """The facts that can still change the outcome, and the outcome if none can.

    Kleene truth is weaker than case analysis: (x and y) or (not x and y) is y whatever x is.  Where every missing fact
    has few values, all completions are tried; otherwise the facts stay as they are.
    """
    values: list[tuple[FactValue, ...]] = []
    size = 1
    for fact in missing:
        word = word_of(fact, stack)
        if (fact.row < 0 and fact.list) or word.type.kind not in ("yes/no", "one of"):
            return tuple(missing), ""
        options: tuple[FactValue, ...] = (True, False) if word.type.kind == "yes/no" else word.type.members
        values.append(options)
        size *= len(options)
        if size > _MOST_COMPLETIONS:
            return tuple(missing), ""
    outcomes: dict[tuple[FactValue, ...], tuple[str, ...]] = {}
    for completion in product(*values):
        completed = _complete(case, missing, completion)
        settled = tuple([run(law, era, completed, readings).standing.settled for readings in choices])
        if "" in settled:
            return tuple(missing), ""
        outcomes[completion] = settled
    relevant = []
    for i, fact in enumerate(missing):
        for completion, outcome in outcomes.items():
            others = (outcomes[(*completion[:i], v, *completion[i + 1 :])] for v in values[i])
            if any(o != outcome for o in others):
                relevant.append(fact)
                break
    if relevant:
        return tuple(relevant), ""
    only = set(next(iter(outcomes.values())))
    return tuple(missing), _shown(only.pop()) if len(only) == 1 else ASK_COUNSEL


def _complete(case: Case, missing: list[MissingFact], completion: tuple[FactValue, ...]) -> Case:
    changed = {f.name: v for f, v in zip(missing, completion, strict=True) if not f.list}
    lists: dict[str, Rows] = {}
    for fact, value in zip(missing, completion, strict=True):
        if fact.list:
            old = lists.get(fact.list, case.lists[fact.list])
            rows = list(old.rows)
            rows[fact.row] = {**rows[fact.row], fact.name: value}
            lists[fact.list] = Rows(tuple(rows), old.complete)
    return case.with_values(changed).with_lists(lists)
