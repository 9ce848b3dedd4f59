"""The commands as a person types them who works on the product."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base import pace
from harness.base.http import http_get
from harness.base.run import alive
from scenarios.roadmaps.application import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.once]
HARNESS = Path(sys.executable).with_name("harness")


def test_verify_says_what_it_proved():
    ended = subprocess.run(
        [HARNESS, "verify"], capture_output=True, text=True, timeout=100 * pace.factor(), check=False, cwd="/"
    )
    assert ended.returncode == 0, ended.stdout
    assert re.search(r"held (\d+) of \1 promises in", ended.stdout)
    assert re.search(
        r"roadmap +Learn Rust for embedded systems: 2 stages, 4 modules, 8 concepts", ended.stdout
    )
    assert re.search(r"evidence +/\S+", ended.stdout)
    assert "\x1b" not in ended.stdout


def test_up_says_how_to_reach_the_stack_and_ctrl_c_ends_it():
    running = subprocess.Popen([HARNESS, "up"], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    shown = ""
    while "Ctrl-C" not in shown:
        line = running.stdout.readline()
        assert line, shown
        shown += line
    docs = re.search(r"API +(http\S+)", shown)[1]
    assert http_get(docs).status_code == 200
    run = re.search(r"logs +\S+/runs/(\S+)/logs", shown)[1]
    assert run in alive()
    logs = subprocess.run(
        [HARNESS, "logs", "--run", run, "roadmap-api"], capture_output=True, text=True, check=False
    )
    assert re.search(r"^roadmap-api +[\d:.]{8,12} +info +.*GET", logs.stdout, re.MULTILINE)
    running.send_signal(signal.SIGINT)
    assert running.wait(20) == 0
    assert running.stdout.read() == "stopped\n"
    running.stdout.close()
    assert run not in alive()
