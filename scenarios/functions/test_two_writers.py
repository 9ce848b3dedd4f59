"""Two transactions write to one roadmap, the second before the first has committed: the second waits, and then finds it changed.

No case depends on timing: the first keeps its transaction open until PostgreSQL says that the second waits for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import roadmap_requests
from app.roadmaps import control, ending, lease, states
from app.roadmaps.acceptance import QuotaExceededError, accept, body_of
from app.roadmaps.lease import LeaseLostError
from app.schemas.roadmap import RoadmapRequest
from scenarios.functions.walk import GENERATED, REASON, SOME, STEP, WRITES, Standing, everything, standing

pytestmark = [pytest.mark.e2e, pytest.mark.once]
MANY = 20
Write = Callable[[AsyncConnection, Standing], Awaitable[object]]


async def waits(product, second: asyncio.Task) -> bool:
    """Whether the second waits for a lock; otherwise it has ended."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with product.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        while not second.done():
            if await connection.scalar(waiting):
                return True
    return False


async def interleave(it: Standing, first: Write, second: Callable[[], Awaitable[object]]):
    """Play the order: the first writes, the second begins, the first commits, the second goes on.

    Returns:
        Whether the second waited for the first, and the exception that it raised; None if it raised nothing.
    """
    async with it.product.engine.connect() as connection:
        await first(connection, it)
        task = asyncio.ensure_future(second())
        try:
            waited = await asyncio.wait_for(waits(it.product, task), 60)
        finally:
            await connection.commit()
    (raised,) = await asyncio.gather(task, return_exceptions=True)
    return waited, raised if isinstance(raised, BaseException) else None


async def _cancel(connection, it):
    assert await control.cancel(connection, it.id, it.owner.user_id, SOME)


async def _retry(connection, it):
    assert await control.retry(connection, it.id, it.owner.user_id, SOME, MANY)


async def _complete(connection, it):
    assert await ending.complete(connection, it.held, GENERATED, SOME, 0)


async def _fail(connection, it):
    assert await ending.fail(connection, it.held, REASON, SOME, 0)


async def _release(connection, it):
    await lease.release(connection, it.held, counted=True)


async def _delete(connection, it):
    assert await control.remove(connection, it.id, it.owner.user_id)


async def _claim_anew(connection, it):
    """Claim it as another worker, for which this lease seems to have run out."""
    await connection.execute(
        roadmap_requests.update()
        .where(roadmap_requests.c.id == it.id)
        .values(lease_until=roadmap_requests.c.lease_until - timedelta(days=1))
    )
    assert await lease.claim(connection, it.id, SOME, MANY)


