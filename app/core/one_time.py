"""Tokens that are good once, for one thing. The database holds only their hashes, so nobody can read a token there."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import one_time_tokens as tokens

BYTES = 32  # 256 bits cannot be guessed, so a fast hash is as good as a slow one


def new_token() -> tuple[str, str]:
    """A token and its hash."""
    made = secrets.token_urlsafe(BYTES)
    return made, hashed(made)


def hashed(token: str) -> str:
    """The hash of a token, for the database."""
    return hashlib.sha256(token.encode()).hexdigest()


async def issue(
    connection: AsyncConnection,
    purpose: str,
    life: timedelta,
    *,
    user_id: UUID | None = None,
    request_id: UUID | None = None,
    says: str = "",
) -> str:
    """Make a token.

    Args:
        connection: inside a transaction.
        purpose: of app.models.one_time_tokens.
        life: time until it expires.
        user_id: for whom; None for somebody who has no account yet.
        request_id: of its roadmap, if it is for one.
        says: text at its end, for the code that redeems it; the hash covers it, so nobody can change it.
    """
    made = new_token()[0] + says
    kept = hashed(made)
    row = insert(tokens).values(hash=kept, purpose=purpose, user_id=user_id, request_id=request_id)
    await connection.execute(row.values(expires_at=func.clock_timestamp() + life))
    return made


async def is_good(connection: AsyncConnection, purpose: str, token: str) -> bool:
    """Whether a token could be redeemed now: asked before expensive work is done for it."""
    return bool(await connection.scalar(select(exists().where(*_good(purpose, token)))))


async def redeem(connection: AsyncConnection, purpose: str, token: str, **about: Any) -> Row[Any] | None:
    """Use a token up.

    Args:
        connection: inside a transaction.
        purpose: that it must have.
        token: as it was given out.
        about: further columns and the values that they must have.

    Returns:
        Its `user_id`; None if there is no such token, or no longer.
    """
    wanted = [tokens.c[name] == value for name, value in about.items()]
    used = delete(tokens).where(*_good(purpose, token), *wanted)
    return (await connection.execute(used.returning(tokens.c.user_id))).one_or_none()


def _good(purpose: str, token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        tokens.c.hash == hashed(token),
        tokens.c.purpose == purpose,
        tokens.c.expires_at > func.clock_timestamp(),
    )
