"""Servers that an application declares, in containers: beside servers of a stack alone, and beside those that a session shares."""

from dataclasses import replace

import pytest
from redis import Redis

from harness.base.database import Database
from harness.base.progress import silence
from harness.stack.stack import Stack
from harness.substrates.choice import substrate
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.labels import NODE, RUN
from harness.substrates.ready_made import another_postgres, another_redis
from harness.substrates.session_servers import SessionServers
from harness.substrates.share import Share
from harness.substrates.spec import StackSpec
from harness.substrates.versions import Versions
from harness.tests.shop import shop

pytestmark = [pytest.mark.e2e, pytest.mark.docker, pytest.mark.timeout(300)]
SERVERS = {"cache": another_redis("cache"), "books": another_postgres("books")}
LARGER = replace(
    shop,
    servers=SERVERS,
    roles={**shop.roles, "web": replace(shop.roles["web"], env={"BOOKS": "{server:books}"})},
)


@pytest.fixture(params=["alone", "shared"])
def share(request):
    """A part of a session's servers, or none."""
    if request.param == "alone":
        yield None
        return
    session = SessionServers(LARGER)
    try:
        with Share.take(session.door, Versions(), network=False) as taken:
            yield taken
    finally:
        session.close()


def test_they_are_started_reached_emptied_hurt_and_removed(share):
    substrate("containers").prepare(LARGER, silence)
    with Stack(StackSpec(substrate="containers"), "servers", share=share, app=LARGER) as stack:
        run = stack.run.id
        with Database(stack.url("books")) as books:
            books.execute("CREATE TABLE accounts (n int); INSERT INTO accounts VALUES (1)")
        with Redis.from_url(stack.url("cache")) as cache:
            cache.set("a", "b")
        stack.reset()
        with Redis.from_url(stack.url("cache")) as cache:
            assert cache.keys() == []
        stack.node("books").kill()
        stack.node("books").start()
        with Database(stack.environments["web"]["BOOKS"]) as books:  # by the role's own link
            assert books.value("SELECT count(*) FROM accounts") == 0
        found = the_engine().client.containers.list(filters={"label": f"{RUN}={run}"})
        assert {"cache", "books"} <= {one.labels[NODE] for one in found}
    assert the_engine().client.containers.list(all=True, filters={"label": f"{RUN}={run}"}) == []
