"""The California offence table: dated rows, former numbers, attempts and conspiracies.

Every answer holds for one date.  Without a date, whatever has changed over time comes out as None.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final, NamedTuple

from comity.offences.citation import OffenceCitation
from comity.offences.match import not_in_table, pick, read_table, same, split, tri
from comity.offences.offence import Offence
from comity.problems import ComityError, Problem

__all__ = ["California", "Row"]

#: AB 109: felonies "pursuant to subdivision (h) of Section 1170" are served in county jail from this day.
REALIGNMENT: Final = datetime.date(2011, 10, 1)
#: Proposition 21 put conspiracy to commit a serious felony on the serious list, as (42); (43) since 2024-01-01.
CONSPIRACY_SERIOUS: Final = datetime.date(2000, 3, 8)
#: 1192.7(c)(39) leaves attempts at these out: an attempt at an assault is not itself on the list.
_ASSAULTS: Final = frozenset({"220", "240", "244", "245", "245.2", "245.3", "245.5", "4500", "4501"})
_ASSAULT_NOTE: Final = "An attempt at an assault is left out of item (39)"
#: Violent by name and also punishable by life; a conspiracy carries the same term (§ 182(a)), hence 667.5(c)(7).
_LIFE: Final = frozenset({"187", "205", "209", "209.5"})
_FELONY_ONLY: Final = frozenset({"G", "M"})
_GRADES: Final = {
    "felony": ({"felony"}, False),
    "enhancement": ({"felony"}, False),
    "wobbler": ({"felony", "misdemeanor"}, True),
    "varies": ({"felony", "misdemeanor"}, None),
    "misdemeanor": ({"misdemeanor"}, False),
    "infraction": ({"infraction"}, False),
    "wobblette": ({"misdemeanor", "infraction"}, False),
}


class Row(NamedTuple):
    """One line of ``law/us/ca/offences.csv``, cells as written.

    ``with_`` is a punishment section or degree that tells forms of one section apart; ``also`` other ways to cite the
    row, former numbers among them, split by ";"; ``from_`` and ``until`` the half-open span of this version (ISO
    dates).  Answers are yes, no or depends, and ``note`` says on what; ``category_by`` is listed or interpretation.
    """

    code: str
    section: str
    with_: str
    also: str
    name: str
    grade: str
    serious: str
    serious_item: str
    violent: str
    violent_item: str
    categories: str
    category_by: str
    prison: str
    prop47: str
    registration: str
    domestic_violence: str
    notice_11369: str
    weapon_or_injury_matters: str
    from_: str
    until: str
    note: str
    checked: str

    @property
    def citation(self) -> str:
        """Canonical citation, "VC 23152/23550.5"."""
        sep = "/" if self.with_[:1].isdigit() else " "
        return f"{self.code} {self.section}" + (sep + self.with_ if self.with_ else "")


class _Entry(NamedTuple):
    """A place a row can be found under: its own number, or one from the ``also`` column."""

    steps: tuple[str, ...]
    qualifier: str
    row: Row


class California:
    """The rows of ``law/us/ca/offences.csv`` and the ways to reach them."""

    def __init__(self) -> None:
        self.rows: list[Row] = [Row(*cells) for cells in read_table("us/ca/offences.csv")[1]]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @cached_property
    def _index(self) -> dict[tuple[str, str], list[_Entry]]:
        index: dict[tuple[str, str], list[_Entry]] = {}
        for row in self.rows:
            section, steps = split(row.section)
            index.setdefault((row.code, section), []).append(_Entry(steps, row.with_, row))
            for other in filter(None, row.also.split(";")):
                place, _, qualifier = other.replace("/", " ", 1).partition(" ")
                section, steps = split(place)
                index.setdefault((row.code, section), []).append(_Entry(steps, qualifier, row))
        return index

    def find(
        self, citation: OffenceCitation, degree: str, on: datetime.date | None, grade: str | None = None
    ) -> Offence:
        """The offence ``citation`` names, under the law of ``on``; forms that cannot have ``grade`` are left out.

        Raises:
            ComityError: CM501 not in the table or not yet law; CM503 more than one reading.
        """
        code = citation.code or self._only_code(citation)
        section, steps, qualifier = citation.section, citation.subdivisions, citation.with_section or degree
        if citation.with_section and split(citation.with_section)[0] == section:  # "594(a)/594(b)(1)"
            steps, qualifier = split(citation.with_section)[1], degree
        if (code, section) not in self._index:
            raise not_in_table(f"{code} {citation.provision}", (r.citation for r in self.rows))
        chosen, reached = pick(self._qualified(code, section, qualifier, citation), steps)
        rows = list(dict.fromkeys(e.row for e in chosen))
        written = f"{code} {section}" + "".join(f"({s})" for s in steps)
        if on is not None:
            rows = _in_force(rows, on, written)
        rows = [r for r in rows if grade is None or grade in _GRADES[r.grade][0]] or rows
        written = _canonical(written, steps, chosen, rows)
        found = _merge([_offence(r, on) for r in rows], rows, written) if reached else _partial(rows, written)
        if citation.attempt:
            found = _attempt(found, section)
        return _conspiracy(found, section, on) if citation.conspiracy else found

    def _only_code(self, citation: OffenceCitation) -> str:
        """The code of a bare number: the Penal Code when no other code in the table has that section."""
        codes = [code for code, section in self._index if section == citation.section]
        if codes == ["PC"]:
            return "PC"
        shown = citation.provision
        if not codes:
            raise not_in_table(f"section {shown}", (r.citation for r in self.rows), "write the code too, as in PC 459")
        names = " or ".join(f"{c} {shown}" for c in codes)
        raise ComityError([Problem("CM503", f'"{shown}" does not say which code', help=f"write {names}")])

    def _qualified(self, code: str, section: str, qualifier: str, citation: OffenceCitation) -> list[_Entry]:
        entries = self._index[code, section]
        plain = [e for e in entries if not e.qualifier]
        if not qualifier:
            return plain or entries
        if meant := [e for e in entries if e.qualifier == qualifier]:
            return meant
        if not qualifier[0].isdigit():  # a degree that this section does not have changes nothing
            return plain or entries
        other, steps = split(qualifier)
        there, reached = pick([e for e in self._index.get((code, other), []) if not e.qualifier], steps)
        rows = {e.row for e in there} if reached else set()
        if shared := [e for e in entries if e.row in rows and not e.qualifier]:
            return shared
        help = f"enter {code} {citation.provision} and {code} {qualifier} as separate offences"
        raise ComityError([Problem("CM503", f"{citation} names two provisions the table does not join", help=help)])


def _in_force(rows: list[Row], on: datetime.date, written: str) -> list[Row]:
    """The versions in force on ``on``; the last one for a conviction after repeal, since the act came before."""
    day = on.isoformat()
    begun = [r for r in rows if r.from_ <= day]
    if not begun:
        first = min(r.from_ for r in rows)
        help = f"it is law since {first}; check the date and the section"
        raise ComityError([Problem("CM501", f"{written} was not yet law on {day}", help=help)])
    live = [r for r in begun if not r.until or day < r.until]
    last = max(r.until for r in begun)
    return live or [r for r in begun if r.until == last]


def _canonical(written: str, steps: tuple[str, ...], chosen: list[_Entry], rows: list[Row]) -> str:
    """Today's number for a former or doubled one: 288a(c)(1) is 287(c)(1), 459/460(a) is 460(a)."""
    kept = [e for e in chosen if e.row in rows]
    citations = {e.row.citation for e in kept}
    if len(citations) == 1:
        citation, at = citations.pop(), kept[0].steps
        return citation if kept[0].row.with_ else citation + "".join(f"({s})" for s in steps[len(at) :])
    places = {(split(e.row.section)[0], split(e.row.section)[1] == e.steps) for e in kept}
    if len(places) == 1 and all(same_steps for _, same_steps in places):  # renumbered as a whole
        return f"{kept[0].row.code} {places.pop()[0]}" + "".join(f"({s})" for s in steps)
    return written


