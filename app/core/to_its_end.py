"""A short piece of work that a stop does not cut in two: what it has done is known before the stop goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

MOST_SECONDS = 3.0  # a statement takes milliseconds
T = TypeVar("T")


async def to_its_end(work: Coroutine[Any, Any, T], undo: Callable[[T], Awaitable[object]] | None = None) -> T:
    """Wait for it, also when we are cancelled meanwhile.

    Args:
        work: a statement or two.
        undo: done to what came of it where we were cancelled: nobody will use it.

    Raises:
        asyncio.CancelledError: we were cancelled meanwhile; the work is over by then, or was given up.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=MOST_SECONDS)
        if not task.done():  # who answers is not there: a stop has a time of its own
            task.cancel()
        elif not task.cancelled() and task.exception() is None and undo is not None:
            await asyncio.shield(asyncio.ensure_future(undo(task.result())))
        raise
