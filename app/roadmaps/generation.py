"""One attempt at one roadmap in a content worker: claim, work under a heartbeat, end in one transaction, or hand back."""

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import database_trouble
from app.core.publisher import Publisher
from app.core.settings import Settings
from app.core.task_group import task_group
from app.roadmaps import ending, lease, messages
from app.roadmaps.event_buffer import EventBuffer
from app.roadmaps.events import Event
from app.roadmaps.lease import Claim, LeaseLostError
from app.roadmaps.pipeline import Asks, Pipeline, StepFailedError
from app.roadmaps.prices import Prices
from app.roadmaps.steps import Steps

log = logging.getLogger(__name__)
HEARTBEATS_PER_LEASE = 3


@dataclass(frozen=True, slots=True)
class Generator:
    """What an attempt works with; lives as long as the worker's process."""

    settings: Settings
    engine: AsyncEngine
    provider: Asks
    publisher: Publisher

    async def attempt(self, roadmap_id: UUID) -> None:
        """Bring the roadmap to its end, if it is ours to do; otherwise do nothing.

        Raises:
            asyncio.CancelledError: the worker is told to stop; the roadmap has been handed back.
            Exception: a fault of ours or of the database; the roadmap has been handed back, if that was possible.
        """
        async with self.engine.begin() as connection:
            held = await lease.claim(
                connection, roadmap_id, self._lease, self.settings.generation_max_attempts
            )
        if held is None:
            log.info("nothing to do: ended, taken or unknown")
            return
        log.info("claimed, attempt %d, fence %d", held.attempt, held.fence)
        buffer = EventBuffer(held.id, self.publisher)
        try:
            async with asyncio.timeout(self.settings.generation_timeout_seconds):
                event = await self._under_heartbeat(held, buffer)
        except LeaseLostError:
            log.warning("the lease was lost, nothing was written")
            return
        except TimeoutError:
            log.warning("the attempt took longer than %g s", self.settings.generation_timeout_seconds)
            await self._hand_back(held, counted=True)
            return
        except asyncio.CancelledError:
            await asyncio.shield(self._hand_back(held, counted=False))
            raise
        except Exception:  # whatever it was, another attempt may take it up at once
            await self._hand_back(held, counted=True)
            raise
        finally:
            buffer.flush()
        self.publisher.offer(messages.store([event.as_json()]))
        log.info("ended: %s", event.message)

    async def _under_heartbeat(self, held: Claim, buffer: EventBuffer) -> Event:
        async with task_group() as group:
            beating = group.create_task(self._beat(held))
            event = await self._work(held, buffer)
            beating.cancel()
        return event

    async def _beat(self, held: Claim) -> None:
        """Keep the lease until cancelled. A database that does not answer is asked again until the lease has run out."""
        lease_until = time.monotonic() + self.settings.lease_seconds
        while True:
            await asyncio.sleep(self.settings.lease_seconds / HEARTBEATS_PER_LEASE)
            sent = time.monotonic()
            try:
                async with self.engine.begin() as connection:
                    await lease.heartbeat(connection, held, self._lease)
                lease_until = sent + self.settings.lease_seconds
            except (OSError, SQLAlchemyError) as error:
                database_trouble.tell(log, "no heartbeat", error)
                if time.monotonic() > lease_until:
                    raise LeaseLostError("the database was away for longer than the lease") from error

    async def _work(self, held: Claim, buffer: EventBuffer) -> Event:
        async def enter(step: str) -> None:
            async with self.engine.begin() as connection:
                await lease.note_step(connection, held, step)

        pipeline = Pipeline(
            held.id,
            held.body,
            provider=self.provider,
            steps=Steps(self.engine, held, self.settings.openai_max_attempts, Prices.of(self.settings)),
            emit=buffer.add,
            enter=enter,
            concurrency=self.settings.openai_max_concurrency,
        )
        grace = timedelta(seconds=self.settings.dispatch_grace_seconds)
        try:
            generated = await pipeline.run()
        except StepFailedError as failure:
            async with self.engine.begin() as connection:
                return await ending.fail(connection, held, failure.error, grace, buffer.emitted)
        async with self.engine.begin() as connection:
            return await ending.complete(connection, held, generated, grace, buffer.emitted)

    async def _hand_back(self, held: Claim, *, counted: bool) -> None:
        """Best effort: what cannot be handed back is taken when its lease has run out."""
        try:
            async with self.engine.begin() as connection:
                await lease.release(connection, held, counted=counted)
        except Exception as error:  # noqa: BLE001 - the original failure is the one to tell of
            log.warning("not handed back, its lease will run out: %s", type(error).__name__)
        else:
            log.info("handed back, attempt %s", "counted" if counted else "given back")
            self.publisher.offer(messages.generate(held.id))

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self.settings.lease_seconds)
