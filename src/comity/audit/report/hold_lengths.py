"""How long people were held after release was due, against both ways to count 48 hours."""

from __future__ import annotations

from typing import Any, Final

from comity.audit.counts.holds import LIMIT_HOURS
from comity.audit.report.drawing import INK, MUTED, PAPER, RULE, altair, colour, drawn
from comity.audit.report.marks import WIDE, Layer, both, layers
from comity.audit.report.view import Figure, Table, cases, count, table, words
from comity.audit.report.words import counted, number, share

__all__ = ["hold_lengths"]

_WAYS: Final = {
    "form": "longer than 48 hours as the federal form counts: every hour",
    "regulation": "longer than 48 hours as 8 CFR 287.7(d) counts: no Saturday, Sunday or federal holiday",
    "regulation, observed days too": "the same, where the observed day of a holiday counts as a holiday",
}

#: Room above the plot for the key and the words of the line, left of it for the scale, and for a line in the key.
_HEAD: Final = 84
_GUTTER: Final = 48
_SAMPLE: Final = 34
_DASHES: Final = {"form": [1, 0], "regulation": [7, 4]}

#: Hours the table shows.
_HOURS: Final = (0, 1, 2, 4, 6, 8, 12, 18, 24, 36, 47, 48, 60, 72, 96, 120, 144, 168)


def hold_lengths(data: dict[str, Any]) -> Figure | None:
    """The figure; None where the records have no column for one of the two times."""
    holds = data["holds"]
    if holds is None:
        return None
    total = holds["holds"]
    left = [
        f"{counted(n, 'case')} {why}"
        for n, why in (
            (holds["untimed"], "without one of the two times"),
            (holds["refused"], "recorded as not held"),
            (holds["reversed"]["cases"], "in which the person left before release was due, which cannot be"),
        )
        if n
    ]
    note = f"Not in it: {'; '.join(left)}." if left else ""
    if not total:
        return Figure("holds", "No case tells both when release was due and when the person left", note)
    form, regulation, observed = (way["cases"] for way in holds["past"])
    title = (
        f"{number(form)} of {number(total)} were held longer than 48 hours as the form counts,"
        f" {number(regulation)} as the regulation counts"
    )
    text = (
        "The share of people who had left, by hours since release was due. The federal form counts every hour. The"
        " regulation, 8 CFR 287.7(d), leaves out Saturdays, Sundays and federal holidays."
    )
    if observed != regulation:
        text += f" If the observed day of a holiday is a holiday too, it is {number(observed)}."
    tables = (_past(holds), _by_hour(holds))
    return Figure("holds", title, text, _chart(holds, title=f"{title}."), tables, None, note)


def _past(holds: dict[str, Any]) -> Table:
    rows = [
        (words(_WAYS[way["way"]]), count(way["cases"]), words(share(way["cases"], holds["holds"]), mark="number"),
         cases(way["examples"], way["cases"]))
        for way in holds["past"]
    ]  # fmt: skip
    before = holds["reversed"]
    if before["cases"]:
        listed = cases(before["examples"], before["cases"])
        rows.append(
            (
                words("left before release was due (in no other row)"),
                count(before["cases"]),
                words("–", mark="number"),
                listed,
            )
        )
    where = "The two times of each case stand in the records."
    return table("Holds past each line", ("Hold", "Number", "Share", "Cases"), rows, where, stacked=True)


def _by_hour(holds: dict[str, Any]) -> Table:
    total = holds["holds"]
    rows = [
        [words(f"within {counted(hours, 'hour')}", mark="short")]
        + [
            cell
            for way in ("elapsed", "counted")
            for cell in (count(point[way]), words(share(point[way], total), mark="number"))
        ]
        for hours in _HOURS
        for point in (holds["curve"][hours],)
    ]
    for name, key in (("half of them, within", "median"), ("nine in ten, within", "ninth_tenth")):
        times = [words(_length(holds[key][way]), mark="number") for way in ("elapsed", "counted")]
        rows.append([words(name, mark="short"), times[0], words(""), times[1], words("")])
    head = ("Left", "Form", "Share", "Regulation", "Share")
    return table("People who had left, by hours since release was due", head, rows)


