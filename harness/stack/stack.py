"""A whole deployment at one tier: PostgreSQL, Redis, the scripted providers and the roles, started, reset and stopped as one."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from redis import Redis

from harness.application import Addresses, App, Role, Tier, Work, current
from harness.application.closed import refuse_outside
from harness.application.templates import numbered
from harness.base.database import Database
from harness.base.progress import Progress, silence
from harness.base.run import Run
from harness.evidence.evidence import Evidence
from harness.nodes.fork_server_client import ForkServerClient
from harness.nodes.node import Node
from harness.stack import readiness, reset
from harness.stack.address import Address
from harness.stack.client import HttpClient, new_client
from harness.stack.environments import environment
from harness.stack.running import Running
from harness.stack.sources import sources_changed_at
from harness.stack.work_state import state_of
from harness.substrates.choice import substrate
from harness.substrates.schema import schema_key
from harness.substrates.servers import Servers
from harness.substrates.share import Share
from harness.substrates.spec import StackSpec
from harness.substrates.start import Start

REDIS_SECONDS = 10.0

ANOTHER = "end it with harness down, and start another"


class StaleStackError(Exception):
    """A stack that was left running no longer fits the sources."""


class Stack(Running):
    """A stack that runs, or has run.

    Args:
        spec: the wanted stack.
        label: for the run's folder.
        progress: told each step of the start.
        fork_server: forks its Python programs; without it, each starts in an interpreter of its own.
        share: its part of a session's servers; without it, the stack has servers of its own.
        left: a running stack to take over; see `attach`.
        app: whose stack it is; the project's by default.
    """

    inspectable = True

    def __init__(
        self,
        spec: StackSpec,
        label: str = "stack",
        progress: Progress = silence,
        fork_server: ForkServerClient | None = None,
        share: Share | None = None,
        left: Address | None = None,
        app: App | None = None,
    ) -> None:
        app = app or current()
        run = left.run if left else Run.begin(label)
        super().__init__(app, spec.of(app), run, left.secrets if left else app.secrets())
        self._fork_server = fork_server
        self._share = share
        self._set: dict[str, str] = {}  # ids from the setups
        self._progress = progress
        self._played = {name: role.kind for name, role in app.roles.items()}
        # Variables of nodes that a scenario has started, in place of the declared ones.
        self._given: dict[str, Mapping[str, str]] = {}

    def start(self) -> None:
        """Start everything at once; return when every role is ready.

        Raises:
            TimeoutError: something did not become ready; shows its last log lines. Nothing is left running.
            DeclarationError: it would reach a server that is not ours. Nothing was started.
        """
        try:
            refuse_outside(self.app)
            kind = substrate(self.spec.substrate)
            self.substrate = kind.start(
                Start(
                    self.app,
                    self.run,
                    self.spec,
                    fork_server=self._fork_server,
                    share=self._share,
                    progress=self._progress,
                )
            )
        except BaseException:
            self.journal.close()
            raise
        try:
            self._declare_roles()
            providers = [provider.shown for provider in self.app.providers.values()]
            members = ["PostgreSQL", "Redis", *self.app.servers, *providers, *self._started]
            self._progress(f"tier {self.spec.tier}: {', '.join(members)}")
            with ThreadPoolExecutor() as pool:
                servers = pool.submit(self.substrate.start_servers, self.secrets)
                began = self._start_roles()
                self._use(servers.result())
            self._await_roles(began)
            self._set_up()
            self.mark()
        except BaseException:
            self.stop()
            raise

    @classmethod
    def attach(cls, address: Address, progress: Progress = silence, app: App | None = None) -> Self:
        """Take over a stack that was left running, clean; it lives on when we leave.

        Where the sources have changed since its roles started, these are started again.

        Args:
            address: of it.
            progress: told what is started again.
            app: whose stack it is; the project's by default.

        Raises:
            SupervisorError: it is gone, or somebody else uses it.
            StaleStackError: a server of it has ended, or its database has another schema than the sources.
            TimeoutError: it does not become idle, or a role does not become ready.
        """
        app = app or current()
        if address.schema != schema_key(app):
            raise StaleStackError(
                f"the migrations have changed since {address.run_id} was started; {ANOTHER}"
            )
        found = substrate(address.spec.substrate).attach(Start(app, address.run, address.spec))
        stack = cls(address.spec, progress=progress, left=address, app=app)
        stack.substrate = found
        try:
            stack._take_over(address.started)
        except BaseException:
            stack.stop()
            raise
        return stack

    def _take_over(self, started: float) -> None:
        self._use(self.substrate.find_servers(self.secrets))
        self._declare_roles()
        for name, node in self.nodes.items():
            if node.alive:
                node.resume()  # the process that froze it may have ended before it could resume it
            elif name not in self.environments:
                raise StaleStackError(f"{name} of {self.run.id} has ended; {ANOTHER}")
        roles = [self.node(name) for name in self._started]
        if sources_changed_at(self.app) > started or not all(role.alive for role in roles):
            self._progress("starting the roles again")
            for role in roles:
                if role.alive:
                    role.kill()
            reset.empty(self.app, self.database, self.redis_urls, self.servers.others)
            self._await_roles(self._start_roles())
        self.reset()

    def _use(self, servers: Servers) -> None:
        self.servers = servers
        self.providers = servers.providers
        self.database = Database(servers.database_url)
        self.redis = Redis.from_url(self.broker_url, socket_timeout=REDIS_SECONDS)

    def _declare_roles(self) -> None:
        for name, role in self.app.roles.items():
            self.environments[name] = self._environment(role, self.substrate.addresses(name))
        for name, given in self.environments.items():
            if name not in self._omitted:
                self.substrate.declare_role(name, self.app.roles[name], given)

    def _environment(self, role: Role, at: Addresses) -> dict[str, str]:
        return environment(
            self.app, role, tier=self.spec.tier, at=at, secrets=self.secrets, overrides=self.spec.env
        )

    def usual_environment(self, node: str) -> dict[str, str]:
        """The variables that a node has by the tier alone.

        Args:
            node: that plays a role.
        """
        role = self.app.roles.get(node) or next(
            role for role in self.app.roles.values() if role.kind == self._played[node]
        )
        at = self.substrate.addresses(node if node in self.app.roles else role.name)
        return environment(self.app, role, tier=self.spec.tier, at=at, secrets=self.secrets, overrides={})

    @property
    def _omitted(self) -> tuple[str, ...]:
        return self.spec.omit or ()

    @property
    def _started(self) -> list[str]:
        """The roles that run from the beginning."""
        return [
            name
            for name in self.environments
            if name not in self._omitted and (self.spec.start is None or name in self.spec.start)
        ]

    def _start_roles(self) -> float:
        """Start them; return the time of the start, in seconds since the epoch."""
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
            redis_url=self.broker_url,
            schema=schema_key(self.app),
            started=began,
        ).write()

    def wait_until_ready(self, names: list[str]) -> None:
        """Return once each of these roles has proved that it works.

        Raises:
            TimeoutError: one has not; shows its last log lines.
        """
        waiting = [readiness.Waiting(self.app.roles[name], self.node(name), self.url(name)) for name in names]
        readiness.all_ready(self.app, waiting, self.broker_url, self.database, self._progress)

    def url(self, name: str) -> str:
        """The address of a role that listens, or of a server beside PostgreSQL and Redis; empty for a role that does not."""
        if name in self.app.servers:
            return self.servers.others[name]
        return self.substrate.url(name) if self.app.roles[name].listens else ""

    def start_role(self, role: str, name: str, variables: Mapping[str, str]) -> Node:
        """Start a role in addition to a declared one, or in its place.

        Args:
            role: whose program and variables it has.
            name: of the node.
            variables: replace its own.
        """
        declared = self.app.roles[role]
        self._played[name] = declared.kind
        self._given[name] = {**self.environments[role], **variables}
        return self.substrate.start_role(name, declared, self._given[name])

    @property
    def broker_url(self) -> str:
        """The address of the database of Redis that messages go through."""
        return numbered(self.servers.redis_url, self.app.redis.broker)

    @property
    def redis_urls(self) -> list[str]:
        """The addresses of all databases of Redis that the application uses."""
        return [numbered(self.servers.redis_url, number) for number in range(self.app.redis.databases)]

    def node(self, name: str) -> Node:
        """A member by its name: a role's, `postgres`, `redis`, or a provider's."""
        return self.substrate.nodes[name]

    def __getattr__(self, name: str) -> Any:
        """A scripted provider by its name, such as `stack.openai`."""
        providers = self.__dict__.get("providers", {})
        if name in providers:
            return providers[name]
        raise AttributeError(f"a stack has no {name!r}, and the application no provider of that name")

    @property
    def nodes(self) -> Mapping[str, Node]:
        """See Running."""
        return self.substrate.nodes

    @property
    def api_url(self) -> str:
        """See Running."""
        return self.substrate.url(self.app.asked())

    def client(self) -> Any:
        """A new client of the application, which is not signed in."""
        return new_client(self.app, self.api_url, self.journal, self.known())

    def known(self) -> dict[str, str]:
        """Values for `{NAME}` in requests to the application: ids from the setups, addresses of the providers."""
        at = self.substrate.provider_addresses(self.app.asked())
        return {**{f"provider:{name}": address for name, address in at.items()}, **self._set}

    def _set_up(self) -> None:
        """Post the declared setups."""
        self._set.clear()
        for name, post in self.app.setups.items():
            with HttpClient(self.api_url, self.journal) as client:
                self._set[name] = client.post(post, self.known())

    def state(self, work: Work, accepted: str) -> str | None:
        """The status of one piece of work; None where it is not there.

        Args:
            work: of this kind.
            accepted: its id.
        """
        return state_of(work, accepted, self.database, self.redis_urls)

    def wait_until_idle(self) -> None:
        """See Running."""
        reset.wait_until_idle(self.busy, self.taken)

    def busy(self) -> dict[str, int]:
        """The work that is still under way; empty where the stack is idle."""
        found = reset.busy(self.app, self.database, self.redis, self.servers.others)
        return found | self._open()

    def _open(self) -> dict[str, int]:
        """Unfinished work, of the kinds of work whose state is asked piece by piece."""
        accepted = Evidence(journal=self.scenario_journal("call"))
        left = {
            f"{work.name}s": sum(
                self.state(work, found) not in work.ends for found in accepted.accepted(work.id)
            )
            for work in self.app.works
            if work.state and not work.open
        }
        return {name: number for name, number in left.items() if number}

    def ended(self) -> int:
        """How much work has ended."""
        accepted = Evidence(journal=self.scenario_journal("call"))
        return sum(
            int(self.database.value(work.ended))
            if work.ended
            else sum(self.state(work, found) in work.ends for found in accepted.accepted(work.id))
            for work in self.app.works
        )

    def waiting(self) -> dict[str, int]:
        """Messages in the broker, by queue."""
        return reset.waiting(self.app, self.redis)

    def taken(self) -> dict[str, int]:
        """Messages that workers have taken and not acknowledged, by queue, as far as the application says where these are kept."""
        return reset.taken(self.app, self.redis)

    def clear(self) -> None:
        """Remove the remains of scenarios from an idle stack: a reset without the wait."""
        self.clear_servers()
        for provider in self.providers.values():
            provider.reset()
        self._set_up()
        self.mark()

    def clear_servers(self) -> None:
        """Empty database, Redis and the other servers. All of them belong to this run."""
        reset.empty(self.app, self.database, self.redis_urls, self.servers.others)

    def access(self) -> dict[str, str]:
        """How a person reaches the stack: addresses, and further facts that the application declares."""
        running = [name for name in self.app.roles if name not in self._omitted]
        urls = {name: url for name in running if (url := self.url(name))}
        scripted = {
            self.app.providers[name].shown: client.base_url for name, client in self.providers.items()
        }
        told = self.app.access(urls, self.environments) if self.app.access else urls
        return {
            **told,
            "database": self.servers.database_url,
            "redis": self.broker_url,
            **self.servers.others,
            **scripted,
            "logs": str(self.run.folder / "logs"),
        }

    @property
    def roles(self) -> dict[str, Node]:
        """The nodes that play a role, also those that a scenario has added."""
        return {name: node for name, node in self.nodes.items() if name not in self.app.server_names}

    def nodes_by_role(self) -> Counter[str]:
        """How many nodes play each kind of role now."""
        given = self.given
        playing = [name for name, node in self.roles.items() if node.alive and name in self._played]
        return Counter(
            kind for name in playing for kind in (self._played[name], *self.app.hosts(given[name]))
        )

    @property
    def given(self) -> dict[str, Mapping[str, str]]:
        """The variables of every node that plays a role, also of nodes that a scenario has started with other variables."""
        return {**self.environments, **self._given}

    @property
    def tier(self) -> Tier:
        """The row of the concurrency table it runs at."""
        return self.app.tiers[self.spec.tier]

    def detach(self) -> None:
        """Let the stack live on without us, until `harness down`."""
        self.substrate.detach()

    @property
    def how_to_end(self) -> str:
        """See Running."""
        return f"end it with: harness down {' '.join(self.substrate.runs)}"

    def stop(self) -> None:
        """End everything, or only leave a stack that ran before us. All errors are collected, so that none hides another.

        Raises:
            ExceptionGroup: a part could not be ended.
        """
        clients = [*getattr(self, "providers", {}).values()]
        clients += [getattr(self, name) for name in ("database", "redis") if hasattr(self, name)]
        parts: list[Callable[[], object]] = [client.close for client in clients]
        parts += [self.substrate.stop, self.journal.close]
        if not self.substrate.supervisor.detached:
            parts.append(self.run.forget)  # not earlier: the removal of dead runs does the same
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
        """The secrets that no kept file may show: its own, and the servers' passwords."""
        passwords = {
            "database password": self.servers.database_url,
            "Redis password": self.servers.redis_url,
            **{f"{name} password": url for name, url in self.servers.others.items() if "://" in url},
        }
        return {**self.secrets, **passwords}

    def environment_here(self, role: str) -> dict[str, str]:
        """A role's environment for its code in a process of ours: with the servers' addresses on this machine.

        Args:
            role: its name.
        """
        providers = {name: client.base_url for name, client in self.providers.items()}
        servers = self.servers
        here = Addresses(servers.database_url, servers.redis_url, providers, servers=servers.others)
        return self._environment(self.app.roles[role], here)
