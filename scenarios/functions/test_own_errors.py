"""Our own error is not mistaken for an absent database: it is a 500 and a traceback, in a route, a stream and the sweeper, which goes on."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from app.api.event_stream import NO_EVENT
from app.roadmaps.log_views import Position
from app.roadmaps.streams import Follower, Streams
from scenarios.functions.reader import Api
from scenarios.functions.test_texts import client

pytestmark = [pytest.mark.e2e, pytest.mark.once]


@asynccontextmanager
async def without(product, table):
    """Run without one table, as after a wrong migration."""
    rename = "ALTER TABLE {} RENAME TO {}"
    async with product.engine.begin() as connection:
        await connection.execute(text(rename.format(table, "elsewhere")))
    try:
        yield
    finally:
        async with product.engine.begin() as connection:
            await connection.execute(text(rename.format("elsewhere", table)))


def traced(caplog):
    return [
        record
        for record in caplog.records
        if record.exc_info and "42P01" in f"{record.message}{record.exc_info[1].orig.sqlstate}"
    ]


async def test_a_route_answers_500_and_shows_its_traceback(product, caplog):
    user = await product.user()
    async with client(product, user) as (http, _), without(product, "roadmaps"):
        with pytest.raises(AssertionError, match=r"answered 500.*/problems/internal"):
            await http.ask("GET", "/api/v1/roadmaps")
    assert [record.levelname for record in traced(caplog)] == ["ERROR"]
    assert str(user.user_id) not in caplog.text  # the statement is shown, its values are not


async def test_a_stream_ends_and_shows_its_traceback(product, caplog):
    user = await product.user()
    follower, streams = Follower(user, await product.accept(user), Position()), Streams()
    async with without(product, "execution_logs"):
        streams.join(product.engine, follower, 1)
        assert [batch async for batch in follower.batches(10)] == []
    streams.leave(follower)
    assert not follower.over  # its client comes back
    assert [record.levelname for record in traced(caplog)] == ["ERROR"]


async def test_a_log_without_events_ends_too_and_a_browser_stops(product):
    """Such as a log that retention has removed: its last id belongs to no event, and the client still gets 204."""
    user = await product.user()
    roadmap = await product.accept(user)
    await product.change(roadmap, status="completed")
    async with product.engine.begin() as connection:
        await connection.execute(text("DELETE FROM outbox"))
    async with Api(product).reader(user) as reader:
        path = f"/api/v1/roadmaps/{roadmap}/events"
        http = reader._http  # noqa: SLF001 - what a stream is answered with, and not only its events
        answer = await http.get(path)
        assert answer.text == f'event: end\ndata: {{"status": "completed"}}\nid: {NO_EVENT}\n\n'
        assert (await http.get(path, headers={"Last-Event-ID": NO_EVENT})).status_code == 204


async def test_a_sweeper_shows_its_traceback_and_goes_on(product, caplog):
    roadmap = await product.accept(await product.user())
    await product.let_pass(roadmap, 60)
    sweeper = product.other(sweep_interval_seconds=0.02).sweeper()
    async with without(product, "outbox"):
        running = asyncio.create_task(sweeper.run())
        async with asyncio.timeout(10):
            while len(traced(caplog)) < 2:
                await asyncio.sleep(0.02)
    try:
        async with asyncio.timeout(10):
            while not product.published.about(roadmap):
                await asyncio.sleep(0.02)
    finally:
        running.cancel()
    assert {record.levelname for record in traced(caplog)} == {"ERROR"}


async def test_a_sweeper_outlives_what_is_no_error_of_the_database(product, caplog, monkeypatch):
    """After any error it goes on: no other program publishes again what Redis has lost."""
    sweeper = product.other(sweep_interval_seconds=0.01).sweeper()
    calls = []

    async def fails():
        calls.append(len(calls))
        raise KeyError("a bug")

    monkeypatch.setattr(sweeper, "sweep", fails)
    running = asyncio.create_task(sweeper.run())
    async with asyncio.timeout(10):
        while len(calls) < 3:
            await asyncio.sleep(0.01)
    running.cancel()
    assert [record.message for record in caplog.records][:2] == ["not swept: KeyError"] * 2
