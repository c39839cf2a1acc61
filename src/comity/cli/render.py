"""An answer as a person reads it on a terminal: the short answer first, then what would change it.

80 columns hold it; without colour nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from comity.api import Library
from comity.case import Case
from comity.cli.screen import MARKS, paint, width, wrap
from comity.decide.answer import ActionAnswer, Answer, Reason
from comity.decide.clocks import Deadline
from comity.problems import ComityError, Problem, nearest

__all__ = ["day_words", "render_answer", "render_why_not"]

_OPEN = ("need a fact", "ask counsel")
_MOST_MARKS = 3
_REASON_WORDS = {
    "conflict": "authorities contradict each other and no rule says which prevails",
    "readings": "the outcome turns on how a text is read",
    "judgement": "the law leaves a question to a person",
}


def render_answer(answer: Answer, case: Case, library: Library, *, explain: bool, everything: bool) -> str:
    """The whole answer as text with a final newline."""
    return "\n".join(_lines(answer, case, library, explain, everything)) + "\n"


def _lines(answer: Answer, case: Case, library: Library, explain: bool, everything: bool) -> Iterator[str]:
    columns = width()
    yield paint(_headline(answer, case, library), bold=True)
    yield ""
    requested = [a for a in answer.actions if a.requested]
    shown = [*answer.actions] if everything or not (requested or answer.law_date is None) else requested
    if answer.law_date is None and not everything:
        yield (
            _marked("  ○ NEED A FACT the law date", *MARKS["need a fact"])
            + "  add 'law date: YYYY-MM-DD', or ask --at DATE"
        )
    for action in shown:
        yield from _action_lines(action, columns, explain)
    duties = [d for d in answer.duties if everything or _settled(d) == "must"]
    for duty in duties:
        yield from _action_lines(duty, columns, explain)
    yield ""
    for label, texts in (
        ("Would change it", list(_changes(shown))),
        ("Not yet known", list(_unknown(answer, shown))),
        ("Meanwhile", [answer.meanwhile] if answer.meanwhile else []),
        ("Clocks", list(_clocks([*shown, *duties]))),
        ("Contested", list(_marks([*shown, *duties], explain))),
        ("Note", list(answer.notes)),
    ):
        yield from _section(label, texts, columns)
    later = [d.name for d in answer.duties if _settled(d) in _OPEN]
    if later and not everything and answer.law_date is not None:
        yield from _section("Perhaps due", [f"{', '.join(later)} (--all shows why)"], columns)
    yield ""
    checked = f", checked to {answer.checked_to}" if answer.checked_to else ""
    hint = "" if explain else "--explain for the reasons · --why-not ACTION · "
    for line in wrap(
        f"{hint}library {answer.library_version} {answer.library_sha256[:7]}{checked} · not legal advice", 2, columns
    ):
        yield paint(line, dim=True)


def _settled(action: ActionAnswer) -> str:
    return action.decided_anyway or action.outcome


def day_words(day: date) -> str:
    """``14 Nov 2016``."""
    return f"{day.day} {day:%b} {day.year}"


def _headline(answer: Answer, case: Case, library: Library) -> str:
    form = case.values.get("request form")
    attached = case.values.get("request attached")
    paper = "" if form is None else "no form" if form == "none" else str(form)
    if isinstance(attached, frozenset) and attached:
        paper += f" with {', '.join(sorted(attached))}" if paper else ", ".join(sorted(attached))
    held = case.values.get("request kinds")
    kinds = [w for w in _kinds_in_order(library) if isinstance(held, frozenset) and w in held]
    asked = ", ".join(kinds)
    when = f"law of {day_words(answer.law_date)}" if answer.law_date else "no law date"
    return " · ".join(p for p in (case.agency.short, ", ".join(x for x in (paper, asked) if x), when) if p)


def _kinds_in_order(library: Library) -> tuple[str, ...]:
    word = library.law.vocabulary.case_facts().get("request kinds")
    return word.type.members if word else ()


def _action_lines(action: ActionAnswer, columns: int, explain: bool) -> Iterator[str]:
    settled = _settled(action)
    shape, word, colour = MARKS[settled]
    first = f"  {shape} {word:<11} {action.name}"
    because, more = _short_reason(action)
    start = 40
    lines = wrap(because, 0, columns - start)
    if len(first) >= start:
        yield _marked(first, shape, word, colour)
        rest = lines
    else:
        yield _marked(first, shape, word, colour) + " " * (start - len(first)) + (lines[0] if lines else "")
        rest = lines[1:]
    for line in rest:
        yield " " * start + line
    for text in more:
        for line in wrap(text, start, columns):
            yield paint(line, dim=True)
    if explain:
        yield from _explained(action, columns)


def _marked(first: str, shape: str, word: str, colour: str) -> str:
    return first.replace(f"{shape} {word}", paint(f"{shape} {word}", fg=colour, bold=True), 1)


def _short_reason(action: ActionAnswer) -> tuple[str, list[str]]:
    """The main reason, and smaller lines under it: other layers, readings."""
    more: list[str] = []
    settled = _settled(action)
    chosen = [r for r in action.because if r.effect == settled]
    if action.outcome == "need a fact" and action.decided_anyway:
        more.append(f"whatever the missing fact is ({', '.join(action.missing)})")
    if settled in _OPEN:
        text = _REASON_WORDS.get(action.reason, f"missing: {_some(action.missing)}")
        if action.reason == "judgement":
            text = f"a person must decide: {_some(action.missing)}"
        for reading in action.readings:
            said = "; ".join(f"{question}: {answer}" for question, answer in reading.readings)
            adopted = f" — adopted by {reading.adopted_by}" if reading.adopted_by else ""
            more.append(f"{said} → {reading.outcome}{adopted}")
        if not action.readings and action.possible:
            more.append(f"possible: {', '.join(action.possible)}")
    elif action.silence:
        text = action.silence
    else:
        text = _first(chosen).cite
        if len(chosen) > 1:
            text += f" and {len(chosen) - 1} more"
    due = [c.words for c in action.clocks if c.at is None and not c.needs]
    if settled == "must" and due:
        more.append(f"due: {due[0]}")
    for layer, outcome in action.layers:
        # A federal may gives no power, and a layer's doubt does not matter once another layer has forbidden it.
        idle = layer in ("federal", "constitution") and outcome == "may"
        if outcome != settled and not idle and not (outcome in _OPEN and settled not in _OPEN):
            alone = _layer_reason(action, layer)
            more.append(f"{layer} law alone: {outcome}" + (f" — {alone}" if alone else ""))
    for lost in action.defeated:
        if lost.why.startswith("suspended"):
            more.append(f"{lost.effect} — {lost.cite}: {lost.why} ({', '.join(lost.by)})")
        elif lost.by:
            more.append(f"{lost.effect} — {lost.cite}: beaten by {', '.join(lost.by)}")
    return text, more


def _first(reasons: list[Reason]) -> Reason:
    """The reason to show first: the state's, which binds every agency alike, then the nearest below, then federal."""
    order = ("state", "local", "department", "federal", "constitution")
    return min(reasons, key=lambda r: order.index(r.layer))


