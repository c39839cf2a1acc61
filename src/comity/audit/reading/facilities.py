"""Agencies from places and from the names of facilities, as federal detainer records write them.

The rules read only what a name says plainly: "MONTGOMERY CNTY JAIL, PA", "SCI ALBION", "PHILADELPHIA 25TH POLICE
DIST.".  A federal place belongs to no state or local agency, and every other name is left to the mapping.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from comity.case import find_agency
from comity.policy.library import Library

__all__ = ["FEDERAL", "AgencyFinder", "slug"]

#: Why a case of a federal place is set aside.
FEDERAL: Final = "a federal facility, of no state or local agency"

#: States in which counties run their jails through a department of their own, not through the sheriff.
_COUNTY_JAILS: Final = frozenset({"pa", "nj", "ky", "wv"})
#: States that run the jails themselves.
_STATE_JAILS: Final = frozenset({"ak", "ct", "de", "hi", "ri", "vt"})
_STATES: Final = {
    "alabama": "al", "alaska": "ak", "arizona": "az", "arkansas": "ar", "california": "ca", "colorado": "co",
    "connecticut": "ct", "delaware": "de", "district of columbia": "dc", "florida": "fl", "georgia": "ga",
    "hawaii": "hi", "idaho": "id", "illinois": "il", "indiana": "in", "iowa": "ia", "kansas": "ks", "kentucky": "ky",
    "louisiana": "la", "maine": "me", "maryland": "md", "massachusetts": "ma", "michigan": "mi", "minnesota": "mn",
    "mississippi": "ms", "missouri": "mo", "montana": "mt", "nebraska": "ne", "nevada": "nv", "new hampshire": "nh",
    "new jersey": "nj", "new mexico": "nm", "new york": "ny", "north carolina": "nc", "north dakota": "nd",
    "ohio": "oh", "oklahoma": "ok", "oregon": "or", "pennsylvania": "pa", "rhode island": "ri", "south carolina": "sc",
    "south dakota": "sd", "tennessee": "tn", "texas": "tx", "utah": "ut", "vermont": "vt", "virginia": "va",
    "washington": "wa", "west virginia": "wv", "wisconsin": "wi", "wyoming": "wy",
}  # fmt: skip
_FEDERAL: Final = re.compile(
    r"\b(?:U\.?S\.? ?P(?:EN)?\b|USP|FCI|FDC|FPC|FMC|MCC|MDC|FTC|BOP|FED(?:ERAL)?\b|U\.?S\.? ?MARSHALS?|USMS|ERO|"
    r"(?:ICE|INS|DHS|CBP)\b|DISTRICT OFFICE|HOLD ROOM|PROCESSING CENTER|BORDER PATROL)"
)
_COUNTY: Final = re.compile(
    r"^(?P<name>[A-Z .'-]+?) (?:CNTY|COUNTY|CO\.?|PARISH)\b\.?,? ?"
    r"(?:(?:ADULT )?(?:JAIL|PRISON|DET|CORR|SHERIFF|C\.C|SO\b|LAW)|MAIN JAIL)"
)
_STATE: Final = re.compile(
    r"^(?:SCI\b|S\.C\.I\.|SRCF\b)|\bSCI\b|\bSTATE (?:PRISON|CORR|PEN)|\bDEPT?\.? ?OF CORR|\bD\.?O\.?C\.?$"
)
_POLICE: Final = re.compile(r"\b(?:POLICE|PD|P\.D\.)\b")


def slug(name: str) -> str:
    """A name as a part of a place: "San Bernardino County" is "san-bernardino-county"."""
    return "-".join(re.findall(r"[a-z0-9]+", name.casefold().replace("'", "")))


def state_letters(text: str) -> str:
    """Two letters of a state written out or already short; "" for anything else."""
    key = " ".join(text.split()).casefold()
    return key if key in _STATES.values() else _STATES.get(key, "")


class AgencyFinder:
    """Agency ids from parts of records, each combination looked at once."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.place = cache(self._place)
        self.facility = cache(self._facility)

    def _place(self, state: str, county: str, city: str, kind: str) -> str:
        """The id of the agency of this kind at a place; "" where the parts name none."""
        letters = state_letters(state)
        if not letters:
            return ""
        steps = ["us", letters]
        if city and not county:
            steps.append(slug(city))
        elif county:
            name = slug(county)
            steps.append(name if name.endswith(("-county", "-parish", "-borough")) else f"{name}-county")
        return self._known("/".join(steps), kind)

    def _known(self, place: str, kind: str) -> str:
        """The one listed agency of this kind there, else ``PLACE:KIND``."""
        listed = [a.id for a in self.library.agencies if a.places[-1] == place and kind in a.kinds]
        if len(listed) == 1:
            return listed[0]
        named = f"{place}:{kind}"
        return named if find_agency(named, self.library) is not None else ""

    def _facility(self, name: str, city: str, state: str) -> str:
        """The id of the agency that runs a facility, ``FEDERAL`` for a federal one, "" where the name does not tell."""
        letters = state_letters(state)
        key = " ".join(name.upper().split())
        if _FEDERAL.search(key):
            return FEDERAL
        if not letters:
            return ""
        if found := _COUNTY.match(key):
            if letters in _STATE_JAILS:
                return self._known(f"us/{letters}", "state corrections")
            place = f"us/{letters}/{slug(found.group('name'))}-county"
            keepers = [a.id for a in self.library.agencies if a.places[-1] == place and "jail" in a.kinds]
            if len(keepers) == 1:
                return keepers[0]
            return self._known(place, "county jail" if letters in _COUNTY_JAILS else "sheriff")
        if _STATE.search(key):
            return self._known(f"us/{letters}", "state corrections")
        if _POLICE.search(key) and city.strip():
            return self._known(f"us/{letters}/{slug(city)}", "police")
        return ""
