"""A whole deployment at one tier: PostgreSQL, Redis, the scripted provider and the roles, started, reset and stopped as one."""

import secrets
import string
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
from redis import Redis

from app.roles import Ready
from harness import reset
from harness.canary import Canaries
from harness.client import ApiClient
from harness.database import Database
from harness.deployment import Deployment
from harness.evidence import Evidence
from harness.gather import gather
from harness.journal import Journal
from harness.node import Node
from harness.run import Run
from harness.substrates.embedded import Embedded
from harness.wait import eventually

READY_SECONDS = 60.0
REDIS_SECONDS = 10.0
API = "roadmap-api"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StackSpec:
    """What stack is wanted.

    Args:
        tier: the row of the concurrency table.
        env: variables set in every service, over everything else.
        omit: services that are left out.
        start: the only services that are started; the others wait for the scenario. All by default.
        schema: False for an empty database, as at the first deploy.
        own_servers: for a scenario that hurts PostgreSQL or Redis themselves; every stack on `embedded` has its own.
    """

    tier: str = "starter"
    env: Mapping[str, str] = field(default_factory=dict)
    omit: tuple[str, ...] = ("roadmap-celery-flower",)
    start: tuple[str, ...] | None = None
    schema: bool = True
    own_servers: bool = False


class Stack:
    """A stack that runs, or has run.

    Args:
        spec: what is wanted.
        label: for the run's folder.
        progress: told each step of the start.
    """

    def __init__(self, spec: StackSpec, label: str = "stack", progress: Progress = lambda _: None) -> None:
        self.spec = spec
        self.run = Run.begin(label)
        self.journal = Journal(self.run.folder / "journal.ndjson")
        self.secrets = _secrets()
        self._progress = progress
        self._deployment = Deployment.load()
        self._cursors: dict[str, int] = {}
        self._journal_cursor = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything, layer by layer, each layer at once; return when every role is ready.

        Raises:
            TimeoutError: something did not become ready; shows its last log lines. Nothing is left running.
        """
        self.substrate = Embedded(self.run)
        self.run.remember(self.substrate.supervisor.pid)
        try:
            self._progress("PostgreSQL, Redis and the scripted OpenAI")
            self.servers = self.substrate.start_servers(
                self.secrets["OPENAI_API_KEY"], schema=self.spec.schema
            )
            self.openai = self.servers.openai
            self.database = Database(self.servers.database_url)
            self.redis = Redis.from_url(self.servers.redis_url, socket_timeout=REDIS_SECONDS)
            self.environments = self._environments()
            roles = self._declare()
            started = [name for name in roles if self.spec.start is None or name in self.spec.start]
            self._progress(f"tier {self.spec.tier}: {', '.join(started)}")
            for name in started:
                roles[name].start()
            self.wait_until_ready(started)
            self.mark()
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self, services: list[str]) -> None:
        """Return once each of these services has proved that it works.

        Raises:
            TimeoutError: one has not.
        """
        roles = {name: self._deployment.services[name].role for name in services}
        queues = {queue: name for name, role in roles.items() for queue in role.queues}
        listening = {name: role.ready_path for name, role in roles.items() if role.ready is Ready.HTTP}
        canaries = Canaries(self.servers.redis_url, queues) if queues else None
        with ThreadPoolExecutor() as pool:
            waits = [pool.submit(self._wait_for_http, name, path) for name, path in listening.items()]
            if canaries is not None:
                waits.append(pool.submit(self._wait_for_canaries, canaries, queues))
            for wait in waits:
                wait.result()

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

    def reset(self) -> None:
        """Make the stack as if it were new, for the next scenario.

        Raises:
            TimeoutError: something still moves.
        """
        self.wait_until_idle()
        reset.empty(self.database, self.redis)
        self.openai.reset()
        self.mark()

    def access(self) -> dict[str, str]:
        """How a person reaches the stack: addresses, and the administrator's credentials."""
        admin = self.environments[API]
        found = {
            "API": f"{self.api_url}/docs",
            "administrator": f"{admin['ADMIN_EMAIL']} {admin['ADMIN_PASSWORD']}",
            "database": self.servers.database_url,
            "redis": self.servers.redis_url,
            "scripted OpenAI": self.openai.base_url,
            "logs": str(self.run.folder / "logs"),
        }
        if API in self.spec.omit:
            del found["API"]
        return found

    def mark(self) -> None:
        """From here on, logs and journal are the next scenario's."""
        self._cursors = {name: node.log.cursor() for name, node in self.nodes.items()}
        self._journal_cursor = self.journal.cursor()

    def cursor(self, name: str) -> int:
        """Where this scenario's part of a node's log begins."""
        return self._cursors.get(name, 0)

    def scenario_journal(self, kind: str | None = None) -> list[dict[str, Any]]:
        """This scenario's part of the journal; all of it, or the records of one kind."""
        return self.journal.records(kind, self._journal_cursor)

    def evidence(self) -> Evidence:
        """What the scenario has left behind so far, for the checks."""
        return gather(
            self.database,
            calls=self.scenario_journal("call"),
            provider_calls=[_call(call) for call in self.openai.calls()],
            waiting=reset.waiting(self.redis),
            logs={name: [line.text for line in node.log.lines()] for name, node in self.nodes.items()},
            secrets=self.secrets,
        )

    def detach(self) -> None:
        """Let the stack live on without us, until `harness down`."""
        self.substrate.detach()

    def stop(self) -> None:
        """End everything. Errors of the parts are gathered, none hides another.

        Raises:
            ExceptionGroup: something could not be ended.
        """
        parts: list[Callable[[], object]] = [
            part.close
            for name in ("openai", "database", "redis")
            if (part := getattr(self, name, None)) is not None
        ]
        errors: list[Exception] = []
        self.run.forget()
        for close in (*parts, self.substrate.stop, self.journal.close):
            try:
                close()
            except Exception as error:  # noqa: BLE001 - each part must get its turn
                errors.append(error)
        if errors:
            raise ExceptionGroup("the stack did not stop cleanly", errors)

    def _environments(self) -> dict[str, dict[str, str]]:
        return self._deployment.environments(
            tier=self.spec.tier,
            provided={
                "Postgres": {"DATABASE_URL": self.servers.database_url},
                "Redis": {"REDIS_URL": self.servers.redis_url},
            },
            secrets=self.secrets,
            overrides={"OPENAI_BASE_URL": self.openai.base_url, **self.spec.env},
        )

    def _declare(self) -> dict[str, Node]:
        return {
            name: self.substrate.declare_role(name, self._deployment.services[name].role, environment)
            for name, environment in self.environments.items()
            if name not in self.spec.omit
        }

    def _wait_for_http(self, name: str, path: str) -> None:
        with httpx.Client(base_url=self.substrate.url(name), timeout=5, trust_env=False) as http:

            def ready() -> bool:
                response = http.get(path)
                response.raise_for_status()
                return True

            eventually(
                ready,
                timeout=READY_SECONDS,
                what=f"{name}: {path} answers 200",
                unless=self.node(name).why_down,
                evidence=lambda: self.node(name).log.tail(20),
            )

    def _wait_for_canaries(self, canaries: Canaries, queues: Mapping[str, str]) -> None:
        names = sorted(set(queues.values()))

        def down() -> str | None:
            return next((reason for name in names if (reason := self.node(name).why_down())), None)

        eventually(
            lambda: not canaries.silent(self.database),
            timeout=READY_SECONDS,
            what="a canary from every queue",
            unless=down,
            evidence=lambda: "\n".join(f"{name}:\n{self.node(name).log.tail(20)}" for name in names),
        )


def _secrets() -> dict[str, str]:
    """New ones for every stack, strong enough for production."""
    alphabet = string.ascii_letters + string.digits
    password = "".join(secrets.choice(alphabet) for _ in range(20))
    return {
        "JWT_SECRET_KEY": secrets.token_hex(32),
        "ADMIN_PASSWORD": password,
        "OPENAI_API_KEY": f"sk-{secrets.token_hex(16)}",
        "FLOWER_BASIC_AUTH": f"ops:{secrets.token_hex(12)}",
    }


def _call(call: Any) -> dict[str, Any]:
    return {"request": call.request, "step": call.step, "concept": call.concept}
