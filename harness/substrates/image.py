"""The substrate where every member is a container: the roles are what will be deployed, byte for byte."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

from app.roles import Role
from harness.application import current
from harness.base.progress import Progress
from harness.base.run import Run
from harness.base.wait import eventually
from harness.nodes.links import Links
from harness.nodes.node import Node
from harness.nodes.supervisor_client import Supervisor
from harness.providers.openai.client import FakeOpenAI
from harness.substrates.engine.build import app_image, tools_image
from harness.substrates.engine.claim import Claim
from harness.substrates.engine.container import Container, Wanted
from harness.substrates.engine.current import the_engine
from harness.substrates.in_containers import InContainers, own_part, shared_part
from harness.substrates.places import Place
from harness.substrates.redis_container import AUTHORITY_FOLDER, PROXY_DOMAIN
from harness.substrates.server_containers import certificates_of
from harness.substrates.start import Start
from harness.substrates.substrate import DOOR, Capability, listening_port, supervise

CONTROL = 9000  # port of the proxy at which it is told what to do
PUBLISHED = range(9001, 9007)  # ports of its links that we reach: three servers, and the roles that listen
OPENAI_PORT = 9090
AUTHORITY = "/etc/roadmap/authority.pem"  # in a role
START_SECONDS = 30.0


class Image(InContainers):
    """Roles, proxy and scripted provider as containers of one network. See Substrate.

    Args:
        start: see Substrate.
        supervisor: see Substrate.
        proxy: the container of the proxy.
    """

    name = "image"
    capabilities = InContainers.capabilities | {Capability.LIMITS}
    on_this_machine = False

    def __init__(self, start: Start, supervisor: Supervisor, proxy: Container) -> None:
        links = Links.reach(proxy.address(CONTROL), _proxy_name(start.run), proxy.address)
        super().__init__(start, supervisor, links)
        self.claim = Claim(start.run, supervisor)
        self._containers: dict[str, Container | None] = {}

    @classmethod
    def start(cls, start: Start) -> Self:
        """See Substrate; nothing is forked from a warm process here."""
        run = start.run
        supervisor = supervise(run)
        claim = Claim.make(run, supervisor)
        proxy = Wanted(
            image=tools_image(start.progress),
            node="proxy",
            run_id=run.id,
            alias=_proxy_name(run),
            command=["python", "-m", "harness.nodes.proxy", str(CONTROL), "0.0.0.0", *map(str, PUBLISHED)],
            ports=[CONTROL, *PUBLISHED],
        )
        if start.share is not None:
            part = shared_part(start, start.share)
            made = cls(start, supervisor, Container.start(replace(proxy, network=part.premises.network)))
        else:
            part, servers = own_part(start, claim, claim.network())
            # It brings Redis' authority to where the roles look for it: they may be there before Redis.
            carrier = replace(
                proxy,
                network=part.premises.network,
                folder=certificates_of(run),
                volumes={part.premises.authority_volume: AUTHORITY_FOLDER},
            )
            made = cls(start, supervisor, Container.start(carrier))
            made.own_servers = servers
        made.part = part
        return made

    @classmethod
    def prepare(cls, progress: Progress) -> None:
        """See Substrate: the images."""
        app_image(progress)
        tools_image(progress)

    @classmethod
    def attach(cls, start: Start) -> Self:
        """See Substrate."""
        supervisor = Supervisor.attach(start.run.data / DOOR)
        proxy = Container.find(start.run.id, "proxy")
        assert proxy is not None, f"{start.run.id} lives without its proxy"
        return cls(start, supervisor, proxy)

    def reach(self, place: Place) -> str:
        """See InContainers."""
        return place.inside

    @property
    def authority(self) -> str:
        """See InContainers."""
        return AUTHORITY

    def declare_role(self, name: str, role: Role, environment: Mapping[str, str]) -> Node:
        """See Substrate."""
        port = listening_port(role, environment)
        if port and name not in self.links:
            self.links.add(name, f"{self._alias(name)}:{environment[port]}", published=True)
        tier = current().tiers[self.spec.tier]
        wanted = Wanted(
            image=app_image(self.progress),
            node=name,
            run_id=self.run.id,
            alias=self._alias(name),
            network=self.part.premises.network,
            env=environment,
            volumes={self.part.premises.authority_volume: str(Path(AUTHORITY).parent)},
            memory_mb=tier.memory_mb,
            cpus=tier.cpus if tier.cpus and tier.cpus <= the_engine().cores else None,  # it refuses more
        )
        return self._declare_container(wanted)

    def start_openai(self, key: str) -> FakeOpenAI:
        """See Substrate."""
        node = self.declare_openai(key)
        node.start()
        self.links.aim("openai", f"{self._alias('openai')}:{OPENAI_PORT}")
        openai = FakeOpenAI(f"http://{self.links.outside('openai')}")
        eventually(
            openai.totals,
            timeout=START_SECONDS,
            what="the scripted provider's first answer",
            poll=0.01,
            unless=node.why_down,
        )
        return openai

    def declare_openai(self, key: str) -> Node:
        """See Substrate."""
        options = ["--host", "0.0.0.0", "--port", str(OPENAI_PORT), "--api-key", key]
        options += ["--unscripted", "ours"]
        wanted = Wanted(
            image=tools_image(self.progress),
            node="openai",
            run_id=self.run.id,
            alias=self._alias("openai"),
            network=self.part.premises.network,
            command=["python", "-m", "harness.providers.openai", *options],
        )
        return self._declare_container(wanted)

    def _declare_container(self, wanted: Wanted) -> Node:
        """A member that is a container: made at its first start, the same one afterwards."""
        running = Container.find(wanted.run_id, wanted.node) if self.supervisor.detached else None
        self._containers.setdefault(wanted.node, running)
        return self.declare(wanted.node, self._launch(wanted), signal.SIGTERM, running)

    def _launch(self, wanted: Wanted) -> Callable[[], Container]:
        def launch() -> Container:
            container = self._containers[wanted.node]
            # It does not, where the sources have changed since, or the variables.
            if container is not None and not container.fits(wanted):
                container.remove()
                container = None
            if container is None:
                container = self._containers[wanted.node] = Container.start(wanted)
            else:
                container.start_again()
            return container

        return launch

    def _alias(self, node: str) -> str:
        return f"{node}.{self.run.token}.roadmap.internal"


def _proxy_name(run: Run) -> str:
    return f"{run.token}.{PROXY_DOMAIN}"
