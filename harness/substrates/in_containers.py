"""The base of the substrates whose PostgreSQL and Redis are containers: their own, or a part of a session's."""

import signal
from abc import abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import redis

from harness.application import POSTGRES, REDIS, Addresses, App, Server
from harness.application.templates import numbered
from harness.base.logs import LogFile
from harness.base.progress import Progress
from harness.nodes.member import Member
from harness.nodes.node import Node, SharedNode
from harness.substrates import postgres_container, redis_container
from harness.substrates.declared_container import DeclaredContainer, fetched
from harness.substrates.engine.claim import Claim
from harness.substrates.engine.container import Container, Wanted
from harness.substrates.places import Place, Premises
from harness.substrates.postgres_container import (
    ADMIN,
    DATABASE,
    create_database,
    database_url,
    drop_database,
)
from harness.substrates.server_container import ServerContainer
from harness.substrates.server_containers import ServerContainers
from harness.substrates.servers import Servers
from harness.substrates.share import Share
from harness.substrates.start import Start
from harness.substrates.substrate import Capability, Substrate
from harness.substrates.versions import Versions

PART = "part.json"


@dataclass(frozen=True, slots=True)
class Part:
    """A stack's part of PostgreSQL and Redis.

    Args:
        premises: of the servers.
        database: its own database of PostgreSQL.
        number: number of its own Redis database.
        shared: whether other stacks use the servers too.
    """

    premises: Premises
    database: str
    number: int
    shared: bool


def shared_part(start: Start, share: Share) -> Part:
    """A stack's part of a session's servers.

    Args:
        start: of the stack.
        share: the share that it has taken.
    """
    return Part(share.places.premises, _name(start), share.number, shared=True)


def own_part(start: Start, claim: Claim, network: str = "") -> tuple[Part, ServerContainers]:
    """Servers for one stack, ready to be started, and its part of them: everything.

    Args:
        start: of the stack.
        claim: of its run.
        network: network in which other containers reach them; none by default.

    Raises:
        EngineError: an image is not available.
    """
    versions = Versions(start.spec.postgres, start.spec.redis)
    servers = ServerContainers.prepare(start.app, claim, versions, network, start.progress)
    return Part(servers.premises, DATABASE if start.spec.schema else _name(start), 0, shared=False), servers


def _name(start: Start) -> str:
    """The name of a database for one stack."""
    return f"{DATABASE}_{start.run.token}"


