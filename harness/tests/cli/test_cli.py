"""The commands as a person types them, in the shop's project."""

import json
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from contextlib import ExitStack

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from harness.base import pace
from harness.base.http import http_get
from harness.base.run import Run, alive
from harness.base.wait import always
from harness.cli import app
from harness.tests.shop.project_folder import HARNESS, ProjectFolder


@pytest.fixture(scope="module")
def harness(shop_folder):
    """Types a command."""
    return shop_folder.harness


def test_without_a_command_it_lists_them(harness):
    shown = harness().stdout
    assert {"verify", "up", "down", "logs", "psql", "doctor"} <= set(re.findall(r"\w+", shown))


def commands():
    """Each, with the group that it belongs to."""
    for name, command in get_command(app).commands.items():
        yield from ([name, own] for own in getattr(command, "commands", ()))
        if not hasattr(command, "commands"):
            yield [name]


@pytest.mark.parametrize("words", [*commands()], ids=" ".join)
def test_the_help_of_each_command_has_an_example_of_it(words):
    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert f"For example: harness {' '.join(words)}" in shown.output


@pytest.fixture
def two_stacks(shop_folder, monkeypatch):
    """The ids of two that seem to run: each has a process that only sleeps."""
    monkeypatch.setattr("harness.base.run.RUNS", shop_folder.runs)
    with ExitStack() as stack:
        ids = []
        for _ in range(2):
            supervisor = stack.enter_context(subprocess.Popen(["sleep", "60"]))
            stack.callback(supervisor.kill)
            run = Run.begin("own-tests")
            stack.callback(shutil.rmtree, run.data)
            run.remember(supervisor.pid)
            ids.append(run.id)
        yield ids


def test_of_several_stacks_none_is_ended_by_mistake(harness, shop_folder, two_stacks):
    one, other = two_stacks
    refused = harness("down")
    assert (refused.returncode, one in refused.stderr, other in refused.stderr) == (2, True, True)
    assert "--all ends every one" in refused.stderr
    assert shop_folder.alive() >= {one, other}
    assert harness("down", one, "--all").returncode == 2
    assert harness("down", one[-6:]).stdout == f"ended {one}\n"
    assert other in shop_folder.alive()
    assert f"ended {other}" in harness("down", "--all").stdout
    assert harness("down").stdout == "no stack is running\n"


def test_the_stacks_that_run_are_listed(harness, two_stacks):
    shown = harness("ps").stdout
    assert all(run[-6:] in shown for run in two_stacks)
    listed = [json.loads(line) for line in harness("ps", "--json").stdout.splitlines()]
    assert [stack["run"] for stack in listed] == sorted(two_stacks)
    assert {stack["substrate"] for stack in listed} == {"starting"}
    harness("down", "--all")
    assert "no stack is running" in harness("ps").stdout


def test_old_runs_are_cleaned_away_and_those_that_run_stay(harness, shop_folder, two_stacks):
    before = {path.name for path in shop_folder.runs.iterdir()}
    assert "would be removed" in harness("clean", "--keep", "0", "--failures", "0", "--dry-run").stdout
    assert {path.name for path in shop_folder.runs.iterdir()} == before
    assert harness("clean", "--keep", "0", "--failures", "0").returncode == 0
    assert {path.name for path in shop_folder.runs.iterdir()} == set(two_stacks)
    harness("down", "--all")


def test_a_stack_is_down_though_nobody_asks_after_its_supervisor():
    """As in a container whose first process, which inherits what was left running, takes no note of who ends."""
    careless = subprocess.Popen(
        ["sh", "-c", "sleep 60 & echo $!; exec sleep 60"], stdout=subprocess.PIPE, text=True
    )
    run = Run.begin("own-tests")
    with careless:
        run.remember(int(careless.stdout.readline()))
        ended = CliRunner().invoke(app, ["down", run.id])
        careless.kill()
    assert (ended.exit_code, ended.stdout) == (0, f"ended {run.id}\n"), ended.stderr
    assert run.id not in alive()


