"""What a client was promised, or may have been: the same key is the same roadmap, whoever dies in between."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from harness import Dropped, Killed, Stalled, eventually
from scenarios.probes import alive
from scenarios.roadmaps.expected_errors import REDIS_GONE
from scenarios.roadmaps.services import API
from scenarios.settings import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.needs("hurt"), pytest.mark.stack(env=QUICK)]
KEY, AT_ONCE = "the-same-key", 50


@pytest.mark.row(5)
def test_a_request_that_was_committed_when_the_api_died_is_not_made_twice(system):
    """The API dies after the commit, before message and answer: the client asks again with its key, and it is the same roadmap."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    user = system.api.sign_up()
    committed = "SELECT id::text FROM roadmap_requests"
    with (
        system.faults.inject(Dropped(API, "HTTP/1.1 202")),
        system.faults.inject(Stalled(f"{API}/redis")),
        ThreadPoolExecutor() as pool,
    ):
        asked = pool.submit(user.create_roadmap, "Rust", key=KEY)
        first = eventually(lambda: system.database.value(committed), timeout=10, what="the commit")
        eventually(
            lambda: system.stack.substrate.links.stats(API)["dropped"], timeout=10, what="a lost answer"
        )
        killed = system.faults.inject(Killed(API), recovered=lambda: alive(system), within=20)
        with killed, pytest.raises(httpx.TransportError):
            asked.result()
    user.forget_connections()
    roadmap = user.create_roadmap("Rust", key=KEY)
    assert roadmap.id == first
    assert roadmap.wait_until_ended()["status"] == "completed"
    assert system.database.value("SELECT count(*) FROM roadmap_requests") == 1


@pytest.mark.row(6)
def test_the_same_key_at_once_over_all_processes_is_one_roadmap(system):
    """Fifty clients ask at once with the same key: one id for all of them, and 422 for another body under that key."""
    user = system.api.sign_up()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [pool.submit(user.create_roadmap, "Rust", key=KEY) for _ in range(AT_ONCE)]
        ids = Counter(one.result().id for one in asked)
    assert list(ids.values()) == [AT_ONCE]
    trace = f"{AT_ONCE} answers with one id"
    system.faults.note("the same key at once", API, times=AT_ONCE, trace=trace)
    other = {"topic": "Go"}
    user.expect(422, "POST", "/api/v1/roadmaps", json=other, headers={"Idempotency-Key": KEY})
    assert asked[0].result().wait_until_ended()["status"] == "completed"
    assert system.database.value("SELECT count(*) FROM roadmap_requests") == 1
