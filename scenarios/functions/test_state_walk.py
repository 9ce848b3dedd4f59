"""Every event in every state: a roadmap that has not ended is moved by a named program at a known time; an ended one stays so.

The real functions run on a real PostgreSQL. Time passes by setting back the columns that the database compares with its clock.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.models import outbox, roadmap_requests
from app.roadmaps import listing, log_views, states, views
from app.roadmaps.acceptance import QuotaExceededError
from app.roadmaps.lease import LeaseLostError
from scenarios.functions.walk import (
    EVENTS,
    FOR_EVER,
    OWNERS_EVENTS,
    STANDINGS,
    WORKERS,
    WRITES,
    Hanging,
    Raising,
    Small,
    counted,
    everything,
    settle,
    standing,
)

pytestmark = [pytest.mark.e2e, pytest.mark.once]
every_standing = pytest.mark.parametrize("name", STANDINGS)


def onward(status):
    """The states that a roadmap may reach from this state without its owner, by any number of moves."""
    found, left = {status}, [status]
    while left:
        for way in states.STATES[left.pop()].exits:
            new = set(way.to) - found if way.by != (states.OWNER,) else set()
            found |= new
            left += new
    return found


def test_there_is_a_standing_of_each_state():
    assert {name.partition(",")[0] for name in STANDINGS} == set(states.STATUSES)


@every_standing
@pytest.mark.parametrize("event", EVENTS)
async def test_whatever_happens_it_is_ended_or_moved_to_its_end(product, name, event):
    """After each event in each state: ended, or moved by whom the table names, at the time it names, to an end."""
    it = await standing(product, name)
    before = await product.row(it.id)

    await EVENTS[event](it)

    after = await product.row(it.id)
    if before.status in states.ENDED:
        assert after == before
    assert after.status in onward(before.status)
    await settle(it)


@every_standing
@pytest.mark.parametrize("event", OWNERS_EVENTS)
async def test_what_its_owner_does_leads_to_an_end(product, name, event):
    """Cancel, retry and delete in each state: they do what the table says and nothing else, and lead to an end."""
    it = await standing(product, name)
    before = await product.row(it.id)

    await OWNERS_EVENTS[event](it)

    after = await product.row(it.id)
    if event == "delete":
        assert after is None
        return
    if before.status in states.left_by(event):
        assert after.status in states.leading(event)
        assert after.fence > before.fence
    else:
        assert after == before
    await settle(it)


@every_standing
@pytest.mark.parametrize("worker", WORKERS)
async def test_no_worker_is_so_bad_that_it_goes_on_for_ever(product, name, worker):
    """From each state with workers that raise, are too slow, are killed or count otherwise: a bounded number of moves ends it."""
    it = await standing(product, name)
    await settle(it, worker)


@every_standing
@pytest.mark.parametrize("write", WRITES)
async def test_nothing_is_written_by_who_was_given_up(product, name, write):
    """In each state every write of an earlier claim is refused, and of the newest one too where the roadmap is not running."""
    it = await standing(product, name)
    before = await everything(product, it.id)
    refused = [await it.stale()]
    if before[0].status != states.RUNNING:
        refused.append(replace(await it.holder(), attempt=1, fence=before[0].fence))
    for claim in refused:
        with pytest.raises(LeaseLostError):
            await WRITES[write](product, claim)
    assert await everything(product, it.id) == before


@every_standing
async def test_the_quota_counts_what_is_open(product, name):
    """A roadmap takes a place of its owner's quota as long as it is open, and no longer."""
    it = await standing(product, name)
    row = await product.row(it.id)
    strict = product.other(max_roadmaps_in_the_making=1)
    if row.status in states.OPEN:
        with pytest.raises(QuotaExceededError):
            await strict.accept(it.owner)
    else:
        await strict.accept(it.owner)


@pytest.mark.parametrize("name", [name for name in STANDINGS if "used up" in name])
async def test_what_is_used_up_is_claimed_by_nobody(product, name):
    """A message about what has used up its attempts ends it, by the worker that refuses it: nothing is asked any more."""
    it = await standing(product, name)
    before, provider = await product.row(it.id), Small()

    await it.attempt(provider)

    after = await product.row(it.id)
    assert (after.status, after.fence, after.attempt) == (states.FAILED, before.fence, before.attempt)
    assert after.error["code"] == "attempts_used_up"
    assert await product.events(it.id) == ["accepted", states.FAILED]
    assert not provider.calls


@pytest.mark.parametrize(
    ("worker", "said"),
    [
        ("raises", "it met an error of ours"),
        ("too slow", "it took longer than 0.05 s"),
        ("killed", "its worker fell silent"),
    ],
)
async def test_the_reason_says_what_became_of_the_last_attempt(product, worker, said):
    """Three attempts that raise, are too slow or die with their worker: failed, and its owner is told which."""
    it = await standing(product, "queued")
    await settle(it, worker)
    row = await product.row(it.id)
    assert (row.status, row.attempt) == (states.FAILED, 3)
    assert row.error == {"code": "attempts_used_up", "message": f"Given up after attempt 3: {said}."}
    assert await product.events(it.id) == ["accepted", states.FAILED]


