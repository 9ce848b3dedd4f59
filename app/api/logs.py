"""A roadmap's execution log: in pages, counted, and as it grows."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.exc import SQLAlchemyError

from app.api.dependencies import CurrentUser, Held
from app.api.problems import Kind, Problem, bad_cursor, documented
from app.core import database_trouble
from app.roadmaps import log_views, views
from app.roadmaps.cursor import BadCursorError
from app.roadmaps.log_views import LogFilter, Mark, Position
from app.schemas.roadmap import LogPage, LogSummary, Storable

router = APIRouter(
    prefix="/api/v1/roadmaps/{roadmap_id}",
    tags=["execution logs"],
    responses=documented(
        Kind.NOT_AUTHENTICATED, Kind.NOT_FOUND, Kind.INVALID_REQUEST, Kind.UNAVAILABLE, Kind.INTERNAL
    ),
)
log = logging.getLogger(__name__)
POLL_SECONDS = 0.25
STREAM_SECONDS = 600.0  # Railway's edge cuts at 15 minutes; a client goes on with Last-Event-ID

Word = Annotated[Storable | None, Query(max_length=100)]


async def owned(roadmap_id: UUID, user: CurrentUser, held: Held) -> UUID:
    """The roadmap's id, once it is certain that it is the asker's."""
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


@router.get("/logs/summary", summary="Count the execution log")
async def summary(roadmap: Owned, held: Held) -> LogSummary:
    """The log, counted; and how many of its events were lost, and how late the latest came."""
    async with held.engine.connect() as connection:
        return await log_views.summary(connection, roadmap)


async def last_seen(
    last_event_id: Annotated[str | None, Header(max_length=50, description="Where to go on")] = None,
) -> Mark | None:
    """The event that a client that comes back has seen last; none for a new one."""
    try:
        return Mark.parse(last_event_id) if last_event_id else None
    except BadCursorError:
        raise bad_cursor("/header/Last-Event-ID") from None


@router.get("/events", summary="Follow the progress", response_class=EventSourceResponse)
async def events(
    roadmap: Owned, held: Held, mark: Annotated[Mark | None, Depends(last_seen)]
) -> AsyncIterator[ServerSentEvent]:
    """Every event of the log, from the first, as server-sent events, until the roadmap has ended.

    A late subscriber misses nothing, and one that reconnects, to whichever process, goes on after Last-Event-ID.
    """
    until = time.monotonic() + STREAM_SECONDS
    position: Position | None = None
    while time.monotonic() < until:
        try:
            async with held.engine.connect() as connection:
                if position is None:
                    position = await log_views.position_of(connection, roadmap, mark)
                seen = await log_views.after(connection, roadmap, position)
                if not seen and await log_views.nothing_follows(connection, roadmap, position):
                    return
        except (OSError, SQLAlchemyError) as error:
            database_trouble.tell(log, "a stream was ended, its client will come back", error)
            return
        for entry in seen:
            position = entry.position
            yield ServerSentEvent(data=entry.event, event=entry.event.category, id=str(entry.event.id))
        await asyncio.sleep(POLL_SECONDS)