def _offence(row: Row, on: datetime.date | None) -> Offence:
    grades, wobbler = _GRADES[row.grade]
    prison, question = tri(row.prison), False
    if row.prison == "no" and "felony" in grades and (on is None or on < REALIGNMENT):
        prison, question = None, on is not None
    categories = tuple(filter(None, row.categories.split(";")))
    return Offence(
        citation=row.citation,
        name=row.name,
        grades=frozenset(grades),
        wobbler=wobbler,
        serious=tri(row.serious),
        serious_item=row.serious_item,
        violent=tri(row.violent),
        violent_item=row.violent_item,
        state_prison=prison,
        realignment_question=question,
        categories=categories,
        category_certain=row.category_by != "interpretation",
        felony_only_category=bool(categories) and _FELONY_ONLY.issuperset(categories),
        prop47=tri(row.prop47),
        registration=tri(row.registration),
        domestic_violence=tri(row.domestic_violence),
        notice_11369=tri(row.notice_11369),
        weapon_or_injury_matters=row.weapon_or_injury_matters == "yes",
        checked=row.checked,
        note=row.note,
    )


def _merge(found: list[Offence], rows: list[Row], written: str) -> Offence:
    """One offence out of the forms a citation leaves open: what they share stays, what differs is None."""
    if len(found) == 1:
        return replace(found[0], citation=written)
    shared = [c for c in found[0].categories if all(c in o.categories for o in found)]
    alike = len({o.categories for o in found}) == 1
    certain = same(o.category_certain for o in found) if shared or alike else None
    names = list(dict.fromkeys(o.name for o in found))
    forms = ", ".join(dict.fromkeys(r.citation + (f" until {r.until}" if r.until else "") for r in rows))
    return Offence(
        citation=written,
        name=names[0] if len(names) == 1 else "; ".join(names[:3]) + ("; ..." if len(names) > 3 else ""),
        grades=frozenset().union(*(o.grades for o in found)),
        wobbler=same(o.wobbler for o in found),
        serious=same(o.serious for o in found),
        serious_item=same(o.serious_item for o in found) or "",
        violent=same(o.violent for o in found),
        violent_item=same(o.violent_item for o in found) or "",
        state_prison=same(o.state_prison for o in found),
        realignment_question=any(o.realignment_question for o in found),
        categories=tuple(shared),
        category_certain=certain,
        felony_only_category=all(o.felony_only_category for o in found),
        prop47=same(o.prop47 for o in found),
        registration=same(o.registration for o in found),
        domestic_violence=same(o.domestic_violence for o in found),
        notice_11369=same(o.notice_11369 for o in found),
        weapon_or_injury_matters=any(o.weapon_or_injury_matters for o in found),
        checked="; ".join(dict.fromkeys(o.checked for o in found)),
        note=f"This citation leaves open which form is meant: {forms}",
    )


