"""A declared server as a process of this machine."""

import os
import socket

from harness.application import Server
from harness.application.templates import fill
from harness.base.logs import SHOWN_LINES, LogFile
from harness.base.run import Run
from harness.base.wait import eventually
from harness.nodes.process import Process
from harness.nodes.proxy import LOOPBACK
from harness.nodes.supervisor_client import SupervisorClient

START_SECONDS = 30.0
CONNECT_SECONDS = 1.0


class ServerProcess:
    """One server, reachable through a port of this machine. After a restart it finds its folder again.

    Args:
        server: as it is declared.
        port: that it listens on.
        run: its run.
        search_path: PATH of its program.
    """

    def __init__(self, server: Server, port: str, run: Run, search_path: str) -> None:
        self._server = server
        self._address = f"{LOOPBACK}:{port}"
        self._folder = run.data / server.name
        known = {"host": LOOPBACK, "port": port, "folder": str(self._folder)}
        self._argv = tuple(fill(word, known) for word in server.program())
        self._log = run.log(server.name)
        self._env = {**os.environ, "PATH": search_path}

    def start(self, supervisor: SupervisorClient) -> Process:
        """Start it and return once it has answered.

        Args:
            supervisor: the supervisor with which it ends.

        Raises:
            TimeoutError: it did not answer; shows its log.
        """
        self._folder.mkdir(exist_ok=True)
        name = self._server.name
        process = supervisor.spawn(
            name,
            self._argv,
            log=self._log,
            env=self._env,
            cwd=self._folder,
            stop_signal=self._server.stop_signal,
        )
        eventually(
            lambda: answers(self._server, self._address),
            timeout=START_SECONDS,
            what=f"the first answer of {name}",
            poll=0.005,
            unless=lambda: None if process.alive else "it has ended",
            evidence=lambda: LogFile(self._log).tail(SHOWN_LINES),
        )
        return process


def answers(server: Server, address: str) -> bool:
    """Whether a server works.

    Args:
        server: as it is declared.
        address: its own `host:port`, not that of a link: the proxy accepts connections before the server listens.

    Raises:
        Exception: nobody listens there, or its own `answers` raises it.
    """
    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
    return server.answers is None or server.answers(server.at(address))
