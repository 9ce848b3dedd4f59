"""The running part of a node: a process of this machine or a container, with the same few methods."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Use:
    """The resources that all processes of a member use together.

    Args:
        descriptors: open files and sockets.
        memory_bytes: proportional set size: a shared page is counted once among its processes.
        cpu_seconds: processor time of the live processes, since each began.
    """

    descriptors: int
    memory_bytes: int
    cpu_seconds: float


class Member(Protocol):
    """A started process or container."""

    @property
    def pid(self) -> int:
        """The pid of its main process, on the machine that runs it."""

    @property
    def alive(self) -> bool:
        """Whether it runs, as far as we know."""

    @property
    def returncode(self) -> int | None:
        """Exit code of its main process, negative for a signal; None while it runs, or if it is unknown."""

    def interrupt(self, number: int) -> None:
        """Send its main process a signal."""

    def kill(self) -> None:
        """Kill all its processes at once; return when all of them are gone."""

    def finish(self) -> None:
        """End the processes that its main process has left behind, if any."""

    def pause(self) -> None:
        """Freeze all its processes."""

    def resume(self) -> None:
        """Let frozen processes go on; does nothing to others."""

    def kill_child(self) -> int:
        """Kill one process of its pool, the oldest one that is working.

        Returns:
            Its pid, as the member has it.

        Raises:
            LookupError: it has no pool.
        """

    @property
    def frozen(self) -> bool:
        """Whether all its processes are frozen."""

    def use(self) -> Use:
        """The resources that it uses now."""

    def wait(self, timeout: float) -> int:
        """Wait for its end, and return its exit code.

        Args:
            timeout: seconds.

        Raises:
            TimeoutError: it still runs.
        """
