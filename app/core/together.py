"""Runs several programs as one, for a developer who has only one service: they start and end together."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import FrameType


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run.

    Args:
        argv: the command.
        environment: all of its variables.
    """

    argv: list[str]
    environment: Mapping[str, str]


def run_together(programs: Sequence[Program]) -> int:
    """Run all of them until one ends or SIGTERM comes, which is passed on; then end the others.

    Returns:
        How the first one ended: its exit code, or 128 and the signal that ended it.
    """
    started: list[subprocess.Popen[bytes]] = []
    ended: set[int] = set()
    ending = False

    def end(*_: int | FrameType | None) -> None:
        nonlocal ending
        ending = True
        for process in started:
            if process.pid not in ended:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    started += [subprocess.Popen(program.argv, env=dict(program.environment)) for program in programs]
    if ending:  # the signal came before the programs had started
        end()
    first: int | None = None
    while len(ended) < len(started):
        pid, status = os.wait()
        # In an image without an init we are process 1 and inherit orphans.
        if pid in {process.pid for process in started}:
            ended.add(pid)
            first = _code(status) if first is None else first
            if not ending:  # a second SIGTERM would make Celery drop the tasks that it is finishing
                end()
    return first or 0


def _code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code
