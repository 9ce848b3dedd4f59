"""Play chosen tests in a copy of the project, in an interpreter of their own and within a time."""

import contextlib
import enum
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from harness.base.pace import patience
from harness.experiments.mutants.outcomes import CHOSEN, OUTCOMES

PLUGIN = "harness.experiments.mutants.outcomes"
COMMAND = ("-q", "-p", "no:cacheprovider", "-p", PLUGIN, "--substrate", "embedded")
# Options for a plugin, if it is installed: a test's own time limit would turn a slow test into a failure.
TOLD = {"pytest_timeout": ("-o", "timeout=0"), "pytest_randomly": ("-p", "no:randomly")}
ALONE = ("-n0",)  # of pytest-xdist
NONE_COLLECTED = 5  # pytest's exit code
SAID = 2000  # characters of the output's end
ENDING_SECONDS = 10.0  # seconds for a process to end after the signal
STARTING_SECONDS = 60.0  # seconds for an interpreter to start with its imports, on a busy machine
SLOWER = 6  # factor over their usual time that is too long


class Ended(enum.StrEnum):
    """How the play of the tests ended."""

    GREEN = "green"
    RED = "red"
    TIMED_OUT = "timed out"
    NOTHING = "nothing"
    """None of them was played to its end, so nothing was seen."""


@dataclass(frozen=True, slots=True)
class Played:
    """The results of a play.

    Args:
        ended: how.
        outcomes: node id -> "passed", "failed" or "skipped", and seconds.
        said: the end of what pytest printed.
    """

    ended: Ended
    outcomes: Mapping[str, tuple[str, float]]
    said: str

    @property
    def failed(self) -> list[str]:
        """The tests that failed."""
        return [name for name, (outcome, _) in self.outcomes.items() if outcome == "failed"]


def play(root: Path, tests: Sequence[str], seconds: float) -> Played:
    """Play them in this order until one fails.

    Args:
        root: of the copy.
        tests: node ids.
        seconds: that they usually take.
    """
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
    with tempfile.TemporaryDirectory(prefix="harness-play-") as folder:
        chosen, written = Path(folder) / "chosen.json", Path(folder) / "outcomes"
        chosen.write_text(json.dumps(list(tests)), encoding="utf-8")
        variables = {CHOSEN: str(chosen), OUTCOMES: str(written)}
        limit = (STARTING_SECONDS + SLOWER * seconds) * patience()
        code, said = pytest_in(root, ["-x", *(ALONE if find_spec("xdist") else ()), *files], variables, limit)
        outcomes = outcomes_in(written)
    if code is None:
        return Played(Ended.TIMED_OUT, outcomes, said)
    if code not in {0, NONE_COLLECTED}:
        return Played(Ended.RED, outcomes, said)
    passed = any(outcome == "passed" for outcome, _ in outcomes.values())
    return Played(Ended.GREEN if passed else Ended.NOTHING, outcomes, said)


def outcomes_in(file: Path) -> dict[str, tuple[str, float]]:
    """Read the plugin's records."""
    if not file.exists():
        return {}
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return {name: (outcome, seconds) for name, outcome, seconds in lines}


def pytest_in(
    root: Path, arguments: Sequence[str], variables: Mapping[str, str], limit: float
) -> tuple[int | None, str]:
    """Exit code of pytest, None where it took too long, and the end of what it said.

    Args:
        root: of the copy; its modules are the ones that are imported.
        arguments: of pytest.
        variables: additional environment variables.
        limit: seconds.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "HARNESS_"))}
    told = [word for plugin, words in TOLD.items() if find_spec(plugin) for word in words]
    with tempfile.TemporaryFile() as output:
        running = subprocess.Popen(
            [sys.executable, "-m", "pytest", *COMMAND, *told, *arguments],
            cwd=root,
            env={**own, "PYTHONPATH": str(root), **variables},
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        code: int | None
        try:
            code = running.wait(limit)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _end(running)
        output.seek(max(0, output.tell() - SAID) if output.seek(0, os.SEEK_END) else 0)
        return code, output.read().decode(errors="replace")


def _end(running: "subprocess.Popen[bytes]") -> None:
    """End it and its children: first with a signal that lets it clean up."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(ENDING_SECONDS)
