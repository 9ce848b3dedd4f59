"""A provider key that is dead, or an account that may not: said where an operator looks, and over as soon as a call succeeds."""

import pytest

from harness import eventually
from scenarios.material import curriculum
from scenarios.probes import http_get
from scenarios.roadmaps.services import API, CONTENT

pytestmark = [pytest.mark.e2e, pytest.mark.once]
# Its own stack: the error is logged once a minute.
pytestmark += [pytest.mark.stack(env={"CELERY_CONTENT_CONCURRENCY": "1"})]


def refused(system):
    """The answer of a red readiness; None while it is green, because a process may still have a good result of a second ago."""
    answer = ready(system)
    return None if answer.is_success else answer


def ready(system, only=""):
    return http_get(f"{system.stack.api_url}/health/ready{only}", timeout=10)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"status": 401}, "OPENAI_API_KEY"),
        ({"status": 403}, "OPENAI_API_KEY"),
        ({"status": 404}, "OPENAI_MODEL"),
        ({"status": 429, "code": "insufficient_quota"}, "credit"),
    ],
    ids=lambda value: str(value.get("status")) if isinstance(value, dict) else "",
)
def test_a_dead_key_is_told(system, fault, named):
    """Each call is refused: the worker's log says so as one error, readiness too, and both are over with the first that succeeds."""
    # Once for each process of the pool.
    system.expect_errors("the provider .* OPENAI_API_KEY", CONTENT, most=2)
    eventually(lambda: ready(system).is_success, timeout=30, what="readiness")
    system.openai.on(step="intent", contains="with a dead key").fail(fault["status"], code=fault.get("code"))
    user = system.api.sign_up()
    roadmaps = [user.create_roadmap(topic) for topic in ("Rust with a dead key", "Go with a dead key")]
    assert {roadmap.wait_until_ended()["status"] for roadmap in roadmaps} == {"failed"}

    since = system.stack.cursor(CONTENT)
    line = system.node(CONTENT).log.wait_for("the provider .* OPENAI_API_KEY", timeout=10, since=since)
    assert line.fields["level"] == "error"
    assert named in line.message
    told = [one for one in system.log_lines(CONTENT) if "OPENAI_API_KEY" in one["message"]]
    assert len(told) <= 2  # once for each process of the pool
    answer = eventually(lambda: refused(system), timeout=10, what="not ready")
    assert (answer.status_code, named in answer.json()["detail"]) == (503, True)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/provider"]
    assert ready(system, "?check=database&check=redis").is_success  # the route that a deploy asks
    assert http_get(f"{system.stack.api_url}/health").is_success

    system.openai.on(step="curriculum").reply(curriculum("a"))
    assert user.create_roadmap("Zig").wait_until_ended()["status"] == "completed"
    eventually(
        lambda: ready(system).is_success,
        timeout=10,
        what="readiness again",
        evidence=lambda: ready(system).text,
    )
    for name in (API, CONTENT):
        assert system.stack.secrets["OPENAI_API_KEY"] not in system.node(name).log.text()
