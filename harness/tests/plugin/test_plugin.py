"""The plugin is tried from outside, on scenarios that are wrong on purpose."""

import json
import re
import sys
from pathlib import Path

import pytest

from harness.base.run import ROOT, alive

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
SCENARIOS = """
import os
import psutil
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
def test_another_stack(system, pytestconfig):
    is_ours = psutil.Process(system.stack.substrate.supervisor.pid).ppid() == os.getpid()
    assert is_ours == pytestconfig.getoption("spawn")
    assert system.stack.environments["roadmap-celery-content"]["CELERY_CONTENT_CONCURRENCY"] == "2"
    assert system.stack.environments["roadmap-api"]["OPENAI_MODEL"] == "another"
"""


@pytest.fixture
def outside(pytester):
    """A project of its own that uses the plugin as ours does."""
    pytester.makeconftest('pytest_plugins = ["harness.plugin.hooks"]')
    pytester.makepyprojecttoml(
        f'[tool.pytest.ini_options]\npythonpath = ["{ROOT}"]\naddopts = ["-p", "no:valkey", "--substrate", "embedded"]'
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
    assert re.search(r"one_roadmap violated: \S+ is completed with 0 roadmaps", shown)
    assert re.search(r"everything: \S+", shown)
    *_, evidence, last = shown.rstrip().splitlines()
    assert re.match(r"test_each_\S+::test_checks_that_nothing_was_lost: /|.*test_logs_an_error: /", evidence)
    assert "2 failed" in last


def test_the_evidence_of_a_failure_lies_in_one_folder_without_a_secret(outside):
    outside.makepyfile(
        """
        def test_before(system):
            system.api.sign_up("eve")

        def test_fails(system):
            account = system.api.sign_up()
            account.create_roadmap("Rust").wait_until_ended()
            database_url, secrets = system.stack.servers.database_url, system.stack.secrets
            print("token", account._token, secrets)
            assert database_url == list(secrets.values())
        """
    )
    result = outside.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    (shown,) = re.findall(r"::test_fails: (/\S+)", result.stdout.str())
    folder = Path(shown)
    texts = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.*")}
    wanted = {
        "failure.txt",
        "journal.ndjson",
        "queues.json",
        "redis.ndjson",
        "provider.ndjson",
        "environment.json",
    }
    wanted |= {f"logs/{name}.log" for name in ("roadmap-api", "roadmap-celery-content", "postgres", "redis")}
    wanted |= {f"database/{name}.ndjson" for name in ("users", "roadmaps", "execution_logs", "outbox")}
    assert wanted <= set(texts)
    assert "missing.txt" not in texts
    assert "assert database_url == list" in texts["failure.txt"]
    assert (
        "eve-" not in texts["journal.ndjson"] + texts["logs/roadmap-api.log"] + texts["database/users.ndjson"]
    )
    assert '"title": "' in texts["database/roadmaps.ndjson"]
    assert "messages" in texts["provider.ndjson"]
    environment = json.loads(texts["environment.json"])["roadmap-api"]
    assert environment["JWT_SECRET_KEY"] == "<JWT_SECRET_KEY>"
    assert environment["DATABASE_URL"].startswith("postgresql://roadmap:<database password>@")
    forms = [r"sk-[0-9a-f]{32}", r"eyJ[\w-]+\.", r"\$argon2id", r"ops:[0-9a-f]{24}", "harness-local-only"]
    assert [(name, form) for name, text in texts.items() for form in forms if re.search(form, text)] == []


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


def test_what_cannot_be_gathered_is_named_and_hides_nothing(outside):
    outside.makepyfile(
        """
        import pytest

        @pytest.mark.stack(own_servers=True)
        def test_fails(system):
            system.node("postgres").kill()
            assert system.api is None

        @pytest.mark.stack(own_servers=True)
        def test_fails_where_nothing_can_be_written(system):
            (system.stack.run.folder / "failures").touch()
            assert system.api is None

        @pytest.mark.stack(tier="developer")
        def test_expects_no_error_and_cannot_be_stopped(system):
            stop = system.stack.substrate.stop
            def broken():
                stop()
                raise RuntimeError("it did not stop")
            system.stack.substrate.stop = broken
            with system.node("roadmap-api").log.path.open("a") as log:
                log.write('{"level": "error", "message": "the pool is on fire"}\\n')
        """
    )
    result = outside.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=2, errors=1)
    shown = result.stdout.str()
    assert shown.count("assert system.api is None") >= 2
    (folder,) = re.findall(r"::test_fails: (/\S+)", shown)
    assert "the database: " in (Path(folder) / "missing.txt").read_text()
    assert (Path(folder) / "logs" / "roadmap-api.log").exists()
    assert re.search(r"no evidence was gathered: \w+Error", shown)
    assert "it did not stop" in shown
    assert "the pool is on fire" in shown


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks stacks from a warm process")
@pytest.mark.parametrize(
    ("ci", "options", "spawn"), [("", (), False), ("", ("--spawn",), True), ("true", (), True)]
)
def test_a_scenarios_own_stack_is_forked_but_in_ci(outside, monkeypatch, ci, options, spawn):
    monkeypatch.delenv("CI", raising=False)
    if ci:
        monkeypatch.setenv("CI", ci)
    result = outside.runpytest_subprocess("-k", "another_stack", *options)
    result.assert_outcomes(passed=1)
    assert spawn == ("every role is spawned" in result.stdout.str())


def test_the_scenarios_of_a_row_are_run_alone(outside):
    outside.makepyfile(
        test_rows="""
        import pytest

        @pytest.mark.row(7)
        @pytest.mark.parametrize("way", [1, 2])
        def test_seven(way):
            pass

        @pytest.mark.row(8)
        def test_eight():
            pass

        def test_none():
            pass
        """
    )
    result = outside.runpytest_subprocess("--row", "7", "--strict-markers")
    result.assert_outcomes(passed=2, deselected=len(SCENARIOS.split("def test_")) - 1 + 2)


def test_a_scenario_file_that_cannot_be_imported_is_shown_as_pytest_does(outside):
    outside.makepyfile(test_broken="import no_such_module_anywhere")
    result = outside.runpytest_subprocess("test_broken.py")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*1 error*"])
    result.stderr.no_fnmatch_line("*Traceback*")
