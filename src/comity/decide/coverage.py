"""Run the examples of a library and measure what they cover, rule by rule.

An example is a promise made by a person: outcome, norm, missing fact.  From the examples the run then *tries*, for each
norm: its window (the day before, on and after each edge), and each fact made unknown.  Trying asserts what must hold
for any law: a norm is silent outside its window; making a fact unknown never turns one firm outcome into another.
Look-back windows inside a condition are for the examples: only a person knows what should happen on the anniversary.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from comity.case import Case, case_of_check
from comity.decide.interpret import Evaluation, Readings, Scene, evaluate, truth
from comity.decide.specialise import Specialised
from comity.decide.verdict import Evaluator, Verdict, reading_choices, verdict
from comity.policy.authority import Agency
from comity.policy.facts import LAW_DATE
from comity.policy.library import Check, Expected, Library
from comity.policy.norms import Norm
from comity.policy.outcome import ASK_COUNSEL, NEED_A_FACT
from comity.policy.stack import ActionLaw, Era, Stack, bind, case_facts
from comity.problems import ComityError, Problem
from comity.truth import YES

__all__ = ["Coverage", "EnginesDiffer", "RuleCoverage", "both_engines", "expectation_failures", "run_checks"]


class EnginesDiffer(AssertionError):
    """The interpreter and the generated code answered differently: a bug of Comity, never of the law."""


def both_engines(library: Library) -> Evaluator:
    """An evaluator that asks the interpreter and the generated code, and insists that they agree."""
    compiled: dict[int, tuple[Era, Specialised]] = {}
    stacks: dict[str, Stack] = {}

    def run(law: ActionLaw, era: Era, case: Case, readings: Readings) -> Evaluation:
        made = compiled.get(id(era))
        if made is None:
            stack = _bound(case.agency, library, stacks)
            made = compiled[id(era)] = (era, Specialised(stack, era))
        plain, fast = evaluate(law, era, case, readings), made[1].run(law, era, case, readings)
        if plain != fast:
            raise EnginesDiffer(f"{case.name}: {law.action} on {case.law_date}: {plain} is not {fast}")
        return plain

    return run


@dataclass(slots=True)
class RuleCoverage:
    """What was tried of one norm; ``exceptions`` says of each whether an example shows it defeating the norm."""

    norm: Norm
    fired: bool = False
    exceptions: list[bool] = field(default_factory=list)
    days_tried: set[date] = field(default_factory=set)
    facts_tried: set[str] = field(default_factory=set)

    def gaps(self) -> list[str]:
        """What is still untried, in words; empty when the norm is covered."""
        gaps = [] if self.fired else ["no example in which it applies"]
        gaps += [
            f"no example in which exception {i + 1} defeats it" for i, seen in enumerate(self.exceptions) if not seen
        ]
        return gaps


@dataclass(slots=True)
class Coverage:
    """The result of a run: failures (problems), and coverage per norm id."""

    examples: int = 0
    expectations: int = 0
    trials: int = 0
    failures: list[Problem] = field(default_factory=list)
    rules: dict[str, RuleCoverage] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every norm is covered."""
        return not any(r.gaps() for r in self.rules.values())


def run_checks(library: Library, run: Evaluator = evaluate, instruments: tuple[str, ...] = ()) -> Coverage:
    """Run every example (or those whose file holds one of ``instruments``) and try what they reach."""
    coverage = Coverage(rules={n.id: RuleCoverage(n, exceptions=[False] * len(n.exceptions)) for n in library.norms})
    files = {i.file for i in library.instruments if not instruments or i.id in instruments}
    stacks: dict[str, Stack] = {}
    for check in library.checks:
        if instruments and check.span.file not in files:
            continue
        coverage.examples += 1
        for trial in check.trials:
            try:
                case = case_of_check(check, trial.on, library)
            except ComityError as error:
                coverage.failures += [_placed(p, check) for p in error.problems]
                break
            stack = _bound(case.agency, library, stacks)
            for expected in trial.expected:
                coverage.expectations += 1
                coverage.failures += list(expectation_failures(check, case, expected, stack, run))
            _observe(case, stack, coverage)
    return coverage


def _bound(agency: Agency, library: Library, stacks: dict[str, Stack]) -> Stack:
    """The agency's stack, bound once for a whole run."""
    if agency.id not in stacks:
        stacks[agency.id] = bind(library, agency)
    return stacks[agency.id]


def _placed(problem: Problem, check: Check) -> Problem:
    return Problem(problem.code, problem.message, problem.span or check.span, problem.citation, problem.help)


