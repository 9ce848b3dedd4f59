"""The stack's database for scenarios and checks, which are plain functions: asyncpg behind a portal to a loop of its own."""

import json
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any, Self, TypeVar

import asyncpg
from anyio.from_thread import start_blocking_portal

T = TypeVar("T")
TIMEOUT_SECONDS = 10
_SILENT = """
SELECT set_config('auto_explain.log_min_duration', '-1', false) FROM pg_roles WHERE rolname = current_user AND rolsuper
"""


class Database:
    """One connection, opened at the first use and again after it broke.

    Args:
        url: `postgresql://...`, as a role would be given it.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._exit = ExitStack()
        self._portal = self._exit.enter_context(start_blocking_portal())
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def rows(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        """The rows of a query, JSON columns decoded.

        Raises:
            asyncpg.PostgresError: the database refused.
            OSError, TimeoutError: it does not answer.
        """

        async def fetch(connection: "asyncpg.Connection[asyncpg.Record]") -> list[dict[str, Any]]:
            return [dict(row) for row in await connection.fetch(query, *arguments)]

        return self._call(fetch)

    def value(self, query: str, *arguments: object) -> Any:
        """The first column of the first row; None where there is no row."""
        found = self.rows(query, *arguments)
        return next(iter(found[0].values())) if found else None

    def execute(self, script: str) -> None:
        """Run statements, in one transaction."""

        async def run(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
            await connection.execute(script)

        self._call(run)

    def another(self) -> "Database":
        """Another connection to it, such as one that holds a lock; a context manager."""
        return Database(self.url)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._exit.close()

    def _call(self, work: "Callable[[asyncpg.Connection[asyncpg.Record]], Awaitable[T]]") -> T:
        async def on_the_loop() -> T:
            if self._connection is None or self._connection.is_closed():
                self._connection = await _connect(self.url)
            return await work(self._connection)

        return self._portal.call(on_the_loop)


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    opened = await asyncpg.connect(
        url,
        timeout=TIMEOUT_SECONDS,
        command_timeout=TIMEOUT_SECONDS,
        server_settings={"application_name": "harness"},
    )
    # Our own queries are not logged: they would only disturb the reader of a scenario's statements.
    await opened.execute(_SILENT)
    await opened.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
    return opened
