"""Reports every few seconds that a worker lives, and restarts its consumer if it takes no work; runs in its own thread."""

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from celery.signals import task_received, worker_ready, worker_shutting_down
from celery.worker.state import reserved_requests
from redis import Redis, RedisError

from app.core import beside_forks, database_trouble
from app.core.celery_app import celery_app, settings
from app.core.database import create_engine
from app.core.redis_trouble import NO_WORK_COMES, trouble
from app.roadmaps import presence, queues
from app.roles import beat_file
from app.tasks.free_slot import FreeSlot

log = logging.getLogger(__name__)
REDIS_SECONDS = 5


class Beat:
    """Reports to the database, and to the container's health check by a file, while the worker is connected to its broker.

    Args:
        consumer: Celery's consumer, which has a connection while it consumes.
    """

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self._queues = list(settings.role.queues)
        self._slots = int(getattr(settings, settings.role.concurrency.lower()))
        self._slot = FreeSlot(self._slots, settings.queue_stall_seconds)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def took(self) -> None:
        """Note that a message has just come."""
        self._slot.took()

    def _run(self) -> None:
        while True:
            try:
                beside_forks.run(self._tell())
            except RedisError as error:
                log.warning("not asked Redis for what waits: it %s", trouble(error))
            except Exception as error:  # noqa: BLE001 - whatever it was must not end the beat
                database_trouble.tell(log, "not told that this worker lives", error)
            if self._stopping.wait(settings.worker_beat_seconds):
                break

    async def _tell(self) -> None:
        connection = self._consumer.connection
        if connection is None or not connection.connected:
            return
        idle = self._slot.idle
        engine = create_engine(settings, pooled=False)
        async with engine.begin() as database:
            await presence.seen(
                database, self._consumer.hostname, self._queues, self._slots, timedelta(seconds=idle)
            )
            found = await queues.states(database, settings)
        if self._takes_nothing(found):
            self._begin_anew(idle)
        else:
            beat_file(settings.role).touch()

    def _takes_nothing(self, found: Sequence[queues.QueueState]) -> bool:
        """Whether work has waited in Redis for too long although this worker has a free slot, and no message came."""
        limit = settings.queue_stall_seconds
        waits = any((queue.waiting or 0) > limit for queue in found if queue.name in self._queues)
        if not self._slot.for_long(len(reserved_requests)) or not waits:
            return False
        with Redis.from_url(
            settings.redis_url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
        ) as redis:
            return any(redis.llen(queue) for queue in self._queues)

    def _begin_anew(self, idle: float) -> None:
        """Let the consumer lose its connection, so that it connects again."""
        log.warning("took nothing for %.0f s while work waits: the consumer begins anew", idle)

        def lose() -> None:
            # consume all queues again, even those that a command has removed
            celery_app.amqp.queues.select(self._queues)
            raise ConnectionError(NO_WORK_COMES)

        self._consumer.call_soon(lose)
        self._slot.begun_anew()


_beats: list[Beat] = []


@worker_ready.connect
def _start(sender: Any, **_: object) -> None:
    beat = Beat(sender)
    beat.start()
    _beats.append(beat)


@task_received.connect
def _took(**_: object) -> None:
    for beat in _beats:
        beat.took()


@worker_shutting_down.connect
def _stop(**_: object) -> None:
    for beat in _beats:
        beat.stop()
