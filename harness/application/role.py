"""One program of an application."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.application.error import DeclarationError
from harness.application.ready import QueuesReady, Ready
from harness.application.server import POSTGRES, REDIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One program of the application.

    Args:
        name: of its node, its links and its log.
        kind: the name under which tiers count it and PostgreSQL shows its connections; by default `name`.
        argv: the command that starts it, in the application's folder. `{host}`, `{port}`, `{n}` (its tier's count) and `{tmp}`
            are filled in.
        forked: a Python program with its arguments that does the same. The fork server may run it instead, so that the libraries
            need not be imported again; none where only `argv` works. It is filled in like `argv`.
        command: in a container of the application's image, instead of the image's own; filled in like `argv`.
        port: the variable with the port that it listens on; none where it does not, or where `argv` says `{port}`.
        ready: what proves that it works, beside a canary from each of its queues.
        queues: it consumes.
        uses: the servers that it speaks to: `postgres`, `redis`, providers by name.
        env: variables of this role alone, over the application's.
        read_at_import: variables that a library reads when it is imported: they must be there before a fork.
        optional: whether stacks are started without it, unless they ask for it.
        single: whether there must be only one of it at any time.
        drain_seconds: that it has between SIGTERM and SIGKILL when a deploy takes it away.
        pool: whether it works in processes of its own, one of which may be lost; by default where a tier counts them.
    """

    name: str
    kind: str = ""
    argv: tuple[str, ...] = ()
    forked: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    port: str = ""
    ready: Ready = QueuesReady()
    queues: tuple[str, ...] = ()
    uses: tuple[str, ...] = (REDIS, POSTGRES)
    env: Mapping[str, str] = field(default_factory=dict)
    read_at_import: Mapping[str, str] = field(default_factory=dict)
    optional: bool = False
    single: bool = False
    drain_seconds: float = 30.0
    pool: bool | None = None

    def __post_init__(self) -> None:
        if not self.kind:
            object.__setattr__(self, "kind", self.name)
        for field_name in ("argv", "forked", "command", "queues", "uses"):
            given = getattr(self, field_name)
            if isinstance(given, str):  # each letter of which would be one item
                raise DeclarationError(
                    f"{self.name}: {field_name}={given!r} is one text, where a tuple is meant: {field_name}=({given!r},)"
                )

    @property
    def listens(self) -> bool:
        """Whether it has a port."""
        return bool(self.port) or any("{port}" in word for word in (*self.argv, *self.command))


def python(*argv: str) -> tuple[str, ...]:
    """The argv of a Python program in our own interpreter."""
    return (sys.executable, *argv)
