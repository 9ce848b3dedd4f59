"""What can be done to a member of a stack means the same wherever the stack lives."""

import pytest

from harness import Deployed, Disconnected, Frozen, Killed, always, eventually
from scenarios.probes import alive, ready
from scenarios.roadmaps.expected_errors import DATABASE_GONE, REDIS_GONE
from scenarios.roadmaps.services import API, CONTENT

pytestmark = [pytest.mark.e2e, pytest.mark.every_substrate, pytest.mark.needs("hurt")]
WAYS = (Killed, Deployed, Frozen, Disconnected)


@pytest.mark.in_turn
@pytest.mark.parametrize("way", WAYS)
def test_a_worker_that_is_hurt_does_nothing_until_it_is_back(system, way):
    """A content worker that is killed, stopped, frozen or cut off takes nothing up; once it is back it does its part."""
    with system.faults.inject(way(CONTENT)):
        roadmap = system.api.sign_up().create_roadmap("Rust")
        always(lambda: roadmap.status()["status"] == "queued", during=0.5, what="it waits")
    assert roadmap.wait_until_ended()["status"] == "completed"


@pytest.mark.in_turn
@pytest.mark.parametrize("way", WAYS)
def test_an_api_that_is_hurt_answers_nothing_until_it_is_back(system, way):
    """An API that is killed, stopped, frozen or cut off answers nothing; it comes back at the same address, knowing everybody."""
    ada = system.api.sign_up()
    with system.faults.inject(way(API), recovered=lambda: alive(system), within=20):
        always(lambda: not alive(system), during=0.5, what="no answer")
    system.api.forget_connections()
    assert ada.create_roadmap("Rust").wait_until_ended()["status"] == "completed"


@pytest.mark.in_turn
@pytest.mark.stack(own_servers=True, env={"SWEEP_INTERVAL_SECONDS": "0.5", "DISPATCH_GRACE_SECONDS": "0.5"})
@pytest.mark.parametrize(("server", "missed"), [("postgres", "database"), ("redis", "redis")])
def test_a_server_that_is_hurt_is_missed_and_comes_back(system, server, missed):
    """PostgreSQL or Redis killed, stopped, frozen or cut off: readiness names it; once it is back, work goes on."""
    system.expect_errors_while_hurt(f"{REDIS_GONE}|{DATABASE_GONE}", "roadmap-*", most=40)
    ada = system.api.sign_up()
    for way in WAYS:
        with system.faults.inject(way(server), recovered=lambda: ready(system), within=60):
            eventually(lambda: not ready(system, missed), timeout=10, what="not ready")
            always(lambda: alive(system), during=0.3, what="alive")
        assert ada.create_roadmap("Rust").wait_until_ended(timeout=60)["status"] == "completed"
