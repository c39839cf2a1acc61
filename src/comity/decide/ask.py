"""The interview as data: which question comes next, and the case after its answer.

Only what can still change the outcome of a requested action is asked.  What can is taken from the verdicts: the
missing facts of every requested action that is neither settled nor decided whatever they are.  So a county that looks
at judges' warrants alone asks one question, and never for convictions.

Nothing is remembered here.  The caller keeps the case, what was skipped ("can't tell"), and the cases before it, so
that going back is taking the case before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from comity.calendar import shift
from comity.case import Case, FactValue, Row, Rows, counting, fill_offences, find_agency
from comity.decide.casefile import read_case
from comity.decide.missing import MissingFact
from comity.decide.verdict import Verdict, verdict
from comity.decide.words import row_words
from comity.policy.authority import UNHELD, Agency
from comity.policy.facts import LAW_DATE, FactType, FactWord
from comity.policy.library import Library as Law
from comity.problems import ComityError, Problem, nearest

if TYPE_CHECKING:
    # The door that callers hold; it imports this package, so it is named here for the types only.
    from comity.api import Library

__all__ = [
    "ADD",
    "AGENCY",
    "ALL",
    "KINDS",
    "NONE",
    "Question",
    "Value",
    "agencies_like",
    "answered",
    "blank_case",
    "next_question",
    "questions",
    "so_far",
]

AGENCY = "agency"
#: The fact that says which actions are asked about.
KINDS = "request kinds"

#: Answers to the question for a list, beside the section of one more entry.
NONE, ALL, ADD = "none", "these are all", "add one"

Value = str | bool | int | date | Iterable[str]

_NO_AGENCY = Agency("", "no agency yet", "", (), (), "UTC", held=False)
_MOST_NAMED = 6
#: Some values are asked more easily than others; yes/no before the rest, lists last.
_EASE = {"yes/no": 0, "one of": 1, "some of": 3, "list": 4}


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    ``key`` is its stable name, for skipping.  ``fact`` is what is missing, or None for the agency and the law date.
    ``about`` names the entry of a list that the question belongs to, or the entries given so far.  ``choices`` are the
    words to choose from, empty where the answer is free.  ``actions`` are the requested actions that wait for it.
    ``counsel``: the law leaves the answer to a person.  ``law`` is the library whose words read the answer.
    """

    key: str
    fact: MissingFact | None
    type: FactType
    text: str
    about: str
    choices: tuple[str, ...]
    who: str
    why: str
    actions: tuple[str, ...]
    counsel: bool
    law: Law = field(repr=False, compare=False)


def blank_case() -> Case:
    """A case of which nothing is known, not even the agency."""
    return Case(_NO_AGENCY, None)


def next_question(library: Library, case: Case, skipped: frozenset[str] = frozenset()) -> Question | None:
    """The question to ask now, or None when no answer could change anything that was requested.

    ``skipped`` holds the keys of questions nobody could answer.
    """
    return next(iter(questions(library, case, skipped)), None)


def questions(library: Library, case: Case, skipped: frozenset[str] = frozenset()) -> tuple[Question, ...]:
    """Every question that may still be asked as the case stands, the next one first."""
    first = list(_first(library.law, case))
    if first:
        # Without one of these nothing can be decided, so after "can't tell" there is nothing more to ask.
        return () if any(q.key in skipped for q in first) else tuple(first)
    waiting: dict[MissingFact, list[str]] = {}
    for action, found in _verdicts(library, case):
        if not found.decided_anyway:
            for fact in found.missing:
                fact = _easier(fact, case, skipped, library.law)
                if str(fact) not in skipped and action not in waiting.setdefault(fact, []):
                    waiting[fact].append(action)
    made = [_question(fact, tuple(actions), case, library.law) for fact, actions in waiting.items() if actions]
    return tuple(sorted(made, key=lambda q: _order(q, case)))


