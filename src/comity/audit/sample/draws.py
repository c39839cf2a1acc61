"""Random draws that are the same on every machine: raw PCG64 numbers, and wheels of 65,536 slots.

Only ``random_raw`` is used, because numpy promises that its numbers never change, which it does not promise of the
methods built on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["SLOTS", "Array", "Draws", "Names", "Picked", "Wheel", "chance"]

Array = npt.NDArray[Any]

SLOTS: Final = 65_536


def chance(share: float) -> int:
    """How many of the 65,536 slots stand for this share."""
    return round(share * SLOTS)


class Draws:
    """The random numbers of one block of rows; they depend on the seed, the layout and the block, on nothing else."""

    def __init__(self, seed: int, layout: int, block: int) -> None:
        self._raw = np.random.PCG64(np.random.SeedSequence(entropy=seed, spawn_key=(layout, block)))

    def slots(self, count: int) -> Array:
        """``count`` numbers from 0 up to 65,535: uint16."""
        raw = np.asarray(self._raw.random_raw((count + 3) // 4), dtype="<u8")
        return raw.view("<u2")[:count]

    def yes(self, share: float, count: int) -> Array:
        """``count`` bools, True with this probability, in steps of 1/65,536."""
        return self.slots(count) < chance(share)

    def part(self, count: int) -> Array:
        """``count`` numbers from 0 up to, not including, 1: float64 with 32 random bits."""
        raw = np.asarray(self._raw.random_raw((count + 1) // 2), dtype="<u8")
        return raw.view("<u4")[:count] * (1.0 / 2**32)

    def below(self, limit: int | Array, count: int) -> Array:
        """``count`` whole numbers from 0 up to, not including, ``limit`` (one number or one for each): int64."""
        return (self.part(count) * limit).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """Words picked for many rows: positions in ``words``, and where nothing stands at all."""

    words: pa.Array
    codes: Array
    blank: Array | None = None

    def column(self, blank: Array | None = None) -> pa.DictionaryArray:
        """As an Arrow column; ``blank``: more rows in which nothing stands."""
        if self.blank is not None:
            blank = self.blank if blank is None else self.blank | blank
        return pa.DictionaryArray.from_arrays(pa.array(self.codes, mask=blank), self.words, safe=False)


class Names:
    """Words for the positions of a list in which one word may stand twice."""

    def __init__(self, words: Sequence[str]) -> None:
        once = list(dict.fromkeys(words))
        self.words = pa.array(once, pa.string())
        self._places = np.array([once.index(word) for word in words], np.int8 if len(once) < 128 else np.int16)

    def column(self, positions: Array, blank: Array | None = None) -> pa.DictionaryArray:
        """The words at these positions as an Arrow column."""
        return Picked(self.words, self._places[positions], blank).column()


class Wheel:
    """Words with their shares, and a share of blanks, ready to be picked from.

    ``mix``: word -> weight, of any sum.  ``blank``: the share of rows without a word.  Every word with a weight has at
    least one slot, so shares are true to about 1/65,536.
    """

    def __init__(self, mix: Mapping[str, float], blank: float = 0.0) -> None:
        names = list(mix)
        self.words = pa.array(names, pa.string())
        self.positions = {name: position for position, name in enumerate(names)}
        self._filled = SLOTS - chance(blank)
        slots = np.zeros(SLOTS, np.int8 if len(names) < 128 else np.int16)
        slots[: self._filled] = np.repeat(np.arange(len(names)), _slots_of(list(mix.values()), self._filled))
        self._slots = slots

    def pick(self, draws: Draws, count: int) -> Picked:
        """Words for ``count`` rows."""
        slots = draws.slots(count)
        blank = slots >= self._filled if self._filled < SLOTS else None
        return Picked(self.words, self._slots[slots], blank)


def _slots_of(weights: list[float], slots: int) -> Array:
    """Whole numbers in proportion to the weights that add up to ``slots``."""
    exact = np.asarray(weights, float) * (slots / fsum(weights))
    whole = np.maximum(np.floor(exact), np.asarray(weights) > 0).astype(np.int64)
    while (short := slots - int(whole.sum())) != 0:
        lacking = exact - whole
        # Where words with one slot took too many, others give some up, but never their last.
        position = int(np.argmax(lacking) if short > 0 else np.argmin(np.where(whole > 1, lacking, np.inf)))
        whole[position] += 1 if short > 0 else -1
    return whole
