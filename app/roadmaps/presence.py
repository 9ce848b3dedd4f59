"""Which workers consume: each says so itself, in the database, as long as it has its broker."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import workers
from app.roles import STALE_SECONDS


async def seen(connection: AsyncConnection, node: str, queues: list[str]) -> None:
    """A worker consumes these queues right now."""
    now = {"queues": queues, "seen_at": func.clock_timestamp()}
    await connection.execute(
        insert(workers).values(node=node, **now).on_conflict_do_update(index_elements=["node"], set_=now)
    )


async def consumed(connection: AsyncConnection) -> set[str]:
    """The queues that a worker has been seen on lately."""
    fresh = workers.c.seen_at > func.clock_timestamp() - timedelta(seconds=STALE_SECONDS)
    return set(await connection.scalars(select(func.unnest(workers.c.queues)).where(fresh)))
