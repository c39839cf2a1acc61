"""The law bound to one agency: which norms speak to it, which beat which, era by era.

A *stack* is every norm that can ever bind the agency.  An *era* is a stretch of law dates without any change of text,
court order or definition; inside it the law is one fixed set of norms.  Every engine reads eras and nothing else, so
that all of them see the same law.

Who beats whom, in this order of grounds: explicit ``despite``; a preemption edge between named instruments; the higher
authority, where the two effects cannot both stand.  A higher *may* leaves room for a stricter rule below, unless it is
``protected`` (8 U.S.C. 1373, where it is good law).  An explicit edge is never turned round by rank; a ``despite`` one
way and a preemption the other way is no order at all, and the library is refused (CM304).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from comity.calendar import Window
from comity.policy.authority import Agency, binds
from comity.policy.expressions import AtLeast, Defined, Every, Expression, Some, facts_in, walk
from comity.policy.library import Coverage, Library
from comity.policy.norms import Adoption, CourtOrder, DefinitionVersion, Norm, Preemption
from comity.problems import ComityError, Problem

__all__ = [
    "ActionLaw",
    "Era",
    "Stack",
    "bind",
    "case_facts",
    "contradict",
    "displaces",
    "opened",
    "restricted_law",
    "subtract",
]


Definitions = Mapping[str, tuple[DefinitionVersion, ...]]


@dataclass(frozen=True, slots=True)
class ActionLaw:
    """The norms of one era about one action.

    ``norms`` stand in an order in which whoever beats a norm comes before it.  ``beaten_by[i]`` are the positions of
    the norms that beat ``norms[i]``.  ``suspended`` norms would speak but for a court order.  ``questions`` are the
    open readings that can matter.
    """

    action: str
    closure: str
    norms: tuple[Norm, ...]
    ranks: tuple[int, ...]
    layers: tuple[str, ...]
    beaten_by: tuple[tuple[int, ...], ...]
    powers: tuple[bool, ...]
    suspended: tuple[tuple[Norm, CourtOrder], ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Era:
    """One stretch of law dates, and the law in it.  ``definitions`` maps a name to the versions in force."""

    window: Window
    agency: Agency
    actions: tuple[ActionLaw, ...]
    definitions: dict[str, tuple[DefinitionVersion, ...]]

    @cached_property
    def by_action(self) -> dict[str, ActionLaw]:
        """Action name -> its law."""
        return {a.action: a for a in self.actions}

    @cached_property
    def facts_read(self) -> dict[str, tuple[str, ...]]:
        """Action name -> the facts of the case its norms read, definitions opened, marks left out."""
        return {a.action: tuple(dict.fromkeys(self._facts_of(a))) for a in self.actions}

    @cached_property
    def settled_by(self) -> dict[str, tuple[str, ...] | None]:
        """Action name -> every fact that its answer can depend on, marks and clocks included; None if it reads a list.

        Within one era, one agency and one law date, two cases that agree on these facts get the same answer.
        """
        found: dict[str, tuple[str, ...] | None] = {}
        for law in self.actions:
            names: dict[str, None] = {}
            # A suspended norm decides nothing, but whether it would apply is told.
            norms = (*law.norms, *(norm for norm, _ in law.suspended))
            for norm in norms:
                names.update(dict.fromkeys(case_facts(norm, self.definitions)))
                names.update(dict.fromkeys(clock.anchor for clock in norm.clocks if clock.anchor))
            parts = (p for n in norms for p in opened((n.when, *n.exceptions), self.definitions))
            lists = any(isinstance(node, Some | Every | AtLeast) for part in parts for node in walk(part))
            found[law.action] = None if lists else tuple(names)
        return found

    @cached_property
    def fields_read(self) -> dict[str, frozenset[str]]:
        """Action name -> names of row fields its norms read (of whichever list)."""
        return {a.action: frozenset(self._rows_of(a)) for a in self.actions}

    def _rows_of(self, law: ActionLaw) -> Iterator[str]:
        for norm in law.norms:
            for part in opened((norm.when, *norm.exceptions), self.definitions):
                yield from (name for name, row in facts_in(part) if row)

    def _facts_of(self, law: ActionLaw) -> Iterator[str]:
        for norm in law.norms:
            if norm.effect != "contested":
                yield from case_facts(norm, self.definitions)


def opened(expressions: Iterable[Expression], definitions: Definitions) -> Iterator[Expression]:
    """Some expressions, each followed by every part of the definitions it names, and theirs in turn."""
    for expression in expressions:
        yield expression
        for node in walk(expression):
            if isinstance(node, Defined):
                for version in definitions.get(node.name, ()):
                    yield from opened((version.when, *version.exceptions), definitions)


def case_facts(norm: Norm, definitions: Definitions) -> Iterator[str]:
    """Every fact of the case (row fields left out) that a norm reads, definitions opened, repeats included."""
    for part in opened((norm.when, *norm.exceptions), definitions):
        yield from (name for name, row in facts_in(part) if not row)


def contradict(upper: Norm, lower: Norm) -> bool:
    """Whether a norm of higher authority leaves no room for the lower one."""
    match upper.effect, lower.effect:
        case "must not", "must" | "may":
            return True
        case "must", "must not":
            return True
        case "may", "must not":
            return upper.protected
        case _:
            return False


def subtract(window: Window, hole: Window) -> Iterator[Window]:
    """What is left of ``window`` outside ``hole``."""
    if not window.overlaps(hole):
        yield window
        return
    if hole.start is not None and (window.start is None or window.start < hole.start):
        yield Window(window.start, hole.start)
    if hole.end is not None and (window.end is None or hole.end < window.end):
        yield Window(hole.end, window.end)


class Stack:
    """Every norm that can bind one agency; ask it for the era of a law date."""

    def __init__(self, library: Library, agency: Agency) -> None:
        self.library = library
        self.agency = agency
        self.facts = library.vocabulary.case_facts()
        self.actions = library.vocabulary.action_names()
        self.questions = {q.name: q for q in library.vocabulary.questions}
        records = library.vocabulary.records()
        #: List -> fields of its rows.
        self.fields = {list_: library.vocabulary.fields(record) for record, list_ in records.items()}
        self.instruments = instruments = library.instrument_table()
        self._ranks = library.ladder.ranks()
        self._layers = library.ladder.layer_of()
        self._authority = {i.id: i.authority for i in library.instruments}
        self.norms = tuple(n for n in library.norms if binds(n.binding or instruments[n.instrument].binding, agency))
        ids = {n.id for n in self.norms}
        self.orders = tuple(o for o in library.orders if self._orders_here(o))
        self.preemptions = library.preemptions
        self.adoptions = tuple(a for a in library.adoptions if a.place == agency.id or a.place in agency.places)
        self._edges = sorted({e for w in self._windows(ids) for e in w.edges()})
        self._eras: dict[int, Era] = {}
        self._versions: dict[str, list[DefinitionVersion]] = {}
        for version in library.definitions:
            self._versions.setdefault(version.name, []).append(version)

    @cached_property
    def coverage(self) -> Coverage | None:
        """What the library claims to hold for this agency: the entry of the nearest place around it, if any."""
        around = (*self.agency.places, self.agency.id)
        found = [c for c in self.library.coverage if c.place in around]
        return max(found, key=lambda c: len(c.place), default=None)

    def _orders_here(self, order: CourtOrder) -> bool:
        return any(p == self.agency.id or p in self.agency.places for p in order.places)

    def _windows(self, ids: set[str]) -> Iterator[Window]:
        yield from (n.window for n in self.norms)
        yield from (o.window for o in self.orders if ids.intersection(o.norms))
        yield from (p.window for p in self.preemptions)
        yield from (d.window for d in self.library.definitions)

    @property
    def edges(self) -> tuple[date, ...]:
        """Every law date on which something may change for this agency."""
        return tuple(self._edges)

    def at(self, day: date) -> Era:
        """The era of a law date."""
        index = bisect_right(self._edges, day)
        era = self._eras.get(index)
        if era is None:
            era = self._eras[index] = self._build(index, day)
        return era

    def adopted(self, question: str, day: date) -> Adoption | None:
        """The reading this agency adopted, if it had on that day; the nearest adopter and the latest adoption win."""
        found = [a for a in self.adoptions if a.question == question and a.since <= day]
        return max(found, key=lambda a: (len(a.place), a.since), default=None)

    def _build(self, index: int, day: date) -> Era:
        start = self._edges[index - 1] if index else None
        end = self._edges[index] if index < len(self._edges) else None
        definitions = {
            name: current
            for name, versions in self._versions.items()
            if (current := tuple(v for v in versions if day in v.window))
        }
        live: dict[str, list[Norm]] = {}
        suspended: dict[str, list[tuple[Norm, CourtOrder]]] = {}
        for norm in self.norms:
            if day not in norm.window:
                continue
            order = next((o for o in self.orders if norm.id in o.norms and day in o.window), None)
            if order is None:
                live.setdefault(norm.action, []).append(norm)
            else:
                suspended.setdefault(norm.action, []).append((norm, order))
        preemptions = [p for p in self.preemptions if day in p.window]
        laws = []
        for action in self.library.vocabulary.actions:
            norms = live.get(action.name, [])
            laws.append(
                self._law(action.name, action.closure, norms, suspended.get(action.name, []), preemptions, definitions)
            )
        return Era(Window(start, end), self.agency, tuple(laws), definitions)

    def _law(
        self,
        action: str,
        closure: str,
        norms: list[Norm],
        suspended: list[tuple[Norm, CourtOrder]],
        preemptions: list[Preemption],
        definitions: dict[str, tuple[DefinitionVersion, ...]],
    ) -> ActionLaw:
        beaten = {n.id: {m.id for m in norms if self._beats(m, n, preemptions)} for n in norms}
        ordered = _beaters_first(norms, beaten)
        position = {n.id: i for i, n in enumerate(ordered)}
        layers = tuple(self._layers[self._authority[n.instrument]] for n in ordered)
        questions: dict[str, None] = {}
        for norm in ordered:
            for question in _questions(norm, definitions):
                questions[question] = None
        return ActionLaw(
            action,
            closure,
            tuple(ordered),
            tuple(self.rank(n) for n in ordered),
            layers,
            tuple(tuple(sorted(position[m] for m in beaten[n.id])) for n in ordered),
            tuple(_gives_power(n, layer) for n, layer in zip(ordered, layers, strict=True)),
            tuple(suspended),
            tuple(questions),
        )

    def rank(self, norm: Norm) -> int:
        """The rank of the norm's authority; 0 is highest."""
        return self._ranks[self._authority[norm.instrument]]

    def _beats(self, m: Norm, n: Norm, preemptions: list[Preemption]) -> bool:
        if m.id == n.id or "contested" in (m.effect, n.effect):
            return False
        if n.id in m.despite or any(displaces(p, m, n) for p in preemptions):
            return True
        if m.id in n.despite or any(displaces(p, n, m) for p in preemptions):
            return False
        return self.rank(m) < self.rank(n) and contradict(m, n)


