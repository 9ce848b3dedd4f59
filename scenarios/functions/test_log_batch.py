"""An event that can never be stored ends: it is logged and forgotten, and keeps nothing else from the log."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.roadmaps import log_views, outbox
from app.roadmaps.events import lifecycle
from app.roadmaps.log_batch import store_batch
from app.roadmaps.log_views import Position

pytestmark = [pytest.mark.e2e, pytest.mark.once]


async def waiting(product):
    async with product.engine.connect() as connection:
        return list(await connection.scalars(text("SELECT event->>'step' FROM outbox")))


async def stored(product, roadmap):
    async with product.engine.connect() as connection:
        return [seen.event.step for seen in await log_views.after(connection, roadmap, Position())]


def poison(event, how):
    match how:
        case "a time that is none":
            return event | {"occurred_at": "yesterday or so"}
        case "no level":
            return {name: value for name, value in event.items() if name != "level"}
        case "a NUL":
            return event | {"message": "a\x00b"}
        case "half a pair":
            return event | {"message": "a\ud800b"}
        case "another form":
            return event | {"message": {"x": 1}, "occurred_at": 7}
        case "no roadmap":
            return event | {"request_id": "x"}


@pytest.mark.parametrize(
    "how", ["a time that is none", "no level", "a NUL", "half a pair", "another form", "no roadmap"]
)
async def test_a_poisoned_event_ends_and_the_others_are_stored(product, caplog, how):
    """One event of a batch can never be stored: it leaves the outbox with a line in the log, and the stream can end."""
    roadmap = await product.accept(await product.user())
    event, bad, last = (lifecycle(roadmap, step, step) for step in ("a", "bad", "z"))
    async with product.engine.begin() as connection:
        await connection.execute(text("DELETE FROM outbox"))
        for one in (event, bad, last):
            await outbox.keep(connection, one, product.grace)
    await store_batch(product.engine, [event.as_json(), poison(bad.as_json(), how), last.as_json()])
    assert await stored(product, roadmap) == ["a", "z"]
    assert await waiting(product) == []
    (line,) = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert str(bad.id) in line
    await product.change(roadmap, status="completed")
    position = Position(99)
    async with product.engine.connect() as connection:
        assert await log_views.nothing_follows(connection, roadmap, position)


@pytest.mark.parametrize("events", ["x", ["x"], [7, None, []], [{}], [{"id": 7}], [{"id": str(uuid4())}]])
async def test_what_are_no_events_is_thrown_away(product, events):
    roadmap = await product.accept(await product.user())
    await store_batch(product.engine, events)
    assert await stored(product, roadmap) == []


async def test_what_is_our_own_fault_is_not_taken_for_the_events(product):
    """A table that is not there will be there again: the events wait for it."""
    roadmap = await product.accept(await product.user())
    rename = "ALTER TABLE {} RENAME TO {}"
    async with product.engine.begin() as connection:
        await connection.execute(text(rename.format("execution_logs", "elsewhere")))
    try:
        with pytest.raises(Exception, match="execution_logs"):
            await store_batch(product.engine, [lifecycle(roadmap, "a", "a").as_json()])
    finally:
        async with product.engine.begin() as connection:
            await connection.execute(text(rename.format("elsewhere", "execution_logs")))
    assert await waiting(product) == ["accepted"]


async def test_a_deadlock_is_tried_again(product):
    """Somebody removes an account, and with it roadmaps of the batch, in another order than it is stored in."""
    user = await product.user()
    first, second = sorted([await product.accept(user), await product.accept(user)])
    events = [lifecycle(roadmap, "a", "a").as_json() for roadmap in (first, second)]
    async with product.engine.connect() as other:
        await other.execute(text("SET deadlock_timeout = '10s'"))
        await other.commit()
        lock = text("SELECT FROM roadmap_requests WHERE id = :id FOR UPDATE")
        await other.execute(lock, {"id": second})
        storing = asyncio.create_task(store_batch(product.engine, events))
        await asyncio.sleep(0.3)
        await other.execute(lock, {"id": first})  # the other one finds the deadlock, and begins again
        await other.rollback()
        await storing
    assert await stored(product, first) == await stored(product, second) == ["a"]
