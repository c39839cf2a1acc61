"""Offences outside the California codes: other states, federal law, NCIC classes, letters of the California list.

None of these settles a California test.  A Texas, New York or New Jersey row answers its own place's list.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from comity.offences.citation import OffenceCitation
from comity.offences.match import pick, read_table, same, split, tri
from comity.offences.offence import Offence

__all__ = ["TABLES", "Elsewhere", "ElsewhereRow", "category_offence", "ncic_offence", "other_offence"]

#: Jurisdiction -> packaged table.
TABLES: Final = {
    "us/tx": "us/tx/offences.csv",
    "us/ny": "us/ny/offences.csv",
    "us/nj": "us/nj/offences.csv",
    "us": "us/federal-offences.csv",
}
#: Proposition 47 reclassified offences of the California codes and of no other.
_NOT_CALIFORNIAN: Final = False
_FELONY_ONLY: Final = ("G", "M")
#: First two digits of an NCIC uniform offence code -> class (FBI, NCIC Code Manual).
_NCIC: Final = {
    "01": "sovereignty", "02": "military", "03": "immigration", "09": "homicide", "10": "kidnapping",
    "11": "sexual assault", "12": "robbery", "13": "assault", "14": "abortion", "16": "threat",
    "17": "material witness", "20": "arson", "21": "extortion", "22": "burglary", "23": "larceny",
    "24": "stolen vehicle", "25": "counterfeiting", "26": "fraud", "27": "embezzlement", "28": "stolen property",
    "29": "damage to property", "35": "dangerous drugs", "36": "sex offence", "37": "obscenity",
    "38": "family offence", "39": "gambling", "40": "commercial sex", "41": "liquor", "48": "obstructing police",
    "49": "flight or escape", "50": "obstructing justice", "51": "bribery", "52": "weapon offence",
    "53": "public peace", "54": "traffic offence", "55": "health and safety", "56": "civil rights",
    "57": "invasion of privacy", "58": "smuggling", "59": "election laws", "60": "antitrust", "61": "tax revenue",
    "62": "conservation", "63": "money laundering", "64": "exploitation or enticement", "70": "general crimes",
    "71": "general crimes", "72": "general crimes", "73": "general crimes", "81": "juvenile offenders",
}  # fmt: skip
_NCIC_NOTE: Final = "An NCIC code names a class of crime, not a section or a grade: ask for the section charged"
_OTHER_NOTE: Final = "Whether this would be a listed offence in California is for a person to decide"


class ElsewhereRow(NamedTuple):
    """One row: ``cells`` by column name; ``steps`` are the subdivisions of its section."""

    steps: tuple[str, ...]
    cells: dict[str, str]


class Elsewhere:
    """The table of one jurisdiction outside the California codes."""

    def __init__(self, jurisdiction: str) -> None:
        self.jurisdiction = jurisdiction
        header, rows = read_table(TABLES[jurisdiction])
        self._index: dict[tuple[str, str], list[ElsewhereRow]] = {}
        for row in rows:
            cells = dict(zip(header, row, strict=True))
            section, steps = split(cells["section"].lower())
            self._index.setdefault((cells["code"], section), []).append(ElsewhereRow(steps, cells))

    def __iter__(self) -> Iterator[ElsewhereRow]:
        return (row for rows in self._index.values() for row in rows)

    def find(self, citation: OffenceCitation, degree: str, on: datetime.date | None) -> Offence:
        """The offence; one without a row has every attribute not known."""
        rows, reached = pick(self._index.get((citation.code, citation.section), []), citation.subdivisions)
        if degree and any(r.cells.get("degree") for r in rows):
            # A degree that no row has is another offence than the ones described.
            rows = [r for r in rows if r.cells.get("degree") == degree]
        if not rows or not reached:
            return _by_degree(citation, degree)
        grades = frozenset(g for r in rows for g in r.cells.get("grade", "").split(";") if g)

        def of(column: str) -> bool | None:
            return same(tri(r.cells.get(column, "")) for r in rows)

        return Offence(
            citation=str(citation),
            name="; ".join(dict.fromkeys(r.cells["name"] for r in rows)),
            jurisdiction=self.jurisdiction,
            grades=grades,
            prop47=_NOT_CALIFORNIAN,
            travis_2017=of("travis_2017"),
            nyc_listed=of("nyc_listed"),
            nj_violent_or_serious=of("violent_or_serious"),
            nj_indictable=of("indictable"),
            aggravated_felony=of("aggravated_felony"),
            aggravated_felony_paragraph=same(r.cells.get("paragraph", "") for r in rows) or "",
            checked="; ".join(dict.fromkeys(r.cells["checked"] for r in rows)),
            note="; ".join(filter(None, dict.fromkeys(r.cells["note"] for r in rows))) or _OTHER_NOTE,
        )


def _by_degree(citation: OffenceCitation, degree: str) -> Offence:
    """An offence without a row; in New Jersey its degree alone settles two questions.

    Directive 2018-6, I.A: every crime of the first or second degree is violent or serious; crimes of four degrees are
    indictable (N.J.S.A. 2C:1-4).
    """
    found = other_offence(citation)
    if citation.jurisdiction != "us/nj" or degree not in ("first", "second", "third", "fourth"):
        return found
    grave = True if degree in ("first", "second") else None
    return replace(found, nj_indictable=True, nj_violent_or_serious=grave, grades=frozenset({"felony"}))


def other_offence(citation: OffenceCitation) -> Offence:
    """An offence of a place, or a section, that no table here describes."""
    return Offence(
        str(citation), f"Offence under {citation}", citation.jurisdiction, prop47=_NOT_CALIFORNIAN, note=_OTHER_NOTE
    )


def ncic_offence(citation: OffenceCitation) -> Offence:
    """An NCIC code: a class of crime, which by design settles no state test."""
    kind = _NCIC.get(citation.section[:2], "class not known")
    return Offence(str(citation), f"NCIC class {citation.section[:2]}: {kind}", "us", note=_NCIC_NOTE)


def category_offence(citation: OffenceCitation) -> Offence:
    """A letter of Gov. Code § 7282.5(a)(3) in place of a section: the category is known, nothing else."""
    letter = citation.section
    return Offence(
        str(citation),
        f"Offence in category ({letter}) of Gov. Code 7282.5(a)(3)",
        categories=(letter,),
        category_certain=True,
        felony_only_category=letter in _FELONY_ONLY,
        note="Only the category was given: the section is needed for every other test",
    )
