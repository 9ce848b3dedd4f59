"""A request's beginning: written once however often it is sent, together with the event that tells of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Integer, Text, Uuid, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.security import TokenClaims
from app.models import users
from app.roadmaps.events import Event, lifecycle
from app.roadmaps.states import Status

_ACCEPT = text("""
SELECT outcome, id, status FROM accept_roadmap(
    :user_id, :token_version, :id, :key, :body, :event_id, :event, :grace, :quota)
""").bindparams(
    bindparam("user_id", type_=Uuid),
    bindparam("token_version", type_=Integer),
    bindparam("id", type_=Uuid),
    bindparam("key", type_=Text),
    bindparam("body", type_=JSONB),
    bindparam("event_id", type_=Uuid),
    bindparam("event", type_=JSONB),
    bindparam("grace", type_=INTERVAL),
    bindparam("quota", type_=Integer),
)


class UnauthenticatedError(Exception):
    """There is no such user, or the token has been revoked."""


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
    claims: TokenClaims,
    key: str,
    body: dict[str, Any],
    grace: timedelta,
    quota: int,
) -> Accepted:
    """Write the request once, however often it is sent: one statement, see app.migrations.functions.

    Args:
        connection: that commits each statement by itself.
        claims: of the owner's token.
        key: the client's Idempotency-Key, or one made for it.
        body: what is asked for, as JSON.
        grace: until the sweeper publishes it, if no worker took it before.
        quota: roadmaps that the user may have in the making.

    Raises:
        UnauthenticatedError: the token is no longer good.
        KeyReusedError: the key came before with another body.
        QuotaExceededError: there are too many already.
    """
    event = lifecycle(uuid4(), "accepted", "The roadmap was accepted.")
    values = {
        "user_id": claims.user_id,
        "token_version": claims.version,
        "id": event.request_id,
        "key": key,
        "body": body,
        "event_id": event.id,
        "event": event.as_json(),
        "grace": grace,
        "quota": quota,
    }
    row = (await connection.execute(_ACCEPT, values)).one()
    match row.outcome:
        case "accepted":
            return Accepted(row.id, row.status, event)
        case "known":
            return Accepted(row.id, row.status, None)
        case "key_reused":
            raise KeyReusedError(key)
        case "quota_exceeded":
            raise QuotaExceededError
        case _:
            raise UnauthenticatedError
