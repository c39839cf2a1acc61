"""Horizontal bars, each under its own label, so that a long citation needs no room at the side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.audit.report.drawing import INK, MUTED, altair, drawn
from comity.audit.report.marks import LABEL, WIDE, Row, both, layers, signs
from comity.audit.report.words import clipped

__all__ = ["Bar", "bars"]

_THICK = 16


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its label, its parts (each up to where, with what fill), what stands at its end, and a remark.

    ``sign`` is an outcome whose sign stands before the label.
    """

    label: str
    parts: tuple[tuple[float, str], ...]
    value: str
    note: str = ""
    sign: str = ""


def bars(rows: Sequence[Bar], *, title: str) -> str:
    """The chart, wide and narrow; ``title`` is its text for somebody who does not see it."""

    def draw(width: int, css: str) -> str:
        wide = width == WIDE
        room = 100 if wide else 88
        longest = max([1.0, *(end for row in rows for end, _ in row.parts)])
        least = 2.5 * longest / (width - room)
        tops = [0]
        for row in rows:
            tops.append(tops[-1] + (66 if row.note and not wide else 48))
        layer = layers(width, tops[-1], (0, longest), room)
        boxes: list[Row] = []
        values: list[Row] = []
        notes: list[Row] = []
        labels: dict[int, list[Row]] = {}
        for row, top, below in zip(rows, tops, tops[1:], strict=False):
            bar = below - _THICK - 10
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
            if row.note:
                notes.append({"x": 0, "y": top + (10 if wide else 27), "text": clipped(row.note, 80 if wide else 52)})
        found = [layer("rect", boxes)] if boxes else []
        found += [layer("text", texts, **LABEL, fill=INK, dx=indent) for indent, texts in labels.items()]
        if notes:
            side = {"align": "right", "dx": width} if wide else {"align": "left"}
            found.append(layer("text", notes, baseline="middle", fontSize=13, fill=MUTED, **side))
        found.append(layer("text", values, **LABEL, fill=INK, dx=7))
        found += signs(layer, [(row.sign, top + 10) for row, top in zip(rows, tops, strict=False) if row.sign])
        return drawn(altair().layer(*found), width, tops[-1], foot=2, title=title, css=css)

    return both(draw)
