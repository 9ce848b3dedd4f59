"""PostgreSQL is away: nothing is promised that could not be kept, and what was half written is written once."""

import pytest

from harness import Frozen, Killed, Restarted, eventually
from scenarios.material import curriculum
from scenarios.probes import alive, ready
from scenarios.roadmaps.expected_errors import DATABASE_GONE
from scenarios.settings import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.needs("hurt"), pytest.mark.stack(env=QUICK, own_servers=True)]
BACK_SECONDS = 10.0
PAID = "SELECT count(*) FROM generation_steps WHERE status = 'completed'"
BLOCKED = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'roadmaps'::regclass"
FENCE = "SELECT fence FROM roadmap_requests"
REQUEST = {"topic": "Go"}


@pytest.mark.row(9)
def test_nothing_is_promised_while_postgresql_stands_still(system):
    """PostgreSQL and all its backends stand still: POST is answered 503 within 6 s, /health at once; it is back within 10 s."""
    system.expect_errors_while_hurt(DATABASE_GONE, "roadmap-*", most=40)
    user = system.api.sign_up()
    with system.faults.inject(Frozen("postgres"), recovered=lambda: ready(system), within=BACK_SECONDS):
        for _ in range(3):
            user.expect(503, "POST", "/api/v1/roadmaps", json=REQUEST, headers={"Idempotency-Key": "frozen"})
            system.api.expect(200, "GET", "/health")
    assert user.create_roadmap("Go", key="frozen").wait_until_ended()["status"] == "completed"


@pytest.mark.in_turn
@pytest.mark.row(9)
@pytest.mark.parametrize("fault", [Restarted, Killed])
def test_a_roadmap_survives_that_postgresql_is_restarted_under_it(system, fault):
    """PostgreSQL is restarted, or killed, while a roadmap is written: it is back within 10 s, and the roadmap complete."""
    system.expect_errors_while_hurt(DATABASE_GONE, "roadmap-*", most=40)
    system.openai.on(step="intent").answer(times=1, latency=2)
    user = system.api.sign_up()
    roadmap = user.create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    again = fault is Restarted  # it may be back before any process has noticed
    with system.faults.inject(
        fault("postgres"), recovered=lambda: ready(system), within=BACK_SECONDS, stays_well=again
    ):
        assert alive(system)
    assert roadmap.wait_until_ended()["status"] == "completed"


@pytest.mark.row(9)
def test_what_was_accepted_the_moment_before_postgresql_was_killed_is_kept(system):
    """PostgreSQL is killed right after it has said that it has a request: the request is there, with its work."""
    system.expect_errors_while_hurt(DATABASE_GONE, "roadmap-*", most=40)
    user = system.api.sign_up()
    roadmaps = []
    for _ in range(3):
        roadmaps.append(user.create_roadmap("Rust"))
        with system.faults.inject(Killed("postgres"), recovered=lambda: ready(system), within=BACK_SECONDS):
            pass
    assert {roadmap.wait_until_ended()["status"] for roadmap in roadmaps} == {"completed"}


def tasks(system, kind):
    """The events of this kind of all tasks."""
    return [task for task in system.journal.records("task") if task["type"] == kind]


@pytest.mark.row(9)
def test_an_idle_worker_hears_that_postgresql_was_restarted(system):
    """PostgreSQL is restarted while a worker has nothing to do: the next roadmap does not meet the connections of before."""
    user = system.api.sign_up()
    assert user.create_roadmap("Rust").wait_until_ended()["status"] == "completed"
    eventually(  # a task ends after its roadmap, and one that came twice may end later still
        lambda: 0 < len(tasks(system, "task-received")) == len(tasks(system, "task-succeeded")),
        timeout=10,
        what="a worker with nothing to do",
    )
    with system.faults.inject(
        Restarted("postgres"), recovered=lambda: ready(system), within=BACK_SECONDS, stays_well=True
    ):
        pass
    roadmap = user.create_roadmap("Go")
    assert roadmap.wait_until_ended()["status"] == "completed"
    assert roadmap.status()["attempt"] == 1
    assert tasks(system, "task-failed") == []


@pytest.mark.row(10)
def test_a_result_that_was_not_committed_is_written_once(system):
    """PostgreSQL dies between the roadmap and its commit: there is one roadmap in the end, and no part is paid for twice."""
    system.expect_errors_while_hurt(DATABASE_GONE, "roadmap-*", most=40)
    system.openai.on(step="curriculum").reply(curriculum("a", "b", "c"))
    system.openai.on(step="quiz", concept="b").answer(latency=2)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    eventually(lambda: system.database.value(PAID) == 10, timeout=20, what="every other part")

    with system.database.another() as other:
        other.execute("BEGIN; LOCK TABLE roadmaps IN ACCESS EXCLUSIVE MODE")
        eventually(
            lambda: system.database.value(BLOCKED), timeout=20, what="a result on its way, not committed"
        )
        killed = system.faults.inject(
            Killed("postgres"),
            recovered=lambda: ready(system),
            within=BACK_SECONDS,
            leaves=("a second claim", lambda: system.database.value(FENCE) == 2),
        )
        with killed:
            pass
    assert roadmap.wait_until_ended()["status"] == "completed"
    assert system.database.value("SELECT count(*) FROM roadmaps") == 1
    assert len(system.openai.calls()) == 11
