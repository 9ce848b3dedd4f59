"""Redis is away, stands still or refuses: roadmaps are accepted all the same, in time, and written when it is back."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import Frozen, Full, Killed, ReadOnly, always, eventually
from scenarios.material import curriculum
from scenarios.probes import http_get, ready
from scenarios.roadmaps.expected_errors import REDIS_GONE
from scenarios.roadmaps.services import CONTENT, LOGS
from scenarios.settings import QUICK

ASKED = 12  # times in a row, so that each process gets some
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs("hurt"),
    pytest.mark.stack(env=QUICK | {"MAX_ROADMAPS_IN_THE_MAKING": "100"}, own_servers=True),
]


def post(system, user, count: int) -> list:
    """Ask for so many roadmaps at once, and meanwhile a hundred times for /health, because 99 of 100 must be in time.

    The journal has each call's duration, which the check of latencies judges.
    """
    with ThreadPoolExecutor(count) as pool:
        posting = [pool.submit(user.create_roadmap, f"Topic {number}") for number in range(count)]
        asked = 0
        while asked < 100 or not all(post.done() for post in posting):
            system.api.expect(200, "GET", "/health")
            asked += 1
    return [post.result() for post in posting]


def all_written(roadmaps) -> bool:
    """Whether every roadmap is complete."""
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


@pytest.mark.in_turn
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


def test_a_redis_that_wants_more_replicas_is_named_and_not_asked_all_the_time(system):
    """Redis answers and refuses writes (NOREPLICAS): readiness and the workers say so, the latter ever more seldom, and TLS is not meant."""
    said = "refuses writes: fewer replicas follow it than its min-replicas-to-write asks for"
    system.expect_errors("Cannot connect to redis|not published", "roadmap-*", most=40)
    system.stack.redis.config_set("min-replicas-to-write", 1)
    try:
        roadmap = system.api.sign_up().create_roadmap("Rust")
        for worker in (CONTENT, LOGS):
            system.node(worker).log.wait_for(f"Redis {said}", timeout=60)
        eventually(  # each API process keeps its result for a while
            lambda: not any(ready(system, "redis") for _ in range(ASKED)),
            timeout=20,
            what="a readiness that every process has asked since",
        )
        answer = http_get(f"{system.api_url}/health/ready?check=redis", timeout=20)
        assert answer.status_code == 503
        assert said in answer.json()["detail"]
        always(lambda: not ready(system, "redis"), during=15, what="a Redis that refuses")
        for worker in (CONTENT, LOGS):
            lines = [line for line in system.log_lines(worker) if line["level"] in {"warning", "error"}]
            assert len([line for line in lines if "Redis " in line["message"]]) < 12, lines
            assert not [
                line
                for line in lines
                if "must begin with" in line["message"] or "does not answer" in line["message"]
            ]
    finally:
        system.stack.redis.config_set("min-replicas-to-write", 0)
    eventually(lambda: ready(system), timeout=60, what="readiness")
    assert all_written([roadmap])


@pytest.mark.parametrize("command", ["brpop", "zadd"])
def test_a_redis_that_lets_workers_in_and_refuses_a_command_is_named_and_not_asked_all_the_time(
    system, command
):
    """An ACL takes a command away while workers are at work: they say NOPERM ever more seldom, go on once they have it back, and none ends."""
    redis = system.stack.redis
    redis.execute_command("ACL", "SETUSER", "default", f"-{command}")
    try:
        redis.client_kill_filter(_type="normal", skipme=True)
        redis.client_kill_filter(_type="pubsub", skipme=True)
        roadmap = system.api.sign_up().create_roadmap("Rust")
        said = "Redis refuses what this user asks for: see to its ACL"
        system.node(CONTENT).log.wait_for(said, timeout=60)
        before = len(lines_of_redis(system))
        always(
            lambda: all(node.alive for node in system.stack.roles.values()), during=15, what="living roles"
        )
        assert len(lines_of_redis(system)) - before < 12
    finally:
        redis.execute_command("ACL", "SETUSER", "default", "+@all")
    eventually(lambda: ready(system), timeout=60, what="readiness")
    assert all_written([roadmap])


def lines_of_redis(system) -> list:
    return [line for line in system.log_lines(CONTENT) if "Redis " in line["message"]]
