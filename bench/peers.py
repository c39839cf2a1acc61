"""The same question in four other rule engines, each written as its own users would write it.

Each ``make_…`` returns a callable from a plain case to its outcomes.  Rules are parsed and compiled once, there;
turning the case into what the engine takes is part of every call, since somebody has to do it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from question import ACTIONS, MAY, MUST_NOT, Decide, Outcomes, Plain


def zen_rules() -> Outcomes:
    """Each action's answer in ZEN's expression language, which has ``some(list, condition)``."""
    person = "on_registry or federal_aggravated_felony or federal_felony_warrant"
    recent = "(not #.felony and #.wobbler and #.listed and #.day > five_years_before)"
    door_2014 = (
        f"({person} or some(convictions, not #.prop47 and ((#.felony and (#.serious_or_violent or #.state_prison"
        f" or #.listed)) or {recent})) or some(charges, #.found_872 and #.felony and (#.serious_or_violent"
        " or #.state_prison or #.listed)))"
    )
    door_2018 = (
        f"({person} or some(convictions, not #.prop47 and ((#.felony and (#.serious_or_violent or #.state_prison"
        f" or (#.listed and #.day > fifteen_years_before))) or {recent})))"
    )
    cause = "some(charges, #.found_872 and #.felony and (#.serious_or_violent or #.state_prison))"
    judge = "(judge_signed or judge_found_cause)"
    rules = {
        "hold": f"{judge} or (law_date < 20140707 and {door_2014})",
        "notify": f"law_date < 20180101 or release_public or {cause} or {door_2018}",
        "transfer": f"law_date < 20180101 or {judge} or {door_2018}",
    }
    return {action: f"({rule}) ? '{MAY}' : '{MUST_NOT}'" for action, rule in rules.items()}


def make_zen_graph() -> Decide:
    """zen-engine (GoRules) as its users run it: a decision graph, here with one expression node."""
    import zen

    place = {"x": 0, "y": 0}
    expressions = [{"id": action, "key": action, "value": rule} for action, rule in zen_rules().items()]
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "case", "position": place},
            {
                "id": "rules",
                "type": "expressionNode",
                "name": "rules",
                "position": place,
                "content": {"expressions": expressions},
            },
            {"id": "out", "type": "outputNode", "name": "answer", "position": place},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
            {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))

    def decide(case: Plain) -> Outcomes:
        answer: Outcomes = decision.evaluate(case)["result"]
        return answer

    return decide


def make_zen_expression() -> Decide:
    """zen-engine's expression language alone, compiled: no graph, no trace, the fastest it can be had."""
    import zen

    fields = ", ".join(f"{action}: {rule}" for action, rule in zen_rules().items())
    evaluate: Decide = zen.compile_expression("{" + fields + "}").evaluate
    return evaluate


def make_cel() -> Decide:
    """common-expression-language (CEL in Rust): one compiled expression that builds the answer."""
    import cel

    person = "on_registry || federal_aggravated_felony || federal_felony_warrant"
    recent = "(!c.felony && c.wobbler && c.listed && c.day > five_years_before)"
    door_2014 = (
        f"({person} || convictions.exists(c, !c.prop47 && ((c.felony && (c.serious_or_violent || c.state_prison"
        f" || c.listed)) || {recent})) || charges.exists(c, c.found_872 && c.felony && (c.serious_or_violent"
        " || c.state_prison || c.listed)))"
    )
    door_2018 = (
        f"({person} || convictions.exists(c, !c.prop47 && ((c.felony && (c.serious_or_violent || c.state_prison"
        f" || (c.listed && c.day > fifteen_years_before))) || {recent})))"
    )
    cause = "charges.exists(c, c.found_872 && c.felony && (c.serious_or_violent || c.state_prison))"
    judge = "(judge_signed || judge_found_cause)"
    rules = {
        "hold": f"{judge} || (law_date < 20140707 && {door_2014})",
        "notify": f"law_date < 20180101 || release_public || {cause} || {door_2018}",
        "transfer": f"law_date < 20180101 || {judge} || {door_2018}",
    }
    fields = ", ".join(f'"{action}": ({rule}) ? "{MAY}" : "{MUST_NOT}"' for action, rule in rules.items())
    execute: Decide = cel.compile("{" + fields + "}").execute
    return execute


