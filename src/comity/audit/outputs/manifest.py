"""``manifest.json``: what an audit was made from, so that it can be repeated to the byte.

It holds no time, no path and no name of a machine: the same audit twice is the same manifest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from comity.audit.mapping import Cell
from comity.audit.outputs.workspace import MANIFEST
from comity.audit.records import file_sha256
from comity.problems import ComityError, Problem

__all__ = ["FORMAT", "code_tables", "output_hashes", "read_manifest", "write_manifest"]

#: Raised when the keys change.
FORMAT: Final = 1


def output_hashes(folder: Path) -> dict[str, str]:
    """Name -> SHA-256 of every file of an audit but its manifest."""
    return {p.name: file_sha256(p) for p in sorted(folder.iterdir()) if p.is_file() and p.name != MANIFEST}


def write_manifest(folder: Path, told: Mapping[str, Any]) -> None:
    """Write ``told`` and the hash of each output beside it."""
    data = {"format": FORMAT, **told, "written with": {"pyarrow": pa.__version__}, "outputs": output_hashes(folder)}
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8", newline="\n")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an audit; ComityError CM736 when the folder holds none that can be read."""
    try:
        data = json.loads((folder / MANIFEST).read_text("utf-8"))
        if isinstance(data, dict) and data.get("format") == FORMAT:
            return data
    except (OSError, ValueError):
        pass
    message = f"'{folder.name or folder}' is not the folder of an audit"
    raise ComityError([Problem("CM736", message, help="name the folder that 'comity audit --out' wrote")])


def code_tables(mapping: object) -> Iterator[Path]:
    """The files of offence codes that a mapping names, each once."""
    yield from dict.fromkeys(_tables(mapping))


def _tables(part: object) -> Iterator[Path]:
    if isinstance(part, Cell) and part.table is not None:
        yield part.table
    if is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            yield from _tables(getattr(part, field.name))
    elif isinstance(part, Mapping):
        for one in part.values():
            yield from _tables(one)
    elif isinstance(part, tuple):
        for one in part:
            yield from _tables(one)
