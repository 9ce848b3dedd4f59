"""An application that is declared piece by piece: a line for each role, each kind of work, each tier."""

import shlex
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.application.error import DeclarationError, near
from harness.application.load import Load
from harness.application.ready import QueuesReady, Ready
from harness.application.role import Role
from harness.application.schedule import Schedule
from harness.application.server import POSTGRES, REDIS
from harness.application.table import COUNTS, read_table
from harness.application.tier import Tier
from harness.application.work import POSITION, TASK_ID, Calls, Post, Result, Work

if TYPE_CHECKING:
    from harness.application.provider import Provider

ENDED_RESULTS = frozenset({"SUCCESS", "FAILURE", "REVOKED"})  # celery.states.READY_STATES
DONE_RESULT = frozenset({"SUCCESS"})
UNDECLARED = "usual"  # the tier of an application that declares none


class Declaring:
    """The methods of `App` for that. Each call is one line of the declaration, and refuses at once a line that makes no sense."""

    name: str
    root: Path
    roles: Mapping[str, Role]
    tiers: Mapping[str, Tier]
    works: tuple[Work, ...]
    setups: Mapping[str, Post]
    schedules: Mapping[str, Schedule]
    loads: Mapping[str, Load]
    providers: Mapping[str, "Provider"]

    def check(self) -> None:
        """See App."""

    def role(
        self,
        name: str,
        command: str | Sequence[str],
        *,
        ready: Ready | None = None,
        queues: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        single: bool = False,
        drain_s: float = 30.0,
    ) -> None:
        """One program of the application.

        Args:
            name: of it.
            command: starts it, as one types it or as its argv; `{host}`, `{port}`, `{n}` (its tier's count) and `{tmp}` are
                filled in.
            ready: what proves that it works, beside a task from each of its queues.
            queues: it consumes.
            env: variables of this role alone.
            single: whether only one of it may run, as with Celery's beat.
            drain_s: seconds that it has between SIGTERM and SIGKILL when a deploy takes it away.

        Raises:
            DeclarationError: it cannot be meant so.
        """
        argv = tuple(shlex.split(command) if isinstance(command, str) else command)
        if not argv:
            raise DeclarationError(f"role {name}: what starts it? The command is empty")
        if name in self.roles:
            raise DeclarationError(f"role {name} is declared twice")
        if ready is None and not queues:
            raise DeclarationError(
                f"role {name}: what proves that it is ready? ready=http('/path'), ready=log('a line'), or the queues that it consumes"
            )
        made = Role(
            name=name,
            argv=argv,
            command=argv,
            ready=ready or QueuesReady(),
            queues=(queues,) if isinstance(queues, str) else tuple(queues),
            uses=(REDIS, POSTGRES, *self.providers),
            env=dict(env or {}),
            single=single,
            drain_seconds=drain_s,
            pool=None if not queues else True,
        )
        self.roles = {**self.roles, name: made}
        self.check()

    def setup(self, name: str, accepted: Post) -> None:
        """Declare a request that is posted to a fresh stack before anything else.

        Args:
            name: later requests use the id of the answer as `{NAME}`.
            accepted: how it is posted.

        Raises:
            DeclarationError: the name is taken, or is no name.
        """
        if not name.isidentifier() or name in self.setups or name in {"nonce", "id"}:
            raise DeclarationError(f"setup {name!r}: that is no name, or is taken")
        self.setups = {**self.setups, name: accepted}

    def work(
        self,
        name: str,
        *,
        accepted: Post,
        state: str | Result,
        ends: Collection[str] = (),
        done: Collection[str] = (),
        task: str = "",
        by: str = "",
        id: str = "",  # noqa: A002 - the word that a declaration has for it
        effect: Calls | str | None = None,
        at: str = "",
    ) -> None:
        """Declare one kind of work that is asked for, done by tasks, and ended.

        Args:
            name: what one piece of it is called.
            accepted: how it is asked for.
            state: SQL for the status of the piece of work whose id is `:id`; or `result()`.
            ends: statuses that it ends with; of `result()` those that Celery calls ready.
            done: the statuses of success among them; by default all, or for `result()` Celery's SUCCESS.
            task: name of the task that does it.
            by: where that task holds the id: `args[0]`, the name of a keyword argument, or `task_id`.
            id: `task_id` where the id in the answer is that of the task.
            effect: what each piece of work must do exactly once: `calls(...)`, or SQL that counts it for `:id`.
            at: the role that is asked for it; by default the first role that listens.

        Raises:
            DeclarationError: it cannot be meant so.
        """
        if any(work.name == name for work in self.works):
            raise DeclarationError(f"work {name} is declared twice")
        if id not in {"", TASK_ID}:
            raise DeclarationError(f"work {name}: id={id!r}; id={TASK_ID!r} is all that may be said here")
        by = by or id or (TASK_ID if isinstance(state, Result) else "")
        if by and by != TASK_ID and not POSITION.fullmatch(by) and by.startswith("args"):
            raise DeclarationError(f"work {name}: by={by!r}; did you mean 'args[0]'?")
        if isinstance(state, Result):
            ends, done = ends or ENDED_RESULTS, done or DONE_RESULT
        elif ":id" not in state and "$1" not in state:
            raise DeclarationError(
                f"work {name}: state={state!r} is about no piece of work: where is :id in it?"
            )
        ends = frozenset((ends,) if isinstance(ends, str) else ends)
        done = frozenset((done,) if isinstance(done, str) else done)
        if not ends:
            raise DeclarationError(f"work {name}: with which statuses does it end? ends={{...}}")
        for status in done - ends:
            raise DeclarationError(
                f"work {name}: done has {status!r}, which ends has not; {near(status, ends)}"
            )
        self._refuse_provider(f"work {name}", effect)
        if isinstance(effect, str) and ":id" not in effect and "$1" not in effect:
            raise DeclarationError(f"work {name}: effect={effect!r} counts for all: where is :id in it?")
        listening = [role.name for role in self.roles.values() if role.listens]
        if not (at or listening):
            raise DeclarationError(
                f"work {name}: nobody listens; declare the role that is asked before it, with {{port}}"
            )
        made = Work(
            name=name,
            at=at or listening[0],
            accepted=accepted,
            task=task,
            argument=by,
            state=state,
            ends=ends,
            done=done,
            effect=effect,
        )
        self.works = (*self.works, made)
        self.check()

    def schedule(self, task: str, *, effect: Calls | str | None = None, repeatable: bool = False) -> None:
        """Declare one task that beat starts by the clock.

        Args:
            task: its name.
            effect: what it does once in each slot of the schedule: `calls(...)`, or SQL that counts it.
            repeatable: whether it may safely run again in the same slot, such as a task that looks for what is due.

        Raises:
            DeclarationError: it cannot be meant so.
        """
        if task in self.schedules:
            raise DeclarationError(f"schedule {task} is declared twice")
        self._refuse_provider(f"schedule {task}", effect)
        made = Schedule(task=task, effect=effect, repeatable=repeatable)
        self.schedules = {**self.schedules, task: made}

    def _refuse_provider(self, whose: str, effect: Calls | str | None) -> None:
        if isinstance(effect, Calls) and effect.provider not in self.providers:
            raise DeclarationError(
                f"{whose}: there is no provider {effect.provider!r}; {near(effect.provider, self.providers)}"
            )

    def tier(
        self,
        name: str,
        *,
        database_pool_size: int | None = None,
        memory_mb: int | None = None,
        cpus: int | None = None,
        **concurrency: int,
    ) -> None:
        """Declare a row of the concurrency table; the first row is the default.

        Args:
            name: of it.
            database_pool_size: connections that one process may hold.
            memory_mb: of one role, in MiB.
            cpus: of one role.
            concurrency: a role's name -> its `{n}`.

        Raises:
            DeclarationError: it names something that is no role, or gives no number of processes.
        """
        for role, count in concurrency.items():
            if role not in self.roles:
                raise DeclarationError(f"tier {name}: there is no role {role!r}; {near(role, self.roles)}")
            if not isinstance(count, int) or count < 1:
                raise DeclarationError(f"tier {name}: {role}={count!r} is no number of processes")
        made = Tier(
            name=name,
            concurrency=concurrency,
            database_pool_size=database_pool_size,
            memory_mb=memory_mb,
            cpus=cpus,
        )
        declared = {key: tier for key, tier in self.tiers.items() if key != UNDECLARED or tier.concurrency}
        self.tiers = {**declared, name: made}
        self.check()

    def table(self, path: Path | str) -> None:
        """Declare the rows of a file, as if each were declared by `tier`; `check --table` of a load test reads the same format.

        Args:
            path: of it, from the application's root.

        Raises:
            DeclarationError: see `harness.application.table.read_table`, and `tier`.
        """
        for name, row in read_table(self.root / path).items():
            limits = {key: getattr(row, key) for key in COUNTS}
            self.tier(name, **limits, **row.concurrency)

    def load(
        self,
        work: str,
        *,
        per_hour: float = 0.0,
        done_p95_s: float = 0.0,
        burst: int = 0,
        drain_s: float = 0.0,
    ) -> None:
        """Declare the load that a kind of work must carry.

        Args:
            work: its name.
            per_hour: pieces that come in an hour.
            done_p95_s: seconds within which 95 of 100 have ended.
            burst: pieces that may come at once.
            drain_s: seconds within which all of such a burst have ended.

        Raises:
            DeclarationError: there is no such work.
        """
        names = [each.name for each in self.works]
        if work not in names:
            raise DeclarationError(f"load: there is no work {work!r}; {near(work, names)}")
        made = Load(work=work, per_hour=per_hour, done_p95_s=done_p95_s, burst=burst, drain_s=drain_s)
        self.loads = {**self.loads, work: made}
