"""A statement of a module is replaced in a new interpreter, or the interpreter does not start; nothing of it stays."""

import os
import subprocess
import sys

from harness.base import pace
from harness.system.sabotage import Sabotage
from harness.tests.shop import PROJECT

READ = "from shop.database import SECONDS; print(SECONDS)"


def run(sabotage: Sabotage | None) -> "subprocess.CompletedProcess[str]":
    more = sabotage.environment if sabotage else {}
    return subprocess.run(
        [sys.executable, "-c", READ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * pace.factor(),
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **more},
    )


def test_a_statement_is_replaced_in_this_interpreter_and_no_other():
    sabotaged = Sabotage("shop.database", "SECONDS = 2.0 ", "SECONDS = 3.0 ")
    assert [run(one).stdout for one in (None, sabotaged, None)] == ["2.0\n", "3.0\n", "2.0\n"]


def test_where_the_statement_is_not_there_nothing_starts():
    ended = run(Sabotage("shop.database", "SECONDS = 4 ", ""))
    assert ended.returncode != 0
    assert "shop.database has 0 times what is to be replaced" in ended.stderr
