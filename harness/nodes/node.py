"""One running member of a stack, with the same few verbs wherever it runs."""

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
    """The node is not this stack's alone, so it must not be hurt."""


class Node:
    """A member of a stack, and how it is started.

    Args:
        name: of the service, as the deployment declares it.
        launch: starts it, again if need be.
        log: what it writes.
        links: of the stack.
        stop_signal: by which it is asked to end; PostgreSQL would wait for its clients at SIGTERM.
        running: what runs already.
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
        self.new = False  # since its last start nobody has waited until all of it was there

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
        """How its main process ended; None as long as it runs."""
        return self._running().returncode

    def start(self) -> None:
        """Start it, again if need be; its log goes on in the same file. What a killed main process has left behind goes first."""
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
        """End all of it at once, as a machine that fails does."""
        self._running().kill()

    def kill_main(self) -> None:
        """End its main process at once. What it has started may go on, where it is not alone in a container."""
        member = self._running()
        member.interrupt(signal.SIGKILL)
        member.wait(STOP_SECONDS)

    def kill_child(self) -> int:
        """End one process of its pool at once, as the kernel does for want of memory.

        Returns:
            Its pid, as the member has it.

        Raises:
            LookupError: it has none.
        """
        return self._running().kill_child()

    def pause(self) -> None:
        """Freeze all of it."""
        self._running().pause()

    def resume(self) -> None:
        """Let it go on where it is frozen."""
        self._running().resume()

    @property
    def frozen(self) -> bool:
        """Whether all of it stands still."""
        return self._running().frozen

    def use(self) -> Use:
        """What all of it uses now."""
        return self._running().use()

    def disconnected(self) -> AbstractContextManager[None]:
        """Cut it off from every other member until the context ends; see Links.disconnected."""
        return self._links.disconnected(self.name)

    def must_be_own(self) -> None:
        """Ask before it is hurt by other means than these verbs.

        Raises:
            SharedNodeError: other stacks use it too.
        """

    def why_down(self) -> str | None:
        """Why there is no point in waiting for it; None while it lives."""
        if self.alive:
            return None
        ended = f"ended with exit code {self.returncode}" if self._member else "was not started"
        return f"{self.name} {ended}\n{self.log.tail(SHOWN_LINES)}"

    def _running(self) -> Member:
        if self._member is None:
            raise NodeDownError(f"{self.name} was not started")
        return self._member


class SharedNode(Node):
    """A server that other stacks use too: it is there, and must not be hurt.

    Args:
        name: of it.
        log: what it writes, for all of them.
        links: of the stack.
    """

    def __init__(self, name: str, log: LogFile, links: Links) -> None:
        super().__init__(name, self._refuse, log, links)

    @property
    def alive(self) -> bool:
        """As far as this stack is concerned."""
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
