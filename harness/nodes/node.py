"""One member of a stack, with the same few methods on every substrate."""

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NoReturn

from harness.base.logs import SHOWN_LINES, LogFile
from harness.nodes.links import Links
from harness.nodes.member import Member, Use

STOP_SECONDS = 30.0


class NodeDownError(Exception):
    """The node does not run."""


class SharedNodeError(Exception):
    """Other stacks use the node too, so it must not be hurt."""


class Node:
    """A member of a stack, and how it is started.

    Args:
        name: of the service, as the deployment declares it.
        launch: starts it, also again.
        log: what it writes.
        links: of the stack.
        stop_signal: signal that asks it to end; at SIGTERM, PostgreSQL would wait for its clients.
        running: its running part, if it runs already.
    """

    def __init__(
        self,
        name: str,
        launch: Callable[[], Member],
        log: LogFile,
        links: Links,
        stop_signal: int = signal.SIGTERM,
        running: Member | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._launch = launch
        self._links = links
        self._stop_signal = stop_signal
        self._member = running
        self.new = False  # whether nobody has waited for the end of its last start

    @property
    def alive(self) -> bool:
        return self._member is not None and self._member.alive

    @property
    def pid(self) -> int:
        """Of its main process.

        Raises:
            NodeDownError: it was not started.
        """
        return self._running().pid

    @property
    def returncode(self) -> int | None:
        """Exit code of its main process; None while it runs."""
        return self._running().returncode

    def start(self) -> None:
        """Start it, also again; its log goes on in the same file. Processes that a killed main process has left behind are ended first."""
        if self._member is not None and not self._member.alive:
            self._member.finish()
        self._member = self._launch()
        self.new = True

    def stop(self, timeout: float = STOP_SECONDS) -> int:
        """Ask its main process to end, as a deploy does.

        Args:
            timeout: seconds.

        Returns:
            Its exit code.

        Raises:
            TimeoutError: it did not end.
        """
        member = self._running()
        member.interrupt(self._stop_signal)
        return member.wait(timeout)

    def kill(self) -> None:
        """Kill all its processes at once, as when a machine fails."""
        self._running().kill()

    def kill_main(self) -> None:
        """Kill its main process. Its children may go on, unless it is a container."""
        member = self._running()
        member.interrupt(signal.SIGKILL)
        member.wait(STOP_SECONDS)

    def kill_child(self) -> int:
        """Kill one process of its pool, as the kernel does when memory is short.

        Returns:
            Its pid, as the member has it.

        Raises:
            LookupError: it has no pool.
        """
        return self._running().kill_child()

    def pause(self) -> None:
        """Freeze all its processes."""
        self._running().pause()

    def resume(self) -> None:
        """Let it go on if it is frozen."""
        self._running().resume()

    @property
    def frozen(self) -> bool:
        """Whether all its processes are frozen."""
        return self._running().frozen

    def use(self) -> Use:
        """The resources that all its processes use now."""
        return self._running().use()

    def disconnected(self) -> AbstractContextManager[None]:
        """Cut it off from every other member until the context ends; see Links.disconnected."""
        return self._links.disconnected(self.name)

    def must_be_own(self) -> None:
        """Check that it may be hurt, before other methods than these are used.

        Raises:
            SharedNodeError: other stacks use it too.
        """

    def why_down(self) -> str | None:
        """Why it is useless to wait for it; None while it lives."""
        if self.alive:
            return None
        ended = f"ended with exit code {self.returncode}" if self._member else "was not started"
        return f"{self.name} {ended}\n{self.log.tail(SHOWN_LINES)}"

    def _running(self) -> Member:
        if self._member is None:
            raise NodeDownError(f"{self.name} was not started")
        return self._member


class SharedNode(Node):
    """A server that other stacks use too: it must not be hurt.

    Args:
        name: of it.
        log: its log, for all stacks.
        links: of the stack.
    """

    def __init__(self, name: str, log: LogFile, links: Links) -> None:
        super().__init__(name, self._refuse, log, links)

    @property
    def alive(self) -> bool:
        """Whether it lives, as far as this stack knows."""
        return True

    def _running(self) -> Member:
        return self._refuse()

    def must_be_own(self) -> None:
        """See Node."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise SharedNodeError(
            f"{self.name} is shared by the stacks of this session: a scenario that hurts it says "
            "@pytest.mark.stack(own_servers=True)"
        )