async def test_the_last_attempt_ends_the_roadmap_in_the_transaction_that_gives_it_up(product):
    """No sweep is needed: the moment the third attempt is over, the roadmap has failed."""
    it = await standing(product, "queued")
    for _ in range(product.settings.generation_max_attempts):
        assert (await product.row(it.id)).status == states.QUEUED
        await it.attempt(Raising(RuntimeError("ours")))
    assert (await product.row(it.id)).status == states.FAILED


@pytest.mark.parametrize(("answers", "attempt"), [(0, 1), (1, 0)])
async def test_an_attempt_counts_only_if_none_of_its_calls_came_to_an_end(product, answers, attempt):
    """Too slow after the first answer: the answer is kept and paid for, so another attempt does not ask again."""
    it = await standing(product, "queued")
    await it.attempt(Hanging(answers), generation_timeout_seconds=0.5)
    assert (await product.row(it.id)).attempt == attempt


@pytest.mark.parametrize(
    "name", ["queued, used up", "running, lease over, used up", "running, no lease, used up"]
)
async def test_what_stands_used_up_since_before_this_release_is_ended_by_the_first_sweep(product, name):
    """However long its next message was put off: the first sweep ends it, and tells its owner."""
    it = await standing(product, name)
    await product.change(it.id, next_dispatch_at=FOR_EVER)
    assert (await product.sweeper().sweep()).ended == [it.id]
    assert await product.events(it.id) == ["accepted", states.FAILED]


async def test_what_is_sent_again_is_put_off_for_ten_minutes_at_most(product):
    """However often it was sent and whatever the settings: a roadmap and an event are sent again within ten minutes."""
    it = await standing(product, "queued, never due")
    async with product.engine.begin() as connection:
        await connection.execute(update(outbox).values(dispatches=1000, next_dispatch_at=FOR_EVER))
    swept = await product.other(dispatch_grace_seconds=states.LONGEST_PAUSE_SECONDS).sweeper().sweep()
    assert (swept.republished, swept.events) == ([it.id], 1)
    async with product.engine.connect() as connection:
        for table in (roadmap_requests, outbox):
            left = await connection.scalar(select(table.c.next_dispatch_at - func.clock_timestamp()))
            assert timedelta() < left <= timedelta(seconds=states.LONGEST_PAUSE_SECONDS)


@pytest.mark.parametrize("dispatches", [2**31 - 1, -(2**31)])
async def test_a_row_that_cannot_count_any_more_stops_nobodys_sweep(product, dispatches):
    """A roadmap and an event that were sent as often as a column can hold: they are sent again, and so is what stands beside them."""
    odd, other = [await standing(product, "queued") for _ in range(2)]
    await product.change(odd.id, dispatches=dispatches)
    async with product.engine.begin() as connection:
        await connection.execute(
            update(outbox).where(outbox.c.request_id == odd.id).values(dispatches=dispatches)
        )
    for it in (odd, other):
        await product.let_pass(it.id, 60)
    swept = await product.sweeper().sweep()
    assert ({*swept.republished}, swept.events) == ({odd.id, other.id}, 2)


@pytest.mark.parametrize("sent", range(4))
async def test_what_is_sent_again_waits_twice_as_long_each_time(product, sent):
    """A roadmap and an event that were sent so often already: the next pause is the grace, doubled as often."""
    it = await standing(product, "queued")
    await product.change(it.id, dispatches=sent)
    async with product.engine.begin() as connection:
        await connection.execute(update(outbox).values(dispatches=sent))
    await product.let_pass(it.id, 60)
    async with product.engine.begin() as connection:
        before = await connection.scalar(select(func.clock_timestamp()))
    await product.sweeper().sweep()
    pause = product.grace * 2**sent
    async with product.engine.connect() as connection:
        after = await connection.scalar(select(func.clock_timestamp()))
        for table in (roadmap_requests, outbox):
            row = (await connection.execute(select(table))).one()
            assert row.dispatches == sent + 1
            assert before + pause <= row.next_dispatch_at <= after + pause


@every_standing
async def test_it_can_be_read(product, name):
    """Whatever state it stands in, its owner can read it in every way, and the service's numbers count it."""
    it = await standing(product, name)
    row, owner = await product.row(it.id), it.owner.user_id
    async with product.engine.connect() as connection:
        assert (await views.roadmap(connection, it.id, owner)).status == row.status
        assert (await views.status(connection, it.id, owner)).status == row.status
        assert [
            shown.id for shown in (await listing.page(connection, owner, cursor=None, limit=1)).items
        ] == [it.id]
        assert not await log_views.nothing_follows(connection, it.id, log_views.Position())
    assert (await counted(product)).roadmaps == {row.status: 1}
