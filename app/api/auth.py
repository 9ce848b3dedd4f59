"""Accounts: register, log in, see who one is."""

from uuid import uuid4

from fastapi import APIRouter
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.api.dependencies import CurrentUser, Held
from app.api.problems import Kind, Problem, documented
from app.core.security import hash_password, verify_password
from app.core.throttle import WINDOW_SECONDS
from app.models import users
from app.schemas.auth import AccessToken, Account, Login, Registration

router = APIRouter(
    prefix="/api/v1/auth",
    tags=["accounts"],
    responses=documented(Kind.INVALID_REQUEST, Kind.TOO_LARGE, Kind.UNAVAILABLE, Kind.INTERNAL),
)


@router.post(
    "/register", summary="Make an account", status_code=201, responses=documented(Kind.ALREADY_REGISTERED)
)
async def register(body: Registration, held: Held) -> Account:
    """Make an account."""
    password_hash = await hash_password(body.password)  # before a connection is taken: it is slow
    row = users.insert().values(
        id=uuid4(), email=body.email, username=body.username, password_hash=password_hash
    )
    try:
        async with held.engine.begin() as connection:
            made = (await connection.execute(row.returning(users.c.id, users.c.created_at))).one()
    except IntegrityError:
        raise Problem(Kind.ALREADY_REGISTERED, "Choose another e-mail or user name, or log in.") from None
    return Account(
        id=made.id, email=body.email, username=body.username, is_admin=False, created_at=made.created_at
    )


@router.post(
    "/login",
    summary="Get an access token",
    responses=documented(Kind.WRONG_CREDENTIALS, Kind.TOO_MANY_LOGINS),
)
async def login(body: Login, held: Held) -> AccessToken:
    """Exchange e-mail and password for an access token."""
    if not await held.throttle.allows(body.email):
        detail = "Too many attempts for this account; wait a minute."
        raise Problem(Kind.TOO_MANY_LOGINS, detail, headers={"Retry-After": str(WINDOW_SECONDS)})
    query = select(users.c.id, users.c.password_hash, users.c.token_version).where(
        users.c.email == body.email
    )
    async with held.engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    if not await verify_password(body.password, row.password_hash if row else None) or row is None:
        raise Problem(Kind.WRONG_CREDENTIALS, "E-mail or password is wrong.")
    token, life = held.tokens.issue(row.id, row.token_version)
    return AccessToken(access_token=token, token_type="bearer", expires_in=life)  # noqa: S106 - the kind of token


@router.get("/me", summary="Who the token speaks for", responses=documented(Kind.NOT_AUTHENTICATED))
async def me(user: CurrentUser) -> Account:
    """The account the token speaks for."""
    return Account(id=user.id, email=user.email, username=user.username, is_admin=user.is_admin)


@router.delete(
    "/me",
    summary="Delete the account and all of it",
    status_code=204,
    responses=documented(Kind.NOT_AUTHENTICATED, Kind.FORBIDDEN),
)
async def delete(user: CurrentUser, held: Held) -> None:
    """Delete the account, its roadmaps, their content and their logs. An administrator's stays."""
    if user.is_admin:
        raise Problem(Kind.FORBIDDEN, "An administrator's account cannot be deleted.")
    async with held.engine.begin() as connection:
        await connection.execute(users.delete().where(users.c.id == user.id))


@router.post(
    "/revoke",
    summary="End every token of the account",
    status_code=204,
    responses=documented(Kind.NOT_AUTHENTICATED),
)
async def revoke(user: CurrentUser, held: Held) -> None:
    """Make every token of the account invalid, this one too."""
    raised = update(users).where(users.c.id == user.id).values(token_version=users.c.token_version + 1)
    async with held.engine.begin() as connection:
        await connection.execute(raised)