CEDAR_POLICIES = """
permit (principal, action == Action::"hold", resource) when {
  (context.judge_signed || context.judge_found_cause || (context.law_date < 20140707 &&
  (context.on_registry || context.federal_aggravated_felony || context.federal_felony_warrant ||
   (context has conviction && !context.conviction.prop47 &&
    ((context.conviction.felony && (context.conviction.serious_or_violent || context.conviction.state_prison ||
      context.conviction.listed)) ||
     (!context.conviction.felony && context.conviction.wobbler && context.conviction.listed &&
      context.conviction.day > context.five_years_before))) ||
   (context has charge && context.charge.found_872 && context.charge.felony &&
    (context.charge.serious_or_violent || context.charge.state_prison || context.charge.listed)))))
};
permit (principal, action in [Action::"notify", Action::"transfer"], resource) when {
  context.law_date < 20180101 ||
  context.on_registry || context.federal_aggravated_felony || context.federal_felony_warrant ||
  (context has conviction && !context.conviction.prop47 &&
   ((context.conviction.felony && (context.conviction.serious_or_violent || context.conviction.state_prison ||
     (context.conviction.listed && context.conviction.day > context.fifteen_years_before))) ||
    (!context.conviction.felony && context.conviction.wobbler && context.conviction.listed &&
     context.conviction.day > context.five_years_before)))
};
permit (principal, action == Action::"notify", resource) when {
  context.release_public ||
  (context has charge && context.charge.found_872 && context.charge.felony &&
   (context.charge.serious_or_violent || context.charge.state_prison))
};
permit (principal, action == Action::"transfer", resource) when {
  context.judge_signed || context.judge_found_cause
};
"""


def make_cedar() -> Decide:
    """cedarpy (Cedar): it has no loops, so each action is asked row by row until one permit is found."""
    import cedarpy

    policies = cedarpy.PolicySet.from_str(CEDAR_POLICIES)
    entities = cedarpy.Entities.from_json_str("[]")

    def allowed(action: str, context: Plain) -> bool:
        request = {
            "principal": 'Agency::"lapd"',
            "action": f'Action::"{action}"',
            "resource": 'Case::"this"',
            "context": context,
        }
        return bool(cedarpy.is_authorized(request, policies, entities).allowed)

    def decide(case: Plain) -> Outcomes:
        shared = {key: value for key, value in case.items() if key not in ("convictions", "charges")}
        rows: list[Plain] = [{**shared, "conviction": row} for row in case["convictions"]]
        rows += [{**shared, "charge": row} for row in case["charges"]]
        rows = rows or [shared]
        return {action: MAY if any(allowed(action, row) for row in rows) else MUST_NOT for action in ACTIONS}

    return decide


REGO_MODULE = """
package comity.bench

judge if input.judge_signed
judge if input.judge_found_cause

judge_or_2014 if judge
judge_or_2014 if { input.law_date < 20140707; door_2014 }

person if input.on_registry
person if input.federal_aggravated_felony
person if input.federal_felony_warrant

recent if {
    some c in input.convictions
    not c.prop47
    not c.felony
    c.wobbler
    c.listed
    c.day > input.five_years_before
}

prison if { some c in input.convictions; not c.prop47; c.felony; c.serious_or_violent }
prison if { some c in input.convictions; not c.prop47; c.felony; c.state_prison }

door_2014 if person
door_2014 if recent
door_2014 if prison
door_2014 if { some c in input.convictions; not c.prop47; c.felony; c.listed }
door_2014 if cause
door_2014 if { some c in input.charges; c.found_872; c.felony; c.listed }

door_2018 if person
door_2018 if recent
door_2018 if prison
door_2018 if {
    some c in input.convictions
    not c.prop47
    c.felony
    c.listed
    c.day > input.fifteen_years_before
}

cause if { some c in input.charges; c.found_872; c.felony; c.serious_or_violent }
cause if { some c in input.charges; c.found_872; c.felony; c.state_prison }

default hold := "must not"
hold := "may" if judge_or_2014

default notify := "must not"
notify := "may" if input.law_date < 20180101
notify := "may" if input.release_public
notify := "may" if door_2018
notify := "may" if cause

default transfer := "must not"
transfer := "may" if input.law_date < 20180101
transfer := "may" if judge
transfer := "may" if door_2018

answer := {"hold": hold, "notify": notify, "transfer": transfer}
"""


def make_rego() -> Decide:
    """regopy (Rego in C++): the module is built into a bundle once; each call is one query of it."""
    from regopy import Interpreter

    interpreter = Interpreter()
    interpreter.add_module("bench.rego", REGO_MODULE)
    bundle = interpreter.build("answer = data.comity.bench.answer")

    def decide(case: Plain) -> Outcomes:
        interpreter.set_input(case)
        output: Any = interpreter.query_bundle(bundle)  # named, since its nodes die with it
        answer: Outcomes = json.loads(str(output.binding("answer").json()))
        return answer

    return decide


@dataclass(frozen=True, slots=True)
class Peer:
    """A contender, the package it comes from, and how to make it."""

    name: str
    package: str
    make: Callable[[], Decide]


PEERS = (
    Peer("zen-engine, compiled expression", "zen-engine", make_zen_expression),
    Peer("CEL in Rust", "common-expression-language", make_cel),
    Peer("zen-engine, decision graph", "zen-engine", make_zen_graph),
    Peer("Cedar", "cedarpy", make_cedar),
    Peer("Rego in C++, built bundle", "regopy", make_rego),
)
