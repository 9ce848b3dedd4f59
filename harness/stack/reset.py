"""Cleans a stack between scenarios without restarting anything: wait until it is idle, then empty it."""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatch

from redis import Redis

from harness.application import App
from harness.base.database import Database
from harness.base.wait import eventually

IDLE_SECONDS = 30.0
POLL_SECONDS = 0.005
REDIS_SECONDS = 10.0
MIGRATIONS = ("alembic_version", "django_migrations")  # tables that no reset may empty
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


def waiting(app: App, redis: Redis) -> dict[str, int]:
    """Messages in the broker, by queue. Messages that a worker has taken count only for queues where the application says so.

    Taken messages of other queues do not prove that work moves: a killed worker leaves them there for the broker's visibility
        time-out. The database knows whether the work moves.
    """
    pipeline = redis.pipeline(transaction=False)
    for queue in app.queues:
        pipeline.llen(queue)
    for key in app.redis.taken.values():
        pipeline.hlen(key)
    lengths = pipeline.execute()
    found = dict(zip(app.queues, lengths, strict=False))
    for queue, number in zip(app.redis.taken, lengths[len(found) :], strict=True):
        found[queue] += number
    return found


def taken(app: App, redis: Redis) -> dict[str, int]:
    """Messages that workers have taken and not acknowledged, by queue, as far as the application says where these are kept."""
    return {queue: redis.hlen(key) for queue, key in app.redis.taken.items()}


def busy(app: App, database: Database, redis: Redis, others: Mapping[str, str]) -> dict[str, int]:
    """The work that is still under way; empty where the stack is idle."""
    counted = {f"{work.name}s": int(database.value(work.open)) for work in app.works if work.open}
    found = counted | waiting(app, redis)
    found |= {name: server.open(others[name]) for name, server in app.servers.items() if server.open}
    return {name: number for name, number in found.items() if number}


def wait_until_idle(
    busy: Callable[[], Mapping[str, int]],
    taken: Callable[[], Mapping[str, int]],
    timeout: float = IDLE_SECONDS,
) -> None:
    """Return once no work is waiting or under way.

    Args:
        busy: returns the work that is still under way.
        taken: returns the messages that workers have taken and not acknowledged.
        timeout: seconds.

    Raises:
        TimeoutError: some work is still under way; says which.
    """
    eventually(
        lambda: not busy(),
        timeout=timeout,
        what="an idle stack",
        poll=POLL_SECONDS,
        evidence=lambda: f"still moving: {busy()}; in workers' hands: {taken()}",
    )


def empty(app: App, database: Database, redis_urls: Iterable[str], others: Mapping[str, str]) -> None:
    """Remove what scenarios left in an idle stack.

    Args:
        app: whose stack it is.
        database: of the stack.
        redis_urls: of its databases of Redis.
        others: the URLs of its other servers, by name.
    """
    statement = app.postgres.empty or _truncate(app, database)
    if statement:
        database.execute(statement)
    for url in redis_urls:
        with Redis.from_url(url, socket_timeout=REDIS_SECONDS) as redis:
            redis.flushdb()
    for name, server in app.servers.items():
        if server.empty:
            server.empty(others[name])


def table_names(database: Database) -> list[str]:
    """All tables there are.

    Args:
        database: of a stack.
    """
    return [row["tablename"] for row in database.rows(_TABLES)]


def _truncate(app: App, database: Database) -> str:
    """Empty every table except those of migrations and those that the application keeps."""
    kept = (*MIGRATIONS, *app.postgres.kept)
    tables = [
        f'"{name}"' for name in table_names(database) if not any(fnmatch(name, pattern) for pattern in kept)
    ]
    return f"TRUNCATE {', '.join(tables)} RESTART IDENTITY" if tables else ""