def bind(library: Library, agency: Agency) -> Stack:
    """The library as it binds ``agency``."""
    return Stack(library, agency)


def restricted_law(law: ActionLaw, kept: Callable[[int], bool]) -> ActionLaw:
    """The law about an action as if only some of its norms (by position) were there."""
    which = [i for i in range(len(law.norms)) if kept(i)]
    place = {old: new for new, old in enumerate(which)}
    return replace(
        law,
        norms=tuple(law.norms[i] for i in which),
        ranks=tuple(law.ranks[i] for i in which),
        layers=tuple(law.layers[i] for i in which),
        beaten_by=tuple(tuple(place[j] for j in law.beaten_by[i] if j in place) for i in which),
        powers=tuple(law.powers[i] for i in which),
    )


def _gives_power(norm: Norm, layer: str) -> bool:
    """Whether the norm is authority to take liberty: federal permission alone is none (8 U.S.C. 1357(g)(10))."""
    if norm.effect not in ("may", "must"):
        return False
    return norm.gives_power or layer not in ("constitution", "federal")


def displaces(edge: Preemption, upper: Norm, lower: Norm) -> bool:
    """Whether a preemption says that ``upper`` displaces ``lower``."""
    named = edge.upper in (upper.id, upper.instrument) and edge.lower in (lower.id, lower.instrument)
    return named and (not edge.actions or upper.action in edge.actions)


