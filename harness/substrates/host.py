"""The base of the substrates whose roles are processes of this machine: proxy, provider and roles."""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from harness.application import Provider, Role
from harness.application.templates import fill
from harness.base.wait import eventually
from harness.nodes.debug import debugged, folder_of
from harness.nodes.guard import guarded
from harness.nodes.links import Links
from harness.nodes.node import Node
from harness.nodes.ports import ReservedPort
from harness.nodes.process import Process
from harness.nodes.proxy import LOOPBACK
from harness.nodes.supervisor_client import SupervisorClient
from harness.substrates.start import Start
from harness.substrates.substrate import DOOR, Substrate, supervise

START_SECONDS = 15.0


class Host(Substrate):
    """Roles as processes of the real entrypoint under one supervisor, every link through one proxy. See Substrate.

    Args:
        start: see Substrate.
        supervisor: see Substrate.
        links: see Substrate.
    """

    def __init__(self, start: Start, supervisor: SupervisorClient, links: Links) -> None:
        super().__init__(start, supervisor, links)
        self._forks = start.fork_server is not None
        self._ports: dict[str, ReservedPort] = {}

    @classmethod
    def start(cls, start: Start) -> Self:
        """See Substrate."""
        return cls.under(start, supervise(start.run, start.fork_server))

    @classmethod
    def under(cls, start: Start, supervisor: SupervisorClient) -> Self:
        """Start one with its proxy, under a running supervisor; see Substrate.

        Args:
            start: how it is started.
            supervisor: of its run.
        """
        return cls(start, supervisor, Links.start(supervisor, start.run.data, start.run.log("proxy")))

    @classmethod
    def attach(cls, start: Start) -> Self:
        """See Substrate."""
        data = start.run.data
        return cls(start, SupervisorClient.attach(data / DOOR), Links.attach(data))

    def declare_role(self, name: str, role: Role, environment: Mapping[str, str]) -> Node:
        """See Substrate; a port in the environment becomes a free one, behind a link of the role's name."""
        own = {**environment, "PATH": self.app.search_path, **self.app.local}
        own["TMPDIR"] = str(self.run.data)  # leftovers of a killed role are removed with the run
        port = self._port(name) if role.listens else ""
        own.setdefault("HOME", str(self.run.data))  # a home folder without credentials of ours
        if role.port:
            own[role.port] = port
        if self.app.environment is None:
            listening = [other for other, one in self.app.roles.items() if one.listens]
            reached = [f"{LOOPBACK}:{self._port(other)}" for other in listening]  # this makes their links
            for server in self.app.server_names:
                self.link(name, server)
            reached += self.links.all_inside()
            own = guarded(own, self.run.data / "guard" / name, reached)
        if name in self.spec.debug:
            own = debugged(own, folder_of(self.run.data, name), role.forked[1:])
        count = self.app.tiers[self.spec.tier].concurrency.get(role.kind, 1)
        own_folder = self.run.data / "tmp" / name  # two beats would use the same file
        own_folder.mkdir(parents=True, exist_ok=True)
        known = {"host": LOOPBACK, "port": port, "n": str(count), "tmp": str(own_folder)}
        argv = tuple(fill(word, known) for word in (self._forks and role.forked) or role.argv)

        def launch() -> Process:
            return self.supervisor.spawn(name, argv, env=own, cwd=self.app.root, log=self.run.log(name))

        return self.declare(name, launch, signal.SIGTERM, self.supervisor.members.get(name))

    def stop(self) -> None:
        """See Substrate."""
        super().stop()
        for port in self._ports.values():
            port.close()

    def start_provider(self, provider: Provider, key: str) -> Any:
        """See Substrate."""
        node = self.declare_provider(provider, key)
        announced = self._announced(provider)
        node.start()
        url = eventually(
            lambda: announced.read_text() if announced.exists() else None,
            timeout=START_SECONDS,
            what=f"the address of the scripted provider {provider.name}",
            poll=0.01,
            unless=node.why_down,
        )
        self.links.aim(provider.name, url.removeprefix("http://"))
        return self.scripted(provider)

    def declare_provider(self, provider: Provider, key: str) -> Node:
        """See Substrate; it writes its port into a file."""
        name, announced = provider.name, self._announced(provider)
        argv = [sys.executable, "-m", provider.module, "--port", "0", "--announce", str(announced)]
        argv += [*(("--api-key", key) if key else ()), *provider.options]

        def launch() -> Process:
            announced.unlink(missing_ok=True)
            return self.supervisor.spawn(name, argv, log=self.run.log(name), cwd=self.app.root)

        return self.declare(name, launch, signal.SIGTERM, self.supervisor.members.get(name))

    def _announced(self, provider: Provider) -> Path:
        return self.run.data / f"{provider.name}.url"

    def _port(self, name: str) -> str:
        """The port of a role or a server, behind the link of its name."""
        if name not in self.links or not self.links.target(name):
            self._ports[name] = port = ReservedPort()
            aim = self.links.aim if name in self.links else self.links.add
            aim(name, f"{LOOPBACK}:{port.number}")
        return self.links.target(name).rpartition(":")[2]
