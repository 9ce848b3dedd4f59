"""What the substrates have in common whose PostgreSQL and Redis are containers: their own, or a part of a session's."""

import signal
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec
from redis import Redis

from harness.engine.claim import Claim
from harness.fake_openai.client import FakeOpenAI
from harness.logs import LogFile
from harness.member import Member
from harness.node import SharedNode
from harness.services import Given, Servers
from harness.substrates import postgres_container, redis_container
from harness.substrates.places import Place, Places
from harness.substrates.postgres_container import create_database, database_url, drop_database
from harness.substrates.server_container import ServerContainer
from harness.substrates.server_containers import ServerContainers
from harness.substrates.substrate import Capability, Substrate
from harness.substrates.versions import Versions

OWN_DATABASE = "roadmap"
PART = "part.json"


@dataclass(frozen=True, slots=True)
class Part:
    """What a stack has of PostgreSQL and Redis.

    Args:
        places: of the servers.
        database: of PostgreSQL that is its own.
        number: of the Redis database that is its own.
        shared: whether other stacks use the servers too.
    """

    places: Places
    database: str
    number: int
    shared: bool


class InContainers(Substrate):
    """Servers in containers; see Substrate. A kind of it says what its roles are."""

    needs_engine = True
    capabilities = frozenset({Capability.HURT, Capability.TLS, Capability.VERSIONS})
    network = ""  # in which the stack's containers reach each other; empty where they need not
    part: Part
    claim: Claim | None = None  # of this run to the engine, where it has containers of its own

    @abstractmethod
    def reach(self, place: Place) -> str:
        """The `host:port` by which the proxy reaches a server."""

    @property
    def authority(self) -> str:
        """Where a role finds the certificate of who has signed Redis' own."""
        return self.part.places.authority

    def start_servers(self, openai_key: str) -> Servers:
        """See Substrate.

        Raises:
            EngineError: the engine refused, or an image can be had nowhere.
            TimeoutError: a server did not answer.
        """
        with ThreadPoolExecutor() as pool:
            openai = pool.submit(self.start_openai, openai_key)
            self.part = self._shared_part() if self.share else self._own_part()
            (self.run.data / PART).write_bytes(msgspec.json.encode(self.part))
            places = self.part.places
            create_database(places.postgres.outside, self.part.database, schema=self.spec.schema)
            self.links.add("postgres", self.reach(places.postgres), published=True)
            self.links.add("redis", self.reach(self._redis_place), published=True)
            found = self._seen_by_us(openai.result())
        with Redis.from_url(found.redis_url) as redis:
            redis.flushdb()  # of whoever had this number before
        return found

    def find_servers(self, openai_key: str) -> Servers:
        """See Substrate."""
        self.part = msgspec.json.decode((self.run.data / PART).read_bytes(), type=Part)
        if self.part.shared:
            self._declare_shared(self.part.places)
        else:
            self._declare_own(ServerContainers.find(self.run, self.part.places.network))
        self.declare_openai(openai_key)
        return self._seen_by_us(FakeOpenAI(f"http://{self.links.outside('openai')}"))

    def given(self, service: str) -> Given:
        """See Substrate."""
        return Given(
            database_url(self.link(service, "postgres"), self.part.database),
            self._redis_url(self.link(service, "redis"), self.authority),
            f"http://{self.link(service, 'openai')}/v1",
        )

    @property
    def runs(self) -> tuple[str, ...]:
        """See Substrate."""
        return (self.run.id, self.part.places.run_id) if self.part.shared else (self.run.id,)

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
                drop_database(self.part.places.postgres.outside, self.part.database)
        finally:
            self.share.close()

    def _seen_by_us(self, openai: FakeOpenAI) -> Servers:
        outside = self.links.outside
        return Servers(
            database_url(outside("postgres"), self.part.database),
            self._redis_url(outside("redis"), self.part.places.authority),
            openai,
        )

    def _redis_url(self, address: str, authority: str) -> str:
        user = f"default:{self.part.places.redis_password}@{address}/{self.part.number}"
        if not self.spec.tls:
            return f"redis://{user}"
        return f"rediss://{user}?ssl_cert_reqs=required&ssl_ca_certs={authority}"

    @property
    def _redis_place(self) -> Place:
        return self.part.places.redis_tls if self.spec.tls else self.part.places.redis

    def _shared_part(self) -> Part:
        assert self.share is not None
        self._declare_shared(self.share.places)
        return Part(self.share.places, f"roadmap_{self.run.token}", self.share.number, shared=True)

    def _own_part(self) -> Part:
        assert self.claim is not None
        versions = Versions(self.spec.postgres, self.spec.redis)
        servers = ServerContainers.start(self.claim, versions, self.network, self.progress)
        self._declare_own(servers)
        return Part(servers.places, OWN_DATABASE, 0, shared=False)

    def _declare_shared(self, places: Places) -> None:
        for name in ("postgres", "redis"):
            log = LogFile(Path(places.logs) / f"{name}.log")
            self.nodes[name] = SharedNode(name, log, self.links)

    def _declare_own(self, servers: ServerContainers) -> None:
        redis_port = redis_container.TLS_PORT if self.spec.tls else redis_container.PORT
        self._declare("postgres", servers.postgres, postgres_container.PORT, signal.SIGINT)
        self._declare("redis", servers.redis, redis_port, signal.SIGTERM)

    def _declare(self, name: str, server: ServerContainer, port: int, stop_signal: int) -> None:
        def start_again() -> Member:
            container = server.start()
            self.links.aim(name, self.reach(server.place(port)))
            return container

        self.declare(name, start_again, stop_signal, server.container)
