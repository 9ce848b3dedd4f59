"""Makes lost messages harmless: every API process looks, every few seconds, for roadmaps and events that should have moved.

Any number of sweepers may run: each takes rows that the others have not locked. They sweep at random moments, so that replicas that were
started together do not all query at once.
"""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import database_trouble
from app.core.logging import log_context
from app.core.publisher import Publisher
from app.core.settings import Settings
from app.roadmaps import ending, messages, outbox
from app.roadmaps.budget import Budget
from app.roadmaps.retention import Retention
from app.roadmaps.states import DUE, NEXT_DISPATCH, ONE_DISPATCH_MORE

log = logging.getLogger(__name__)
MOST = 100  # rows of one sweep, which limits its transaction

_DUE = text(f"""
UPDATE roadmap_requests SET dispatches = {ONE_DISPATCH_MORE}, next_dispatch_at = {NEXT_DISPATCH}
WHERE id IN (
    SELECT id FROM roadmap_requests WHERE {DUE}
    ORDER BY next_dispatch_at LIMIT :most FOR UPDATE SKIP LOCKED)
RETURNING id
""").bindparams(bindparam("grace", type_=INTERVAL))  # noqa: S608 - of our own words alone


@dataclass(frozen=True, slots=True)
class Swept:
    """The result of one sweep.

    Args:
        id: of the sweep: workers log it with the work that follows, like a request's id.
        republished: roadmaps that were published again.
        ended: roadmaps whose attempts were used up.
        events: that were sent again.
    """

    id: str
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
        self._a_call = Budget.of(settings).a_call
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
                with log_context(request_id=swept.id):
                    log.info(
                        "swept: %d roadmaps published again, %d ended, %d events sent again",
                        *(len(swept.republished), len(swept.ended), swept.events),
                    )

    async def sweep(self) -> Swept:
        """End the roadmaps that have used up their attempts, in whatever state, and publish again everything else that is due."""
        sweep_id = uuid4().hex
        async with self._engine.begin() as connection:
            ended = await ending.end_used_up(
                connection, self._max_attempts, self._grace, MOST, a_call=self._a_call
            )
            due = list(await connection.scalars(_DUE, {"grace": self._grace, "most": MOST}))
            events = await outbox.take_due(connection, self._grace, MOST)
        for roadmap_id in due:
            self._publisher.offer(messages.generate(roadmap_id, sweep_id))
        for event in ended:
            self._publisher.offer(messages.store([event.as_json()]))
        if events:
            self._publisher.offer(messages.store(events))
        return Swept(sweep_id, due, [event.request_id for event in ended], len(events))
