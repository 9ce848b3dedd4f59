"""A worker's main process says every few seconds that it consumes; from a thread, so that a slow database delays no task."""

import asyncio
import logging
import threading
from typing import Any

from celery.signals import worker_ready, worker_shutting_down

from app.core.celery_app import settings
from app.core.database import create_engine
from app.roadmaps import presence
from app.roles import BEAT_SECONDS, beat_file

log = logging.getLogger(__name__)


class Beat:
    """Tells the database, and who looks at this container, as long as the worker is connected to its broker.

    Args:
        consumer: Celery's, which has a connection while it consumes.
    """

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        while True:
            try:
                asyncio.run(self._tell())
            except Exception as error:  # noqa: BLE001 - a database that is away must not end the beat
                log.warning("not told that this worker lives: %s", type(error).__name__)
            if self._stopping.wait(BEAT_SECONDS):
                break

    async def _tell(self) -> None:
        connection = self._consumer.connection
        if connection is None or not connection.connected:
            return
        engine = create_engine(settings, pooled=False)
        async with engine.begin() as database:
            await presence.seen(database, self._consumer.hostname, list(settings.role.queues))
        beat_file(settings.role).touch()


_beats: list[Beat] = []


@worker_ready.connect
def _start(sender: Any, **_: object) -> None:
    beat = Beat(sender)
    beat.start()
    _beats.append(beat)


@worker_shutting_down.connect
def _stop(**_: object) -> None:
    for beat in _beats:
        beat.stop()
