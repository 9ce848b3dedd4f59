"""`harness provider` from a shell: its codes, and what it says."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.base.exits import Exit
from harness.cli import app

PLANTED = Path(__file__).parents[1] / "providers/judge/planted.py"


def judge(*argv):
    return CliRunner().invoke(app, ["provider", "judge", *map(str, argv)])


@pytest.mark.parametrize(
    ("sin", "only", "code", "state"),
    [("-", "usage", Exit.HOLDS, "holds"), ("drops-usage", "usage", Exit.VIOLATED, "violated")],
)
def test_a_command_is_judged_and_the_code_says_how(sin, only, code, state):
    done = judge("--only", only, "--json", "--patience", 20, "--", sys.executable, PLANTED, sin)
    assert done.exit_code == code, done.output
    (verdict,) = json.loads(done.stdout)
    assert (verdict["name"], verdict["state"], verdict["sin"]) == ("usage", state, "drops usage")


def test_what_asks_nothing_is_no_client():
    done = judge("--", sys.executable, "-c", "print('hello')")
    assert done.exit_code == Exit.INVALID
    assert "asked the provider nothing" in done.output


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("--client", "http://127.0.0.1:1/"),
        ("--only", "nothing", "--", "true"),
        ("--client", "x", "--port", "1", "--", "true"),
    ],
)
def test_what_cannot_be_meant_so_is_refused(argv):
    assert judge(*argv).exit_code == Exit.USAGE
