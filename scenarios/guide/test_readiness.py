"""Readiness and metrics, as an operator reads them."""

import pytest

from harness import eventually
from scenarios.probes import http_get
from scenarios.roadmaps.services import CONTENT, FLOWER

pytestmark = pytest.mark.e2e


def answered(system, path, **headers):
    return http_get(f"{system.api_url}{path}", headers=headers, timeout=20)


@pytest.mark.remote
def test_readiness_holds_with_every_role_running(system):
    """With every role running, readiness answers 200."""
    eventually(lambda: answered(system, "/health/ready").status_code == 200, timeout=10, what="readiness")


@pytest.mark.stack(omit=(CONTENT, FLOWER))
def test_a_queue_without_a_consumer_is_named(system):
    """Without the content worker a request is accepted and stays queued, and readiness says why."""
    roadmap = system.api.sign_up().create_roadmap("Rust")

    def missing():
        answer = answered(system, "/health/ready")
        assert answer.status_code == 503
        return [error["pointer"] for error in answer.json()["errors"]]

    eventually(
        lambda: missing() == ["/queues/content"],
        timeout=10,
        what="the logs worker",
        evidence=lambda: str(missing()),
    )
    assert roadmap.status()["status"] == "queued"
    system.deploy(CONTENT)  # now the roadmap is written


@pytest.mark.stack(env={"METRICS_TOKEN": "metrics-for-the-scenario"})
def test_metrics_are_there_for_who_knows_the_token(system):
    """The metrics page is in Prometheus' format, and does not exist for who does not know its token."""
    system.api.sign_up().create_roadmap("Rust").wait_until_ended()
    assert answered(system, "/metrics").status_code == 404
    assert answered(system, "/metrics", Authorization="Bearer wrong").status_code == 404
    page = answered(system, "/metrics", Authorization="Bearer metrics-for-the-scenario")
    assert page.status_code == 200
    assert 'roadmap_requests{status="completed"} 1.0' in page.text
    assert 'roadmap_queue_consumers{queue="content"} 1.0' in page.text
