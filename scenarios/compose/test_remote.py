"""A composed deployment stands in for a live one: only its address is known."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.docker, pytest.mark.compose, pytest.mark.timeout(1500)]
COMMIT = "6d2dd8f03c1f6d5a4a0a1be2c3d4e5f60718293a"
LEFT = "SELECT (SELECT count(*) FROM users WHERE NOT is_admin) + (SELECT count(*) FROM roadmap_requests)"


def verified(project, *arguments):
    """Run `harness verify` against the deployment, as a person would type it."""
    return subprocess.run(
        [
            *(Path(sys.executable).with_name("harness"), "verify", "--substrate", "remote"),
            *("--url", project.url(), *arguments),
        ],
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_composed_deployment_is_verified_as_a_client_and_left_as_it_was(project):
    """Every promise of a live deployment is proved by its address alone; another build is refused; nothing stays."""
    project.bash(f"RAILWAY_GIT_COMMIT_SHA={COMMIT} docker compose --profile fake-openai up --wait")

    query = f'exec -T postgres psql -h 127.0.0.1 -U roadmap -Atc "{LEFT}"'
    before = project.compose(query)  # other scenarios may have left something

    refused = verified(project, "--commit", "0123456", "--allow-paid")
    assert refused.returncode == 2
    assert f"is of the commit {COMMIT}, not 0123456" in refused.stderr

    ended = verified(project, "--commit", COMMIT, "--allow-paid")
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}\n{project.logs()}"
    assert re.search(r"held (\d+) of \1 promises", ended.stdout)
    assert project.compose(query) == before
