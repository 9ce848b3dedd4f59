"""Messages that vanish or come twice: the database knows what is to be done."""

import pytest

from harness import Dropped, Flushed, HalfOpen, Reset, always, eventually
from scenarios.material import curriculum
from scenarios.roadmaps.expected_errors import REDIS_GONE
from scenarios.roadmaps.services import API, CONTENT
from scenarios.settings import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.needs("hurt"), pytest.mark.stack(env=QUICK)]
LINK = f"{CONTENT}/redis"
HALF_OPEN_SECONDS = 45.0
BACK_SECONDS = 15.0


def swept(system):
    """A sweep that published something again."""
    return (
        "a sweep that published again",
        lambda: any("published again" in line["message"] for line in system.log_lines(API)),
    )


def refused(system) -> int:
    """The number of deliveries of roadmaps that were taken or had ended already."""
    return len(system.log_lines(CONTENT, message="nothing to do: ended, taken or unknown"))


@pytest.mark.row(2)
@pytest.mark.stack(env=QUICK, tls=False)  # a pattern cannot match encrypted data
def test_a_message_that_is_lost_between_redis_and_the_worker_is_sent_again(system):
    """Redis hands the message out, and the link breaks before the worker has it: the sweeper sends another one."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    user = system.api.sign_up()
    with system.faults.inject(Dropped(LINK, r"\$7\r\ncontent\r\n")):
        roadmap = user.create_roadmap("Rust")
    with system.faults.inject(
        Reset(LINK),
        recovered=lambda: roadmap.status()["status"] == "completed",
        within=BACK_SECONDS,
        leaves=swept(system),
    ):
        pass
    sweeps = {line["request_id"] for line in system.log_lines(API) if "published again" in line["message"]}
    assert sweeps & {line.get("request_id") for line in system.log_lines(CONTENT, roadmap_id=roadmap.id)}


@pytest.mark.row(11)
@pytest.mark.stack(env=QUICK | {"CELERY_CONTENT_CONCURRENCY": "2"})
def test_what_is_delivered_twice_is_done_once(system):
    """The worker's link breaks again and again while it is at work: what is delivered once more is refused by the lease."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    user = system.api.sign_up()
    system.openai.on(step="intent").answer(times=1, latency=8)
    roadmap = user.create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    again = ("a delivery that was refused", lambda: refused(system))
    with system.faults.inject(Reset(LINK), leaves=again):
        pass
    for _ in range(2):  # a refused message is settled, so these need not deliver it a third time
        with system.faults.inject(Reset(LINK)):
            pass
    assert roadmap.wait_until_ended()["status"] == "completed"
    assert roadmap.status()["attempt"] == 1
    assert len(system.openai.calls(step="intent")) == 1


@pytest.mark.row(12)
def test_a_worker_whose_link_is_half_open_consumes_again(system):
    """Redis is gone without a word for 45 s: the worker finds out by itself and consumes again."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    user = system.api.sign_up()
    roadmaps = []

    def consumed() -> bool:
        return bool(roadmaps) and roadmaps[0].status()["status"] == "completed"

    with system.faults.inject(HalfOpen(LINK), recovered=consumed, within=BACK_SECONDS):
        roadmaps.append(user.create_roadmap("Rust"))
        always(lambda: roadmaps[0].status()["status"] == "queued", during=HALF_OPEN_SECONDS, what="it waits")


@pytest.mark.row(13)
@pytest.mark.stack(env=QUICK | {"MAX_ROADMAPS_IN_THE_MAKING": "100"})
def test_a_redis_that_forgets_everything_under_load_loses_nothing(system):
    """Redis forgets everything, again and again, while roadmaps are asked for and written: every one is written."""
    system.openai.on(step="curriculum").reply(curriculum("a", "b"))
    user = system.api.sign_up()
    roadmaps = []
    for round_ in range(5):
        roadmaps += [user.create_roadmap(f"Topic {round_}.{number}") for number in range(4)]
        eventually(lambda: system.stack.redis.llen("content"), timeout=10, what="messages that wait")
        with system.faults.inject(Flushed()):
            pass
    assert {roadmap.wait_until_ended()["status"] for roadmap in roadmaps} == {"completed"}
    assert swept(system)[1]()
