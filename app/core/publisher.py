"""Publishing to the broker, off everybody's way: one bounded thread a process.

A message is only a hint. What the queue cannot take, or Redis refuses, the sweeper sends again; the caller never waits and
never fails.
"""

import logging
import queue
import threading
from dataclasses import dataclass
from typing import Any

from celery import Celery

log = logging.getLogger(__name__)
CAPACITY = 1000
_STOP = object()


@dataclass(frozen=True, slots=True)
class Message:
    """A task to be published.

    Args:
        task: its registered name.
        queue: where a worker takes it.
        arguments: by name, as JSON.
    """

    task: str
    queue: str
    arguments: dict[str, Any]


class Publisher:
    """Sends messages in the order offered.

    Args:
        celery: whose broker is published to.
        capacity: messages that may wait.
    """

    def __init__(self, celery: Celery, capacity: int = CAPACITY) -> None:
        self._celery = celery
        self._waiting: queue.Queue[Any] = queue.Queue(capacity)
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self.published = 0
        self.dropped = 0

    def start(self) -> None:
        self._thread.start()

    def offer(self, message: Message) -> bool:
        """Hand over a message without waiting.

        Returns:
            False where there was no room: it will not be sent from here.
        """
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            self.dropped += 1
            return False
        return True

    def close(self, timeout: float) -> None:
        """Send what waits, for at most this many seconds."""
        try:
            self._waiting.put(_STOP, timeout=timeout)
        except queue.Full:
            return
        self._thread.join(timeout)

    def _run(self) -> None:
        while (message := self._waiting.get()) is not _STOP:
            try:
                self._celery.send_task(message.task, kwargs=message.arguments, queue=message.queue)
                self.published += 1
            except Exception as error:  # noqa: BLE001 - whatever the broker does, the next message must be tried
                self.dropped += 1
                log.warning("not published, the sweeper will: %s: %s", message.task, type(error).__name__)
