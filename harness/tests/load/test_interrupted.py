"""A check that somebody ends before its end: what it has shown is kept, what it has started is ended, and nothing of it is a verdict."""

import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from harness.base.exits import Exit
from harness.load.checks.valid import LEAST_JOBS
from harness.load.children import end
from harness.load.cli import app
from harness.load.cli.check import _played
from harness.load.presets import PRESETS
from harness.load.verdict import judge
from harness.tests.load.declared import BAKERY, DEMANDS
from harness.tests.load.made_up import made_up

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


def interrupted(replicates):
    run = made_up("large")
    return run.having(replicates=run.replicates[:replicates], roles=None, connections=None, interrupted=True)


@pytest.mark.parametrize("replicates", [0, 1, 5])
def test_a_record_that_was_interrupted_is_invalid_and_says_so(tmp_path, replicates):
    run = interrupted(replicates)
    found = judge(run, DEMANDS["large"], BAKERY)
    assert found.exit is Exit.INVALID
    assert [s.said.partition(":")[0] for s in found.of("valid").sentences] == ["it was interrupted"]
    assert found.carries is None
    run.write(tmp_path / "large")
    done = CliRunner().invoke(app(BAKERY), ["report", str(tmp_path)])
    assert done.exit_code == Exit.INVALID, done.output
    assert "it was interrupted" in done.output


def test_what_was_played_until_then_is_recorded():
    kept = []

    def replicate(profile, **_):
        if len(kept) == 2:
            raise KeyboardInterrupt
        kept.append(made_up("large").replicates[len(kept)])
        return kept[-1]

    def run(depth, *, interrupted=False):
        return made_up("large").having(depth=depth, replicates=tuple(kept), interrupted=interrupted)

    bed = SimpleNamespace(test=BAKERY, row=made_up("large").row, replicate=replicate, run=run)
    found = _played(bed, PRESETS["standard"], DEMANDS["large"])
    assert found.interrupted
    assert len(found.replicates) == 2
    assert len(found.replicates[0].judged) > LEAST_JOBS["standard"] / 2


@pytest.mark.parametrize(
    "code", ["import time; print(flush=True); time.sleep(60)", DEAF, "print(flush=True)"]
)
def test_a_process_is_ended_whether_it_listens_or_not(code):
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    with process:
        process.stdout.readline()
        end(process, 1.0)
        assert process.returncode in {0, -signal.SIGTERM, -signal.SIGKILL}
