"""On a slow machine limits stretch, and a promise that was not kept in time is neither kept nor broken."""

import pytest

from harness.base import pace
from harness.evidence.checks import Outcome
from harness.evidence.verdict import Verdict
from harness.tests.shop.project_folder import ProjectFolder

SCENARIOS = """
import pytest
from harness.base.pace import TooSlowToTellError

def test_usual(request):
    assert request.config.getoption("timeout") == 60

@pytest.mark.timeout(100)
def test_own(request):
    assert request.node.get_closest_marker("timeout").args == (200.0,)

def test_too_slow_to_tell():
    raise TooSlowToTellError("the first answer", 12.0, 6.0, 2.0)
"""


@pytest.fixture
def scenarios(pytester, monkeypatch):
    """In a project with a time limit, as pytest runs them in a process of their own."""
    pytester.makepyprojecttoml(
        '[tool.pytest.ini_options]\ntimeout = 30\naddopts = ["-p", "harness.plugin.hooks", "-p", "no:schemathesis", "-p", "no:locust", "-p", "no:valkey"]\n'
        'asyncio_default_fixture_loop_scope = "function"\n'
    )
    pytester.makepyfile(SCENARIOS)

    def run(slower, *arguments):
        monkeypatch.setenv(pace.VARIABLE, slower)
        pace.factor.cache_clear()
        return pytester.runpytest_inprocess("--substrate", "embedded", "-rs", *arguments)

    yield run
    monkeypatch.undo()
    pace.factor.cache_clear()


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_every_limit_stretches_and_what_cannot_be_told_is_skipped(scenarios, workers):
    result = scenarios("2", *workers)
    result.assert_outcomes(passed=2, skipped=1)
    shown = result.stdout.str()
    assert "this machine is busy or slow: waits are 2.0 times as long" in shown
    assert (
        "unknown: the first answer took 12.0 s, 6 s are promised; this machine is 2.0 times too slow" in shown
    )


def test_a_limit_that_was_given_by_hand_stays(scenarios):
    scenarios("2", "--timeout", "60", "-k", "usual").assert_outcomes(passed=1)


def test_a_fast_machine_changes_nothing(scenarios):
    result = scenarios("1", "-k", "usual or own")
    result.assert_outcomes(failed=2)  # their limits are not stretched
    assert "stretched" not in result.stdout.str().partition("FAILURES")[0]


def test_a_factor_that_is_none_ends_the_session(scenarios):
    result = scenarios("soon")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "HARNESS_PACE: 'soon' is no number from 1 to 20" in result.stderr.str()


LATE = """
from dataclasses import replace
from harness.evidence.checks import Judges

def test_late(system):
    hasty = replace(system.app, budgets={("POST", "/orders"): 0.001})
    system.judges = Judges.of(hasty)
    system.api.ask()
"""


@pytest.mark.in_turn
@pytest.mark.e2e
@pytest.mark.parametrize(("slower", "ended"), [("2", {"skipped": 1}), ("1", {"errors": 1})])
def test_an_answer_later_than_its_budget_is_unknown_on_a_slow_machine_and_an_error_on_a_fast_one(
    pytester, monkeypatch, slower, ended
):
    ProjectFolder.copy(pytester.path)
    pytester.makepyfile(LATE)
    monkeypatch.setenv(pace.VARIABLE, slower)
    result = pytester.runpytest_subprocess("--substrate", "embedded", "-rs")
    result.assert_outcomes(passed=1, **ended)
    assert ("2.0 times too slow to tell" in result.stdout.str()) == ("skipped" in ended)
    (run,) = (path.parent for path in pytester.path.rglob("verdict.json"))
    (one,) = Verdict.load(run).judged.values()
    assert one.outcome is (Outcome.UNKNOWN if "skipped" in ended else Outcome.VIOLATED)
