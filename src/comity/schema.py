"""JSON Schemas (2020-12) of what goes in and what comes out: the case file and the answer.

Both are generated, the first from the vocabulary of a library, so that an editor knows every fact.  The generated files
travel with the package.  A schema is a first sieve; ``read_case`` knows more (days that exist, offences, agencies).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import Any, Final

from comity.policy.authority import UNHELD
from comity.policy.facts import LAW_DATE, FactWord
from comity.policy.library import Library
from comity.policy.outcome import OUTCOMES

__all__ = ["Schema", "answer_schema", "case_schema", "packaged", "schema_text"]

Schema = dict[str, Any]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_DAY: Final = r"^((19|20)\d{2}|2100)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
_MOMENT: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$"
#: What a file writes for "nobody knows", beside leaving the key out.
_UNKNOWN: Final = ("unknown", None)
_YES_NO: Final[Schema] = {"enum": [True, False, "yes", "no", *_UNKNOWN]}
_TEXT: Final[Schema] = {"type": "string"}


def case_schema(library: Library) -> Schema:
    """The schema of a case file, after YAML is read with dates left as text."""
    vocabulary = library.vocabulary
    records = vocabulary.records()
    day: Schema = {"type": "string", "format": "date", "pattern": _DAY}
    kinds = [name for name, _ in library.kinds if name != UNHELD]
    top: Schema = {
        "title": _said(_TEXT, "A name for the case, never of a person."),
        "about": _said(_TEXT, "Free words; no rule reads them."),
        "agency": _said(_TEXT, "Id of a listed agency, such as us/ca/los-angeles/lapd."),
        "place": _said(_TEXT, "Where an agency that is not listed is, such as us/ca/fresno."),
        "kind": _said({"enum": kinds}, "What an agency that is not listed is."),
        LAW_DATE: _said(_or_unknown(day), "The day whose law is asked; left out, the day the request was received."),
    }
    groups: dict[str, list[FactWord]] = {}
    for word in vocabulary.case_facts().values():
        groups.setdefault(word.group, []).append(word)
    for name, words in sorted(groups.items()):
        if name not in top:
            top[name] = _group(name, words)
    return {
        "$schema": _DIALECT,
        "title": f"Comity case file, library {library.version}",
        "type": "object",
        "properties": top,
        "anyOf": [{"required": ["agency"]}, {"required": ["place", "kind"]}],
        "additionalProperties": False,
        "$defs": {record: _record(vocabulary.fields(record).values()) for record in sorted(records)},
    }


def _said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description} if description else schema


def _or_unknown(schema: Schema) -> Schema:
    return {"anyOf": [{"enum": list(_UNKNOWN)}, schema]}


def _group(group: str, words: list[FactWord]) -> Schema:
    """Every fact under its name, and under its name without the group's; never under both."""
    properties: Schema = {}
    twice: Schema = {}
    for word in words:
        entries = {word.name: _said(_value(word), word.ask)}
        if word.type.kind == "list":
            entries[f"{word.name} complete"] = _said(_YES_NO, f"Does the list hold all {word.name} there are?")
        for name, schema in entries.items():
            properties[name] = schema
            short = name.removeprefix(f"{group} ")
            if short != name:
                properties[short] = schema
                twice[short] = {"not": {"required": [name]}}
    found: Schema = {"type": ["object", "null"], "properties": properties, "additionalProperties": False}
    return {**found, "dependentSchemas": twice} if twice else found


def _record(fields: Iterable[FactWord]) -> Schema:
    properties = {f.name: _said(_value(f), f.ask) for f in fields}
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def _value(word: FactWord) -> Schema:
    members = list(word.type.members)
    match word.type.kind:
        case "yes/no":
            return _YES_NO
        case "one of":
            return {"enum": [*members, *(u for u in _UNKNOWN if u not in members)]}
        case "some of":
            words = {"type": "array", "items": {"enum": members}}
            return {"anyOf": [{"enum": [*members, "none", *_UNKNOWN]}, words]}
        case "date":
            return _or_unknown({"type": "string", "format": "date", "pattern": _DAY})
        case "moment":
            return _or_unknown({"type": "string", "pattern": _MOMENT})
        case "list":
            return _or_unknown({"type": "array", "items": {"$ref": f"#/$defs/{word.type.record}"}})
        case "offence":
            # "offence: 459" is a number to YAML and a section to the reader.
            return {"type": ["string", "number", "null"]}
        case "integer" | "money" | "duration":
            return _or_unknown({"type": "integer"})
        case _:
            return {"type": ["string", "null"]}


def answer_schema() -> Schema:
    """The schema of an answer, as ``Answer.to_json`` writes it."""
    outcome = {"enum": list(OUTCOMES)}
    day = {"type": ["string", "null"], "format": "date"}
    texts = _array(_TEXT)
    reason = _object(
        norm=_TEXT,
        cite=_TEXT,
        title=_TEXT,
        effect=_TEXT,
        layer=_TEXT,
        facts=texts,
        checked=_TEXT,
        official=_TEXT,
        under=_TEXT,
    )
    action = _object(
        outcome=outcome,
        reason={"enum": ["", "conflict", "readings", "judgement"]},
        requested={"type": "boolean"},
        layers={"type": "object", "additionalProperties": outcome},
        layer_reasons=_array({"$ref": "#/$defs/reason"}),
        because=_array({"$ref": "#/$defs/reason"}),
        silence=_TEXT,
        meanwhile=_TEXT,
        defeated=_array(_object(norm=_TEXT, cite=_TEXT, effect=_TEXT, layer=_TEXT, by=texts, why=_TEXT)),
        missing=texts,
        possible=texts,
        decided_anyway={"enum": ["", *OUTCOMES]},
        would_change=_array(_object(fact=_TEXT, to=_TEXT, outcome=outcome)),
        contested=_array(_object(cite=_TEXT, text=_TEXT)),
        readings=_array(
            _object(
                readings={"type": "object", "additionalProperties": _TEXT},
                outcome=outcome,
                adopted_by=_TEXT,
            )
        ),
        clocks=_array(
            _object(
                cite=_TEXT, words=_TEXT, at={"type": ["string", "null"], "pattern": _MOMENT}, needs=_TEXT, reading=_TEXT
            )
        ),
    )
    actions = {"type": "object", "additionalProperties": {"$ref": "#/$defs/action"}}
    answer = _object(
        case=_TEXT,
        title=_TEXT,
        law_date=day,
        agency=_TEXT,
        agency_name=_TEXT,
        library=_object(
            version=_TEXT,
            sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
            checked_to=day,
        ),
        actions=actions,
        duties=actions,
        ask=_array(_object(fact=_TEXT, question=_TEXT, who_knows=_TEXT, why=_TEXT, actions=texts)),
        meanwhile=_TEXT,
        notes=texts,
        not_legal_advice={"const": True},
    )
    return {
        "$schema": _DIALECT,
        "title": "Comity answer",
        **answer,
        "$defs": {"action": action, "reason": reason},
    }


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def schema_text(schema: Schema) -> str:
    """The schema as the packaged files write it."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def packaged(name: str) -> Schema:
    """The schema that comes with the package: "case" or "answer"."""
    found: Schema = json.loads((files("comity") / f"{name}.schema.json").read_text("utf-8"))
    return found
