"""Verdicts to an answer: reasons, what lost, what is missing, what would change it, what to do meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache

from comity.case import Case, FactValue, plain_values
from comity.decide.answer import ActionAnswer, Answer, Ask, Change, Defeated, Mark, ReadingShown, Reason
from comity.decide.clocks import Deadline, deadlines
from comity.decide.grounds import Known, Truth, grounds
from comity.decide.interpret import Scene, applies_to, evaluate, truth
from comity.decide.missing import MissingFact, word_of
from comity.decide.verdict import Evaluator, Verdict, verdict
from comity.decide.words import value_words
from comity.policy.facts import LAW_DATE, Action, FactWord
from comity.policy.norms import Norm
from comity.policy.outcome import ASK_COUNSEL, CONFLICT, MAY, MUST, MUST_NOT, NEED_A_FACT, NOT_DUE
from comity.policy.stack import ActionLaw, Era, Stack
from comity.truth import NO, YES

__all__ = ["Remembered", "Settle", "decide"]

#: The settled outcome of an action, every reading left open; "" while it is not settled.
Settle = Callable[[ActionLaw, Era, Case], str]

#: (action, law date, requested, values of the facts it reads) -> its answer and the facts it misses.
Remembered = dict[object, tuple[ActionAnswer, tuple[MissingFact, ...]]]

_FIRM = (MUST, MUST_NOT, MAY, NOT_DUE)
_MOST_CHANGES = 3

#: What silence says, by closure.
_SILENCE = {
    "open": "no rule of this date forbids it",
    "no power": "nobody with authority allows it, and it takes liberty",
    "duty": "no rule of this date asks for it",
}


def decide(
    stack: Stack,
    case: Case,
    run: Evaluator = evaluate,
    settle: Settle | None = None,
    *,
    title: str = "",
    notes: tuple[str, ...] = (),
    remember: Remembered | None = None,
    truth_of: Truth = truth,
) -> Answer:
    """The whole answer for ``case`` under the law of its date.

    ``run`` evaluates one action (the interpreter, or generated code); ``settle`` is a quicker way to the settled
    outcome alone, where the evaluator has one.  ``remember`` keeps, for one agency and era, the answers of actions that
    depend on a few plain facts; what rests on convictions or charges is worked out every time.
    ``truth_of`` finds the truth of single conditions for the reasons.
    """
    if settle is None:

        def settle(law: ActionLaw, era: Era, changed: Case) -> str:
            settled = run(law, era, changed, {}).standing.settled
            return ASK_COUNSEL if settled == CONFLICT else settled

    library = stack.library
    actions: list[ActionAnswer] = []
    duties: list[ActionAnswer] = []
    asked: dict[str, tuple[MissingFact | None, list[str]]] = {}
    memory: dict[tuple[tuple[str, str], ...], Known] = {}
    if case.law_date is not None:
        era = stack.at(case.law_date)
        words = stack.actions
        kinds = case.values.get("request kinds")
        plain = plain_values(case) if remember is not None else {}
        for law in era.actions:
            action = words[law.action]
            requested = isinstance(kinds, frozenset) and action.request in kinds
            names = era.settled_by[law.action] if remember is not None else None
            key = None
            kept = None
            if remember is not None and names is not None:
                key = (law.action, case.law_date, requested, tuple([plain.get(n) for n in names]))
                kept = remember.get(key)
            if kept is None:
                found = verdict(law, stack, era, case, run)
                answer = _action(action, law, found, stack, era, case, settle, requested, memory, truth_of)
                kept = answer, () if found.decided_anyway else found.missing
                if remember is not None and key is not None:
                    remember[key] = kept
            (duties if action.closure == "duty" else actions).append(kept[0])
            for fact in kept[1]:
                asked.setdefault(str(fact), (fact, []))[1].append(action.name)
    else:
        kinds = case.values.get("request kinds")
        for action in library.vocabulary.actions:
            asked_for = isinstance(kinds, frozenset) and action.request in kinds
            (duties if action.closure == "duty" else actions).append(_undated(action, asked_for))
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
        _checked_to(stack),
        tuple(actions),
        tuple(duties),
        tuple(_asks(asked, stack, wanted)),
        _meanwhile(answers, stack.actions),
        (*notes, *_ended(actions, case.law_date), *_coverage_notes(stack, case.law_date)),
    )


def _action(
    action: Action,
    law: ActionLaw,
    found: Verdict,
    stack: Stack,
    era: Era,
    case: Case,
    settle: Settle,
    requested: bool,
    memory: dict[tuple[tuple[str, str], ...], Known],
    truth_of: Truth,
) -> ActionAnswer:
    if not law.norms and not law.suspended:
        return _silent(action, found.outcome, requested)
    scene = Scene(case, era.definitions, {})
    known = memory.setdefault((), Known(truth_of))
    because = tuple(_because(law, found, stack, scene, known)) or tuple(
        _because_under_readings(law, found, stack, case, era, truth_of)
    )
    return ActionAnswer(
        action.id,
        action.name,
        found.outcome,
        found.reason,
        requested,
        found.layers,
        tuple(_layer_reasons(law, found, stack, scene, known)),
        because,
        _silence(action, found, because),
        tuple(_defeated(law, found, scene, stack)),
        tuple(str(m) for m in found.missing),
        tuple(dict.fromkeys(ASK_COUNSEL if p == CONFLICT else p for p in found.possible)),
        found.decided_anyway,
        tuple(_changes(law, found, stack, era, case, settle)),
        tuple(_marks(law, found)),
        tuple(
            ReadingShown(
                r.readings, r.outcome or NEED_A_FACT, "; ".join(f"{a.place}, {a.since}: {a.by}" for a in r.adopted)
            )
            for r in found.readings
        ),
        tuple(_clocks(law, found, stack, case)),
        action.meanwhile if found.outcome in (NEED_A_FACT, ASK_COUNSEL) else "",
    )


@cache
def _silent(action: Action, outcome: str, requested: bool) -> ActionAnswer:
    """An action about which no norm of the era says anything."""
    sentence = _SILENCE[action.closure]
    return ActionAnswer(
        action.id, action.name, outcome, "", requested, (), (), (), sentence, (), (), (outcome,), "", (), (), (), (), ""
    )


def _undated(action: Action, requested: bool) -> ActionAnswer:
    return ActionAnswer(
        action.id,
        action.name,
        NEED_A_FACT,
        "",
        requested,
        (),
        (),
        (),
        "",
        (),
        (LAW_DATE,),
        (),
        "",
        (),
        (),
        (),
        (),
        action.meanwhile,
    )


def _reason(norm: Norm, layer: str, stack: Stack, scene: Scene, known: Known, under: str = "") -> Reason:
    instrument = stack.instruments[norm.instrument]
    return Reason(
        norm.id,
        norm.cite,
        instrument.title,
        norm.effect,
        layer,
        grounds(norm, scene, known),
        norm.checked or instrument.checked,
        instrument.official,
        under,
    )


def _because(law: ActionLaw, found: Verdict, stack: Stack, scene: Scene, known: Known) -> Iterator[Reason]:
    """The winning norms of the outcome's effect, highest authority first; all that win where nothing is settled."""
    settled = found.decided_anyway or found.outcome
    wanted = (settled,) if settled in (MUST, MUST_NOT, MAY) else (MUST, MUST_NOT, MAY)
    for i in _by_rank(law):
        if found.evaluation.wins[i] == YES and law.norms[i].effect in wanted:
            yield _reason(law.norms[i], law.layers[i], stack, scene, known)


