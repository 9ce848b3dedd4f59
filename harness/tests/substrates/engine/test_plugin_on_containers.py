"""A test session on containers, from outside: one PostgreSQL and one Redis for all its stacks, and what it leaves running."""

import re

import pytest

from harness.tests.shop.project_folder import ProjectFolder

pytestmark = [pytest.mark.e2e, pytest.mark.docker, pytest.mark.timeout(300)]
SCENARIOS = """
import os
import pytest
from harness.substrates.engine.current import the_engine
from harness.stack.client import use
from harness.substrates.engine.labels import NODE, RUN

@pytest.mark.parametrize("number", range(4))
def test_shares(system, number, tmp_path_factory):
    part = system.stack.substrate.part
    found = the_engine().client.containers.list(filters={"label": f"{RUN}={part.premises.run_id}"})
    nodes = sorted(one.labels[NODE] for one in found)
    seen = tmp_path_factory.getbasetemp().parent / "seen"
    with seen.open("a") as file:
        print(os.environ["PYTEST_XDIST_WORKER"], part.database, part.number, part.premises.run_id, *nodes, file=file)
    use(system.stack)
"""


@pytest.fixture
def folder(pytester):
    """The shop's project."""
    return ProjectFolder.copy(pytester.path)


@pytest.fixture
def outside(pytester, folder):
    """A session in it."""
    return pytester


def test_workers_share_two_servers_and_each_has_its_own_databases_and_roles(outside, folder, tmp_path):
    outside.makepyfile(SCENARIOS)
    base = tmp_path / "base"
    result = outside.runpytest_subprocess(
        "--substrate", "containers", "-n", "2", "--dist", "each", f"--basetemp={base}"
    )
    result.assert_outcomes(passed=8)
    result.stdout.fnmatch_lines(["stack: tier corner on containers, Redis with TLS*"])
    seen = {tuple(line.split()) for line in (base / "seen").read_text().splitlines()}
    workers, databases, numbers, runs, *nodes = map(set, zip(*seen, strict=True))
    assert (len(workers), len(databases), len(numbers)) == (2, 2, 2)
    assert len(runs) == 1
    assert nodes == [{"postgres"}, {"redis"}]
    assert not runs & folder.alive()


def test_what_is_kept_on_a_failure_keeps_its_servers_too(outside, folder):
    outside.makepyfile("def test_fails(system):\n    assert system.api is None")
    shown = outside.runpytest_subprocess("--substrate", "containers", "--keep-on-failure").stdout.str()
    (command,) = re.findall(r"end it with: harness (down .*)", shown)
    stack, servers = command.split()[1:]
    try:
        assert {stack, servers} <= folder.alive()
        asked = folder.harness("psql", "--run", stack, "--", "-Atc", "SELECT count(*) FROM orders")
        assert asked.stdout.strip() == "0"
    finally:
        ended = folder.harness(*command.split())
    assert ended.returncode == 0
    assert not {stack, servers} & folder.alive()


def test_a_version_that_an_embedded_stack_cannot_choose_is_refused_in_a_sentence(outside):
    result = outside.runpytest_subprocess("--substrate", "embedded", "--postgres", "15")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*embedded has not PostgreSQL and Redis of a chosen version"])


def test_every_scenario_runs_on_each_of_the_versions(outside):
    outside.makepyfile(
        """
        from harness.stack.client import use

        def test_version(system):
            spec = system.stack.spec
            asked = system.database.value("SHOW server_version"), system.stack.redis.info()["redis_version"]
            assert [found.partition(".")[0] for found in asked] == [spec.postgres, spec.redis]
            use(system.stack)
        """
    )
    versions = ("--postgres", "15,17", "--redis", "7,8")
    result = outside.runpytest_subprocess("-v", "--substrate", "containers", *versions)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*test_version*postgres15-redis8*PASSED*"])
