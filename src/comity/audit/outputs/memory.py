"""Memory that is free, given back to the system.

What an audit learns is small but lasts, and lies between the large arrays of the stretches it was learned from; the C
library then keeps the room of these arrays, and a long audit grows without need.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import pyarrow as pa

__all__ = ["give_back"]


def give_back() -> None:
    """Let go of free memory, as far as the C library can (glibc can); costs some milliseconds."""
    pa.default_memory_pool().release_unused()
    _trim()(0)


@cache
def _trim() -> Callable[[int], Any]:
    try:
        found: Callable[[int], Any] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return lambda pad: None
    return found
