"""The source of a compiled loop: the judgement of every case about one action, from columns to numbers.

What the numpy engine does array by array, the loop does some thousand cases at a time, while they are in the nearest
cache.  Digits of rows become codes and codes bits; the bits of a case's rows its class; the digits of the case, its
class and its law version a code again, and that the number of a judgement.  What a code means is looked up in tables
of what the numpy engine has learned (``tables.py``); a case with a code that was never met is left open (-1).

The source holds local names and numbers, and no text of the library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.audit.kernel.layouts import CaseLayout, PlacedDigit, RowLayout
from comity.audit.kernel.parameters import DAYS, FIRST_DAY, Parameter, Parameters
from comity.audit.kernel.parts import ByteSums
from comity.audit.kernel.rows import FEW_ROWS, RowPart
from comity.audit.plan import Schema

__all__ = ["LoopSource", "loop_source"]

#: Cases worked through while their rows are in the nearest cache.
_CHUNK: Final = 4096


@dataclass(frozen=True, slots=True, eq=False)
class LoopSource:
    """The source of a function ``loop`` and those of its parameters that do not depend on what was learned.

    It is called with ``day, several, given, by_day, undated``; these ``parameters``; per pass the offsets, words and
    classes; ``lines, undated_of, judged``; and the two arrays it fills, ``law_out, out``.  It gives the number of cases
    left open, or -1 where the offsets of a list do not rise.
    """

    text: str
    parameters: tuple[Parameter, ...]


def loop_source(rows: Sequence[RowLayout], cases: CaseLayout, schema: Schema) -> LoopSource:
    """The loop of an action with these passes and these digits of its cases."""
    parameters = Parameters()
    parts = [RowPart(p, row, parameters, f"offsets{p}", schema) for p, row in enumerate(rows)]
    made, chunk = _cases(rows, cases, parameters)
    lines = ["n = U(len(day))", "wrong = U(0)", "mask = U(len(judged) - 1)"]
    for p, part in enumerate(parts):
        lines += _most_rows(p) + part.made
    lines += [*made, f"for c in range(U(0), n, U({_CHUNK})):", f"    z = min(c + U({_CHUNK}), n)"]
    for p, part in enumerate(parts):
        lines += _deeper(_rising(p) + part.lines)
    lines += [*_deeper(chunk), "return np.int64(wrong)"]
    learned = [f"{what}{p}" for p in range(len(rows)) for what in ("offsets", "words", "classes")]
    names = ["day", "several", "given", "by_day", "undated", *(p.name for p in parameters.all), *learned]
    names += ["lines", "undated_of", "judged", "law_out", "out"]
    text = "\n".join([f"def loop({', '.join(names)}):", *_deeper(lines), ""])
    return LoopSource(text, tuple(parameters.all))


def _deeper(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _most_rows(p: int) -> list[str]:
    """How many rows a chunk has at most; stops where they would be fewer than none."""
    offsets = f"offsets{p}"
    return [
        f"most{p} = U(0)",
        f"for c in range(U(0), n, U({_CHUNK})):",
        f"    z = min(c + U({_CHUNK}), n)",
        f"    if {offsets}[z] < {offsets}[c]:",
        "        return np.int64(-1)",
        f"    most{p} = max(most{p}, U({offsets}[z]) - U({offsets}[c]))",
        f"most{p} += U({FEW_ROWS})",
    ]


def _rising(p: int) -> list[str]:
    """Stop at offsets that fall: they would lead out of the arrays."""
    return [
        "falls = False",
        "for i in range(c, z):",
        f"    falls |= offsets{p}[i + U(1)] < offsets{p}[i]",
        "if falls:",
        "    return np.int64(-1)",
    ]


def _cases(rows: Sequence[RowLayout], layout: CaseLayout, parameters: Parameters) -> tuple[list[str], list[str]]:
    """Arrays that are needed, and the lines per chunk from the bits of rows to the judgements."""

    def array(digit: PlacedDigit) -> str:
        if digit.key is None:
            return parameters.complete(digit.complete)
        plain = digit.key.leaf is None
        return parameters.column(digit.key.name.name) if plain else parameters.digit(digit.key)

    lines: list[str] = []
    made: list[str] = []
    code = ["lines[line]"]
    for column, pattern in enumerate((layout.common, *layout.patterns)):
        sums = ByteSums(f"h{column}", [d for _, d in pattern.digits], array, "c", "z - c", parameters)
        lines += sums.lines
        made += [f"{name} = np.empty({_CHUNK}, np.uint8)" for name in sums.made]
        value = " + ".join(f"U({name}[i - c]) * U({weight})" for weight, name in sums.arrays)
        if value:
            code.append(f"({value}) * lines[line + U({column})]" if column else value)
    unmet = ["(slot == U(0))", "(found < 0)"]
    joined: list[str] = []
    for p in range(len(rows)):
        column = layout.width - 2 * (len(rows) - p)
        joined += [*_joined(p), f"own{p} = classes{p}[lines[line + U({column})] + bits]"]
        code.append(f"U(own{p}) * lines[line + U({column + 1})]")
        unmet.append(f"(own{p} < 0)")
    lines += [
        "for i in range(c, z):",
        "    t = day[i]",
        f"    q = U(np.int64(t) - np.int64({FIRST_DAY}))",
        f"    if q < U({DAYS}):",
        "        if several:",
        "            slot = U(given[i])",
        "        else:",
        "            slot = U(by_day[q])",
        f"        line = slot * U({layout.width})",
        *(f"        {line}" for line in joined),
        f"        found = judged[({' + '.join(code)}) & mask]",
        f"        if {' | '.join(unmet)}:",
        "            found = np.int32(-1)",
        "            wrong += U(1)",
        "    else:",
        "        slot = U(0)",
        "        if t == NO:",
        "            if several:",
        "                slot = U(given[i])",
        "            else:",
        "                slot = U(undated)",
        "        found = undated_of[slot]",
        "        if found < 0:",
        "            wrong += U(1)",
        "    law_out[i] = np.int32(slot) - np.int32(1)",
        "    out[i] = found",
    ]
    return made, lines


def _joined(p: int) -> list[str]:
    """The bits that any row of a case has."""
    few = [f"U(w{p}[begin + U({r})]) * U(size > U({r}))" for r in range(FEW_ROWS)]
    return [
        f"begin = U(offsets{p}[i]) - first{p}",
        f"size = U(offsets{p}[i + U(1)]) - U(offsets{p}[i])",
        f"bits = {' | '.join(few)}",
        f"for j in range(begin + U({FEW_ROWS}), begin + size):",
        f"    bits |= U(w{p}[j])",
    ]
