"""An iterator worked ahead of its reader in a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from queue import Empty, Full, Queue
from typing import TypeVar

__all__ = ["ahead"]

T = TypeVar("T")
_WAIT = 0.1


class _End:
    """The last thing in the queue: the iterator's error, or none."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(items: Iterable[T], depth: int = 2) -> Iterator[T]:
    """The same items, up to ``depth`` of them made before they are asked for; errors come where the item would."""
    queue: Queue[T | _End] = Queue(depth)
    stop = threading.Event()

    def put(item: T | _End) -> None:
        while not stop.is_set():
            try:
                queue.put(item, timeout=_WAIT)
                return
            except Full:
                continue

    def work() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                put(item)
                if stop.is_set():
                    break
        except BaseException as caught:  # told to whoever reads, where the item would have been
            error = caught
        put(_End(error))

    thread = threading.Thread(target=work, name="comity-ahead", daemon=True)
    thread.start()
    try:
        while True:
            try:
                item = queue.get(timeout=_WAIT)
            except Empty:
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        stop.set()
        thread.join()