def _partial(rows: list[Row], written: str) -> Offence:
    """A subdivision without a row in a section that has rows: only a category the whole section shares is known."""
    lists = [set(filter(None, r.categories.split(";"))) for r in rows]
    shared = sorted(set.intersection(*lists)) if all(r.category_by == "listed" for r in rows) else []
    return Offence(
        citation=written,
        name=rows[0].name.split(",")[0],
        categories=tuple(shared),
        category_certain=True if shared else None,
        felony_only_category=bool(shared) and _FELONY_ONLY.issuperset(shared),
        note="This subdivision has no row of its own: " + ", ".join(dict.fromkeys(r.citation for r in rows)) + " do",
    )


def _with_p(found: Offence) -> tuple[str, ...]:
    """(P): an attempt or conspiracy to commit an offence "specified in this section", so also of (a)(1)."""
    listed = found.categories or found.serious or found.violent
    return found.categories if not listed or "P" in found.categories else (*found.categories, "P")


def _attempt(found: Offence, section: str) -> Offence:
    """Pen. Code § 664: half the term, the same kind of prison.  Serious by 1192.7(c)(9), (39); violent by (12)."""
    murder = found.citation.startswith("PC 187") or found.citation.startswith("PC 217.1(b)")
    assault = section in _ASSAULTS
    serious = False if assault and found.serious else found.serious
    return replace(
        found,
        citation=found.citation.replace(" ", " 664/", 1),
        name=f"Attempt: {found.name}",
        serious=True if murder else serious,
        serious_item="9" if murder else "39" if serious else "",
        violent=murder,
        violent_item="12" if murder else "",
        categories=_with_p(found),
        felony_only_category=found.felony_only_category and not found.serious,
        notice_11369=None if found.notice_11369 else found.notice_11369,
        note="; ".join(filter(None, [_ASSAULT_NOTE if assault else "", _object_note(found)])),
    )


def _conspiracy(found: Offence, section: str, on: datetime.date | None) -> Offence:
    """Pen. Code § 182: the term of its object; a conspiracy to commit a misdemeanor is itself a wobbler."""
    felony = "felony" in found.grades or not found.grades
    serious = found.serious
    if serious:
        serious = None if on is None else on >= CONSPIRACY_SERIOUS
    life = found.violent is True and ("7" in found.violent_item or section in _LIFE)
    return replace(
        found,
        citation=found.citation.replace(" ", " 182/", 1),
        name=f"Conspiracy: {found.name}",
        grades=found.grades if felony else frozenset({"felony", "misdemeanor"}),
        wobbler=found.wobbler if felony else True,
        serious=True if life else serious,
        serious_item="7" if life else "43" if found.serious else "",
        violent=life if found.violent is not None else None,
        violent_item="7" if life else "",
        state_prison=found.state_prison if felony else None,
        categories=_with_p(found),
        felony_only_category=found.felony_only_category and not found.serious,
        notice_11369=None if found.notice_11369 else found.notice_11369,
        note=_object_note(found),
    )


def _object_note(found: Offence) -> str:
    return f"Of {found.citation} itself: {found.note}" if found.note else ""
