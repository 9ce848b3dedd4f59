"""Every state, every event: whoever is not at its end has somebody who moves it, named, by a time; and what has ended stays so.

The real functions on a real PostgreSQL. Time passes by setting back the columns that the database compares with its clock.
"""

import pytest
from sqlalchemy import select

from app.models import generation_steps, roadmaps
from app.roadmaps import states
from app.roadmaps.acceptance import QuotaExceededError
from app.roadmaps.lease import LeaseLostError
from scenarios.functions.walk import EVENTS, OWNERS_EVENTS, STANDINGS, WORKERS, WRITES, settle, standing

pytestmark = [pytest.mark.e2e, pytest.mark.once]
ENDED = [name for name in STANDINGS if name in states.ENDED]
every_standing = pytest.mark.parametrize("name", STANDINGS)


def onward(status):
    """Where nobody but its owner may lead it from there, by any number of moves."""
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


async def everything(product, roadmap):
    """The row and whatever hangs on it."""
    row = await product.row(roadmap)
    async with product.engine.connect() as connection:
        tables = [
            (await connection.execute(select(table).where(column == roadmap))).all()
            for table, column in (
                (generation_steps, generation_steps.c.request_id),
                (roadmaps, roadmaps.c.id),
            )
        ]
    return row, *tables, await product.events(roadmap)


@every_standing
@pytest.mark.parametrize("write", WRITES)
async def test_nothing_is_written_by_who_was_given_up(product, name, write):
    """In each state every write of an earlier claim is refused, and of the newest one too where the roadmap is not running."""
    it = await standing(product, name)
    before = await everything(product, it.id)
    refused = [await it.stale()]
    if before[0].status != states.RUNNING:
        refused.append(await it.holder())
        refused[-1] = type(refused[-1])(it.id, 1, before[0].fence, refused[-1].body)
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
