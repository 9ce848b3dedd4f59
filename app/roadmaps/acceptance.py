"""A request's beginning: written once however often it is sent, together with the event that tells of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import roadmap_requests
from app.roadmaps import outbox
from app.roadmaps.events import Event, lifecycle
from app.schemas.roadmap import Status


class KeyReusedError(Exception):
    """The idempotency key belongs to a request with another body."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a request for a roadmap.

    Args:
        id: of the roadmap.
        status: of a known one, how far it is by now.
        event: to publish now; None where the request was known already.
    """

    id: UUID
    status: Status
    event: Event | None


async def accept(
    connection: AsyncConnection,
    *,
    roadmap_id: UUID,
    user_id: UUID,
    key: str,
    body: dict[str, Any],
    grace: timedelta,
) -> Accepted:
    """Write the request once, however often it is sent.

    Args:
        connection: inside a transaction.
        roadmap_id: for a new one.
        user_id: the owner.
        key: the client's Idempotency-Key, or one made for it.
        body: what is asked for, as JSON.
        grace: until the sweeper publishes it, if no worker took it before.

    Raises:
        KeyReusedError: the key came before with another body.
    """
    created = await connection.scalar(
        insert(roadmap_requests)
        .values(
            id=roadmap_id,
            user_id=user_id,
            idempotency_key=key,
            body=body,
            next_dispatch_at=func.clock_timestamp() + grace,
        )
        .on_conflict_do_nothing(index_elements=["user_id", "idempotency_key"])
        .returning(roadmap_requests.c.id)
    )
    if created is None:
        return await _known(connection, user_id, key, body)
    event = lifecycle(roadmap_id, "accepted", "The roadmap was accepted.")
    await outbox.keep(connection, event, grace)
    return Accepted(roadmap_id, "queued", event)


async def _known(connection: AsyncConnection, user_id: UUID, key: str, body: dict[str, Any]) -> Accepted:
    row = (
        await connection.execute(
            select(roadmap_requests.c.id, roadmap_requests.c.body, roadmap_requests.c.status).where(
                roadmap_requests.c.user_id == user_id, roadmap_requests.c.idempotency_key == key
            )
        )
    ).one()
    if row.body != body:
        raise KeyReusedError(key)
    return Accepted(row.id, row.status, None)
