"""What every chart is drawn with: two widths, the signs of the outcomes, and layers in units of the drawing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from comity.audit.report.drawing import altair, colour

__all__ = ["LABEL", "NARROW", "SHAPES", "WIDE", "Layer", "Row", "both", "layers", "signs"]

#: Widths of the two drawings in user units: about a column of text, and about a telephone.
WIDE: Final = 720
NARROW: Final = 340

#: Outcome -> its sign, as a path in a square of 2 x 2.
SHAPES: Final = {
    "must": "M-0.95,-0.95L0.95,-0.95L0.95,0.95L-0.95,0.95Z",
    "must not": "M0,-1.15L1,-0.575L1,0.575L0,1.15L-1,0.575L-1,-0.575Z",
    "may": "M0,-1.2L1.2,0L0,1.2L-1.2,0Z",
    "need a fact": "M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0Z",
    "ask counsel": "M0,-1.1L1.15,0.95L-1.15,0.95Z",
    "not due": "M-0.45,0A0.45,0.45,0,1,1,0.45,0A0.45,0.45,0,1,1,-0.45,0Z",
    "law not held": "M-0.8,-0.8L0.8,0.8M-0.8,0.8L0.8,-0.8",
    "no law date": "M-1,0L1,0",
}

#: Signs that are lines and not areas.
_LINES: Final = ("need a fact", "law not held", "no law date")

#: A row of data: "x", "x2", "y", "y2" numbers; "fill" a colour; "text"; "order".
Row = dict[str, Any]
#: ``layer(mark, rows, **look)``: one layer of a chart.
Layer = Callable[..., Any]

#: How a label looks.
LABEL: Final = {"align": "left", "baseline": "middle", "fontSize": 14, "fontWeight": 600}


def both(draw: Callable[[int, str], str]) -> str:
    """The wide and the narrow drawing; the style sheet shows the one that fits."""
    return draw(WIDE, "wide") + draw(NARROW, "narrow")


def layers(width: int, height: int, domain: tuple[float, float], room: int = 0, axis: Any = None) -> Layer:
    """A function that turns rows into a layer.

    x runs over ``domain`` and leaves ``room`` free at the right; y is in user units, downwards from the top.
    """
    alt = altair()
    x = {"scale": alt.Scale(domain=[*domain], range=[0, width - room], nice=False, zero=False), "axis": axis}
    y = {"scale": alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False), "axis": None}

    def layer(mark: str, rows: Sequence[Row], **look: Any) -> Any:
        made = getattr(alt.Chart(alt.Data(values=[*rows])), f"mark_{mark}")(**look)
        keys = {key for row in rows for key in row}
        channels: dict[str, Any] = {"x": alt.X("x:Q", **x), "y": alt.Y("y:Q", **y)}
        channels |= {key: f"{key}:Q" for key in ("x2", "y2") if key in keys}
        if "fill" in keys:
            channels["fill"] = alt.Fill("fill:N", scale=None, legend=None)
        if "text" in keys:
            channels["text"] = alt.Text("text:N")
        if "order" in keys:
            channels["order"] = alt.Order("order:Q")
        return made.encode(**channels)

    return layer


def signs(layer: Layer, marks: Sequence[tuple[str, float]]) -> list[Any]:
    """The signs of outcomes, one at each height, at the left edge."""
    found = []
    for sign, y in marks:
        line = {"filled": False, "stroke": colour(sign), "strokeWidth": 2.4}
        area = {"filled": True, "fill": colour(sign), "strokeWidth": 0}
        look = line if sign in _LINES else area
        found.append(layer("point", [{"x": 0, "y": y}], shape=SHAPES[sign], size=112, xOffset=7, opacity=1, **look))
    return found
