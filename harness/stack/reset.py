"""A clean stack between scenarios, without starting anything again: wait until idle, empty, and forget."""

from redis import Redis

from app.roles import unacked_key
from harness.base.database import Database
from harness.base.wait import eventually

IDLE_SECONDS = 30.0
POLL_SECONDS = 0.005
QUEUES = ("content", "logs")
TAKEN = unacked_key("logs")

# The administrator stays: only the API's start makes one.
_EMPTY = """
DELETE FROM outbox;
DELETE FROM canaries;
DELETE FROM roadmap_requests;
DELETE FROM users WHERE NOT is_admin;
"""
_BUSY = """
SELECT (SELECT count(*) FROM roadmap_requests WHERE status IN ('queued', 'running'))
     + (SELECT count(*) FROM outbox)
"""


def waiting(redis: Redis) -> dict[str, int]:
    """Messages in the broker, by queue; log batches that a worker has taken count too.

    A message of the content queue that a worker has taken is no sign of life: the database knows whether its roadmap
    moves, and a worker that was killed leaves it there for a quarter of an hour, when it is found to be stale.
    """
    pipeline = redis.pipeline(transaction=False)
    for queue in QUEUES:
        pipeline.llen(queue)
    pipeline.hlen(TAKEN)
    *lengths, logs_taken = pipeline.execute()
    found = dict(zip(QUEUES, lengths, strict=True))
    found["logs"] += logs_taken
    return found


def taken(redis: Redis) -> int:
    """Log batches that a worker has taken and not acknowledged; one that died with them leaves them until their time-out is over."""
    return redis.hlen(TAKEN)


def busy(database: Database, redis: Redis) -> dict[str, int]:
    """What still moves; empty where the stack is idle."""
    found = {"requests and events": int(database.value(_BUSY)), **waiting(redis)}
    return {name: number for name, number in found.items() if number}


def wait_until_idle(database: Database, redis: Redis, timeout: float = IDLE_SECONDS) -> None:
    """Return once nothing is queued, running or on its way.

    Args:
        database: of the stack.
        redis: of the stack.
        timeout: seconds.

    Raises:
        TimeoutError: something still moves; says what.
    """
    eventually(
        lambda: not busy(database, redis),
        timeout=timeout,
        what="an idle stack",
        poll=POLL_SECONDS,
        evidence=lambda: (
            f"still moving: {busy(database, redis)}; of logs, {taken(redis)} in a worker's hands"
        ),
    )


def empty(database: Database, redis: Redis) -> None:
    """Remove what scenarios left in an idle stack."""
    database.execute(_EMPTY)
    redis.flushdb()
