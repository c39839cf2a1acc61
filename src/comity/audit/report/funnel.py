"""How many records came through to a finding, and where the others were left."""

from __future__ import annotations

from typing import Any, Final

from comity.audit.report.bars import Bar, bars
from comity.audit.report.drawing import colour, hatch
from comity.audit.report.view import Figure, count, table, words
from comity.audit.report.words import number, quoted, share

__all__ = ["funnel", "steps"]

_STEPS: Final = {
    "records": "Records read",
    "cases": "Cases",
    "law date": "With a law date",
    "law held": "Law of that day held",
    "decided": "Decided",
    "recorded": "Record tells what was done",
    "consistent": "Consistent with the law",
    "contrary": "Contrary to the law",
}


def steps(action: dict[str, Any]) -> dict[str, int]:
    """Step -> cases."""
    return {step["step"]: step["cases"] for step in action["funnel"]}


def funnel(action: dict[str, Any], data: dict[str, Any]) -> Figure:
    """The figure."""
    found, noun = steps(action), data["noun"]
    if not found["recorded"]:
        # Nothing can be consistent or contrary where no record tells what was done.
        del found["consistent"], found["contrary"]
    left = _left(action, data)
    title = f"{_some_of(found['decided'], found['cases'])} {noun} could be decided"
    if found["recorded"]:
        title += f"; for {number(found['recorded'])} of them the record tells what was done"
    fills = {"consistent": colour("may"), "contrary": hatch("must not")}
    rows = [
        Bar(_STEPS[step], ((n, fills.get(step, "var(--bar)")),), number(n), left.get(step, ""))
        for step, n in found.items()
    ]
    listed = table(
        f"From records to findings, {quoted(action['action'])}",
        ("Step", "Number", f"Share of {noun}", "Left behind"),
        [
            (words(_STEPS[step]), count(n),
             words("–" if step == "records" else share(n, found["cases"]), mark="number"), words(left.get(step, "")))
            for step, n in found.items()
        ],
        "Every record that gave no case: rejected.csv, with its reason.",
    )  # fmt: skip
    text = "Each bar is what is left of the one above it; beside it, what was left behind."
    told = "; ".join(f"{_STEPS[step].lower()}: {number(n)}" for step, n in found.items())
    return Figure(f"{action['id']}-funnel", title, text, bars(rows, title=f"{title}. {told}."), (listed,))


def _some_of(part: int, whole: int) -> str:
    """``1,204 of 9,533``, ``None of 9,533`` or ``All 9,533``."""
    if part == whole and whole:
        return f"All {number(whole)}"
    return f"{number(part) if part else 'None'} of {number(whole)}"


def _left(action: dict[str, Any], data: dict[str, Any]) -> dict[str, str]:
    """What each step left behind, in words."""
    found, counts, outcomes = steps(action), data["counts"], action["outcomes"]
    refused = sum(met["times"] for met in counts["rejected"])
    aside = sum(met["times"] for met in counts["set_aside"])
    folded = found.get("records", 0) - refused - aside
    left: dict[str, list[tuple[int, str]]] = {
        "cases": [(refused, "rejected"), (aside, "set aside")],
        "law date": [(found["cases"] - found["law date"], "have none")],
        "law held": [(found["law date"] - found["law held"], "lie outside it")],
        "decided": [(outcomes["need a fact"], "need a fact"), (outcomes["ask counsel"], "are for counsel")],
        "recorded": [(found["decided"] - found["recorded"], "not told")],
    }
    said = {step: [f"{number(n)} {what}" for n, what in parts if n] for step, parts in left.items()}
    if folded > found["cases"]:
        said["cases"].append(f"{number(folded)} records made these")
    return {step: " · ".join(parts) for step, parts in said.items()}
