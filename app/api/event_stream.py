"""A roadmap's log as server-sent events (WHATWG HTML, section 9.2): past events, new ones, and an end that a browser understands."""

import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import Receive, Scope, Send

from app.models import roadmap_requests
from app.roadmaps.log_views import Seen
from app.roadmaps.streams import Follower, Streams

STREAM_SECONDS = 600.0  # Railway's edge cuts at 15 minutes; a client goes on with Last-Event-ID
PING_SECONDS = 15.0  # a proxy closes a connection that is silent for longer
END = "end"
AT_ONCE = {"X-Accel-Buffering": "no"}  # otherwise nginx holds events back until its buffer is full
NO_EVENT = str(UUID(int=0))  # the last event's id where a log has none
# Describes each event as OpenAPI 3.2 does (section 4.14.4); programs that do not know `itemSchema` read `schema` instead.
_ITEM = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("data", "event", "id")},
    "required": ["data", "event", "id"],
}
DOCUMENTED: dict[str, Any] = {"text/event-stream": {"schema": _ITEM, "itemSchema": _ITEM}}
_PING = format_sse_event(comment="still here")


class EventStream(StreamingResponse):
    """The stream of one follower, who is removed when the stream ends, for whatever reason.

    Args:
        engine: of the database.
        streams: that the follower has joined.
        follower: at the end of `seen`.
        seen: the events that were stored already.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        engine: AsyncEngine,
        streams: Streams,
        follower: Follower,
        seen: Sequence[Seen],
        status_code: int = 200,  # the document is made from this signature
    ) -> None:
        super().__init__(_written(engine, follower, seen), status_code, AT_ONCE)
        self._streams, self._follower = streams, follower

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.leave(self._follower)


async def _written(engine: AsyncEngine, follower: Follower, seen: Sequence[Seen]) -> AsyncIterator[bytes]:
    last = NO_EVENT
    until = time.monotonic() + STREAM_SECONDS
    for entry in seen:
        last = str(entry.event.id)
        yield _event(entry)
    async for batch in follower.batches(PING_SECONDS):
        for entry in batch:
            last = str(entry.event.id)
            yield _event(entry)
        if time.monotonic() > until:
            return  # without an end: the client comes back and goes on
        if not batch:
            yield _PING
    if not follower.over:
        return
    with suppress(OSError, SQLAlchemyError):
        yield await _end(engine, follower, last)


def _event(entry: Seen) -> bytes:
    event = entry.event
    return format_sse_event(data_str=event.model_dump_json(), event=event.category, id=str(event.id))


async def _end(engine: AsyncEngine, follower: Follower, last: str) -> bytes:
    """The last event of a stream: a browser connects once more with its id, and the answer 204 tells it to stop."""
    roadmap_id, _ = follower.place
    query = select(roadmap_requests.c.status).where(roadmap_requests.c.id == roadmap_id)
    async with engine.connect() as connection:
        status = await connection.scalar(query)
    return format_sse_event(data_str=json.dumps({"status": status or "deleted"}), event=END, id=last)
