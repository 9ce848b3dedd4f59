"""For administrators: the accounts, which of them are blocked, and who may set a forgotten password."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import delete, func, select, tuple_, update

from app.api.dependencies import Held, administrator
from app.api.problems import Kind, Problem, bad_cursor, documented
from app.core import one_time, security_log, sessions
from app.core.client_address import client_address
from app.core.security_log import SecurityEvent
from app.models import one_time_tokens, users
from app.models.one_time_tokens import RESET
from app.roadmaps import cursor as cursors
from app.roadmaps.cursor import BadCursorError
from app.schemas.auth import AccountPage, ListedAccount, ResetToken
from app.schemas.roadmap import Line

RESET_LIFE = timedelta(days=1)
router = APIRouter(
    prefix="/api/v1/admin/users",
    tags=["administration"],
    dependencies=[Depends(administrator)],
    responses=documented(
        Kind.NOT_AUTHENTICATED, Kind.FORBIDDEN, Kind.INVALID_REQUEST, Kind.UNAVAILABLE, Kind.INTERNAL
    ),
)
MISSING = documented(Kind.NOT_FOUND)


@router.get("", summary="List the accounts")
async def read_all(
    held: Held,
    cursor: Annotated[
        str | None, Query(max_length=500, description="`next_cursor` of the page before")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    email: Annotated[Line | None, Query(max_length=200, description="Text that the e-mail contains")] = None,
) -> AccountPage:
    """All accounts, the newest first."""
    columns = (
        users.c.id,
        users.c.email,
        users.c.username,
        users.c.is_admin,
        users.c.created_at,
        users.c.blocked_at,
    )
    query = select(*columns).order_by(users.c.created_at.desc(), users.c.id.desc()).limit(limit + 1)
    try:
        if cursor is not None:
            query = query.where(tuple_(users.c.created_at, users.c.id) < tuple_(*cursors.decode(cursor)))
    except BadCursorError:
        raise bad_cursor("/query/cursor") from None
    if email:
        query = query.where(users.c.email.icontains(email, autoescape=True))
    async with held.engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return AccountPage(
        items=[ListedAccount.model_validate(row, from_attributes=True) for row in shown],
        next_cursor=cursors.encode(last.created_at, last.id) if last else None,
    )


@router.post("/{user_id}/block", summary="Block an account", status_code=204, responses=MISSING)
async def block(user_id: UUID, request: Request, held: Held) -> None:
    """End every session of the account and allow no new one. Its unfinished roadmaps are still written. An administrator cannot be blocked."""
    async with held.engine.begin() as connection:
        row = await connection.execute(
            select(users.c.is_admin).where(users.c.id == user_id).with_for_update()
        )
        is_admin = row.scalar_one_or_none()
        if is_admin is None:
            raise _no_such_account()
        if is_admin:
            raise Problem(Kind.FORBIDDEN, "An administrator cannot be blocked.")
        blocked = update(users).where(users.c.id == user_id)
        await connection.execute(blocked.values(blocked_at=func.clock_timestamp()))
        await sessions.end_all(connection, user_id)
    security_log.note(SecurityEvent.ACCOUNT_BLOCKED, user_id=user_id, address=client_address(request))


@router.post("/{user_id}/unblock", summary="Unblock an account", status_code=204, responses=MISSING)
async def unblock(user_id: UUID, request: Request, held: Held) -> None:
    """Let the account log in again."""
    async with held.engine.begin() as connection:
        freed = update(users).where(users.c.id == user_id).values(blocked_at=None)
        if (await connection.execute(freed)).rowcount == 0:
            raise _no_such_account()
    security_log.note(SecurityEvent.ACCOUNT_UNBLOCKED, user_id=user_id, address=client_address(request))


@router.post("/{user_id}/reset-token", summary="Let a password be reset", status_code=201, responses=MISSING)
async def allow_reset(user_id: UUID, request: Request, held: Held) -> ResetToken:
    """A token with which the account's owner sets another password, once, within a day. An earlier token becomes invalid.

    Put it into a link to your page, after a `#`: a browser sends that part to no server, so it is in no log.
    """
    async with held.engine.begin() as connection:
        if not await connection.scalar(select(users.c.id).where(users.c.id == user_id)):
            raise _no_such_account()
        mine = one_time_tokens.c.user_id == user_id, one_time_tokens.c.purpose == RESET
        await connection.execute(delete(one_time_tokens).where(*mine))
        made = await one_time.issue(connection, RESET, RESET_LIFE, user_id=user_id)
    security_log.note(SecurityEvent.PASSWORD_RESET_ALLOWED, user_id=user_id, address=client_address(request))
    return ResetToken(reset_token=made, expires_in=int(RESET_LIFE.total_seconds()))


def _no_such_account() -> Problem:
    return Problem(Kind.NOT_FOUND, "There is no such account.")
