"""Finishes a short piece of work although a stop cancels it, so that its result is known before the stop goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

MOST_SECONDS = 3.0  # a statement takes milliseconds
T = TypeVar("T")


async def to_its_end(work: Coroutine[Any, Any, T], undo: Callable[[T], Awaitable[object]] | None = None) -> T:
    """Wait for the work, even when we are cancelled meanwhile.

    Args:
        work: a statement or two.
        undo: called with the result if we were cancelled, because nobody will use it.

    Raises:
        asyncio.CancelledError: we were cancelled meanwhile; the work is over by then, or was given up.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=MOST_SECONDS)
        if not task.done():  # no answer comes, and the stop has its own time limit
            task.cancel()
        elif not task.cancelled() and task.exception() is None and undo is not None:
            await asyncio.shield(asyncio.ensure_future(undo(task.result())))
        raise
