"""The service's figures, from the database and, if it answers, Redis: for the administrator and for Prometheus."""

import asyncio
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.settings import Settings
from app.roadmaps import queues, states
from app.roles import ROLES
from app.schemas.overview import Overview, Queue, Sweeps, Worker
from app.schemas.provider_use import ProviderUse

REDIS_SECONDS = 1.0

_STATUSES = text("SELECT status, count(*) AS requests FROM roadmap_requests GROUP BY status")
_WORKERS = text("""
SELECT node, queues, slots, taken_at, seen_at, seen_at > clock_timestamp() - :stale AS consuming
FROM workers ORDER BY node
""").bindparams(bindparam("stale", type_=INTERVAL))
_NUMBERS = text(f"""
SELECT
    (SELECT count(*) FROM users) AS users,
    (SELECT count(*) FROM outbox) AS outbox,
    (SELECT extract(epoch FROM clock_timestamp() - min({states.WAITING_SINCE}))
     FROM roadmap_requests WHERE {states.WAITING}) AS oldest_waiting,
    (SELECT count(*) FROM roadmap_requests WHERE {states.DUE})
  + (SELECT count(*) FROM outbox WHERE {states.IS_DUE}) AS due,
    (SELECT coalesce(sum(dispatches), 0) FROM roadmap_requests)
  + (SELECT coalesce(sum(dispatches), 0) FROM outbox) AS republished,
    (SELECT coalesce(sum(attempts), 0) FROM generation_steps) AS calls,
    (SELECT coalesce(sum(prompt_tokens), 0) FROM generation_steps) AS prompt_tokens,
    (SELECT coalesce(sum(completion_tokens), 0) FROM generation_steps) AS completion_tokens,
    (SELECT coalesce(sum(cost_usd), 0) FROM generation_steps) AS cost_usd
""")  # noqa: S608 - of our own words alone


async def overview(connection: AsyncConnection, redis: Redis, settings: Settings) -> Overview:
    """Count everything, now.

    Args:
        connection: to read from.
        redis: asked for the length of its queues, for one second at most.
        settings: with the times after which a worker is missed and a queue is stalled.
    """
    statuses = {row.status: row.requests for row in await connection.execute(_STATUSES)}
    rows = await connection.execute(_WORKERS, {"stale": queues.stale(settings)})
    workers = [Worker.model_validate(row, from_attributes=True) for row in rows]
    numbers = (await connection.execute(_NUMBERS)).mappings().one()
    waiting = await _waiting(redis)
    return Overview(
        users=numbers["users"],
        roadmaps=statuses,
        oldest_waiting_seconds=numbers["oldest_waiting"],
        outbox=numbers["outbox"],
        queues=[
            Queue(
                name=queue.name,
                waiting=waiting.get(queue.name),
                consumers=queue.consumers,
                oldest_waiting_seconds=queue.waiting,
                stalled=queue.stalled,
            )
            for queue in await queues.states(connection, settings)
        ],
        workers=workers,
        sweeper=Sweeps(due=numbers["due"], republished=numbers["republished"]),
        provider=_use(numbers),
    )


def _queues() -> list[str]:
    return sorted(queue for role in ROLES.values() for queue in role.queues)


async def _waiting(redis: Redis) -> dict[str, int]:
    try:
        async with asyncio.timeout(REDIS_SECONDS):
            return {queue: int(await redis.llen(queue)) for queue in _queues()}
    except Exception:  # noqa: BLE001 - without Redis the rest is still worth seeing
        return {}


def _use(numbers: Mapping[Any, Any]) -> ProviderUse:
    return ProviderUse(**{name: numbers[name] for name in ProviderUse.model_fields})
