"""Old data is removed, a little at a time, by any number of sweepers at once; needed data stays."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.roadmaps import control, log_views, outbox
from app.roadmaps.events import lifecycle
from app.roadmaps.log_views import LogFilter, Position
from app.roadmaps.retention import MOST_LOGS, MOST_ROWS, Retention

pytestmark = [pytest.mark.e2e, pytest.mark.once]
DAY = 86_400


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def retention(product, clock=None, **changed):
    clock = clock or Clock()
    made = Retention(product.engine, product.other(**changed).settings, clock)
    clock.now += DAY  # it is time for it
    return made


async def run(product, statement, **values):
    async with product.engine.begin() as connection:
        return await connection.execute(text(statement), values)


async def count(product, table):
    return (await run(product, f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - ours


async def logged(product, user, *, days=None, status="completed", topic="Rust"):
    """A roadmap that ended so many days ago, with two stored events and one in the outbox."""
    roadmap = await product.accept(user, topic)
    async with product.engine.begin() as connection:
        await outbox.store(connection, [lifecycle(roadmap, step, step).as_json() for step in ("a", "b")])
    if days is not None:
        await product.change(roadmap, status=status)
        await run(
            product,
            "UPDATE roadmap_requests SET ended_at = clock_timestamp() - CAST(:age AS interval) WHERE id = :id",
            age=timedelta(days=days),
            id=roadmap,
        )
    return roadmap


@pytest.mark.parametrize("status", ["completed", "partially_completed", "failed", "cancelled"])
async def test_the_log_of_what_ended_long_ago_goes_with_what_was_never_stored_of_it(product, status):
    user = await product.user()
    old, young, opened = [await logged(product, user, days=days, status=status) for days in (91, 89)] + [
        await logged(product, user)
    ]
    assert await retention(product).work() == {"logs": 1}
    left = set((await run(product, "SELECT DISTINCT request_id FROM execution_logs")).scalars())
    unsent = set((await run(product, "SELECT DISTINCT request_id FROM outbox")).scalars())
    assert left == unsent == {young, opened}
    assert (await product.row(old)).log_removed_at is not None


async def test_a_roadmap_that_is_in_the_making_keeps_its_log_however_old_it_is(product):
    """It was asked for, or tried again, long ago, and has not ended."""
    roadmap = await logged(product, await product.user())
    await run(product, "UPDATE roadmap_requests SET created_at = created_at - interval '1000 days'")
    assert await retention(product).work() == {}
    assert await log_view(product, roadmap) == ["a", "b"]


async def log_view(product, roadmap):
    async with product.engine.connect() as connection:
        page = await log_views.page(connection, roadmap, LogFilter(), None, 100)
    return [item.step for item in page.items]


async def test_a_roadmap_whose_log_has_gone_answers_sanely(product):
    """No events, none counted, the stream ends; the summary says that it was removed. The roadmap is still there."""
    roadmap = await logged(product, await product.user(), days=91)
    await retention(product).work()
    async with product.engine.connect() as connection:
        assert await log_view(product, roadmap) == []
        summary = await log_views.summary(connection, roadmap)
        assert (summary.total, summary.stored, summary.lag_seconds) == (0, 0, None)
        assert summary.removed_at is not None
        assert list(await log_views.after(connection, roadmap, Position())) == []
        assert await log_views.nothing_follows(connection, roadmap, Position())
        assert await log_views.nothing_follows(connection, roadmap, Position(7))
    assert (await product.row(roadmap)).status == "completed"


async def test_what_is_logged_when_it_is_tried_again_has_its_own_time(product):
    user = await product.user()
    roadmap = await logged(product, user, days=91, status="failed")
    await retention(product).work()
    async with product.engine.begin() as connection:
        await control.retry(connection, roadmap, user.user_id, product.grace, 10)
        await outbox.store(connection, [lifecycle(roadmap, "c", "c").as_json()])
    assert await retention(product).work() == {}
    assert await log_view(product, roadmap) == ["c"]
    await run(
        product,
        "UPDATE roadmap_requests SET status = 'failed', ended_at = clock_timestamp() + interval '1 second'",
    )
    assert await retention(product).work() == {}
    await run(
        product,
        "UPDATE roadmap_requests SET ended_at = ended_at - interval '91 days',"
        " log_removed_at = log_removed_at - interval '92 days'",
    )
    assert await retention(product).work() == {"logs": 1}
    assert await log_view(product, roadmap) == []


async def test_nothing_goes_where_it_is_to_be_kept(product):
    await logged(product, await product.user(), days=9_000)
    await presence(product, hours=900_000)
    kept = retention(product, log_retention_days=0, presence_retention_hours=0)
    assert await kept.work() == {}


async def presence(product, hours, number=1):
    age = timedelta(hours=hours)
    for index in range(number):
        await run(
            product,
            "INSERT INTO workers (node, queues, seen_at) VALUES (:node, '{logs}', clock_timestamp() - CAST(:age AS interval))",
            node=f"{hours}.{index}",
            age=age,
        )
        await run(
            product,
            "INSERT INTO canaries (nonce, queue, node, created_at) VALUES (:nonce, 'q', 'n', clock_timestamp() - CAST(:age AS interval))",
            nonce=f"{hours}.{index}",
            age=age,
        )


async def test_workers_and_canaries_that_are_gone_are_forgotten(product):
    await presence(product, hours=25)
    await presence(product, hours=23)
    assert await retention(product).work() == {"workers": 1, "canaries": 1}
    assert (await run(product, "SELECT node FROM workers")).scalars().all() == ["23.0"]
    assert (await run(product, "SELECT nonce FROM canaries")).scalars().all() == ["23.0"]


async def test_it_is_done_in_small_parts_and_goes_on_at_once_while_there_is_more(product):
    user = await product.user()
    for number in range(MOST_LOGS + 1):
        await logged(product.other(max_roadmaps_in_the_making=1000), user, days=91, topic=str(number))
    clock = Clock()
    keeper = retention(product, clock)
    assert await keeper.work() == {"logs": MOST_LOGS}
    assert await keeper.work() == {"logs": 1}
    await logged(product, user, days=91)
    assert await keeper.work() == {}  # nothing was left, so the next round is later
    clock.now += DAY
    assert await keeper.work() == {"logs": 1}
    assert MOST_ROWS > MOST_LOGS


async def test_several_at_once_take_each_row_once_and_wait_for_nobody(product):
    user = await product.user()
    many = MOST_LOGS * 3
    for number in range(many):
        await logged(product.other(max_roadmaps_in_the_making=1000), user, days=91, topic=str(number))

    async def all_of_it():
        keeper, removed = retention(product), 0
        while part := await keeper.work():
            removed += part.get("logs", 0)
        return removed

    assert sum(await asyncio.gather(*(all_of_it() for _ in range(3)))) == many
    assert (await count(product, "execution_logs"), await count(product, "outbox")) == (0, 0)


async def test_what_somebody_works_on_is_passed_over(product):
    """A roadmap that is being tried again at this moment: the log is not touched, and nobody waits."""
    user = await product.user()
    busy = await logged(product, user, days=92, status="failed")
    other = await logged(product, user, days=91)
    async with product.engine.begin() as connection:
        await control.retry(connection, busy, user.user_id, product.grace, 10)
        assert await asyncio.wait_for(retention(product).work(), 2) == {"logs": 1}
    assert await log_view(product, busy) == ["a", "b"]
    assert await log_view(product, other) == []


async def test_who_has_locked_the_log_is_not_waited_for_where_nothing_is_over(product):
    """Such as a migration: the sweeper has more important work than to wait."""
    await logged(product, await product.user(), days=89)
    async with product.engine.begin() as connection:
        await connection.execute(text("LOCK TABLE execution_logs IN SHARE MODE"))
        assert await asyncio.wait_for(retention(product).work(), 2) == {}


async def test_the_sweeper_does_it(product):
    """The sweeper removes old data in its rounds, beside its own work."""
    await logged(product, await product.user(), days=91)
    sweeper = product.other(sweep_interval_seconds=0.01).sweeper()
    running = asyncio.create_task(sweeper.run())
    try:
        async with asyncio.timeout(10):
            while await count(product, "execution_logs"):
                await asyncio.sleep(0.02)
    finally:
        running.cancel()
