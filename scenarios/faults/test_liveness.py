"""A worker that lives and takes nothing: seen by the age of what waits for it, and mended by itself."""

import pytest
from celery import Celery

from harness import Frozen, HalfOpen, Stalled, always, eventually
from scenarios.controls.safeties import OBEYS_CANCEL
from scenarios.material import curriculum
from scenarios.probes import http_get
from scenarios.roadmaps.expected_errors import REDIS_GONE, STOOD_STILL
from scenarios.roadmaps.services import API, CONTENT

QUICK = {
    "WORKER_BEAT_SECONDS": "0.5",  # a worker counts as gone after four missing ones
    "QUEUE_STALL_SECONDS": "2",
    "SWEEP_INTERVAL_SECONDS": "0.2",
    "DISPATCH_GRACE_SECONDS": "0.5",
}
SEEN_SECONDS = 10.0  # with the times above; with the defaults 20 and a little
STALLED = "queues/content is stalled"
pytestmark = [pytest.mark.e2e, pytest.mark.stack(env=QUICK)]


def readiness(system) -> str:
    """The detail of readiness; empty while all is well."""
    answer = http_get(f"{system.api_url}/health/ready", timeout=10)
    return "" if answer.is_success else answer.json()["detail"]


def queue(system) -> dict:
    """The content queue in the administrator's overview."""
    credentials = system.stack.environments[API]
    admin = system.api.log_in(credentials["ADMIN_EMAIL"], credentials["ADMIN_PASSWORD"])
    queues = admin.expect(200, "GET", "/api/v1/admin/overview").json()["queues"]
    return next(found for found in queues if found["name"] == "content")


def ready(system):
    """Wait until all is well."""
    eventually(
        lambda: not readiness(system), timeout=30, what="readiness", evidence=lambda: readiness(system)
    )


@pytest.mark.needs("pids")  # the scenario patches processes of this machine
@pytest.mark.stack(env=QUICK | OBEYS_CANCEL.environment, spawned=True)
def test_a_worker_that_answers_and_takes_nothing_is_seen_and_mends_itself(system):
    """A worker answers remote control, beats, and consumes nothing: readiness and overview say so, and it consumes again by itself.

    The cause is a command that the worker usually refuses; the test has switched that off. It stands for any other cause.
    """
    with Celery("scenario", broker=system.stack.servers.redis_url, set_as_current=False) as celery:
        # It still answers. One broadcast may get lost, so ask again.
        eventually(
            lambda: (
                "no longer consuming"
                in str(
                    celery.control.cancel_consumer(
                        "content", reply=True, timeout=2, pattern="content@*", matcher="glob"
                    )
                )
            ),
            timeout=20,
            what="a worker that takes nothing any more",
        )
        roadmap = system.api.sign_up().create_roadmap("Rust")
        eventually(
            lambda: STALLED in readiness(system),
            timeout=SEEN_SECONDS,
            promised=True,
            what="readiness that says so",
        )
    assert roadmap.wait_until_ended()["status"] == "completed"
    assert [line for line in system.log_lines(CONTENT) if "took nothing" in line["message"]]
    ready(system)
    assert queue(system)["stalled"] is False


@pytest.mark.in_turn
@pytest.mark.needs("hurt")
@pytest.mark.parametrize("fault", [Stalled, HalfOpen])
def test_a_worker_behind_a_half_open_link_is_seen(system, fault):
    """Nothing comes over a worker's link to Redis and nothing says so: readiness and overview do, and it recovers once the link is whole."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    with system.faults.inject(fault(f"{CONTENT}/redis")):
        roadmap = system.api.sign_up().create_roadmap("Rust")
        eventually(
            lambda: STALLED in readiness(system),
            timeout=SEEN_SECONDS,
            promised=True,
            what="readiness that says so",
        )
        seen = queue(system)
        assert seen["stalled"] or not seen["consumers"]  # it may have noticed by now, and count as gone
        assert seen["oldest_waiting_seconds"] > 2
    assert roadmap.wait_until_ended()["status"] == "completed"
    ready(system)


@pytest.mark.needs("hurt")
def test_a_worker_that_is_frozen_is_missed(system):
    """A frozen worker is no consumer any more; let go, it is one again."""
    system.expect_errors_while_hurt(STOOD_STILL, "roadmap-*", most=40)
    with system.faults.inject(Frozen(CONTENT), recovered=lambda: not readiness(system)):
        eventually(
            lambda: "queues/content has no consumer" in readiness(system),
            timeout=SEEN_SECONDS,
            promised=True,
            what="it is missed",
        )
        assert queue(system)["consumers"] == 0


def test_a_worker_that_is_busy_is_not_taken_for_dead(system):
    """Every slot is at one long call while others wait far longer than the limit: that is work, and readiness holds."""
    ready(system)
    system.openai.on(step="intent").answer(times=1, latency=6)
    user = system.api.sign_up()
    roadmaps = [user.create_roadmap(f"Topic {number}") for number in range(5)]
    system.openai.wait_for(1, step="intent")
    always(
        lambda: not readiness(system),
        during=4.5,
        promised=True,
        what="readiness",
        evidence=lambda: readiness(system),
    )
    seen = queue(system)
    assert (seen["stalled"], seen["oldest_waiting_seconds"] > 4) == (False, True)
    assert {roadmap.wait_until_ended()["status"] for roadmap in roadmaps} == {"completed"}
    assert not [line for line in system.log_lines(CONTENT) if "took nothing" in line["message"]]


def test_a_long_queue_that_moves_is_not_taken_for_dead(system):
    """Work waits far longer than the limit because there is so much of it, and is taken one after the other: readiness holds."""
    ready(system)
    system.openai.on(step="intent").answer(latency=0.5)
    # Each roadmap ends long before the queue would count as stalled.
    system.openai.on(step="curriculum").reply(curriculum("a"))
    user = system.api.sign_up()
    roadmaps = [user.create_roadmap(f"Topic {number}") for number in range(10)]
    always(
        lambda: not readiness(system),
        during=4.5,
        promised=True,
        what="readiness",
        evidence=lambda: readiness(system),
    )
    assert {roadmap.wait_until_ended()["status"] for roadmap in roadmaps} == {"completed"}
