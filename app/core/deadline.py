"""An answer in time, whatever the work still has to tidy up."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_tidying: set[asyncio.Task[Any]] = set()  # a loop holds its tasks only weakly


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of the work, if it comes in time.

    If not, the work is cancelled, and tidies up behind the caller's back: to let go of a connection whose server stands still
    takes seconds of its own, which `asyncio.timeout` would wait for.

    Args:
        seconds: that the caller has.
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
        task.exception()  # of no use to anybody any more, and not to be complained of either
