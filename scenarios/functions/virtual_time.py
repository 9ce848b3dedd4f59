"""A loop whose clock goes on at once to where somebody waits for: hours of waiting pass in no time, and answers of a server do not."""

import asyncio
import selectors
from collections.abc import Callable
from typing import Any


class VirtualTime(asyncio.SelectorEventLoop):
    """Skips the time in which nothing happens. Timers fire in their order, and by its clock never late.

    While the database is at work on something, time is real: nobody knows how long it takes, and no time-out of ours may be
    over before it.

    Args:
        busy: whether an answer is awaited from outside.
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
