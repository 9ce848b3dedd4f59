"""The substrate that needs nothing but Python packages: servers from wheels, roles as processes of the real entrypoint."""

import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from harness.application import POSTGRES, REDIS, Addresses, Server
from harness.nodes.node import Node
from harness.substrates import binaries
from harness.substrates.host import Host
from harness.substrates.postgres import PostgresServer, template
from harness.substrates.schema import migrate, schema_key
from harness.substrates.server_process import ServerProcess
from harness.substrates.servers import Servers
from harness.substrates.start import Start
from harness.substrates.substrate import Capability
from harness.substrates.valkey import ValkeyServer


class Embedded(Host):
    """Servers and roles are processes of the supervisor; every stack has its own servers."""

    name = "embedded"
    needs_binaries = True
    capabilities = frozenset({Capability.HURT, Capability.PIDS, Capability.PROGRAMS})

    @classmethod
    def start(cls, start: Start) -> Self:
        """See Substrate.

        Raises:
            BinariesMissingError: this machine has no binaries of PostgreSQL.
        """
        made = super().start(start)
        made.template()
        return made

    def start_servers(self, secrets: Mapping[str, str]) -> Servers:
        """See Substrate.

        Raises:
            BinariesMissingError: this machine has no binaries of a server.
            TimeoutError: a server did not answer.
        """
        with ThreadPoolExecutor() as pool:
            database_url = pool.submit(self._start_postgres)
            redis_url = pool.submit(self._start_redis)
            providers, others = self.start_providers(pool, secrets), self.start_others(pool)
            return Servers(database_url.result(), redis_url.result(), providers(), others())

    def find_servers(self, secrets: Mapping[str, str]) -> Servers:
        """See Substrate."""
        self._declare(POSTGRES, self._postgres(), signal.SIGINT)
        self._declare(REDIS, self._redis())
        outside = self.links.outside
        return Servers(
            PostgresServer.url(outside(POSTGRES)),
            ValkeyServer.url(outside(REDIS)),
            self.find_providers(secrets),
            self.find_others(),
        )

    def declare_server(self, server: Server) -> Node:
        """See Substrate."""
        process = ServerProcess(server, self._port(server.name), self.run, self.app.search_path)
        return self._declare(server.name, process, server.stop_signal)

    def template(self) -> Path:
        """The data directory that a server of the stack is copied from; made where there is none."""
        found = binaries.postgres()
        if self.spec.schema:
            return template(found, schema_key(self.app), self._bake)
        return template(found, "empty", lambda _: None)

    def addresses(self, role: str) -> Addresses:
        """See Substrate."""
        return Addresses(
            PostgresServer.url(self.link(role, POSTGRES)),
            ValkeyServer.url(self.link(role, REDIS)),
            self.provider_addresses(role),
            servers=self.other_addresses(role),
        )

    def _start_postgres(self) -> str:
        server = self._postgres()
        server.copy(self.template())
        self._declare(POSTGRES, server, signal.SIGINT).start()
        self.links.aim(POSTGRES, server.target)
        return server.url(self.links.outside(POSTGRES))

    def _postgres(self) -> PostgresServer:
        folder = self.run.data / "pg"
        return PostgresServer(binaries.postgres(), folder / "data", folder, self.run.log(POSTGRES))

    def _start_redis(self) -> str:
        server = self._redis()
        self._declare(REDIS, server).start()
        self.links.aim(REDIS, server.target)
        return server.url(self.links.outside(REDIS))

    def _redis(self) -> ValkeyServer:
        return ValkeyServer(binaries.valkey(), self.run.data, self.run.log(REDIS))

    def _declare(
        self,
        name: str,
        server: PostgresServer | ValkeyServer | ServerProcess,
        stop_signal: int = signal.SIGTERM,
    ) -> Node:
        """A server as a member; the supervisor starts it each time."""
        return self.declare(
            name, lambda: server.start(self.supervisor), stop_signal, self.supervisor.members.get(name)
        )

    def _bake(self, server: PostgresServer) -> None:
        migrate(self.app, server.url(self.links.add("template", server.target)))
