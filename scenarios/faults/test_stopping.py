"""A worker that is told to stop ends, whatever it was at just then."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.faults import Stalled
from harness.wait import eventually
from scenarios.expected import REDIS_GONE
from scenarios.services import CONTENT
from scenarios.settings import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.needs("hurt")]
STOP_SECONDS = 30.0  # of the 45 that a deploy gives it


@pytest.mark.stack(env={**QUICK, "CELERY_HEARTBEAT_INTERVAL_SECONDS": "1"})
def test_a_worker_that_is_stopped_while_an_event_is_on_its_way_ends(system):
    """Somebody listens to task events, one is on its way to Redis, and just then a deploy stops the worker: it ends all the same."""
    system.expect_errors(REDIS_GONE)
    node, faults = system.node(CONTENT), system.faults
    listened = "Events of group {task} enabled"
    eventually(lambda: listened in node.log.text(), timeout=10, what="somebody who listens to events")
    system.openai.on(step="intent").hang(times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    with ThreadPoolExecutor() as pool:
        with faults.inject(Stalled(f"{CONTENT}/redis")) as stall:
            eventually(lambda: stall.trace(system.stack), timeout=10, what="an event on its way")
            stopped = pool.submit(node.stop, STOP_SECONDS)
            eventually(lambda: "Soft Shutdown" in node.log.text(), timeout=10, what="the signal's arrival")
            eventually(lambda: roadmap.status()["status"] == "queued", timeout=10, what="what it hands back")
        assert stopped.result() == 0
    node.start()
    assert roadmap.wait_until_ended()["status"] == "completed"
    system.check()