def so_far(library: Library, case: Case) -> tuple[tuple[str, str], ...]:
    """Each requested action with its outcome as the case stands; empty while nothing can be said."""
    if any(_first(library.law, case)):
        return ()
    return tuple((action, found.decided_anyway or found.outcome) for action, found in _verdicts(library, case))


def _first(law: Law, case: Case) -> Iterator[Question]:
    """Agency, law date and request kinds, as far as they are missing."""
    if not case.agency.id:
        kind = FactType("one of", tuple(a.id for a in law.agencies))
        why = "each agency has its own place, and with it its own law"
        who = "any part of its name will do; for one that is not listed write PLACE:KIND, such as us/ca/town:police"
        yield Question(AGENCY, None, kind, "Which agency is it?", "", (), who, why, (), False, law)
    if case.law_date is None:
        kind = FactType("date")
        who, why = "the request's date stamp", "every rule has its dates"
        yield Question(LAW_DATE, None, kind, "Which day's law is asked?", "", (), who, why, (), False, law)
    if case.values.get(KINDS) is None and KINDS in law.vocabulary.case_facts():
        yield _question(MissingFact("", -1, KINDS), (), case, law)


def _verdicts(library: Library, case: Case) -> Iterator[tuple[str, Verdict]]:
    """Each requested action with its verdict."""
    assert case.law_date is not None
    stack = library.stack(case.agency)
    era = stack.at(case.law_date)
    run = library.compiled(case).run
    words = library.law.vocabulary.action_names()
    kinds = case.values.get(KINDS)
    for law in era.actions:
        if isinstance(kinds, frozenset) and words[law.action].request in kinds:
            yield law.action, verdict(law, stack, era, case, run)


def _question(fact: MissingFact, actions: tuple[str, ...], case: Case, law: Law) -> Question:
    word = _word(fact, law)
    rows = case.lists.get(fact.list, Rows()).rows
    text, about, why = word.ask or f"{word.name}?", "", word.why
    match word.type.kind:
        case "yes/no":
            choices: tuple[str, ...] = ("yes", "no")
        case "list":
            choices = (ALL if rows else NONE, ADD)
            about = "; ".join(f"{i}. {row_words(row)}" for i, row in enumerate(rows, 1))
            text = f"Are these all the {word.name} there are?" if rows else text
            why = why or "an empty record check is no proof of no record"
        case _:
            choices = word.type.members
    if fact.row >= 0:
        about = f"{fact.list} {fact.row + 1}: {row_words(rows[fact.row])}"
    return Question(str(fact), fact, word.type, text, about, choices, word.who, why, actions, word.counsel, law)


def _word(fact: MissingFact, law: Law) -> FactWord:
    facts = law.vocabulary.case_facts()
    if fact.row < 0:
        return facts[fact.list or fact.name]
    return law.vocabulary.fields(facts[fact.list].type.record)[fact.name]


def _order(question: Question, case: Case) -> tuple[bool, bool, int, int, int]:
    """What counsel must say comes last; an entry that was begun is finished; then what most actions wait for."""
    fact = question.fact
    begun, place = False, 0
    if fact is not None and fact.row >= 0:
        rows = case.lists[fact.list]
        begun = not rows.complete and fact.row == len(rows.rows) - 1
        record = question.law.vocabulary.case_facts()[fact.list].type.record
        place = list(question.law.vocabulary.fields(record)).index(fact.name)
    if begun:
        return question.counsel, False, 0, 0, place
    return question.counsel, True, -len(question.actions), _EASE.get(question.type.kind, 2), 0


def _easier(fact: MissingFact, case: Case, skipped: frozenset[str], law: Law) -> MissingFact:
    """The field from which the offence table would know ``fact``, where there is one; ``fact`` itself otherwise.

    Nobody should have to say whether a burglary is a serious felony when the degree tells.
    """
    if fact.row < 0 or not _word(fact, law).offence:
        return fact
    record = law.vocabulary.case_facts()[fact.list].type.record
    fields = law.vocabulary.fields(record)
    row = case.lists[fact.list].rows[fact.row]
    for name, trials in _sources(fields, case):
        source = MissingFact(fact.list, fact.row, name)
        if row.get(name) is not None or str(source) in skipped:
            continue
        if not trials or any(_told(row, {name: value}, fact.name, record, law) for value in trials):
            return source
    return fact


