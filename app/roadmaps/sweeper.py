"""What makes losing a message harmless: every API process looks, every few seconds, for what should have moved and has not.

Any number of sweepers may run: each takes rows the others have not locked. They sweep at moments of their own, so that
replicas started together do not all look at once.
"""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.core import database_trouble
from app.core.publisher import Publisher
from app.core.settings import Settings
from app.models import roadmap_requests as requests
from app.roadmaps import messages, outbox
from app.roadmaps.events import Event, lifecycle
from app.roadmaps.lease import lease_expired
from app.roadmaps.retention import Retention

log = logging.getLogger(__name__)
MOST = 100  # rows a sweep: bounds its transaction

_DUE = text("""
UPDATE roadmap_requests SET dispatches = dispatches + 1,
    next_dispatch_at = clock_timestamp() + :grace * power(2, least(dispatches, 6))
WHERE id IN (
    SELECT id FROM roadmap_requests
    WHERE next_dispatch_at <= clock_timestamp()
      AND (status = 'queued' OR status = 'running' AND lease_until < clock_timestamp())
    ORDER BY next_dispatch_at LIMIT :most FOR UPDATE SKIP LOCKED)
RETURNING id
""").bindparams(bindparam("grace", type_=INTERVAL))


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep found."""

    republished: list[UUID]
    ended: list[UUID]
    events: int

    def __bool__(self) -> bool:
        return bool(self.republished or self.ended or self.events)


class Sweeper:
    """One API process's sweeper.

    Args:
        engine: shared with the process's requests; one connection at a time.
        publisher: takes what is due.
        settings: interval, grace and limits.
    """

    def __init__(self, engine: AsyncEngine, publisher: Publisher, settings: Settings) -> None:
        self._engine = engine
        self._publisher = publisher
        self._interval = settings.sweep_interval_seconds
        self._grace = timedelta(seconds=settings.dispatch_grace_seconds)
        self._max_attempts = settings.generation_max_attempts
        self._retention = Retention(engine, settings)

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(self._interval * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            try:
                swept = await self.sweep()
                await self._retention.work()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next sweep is as needed as this one
                database_trouble.tell(log, "not swept", error)
                continue
            if swept:
                log.info(
                    "swept: %d roadmaps published again, %d ended, %d events sent again",
                    *(len(swept.republished), len(swept.ended), swept.events),
                )

    async def sweep(self) -> Swept:
        """Publish again what is due, and end what has used up its attempts."""
        async with self._engine.begin() as connection:
            ended = await self._end_used_up(connection)
            due = list(await connection.scalars(_DUE, {"grace": self._grace, "most": MOST}))
            events = await outbox.take_due(connection, self._grace, MOST)
        for roadmap_id in due:
            self._publisher.offer(messages.generate(roadmap_id))
        for event in ended:
            self._publisher.offer(messages.store([event.as_json()]))
        if events:
            self._publisher.offer(messages.store(events))
        return Swept(due, [event.request_id for event in ended], len(events))

    async def _end_used_up(self, connection: AsyncConnection) -> list[Event]:
        message = f"Every one of {self._max_attempts} attempts was cut off."
        used_up = (
            select(requests.c.id)
            .where(and_(lease_expired(), requests.c.attempt >= self._max_attempts))
            .limit(MOST)
            .with_for_update(skip_locked=True)
        )
        ended = await connection.scalars(
            update(requests)
            .where(requests.c.id.in_(used_up))
            .values(
                status="failed",
                step="ended",
                error={"code": "attempts_used_up", "message": message},
                lease_until=None,
                ended_at=func.clock_timestamp(),
            )
            .returning(requests.c.id)
        )
        events = [
            lifecycle(found, "failed", message, level="error", code="attempts_used_up") for found in ended
        ]
        for event in events:
            await outbox.keep(connection, event, self._grace)
        return events
