"""Shares one piece of work among all callers that ask for it at the same time or shortly after, so that its cost does not grow."""

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
        seconds: how long a result is given out again, counted from the end of the work.
        clock: monotonic, in seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._known: dict[str, _Known[T]] = {}
        self._running: dict[str, asyncio.Task[T]] = {}

    async def get(self, name: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the work of that name: a recent one, that of the work in progress, or a new one.

        If one caller is cancelled, the work goes on for the others.

        Args:
            name: of the work; the caller keeps their number small.
            work: called if there is no result and none in progress.

        Raises:
            Exception: whatever the work raises, in every waiting caller; an exception is not kept.
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
