"""``comity doctor``: what this installation is made of, and what is missing on this machine."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from comity.api import PACKAGED, Library, cache_file, load
from comity.calendar import Window
from comity.cli.exits import FAILED
from comity.cli.options import JSON, LAW
from comity.cli.screen import coloured, paint, width, wrap
from comity.language.read import library_files, library_hash
from comity.problems import ComityError

__all__ = ["command"]

#: Module -> what it is for.  None is needed to decide a case.
_EXTRAS = {
    "z3": "proofs and comparisons of laws",
    "clingo": "the referee in the tests",
    "hypothesis": "random tests",
    "pytest": "the tests",
    "jsonschema": "checking case files against the schema",
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_OLDEST = 3


@dataclass(frozen=True, slots=True)
class _Finding:
    """One line of the report; ``fine`` False: broken, and the exit code says so."""

    name: str
    words: str
    data: Any
    fine: bool = True


@click.command("doctor")
@JSON
@LAW
def command(as_json: bool, law: Path | None) -> None:
    """Show versions, the library, its cache, and what is missing on this machine.

    Exit code 1 when something is broken; what is merely absent and not needed is no error.
    """
    findings = [*_versions(), *_library(law), _colours(), _extras()]
    broken = [f.name for f in findings if not f.fine]
    if as_json:
        data = {"ok": not broken, "broken": broken, **{f.name.replace(" ", "_"): f.data for f in findings}}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            mark = paint("✔", fg="green") if finding.fine else paint("✘", fg="red")
            lines = wrap(finding.words, 0, width() - 18)
            click.echo(f"{mark} {finding.name:<15} {lines[0] if lines else ''}")
            for line in lines[1:]:
                click.echo(" " * 18 + line)
        click.echo("nothing is broken" if not broken else f"broken: {', '.join(broken)}")
    if broken:
        sys.exit(FAILED)


def _versions() -> list[_Finding]:
    found = {"comity": _version("comity"), "python": platform.python_version()}
    found |= {name: _version(name) for name in ("click", "pyyaml")}
    words = ", ".join(f"{name} {v or 'not installed as a package'}" for name, v in found.items())
    return [_Finding("versions", words, found, fine=sys.version_info >= (3, 11))]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None  # run from a source folder


def _library(folder: Path | None) -> list[_Finding]:
    try:
        files = library_files(folder or PACKAGED)
        place = cache_file(library_hash(files))
        was_there = place is not None and place.is_file()
        library = load(folder)
    except ComityError as error:
        words = f"it cannot be used: {error.problems[0].message}; 'comity check' shows everything"
        return [_Finding("library", words, [p.message for p in error.problems], fine=False)]
    law = library.law
    federal = next((c.window for c in law.coverage if c.place == "us"), Window())
    data = {
        "version": library.version,
        "sha256": library.sha256,
        "instruments": len(law.instruments),
        "norms": len(law.norms),
        "agencies": len(law.agencies),
        "coverage": [{"place": c.place, "from": _iso(c.window.start), "to": _iso(c.window.end)} for c in law.coverage],
    }
    words = f"{library.version} {library.sha256[:12]}: {len(law.instruments)} instruments, {len(law.norms)} norms, "
    words += f"{len(law.agencies)} agencies; federal law {federal}, {len(law.coverage) - 1} places of their own"
    return [
        _Finding("library", words, data),
        _oldest(library),
        _cached(place, was_there),
        _zones(library),
    ]


def _iso(day: object) -> str | None:
    return str(day) if day is not None else None


def _oldest(library: Library) -> _Finding:
    """The instruments nobody has looked at for longest: where the law may have moved on."""
    dated = []
    for instrument in library.law.instruments:
        days = _DAY.findall(instrument.checked)
        dated.append((max(days, default=""), instrument.id))
    dated.sort()
    words = "; ".join(f"{day or 'no day'} {id_}" for day, id_ in dated[:_OLDEST])
    return _Finding("oldest checked", words, [{"checked": day or None, "id": id_} for day, id_ in dated[:_OLDEST]])


def _cached(place: Path | None, was_there: bool) -> _Finding:
    if place is None:
        state = "not used: no cache folder is known"
    elif was_there:
        state = f"used: {_short(place)}"
    elif place.is_file():
        state = f"made just now: {_short(place)}"
    else:
        # Slower, not wrong.
        state = f"not used: {_short(place.parent)} cannot be written, so every start checks the library again"
    data = {"place": str(place) if place else None, "used": was_there, "made": bool(place and place.is_file())}
    return _Finding("cache", state, data)


def _short(path: Path) -> str:
    home = os.path.expanduser("~")
    return f"~{str(path)[len(home) :]}" if str(path).startswith(f"{home}{os.sep}") else str(path)


def _zones(library: Library) -> _Finding:
    """Clocks that skip weekends need the zone of every agency."""
    names = sorted({a.time_zone for a in library.law.agencies})
    missing = [name for name in names if not _zone_known(name)]
    words = f"all {len(names)} zones of the agencies are known"
    if missing:
        words = f"missing: {', '.join(missing)}; install the system's tzdata or 'pip install tzdata'"
    return _Finding("time zones", words, {"needed": names, "missing": missing}, fine=not missing)


def _zone_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _colours() -> _Finding:
    used = coloured()
    return _Finding("colours", "used" if used else "not used here; words and shapes say the same", used)


def _extras() -> _Finding:
    found = {name: find_spec(name) is not None for name in _EXTRAS}
    words = "; ".join(f"{name} {'found' if found[name] else 'not found'} ({_EXTRAS[name]})" for name in _EXTRAS)
    return _Finding("extras", f"{words}; none is needed to decide", found)
