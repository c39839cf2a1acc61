"""A chart as one quiet piece of SVG: drawn offline by Altair and vl-convert, coloured and lettered by the page.

Nothing in a drawing depends on how wide the machine's fonts are: there is no legend, no automatic padding and no label
that moves out of another's way.  So the same figures give the same bytes everywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

from comity.problems import ComityError, Problem

if TYPE_CHECKING:
    import altair as alt

__all__ = ["INK", "MUTED", "PAPER", "RULE", "altair", "colour", "drawn", "hatch"]

_SVG: Final = "{http://www.w3.org/2000/svg}"
_ROOT: Final = "http://www.w3.org/2000/svg"

INK: Final = "var(--ink)"
MUTED: Final = "var(--muted)"
RULE: Final = "var(--line)"
PAPER: Final = "var(--paper)"

#: Named only so that the drawing can be made; the letters are those of the page.
_FONT: Final = "sans-serif"

#: What vl-convert writes for programs and not for the eye.
_NOISE: Final = re.compile(r"aria-.*|role|class|pointer-events|font-family|stroke-miterlimit")
_DEFAULTS: Final = {"opacity": "1", "text-anchor": "start", "stroke-width": "1", "fill-opacity": "1"}


def colour(name: str) -> str:
    """The page's colour of an outcome ("must not") or of another word the style sheet knows."""
    return f"var(--{name.replace(' ', '-')})"


def hatch(name: str) -> str:
    """The page's pattern in a colour; a second sign beside the colour."""
    return f"url(#hatch-{name.replace(' ', '-')})"


def altair() -> Any:
    """Altair; ComityError CM770 where the extra is not installed."""
    try:
        import altair as found
        import vl_convert  # noqa: F401  # looked for here, so that a report fails before it is begun
    except ImportError as error:
        raise ComityError(
            [Problem("CM770", f"the report needs {error.name}", help="install it with: pip install 'comity[audit]'")]
        ) from error
    return found


def drawn(chart: alt.LayerChart, width: int, height: int, *, foot: int, title: str, css: str) -> str:
    """SVG of a layered chart whose plot is ``width`` x ``height`` user units, with room for an axis of ``foot``.

    ``title`` is what a screen reader says instead of it, ``css`` its class.
    """
    import vl_convert

    whole = (
        chart.properties(
            width=width,
            height=height,
            padding={"left": 0, "top": 0, "right": 0, "bottom": foot},
            autosize={"type": "none"},
            background="transparent",
        )
        .configure(aria=False, font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=MUTED,
            labelFontSize=12,
            tickColor=RULE,
            gridColor=RULE,
            domainColor=RULE,
            labelOverlap=False,
            title=None,
        )
    )
    # Checking a chart against the whole schema takes longer than drawing it.
    text = vl_convert.vegalite_to_svg(whole.to_dict(validate=False), allowed_base_urls=[])
    return _quiet(text, width, height + foot, title, css)


def _quiet(text: str, width: int, height: int, title: str, css: str) -> str:
    ElementTree.register_namespace("", _ROOT)
    root = ElementTree.fromstring(text)
    _clean(root)
    root.attrib.clear()
    root.set("viewBox", f"0 0 {width} {height}")
    root.set("class", css)
    root.set("role", "img")
    root.set("aria-label", title)
    return ElementTree.tostring(root, encoding="unicode").replace(f' xmlns="{_ROOT}"', "", 1)


def _clean(node: ElementTree.Element) -> None:
    for child in list(node):
        _clean(child)
        hidden = child.get("display") == "none" or (child.tag == f"{_SVG}path" and not child.get("d"))
        background = child.tag in (f"{_SVG}path", f"{_SVG}rect") and "background" in (child.get("class") or "")
        page = child.tag == f"{_SVG}rect" and child.get("fill") in ("transparent", "white")
        empty = child.tag == f"{_SVG}g" and not len(child)
        if hidden or background or page or empty:
            node.remove(child)
    style = [f"{name}:{value}" for name in ("fill", "stroke") if (value := node.get(name, "")).startswith("var(")]
    for name, value in list(node.attrib.items()):
        if _NOISE.fullmatch(name) or _DEFAULTS.get(name) == value or value.startswith("var("):
            del node.attrib[name]
    if node.tag == f"{_SVG}text" and "stroke" in " ".join(style):
        # A halo of paper, so that a line behind the words does not cross them out.
        style.append("paint-order:stroke;stroke-linejoin:round")
    if style:
        node.set("style", ";".join(style))
