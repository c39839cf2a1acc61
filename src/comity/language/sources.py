"""The files of a library: which they are, and the hash that identifies them.

Kept apart from the reader, since a library that is already in the cache needs only this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from comity.problems import ComityError, Problem

__all__ = ["VERSION", "library_files", "library_hash"]

#: Calendar version of the packaged law texts.
VERSION = "2026.11"


def library_files(folder: Path) -> dict[str, bytes]:
    """Relative name -> content of every ``.md``, ``agencies.csv`` and ``holidays.csv`` under ``folder``, sorted."""
    if not folder.is_dir():
        raise ComityError(
            [Problem("CM112", f"there is no folder '{folder}'", help="name a folder of Markdown instruments")]
        )
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (path.suffix in (".md", ".csv")) and path.name != "README.md":
            try:
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
            except OSError as error:
                reason = error.strerror or "unreadable"
                raise ComityError([Problem("CM112", f"'{path.name}' cannot be read: {reason}")]) from None
    return found


def library_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents, in name order."""
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()
