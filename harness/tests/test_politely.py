"""A program that runs politely has what the machine can spare, though it leads a session of its own."""

import subprocess
import sys

import pytest

from harness.run import ROOT

SHOWS = """
import os, sys
from pathlib import Path
group = Path("/proc/self/autogroup")
print(os.nice(0), group.read_text().split()[-1] if group.exists() else "none", sys.argv[1:], __name__)
"""


@pytest.fixture
def shown(tmp_path):
    """What a module shows that is run politely, as a supervisor starts its members."""
    (tmp_path / "shows.py").write_text(SHOWS)
    done = subprocess.run(
        [sys.executable, "-m", "harness.politely", "shows", "one", "two"],
        start_new_session=True,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split(maxsplit=2)


def test_the_module_runs_with_its_own_arguments(shown):
    assert shown[2].strip() == "['one', 'two'] __main__"


def test_it_and_its_session_stand_behind_everybody_else(shown):
    """A niceness counts only within a session, where Linux shares its time out between sessions first."""
    assert shown[0] == "19"
    assert shown[1] in {"19", "none"}
