"""From a request to a roadmap."""

import pytest

from scenarios.roadmaps.services import API, CONTENT, LOGS

pytestmark = [pytest.mark.e2e, pytest.mark.every_substrate, pytest.mark.verify]


@pytest.mark.remote(paid=1)
def test_a_roadmap_is_created_and_completed(system):
    """A roadmap that is asked for is written, with every part of every concept."""
    ada = system.api.sign_up("ada")
    roadmap = ada.create_roadmap("Rust for embedded systems", goal="Write firmware for a small robot")

    written = roadmap.wait_until_ended()

    assert (written["status"], written["error"]) == ("completed", None)
    modules = [module for stage in written["stages"] for module in stage["modules"]]
    concepts = [concept for module in modules for concept in module["concepts"]]
    assert concepts
    assert {concept[part] for concept in concepts for part in ("tutorial", "resources", "quiz")} == {
        "completed"
    }
    assert roadmap.status()["progress"] == {
        "parts_total": 3 * len(concepts),
        "parts_completed": 3 * len(concepts),
        "parts_failed": 0,
    }
    size = f"{len(written['stages'])} stages, {len(modules)} modules, {len(concepts)} concepts"
    system.show("roadmap", f"{written['title']}: {size}")


def test_the_three_roles_each_did_their_part(system):
    """The API accepted it, the content worker wrote it, the logs worker stored its log: each by the same ids."""
    roadmap = system.api.sign_up().create_roadmap("Gardening in a small yard")
    roadmap.wait_until_ended()
    system.check()

    ids = {"roadmap_id": roadmap.id, "request_id": roadmap.http_request_id}
    assert system.log_lines(API, role="api", **ids)
    assert system.log_lines(CONTENT, role="celery_content", **ids)
    assert system.log_lines(LOGS, role="celery_logs", roadmap_id=roadmap.id)

    asked = system.openai.calls(request=roadmap.id)
    assert [call.step for call in asked[:2]] == ["intent", "curriculum"]
    stored = [(event["category"], event["step"]) for event in roadmap.logs()]
    assert stored.count(("lifecycle", "accepted")) == stored.count(("lifecycle", "completed")) == 1
    assert sum(category == "progress" for category, _ in stored) == len(asked)


def test_a_retry_with_the_same_key_is_the_same_roadmap(system):
    """A client that asks again with its Idempotency-Key gets the same roadmap, and nobody pays twice."""
    ada = system.api.sign_up()
    first, again = (ada.create_roadmap("Chess openings", key="retry-1") for _ in range(2))
    first.wait_until_ended()
    late = ada.create_roadmap("Chess openings", key="retry-1")

    assert {first.id, again.id, late.id} == {first.id}
    asked = [(call.step, call.concept) for call in system.openai.calls()]
    assert len(asked) == len(set(asked))
    other = ada.expect(
        422, "POST", "/api/v1/roadmaps", json={"topic": "Go openings"}, headers={"Idempotency-Key": "retry-1"}
    )
    assert other.json()["type"] == "/problems/idempotency-key-reused"
