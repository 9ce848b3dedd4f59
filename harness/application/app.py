"""The declaration of an application: its roles, servers, providers, work and tiers. All else follows from it."""

import keyword
import os
import re
import secrets as random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.application.build import Build
from harness.application.declaring import Declaring
from harness.application.environment import Environment
from harness.application.error import DeclarationError, near
from harness.application.load import Load
from harness.application.provider import TAKEN, Provider
from harness.application.ready import HttpReady
from harness.application.role import Role
from harness.application.schedule import Schedule
from harness.application.server import POSTGRES, REDIS, Postgres, Redis, Server
from harness.application.tier import Tier
from harness.application.work import Canary, Post, Work

# Names of the harness's own logs and containers, which stand beside those of an application.
OURS = (
    "proxy",
    "supervisor",
    "follower",
    "reaper",
    "template",
)
# The name of a member. It names a file, a link `member/server` and a container, so it is ASCII; it is also a label of DNS in the
# container's network, so it has at most 63 characters (RFC 1035, 2.3.4).
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,62}", re.ASCII)


def no_secrets() -> dict[str, str]:
    """Make the one secret that templates call `{secret}`."""
    return {"secret": random.token_hex(32)}


@dataclass(eq=False)
class App(Declaring):
    """The declaration of an application: whole, by the arguments, or piece by piece, by `role`, `work` and their like.

    Args:
        name: its name.
        root: its folder: roles and the migration run in it; by default that of the file that declares it.
        bin: folder of its programs, from the application's folder: it comes first on their PATH.
        roles: by name, in the order in which they are shown.
        tiers: by name; the first one is the usual.
        postgres: the database.
        redis: the broker.
        servers: other servers that it uses, such as a cache, by name.
        providers: services of third parties that it calls.
        works: the kinds of work that it does; load and recovery are measured by the first one.
        setups: what is posted to a fresh stack before anything else. The key is the name by which later requests use the id of
            the answer.
        schedules: the tasks that beat starts by the clock, by their names.
        loads: the load that each kind of work must carry, by the name of the work.
        env: variables of every role, as templates: `{postgres}`, `{postgres:SCHEME}`, `{postgres.host}` (and user, password,
            port, database), `{redis}`, `{redis/1}`, `{server:NAME}`, `{provider:NAME}`, `{secret}`.
        dotenv: file with further variables, from the application's folder; they count as if they were declared here. Roles do not
            see a file that is not named here.
        environment: makes a role's variables in place of `env`.
        secrets: makes the secrets of a stack, by name.
        local: variables of roles that run as processes of this machine.
        sources: globs, from the application's folder, of what its roles run: a stack that was left running starts them
            again where one has changed.
        canary: a task of its own that proves a queue; None for the one that Celery brings.
        libraries: modules that the fork server imports before it forks.
        use: asks for one piece of work and waits for its end, with a new client each time; benchmarks repeat it. By default the
            work is asked for as it is declared.
        client: makes the object that a scenario uses as `system.api`: `client(url, journal)`.
        ledger: makes the object that a scenario uses as `system.ledger`: `ledger(evidence)`.
        access: what a person is shown first of a stack, made of the addresses and the environments of its roles: name -> value;
            by default the addresses.
        checks: of its own, beside the harness's.
        budgets: method and path -> milliseconds within which 99 of 100 calls are answered, also during faults.
        tables: the tables that complete evidence must have.
        facts: reads further facts for its checks from the variables of a stack's nodes: `facts(environments)`; the answer must
            fit into JSON.
        hosts: the kinds of roles that a node with these variables plays in addition to its own.
        program: what the audit must know of the program; see harness.deployment.program. None where there is nothing to audit.
        rules: of the audit, beside the harness's.
        errors: regular expressions that find errors in its plain log lines. The harness itself knows JSON levels, tracebacks, and
            the text of Celery and uvicorn.
        dockerfile: Dockerfile of the image that every role runs in; none where there is no such image.
        tools: Dockerfile of the image of proxy and scripted providers, with a stage named `tools`, for providers that need code
            of the application, such as an author; by default the harness's own, which has no such code.
        rare: states that a long run should reach: what happens -> a regular expression of the line that a role logs then, or a
            function that counts it: `count(evidence)`.
        nemesis: settings of the nemesis for it; see harness.experiments.nemesis.
        interpreters: the interpreters that its stack starts at a tier, with the modules that each imports. They set the shortest
            possible start; see harness.experiments.bench.imports.
        benchmarks: name -> a benchmark of its own, in addition to the harness's; see harness.experiments.bench.
        build: where a deployment of it says which build it is; by default the path at which the role that is asked for work
            proves that it is ready.
        live: how the harness uses a deployment of it that somebody else runs; see harness.stack.live_deployment.
    """

    name: str
    _: KW_ONLY
    root: Path = Path()
    bin: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)
    tiers: Mapping[str, Tier] = field(default_factory=lambda: {"usual": Tier(name="usual")})
    postgres: Postgres = Postgres()
    redis: Redis = Redis()
    servers: Mapping[str, Server] = field(default_factory=dict)
    providers: Mapping[str, Provider] = field(default_factory=dict)
    works: tuple[Work, ...] = ()
    setups: Mapping[str, Post] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    loads: Mapping[str, Load] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    dotenv: str = ""
    environment: Environment | None = None
    secrets: Callable[[], dict[str, str]] = no_secrets
    local: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    canary: Canary | None = None
    libraries: tuple[str, ...] = ()
    use: Callable[[Any], None] | None = None
    client: Callable[..., Any] | None = None
    ledger: Callable[[Any], Any] | None = None
    access: Callable[[Mapping[str, str], Mapping[str, Mapping[str, str]]], Mapping[str, str]] | None = None
    checks: Sequence[Callable[[Any], Any]] = ()
    budgets: Mapping[tuple[str, str], float] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    facts: Callable[[Mapping[str, Mapping[str, str]]], Mapping[str, Any]] = lambda _: {}
    hosts: Callable[[Mapping[str, str]], Sequence[str]] = lambda _: ()
    program: Any = None
    rules: Sequence[Any] = ()
    errors: tuple[str, ...] = ()
    dockerfile: str = ""
    tools: str = ""
    rare: Mapping[str, str | Callable[[Any], int]] = field(default_factory=dict)
    nemesis: Any = None
    interpreters: Callable[[Tier], Sequence[Any]] = lambda _: ()
    benchmarks: Mapping[str, Any] = field(default_factory=dict)
    build: Build | None = None
    live: Any = None

    def __post_init__(self) -> None:
        if not self.root.parts:
            self.root = Path(sys._getframe(2).f_code.co_filename).resolve().parent  # noqa: SLF001 - of who declares it
        named = {
            name: provider if provider.name else replace(provider, name=name)
            for name, provider in self.providers.items()
        }
        self.providers = named
        self.check()

    def check(self) -> None:
        """Refuse a declaration that makes no sense.

        Raises:
            DeclarationError: it makes none; says what is wrong, and what may have been meant.
        """
        self._check_names()
        self._check_uses()
        if not self.tiers:
            raise DeclarationError(f"{self.name}: at which tier is it started? None is declared")
        if self.redis.broker not in range(self.redis.databases):
            raise DeclarationError(
                f"{self.name}: the broker is database {self.redis.broker} of Redis, of which {self.redis.databases} are declared"
            )

    def _check_names(self) -> None:
        told = [
            *((name, role.name) for name, role in self.roles.items()),
            *((name, tier.name) for name, tier in self.tiers.items()),
            *((name, server.name) for name, server in self.servers.items()),
            *((name, provider.name) for name, provider in self.providers.items()),
        ]
        for name, own in told:
            if own != name:
                raise DeclarationError(f"{self.name}: what is declared as {name} calls itself {own}")
        for name in (*self.server_names, *self.roles):
            if name.lower() in OURS or not NAME.fullmatch(name):
                raise DeclarationError(
                    f"{self.name}: {name!r} cannot be the name of a member: at most 63 of A-Z a-z 0-9 . _ - and none of {', '.join(OURS)}"
                )
        self._check_providers()
        for name in {*self.roles} & {*self.server_names}:
            raise DeclarationError(f"{self.name}: a role must not be called {name}, as a server is")
        for name in self.server_names:
            if self.server_names.count(name) > 1:
                raise DeclarationError(f"{self.name}: two servers must not be called {name}")
        folded: dict[str, str] = {}  # networks, and the file systems of Macs, ignore capitals
        for name in (*self.server_names, *self.roles):
            if (other := folded.setdefault(name.lower(), name)) != name:
                raise DeclarationError(
                    f"{self.name}: {name} and {other} are one name to a network, which knows no capitals"
                )

    def _check_providers(self) -> None:
        for name in self.providers:
            if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_") or name in TAKEN:
                raise DeclarationError(
                    f"{self.name}: a provider cannot be called {name!r}: scenarios reach it as system.NAME, and that is taken, or no name"
                )

    def _check_uses(self) -> None:
        for role in self.roles.values():
            for server in role.uses:
                if server not in self.server_names:
                    known = ", ".join(self.server_names)
                    raise DeclarationError(
                        f"{self.name}: {role.name} uses {server}, which is no server; there are: {known}"
                    )
        if self.works and (unknown := {work.at for work in self.works} - {*self.roles}):
            wrong = min(unknown)
            raise DeclarationError(
                f"{self.name}: {wrong} is asked for work, and is no role; {near(wrong, self.roles)}"
            )
        for work in self.works:
            if not self.roles[work.at].listens:
                raise DeclarationError(
                    f"{self.name}: {work.at} is asked for work, and does not listen: it has no port"
                )

    @property
    def done_ends(self) -> frozenset[str]:
        """The statuses of work with what was asked for."""
        return frozenset(status for work in self.works for status in work.done or work.ends)

    @property
    def search_path(self) -> str:
        """PATH for its programs."""
        own = [str(self.root / self.bin)] if self.bin else []
        return os.pathsep.join([*own, os.environ["PATH"]])

    @property
    def server_names(self) -> tuple[str, ...]:
        """Names of everything that is no role, providers included."""
        return (POSTGRES, REDIS, *self.servers, *self.providers)

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue that a role consumes, in order."""
        return tuple(dict.fromkeys(queue for role in self.roles.values() for queue in role.queues))

    @property
    def usual_tier(self) -> str:
        """The row of the table that a stack runs at if nobody says so."""
        return next(iter(self.tiers))

    @property
    def optional(self) -> tuple[str, ...]:
        """The roles that stacks are started without."""
        return tuple(name for name, role in self.roles.items() if role.optional)

    @property
    def told_build(self) -> Build:
        """Where a deployment says which build it is.

        Raises:
            DeclarationError: no path is known that it would answer.
        """
        if self.build is not None:
            return self.build
        ready = self.roles[self.asked()].ready
        if not isinstance(ready, HttpReady):
            raise DeclarationError(
                f"{self.name}: where does a deployment say that it is there? build=Build(path=...)"
            )
        return Build(path=ready.path)

    def pooled(self, name: str) -> bool:
        """Whether a role works in processes of its own.

        Args:
            name: of the role.
        """
        role = self.roles[name]
        counted = any(role.kind in tier.concurrency for tier in self.tiers.values())
        return counted if role.pool is None else role.pool

    @property
    def read_at_import(self) -> dict[str, str]:
        """The variables of all roles that a library reads when it is imported."""
        return {name: value for role in self.roles.values() for name, value in role.read_at_import.items()}

    def asked(self) -> str:
        """The role that is asked for work: the one whose URL is the stack's.

        Raises:
            DeclarationError: no role listens.
        """
        if self.works:
            return self.works[0].at
        for name, role in self.roles.items():
            if role.listens:
                return name
        raise DeclarationError(f"{self.name}: no role listens, so nobody can be asked for anything")
