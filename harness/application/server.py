"""The servers of an application: its database, its broker, and whatever else it speaks to."""

import shlex
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from harness.application.error import DeclarationError

POSTGRES, REDIS = "postgres", "redis"  # the names of their nodes and links


def _each(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@dataclass(frozen=True, slots=True)
class Postgres:
    """The database.

    Args:
        version: of the server, as its image is tagged; the harness's own by default.
        migrate: the command that brings the newest schema into the database, in the application's folder, as one types it or as
            its argv; none for no schema.
        env: variables of the migration; `{postgres}` and its like are filled in as in the application's variables, which are the
            default.
        schema: globs, from the application's folder, of the files that decide the schema: it is made anew when one changes.
        empty: SQL that removes what scenarios left; by default every table but those kept is emptied.
        keep: patterns of tables whose rows stay, such as `django_*`; the tables of migrations always stay.
    """

    version: str = ""
    _: KW_ONLY
    migrate: str | Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    schema: str | Sequence[str] = ()
    empty: str = ""
    keep: str | Sequence[str] = ()

    @property
    def migration(self) -> tuple[str, ...]:
        """The argv of the migration."""
        return tuple(shlex.split(self.migrate) if isinstance(self.migrate, str) else self.migrate)

    @property
    def sources(self) -> tuple[str, ...]:
        """The globs of the files that decide the schema."""
        return _each(self.schema)

    @property
    def kept(self) -> tuple[str, ...]:
        """The patterns of tables whose rows stay."""
        return _each(self.keep)


@dataclass(frozen=True, slots=True)
class Redis:
    """The broker.

    Args:
        version: of the server, as its image is tagged; the harness's own by default.
        databases: that the application uses, numbered from 0.
        broker: the number of the database that holds the messages.
        taken: queue -> the hash in which the broker's client keeps what workers have taken and not acknowledged. Where it is
            declared, what lies in it counts as waiting.
    """

    version: str = ""
    _: KW_ONLY
    databases: int = 1
    broker: int = 0
    taken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server beside the database and the broker: a cache, a search engine, another Redis. Each stack has one of its own.

    Two ready-made ones are in harness.substrates.ready_made.

    Args:
        name: of its node and links.
        argv: starts it where servers are processes, or finds what starts it. `{host}`, `{port}` and `{folder}` (its own, empty
            at first, which goes with the stack) are filled in. It must set SO_REUSEADDR. None where it is only a container.
        image: that it is made of where servers are containers, as an engine names it. None where it is only a process.
        command: in its container, instead of the image's own.
        env: variables in its container.
        port: that it listens on in its container.
        url: by which it is reached: `{address}` stands for `host:port`.
        answers: `answers(url)`: whether it works; an error means no. By default it works once it listens.
        empty: `empty(url)` removes what scenarios left in it; by default nothing is.
        open: `open(url)`: how many things in it have not ended: a stack is idle where that is 0, which is the default.
        stop_signal: that asks it to end.
    """

    name: str
    argv: tuple[str, ...] | Callable[[], tuple[str, ...]] = ()
    image: str = ""
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    url: str = "{address}"
    answers: Callable[[str], bool] | None = None
    empty: Callable[[str], object] | None = None
    open: Callable[[str], int] | None = None
    stop_signal: int = signal.SIGTERM

    def __post_init__(self) -> None:
        if bool(self.image) != bool(self.port):
            raise DeclarationError(
                f"{self.name}: the port of a container is declared with its image, and the image with its port"
            )
        if not (self.argv or self.image):
            raise DeclarationError(
                f"{self.name}: what starts it? argv=... for a process, image=... and port=... for a container"
            )

    def at(self, address: str) -> str:
        """Its URL.

        Args:
            address: `host:port`.
        """
        return self.url.replace("{address}", address)

    def program(self) -> tuple[str, ...]:
        """The argv that starts it where servers are processes.

        Raises:
            DeclarationError: no argv is declared.
        """
        found = self.argv() if callable(self.argv) else self.argv
        if not found:
            raise DeclarationError(
                f"{self.name} is a container alone: argv=... starts it where servers are processes"
            )
        return found
