"""When calls pass, and when they wait. The clock is the test's own."""

import asyncio

import pytest

from app.roadmaps.circuit import PACED_CALLS, Circuit

SECONDS = 10.0


@pytest.fixture
def circuit(clock):
    return Circuit(failures=3, seconds=SECONDS, clock=clock)


async def passes(circuit) -> bool:
    waiting = asyncio.create_task(circuit.passage())
    for _ in range(3):
        await asyncio.sleep(0)
    if not waiting.done():
        waiting.cancel()
        return False
    await waiting
    return True


def fail(circuit, times):
    for _ in range(times):
        circuit.failed()


async def test_it_opens_after_failures_in_a_row(circuit):
    fail(circuit, 2)
    assert await passes(circuit)
    fail(circuit, 1)
    assert not await passes(circuit)


async def test_an_answer_between_them_begins_the_count_again(circuit):
    fail(circuit, 2)
    circuit.succeeded()
    fail(circuit, 2)
    assert await passes(circuit)


async def test_after_the_pause_one_passes_and_the_others_wait_for_what_becomes_of_him(circuit, clock):
    fail(circuit, 3)
    clock.now += SECONDS
    assert [await passes(circuit) for _ in range(3)] == [True, False, False]
    circuit.failed()
    clock.now += SECONDS - 1
    assert not await passes(circuit)
    clock.now += 1
    assert [await passes(circuit) for _ in range(2)] == [True, False]
    circuit.succeeded()
    assert [await passes(circuit) for _ in range(3)] == [True, True, True]


async def test_who_waits_goes_at_once_when_the_provider_answers_again(circuit, clock):
    fail(circuit, 3)
    waiting = [asyncio.create_task(circuit.passage()) for _ in range(3)]
    await asyncio.sleep(0)
    circuit.succeeded()
    await asyncio.wait_for(asyncio.gather(*waiting), 1)


async def test_one_who_never_comes_back_blocks_nobody_for_ever(circuit, clock):
    fail(circuit, 3)
    clock.now += SECONDS
    assert await passes(circuit)
    clock.now += SECONDS
    assert await passes(circuit)


async def test_rest_that_was_asked_for_is_given_by_everybody(circuit, clock):
    circuit.pause(5)
    circuit.succeeded()
    circuit.pause(2)
    assert not await passes(circuit)
    clock.now += 5
    assert await passes(circuit)


async def test_who_meets_the_limit_again_doubles_the_distance(circuit, clock):
    circuit.pause(0.1)
    circuit.pause(0.1)
    clock.now += 0.1
    assert await passes(circuit)
    clock.now += 0.15
    assert not await passes(circuit)
    clock.now += 0.05
    assert await passes(circuit)


async def test_after_a_rest_calls_go_one_after_the_other_for_a_while(circuit, clock):
    circuit.pause(0.25)
    for _ in range(PACED_CALLS):
        clock.now += 0.25
        assert [await passes(circuit) for _ in range(2)] == [True, False]
    clock.now += 0.25
    assert [await passes(circuit) for _ in range(3)] == [True, True, True]


async def test_who_came_first_passes_first(circuit, clock):
    """Else a call that has met the limit three times may have waited behind everybody who came after it."""
    passed = []

    async def call(name):
        await circuit.passage()
        passed.append(name)

    circuit.pause(0.01)
    calls = [asyncio.create_task(call("first"))]
    await asyncio.sleep(0)
    clock.now += 1  # the first sleeps still, though it might pass
    calls.append(asyncio.create_task(call("second")))
    while not all(one.done() for one in calls):
        await asyncio.sleep(0.02)
        clock.now += 1
    assert passed == ["first", "second"]


async def test_who_gives_up_waiting_does_not_hold_the_others(circuit, clock):
    circuit.pause(60)
    first = asyncio.create_task(circuit.passage())
    second = asyncio.create_task(circuit.passage())
    await asyncio.sleep(0)
    first.cancel()
    clock.now += 61
    for _ in range(3):
        await asyncio.sleep(0)
    assert (first.cancelled(), second.done()) == (True, True)
