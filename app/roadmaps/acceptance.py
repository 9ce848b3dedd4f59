"""Accepts a request: writes it once, however often it is sent, together with its event."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Integer, Numeric, Text, Uuid, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.security import TokenClaims
from app.core.sessions import signed_in
from app.models import roadmap_requests, users
from app.roadmaps import budget as budgets
from app.roadmaps import language
from app.roadmaps.budget import Budget
from app.roadmaps.events import Event, lifecycle
from app.roadmaps.states import Status
from app.schemas.roadmap import RoadmapRequest

_ACCEPT = text("""
SELECT outcome, id, status, remaining FROM accept_in_session(
    :user_id, :token_version, :session_id, :id, :key, :body, :event_id, :event, :grace, :quota, :user_budget, :budget)
""").bindparams(
    bindparam("user_id", type_=Uuid),
    bindparam("token_version", type_=Integer),
    bindparam("session_id", type_=Uuid),
    bindparam("id", type_=Uuid),
    bindparam("key", type_=Text),
    bindparam("body", type_=JSONB),
    bindparam("event_id", type_=Uuid),
    bindparam("event", type_=JSONB),
    bindparam("grace", type_=INTERVAL),
    bindparam("quota", type_=Integer),
    bindparam("user_budget", type_=Numeric),
    bindparam("budget", type_=Numeric),
)


class UnauthenticatedError(Exception):
    """There is no such user, or the token has been revoked."""


class KeyReusedError(Exception):
    """The idempotency key belongs to a request with another body."""


class QuotaExceededError(Exception):
    """The user has as many unfinished roadmaps as allowed."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a request for a roadmap.

    Args:
        id: of the roadmap.
        status: of the roadmap now, if the request was known already.
        event: to publish now; None if the request was known already.
        remaining: roadmaps that the user may still have unfinished.
    """

    id: UUID
    status: Status
    event: Event | None
    remaining: int = 0


def body_of(asked: RoadmapRequest, accept_language: str = "") -> dict[str, Any]:
    """The stored form of a request: its fields, and the roadmap's language, which is decided once.

    Args:
        asked: the request.
        accept_language: the header; '' for none.

    Returns:
        Its fields; `language_from` only if the language was inferred and is not English, so that the rows of older releases have the same
        form.
    """
    found = language.resolve(asked.language, (asked.topic, asked.goal or ""), accept_language)
    body = asked.model_dump() | {"language": found.tag}
    if found.source != "request" and found.tag != language.DEFAULT:
        body["language_from"] = found.source
    return body


async def lock_user(
    connection: AsyncConnection, user_id: UUID, token_version: int, session_id: UUID | None = None
) -> bool:
    """Take the user's lock, so that requests are counted against the quota one after the other; the transaction's end frees it.

    Returns:
        Whether the user exists and the session has not ended: one query answers both.
    """
    locked = select(func.pg_advisory_xact_lock(func.hashtextextended(cast(users.c.id, Text), 0))).where(
        signed_in(TokenClaims(user_id, token_version, session_id))
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
    language_named: bool = True,
    budget: Budget = Budget(),  # noqa: B008 - frozen
) -> Accepted:
    """Write the request once, however often it is sent, in one statement (app.migrations.functions).

    Args:
        connection: in autocommit mode.
        claims: of the owner's token.
        key: the client's Idempotency-Key, or one made for it.
        body: of the request, from `body_of`.
        grace: until the sweeper publishes it, if no worker takes it before.
        quota: roadmaps that the user may have unfinished.
        language_named: whether the request itself names a language.
        budget: of a day; no limit by default.

    Raises:
        UnauthenticatedError: the token is no longer good.
        KeyReusedError: the key came before with another body.
        QuotaExceededError: there are too many already.
        BudgetSpentError: there is no money left for today.
    """
    event = lifecycle(uuid4(), "accepted", "The roadmap was accepted.")
    values = {
        "user_id": claims.user_id,
        "token_version": claims.version,
        "session_id": claims.session_id,
        "id": event.request_id,
        "key": key,
        "body": body,
        "event_id": event.id,
        "event": event.as_json(),
        "grace": grace,
        "quota": quota,
        "user_budget": budget.user,
        "budget": budget.service,
    }
    row = (await connection.execute(_ACCEPT, values)).one()
    match row.outcome:
        case "accepted":
            return Accepted(row.id, row.status, event, row.remaining)
        case "known":
            return Accepted(row.id, row.status, None, row.remaining)
        case "key_reused":
            known = select(roadmap_requests.c.body).where(roadmap_requests.c.id == row.id)
            if not _same(await connection.scalar(known), body, language_named=language_named):
                raise KeyReusedError(key)
            return Accepted(row.id, row.status, None, row.remaining)
        case "quota_exceeded":
            raise QuotaExceededError
        case "user_budget_spent":
            raise budgets.of_user()
        case "budget_spent":
            raise budgets.of_service()
        case _:
            raise UnauthenticatedError


def _same(known: dict[str, Any] | None, body: dict[str, Any], *, language_named: bool) -> bool:
    """Whether both are the same request, even if another language was inferred.

    A client that names no language may repeat its request from another browser, or may have sent it first to a release that always chose
    English: the request is still the same.
    """
    if known is None:  # it was deleted in between
        return False
    found_out = ("language", "language_from")
    if {**known, **dict.fromkeys(found_out)} != {**body, **dict.fromkeys(found_out)}:
        return False
    if known["language"] == body["language"]:
        return True
    return not language_named and ("language_from" in known or known["language"] == language.DEFAULT)
