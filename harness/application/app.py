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

# Whose logs and containers stand beside those of an application.
OURS = (
    "proxy",
    "supervisor",
    "follower",
    "reaper",
    "template",
)
# Of a member: it becomes a file, a link `member/server`, a container, whose names are ASCII, and a name in its network: a label of
# DNS, of at most 63 characters (RFC 1035, 2.3.4).
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,62}", re.ASCII)


def no_secrets() -> dict[str, str]:
    """One, which templates call `{secret}`."""
    return {"secret": random.token_hex(32)}


@dataclass(eq=False)
class App(Declaring):
    """The declaration of an application: whole, by the arguments, or piece by piece, by `role`, `work` and their like.

    Args:
        name: of it.
        root: its folder: roles and the migration run in it; by default that of the file that declares it.
        bin: folder of its programs, from the application's folder: it comes first on their PATH.
        roles: by name, in the order in which they are told of.
        tiers: by name; the first one is the usual.
        postgres: the database.
        redis: the broker.
        servers: whatever else it speaks to, such as a cache, by name.
        providers: services of somebody else's.
        works: what it does; the first kind is what load and recovery are measured by.
        setups: what is posted to a fresh stack before anything else, by the name that its id has for what comes later.
        schedules: what beat has done by the clock, by the names of tasks.
        loads: what each kind of work has to carry, by its name.
        env: variables of every role, as templates: `{postgres}`, `{postgres:SCHEME}`, `{postgres.host}` (and user, password,
            port, database), `{redis}`, `{redis/1}`, `{server:NAME}`, `{provider:NAME}`, `{secret}`.
        dotenv: file with further variables, from the application's folder; what it says counts as said here. Roles are shown no
            such file that is not named.
        environment: makes a role's variables in place of `env`.
        secrets: makes the secrets of a stack, by name.
        local: variables that roles have as processes of this machine.
        sources: globs, from the application's folder, of what its roles run: a stack that was left running starts them
            again where one has changed.
        canary: a task of its own that proves a queue; None for the one that Celery brings.
        libraries: modules that the fork server imports before it forks.
        use: has one kind of work done to its end, by a new client of its own: what benchmarks repeat; by default as the work
            declares it.
        client: makes what a scenario knows as `system.api`: `client(url, journal)`.
        ledger: makes what a scenario knows as `system.ledger`: `ledger(evidence)`.
        access: what a person is told first of a stack, by the addresses of its roles and by their environments: name -> value;
            by default the addresses.
        checks: of its own, beside the harness's.
        budgets: method and path -> milliseconds within which 99 of 100 calls are answered, whatever is hurt.
        tables: without which evidence of it is incomplete.
        facts: what else its checks go by, of the variables of a stack's nodes: `facts(environments)`, as JSON has it.
        hosts: the kinds of roles that a node with these variables plays beside its own.
        program: what the audit must know of it; see harness.deployment.program. None where there is nothing to audit.
        rules: of the audit, beside the harness's.
        errors: regular expressions of what its plain log lines say where something went wrong, beside what the harness knows:
            JSON levels, tracebacks, and the text of Celery and uvicorn.
        dockerfile: of the image that every role is a container of; none where there is no such image.
        tools: Dockerfile of the image of proxy and scripted providers, with a stage of the name `tools`: for providers that need
            what is the application's own, such as an author; by default the harness's, which has none of it.
        rare: states that a long run is there to reach: what happens in one -> a regular expression of the line that a role logs
            then, or what counts it: `count(evidence)`.
        nemesis: how it stands a nemesis; see harness.experiments.nemesis.
        interpreters: those that a stack of it starts at a tier, with what each imports: the floor of a start; see
            harness.experiments.bench.imports.
        benchmarks: name -> one of its own, beside the harness's; see harness.experiments.bench.
        build: where a deployment of it says which build it is; by default where the role that is asked for work is ready.
        live: how a deployment of it is used that is not ours; see harness.stack.live_deployment.
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
        """Refuse what cannot be meant.

        Raises:
            DeclarationError: something is; says what, and what may have been meant.
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
        folded: dict[str, str] = {}  # as networks, and the file systems of Macs, tell names apart
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
        """Of all that is no role, providers too."""
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
            DeclarationError: nothing is known that it would answer.
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
        """What a library reads when it is imported, of all roles."""
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
