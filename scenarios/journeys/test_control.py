"""An owner's actions on a roadmap: try again, cancel, delete."""

import pytest

from scenarios.material import curriculum
from scenarios.roadmaps.services import CONTENT

TABLES = ("roadmap_requests", "generation_steps", "roadmaps", "execution_logs", "outbox")
pytestmark = pytest.mark.e2e


def left(system):
    return {table: n for table in TABLES if (n := system.database.value(f"SELECT count(*) FROM {table}"))}  # noqa: S608


def test_a_retry_pays_only_for_what_is_missing(system):
    """A roadmap that lacks a part is tried again: only that part is asked for, and the roadmap is complete."""
    system.openai.on(step="curriculum").reply(curriculum("a", "b"))
    system.openai.on(step="quiz", concept="b").fail(500, times=3)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    assert roadmap.wait_until_ended()["status"] == "partially_completed"
    assert roadmap.concept("b")["quiz"]["error"]["code"] == "http_500"
    before = len(system.openai.calls())

    roadmap.retry()

    assert roadmap.wait_until_ended()["status"] == "completed"
    asked = [(call.step, call.concept) for call in system.openai.calls()[before:]]
    assert asked == [("quiz", "b")]
    assert roadmap.concept("b")["quiz"]["content"]["questions"]


def test_a_roadmap_that_failed_is_tried_again_from_where_it_was(system):
    """A roadmap without a sound framework is tried again with a new one; the analysis is not paid for twice."""
    circle = curriculum("a", "b", a=["b"], b=["a"])
    system.openai.on(step="curriculum").reply(circle, times=1)
    system.openai.on(step="repair").reply(circle, times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    ended = roadmap.wait_until_ended()
    assert (ended["status"], ended["error"]["code"]) == ("failed", "invalid_framework")

    roadmap.retry()

    assert roadmap.wait_until_ended()["status"] == "completed"
    asked = [call.step for call in system.openai.calls()]
    assert (asked.count("intent"), asked.count("curriculum"), asked.count("repair")) == (1, 2, 1)


def test_what_is_complete_or_in_the_making_is_not_tried_again(system):
    """Only what has ended incompletely can be tried again."""
    ada = system.api.sign_up()
    system.openai.on(step="intent").hang(1.0, times=1)
    roadmap = ada.create_roadmap("Rust")
    assert ada.expect(409, "POST", f"{roadmap.path}/retry").json()["type"] == "/problems/wrong-state"
    roadmap.wait_until_ended()
    ada.expect(409, "POST", f"{roadmap.path}/retry")
    ada.expect(409, "POST", f"{roadmap.path}/cancel")


def test_a_roadmap_is_cancelled_before_anybody_works_on_it(system):
    """Cancelled while it waits: nobody is asked anything."""
    system.node(CONTENT).pause()
    roadmap = system.api.sign_up().create_roadmap("Rust")
    assert roadmap.cancel()["status"] == "cancelled"
    system.node(CONTENT).resume()
    system.stack.wait_until_idle()

    assert system.openai.calls() == []
    assert [e["step"] for e in roadmap.logs(category="lifecycle")] == ["accepted", "cancelled"]


def gave_up(system):
    """Wait until the worker, in this scenario, has noticed that its roadmap is no longer wanted."""
    since = system.stack.cursor(CONTENT)
    system.node(CONTENT).log.wait_for("the lease was lost, nothing was written", timeout=10, since=since)


def test_a_roadmap_is_cancelled_while_it_is_written(system):
    """Cancelled during a call: what the provider answers is not kept, and nothing more is asked."""
    system.openai.on(step="curriculum").hang(2, times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="curriculum")

    roadmap.cancel()

    gave_up(system)
    assert roadmap.read()["status"] == "cancelled"
    assert roadmap.read()["stages"] == []
    assert {call.step for call in system.openai.calls()} == {"intent", "curriculum"}


def test_a_cancelled_roadmap_can_be_tried_again(system):
    """Cancelled, then tried again: it is written after all."""
    system.node(CONTENT).pause()
    roadmap = system.api.sign_up().create_roadmap("Rust")
    roadmap.cancel()
    system.node(CONTENT).resume()

    roadmap.retry()

    assert roadmap.wait_until_ended()["status"] == "completed"


def test_a_deleted_roadmap_leaves_nothing(system):
    """Deleted after its end: no row of it is left, and it is not found on any route."""
    ada = system.api.sign_up()
    roadmap = ada.create_roadmap("Rust")
    roadmap.wait_until_ended()
    system.stack.wait_until_idle()

    roadmap.delete()

    assert left(system) == {}
    for below in ("", "/status", "/logs", "/logs/summary", "/events", "/concepts/a"):
        ada.expect(404, "GET", roadmap.path + below)
    ada.expect(404, "DELETE", roadmap.path)


def test_a_roadmap_that_is_deleted_while_it_is_written_leaves_nothing(system):
    """Deleted during a call: whatever is still on its way finds no place."""
    system.openai.on(step="curriculum").hang(2, times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="curriculum")

    roadmap.delete()

    gave_up(system)
    system.stack.wait_until_idle()
    assert left(system) == {}
