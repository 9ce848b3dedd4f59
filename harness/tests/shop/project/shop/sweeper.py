"""Sends orders to the packers: new ones at once, and those again that nobody has packed in time."""

import asyncio
import logging
import threading

from kombu.exceptions import OperationalError

from shop.database import GONE, connected
from shop.packer import celery

PERIOD_SECONDS = 0.5
DUE = """
UPDATE orders SET sent_at = now() WHERE number IN (
  SELECT number FROM orders WHERE state = 'new' AND (sent_at IS NULL OR sent_at < now() - interval '2 seconds')
  ORDER BY number LIMIT 100 FOR UPDATE SKIP LOCKED
) RETURNING number
"""
log = logging.getLogger("uvicorn.error")


class Sweeper(threading.Thread):
    """A thread of the shop, for what Celery has to publish waits."""

    def __init__(self) -> None:
        super().__init__(name="sweeper", daemon=True)
        self._woken = threading.Event()
        self._stopping = False

    def wake(self) -> None:
        """There is something new."""
        self._woken.set()

    def stop(self) -> None:
        """Sweep no more."""
        self._stopping = True
        self.wake()

    def run(self) -> None:
        while not self._stopping:
            self._woken.wait(PERIOD_SECONDS)
            self._woken.clear()
            try:
                for number in asyncio.run(self._due()):
                    celery.send_task("shop.packer.pack", args=[number], queue="parcels", retry=False)
            except (*GONE, OperationalError) as error:
                log.warning("not sent, so later: %s", type(error).__name__)

    async def _due(self) -> list[int]:
        async with connected() as database:
            return [row["number"] for row in await database.fetch(DUE)]
