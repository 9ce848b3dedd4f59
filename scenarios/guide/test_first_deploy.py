"""An empty database, and services that start in any order."""

import pytest

from scenarios.roadmaps.services import API, CONTENT, LOGS

pytestmark = [pytest.mark.e2e, pytest.mark.every_substrate, pytest.mark.stack(schema=False, start=())]


def tables(system):
    return {
        row["tablename"]
        for row in system.database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    }


def test_workers_that_meet_no_schema_wait_for_the_api_and_say_so(system):
    """Workers that are deployed first wait for the API to migrate, say so, and then work."""
    for name in (CONTENT, LOGS):
        system.node(name).start()
    for name in (CONTENT, LOGS):
        system.node(name).log.wait_for("waiting for the API to migrate.*no schema yet", timeout=20)
    assert tables(system) == set()

    system.node(API).start()
    system.stack.wait_until_ready([API, CONTENT, LOGS])

    assert "roadmaps" in tables(system)
    written = system.api.sign_up().create_roadmap("Bread").wait_until_ended()
    assert written["status"] == "completed"


def test_the_api_migrates_and_makes_the_administrator_once(system):
    """Only the API migrates and makes the administrator; a second start finds both done."""
    system.node(API).start()
    system.stack.wait_until_ready([API])
    system.node(API).stop()
    system.node(API).start()
    system.stack.wait_until_ready([API])

    lines = [line["message"] for line in system.log_lines(API, logger="app.core.migration")]
    assert [line for line in lines if "migrated now" in line and "was created" in line]
    assert [line for line in lines if "nothing to migrate" in line and "exists" in line]
    credentials = system.stack.environments[API]
    admin = system.api.log_in(credentials["ADMIN_EMAIL"], credentials["ADMIN_PASSWORD"])
    assert admin.expect(200, "GET", "/api/v1/auth/me").json()["is_admin"] is True
