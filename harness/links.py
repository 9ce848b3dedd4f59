"""The owner's side of the proxy: links by name, hurt and healed."""

import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.processes import Process, Supervisor
from harness.wait import eventually

PROGRAM = Path(__file__).with_name("proxy.py")
START_SECONDS = 10.0
ANSWER_SECONDS = 10.0


class ProxyError(Exception):
    """The proxy refused a request, or is gone."""


class Links:
    """The proxy of one stack. Safe to use from several threads.

    Args:
        supervisor: starts it.
        folder: for its control socket; a short path.
        log: where it would complain.
    """

    def __init__(self, supervisor: Supervisor, folder: Path, log: Path) -> None:
        control = folder / "proxy.sock"
        argv = [sys.executable, "-S", "-E", str(PROGRAM), str(control)]
        self.process: Process = supervisor.spawn("proxy", argv, log=log)
        self.ports: dict[str, int] = {}
        self._lock = threading.Lock()
        self._socket = eventually(
            lambda: _connect(control),
            timeout=START_SECONDS,
            what="the proxy",
            poll=0.005,
            unless=lambda: None if self.process.alive else "it has ended",
            evidence=log.read_text,
        )
        self._stream = self._socket.makefile("rb")

    def add(self, name: str, target: str) -> int:
        """A new link.

        Args:
            name: of the link.
            target: `host:port`, or `unix:/path`.

        Returns:
            The port on 127.0.0.1 that will lead there as long as the stack lives.
        """
        self.ports[name] = self._ask("add", name=name, target=target)["port"]
        return self.ports[name]

    def aim(self, name: str, target: str) -> None:
        """Let new connections go elsewhere."""
        self._ask("aim", name=name, target=target)

    def reset(self, name: str) -> None:
        """Reset the connections there are; new ones are fine."""
        self._ask("reset", name=name)

    @contextmanager
    def hurt(
        self,
        name: str,
        *,
        refuse: bool = False,
        stall: bool = False,
        latency: float = 0.0,
        drop: str | None = None,
    ) -> Iterator[None]:
        """Hurt a link, and heal it of just that at the end: hurts of different kinds may overlap.

        Args:
            name: of the link.
            refuse: reset the connections there are and every new one.
            stall: forward nothing, not even the end of a connection; senders are held up once their buffers are full.
            latency: seconds that each chunk takes longer, each way.
            drop: a regular expression; the next chunk from the server that matches is swallowed, once.
        """
        possible = {"refuse": refuse, "stall": stall, "latency": latency, "drop": drop}
        hurts = {kind: value for kind, value in possible.items() if value}
        self._ask("hurt", name=name, **hurts)
        try:
            yield
        finally:
            self._ask("heal", name=name, kinds=list(hurts))

    def stats(self, name: str) -> dict[str, int]:
        """Connections `open` and `accepted`, replies `dropped`, bytes `up` to the server and `down` from it."""
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
    """A new socket for each attempt: POSIX leaves it open what one that has failed may still do."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(ANSWER_SECONDS)
    try:
        connection.connect(str(control))
    except OSError:
        connection.close()
        raise
    return connection
