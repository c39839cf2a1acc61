"""Writing a case to a file the person named: never over another one, never half."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from comity.problems import ComityError, Problem

__all__ = ["check_place", "save_text", "unusable"]


def unusable(message: str, help_: str) -> ComityError:
    """The problem that a file cannot be used."""
    return ComityError([Problem("CM112", message, help=help_)])


def check_place(save: Path, resumed: Path | None) -> None:
    """Refuse a place that cannot be written before the first question, not after the last."""
    if save.exists() and not (resumed is not None and resumed.exists() and save.samefile(resumed)):
        help_ = f"name a new file, or go on with it: --resume {save}"
        raise unusable(f"'{save}' exists already and is not replaced", help_)
    if not save.parent.is_dir():
        raise unusable(f"'{save}' cannot be written: there is no folder '{save.parent}'", "make the folder first")
    if not os.access(save.parent, os.W_OK):
        raise unusable(f"'{save}' cannot be written: its folder is read-only", "name another folder")


def save_text(path: Path, text: str) -> None:
    """Write under a temporary name and rename, so that a full disk or Ctrl-C never leaves half a case.

    A link is followed, and a file that exists keeps its mode; a new one is for its owner alone, since it is about
    somebody.
    """
    path = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        if path.exists():
            os.chmod(name, path.stat().st_mode)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
