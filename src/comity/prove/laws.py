"""Which law a question is about: versions of the law about some actions, and the agencies and days they are for.

Agencies and dates that share every word of the law share a version, and what is proved of it is proved for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from comity.calendar import Window
from comity.case import agency_values, find_agency
from comity.policy.authority import Agency
from comity.policy.expressions import Expression
from comity.policy.facts import Vocabulary
from comity.policy.library import Library
from comity.policy.opened import Opened, OpenedAction, Opener
from comity.policy.stack import Era, Stack, bind
from comity.prove.days import FIRST, LAST
from comity.prove.lemmas import Lemmas

__all__ = ["Laws", "Stretch", "Version", "intersection", "years_of"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a version of the law is in force."""

    agency: str
    window: Window


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """One law about some actions: ``actions`` as opened law, ``conditions`` of the question, and where it holds."""

    actions: dict[str, OpenedAction]
    conditions: tuple[Opened, ...]
    stretches: tuple[Stretch, ...]


def intersection(one: Window, other: Window) -> Window | None:
    """The days in both windows."""
    if not one.overlaps(other):
        return None
    starts = [w.start for w in (one, other) if w.start is not None]
    ends = [w.end for w in (one, other) if w.end is not None]
    return Window(max(starts, default=None), min(ends, default=None))


def years_of(library: Library) -> tuple[date, date]:
    """The days that are looked at, first and last."""
    spans = [a.years for a in library.assumptions if a.years is not None]
    return (
        max((w.start for w in spans if w.start is not None), default=FIRST),
        min((w.end - timedelta(days=1) for w in spans if w.end is not None), default=LAST),
    )


def _day_in(start: date | None, end: date | None) -> date:
    if start is not None:
        return start
    return date(2000, 1, 1) if end is None else end - timedelta(days=1)


class Laws:
    """The law of one library, opened; conditions of equal words are one object across agencies and dates.

    ``vocabulary``: the words of the cases, where they are more than the library's own.
    """

    def __init__(
        self,
        library: Library,
        interned: dict[Opened, Opened] | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self.library = library
        self.vocabulary = library.vocabulary if vocabulary is None else vocabulary
        self.answers = {q.name: q.answers for q in library.vocabulary.questions}
        self.interned: dict[Opened, Opened] = {} if interned is None else interned
        self.lemmas = Lemmas(self.vocabulary, self.answers)
        self._stacks: dict[str, Stack] = {}
        self._eras: dict[tuple[str, Window], list[tuple[Era, Window]]] = {}
        # Eras are known by identity; their stack keeps them.
        self._openers: dict[int, Opener] = {}
        self._opened: dict[tuple[int, str], OpenedAction] = {}
        self._same: dict[object, OpenedAction] = {}
        self._conditions: dict[tuple[int, int], tuple[Expression, Opened]] = {}

    def agency(self, id: str) -> Agency:
        """The agency with this id; KeyError when there is none."""
        found = find_agency(id, self.library)
        if found is None:
            raise KeyError(id)
        return found

    def stack(self, agency: str) -> Stack:
        """Every norm that can bind the agency."""
        if agency not in self._stacks:
            self._stacks[agency] = bind(self.library, self.agency(agency))
        return self._stacks[agency]

    def eras(self, agency: str, window: Window) -> list[tuple[Era, Window]]:
        """The eras of an agency's law that meet a window, each with the days it shares with the window."""
        key = agency, window
        if key not in self._eras:
            stack = self.stack(agency)
            edges: Sequence[date] = stack.edges
            self._eras[key] = [
                (stack.at(_day_in(start, end)), shared)
                for start, end in zip([None, *edges], [*edges, None], strict=True)
                if (shared := intersection(Window(start, end), window)) is not None
            ]
        return self._eras[key]

    def opener(self, era: Era) -> Opener:
        """What opens the conditions of an era."""
        found = self._openers.get(id(era))
        if found is None:
            values = agency_values(era.agency, self.library.vocabulary)
            told = {name: value for name, value in values.items() if isinstance(value, bool)}
            found = self._openers[id(era)] = Opener(era, told, self.interned)
        return found

    def opened(self, era: Era, action: str) -> OpenedAction:
        """The law of an era about an action; one object for all that say the same."""
        key = id(era), action
        found = self._opened.get(key)
        if found is None:
            made = self.opener(era).action(era.by_action[action])
            found = self._opened[key] = self._same.setdefault(made.key, made)
        return found

    def condition(self, era: Era, condition: Expression) -> Opened:
        """A condition under the definitions of an era."""
        key = id(era), id(condition)
        found = self._conditions.get(key)
        if found is None:
            # Known by identity, so it must live as long as what is known of it.
            found = self._conditions[key] = condition, self.opener(era).condition(condition)
        return found[1]

    def versions(
        self, agencies: Iterable[str], window: Window, actions: Sequence[str], conditions: Sequence[Expression] = ()
    ) -> list[Version]:
        """The distinct laws about ``actions`` of these agencies on the days of ``window``."""
        found: dict[object, tuple[dict[str, OpenedAction], tuple[Opened, ...], list[Stretch]]] = {}
        for agency in agencies:
            for era, shared in self.eras(agency, window):
                laws = [self.opened(era, a) for a in actions]
                opened = tuple([self.condition(era, c) for c in conditions])
                key = (*map(id, laws), *map(id, opened))
                known = found.get(key)
                if known is None:
                    known = found[key] = dict(zip(actions, laws, strict=True)), opened, []
                stretches = known[2]
                last = stretches[-1] if stretches else None
                if last is not None and last.agency == agency and last.window.end == shared.start:
                    stretches[-1] = Stretch(agency, Window(last.window.start, shared.end))
                else:
                    stretches.append(Stretch(agency, shared))
        return [Version(laws, opened, tuple(stretches)) for laws, opened, stretches in found.values()]