def _sources(fields: dict[str, FactWord], case: Case) -> Iterator[tuple[str, tuple[FactValue, ...]]]:
    """Fields the offence table reads, each with values to try; none to try where any answer may help."""
    section = _section(fields)
    if section is not None:
        yield section, ()
    if "degree" in fields and section is not None:
        yield "degree", fields["degree"].type.members
    if "date" in fields and section is not None:
        # The tables changed within the last decades; a date somewhere among them shows whether a date tells.
        day = case.law_date or date(2020, 1, 1)
        yield "date", tuple(shift(day, -years, "years") for years in (0, 5, 10, 20, 40))


def _section(fields: dict[str, FactWord]) -> str | None:
    return next((f.name for f in fields.values() if f.type.kind == "offence"), None)


def _told(row: Row, more: dict[str, FactValue], name: str, record: str, law: Law) -> bool:
    """Whether the offence table would fill the field, were ``more`` known of the row."""
    try:
        return _filled(row, more, record, law).get(name) is not None
    except ComityError:
        return False  # for example a degree this crime does not have


def _filled(row: Row, more: dict[str, FactValue], record: str, law: Law) -> Row:
    """The row with ``more``, filled in anew: what the table said knowing less must not hide what it says now."""
    fields = law.vocabulary.fields(record)
    bare = {k: v for k, v in row.items() if k in fields and not fields[k].offence}
    before = fill_offences([bare], record, law.vocabulary)[0]
    known = {k: v for k, v in row.items() if v is not None and (k in bare or before.get(k) != v)}
    return fill_offences([{**known, **more}], record, law.vocabulary)[0]


def answered(case: Case, question: Question, value: Value) -> Case:
    """``_answered``, without the entries that do not count on the law date: a later conviction is none yet."""
    return counting(_answered(case, question, value))


def _answered(case: Case, question: Question, value: Value) -> Case:
    """The case after an answer, read by the rules of case files; ComityError where it cannot be read.

    Words, as a person types them, or plain values.  "unknown" is no answer: whoever cannot tell skips the question.
    """
    text = _text(value)
    if question.key == AGENCY:
        return case.at(_agency(text, question.law), question.law.vocabulary)
    if question.fact is None:
        day = _need(_read({LAW_DATE: text}, case, question.law).law_date, question)
        assert isinstance(day, date)
        return case.on(day)
    if question.type.kind == "list":
        return _more_rows(case, question, text)
    name = question.fact.name
    shown: str | list[str] = text
    if question.type.kind == "some of" and text not in (NONE, "unknown"):
        shown = [part.strip() for part in text.split(",") if part.strip()]
    if question.fact.row < 0:
        group = _word(question.fact, question.law).group
        read = _read({group: {name: shown}}, case, question.law)
        return case.with_values({name: _need(read.values.get(name), question)})
    return _field(case, question, question.fact, shown)


def _text(value: Value) -> str:
    match value:
        case bool():
            text = "yes" if value else "no"
        case str():
            text = " ".join(value.split())
        case date():
            text = value.isoformat()
        case int():
            text = str(value)
        case _:
            text = ", ".join(value) or NONE
    if not text:
        raise _bad("CM402", "an answer must say something", "or skip the question")
    if not text.isprintable():
        raise _bad("CM402", "the answer holds a character that cannot be printed", "type it again")
    return text


def _bad(code: str, message: str, help_: str) -> ComityError:
    return ComityError([Problem(code, message, help=help_)])


def _need(value: FactValue, question: Question) -> FactValue:
    if value is None:
        raise _bad("CM402", f"'{question.key}' stays unknown with this answer", "skip the question instead")
    return value


