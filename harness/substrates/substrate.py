"""The interface of substrates: the members of one stack, each behind a link of its proxy."""

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any, ClassVar, Self

from harness.application import Addresses, App, Provider, Role, Server
from harness.base.logs import LogFile
from harness.base.progress import Progress
from harness.base.run import Run
from harness.nodes.fork_server_client import ForkServerClient
from harness.nodes.links import Links
from harness.nodes.member import Member
from harness.nodes.node import Node
from harness.nodes.supervisor_client import SupervisorClient
from harness.substrates.servers import Servers
from harness.substrates.start import Start

DOOR = "supervisor.sock"


class Capability(enum.StrEnum):
    """Something that not every substrate can do; a scenario says `needs(...)` and is skipped where it is missing."""

    HURT = "hurt"
    TLS = "tls"
    VERSIONS = "versions"
    LIMITS = "limits"
    PIDS = "pids"
    PROGRAMS = "programs"

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Capability.HURT: "to kill, pause, restart and disconnect each member",
    Capability.TLS: "a Redis that speaks TLS",
    Capability.VERSIONS: "PostgreSQL and Redis of a chosen version",
    Capability.LIMITS: "members with a limit of memory",
    Capability.PIDS: "members whose processes are this machine's, to look at and signal one by one",
    Capability.PROGRAMS: "PostgreSQL's own programs, of its server's version, on this machine",
}


