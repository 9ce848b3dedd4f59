"""The plugin is tried from outside, on scenarios that are wrong on purpose."""

import re
import sys
from pathlib import Path

import pytest

from harness.run import ROOT, alive

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
SCENARIOS = """
import pytest

def test_fails(system):
    system.api.sign_up()
    assert system.api is None

def test_logs_an_error(system):
    path = system.node("roadmap-api").log.path
    with path.open("a") as log:
        log.write('{"level": "error", "message": "the pool is on fire"}\\n')

def test_expects_the_error(system):
    system.expect_errors("pool is on fire")
    with system.node("roadmap-api").log.path.open("a") as log:
        log.write('{"level": "error", "message": "the pool is on fire"}\\n')

def test_checks_that_nothing_was_lost(system):
    system.api.sign_up().create_roadmap("Rust").wait_until_ended()
    system.database.execute("DELETE FROM roadmaps")
    system.check()

def test_begins_anew(system):
    assert system.database.value("SELECT count(*) FROM users WHERE NOT is_admin") == 0
    assert system.openai.calls() == []

@pytest.mark.stack(tier="developer", env={"OPENAI_MODEL": "another"})
def test_another_stack(system):
    assert system.stack.environments["roadmap-celery-content"]["CELERY_CONTENT_CONCURRENCY"] == "2"
    assert system.stack.environments["roadmap-api"]["OPENAI_MODEL"] == "another"
"""


@pytest.fixture
def outside(pytester):
    """A project of its own that uses the plugin as ours does."""
    pytester.makeconftest('pytest_plugins = ["harness.plugin"]')
    pytester.makepyprojecttoml(
        f'[tool.pytest.ini_options]\npythonpath = ["{ROOT}"]\naddopts = ["-p", "no:valkey"]'
    )
    pytester.makepyfile(SCENARIOS)
    return pytester


def test_each_wrong_scenario_is_seen_and_shown(outside):
    result = outside.runpytest_subprocess()
    result.assert_outcomes(passed=4, failed=2, errors=1)
    shown = result.stdout.str()
    assert "stack: tier starter on embedded" in shown
    assert re.search(r"roadmap-api, \d+ lines, \S+roadmap-api\.log", shown)
    assert "POST '/api/v1/auth/register' 201" in shown
    assert re.search(r"did not expect:\nroadmap-api: .*the pool is on fire", shown)
    assert re.search(r"one_end violated: \S+ is completed with 0 roadmaps", shown)
    assert re.search(r"everything: \S+", shown)


def test_a_failed_scenarios_stack_can_be_kept_and_ended(outside):
    result = outside.runpytest_subprocess("--keep-on-failure", "-k", "test_fails or test_begins_anew")
    result.assert_outcomes(passed=1, failed=1)
    shown = result.stdout.str()
    assert re.search(r"API: http://127\.0\.0\.1:\d+/docs", shown)
    run = re.search(r"end it with: harness down (\S+)", shown)[1]
    assert run in alive()
    ended = outside.run(Path(sys.executable).with_name("harness"), "down", run)
    ended.stdout.fnmatch_lines([f"ended {run}"])
    assert run not in alive()
