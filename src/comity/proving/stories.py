"""A case told so that a person sees it: who, when, what is known, what comes out; and the same as an example.

The example is what a ``check`` block of the law holds: pasted there it is tried on every engine for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from comity.case import Case, FactValue, Row, agency_values
from comity.decide.words import value_words
from comity.offences.table import OffenceTable
from comity.policy.claims import Answered, Claim, Ended, NeverLooser, NoConflict, SameAs, Stated, Unchanged
from comity.policy.library import Library
from comity.problems import ComityError
from comity.proving.counterexamples import CounterExample

__all__ = ["claim_words", "day_words", "example_text", "facts_told", "person_story", "rows_told", "story"]


def day_words(day: date) -> str:
    """``14 November 2016``."""
    return f"{day.day} {day:%B %Y}"


def claim_words(claim: Claim) -> str:
    """What a claim says, in one sentence."""
    match claim.says:
        case Stated(always, outcome, action, where):
            tail = f", where '{where}' is allowed" if where else ""
            return f"{'always' if always else 'never'} {outcome} {action}{tail}"
        case Unchanged(facts, actions):
            return f"changing only {', '.join(facts)} changes nothing in {_named(actions)}"
        case NeverLooser(layer, actions):
            return f"never looser than {layer} law in {_named(actions)}"
        case NoConflict(actions):
            return f"never a conflict in {_named(actions)}"
        case Answered(actions):
            return f"always an answer in {_named(actions)}"
        case SameAs(day, actions):
            return f"the same as on {day} in {_named(actions)}"
        case Ended(action):
            return f"always an end to {action}"


def _named(actions: tuple[str, ...]) -> str:
    return ", ".join(actions) or "any action"


def story(counter: CounterExample, library: Library) -> list[str]:
    """The counter-example in a few sentences, one a line."""
    lines = [*person_story(counter.case, library)]
    shown = counter.shown
    by = f", by {'; '.join(shown.because)}" if shown.because else ""
    readings = "; ".join(f"{q} read as: {a}" for q, a in shown.readings)
    under = f" ({readings})" if readings else ""
    if counter.changed:
        changes = ", ".join(
            f"{n}: {value_words(counter.case.values.get(n))} -> {value_words(v)}" for n, v in counter.changed.items()
        )
        lines.append(f"The law says: {counter.action}: {shown.outcome}{by}.")
        lines.append(f"Change only {changes}, and it says: {shown.changed}.")
    elif isinstance(counter.claim.says, SameAs):
        day = day_words(counter.claim.says.day)
        lines.append(f"On {day} the law said: {counter.action}: {shown.above}. Now: {shown.outcome}{by}.")
    elif shown.above:
        lines.append(
            f"The law above says: {counter.action}: {shown.above}. The whole law says: {shown.outcome}{by}{under}."
        )
    else:
        lines.append(f"The law says: {counter.action}: {shown.outcome or 'nothing'}{by}{under}.")
    return lines


def person_story(case: Case, library: Library) -> Iterator[str]:
    """Who, when, and what is known: one sentence a line."""
    assert case.law_date is not None
    yield f"{case.agency.name}, {day_words(case.law_date)}."
    told = facts_told(case, library)
    if told:
        yield f"Known: {'; '.join(told)}."
    yield from (f"{sentence}." for sentence in rows_told(case, library))


def rows_told(case: Case, library: Library) -> list[str]:
    """Each row, and whether there are others."""
    told = []
    for name, rows in case.lists.items():
        one = name.removesuffix("s")
        told += [f"One {one}: {_row(row, library, name)}" for row in rows.rows]
        if rows.complete:
            told.append(f"No other {name}" if rows.rows else f"No {name}")
    return told


def facts_told(case: Case, library: Library) -> list[str]:
    """Each known fact in the words of the law; what the agency's own table says is left out."""
    own = agency_values(case.agency, library.vocabulary)
    told = []
    for name in library.vocabulary.case_facts():
        value = case.values.get(name)
        if value is None or own.get(name) == value:
            continue
        told.append(_fact(name, value))
    return told


def _fact(name: str, value: FactValue) -> str:
    if isinstance(value, bool):
        return name if value else f"not {name}"
    return f"{name}: {value_words(value)}"


def _row(row: Row, library: Library, list_: str) -> str:
    record = next(r for r, name in library.vocabulary.records().items() if name == list_)
    words = library.vocabulary.fields(record)
    parts = []
    offence = row.get("offence")
    if isinstance(offence, str):
        parts.append(f"{_offence_name(offence)} ({offence})")
    for name, value in row.items():
        from_table = words[name].offence and offence is not None
        if name != "offence" and value is not None and not from_table:
            parts.append(str(value) if name in ("grade", "date") else _fact(name, value))
    return ", ".join(parts) or "nothing known of it"


def _offence_name(citation: str) -> str:
    try:
        return OffenceTable.load().find(citation).name
    except ComityError:
        return "an offence"


def example_text(case: Case, action: str, outcome: str, library: Library, *, title: str) -> str:
    """The case as an example of a check block: what the law of today's library says of it."""
    assert case.law_date is not None
    lines = [title, f"    agency {case.agency.id}"]
    own = agency_values(case.agency, library.vocabulary)
    words = library.vocabulary.case_facts()
    for name, value in case.values.items():
        # That none of the words of a some-of fact holds cannot be said in an example; the case file says it.
        if value not in (None, frozenset()) and own.get(name) != value and words[name].type.kind != "list":
            lines.append(f"    given {_given(name, value)}")
    for name, rows in case.lists.items():
        record = next(r for r, list_ in library.vocabulary.records().items() if list_ == name)
        fields = library.vocabulary.fields(record)
        for row in rows.rows:
            named = row.get("offence") is not None
            kept = {n: v for n, v in row.items() if v is not None and not (named and fields[n].offence)}
            given = ", ".join(_given(n, v) for n, v in kept.items())
            lines.append(f"    given one {record}: {given}" if given else f"    given one {record}")
        if not rows.complete:
            lines.append(f"    given maybe more {name}")
        elif not rows.rows:
            lines.append(f"    given no {name}")
    lines += [f"    on {case.law_date}", f"    then {outcome} {action}"]
    return "\n".join(lines) + "\n"


def _given(name: str, value: FactValue) -> str:
    match value:
        case bool():
            return name if value else f"not {name}"
        case frozenset():
            members = sorted(value)
            return f"{name} includes {'any of ' if len(members) > 1 else ''}{', '.join(members)}"
        case _:
            return f"{name} is {value.isoformat() if isinstance(value, date) else value}"
