"""What the harness is told of an application: its roles, servers, providers, work and tiers. All else follows from it.

An application declares itself once, in a file of its own; `[tool.harness] stack = "module:name"` in its pyproject.toml says
where (harness.base.project). This is almost the ground floor: it imports only `base`, so what belongs to higher floors (a check, a
client, a rule) is declared here as something to call.
"""

import importlib
import os
import re
import secrets as random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from harness.base import project

POSTGRES, REDIS = "postgres", "redis"  # the names of the servers' nodes and links
STACK = "stack"  # of [tool.harness]: where the application is declared


class DeclarationError(Exception):
    """An application is declared in a way that cannot be started; says what, and what to write instead."""


@dataclass(frozen=True, slots=True)
class HttpReady:
    """A role is ready when this path answers with a success.

    Args:
        path: with its query.
    """

    path: str


@dataclass(frozen=True, slots=True)
class LogReady:
    """A role is ready when it has written a line in which this stands.

    Args:
        pattern: a regular expression.
    """

    pattern: str


@dataclass(frozen=True, slots=True)
class QueuesReady:
    """A role is ready when a canary has come back from each of its queues."""


Ready = HttpReady | LogReady | QueuesReady


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One program of the application.

    Args:
        name: of its node, its links and its log.
        kind: by which the tiers count it and PostgreSQL names its connections; the name by default.
        argv: starts it, in the application's folder. `{host}`, `{port}`, `{n}` (its tier's count) and `{tmp}` are filled in.
        forked: a Python program with its arguments that becomes the same, which the fork server may run instead, so that
            the libraries need not be imported again; none where only `argv` will do. Filled in like it.
        port: the variable with the port that it listens on; none where it does not, or where `argv` says `{port}`.
        ready: what proves that it works, beside a canary from each of its queues.
        queues: it consumes.
        uses: the servers that it speaks to: `postgres`, `redis`, providers by name.
        env: variables of this role alone, over the application's.
        read_at_import: variables that a library reads when it is imported: they must be there before a fork.
        optional: whether stacks are started without it, unless they ask for it.
        drain_seconds: that it has between SIGTERM and SIGKILL when a deploy takes it away.
        pool: whether it works in processes of its own, one of which may be lost; by default where a tier counts them.
    """

    name: str
    kind: str = ""
    argv: tuple[str, ...] = ()
    forked: tuple[str, ...] = ()
    port: str = ""
    ready: Ready = QueuesReady()
    queues: tuple[str, ...] = ()
    uses: tuple[str, ...] = (REDIS, POSTGRES)
    env: Mapping[str, str] = field(default_factory=dict)
    read_at_import: Mapping[str, str] = field(default_factory=dict)
    optional: bool = False
    drain_seconds: float = 30.0
    pool: bool | None = None

    def __post_init__(self) -> None:
        if not self.kind:
            object.__setattr__(self, "kind", self.name)

    @property
    def listens(self) -> bool:
        """Whether it has a port."""
        return bool(self.port) or any("{port}" in word for word in self.argv)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A row of a concurrency table, and the plan under it.

    Args:
        name: of the row.
        concurrency: a role's kind -> its processes or slots.
        database_pool_size: connections that one process may hold; None where nobody has set a limit.
        memory_mb: of one role; None where nobody has set a limit.
        cpus: of one role; None where they are shared.
    """

    name: str
    concurrency: Mapping[str, int] = field(default_factory=dict)
    database_pool_size: int | None = None
    memory_mb: int | None = None
    cpus: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """The database.

    Args:
        version: of the server, as its image is tagged; the harness's own by default.
        migrate: argv that brings the newest schema into the database, in the application's folder; none for no schema.
        env: its variables; `{postgres}` and its like are filled in as in the application's.
        sources: globs, from the application's folder, of the files that decide the schema: it is made anew when one changes.
        empty: SQL that removes what scenarios left; by default every table but those kept is emptied.
        keep: patterns of tables whose rows stay, such as `django_*`; those of migrations always do.
    """

    version: str = ""
    migrate: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    empty: str = ""
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redis:
    """The broker.

    Args:
        version: of the server, as its image is tagged; the harness's own by default.
        databases: that the application uses, numbered from 0.
        broker: the one of them that messages go through.
        taken: queue -> the hash in which the broker's client keeps what workers have taken and not acknowledged. Where it is
            declared, what lies in it counts as waiting.
    """

    version: str = ""
    databases: int = 1
    broker: int = 0
    taken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A service of somebody else's, which the harness plays: a program of harness.providers, and the client that scripts it.

    Args:
        name: of its node and links.
        module: of the program, run as `python -m`.
        options: of the program.
        client: makes a client of it: `client(url)`; has `base_url`, `reset()`, `calls()` and `close()`.
        variable: by which roles are told its address.
        path: that the address ends with.
        key: name of the secret that it asks for; none where it asks for none.
        label: what people are shown; `scripted NAME` by default.
    """

    name: str
    module: str
    options: tuple[str, ...] = ()
    client: Callable[[str], Any]
    variable: str = ""
    path: str = ""
    key: str = ""
    label: str = ""

    @property
    def shown(self) -> str:
        """What people are shown."""
        return self.label or f"scripted {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A task of the application that writes down what it was given, as proof that a queue is consumed.

    Args:
        task: its name; it is called with the keyword arguments `nonce` and `queue`.
        back: SQL for those that came back: `$1` is the array of nonces, the one column is the nonce.
    """

    task: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """How one asks for work.

    Args:
        path: that it is posted to.
        json: the body; `{nonce}` in its texts is filled in.
        headers: likewise.
        status: of an acceptance.
        id: where the id stands in the answer, as `$.name.name`.
    """

    path: str
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 202
    id: str = "$.id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of thing that is asked for, accepted under an id, done by tasks, and ended: what the ledger counts.

    Args:
        name: of one of it.
        id: what the journal calls its id.
        at: the role that is asked for it.
        accepted: how it is asked for; None where only the application's own client can.
        task: name of the task that does it.
        argument: the task's keyword argument that holds the id; `args[0]` for its first positional one.
        state: SQL for the status of one: `$1` is its id, as text.
        ends: statuses that it ends with.
        open: SQL that counts what has not ended; what is under way with it, such as events, may count too.
        ended: SQL that counts what has.
    """

    name: str
    id: str
    at: str
    accepted: Post | None = None
    task: str = ""
    argument: str = ""
    state: str = ""
    ends: frozenset[str] = frozenset()
    open: str
    ended: str

    @property
    def by_position(self) -> bool:
        """Whether its task is told the id by position."""
        return self.argument == "args[0]"

    @property
    def in_task(self) -> "re.Pattern[str] | None":
        """Finds the id in a task's arguments, as Celery's events show them."""
        if not self.argument:
            return None
        if self.by_position:
            return re.compile(r"^[(\[]['\"]?([\w-]+)")
        return re.compile(rf"'{re.escape(self.argument)}': '?([\w-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """Where a deployment says that it is there, and which commit it is of.

    Args:
        path: that answers 200, on the role that is asked for work.
        commit: name of the commit in that answer, which is JSON; none where it does not tell.
    """

    path: str
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where one role finds the servers: by links of its own.

    Args:
        database_url: of PostgreSQL.
        redis_url: of Redis.
        providers: a provider's name -> its address.
        authority: file with the certificate of who has signed Redis' own; none where Redis has none.
    """

    database_url: str
    redis_url: str
    providers: Mapping[str, str] = field(default_factory=dict)
    authority: str = ""

    @property
    def trust(self) -> dict[str, str]:
        """What has a role trust that authority as it trusts a public one in production: by its machine, not by the URL."""
        return {"SSL_CERT_FILE": self.authority} if self.authority else {}


