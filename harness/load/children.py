"""Processes that a check starts: none of them outlives it."""

import subprocess

KILLED_SECONDS = 5.0


def end(process: "subprocess.Popen[bytes]", within: float) -> None:
    """Ask a process to end, and kill it where it does not.

    Args:
        process: that was started here.
        within: seconds that it may take.
    """
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(KILLED_SECONDS)
