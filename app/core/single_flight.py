"""One piece of work for all who ask for the same at the same time, and for a little while after: its cost does not grow with them."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Known(Generic[T]):
    result: T
    until: float


class SingleFlight(Generic[T]):
    """Shares work by its name. Belongs to one event loop.

    Args:
        seconds: that a result is given out again, counted from its end.
        clock: monotonic, in seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._known: dict[str, _Known[T]] = {}
        self._running: dict[str, asyncio.Task[T]] = {}

    async def get(self, name: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the work of that name: a recent one, the one that is on its way, or a new one.

        Who gives up waiting ends it for nobody else.

        Args:
            name: of the work; the caller keeps their number small.
            work: done where there is none.

        Raises:
            Exception: whatever the work raises, to everybody who waits for it; that is not remembered.
        """
        known = self._known.get(name)
        if known is not None and self._clock() < known.until:
            return known.result
        running = self._running.get(name)
        if running is None:
            running = self._running[name] = asyncio.create_task(work())
            running.add_done_callback(lambda task: self._ended(name, task))
        return await asyncio.shield(running)

    def _ended(self, name: str, task: asyncio.Task[T]) -> None:
        del self._running[name]
        if not task.cancelled() and task.exception() is None:
            self._known[name] = _Known(task.result(), self._clock() + self._seconds)
