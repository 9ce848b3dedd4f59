"""A worker's link to Redis breaks: tasks that were running must not keep the worker from consuming further ones."""

import pytest

from harness import HalfOpen, Refused, eventually
from scenarios.roadmaps.application import DEPLOYMENT
from scenarios.roadmaps.expected_errors import REDIS_GONE
from scenarios.roadmaps.services import CONTENT
from scenarios.settings import QUICK

NOWHERE = "127.0.0.1:1"  # no server listens there
pytestmark = pytest.mark.e2e


@pytest.mark.stack(env={"CELERY_HEARTBEAT_INTERVAL_SECONDS": "0"})  # without a heartbeat, which would notice
def test_a_worker_whose_link_breaks_while_all_its_slots_are_at_work_goes_on_consuming(system):
    """The link breaks while every slot is busy and no request for work is pending: the worker notices it all the same."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    user = system.api.sign_up()
    system.openai.on(step="intent").answer(times=1, latency=2)
    first = user.create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    with system.faults.inject(Refused(f"{CONTENT}/redis")):
        assert first.wait_until_ended()["status"] == "completed"
        noticed = "Connection to broker lost", "Couldn't ack"
        log = system.node(CONTENT).log
        eventually(
            lambda: any(line in log.text() for line in noticed), timeout=20, what="a link that is lost"
        )

    second = user.create_roadmap("Go")
    assert second.wait_until_ended()["status"] == "completed"


@pytest.mark.stack(own_servers=True, env=QUICK | {"CELERY_CONTENT_CONCURRENCY": "2"})
def test_a_worker_that_loses_redis_while_one_slot_works_and_another_waits_for_work_lives_on(system):
    """Redis drops its links in the worst order, broadcasts first and then the pending request for work: the worker lives and consumes again."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    links, redis = system.stack.substrate.links, system.stack.redis
    user = system.api.sign_up()
    system.openai.on(step="intent").answer(times=1, latency=3)
    roadmap = user.create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    there = links.target("redis")
    with system.faults.by_hand("Cut off, ear first", "redis") as felt, redis.client() as ours:
        ours.ping()  # connects, and stays connected
        links.aim("redis", NOWHERE)
        try:
            cut = [ours.client_kill_filter(_type=kind) for kind in ("pubsub", "normal")]
            eventually(
                lambda: "Connection to broker lost" in system.node(CONTENT).log.text(),
                timeout=10,
                what="a connection that is lost",
            )
        finally:
            links.aim("redis", there)
        felt(f"{cut} connections closed" if all(cut) else "")

    assert roadmap.wait_until_ended()["status"] == "completed"
    assert user.create_roadmap("Go").wait_until_ended()["status"] == "completed"
    assert system.node(CONTENT).alive


@pytest.mark.in_turn
@pytest.mark.stack(env=QUICK)
@pytest.mark.parametrize("way", ["up", "down"])
def test_a_worker_ends_when_it_is_told_to_though_redis_does_not_answer(system, way):
    """Its link to Redis is half open while it holds work: SIGTERM ends it within its draining time, and another does the work."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    worker = system.node(CONTENT)
    system.openai.on(step="intent").answer(times=1, latency=3)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    with system.faults.inject(HalfOpen(f"{CONTENT}/redis", way)):
        system.show("exit code", worker.stop(DEPLOYMENT.services[CONTENT].draining_seconds))
    worker.start()
    assert roadmap.wait_until_ended()["status"] == "completed"
