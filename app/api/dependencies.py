"""What routes are given: the process's belongings, and who is asking."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.api.problems import Kind, Problem
from app.core.publisher import Publisher
from app.core.security import InvalidTokenError, TokenClaims, Tokens
from app.core.settings import Settings
from app.core.throttle import LoginThrottle
from app.models import users


@dataclass(frozen=True, slots=True)
class Belongings:
    """What one API process holds while it runs."""

    settings: Settings
    engine: AsyncEngine
    autocommit: AsyncEngine  # the same pool, for single statements that commit by themselves
    redis: Redis
    publisher: Publisher
    tokens: Tokens
    throttle: LoginThrottle


# Dependencies are coroutines even where they await nothing: FastAPI would hand each plain function to a thread.


async def belongings(request: Request) -> Belongings:
    held: Belongings = request.app.state.belongings
    return held


Held = Annotated[Belongings, Depends(belongings)]


_bearer = HTTPBearer(auto_error=False, description="From POST /api/v1/auth/login.")


async def token_claims(
    held: Held, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> TokenClaims:
    """What the bearer token says, checked as far as that goes without the database."""
    if credentials is None:
        raise not_authenticated("There is no bearer token.")
    try:
        return held.tokens.read(credentials.credentials)
    except InvalidTokenError:
        raise not_authenticated("The token is not valid, or no longer.") from None


@dataclass(frozen=True, slots=True)
class User:
    """Who is asking."""

    id: UUID
    email: str
    username: str
    is_admin: bool


Claims = Annotated[TokenClaims, Depends(token_claims)]


async def current_user(held: Held, claims: Claims) -> User:
    """The token's user, as long as the token has not been revoked. Keeps no connection while the route works."""
    query = select(users.c.id, users.c.email, users.c.username, users.c.is_admin).where(
        users.c.id == claims.user_id, users.c.token_version == claims.version
    )
    async with held.engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise not_authenticated("The token is not valid, or no longer.")
    return User(row.id, row.email, row.username, row.is_admin)


CurrentUser = Annotated[User, Depends(current_user)]


async def administrator(user: CurrentUser) -> User:
    """The token's user, who must be an administrator."""
    if not user.is_admin:
        raise Problem(Kind.FORBIDDEN, "Only an administrator may see this.")
    return user


def not_authenticated(detail: str) -> Problem:
    """The problem of a request without a token that is good."""
    return Problem(Kind.NOT_AUTHENTICATED, detail, headers={"WWW-Authenticate": "Bearer"})
