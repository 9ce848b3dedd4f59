"""Task events that a signal may interrupt with an event of its own.

Celery tells of its tasks under a lock, and cancels them in the handler of the signal that ends the worker, which tells of that, too:
in the same thread. Where the signal came while an event was on its way, Celery's own lock let neither go on, and the worker never
ended (scenarios/faults/test_stopping.py).
"""

import threading
from typing import Any

from celery.app.events import Events
from celery.events.dispatcher import EventDispatcher


class InterruptibleDispatcher(EventDispatcher):
    """Its lock keeps other threads out, not its own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.mutex = threading.RLock()


class InterruptibleEvents(Events):
    """Celery's, with such a dispatcher."""

    dispatcher_cls = f"{__name__}:{InterruptibleDispatcher.__name__}"