def test_a_nemesis_says_its_seed_first_and_shows_its_schedule(harness):
    fresh = harness("nemesis", "--minutes", "2", "--dry-run")
    seed = re.match(r"seed (\d+): ", fresh.stderr)[1]
    again = harness("nemesis", "--minutes", "2", "--dry-run", "--seed", seed)
    assert (again.stdout, again.returncode) == (fresh.stdout, 0)
    assert len(re.findall(r" s long: ", again.stdout)) == 14


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "--tier", "mall"], "there is no tier 'mall'; there are corner, market"),
        (["up", "--substrate", "moon"], "there is no substrate 'moon'; there are embedded"),
        (["down", "20200101-000000-nobody-abcdef"], "no stack of the run"),
        (["psql", "--run", "nobody"], "no stack of the run 'nobody' is running"),
        (["redis-cli", "--run", "nobody"], "no stack of the run 'nobody' is running"),
        (["logs", "--run", "nobody"], "no stack of the run 'nobody' is kept"),
        (["reliability", "shop"], "neither rows of the table nor a nemesis"),
        (["bench", "reset", "juggling"], "there is no benchmark juggling; on embedded there are start"),
        (["fly"], "No such command 'fly'"),
    ],
)
def test_a_users_mistake_is_one_sentence_and_exit_code_2(harness, arguments, said):
    ended = harness(*arguments)
    assert ended.returncode == 2
    assert said in re.sub(r"[│\s]+", " ", ended.stderr)
    assert "Traceback" not in ended.stderr


def test_the_doctor_knows_that_this_machine_runs_stacks(harness):
    ended = harness("doctor")
    assert ended.returncode == 0
    assert "stacks can run here on: embedded" in ended.stdout


@pytest.mark.e2e
def test_verify_says_what_it_proved(tmp_path):
    project = ProjectFolder.copy(tmp_path / "shop", scenarios=True)
    ended = project.harness("verify", "--substrate", "embedded", timeout=100 * pace.factor())
    assert ended.returncode == 0, ended.stdout
    assert re.search(r"^pass +An order that is taken is packed", ended.stdout, re.MULTILINE)
    assert re.search(r"held (\d+) of \1 promises in", ended.stdout)
    assert re.search(r"evidence +/\S+", ended.stdout)
    assert "\x1b" not in ended.stdout


@pytest.mark.e2e
def test_up_says_how_to_reach_the_stack_and_ctrl_c_ends_it(shop_folder):
    running = subprocess.Popen(
        [HARNESS, "up", "--substrate", "embedded"], stdout=subprocess.PIPE, text=True, cwd=shop_folder.path
    )
    shown = ""
    while "Ctrl-C" not in shown:
        line = running.stdout.readline()
        assert line, shown
        shown += line
    web = re.search(r"web +(http\S+)", shown)[1]
    assert http_get(f"{web}/healthz").status_code == 200
    run = re.search(r"logs +\S+/runs/(\S+)/logs", shown)[1]
    assert run in shop_folder.alive()
    running.send_signal(signal.SIGINT)
    assert running.wait(20) == 0
    assert running.stdout.read() == "stopped\n"
    running.stdout.close()
    assert run not in shop_folder.alive()


@pytest.fixture
def left_running(shop_folder):
    """The id of a stack that was left running."""
    shown = shop_folder.harness("up", "--detach", "--substrate", "embedded").stdout
    run = re.search(r"harness down (\S+)", shown)[1]
    yield run
    shop_folder.harness("down", run)
    assert run not in shop_folder.alive()
    assert not (shop_folder.runs / run / "stack.json").exists()


