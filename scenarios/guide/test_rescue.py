"""The guide's second problem: the database has no tables."""

import os
import subprocess
import sys

import pytest

from harness import eventually
from scenarios.probes import http_get
from scenarios.roadmaps.application import ROOT
from scenarios.roadmaps.services import API, CONTENT, LOGS

pytestmark = [pytest.mark.e2e, pytest.mark.stack(schema=False, start=())]


def test_a_missing_schema_is_named_and_made_by_hand(system):
    """Workers without tables say that they wait for them; `scripts/create_tables.py` makes them, and the workers go on."""
    for service in (CONTENT, LOGS):
        system.node(service).start()
        system.node(service).log.wait_for("waiting for the API to migrate.*no schema yet", timeout=20)
    made = subprocess.run(
        [sys.executable, ROOT / "scripts" / "create_tables.py"],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": system.stack.servers.database_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert "migrating the database from nothing" in made.stdout
    system.stack.wait_until_ready([CONTENT, LOGS])


def test_readiness_names_a_schema_that_was_lost(system):
    """Somebody drops the tables under a running API: readiness says which schema is there and which is needed."""
    system.node(API).start()
    system.stack.wait_until_ready([API])
    system.database.execute("DROP TABLE alembic_version")

    def refused():
        answer = http_get(f"{system.api_url}/health/ready?check=database", timeout=10)
        return answer if answer.status_code == 503 else None

    answer = eventually(refused, timeout=10, what="not ready")
    assert "database has schema none" in answer.json()["detail"]
