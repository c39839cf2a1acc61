"""Verdicts to an answer: reasons, what lost, what is missing, what would change it, what to do meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from comity.decide.answer import ActionAnswer, Answer, Ask, Change, Defeated, Mark, ReadingShown, Reason
from comity.decide.case import Case, FactValue
from comity.decide.clocks import Deadline, deadlines
from comity.decide.grounds import grounds, value_words
from comity.decide.interpret import Scene, evaluate
from comity.decide.missing import MissingFact
from comity.decide.outcome import ASK_COUNSEL, MAY, MUST, MUST_NOT, NEED_A_FACT, NOT_DUE
from comity.decide.verdict import Evaluator, Verdict, verdict
from comity.policy.expressions import Defined, Expression, facts_in, walk
from comity.policy.facts import LAW_DATE, Action, FactWord
from comity.policy.norms import Norm
from comity.policy.stack import ActionLaw, Era, Stack
from comity.truth import NO, YES

__all__ = ["decide"]

_FIRM = (MUST, MUST_NOT, MAY, NOT_DUE)
_MOST_CHANGES = 3


def decide(stack: Stack, case: Case, run: Evaluator = evaluate, *, title: str = "", notes: tuple[str, ...] = ()) -> Answer:
    """The whole answer for ``case`` under the law of its date.  ``run`` evaluates one action (reference or compiled)."""
    library = stack.library
    actions: list[ActionAnswer] = []
    duties: list[ActionAnswer] = []
    asked: dict[str, tuple[MissingFact | None, list[str]]] = {}
    if case.law_date is not None:
        era = stack.at(case.law_date)
        words = library.vocabulary.action_names()
        kinds = case.values.get("request kinds")
        for law in era.actions:
            action = words[law.action]
            found = verdict(law, stack, era, case, run)
            requested = isinstance(kinds, frozenset) and action.request in kinds
            answer = _action(action, law, found, stack, era, case, run, requested)
            (duties if action.closure == "duty" else actions).append(answer)
            for fact in found.missing:
                if not found.decided_anyway:
                    asked.setdefault(str(fact), (fact, []))[1].append(action.name)
    else:
        for action in library.vocabulary.actions:
            (duties if action.closure == "duty" else actions).append(_undated(action))
        asked[LAW_DATE] = (None, [a.name for a in library.vocabulary.actions])
    answers = (*actions, *duties)
    wanted = {a.name for a in answers if a.requested}
    return Answer(
        case.name,
        title,
        case.agency.id,
        case.agency.name,
        case.law_date,
        library.version,
        library.sha256,
        library.covers.end,
        tuple(actions),
        tuple(duties),
        tuple(_asks(asked, stack, wanted)),
        _meanwhile(answers, library.vocabulary.action_names()),
        (*notes, *_coverage_notes(stack, case.law_date)),
    )


def _action(
    action: Action,
    law: ActionLaw,
    found: Verdict,
    stack: Stack,
    era: Era,
    case: Case,
    run: Evaluator,
    requested: bool,
) -> ActionAnswer:
    scene = Scene(case, era.definitions, found.readings_used)
    because = tuple(_because(law, found, stack, scene))
    return ActionAnswer(
        action.id,
        action.name,
        found.outcome,
        found.reason,
        requested,
        found.layers,
        tuple(_layer_reasons(law, found)),
        because,
        "" if because or found.outcome not in _FIRM else _silence(action, found.outcome),
        tuple(_defeated(law, found)),
        tuple(str(m) for m in found.missing),
        found.possible,
        found.decided_anyway,
        tuple(_changes(law, found, stack, era, case, run)),
        tuple(_marks(law, found)),
        tuple(
            ReadingShown(r.readings, r.outcome or NEED_A_FACT, "; ".join(f"{a.place}, {a.since}: {a.by}" for a in r.adopted))
            for r in found.readings
        ),
        tuple(_clocks(law, found, stack, case)),
        action.meanwhile if found.outcome in (NEED_A_FACT, ASK_COUNSEL) else "",
    )


def _undated(action: Action) -> ActionAnswer:
    return ActionAnswer(
        action.id, action.name, NEED_A_FACT, "", False, (), (), (), "", (), (LAW_DATE,), (), "", (), (), (), (), action.meanwhile
    )


def _because(law: ActionLaw, found: Verdict, stack: Stack, scene: Scene) -> Iterator[Reason]:
    """The winning norms of the outcome's effect; where nothing is settled, those that surely win."""
    instruments = stack.library.instrument_table()
    settled = found.decided_anyway or found.outcome
    wanted = {settled} if settled in (MUST, MUST_NOT, MAY) else {MUST, MUST_NOT, MAY}
    for norm, wins, layer in zip(law.norms, found.evaluation.wins, law.layers, strict=True):
        if wins == YES and norm.effect in wanted:
            instrument = instruments[norm.instrument]
            yield Reason(
                norm.id,
                norm.cite,
                instrument.title,
                norm.effect,
                layer,
                grounds(norm, scene),
                norm.checked or instrument.checked,
                instrument.official,
            )