def _layer_reason(action: ActionAnswer, layer: str) -> str:
    for reason in action.layer_reasons:
        if reason.layer == layer:
            rows = [f.partition(": ")[2] for f in reason.facts if f.startswith(("conviction", "charge"))]
            return ", ".join([reason.cite, *rows[:1]])
    return ""


def _some(items: tuple[str, ...], most: int = 3) -> str:
    shown = ", ".join(items[:most])
    return shown + (f" and {len(items) - most} more" if len(items) > most else "")


def _explained(action: ActionAnswer, columns: int) -> Iterator[str]:
    for reason in action.because:
        under = f", if read so: {reason.under}" if reason.under else ""
        yield from wrap(f"because  {reason.effect} — {reason.cite} ({reason.title}; {reason.layer}{under})", 6, columns)
        for fact in reason.facts:
            yield from wrap(f"· {fact}", 15, columns)
        yield from wrap(f"checked: {reason.checked}", 15, columns)
        if reason.official:
            yield " " * 15 + paint(reason.official, underline=True)
    if not action.because and action.silence:
        yield from wrap(f"because  {action.silence}", 6, columns)
    for reason in action.layer_reasons:
        yield from wrap(f"alone    {reason.layer} law: {reason.effect} — {reason.cite} ({reason.title})", 6, columns)
        for fact in reason.facts:
            yield from wrap(f"· {fact}", 15, columns)
        yield from wrap(f"checked: {reason.checked}", 15, columns)
    for lost in action.defeated:
        by = f", by {', '.join(lost.by)}" if lost.by else ""
        yield from wrap(f"lost     {lost.effect} — {lost.cite}: {lost.why}{by}", 6, columns)
    if action.layers:
        yield from wrap("layers   " + ", ".join(f"{layer}: {outcome}" for layer, outcome in action.layers), 6, columns)
    yield ""


