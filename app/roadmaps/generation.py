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
from app.models import roadmap_requests as requests
from app.roadmaps import ending, lease, messages
from app.roadmaps.budget import Budget, spend_lost
from app.roadmaps.event_buffer import EventBuffer
from app.roadmaps.events import Event
from app.roadmaps.lease import Claim, LeaseLostError
from app.roadmaps.pipeline import Asks, Pipeline, StepFailedError
from app.roadmaps.prices import Prices
from app.roadmaps.steps import Steps

log = logging.getLogger(__name__)
HEARTBEATS_PER_LEASE = 3


@dataclass(frozen=True, slots=True)
class Work:
    """The state of one attempt.

    Args:
        held: the claim.
        steps: its steps; an attempt in which a call finished does not count, because the calls are limited already.
        buffer: its events.
    """

    held: Claim
    steps: Steps
    buffer: EventBuffer


@dataclass(frozen=True, slots=True)
class Generator:
    """Makes attempts; lives as long as the worker's process."""

    settings: Settings
    engine: AsyncEngine
    provider: Asks
    publisher: Publisher

    async def attempt(self, roadmap_id: UUID) -> None:
        """Bring the roadmap to its end if we can claim it; otherwise do nothing.

        Raises:
            asyncio.CancelledError: the worker is told to stop; the roadmap has been handed back.
            Exception: a fault of ours or of the database; the roadmap has been handed back, if that was possible.
        """
        held = await self._claim(roadmap_id)
        if held is None:
            return
        log.info("claimed, attempt %d, fence %d", held.attempt, held.fence)
        work = Work(
            held,
            Steps(
                self.engine,
                held,
                self.settings.openai_max_attempts,
                Prices.of(self.settings),
                Budget.of(self.settings),
            ),
            EventBuffer(held.id, self.publisher),
        )
        limit = self.settings.generation_timeout_seconds
        try:
            async with asyncio.timeout(limit) as running:
                event = await self._under_heartbeat(work)
        except LeaseLostError:
            log.warning("the lease was lost, nothing was written")
        except asyncio.CancelledError:
            await asyncio.shield(self._hand_back(work, "its worker was told to stop", counted=False))
            raise
        except Exception as error:  # after any error another attempt may follow at once
            # otherwise the database timed out
            too_slow = isinstance(error, TimeoutError) and running.expired()
            reason = f"it took longer than {limit:g} s" if too_slow else "it met an error of ours"
            log.warning("the attempt is given up: %s", reason)
            await self._hand_back(work, reason, counted=not work.steps.got_on)
            if not too_slow:
                raise
        else:
            self._tell_end(work, event)
        finally:
            work.buffer.flush()

    async def _claim(self, roadmap_id: UUID) -> Claim | None:
        """Claim the roadmap; if its attempts are used up, end it.

        This worker's own limit decides: the sender may have a higher one, and would go on sending it.
        """
        most = self.settings.generation_max_attempts
        async with self.engine.begin() as connection:
            held = await lease.claim(connection, roadmap_id, self._lease, most)
            a_call = Budget.of(self.settings).a_call
            if held is not None and held.taken_over:
                await spend_lost(connection, held.id, a_call)
            ended = (
                await ending.end_used_up(
                    connection, most, self._grace, 1, requests.c.id == roadmap_id, a_call=a_call
                )
                if held is None
                else []
            )
        for event in ended:
            log.warning("not claimed: %s", event.message)
            self.publisher.offer(messages.store([event.as_json()]))
        if held is None and not ended:
            log.info("nothing to do: ended, taken or unknown")
        return held

    def _tell_end(self, work: Work, event: Event) -> None:
        work.buffer.flush()  # earlier events first: a follower must read the end last
        self.publisher.offer(messages.store([event.as_json()]))
        log.info("ended: %s", event.message)

    async def _under_heartbeat(self, work: Work) -> Event:
        async with task_group() as group:
            beating = group.create_task(self._beat(work.held))
            event = await self._work(work)
            beating.cancel()
        return event

    async def _beat(self, held: Claim) -> None:
        """Keep the lease until cancelled. If the database does not answer, ask again until the lease has run out."""
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

    async def _work(self, work: Work) -> Event:
        held, buffer = work.held, work.buffer

        async def enter(step: str) -> None:
            async with self.engine.begin() as connection:
                await lease.note_step(connection, held, step)

        pipeline = Pipeline(
            held.id,
            held.body,
            provider=self.provider,
            steps=work.steps,
            emit=buffer.add,
            enter=enter,
            concurrency=self.settings.openai_max_concurrency,
        )
        try:
            generated = await pipeline.run()
        except StepFailedError as failure:
            async with self.engine.begin() as connection:
                return await ending.fail(connection, held, failure.error, self._grace, buffer.emitted)
        async with self.engine.begin() as connection:
            return await ending.complete(connection, held, generated, self._grace, buffer.emitted)

    async def _hand_back(self, work: Work, reason: str, *, counted: bool) -> None:
        """Hand the roadmap back, best effort: otherwise another worker takes it when its lease has run out."""
        try:
            async with self.engine.begin() as connection:
                event = await ending.hand_back(
                    connection,
                    work.held,
                    counted=counted,
                    reason=reason,
                    max_attempts=self.settings.generation_max_attempts,
                    grace=self._grace,
                    emitted=work.buffer.emitted,
                )
        except Exception as error:  # noqa: BLE001 - the original failure is the one to tell of
            log.warning("not handed back, its lease will run out: %s", type(error).__name__)
            return
        log.info("handed back, attempt %s", "counted" if counted else "given back")
        if event is None:
            self.publisher.offer(messages.generate(work.held.id))
        else:
            self._tell_end(work, event)

    @property
    def _grace(self) -> timedelta:
        return timedelta(seconds=self.settings.dispatch_grace_seconds)

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self.settings.lease_seconds)
