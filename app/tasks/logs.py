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


@shared_task(name=STORE_TASK)
def store(roadmap_id: str, events: list[dict[str, Any]]) -> None:
    """Put events into the execution log, each once.

    Args:
        roadmap_id: whose they are.
        events: as app.roadmaps.events makes them.
    """
    with log_context(roadmap_id=roadmap_id):
        new = runtime().run(_store(runtime().engine, events))
        log.info("stored %d of %d events", new, len(events))


async def _store(engine: AsyncEngine, events: list[dict[str, Any]]) -> int:
    async with engine.begin() as connection:
        return await outbox.store(connection, events)
