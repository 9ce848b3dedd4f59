"""Passwords: a user changes a known one, or sets a forgotten one with a reset token."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api.dependencies import Claims, CurrentUser, Held
from app.api.problems import Kind, Problem, documented
from app.api.sessions import refresh_life, tokens_of
from app.api.throttling import let_through
from app.core import one_time, security_log, sessions
from app.core.client_address import client_address
from app.core.security import hash_password, verify_password
from app.core.security_log import SecurityEvent
from app.models import users
from app.models.one_time_tokens import RESET
from app.schemas.auth import AccessToken, PasswordChange, PasswordReset

router = APIRouter(
    prefix="/api/v1/auth/password",
    tags=["accounts"],
    responses=documented(Kind.INVALID_REQUEST, Kind.TOO_LARGE, Kind.UNAVAILABLE, Kind.INTERNAL),
)


@router.post(
    "",
    summary="Change the password",
    responses=documented(Kind.NOT_AUTHENTICATED, Kind.WRONG_CREDENTIALS, Kind.TOO_MANY_LOGINS),
)
async def change(
    body: PasswordChange, user: CurrentUser, claims: Claims, request: Request, response: Response, held: Held
) -> AccessToken:
    """Set another password. Every session of the account ends; the answer has a new session's token, with the life of the request's token."""
    address = client_address(request)
    verdict = await held.throttle.judge(user.email, address, known=True, change=True)
    let_through(verdict, user.id, address)
    async with held.engine.connect() as connection:
        known = await connection.scalar(select(users.c.password_hash).where(users.c.id == user.id))
    async with held.turns.of(address):
        right = await verify_password(body.current_password, known)
    if not right:
        security_log.note(SecurityEvent.LOGIN_FAILED, user_id=user.id, address=address)
        raise Problem(Kind.WRONG_CREDENTIALS, "The current password is wrong.", headers=verdict.headers)
    verdict = await held.throttle.succeeded(user.email, address, known=True, change=True)
    let_through(verdict, user.id, address)
    async with held.turns.of(address):
        made = await hash_password(body.new_password)
    async with held.engine.begin() as connection:
        version = await _set(connection, user.id, made)
        session = (
            await sessions.begin(connection, user.id, version, refresh_life(held))
            if claims.refreshed
            else None
        )
    security_log.note(SecurityEvent.PASSWORD_CHANGED, user_id=user.id, address=address)
    response.headers.update(verdict.headers)
    if session is not None:
        return tokens_of(held, session)
    token, life = held.tokens.issue(user.id, version)
    return AccessToken(access_token=token, token_type="bearer", expires_in=life)  # noqa: S106 - the kind of token


@router.post(
    "/reset",
    summary="Set a forgotten password",
    status_code=204,
    responses=documented(Kind.WRONG_CREDENTIALS),
)
async def reset(body: PasswordReset, request: Request, held: Held) -> None:
    """Set another password with the token that an administrator has made. It is good once; every session of the account ends."""
    # checked before the password is hashed: anybody may send an invalid token
    async with held.engine.connect() as connection:
        good = await one_time.is_good(connection, RESET, body.reset_token)
    found = None
    if good:
        made = await hash_password(body.new_password)
        async with held.engine.begin() as connection:
            found = await one_time.redeem(connection, RESET, body.reset_token)
            if found is not None:
                await _set(connection, found.user_id, made)
    address = client_address(request)
    if found is None:
        security_log.note(SecurityEvent.LOGIN_FAILED, user_id=None, address=address)
        raise Problem(Kind.WRONG_CREDENTIALS, "The reset token is not valid, or no longer.")
    security_log.note(SecurityEvent.PASSWORD_RESET, user_id=found.user_id, address=address)


async def _set(connection: AsyncConnection, user_id: UUID, password_hash: str) -> int:
    await connection.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))
    return await sessions.end_all(connection, user_id)
