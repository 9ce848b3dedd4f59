"""Workers that die, freeze or are taken away at work: what was accepted comes to its end, and is paid for once."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from harness import Deployed, Frozen, Killed, KillMethod, eventually
from scenarios.clock import on_a_machine_it_is_made_for, wrong_by
from scenarios.material import curriculum
from scenarios.roadmaps.services import API, CONTENT, LOGS
from scenarios.settings import LEASE_SECONDS, QUICK, TAKEN_OVER_SECONDS

pytestmark = [pytest.mark.e2e, pytest.mark.needs("hurt"), pytest.mark.stack(env=QUICK)]
FENCE = "SELECT fence FROM roadmap_requests"
PAID = "SELECT count(*) FROM generation_steps WHERE status = 'completed'"


def standby(system) -> None:
    """Start another worker before the fault: its start-up time must not count as recovery."""
    other = system.deploy(CONTENT, name=f"{CONTENT}-2")
    other.log.wait_for(r"content@\S+ ready", timeout=30)


@pytest.mark.in_turn
@pytest.mark.row(1)
@pytest.mark.parametrize("method", KillMethod)
def test_a_worker_that_is_killed_at_work_loses_nothing_that_was_paid_for(system, method):
    """The content worker is killed during a call: another one goes on, and asks only for what is missing."""
    system.openai.on(step="curriculum").reply(curriculum("a", "b", "c"))
    system.openai.on(step="quiz", concept="b").hang(times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    eventually(lambda: system.database.value(PAID) == 10, timeout=20, what="every other part")
    standby(system)

    with system.faults.inject(
        Killed(CONTENT, method),
        recovered=lambda: roadmap.status()["status"] == "completed",
        within=TAKEN_OVER_SECONDS,
        leaves=("a second attempt", lambda: roadmap.status()["attempt"] == 2),
    ):
        pass

    asked = Counter((call.step, call.concept) for call in system.openai.calls())
    assert asked.pop(("quiz", "b")) == 2
    assert set(asked.values()) == {1}
    system.expect_errors_while_hurt("WorkerLostError", CONTENT, LOGS, most=3)


@pytest.mark.row(7)
def test_a_worker_that_is_frozen_for_longer_than_its_lease_writes_nothing_any_more(system):
    """A frozen worker wakes up after another one took its roadmap and ended it: nothing of it is written."""
    system.openai.on(step="intent").hang(times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    zombie = system.node(CONTENT).log
    fenced = (
        "a write that was fenced off",
        lambda: "the lease was lost, nothing was written" in zombie.text(),
    )
    with system.faults.inject(Frozen(CONTENT), leaves=fenced):
        standby(system)
        assert roadmap.wait_until_ended()["status"] == "completed"
        written = system.database.rows("SELECT fence, attempt, ended_at FROM roadmap_requests")
    assert written[0]["fence"] == 2
    assert system.database.rows("SELECT fence, attempt, ended_at FROM roadmap_requests") == written


@pytest.mark.row(8)
def test_a_worker_that_a_deploy_takes_away_hands_its_roadmap_back(system):
    """A deploy stops the worker at work: it ends within its draining time, the attempt is given back, and the next one finishes."""
    system.openai.on(step="intent").hang(times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")

    standby(system)
    with system.faults.inject(
        Deployed(CONTENT),
        recovered=lambda: roadmap.status()["status"] == "completed",
        within=TAKEN_OVER_SECONDS,
        stays_well=True,  # the other worker continues the roadmap while this one ends
        leaves=("a second claim", lambda: system.database.value(FENCE) == 2),
    ) as deploy:
        pass

    assert deploy.code == 0
    assert system.log_lines(CONTENT, message="handed back, attempt given back")
    assert roadmap.status()["attempt"] == 1
    assert system.database.value("SELECT attempts FROM generation_steps WHERE step = 'intent'") == 1


@pytest.mark.row(14)
@pytest.mark.stack(env=QUICK | {"CELERY_CONTENT_CONCURRENCY": "1"})
def test_a_roadmap_that_kills_every_process_it_is_given_fails_and_harms_no_other(system):
    """A pool child that is killed at the same roadmap every time: it fails after the last attempt, and others are written."""
    system.expect_errors_while_hurt("WorkerLostError", CONTENT, LOGS, most=3)
    system.openai.on(step="intent", contains="Poison").hang()
    user = system.api.sign_up()
    poison = user.create_roadmap("Poison")
    for attempt in (1, 2, 3):
        system.openai.wait_for(attempt, step="intent", request=poison.id)
        with system.faults.inject(Killed(CONTENT, KillMethod.CHILD)):
            pass
    ended = poison.wait_until_ended(timeout=TAKEN_OVER_SECONDS)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "attempts_used_up")
    assert poison.status()["attempt"] == 3
    assert user.create_roadmap("Rust").wait_until_ended()["status"] == "completed"


@pytest.mark.in_turn
@pytest.mark.row(20)
@on_a_machine_it_is_made_for
@pytest.mark.needs("pids")
@pytest.mark.parametrize("offset", ["+1h", "-1h"])
@pytest.mark.stack(env=QUICK, start=(API, LOGS), spawned=True)
def test_a_worker_whose_clock_is_an_hour_off_steals_no_lease_and_loses_none(system, offset):
    """One worker's clock is an hour off: it takes nothing that another one holds, and nobody takes what it holds."""
    system.deploy(CONTENT)
    system.stack.wait_until_ready([CONTENT])  # by a canary, which has expired by the other worker's clock
    with system.faults.by_hand(f"clock off by {offset}", f"{CONTENT}-wrong") as felt:
        wrong = system.deploy(CONTENT, name=f"{CONTENT}-wrong", **wrong_by(offset))
        wrong.log.wait_for("ready", timeout=20)
        system.openai.on(step="intent").answer(latency=2 * LEASE_SECONDS)
        user = system.api.sign_up()
        roadmaps = [user.create_roadmap(topic) for topic in ("Rust", "Go")]

        assert [roadmap.wait_until_ended()["status"] for roadmap in roadmaps] == ["completed"] * 2

        claims = {
            name: system.log_lines(name, message="claimed, attempt 1, fence 1")
            for name in (CONTENT, wrong.name)
        }
        assert {name: len(lines) for name, lines in claims.items()} == {CONTENT: 1, wrong.name: 1}
        right, off = (datetime.fromisoformat(claims[name][0]["time"]) for name in (CONTENT, wrong.name))
        assert timedelta(minutes=59) < abs(off - right) < timedelta(minutes=61)
        felt(f"it logs {off:%H:%M}, others {right:%H:%M}")
    assert {roadmap.status()["attempt"] for roadmap in roadmaps} == {1}
