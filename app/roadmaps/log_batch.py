"""Stores a batch of events in the execution log. An event that can never be stored does not hold up the others, and is dropped."""

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
SHOWN = 5  # roadmaps that one line names
TRIES = 3  # if another transaction wins, such as one that deletes an account with roadmaps in the batch
LOST = "40"  # class of SQLSTATE: the batch itself is not at fault
NEVER = ("22", "23")  # classes of SQLSTATE for wrong values: they can never be stored


async def store_batch(engine: AsyncEngine, events: Sequence[dict[str, Any]]) -> None:
    """Store all events that can be.

    Args:
        engine: of the database.
        events: from app.roadmaps.events; those of a forged message may be anything.

    Raises:
        DBAPIError, OSError: the database cannot store them; the sweeper sends again those that must not be lost.
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
    """Store one event, or drop it: it would fail each time, and every batch with it too."""
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
    """Whether the values are wrong. Any other error may pass, so that the event can be stored later."""
    return (database_door.sqlstate(error) or "").startswith(NEVER)


def _sound(event: object) -> bool:
    return isinstance(event, dict) and "request_id" in event
