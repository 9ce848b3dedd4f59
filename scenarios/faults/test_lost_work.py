"""Messages that vanish and workers that die: what was accepted comes to its end all the same."""

from collections import Counter

import pytest

from harness.wait import eventually
from scenarios.material import curriculum

CONTENT = "roadmap-celery-content"
QUICK = {
    "SWEEP_INTERVAL_SECONDS": "0.2",
    "DISPATCH_GRACE_SECONDS": "0.5",
    "LEASE_SECONDS": "2",
    "CELERY_SOFT_SHUTDOWN_SECONDS": "1",
}
pytestmark = [pytest.mark.e2e, pytest.mark.stack(env=QUICK)]


def test_a_message_that_redis_loses_is_sent_again(system):
    """Redis loses every message: the sweeper sends them again."""
    system.node(CONTENT).pause()
    roadmaps = [system.api.sign_up().create_roadmap(topic) for topic in ("Rust", "Go", "Zig")]
    eventually(lambda: system.stack.redis.llen("content") >= 3, timeout=10, what="the messages")
    system.stack.redis.flushdb()
    system.node(CONTENT).resume()

    assert [roadmap.wait_until_ended()["status"] for roadmap in roadmaps] == ["completed"] * 3
    assert [line for line in system.log_lines("roadmap-api") if "published again" in line["message"]]
    system.check()


def test_a_worker_that_is_killed_at_work_loses_nothing_that_was_paid_for(system):
    """The content worker is killed during a call: another one goes on, and asks only for what is missing."""
    system.openai.on(step="curriculum").reply(curriculum("a", "b", "c"))
    system.openai.on(step="quiz", concept="b").hang(times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    paid = "SELECT count(*) FROM generation_steps WHERE status = 'completed'"
    eventually(lambda: system.database.value(paid) == 10, timeout=10, what="every other part")

    system.node(CONTENT).kill()
    system.node(CONTENT).start()

    assert roadmap.wait_until_ended()["status"] == "completed"
    assert roadmap.status()["attempt"] == 2
    asked = Counter((call.step, call.concept) for call in system.openai.calls())
    assert asked.pop(("quiz", "b")) == 2
    assert set(asked.values()) == {1}
    system.check()


def test_a_worker_that_is_frozen_for_longer_than_its_lease_writes_nothing_any_more(system):
    """A frozen worker wakes up after somebody else took its roadmap: nothing of it is written."""
    system.openai.on(step="intent").hang(times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    fence = "SELECT fence FROM roadmap_requests"
    system.node(CONTENT).pause()
    expired = "SELECT lease_until < clock_timestamp() FROM roadmap_requests"
    eventually(lambda: system.database.value(expired), timeout=10, what="the end of the lease")
    # Another worker's claim, as it would write it.
    system.database.execute(
        "UPDATE roadmap_requests SET fence = fence + 1, attempt = attempt + 1,"
        " lease_until = clock_timestamp() + interval '3 s'"
    )
    assert system.database.value(fence) == 2
    system.node(CONTENT).resume()

    system.node(CONTENT).log.wait_for("the lease was lost, nothing was written", timeout=10)
    assert roadmap.wait_until_ended()["status"] == "completed"
    assert system.database.value(fence) == 3
    system.check()


def test_a_worker_that_is_told_to_stop_hands_its_roadmap_back(system):
    """A deploy stops the worker at work: it ends in time, and the attempt is given back."""
    system.openai.on(step="intent").hang(times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")

    system.node(CONTENT).stop(timeout=40)
    handed_back = system.database.rows("SELECT status, attempt FROM roadmap_requests")
    calls = system.database.rows("SELECT step, attempts FROM generation_steps")
    system.node(CONTENT).start()

    assert handed_back == [{"status": "queued", "attempt": 0}]
    assert calls == [{"step": "intent", "attempts": 0}]
    assert roadmap.wait_until_ended()["status"] == "completed"
