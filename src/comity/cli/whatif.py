"""``--what-if FACT=VALUE``: the case with one fact changed."""

from __future__ import annotations

import json
from dataclasses import replace

from comity.decide.casefile import RECEIVED, CaseText, read_case
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
        if name == RECEIVED:
            help_ = "ask the law of another day with --at DATE"
            raise ComityError(
                [Problem("CM401", f"'{name}' may have set the law date, so it is not changed here", help=help_)]
            )
        word = facts[name]
        # JSON quoting, which YAML reads too: a quote or a colon in the value must not become syntax.
        several = word.type.kind == "some of"
        listed = ", ".join(json.dumps(v.strip()) for v in value.split(",")) if several else json.dumps(value)
        shown = f"[{listed}]" if several and value not in ("unknown", "none") else listed
        one = f"agency: {json.dumps(text.case.agency.id)}\n{json.dumps(word.group)}: {{{json.dumps(name)}: {shown}}}\n"
        agency = text.case.agency.id
        read = read_case(one, law, file="--what-if", agency=agency)
        text = replace(text, case=text.case.with_values({name: read.case.values.get(name)}))
    return text