@pytest.fixture
def pytest_in(shop_folder):
    """Runs pytest in the shop's project, on these scenarios."""

    def run(source: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        (shop_folder.path / "test_reuse.py").write_text(textwrap.dedent(source))
        return shop_folder.run(sys.executable, "-m", "pytest", "test_reuse.py", *arguments)

    return run


@pytest.mark.e2e
def test_a_stack_that_was_left_running_can_be_looked_at_and_used_again(
    harness, shop_folder, left_running, pytest_in
):
    run = ("--run", left_running)
    assert (shop_folder.runs / left_running / "stack.json").stat().st_mode & 0o777 == 0o600

    # With what every machine has: the wheel's psql, and our own prompt in the place of redis-cli.
    counted = harness("psql", "--run", left_running[-6:], "-Atc", "SELECT count(*) FROM orders", path="")
    assert (counted.returncode, counted.stdout) == (0, "0\n"), counted.stderr
    counted = harness("psql", *run, "--", "-Atc", "SELECT count(*) FROM orders", path="")
    assert (counted.returncode, counted.stdout) == (0, "0\n"), counted.stderr
    assert harness("redis-cli", *run, "LLEN", "parcels", path="").stdout == "(integer) 0\n"
    refused = harness("redis-cli", *run, "LLEN", path="")
    assert (refused.returncode, "wrong number of arguments" in refused.stderr) == (1, True)

    used = pytest_in(
        """
        from harness.stack.client import use

        def test_uses_it(system, pytestconfig):
            assert system.stack.run.id == pytestconfig.getoption("run")
            use(system.stack)
            worker = system.node("packer")
            before = worker.pid
            worker.kill()
            worker.start()
            assert worker.pid != before

        def test_finds_it_clean(system):
            assert system.database.value("SELECT count(*) FROM orders") == 0
        """,
        "--reuse",
        *run,
    )
    assert "2 passed" in used.stdout, used.stdout
    always(lambda: left_running in shop_folder.alive(), during=0.5, what="it lives")
    refused = pytest_in("def test_uses_it(system): pass", "--reuse", *run, "--tier", "market")
    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"the stack of {left_running} is of the tier corner" in refused.stderr

    shown = harness("logs", *run, "web", "postgres", "-n", "0").stdout
    assert re.search(r"^web +INFO: .*POST /orders", shown, re.MULTILINE)
    assert "packer" not in shown
    assert len(harness("logs", *run, "web", "-n", "2", "--raw").stdout.splitlines()) == 2
    unknown = harness("logs", *run, "moon")
    said = "has no log of moon; it has packer, postgres"
    assert (unknown.returncode, said in unknown.stderr) == (2, True), unknown.stderr


@pytest.mark.e2e
def test_where_there_is_a_redis_cli_it_is_used_and_nobody_sees_the_password(
    harness, shop_folder, left_running, tmp_path
):
    file = shop_folder.runs / left_running / "stack.json"
    file.write_text(re.sub(r'"redis://127', '"redis://:p%20w@127', file.read_text()))
    program = tmp_path / "redis-cli"
    program.write_text('#!/bin/sh\necho "$@"; echo "$REDISCLI_AUTH"')
    program.chmod(0o755)
    said = harness("redis-cli", "--run", left_running, "PING", path=f"{tmp_path}:/bin").stdout
    assert re.fullmatch(r"-u redis://127\.0\.0\.1:\d+/1 PING\np w\n", said)  # the broker's database


@pytest.mark.e2e
def test_the_logs_are_of_the_stack_that_runs_even_if_another_has_run_since(
    harness, shop_folder, left_running
):
    later = shop_folder.runs / f"{left_running}-later" / "logs"
    later.mkdir(parents=True)
    assert "Application startup complete" in harness("logs", "web").stdout
    later.rmdir()
    later.parent.rmdir()


@pytest.mark.e2e
def test_a_log_that_is_followed_ends_with_its_stack(harness, shop_folder, left_running):
    with subprocess.Popen(
        [HARNESS, "logs", "-f", "--run", left_running, "web"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=shop_folder.path,
    ) as following:
        assert "Started server process" in following.stdout.readline()
        assert harness("down", left_running).returncode == 0
        assert following.wait(10) == 0


HOLDER = """
import sys
from harness.stack.address import Address
from harness.stack.stack import Stack
stack = Stack.attach(Address.find(sys.argv[1]))
print("mine", flush=True)
sys.stdin.read()
stack.stop()
"""


@pytest.mark.e2e
def test_a_stack_that_somebody_uses_is_left_to_him(shop_folder, left_running, pytest_in):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, left_running],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=shop_folder.path,
    ) as holder:
        assert holder.stdout.readline() == "mine\n"
        refused = pytest_in("def test_uses_it(system): pass", "--reuse", "--run", left_running)
        holder.stdin.close()
        assert holder.wait(20) == 0
    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert "obeys somebody else" in refused.stdout + refused.stderr
