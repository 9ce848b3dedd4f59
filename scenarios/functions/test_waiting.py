"""The columns behind the service's figures: since when a roadmap waits, what is due, which slots are free."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from app.models import workers
from app.roadmaps import control, lease, queues, states
from app.roadmaps.acceptance import QuotaExceededError
from scenarios.functions.walk import (
    OF_THE_REQUEST,
    STANDINGS,
    WRITES,
    Raising,
    Small,
    cancel,
    counted,
    retry,
    settle,
    standing,
)

pytestmark = [pytest.mark.e2e, pytest.mark.once]
SLACK = 60  # seconds that a busy machine may take for a test
LONG_AGO = timedelta(days=30)


async def now(product):
    async with product.engine.connect() as connection:
        return await connection.scalar(select(func.clock_timestamp()))


async def waits(product):
    """How long the oldest roadmap has waited, by the queue and by the overview."""
    found = await counted(product)
    (content,) = [queue for queue in found.queues if queue.name == "content"]
    return content.oldest_waiting_seconds, found.oldest_waiting_seconds


async def aged(product, name):
    """A roadmap in this state that was accepted and queued long ago."""
    it = await standing(product, name)
    moment = await now(product) - LONG_AGO
    await product.change(it.id, created_at=moment, queued_at=moment)
    return it


async def test_nothing_waits_where_there_is_nothing(product):
    assert await waits(product) == (None, None)


@pytest.mark.parametrize("name", STANDINGS)
async def test_a_roadmap_waits_while_it_is_open_and_nobody_is_at_work_on_it(product, name):
    """In each state: the queue and the overview say the same, and whatever ended or is at work does not wait."""
    await aged(product, name)
    idle = name.startswith("queued") or "no lease" in name or "lease over" in name or "for ever" in name
    queue, whole = await waits(product)
    assert ((queue is not None), (whole is not None)) == (idle, idle)


async def test_a_roadmap_that_was_queued_waits_since_then(product):
    """Not since it was made: by a retry, or by being given back, it is queued anew."""
    it = await standing(product, "queued")
    await product.change(
        it.id, queued_at=await now(product) - timedelta(days=1), created_at=await now(product) - LONG_AGO
    )
    for seconds in await waits(product):
        assert 86400 <= seconds < 86400 + SLACK


@pytest.mark.parametrize("name", ["failed", "cancelled", "partially_completed"])
async def test_a_roadmap_that_is_tried_again_waits_since_then(product, name):
    it = await aged(product, name)
    await retry(it)
    for seconds in await waits(product):
        assert 0 <= seconds < SLACK


@pytest.mark.parametrize("write", ["release, counted", "release, not counted"])
async def test_a_roadmap_that_was_given_back_waits_since_then(product, write):
    it = await aged(product, "running")
    await OF_THE_REQUEST[write](product, it.held)
    for seconds in await waits(product):
        assert 0 <= seconds < SLACK


async def test_a_roadmap_whose_worker_is_silent_waits_since_its_lease_is_over(product):
    """However long ago it was queued."""
    it = await aged(product, "running")
    await product.change(it.id, lease_until=await now(product) - timedelta(seconds=1000))
    for seconds in await waits(product):
        assert 1000 <= seconds < 1000 + SLACK


@pytest.mark.parametrize("at_work", range(4))
async def test_a_slot_is_free_where_nobody_is_at_work(product, at_work):
    """Three slots: a roadmap with a lease takes one up; one that is queued, or whose lease is over, takes none."""
    for name in ("queued", "running, lease over", "running, no lease", "completed", *["running"] * at_work):
        await standing(product, name)
    moment = await now(product)
    seen = {"node": "content@one", "queues": ["content"], "slots": 3, "seen_at": moment, "taken_at": moment}
    async with product.engine.begin() as connection:
        await connection.execute(insert(workers).values(seen))
        found = {queue.name: queue.free for queue in await queues.states(connection, product.settings)}
    assert found["content"] == 3 - at_work


@pytest.mark.parametrize("name", STANDINGS)
async def test_due_is_what_the_next_sweep_would_send(product, name):
    """In each state, at once and after its time: the overview counts as due what a sweep then finds, roadmaps and events."""
    it = await standing(product, name)
    # a roadmap without attempts left is ended, and not sent
    generous = product.other(generation_max_attempts=1000)
    for _ in range(2):
        before = (await counted(product)).sweeper.due
        swept = await generous.sweeper().sweep()
        assert before == len(swept.republished) + swept.events
        assert (await counted(product)).sweeper.due == 0
        await product.let_pass(it.id, 3000)


@pytest.mark.parametrize("write", ["claim", "heartbeat"])
async def test_what_is_at_work_is_neither_due_nor_free_for_a_whole_lease(product, write):
    """From the claim, and from each heartbeat on: lease and next message are both a lease away."""
    it = await standing(product, "queued" if write == "claim" else "running")
    await product.let_pass(it.id, product.settings.lease_seconds - 1)
    before = await now(product)
    limit = timedelta(seconds=product.settings.lease_seconds)
    if write == "claim":
        await it.claim()
    else:
        async with product.engine.begin() as connection:
            await lease.heartbeat(connection, it.held, limit)
    row, after = await product.row(it.id), await now(product)
    assert before + limit <= row.lease_until <= after + limit
    assert before + limit <= row.next_dispatch_at <= after + limit


@pytest.mark.parametrize("write", ["release, counted", "release, not counted"])
async def test_what_is_given_back_is_free_and_due_at_once(product, write):
    it = await standing(product, "running")
    await OF_THE_REQUEST[write](product, it.held)
    row = await product.row(it.id)
    assert row.lease_until is None
    assert row.queued_at <= row.next_dispatch_at <= await now(product)


ENDS = {
    "complete": lambda it: it.attempt(),
    "complete in part": lambda it: it.attempt(Small(refuses="quiz")),
    "fail": lambda it: it.attempt(Small(refuses="intent")),
    "use up": lambda it: settle(it, "killed"),
    "use up by errors": lambda it: settle(it, "raises"),
    "cancel": cancel,
    "end": lambda it: _claimed_and(it, WRITES["end"]),
}


async def _claimed_and(it, write):
    await it.claim()
    await write(it.product, it.held)


@pytest.mark.parametrize("end", ENDS)
async def test_an_end_has_its_time_and_no_lease(product, end):
    """Whoever ends it; and a retry takes the time away again, with whatever else has been left."""
    it = await standing(product, "queued")
    before = await now(product)
    await ENDS[end](it)
    row = await product.row(it.id)
    assert row.status in states.ENDED
    assert before <= row.ended_at <= await now(product)
    assert (row.lease_until, row.step) == (None, "ended")
    if row.status in states.RETRYABLE:
        await product.change(it.id, lease_until=await now(product) + timedelta(minutes=5))
        await retry(it)
        row = await product.row(it.id)
        assert (row.ended_at, row.lease_until, row.error, row.attempt) == (None, None, None, 0)
        assert before + product.grace <= row.next_dispatch_at <= await now(product) + product.grace


@pytest.mark.parametrize("name", STANDINGS)
async def test_it_has_an_end_where_it_has_ended(product, name):
    row = await product.row((await standing(product, name)).id)
    assert (row.ended_at is not None) == (row.status in states.ENDED)


@pytest.mark.parametrize("quota", [1, 2, 3])
async def test_a_retry_takes_a_place_of_the_quota(product, quota):
    """With all places taken it is refused, and with one left it is not; roadmaps that have ended take none."""
    it = await standing(product, "failed")
    await product.change(await product.accept(it.owner), status=states.CANCELLED, ended_at=await now(product))

    async def try_again():
        async with product.engine.begin() as connection:
            return await control.retry(connection, it.id, it.owner.user_id, product.grace, quota)

    for _ in range(quota - 1):
        await product.accept(it.owner)
    last = await product.accept(it.owner)
    before = await product.row(it.id)
    with pytest.raises(QuotaExceededError):
        await try_again()
    assert await product.row(it.id) == before
    async with product.engine.begin() as connection:
        await control.remove(connection, last, it.owner.user_id)
    assert await try_again()


async def test_what_was_tried_again_is_as_good_as_new(product):
    """It has all its attempts, and nothing of the former ones is left that could hold it up."""
    it = await standing(product, "queued")
    await settle(it, "raises")
    await retry(it)
    for _ in range(product.settings.generation_max_attempts - 1):
        await it.attempt(Raising(RuntimeError("ours")))
    await it.attempt()
    assert (await product.row(it.id)).status == states.COMPLETED
