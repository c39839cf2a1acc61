"""Which mapping reads a made-up file."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

__all__ = ["MAPPINGS", "sample_mapping"]

#: Layout -> the built-in mapping that reads it.
MAPPINGS: Final = {"federal": "federal-detainers", "federal-2008": "federal-detainers", "jail": "sample-jail"}


def sample_mapping(like: str) -> str:
    """The mapping (YAML text) for a layout; KeyError for a name that is none."""
    return (files("comity.audit") / "mappings" / f"{MAPPINGS[like]}.yaml").read_text("utf-8")
