import asyncio

import pytest

from app.core.deadline import _tidying, within


async def test_what_comes_in_time_is_passed_on():
    async def answer() -> int:
        return 42

    assert await within(1, answer()) == 42


async def test_what_fails_in_time_fails():
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await within(1, fail())


async def test_what_is_late_is_cancelled_and_its_tidying_up_is_not_waited_for():
    tidied = asyncio.Event()

    async def late() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.2)
            tidied.set()
            raise OSError("it does not even let go")

    with pytest.raises(TimeoutError):
        await within(0.05, late())
    assert not tidied.is_set()
    await asyncio.wait_for(tidied.wait(), 5)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not _tidying


async def test_a_caller_that_is_cancelled_takes_its_work_with_it():
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    caller = asyncio.create_task(within(60, work()))
    await asyncio.sleep(0.05)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await asyncio.wait_for(cancelled.wait(), 5)