class Environment(Protocol):
    """What a role is given, where templates do not say it."""

    def __call__(
        self,
        role: Role,
        *,
        tier: str,
        at: Addresses,
        secrets: Mapping[str, str],
        overrides: Mapping[str, str],
    ) -> Mapping[str, str]:
        """The role's variables.

        Args:
            role: whose.
            tier: name of the row.
            at: where it finds the servers.
            secrets: of the stack.
            overrides: that replace variables, or are given to every role where none has them.
        """


def no_secrets() -> dict[str, str]:
    """One, which templates call `{secret}`."""
    return {"secret": random.token_hex(32)}


@dataclass(frozen=True, kw_only=True)
class App:
    """The declaration of an application.

    Args:
        name: of it.
        root: its folder: roles and the migration run in it.
        roles: by name, in the order in which they are told of.
        tiers: by name; the first one is the usual.
        postgres: the database.
        redis: the broker.
        providers: services of somebody else's.
        work: what it does; the first kind is what load and recovery are measured by.
        env: variables of every role, as templates: `{postgres}`, `{postgres:SCHEME}`, `{postgres.host}` (and user, password,
            port, database), `{redis}`, `{redis/1}`, `{provider:NAME}`, `{secret}`.
        environment: makes a role's variables in place of `env`.
        secrets: makes the secrets of a stack, by name.
        local: variables that roles have as processes of this machine.
        path: folders that come first on their PATH, from the application's folder.
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
        program: what the audit must know of it; see harness.deployment.program. None where there is nothing to audit.
        rules: of the audit, beside the harness's.
        errors: regular expressions of what its plain log lines say where something went wrong, beside what the harness knows:
            JSON levels, tracebacks, and the text of Celery and uvicorn.
        dockerfile: of the image that every role is a container of; none where there is no such image.
        nemesis: how it stands a nemesis; see harness.experiments.nemesis.
        interpreters: those that a stack of it starts at a tier, with what each imports: the floor of a start; see
            harness.experiments.bench.imports.
        benchmarks: name -> one of its own, beside the harness's; see harness.experiments.bench.
        build: where a deployment of it says which build it is; by default where the role that is asked for work is ready.
        live: how a deployment of it is used that is not ours; see harness.stack.live_deployment.
    """

    name: str
    root: Path
    roles: Mapping[str, Role]
    tiers: Mapping[str, Tier] = field(default_factory=lambda: {"usual": Tier(name="usual")})
    postgres: Postgres = Postgres()
    redis: Redis = Redis()
    providers: Mapping[str, Provider] = field(default_factory=dict)
    work: tuple[Work, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    environment: Environment | None = None
    secrets: Callable[[], dict[str, str]] = no_secrets
    local: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
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
    program: Any = None
    rules: Sequence[Any] = ()
    errors: tuple[str, ...] = ()
    dockerfile: str = ""
    nemesis: Any = None
    interpreters: Callable[[Tier], Sequence[Any]] = lambda _: ()
    benchmarks: Mapping[str, Any] = field(default_factory=dict)
    build: Build | None = None
    live: Any = None

    def __post_init__(self) -> None:
        for server in (POSTGRES, REDIS, *self.providers):
            if server in self.roles:
                raise DeclarationError(f"{self.name}: a role must not be called {server}, as a server is")
        if self.redis.broker not in range(self.redis.databases):
            raise DeclarationError(
                f"{self.name}: the broker is database {self.redis.broker} of Redis, of which {self.redis.databases} are declared"
            )

    @property
    def search_path(self) -> str:
        """PATH for its programs."""
        return os.pathsep.join([*(str(self.root / folder) for folder in self.path), os.environ["PATH"]])

    @property
    def servers(self) -> tuple[str, ...]:
        """The names of all that is no role."""
        return (POSTGRES, REDIS, *self.providers)

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
        if self.work:
            return self.work[0].at
        for name, role in self.roles.items():
            if role.listens:
                return name
        raise DeclarationError(f"{self.name}: no role listens, so nobody can be asked for anything")


def python(*argv: str) -> tuple[str, ...]:
    """The argv of a Python program in our own interpreter."""
    return (sys.executable, *argv)


_used: list[App] = []  # in place of the project's, the last one of them


@contextmanager
def using(app: App) -> Iterator[App]:
    """Have it be the current one, whatever the project names, as long as the context lasts.

    Args:
        app: for what is started meanwhile.
    """
    _used.append(app)
    try:
        yield app
    finally:
        _used.remove(app)


def current() -> App:
    """The application of the project that the harness works on, as its pyproject.toml names it; see also `using`.

    Raises:
        DeclarationError: it names none, or what it names is not there or no App.
    """
    return _used[-1] if _used else _declared(project.root())


@cache
def _declared(root: Path) -> App:
    file = root / project.FILE
    named = (project.settings(root) or {}).get(STACK, "")
    module, _, attribute = named.partition(":")
    if not (module and attribute):
        said = f"says {STACK} = {named!r}" if named else "names no application"
        raise DeclarationError(f'{file} {said}: write [tool.{project.TABLE}] {STACK} = "module:name"')
    project.import_root()
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the application's own imports are its own affair
        raise DeclarationError(f"{file} names {named}, but there is no module {error.name}") from None
    if not isinstance(found, App):
        what = "not there" if found is None else f"of the type {type(found).__name__}"
        raise DeclarationError(f"{file} names {named}, which is {what} and no harness.application.App")
    return found
