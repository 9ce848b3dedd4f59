"""Redis, played by Valkey from a directory of binaries."""

import socket
from pathlib import Path

from harness.base.logs import SHOWN_LINES, LogFile
from harness.base.wait import eventually
from harness.nodes.process import Process
from harness.nodes.supervisor_client import SupervisorClient
from harness.substrates.binaries import Binaries

START_SECONDS = 10.0


class ValkeyServer:
    """One server without persistence, reachable through a socket in its own folder.

    Args:
        binaries: of the server.
        folder: for the socket; a short path.
        log: what the server writes.
    """

    def __init__(self, binaries: Binaries, folder: Path, log: Path) -> None:
        self._binaries = binaries
        self._socket = folder / "valkey.sock"
        self._folder = folder
        self._log = log

    @property
    def target(self) -> str:
        """Its target for a link of the proxy."""
        return f"unix:{self._socket}"

    @staticmethod
    def url(address: str) -> str:
        """The URL for a role, once a link leads here: plain, as on Railway's private network.

        Args:
            address: `host:port` of the link.
        """
        return f"redis://{address}/0"

    def start(self, supervisor: SupervisorClient) -> Process:
        """Start the server and return once it has answered.

        Raises:
            TimeoutError: it did not answer; shows its log.
        """
        self._socket.unlink(missing_ok=True)
        process = supervisor.spawn(
            "redis",
            [
                *(self._binaries.program("valkey-server"), "--port", "0", "--unixsocket", self._socket),
                *(
                    "--save",
                    "",
                    "--appendonly",
                    "no",
                    "--maxmemory-policy",
                    "noeviction",
                    "--dir",
                    self._folder,
                ),
            ],
            log=self._log,
        )
        eventually(
            self._answers,
            timeout=START_SECONDS,
            what="Valkey's first answer",
            poll=0.002,
            unless=lambda: None if process.alive else "it has ended",
            evidence=lambda: LogFile(self._log).tail(SHOWN_LINES),
        )
        return process

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(self._socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
