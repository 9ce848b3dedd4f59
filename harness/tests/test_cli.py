"""The commands as a person types them."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from harness.run import alive

HARNESS = Path(sys.executable).with_name("harness")


def harness(*arguments: str, timeout: float = 60) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [HARNESS, *arguments], capture_output=True, text=True, timeout=timeout, check=False, cwd="/"
    )


def test_without_a_command_it_lists_them():
    shown = harness().stdout
    assert {"verify", "up", "down", "doctor"} <= set(re.findall(r"\w+", shown))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "--tier", "teem"], "there is no tier 'teem'; there are starter"),
        (["up", "--substrate", "moon"], "'moon' is not one of 'embedded'"),
        (["down", "20200101-000000-nobody-abcdef"], "no stack of the run"),
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