FIRST = {
    "cancel": _cancel,
    "complete": _complete,
    "fail": _fail,
    "release": _release,
    "claim": _claim_anew,
    "delete": _delete,
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("first", FIRST)
async def test_a_worker_writes_nothing_while_its_claim_is_being_taken_away(product, first, write):
    """Whoever ends, gives back, takes over or deletes it has not committed yet: each write of the worker waits, and is refused."""
    it = await standing(product, "running")
    await WRITES["begin a call"](product, it.held)
    waited, raised = await interleave(it, FIRST[first], lambda: WRITES[write](product, it.held))
    assert waited
    assert isinstance(raised, LeaseLostError)
    row, steps, roadmaps, _ = await everything(product, it.id)
    assert len(roadmaps) == (first == "complete")
    assert [(step.step, step.status, step.attempts, step.prompt_tokens) for step in steps] == (
        [(STEP.step, states.RUNNING, 1, 0)] if row else []
    )


@pytest.mark.parametrize(("first", "silent"), [("release", False), ("claim", True)])
async def test_who_waits_for_its_worker_knows_what_that_one_did(product, first, silent):
    """It is claimed while it is handed back: nobody fell silent with a call that would be paid for. While another claims it, somebody has."""
    it = await standing(product, "running, lease over")
    claimed = []

    async def claim():
        async with product.engine.begin() as connection:
            claimed.append(await lease.claim(connection, it.id, SOME, MANY))

    waited, raised = await interleave(it, FIRST[first], claim)
    assert (waited, raised) == (True, None)
    assert [one and one.taken_over for one in claimed] == [None if silent else False]


@pytest.mark.parametrize("first", ["complete", "fail"])
async def test_what_its_worker_ends_is_not_cancelled_beside_it(product, first):
    """The owner cancels while the worker's end is not committed: the end stands, and the owner is told."""
    it = await standing(product, "running")

    async def cancel():
        async with product.engine.begin() as connection:
            await _cancel(connection, it)

    waited, raised = await interleave(it, FIRST[first], cancel)
    row = await product.row(it.id)
    assert waited
    assert isinstance(raised, control.WrongStateError)
    assert row.status == raised.status in {states.COMPLETED, states.FAILED}
    assert await product.events(it.id) == ["accepted", row.status]


async def test_two_retries_at_once_are_one(product):
    """The second waits for the first, and is told that the roadmap is unfinished."""
    it = await standing(product, "failed")

    async def retry():
        async with product.engine.begin() as connection:
            await _retry(connection, it)

    waited, raised = await interleave(it, _retry, retry)
    assert waited
    assert isinstance(raised, control.WrongStateError)
    assert await product.events(it.id) == ["accepted", states.FAILED, "retried"]


@pytest.mark.parametrize("name", ["queued, used up", "running, lease over, used up"])
@pytest.mark.parametrize("first", [_cancel, _delete])
async def test_what_is_being_ended_by_its_owner_is_left_alone_by_a_sweep(product, name, first):
    """A sweep finds what is used up while its owner's end of it is not committed: it does not wait, and the owner's end stands."""
    it = await standing(product, name)
    beside = await standing(product, name)
    swept = []

    async def sweep():
        swept.append(await product.sweeper().sweep())

    waited, raised = await interleave(it, first, sweep)
    assert (waited, raised) == (False, None)
    assert swept[0].ended == [beside.id]
    row = await product.row(it.id)
    assert (row.status if row else None) == (states.CANCELLED if first is _cancel else None)
    assert await product.events(it.id) == (["accepted", states.CANCELLED] if row else [])


async def test_what_is_used_up_is_ended_once_though_two_sweep(product):
    """The second sweep does not wait for the first, and finds nothing."""
    it = await standing(product, "queued, used up")

    async def end(connection, _):
        assert len(await ending.end_used_up(connection, 3, SOME, 100)) == 1

    found = []

    async def end_too():
        async with product.engine.begin() as connection:
            found.extend(await ending.end_used_up(connection, 3, SOME, 100))

    assert await interleave(it, end, end_too) == (False, None)
    assert found == []
    assert await product.events(it.id) == ["accepted", states.FAILED]


async def test_what_has_ended_is_not_ended_again_whatever_was_locked(product, monkeypatch):
    """Even without the lock: a sweep finds a roadmap used up, its owner's end is committed, and the sweep then writes nothing."""
    it = await standing(product, "queued, used up")
    monkeypatch.setattr(type(select(1)), "with_for_update", lambda query, **_: query)
    swept = []

    async def sweep():
        swept.append(await product.sweeper().sweep())

    waited, raised = await interleave(it, _cancel, sweep)
    assert (waited, raised) == (True, None)
    assert swept[0].ended == []
    assert (await product.row(it.id)).status == states.CANCELLED
    assert await product.events(it.id) == ["accepted", states.CANCELLED]


async def test_a_request_waits_for_another_one_of_the_same_user_that_is_being_written(product):
    """A quota of one, and two requests at once: the second is counted when the first is there, however long that takes."""
    product = product.other(max_roadmaps_in_the_making=1)
    user, stranger = await product.user(), await product.user()
    body = body_of(RoadmapRequest(topic="Rust"))
    async with product.engine.connect() as first:
        await accept(first, claims=user, key="first", body=body, grace=product.grace, quota=1)
        second = asyncio.create_task(product.accept(user))
        await product.accept(stranger)  # another user waits for nobody
        assert await waits(product, second)
        await first.commit()
    with pytest.raises(QuotaExceededError):
        await second
