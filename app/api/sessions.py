"""Sessions: continued by a refresh token after the access token has expired, or ended before."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request

from app.api.dependencies import Belongings, Claims, CurrentUser, Held, not_authenticated
from app.api.problems import Kind, documented
from app.core import security_log, sessions
from app.core.client_address import client_address
from app.core.security_log import SecurityEvent
from app.core.sessions import REFRESHED_LIFE, Reused, Session
from app.schemas.auth import AccessToken, Refresh

router = APIRouter(
    prefix="/api/v1/auth",
    tags=["accounts"],
    responses=documented(Kind.NOT_AUTHENTICATED, Kind.UNAVAILABLE, Kind.INTERNAL),
)


def tokens_of(held: Belongings, session: Session) -> AccessToken:
    """The tokens for the client of a session: a short-lived access token, and a refresh token for the next one."""
    life_of_others = timedelta(minutes=held.settings.access_token_expire_minutes)
    short = min(REFRESHED_LIFE, life_of_others)
    token, life = held.tokens.issue(session.user_id, session.version, session.id, short)
    return AccessToken(
        access_token=token,
        token_type="bearer",  # noqa: S106 - the kind of token
        expires_in=life,
        refresh_token=session.refresh_token,
    )


def refresh_life(held: Belongings) -> timedelta:
    """The life of a refresh token."""
    return timedelta(days=held.settings.refresh_token_expire_days)


@router.post(
    "/refresh", summary="Exchange a refresh token", responses=documented(Kind.INVALID_REQUEST, Kind.TOO_LARGE)
)
async def refresh(body: Refresh, request: Request, held: Held) -> AccessToken:
    """Get the next access token and the next refresh token. Each refresh token is good once: if it comes again, its session ends."""
    async with held.engine.begin() as connection:
        found = await sessions.refresh(connection, body.refresh_token, refresh_life(held))
    if isinstance(found, Reused):
        address = client_address(request)
        security_log.note(SecurityEvent.REFRESH_TOKEN_REUSED, user_id=found.user_id, address=address)
    if not isinstance(found, Session):
        raise not_authenticated("The refresh token is not valid, or no longer; log in again.")
    return tokens_of(held, found)


@router.post("/logout", summary="End this session", status_code=204)
async def logout(user: CurrentUser, claims: Claims, request: Request, held: Held) -> None:
    """Make the token of this session invalid, and its refresh token; the account's other sessions go on."""
    if claims.session_id is not None:
        # even of a refresh token that is being made at this moment
        last = datetime.now(UTC) + refresh_life(held)
        expires_at = max(claims.expires_at or last, last)
        async with held.engine.begin() as connection:
            await sessions.end(connection, claims.session_id, user.id, expires_at)
    security_log.note(SecurityEvent.LOGGED_OUT, user_id=user.id, address=client_address(request))
