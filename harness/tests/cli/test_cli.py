"""The commands as a person types them."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from harness.base.run import ROOT, RUNS, Run, alive
from harness.base.wait import always
from harness.cli import app
from harness.stack.address import Address
from harness.stack.stack import Stack, StaleStackError

HARNESS = Path(sys.executable).with_name("harness")


PROJECT = f'[tool.pytest.ini_options]\npythonpath = ["{ROOT}"]\naddopts = ["-p", "no:valkey"]'


def harness(
    *arguments: str, timeout: float = 60, path: str = os.environ["PATH"]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [HARNESS, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        cwd="/",
        env=os.environ | {"PATH": path},
    )


def test_without_a_command_it_lists_them():
    shown = harness().stdout
    assert {"verify", "up", "down", "logs", "psql", "doctor"} <= set(re.findall(r"\w+", shown))


def test_a_stack_is_down_though_nobody_asks_after_its_supervisor():
    """As in a container whose first process, which inherits what was left running, takes no note of who ends."""
    careless = subprocess.Popen(
        ["sh", "-c", "sleep 60 & echo $!; exec sleep 60"], stdout=subprocess.PIPE, text=True
    )
    run = Run.begin("own-tests")
    with careless:
        run.remember(int(careless.stdout.readline()))
        ended = harness("down", run.id)
        careless.kill()
    assert (ended.returncode, ended.stdout) == (0, f"ended {run.id}\n"), ended.stderr
    assert run.id not in alive()


def test_a_nemesis_says_its_seed_first_and_shows_its_schedule():
    fresh = harness("nemesis", "--minutes", "2", "--dry-run")
    seed = re.match(r"seed (\d+): ", fresh.stderr)[1]
    again = harness("nemesis", "--minutes", "2", "--dry-run", "--seed", seed)
    assert (again.stdout, again.returncode) == (fresh.stdout, 0)
    assert len(re.findall(r" s long: ", again.stdout)) == 14


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "--tier", "teem"], "there is no tier 'teem'; there are starter"),
        (["up", "--substrate", "moon"], "'moon' is not one of 'embedded'"),
        (["down", "20200101-000000-nobody-abcdef"], "no stack of the run"),
        (["psql", "--run", "nobody"], "no stack of the run 'nobody' is running"),
        (["redis-cli", "--run", "nobody"], "no stack of the run 'nobody' is running"),
        (["logs", "--run", "nobody"], "there is no run 'nobody'"),
        (["reliability", str(ROOT / "docs")], "neither rows of the table nor a nemesis"),
        (["bench", "posting", "juggling"], "there is no benchmark juggling; on embedded there are start"),
        (["fly"], "No such command 'fly'"),
    ],
)
def test_a_users_mistake_is_one_sentence_and_exit_code_2(arguments, said):
    ended = harness(*arguments)
    assert ended.returncode == 2
    assert said in re.sub(r"[│\s]+", " ", ended.stderr)
    assert "Traceback" not in ended.stderr


def test_the_doctor_knows_that_this_machine_runs_stacks():
    ended = harness("doctor")
    assert ended.returncode == 0
    assert "stacks can run here on: embedded" in ended.stdout


@pytest.mark.e2e
def test_verify_says_what_it_proved():
    ended = harness("verify", timeout=100)
    assert ended.returncode == 0, ended.stdout
    assert re.search(r"held (\d+) of \1 promises in", ended.stdout)
    assert re.search(
        r"roadmap +Learn Rust for embedded systems: 2 stages, 4 modules, 8 concepts", ended.stdout
    )
    assert re.search(r"evidence +/\S+", ended.stdout)
    assert "\x1b" not in ended.stdout


@pytest.mark.e2e
def test_up_says_how_to_reach_the_stack_and_ctrl_c_ends_it():
    running = subprocess.Popen([HARNESS, "up"], stdout=subprocess.PIPE, text=True, cwd="/")
    shown = ""
    while "Ctrl-C" not in shown:
        line = running.stdout.readline()
        assert line, shown
        shown += line
    docs = re.search(r"API +(http\S+)", shown)[1]
    assert httpx.get(docs, trust_env=False).status_code == 200
    run = re.search(r"logs +\S+/runs/(\S+)/logs", shown)[1]
    assert run in alive()
    running.send_signal(signal.SIGINT)
    assert running.wait(20) == 0
    assert running.stdout.read() == "stopped\n"
    running.stdout.close()
    assert run not in alive()


@pytest.fixture
def left_running():
    """The id of a stack that was left running."""
    shown = harness("up", "--detach", "--substrate", "embedded").stdout
    run = re.search(r"harness down (\S+)", shown)[1]
    yield run
    harness("down", run)
    assert run not in alive()
    assert not (RUNS / run / "stack.json").exists()


@pytest.mark.e2e
def test_a_stack_that_was_left_running_can_be_looked_at_and_used_again(left_running, pytester):
    run = ("--run", left_running)
    assert (RUNS / left_running / "stack.json").stat().st_mode & 0o777 == 0o600

    # With what every machine has: the wheel's psql, and our own prompt in the place of redis-cli.
    counted = harness("psql", *run, "--", "-Atc", "SELECT count(*) FROM users", path="")
    assert (counted.returncode, counted.stdout) == (0, "1\n"), counted.stderr
    assert harness("redis-cli", *run, "LLEN", "content", path="").stdout == "(integer) 0\n"
    refused = harness("redis-cli", *run, "LLEN", path="")
    assert (refused.returncode, "wrong number of arguments" in refused.stderr) == (1, True)

    pytester.makeconftest('pytest_plugins = ["harness.plugin.hooks"]')
    pytester.makepyprojecttoml(PROJECT)
    pytester.makepyfile(
        """
        def test_uses_it(system, pytestconfig):
            assert system.stack.run.id == pytestconfig.getoption("run")
            system.api.sign_up().create_roadmap("Rust").wait_until_ended()
            worker = system.node("roadmap-celery-content")
            before = worker.pid
            worker.kill()
            worker.start()
            assert worker.pid != before
            system.check()

        def test_finds_it_clean(system):
            assert system.database.value("SELECT count(*) FROM roadmaps") == 0
        """
    )
    pytester.runpytest_subprocess("--reuse", *run).assert_outcomes(passed=2)
    always(lambda: left_running in alive(), during=0.5, what="it lives")
    refused = pytester.runpytest_subprocess("--reuse", *run, "--tier", "team")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines([f"*the stack of {left_running} is of the tier starter"])

    shown = harness("logs", *run, "roadmap-api", "postgres", "-n", "0").stdout
    assert re.search(r"^roadmap-api +[\d:.]{8,12} +info +.*POST", shown, re.MULTILINE)
    assert "roadmap-celery" not in shown
    assert len(harness("logs", *run, "roadmap-api", "-n", "2", "--raw").stdout.splitlines()) == 2
    unknown = harness("logs", *run, "moon")
    assert (unknown.returncode, "has no log of moon; it has openai, postgres" in unknown.stderr) == (2, True)


@pytest.mark.e2e
def test_where_there_is_a_redis_cli_it_is_used_and_nobody_sees_the_password(left_running, tmp_path):
    file = RUNS / left_running / "stack.json"
    file.write_text(re.sub(r'"redis://127', '"redis://:p%20w@127', file.read_text()))
    program = tmp_path / "redis-cli"
    program.write_text('#!/bin/sh\necho "$@"; echo "$REDISCLI_AUTH"')
    program.chmod(0o755)
    said = harness("redis-cli", "--run", left_running, "PING", path=f"{tmp_path}:/bin").stdout
    assert re.fullmatch(r"-u redis://127\.0\.0\.1:\d+/0 PING\np w\n", said)


@pytest.mark.e2e
def test_the_logs_are_of_the_stack_that_runs_even_if_another_has_run_since(left_running, monkeypatch):
    monkeypatch.setattr(
        "harness.base.run.alive", lambda: {left_running: 1}
    )  # whatever other tests have started
    later = RUNS / f"{left_running}-later" / "logs"
    later.mkdir(parents=True)
    try:
        assert "Starting FastAPI" in CliRunner().invoke(app, ["logs", "roadmap-api"]).stdout
    finally:
        shutil.rmtree(later.parent)


@pytest.mark.e2e
def test_a_log_that_is_followed_ends_with_its_stack(left_running):
    with subprocess.Popen(
        [HARNESS, "logs", "-f", "--run", left_running, "roadmap-api"], stdout=subprocess.PIPE, text=True
    ) as following:
        assert "Starting FastAPI" in following.stdout.readline()
        assert harness("down", left_running).returncode == 0
        assert following.wait(10) == 0


@pytest.mark.e2e
def test_a_stack_that_is_used_again_runs_the_sources_as_they_are(left_running, monkeypatch):
    def pids() -> dict[str, int]:
        stack = Stack.attach(Address.find(left_running))
        try:
            return {name: node.pid for name, node in stack.nodes.items()}
        finally:
            stack.stop()

    first = pids()
    assert pids() == first
    (ROOT / "app" / "__init__.py").touch()
    second = pids()
    changed = {name for name, pid in second.items() if pid != first[name]}
    assert changed == {"roadmap-api", "roadmap-celery-logs", "roadmap-celery-content"}
    assert pids() == second

    monkeypatch.setattr("harness.stack.stack.schema_key", lambda: "another")
    with pytest.raises(StaleStackError, match="the migrations have changed"):
        pids()


@pytest.mark.e2e
def test_a_stack_is_used_again_unhurt_or_not_at_all(left_running):
    """Whoever used it last may have been ended in the middle of a fault."""
    last = Stack.attach(Address.find(left_running))
    last.node("roadmap-celery-content").pause()
    last.stop()
    stack = Stack.attach(Address.find(left_running))
    with stack.client() as client:
        client.sign_up().create_roadmap("Rust").wait_until_ended()
    stack.node("redis").kill()
    stack.stop()
    with pytest.raises(StaleStackError, match=r"redis of \S+ has ended"):
        Stack.attach(Address.find(left_running))


@pytest.mark.e2e
def test_a_stack_that_somebody_uses_is_left_to_him(left_running, pytester):
    stack = Stack.attach(Address.find(left_running))
    pytester.makeconftest('pytest_plugins = ["harness.plugin.hooks"]')
    pytester.makepyprojecttoml(PROJECT)
    pytester.makepyfile("def test_uses_it(system): pass")
    refused = pytester.runpytest_subprocess("--reuse", "--run", left_running)
    stack.stop()
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert "obeys somebody else" in refused.stdout.str() + refused.stderr.str()
