"""Redis is away, stands still or refuses: roadmaps are accepted all the same, in time, and written when it is back."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import Frozen, Full, Killed, ReadOnly
from scenarios.material import curriculum
from scenarios.probes import ready
from scenarios.roadmaps.expected_errors import REDIS_GONE
from scenarios.settings import QUICK

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs("hurt"),
    pytest.mark.stack(env=QUICK | {"MAX_ROADMAPS_IN_THE_MAKING": "100"}, own_servers=True),
]


def post(system, user, count: int) -> list:
    """So many roadmaps at once, and meanwhile whether the API is alive: a hundred times, for 99 of 100 are to be in time.

    How long each call took is in the journal, and judged by the check of latencies.
    """
    with ThreadPoolExecutor(count) as pool:
        posting = [pool.submit(user.create_roadmap, f"Topic {number}") for number in range(count)]
        asked = 0
        while asked < 100 or not all(post.done() for post in posting):
            system.api.expect(200, "GET", "/health")
            asked += 1
    return [post.result() for post in posting]


def all_written(roadmaps) -> bool:
    """Whether every one is complete."""
    return all(roadmap.wait_until_ended()["status"] == "completed" for roadmap in roadmaps)


@pytest.mark.row(3)
def test_roadmaps_are_accepted_while_redis_is_down(system):
    """Redis is down: each POST is answered 202 within its 6 s, and each roadmap is written once Redis is back."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    user = system.api.sign_up()
    with system.faults.inject(Killed("redis"), recovered=lambda: ready(system)):
        roadmaps = [*post(system, user, 1), *post(system, user, 4)]
    assert all_written(roadmaps)


@pytest.mark.row(4)
def test_fifty_posts_at_once_while_redis_stands_still(system):
    """Redis stands still: 50 POSTs at once are answered 202 within 6 s and /health within 1 s, and all are written afterwards."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    system.openai.on(step="curriculum").reply(curriculum("a"))
    user = system.api.sign_up()
    with system.faults.inject(Frozen("redis"), recovered=lambda: ready(system)):
        roadmaps = post(system, user, 50)
    assert all_written(roadmaps)


@pytest.mark.row(19)
@pytest.mark.parametrize("refusal", [Full, ReadOnly])
def test_roadmaps_are_accepted_while_redis_takes_nothing(system, refusal):
    """Redis is full, or has become a replica: each POST is answered 202, no worker ends, and each roadmap is written afterwards."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    user = system.api.sign_up()
    with system.faults.inject(refusal(), recovered=lambda: ready(system)):
        roadmaps = post(system, user, 4)
        assert {roadmap.status()["status"] for roadmap in roadmaps} <= {"queued", "running"}
    assert all_written(roadmaps)
    assert all(node.alive for node in system.stack.roles.values())
