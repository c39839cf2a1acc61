"""Digits of codes as source: sums of bytes that the compiler works out many at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from comity.audit.kernel.layouts import PlacedDigit
from comity.audit.kernel.parameters import Parameters
from comity.audit.tables import Array

__all__ = ["ByteSums"]

#: Values of a one-of column told apart by comparing; with more, a table is looked up.
_FEW_VALUES: Final = 6


class ByteSums:
    """Digits that lie in bytes, summed up in arrays of bytes: ``lines`` that fill them, ``made`` what makes them.

    ``array(digit)``: the name of the column; ``at``: the place in it; ``size``: how many there are in a chunk.
    """

    def __init__(
        self,
        name: str,
        digits: Sequence[PlacedDigit],
        array: Callable[[PlacedDigit], str],
        at: str,
        size: str,
        parameters: Parameters,
    ) -> None:
        self._name = name
        self._parameters = parameters
        self._at = at
        self._loop = f"for j in range(U(0), {size}):"
        self.lines: list[str] = []
        self.made: list[str] = []
        #: Place value and name of each array.
        self.arrays: list[tuple[int, str]] = []
        self._group(digits, array)

    def _group(self, digits: Sequence[PlacedDigit], array: Callable[[PlacedDigit], str]) -> None:
        groups: list[tuple[int, list[str]]] = []
        span = 257
        for digit in sorted(digits, key=lambda d: d.weight):
            if span * digit.radix > 256:
                groups.append((digit.weight, []))
                span = 1
            groups[-1][1].append(f"({self._value(digit, array(digit))}) * np.uint8({span})")
            span *= digit.radix
        for weight, terms in groups:
            name = self._array()
            self.lines += [self._loop, f"    {name}[j] = {' + '.join(terms)}"]
            self.arrays.append((weight, name))

    def _array(self) -> str:
        name = f"{self._name}_{len(self.made)}"
        self.made.append(name)
        return name

    def _value(self, digit: PlacedDigit, array: str) -> str:
        place = f"{array}[{self._at} + j]"
        if digit.joined is None:
            return f"np.uint8({place})"
        told = _told_apart(digit.joined)
        if told is not None:
            return told.replace("v", place)
        name = self._array()
        table = self._parameters.fixed(digit.joined)
        self.lines += [self._loop, f"    {name}[j] = {table}[U({place})]"]
        return f"{name}[j]"


def _told_apart(joined: Array) -> str | None:
    """The digit of a value ``v`` by a few comparisons, modulo 256; None where many are needed.

    Values from some number on have one digit; of those below, most have another, or are their own.
    """
    last = int(joined[-1])
    end = 256 - int(np.argmax(joined[::-1] != last)) if (joined != last).any() else 0
    below = joined[:end].astype(int)
    if np.array_equal(below, np.arange(end)) and last == end:
        return f"min(np.uint8(v), np.uint8({end}))"
    common = int(np.bincount(below).argmax()) if end else last
    others = [v for v in range(end) if below[v] != common]
    if len(others) > _FEW_VALUES:
        return None
    terms = [f"np.uint8({common})", f"np.uint8(v >= np.uint8({end})) * np.uint8({(last - common) % 256})"]
    terms += [f"np.uint8(v == np.uint8({value})) * np.uint8({(below[value] - common) % 256})" for value in others]
    return " + ".join(terms)
