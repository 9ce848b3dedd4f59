"""An answer in time, however long the work's cleanup takes."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_tidying: set[asyncio.Task[Any]] = set()  # a loop holds its tasks only weakly


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of the work, if it comes in time.

    If not, the work is cancelled, and cleans up in the background: closing a connection to a frozen server takes seconds, for which
    `asyncio.timeout` would wait.

    Args:
        seconds: for the result.
        work: to be done.

    Raises:
        TimeoutError: it did not come in time; whether it took effect is unknown.
        Exception: whatever the work raises.
    """
    task = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if done:
            return task.result()
        raise TimeoutError
    finally:
        if not task.done():
            task.cancel()
            _tidying.add(task)
            task.add_done_callback(_tidied)


def _tidied(task: asyncio.Task[Any]) -> None:
    _tidying.discard(task)
    if not task.cancelled():
        task.exception()  # nobody needs it any more, so asyncio must not warn of it
