"""Fewer services than roles: the guide's ways to save money, and their effects."""

import os

import pytest

from harness import eventually
from scenarios.roadmaps.application import app
from scenarios.roadmaps.services import API, CONTENT, FLOWER, LOGS

pytestmark = pytest.mark.e2e
DEVELOPMENT = {"ENVIRONMENT": "development"}
ALL = {"ALSO_RUN": "celery_logs,celery_content"}
TIERS = app.tiers


@pytest.mark.stack(env={**DEVELOPMENT, "ALSO_RUN": "celery_logs"}, omit=(LOGS, FLOWER))
def test_the_logs_worker_can_live_in_the_apis_service(system):
    """For development the API's service runs the logs worker too: log events are stored without a service for it."""
    roadmap = system.api.sign_up().create_roadmap("Rust")
    assert roadmap.wait_until_ended()["status"] == "completed"
    system.check()
    assert [line for line in system.log_lines(API, role="celery_logs") if "stored" in line["message"]]
    assert system.node(API).stop() == 0


@pytest.mark.stack(env=DEVELOPMENT, start=())
def test_production_refuses_to_merge(system):
    """In production a service that is to run another role too ends at once, and says why."""
    node = system.deploy(API, ALSO_RUN="celery_logs", ENVIRONMENT="production")
    system.expect_errors("ALSO_RUN is for development", API)
    system.leave_down(API)
    eventually(lambda: not node.alive, timeout=10, what="its end", evidence=lambda: node.log.tail(5))
    assert node.returncode == os.EX_CONFIG
    eventually(
        lambda: "every role has a service of its own" in node.log.text(),
        timeout=10,
        what="the reason",
        evidence=node.log.text,
    )


@pytest.mark.stack(  # not Starter: the memory of one of its services, 512 MB, is too small for all roles at once
    tier="developer",
    env={**DEVELOPMENT, **ALL, "MAX_ROADMAPS_IN_THE_MAKING": "1000"},
    omit=(LOGS, CONTENT, FLOWER),
)
def test_a_single_service_does_not_use_up_the_connections(system):
    """All roles in one service, and more requests than connections: each gets its answer, and the pools stay in their bounds."""
    ada = system.api.sign_up()
    roadmaps = [ada.create_roadmap(f"Topic {number}") for number in range(20)]
    held = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = ANY($1)"
    )
    roles = ["api", "celery_logs", "celery_content"]
    most = 0
    for roadmap in roadmaps:
        assert roadmap.wait_until_ended()["status"] == "completed"
        most = max(most, system.database.value(held, roles))
    tier = TIERS[system.stack.spec.tier]
    pool = int(system.stack.environments[API]["DATABASE_POOL_SIZE"])
    assert 0 < most <= sum(tier.concurrency.values()) * pool + 2  # each worker's beat has one of its own
    system.show("connections at most", most)


@pytest.mark.stack(omit=(LOGS, CONTENT, FLOWER))
def test_without_workers_a_request_is_kept_and_not_failed(system):
    """Only the API runs: a request is accepted and waits; it fails in nothing, and is written once there is a worker."""
    roadmap = system.api.sign_up().create_roadmap("Rust")
    assert roadmap.status()["status"] == "queued"
    for service in (CONTENT, LOGS):
        system.deploy(service)
    assert roadmap.wait_until_ended()["status"] == "completed"
