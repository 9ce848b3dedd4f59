"""Each worker's report on itself, in the database, as long as it is connected to its broker."""

from datetime import timedelta

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import workers


async def seen(
    connection: AsyncConnection, node: str, queues: list[str], slots: int, idle: timedelta
) -> None:
    """Store that a worker consumes these queues now.

    Args:
        connection: inside a transaction.
        node: the worker's name.
        queues: that it consumes.
        slots: tasks that it can do at once.
        idle: time since it last took a message.
    """
    now = func.clock_timestamp()
    said = {"queues": queues, "slots": slots, "taken_at": now - idle, "seen_at": now}
    await connection.execute(
        insert(workers).values(node=node, **said).on_conflict_do_update(index_elements=["node"], set_=said)
    )
