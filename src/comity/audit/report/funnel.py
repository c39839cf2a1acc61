"""How many records came through to a finding, and where the others were left."""

from __future__ import annotations

from collections.abc import Iterator
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
    "told": "Law held, and the record tells what was done",
    "recorded": "Of these, decided",
    "consistent": "Consistent with the law",
    "contrary": "Contrary to the law",
}
#: Steps that ask something else: not what the law says, but what was done.


def steps(action: dict[str, Any]) -> dict[str, int]:
    """Step -> cases."""
    return {step["step"]: step["cases"] for step in action["funnel"]}


def funnel(action: dict[str, Any], data: dict[str, Any]) -> Figure:
    """The figure."""
    numbers, noun = {**steps(action), "told": action["contrary"]["told"]}, data["noun"]
    found = {step: numbers[step] for step in _STEPS if step in numbers}
    if not found["recorded"]:
        # Nothing can be consistent or contrary where no decided case has a known record.
        del found["consistent"], found["contrary"]
    if not found["told"]:
        del found["told"], found["recorded"]
    left = _left(action, data)
    title = f"{_some_of(numbers['decided'], found['cases'])} {noun} could be decided"
    if numbers["recorded"]:
        title += f"; for {number(numbers['recorded'])} of them the record tells what was done"
    fills = {"consistent": colour("may"), "contrary": hatch("must not")}
    heads = {next(iter(found)): "How far the law can be told", "told": "Another question: what was done"}
    rows = [
        Bar(_STEPS[step], ((n, fills.get(step, "var(--bar)")),), number(n), left.get(step, ""),
            head=heads.get(step, "") if "told" in found else "")
        for step, n in found.items()
    ]  # fmt: skip
    listed = table(
        f"From records to findings, {quoted(action['action'])}",
        ("Step", "Number", f"Share of {noun}", "Left behind"),
        [
            (words(_STEPS[step], under=heads["told"] if step == "told" else ""), count(n),
             words("–" if step == "records" else share(n, found["cases"]), mark="number"), words(left.get(step, "")))
            for step, n in found.items()
        ],
        "Every record that gave no case: rejected.csv, with its reason.",
        stacked=True,
    )  # fmt: skip
    text = " ".join(_text(action, data))
    told = "; ".join(f"{_STEPS[step].lower()}: {number(n)}" for step, n in found.items())
    return Figure(f"{action['id']}-funnel", title, text, bars(rows, title=f"{title}. {told}."), (listed,))


def _text(action: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
    yield "Each bar is what is left of the one above it; beside it, what was left behind."
    if not action["contrary"]["told"]:
        known = any(cell["cases"] for cell in action["matrix"] if cell["recorded"] != "not told")
        where = " in any case whose law is held" if known else ""
        yield f"The records do not tell what was done{where}, so no answer can be held against a record."
    alike = data["counts"]["alike"]
    if alike and action["action"] == data["featured"][0]:
        equal = "record equals" if alike == 1 else "records equal"
        yield (
            f"{number(alike)} {equal} an earlier one in everything that the mapping compares: likely repetitions,"
            " unless they are about several people. They are counted all the same."
        )


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
    gaps = action["missing"]["gap_only"]
    left: dict[str, list[tuple[int, str]]] = {
        "cases": [(refused, "rejected"), (aside, "set aside")],
        "law date": [(found["cases"] - found["law date"], "have none")],
        "law held": [(found["law date"] - found["law held"], "lie outside it")],
        "decided": [
            (outcomes["need a fact"] - gaps["need a fact"], "need a fact"),
            (outcomes["ask counsel"] - gaps["ask counsel"], "are for counsel"),
            (sum(gaps.values()), "wait for local law not held"),
        ],
        "told": [(found["law held"] - action["contrary"]["told"], "not told")],
        "recorded": [(action["contrary"]["told"] - found["recorded"], "open")],
    }
    said = {step: [f"{number(n)} {what}" for n, what in parts if n] for step, parts in left.items()}
    if folded > found["cases"]:
        said["cases"].append(f"from {number(folded)} records")
    return {step: " · ".join(parts) for step, parts in said.items()}
