"""What the workers say of their tasks, listened to by a way of our own that no fault on a link reaches.

Workers do not say it unless they are asked: it costs them a message for each step of each task. So it is asked for only where
something is hurt, and again every second, for a worker that was started anew has not heard it. What is sent to the broker is
no event: the product's publisher sends its messages without one (harness.ledger says what is known of it).
"""

import contextlib
import re
import socket
import threading
import time
from typing import Any

from harness.journal import Journal

ASK_SECONDS = 1.0
LISTEN_SECONDS = 0.1
PAUSE_SECONDS = 0.2
CLOSE_SECONDS = 3.0
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ROADMAP = re.compile(rf"'roadmap_id': '({UUID.pattern})'")


class TaskWatch:
    """Writes each event of a task into the journal: sent, received, started, succeeded, failed, rejected, revoked, retried.

    Args:
        redis_url: of the broker, as we reach it.
        journal: gets a `task` for each.
    """

    def __init__(self, redis_url: str, journal: Journal) -> None:
        self._url = redis_url
        self._journal = journal
        self._known: dict[str, dict[str, str]] = {}  # by the task's id: only its first event says what it is
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="task watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End it; it may be reading from a server that is frozen, and is then left to its end."""
        self._stopping.set()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        from celery import Celery  # a third of a second that only who listens pays

        with Celery("harness-watch", broker=self._url, set_as_current=False) as celery:
            while not self._stopping.is_set():
                # Whatever the client of a broken broker raises: it is listened to again.
                with contextlib.suppress(Exception):
                    self._listen(celery)
                self._stopping.wait(PAUSE_SECONDS)

    def _listen(self, celery: Any) -> None:
        with celery.connection_for_read() as connection:
            receiver = celery.events.Receiver(connection, handlers={"*": self._heard})
            asked = 0.0
            with receiver.consumer_context(wakeup=False) as (opened, _, _):
                while not self._stopping.is_set():
                    if time.monotonic() - asked > ASK_SECONDS:
                        asked = time.monotonic()
                        celery.control.enable_events(connection=connection)
                    with contextlib.suppress(socket.timeout):
                        opened.drain_events(timeout=LISTEN_SECONDS)

    def _heard(self, event: dict[str, Any]) -> None:
        if not event["type"].startswith("task-"):
            return
        task = event["uuid"]
        if "name" in event:
            found = ROADMAP.search(str(event.get("kwargs", "")))
            known = {"name": event["name"]} | ({"roadmap_id": found[1]} if found else {})
            self._known[task] = known
        self._journal.record(
            "task",
            type=event["type"],
            task=task,
            node=event["hostname"],
            happened=self._journal.at(event["timestamp"]),
            **self._known.get(task, {}),
        )
