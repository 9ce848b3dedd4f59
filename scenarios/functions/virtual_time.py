"""An event loop that skips waiting: its clock jumps to the next timer, except while a server's answer is awaited."""

import asyncio
import selectors
from collections.abc import Callable
from typing import Any


class VirtualTime(asyncio.SelectorEventLoop):
    """Skips the time in which nothing happens. Timers fire in order, and never late by its clock.

    While the database works, time is real: its duration is not known, and none of our time-outs may expire before it.

    Args:
        busy: whether an answer from outside is awaited.
    """

    def __init__(self, busy: Callable[[], bool]) -> None:
        self.skipped = 0.0  # seconds
        super().__init__(_Skipping(self, busy))

    def time(self) -> float:
        return super().time() + self.skipped


class _Skipping(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTime, busy: Callable[[], bool]) -> None:
        super().__init__()
        self._loop = loop
        self._busy = busy

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout <= 0 or self._busy():
            return super().select(timeout)
        if not (ready := super().select(0)):
            self._loop.skipped += timeout
        return ready
