"""What each worker says of itself, in the database, as long as it has its broker."""

from datetime import timedelta

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import workers


async def seen(
    connection: AsyncConnection, node: str, queues: list[str], slots: int, idle: timedelta
) -> None:
    """A worker has these queues right now.

    Args:
        connection: inside a transaction.
        node: its name.
        queues: it consumes.
        slots: tasks it can do at once.
        idle: since it last took a message.
    """
    now = func.clock_timestamp()
    said = {"queues": queues, "slots": slots, "taken_at": now - idle, "seen_at": now}
    await connection.execute(
        insert(workers).values(node=node, **said).on_conflict_do_update(index_elements=["node"], set_=said)
    )
