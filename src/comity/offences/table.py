"""The offence table: one place to ask what a cited offence is, in any jurisdiction the tables know."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import cache

from comity.offences.california import California, Row
from comity.offences.citation import OffenceCitation, read_citation
from comity.offences.elsewhere import TABLES, Elsewhere, category_offence, ncic_offence, other_offence
from comity.offences.offence import Offence

__all__ = ["OffenceTable"]


class OffenceTable:
    """All packaged offence tables.  Use ``OffenceTable.load()``, which reads them once per process.

    Other jurisdictions than California are read when first asked for.
    """

    def __init__(self) -> None:
        self._california = California()
        self._elsewhere: dict[str, Elsewhere] = {}

    @staticmethod
    @cache
    def load() -> OffenceTable:
        """The packaged table."""
        return OffenceTable()

    def sections(self) -> Iterator[Row]:
        """Every row of the California table, in file order."""
        return iter(self._california)

    def find(
        self,
        cited: str | OffenceCitation,
        *,
        degree: str | None = None,
        grade: str | None = None,
        on: datetime.date | None = None,
    ) -> Offence:
        """The offence ``cited`` names, as the law of ``on`` (usually the conviction date) sees it.

        ``degree`` ("first", "second", ...) overrides a degree written in the citation.  ``grade`` (felony, misdemeanor,
        infraction) rules out forms of the section that cannot have it.  Without ``on``, whatever has
        changed over time is None: ask again once the date is known.

        Raises:
            ComityError: CM501 not in the table, CM502 unreadable, CM503 ambiguous.
        """
        citation = read_citation(cited) if isinstance(cited, str) else cited
        if citation.code == "NCIC":
            return ncic_offence(citation)
        if citation.code == "category":
            return category_offence(citation)
        wanted = degree or citation.degree
        if citation.jurisdiction == "us/ca":
            return self._california.find(citation, wanted, on, grade)
        if citation.jurisdiction not in TABLES:
            return other_offence(citation)
        if citation.jurisdiction not in self._elsewhere:
            self._elsewhere[citation.jurisdiction] = Elsewhere(citation.jurisdiction)
        return self._elsewhere[citation.jurisdiction].find(citation, wanted, on)
