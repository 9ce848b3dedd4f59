"""The substrate where every member is a container: the roles run from the image that will be deployed."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from harness.application import App, Provider, Role
from harness.application.templates import fill
from harness.base.progress import Progress
from harness.base.run import Run
from harness.base.wait import eventually
from harness.nodes.links import Links
from harness.nodes.node import Node
from harness.nodes.supervisor_client import SupervisorClient
from harness.substrates.engine.build import app_image, tools_image
from harness.substrates.engine.claim import Claim
from harness.substrates.engine.container import Container, Wanted
from harness.substrates.engine.current import the_engine
from harness.substrates.in_containers import InContainers, own_part, shared_part
from harness.substrates.places import Place
from harness.substrates.redis_container import AUTHORITY_FOLDER, PROXY_DOMAIN
from harness.substrates.server_containers import certificates_of
from harness.substrates.start import Start
from harness.substrates.substrate import DOOR, Capability, supervise

CONTROL = 9000  # port of the proxy for its orders
FIRST_PUBLISHED = 9001  # first port of the links that we reach: those of servers, and of roles that listen
PROVIDER_PORT = 9090
USUAL_PORT = "8000"  # port of a role whose port is only in its command
AUTHORITY = "/etc/harness/authority.pem"  # path in a role's container
EVERYWHERE = "0.0.0.0"
TMP = "/tmp"  # noqa: S108 - in a container
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
    roles_are_local = False

    def __init__(self, start: Start, supervisor: SupervisorClient, proxy: Container) -> None:
        links = Links.reach(proxy.address(CONTROL), _proxy_name(start.run), proxy.address)
        super().__init__(start, supervisor, links)
        self.claim = Claim(start.run, supervisor)
        self._containers: dict[str, Container | None] = {}

    @classmethod
    def start(cls, start: Start) -> Self:
        """See Substrate; the fork server is not used here."""
        run, published = start.run, _published(start.app)
        supervisor = supervise(run)
        claim = Claim.make(run, supervisor)
        proxy = Wanted(
            image=tools_image(start.app, start.progress),
            node="proxy",
            run_id=run.id,
            alias=_proxy_name(run),
            command=["python", "-m", "harness.nodes.proxy", str(CONTROL), EVERYWHERE, *map(str, published)],
            ports=[CONTROL, *published],
        )
        if start.share is not None:
            part = shared_part(start, start.share)
            made = cls(start, supervisor, Container.start(replace(proxy, network=part.premises.network)))
        else:
            part, servers = own_part(start, claim, claim.network())
            # It copies the certificate of Redis' authority for the roles: they may start before Redis.
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
    def prepare(cls, app: App, progress: Progress) -> None:
        """See Substrate: the images."""
        super().prepare(app, progress)
        app_image(app, progress)
        tools_image(app, progress)

    @classmethod
    def attach(cls, start: Start) -> Self:
        """See Substrate."""
        supervisor = SupervisorClient.attach(start.run.data / DOOR)
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
        port = environment.get(role.port, USUAL_PORT)
        if role.listens and name not in self.links:
            self.links.add(name, f"{self.alias(name)}:{port}", published=True)
        tier = self.app.tiers[self.spec.tier]
        count = str(tier.concurrency.get(role.kind, 1))
        known = {"host": EVERYWHERE, "port": port, "n": count, "tmp": TMP}
        # The engine refuses more.
        wanted = Wanted(
            image=app_image(self.app, self.progress),
            command=[fill(word, known) for word in role.command],
            node=name,
            run_id=self.run.id,
            alias=self.alias(name),
            network=self.part.premises.network,
            env=environment,
            volumes={self.part.premises.authority_volume: str(Path(AUTHORITY).parent)},
            memory_mb=tier.memory_mb,
            cpus=tier.cpus if tier.cpus and tier.cpus <= the_engine().cores else None,
        )
        return self._declare_container(wanted)

    def start_provider(self, provider: Provider, key: str) -> Any:
        """See Substrate."""
        node = self.declare_provider(provider, key)
        node.start()
        self.links.aim(provider.name, f"{self.alias(provider.name)}:{PROVIDER_PORT}")
        client = self.scripted(provider)
        eventually(
            client.totals,
            timeout=START_SECONDS,
            what=f"the first answer of the scripted provider {provider.name}",
            poll=0.01,
            unless=node.why_down,
        )
        return client

    def declare_provider(self, provider: Provider, key: str) -> Node:
        """See Substrate."""
        options = ["--host", EVERYWHERE, "--port", str(PROVIDER_PORT), *(("--api-key", key) if key else ())]
        wanted = Wanted(
            image=tools_image(self.app, self.progress),
            node=provider.name,
            run_id=self.run.id,
            alias=self.alias(provider.name),
            network=self.part.premises.network,
            command=["python", "-m", provider.module, *options, *provider.options],
        )
        return self._declare_container(wanted)

    def _declare_container(self, wanted: Wanted) -> Node:
        """A member in a container: made at its first start, and started again later."""
        running = Container.find(wanted.run_id, wanted.node) if self.supervisor.detached else None
        self._containers.setdefault(wanted.node, running)
        return self.declare(wanted.node, self._launch(wanted), signal.SIGTERM, running)

    def _launch(self, wanted: Wanted) -> Callable[[], Container]:
        def launch() -> Container:
            container = self._containers[wanted.node]
            # It does not fit if the sources or the variables have changed since.
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
        return f"{node}.{self.run.token}.harness.internal"


def _proxy_name(run: Run) -> str:
    return f"{run.token}.{PROXY_DOMAIN}"


def _published(app: App) -> range:
    """The published ports of the proxy: one for each server and each role that listens."""
    wanted = len(app.server_names) + sum(role.listens for role in app.roles.values())
    return range(FIRST_PUBLISHED, FIRST_PUBLISHED + wanted)