def _layer_reasons(law: ActionLaw, found: Verdict) -> Iterator[tuple[str, str, str]]:
    """The norms that apply and have the effect of their own layer's answer."""
    layers = dict(found.layers)
    for norm, applies, layer in zip(law.norms, found.evaluation.applies, law.layers, strict=True):
        if applies == YES and norm.effect == layers.get(layer):
            yield norm.cite, norm.effect, layer


def _silence(action: Action, outcome: str) -> str:
    if outcome == NOT_DUE:
        return "no rule of this date asks for it"
    if action.closure == "no power":
        return "nobody with authority allows it, and it takes liberty"
    return "no rule of this date forbids it"


def _defeated(law: ActionLaw, found: Verdict) -> Iterator[Defeated]:
    for i, (norm, layer) in enumerate(zip(law.norms, law.layers, strict=True)):
        if found.evaluation.applies[i] == YES and found.evaluation.wins[i] == NO and norm.effect != "contested":
            by = tuple(law.norms[j].cite for j in law.beaten_by[i] if found.evaluation.wins[j] == YES)
            yield Defeated(norm.id, norm.cite, norm.effect, layer, by, _ground(norm, law, i))
    for norm, order in law.suspended:
        yield Defeated(norm.id, norm.cite, norm.effect, "", (order.cite,), f"suspended by a court, {order.window}")


def _ground(norm: Norm, law: ActionLaw, i: int) -> str:
    for j in law.beaten_by[i]:
        if norm.id in law.norms[j].despite:
            return "the other rule stands despite it"
        if law.ranks[j] < law.ranks[i]:
            return f"higher authority: {law.layers[j]} over {law.layers[i]}"
    return "displaced by the other text"


def _marks(law: ActionLaw, found: Verdict) -> Iterator[Mark]:
    """Contested texts that apply or may apply; an outcome that does not rest on a contested norm does not carry it."""
    for norm, applies, wins in zip(law.norms, found.evaluation.applies, found.evaluation.wins, strict=True):
        if norm.contested and applies != NO and (norm.effect == "contested" or wins != NO):
            yield Mark(norm.cite, norm.contested)


def _clocks(law: ActionLaw, found: Verdict, stack: Stack, case: Case) -> Iterator[Deadline]:
    if found.outcome in (MUST_NOT, NOT_DUE):
        return
    for norm, wins in zip(law.norms, found.evaluation.wins, strict=True):
        if wins == YES:
            yield from deadlines(norm, case, stack.library.holidays)


