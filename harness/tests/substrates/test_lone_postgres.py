"""A database without a stack: with the newest schema or none, and as old as it is wanted."""

import asyncio

import asyncpg
import pytest

from harness.substrates.lone_postgres import lone_postgres, programs
from harness.tests.shop import shop

pytestmark = pytest.mark.e2e
TABLES = "SELECT array_agg(tablename::text ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"


def value(url: str, query: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_it_has_the_schema_of_an_application():
    with lone_postgres("own-tests", shop) as server:
        assert value(server.url(), TABLES) == ["orders", "parcels"]
        assert server.url("postgresql+asyncpg").startswith("postgresql+asyncpg://")


def test_it_is_empty_and_as_old_as_it_is_wanted():
    with lone_postgres("own-tests", next_transaction=3 * 1_048_576) as server:
        assert value(server.url(), TABLES) is None
        assert value(server.url(), "SELECT pg_current_xact_id()::text::bigint") >= 3 * 1_048_576
    with pytest.raises(OSError):  # noqa: PT011 - whichever way a server is gone
        value(server.url(), "SELECT 1")


def test_its_programs_are_there():
    assert (programs() / "postgres").is_file()
