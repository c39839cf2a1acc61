"""What a mapping says: which column holds which fact of a case, as frozen data.

``mappings/file.py`` reads one from YAML; ``convert.py`` carries it out.  docs/mappings.md explains every key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path

from comity.audit.records import Reading
from comity.case import FactValue

__all__ = [
    "CARRIED",
    "FOLDS",
    "AgencyOf",
    "AnyOf",
    "Boxes",
    "Cell",
    "FirstOf",
    "Fixed",
    "ListOf",
    "Mapping",
    "Recorded",
    "RowOf",
    "Source",
    "Told",
    "Where",
    "matcher",
    "plain_key",
    "plain_name",
    "split_start",
]

#: Columns that no rule reads and reports use, and their kinds.
CARRIED = {"released": "moment", "facility": "text", "group": "text"}

#: How several records of one case make one value: "same" unless they contradict each other; the first or last that is
#: known; the earliest or latest of days and moments; yes if any, or if all.
FOLDS = ("same", "first", "last", "earliest", "latest", "any", "all")


def plain_key(text: str) -> str:
    """A cell as it is looked up: capitals and the length of blanks do not matter."""
    return " ".join(text.split()).casefold()


def split_start(key: str) -> tuple[str, bool]:
    """A looked-up cell and whether it only begins so: ``i247a - *`` does; ``f\\*`` is an F and a star."""
    if key.endswith("\\*"):
        return key[:-2] + "*", False
    return (key[:-1], True) if key.endswith("*") else (key, False)


def matcher(values: Iterable[str]) -> Callable[[str], bool]:
    """Whether a looked-up cell is one of these, or begins like one that ends in a star."""
    parts = [split_start(value) for value in values]
    exact = frozenset(text for text, begins in parts if not begins)
    starts = tuple(text for text, begins in parts if begins)
    return lambda key: key in exact or (bool(starts) and key.startswith(starts))


def plain_name(text: str) -> str:
    """A column name as it is compared: only letters and digits count ("Facility City" is "facility_city")."""
    return "".join(c for c in text.casefold() if c.isalnum())


@dataclass(frozen=True, slots=True)
class Where:
    """Records whose cell is (``holds``), or is not, one of ``values``.

    ``columns``: the first that the source has.  ``values``: looked-up cells; "" is an empty one, and one that ends in
    ``*`` stands for every cell that begins so.
    """

    columns: tuple[str, ...]
    values: tuple[str, ...]
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Fixed:
    """One value for every case; None: unknown."""

    value: FactValue


@dataclass(frozen=True, slots=True)
class Cell:
    """A value read from a cell.

    ``columns``: the first that the source has.  ``join``: instead, the cells of several columns with a blank between.
    ``values``: looked-up cell -> value, tried before the cell is read by the fact's type; ``starts``: the same for
    cells that begin so, the longest first.  ``otherwise``: what every other cell means (None: it is made unknown and
    counted), or absent: the record is rejected.  ``blank``: what an empty cell means.  ``days``: how days are written.
    ``codes``, ``table``: the system of an offence code, and the user's own code table.  ``split``: the sign between
    words of a some-of fact.  ``optional``: the source may lack the column.
    """

    columns: tuple[str, ...] = ()
    join: tuple[str, ...] = ()
    values: MappingOf[str, FactValue] = field(default_factory=dict)
    starts: tuple[tuple[str, FactValue], ...] = ()
    otherwise: tuple[FactValue, ...] = ()
    blank: FactValue = None
    days: tuple[str, ...] = ()
    codes: str = ""
    table: Path | None = None
    split: str = ""
    optional: bool = False

    @property
    def named(self) -> str:
        """The column, as messages name it."""
        return " + ".join(self.join) or (self.columns[0] if self.columns else "")


@dataclass(frozen=True, slots=True)
class Boxes:
    """A word for each of several yes/no cells.

    For a one-of fact the word of the only box that is ticked, all others known not to be; ``none`` where none is.  For
    a some-of fact all ticked words.  Anything else is unknown.
    """

    boxes: tuple[tuple[str, Cell], ...]
    none: FactValue = None


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first of several sources that says something."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Yes where one of several sources says yes, no where all say no."""

    sources: tuple[Source, ...]


Source = Fixed | Cell | Boxes | FirstOf | AnyOf


@dataclass(frozen=True, slots=True)
class Told:
    """A source, the records of a case it looks at, and how those make one value."""

    source: Source
    where: tuple[Where, ...] = ()
    fold: str = "same"


@dataclass(frozen=True, slots=True)
class AgencyOf:
    """The agency of a case: an id, or a cell that a table of values turns into one.

    ``set_aside``: looked-up cell -> why cases with it are none of a state or local agency.  ``place``: the columns of
    "state", "county", "city" (and the "kind"), from which an id is made; ``facility``: those of "name", "city" and
    "state", read by the rules of ``facilities.py``.  ``otherwise``: the id for every other cell.
    """

    fixed: str = ""
    columns: tuple[str, ...] = ()
    values: MappingOf[str, str] = field(default_factory=dict)
    set_aside: MappingOf[str, str] = field(default_factory=dict)
    place: MappingOf[str, tuple[str, ...]] = field(default_factory=dict)
    kind: str = ""
    facility: MappingOf[str, tuple[str, ...]] = field(default_factory=dict)
    otherwise: str = ""
    where: tuple[Where, ...] = ()
    fold: str = "same"


@dataclass(frozen=True, slots=True)
class RowOf:
    """One row of a list for each record that matches ``where`` and holds something in a column of ``given``.

    ``given`` is empty: in any column of its fields; but where a case has several records, always.
    """

    fields: MappingOf[str, Source]
    where: tuple[Where, ...] = ()
    given: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of the case.  ``table``: its rows come from a table of their own, which names the case in ``case``."""

    name: str
    rows: tuple[RowOf, ...]
    complete: Told = field(default_factory=lambda: Told(Fixed(False)))
    table: bool = False
    case: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the record says was done about an action; a cell in neither list tells nothing."""

    columns: tuple[str, ...]
    done: tuple[str, ...]
    not_done: tuple[str, ...]
    where: tuple[Where, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping; docs/mappings.md explains each part.

    ``case``: the columns of the case id, empty where a case is known by its record number.  ``several``: a case may
    have several records.  ``alike``: columns in which likely duplicates are equal; None compares nothing, () all.
    ``only``: records that match none are set aside.  ``headers``: sets of column names by which a file is recognised.
    """

    title: str
    file: str
    law_date: Told
    agency: AgencyOf | None
    case: tuple[tuple[str, ...], ...] = ()
    several: bool = False
    keep_duplicates: bool = False
    alike: tuple[tuple[str, ...], ...] | None = None
    about: str = ""
    reading: Reading = field(default_factory=Reading)
    time_zone: str = ""
    days: tuple[str, ...] = ("iso",)
    redacted: bool = True
    blanks: frozenset[str] = frozenset()
    only: tuple[Where, ...] = ()
    facts: MappingOf[str, Told] = field(default_factory=dict)
    lists: tuple[ListOf, ...] = ()
    recorded: MappingOf[str, Recorded] = field(default_factory=dict)
    carried: MappingOf[str, Told] = field(default_factory=dict)
    unknown_offences: bool = False
    headers: tuple[tuple[str, ...], ...] = ()
