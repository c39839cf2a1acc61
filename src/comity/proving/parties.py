"""The two sides of a comparison: an agency, a day and a library, which may be a folder or a revision in git."""

from __future__ import annotations

import io
import subprocess
import tarfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from comity.policy.authority import Agency
from comity.policy.facts import FactWord, Vocabulary
from comity.policy.library import Library
from comity.policy.stack import bind
from comity.problems import ComityError, Problem

__all__ = ["Party", "merged_vocabulary", "revision_files"]


@dataclass(frozen=True, slots=True)
class Party:
    """One side: ``law`` is a library's law, ``label`` how the library is called ("" where both sides share one)."""

    law: Library
    agency: Agency
    day: date
    label: str = ""

    @property
    def held(self) -> bool:
        """Whether the library claims to hold the law of this agency on this day."""
        coverage = bind(self.law, self.agency).coverage
        return coverage is not None and self.day in coverage.window

    def words(self, *, agency: bool, day: bool, library: bool) -> str:
        """What tells this side from the other."""
        told = [self.agency.id] if agency else []
        told += [self.day.isoformat()] if day else []
        return " · ".join([*told, *([self.label] if library and self.label else [])])


def revision_files(folder: Path, revision: str) -> dict[str, bytes]:
    """The files of a library folder as they stood in a git revision: relative name -> content.

    ComityError CM781 when the folder is in no git repository, or the revision or the folder is not there.
    """
    git = ["git", "-C", str(folder)]
    try:
        # The name of a revision is never read as an option: "--output=FILE" would write over a file.
        wanted = f"{revision}^{{commit}}"
        done = subprocess.run(
            [*git, "rev-parse", "--verify", "--end-of-options", wanted], capture_output=True, check=False
        )
        if done.returncode == 0:
            commit = done.stdout.decode("ascii", "replace").split()[-1]
            done = subprocess.run([*git, "archive", "--format=tar", commit, "."], capture_output=True, check=False)
    except (OSError, ValueError):
        raise _unusable(f"revision '{revision}' cannot be read: git does not run", "install git") from None
    if done.returncode:
        reason = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["git gave no reason"])[-1]
        raise _unusable(f"revision '{revision}' of '{folder.name}' cannot be read: {reason}", "see 'git log'")
    files = {}
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            if member.isfile() and name.endswith((".md", ".csv")) and Path(name).name != "README.md":
                content = archive.extractfile(member)
                if content is not None:
                    files[name] = content.read()
    return dict(sorted(files.items()))


def merged_vocabulary(one: Vocabulary, other: Vocabulary) -> Vocabulary:
    """The words of both; ComityError CM781 where one word has two types."""
    mine = {(f.group if f.group in one.records() else "", f.name): f for f in one.facts}
    added: list[FactWord] = []
    for fact in other.facts:
        key = fact.group if fact.group in other.records() else "", fact.name
        if key not in mine:
            added.append(fact)
        elif not _alike(mine[key], fact):
            message = f"'{fact.name}' is {mine[key].type} on one side and {fact.type} on the other"
            raise _unusable(message, "the two libraries cannot be asked about the same case")
        elif mine[key].type.members != fact.type.members:
            # More words on one side than on the other: a case may have any of them.
            members = tuple(dict.fromkeys((*mine[key].type.members, *fact.type.members)))
            mine[key] = replace(fact, type=replace(fact.type, members=members))
    return replace(one, facts=(*mine.values(), *added))


def _alike(one: FactWord, other: FactWord) -> bool:
    return (one.type.kind, one.type.record) == (other.type.kind, other.type.record)


def _unusable(message: str, help_: str) -> ComityError:
    return ComityError([Problem("CM781", message, help=help_)])
