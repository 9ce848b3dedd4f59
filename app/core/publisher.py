"""Publishing to the broker, off everybody's way: one bounded thread a process.

A message is only a hint. What the queue cannot take, or Redis refuses, the sweeper sends again; the caller never waits and
never fails. What waits together is sent together, where messages can be merged: a message costs more than what is in it.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from celery import Celery

log = logging.getLogger(__name__)
CAPACITY = 1000
BATCH = 100
_STOP = object()


@dataclass(frozen=True, slots=True)
class Message:
    """A task to be published.

    Args:
        task: its registered name.
        queue: where a worker takes it.
        arguments: by name, as JSON.
        batch: the argument, a list, by which messages of the same task are merged; '' where each stands for itself.
    """

    task: str
    queue: str
    arguments: dict[str, Any]
    batch: str = ""


def merged(messages: Sequence[Message]) -> list[Message]:
    """As few messages as say the same, in the order of the first of each."""
    found: list[Message] = []
    batches: dict[tuple[str, str], list[Any]] = {}
    for message in messages:
        items = batches.get((message.task, message.queue)) if message.batch else None
        if items is not None and len(items) < BATCH:
            items += message.arguments[message.batch]
            continue
        if message.batch:
            own = list(message.arguments[message.batch])
            batches[message.task, message.queue] = own
            message = replace(message, arguments={message.batch: own})  # noqa: PLW2901 - the list is added to
        found.append(message)
    return found


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
        while True:
            waiting = [self._waiting.get()]
            with contextlib.suppress(queue.Empty):
                while len(waiting) < BATCH:
                    waiting.append(self._waiting.get_nowait())
            for message in merged([entry for entry in waiting if entry is not _STOP]):
                self._send(message)
            if _STOP in waiting:
                return

    def _send(self, message: Message) -> None:
        try:
            self._celery.send_task(message.task, kwargs=message.arguments, queue=message.queue)
            self.published += 1
        except Exception as error:  # noqa: BLE001 - whatever the broker does, the next message must be tried
            self.dropped += 1
            log.warning("not published, the sweeper will: %s: %s", message.task, type(error).__name__)
