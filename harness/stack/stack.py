"""A whole deployment at one tier: PostgreSQL, Redis, the scripted provider and the roles, started, reset and stopped as one."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from redis import Redis

from app.roles import ROLES, Ready
from harness.application import Tier, current
from harness.base.database import Database
from harness.base.progress import Progress, silence
from harness.base.run import Run
from harness.deployment.declaration import Deployment
from harness.evidence.journal import Journal
from harness.nodes.fork_server_client import WarmParent
from harness.nodes.node import Node
from harness.stack import readiness, reset
from harness.stack.address import Address
from harness.stack.environments import environments
from harness.stack.sources import sources_changed_at
from harness.substrates import substrate
from harness.substrates.schema import schema_key
from harness.substrates.servers import Servers
from harness.substrates.share import Share
from harness.substrates.spec import StackSpec
from harness.substrates.start import Start
from harness.substrates.substrate import SERVERS
from scenarios.roadmaps.client import ApiClient
from scenarios.roadmaps.secrets import new_secrets
from scenarios.roadmaps.services import API

REDIS_SECONDS = 10.0

ANOTHER = "end it with harness down, and start another"


class StaleStackError(Exception):
    """A stack that was left running no longer fits the sources."""


class Stack:
    """A stack that runs, or has run.

    Args:
        spec: what is wanted.
        label: for the run's folder.
        progress: told each step of the start.
        warm: where its Python programs are forked from, if not each in an interpreter of its own.
        share: its part of the servers of a session, where it shall not have its own.
        left: a stack that was left running and is to be taken over; see `attach`.
    """

    on_this_machine = True  # whether there are servers and logs to look into

    def __init__(
        self,
        spec: StackSpec,
        label: str = "stack",
        progress: Progress = silence,
        warm: WarmParent | None = None,
        share: Share | None = None,
        left: Address | None = None,
    ) -> None:
        self.spec = spec
        self.run = left.run if left else Run.begin(label)
        self.secrets = left.secrets if left else new_secrets()
        self.journal = Journal(self.run.unused("journal.ndjson"))
        self._warm = warm
        self._share = share
        self._progress = progress
        self._deployment = Deployment.load(current().root, current().program)
        self._cursors: dict[str, int] = {}
        self._first_cursors: dict[str, int] = {}
        self._played = {name: service.kind for name, service in self._deployment.services.items()}
        self._journal_cursor = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything at once; return when every role is ready.

        Raises:
            TimeoutError: something did not become ready; shows its last log lines. Nothing is left running.
        """
        kind = substrate(self.spec.substrate)
        try:
            self.substrate = kind.start(
                Start(self.run, self.spec, warm=self._warm, share=self._share, progress=self._progress)
            )
        except BaseException:
            self.journal.close()
            raise
        try:
            self._declare_roles()
            members = "PostgreSQL, Redis, the scripted OpenAI", *self._started
            self._progress(f"tier {self.spec.tier}: {', '.join(members)}")
            with ThreadPoolExecutor() as pool:
                servers = pool.submit(self.substrate.start_servers, self.secrets["OPENAI_API_KEY"])
                began = self._start_roles()
                self._use(servers.result())
            self._await_roles(began)
            self.mark()
        except BaseException:
            self.stop()
            raise

    @classmethod
    def attach(cls, address: Address, progress: Progress = silence) -> Self:
        """Take over a stack that was left running, clean; it lives on when we leave.

        Where the sources have changed since its roles started, these are started again.

        Args:
            address: of it.
            progress: told what is started again.

        Raises:
            SupervisorError: it is gone, or somebody else uses it.
            StaleStackError: a server of it has ended, or its database has another schema than the sources.
            TimeoutError: it does not become idle, or a role not ready.
        """
        if address.schema != schema_key():
            raise StaleStackError(
                f"the migrations have changed since {address.run_id} was started; {ANOTHER}"
            )
        found = substrate(address.spec.substrate).attach(Start(address.run, address.spec))
        stack = cls(address.spec, progress=progress, left=address)
        stack.substrate = found
        try:
            stack._take_over(address.started)
        except BaseException:
            stack.stop()
            raise
        return stack

    def _take_over(self, started: float) -> None:
        self._use(self.substrate.find_servers(self.secrets["OPENAI_API_KEY"]))
        self._declare_roles()
        for name, node in self.nodes.items():
            if node.alive:
                node.resume()  # whoever froze it may have been ended before he could
            elif name not in self.environments:
                raise StaleStackError(f"{name} of {self.run.id} has ended; {ANOTHER}")
        roles = [self.node(name) for name in self._started]
        if sources_changed_at() > started or not all(role.alive for role in roles):
            self._progress("starting the roles again")
            for role in roles:
                if role.alive:
                    role.kill()
            reset.empty(self.database, self.redis)
            self._await_roles(self._start_roles())
        self.reset()

    def _use(self, servers: Servers) -> None:
        self.servers = servers
        self.openai = servers.openai
        self.database = Database(servers.database_url)
        self.redis = Redis.from_url(servers.redis_url, socket_timeout=REDIS_SECONDS)

    def _declare_roles(self) -> None:
        self.environments = environments(self._deployment, self.substrate, self.secrets)
        for name, environment in self.environments.items():
            if name not in self.spec.omit:
                self.substrate.declare_role(name, ROLES[self._deployment.services[name].kind], environment)

    @property
    def _started(self) -> list[str]:
        """The services that run from the beginning."""
        return [
            name
            for name in self.environments
            if name not in self.spec.omit and (self.spec.start is None or name in self.spec.start)
        ]

    def _start_roles(self) -> float:
        """Answers when they were started, in seconds since the epoch."""
        began = time.time()
        for name in self._started:
            self.node(name).start()
        return began

    def _await_roles(self, began: float) -> None:
        """Return once they are ready, and let others find the stack."""
        self.wait_until_ready(self._started)
        Address(
            run_id=self.run.id,
            data=str(self.run.data),
            spec=self.spec,
            secrets=self.secrets,
            ways=self.access(),
            database_url=self.servers.database_url,
            redis_url=self.servers.redis_url,
            schema=schema_key(),
            started=began,
        ).write()

    def wait_until_ready(self, services: list[str]) -> None:
        """Return once each of these services has proved that it works.

        Raises:
            TimeoutError: one has not; shows its last log lines.
        """
        roles = {name: ROLES[self._deployment.services[name].kind] for name in services}
        listening = [
            (self.node(name), self.substrate.url(name), role.ready_path)
            for name, role in roles.items()
            if role.ready is Ready.HTTP
        ]
        consuming = {queue: self.node(name) for name, role in roles.items() for queue in role.queues}
        readiness.all_ready(listening, consuming, self.servers.redis_url, self.database)

    def start_role(self, service: str, name: str, variables: Mapping[str, str]) -> Node:
        """Start a role beside or in the place of one that was declared.

        Args:
            service: whose role and variables it has.
            name: of the node.
            variables: replace its own.
        """
        role = ROLES[self._deployment.services[service].kind]
        self._played[name] = role.service_type
        return self.substrate.start_role(name, role, {**self.environments[service], **variables})

    def node(self, name: str) -> Node:
        """A member by its service's name, or `postgres`, `redis`, `openai`."""
        return self.substrate.nodes[name]

    @property
    def nodes(self) -> Mapping[str, Node]:
        return self.substrate.nodes

    @property
    def api_url(self) -> str:
        return self.substrate.url(API)

    def client(self) -> ApiClient:
        """A client that is not signed in."""
        return ApiClient(self.api_url, self.journal)

    def wait_until_idle(self) -> None:
        """Return once nothing is queued, running or on its way.

        Raises:
            TimeoutError: something still moves; says what.
        """
        reset.wait_until_idle(self.database, self.redis)

    def busy(self) -> dict[str, int]:
        """What still moves; empty where the stack is idle."""
        return reset.busy(self.database, self.redis)

    def reset(self) -> None:
        """Make the stack as if it were new, for the next scenario.

        Raises:
            TimeoutError: something still moves.
        """
        self.wait_until_idle()
        self.clear()

    def clear(self) -> None:
        """Forget what scenarios left in a stack that is idle: the work of a reset, without its wait."""
        reset.empty(self.database, self.redis)
        self.openai.reset()
        self.mark()

    def access(self) -> dict[str, str]:
        """How a person reaches the stack: addresses, and the administrator's credentials."""
        admin = self.environments[API]
        api = {"API": f"{self.api_url}/docs"} if API not in self.spec.omit else {}
        return {
            **api,
            "administrator": f"{admin['ADMIN_EMAIL']} {admin['ADMIN_PASSWORD']}",
            "database": self.servers.database_url,
            "redis": self.servers.redis_url,
            "scripted OpenAI": self.openai.base_url,
            "logs": str(self.run.folder / "logs"),
        }

    def mark(self) -> None:
        """From here on, logs and journal are the next scenario's."""
        self._cursors = {name: node.log.cursor() for name, node in self.nodes.items()}
        self._first_cursors = self._first_cursors or self._cursors
        self._journal_cursor = self.journal.cursor()

    def cursor(self, name: str) -> int:
        """Where this scenario's part of a node's log begins."""
        return self._cursors.get(name, 0)

    def first_cursor(self, name: str) -> int:
        """Where the first scenario's part of a node's log begins: what comes before was written at the start."""
        return self._first_cursors.get(name, 0)

    def scenario_journal(self, kind: str | None = None) -> list[dict[str, Any]]:
        """This scenario's part of the journal; all of it, or the records of one kind."""
        return self.journal.records(kind, self._journal_cursor)

    @property
    def roles(self) -> dict[str, Node]:
        """The nodes that play a role, also those that a scenario has added."""
        return {name: node for name, node in self.nodes.items() if name not in SERVERS}

    def nodes_by_role(self) -> Counter[str]:
        """How many nodes play each role now."""
        playing = [name for name, node in self.roles.items() if node.alive]
        return Counter(self._played[name] for name in playing if name in self._played)

    @property
    def tier(self) -> Tier:
        """The row of the concurrency table it runs at."""
        return self._deployment.tiers[self.spec.tier]

    def detach(self) -> None:
        """Let the stack live on without us, until `harness down`."""
        self.substrate.detach()

    def stop(self) -> None:
        """End everything, or only leave a stack that ran before us. Errors of the parts are gathered, none hides another.

        Raises:
            ExceptionGroup: something could not be ended.
        """
        parts: list[Callable[[], object]] = [
            part.close
            for name in ("openai", "database", "redis")
            if (part := getattr(self, name, None)) is not None
        ]
        parts += [self.substrate.stop, self.journal.close]
        if not self.substrate.supervisor.detached:
            parts.append(self.run.forget)  # not before: who collects what dead runs left would be at it, too
        errors: list[Exception] = []
        for close in parts:
            try:
                close()
            except Exception as error:  # noqa: BLE001 - each part must get its turn
                errors.append(error)
        if errors:
            raise ExceptionGroup("the stack did not stop cleanly", errors)

    @property
    def all_secrets(self) -> dict[str, str]:
        """What nothing that is kept may show: its own secrets, and the servers' passwords."""
        if not self.on_this_machine:
            return dict(self.secrets)
        passwords = {
            "database password": self.servers.database_url,
            "Redis password": self.servers.redis_url,
        }
        return {**self.secrets, **passwords}

    def environment_here(self, service: str) -> dict[str, str]:
        """A service's environment for code of its own that we run: with the servers as this machine reaches them.

        Args:
            service: its name.
        """
        here = {"DATABASE_URL": self.servers.database_url, "REDIS_URL": self.servers.redis_url}
        given = self.environments[service]
        return given | {name: value for name, value in here.items() if name in given}
