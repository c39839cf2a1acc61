"""Names of law that is not in force when it is named: dates alone, no solver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from comity.calendar import Window
from comity.policy.authority import Agency, binds
from comity.policy.expressions import Defined, Expression, walk
from comity.policy.library import Library
from comity.policy.norms import Adoption, CourtOrder, DefinitionVersion, Norm, Preemption
from comity.policy.stack import displaces
from comity.problems import Span
from comity.prove.laws import Stretch, intersection
from comity.prove.review.benches import Benches, binding_of, covered, uncovered
from comity.prove.review.findings import STALE, Finding, merged

__all__ = ["stale_names"]


def stale_names(benches: Benches) -> Iterator[Finding]:
    """What a norm, a court order, a preemption, an adoption or a definition names in vain."""
    library = benches.library
    agencies = [benches.laws.agency(a) for a in benches.agencies]
    everyone = set(benches.agencies) >= {a.id for a in library.agencies}
    norms = [n for n in library.norms if everyone or any(binds(binding_of(n, library), a) for a in agencies)]
    for norm in norms:
        yield from _despite(norm, library, agencies)
    for order in library.orders:
        yield from _order(order, library, agencies)
    for edge in library.preemptions:
        yield from _preemption(edge, library)
    for adoption in library.adoptions:
        yield from _adoption(adoption, benches, agencies)
    rules: list[Norm | DefinitionVersion] = [*norms, *library.definitions]
    yield from _definitions(rules, benches, agencies)


def _for(rule: Norm | DefinitionVersion, window: Window, library: Library, agencies: Iterable[Agency]) -> list[Stretch]:
    if isinstance(rule, DefinitionVersion):
        return []
    return [Stretch(a.id, window) for a in agencies if binds(binding_of(rule, library), a)]


def _told(
    says: str, means: str, do: str, span: Span | None, cite: str, action: str = "", stretches: Iterable[Stretch] = ()
) -> Finding:
    return Finding(STALE, says, means, do, span, cite, action, tuple(stretches))


def _in_force(window: Window) -> str:
    return "always in force" if str(window) == "always" else f"in force {window}"


def _despite(norm: Norm, library: Library, agencies: list[Agency]) -> Iterator[Finding]:
    """A rule that is said in several versions is named in vain only where none of them meets the norm."""
    named = [n for n in library.norms if n.id in norm.despite]
    for other in named:
        versions = [n for n in named if (n.instrument, n.cite) == (other.instrument, other.cite)]
        if other is versions[0] and not any(n.window.overlaps(norm.window) for n in versions):
            yield _told(
                f"'despite' names {other.cite}, {_in_force(other.window)}; the norm itself is {_in_force(norm.window)}",
                "There is no day on which the one could beat the other.",
                "Name the version that was in force then, or take the 'despite' away.",
                norm.span,
                norm.cite,
                norm.action,
                _for(norm, norm.window, library, agencies),
            )


def _order(order: CourtOrder, library: Library, agencies: list[Agency]) -> Iterator[Finding]:
    for norm in (n for n in library.norms if n.id in order.norms):
        if not norm.window.overlaps(order.window):
            here = [Stretch(a.id, order.window) for a in agencies if any(p in (a.id, *a.places) for p in order.places)]
            yield _told(
                f"the order suspends {norm.cite}, {_in_force(norm.window)}; the order holds {order.window}",
                "It suspends a text on no day on which the text is in force.",
                "Compare both windows with the sources.",
                order.span,
                order.cite,
                norm.action,
                here,
            )


def _preemption(edge: Preemption, library: Library) -> Iterator[Finding]:
    upper = [n for n in library.norms if edge.upper in (n.id, n.instrument)]
    lower = [n for n in library.norms if edge.lower in (n.id, n.instrument)]
    for one in upper:
        shared = intersection(one.window, edge.window)
        if shared is None:
            continue
        if any(one.action == two.action and displaces(edge, one, two) and two.window.overlaps(shared) for two in lower):
            return
    yield _told(
        f"'{edge.upper}' is said to displace '{edge.lower}' ({_in_force(edge.window)}), and never meets it",
        "On no day of the edge are both in force with a norm about the same action.",
        "Compare the windows, and the actions the edge names.",
        edge.span,
        edge.cite,
    )


def _adoption(adoption: Adoption, benches: Benches, agencies: list[Agency]) -> Iterator[Finding]:
    here = [a for a in agencies if adoption.place in (a.id, *a.places)]
    if not here:
        return
    since = Window(adoption.since, None)
    for agency in here:
        for era, _ in benches.laws.eras(agency.id, since):
            if any(adoption.question in law.questions for law in era.actions):
                return
    yield _told(
        f"'{adoption.question}' is read as '{adoption.answer}' from {adoption.since}; no norm in force then reads it",
        "The adoption changes no answer.",
        "Compare the day with the windows of the norms that read the question.",
        adoption.span,
        adoption.cite,
        stretches=[Stretch(a.id, since) for a in here],
    )


def _definitions(
    rules: Iterable[Norm | DefinitionVersion], benches: Benches, agencies: list[Agency]
) -> Iterator[Finding]:
    """A finding for each definition and stretch without a version, whichever rules read it then."""
    found: dict[tuple[str, Window], list[tuple[Norm | DefinitionVersion, list[Stretch]]]] = {}
    library = benches.library
    for rule in rules:
        for name in dict.fromkeys(_names((rule.when, *rule.exceptions))):
            versions = [d.window for d in library.definitions if d.name == name]
            for window in uncovered(rule.window, versions):
                here = list(covered(_for(rule, window, library, agencies), benches.laws))
                if here or isinstance(rule, DefinitionVersion):
                    found.setdefault((name, window), []).append((rule, here))
    for (name, window), readers in found.items():
        first = readers[0][0]
        others = list(dict.fromkeys(rule.cite for rule, _ in readers if rule.cite != first.cite))
        more = f" (and by {', '.join(others)})" if others else ""
        yield _told(
            f"'{name}', read by this rule{more}, has no version in force {window}",
            f"On those days '{name}' is silently no.",
            "Nothing, where the law knew no such thing then; else give the definition the days it lacks.",
            first.span,
            first.cite,
            first.action if isinstance(first, Norm) else "",
            merged(s for _, here in readers for s in here),
        )


def _names(expressions: Iterable[Expression]) -> Iterator[str]:
    for expression in expressions:
        yield from (node.name for node in walk(expression) if isinstance(node, Defined))
