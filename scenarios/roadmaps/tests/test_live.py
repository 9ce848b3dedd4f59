"""`harness verify --substrate remote` against a stack that plays the live deployment."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness import Stack, StackSpec
from harness.base import pace
from harness.stack.target import Target, prove
from scenarios.roadmaps.application import app
from scenarios.roadmaps.cost import MOST_CALLS, cost

pytestmark = pytest.mark.once
HARNESS = Path(sys.executable).with_name("harness")
COMMIT = "6d2dd8f03c1f6d5a4a0a1be2c3d4e5f60718293a"


def verify(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [HARNESS, "verify", "--substrate", "remote", *arguments],
        capture_output=True,
        text=True,
        timeout=100 * pace.factor(),
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
    )


@pytest.fixture(scope="module")
def deployment():
    """A stack of which only the address is known."""
    spec = StackSpec(substrate="embedded", env={"RAILWAY_GIT_COMMIT_SHA": COMMIT})
    with Stack(spec, "deployed") as stack:
        yield stack


def left_behind(stack):
    counted = (
        "SELECT (SELECT count(*) FROM users WHERE NOT is_admin) + (SELECT count(*) FROM roadmap_requests)"
    )
    return stack.database.value(counted)


@pytest.mark.e2e
def test_without_leave_nothing_that_costs_is_asked_and_nothing_stays(deployment):
    ended = verify("--url", deployment.api_url, "--commit", COMMIT)
    assert ended.returncode == 3, ended.stdout + ended.stderr  # what was not asked is not proved
    assert f"{deployment.api_url} is of the commit {COMMIT}" in ended.stdout
    assert "it costs nothing: 2 scenarios wait for --allow-paid" in ended.stdout
    assert re.search(r"^pass +Railway's probe, with its own host name", ended.stdout, re.MULTILINE)
    assert re.search(r"^skipped +A roadmap that is asked for is written", ended.stdout, re.MULTILINE)
    assert re.search(r"held 5 of 7 promises", ended.stdout)
    assert deployment.openai.calls() == []
    assert left_behind(deployment) == 0


@pytest.mark.e2e
def test_with_leave_a_roadmap_is_made_and_deleted(deployment):
    ended = verify("--url", deployment.api_url, "--commit", COMMIT[:10], "--allow-paid")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (
        f"and 3 roadmaps: 2 calls to its provider and 3 for each concept, {3 * MOST_CALLS} at most"
        in ended.stdout
    )
    assert re.search(r"held 7 of 7 promises", ended.stdout)
    assert len({call.request for call in deployment.openai.calls()}) == 3
    assert left_behind(deployment) == 0
    deployment.openai.reset()


@pytest.mark.in_turn
@pytest.mark.e2e
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--commit", "0123456"], f"is of the commit {COMMIT}, not 0123456"),
        ([], f"is of the commit {COMMIT}, not "),  # this checkout's
    ],
)
def test_another_build_is_refused_before_anything_is_asked_of_it(deployment, arguments, said):
    ended = verify("--url", deployment.api_url, *arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert ended.stdout == ""


@pytest.mark.e2e
def test_any_build_can_be_meant(deployment):
    assert prove(Target(deployment.api_url), app.told_build) == COMMIT


def test_scenarios_without_leave_make_no_roadmaps(request):
    assert "costs nothing: 0 scenarios" in cost([request.node], paid=False)[0]
    assert "0 roadmaps" in cost([request.node], paid=True)[0]
