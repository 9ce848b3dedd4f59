"""What runs behind a node: a process of this machine or a container, with the same few verbs."""

from typing import Protocol


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

    def pause(self) -> None:
        """Freeze all of it."""

    def resume(self) -> None:
        """Let what is frozen go on; does nothing to what is not."""

    def wait(self, timeout: float) -> int:
        """Its exit code.

        Args:
            timeout: seconds.

        Raises:
            TimeoutError: it still runs.
        """
