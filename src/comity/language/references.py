"""References between norms: a pinpoint of the same file, or INSTRUMENT PINPOINT, or a whole instrument."""

from __future__ import annotations

from comity.language.tree import Phrase
from comity.policy.norms import Instrument, Norm
from comity.problems import ComityError, Problem, nearest

__all__ = ["Index", "named_texts"]


class Index:
    """Finds norms by the way a lawyer refers to them."""

    def __init__(self, instruments: tuple[Instrument, ...], norms: tuple[Norm, ...]) -> None:
        self.instruments = {i.id: i for i in instruments}
        self._by_label: dict[tuple[str, str], list[Norm]] = {}
        self._by_instrument: dict[str, list[Norm]] = {}
        for norm in norms:
            self._by_label.setdefault((norm.instrument, norm.label), []).append(norm)
            self._by_instrument.setdefault(norm.instrument, []).append(norm)

    def norms(self, text: str, here: str) -> list[Norm]:
        """Every version of the norm(s) referred to; empty when there are none."""
        instrument, label = self._split(text, here)
        if not label:
            return self._by_instrument.get(instrument, [])
        return self._by_label.get((instrument, label), [])

    def need(self, phrase: Phrase, here: str) -> list[Norm]:
        """The norms referred to, or the problem that there is no such norm."""
        found = self.norms(phrase.text, here)
        if not found:
            near = self.nearest(phrase.text, here)
            help_ = f"did you mean '{near}'?" if near else "name a pinpoint of this file, or INSTRUMENT PINPOINT"
            message = f"there is no norm or instrument '{phrase.text}'"
            raise ComityError([Problem("CM203", message, phrase.span, help=help_)])
        return found

    def nearest(self, text: str, here: str) -> str | None:
        """The reference that looks most like ``text``."""
        known = [f"{i} {label}" for i, label in self._by_label] + [label for i, label in self._by_label if i == here]
        return nearest(text, [*known, *self.instruments])

    def _split(self, text: str, here: str) -> tuple[str, str]:
        first, _, rest = text.partition(" ")
        if first in self.instruments or first.startswith("us/"):
            return first, rest.strip()
        return here, text


def named_texts(phrase: Phrase, here: str, index: Index) -> tuple[str, ...]:
    """What one side of a preemption names: an instrument's id, or the ids of every version of a norm."""
    if phrase.text in index.instruments:
        return (phrase.text,)
    return tuple(n.id for n in index.need(phrase, here))