def _section(label: str, texts: list[str], columns: int) -> Iterator[str]:
    for number, text in enumerate(texts):
        lines = wrap(text, 0, columns - 20)
        head = paint(f"  {label:<18}", bold=True) if number == 0 else " " * 20
        for i, line in enumerate(lines):
            yield (head if i == 0 else " " * 20) + line


def _changes(shown: list[ActionAnswer]) -> Iterator[str]:
    grouped: dict[tuple[str, str], list[str]] = {}
    for action in shown:
        for change in action.would_change:
            grouped.setdefault((change.fact, change.to), []).append(f"{action.name}: {change.outcome}")
    for (fact, to), effects in list(grouped.items())[:4]:
        yield f"{fact} = {to} → {', '.join(effects)}"


def _unknown(answer: Answer, shown: list[ActionAnswer]) -> Iterator[str]:
    names = {a.name for a in shown}
    asked = [a for a in answer.ask if names.intersection(a.actions)]
    for ask in asked[:4]:
        who = f" ({ask.who_knows})" if ask.who_knows else ""
        yield f"{ask.question}{who}"
    if len(asked) > 4:
        yield f"and {len(asked) - 4} more; 'comity ask' goes through them"


def _clocks(shown: list[ActionAnswer]) -> Iterator[str]:
    """Ends with a time, each time once; and what a clock still needs."""
    for action in shown:
        ends: dict[datetime, list[Deadline]] = {}
        for clock in action.clocks:
            if clock.at is not None:
                ends.setdefault(clock.at, []).append(clock)
            elif clock.needs:
                yield f"{action.name}: {clock.words} — {clock.cite} (needs: {clock.needs})"
        for number, at in enumerate(sorted(ends)):
            first = ends[at][0]
            reading = f" [{first.reading}]" if first.reading else ""
            mark = " ← the earliest" if number == 0 and len(ends) > 1 else ""
            more = f" and {len(ends[at]) - 1} more" if len(ends[at]) > 1 else ""
            yield f"{action.name}: until {_moment_words(at)} — {first.words}{reading}: {first.cite}{more}{mark}"


def _moment_words(moment: datetime) -> str:
    return f"{moment:%a} {day_words(moment.date())} {moment:%H:%M}"


def _marks(shown: list[ActionAnswer], explain: bool) -> Iterator[str]:
    seen: dict[str, str] = {}
    for action in shown:
        reasons = {r.cite for r in action.because}
        for mark in action.contested:
            # A doubt about a permission is idle where the action is forbidden anyway; --explain shows it all the same.
            if explain or _settled(action) != "must not" or mark.cite in reasons:
                seen.setdefault(mark.cite, mark.text)
    for number, (cite, text) in enumerate(seen.items()):
        if number == _MOST_MARKS and not explain:
            yield f"and {len(seen) - number} more (--explain)"
            return
        yield f"{cite}: {text if explain else _shortened(text)}"


def _shortened(text: str, most: int = 90) -> str:
    """The first words of a mark; --explain shows it whole."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


def render_why_not(answer: Answer, name: str, case: Case, library: Library) -> str:
    """What stands between this case and another outcome of one action."""
    wanted = " ".join(name.replace("_", " ").split())
    names = [a.name for a in (*answer.actions, *answer.duties)]
    full = wanted if wanted in names else next((n for n in names if n.startswith(wanted)), "")
    if not full:
        near = nearest(wanted, names)
        help_ = f"did you mean '{near}'?" if near else f"actions are {', '.join(names)}"
        raise ComityError([Problem("CM202", f"there is no action called '{wanted}'", help=help_)])
    action = answer.action(full)
    columns = width()
    lines = [paint(_headline(answer, case, library), bold=True), "", *_action_lines(action, columns, explain=True)]
    if action.would_change:
        lines.append("  It would be otherwise if:")
        lines += [f"    {c.fact} = {c.to} → {c.outcome}" for c in action.would_change]
    else:
        lines.append("  No single fact would change it; the law of another day or place might.")
    if action.contested:
        lines.append("  Contested:")
        for mark in action.contested:
            lines += wrap(f"{mark.cite}: {mark.text}", 4, columns)
    lines += ["", paint("  not legal advice", dim=True)]
    return "\n".join(lines) + "\n"
