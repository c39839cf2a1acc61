"""Where all the cases of a figure stand, as the filter to use on what the audit wrote beside the report."""

from __future__ import annotations

__all__ = ["decisions", "findings"]


def decisions(*conditions: str) -> str:
    """The sentence for a filter on the decisions."""
    return f"All of them: the rows of decisions where {' and '.join(conditions)}."


def findings(*conditions: str) -> str:
    """The sentence for a filter on the findings."""
    return f"All of them: the rows of findings.csv where {' and '.join(conditions)}."
