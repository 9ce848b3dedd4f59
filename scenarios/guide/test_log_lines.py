"""The log lines that the guide tells an operator to look for."""

import json

import pytest

from app.roles import ROLES
from scenarios.roadmaps.services import API, CONTENT, LOGS

pytestmark = pytest.mark.e2e
ROLE_OF = {
    API: "api",
    LOGS: "celery_logs",
    CONTENT: "celery_content",
}


# Its own stack: a worker that is stopped prints lines of Celery that are not JSON.
@pytest.mark.stack(env={"CELERY_LOG_LEVEL": "info"})
def test_every_role_begins_with_its_banner_and_writes_only_json_lines(system):
    """Every role begins with its banner, and every line it writes is one JSON object with level and role."""
    for service, role in ROLE_OF.items():
        lines = [json.loads(line.text) for line in system.node(service).log.lines()]
        assert lines[0]["message"] == ROLES[role].banner
        assert {line["role"] for line in lines} == {role}
        assert all(line["level"] and line["message"] for line in lines)


@pytest.mark.parametrize("queue", ["logs", "content"])
def test_each_worker_says_that_it_is_ready(system, queue):
    """Each worker says `<queue>@<host> ready.` (the guide has it the other way round)."""
    assert system.node(f"roadmap-celery-{queue}").log.wait_for(rf"^{queue}@\S+ ready\.$", timeout=5)