def expectation_failures(
    check: Check, case: Case, expected: Expected, stack: Stack, run: Evaluator
) -> Iterator[Problem]:
    """What is not as an example expects it of one action of its case; nothing where the promise is kept."""
    assert case.law_date is not None
    era = stack.at(case.law_date)
    law = era.by_action[expected.action]
    found = verdict(law, stack, era, case, run)
    outcome = dict(found.layers).get(expected.layer, "silent") if expected.layer else found.outcome
    where = f" in {expected.layer} law" if expected.layer else ""
    if outcome != expected.outcome:
        yield Problem(
            "CM602",
            f"'{check.title}' expects {expected.outcome}: {expected.action}{where} on {case.law_date}, "
            f"but the answer is {outcome}{_why(found)}",
            expected.span,
            help="the law text, the example or the engine is wrong: find out which before changing either",
        )
        return
    if expected.because:
        reasons = _reasons(law, stack, era, case, run, winning=not expected.layer)
        if not set(expected.because) & reasons:
            yield Problem(
                "CM602",
                f"'{check.title}' expects the reason {expected.because[0]}, "
                f"but the reasons are {', '.join(sorted(reasons)) or 'none'}",
                expected.span,
            )
    if expected.missing and expected.missing not in {w for m in found.missing for w in (str(m), m.name, m.list)}:
        yield Problem(
            "CM602",
            f"'{check.title}' expects the missing fact '{expected.missing}', "
            f"but missing: {', '.join(str(m) for m in found.missing) or 'nothing'}",
            expected.span,
        )


def _reasons(law: ActionLaw, stack: Stack, era: Era, case: Case, run: Evaluator, *, winning: bool) -> set[str]:
    """Ids of the norms that win (or, for one layer's answer, apply) under some reading."""
    found: set[str] = set()
    for readings in reading_choices(law, stack):
        result = run(law, era, case, readings)
        ranks = result.wins if winning else result.applies
        found |= {n.id for n, rank in zip(law.norms, ranks, strict=True) if rank == YES}
    return found


def _why(found: Verdict) -> str:
    if found.outcome == NEED_A_FACT:
        return f" (missing: {', '.join(str(m) for m in found.missing)})"
    if found.outcome == ASK_COUNSEL:
        return f" ({found.reason}; possible: {', '.join(found.possible)})"
    return ""


def _observe(case: Case, stack: Stack, coverage: Coverage) -> None:
    assert case.law_date is not None
    era = stack.at(case.law_date)
    for law in era.actions:
        if not law.norms:
            continue
        for readings in reading_choices(law, stack):
            scene = Scene(case, era.definitions, readings)
            result = evaluate(law, era, case, readings)
            for norm, applies in zip(law.norms, result.applies, strict=True):
                rule = coverage.rules[norm.id]
                if applies == YES and not rule.fired:
                    rule.fired = True
                    _try_window(norm, case, stack, coverage)
                    _try_unknown(norm, case, stack, era, coverage)
                for i, exception in enumerate(norm.exceptions):
                    if not rule.exceptions[i]:
                        rule.exceptions[i] = truth(norm.when, scene) == YES and truth(exception, scene) == YES


def _try_window(norm: Norm, case: Case, stack: Stack, coverage: Coverage) -> None:
    """The day before, on and after each edge of the norm's window: in force exactly where the text says."""
    for edge in norm.window.edges():
        for day in (edge - timedelta(days=1), edge, edge + timedelta(days=1)):
            coverage.trials += 1
            coverage.rules[norm.id].days_tried.add(day)
            law = stack.at(day).by_action[norm.action]
            known = {n.id for n in law.norms} | {n.id for n, _ in law.suspended}
            if (norm.id in known) != (day in norm.window):
                coverage.failures.append(
                    Problem(
                        "CM602", f"'{norm.label}' is not in force where its window says, on {day}", norm.span, norm.cite
                    )
                )


def _try_unknown(norm: Norm, case: Case, stack: Stack, era: Era, coverage: Coverage) -> None:
    """Each fact the norm reads, made unknown: the outcome may open, but never flip."""
    law = era.by_action[norm.action]
    before = verdict(law, stack, era, case)
    for name in sorted(set(case_facts(norm, era.definitions))):
        if name == LAW_DATE:
            continue
        coverage.trials += 1
        coverage.rules[norm.id].facts_tried.add(name)
        changed = (
            case.with_lists({name: type(case.lists[name])()}) if name in case.lists else case.with_values({name: None})
        )
        after = verdict(law, stack, era, changed)
        firm = (NEED_A_FACT, ASK_COUNSEL)
        if after.outcome != before.outcome and after.outcome not in firm and before.outcome not in firm:
            coverage.failures.append(
                Problem(
                    "CM602",
                    f"making '{name}' unknown turns {before.outcome} into {after.outcome} for {norm.action}",
                    norm.span,
                    norm.cite,
                )
            )
