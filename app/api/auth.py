"""Accounts: register, log in, read your own account."""

from uuid import uuid4

from fastapi import APIRouter, Request, Response
from sqlalchemy import Select, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api.dependencies import Belongings, CurrentUser, Held
from app.api.problems import Kind, Problem, documented
from app.api.sessions import refresh_life, tokens_of
from app.api.throttling import let_through
from app.core import logins, one_time, security_log, sessions
from app.core.client_address import client_address
from app.core.security import hash_password, outdated, verify_password
from app.core.security_log import SecurityEvent
from app.core.throttle import Verdict
from app.models import users
from app.models.one_time_tokens import INVITE
from app.schemas.auth import AccessToken, Account, Login, Registration

router = APIRouter(
    prefix="/api/v1/auth",
    tags=["accounts"],
    responses=documented(Kind.INVALID_REQUEST, Kind.TOO_LARGE, Kind.UNAVAILABLE, Kind.INTERNAL),
)


@router.post(
    "/register",
    summary="Make an account",
    status_code=201,
    responses=documented(Kind.ALREADY_REGISTERED, Kind.REGISTRATION_CLOSED, Kind.TOO_MANY_REGISTRATIONS),
)
async def register(body: Registration, request: Request, response: Response, held: Held) -> Account:
    """Make an account."""
    address = client_address(request)
    try:
        made, verdict = await _register(body, address, held)
    except Problem as problem:
        throttled = problem.kind is Kind.TOO_MANY_REGISTRATIONS
        event = SecurityEvent.REGISTRATION_THROTTLED if throttled else SecurityEvent.REGISTRATION_FAILED
        security_log.note(event, user_id=None, address=address)
        raise
    security_log.note(SecurityEvent.REGISTERED, user_id=made.id, address=address)
    response.headers.update(verdict.headers)
    return made


async def _register(body: Registration, address: str, held: Belongings) -> tuple[Account, Verdict]:
    await _may_register(body, held)
    verdict = await held.throttle.judge_registration(address)
    if not verdict.allowed:
        detail = (
            "Too many attempts to make an account from this address, or from its network; come again later."
        )
        raise Problem(Kind.TOO_MANY_REGISTRATIONS, detail, headers=verdict.headers)
    taken = Problem(
        Kind.ALREADY_REGISTERED, "Choose another e-mail or user name, or log in.", headers=verdict.headers
    )
    async with held.engine.connect() as connection:
        if await connection.scalar(_known(body)):
            raise taken
    async with held.registering:
        password_hash = await hash_password(body.password)  # slow, so it is done before a connection is taken
    row = users.insert().values(
        id=uuid4(), email=body.email, username=body.username, password_hash=password_hash
    )
    try:
        async with held.engine.begin() as connection:
            if held.settings.registration == "invite":
                await _use_up(connection, body.invitation or "", held)
            made = (await connection.execute(row.returning(users.c.id, users.c.created_at))).one()
    except IntegrityError:  # another request has taken the e-mail or the name meanwhile
        raise taken from None
    account = Account(
        id=made.id, email=body.email, username=body.username, is_admin=False, created_at=made.created_at
    )
    return account, verdict


@router.post(
    "/login",
    summary="Get an access token",
    responses=documented(Kind.WRONG_CREDENTIALS, Kind.TOO_MANY_LOGINS),
)
async def login(body: Login, request: Request, response: Response, held: Held) -> AccessToken:
    """Exchange e-mail and password for an access token."""
    address = client_address(request)
    async with held.engine.connect() as connection:
        account = await logins.find(connection, body.email, address)
    known = account is not None and account.known
    user_id = account.id if account else None
    verdict = await held.throttle.judge(body.email, address, known=known)
    let_through(verdict, user_id, address)
    async with held.turns.of(address):
        right = await verify_password(body.password, account.password_hash if account else None)
    if account is None or not right or account.blocked:
        security_log.note(SecurityEvent.LOGIN_FAILED, user_id=user_id, address=address)
        raise Problem(Kind.WRONG_CREDENTIALS, "E-mail or password is wrong.", headers=verdict.headers)
    verdict = await held.throttle.succeeded(body.email, address, known=known)
    let_through(verdict, account.id, address)
    again = await hash_password(body.password) if outdated(account.password_hash) else None
    async with held.engine.begin() as connection:
        if again is not None:
            same = users.c.id == account.id, users.c.password_hash == account.password_hash
            await connection.execute(users.update().where(*same).values(password_hash=again))
        await logins.remember(connection, account.id, address)
        version = account.token_version
        session = (
            await sessions.begin(connection, account.id, version, refresh_life(held))
            if body.refresh
            else None
        )
    security_log.note(SecurityEvent.LOGGED_IN, user_id=account.id, address=address)
    response.headers.update(verdict.headers)
    if session is not None:
        return tokens_of(held, session)
    token, life = held.tokens.issue(account.id, account.token_version)
    return AccessToken(access_token=token, token_type="bearer", expires_in=life)  # noqa: S106 - the kind of token


@router.get("/me", summary="Read your account", responses=documented(Kind.NOT_AUTHENTICATED))
async def me(user: CurrentUser) -> Account:
    """The account that the access token belongs to."""
    return Account(id=user.id, email=user.email, username=user.username, is_admin=user.is_admin)


@router.delete(
    "/me",
    summary="Delete your account and its data",
    status_code=204,
    responses=documented(Kind.NOT_AUTHENTICATED, Kind.FORBIDDEN),
)
async def delete(user: CurrentUser, request: Request, held: Held) -> None:
    """Delete the account, its roadmaps, their content and their logs. An administrator's account cannot be deleted."""
    if user.is_admin:
        raise Problem(Kind.FORBIDDEN, "An administrator's account cannot be deleted.")
    async with held.engine.begin() as connection:
        await connection.execute(users.delete().where(users.c.id == user.id))
    security_log.note(SecurityEvent.ACCOUNT_DELETED, user_id=user.id, address=client_address(request))


@router.post(
    "/revoke",
    summary="End every token of the account",
    status_code=204,
    responses=documented(Kind.NOT_AUTHENTICATED),
)
async def revoke(user: CurrentUser, request: Request, held: Held) -> None:
    """Make every token of the account invalid, this one too."""
    async with held.engine.begin() as connection:
        await sessions.end_all(connection, user.id)
    security_log.note(SecurityEvent.TOKENS_REVOKED, user_id=user.id, address=client_address(request))


async def _may_register(body: Registration, held: Belongings) -> None:
    """Refuse a registration that is not allowed, before any expensive work is done for it."""
    if held.settings.registration == "open":
        return
    if held.settings.registration == "closed" or body.invitation is None:
        raise _registration_closed(held)
    async with held.engine.connect() as connection:
        if not await one_time.is_good(connection, INVITE, body.invitation):
            raise _registration_closed(held)


def _known(body: Registration) -> Select[tuple[bool]]:
    """Whether the e-mail or the name is taken."""
    return select(exists().where(or_(users.c.email == body.email, users.c.username == body.username)))


async def _use_up(connection: AsyncConnection, invitation: str, held: Belongings) -> None:
    """Use the invitation up in the transaction that makes the account: if that fails, the invitation stays good."""
    if await one_time.redeem(connection, INVITE, invitation) is None:
        raise _registration_closed(held)


def _registration_closed(held: Belongings) -> Problem:
    detail = {
        "invite": "Send the invitation that an administrator has made for you; each is good once, for a week.",
        "closed": "This service takes no new accounts.",
    }
    return Problem(Kind.REGISTRATION_CLOSED, detail[held.settings.registration])
