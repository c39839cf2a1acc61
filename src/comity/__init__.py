"""Comity: the law on cooperation between local police and federal immigration authorities, written once.

``load()`` reads a library; ``Library.decide`` answers a case.  Not legal advice.
"""

from __future__ import annotations

from comity.api import Library, load
from comity.case import Case, Rows
from comity.decide.answer import Answer
from comity.problems import ComityError, Problem

__all__ = ["Answer", "Case", "ComityError", "Library", "Problem", "Rows", "load"]

__version__ = "2026.11.0"