class InContainers(Substrate):
    """Servers in containers; see Substrate. Subclasses say how roles run."""

    needs_engine = True
    capabilities = frozenset({Capability.HURT, Capability.TLS, Capability.VERSIONS})
    part: Part
    own_servers: ServerContainers  # only where it does not share a session's servers
    claim: Claim | None = None  # claim of this run to the engine, where it has containers of its own

    @classmethod
    def prepare(cls, app: App, progress: Progress) -> None:
        """See Substrate: fetches the images of the declared servers."""
        for server in app.servers.values():
            fetched(server, progress)

    @abstractmethod
    def reach(self, place: Place) -> str:
        """The `host:port` by which the proxy reaches a server."""

    @property
    def authority(self) -> str:
        """The path at which a role finds the certificate of Redis' authority."""
        return self.part.premises.authority

    def start_servers(self, secrets: Mapping[str, str]) -> Servers:
        """See Substrate.

        Raises:
            EngineError: the engine refused, or an image is not available.
            TimeoutError: a server did not answer.
        """
        with ThreadPoolExecutor() as pool:
            providers, others = self.start_providers(pool, secrets), self.start_others(pool)
            (self.run.data / PART).write_bytes(msgspec.json.encode(self.part))
            places = self.share.places if self.share else self.own_servers.start()
            self._declare_servers()
            if self.part.database != DATABASE:  # the image has it already
                create_database(places.postgres.outside, self.part.database, schema=self.spec.schema)
            first = self._redis_url(places.redis.outside, tls=False)
            for number in range(self.app.redis.databases):
                with redis.Redis.from_url(numbered(first, number)) as client:
                    client.flushdb()  # data of the last stack with this number
            self.links.aim(POSTGRES, self.reach(places.postgres))
            self.links.aim(REDIS, self.reach(places.redis_tls if self.spec.tls else places.redis))
            return self._seen_by_us(providers(), others())

    def find_servers(self, secrets: Mapping[str, str]) -> Servers:
        """See Substrate."""
        self.part = msgspec.json.decode((self.run.data / PART).read_bytes(), type=Part)
        if not self.part.shared:
            self.own_servers = ServerContainers.find(self.run, self.part.premises)
        self._declare_servers()
        return self._seen_by_us(self.find_providers(secrets), self.find_others())

    def declare_server(self, server: Server) -> Node:
        """See Substrate; its image is fetched where the engine lacks it."""
        wanted = Wanted(
            image=fetched(server, self.progress),
            node=server.name,
            run_id=self.run.id,
            alias=self.alias(server.name),
            network=self.part.premises.network,
        )
        running = Container.find(self.run.id, server.name) if self.supervisor.detached else None
        container = DeclaredContainer(server, wanted, running)
        return self._declare(server.name, container, server.port, server.stop_signal)

    def alias(self, node: str) -> str:
        """The name of a member's container.

        Args:
            node: of the stack.
        """
        return f"{node}.{self.run.token}.harness.internal"

    def addresses(self, role: str) -> Addresses:
        """See Substrate."""
        return Addresses(
            database_url(self.link(role, POSTGRES), self.part.database),
            self._redis_url(self.link(role, REDIS), tls=bool(self.spec.tls)),
            self.provider_addresses(role),
            self.authority if self.spec.tls else "",
            self.other_addresses(role),
        )

    @property
    def runs(self) -> tuple[str, ...]:
        """See Substrate."""
        return (self.run.id, self.part.premises.run_id) if self.part.shared else (self.run.id,)

    def detach(self) -> int:
        """See Substrate."""
        if self.share is not None:
            self.share.keep()
        return super().detach()

    def stop(self) -> None:
        """See Substrate."""
        detached = self.supervisor.detached
        if self.claim is not None and not detached:
            self.claim.give_up()
        super().stop()
        if self.share is None:
            return
        try:
            if not detached and hasattr(self, "part"):
                drop_database(self.share.places.postgres.outside, self.part.database)
        finally:
            self.share.close()

    def _seen_by_us(self, providers: Mapping[str, Any], others: Mapping[str, str]) -> Servers:
        outside = self.links.outside
        redis_url = self._redis_url(outside(REDIS), tls=bool(self.spec.tls))
        if self.spec.tls:  # this machine does not trust the authority
            redis_url += f"?ssl_cert_reqs=required&ssl_ca_certs={self.part.premises.authority}"
        admin_url = database_url(outside(POSTGRES), self.part.database, ADMIN)
        return Servers(
            database_url(outside(POSTGRES), self.part.database), redis_url, providers, others, admin_url
        )

    def _redis_url(self, address: str, *, tls: bool) -> str:
        scheme = "rediss" if tls else "redis"
        return f"{scheme}://default:{self.part.premises.redis_password}@{address}/{self.part.number}"

    def _declare_servers(self) -> None:
        if self.part.shared:
            for name in (POSTGRES, REDIS):
                log = LogFile(Path(self.part.premises.logs) / f"{name}.log")
                self.nodes[name] = SharedNode(name, log, self.links)
            return
        redis_port = redis_container.TLS_PORT if self.spec.tls else redis_container.PORT
        self._declare(POSTGRES, self.own_servers.postgres, postgres_container.PORT, signal.SIGINT)
        self._declare(REDIS, self.own_servers.redis, redis_port, signal.SIGTERM)

    def _declare(self, name: str, server: ServerContainer, port: int, stop_signal: int) -> Node:
        def start_again() -> Member:
            container = server.start()
            self.links.aim(name, self.reach(server.place(port)))
            return container

        return self.declare(name, start_again, stop_signal, server.container)
