"""How many records are contrary to law at least, and at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comity.audit.report.drawing import INK, MUTED, PAPER, altair, colour, drawn
from comity.audit.report.funnel import steps
from comity.audit.report.marks import LABEL, Row, both, layers
from comity.audit.report.sentences import could_be_contrary, others_may, why_open
from comity.audit.report.view import Figure, cases, count, table, words
from comity.audit.report.where import findings
from comity.audit.report.words import number, quoted

__all__ = ["ranges"]


def ranges(data: dict[str, Any]) -> Figure | None:
    """The figure, over the actions with figures of their own; None where the records tell no outcome."""
    told = [a for a in data["actions"] if a["action"] in data["featured"] and a["contrary"]["told"]]
    if not told:
        return None
    title = _title(told[0])
    some = any(a["contrary"]["at_most"] for a in told)
    text = "Counted are cases under law that is held, whose record tells what was done."
    if some:
        text = (
            "Full point: contrary whatever is missing. Open point: contrary if everything that is missing, and every"
            f" question left to a person, turned out that way. {text}"
        )
    listed = table(
        "At least and at most contrary to the law",
        ("Action", "Record known", "At least", "At most", "Cases: contrary", "Cases: perhaps contrary"),
        [
            (
                words(a["action"]),
                *(count(a["contrary"][key]) for key in ("told", "at_least", "at_most")),
                cases(a["contrary"]["examples"], a["contrary"]["at_least"]),
                cases(a["contrary"]["open_examples"], a["contrary"]["at_most"] - a["contrary"]["at_least"]),
            )
            for a in told
        ],
        findings("“severity” is contrary for those at least, and anything else for the others"),
        stacked=True,
    )
    said = "; ".join(f"{a['action']}: {_range(a)} of {number(a['contrary']['told'])}" for a in told)
    return Figure("ranges", title, text, _chart(told, title=f"{title}. {said}.") if some else "", (listed,))


def _title(action: dict[str, Any]) -> str:
    contrary = action["contrary"]
    on = f"records on {quoted(action['action'])}"
    told, least, most, decided = contrary["told"], contrary["at_least"], contrary["at_most"], steps(action)["recorded"]
    if least:
        return f"{_range(action)} of {number(told)} {on} are contrary to the law"
    if not decided and most:
        return f"How many of {number(told)} {on} are contrary to the law is not known: {why_open(action)}"
    if not could_be_contrary(action):
        return f"None of {number(decided)} decided {on} could be contrary: the law neither commanded nor forbade it" + (
            others_may(most)
        )
    return f"None of {number(decided)} decided {on} is contrary to the law{others_may(most)}"


def _range(action: dict[str, Any]) -> str:
    """``Between 31 and 412``, ``Exactly 31`` where nothing is open, ``None``, or that it is not known."""
    contrary = action["contrary"]
    least, most = contrary["at_least"], contrary["at_most"]
    if most and not steps(action)["recorded"]:
        return f"Not known how many, at most {number(most)}"
    if most > least:
        return f"Between {number(least)} and {number(most)}"
    return f"Exactly {number(least)}" if least else "None"


def _chart(told: Sequence[dict[str, Any]], *, title: str) -> str:
    def draw(width: int, css: str) -> str:
        step, side = 70, 9
        longest = max([1, *(a["contrary"]["at_most"] for a in told)])
        unit = longest / (width - 2 * side)
        layer = layers(width, step * len(told), (-side * unit, longest + side * unit))
        names, notes, lines, least, most, left, right = (list[Row]() for _ in range(7))
        for place, action in enumerate(told):
            low, high = action["contrary"]["at_least"], action["contrary"]["at_most"]
            top, line = place * step + 10, place * step + 36
            names.append({"x": -side * unit, "y": top, "text": action["action"]})
            notes.append(
                {"x": longest + side * unit, "y": top, "text": f"of {number(action['contrary']['told'])} recorded"}
            )
            lines.append({"x": low, "x2": high, "y": line})
            least.append({"x": low, "y": line})
            most.append({"x": high, "y": line})
            room = (high - low) / unit
            if low == high or room < 210:
                said = f"at least {number(low)}, at most {number(high)}" if high > low else number(low)
                fits = low / unit < width / 2
                (left if fits else right).append({"x": low if fits else high, "y": line + 20, "text": said})
            else:
                left.append({"x": low, "y": line + 20, "text": f"at least {number(low)}"})
                right.append({"x": high, "y": line + 20, "text": f"at most {number(high)}"})
        red = colour("must not")
        look: dict[str, Any] = {"baseline": "middle", "fontSize": 13, "fontWeight": 600, "fill": INK}
        found = [
            layer("text", names, **LABEL, fill=INK),
            layer("text", notes, align="right", baseline="middle", fontSize=13, fill=MUTED),
            layer("rule", lines, stroke=red, strokeWidth=6, opacity=0.35),
            layer("point", most, filled=True, fill=PAPER, stroke=red, strokeWidth=2.4, size=120, opacity=1),
            layer("point", least, filled=True, fill=red, strokeWidth=0, size=150, opacity=1),
        ]
        found += [layer("text", left, align="left", dx=-side, **look)] if left else []
        found += [layer("text", right, align="right", dx=side, **look)] if right else []
        return drawn(altair().layer(*found), width, step * len(told), foot=2, title=title, css=css)

    return both(draw)