class Substrate(ABC):
    """Where one stack lives.

    Its servers have their links from the beginning, so that roles may be started before them: connections wait.

    Args:
        start: how it is started.
        supervisor: of everything that must end with the stack.
        links: its proxy.
    """

    name: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]
    needs_engine: ClassVar[bool] = False
    needs_binaries: ClassVar[bool] = False  # whether its servers are processes of this machine
    roles_are_local: ClassVar[bool] = True  # whether they are processes of this machine

    def __init__(self, start: Start, supervisor: SupervisorClient, links: Links) -> None:
        self.app = start.app
        self.run = start.run
        self.spec = start.spec
        self.share = start.share
        self.progress = start.progress
        self.supervisor = supervisor
        self.links = links
        self.nodes: dict[str, Node] = {}
        for server in self.app.server_names:
            if server not in links:
                links.add(server, published=True)

    @classmethod
    @abstractmethod
    def start(cls, start: Start) -> Self:
        """Start an empty one, after all slow preparations.

        Args:
            start: how it is started.
        """

    @classmethod
    def prepare(cls, app: App, progress: Progress) -> None:
        """Do the preparations for every stack of this kind that take longer than a scenario may.

        Args:
            app: whose stacks they are.
            progress: told each step.
        """
        del app, progress

    @classmethod
    @abstractmethod
    def attach(cls, start: Start) -> Self:
        """Take over one that was left running: its declared members run already.

        Args:
            start: how it was started.

        Raises:
            SupervisorError: it is gone, or another process uses it.
        """

    @abstractmethod
    def start_servers(self, secrets: Mapping[str, str]) -> Servers:
        """Start PostgreSQL, Redis, all other servers and the scripted providers, in parallel.

        Args:
            secrets: of the stack, among them the keys of providers.

        Raises:
            TimeoutError: a server did not answer.
        """

    @abstractmethod
    def find_servers(self, secrets: Mapping[str, str]) -> Servers:
        """The servers of a stack that was left running.

        Args:
            secrets: of the stack.
        """

    @abstractmethod
    def start_provider(self, provider: Provider, key: str) -> Any:
        """Start a scripted provider behind its link; return its client.

        Args:
            provider: of the application.
            key: the only key that it accepts; empty where it needs none.
        """

    @abstractmethod
    def declare_provider(self, provider: Provider, key: str) -> Node:
        """A scripted provider, not started yet; see `start_provider`."""

    @abstractmethod
    def declare_server(self, server: Server) -> Node:
        """Another server, not started yet; each start of it sets the target of its link, and waits until it answers.

        Args:
            server: of the application.

        Raises:
            DeclarationError: it is not declared for this kind of substrate.
        """

    def start_others(self, pool: Executor) -> Callable[[], dict[str, str]]:
        """Start the servers beside PostgreSQL and Redis in a pool.

        Args:
            pool: that starts each.

        Returns:
            A function that waits for them, and returns their URLs by name.
        """
        starting = [pool.submit(self.declare_server(server).start) for server in self.app.servers.values()]

        def started() -> dict[str, str]:
            for start in starting:
                start.result()
            return self.others()

        return started

    def find_others(self) -> dict[str, str]:
        """The other servers that run already; see `start_others`."""
        for server in self.app.servers.values():
            self.declare_server(server)
        return self.others()

    def others(self) -> dict[str, str]:
        """The URLs by which we reach the servers beside PostgreSQL and Redis, by name."""
        return {name: server.at(self.links.outside(name)) for name, server in self.app.servers.items()}

    def other_addresses(self, role: str) -> dict[str, str]:
        """The addresses of other servers for a role; see `addresses`."""
        return {name: server.at(self.link(role, name)) for name, server in self.app.servers.items()}

    @abstractmethod
    def addresses(self, role: str) -> Addresses:
        """The addresses of the servers for a role, by links of its own; the servers need not run yet."""

    def provider_addresses(self, role: str) -> dict[str, str]:
        """The addresses of the providers for a role; see `addresses`."""
        return {
            name: f"http://{self.link(role, name)}{provider.path}"
            for name, provider in self.app.providers.items()
        }

    def start_providers(self, pool: Executor, secrets: Mapping[str, str]) -> Callable[[], dict[str, Any]]:
        """Start them all in a pool.

        Args:
            pool: that starts each.
            secrets: of the stack.

        Returns:
            A function that waits for them, and returns their clients by name.
        """
        starting = {
            name: pool.submit(self.start_provider, provider, secrets.get(provider.key, ""))
            for name, provider in self.app.providers.items()
        }
        return lambda: {name: started.result() for name, started in starting.items()}

    def find_providers(self, secrets: Mapping[str, str]) -> dict[str, Any]:
        """The clients of the running providers, by name."""
        for provider in self.app.providers.values():
            self.declare_provider(provider, secrets.get(provider.key, ""))
        return {name: self.scripted(provider) for name, provider in self.app.providers.items()}

    def scripted(self, provider: Provider) -> Any:
        """The client of a running provider."""
        return provider.client(f"http://{self.links.outside(provider.name)}")

    @abstractmethod
    def declare_role(self, name: str, role: Role, environment: Mapping[str, str]) -> Node:
        """A role that is not started yet.

        Args:
            name: of the node.
            role: it plays.
            environment: all its variables.
        """

    def start_role(self, name: str, role: Role, environment: Mapping[str, str]) -> Node:
        """Start a role by its entrypoint; see `declare_role`."""
        node = self.declare_role(name, role, environment)
        node.start()
        return node

    def url(self, name: str) -> str:
        """The address by which we reach a role that listens."""
        return f"http://{self.links.outside(name)}"

    @property
    def runs(self) -> tuple[str, ...]:
        """Ids of all runs that it needs."""
        return (self.run.id,)

    def detach(self) -> int:
        """Let everything live on without us; return the pid of the process whose end ends it."""
        return self.supervisor.detach(self.run.data / DOOR)

    def stop(self) -> None:
        """End every member and remove the servers' data; if it was detached or taken over, only let go of it."""
        self.links.close()
        self.supervisor.stop()

    def link(self, member: str, server: str) -> str:
        """The address of a server for one member, by a link of its own."""
        name = f"{member}/{server}"
        return self.links.inside(name) if name in self.links else self.links.add(name)

    def declare(
        self, name: str, launch: Callable[[], Member], stop_signal: int, running: Member | None = None
    ) -> Node:
        """A member of the stack.

        Args:
            name: of it.
            launch: starts it.
            stop_signal: signal that asks it to end.
            running: its running part, if the stack was taken over.
        """
        log = LogFile(self.run.log(name))
        self.nodes[name] = Node(name, launch, log, self.links, stop_signal, running)
        return self.nodes[name]


def supervise(run: Run, fork_server: ForkServerClient | None = None) -> SupervisorClient:
    """Start the supervisor of a run; the run lives as long as it does.

    Args:
        run: the run whose data is removed with it.
        fork_server: forks it and its Python programs; without it, they start in new interpreters.
    """
    start = SupervisorClient.start if fork_server is None else fork_server.supervisor
    supervisor = start(run.log("supervisor"), [run.data])
    run.remember(supervisor.pid)
    return supervisor
