"""What FastAPI gives a route: settings, connections and clients of its process, and the account that asks."""

import asyncio
from dataclasses import dataclass, field
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
from app.core.sessions import signed_in
from app.core.settings import Settings
from app.core.single_flight import SingleFlight
from app.core.throttle import LoginThrottle
from app.core.turns import Turns
from app.models import users
from app.roadmaps.streams import Streams

SHARED_SECONDS = 1.0  # so long a check's result answers every later request for it


@dataclass(frozen=True, slots=True)
class Belongings:
    """What one API process holds while it runs."""

    settings: Settings
    engine: AsyncEngine
    autocommit: AsyncEngine  # the same pool, for single statements that commit by themselves
    # The same pool, for several statements that must read one moment: all see the data as of the first.
    snapshots: AsyncEngine
    redis: Redis
    publisher: Publisher
    tokens: Tokens
    throttle: LoginThrottle
    # Of readiness: dependency -> what is wrong with it.
    checks: SingleFlight[dict[str, str]] = field(default_factory=lambda: SingleFlight(SHARED_SECONDS))
    streams: Streams = field(default_factory=Streams)
    # A login waits for at most one new account's hash, however many clients register, and for one password of each other client.
    registering: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    turns: Turns = field(default_factory=Turns)


# Dependencies are coroutines even where they await nothing: FastAPI would hand each plain function to a thread.


async def belongings(request: Request) -> Belongings:
    held: Belongings = request.app.state.belongings
    return held


Held = Annotated[Belongings, Depends(belongings)]


_bearer = HTTPBearer(auto_error=False, description="From POST /api/v1/auth/login.")


Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def token_claims(held: Held, credentials: Bearer) -> TokenClaims:
    """What the bearer token says, checked as far as possible without the database."""
    if credentials is None:
        raise not_authenticated("There is no bearer token.")
    try:
        return held.tokens.read(credentials.credentials)
    except InvalidTokenError:
        raise not_authenticated("The token is not valid, or has expired.") from None


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
    query = select(users.c.id, users.c.email, users.c.username, users.c.is_admin).where(signed_in(claims))
    async with held.engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise not_authenticated("The token is not valid, or has expired.")
    return User(row.id, row.email, row.username, row.is_admin)


CurrentUser = Annotated[User, Depends(current_user)]


async def administrator(user: CurrentUser) -> User:
    """The token's user, who must be an administrator."""
    if not user.is_admin:
        raise Problem(Kind.FORBIDDEN, "Only an administrator may see this.")
    return user


def not_authenticated(detail: str) -> Problem:
    """The problem of a request without a valid token."""
    return Problem(Kind.NOT_AUTHENTICATED, detail, headers={"WWW-Authenticate": "Bearer"})
