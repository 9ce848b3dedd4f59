"""A batch of events on its way into the execution log: what can never be stored keeps nothing else from it, and does not come again."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import database_door
from app.core.logging import log_context
from app.roadmaps import outbox

log = logging.getLogger(__name__)
SHOWN = 5  # roadmaps named in a line
TRIES = 3  # against other transactions, such as the removal of an account whose roadmaps are in the batch
LOST = "40"  # SQLSTATE's class: nothing is wrong with the batch
NEVER = ("22", "23")  # its classes of values: whatever is stored, this is not


async def store_batch(engine: AsyncEngine, events: Sequence[dict[str, Any]]) -> None:
    """Store all events that can be.

    Args:
        engine: of the database.
        events: as app.roadmaps.events makes them; a forged message has anything.

    Raises:
        DBAPIError, OSError: the database cannot; the sweeper sends again what must not be lost.
    """
    try:
        new = await _store(engine, events)
    except DBAPIError as error:
        if not _never(error):
            raise
        new = sum([await _store_alone(engine, event) for event in events])
    roadmaps = list(dict.fromkeys(str(event["request_id"]) for event in events if _sound(event)))
    with log_context(roadmap_id=" ".join(roadmaps[:SHOWN])):
        log.info("stored %d of %d events of %d roadmaps", new, len(events), len(roadmaps))


async def _store(engine: AsyncEngine, events: Sequence[dict[str, Any]]) -> int:
    for tries_left in reversed(range(TRIES)):
        try:
            async with engine.begin() as connection:
                return await outbox.store(connection, events)
        except DBAPIError as error:
            if not tries_left or not (database_door.sqlstate(error) or "").startswith(LOST):
                raise
    raise AssertionError("unreachable")


async def _store_alone(engine: AsyncEngine, event: dict[str, Any]) -> int:
    """Store one event, or give it up: it would fail each time, and with it every batch that it is in."""
    try:
        return await _store(engine, [event])
    except DBAPIError as error:
        if not _never(error):
            raise
        given_up = event.get("id") if isinstance(event, dict) else None
        log.error(
            "thrown away an event that can never be stored: %s %s", given_up, database_door.sqlstate(error)
        )
        with suppress(ValueError):
            event_id = UUID(str(given_up))
            async with engine.begin() as connection:
                await outbox.give_up(connection, event_id)
        return 0


def _never(error: DBAPIError) -> bool:
    """The database will not have these values. Whatever else is wrong may be mended, and the event stored then."""
    return (database_door.sqlstate(error) or "").startswith(NEVER)


def _sound(event: object) -> bool:
    return isinstance(event, dict) and "request_id" in event