def _length(hours: float | None) -> str:
    return "over 31 days" if hours is None else f"{hours:.1f} hours"


def _chart(holds: dict[str, Any], *, title: str) -> str:
    total, points = holds["holds"], holds["curve"]
    hours = next((h for h in (72, 120) if points[h]["elapsed"] >= 0.98 * total), points[-1]["hours"])
    form, regulation = ({p["hours"]: p[way] / total for p in points} for way in ("elapsed", "counted"))
    late = {way["way"]: way["cases"] for way in holds["past"]}

    def draw(width: int, css: str) -> str:
        wide = width == WIDE
        height = _HEAD + (276 if wide else 256)
        # The words of the scale stand left of the plot and the key stands above it, where no curve can run.
        start = -hours * _GUTTER / (width - _GUTTER)
        layer = layers(width, height, (start, hours), axis=_axis(hours, every=24 if wide or hours <= 96 else 48))

        def y(part: float) -> float:
            return _HEAD + (height - _HEAD) * (1 - part)

        quarters = (0.25, 0.5, 0.75, 1.0)
        found = [layer("rule", [{"x": 0, "x2": hours, "y": y(q)} for q in quarters], stroke=RULE)]
        scale = [{"x": start, "y": y(q), "text": f"{q * 100:g}\u00a0%"} for q in quarters]
        found.append(layer("text", scale, align="left", baseline="middle", fontSize=12, fill=MUTED))
        limit = [{"x": LIMIT_HOURS, "x2": LIMIT_HOURS, "y": _HEAD - 8, "y2": height}]
        found.append(layer("rule", limit, stroke=INK, strokeWidth=1.5))
        top = [{"x": LIMIT_HOURS, "y": _HEAD - 17, "text": f"{LIMIT_HOURS} hours"}]
        found.append(layer("text", top, align="center", baseline="middle", fontSize=13, fontWeight=600, fill=INK))
        for place, name in enumerate(("form", "regulation")):
            said = f"as the {name} counts: {share(total - late[name], total)} left in time, {number(late[name])} late"
            text = said if wide else f"the {name}: {number(late[name])} late"
            found += _key(layer, name, text, 10 + 22 * place, start, (hours - start) * _SAMPLE / width)
        for name, parts in (("regulation", regulation), ("form", form)):
            line = [{"x": h, "y": y(parts[h]), "order": h} for h in range(hours + 1)]
            found.append(layer("line", line, stroke=colour(name), strokeWidth=2.8, strokeDash=_DASHES[name]))
        for name, parts in (("regulation", regulation), ("form", form)):
            here = [{"x": LIMIT_HOURS, "y": y(parts[LIMIT_HOURS])}]
            look = {"filled": True, "fill": colour(name), "stroke": PAPER, "strokeWidth": 2, "size": 110, "opacity": 1}
            found.append(layer("point", here, **look))
        return drawn(altair().layer(*found), width, height, foot=26, title=title, css=css)

    return both(draw)


def _key(layer: Layer, name: str, text: str, y: float, start: float, long: float) -> list[Any]:
    """A piece of the line of a curve, and what it tells."""
    piece = [{"x": start, "x2": start + long, "y": y}]
    look = {"align": "left", "baseline": "middle", "dx": _SAMPLE + 8, "fontSize": 14, "fontWeight": 600}
    return [
        layer("rule", piece, stroke=colour(name), strokeWidth=2.8, strokeDash=_DASHES[name]),
        layer("text", [{"x": start, "y": y, "text": text}], fill=colour(name), **look),
    ]


def _axis(hours: int, *, every: int) -> Any:
    return altair().Axis(
        values=[*range(0, hours + 1, every)],
        labelExpr="datum.value == 0 ? '0 hours' : toString(datum.value)",
        labelFlush=True,
        grid=False,
        tickSize=6,
    )
