"""PostgreSQL in a container, from an image that holds a data directory already: no initdb, no migration at its start."""

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import asyncpg

from harness.substrates.engine.container import Container, Wanted
from harness.substrates.postgres import PRELOADED, SETTINGS
from harness.substrates.server_container import ServerContainer

PORT = 5432
ADMIN, USER = "postgres", "harness"
PASSWORD = "harness-local-only"  # noqa: S105 - of servers that only this machine can reach
DATABASE = "harness"  # with the newest schema: a lone stack's own, and what the others have copies of
EMPTY = "template1"
SHARED_CONNECTIONS = 600  # of all the stacks of a session together
# What a deployment's server lets its users have: max_connections less superuser_reserved_connections, the defaults
CONNECTIONS = 97
CONNECT_SECONDS = 5

_SERVER = SETTINGS | PRELOADED | {"listen_addresses": "*", "max_connections": str(SHARED_CONNECTIONS)}
COMMAND = ["postgres", *(word for name, value in _SERVER.items() for word in ("-c", f"{name}={value}"))]


class PostgresContainer(ServerContainer):
    """One server; one that is started again finds its data. See ServerContainer.

    Args:
        wanted: its container, without ports.
        container: it, where it runs already.
    """

    def __init__(self, wanted: Wanted, container: Container | None = None) -> None:
        super().__init__(replace(wanted, ports=(PORT,)), container)

    def url(self, user: str = ADMIN, database: str = EMPTY) -> str:
        """Of one of its databases, from outside.

        Args:
            user: `ADMIN` or `USER`.
            database: its name.
        """
        return database_url(self.outside(PORT), database, user)

    def answers(self) -> bool:
        """See ServerContainer."""
        return run_statements(self.url(), "SELECT true") is True


def database_url(address: str, database: str, user: str = USER) -> str:
    """What a role is given.

    Args:
        address: `host:port` of the server, or of a link to it.
        database: its name.
        user: of it.
    """
    return f"postgresql://{user}:{PASSWORD}@{address}/{database}"


def create_database(address: str, name: str, *, schema: bool) -> None:
    """Make a database that is as big as a deployment's, in some 10 ms.

    Args:
        address: `host:port` of the server.
        name: of the database.
        schema: whether it has the newest one already.
    """
    source = DATABASE if schema else EMPTY
    statement = f'CREATE DATABASE "{name}" TEMPLATE {source} OWNER {USER} STRATEGY file_copy CONNECTION LIMIT {CONNECTIONS}'
    run_statements(database_url(address, "postgres", ADMIN), statement)


def drop_database(address: str, name: str) -> None:
    """Remove a database, whoever is still connected to it.

    Args:
        address: `host:port` of the server.
        name: of the database.
    """
    statement = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    run_statements(database_url(address, "postgres", ADMIN), statement)


def run_statements(url: str, *statements: str) -> Any:
    """Run statements, each in a transaction of its own; answers the first value of the last one.

    Args:
        url: of a database.
        statements: SQL.
    """
    return asyncio.run(_run(url, *statements))


async def _run(url: str, *statements: str) -> Any:
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS, ssl=False)
    try:
        return [await connection.fetchval(statement) for statement in statements][-1]
    finally:
        with contextlib.suppress(OSError):
            await connection.close(timeout=CONNECT_SECONDS)