def _because_under_readings(
    law: ActionLaw, found: Verdict, stack: Stack, case: Case, era: Era, truth_of: Truth
) -> Iterator[Reason]:
    """Where every reading leads to the outcome, but each by its own norm: those norms, each with its reading."""
    if len(found.tried) == 1 or found.outcome not in (MUST, MUST_NOT, MAY):
        return
    for readings, evaluation in found.tried:
        scene, known = Scene(case, era.definitions, readings), Known(truth_of)
        under = "; ".join(f"{question}: {answer}" for question, answer in readings.items())
        for i in _by_rank(law):
            if evaluation.wins[i] == YES and law.norms[i].effect == found.outcome:
                yield _reason(law.norms[i], law.layers[i], stack, scene, known, under)


def _by_rank(law: ActionLaw) -> list[int]:
    """Positions of the norms, highest authority first."""
    return sorted(range(len(law.norms)), key=law.ranks.__getitem__)


def _layer_reasons(law: ActionLaw, found: Verdict, stack: Stack, scene: Scene, known: Known) -> Iterator[Reason]:
    """For each layer that answers otherwise than the whole: the highest norm behind its own answer."""
    for layer, outcome in found.layers:
        if outcome == (found.decided_anyway or found.outcome):
            continue
        for i in _by_rank(law):
            if law.layers[i] == layer and found.evaluation.applies[i] == YES and law.norms[i].effect == outcome:
                yield _reason(law.norms[i], layer, stack, scene, known)
                break