def _read(data: dict[str, object], case: Case, law: Law) -> Case:
    """A case file of one answer; its problems without their places, which nobody would find."""
    # No value depends on the agency, but a case file needs one.
    agency = case.agency.id or next((a.id for a in law.agencies), None)
    try:
        return read_case(json.dumps(data, ensure_ascii=False), law, agency=agency).case
    except ComityError as error:
        raise ComityError(Problem(p.code, p.message, None, p.citation, p.help) for p in error.problems) from None


def agencies_like(law: Law, text: str) -> tuple[Agency, ...]:
    """Agencies whose id, name or short name holds every word of ``text``; only those called exactly so, if any are."""
    wanted = text.lower()
    exact = tuple(a for a in law.agencies if wanted in (a.id.lower(), a.short.lower(), a.name.lower()))
    parts = wanted.replace("'", "").split()
    return exact or tuple(
        a for a in law.agencies if all(p in f"{a.id} {a.name} {a.short}".lower().replace("'", "") for p in parts)
    )


def _agency(text: str, law: Law) -> Agency:
    found = find_agency(text, law)
    if found is not None:
        return found
    like = agencies_like(law, text)
    if len(like) == 1:
        return like[0]
    if like:
        named = ", ".join(a.id for a in like[:_MOST_NAMED]) + (", …" if len(like) > _MOST_NAMED else "")
        raise _bad("CM404", f"{len(like)} agencies fit '{text}'", f"say more of the name: {named}")
    near = nearest(text, [n for a in law.agencies for n in (a.id, a.name, a.short)])
    kinds = ", ".join(k for k, _ in law.kinds if k != UNHELD)
    help_ = f"did you mean '{near}'?" if near else f"for one that is not listed write PLACE:KIND; kinds are {kinds}"
    raise _bad("CM404", f"no agency is called '{text}'", help_)


def _more_rows(case: Case, question: Question, text: str) -> Case:
    """One more entry of a list, or the word that there are no more."""
    assert question.fact is not None
    name, record = question.fact.list, question.type.record
    rows = case.lists.get(name, Rows()).rows
    if text.lower() in ((ALL, "all", "yes") if rows else (NONE,)):
        return case.with_lists({name: Rows(rows, complete=True)})
    if text.lower() in (ADD, "add", *(("no",) if rows else ())):
        return case.with_lists({name: Rows((*rows, {}))})
    section = _section(question.law.vocabulary.fields(record))
    if section is None or text.lower() in ("yes", "no", NONE, "unknown"):
        section_help = ", or the section of one more entry, such as PC 459" if section else ""
        raise _bad("CM402", f"'{text}' is no answer here", f"write '{ALL if rows else NONE}', '{ADD}'{section_help}")
    group = question.law.vocabulary.case_facts()[name].group
    read = _read({group: {name: [{section: text}]}}, case, question.law)
    return case.with_lists({name: Rows((*rows, *read.lists[name].rows))})


def _field(case: Case, question: Question, fact: MissingFact, shown: str | list[str]) -> Case:
    """One field of one entry, and what the offence table knows with it."""
    group = question.law.vocabulary.case_facts()[fact.list].group
    record = question.law.vocabulary.case_facts()[fact.list].type.record
    read = _read({group: {fact.list: [{fact.name: shown}]}}, case, question.law).lists[fact.list].rows
    before = case.lists[fact.list]
    rows = list(before.rows)
    if read:
        told = _need(read[0].get(fact.name), question)
        try:
            rows[fact.row] = _filled(rows[fact.row], {fact.name: told}, record, question.law)
        except ComityError as error:
            raise ComityError(Problem(p.code, p.message, None, p.citation, p.help) for p in error.problems) from None
    else:
        del rows[fact.row]  # vacated: a conviction that a court has taken away is none
    return case.with_lists({fact.list: Rows(tuple(rows), before.complete)})
