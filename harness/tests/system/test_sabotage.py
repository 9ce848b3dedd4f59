"""A statement of a module is replaced in a new interpreter, or the interpreter does not start; nothing of it stays."""

import os
import subprocess
import sys

from harness.base.run import ROOT
from harness.system.sabotage import Sabotage

READ = "from app.roles import BEAT_SECONDS; print(BEAT_SECONDS)"


def run(sabotage: Sabotage | None) -> "subprocess.CompletedProcess[str]":
    more = sabotage.environment if sabotage else {}
    return subprocess.run(
        [sys.executable, "-c", READ],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **more},
    )


def test_a_statement_is_replaced_in_this_interpreter_and_no_other():
    sabotaged = Sabotage("app.roles", "BEAT_SECONDS = 5 ", "BEAT_SECONDS = 6 ")
    assert [run(one).stdout for one in (None, sabotaged, None)] == ["5\n", "6\n", "5\n"]


def test_where_the_statement_is_not_there_nothing_starts():
    ended = run(Sabotage("app.roles", "BEAT_SECONDS = 4 ", ""))
    assert ended.returncode != 0
    assert "app.roles has 0 times what is to be replaced" in ended.stderr
