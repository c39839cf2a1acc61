"""Tiny law as text, for tests: one instrument a page, beside the words that every fixture has."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent

#: The words of the diagnostics fixtures: name of the file -> its bytes.
BASE = {p.name: p.read_bytes() for p in sorted((ROOT / "fixtures" / "diagnostics" / "base").iterdir())}


def source(
    *blocks: str,
    id: str = "us/xx/act",
    authority: str = "state statute",
    binds: str = "us/xx",
    force: str = "from 2018-01-01",
) -> bytes:
    head = f"---\ninstrument: {id}\ntitle: T\ncite as: {id}\nauthority: {authority}\n"
    rest = f"binds: {binds}\nin force: {force}\nchecked: no\n---"
    return "\n\n".join([head + rest, *blocks, ""]).encode()


def block(label: str, *lines: str, kind: str = "norm") -> str:
    head, *clauses = lines
    return "\n".join([f"```{kind} {label}".rstrip(), head, *(f"    {c}" for c in clauses), "```"])
