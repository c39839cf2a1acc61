"""Which agency each record is about, and the clock on its wall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from comity.audit.mapping import AgencyOf, plain_key, split_start
from comity.audit.quality import SET_ASIDE
from comity.audit.reading.cells import Cells, together
from comity.audit.reading.facilities import FEDERAL, AgencyFinder
from comity.audit.tables import Array
from comity.case import find_agency
from comity.policy.library import Library

__all__ = ["AgencyCells", "AgencyReader"]

NO_AGENCY: Final = "no agency"
NOT_KNOWN: Final = "no agency is known for this"


@dataclass(frozen=True, slots=True, eq=False)
class AgencyCells:
    """``codes``: int32 for each record, a position among the reader's ids; -1 and below, ``reasons[-code - 1]``.

    ``told(record)``: the cell it was read from.
    """

    codes: Array
    reasons: tuple[str, ...]
    column: str
    told: Callable[[int], str]


class AgencyReader:
    """Reads agencies; ``ids`` and ``zones`` grow from stretch to stretch, positions stay."""

    def __init__(self, agency: AgencyOf, library: Library) -> None:
        self.agency = agency
        self.library = library
        self.finder = AgencyFinder(library)
        parts = [(*split_start(cell), id_) for cell, id_ in agency.values.items()]
        self.exact = {cell: id_ for cell, begins, id_ in parts if not begins}
        self.starts = sorted(((cell, id_) for cell, begins, id_ in parts if begins), key=lambda s: -len(s[0]))
        self.ids: dict[str, int] = {}
        self.zones: list[str] = []
        self._reasons = [NO_AGENCY, NOT_KNOWN]
        self._memo: dict[tuple[str, ...], int] = {}

    def read(self, cells: Cells) -> AgencyCells:
        """The agency of each record."""
        agency = self.agency
        if agency.fixed:
            return AgencyCells(np.full(cells.count, self._position(agency.fixed), np.int32), (), "", lambda _: "")
        names = [*(n[0] for n in (agency.columns,) if n), *(n[0] for n in agency.place.values())]
        names += [n[0] for n in agency.facility.values()]
        which, combinations = together([cells.distinct(name) for name in names])
        codes = np.array([self._code(c) for c in combinations], np.int32)[which]
        return AgencyCells(
            codes,
            tuple(self._reasons),
            names[0] if names else "",
            lambda i: ", ".join(dict.fromkeys(filter(None, combinations[which[i]]))),
        )

    def _code(self, cells: tuple[str, ...]) -> int:
        if cells not in self._memo:
            self._memo[cells] = self._read(cells)
        return self._memo[cells]

    def _read(self, cells: tuple[str, ...]) -> int:
        agency = self.agency
        rest = list(cells)
        if agency.columns:
            text = rest.pop(0)
            key = plain_key(text)
            if key in agency.set_aside:
                return self._aside(agency.set_aside[key])
            if key in self.exact:
                return self._position(self.exact[key])
            for start, id_ in self.starts:
                if key.startswith(start):
                    return self._position(id_)
            if text and find_agency(text, self.library) is not None:
                return self._position(text)
        if agency.place:
            parts = dict(zip(agency.place, rest, strict=True))
            found = self.finder.place(
                parts.get("state", ""), parts.get("county", ""), parts.get("city", ""), agency.kind
            )
        elif agency.facility:
            parts = dict(zip(agency.facility, rest, strict=True))
            found = self.finder.facility(parts["name"], parts.get("city", ""), parts["state"])
        else:
            found = ""
        if found == FEDERAL:
            return self._aside(FEDERAL)
        if found or agency.otherwise:
            return self._position(found or agency.otherwise)
        return -2 if any(cells) else -1

    def _aside(self, reason: str) -> int:
        told = SET_ASIDE + reason
        if told not in self._reasons:
            self._reasons.append(told)
        return -1 - self._reasons.index(told)

    def _position(self, id_: str) -> int:
        if id_ not in self.ids:
            found = find_agency(id_, self.library)
            assert found is not None
            self.ids[id_] = len(self.ids)
            self.zones.append(found.time_zone)
        return self.ids[id_]

    def zones_of(self, codes: Array, fixed: str) -> tuple[Sequence[str], Array]:
        """Names of time zones, and which of them is on the wall at each record's agency."""
        if fixed or not self.zones:
            return [fixed or "UTC"], np.zeros(len(codes), np.int32)
        names = sorted(set(self.zones))
        place = np.array([names.index(zone) for zone in self.zones], np.int32)
        return names, place[np.maximum(codes, 0)]
