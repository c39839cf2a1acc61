"""Offences: reading the citations people type, and what each offence means to the immigration-cooperation laws.

``read_citation`` turns "459 1st PC" into a value; ``OffenceTable.load().find(...)`` turns that value into an
``Offence`` whose attributes are yes, no or not known (True, False, None).  Nothing is guessed: what the law leaves
conditional, and what the citation does not settle, comes out as None.
"""

from __future__ import annotations

from comity.offences.citation import OffenceCitation, read_citation
from comity.offences.offence import Offence
from comity.offences.table import OffenceTable

__all__ = ["Offence", "OffenceCitation", "OffenceTable", "read_citation"]
