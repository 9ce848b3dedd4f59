"""Workers that die, freeze or are taken away at work: what was accepted comes to its end, and is paid for once."""

from collections import Counter

import pytest

from harness.faults import Deployed, Frozen, Killed, KillMethod
from harness.faults.faults import Leaves
from harness.wait import eventually
from scenarios.material import curriculum
from scenarios.services import CONTENT
from scenarios.settings import QUICK, TAKEN_OVER_SECONDS

pytestmark = [pytest.mark.e2e, pytest.mark.needs("hurt"), pytest.mark.stack(env=QUICK)]
FENCE = "SELECT fence FROM roadmap_requests"
PAID = "SELECT count(*) FROM generation_steps WHERE status = 'completed'"


@pytest.mark.row(1)
@pytest.mark.parametrize("method", KillMethod)
def test_a_worker_that_is_killed_at_work_loses_nothing_that_was_paid_for(system, method):
    """The content worker is killed during a call: another one goes on, and asks only for what is missing."""
    system.openai.on(step="curriculum").reply(curriculum("a", "b", "c"))
    system.openai.on(step="quiz", concept="b").hang(times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    eventually(lambda: system.database.value(PAID) == 10, timeout=20, what="every other part")

    with system.faults.inject(
        Killed(CONTENT, method),
        recovered=lambda: roadmap.status()["status"] == "completed",
        within=TAKEN_OVER_SECONDS,
        leaves=Leaves("a second attempt", lambda: roadmap.status()["attempt"] == 2),
    ):
        pass

    asked = Counter((call.step, call.concept) for call in system.openai.calls())
    assert asked.pop(("quiz", "b")) == 2
    assert set(asked.values()) == {1}
    system.expect_errors("WorkerLostError")
    system.check()


@pytest.mark.row(7)
def test_a_worker_that_is_frozen_for_longer_than_its_lease_writes_nothing_any_more(system):
    """A frozen worker wakes up after another one took its roadmap and ended it: nothing of it is written."""
    system.openai.on(step="intent").hang(times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    zombie = system.node(CONTENT).log
    fenced = Leaves(
        "a write that was fenced off", lambda: "the lease was lost, nothing was written" in zombie.text()
    )
    with system.faults.inject(Frozen(CONTENT), leaves=fenced):
        system.deploy(CONTENT, name=f"{CONTENT}-2")
        assert roadmap.wait_until_ended()["status"] == "completed"
        written = system.database.rows("SELECT fence, attempt, ended_at FROM roadmap_requests")
    assert written[0]["fence"] == 2
    assert system.database.rows("SELECT fence, attempt, ended_at FROM roadmap_requests") == written
    system.check()


@pytest.mark.row(8)
def test_a_worker_that_a_deploy_takes_away_hands_its_roadmap_back(system):
    """A deploy stops the worker at work: it ends within its draining time, the attempt is given back, and the next one finishes."""
    system.openai.on(step="intent").hang(times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")

    with system.faults.inject(
        Deployed(CONTENT),
        recovered=lambda: roadmap.status()["status"] == "completed",
        within=TAKEN_OVER_SECONDS,
        leaves=Leaves("a second claim", lambda: system.database.value(FENCE) == 2),
    ) as deploy:
        handed_back = system.database.rows("SELECT status, attempt FROM roadmap_requests")
        calls = system.database.rows("SELECT step, attempts FROM generation_steps")

    assert deploy.code == 0
    assert handed_back == [{"status": "queued", "attempt": 0}]
    assert calls == [{"step": "intent", "attempts": 0}]
    system.check_all_but("provider_calls")  # what is handed back is asked again and not counted
