"""The Python door: ``comity.load()`` and what a library can be asked.

>>> import comity
>>> library = comity.load()
>>> case = library.read_case(open("case.yaml").read())      # doctest: +SKIP
>>> library.decide(case).action("hold_past_release").outcome  # doctest: +SKIP
'must not'
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from datetime import date
from pathlib import Path

from comity.case import Case, find_agency
from comity.decide.answer import Answer
from comity.decide.casefile import CaseText, read_case
from comity.decide.explain import decide
from comity.decide.specialise import Specialised
from comity.language.sources import VERSION, library_files, library_hash
from comity.policy.authority import Agency
from comity.policy.codec import FORMAT, library_from_json, library_to_json
from comity.policy.library import Library as Law
from comity.policy.stack import Stack, bind
from comity.problems import ComityError, Problem, nearest

__all__ = ["PACKAGED", "Library", "cache_file", "load"]

#: Answers of single actions kept for one agency and era before they are dropped.
_MOST_REMEMBERED = 20_000

#: The law that comes with the package.
PACKAGED = Path(__file__).parent / "law"


class Library:
    """A law library, ready to be asked.  Safe to keep and to share between threads once loaded."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._stacks: dict[str, Stack] = {}
        self._compiled: dict[tuple[str, date | None], Specialised] = {}

    @property
    def version(self) -> str:
        """Calendar version of the law texts, such as "2026.11"."""
        return self.law.version

    @property
    def sha256(self) -> str:
        """Hash of every source file of the library."""
        return self.law.sha256

    def agency(self, id: str) -> Agency:
        """The agency with this id, or ``PLACE:KIND`` for one that is not listed; ComityError CM404 when unknown."""
        found = find_agency(id, self.law)
        if found is None:
            spoken = {n.lower(): a.id for a in self.law.agencies for n in (a.short, a.name)}
            near = spoken.get(id.lower()) or nearest(id, self.law.agency_table())
            help_ = f"did you mean '{near}'?" if near else "see 'comity law list --agencies'"
            raise ComityError([Problem("CM404", f"no agency is called '{id}'", help=help_)])
        return found

    def stack(self, agency: str | Agency) -> Stack:
        """Every norm that can bind the agency, by law date."""
        found = agency if isinstance(agency, Agency) else self.agency(agency)
        stack = self._stacks.get(found.id)
        if stack is None:
            stack = self._stacks[found.id] = bind(self.law, found)
        return stack

    def compiled(self, case: Case) -> Specialised:
        """Generated code for the era of the case; ValueError when the case has no law date."""
        if case.law_date is None:
            raise ValueError("the case has no law date")
        stack = self.stack(case.agency)
        era = stack.at(case.law_date)
        key = (case.agency.id, era.window.start)
        made = self._compiled.get(key)
        if made is None:
            made = self._compiled[key] = Specialised(stack, era)
        return made

    @staticmethod
    def _tidy(compiled: Specialised) -> Specialised:
        for kept in (compiled.remembered, compiled.remembered_words):
            if len(kept) > _MOST_REMEMBERED:
                kept.clear()
        return compiled

    def read_case(
        self, text: str, *, file: str = "case", at: date | None = None, agency: str | None = None
    ) -> CaseText:
        """A case file (YAML or JSON); ComityError with every problem in it."""
        return read_case(text, self.law, file=file, at=at, agency=agency)

    def decide(self, case: Case | CaseText) -> Answer:
        """The whole answer: outcomes, reasons, layers, missing facts, what would change it."""
        text = case if isinstance(case, CaseText) else CaseText(case)
        notes = tuple(p.message for p in text.remarks)
        stack = self.stack(text.case.agency)
        if text.case.law_date is None:
            return decide(stack, text.case, title=text.title, notes=notes)
        compiled = self._tidy(self.compiled(text.case))
        return decide(
            stack,
            text.case,
            compiled.run,
            compiled.settled,
            title=text.title,
            notes=notes,
            remember=compiled.remembered,
            truth_of=compiled.truth,
        )

    def outcomes(self, case: Case | CaseText) -> dict[str, str]:
        """Action name -> outcome word and nothing else: the fast path for many decisions."""
        plain = case.case if isinstance(case, CaseText) else case
        return self._tidy(self.compiled(plain)).outcomes(plain)


def load(folder: str | os.PathLike[str] | None = None, *, cache: bool = True) -> Library:
    """The library in ``folder`` (default: the packaged law), checked.

    A checked library is kept in the user's cache folder under the hash of its sources, so the next load skips the
    checking.  ``cache=False`` neither reads nor writes it.  Raises ComityError with every problem of the sources.
    """
    files = library_files(PACKAGED if folder is None else Path(folder))
    sha256 = library_hash(files)
    place = cache_file(sha256) if cache else None
    if place is not None:
        try:
            kept = library_from_json(place.read_text("utf-8"))
            if kept.sha256 == sha256:
                return Library(kept)
        except (OSError, ValueError, RecursionError):
            pass  # a cache that is damaged, or of other sources, is made anew
    from comity.language.read import read_library  # only a library that is not in the cache needs the reader

    law = read_library(files)
    if place is not None:
        _keep(place, library_to_json(law))
    return Library(law)


def cache_file(sha256: str) -> Path | None:
    """Where the checked library of these sources is kept, or None when no cache folder is known."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if not os.path.isabs(home):
        return None
    return Path(home) / "comity" / f"{VERSION}-{FORMAT}-{sha256[:32]}.json"


def _keep(place: Path, text: str) -> None:
    """Write under a temporary name and rename, so that nobody ever reads half a file; a full disk is no error."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent, suffix=".part")
    except OSError:
        return
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        os.replace(name, place)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
