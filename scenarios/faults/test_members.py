"""What can be done to a member of a stack means the same wherever the stack lives."""

from contextlib import contextmanager

import httpx
import pytest

from harness.wait import always, eventually

API, CONTENT = "roadmap-api", "roadmap-celery-content"
pytestmark = [pytest.mark.e2e, pytest.mark.needs("hurt")]
WAYS = ("killed", "stopped", "paused", "disconnected")


@contextmanager
def hurt(node, way):
    if way == "disconnected":
        with node.disconnected():
            yield
        return
    verb, undo = {
        "killed": (node.kill, node.start),
        "stopped": (node.stop, node.start),
        "paused": (node.pause, node.resume),
    }[way]
    verb()
    yield
    undo()


def reached(system, path="/health"):
    try:
        return httpx.get(f"{system.stack.api_url}{path}", trust_env=False, timeout=1).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("way", WAYS)
def test_a_worker_that_is_hurt_does_nothing_until_it_is_back(system, way):
    """A content worker that is killed, stopped, frozen or cut off takes nothing up; once it is back it does its part."""
    with hurt(system.node(CONTENT), way):
        roadmap = system.api.sign_up().create_roadmap("Rust")
        always(lambda: roadmap.status()["status"] == "queued", during=0.5, what="it waits")
    assert roadmap.wait_until_ended()["status"] == "completed"


@pytest.mark.parametrize("way", WAYS)
def test_an_api_that_is_hurt_answers_nothing_until_it_is_back(system, way):
    """An API that is killed, stopped, frozen or cut off answers nothing; it comes back at the same address, knowing everybody."""
    ada = system.api.sign_up()
    with hurt(system.node(API), way):
        always(lambda: not reached(system), during=0.5, what="no answer")
    eventually(lambda: reached(system), timeout=20, what="an answer at the same address")
    system.api.forget_connections()
    assert ada.create_roadmap("Rust").wait_until_ended()["status"] == "completed"


@pytest.mark.stack(own_servers=True, env={"SWEEP_INTERVAL_SECONDS": "0.5", "DISPATCH_GRACE_SECONDS": "0.5"})
@pytest.mark.parametrize(("server", "missed"), [("postgres", "database"), ("redis", "redis")])
def test_a_server_that_is_hurt_is_missed_and_comes_back(system, server, missed):
    """PostgreSQL or Redis killed, stopped, frozen or cut off: readiness names it; once it is back, work goes on."""
    system.expect_errors("")  # every role may say in its way what it misses
    ada = system.api.sign_up()
    for way in WAYS:
        with hurt(system.node(server), way):
            eventually(
                lambda: not reached(system, f"/health/ready?check={missed}"), timeout=10, what="not ready"
            )
            always(lambda: reached(system), during=0.3, what="alive")
        eventually(lambda: reached(system, "/health/ready"), timeout=60, what="readiness")
        assert ada.create_roadmap("Rust").wait_until_ended(timeout=60)["status"] == "completed"
