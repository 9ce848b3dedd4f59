"""One running member of a stack, with the same few verbs wherever it runs."""

import signal
from collections.abc import Callable

from harness.logs import SHOWN_LINES, LogFile
from harness.processes import Process

STOP_SECONDS = 30.0


class NodeDownError(Exception):
    """The node does not run."""


class Node:
    """A member that is a process group of the stack's supervisor.

    Args:
        name: of the service, as the deployment declares it.
        launch: starts its process.
        log: what it writes.
        stop_signal: by which it is asked to end; PostgreSQL would wait for its clients at SIGTERM.
        running: its process, if it runs already.
    """

    def __init__(
        self,
        name: str,
        launch: Callable[[], Process],
        log: LogFile,
        stop_signal: int = signal.SIGTERM,
        running: Process | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._launch = launch
        self._stop_signal = stop_signal
        self._process = running

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.alive

    @property
    def pid(self) -> int:
        """Of its main process.

        Raises:
            NodeDownError: it was not started.
        """
        return self._running().pid

    @property
    def returncode(self) -> int | None:
        """How its main process ended; None as long as it runs."""
        return self._running().returncode

    def start(self) -> None:
        """Start it, again if need be; its log goes on in the same file."""
        self._process = self._launch()

    def stop(self, timeout: float = STOP_SECONDS) -> int:
        """Ask its main process to end, as a deploy does.

        Args:
            timeout: seconds.

        Returns:
            Its exit code.

        Raises:
            TimeoutError: it did not end.
        """
        process = self._running()
        process.signal(self._stop_signal)
        return process.wait(timeout)

    def kill(self) -> None:
        """End the whole group at once, as a machine that fails does."""
        process = self._running()
        process.signal(signal.SIGKILL, group=True)
        process.wait(STOP_SECONDS)

    def pause(self) -> None:
        """Freeze the whole group."""
        self._running().signal(signal.SIGSTOP, group=True)

    def resume(self) -> None:
        """Let a frozen group go on."""
        self._running().signal(signal.SIGCONT, group=True)

    def why_down(self) -> str | None:
        """Why there is no point in waiting for it; None while it lives."""
        if self.alive:
            return None
        ended = f"ended with exit code {self.returncode}" if self._process else "was not started"
        return f"{self.name} {ended}\n{self.log.tail(SHOWN_LINES)}"

    def _running(self) -> Process:
        if self._process is None:
            raise NodeDownError(f"{self.name} was not started")
        return self._process