def _silence(action: Action, found: Verdict, because: tuple[Reason, ...]) -> str:
    """The sentence for an outcome that rests on silence; "" where a norm that binds the agency gives it."""
    outcome = found.decided_anyway or found.outcome
    if outcome not in _FIRM or any(r.layer in ("state", "local", "department") for r in because):
        return ""
    if because:
        return "no state or local rule of this date forbids it" if outcome == MAY else ""
    return _SILENCE[action.closure]


def _defeated(law: ActionLaw, found: Verdict, scene: Scene, stack: Stack) -> Iterator[Defeated]:
    for i, (norm, layer) in enumerate(zip(law.norms, law.layers, strict=True)):
        if found.evaluation.applies[i] == YES and found.evaluation.wins[i] == NO and norm.effect != "contested":
            by = tuple(law.norms[j].cite for j in law.beaten_by[i] if found.evaluation.wins[j] == YES)
            yield Defeated(norm.id, norm.cite, norm.effect, layer, by, _ground(norm, law, i, stack))
    for norm, order in law.suspended:
        if applies_to(norm, scene) == NO:
            continue
        yield Defeated(norm.id, norm.cite, norm.effect, "", (order.cite,), f"suspended by a court, {order.window}")


def _ground(norm: Norm, law: ActionLaw, i: int, stack: Stack) -> str:
    for j in law.beaten_by[i]:
        if norm.id in law.norms[j].despite:
            return "the other rule stands despite it"
        if law.ranks[j] < law.ranks[i]:
            upper, lower = (stack.instruments[n.instrument].authority for n in (law.norms[j], norm))
            return f"higher authority: {upper} over {lower}"
    return "displaced by the other text"


def _marks(law: ActionLaw, found: Verdict) -> Iterator[Mark]:
    """Contested texts that apply or may apply; an outcome that does not rest on a contested norm does not carry it."""
    for norm, applies, wins in zip(law.norms, found.evaluation.applies, found.evaluation.wins, strict=True):
        if norm.contested and applies != NO and (norm.effect == "contested" or wins != NO):
            yield Mark(norm.cite, norm.contested)


def _clocks(law: ActionLaw, found: Verdict, stack: Stack, case: Case) -> Iterator[Deadline]:
    if found.outcome in (MUST_NOT, NOT_DUE):
        return
    firm = found.outcome in (MUST, MAY)
    for norm, wins in zip(law.norms, found.evaluation.wins, strict=True):
        # Where the outcome is settled but a reading decides which norm gives it, every end is shown.
        if wins == YES or (firm and wins != NO and norm.effect == found.outcome):
            yield from deadlines(norm, case, stack.library.holidays)


