"""Whatever becomes of its attempts, a roadmap that was accepted comes to its end: too slow, in trouble, or larger than one attempt."""

import pytest

from harness import eventually
from scenarios.material import curriculum
from scenarios.probes import http_get
from scenarios.roadmaps.services import CONTENT
from scenarios.settings import QUICK

LIMITS = QUICK | {"CELERY_CONTENT_CONCURRENCY": "1", "MAX_ROADMAPS_IN_THE_MAKING": "1"}
pytestmark = [pytest.mark.e2e]
WAITS_SECONDS = 100  # the provider asks for it; longer than three attempts together
TROUBLE = "the table refuses it"
TRIGGER = f"""
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{TROUBLE}'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON generation_steps FOR EACH ROW EXECUTE FUNCTION refuse();
"""
MENDED = "DROP TRIGGER refuse ON generation_steps"


def all_is_well(system):
    """Check that nothing of the roadmap is left: readiness is green, and the quota is free for another roadmap."""

    def ready():
        return http_get(f"{system.api_url}/health/ready", timeout=10).is_success

    eventually(ready, timeout=20, what="readiness")


def attempts_of(seconds):
    """Settings for attempts of so many seconds; the pause for a provider that is down is as long as fits into one."""
    return LIMITS | {"GENERATION_TIMEOUT_SECONDS": str(seconds), "OPENAI_CIRCUIT_SECONDS": str(seconds / 2)}


@pytest.mark.stack(env=attempts_of(2))
def test_a_provider_that_asks_for_more_patience_than_an_attempt_has_fails_the_roadmap(system):
    """No attempt could wait so long and then ask: failed at once, with the provider's answer, and the quota is free again."""
    system.openai.on(step="intent").fail(429, retry_after=WAITS_SECONDS)
    user = system.api.sign_up()
    roadmap = user.create_roadmap("Rust")

    ended = roadmap.wait_until_ended(timeout=60)

    assert (ended["status"], ended["error"]["code"]) == ("failed", "http_429")
    assert roadmap.status()["attempt"] == 1
    all_is_well(system)
    assert len(system.openai.calls(step="intent")) == 1
    user.create_roadmap("Go")


@pytest.mark.stack(env=attempts_of(3))
def test_a_provider_that_never_answers_fails_the_roadmap(system):
    """No call comes back, and each attempt is over before a call may be: failed after its three calls, and the next one is written."""
    system.openai.on(step="intent", contains="Rust").hang()
    user = system.api.sign_up()
    ended = user.create_roadmap("Rust").wait_until_ended(timeout=60)
    assert ended["status"] == "failed"
    # "interrupted" if the attempt ended after the last call.
    assert ended["error"]["code"] in {"timeout", "interrupted"}
    all_is_well(system)
    assert user.create_roadmap("Go").wait_until_ended()["status"] == "completed"


@pytest.mark.stack(env=LIMITS)
def test_three_attempts_that_meet_an_error_of_ours_fail_the_roadmap(system):
    """Something of ours goes wrong in each attempt: failed, with that reason; once it is mended, its owner tries it again."""
    system.expect_errors(TROUBLE, CONTENT, most=3)
    system.database.execute(TRIGGER)
    user = system.api.sign_up()
    roadmap = user.create_roadmap("Rust")

    ended = roadmap.wait_until_ended(timeout=60)

    assert (ended["status"], ended["error"]["code"]) == ("failed", "attempts_used_up")
    assert ended["error"]["message"] == "Given up after attempt 3: it met an error of ours."
    all_is_well(system)
    system.database.execute(MENDED)
    roadmap.retry()
    assert roadmap.wait_until_ended()["status"] == "completed"


@pytest.mark.stack(env=attempts_of(5))
def test_a_roadmap_that_is_larger_than_an_attempt_takes_several_and_is_complete(system):
    """Each attempt goes on where the last one ended, none of them counts, and what was written once is not asked for again."""
    concepts = [f"c{number}" for number in range(12)]
    system.openai.on(step="curriculum").reply(curriculum(*concepts))
    for concept in concepts:
        system.openai.on(concept=concept).answer(latency=1.0)
    roadmap = system.api.sign_up().create_roadmap("Rust")

    assert roadmap.wait_until_ended(timeout=90)["status"] == "completed"

    assert system.database.value("SELECT fence FROM roadmap_requests") >= 2
    assert roadmap.status()["attempt"] == 1
    assert system.log_lines(CONTENT, message="handed back, attempt given back")
    assert system.database.value("SELECT max(attempts) FROM generation_steps") == 1
    all_is_well(system)
