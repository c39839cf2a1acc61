"""``--what-if FACT=VALUE``: the case with one fact changed."""

from __future__ import annotations

from dataclasses import replace

from comity.decide.casefile import CaseText, read_case
from comity.policy.library import Library
from comity.problems import ComityError, Problem, nearest

__all__ = ["apply_changes"]


def apply_changes(text: CaseText, changes: tuple[str, ...], law: Library) -> CaseText:
    """The case after each change; a fact or value that does not exist is a problem CM401 or CM402."""
    for change in changes:
        name, equals, value = change.partition("=")
        name, value = " ".join(name.replace("_", " ").split()), value.strip()
        facts = {w.name: w for w in law.vocabulary.case_facts().values() if w.type.kind != "list"}
        if not equals or name not in facts:
            near = nearest(name, facts)
            help_ = f"did you mean '{near}'?" if near else "write --what-if 'FACT=VALUE', such as 'judge signed=yes'"
            raise ComityError([Problem("CM401", f"no fact is called '{name}'", help=help_)])
        word = facts[name]
        listed = ", ".join(f'"{v.strip()}"' for v in value.split(",")) if word.type.kind == "some of" else f'"{value}"'
        shown = f"[{listed}]" if word.type.kind == "some of" and value not in ("unknown", "none") else listed
        one = f'agency: "{text.case.agency.id}"\n{word.group}: {{"{name}": {shown}}}\n'
        agency = text.case.agency.id
        read = read_case(one, law, file="--what-if", agency=agency)
        text = replace(text, case=text.case.with_values({name: read.case.values.get(name)}))
    return text