def _changes(law: ActionLaw, found: Verdict, stack: Stack, era: Era, case: Case, settle: Settle) -> Iterator[Change]:
    """Single known or unknown facts that, set otherwise, lead to another outcome; at most three."""
    before = found.decided_anyway or found.outcome
    count = 0
    # One trial case whose values are set and put back, instead of a new case for each of some twenty trials.
    values = dict(case.values)
    trial = Case(case.agency, case.law_date, values, case.lists, case.name)
    for name in era.facts_read[law.action]:
        word = stack.facts.get(name)
        if word is None or word.agency:
            continue
        now = values.get(name)
        values[name] = None
        # Settled without this fact: then no word of it can change anything.
        idle = word.type.kind == "one of" and settle(law, era, trial) == before
        for value in () if idle else _others(word, now):
            values[name] = value
            settled = settle(law, era, trial)
            if not settled and before == MUST and law.closure != "duty":
                # A must that falls is told even where what comes instead is open.
                settled = verdict(law, stack, era, trial).outcome
            if settled and settled != before:
                yield Change(name, value_words(value), settled)
                count += 1
                break
        values[name] = now
        if count == _MOST_CHANGES:
            return


def _others(word: FactWord, now: FactValue) -> Iterator[FactValue]:
    if word.type.kind == "yes/no":
        yield from (v for v in (True, False) if v is not now)
    elif word.type.kind == "one of":
        yield from (m for m in word.type.members if m != now)


def _asks(asked: dict[str, tuple[MissingFact | None, list[str]]], stack: Stack, wanted: set[str]) -> Iterator[Ask]:
    """Facts to ask: those that a requested action waits for first, then those that most actions wait for."""

    def order(item: tuple[str, tuple[MissingFact | None, list[str]]]) -> tuple[int, int]:
        return -len(wanted.intersection(item[1][1])), -len(item[1][1])

    for name, (fact, actions) in sorted(asked.items(), key=order):
        if fact is None:
            yield Ask(
                name,
                "Which day's law is asked?",
                "the request's date stamp",
                "every rule has its dates",
                tuple(actions),
            )
        elif fact.list and fact.row < 0:
            word = word_of(fact, stack)
            question = f"Are these all the {fact.list} there are?"
            yield Ask(name, question, word.who, "an empty record check is no proof of no record", tuple(actions))
        else:
            word = word_of(fact, stack)
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


def _ended(actions: list[ActionAnswer], day: date | None) -> Iterator[str]:
    """A hold whose longest time was over before the law date: no outcome may hide that release was due."""
    for action in actions:
        ends = [clock.at for clock in action.clocks if clock.at is not None]
        if ends and day is not None and action.outcome in (MUST, MAY) and min(ends).date() < day:
            yield f"{action.name}: its longest time ended at {value_words(min(ends))}, before {day}; release is due"


def _checked_to(stack: Stack) -> date | None:
    """The last law date anybody checked for this agency."""
    end = stack.coverage.window.end if stack.coverage else None
    return end - timedelta(days=1) if end else None


def _coverage_notes(stack: Stack, day: date | None) -> Iterator[str]:
    if day is None:
        yield "no law date: nothing can be answered until the day is known"
        return
    held = stack.coverage
    if held is None or (held.window.start is not None and day < held.window.start):
        begins = f"begins on {held.window.start}" if held else "does not hold any"
        yield f"the library's law for this agency {begins}; what held on {day} may not be in it"
    if held is not None and held.window.end is not None and day >= held.window.end:
        yield f"the library's law for this agency was checked up to {_checked_to(stack)}; later changes are not in it"
    if held is not None and held.place == "us":
        yield "the library holds federal law only for this place: its state and local law is not in it"
    if not stack.agency.held:
        yield "this agency's own city, county and department rules are not in the library"
