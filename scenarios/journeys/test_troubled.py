"""A roadmap's result when the provider fails in some way."""

import pytest

from scenarios.material import curriculum

pytestmark = [pytest.mark.e2e, pytest.mark.verify]


def test_a_part_that_cannot_be_had_leaves_the_rest(system):
    """A part that the provider refuses leaves the roadmap partially completed, with the reason."""
    system.openai.on(step="curriculum").reply(curriculum("a", "b", "c"))
    system.openai.on(step="quiz", concept="b").refuse()

    roadmap = system.api.sign_up().create_roadmap("Rust")
    written = roadmap.wait_until_ended()

    assert written["status"] == "partially_completed"
    assert "declined" in written["error"]["message"]
    concepts = {c["name"]: c for c in written["stages"][0]["modules"][0]["concepts"]}
    parts = {
        (concept, part): concepts[concept][part]
        for concept in "abc"
        for part in ("tutorial", "resources", "quiz")
    }
    assert parts.pop(("b", "quiz")) == "failed"
    assert set(parts.values()) == {"completed"}
    assert roadmap.status()["progress"] == {"parts_total": 9, "parts_completed": 8, "parts_failed": 1}


def test_passing_faults_are_asked_again_within_bounds(system):
    """Errors, cut and garbled answers of the provider are asked again, each step at most three times."""
    system.openai.on(step="intent").fail(429, times=1, retry_after=0.05)
    system.openai.on(step="curriculum").garble(times=1).cut(times=1).reply(curriculum("a", "b"))
    system.openai.on(step="tutorial").fail(500, times=1)

    roadmap = system.api.sign_up().create_roadmap("Rust")

    assert roadmap.wait_until_ended()["status"] == "completed"
    asked = {
        step: len(system.openai.calls(step=step)) for step in ("intent", "curriculum", "tutorial", "quiz")
    }
    assert asked == {"intent": 2, "curriculum": 3, "tutorial": 4, "quiz": 2}
    system.stack.wait_until_idle()
    warned = [event for event in roadmap.logs() if event["level"] == "warning"]
    assert len(warned) == 1 + 2 + 2


def test_an_unsound_curriculum_is_repaired_once(system):
    """A curriculum that goes in a circle is sent back once, with what is wrong with it."""
    system.openai.on(step="curriculum").reply(curriculum("a", "b", a=["b"], b=["a"]))

    roadmap = system.api.sign_up().create_roadmap("Rust")

    assert roadmap.wait_until_ended()["status"] == "completed"
    (repair,) = system.openai.calls(step="repair")
    assert "prerequisites go in a circle: a -> b -> a" in str(system.openai.body(repair))


def test_without_a_framework_there_is_no_roadmap(system):
    """A provider that fails for good fails the roadmap, with the reason and nothing half written."""
    system.openai.on(step="curriculum").fail(503)

    roadmap = system.api.sign_up().create_roadmap("Rust")
    ended = roadmap.wait_until_ended()

    assert (ended["status"], ended["stages"]) == ("failed", [])
    assert ended["error"] == {"code": "http_503", "message": "The provider answered 503."}
    assert len(system.openai.calls(step="curriculum")) == 3
    system.stack.wait_until_idle()
    assert [e["step"] for e in roadmap.logs() if e["category"] == "lifecycle"] == ["accepted", "failed"]
