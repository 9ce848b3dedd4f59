"""What runs behind a node: a process of this machine or a container, with the same few verbs."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Use:
    """What all processes of a member use together.

    Args:
        descriptors: open files and sockets.
        memory_bytes: proportional set size: a page that several share is counted once among them.
        cpu_seconds: processor time of those that live, since each began.
    """

    descriptors: int
    memory_bytes: int
    cpu_seconds: float


class Member(Protocol):
    """Something that was started, and will end."""

    @property
    def pid(self) -> int:
        """Of its main process, on the machine that runs it."""

    @property
    def alive(self) -> bool:
        """Whether it runs, as far as we were told."""

    @property
    def returncode(self) -> int | None:
        """How its main process ended, negative for a signal; None as long as it runs, or if nobody knows."""

    def interrupt(self, number: int) -> None:
        """Send its main process a signal."""

    def kill(self) -> None:
        """End all of it at once; return when all of it is gone."""

    def finish(self) -> None:
        """End what its main process has left behind; does nothing where there is nothing."""

    def pause(self) -> None:
        """Freeze all of it."""

    def resume(self) -> None:
        """Let what is frozen go on; does nothing to what is not."""

    def kill_child(self) -> int:
        """End one process of its pool at once, the oldest one that is at its work.

        Returns:
            Its pid, as the member has it.

        Raises:
            LookupError: it has none.
        """

    @property
    def frozen(self) -> bool:
        """Whether all of it stands still."""

    def use(self) -> Use:
        """What it uses now."""

    def wait(self, timeout: float) -> int:
        """Its exit code.

        Args:
            timeout: seconds.

        Raises:
            TimeoutError: it still runs.
        """
