"""The substrate that needs nothing but Python packages: servers from wheels, roles as processes of the real entrypoint."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from app.roles import Role
from harness.fake_openai.client import FakeOpenAI
from harness.links import Links
from harness.logs import LogFile
from harness.node import Node
from harness.ports import ReservedPort
from harness.processes import Process, Supervisor
from harness.run import ROOT, Run
from harness.services import Servers
from harness.substrates import binaries
from harness.substrates.postgres import PostgresServer, template
from harness.substrates.valkey import ValkeyServer
from harness.wait import eventually
from harness.warm_parent import WarmParent

ENTRYPOINT = ROOT / "scripts" / "railway_entrypoint.sh"
FORKED_ENTRYPOINT = (sys.executable, "-m", "app.entrypoint")  # what the script becomes
MIGRATE = ROOT / "scripts" / "create_tables.py"
SCHEMA = ROOT / "app" / "migrations"
START_SECONDS = 15.0
DOOR = "supervisor.sock"


class Embedded:
    """Servers and roles as processes of one supervisor, every link through one proxy.

    Args:
        run: whose folders are used.
        supervisor: of everything in it.
        links: its proxy.
        entrypoint: the command that starts a role.
    """

    name = "embedded"

    def __init__(
        self, run: Run, supervisor: Supervisor, links: Links, entrypoint: Sequence[str | Path] = (ENTRYPOINT,)
    ) -> None:
        self._run = run
        self._entrypoint = entrypoint
        self.supervisor = supervisor
        self.links = links
        self.nodes: dict[str, Node] = {}
        self._ports: list[ReservedPort] = []

    @classmethod
    def start(cls, run: Run, warm: WarmParent | None = None) -> Self:
        """A new one, with nothing in it yet.

        Args:
            run: whose folders are used.
            warm: where Python programs are to be forked from, instead of starting new interpreters.
        """
        start = Supervisor.start if warm is None else warm.supervisor
        supervisor = start(run.log("supervisor"), [run.data])
        links = Links.start(supervisor, run.data, run.log("proxy"))
        return cls(run, supervisor, links, (ENTRYPOINT,) if warm is None else FORKED_ENTRYPOINT)

    @classmethod
    def attach(cls, run: Run) -> Self:
        """One that was left running: what is declared is found to be running already.

        Raises:
            SupervisorError: it is gone, or somebody else uses it.
        """
        return cls(run, Supervisor.attach(run.data / DOOR), Links.attach(run.data))

    def start_servers(self, openai_key: str, *, schema: bool = True) -> Servers:
        """Start PostgreSQL, Redis and the scripted provider, all at once.

        Args:
            openai_key: the only one the provider accepts.
            schema: whether the database has the newest one already.

        Raises:
            BinariesMissingError: this machine has no binaries of a server.
            TimeoutError: a server did not answer.
        """
        with ThreadPoolExecutor() as pool:
            database_url = pool.submit(self._start_postgres, schema=schema)
            redis_url = pool.submit(self._start_redis)
            openai = pool.submit(self._start_openai, openai_key)
            return Servers(database_url.result(), redis_url.result(), openai.result())

    def find_servers(self, openai_key: str) -> Servers:
        """The servers of a stack that was left running.

        Args:
            openai_key: that the provider was started with.
        """
        self._declare("postgres", self._postgres().start, signal.SIGINT)
        self._declare("redis", self._redis().start)
        self._declare("openai", self._openai(openai_key))
        ports = self.links.ports
        openai = FakeOpenAI(f"http://127.0.0.1:{ports['openai']}")
        return Servers(PostgresServer.url(ports["postgres"]), ValkeyServer.url(ports["redis"]), openai)

    def start_role(self, name: str, role: Role, environment: Mapping[str, str]) -> Node:
        """Start a role by its entrypoint.

        Args:
            name: of the service.
            role: it plays.
            environment: everything it is given; a port in it becomes a free one, behind a link of the service's name.
        """
        node = self.declare_role(name, role, environment)
        node.start()
        return node

    def declare_role(self, name: str, role: Role, environment: Mapping[str, str]) -> Node:
        """A role that is not started yet."""
        own = dict(environment) | {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "HOST": "127.0.0.1"}
        own["TMPDIR"] = str(self._run.data)  # what a role that is killed leaves behind goes with the run
        for variable in ("PORT", "FLOWER_PORT"):
            if variable in own and f"{{{variable}}}" in " ".join(role.command):
                own[variable] = self._port(name)
        log = self._run.log(name)
        return self._declare(
            name, lambda _: self.supervisor.spawn(name, self._entrypoint, env=own, cwd=ROOT, log=log)
        )

    def _port(self, name: str) -> str:
        """Where a role listens, behind the link of its name."""
        if name not in self.links.ports:
            port = ReservedPort()
            self._ports.append(port)
            self.links.add(name, f"127.0.0.1:{port.number}")
        return self.links.targets[name].rpartition(":")[2]

    def url(self, name: str) -> str:
        """The address of a role that listens."""
        return f"http://127.0.0.1:{self.links.ports[name]}"

    def detach(self) -> int:
        """Let everything live on without us; answers the pid whose end ends it."""
        return self.supervisor.detach(self._run.data / DOOR)

    def stop(self) -> None:
        """End every process and remove the servers' data; of one that was detached or taken over, only let go."""
        self.links.close()
        self.supervisor.stop()
        for port in self._ports:
            port.close()

    def _start_postgres(self, *, schema: bool) -> str:
        found = binaries.postgres()
        baked = (
            template(found, schema_key(), self._bake) if schema else template(found, "empty", lambda _: None)
        )
        server = self._postgres()
        server.copy(baked)
        self._declare("postgres", server.start, signal.SIGINT).start()
        return server.url(self.links.add("postgres", server.target))

    def _postgres(self) -> PostgresServer:
        folder = self._run.data / "pg"
        return PostgresServer(binaries.postgres(), folder / "data", folder, self._run.log("postgres"))

    def _start_redis(self) -> str:
        server = self._redis()
        self._declare("redis", server.start).start()
        return server.url(self.links.add("redis", server.target))

    def _redis(self) -> ValkeyServer:
        return ValkeyServer(binaries.valkey(), self._run.data, self._run.log("redis"))

    def _start_openai(self, key: str) -> FakeOpenAI:
        node = self._declare("openai", self._openai(key))
        node.start()
        announced = self._announced()
        url = eventually(
            lambda: announced.read_text() if announced.exists() else None,
            timeout=START_SECONDS,
            what="the scripted provider's address",
            poll=0.01,
            unless=node.why_down,
        )
        port = self.links.add("openai", url.removeprefix("http://"))
        return FakeOpenAI(f"http://127.0.0.1:{port}")

    def _openai(self, key: str) -> Callable[[Supervisor], Process]:
        announced, log = self._announced(), self._run.log("openai")
        options = {"--port": "0", "--announce": str(announced), "--api-key": key}
        words = [word for pair in options.items() for word in pair]

        def start(supervisor: Supervisor) -> Process:
            announced.unlink(missing_ok=True)
            argv = [sys.executable, "-m", "harness.fake_openai", *words]
            return supervisor.spawn("openai", argv, log=log, cwd=ROOT)

        return start

    def _announced(self) -> Path:
        return self._run.data / "openai.url"

    def _declare(
        self, name: str, start: Callable[[Supervisor], Process], stop_signal: int = signal.SIGTERM
    ) -> Node:
        """A node of this name; one that runs already, if the stack was taken over with it."""
        running = self.supervisor.members.get(name)
        log = LogFile(self._run.log(name))
        self.nodes[name] = Node(name, lambda: start(self.supervisor), log, stop_signal, running)
        return self.nodes[name]

    def _bake(self, server: PostgresServer) -> None:
        """Bring the schema into a template, by the script that a person would use."""
        url = server.url(self.links.add("template", server.target))
        environment = {**os.environ, "DATABASE_URL": url}
        done = subprocess.run(
            [sys.executable, MIGRATE],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(
                f"{MIGRATE.name} ended with exit code {done.returncode}:\n{done.stdout}{done.stderr}"
            )


def schema_key() -> str:
    """Changes whenever a migration does."""
    digest = hashlib.sha256()
    for path in sorted(SCHEMA.rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
