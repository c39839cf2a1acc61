"""A comparison as people read it: a table for the terminal, a memo for the file, data for programs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from comity.proving.comparing import Compared, Comparison, Example
from comity.proving.proofs import assumptions_told
from comity.proving.stories import day_words, facts_told, rows_told
from comity.proving.touched import Touched

__all__ = ["comparison_data", "memo", "not_held", "summary", "titles", "told_assumptions"]

#: What is true of every comparison of two days.
ANCHOR = "what the law counts from the law date is counted from the later of the two days on both sides"


def told_assumptions(comparison: Comparison) -> list[str]:
    """What the comparison takes for granted, a sentence each."""
    told = [*assumptions_told(comparison.one.law), *assumptions_told(comparison.other.law)]
    return [*dict.fromkeys(told), *([ANCHOR] if comparison.one.day != comparison.other.day else [])]


def not_held(comparison: Comparison) -> list[str]:
    """Sides whose law the library does not claim to hold: equal silence is no equal law."""
    return [
        f"the library does not claim to hold the law of {party.agency.id} on {party.day.isoformat()}"
        for party in (comparison.one, comparison.other)
        if not party.held
    ]


def titles(comparison: Comparison) -> tuple[str, str]:
    """What each side is called, without what they share."""
    one, other = comparison.one, comparison.other
    agency, day = one.agency.id != other.agency.id, one.day != other.day
    library = one.label != other.label
    found = tuple(p.words(agency=agency, day=day, library=library) for p in (one, other))
    return (found[0], found[1]) if all(found) and found[0] != found[1] else ("one", "the other")


def summary(comparison: Comparison) -> str:
    """One sentence: whether anything differs."""
    count = Counter(a.same or "differs" for a in comparison.actions)
    if comparison.identical and not comparison.undecided:
        if count["word for word"] == len(comparison.actions):
            return f"Nothing differs. All {len(comparison.actions)} actions: the same law, word for word."
        return (
            f"Nothing differs. {count['word for word']} actions: the same law, word for word; {count['proved']}: other "
            "words, and the same outcome in every case."
        )
    parts = [f"{count['differs']} of {len(comparison.actions)} actions come out differently in some case"]
    if count["proved"]:
        parts.append(f"{count['proved']} have other words and the same outcome in every case")
    clocks = sum(bool(a.clocks) for a in comparison.actions)
    if clocks:
        parts.append(f"in {clocks} a clock or a contested mark changes")
    if count["word for word"]:
        parts.append(f"{count['word for word']} are the same law, word for word")
    return "; ".join(parts) + "."


def memo(comparison: Comparison, counted: Touched | None) -> str:
    """The comparison as a Markdown memo: what changes."""
    one, other = comparison.one, comparison.other
    names = titles(comparison)
    head = one.agency.name if one.agency == other.agency else f"{one.agency.name} and {other.agency.name}"
    changes = f"What changes on {day_words(other.day)}" if one.day < other.day else "What differs"
    lines = [f"# {changes}", "", f"{head}. {summary(comparison)}", ""]
    lines += [f"**Beware: {text}.**\n" for text in not_held(comparison)]
    differing = [a for a in comparison.actions if not a.same or a.clocks]
    if differing:
        lines += [f"| action | {names[0]} | {names[1]} | | rule |", "|---|---|---|---|---|"]
        for action in differing:
            for before, after in dict.fromkeys((e.before, e.after) for e in action.examples):
                kinds = [e for e in action.examples if (e.before, e.after) == (before, after)]
                rules = "; ".join(dict.fromkeys(c for e in kinds for c in (*e.because[1], *e.because[0])))
                lines.append(f"| {action.action} | {before} | {after} | {kinds[0].direction} | {rules} |")
        lines.append("")
    for action in differing:
        lines += [f"## {action.action[:1].upper()}{action.action[1:]}", ""]
        if counted is not None:
            lines += [_recorded(action.action, counted), ""]
        for example in action.examples:
            lines += [*_told(example, comparison), ""]
        lines += [*_open(action), ""] if _open(action) else []
    lines += ["## What was assumed", ""]
    lines += [f"* {text}" for text in told_assumptions(comparison)]
    lines += ["", "Not legal advice."]
    return "\n".join(lines) + "\n"


def _recorded(action: str, counted: Touched) -> str:
    touched = {pair: n for pair, n in counted.changes[action].items() if pair[0] != pair[1]}
    if not touched:
        return f"Of {counted.cases:,} recorded cases it changes none."
    told = "; ".join(f"{before} → {after}: {n:,}" for (before, after), n in sorted(touched.items()))
    return f"Of {counted.cases:,} recorded cases it changes {sum(touched.values()):,} ({told})."


def _told(example: Example, comparison: Comparison) -> list[str]:
    names = titles(comparison)
    known = "; ".join(facts_told(example.other, comparison.other.law)) or "nothing needs to be known"
    lines = [f"**{example.before} → {example.after}** ({example.direction}). The smallest case: {known}."]
    if example.looked_at is not None:
        lines.append(f"Both laws are asked on {day_words(example.looked_at)}.")
    lines += [f"{sentence}." for sentence in rows_told(example.other, comparison.other.law)]
    for name, word, because in zip(names, (example.before, example.after), example.because, strict=True):
        by = f", by {'; '.join(because)}" if because else ""
        lines.append(f"{name}: *{word}*{by}.")
    return [" ".join(lines)]


def _open(action: Compared) -> list[str]:
    told = [f"{text}." for text in action.clocks]
    if action.more:
        told.append("There are more kinds of case than were looked for.")
    if action.undecided:
        told.append(f"Not everything was decided: {action.undecided}.")
    if action.unconfirmed:
        told.append(f"{action.unconfirmed} more kinds could not be confirmed.")
    return told


def comparison_data(comparison: Comparison, counted: Touched | None) -> dict[str, Any]:
    """The comparison as data; ``identical`` stands at its top."""
    from comity.decide.casewriting import write_case

    def party(side: int) -> dict[str, Any]:
        one = (comparison.one, comparison.other)[side]
        return {
            "agency": one.agency.id,
            "law_date": one.day.isoformat(),
            "law_held": one.held,
            "library": {"version": one.law.version, "sha256": one.law.sha256, "label": one.label},
        }

    def example(kind: Example) -> dict[str, Any]:
        return {
            "from": kind.before,
            "to": kind.after,
            "direction": kind.direction,
            "because": {"one": list(kind.because[0]), "other": list(kind.because[1])},
            "known": facts_told(kind.other, comparison.other.law),
            "rows": rows_told(kind.other, comparison.other.law),
            "looked_at": None if kind.looked_at is None else kind.looked_at.isoformat(),
            "case": {
                "one": write_case(kind.one, comparison.one.law),
                "other": write_case(kind.other, comparison.other.law),
            },
        }

    def action(one: Compared) -> dict[str, Any]:
        data: dict[str, Any] = {
            "action": one.action,
            "same": bool(one.same),
            "how": one.same or "differs",
            "clocks": list(one.clocks),
            "bound": str(one.bound),
            "rows": dict(one.bound.rows),
            "kinds": [example(e) for e in one.examples],
        }
        if _open(one):
            data["open"] = _open(one)
        if counted is not None and not one.same:
            changes = counted.changes[one.action]
            data["recorded"] = [{"from": b, "to": a, "cases": n} for (b, a), n in sorted(changes.items())]
        return data

    return {
        "identical": comparison.identical and not comparison.undecided,
        "one": party(0),
        "other": party(1),
        "actions": [action(a) for a in comparison.actions],
        "only_in": {"one": list(comparison.only[0]), "other": list(comparison.only[1])},
        "assumptions": told_assumptions(comparison),
        **({"recorded_cases": counted.cases, "rejected": counted.rejected} if counted is not None else {}),
    }
