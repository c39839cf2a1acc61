"""An audit on the terminal: the bar while it runs, and what it came to."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from comity.cli.screen import MARKS, paint, width, wrap

if TYPE_CHECKING:
    from comity.auditing import Result

__all__ = ["ProgressBar", "summary_data", "summary_text", "timing"]

_OUTCOMES = ("must", "must not", "may", "need a fact", "ask counsel", "not due")
_SEVERITIES = {
    "contrary": "done though forbidden, or not done though required",
    "counsel": "a person must say what the law is",
    "open": "what is missing can still make it contrary",
}
_MOST_ACTIONS = 12
_MOST_MISSING = 3


class ProgressBar:
    """One line on standard error, drawn anew a few times a second; nothing where that is no terminal."""

    _EVERY = 0.1

    def __init__(self, stream: TextIO | None, *, shown: bool) -> None:
        tty = stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
        self._stream = stream if shown and tty else None
        self._drawn = 0.0
        self._what = ""
        self._began = 0.0
        self._first = 0

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None and self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def show(self, what: str, done: int, share: float | None) -> None:
        """Say how far the audit is; see ``comity.auditing.source.Progress``."""
        if self._stream is None:
            return
        now = time.monotonic()
        if what != self._what:
            self._what, self._began, self._first = what, now, done
        elif now - self._drawn < self._EVERY and share != 1.0:
            return
        self._drawn = now
        self._stream.write("\r\x1b[K" + self.line(what, done, share, now - self._began))
        self._stream.flush()

    def line(self, what: str, done: int, share: float | None, seconds: float) -> str:
        """The line: what, a bar, how many, how many a second, and the time left."""
        parts = [what]
        if share is not None:
            parts.append(f"{'█' * round(24 * share):░<24} {share:4.0%}")
        parts.append(f"{done:,}")
        if seconds > 0.5:
            parts.append(f"{_short((done - self._first) / seconds)} a second")
            if share and share < 1:
                parts.append(f"{_seconds(seconds * (1 - share) / share)} left")
        # What does not fit is left out whole, the least useful first.
        while len(parts) > 1 and len("  ".join(parts)) >= width():
            parts.pop(-2 if len(parts) > 3 else -1)
        return "  ".join(parts)


def _short(number: float) -> str:
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number:.0f}"


def _seconds(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def timing(result: Result) -> str:
    """How long it took, in one line."""
    cases = result.counts.cases - result.resumed
    rate = f", {_short(cases / result.judging)} cases a second" if result.judging > 0 and cases else ""
    resumed = f"; {result.resumed:,} cases were judged before" if result.resumed else ""
    return f"{result.seconds:.1f} s, of which {result.judging:.1f} s judging{rate}{resumed}"


def summary_data(result: Result) -> dict[str, Any]:
    """The summary as JSON data; the same audit gives the same data."""
    figures = result.figures
    return {
        "folder": result.folder.name,
        "records": result.quality.rows,
        "cases": result.counts.cases,
        "sampled_from": result.sampled_from,
        "rejected": result.counts.rejected,
        "reasons": dict(sorted(result.quality.rejected.items())),
        "set_aside": dict(sorted(result.quality.set_aside.items())),
        "duplicates": result.quality.duplicates,
        "alike": result.quality.alike,
        "what_if": {"law_date": figures["what_if"], "instead_of": figures["instead_of"]},
        "law_dates": figures["law_dates"],
        "standing": figures["standing"],
        "actions": [
            {
                "action": a["id"],
                "outcomes": a["outcomes"],
                "contrary": {k: a["contrary"][k] for k in ("told", "at_least", "at_most")},
                "findings": dict(result.counts.findings.get(a["action"], {})),
            }
            for a in figures["actions"]
        ],
        "missing": [asdict(one) for one in _missing(result, "facts")],
        "law_not_in_library": [asdict(one) for one in _missing(result, "gaps")],
        "findings": result.counts.by_severity(),
        "files": sorted(p.name for p in result.folder.iterdir()),
    }


def summary_text(result: Result) -> str:
    """The summary as text with a final newline, at most 100 columns wide."""
    return "\n".join(_lines(result, width())) + "\n"


def _lines(result: Result, columns: int) -> Iterator[str]:
    figures, counts = result.figures, result.counts
    days = figures["law_dates"]
    when = "no case names a day"
    if days:
        same = days["first"] == days["last"]
        when = f"law of {days['first']}" if same else f"law dates {days['first']} to {days['last']}"
    if figures["what_if"]:
        when = f"what if: the law of {figures['what_if']} for every case"
    head = " · ".join(part for part in (figures["source"], _agencies(figures), when) if part)
    yield from (paint(line, bold=True) for line in wrap(head, 0, columns))
    if figures["synthetic"]:
        yield paint("SYNTHETIC: these records are made up", fg="magenta", bold=True)
    other = figures["instead_of"]
    if other is not None:
        named = f"not of {other['agency']}, which the mapping names" if other["agency"] else "whatever the records name"
        words = f"what if: the law of {result.assignment.agency} for every case, {named}"
        yield from (paint(line, fg="magenta", bold=True) for line in wrap(words, 0, columns))
    yield ""
    yield from _read(result, columns)
    yield ""
    yield from _actions(result)
    for head, kind in (("Most often missing in the records", "facts"), ("Missing in the library: local law", "gaps")):
        missing = _missing(result, kind)[:_MOST_MISSING]
        yield from ["", f"  {head}"] if missing else []
        for one in missing:
            names = one.actions
            waiting = f"{names[0]}, and {len(names) - 1} more" if len(names) > 2 else ", ".join(names)
            yield from _hang(f"    {one.cases:>11,}  {one.words}", f"for {waiting}", columns)
    yield ""
    yield from _findings(result, columns)
    yield ""
    files = sorted(p.name for p in result.folder.iterdir())
    yield from wrap(f"{result.folder.name}/: {', '.join(files)}", 2, columns)
    if sum(counts.by_severity().values()):
        yield from wrap(f"the first finding: comity decide --from-audit {result.folder.name} --row 1", 2, columns)
    yield paint("  not legal advice", dim=True)


def _agencies(figures: dict[str, Any]) -> str:
    names = [a["agency"] for a in figures["agencies"]]
    return names[0] if len(names) == 1 else f"{len(names):,} agencies" if names else ""


def _read(result: Result, columns: int) -> Iterator[str]:
    quality, counts, standing = result.quality, result.counts, result.figures["standing"]
    aside = sum(quality.set_aside.values())
    rows = [(quality.rows, "records read")]
    rows += [(counts.rejected - aside, "rejected, with the reason in rejected.csv")] if counts.rejected > aside else []
    rows += [(aside, "set aside by the mapping")] if aside else []
    rows += [(quality.duplicates, "of them a case id used before")] if quality.duplicates else []
    if quality.alike:
        rows.append((quality.alike, "likely repetitions of an earlier record, counted all the same"))
    if result.sampled_from is not None:
        rows.append((result.sampled_from, "cases, of which a sample was judged"))
    outside = [(standing["not_held"], "on days whose law the library does not hold: in no answer below")]
    outside += [(standing["undated"], "without a law date: in no answer below")]
    if any(number for number, _ in outside):
        rows.append((counts.cases, "cases" if result.sampled_from is None else "cases in the sample"))
        rows.append((standing["held"], "judged, on days whose law the library holds: all answers below are theirs"))
        rows += [row for row in outside if row[0]]
    else:
        rows.append((counts.cases, "cases judged"))
    for number, words in rows:
        first, *more = wrap(words, 15, columns) or [""]
        yield f"  {number:>11,}  {first.lstrip()}"
        yield from more


def _actions(result: Result) -> Iterator[str]:
    """Outcomes of the actions that the report features; those of the others are in the files."""
    figures = result.figures
    chosen = [a for name in figures["featured"] for a in figures["actions"] if a["action"] == name][:_MOST_ACTIONS]
    if not chosen:
        return
    outcomes = [o for o in _OUTCOMES if any(a["outcomes"].get(o) for a in chosen)] or list(_OUTCOMES[:1])
    label = min(30, max(len(a["action"]) for a in chosen))
    sizes = [max(11, len(o) + 4) for o in outcomes]
    head = "".join(f"{MARKS[o][0] + ' ' + o:>{size}}" for o, size in zip(outcomes, sizes, strict=True))
    yield f"  {'':<{label}}{head}"
    for action in chosen:
        cells = "".join(f"{action['outcomes'].get(o, 0):>{size},}" for o, size in zip(outcomes, sizes, strict=True))
        yield f"  {action['action'][:label]:<{label}}{cells}"
    others = len(figures["actions"]) - len(chosen)
    if others:
        yield f"  and {others} more action{'s' if others > 1 else ''} in the files"


@dataclass(frozen=True, slots=True)
class _Missing:
    """What is missing: its name in the files and in words, cases of the action that misses it most, and the actions."""

    fact: str
    words: str
    cases: int
    actions: tuple[str, ...]


def _missing(result: Result, kind: str) -> list[_Missing]:
    """What is missing in the featured actions, the most frequent first; ``kind``: "facts" or "gaps"."""
    figures = result.figures
    most: dict[str, _Missing] = {}
    for action in figures["actions"]:
        if action["action"] in figures["featured"]:
            for row in action["missing"][kind]:
                old = most.get(row["fact"], _Missing(row["fact"], row["words"], 0, ()))
                names = (*old.actions, action["action"])
                most[row["fact"]] = replace(old, cases=max(old.cases, row["cases"]), actions=names)
    return sorted(most.values(), key=lambda one: (-one.cases, one.fact))


def _findings(result: Result, columns: int) -> Iterator[str]:
    counts = result.counts
    found = counts.by_severity()
    if not any(a["contrary"]["told"] for a in result.figures["actions"]):
        yield "  The records tell no outcome of an action, so there is nothing to compare."
        return
    yield "  Findings"
    for name, words in _SEVERITIES.items():
        colour = {"contrary": "red", "counsel": "magenta", "open": "yellow"}[name] if found[name] else None
        yield from _hang(f"    {found[name]:>11,}  " + paint(f"{name:<8}", fg=colour), words, columns, plain=25)
    if counts.left_out:
        words = f"the facts of {counts.left_out:,} cases with findings are not kept; --keep-cases keeps more"
        yield from wrap(words, 4, columns)


def _hang(label: str, text: str, columns: int, plain: int | None = None) -> Iterator[str]:
    """``text`` beside its label where that fits, else below it."""
    size = len(label) if plain is None else plain
    if size + 2 + len(text) <= columns:
        yield f"{label}  {text}"
        return
    yield label
    yield from wrap(text, 17, columns)
