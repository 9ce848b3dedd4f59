"""The owner's side of the proxy: links by name, with their faults."""

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from harness.base.logs import SHOWN_LINES, LogFile
from harness.base.project import SOURCE
from harness.base.wait import eventually
from harness.nodes.proxy import LOOPBACK
from harness.nodes.supervisor_client import SupervisorClient

START_SECONDS = 10.0
ANSWER_SECONDS = 10.0
CONTROL = "proxy.sock"
HURTS = ("refuse", "stall", "half_open", "latency", "bandwidth", "drop")


class ProxyError(Exception):
    """The proxy refused a request, or is gone."""


class Links:
    """The proxy of one stack. Safe to use from several threads.

    A link is named `server` or, where it belongs to one member, `member/server`, so that one member can be cut off without the
    others. A fault of `server` applies to the links of all its clients, but not to our own link, which has the server's name:
    during a fault we must still see the server.

    Args:
        control: the socket to the proxy.
        host: by which members of the stack reach it.
        outside: port -> by which address we reach it; None for a port that is not published.
    """

    def __init__(
        self,
        control: socket.socket,
        host: str = LOOPBACK,
        outside: Callable[[int], str] = lambda port: f"{LOOPBACK}:{port}",
    ) -> None:
        self._ports: dict[str, int] = {}
        self._host = host
        self._outside = outside
        self._lock = threading.Lock()
        self._socket = control
        self._stream = control.makefile("rb")

    @classmethod
    def start(cls, supervisor: SupervisorClient, folder: Path, log: Path) -> Self:
        """A new proxy, a process of this machine.

        Args:
            supervisor: starts it.
            folder: for its control socket; a short path.
            log: where it would complain.

        Raises:
            TimeoutError: it did not start; shows its log.
        """
        control = folder / CONTROL
        argv = [sys.executable, "-S", "-E", "-m", "harness.nodes.proxy", str(control)]
        process = supervisor.spawn("proxy", argv, log=log, cwd=SOURCE)
        return cls(
            eventually(
                lambda: _connect(control),
                timeout=START_SECONDS,
                what="the proxy",
                poll=0.005,
                unless=lambda: None if process.alive else "it has ended",
                evidence=lambda: LogFile(log).tail(SHOWN_LINES),
            )
        )

    @classmethod
    def attach(cls, folder: Path) -> Self:
        """Take over the proxy of a running stack: its links as they are, but healed.

        Args:
            folder: with its control socket.

        Raises:
            OSError: it does not answer.
        """
        made = cls(_connect(folder / CONTROL))
        made.recall()
        return made

    @classmethod
    def reach(cls, control: str, host: str, outside: Callable[[int], str]) -> "Links":
        """Connect to a proxy in a container, new or running, as soon as it answers.

        Args:
            control: `host:port` for its orders.
            host: by which members of the stack reach it.
            outside: port -> by which address we reach it.

        Raises:
            TimeoutError: it does not answer.
        """
        address, _, port = control.rpartition(":")

        def ask() -> "Links":
            made = cls(socket.create_connection((address, int(port)), ANSWER_SECONDS), host, outside)
            try:
                made.recall()
            except ProxyError:  # the engine accepts connections before the proxy listens
                made.close()
                raise
            return made

        return eventually(ask, timeout=START_SECONDS, what="the proxy", poll=0.01)

    def recall(self) -> None:
        """Get the links that the proxy has already, and heal them."""
        for name, found in self._ask("links").items():
            self._ports[name] = found["port"]
            self._ask("heal", name=name, kinds=HURTS)

    def __contains__(self, name: str) -> bool:
        return name in self._ports

    def add(self, name: str, target: str = "", *, published: bool = False) -> str:
        """A new link.

        Args:
            name: of the link.
            target: `host:port`, or `unix:/path`; by default the target of its server's link. While that has no target,
                connections wait.
            published: whether we need to reach it, not only the stack's members.

        Returns:
            The `host:port` by which members reach the target as long as the stack lives.
        """
        self._ports[name] = self._ask("add", name=name, target=target, published=published)["port"]
        return self.inside(name)

    def inside(self, name: str) -> str:
        """The `host:port` by which members of the stack reach a link."""
        return f"{self._host}:{self._ports[name]}"

    def all_inside(self) -> list[str]:
        """The `host:port` of every link there is."""
        return [self.inside(name) for name in self._ports]

    def outside(self, name: str) -> str:
        """The `host:port` by which we reach a link that was published."""
        return self._outside(self._ports[name])

    def of(self, member: str) -> list[str]:
        """The names of the links to a member and of a member."""
        return [name for name in self._ports if member in name.split("/")]

    def aim(self, name: str, target: str) -> None:
        """Set the target of new connections, for all clients."""
        self._ask("aim", name=name, target=target)

    def target(self, name: str) -> str:
        """The target of a link."""
        return str(self._ask("links")[name]["target"])

    def reset(self, name: str) -> None:
        """Reset the open connections; new ones work."""
        self._ask("reset", name=name)

    @contextmanager
    def hurt(
        self,
        name: str,
        *,
        refuse: bool = False,
        stall: bool = False,
        half_open: str = "",
        latency: float = 0.0,
        bandwidth: float = 0.0,
        drop: str | None = None,
    ) -> Iterator[None]:
        """Inject a fault into a link, and heal just that at the end: faults of different kinds may overlap.

        Args:
            name: of the link.
            refuse: reset all open connections and every new one.
            stall: forward nothing, not even the end of a connection; senders are held up once their buffers are full.
            half_open: `up` (to the server), `down` (from it) or `both`: data in this direction is accepted and never arrives, nor
                does the end of a connection. A connection that has lost a byte stays broken until its client opens another.
            latency: seconds that each chunk takes longer, each way.
            bandwidth: bytes a second, each way, for all connections together.
            drop: a regular expression; the next chunk from the server that matches is dropped, once.
        """
        possible = (refuse, stall, half_open, latency, bandwidth, drop)
        hurts = {kind: value for kind, value in zip(HURTS, possible, strict=True) if value}
        self._ask("hurt", name=name, **hurts)
        try:
            yield
        finally:
            self._ask("heal", name=name, kinds=list(hurts))

    @contextmanager
    def disconnected(self, member: str) -> Iterator[None]:
        """Cut a member off, as if its network cable were pulled: nothing arrives, nothing leaves, and no error is raised.

        We still reach a server ourselves. We do not reach a role that listens, because we are its clients.

        Args:
            member: of the stack.
        """
        with ExitStack() as cuts:
            for name in self.of(member):
                cuts.enter_context(self.hurt(name, stall=True))
            yield

    def stats(self, name: str) -> dict[str, int]:
        """Counters of a link since it was made, or of the links of all clients of a server.

        Returns:
            Connections `open` now, `accepted`, `refused` and `cut` (reset by us); replies `dropped`, chunks `late`; bytes
            `swallowed` by a link that is half open, `held` back now by one that stalls, `up` to the server and `down` from it.
        """
        return self._ask("stats", name=name)

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def _ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        with self._lock:
            try:
                self._socket.sendall(json.dumps({"do": do, **arguments}).encode() + b"\n")
                line = self._stream.readline()
            except OSError as error:
                raise ProxyError(f"the proxy is gone: {error}") from error
        if not line:
            raise ProxyError("the proxy is gone")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ProxyError(f"{do}: {answer['error']}")
        return answer


def _connect(control: Path) -> socket.socket:
    """Connect with a new socket for each attempt: POSIX does not define the state of a socket after a failed one."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(ANSWER_SECONDS)
    try:
        connection.connect(str(control))
    except OSError:
        connection.close()
        raise
    return connection
