"""The execution log: events come twice, and their worker dies with a batch in its hands; what is stored is the exact set."""

import contextlib
import json

import pytest
from celery import Celery

from app.roadmaps.messages import LOGS_QUEUE, STORE_TASK
from harness import Killed, KillMethod, ReadOnly, Stalled, eventually
from scenarios.roadmaps.expected_errors import DATABASE_GONE, REDIS_GONE
from scenarios.roadmaps.services import LOGS
from scenarios.settings import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.needs("hurt"), pytest.mark.stack(env=QUICK)]
STORED = """
SELECT id::text, request_id::text, occurred_at, level, category, step, concept_id, message, data
FROM execution_logs ORDER BY id
"""


@pytest.mark.row(16)
def test_a_batch_that_its_worker_dies_with_is_stored_once(system):
    """A pool child of the logs worker is killed in the middle of a batch, and every event is sent once more: the exact set."""
    stored = _stored_after_its_worker_was_killed_with_a_batch(system, KillMethod.CHILD)
    with Celery("scenario", broker=system.stack.servers.redis_url, set_as_current=False) as celery:
        events = json.loads(json.dumps(stored, default=str))
        celery.send_task(STORE_TASK, kwargs={"events": events}, queue=LOGS_QUEUE)
    seen, again = f"stored 0 of {len(stored)} events", "a batch of which nothing was new"
    eventually(
        lambda: any(seen in line["message"] for line in system.log_lines(LOGS)), timeout=10, what=again
    )
    system.faults.note("events sent twice", LOGS, times=len(stored), trace=again)
    assert system.database.rows(STORED) == stored


@pytest.mark.row(16)
def test_a_batch_that_dies_with_its_whole_worker_is_stored_by_the_next(system):
    """Nobody is left to hand it back: Redis gives it out again when its time-out is over, and every event is stored once."""
    _stored_after_its_worker_was_killed_with_a_batch(system, KillMethod.GROUP)


@pytest.mark.row(16)
@pytest.mark.stack(env=QUICK, own_servers=True)
def test_a_batch_whose_acknowledgment_redis_refuses_is_stored_once(system):
    """What is stored counts as taken still: Redis gives it out again when its time-out is over, and there is nothing new in it."""
    system.expect_errors_while_hurt(f"{REDIS_GONE}|{DATABASE_GONE}", "roadmap-*", most=40)
    user = system.api.sign_up()
    with contextlib.ExitStack() as refusing:
        with system.faults.inject(Stalled(f"{LOGS}/postgres")):
            roadmap = user.create_roadmap("Rust")
            assert roadmap.wait_until_ended()["status"] == "completed"
            eventually(lambda: system.stack.taken()["logs"], timeout=10, what="a batch in the worker's hands")
            refusing.enter_context(system.faults.inject(ReadOnly()))
        eventually(
            lambda: _refused_acknowledgments(system), timeout=20, what="an acknowledgment that is refused"
        )
        assert system.stack.taken()["logs"]  # once Redis accepts writes, the worker puts it back by itself


def _stored_after_its_worker_was_killed_with_a_batch(system, method):
    """The execution log of a roadmap whose worker was killed with a batch: it has every emitted event."""
    system.expect_errors_while_hurt(f"WorkerLostError|{DATABASE_GONE}", "roadmap-*", most=40)
    user = system.api.sign_up()
    with system.faults.inject(Stalled(f"{LOGS}/postgres")):
        roadmap = user.create_roadmap("Rust")
        eventually(
            lambda: system.stack.taken()["logs"],
            timeout=10,
            what="a batch in the worker's hands",
        )
        with system.faults.inject(Killed(LOGS, method)):
            pass
    assert roadmap.wait_until_ended()["status"] == "completed"
    system.stack.wait_until_idle()
    stored = system.database.rows(STORED)
    emitted = next(row["data"]["emitted"] for row in stored if "emitted" in row["data"])
    assert len([row for row in stored if row["category"] != "lifecycle"]) == emitted
    return stored


def _refused_acknowledgments(system):
    """How often Redis has refused to delete a taken message, by Redis' own count."""
    return system.stack.redis.info("commandstats").get("cmdstat_hdel", {}).get("rejected_calls", 0)
