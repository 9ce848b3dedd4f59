"""The logs queue: store execution-log events, a batch at a time."""

import logging
from typing import Any

from celery import shared_task
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.logging import log_context
from app.roadmaps import outbox
from app.roadmaps.messages import STORE_TASK
from app.tasks.runtime import runtime

log = logging.getLogger(__name__)
SHOWN = 5  # roadmaps named in a line


@shared_task(name=STORE_TASK)
def store(events: list[dict[str, Any]]) -> None:
    """Put events into the execution log, each once.

    Args:
        events: as app.roadmaps.events makes them, of any roadmaps.
    """
    new = runtime().run(_store(runtime().engine, events))
    roadmaps = list(dict.fromkeys(event["request_id"] for event in events))
    with log_context(roadmap_id=" ".join(roadmaps[:SHOWN])):
        log.info("stored %d of %d events of %d roadmaps", new, len(events), len(roadmaps))


async def _store(engine: AsyncEngine, events: list[dict[str, Any]]) -> int:
    async with engine.begin() as connection:
        return await outbox.store(connection, events)
