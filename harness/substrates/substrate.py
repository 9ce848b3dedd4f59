"""What every substrate is: the members of one stack, each behind a link of its proxy."""

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, Self

from app.roles import Role
from harness.base.logs import LogFile
from harness.base.progress import Progress
from harness.base.run import Run
from harness.nodes.fork_server_client import WarmParent
from harness.nodes.links import Links
from harness.nodes.member import Member
from harness.nodes.node import Node
from harness.nodes.supervisor_client import Supervisor
from harness.providers.openai.client import FakeOpenAI
from harness.substrates.servers import Given, Servers
from harness.substrates.start import Start

DOOR = "supervisor.sock"
AUTHOR = "scenarios/roadmaps/author.py:write"  # of answers to prompts of ours; from the project's folder, and from the image's
SERVERS = ("postgres", "redis", "openai")


class Capability(enum.StrEnum):
    """What not every substrate can do; a scenario says `needs(...)` and is skipped where it is lacking."""

    HURT = "hurt"
    TLS = "tls"
    VERSIONS = "versions"
    LIMITS = "limits"
    PIDS = "pids"

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Capability.HURT: "to kill, pause, restart and disconnect each member",
    Capability.TLS: "a Redis that speaks TLS",
    Capability.VERSIONS: "PostgreSQL and Redis of a chosen version",
    Capability.LIMITS: "members with a limit of memory",
    Capability.PIDS: "members whose processes are this machine's, to look at and signal one by one",
}


class Substrate(ABC):
    """Where one stack lives.

    Its servers have their links from the beginning, so that roles may be started before them: what they connect to waits.

    Args:
        start: how it is started.
        supervisor: of everything that must end with the stack.
        links: its proxy.
    """

    name: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]
    needs_engine: ClassVar[bool] = False
    on_this_machine: ClassVar[bool] = True  # whether its roles are processes of it

    def __init__(self, start: Start, supervisor: Supervisor, links: Links) -> None:
        self.run = start.run
        self.spec = start.spec
        self.share = start.share
        self.progress = start.progress
        self.supervisor = supervisor
        self.links = links
        self.nodes: dict[str, Node] = {}
        for server in SERVERS:
            if server not in links:
                links.add(server, published=True)

    @classmethod
    @abstractmethod
    def start(cls, start: Start) -> Self:
        """A new one with nothing in it yet, for which all that takes long has been made.

        Args:
            start: how it is started.
        """

    @classmethod
    def prepare(cls, progress: Progress) -> None:
        """Make what every stack of this kind needs and what takes longer than a scenario may.

        Args:
            progress: told each step.
        """
        del progress

    @classmethod
    @abstractmethod
    def attach(cls, start: Start) -> Self:
        """One that was left running: what is declared is found to be running already.

        Args:
            start: how it was started.

        Raises:
            SupervisorError: it is gone, or somebody else uses it.
        """

    @abstractmethod
    def start_servers(self, openai_key: str) -> Servers:
        """Start PostgreSQL, Redis and the scripted provider, all at once.

        Args:
            openai_key: the only one the provider accepts.

        Raises:
            TimeoutError: a server did not answer.
        """

    @abstractmethod
    def find_servers(self, openai_key: str) -> Servers:
        """The servers of a stack that was left running.

        Args:
            openai_key: that the provider was started with.
        """

    @abstractmethod
    def start_openai(self, key: str) -> FakeOpenAI:
        """Start the scripted provider behind its link.

        Args:
            key: the only one it accepts.
        """

    @abstractmethod
    def declare_openai(self, key: str) -> Node:
        """The scripted provider, not started yet."""

    @abstractmethod
    def given(self, service: str) -> Given:
        """Where a service finds the servers, which need not run yet: by links of its own."""

    @abstractmethod
    def declare_role(self, name: str, role: Role, environment: Mapping[str, str]) -> Node:
        """A role that is not started yet.

        Args:
            name: of the service.
            role: it plays.
            environment: everything it is given.
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
        """Ids of the runs that must live for it to live."""
        return (self.run.id,)

    def detach(self) -> int:
        """Let everything live on without us; answers the pid whose end ends it."""
        return self.supervisor.detach(self.run.data / DOOR)

    def stop(self) -> None:
        """End every member and remove the servers' data; of one that was detached or taken over, only let go."""
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
            stop_signal: by which it is asked to end.
            running: what runs of it already, if the stack was taken over with it.
        """
        log = LogFile(self.run.log(name))
        self.nodes[name] = Node(name, launch, log, self.links, stop_signal, running)
        return self.nodes[name]


def supervise(run: Run, warm: WarmParent | None = None) -> Supervisor:
    """The supervisor of a run, whose life is from now on the run's.

    Args:
        run: whose data goes with it.
        warm: where it and its Python programs are forked from, if not started anew.
    """
    start = Supervisor.start if warm is None else warm.supervisor
    supervisor = start(run.log("supervisor"), [run.data])
    run.remember(supervisor.pid)
    return supervisor


def listening_port(role: Role, environment: Mapping[str, str]) -> str | None:
    """The variable with the port that a role listens on; None if it listens on none."""
    command = " ".join(role.command)
    return next(
        (name for name in ("PORT", "FLOWER_PORT") if name in environment and f"{{{name}}}" in command), None
    )
