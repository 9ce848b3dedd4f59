"""The servers of an application: its database and its broker."""

from collections.abc import Mapping
from dataclasses import dataclass, field

POSTGRES, REDIS = "postgres", "redis"  # the names of their nodes and links


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
