"""Which unknown facts keep the cases of an action open: facts that the records lack, and gaps of the library.

A gap is local law that the library does not hold for the agency of the case.  No column of any record could tell it, so
it is counted apart from the facts that the records lack.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from comity.audit.counts.factnames import FactNames, is_whole_list
from comity.audit.counts.held import HELD, NO_DATE
from comity.audit.counts.tallies import Tally, missing_facts
from comity.audit.tables import Array
from comity.audit.verdicts import DECIDED
from comity.policy.facts import LAW_DATE
from comity.policy.outcome import ASK_COUNSEL, NEED_A_FACT

if TYPE_CHECKING:
    from comity.audit.summary import Summary

__all__ = ["missing_figures"]

_Names = tuple[str, ...]


def missing_figures(summary: Summary, tally: Tally, counts: Array) -> dict[str, Any]:
    """What is missing in the open cases of an action.

    "open": open cases; "no_fact": those that wait for nothing that is named; "facts": facts that the records lack;
    "gaps": local law that the library does not hold; "gap_cases": cases that wait for some of it; "gap_only": by
    outcome, those that wait for nothing else.
    """
    names_of = FactNames(summary.law.vocabulary)
    waiting = _waiting(tally, counts)
    facts: Counter[str] = Counter()
    for (_, names), n in waiting.items():
        facts.update(dict.fromkeys(names, n))
    ordered = sorted((f for f in facts if facts[f]), key=lambda f: (-facts[f], f))
    gaps = {f for f in ordered if names_of.is_gap(f)}
    rows: list[dict[str, Any]] = []
    known: set[str] = set()
    for fact in ordered:
        alone = sum(n for (_, names), n in waiting.items() if names == (fact,))
        row = {**_asked(summary, fact, names_of), "cases": facts[fact], "alone": alone}
        if fact not in gaps:
            known.add(fact)
            lacking = ((set(names) - gaps, n) for (_, names), n in waiting.items())
            row["with_above"] = sum(n for names, n in lacking if names and known >= names)
        rows.append({**row, "examples": tally.of_cell(("missing", fact))})
    only: Counter[str] = Counter()
    for (outcome, names), n in waiting.items():
        only[outcome] += n if names and gaps.issuperset(names) else 0
    return {
        "open": sum(waiting.values()),
        "no_fact": sum(n for (_, names), n in waiting.items() if not names),
        "facts": [row for row in rows if row["fact"] not in gaps],
        "gaps": [row for row in rows if row["fact"] in gaps],
        "gap_cases": sum(n for (_, names), n in waiting.items() if gaps.intersection(names)),
        "gap_only": {outcome: only[outcome] for outcome in (NEED_A_FACT, ASK_COUNSEL)},
    }


def _waiting(tally: Tally, counts: Array) -> Counter[tuple[str, _Names]]:
    """(outcome, missing facts) -> open cases; the outcome is "" where the law date is missing too."""
    found: Counter[tuple[str, _Names]] = Counter()
    for judgement, made in zip(tally.judgements, counts, strict=True):
        if judgement.outcome not in DECIDED:
            names = tuple(sorted(set(missing_facts(judgement, HELD))))
            found[judgement.outcome, names] += int(made[HELD].sum())
        found["", tuple(sorted(set(missing_facts(judgement, NO_DATE))))] += int(made[NO_DATE].sum())
    return found


def _asked(summary: Summary, fact: str, names: FactNames) -> dict[str, Any]:
    """What a fact is called and how it is asked, who knows it, and what the records have of it."""
    word, whole = names.word(fact), is_whole_list(fact)
    values, unknown = summary.values.get(fact, 0), summary.unknown.get(fact, 0)
    if fact == LAW_DATE:
        values, unknown = summary.cases, summary.cases
    return {
        "fact": fact,
        "words": names.words(fact),
        # What is asked of: the case, a row of a list, or a list as a whole.
        "of": "list" if whole else "row" if ": " in fact else "case",
        "question": "Is that every entry there is?" if whole else "" if word is None else word.ask,
        "who": "" if word is None else word.who,
        "counsel": word is not None and word.counsel,
        "column": fact in summary.values or fact == LAW_DATE,
        "values": values,
        "unknown": unknown,
    }
