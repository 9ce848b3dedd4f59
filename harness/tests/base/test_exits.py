"""How a command ends, as a process: a crash is never a verdict."""

import subprocess
import sys

import pytest

from harness.base.exits import Exit
from harness.base.project import SOURCE

PROGRAM = """
import signal, sys
from harness.base.exits import Exit, ended

def command():
    {}

ended(command, LookupError)
"""


@pytest.mark.parametrize(
    ("does", "code", "said"),
    [
        ("return None", 0, ""),
        ("return Exit.UNKNOWN", 3, ""),
        ("sys.exit(Exit.VIOLATED)", 1, ""),
        ("raise KeyError('there is no tier mall')", 2, "no tier mall"),
        ("raise RuntimeError('the engine is gone')", 2, "Traceback"),
        ("raise ExceptionGroup('several', [OSError('one')])", 2, "OSError: one"),
        ("raise KeyboardInterrupt", 130, ""),
    ],
)
def test_a_command_ends_as_the_table_says(does, code, said):
    command = [sys.executable, "-c", PROGRAM.format(does)]
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert ("Traceback" in done.stderr) == (code == Exit.USAGE and "mall" not in done.stderr)
