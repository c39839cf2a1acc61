"""Work done in a thread of its own, in order, while the caller goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, Full, Queue
from types import TracebackType

__all__ = ["Background"]

_WAIT = 0.1


class Background:
    """Runs jobs one after the other; at most ``depth`` wait.  The first error ends it, and comes to the caller.

    Used with ``with``: leaving it waits for the jobs, or drops them when an error is on its way already.
    """

    def __init__(self, depth: int = 1) -> None:
        self._queue: Queue[Callable[[], None] | None] = Queue(depth)
        self._error: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="comity-outputs", daemon=True)

    def __enter__(self) -> Background:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stop.set()
        else:
            self._put(None)
        self._thread.join()
        if kind is None and self._error is not None:
            raise self._error

    def do(self, job: Callable[[], None]) -> None:
        """Have a job done; raises the error of an earlier one."""
        self._put(job)

    def _put(self, job: Callable[[], None] | None) -> None:
        while True:
            if self._error is not None:
                raise self._error
            try:
                self._queue.put(job, timeout=_WAIT)
                return
            except Full:
                continue

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                job = self._queue.get(timeout=_WAIT)
            except Empty:
                continue
            if job is None:
                return
            try:
                job()
            except BaseException as error:  # told to the caller
                self._error = error
                return
