"""What pytest finds by itself where the harness is installed: nothing for others, all of it for who has `[tool.harness]`."""

import sys

import pytest

from harness.base import pace
from harness.plugin.entry import speaks_of_us
from harness.tests.shop.project_folder import ProjectFolder

LOADED = """
import sys

def test_what_is_loaded(request):
    loaded = sorted(name for name in sys.modules if name.startswith("harness."))
    assert loaded == ["harness.base", "harness.base.project", "harness.plugin", "harness.plugin.entry"], loaded
    assert not request.config.pluginmanager.has_plugin("harness.plugin.hooks")
"""
SCENARIO = """
from harness import Frozen


def test_an_order_survives_a_frozen_database(system, work):
    system.expect_errors_while_hurt("Timeout|Connection|timed out", most=9)
    with system.faults.inject(Frozen("redis")):
        work.ask()
    work.must_ask()
    assert work.all_end()
    assert work.ledger().nothing_doubled().outcome.good
"""


@pytest.mark.parametrize("toml", ["", "[project]\nname = 'theirs'\n", "[tool.other]\n"])
def test_who_does_not_speak_of_us_is_left_alone(tmp_path, toml):
    folder = ProjectFolder(tmp_path)
    if toml:
        (tmp_path / "pyproject.toml").write_text(toml)
    (tmp_path / "test_it.py").write_text(LOADED)
    ended = folder.run(
        sys.executable, "-m", "pytest", "-q", "-p", "no:valkey", "-p", "no:locust", "test_it.py"
    )
    assert "1 passed" in ended.stdout, ended.stdout + ended.stderr
    assert folder.run(sys.executable, "-m", "pytest", "--harness").returncode == pytest.ExitCode.USAGE_ERROR


def test_the_nearest_project_counts(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.harness]\n")
    (tmp_path / "inner/deep").mkdir(parents=True)
    assert speaks_of_us(tmp_path / "inner/deep")
    (tmp_path / "inner/pyproject.toml").write_text("[project]\n")
    assert not speaks_of_us(tmp_path / "inner/deep")
    (tmp_path / "inner/pyproject.toml").write_text("[tool\n")
    assert not speaks_of_us(tmp_path / "inner/deep")


@pytest.fixture
def shop(tmp_path):
    """The shop, whose pytest is told of no plugin."""
    made = ProjectFolder.copy(tmp_path)
    toml = tmp_path / "pyproject.toml"
    toml.write_text(toml.read_text().partition("[tool.pytest")[0])
    yield made
    made.harness("down", "--all")


PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:valkey", "-p", "no:locust")


def test_each_promise_is_a_test_where_that_is_wanted(shop):
    listed = shop.run(*PYTEST, "--harness", "--collect-only").stdout
    assert "killed-group[order]" in listed
    assert "empty-database[order]" in listed
    assert "provider-fails" not in listed
    (shop.path / "test_one.py").write_text("def test_one(): pass\n")
    without = shop.run(*PYTEST, "--collect-only").stdout
    assert "test_one" in without
    assert "killed-group" not in without


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_promises_and_scenarios_are_played(shop):
    (shop.path / "test_packer.py").write_text(SCENARIO)
    ended = shop.run(*PYTEST, "--harness", "-k", "undisturbed or empty-database", timeout=200 * pace.factor())
    assert "1 failed, 1 passed" in ended.stdout, ended.stdout + ended.stderr
    assert (
        "empty-database violated: web says that it is ready, and the first call is answered 503"
        in ended.stdout
    )
    assert "mend: let the readiness path ask the database" in ended.stdout
    scenario = shop.run(*PYTEST, "--substrate", "embedded", "test_packer.py", timeout=200 * pace.factor())
    assert "test_an_order_survives_its_packer" in scenario.stdout or "1 passed" in scenario.stdout, (
        scenario.stdout
    )
