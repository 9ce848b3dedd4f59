"""Providers that are only compatible: what one refuses of the way that JSON is asked for is not asked for again."""

import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.once,
    pytest.mark.stack(env={"OPENAI_RESPONSE_FORMAT": "auto", "CELERY_CONTENT_CONCURRENCY": "1"}),
]


@pytest.mark.in_turn
@pytest.mark.parametrize("dialect", ["json_schema", "json_object", "text"])
def test_a_roadmap_is_written_by_a_provider_of_any_dialect(system, dialect):
    """A roadmap completes with a provider that takes strict schemas, one that takes JSON alone, and one that takes words alone."""
    system.openai.dialect(dialect)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    assert roadmap.wait_until_ended()["status"] == "completed"
    rejected = system.openai.calls(outcome="rejected")
    assert len(rejected) <= 2, "what was refused is remembered"
    assert {call.status for call in rejected} <= {400}
