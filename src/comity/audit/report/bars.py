"""Horizontal bars, each under its own label, so that a long citation needs no room at the side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.audit.report.drawing import INK, MUTED, RULE, altair, drawn
from comity.audit.report.marks import LABEL, WIDE, Row, both, layers, signs
from comity.audit.report.words import clipped

__all__ = ["Bar", "bars"]

_THICK = 16
#: Room for the head of a group, and before it where another group stands above.
_HEAD = 26
_APART = 16


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its label, its parts (each up to where, with what fill), what stands at its end, and a remark.

    ``sign`` is an outcome whose sign stands before the label.  ``head`` begins a group of rows, set apart from those
    above.
    """

    label: str
    parts: tuple[tuple[float, str], ...]
    value: str
    note: str = ""
    sign: str = ""
    head: str = ""


def bars(rows: Sequence[Bar], *, title: str) -> str:
    """The chart, wide and narrow; ``title`` is its text for somebody who does not see it."""

    def draw(width: int, css: str) -> str:
        wide = width == WIDE
        room = 100 if wide else 88
        longest = max([1.0, *(end for row in rows for end, _ in row.parts)])
        least = 2.5 * longest / (width - room)
        tall = [66 if row.note and not wide else 48 for row in rows]
        tops: list[int] = []
        height = 0
        for row, high in zip(rows, tall, strict=True):
            height += (_HEAD + (_APART if tops else 0)) if row.head else 0
            tops.append(height)
            height += high
        layer = layers(width, height, (0, longest), room)
        boxes: list[Row] = []
        values: list[Row] = []
        notes: list[Row] = []
        heads: list[Row] = []
        rules: list[Row] = []
        labels: dict[int, list[Row]] = {}
        for row, top, high in zip(rows, tops, tall, strict=True):
            bar = top + high - _THICK - 10
            end = 0.0
            for upto, fill in row.parts:
                if upto > end:
                    # What is there at all is seen, however little it is.
                    boxes.append({"x": end, "x2": max(upto, end + least), "y": bar, "y2": bar + _THICK, "fill": fill})
                    end = max(upto, end + least)
            values.append({"x": end, "y": bar + _THICK / 2, "text": row.value})
            indent = 21 if row.sign else 0
            letters = (100 - len(row.note) if wide else 46) - indent // 7
            labels.setdefault(indent, []).append({"x": 0, "y": top + 10, "text": clipped(row.label, letters)})
            if row.head:
                heads.append({"x": 0, "y": top - _HEAD + 10, "text": row.head})
                rules.append({"x": 0, "x2": longest * width / (width - room), "y": top - 5})
            if row.note:
                notes.append({"x": 0, "y": top + (10 if wide else 27), "text": clipped(row.note, 80 if wide else 52)})
        found = [layer("rect", boxes)] if boxes else []
        found += [layer("text", texts, **LABEL, fill=INK, dx=indent) for indent, texts in labels.items()]
        if heads:
            found.append(layer("rule", rules, stroke=RULE))
            found.append(layer("text", heads, align="left", baseline="middle", fontSize=13, fill=MUTED))
        if notes:
            side = {"align": "right", "dx": width} if wide else {"align": "left"}
            found.append(layer("text", notes, baseline="middle", fontSize=13, fill=MUTED, **side))
        found.append(layer("text", values, **LABEL, fill=INK, dx=7))
        found += signs(layer, [(row.sign, top + 10) for row, top in zip(rows, tops, strict=True) if row.sign])
        return drawn(altair().layer(*found), width, height, foot=2, title=title, css=css)

    return both(draw)
