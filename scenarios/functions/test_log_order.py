"""The order of a log is that in which its events became visible, whatever cluster they were stored in and whoever stored them."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.roadmaps import log_views, outbox
from app.roadmaps.events import lifecycle
from app.roadmaps.log_views import Mark, Position

pytestmark = [pytest.mark.e2e, pytest.mark.once]
# The statement with which releases without positions stored a batch.
STORED_BY_AN_EARLIER_RELEASE = text("""
INSERT INTO execution_logs (id, request_id, occurred_at, level, category, step, concept_id, message, data)
SELECT id, request_id, now(), 'info', 'lifecycle', step, '', '', '{}'
FROM unnest(CAST(:ids AS uuid[]), CAST(:requests AS uuid[]), CAST(:steps AS text[])) AS given(id, request_id, step)
""")


def batch(roadmap, *steps):
    return [lifecycle(roadmap, step, step).as_json() for step in steps]


async def store(product, events):
    async with product.engine.begin() as connection:
        return await outbox.store(connection, events)


async def store_as_before(connection, *events):
    ids, requests, steps = zip(*((uuid4(), roadmap, step) for roadmap, step in events), strict=True)
    given = {"ids": list(ids), "requests": list(requests), "steps": list(steps)}
    await connection.execute(STORED_BY_AN_EARLIER_RELEASE, given)


async def read(product, roadmap, position=None):
    async with product.engine.connect() as connection:
        return await log_views.after(connection, roadmap, position or Position())


async def steps(product, roadmap, position=None):
    return [seen.event.step for seen in await read(product, roadmap, position)]


async def resumed(product, roadmap, last_event_id):
    """The steps that are sent to a client that returns with this id."""
    async with product.engine.connect() as connection:
        position = await log_views.position_of(connection, roadmap, Mark.parse(last_event_id))
    return await steps(product, roadmap, position)


async def in_another_cluster(product, offset):
    """Change the rows as a restore does: they keep the transaction ids of another cluster."""
    async with product.engine.begin() as connection:
        moved = "UPDATE execution_logs SET transaction_id = greatest(1, transaction_id + :offset)"
        await connection.execute(text(moved), {"offset": offset})


@pytest.mark.parametrize("offset", [-(10**6), 0, 10**15])
@pytest.mark.parametrize("earlier", [False, True])
async def test_what_was_stored_in_another_cluster_is_read_and_what_is_stored_here_follows(
    product, offset, earlier
):
    """Restored into a cluster whose transactions are far behind, or far ahead: old events show, new ones come after them."""
    roadmap = await product.accept(await product.user())
    await store(product, batch(roadmap, "a", "b", "c"))
    if earlier:  # stored before there was a place, and restored since
        async with product.engine.begin() as connection:
            await connection.execute(text("UPDATE execution_logs SET position = 0"))
    await in_another_cluster(product, offset)
    assert await steps(product, roadmap) == ["a", "b", "c"]
    last = (await read(product, roadmap))[-1]
    await store(product, batch(roadmap, "d", "e"))
    assert await steps(product, roadmap) == ["a", "b", "c", "d", "e"]
    assert await steps(product, roadmap, last.position) == ["d", "e"]
    assert await resumed(product, roadmap, str(last.event.id)) == ["d", "e"]


async def test_a_log_that_ends_in_another_cluster_has_its_end(product):
    """The stream of a roadmap that had ended before the restore ends."""
    roadmap = await product.accept(await product.user())
    await product.change(roadmap, status="completed")
    async with product.engine.begin() as connection:
        await connection.execute(text("DELETE FROM outbox"))
    await store(product, batch(roadmap, "accepted", "completed"))
    await in_another_cluster(product, 10**15)
    last = (await read(product, roadmap))[-1]
    async with product.engine.connect() as connection:
        assert await log_views.nothing_follows(connection, roadmap, last.position)
        assert not await log_views.nothing_follows(connection, roadmap, Position())


async def test_a_client_of_an_earlier_release_goes_on_where_it_was(product):
    """It names the event by its row's transaction and number, which a restore keeps."""
    roadmap = await product.accept(await product.user())
    await store(product, batch(roadmap, "a", "b", "c"))
    first = (await read(product, roadmap))[0].position
    await in_another_cluster(product, 10**9)
    assert await resumed(product, roadmap, f"{first.transaction_id + 10**9}-{first.number}") == ["b", "c"]


