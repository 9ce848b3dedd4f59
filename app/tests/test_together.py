"""Programs that start and end together, as real processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WAITS = "import signal; signal.pause()"


def together(*sources: str) -> "subprocess.Popen[str]":
    """A process that runs these Python programs together."""
    programs = [[sys.executable, "-c", source] for source in sources]
    program = (
        "import os, sys; from app.core.together import Program, run_together;"
        f"sys.exit(run_together([Program(argv, os.environ) for argv in {programs!r}]))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, text=True, stdout=subprocess.PIPE, start_new_session=True
    )


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("import sys; sys.exit(3)", 3),
        ("pass", 0),
        ("import os; os.kill(os.getpid(), 9)", 128 + signal.SIGKILL),
    ],
)
def test_the_end_of_one_is_the_end_of_all_and_its_exit_code_theirs(source, code):
    with together(WAITS, source) as process:
        assert process.wait(10) == code
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)  # no process of the session is left


def test_sigterm_reaches_all_of_them():
    says = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(os.write(1, b'told\\n') and None))\n"
        "os.write(1, b'up\\n')\n"  # in one write, so that the other program's output does not split it
        "signal.pause()"
    )
    with together(says, says) as process:
        assert process.stdout is not None
        begun = [process.stdout.readline() for _ in range(2)]
        process.terminate()
        ended = process.communicate(timeout=10)[0].split()
    assert begun == ["up\n", "up\n"]
    assert ended == ["told", "told"]
    assert process.returncode == 0
