"""A check of a real stack that somebody ends before its end: one sentence, a record that says so, and no process that is left."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from harness.base import pace
from harness.base.exits import BY_SIGNAL, Exit
from harness.base.wait import eventually
from loadtests.traffic import TRAFFIC

pytestmark = pytest.mark.e2e
COMMAND = [sys.executable, "-m", "loadtests"]


def below(process):
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_of_an_interrupted_check_lives_on(tmp_path, number):
    out, told = tmp_path / "record", tmp_path / "told"
    with told.open("w") as log:
        process = subprocess.Popen(
            [*COMMAND, "budget", "--tier", "starter", "--out", str(out)],
            cwd=TRAFFIC.root,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C goes to a whole group, and that must not be ours
        )
    try:
        eventually(
            lambda: "slots at work" in told.read_text(), timeout=120, what="a load", evidence=told.read_text
        )
        eventually(
            lambda: [child for child in below(process) if "harness.load.probes" in " ".join(child.cmdline())],
            timeout=20,
            what="probes",
        )
        children = below(process)
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        assert process.wait(60 * pace.factor()) == BY_SIGNAL + number
    finally:
        process.kill()
    eventually(
        lambda: not [child for child in children if child.is_running()],
        timeout=10,
        what="an end of all of it",
    )
    said = told.read_text()
    assert "Traceback" not in said
    assert "as an invalid run" in said
    report = subprocess.run(
        [*COMMAND, "report", str(out)], cwd=TRAFFIC.root, capture_output=True, text=True, check=False
    )
    assert report.returncode == Exit.INVALID
    assert "it was interrupted" in report.stdout
