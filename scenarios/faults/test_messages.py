"""Messages that vanish or come twice: the database knows what is to be done."""

import pytest

from harness.faults import Flushed
from harness.faults.faults import Leaves
from harness.wait import eventually
from scenarios.services import API, CONTENT
from scenarios.settings import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.needs("hurt"), pytest.mark.stack(env=QUICK)]


def swept(system) -> Leaves:
    """A sweep that published something again."""
    return Leaves(
        "a sweep that published again",
        lambda: any("published again" in line["message"] for line in system.log_lines(API)),
    )


def test_a_message_that_redis_loses_is_sent_again(system):
    """Redis loses every message: the sweeper sends them again."""
    system.node(CONTENT).pause()
    roadmaps = [system.api.sign_up().create_roadmap(topic) for topic in ("Rust", "Go", "Zig")]
    eventually(lambda: system.stack.redis.llen("content") >= 3, timeout=10, what="the messages")
    with system.faults.inject(Flushed(), leaves=swept(system)):
        system.node(CONTENT).resume()
    assert [roadmap.wait_until_ended()["status"] for roadmap in roadmaps] == ["completed"] * 3
    system.check()
