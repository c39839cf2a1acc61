"""What facts are called in SQL."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from comity.policy.facts import FactWord, Vocabulary
from comity.problems import ComityError, Problem

__all__ = ["AGENCY", "CASE", "CASES", "LAW", "LAW_DAY", "check_names", "column_name", "complete_name", "day_name"]

#: The table of the cases; each list is a table of its own name.
CASES: Final = "cases"
#: Columns that a table of cases has beside its facts.
CASE: Final = "case_id"
AGENCY: Final = "agency"
LAW_DAY: Final = "law_date"
#: The position of a case's law version.
LAW: Final = "law"


def column_name(name: str) -> str:
    """A fact, a list or an action as a column: ``judge signed`` is ``judge_signed``."""
    return re.sub(r"\W+", "_", name).lower()


def day_name(name: str) -> str:
    """The column of a moment's calendar day, on its own clock."""
    return f"{column_name(name)}_day"


def complete_name(list_: str) -> str:
    """The column of the cases that says whether a list holds every row there is."""
    return f"{column_name(list_)}_complete"


def check_names(vocabulary: Vocabulary) -> None:
    """ComityError CM753 where two facts or two actions of the library would share a column."""
    facts = list(vocabulary.case_facts().values())
    flags = [complete_name(f.name) for f in facts if f.type.kind == "list"]
    tables = [[CASE, AGENCY, LAW_DAY, LAW, *flags, *_columns(facts)], [column_name(a.name) for a in vocabulary.actions]]
    tables += [[CASE, *_columns(vocabulary.fields(record).values())] for record in vocabulary.records()]
    for names in tables:
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            message = f"two words of the library would be one column in SQL: {', '.join(twice)}"
            raise ComityError([Problem("CM753", message, help="rename one of them in the library")])


def _columns(facts: Iterable[FactWord]) -> Iterable[str]:
    for fact in facts:
        if fact.type.kind != "list":
            yield column_name(fact.name)
        if fact.type.kind == "moment":
            yield day_name(fact.name)
