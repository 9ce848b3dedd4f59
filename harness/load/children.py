"""Processes that a check starts: none of them outlives it."""

import subprocess

from harness.base import pace

KILLED_SECONDS = 5.0


def end(process: "subprocess.Popen[bytes]", within: float) -> None:
    """Ask a process to end, and kill it where it does not.

    Args:
        process: that was started here.
        within: seconds that it may take; longer on a slow machine.
    """
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(within * pace.patience())
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(KILLED_SECONDS * pace.patience())
