"""Every fault there is, on a real stack: it bites, it heals, and what was accepted under it is written."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from harness.faults import (
    FAULTS,
    Deployed,
    Disconnected,
    Dropped,
    Fault,
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
    Way,
)
from harness.wait import eventually
from scenarios.expected import DATABASE_GONE, REDIS_GONE
from scenarios.probes import ready
from scenarios.services import API, CONTENT
from scenarios.settings import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.needs("hurt"), pytest.mark.stack(own_servers=True, env=QUICK)]


@dataclass(frozen=True)
class Case:
    """A fault, and what a client does while it lasts.

    Args:
        make: the fault.
        under: what is done under it, so that it is felt.
    """

    make: Callable[[], Fault]
    under: Callable

    def __str__(self) -> str:
        fault = self.make()
        return f"{fault.name}-{fault.target}".replace(", ", "-").replace(" ", "-")


def post(_system, user):
    """A roadmap is accepted, whatever happens to workers and Redis."""
    assert user.create_roadmap("Rust").id


def look(system, _user):
    """Whoever needs the database asks it."""
    assert not ready(system)


def nothing(_system, _user):
    """It bites by itself."""


LINK = f"{CONTENT}/redis"
CASES = [
    *(Case(lambda method=method: Killed(CONTENT, method), nothing) for method in KillMethod),
    Case(lambda: Killed("postgres"), nothing),
    Case(lambda: Killed("redis"), post),
    Case(lambda: Frozen(CONTENT), post),
    Case(lambda: Frozen("postgres"), look),
    Case(lambda: Deployed(CONTENT), post),
    Case(lambda: Restarted("redis"), nothing),
    Case(lambda: Disconnected(CONTENT), post),
    Case(Flushed, post),
    Case(Full, post),
    Case(ReadOnly, post),
    Case(lambda: Refused(LINK), nothing),
    Case(lambda: Reset(LINK), nothing),
    Case(lambda: Stalled("redis"), post),
    *(Case(lambda way=way: HalfOpen(f"{API}/redis", way), post) for way in Way),
    Case(lambda: Slow("redis", 0.2), post),
    Case(lambda: Narrow(f"{API}/redis", 2000), post),
    Case(lambda: Dropped(LINK, "content"), post),
]


@pytest.mark.stack(own_servers=False)
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


def test_every_fault_is_tried():
    assert {type(case.make()) for case in CASES} == set(FAULTS)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_bites_and_heals_and_nothing_is_lost(system, case):
    """Each fault is felt and healed; the service is ready again in time, and whatever was accepted is written."""
    system.expect_errors(f"{REDIS_GONE}|{DATABASE_GONE}")
    user = system.api.sign_up()
    with system.faults.inject(case.make(), recovered=lambda: ready(system)):
        case.under(system, user)
    user.create_roadmap("Go").wait_until_ended()
    system.check()
