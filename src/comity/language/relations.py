"""Problems that show only when norms stand beside each other: circles, dead exceptions, contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from comity.language.clashes import clashing_norms
from comity.language.eras import Eras
from comity.policy.expressions import Defined, Expression, Not, walk
from comity.policy.library import Library
from comity.policy.norms import DefinitionVersion, Norm
from comity.policy.stack import contradict
from comity.problems import Problem

__all__ = ["relation_problems", "relation_warnings"]


def relation_problems(library: Library) -> list[Problem]:
    """Every problem between norms and definitions, errors and warnings."""
    problems = list(_definition_circles(library))
    if problems:
        # Nothing that opens definitions would come to an end.
        return problems
    eras = Eras(library)
    problems += _norm_circles(library, eras)
    problems += _dead_exceptions(library, eras)
    problems += clashing_norms(library, eras)
    return problems


def relation_warnings(library: Library) -> list[Problem]:
    """What a library may be loaded with, but somebody should look at."""
    return [p for p in relation_problems(library) if p.severity == "warning"]


def _definition_circles(library: Library) -> Iterator[Problem]:
    uses: dict[str, set[str]] = {}
    first: dict[str, DefinitionVersion] = {}
    for version in library.definitions:
        first.setdefault(version.name, version)
        for expression in (version.when, *version.exceptions):
            uses.setdefault(version.name, set()).update(n.name for n in walk(expression) if isinstance(n, Defined))
    circle = _circle(uses)
    if circle:
        start = first[circle[0]]
        yield Problem(
            "CM308",
            f"definitions refer to each other in a circle: {_chain(circle)}",
            start.span,
            start.cite,
            "say one of them without the other",
        )


def _norm_circles(library: Library, eras: Eras) -> Iterator[Problem]:
    """A circle of norms that beat each other, by what is said or by rank (as ``Stack`` decides it)."""
    by_id = {n.id: n for n in library.norms}
    said = _said(library)
    beats = {id_: set(lower) for id_, lower in said.items()}
    for norms in eras.norms_by_action().values():
        for upper in norms:
            for lower in norms:
                if upper.id not in said[lower.id] and _outranks(upper, lower, eras):
                    # What is said is never turned round by rank.
                    beats[upper.id].add(lower.id)
    circle = _circle(beats)
    if circle:
        start = by_id[circle[0]]
        yield Problem(
            "CM304",
            f"norms beat each other in a circle: {_chain([by_id[i].cite for i in circle])}",
            start.span,
            start.cite,
            "take away one 'despite' or one preemption; a higher authority also beats a lower one",
        )


def _outranks(upper: Norm, lower: Norm, eras: Eras) -> bool:
    if eras.rank(upper) >= eras.rank(lower) or not contradict(upper, lower):
        return False
    return upper.window.overlaps(lower.window) and not eras.agencies(upper).isdisjoint(eras.agencies(lower))


def _said(library: Library) -> dict[str, set[str]]:
    """Norm -> the norms it beats by its own words or by a preemption, where both are in force at some time."""
    by_id = {n.id: n for n in library.norms}
    beats = {n.id: {i for i in n.despite if i in by_id and n.window.overlaps(by_id[i].window)} for n in library.norms}
    for edge in library.preemptions:
        for upper in _named(edge.upper, library.norms):
            for lower in _named(edge.lower, library.norms):
                about = upper.action == lower.action and (not edge.actions or upper.action in edge.actions)
                if about and upper.window.overlaps(lower.window):
                    beats[upper.id].add(lower.id)
    return beats


def _named(name: str, norms: tuple[Norm, ...]) -> list[Norm]:
    return [n for n in norms if name in (n.id, n.instrument)]


def _chain(circle: list[str]) -> str:
    return " -> ".join([*circle, circle[0]])


def _circle(edges: Mapping[str, set[str]]) -> list[str]:
    """One circle in a graph, or nothing; it begins with its first name, so that the message is stable."""
    try:
        TopologicalSorter({name: sorted(edges[name]) for name in sorted(edges)}).prepare()
    except CycleError as error:
        # The sorter lists a circle against the direction of "beats" and "uses", and repeats its first name.
        found: list[str] = list(reversed(error.args[1][1:]))
        at = found.index(min(found))
        return found[at:] + found[:at]
    return []


def _dead_exceptions(library: Library, eras: Eras) -> Iterator[Problem]:
    rules: list[Norm | DefinitionVersion] = [*library.norms, *library.definitions]
    for item in rules:
        for i, exception in enumerate(item.exceptions):
            message, help_ = _dead(item, i, exception, eras)
            if message:
                yield Problem("CM305", message, item.span, item.cite, help_)
                break


def _dead(item: Norm | DefinitionVersion, index: int, exception: Expression, eras: Eras) -> tuple[str, str]:
    """What is wrong with one exception, and what to do; ("", "") when it can matter."""
    which = "the exception" if len(item.exceptions) == 1 else f"exception {index + 1}"
    if exception in item.exceptions[:index]:
        earlier = item.exceptions.index(exception) + 1
        return f"{which} repeats exception {earlier}", "take one of them away"
    solvers = eras.solvers(item.window, (item.when, *item.exceptions))
    if not any(s.can_hold(item.when) for s in solvers):
        return (
            f"{which} can never matter, because the 'when' above it can never hold",
            "look for parts of 'when' that rule each other out",
        )
    if not any(s.can_hold(item.when, exception) for s in solvers):
        return f"{which} can never matter, because it cannot hold together with 'when'", "take it away, or correct it"
    if not any(s.can_hold(item.when, *(Not(e) for e in item.exceptions[: index + 1])) for s in solvers):
        whose = "the norm" if isinstance(item, Norm) else "the definition"
        return (
            f"{which} holds whenever 'when' does, so {whose} can never apply",
            "narrow the exception, or take the rule away",
        )
    return "", ""
