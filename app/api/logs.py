"""A roadmap's execution log: its pages, its summary, and its stream."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from app.api.dependencies import (
    Bearer,
    Belongings,
    Claims,
    CurrentUser,
    Held,
    current_user,
    not_authenticated,
    token_claims,
)
from app.api.event_stream import DOCUMENTED, EventStream
from app.api.problems import Kind, Problem, bad_cursor, documented
from app.core import one_time
from app.core.security import TokenClaims
from app.models.one_time_tokens import EVENTS
from app.roadmaps import log_views, views
from app.roadmaps.cursor import BadCursorError
from app.roadmaps.log_views import LogFilter, Mark, Seen
from app.roadmaps.streams import Follower, TooManyStreamsError
from app.schemas.roadmap import EventTicket, LogPage, LogSummary, Storable

router = APIRouter(
    prefix="/api/v1/roadmaps/{roadmap_id}",
    tags=["execution logs"],
    responses=documented(
        Kind.NOT_AUTHENTICATED, Kind.NOT_FOUND, Kind.INVALID_REQUEST, Kind.UNAVAILABLE, Kind.INTERNAL
    ),
)
TICKET_LIFE = timedelta(minutes=1)

Word = Annotated[Storable | None, Query(max_length=100)]


async def owned(roadmap_id: UUID, user: CurrentUser, held: Held) -> UUID:
    """The roadmap's id, after a check that the user owns it."""
    async with held.engine.connect() as connection:
        if not await views.owns(connection, roadmap_id, user.id):
            raise Problem(Kind.NOT_FOUND, "There is no such roadmap.")
    return roadmap_id


Owned = Annotated[UUID, Depends(owned)]


@router.get("/logs", summary="Read the execution log")
async def page(
    roadmap: Owned,
    held: Held,
    level: Annotated[Literal["info", "warning", "error"] | None, Query()] = None,
    category: Annotated[Literal["lifecycle", "progress", "provider"] | None, Query()] = None,
    step: Word = None,
    concept: Word = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> LogPage:
    """What happened to the roadmap so far, as the logs worker has stored it."""
    wanted = LogFilter(level, category, step, concept)
    async with held.engine.connect() as connection:
        try:
            return await log_views.page(connection, roadmap, wanted, cursor, limit)
        except BadCursorError:
            raise bad_cursor("/query/cursor") from None


@router.get("/logs/summary", summary="Summarise the execution log")
async def summary(roadmap: Owned, held: Held) -> LogSummary:
    """The log's figures, with the number of lost events and the longest delay until an event was stored."""
    async with held.engine.connect() as connection:
        return await log_views.summary(connection, roadmap)


async def last_seen(
    last_event_id: Annotated[
        str | None,
        Header(
            max_length=50, description="Id of the event that was received last: the stream goes on after it"
        ),
    ] = None,
    after: Annotated[
        str | None,
        Query(
            max_length=50,
            description="The same as Last-Event-ID, for a browser that opens another EventSource",
        ),
    ] = None,
) -> Mark | None:
    """The event that a returning client has seen last; none for a new client."""
    for pointer, text in (("/header/Last-Event-ID", last_event_id), ("/query/after", after)):
        try:
            if text:
                return Mark.parse(text)
        except BadCursorError:
            raise bad_cursor(pointer) from None
    return None


@router.post(
    "/events/ticket",
    summary="Get a ticket for the stream",
    status_code=201,
)
async def ticket(roadmap: Owned, user: CurrentUser, claims: Claims, held: Held) -> EventTicket:
    """A ticket that opens the stream once, for a browser's EventSource, which can send no header.

    It stands in the address instead of a token: it is used up when the stream opens, and opens nothing else. The stream ends when the
    token expires with which the ticket was made.
    """
    async with held.engine.begin() as connection:
        made = await one_time.issue(
            connection,
            EVENTS,
            TICKET_LIFE,
            user_id=user.id,
            request_id=roadmap,
            says=claims.written(),
        )
    url = f"/api/v1/roadmaps/{roadmap}/events?ticket={made}"
    return EventTicket(ticket=made, url=url, expires_in=int(TICKET_LIFE.total_seconds()))


def _too_many(held: Belongings) -> Problem:
    detail = f"At most {held.settings.max_event_streams} streams may be open at once; close one, or ask for the status."
    limit = {
        "RateLimit-Policy": f'"streams";q={held.settings.max_event_streams}',
        "RateLimit": '"streams";r=0',
    }
    return Problem(Kind.TOO_MANY_STREAMS, detail, headers={"Retry-After": "5", **limit})


def _admit(held: Belongings, user_id: UUID) -> None:
    try:
        held.streams.admit(user_id, held.settings.max_event_streams)
    except TooManyStreamsError:
        raise _too_many(held) from None


async def follower_of(
    roadmap_id: UUID,
    held: Held,
    credentials: Bearer,
    ticket: Annotated[str | None, Query(max_length=200, description="Instead of an access token")] = None,
) -> TokenClaims:
    """The claims of the follower's token, after a check that its user owns the roadmap."""
    if ticket is None:
        claims = await token_claims(held, credentials)
        await owned(roadmap_id, await current_user(held, claims), held)
        return claims
    async with held.engine.begin() as connection:
        found = await one_time.redeem(connection, EVENTS, ticket, request_id=roadmap_id)
        if found is not None:
            _admit(held, found.user_id)  # a refusal rolls back, so that the ticket stays good
    said = TokenClaims.read(ticket) if found is not None else None
    if said is None or said.expired:
        raise not_authenticated(
            "The ticket is not valid, or no longer: each opens one stream, within a minute."
        )
    await current_user(held, said)
    return said


@router.get(
    "/events",
    summary="Follow the progress",
    response_class=EventStream,
    responses={
        200: {"description": "Its events", "content": DOCUMENTED},
        204: {"description": "Nothing follows the event that was seen last"},
        **documented(Kind.NOT_AUTHENTICATED, Kind.NOT_FOUND, Kind.INVALID_REQUEST, Kind.TOO_MANY_STREAMS),
    },
)
async def events(
    roadmap_id: UUID,
    held: Held,
    claims: Annotated[TokenClaims, Depends(follower_of)],
    mark: Annotated[Mark | None, Depends(last_seen)],
) -> Response:
    """Every event of the log, from the first, as server-sent events, until the roadmap has ended.

    A late subscriber misses nothing, and a client that reconnects, to whichever process, goes on after Last-Event-ID. The last event is
    `end`, with the roadmap's final status; a client that returns after it gets 204, which makes a browser stop. A stream ends without
    `end` after ten minutes, and within a second after its session has ended.
    """
    async with held.engine.connect() as connection:
        position = await log_views.position_of(connection, roadmap_id, mark)
        seen: list[Seen] = []
        while batch := await log_views.after(connection, roadmap_id, position):
            seen += batch
            position = batch[-1].position
        over = await log_views.nothing_follows(connection, roadmap_id, position)
    if over and mark is not None and not seen:
        return Response(status_code=204)
    follower = Follower(claims, roadmap_id, position)
    try:
        held.streams.join(held.engine, follower, held.settings.max_event_streams)
    except TooManyStreamsError:
        raise _too_many(held) from None
    if over:
        follower.end(over=True)
    return EventStream(held.engine, held.streams, follower, seen)
