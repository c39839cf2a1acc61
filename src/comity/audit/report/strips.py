"""Small multiples over one time axis: a strip for each answer, with the versions of the law along the top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from comity.audit.report.drawing import INK, MUTED, RULE, altair, colour, drawn
from comity.audit.report.marks import LABEL, WIDE, Layer, both, layers, signs

__all__ = ["Strip", "strips"]

#: A place on the time axis, in steps, and the words for it.
Mark = tuple[float, str]

_RIBBON = 28
_HEAD = 22


@dataclass(frozen=True, slots=True)
class Strip:
    """One answer: its word, its sign, its number in each step of time, and a remark."""

    label: str
    sign: str
    values: tuple[int, ...]
    note: str = ""


def strips(rows: Sequence[Strip], *, ticks: Sequence[Mark], edges: Sequence[Mark], title: str) -> str:
    """The chart, wide and narrow.  ``edges``: where each version of the law begins, with its number."""

    def draw(width: int, css: str) -> str:
        steps = len(rows[0].values)
        ribbon = _RIBBON if edges else 0
        tall = 70 if width == WIDE else 66
        height = ribbon + tall * len(rows)
        layer = layers(width, height, (0, steps), axis=_axis(_thinned(ticks, steps, width)))
        scale = (tall - _HEAD - 10) / max([1, *(v for row in rows for v in row.values)])
        boxes, floors, labels, notes, marks = [], [], [], [], []
        for place, row in enumerate(rows):
            top = ribbon + place * tall + 11
            floor = ribbon + (place + 1) * tall - 4
            for at, value in enumerate(row.values):
                if value:
                    high = floor - max(value * scale, 1.0)
                    box = {"x": at + 0.07, "x2": at + 0.93, "y": high, "y2": floor, "fill": colour(row.sign)}
                    boxes.append(box)
            floors.append({"x": 0, "x2": steps, "y": floor})
            labels.append({"x": 0, "y": top, "text": row.label})
            notes.append({"x": steps, "y": top, "text": row.note})
            marks.append((row.sign, top))
        found = _ribbon(layer, edges, steps, width) if edges else []
        found += _cuts(layer, edges, [ribbon + place * tall for place in range(len(rows))], tall)
        found += [
            layer("rect", boxes),
            layer("rule", floors, stroke=RULE),
            layer("text", labels, **LABEL, fill=INK, dx=21),
            layer("text", notes, align="right", baseline="middle", fontSize=12.5, fill=MUTED),
            *signs(layer, marks),
        ]
        return drawn(altair().layer(*found), width, height, foot=26, title=title, css=css)

    return both(draw)


def _axis(ticks: Sequence[Mark]) -> Any:
    words = ",".join(f"'{at:g}':'{text}'" for at, text in ticks)
    return altair().Axis(
        values=[at for at, _ in ticks],
        labelExpr=f"{{{words}}}[toString(datum.value)]",
        labelAlign="left",
        labelFlush=False,
        tickSize=6,
        grid=False,
    )


def _thinned(ticks: Sequence[Mark], steps: int, width: int) -> list[Mark]:
    """As many ticks as have room for their words, and none so late that its words leave the drawing."""
    found: list[Mark] = []
    for at, text in ticks:
        room = (8 * len(text) + 10) * steps / width
        if at + room * 0.8 <= steps and (not found or at - found[-1][0] >= room):
            found.append((at, text))
    return found


def _ribbon(layer: Layer, edges: Sequence[Mark], steps: int, width: int) -> list[Any]:
    """Numbered stretches of law along the top."""
    boxes, words = [], []
    ends = [at for at, _ in edges[1:]] + [float(steps)]
    for place, ((at, number), end) in enumerate(zip(edges, ends, strict=True)):
        start = max(at, 0.0)
        shade = "var(--band)" if place % 2 else "var(--band-2)"
        boxes.append({"x": start, "x2": end, "y": 0, "y2": 19, "fill": shade})
        room = (end - start) * width / steps
        text = f"law {number}" if room > 46 else number if room > 8 * len(number) + 2 else ""
        if text:
            words.append({"x": (start + end) / 2, "y": 10, "text": text})
    found = [layer("rect", boxes)]
    if words:
        found.append(layer("text", words, align="center", baseline="middle", fontSize=12, fontWeight=600, fill=INK))
    return found


def _cuts(layer: Layer, edges: Sequence[Mark], tops: Sequence[int], tall: int) -> list[Any]:
    """A line where a version of the law ends, through the bars of every strip and not through its words."""
    lines = [{"x": at, "x2": at, "y": top + _HEAD, "y2": top + tall - 4} for at, _ in edges if at > 0 for top in tops]
    return [layer("rule", lines, stroke=INK, strokeDash=[3, 3], strokeWidth=1.2)] if lines else []
