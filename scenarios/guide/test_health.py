"""The route that Railway asks during a deploy."""

import pytest

from harness import Refused, eventually
from scenarios.probes import http_get, ready
from scenarios.roadmaps.services import CONTENT, FLOWER, LOGS

pytestmark = pytest.mark.e2e
PROBE = {"Host": "healthcheck.railway.app"}
WITHOUT_WORKERS = (LOGS, CONTENT, FLOWER)
COMMIT = "6d2dd8f03c1f6d5a4a0a1be2c3d4e5f60718293a"


def asked(system):
    return http_get(f"{system.api_url}/health", headers=PROBE, timeout=5)


@pytest.mark.remote
def test_health_answers_200_at_once_whatever_host_it_is_asked_for(system):
    """Railway's probe, with its own host name, gets exactly 200 and no redirect."""
    answer = asked(system)
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


@pytest.mark.needs("hurt")
@pytest.mark.stack(omit=WITHOUT_WORKERS, own_servers=True)
def test_health_needs_neither_database_nor_redis(system):
    """With PostgreSQL and Redis away the API still answers its probe: Railway must not take it for dead."""
    with system.faults.inject(Refused("postgres")), system.faults.inject(Refused("redis")):
        eventually(lambda: not ready(system), timeout=10, what="not ready")
        assert asked(system).status_code == 200


@pytest.mark.stack(env={"RAILWAY_GIT_COMMIT_SHA": COMMIT}, omit=WITHOUT_WORKERS)
def test_health_says_which_commit_is_deployed(system):
    """The commit that Railway deployed is in the answer."""
    assert asked(system).json() == {"status": "ok", "commit": COMMIT}
