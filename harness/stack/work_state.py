"""The status of one piece of work as the application declares it: by SQL, or by the result of its task."""

import json
from collections.abc import Sequence

from redis import Redis

from harness.application import Result, Work
from harness.application.work import asks
from harness.base.database import Database

REDIS_SECONDS = 10.0
RESULT = "celery-task-meta-"  # celery.backends.base.KeyValueStoreBackend.task_keyprefix


def state_of(work: Work, accepted: str, database: Database, redis_urls: Sequence[str]) -> str | None:
    """Its status; None where it is not there.

    Args:
        work: of this kind.
        accepted: its id.
        database: of the stack.
        redis_urls: of all databases of Redis, one of which may hold results.
    """
    if isinstance(work.state, Result):
        return _result(accepted, redis_urls)
    sql, arguments = asks(work.state, accepted)
    found = database.value(sql, *arguments)
    return None if found is None else str(found)


def _result(task: str, redis_urls: Sequence[str]) -> str | None:
    for url in redis_urls:
        with Redis.from_url(url, socket_timeout=REDIS_SECONDS) as redis:
            if redis.type(key := f"{RESULT}{task}") == b"string" and (said := redis.get(key)):
                status: str = json.loads(said)["status"]
                return status
    return None
