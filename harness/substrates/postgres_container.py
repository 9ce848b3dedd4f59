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
DATABASE = "harness"  # database with the newest schema: used by a stack that is alone, and copied for others
EMPTY = "template1"
SHARED_CONNECTIONS = 600  # connections of all the stacks of a session together
# Connections that a deployment's server allows its users: max_connections less superuser_reserved_connections, the defaults
CONNECTIONS = 97
CONNECT_SECONDS = 5

_SERVER = SETTINGS | PRELOADED | {"listen_addresses": "*", "max_connections": str(SHARED_CONNECTIONS)}
COMMAND = ["postgres", *(word for name, value in _SERVER.items() for word in ("-c", f"{name}={value}"))]


class PostgresContainer(ServerContainer):
    """One server; after a restart it finds its data again. See ServerContainer.

    Args:
        wanted: its container, without ports.
        container: the container, where it runs already.
    """

    def __init__(self, wanted: Wanted, container: Container | None = None) -> None:
        super().__init__(replace(wanted, ports=(PORT,)), container)

    def url(self, user: str = ADMIN, database: str = EMPTY) -> str:
        """The URL of one of its databases, from outside.

        Args:
            user: `ADMIN` or `USER`.
            database: its name.
        """
        return database_url(self.outside(PORT), database, user)

    def answers(self) -> bool:
        """See ServerContainer."""
        return run_statements(self.url(), "SELECT true") is True


def database_url(address: str, database: str, user: str = USER) -> str:
    """The URL for a role.

    Args:
    address: `host:port` of the server, or of a link to it.
    database: its name.
    user: of it.
    """
    return f"postgresql://{user}:{PASSWORD}@{address}/{database}"


def create_database(address: str, name: str, *, schema: bool) -> None:
    """Make a database with as many connections as a deployment's, in about 10 ms.

    Args:
        address: `host:port` of the server.
        name: of the database.
        schema: whether it has the newest schema already.
    """
    source = DATABASE if schema else EMPTY
    statement = f'CREATE DATABASE "{name}" TEMPLATE {source} OWNER {USER} STRATEGY file_copy CONNECTION LIMIT {CONNECTIONS}'
    run_statements(database_url(address, "postgres", ADMIN), statement)


def drop_database(address: str, name: str) -> None:
    """Remove a database, even while clients are connected to it.

    Args:
        address: `host:port` of the server.
        name: of the database.
    """
    statement = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    run_statements(database_url(address, "postgres", ADMIN), statement)


def run_statements(url: str, *statements: str) -> Any:
    """Run statements, each in a transaction of its own; return the first value of the last one.

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
