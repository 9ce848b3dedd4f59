"""The substrate where every member is a container: the roles are what will be deployed, byte for byte."""

import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from app.roles import Role
from harness.deployment import Deployment
from harness.engine.build import app_image, tools_image
from harness.engine.claim import Claim
from harness.engine.container import Container, Wanted
from harness.engine.current import the_engine
from harness.fake_openai.client import FakeOpenAI
from harness.links import Links
from harness.node import Node
from harness.processes import Supervisor
from harness.progress import Progress, silence
from harness.run import Run
from harness.spec import StackSpec
from harness.substrates.in_containers import InContainers
from harness.substrates.places import Place
from harness.substrates.redis_container import PROXY_DOMAIN
from harness.substrates.share import Share
from harness.substrates.substrate import DOOR, Capability, listening_port, supervise
from harness.wait import eventually
from harness.warm_parent import WarmParent

CONTROL = 9000  # port of the proxy at which it is told what to do
PUBLISHED = range(9001, 9007)  # ports of its links that we reach: three servers, and the roles that listen
OPENAI_PORT = 9090
AUTHORITY = "/etc/roadmap/authority.pem"  # in a role
START_SECONDS = 30.0
NETWORK = "network"


class Image(InContainers):
    """Roles, proxy and scripted provider as containers of one network. See Substrate.

    Args:
        proxy: the container of the proxy.
        network: of all of them.
    """

    name = "image"
    capabilities = InContainers.capabilities | {Capability.LIMITS}
    on_this_machine = False

    def __init__(
        self,
        run: Run,
        spec: StackSpec,
        supervisor: Supervisor,
        proxy: Container,
        network: str,
        *,
        share: Share | None = None,
        progress: Progress = silence,
    ) -> None:
        links = Links.reach(proxy.address(CONTROL), _proxy_name(run), proxy.address)
        super().__init__(run, spec, supervisor, links, share=share, progress=progress)
        self.claim = Claim(run, supervisor)
        self.network = network
        self._containers: dict[str, Container | None] = {}

    @classmethod
    def start(
        cls,
        run: Run,
        spec: StackSpec,
        *,
        warm: WarmParent | None = None,
        share: Share | None = None,
        progress: Progress = silence,
    ) -> Self:
        """See Substrate; nothing is forked from a warm process here."""
        del warm
        supervisor = supervise(run)
        claim = Claim.make(run, supervisor)
        network = share.places.network if share else claim.network()
        (run.data / NETWORK).write_text(network)
        proxy = Wanted(
            image=tools_image(progress),
            node="proxy",
            run_id=run.id,
            alias=_proxy_name(run),
            network=network,
            command=["python", "-m", "harness.proxy", str(CONTROL), "0.0.0.0", *map(str, PUBLISHED)],
            ports=[CONTROL, *PUBLISHED],
        )
        container = Container.start(proxy)
        return cls(run, spec, supervisor, container, network, share=share, progress=progress)

    @classmethod
    def prepare(cls, progress: Progress) -> None:
        """See Substrate: the images."""
        app_image(progress)
        tools_image(progress)

    @classmethod
    def attach(cls, run: Run, spec: StackSpec) -> Self:
        """See Substrate."""
        supervisor = Supervisor.attach(run.data / DOOR)
        proxy = Container.find(run.id, "proxy")
        assert proxy is not None, f"{run.id} lives without its proxy"
        return cls(run, spec, supervisor, proxy, (run.data / NETWORK).read_text())

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
        tier = Deployment.load().tiers[self.spec.tier]
        wanted = Wanted(
            image=app_image(self.progress),
            node=name,
            run_id=self.run.id,
            alias=self._alias(name),
            network=self.network,
            env=environment,
            volumes={self.part.places.authority_volume: str(Path(AUTHORITY).parent)},
            memory_mb=tier.memory_mb,
            cpus=tier.cpus if tier.cpus and tier.cpus <= the_engine().cores else None,  # it refuses more
        )
        return self._declare_container(wanted)

    def start_openai(self, key: str) -> FakeOpenAI:
        """See Substrate."""
        node = self.declare_openai(key)
        node.start()
        self.links.add("openai", f"{self._alias('openai')}:{OPENAI_PORT}", published=True)
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
            network=self.network,
            command=["python", "-m", "harness.fake_openai", *options],
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
            if container is not None and container.image != wanted.image:  # the sources have changed since
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