def _beaters_first(norms: list[Norm], beaten: dict[str, set[str]]) -> list[Norm]:
    ordered: list[Norm] = []
    placed: set[str] = set()
    rest = list(norms)
    while rest:
        ready = [n for n in rest if beaten[n.id] <= placed]
        if not ready:
            # The checker refuses circles; a library built from Python and never checked must still not loop.
            names = ", ".join(n.id for n in rest)
            problem = Problem(
                "CM304",
                f"norms beat each other in a circle: {names}",
                rest[0].span,
                rest[0].cite,
                "take away one 'despite' or one preemption",
            )
            raise ComityError([problem])
        ordered += ready
        placed.update(n.id for n in ready)
        rest = [n for n in rest if n.id not in placed]
    return ordered


def _questions(norm: Norm, definitions: dict[str, tuple[DefinitionVersion, ...]]) -> Iterator[str]:
    if norm.reading is not None:
        yield norm.reading.question
    yield from _questions_in((norm.when, *norm.exceptions), definitions)


def _questions_in(
    expressions: tuple[Expression, ...], definitions: dict[str, tuple[DefinitionVersion, ...]]
) -> Iterator[str]:
    for expression in expressions:
        for node in walk(expression):
            if isinstance(node, Defined):
                for version in definitions.get(node.name, ()):
                    if version.reading is not None:
                        yield version.reading.question
                    yield from _questions_in((version.when, *version.exceptions), definitions)
