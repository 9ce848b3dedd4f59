"""Events on their way to the execution log.

An event that must not be lost is written in the transaction of its cause, and published after the commit; its row is deleted when the
event is stored. Redis may lose the message in between: the sweeper sends the events that still have a row again.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, text
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import outbox
from app.roadmaps.events import Event
from app.roadmaps.states import IS_DUE, NEXT_DISPATCH, ONE_DISPATCH_MORE

# Events of a deleted roadmap are skipped, and the lock prevents a deletion in between. A batch has events of several roadmaps: both
# kinds of locks are taken in a fixed order, so that no two batches wait for each other.
_STORE = text("""
WITH given AS (
    SELECT * FROM ROWS FROM (jsonb_to_recordset(:events) AS (
        id uuid, request_id uuid, occurred_at timestamptz, level text, category text, step text, concept_id text,
        message text, data jsonb)) WITH ORDINALITY AS event(
        id, request_id, occurred_at, level, category, step, concept_id, message, data, number)
), known AS (
    SELECT id FROM roadmap_requests WHERE id IN (SELECT request_id FROM given) ORDER BY id FOR KEY SHARE
), logs AS MATERIALIZED (
    SELECT id, log_end(id) AS position FROM (SELECT id FROM known ORDER BY log_lock(id)) AS ordered
), stored AS (
    INSERT INTO execution_logs
        (id, request_id, position, occurred_at, level, category, step, concept_id, message, data)
    SELECT given.id, request_id, logs.position + row_number() OVER (PARTITION BY request_id ORDER BY number),
        occurred_at, level, category, step, concept_id, message, data
    FROM given JOIN logs ON logs.id = request_id
    ORDER BY number
    ON CONFLICT (id) DO NOTHING
    RETURNING id
), sent AS (
    DELETE FROM outbox WHERE id IN (SELECT id FROM given)
)
SELECT count(*) FROM stored
""").bindparams(bindparam("events", type_=JSONB))

_DUE = text(f"""
UPDATE outbox SET dispatches = {ONE_DISPATCH_MORE}, next_dispatch_at = {NEXT_DISPATCH}
WHERE id IN (
    SELECT id FROM outbox WHERE {IS_DUE}
    ORDER BY next_dispatch_at LIMIT :most FOR UPDATE SKIP LOCKED)
RETURNING event
""").bindparams(bindparam("grace", type_=INTERVAL))  # noqa: S608 - of our own words alone


async def keep(connection: AsyncConnection, event: Event, grace: timedelta) -> None:
    """Write the event in the caller's transaction.

    Args:
        connection: inside the transaction that causes the event.
        event: published by the caller after the commit.
        grace: until the sweeper sends it, if it is not stored before.
    """
    await connection.execute(
        insert(outbox).values(
            id=event.id,
            request_id=event.request_id,
            event=event.as_json(),
            next_dispatch_at=func.clock_timestamp() + grace,
        )
    )


async def store(connection: AsyncConnection, events: Sequence[dict[str, Any]]) -> int:
    """Store events in the execution log, each once however often it comes, and delete them from the outbox.

    Returns:
        How many were new.
    """
    stored = await connection.scalar(_STORE, {"events": list(events)})
    return int(stored or 0)


async def give_up(connection: AsyncConnection, event_id: UUID) -> None:
    """Forget an event that can never be stored."""
    await connection.execute(delete(outbox).where(outbox.c.id == event_id))


async def take_due(connection: AsyncConnection, grace: timedelta, most: int) -> list[dict[str, Any]]:
    """The events to publish again; each gets a later due time, so that no other sweeper takes it too.

    Args:
        connection: inside a transaction.
        grace: until the next try, doubled at each.
        most: events.
    """
    return list(await connection.scalars(_DUE, {"grace": grace, "most": most}))
