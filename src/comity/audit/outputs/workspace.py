"""Where an audit writes: a folder beside the one that was asked for, which takes its name when everything is done.

``DIR.part-1a2b3c4d`` holds ``files`` (what will be ``DIR``), ``parts`` (stretches judged so far) and ``state.json`` (of
what audit they are).  A stopped audit leaves the parts and the state, and nothing half-written.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

from comity.problems import ComityError, Problem

__all__ = ["MANIFEST", "State", "Workspace", "open_workspace"]

MANIFEST: Final = "manifest.json"
_STATE: Final = "state.json"

#: What an audit is of: "input NAME", "mapping", "library", "command" … -> a hash or words.
State = Mapping[str, Any]


class Workspace:
    """The folder of one audit while it runs; see ``open_workspace``.

    ``files`` is where outputs are written, ``parts`` where judged stretches are kept, ``spool`` for anything else that
    is gone at the end.
    """

    def __init__(self, target: Path, folder: Path, lock: IO[str]) -> None:
        self.target = target
        self.folder = folder
        self.files = folder / "files"
        self.parts = folder / "parts"
        self.spool = folder / "spool"
        self._lock = lock
        for place in (self.files, self.spool):
            shutil.rmtree(place, ignore_errors=True)
        for place in (self.files, self.parts, self.spool):
            place.mkdir(exist_ok=True)

    def keep_state(self, state: State) -> None:
        """Write down of what audit the parts are; without it they cannot be used."""
        _write(self.folder / _STATE, state)

    def compare(self, state: State) -> None:
        """ComityError CM733 when the kept parts are of another audit."""
        try:
            kept = json.loads((self.folder / _STATE).read_text("utf-8"))
        except (OSError, ValueError):
            raise _nothing(self.target) from None
        ours = json.loads(json.dumps(state))
        differ = [key for key in sorted({*kept, *ours}) if kept.get(key) != ours.get(key)]
        if differ:
            message = f"'{self.target.name}' cannot be resumed: the {', '.join(differ)} changed since it was stopped"
            help_ = "start anew with --force, or give the same records, mapping, law and options as before"
            raise ComityError([Problem("CM733", message, help=help_)])

    def finish(self) -> None:
        """Give the files the name that was asked for; an older audit of that name goes only when they stand there."""
        shutil.rmtree(self.spool, ignore_errors=True)
        old = self.folder / "old"
        if self.target.is_dir() and any(self.target.iterdir()):
            os.rename(self.target, old)
        try:
            os.rename(self.files, self.target)
        except BaseException:
            if old.exists():
                os.rename(old, self.target)
            raise
        self._remove()

    def stop(self, *, keep: bool) -> bool:
        """Leave nothing half-written; whether parts were kept to resume from, where that is wanted."""
        shutil.rmtree(self.files, ignore_errors=True)
        shutil.rmtree(self.spool, ignore_errors=True)
        for half in self.parts.glob("*.part"):
            half.unlink(missing_ok=True)
        kept = keep and (self.folder / _STATE).is_file() and any(self.parts.iterdir())
        if kept:
            self._lock.close()
        else:
            self._remove()
        return kept

    def _remove(self) -> None:
        self._lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def open_workspace(target: Path, *, resume: bool, force: bool) -> Workspace:
    """A place to write ``target``.

    Raises ComityError: CM731 it cannot be written, CM732 it is in use, CM733 there is nothing to resume, CM734 an
    unfinished audit is there.  ``force`` replaces an older audit, and throws an unfinished one away.
    """
    target = Path(os.path.realpath(target))
    _check(target, force)
    unfinished = sorted(p for p in target.parent.glob(f"{_escaped(target.name)}.part-*") if p.is_dir())
    if resume:
        stopped = [p for p in unfinished if (p / _STATE).is_file()]
        if not stopped:
            raise _nothing(target)
        return _locked(target, stopped[-1])
    for folder in unfinished:
        workspace = _locked(target, folder)
        if not force and (folder / _STATE).is_file():
            workspace.stop(keep=True)
            message = f"an unfinished audit of '{target.name}' is there"
            raise ComityError([Problem("CM734", message, help="go on with --resume, or start anew with --force")])
        workspace._remove()
    folder = target.parent / f"{target.name}.part-{secrets.token_hex(4)}"
    try:
        folder.mkdir()
        return _locked(target, folder)
    except OSError as error:
        raise _unwritable(target, error) from None


def _check(target: Path, force: bool) -> None:
    try:
        used = target.exists() and not (target.is_dir() and not any(target.iterdir()))
    except OSError as error:
        raise _unwritable(target, error) from None
    if used and not (force and (target / MANIFEST).is_file()):
        message = f"'{target.name}' exists already and is not replaced"
        help_ = "name another folder with --out, or replace this older audit with --force"
        if force or not (target / MANIFEST).is_file():
            message = f"'{target.name}' exists already and is no audit, so it is not replaced"
            help_ = "name another folder with --out"
        raise ComityError([Problem("CM732", message, help=help_)])
    if not target.parent.is_dir():
        message = f"'{target.name}' cannot be written: there is no folder '{target.parent}'"
        raise ComityError([Problem("CM731", message, help="make the folder first")])
    if not os.access(target.parent, os.W_OK):
        message = f"'{target.name}' cannot be written: the folder it is to be in is read-only"
        raise ComityError([Problem("CM731", message, help="name another place with --out")])


def _locked(target: Path, folder: Path) -> Workspace:
    """The workspace in a folder, for this process alone; CM734 while another process writes there."""
    lock = (folder / "lock").open("a")
    try:
        import fcntl
    except ImportError:  # a system without it has no such locks
        return Workspace(target, folder, lock)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        message = f"another audit is writing '{target.name}' now"
        raise ComityError([Problem("CM734", message, help="wait for it, or name another folder with --out")]) from None
    return Workspace(target, folder, lock)


def _write(path: Path, data: State) -> None:
    temporary = path.with_suffix(".part")
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    temporary.write_text(json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")
    os.replace(temporary, path)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _nothing(target: Path) -> ComityError:
    message = f"there is nothing of '{target.name}' to resume"
    return ComityError([Problem("CM733", message, help="start it without --resume")])


def _unwritable(target: Path, error: OSError) -> ComityError:
    reason = (error.strerror or "unknown reason").lower()
    message = f"'{target.name}' cannot be written: {reason}"
    return ComityError([Problem("CM731", message, help="name another place with --out")])
