"""The part of a compiled loop that goes through the rows of one list.

Three steps, each over all rows of a chunk: values of cases are brought to their rows; digits are added up to codes,
many rows at a time; codes are looked up.  As long as cases have few rows, no step branches on how many: no processor
can foresee such a branch, and it would cost more than the rest.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from comity.audit.kernel.layouts import PlacedDigit, RowLayout, is_law_date
from comity.audit.kernel.parameters import DAYS, FIRST_DAY, Parameters
from comity.audit.kernel.parts import ByteSums
from comity.audit.kernel.tables import mask_of
from comity.audit.leaves import day_number, shifted_days
from comity.audit.plan import Schema
from comity.policy.expressions import Compare, Literal, Value, Within
from comity.policy.facts import VACATED

__all__ = ["FEW_ROWS", "RowPart"]

#: Rows of a case that are handled without a loop.
FEW_ROWS: Final = 4

_OPERATORS: Final = {"is": "==", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class RowPart:
    """The lines for a pass, in three pieces: ``checks`` before anything, ``made`` arrays, and ``lines`` per chunk.

    They leave the bits of every row in ``w{place}``, from the first row of the chunk on.
    """

    def __init__(self, number: int, layout: RowLayout, parameters: Parameters, offsets: str, schema: Schema) -> None:
        self._p = number
        self._layout = layout
        self._parameters = parameters
        self._offsets = offsets
        self._fields = schema.rows[layout.list_]
        #: Values of cases that rows need (int32), and the place of each by what it is.
        self._values: list[str] = []
        self._places: dict[object, int] = {}
        self.lines: list[str] = []
        self.made: list[str] = []
        self._write()

    def _write(self) -> None:
        p, layout = self._p, self._layout
        kind = "uint16" if layout.codes <= 1 << 16 else "uint32"
        bytes_ = [d for _, d in layout.digits if d.way == "byte"]
        sums = ByteSums(f"g{p}", bytes_, self._array, f"first{p}", "size", self._parameters)
        terms = [f"np.{kind}({name}[j]) * np.{kind}({weight})" for weight, name in sums.arrays]
        terms += [f"np.{kind}({self._days(d)}) * np.{kind}({d.weight})" for _, d in layout.digits if d.way == "days"]
        of_case = [f"U({self._case_digit(d)}[i]) * U({d.weight})" for _, d in layout.digits if d.way == "case"]
        if of_case:
            terms.append(f"np.{kind}({self._of_case('digits', ' + '.join(of_case))})")
        terms.append(f"np.{kind}({self._counted()}) * np.{kind}({layout.counted})")
        self.lines = [
            f"first{p} = U({self._offsets}[c])",
            f"size = U({self._offsets}[z]) - first{p}",
            *self._spreading(),
            *sums.lines,
            "for j in range(U(0), size):",
            f"    k{p}[j] = {' + '.join(terms)}",
            "for j in range(U(0), size):",
            f"    w{p}[j] = words{p}[U(k{p}[j]) & U({mask_of(layout.codes)})]",
        ]
        kinds = dict.fromkeys(sums.made, "uint8") | {f"k{p}": kind}
        kinds |= dict.fromkeys(self._pairs(), "int64")
        self.made = [f"{name} = np.empty(most{p}, np.{of})" for name, of in kinds.items()]
        # Rows past the last one of the chunk are read, and masked.
        self.made.append(f"w{p} = np.zeros(most{p}, np.{np.dtype(layout.word).name})")

    def _array(self, digit: PlacedDigit) -> str:
        key = digit.key
        assert key is not None
        if key.leaf is not None:
            return self._parameters.row_digit(self._layout.list_, key)
        return self._parameters.row_column(self._layout.list_, key.name.name)

    def _case_digit(self, digit: PlacedDigit) -> str:
        assert digit.key is not None
        return self._parameters.digit(digit.key)

    def _counted(self) -> str:
        """1 for a row that counts: one that is not vacated, nor dated after the law date."""
        parts = []
        if VACATED in self._fields:
            column = self._parameters.row_column(self._layout.list_, VACATED)
            parts.append(f"({column}[first{self._p} + j] != np.uint8(2))")
        if self._fields.get("date") in ("date", "moment"):
            parts.append(f"({self._row_day('date')} <= {self._law_date()})")
        return " & ".join(parts) or "1"

    # -- values of cases ----------------------------------------------------------------------------------------------

    def _of_case(self, key: object, value: str) -> str:
        """A value of the case, at a row of it.  Two values lie in one number, which saves half the writing."""
        place = self._places.setdefault(key, len(self._values))
        if place == len(self._values):
            self._values.append(value)
        pair = f"s{self._p}_{place // 2}[j]"
        return f"np.int32({pair} >> np.int64(32))" if place % 2 else f"np.int32({pair})"

    def _pairs(self) -> dict[str, str]:
        """The array of each pair of values, and the two of a case in one number."""
        found: dict[str, str] = {}
        for first in range(0, len(self._values), 2):
            low, *high = (f"np.int64({value})" for value in self._values[first : first + 2])
            both = [f"({low} & np.int64({0xFFFFFFFF}))", *(f"({value} << np.int64(32))" for value in high)]
            found[f"s{self._p}_{first // 2}"] = " | ".join(both)
        return found

    def _spreading(self) -> list[str]:
        """Bring values of cases to their rows.  What is too much for a case, the next one writes over."""
        pairs = self._pairs()
        if not pairs:
            return []
        found = [
            "for i in range(c, z):",
            "    t = day[i]",
            f"    q = U(np.int64(t) - np.int64({FIRST_DAY}))",
            f"    if q >= U({DAYS}):",
            "        q = U(0)",
            f"    begin = U({self._offsets}[i]) - first{self._p}",
            f"    end = U({self._offsets}[i + U(1)]) - first{self._p}",
        ]
        for name, value in pairs.items():
            found.append(f"    v{name} = {value}")
            found += [f"    {name}[begin + U({row})] = v{name}" for row in range(FEW_ROWS)]
        found.append(f"    for j in range(begin + U({FEW_ROWS}), end):")
        found += [f"        {name}[j] = v{name}" for name in pairs]
        return found

    # -- days ---------------------------------------------------------------------------------------------------------

    def _days(self, digit: PlacedDigit) -> str:
        """The digit of a comparison of days: 0 no, 2 yes, 1, 3 and 4 unknown (``leaves.py``)."""
        assert digit.key is not None
        leaf = digit.key.leaf
        if isinstance(leaf, Compare):
            sides = leaf.left, leaf.right
            left, right = (self._day(v) for v in sides)
            truth = f"({left} {_OPERATORS[leaf.op]} {right})"
        else:
            assert isinstance(leaf, Within)
            sides = leaf.left, leaf.anchor
            left, right = (self._day(v) for v in sides)
            far, less = self._far(leaf), "<" if leaf.strict else "<="
            inside = (right, "<=", left), (left, less, far)
            if not leaf.after:
                inside = (left, "<=", right), (far, less, left)
            truth = " & ".join(f"({' '.join(part)})" for part in inside)
        return _ranked(truth, [d for v, d in zip(sides, (left, right), strict=True) if self._is_fact(v)])

    def _is_fact(self, value: Value) -> bool:
        return not isinstance(value, Literal) and not is_law_date(value)

    def _day(self, value: Value) -> str:
        """The day of a value, at a row."""
        if isinstance(value, Literal):
            return f"np.int32({_written(value)})"
        if is_law_date(value):
            return self._law_date()
        if value.row:
            return self._row_day(value.name)
        return self._of_case(("days", value.name), f"{self._parameters.days(value.name)}[i]")

    def _law_date(self) -> str:
        return self._of_case("law date", "t")

    def _row_day(self, name: str) -> str:
        return f"{self._parameters.row_days(self._layout.list_, name)}[first{self._p} + j]"

    def _far(self, window: Within) -> str:
        """The far end of a window, at a row."""
        anchor, amount, unit = window.anchor, (window.amount if window.after else -window.amount), window.unit
        if isinstance(anchor, Literal):
            return f"np.int32({int(shifted_days(np.array([_written(anchor)], np.int32), amount, unit)[0])})"
        if is_law_date(anchor):
            value = f"{self._parameters.far_of_law_date(amount, unit)}[q]"
        else:
            value = f"{self._parameters.far(anchor.name, amount, unit)}[i]"
        return self._of_case(("far", anchor, amount, unit), value)


def _written(value: Literal) -> int:
    return day_number(value.value)  # type: ignore[arg-type]


def _ranked(truth: str, facts: list[str]) -> str:
    """The digit, where ``facts`` are the days that can be unknown: the first 1, the second 3, both 4."""
    known = [f"({day} != NO)" for day in facts]
    unknown = [f"U({day} == NO) * U({3**i})" for i, day in enumerate(facts)]
    return " + ".join([f"U({' & '.join([truth, *known])}) * U(2)", *unknown])
