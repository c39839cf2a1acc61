"""What the numpy engine has learned of states, as tables of codes that a compiled loop looks up.

A table says of every code (``layouts.py``) what the numpy engine found of that state, and that it has not met it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from comity.audit.kernel.layouts import MOST_CODES, CaseLayout, RowLayout
from comity.audit.lists import ListPass
from comity.audit.narrowed import Classes
from comity.audit.tables import Array
from comity.audit.teller import Teller

__all__ = ["JudgementTable", "judgement_table", "mask_of", "row_tables"]


@dataclass(frozen=True, slots=True, eq=False)
class JudgementTable:
    """Judgements of an action by code.

    ``lines``: the line of every law version, after one for a law never met (uint64); ``undated``: the judgement of
    cases without a law date, by the same places; ``judged``: the judgement of every code (both int32).
    """

    lines: Array
    undated: Array
    judged: Array


def row_tables(layout: RowLayout, one: ListPass, own: Classes) -> tuple[Array, Array] | None:
    """The bits behind every code of a row; and the action's class of every word of bits, version of its law by version
    (int32, ``width`` words each), -1 where it was never met.  None where they do not fit.
    """
    bits = _bits(layout, one)
    known = own.numbers[:-1]
    # One version at least, so that there is a table to look into.
    classes = np.full((max(1, len(known)), layout.width), -1, np.int32)
    if 1 << len(bits) > layout.never_met or classes.size > MOST_CODES:
        return None
    words = np.zeros(one.row_states, layout.word)
    of_classes = np.zeros(known.shape[1], np.int64)
    for bit, (of_row, of_class) in enumerate(bits):
        words |= (of_row.astype(bool) * (1 << bit)).astype(layout.word)
        of_classes |= of_class[: known.shape[1]].astype(bool) * (1 << bit)
    classes[: len(known), of_classes] = known
    code = one.coder.digits[-1].astype(np.int64) * layout.counted
    for i, digit in layout.digits:
        values = one.coder.digits[i]
        code += np.int64(digit.weight) * (values if digit.joined is None else digit.joined[values])
    of_codes = np.full(1 + mask_of(layout.codes), layout.never_met, layout.word)
    of_codes[code] = words
    return of_codes, classes.reshape(-1)


def _bits(layout: RowLayout, one: ListPass) -> list[tuple[Array, Array]]:
    """What differs between rows, as far as the action asks: per row state, and per class of cases."""
    found: dict[bytes, tuple[Array, Array]] = {}
    for node, choices in layout.nodes:
        for choice in choices:
            for of_row, of_class in one.marks(node, choice):
                if of_row.any():
                    found.setdefault(np.packbits(of_row.astype(bool)).tobytes(), (of_row, of_class))
    return list(found.values())


def judgement_table(
    layout: CaseLayout, rows: Sequence[RowLayout], teller: Teller, ask_one: bool
) -> JudgementTable | None:
    """None where there are too many codes.  ``ask_one``: leave out what the one-case engine is asked about."""
    lines, total = _lines(layout, rows, teller)
    if total > MOST_CODES:
        return None
    numbers = teller.numbers(ask_one)
    *states, version = (digit[: len(numbers)] for digit in teller.coder.digits)
    dated = version < len(lines)
    own = lines[version[dated]]
    code = own[:, 0].copy()
    for column, pattern in enumerate((layout.common, *layout.patterns)):
        for i, digit in pattern.digits:
            code += (own[:, column] if column else 1) * (digit.weight * states[i][dated].astype(np.int64))
    for p in range(layout.passes):
        code += own[:, layout.width - 2 * (layout.passes - p) + 1] * states[len(teller.digits) + p][dated]
    judged = np.full(1 + mask_of(total), -1, np.int32)
    judged[code] = numbers[dated]
    version_of = teller.version_of.astype(np.int64)
    known = version_of < len(lines)
    by_law = np.zeros((1 + len(version_of), layout.width), np.uint64)
    by_law[1:][known] = lines[version_of[known]]
    undated = np.full(len(by_law), -1, np.int32)
    undated[1:][~known] = np.concatenate([numbers[~dated], np.full(1, -1, np.int32)])[0]
    return JudgementTable(by_law.reshape(-1), undated, judged)


def _lines(layout: CaseLayout, rows: Sequence[RowLayout], teller: Teller) -> tuple[Array, int]:
    """The line of each version of the action's law (int64), and how many codes there are."""
    lines, total = [], 0
    for version in range(len(teller.planned.versions)):
        line, step = [total], layout.common.codes

        def placed(codes: int, asks: bool) -> int:
            nonlocal step
            weight, step = (step, step * codes) if asks else (0, step)
            return weight

        for pattern in layout.patterns:
            assert pattern.asked is not None
            line.append(placed(pattern.codes, bool(pattern.asked[version])))
        for own, row in zip(teller.classes, rows, strict=True):
            line += [version * row.width, placed(max(1, len(own.examples[version])), bool(own.nodes[version]))]
        lines.append(line)
        total += step
    return np.array(lines, np.int64).reshape(-1, layout.width), total


def mask_of(codes: int) -> int:
    """One less than the size of a table for so many codes: a power of two, so that no code can miss the table."""
    return (1 << max(0, codes - 1).bit_length()) - 1
