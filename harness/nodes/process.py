"""A process of a stack: signal it, look at it, learn how it ended."""

import contextlib
import signal
import threading
from collections.abc import Callable

import psutil

from harness.base.descendants import with_descendants
from harness.nodes.member import Use

KILL_SECONDS = 30.0
TRACKER = "multiprocessing.resource_tracker"  # in the command of a process that only tracks resources


class SupervisorError(Exception):
    """The supervisor refused, or is gone."""


class Process:
    """A process the supervisor has started; the leader of a session and group of its own.

    Args:
        ask: its supervisor.
        name: for messages.
        pid: of the process, and of its group.
    """

    def __init__(self, ask: Callable[..., object], name: str, pid: int) -> None:
        self._ask = ask
        self.name = name
        self.pid = pid
        self.returncode: int | None = None
        self._ended = threading.Event()

    @property
    def alive(self) -> bool:
        """Whether it runs, as far as its supervisor has told us."""
        return not self._ended.is_set()

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal.

        Args:
            number: of the signal.
            group: whether the signal goes to its whole group and, on Linux, to all its descendants, such as PostgreSQL's
                backends. After SIGKILL it returns when all of these are gone.

        Raises:
            SupervisorError: there is no such process any more.
        """
        self._ask("signal", pid=self.pid, number=int(number), group=group)

    def interrupt(self, number: int) -> None:
        """See Member."""
        self.signal(number)

    def kill(self) -> None:
        """See Member."""
        self.signal(signal.SIGKILL, group=True)
        self.wait(KILL_SECONDS)

    def finish(self) -> None:
        """See Member."""
        with contextlib.suppress(SupervisorError):  # most often no process is left
            self.signal(signal.SIGKILL, group=True)

    def pause(self) -> None:
        """See Member."""
        self.signal(signal.SIGSTOP, group=True)

    def resume(self) -> None:
        """See Member."""
        self.signal(signal.SIGCONT, group=True)

    def kill_child(self) -> int:
        """See Member. A process that only tracks resources, such as uvicorn has, is no pool child; it has one thread.

        The children of a plain prefork pool have one thread, too: they are taken where no child has more.
        """
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.pid).children()
            pool = [child for child in children if not any(TRACKER in word for word in child.cmdline())]
            for child in sorted(pool, key=lambda child: child.num_threads() == 1):
                child.kill()
                return child.pid
        raise LookupError(f"{self.name} (pid {self.pid}) has no pool child")

    @property
    def frozen(self) -> bool:
        """See Member."""
        states = {process.status() for process in with_descendants(self.pid)}
        return states - {psutil.STATUS_ZOMBIE} == {psutil.STATUS_STOPPED}

    def use(self) -> Use:
        """See Member."""
        descriptors = memory = 0
        seconds = 0.0
        for process in with_descendants(self.pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                descriptors += process.num_fds()
                memory += process.memory_full_info().pss
                times = process.cpu_times()
                seconds += times.user + times.system
        return Use(descriptors, memory, seconds)

    def wait(self, timeout: float) -> int:
        """Wait for its end, and return its exit code, negative for a signal, as subprocess does.

        Args:
            timeout: seconds.

        Raises:
            TimeoutError: it still runs.
            SupervisorError: the supervisor is gone, so the exit code is unknown.
        """
        if not self._ended.wait(timeout):
            raise TimeoutError(f"{self.name} (pid {self.pid}) did not end within {timeout:g} s")
        if self.returncode is None:
            raise SupervisorError(
                f"how {self.name} (pid {self.pid}) ended, nobody knows: its supervisor is gone"
            )
        return self.returncode

    def ended(self, code: int | None) -> None:
        """Note its end, as the supervisor reports it; None for an unknown exit code."""
        self.returncode = code
        self._ended.set()
