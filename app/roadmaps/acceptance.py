"""A request's beginning: written once however often it is sent, together with the event that tells of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import roadmap_requests, users
from app.roadmaps.events import Event, lifecycle
from app.schemas.roadmap import Status

# One round trip, for this is the path that has to be fast.
_ACCEPT = text("""
WITH accepted AS (
    INSERT INTO roadmap_requests (id, user_id, idempotency_key, body, next_dispatch_at)
    SELECT CAST(:id AS uuid), CAST(:user_id AS uuid), :key, :body, clock_timestamp() + :grace
    WHERE :quota > (SELECT count(*) FROM roadmap_requests
                    WHERE user_id = CAST(:user_id AS uuid) AND status IN ('queued', 'running'))
    ON CONFLICT (user_id, idempotency_key) DO NOTHING
    RETURNING id
), told AS (
    INSERT INTO outbox (id, request_id, event, next_dispatch_at)
    SELECT CAST(:event_id AS uuid), id, :event, clock_timestamp() + :grace FROM accepted
)
SELECT id FROM accepted
""").bindparams(
    bindparam("body", type_=JSONB), bindparam("event", type_=JSONB), bindparam("grace", type_=INTERVAL)
)


class KeyReusedError(Exception):
    """The idempotency key belongs to a request with another body."""


class QuotaExceededError(Exception):
    """The user has as many roadmaps in the making as allowed."""


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


async def lock_user(connection: AsyncConnection, user_id: UUID, token_version: int) -> bool:
    """Let one request of a user at a time be counted against the quota; freed at the end of the transaction.

    Returns:
        Whether there is such a user, with tokens of that version still good: one query answers both.
    """
    locked = select(func.pg_advisory_xact_lock(func.hashtextextended(cast(users.c.id, Text), 0))).where(
        users.c.id == user_id, users.c.token_version == token_version
    )
    return (await connection.execute(locked)).first() is not None


async def accept(
    connection: AsyncConnection,
    *,
    roadmap_id: UUID,
    user_id: UUID,
    key: str,
    body: dict[str, Any],
    grace: timedelta,
    quota: int,
) -> Accepted:
    """Write the request once, however often it is sent. The caller holds the user's lock.

    Args:
        connection: inside a transaction.
        roadmap_id: for a new one.
        user_id: the owner.
        key: the client's Idempotency-Key, or one made for it.
        body: what is asked for, as JSON.
        grace: until the sweeper publishes it, if no worker took it before.
        quota: roadmaps that the user may have in the making.

    Raises:
        KeyReusedError: the key came before with another body.
        QuotaExceededError: there are too many already.
    """
    event = lifecycle(roadmap_id, "accepted", "The roadmap was accepted.")
    created = await connection.scalar(
        _ACCEPT,
        {
            "id": str(roadmap_id),
            "user_id": str(user_id),
            "key": key,
            "body": body,
            "grace": grace,
            "quota": quota,
            "event_id": str(event.id),
            "event": event.as_json(),
        },
    )
    if created is not None:
        return Accepted(roadmap_id, "queued", event)
    return await _known(connection, user_id, key, body)


async def _known(connection: AsyncConnection, user_id: UUID, key: str, body: dict[str, Any]) -> Accepted:
    columns = roadmap_requests.c.id, roadmap_requests.c.body, roadmap_requests.c.status
    mine = roadmap_requests.c.user_id == user_id, roadmap_requests.c.idempotency_key == key
    row = (await connection.execute(select(*columns).where(*mine))).one_or_none()
    if row is None:
        raise QuotaExceededError
    if row.body != body:
        raise KeyReusedError(key)
    return Accepted(row.id, row.status, None)
