"""Servers that an application may declare beside its database and its broker: another Redis, another PostgreSQL."""

import signal
import sys
from typing import Any

from redis import Redis

from harness.application import Server
from harness.base.database import Database
from harness.substrates import binaries
from harness.substrates.engine.images import POSTGRES, REDIS
from harness.substrates.postgres import DATABASE, PASSWORD, SETTINGS, USER

ANSWER_SECONDS = 2.0
_EMPTY = """DO $$ DECLARE found text; BEGIN
  SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') INTO found FROM pg_tables WHERE schemaname = 'public';
  IF found IS NOT NULL THEN EXECUTE 'TRUNCATE ' || found || ' RESTART IDENTITY CASCADE'; END IF;
END $$"""


def another_redis(name: str, version: str = REDIS.tag) -> Server:
    """A Redis in addition to the broker, without TLS and persistence, which is emptied at each reset.

    Args:
        name: of its node and links.
        version: its version in a container, as its image is tagged; as a process it is the installed Valkey.
    """
    options = ("--save", "", "--appendonly", "no")

    def argv() -> tuple[str, ...]:
        program = str(binaries.valkey().program("valkey-server"))
        return (program, "--bind", "{host}", "--port", "{port}", "--dir", "{folder}", *options)

    return Server(
        name=name,
        argv=argv,
        image=f"{REDIS.name}:{version}",
        command=("redis-server", "--protected-mode", "no", *options),
        port=6379,
        url="redis://{address}/0",
        answers=lambda url: bool(_redis(url, "PING")),
        empty=lambda url: _redis(url, "FLUSHALL"),
    )


def another_postgres(name: str, version: str = POSTGRES.tag) -> Server:
    """A PostgreSQL in addition to the database, with an empty database in it, whose tables are emptied at each reset.

    Args:
        name: of its node and links.
        version: its version in a container, as its image is tagged; as a process it is the installed one.
    """
    settings = {name: value for name, value in SETTINGS.items() if name != "listen_addresses"}
    options = [word for pair in settings.items() for word in ("-c", "=".join(pair))]
    return Server(
        name=name,
        argv=(sys.executable, "-m", "harness.substrates.postgres_program", "{folder}", "{host}", "{port}"),
        image=f"{POSTGRES.name}:{version}",
        command=("postgres", *options),
        env={"POSTGRES_USER": USER, "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": DATABASE},
        port=5432,
        url=f"postgresql://{USER}:{PASSWORD}@{{address}}/{DATABASE}",
        answers=lambda url: _value(url, "SELECT true") is True,
        empty=lambda url: _execute(url, _EMPTY),
        stop_signal=signal.SIGINT,  # "fast": at SIGTERM it would wait for its clients
    )


def _redis(url: str, command: str) -> Any:
    with Redis.from_url(url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS) as redis:
        return redis.execute_command(command)


def _value(url: str, statement: str) -> Any:
    with Database(url) as database:
        return database.value(statement)


def _execute(url: str, statement: str) -> None:
    with Database(url) as database:
        database.execute(statement)
