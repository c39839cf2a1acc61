"""How a made-up file says that it is made up, so that no figure drawn from one is taken for a figure about people.

Three marks: the column ``synthetic``, "yes" in every row; the same key in the metadata of a Parquet file; and
"synthetic" in every identifier and in the name a file gets by default.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date

__all__ = ["MARK_COLUMN", "MARK_VALUE", "METADATA_MARK", "METADATA_RECIPE", "is_synthetic", "recipe_text"]

MARK_COLUMN = "synthetic"
MARK_VALUE = "yes"
METADATA_MARK = b"comity.synthetic"
METADATA_RECIPE = b"comity.sample"


def is_synthetic(columns: Iterable[str], metadata: Mapping[bytes, bytes] | None = None) -> bool:
    """Whether a table with these column names, and this Parquet metadata, was made by ``comity sample``."""
    if metadata and metadata.get(METADATA_MARK) == MARK_VALUE.encode():
        return True
    return any(name.strip().casefold() == MARK_COLUMN for name in columns)


def recipe_text(like: str, rows: int, seed: int, days: tuple[date, date]) -> str:
    """What makes the same rows again, as JSON."""
    recipe = {"like": like, "rows": rows, "seed": seed, "from": days[0].isoformat(), "to": days[1].isoformat()}
    return json.dumps(recipe, separators=(",", ":"))
