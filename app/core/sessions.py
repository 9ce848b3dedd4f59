"""Which tokens are still valid: those of an account's newest version, in a session that has not ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.one_time import hashed, new_token
from app.core.security import TokenClaims
from app.models import ended_sessions, one_time_tokens, refresh_tokens, users

REFRESHED_LIFE = timedelta(minutes=15)  # of an access token in a session with refresh tokens
# The opposite of `signed_in`, for many tokens at once.
_ENDED = text("""
SELECT said.ordinal FROM unnest(:users, :versions, :sessions) WITH ORDINALITY AS said(user_id, version, session_id, ordinal)
WHERE NOT EXISTS (SELECT FROM users AS u WHERE u.id = said.user_id AND u.token_version = said.version)
   OR EXISTS (SELECT FROM ended_sessions AS e WHERE e.id = said.session_id)
""").bindparams(
    bindparam("users", type_=ARRAY(Uuid)),
    bindparam("versions", type_=ARRAY(BigInteger)),
    bindparam("sessions", type_=ARRAY(Uuid)),
)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has just got a refresh token.

    Args:
        id: of the session.
        user_id: whose it is.
        version: of the account's tokens.
        refresh_token: the next one.
    """

    id: UUID
    user_id: UUID
    version: int
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Reused:
    """A refresh token came a second time, so somebody has stolen it; its session has ended.

    Args:
        user_id: whose it was.
    """

    user_id: UUID


def signed_in(claims: TokenClaims) -> ColumnElement[bool]:
    """The condition on `users` that a token is still valid."""
    same = users.c.id == claims.user_id, users.c.token_version == claims.version
    if claims.session_id is None:
        return and_(*same)
    return and_(*same, ~exists().where(ended_sessions.c.id == claims.session_id))


async def ended(connection: AsyncConnection, claims: Sequence[TokenClaims]) -> set[TokenClaims]:
    """The tokens that are no longer valid, whatever their expiry says."""
    if not claims:
        return set()
    said = {
        "users": [one.user_id for one in claims],
        "versions": [one.version for one in claims],
        "sessions": [one.session_id for one in claims],
    }
    return {claims[ordinal - 1] for ordinal in await connection.scalars(_ENDED, said)}


async def end_all(connection: AsyncConnection, user_id: UUID) -> int:
    """End every session of the account, with its refresh tokens, tickets and reset tokens: an attacker may hold any of them.

    Returns:
        The version of the account's next tokens.
    """
    raised = update(users).where(users.c.id == user_id).values(token_version=users.c.token_version + 1)
    version: int | None = await connection.scalar(raised.returning(users.c.token_version))
    await connection.execute(delete(refresh_tokens).where(refresh_tokens.c.user_id == user_id))
    await connection.execute(delete(one_time_tokens).where(one_time_tokens.c.user_id == user_id))
    return version or 0


async def end(connection: AsyncConnection, session_id: UUID, user_id: UUID, expires_at: datetime) -> None:
    """End one session, with its refresh tokens.

    Args:
        connection: inside a transaction.
        session_id: of the session.
        user_id: whose it is.
        expires_at: when the last of its tokens expires.
    """
    await connection.execute(delete(refresh_tokens).where(refresh_tokens.c.session_id == session_id))
    row = insert(ended_sessions).values(id=session_id, user_id=user_id, expires_at=expires_at)
    await connection.execute(row.on_conflict_do_nothing())


async def begin(connection: AsyncConnection, user_id: UUID, version: int, life: timedelta) -> Session:
    """Begin a session that can be refreshed.

    Args:
        connection: inside a transaction.
        user_id: whose.
        version: of the account's tokens.
        life: of the refresh token.
    """
    return await _go_on(connection, uuid4(), user_id, version, life)


async def refresh(connection: AsyncConnection, token: str, life: timedelta) -> Session | Reused | None:
    """Exchange a refresh token for the next one; each is valid once.

    Args:
        connection: inside a transaction, which the caller commits whatever the answer.
        token: the newest refresh token of its session.
        life: of the next refresh token.

    Returns:
        None if the token is not valid, or no longer.
    """
    query = (
        select(refresh_tokens)
        .join(users, users.c.id == refresh_tokens.c.user_id)
        .where(
            refresh_tokens.c.hash == hashed(token),
            refresh_tokens.c.expires_at > func.clock_timestamp(),
            refresh_tokens.c.token_version == users.c.token_version,
            users.c.blocked_at.is_(None),
            ~exists().where(ended_sessions.c.id == refresh_tokens.c.session_id),
        )
        .with_for_update(of=refresh_tokens)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    if row.used_at is not None:
        await end(connection, row.session_id, row.user_id, datetime.now(UTC) + life)
        return Reused(row.user_id)
    used = update(refresh_tokens).where(refresh_tokens.c.hash == row.hash)
    await connection.execute(used.values(used_at=func.clock_timestamp()))
    return await _go_on(connection, row.session_id, row.user_id, row.token_version, life)


async def _go_on(
    connection: AsyncConnection, session_id: UUID, user_id: UUID, version: int, life: timedelta
) -> Session:
    token, kept = new_token()
    row = insert(refresh_tokens).values(
        hash=kept,
        session_id=session_id,
        user_id=user_id,
        token_version=version,
        expires_at=func.clock_timestamp() + life,
    )
    await connection.execute(row)
    return Session(session_id, user_id, version, token)
