"""Who speaks and who is spoken to: the ladder of authorities, agencies, and what binds whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from comity.policy.norms import Binding

__all__ = ["UNHELD", "Agency", "Ladder", "binds", "unlisted_agency"]


#: The kind of every agency whose own rules the library does not hold.
UNHELD = "unheld"


@dataclass(frozen=True, slots=True)
class Ladder:
    """Layers from the highest to the lowest; each is (name, authorities from the highest to the lowest)."""

    layers: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def rank(self, authority: str) -> int:
        """0 for the highest authority, growing downwards; KeyError when it is not declared."""
        return self.ranks()[authority]

    def ranks(self) -> dict[str, int]:
        """Authority -> rank."""
        return {a: i for i, a in enumerate(a for _, names in self.layers for a in names)}

    def layer_of(self) -> dict[str, str]:
        """Authority -> the layer shown beside the final answer."""
        return {a: layer for layer, names in self.layers for a in names}


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency: the places whose law it lives under, and the kinds it counts as.

    ``held`` tells that this library holds the agency's local law; where it is False, a rule that yields to local policy
    needs that fact from the person who asks.  ``time_zone`` is an IANA name.
    """

    id: str
    name: str
    short: str
    places: tuple[str, ...]
    kinds: tuple[str, ...]
    time_zone: str
    held: bool
    note: str = ""


def prefixes(place: str) -> tuple[str, ...]:
    """``us/ca/los-angeles`` -> ``us``, ``us/ca``, ``us/ca/los-angeles``."""
    parts = place.split("/")
    return tuple("/".join(parts[: i + 1]) for i in range(len(parts)))


def binds(binding: Binding, agency: Agency) -> bool:
    """Whether a text with this binding speaks to the agency."""
    if not any(place == agency.id or place in agency.places for place in binding.places):
        return False
    if binding.kinds and not any(kind in agency.kinds for kind in binding.kinds):
        return False
    return not any(name == agency.id or name in agency.kinds or name in agency.places for name in binding.except_)


def unlisted_agency(place: str, kind: str, kinds: dict[str, tuple[str, ...]], time_zone: str) -> Agency:
    """An agency known only by where it is and what it is; its local law is not held."""
    implied: Iterable[str] = kinds.get(kind, ())
    name = f"{kind} of {place}"
    return Agency(f"{place}:{kind}", name, name, prefixes(place), (kind, *implied, UNHELD), time_zone, held=False)
