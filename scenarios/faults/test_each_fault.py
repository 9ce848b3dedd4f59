"""Every fault there is, on a real stack: it bites, it heals, and what was accepted under it is written."""

from collections.abc import Callable
from typing import Any

import pytest

from harness import (
    Deployed,
    Disconnected,
    Dropped,
    Flushed,
    Frozen,
    Full,
    HalfOpen,
    Killed,
    KillMethod,
    Narrow,
    ReadOnly,
    Refused,
    Reset,
    Restarted,
    Slow,
    Stalled,
    eventually,
)
from scenarios.probes import ready
from scenarios.roadmaps.expected_errors import DATABASE_GONE, REDIS_GONE
from scenarios.roadmaps.services import API, CONTENT
from scenarios.settings import QUICK

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.every_substrate,  # each substrate makes a fault in its own way
    pytest.mark.needs("hurt"),
    pytest.mark.stack(own_servers=True, env=QUICK, tls=False),
]


def post(_system, user):
    """Ask for a roadmap, which is accepted whatever happens to workers and Redis."""
    assert user.create_roadmap("Rust").id


def look(system, _user):
    """Ask the database, so that its absence is noticed."""
    eventually(lambda: not ready(system), timeout=10, what="not ready")


def nothing(_system, _user):
    """Do nothing: the fault is noticed by itself."""


LINK = f"{CONTENT}/redis"
KINDS = ("members", "servers", "links")


def cases() -> dict[str, list[tuple[Any, Callable[[Any, Any], None]]]]:
    """Each fault, with the action that makes it noticed."""
    return {
        "members": [
            *((Killed(CONTENT, method), nothing) for method in KillMethod),
            (Frozen(CONTENT), post),
            (Deployed(CONTENT), post),
            (Disconnected(CONTENT), post),
        ],
        "servers": [
            (Killed("postgres"), nothing),
            (Frozen("postgres"), look),
            (Killed("redis"), post),
            (Restarted("redis"), nothing),
            (Flushed(), post),
            (Full(), post),
            (ReadOnly(), post),
        ],
        "links": [
            (Refused(LINK), nothing),
            (Reset(LINK), nothing),
            (Stalled("redis"), post),
            *((HalfOpen(f"{API}/redis", way), post) for way in ("up", "down", "both")),
            (Slow("redis", 0.2), post),
            (Narrow(f"{API}/redis", 2000), post),
            (Dropped(f"{API}/redis", r"^:\d+\r\n"), post),
        ],
    }


# Its own stack: nobody has enabled its workers' events yet.
@pytest.mark.stack(env={"DISPATCH_GRACE_SECONDS": "30"})
def test_the_life_of_a_request_is_in_the_ledger(system):
    """From the moment something may be hurt on, the ledger tells when a request was accepted, delivered, claimed and ended."""
    assert system.faults
    user = system.api.sign_up()
    eventually(
        lambda: len(system.log_lines(CONTENT, message="Events of group {task} enabled by remote.")) == 1,
        timeout=10,
        what="a worker that has been asked for events",
    )
    roadmap = user.create_roadmap("Rust")
    roadmap.wait_until_ended()
    system.check()
    entry = system.ledger.entries[roadmap.id]
    assert len(entry.accepted) == len(entry.delivered) == 1
    assert entry.accepted < entry.delivered
    assert entry.claimed == [(CONTENT, 1, 1)]
    assert (entry.status, entry.roadmaps, entry.attempts) == ("completed", 1, 1)
    assert entry.provider_calls == len(system.openai.calls())
    types = [task["type"] for task in system.journal.records("task") if task.get("roadmap_id") == roadmap.id]
    assert types == ["task-received", "task-started", "task-succeeded"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_fault_bites_and_heals_and_nothing_is_lost(system, kind):
    """One after the other each fault is felt and healed, the service is ready again in time, and whatever was accepted is written."""
    system.expect_errors_while_hurt(f"{REDIS_GONE}|{DATABASE_GONE}|WorkerLostError", "roadmap-*", most=40)
    assert {type(fault) for tried in cases().values() for fault, _ in tried} == {*system.faults.kinds}
    user = system.api.sign_up()
    tried = cases()[kind]
    for fault, under in tried:
        with system.faults.inject(fault, recovered=lambda: ready(system), stays_well=True):
            under(system, user)
        assert user.create_roadmap("Go").wait_until_ended()["status"] == "completed", fault.name
    assert {type(fault).__name__ for fault, _ in tried} == {
        record["name"].partition(",")[0]
        for record in system.journal.records("fault")
        if record["phase"] == "bitten"
    }
