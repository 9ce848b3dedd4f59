"""The servers of the embedded substrate, behind their links."""

import asyncio

import asyncpg
import pytest
from redis import Redis

from harness.substrates import binaries
from harness.substrates.postgres import PostgresServer, template
from harness.substrates.valkey import ValkeyServer

pytestmark = pytest.mark.e2e


def query(url: str, *statements: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_postgres_finds_its_data_again_at_the_same_address(supervisor, links, run):
    found = binaries.postgres()
    server = PostgresServer(found, run.data / "pg" / "data", run.data / "pg", run.log("postgres"))
    server.copy(template(found, "empty", lambda _: None))
    server.start(supervisor)
    url = server.url(links.add("postgres", server.target))
    query(url, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42)")

    server.stop()
    with pytest.raises(ConnectionResetError):
        query(url, "SELECT 1")
    server.start(supervisor)

    assert query(url, "SELECT n FROM kept") == 42
    assert query(url, "SHOW max_connections") == "100"
    assert query(url, "SHOW listen_addresses") == ""
    wrong = url.replace("harness-local-only", "wrong")
    with pytest.raises(asyncpg.InvalidPasswordError):
        query(wrong, "SELECT 1")


def test_valkey_speaks_to_redis_py_and_keeps_nothing(supervisor, links, run):
    server = ValkeyServer(binaries.valkey(), run.data, run.log("redis"))
    server.start(supervisor)
    with Redis.from_url(server.url(links.add("redis", server.target))) as redis:
        redis.set("a", "b")
        assert redis.get("a") == b"b"
        assert redis.config_get("save") == {"save": ""}
        assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