@pytest.mark.parametrize(
    "last_event_id", ["00000000-0000-4000-8000-00000000beef", f"{2**63 - 1}-{2**63 - 1}", "0-0", "1-1"]
)
async def test_a_client_that_is_ahead_of_the_log_begins_again(product, last_event_id):
    """What it saw was stored after the backup and is not here: to be sent an event twice does no harm, to miss one would."""
    roadmap = await product.accept(await product.user())
    await store(product, batch(roadmap, "a", "b"))
    assert await resumed(product, roadmap, last_event_id) == ["a", "b"]


async def test_somebody_elses_event_is_no_mark(product):
    """An event of another roadmap says nothing of where to go on in this one."""
    user = await product.user()
    mine, other = await product.accept(user), await product.accept(user)
    await store(product, batch(mine, "a", "b"))
    await store(product, batch(other, "c"))
    assert await resumed(product, mine, str((await read(product, other))[0].event.id)) == ["a", "b"]


@pytest.mark.parametrize("first", ["this release", "an earlier one"])
@pytest.mark.parametrize("second", ["this release", "an earlier one"])
async def test_who_comes_later_waits_for_who_appends(product, first, second):
    """A batch that is not committed is not overtaken: a reader who has seen the later one would miss it, and never does."""
    roadmap = await product.accept(await product.user())

    async def append(connection, who, step):
        if who == "this release":
            await outbox.store(connection, batch(roadmap, step))
        else:
            await store_as_before(connection, (roadmap, step))

    async def later():
        async with product.engine.begin() as connection:
            await append(connection, second, "second")

    async with product.engine.begin() as connection:
        await append(connection, first, "first")
        waiting = asyncio.create_task(later())
        done, _ = await asyncio.wait({waiting}, timeout=0.5)
        assert not done
        assert await steps(product, roadmap) == []
    await waiting
    assert await steps(product, roadmap) == ["first", "second"]


async def test_a_reader_that_polls_while_many_write_sees_each_event_once_and_in_order(product):
    """Many batches of several roadmaps, in every order of these, by both releases: nothing is missed, and nobody waits for ever."""
    user = await product.user()
    roadmaps = [await product.accept(user, f"Topic {number}") for number in range(3)]
    writers, rounds = 4, 12

    async def write(writer):
        for round_ in range(rounds):
            order = roadmaps if (writer + round_) % 2 else roadmaps[::-1]
            if writer:
                events = [event for roadmap in order for event in batch(roadmap, f"{writer}.{round_}", "x")]
                await store(product, events)
            else:
                async with product.engine.begin() as connection:
                    await store_as_before(connection, *((roadmap, f"0.{round_}") for roadmap in order))

    async def follow(roadmap, writing):
        position, seen = Position(), []
        while True:
            over = writing.done()
            part = await read(product, roadmap, position)
            seen += [entry.event.id for entry in part]
            position = part[-1].position if part else position
            if over and not part:
                return seen

    writing = asyncio.ensure_future(asyncio.gather(*(write(writer) for writer in range(writers))))
    followed = await asyncio.gather(*(follow(roadmap, writing) for roadmap in roadmaps))
    await writing
    for roadmap, seen in zip(roadmaps, followed, strict=True):
        whole = await read(product, roadmap)
        assert len(whole) == rounds * (2 * (writers - 1) + 1)
        assert seen == [entry.event.id for entry in whole]
        assert len({entry.position.place for entry in whole}) == len(whole)


async def test_an_event_that_comes_again_keeps_its_place(product):
    """Redelivered, in another batch: nothing is new, nothing moves."""
    roadmap = await product.accept(await product.user())
    first, second = batch(roadmap, "a"), batch(roadmap, "b")
    await store(product, first)
    assert await store(product, second + first) == 1
    assert await steps(product, roadmap) == ["a", "b"]


async def test_events_of_a_roadmap_that_is_gone_are_left_out(product):
    """The others of the batch are stored."""
    roadmap = await product.accept(await product.user())
    assert await store(product, batch(UUID(int=7), "x") + batch(roadmap, "a")) == 1
