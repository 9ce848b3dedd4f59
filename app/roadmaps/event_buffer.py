"""Gathers best-effort events into few messages: a roadmap makes dozens of events, and each message costs a task."""

import asyncio
from uuid import UUID

from app.core.publisher import Publisher
from app.roadmaps import messages
from app.roadmaps.events import Event

MOST = 50
DELAY_SECONDS = 0.2


class EventBuffer:
    """Publishes its events after DELAY_SECONDS, at MOST events, or when flushed.

    Args:
        roadmap_id: whose events these are.
        publisher: takes the messages.
    """

    def __init__(self, roadmap_id: UUID, publisher: Publisher) -> None:
        self._roadmap_id = roadmap_id
        self._publisher = publisher
        self._events: list[Event] = []
        self._timer: asyncio.TimerHandle | None = None
        self.emitted = 0

    def add(self, event: Event) -> None:
        self.emitted += 1
        self._events.append(event)
        if len(self._events) >= MOST:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DELAY_SECONDS, self.flush)

    def flush(self) -> None:
        """Give all events to the publisher."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._events:
            self._publisher.offer(messages.store([e.as_json() for e in self._events]))
            self._events = []
