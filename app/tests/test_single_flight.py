import asyncio

import pytest

from app.core.single_flight import SingleFlight


@pytest.fixture
def shared(clock):
    return SingleFlight(1.0, clock)


class Work:
    """Work that counts its runs, and ends when the test says so."""

    def __init__(self):
        self.runs = 0
        self.may_end = asyncio.Event()

    async def __call__(self):
        self.runs += 1
        run = self.runs
        await self.may_end.wait()
        return run


async def test_whoever_asks_meanwhile_waits_for_the_one_that_runs(shared):
    work = Work()
    waiting = [asyncio.create_task(shared.get("a", work)) for _ in range(100)]
    await asyncio.sleep(0)
    work.may_end.set()
    assert await asyncio.gather(*waiting) == [1] * 100
    assert work.runs == 1


async def test_a_result_is_given_out_again_for_its_time_and_no_longer(shared, clock):
    work = Work()
    work.may_end.set()
    assert await shared.get("a", work) == 1
    clock.now += 0.75
    assert await shared.get("a", work) == 1
    assert await shared.get("b", work) == 2
    clock.now += 0.25
    assert await shared.get("a", work) == 3


async def test_who_gives_up_ends_it_for_nobody_else(shared):
    work = Work()
    first, second = (asyncio.create_task(shared.get("a", work)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    work.may_end.set()
    assert await second == 1
    assert first.cancelled()
    assert work.runs == 1


async def test_a_failure_is_told_to_all_who_wait_and_not_remembered(shared):
    async def fails():
        await asyncio.sleep(0)
        raise ZeroDivisionError

    found = await asyncio.gather(*(shared.get("a", fails) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in found] == [ZeroDivisionError] * 3
    work = Work()
    work.may_end.set()
    assert await shared.get("a", work) == 1