def _changes(law: ActionLaw, found: Verdict, stack: Stack, era: Era, case: Case, run: Evaluator) -> Iterator[Change]:
    """Single known or unknown facts that, set otherwise, lead to another firm outcome; at most three."""
    vocabulary = stack.library.vocabulary.case_facts()
    before = found.decided_anyway or found.outcome
    count = 0
    for name in _facts_of(law, era):
        word = vocabulary.get(name)
        if word is None or word.agency:
            continue
        for value in _others(word, case.values.get(name)):
            changed = case.with_values({name: value})
            settled = run(law, era, changed, {}).standing.settled
            if settled in _FIRM and settled != before:
                yield Change(name, value_words(value), settled)
                count += 1
                break
        if count == _MOST_CHANGES:
            return


def _others(word: FactWord, now: FactValue) -> Iterator[FactValue]:
    if word.type.kind == "yes/no":
        yield from (v for v in (True, False) if v is not now)
    elif word.type.kind == "one of":
        yield from (m for m in word.type.members if m != now)


def _facts_of(law: ActionLaw, era: Era) -> dict[str, None]:
    found: dict[str, None] = {}
    for norm in law.norms:
        if norm.effect != "contested":
            for expression in (norm.when, *norm.exceptions):
                _collect(expression, era, found)
    return found


def _collect(expression: Expression, era: Era, found: dict[str, None]) -> None:
    for name, row in facts_in(expression):
        if not row:
            found.setdefault(name)
    for node in walk(expression):
        if isinstance(node, Defined):
            for version in era.definitions.get(node.name, ()):
                for part in (version.when, *version.exceptions):
                    _collect(part, era, found)


def _asks(asked: dict[str, tuple[MissingFact | None, list[str]]], stack: Stack, wanted: set[str]) -> Iterator[Ask]:
    """Facts to ask: those that a requested action waits for first, then those that most actions wait for."""
    vocabulary = stack.library.vocabulary
    facts = vocabulary.case_facts()
    records = {list_: record for record, list_ in vocabulary.records().items()}

    def order(item: tuple[str, tuple[MissingFact | None, list[str]]]) -> tuple[int, int]:
        return -len(wanted.intersection(item[1][1])), -len(item[1][1])

    for name, (fact, actions) in sorted(asked.items(), key=order):
        if fact is None:
            yield Ask(name, "Which day's law is asked?", "the request's date stamp", "every rule has its dates", tuple(actions))
        elif fact.list and fact.row < 0:
            word = facts[fact.list]
            question = f"Are these all the {fact.list} there are?"
            yield Ask(name, question, word.who, "an empty record check is no proof of no record", tuple(actions))
        else:
            word = vocabulary.fields(records[fact.list])[fact.name] if fact.list else facts[fact.name]
            question = f"{fact.list} {fact.row + 1}: {word.ask}" if fact.list else word.ask
            yield Ask(name, question or f"{word.name}?", word.who, word.why, tuple(actions))


def _meanwhile(answers: tuple[ActionAnswer, ...], words: dict[str, Action]) -> str:
    """What to do now: the holding instructions of what was asked for and may not be done, or is not settled."""
    parts: dict[str, None] = {}
    for answer in answers:
        settled = answer.decided_anyway or answer.outcome
        if answer.requested and settled not in (MUST, MAY) and words[answer.name].meanwhile:
            parts[words[answer.name].meanwhile] = None
    return " ".join(parts)


def _coverage_notes(stack: Stack, day: date | None) -> Iterator[str]:
    if day is None:
        yield "no law date: nothing can be answered until the day is known"
        return
    below = [n.window.start for n in stack.norms if not n.instrument.removeprefix("us/")[:3].startswith(("con",)) and n.window.start]
    first = min(below, default=None)
    if first is not None and day < first:
        yield f"the library's law for this agency begins on {first}; what held before is not in it"
    last = stack.library.covers.end
    if last is not None and day > last:
        yield f"the law was last checked on {last}; this case is later, so changes since then are not in it"
    if not stack.agency.held:
        yield "this agency's own city, county and department rules are not in the library"
