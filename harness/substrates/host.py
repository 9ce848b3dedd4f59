"""What the substrates have in common whose roles are processes of this machine: proxy, provider and roles."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from app.roles import Role
from harness.base.run import ROOT
from harness.base.wait import eventually
from harness.nodes.links import Links
from harness.nodes.node import Node
from harness.nodes.ports import ReservedPort
from harness.nodes.process import Process
from harness.nodes.proxy import LOOPBACK
from harness.nodes.supervisor_client import Supervisor
from harness.providers.openai.client import FakeOpenAI
from harness.substrates.start import Start
from harness.substrates.substrate import AUTHOR, DOOR, Substrate, listening_port, supervise

ENTRYPOINT = ROOT / "scripts" / "railway_entrypoint.sh"
FORKED_ENTRYPOINT = (sys.executable, "-m", "app.entrypoint")  # what the script becomes
START_SECONDS = 15.0


class Host(Substrate):
    """Roles as processes of the real entrypoint under one supervisor, every link through one proxy. See Substrate.

    Args:
        start: see Substrate.
        supervisor: see Substrate.
        links: see Substrate.
    """

    def __init__(self, start: Start, supervisor: Supervisor, links: Links) -> None:
        super().__init__(start, supervisor, links)
        self._entrypoint: Sequence[str | Path] = (ENTRYPOINT,) if start.warm is None else FORKED_ENTRYPOINT
        self._ports: dict[str, ReservedPort] = {}

    @classmethod
    def start(cls, start: Start) -> Self:
        """See Substrate."""
        return cls.under(start, supervise(start.run, start.warm))

    @classmethod
    def under(cls, start: Start, supervisor: Supervisor) -> Self:
        """A new one with its proxy, under a supervisor that runs already; see Substrate.

        Args:
            start: how it is started.
            supervisor: of its run.
        """
        return cls(start, supervisor, Links.start(supervisor, start.run.data, start.run.log("proxy")))

    @classmethod
    def attach(cls, start: Start) -> Self:
        """See Substrate."""
        data = start.run.data
        return cls(start, Supervisor.attach(data / DOOR), Links.attach(data))

    def declare_role(self, name: str, role: Role, environment: Mapping[str, str]) -> Node:
        """See Substrate; a port in the environment becomes a free one, behind a link of the service's name."""
        own = dict(environment) | {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "HOST": "127.0.0.1"}
        own["TMPDIR"] = str(self.run.data)  # what a role that is killed leaves behind goes with the run
        port = listening_port(role, own)
        if port:
            own[port] = self._port(name)

        def launch() -> Process:
            return self.supervisor.spawn(name, self._entrypoint, env=own, cwd=ROOT, log=self.run.log(name))

        return self.declare(name, launch, signal.SIGTERM, self.supervisor.members.get(name))

    def stop(self) -> None:
        """See Substrate."""
        super().stop()
        for port in self._ports.values():
            port.close()

    def start_openai(self, key: str) -> FakeOpenAI:
        """See Substrate."""
        node = self.declare_openai(key)
        node.start()
        url = eventually(
            lambda: self._announced.read_text() if self._announced.exists() else None,
            timeout=START_SECONDS,
            what="the scripted provider's address",
            poll=0.01,
            unless=node.why_down,
        )
        self.links.aim("openai", url.removeprefix("http://"))
        return FakeOpenAI(f"http://{self.links.outside('openai')}")

    def declare_openai(self, key: str) -> Node:
        """See Substrate; it announces the port it has found in a file."""
        options = {
            "--port": "0",
            "--announce": str(self._announced),
            "--api-key": key,
            "--unscripted": "ours",
            "--author": AUTHOR,
        }
        argv = [
            sys.executable,
            "-m",
            "harness.providers.openai",
            *(word for pair in options.items() for word in pair),
        ]

        def launch() -> Process:
            self._announced.unlink(missing_ok=True)
            return self.supervisor.spawn("openai", argv, log=self.run.log("openai"), cwd=ROOT)

        return self.declare("openai", launch, signal.SIGTERM, self.supervisor.members.get("openai"))

    @property
    def _announced(self) -> Path:
        return self.run.data / "openai.url"

    def _port(self, name: str) -> str:
        """Where a role listens, behind the link of its name."""
        if name not in self.links:
            self._ports[name] = port = ReservedPort()
            self.links.add(name, f"{LOOPBACK}:{port.number}")
        return self.links.target(name).rpartition(":")[2]
