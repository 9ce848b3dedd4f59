"""Publishes to the broker from one thread a process, with a bounded queue, so that no caller waits.

A message is only a hint. If the queue is full or Redis refuses, the sweeper sends again; the caller never waits and never fails.
Messages that wait together are merged where possible: sending a message costs more than its content.
"""

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from app.core.batch_sender import Message
from app.core.redis_trouble import trouble

log = logging.getLogger(__name__)
# Between two sendings, so that many messages share one under load; the first message never waits.
PAUSE_SECONDS = 0.01
CAPACITY = 2000
BATCH = 100
_STOP = object()


def merged(messages: Sequence[Message]) -> list[Message]:
    """The same messages merged into as few as possible, in the order of their first parts."""
    found: list[Message] = []
    places: dict[tuple[str, str], int] = {}  # of the newest batch
    for message in messages:
        place = places.get((message.task, message.queue)) if message.batch else None
        if place is not None and len(found[place].arguments[message.batch]) < BATCH:
            found[place] = _both(found[place], message)
            continue
        if message.batch:
            places[message.task, message.queue] = len(found)
        found.append(message)
    return found


def _both(one: Message, other: Message) -> Message:
    items = [*one.arguments[one.batch], *other.arguments[one.batch]]
    causes = tuple(dict.fromkeys([*one.causes, *other.causes]))
    return replace(one, arguments={one.batch: items}, causes=causes)


class Sends(Protocol):
    """The methods that a publisher needs of a sender."""

    def send(self, messages: Sequence[Message]) -> None: ...
    def close(self) -> None: ...


class Publisher:
    """Sends messages in the order offered.

    Args:
        sender: to the broker.
        capacity: messages that may wait.
    """

    def __init__(self, sender: Sends, capacity: int = CAPACITY) -> None:
        self._sender = sender
        self._waiting: queue.Queue[Any] = queue.Queue(capacity)
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self.published = 0
        self.dropped = 0

    def start(self) -> None:
        self._thread.start()

    def offer(self, message: Message) -> bool:
        """Hand over a message without waiting.

        Returns:
            False if there was no room: the publisher will not send it.
        """
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            self.dropped += 1
            return False
        return True

    def close(self, timeout: float) -> None:
        """Send the waiting messages, for at most this many seconds."""
        try:
            self._waiting.put(_STOP, timeout=timeout)
        except queue.Full:
            return
        self._thread.join(timeout)

    def _run(self) -> None:
        sent = 0.0
        while True:
            waiting = [self._waiting.get()]
            time.sleep(max(0.0, sent + PAUSE_SECONDS - time.monotonic()))
            with contextlib.suppress(queue.Empty):
                while len(waiting) < BATCH:
                    waiting.append(self._waiting.get_nowait())
            messages = merged([entry for entry in waiting if entry is not _STOP])
            if messages:
                self._send(messages)
                sent = time.monotonic()
            if _STOP in waiting:
                self._sender.close()
                return

    def _send(self, messages: Sequence[Message]) -> None:
        try:
            self._sender.send(messages)
            self.published += len(messages)
        except Exception as error:  # noqa: BLE001 - whatever the broker does, the next messages must be tried
            self.dropped += len(messages)
            away = isinstance(error, (RedisError, OperationalError, OSError))
            why = f"Redis {trouble(error, met=self.published > 0)}" if away else type(error).__name__
            log.warning("%d messages not published, the sweeper will: %s", len(messages), why)
