"""What the workers say of their tasks, listened to by a way of our own that no fault on a link reaches.

Workers do not say it unless they are asked: it costs them a message for each step of each task. So it is asked for only where
something is hurt, and again every second, for a worker that was started anew has not heard it. What is sent to the broker is
no event: the product's publisher sends its messages without one (scenarios.roadmaps.request_ledger says what is known of it).

Events and commands are messages of kombu's fanout exchanges, which on Redis are channels to subscribe to. They are read and
written here as they are: no Celery to import, and connections whose end is ours to see to.
"""

import base64
import json
import re
import threading
import time
from contextlib import suppress
from typing import Any
from uuid import uuid4

from redis import Redis, RedisError

from harness.evidence.journal import Journal

ASK_SECONDS = 1.0
LISTEN_SECONDS = 0.1
PAUSE_SECONDS = 0.2
ANSWER_SECONDS = 2.0
CLOSE_SECONDS = 5.0
EVENTS, COMMANDS = "celeryev", "celery.pidbox"  # exchanges
ROADMAP = re.compile(r"'roadmap_id': '([0-9a-f-]{36})'")


class TaskWatch:
    """Writes each event of a task into the journal: received, started, succeeded, failed, rejected, revoked, retried.

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
        """End it, within a few seconds even where the broker is frozen."""
        self._stopping.set()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with suppress(RedisError, OSError):  # a broker that is being hurt is listened to again
                self._listen()
            self._stopping.wait(PAUSE_SECONDS)

    def _listen(self) -> None:
        timeouts = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
        with Redis.from_url(self._url, **timeouts) as redis:
            prefix = f"/{redis.get_connection_kwargs().get('db', 0)}."
            with redis.pubsub(ignore_subscribe_messages=True) as events:
                events.psubscribe(f"{prefix}{EVENTS}/*")
                asked = 0.0
                while not self._stopping.is_set():
                    if time.monotonic() - asked > ASK_SECONDS:
                        asked = time.monotonic()
                        redis.publish(f"{prefix}{COMMANDS}", _enable_events())
                    if message := events.get_message(timeout=LISTEN_SECONDS):
                        self._heard(json.loads(base64.b64decode(json.loads(message["data"])["body"])))

    def _heard(self, body: dict[str, Any] | list[dict[str, Any]]) -> None:
        for event in body if isinstance(body, list) else [body]:
            if event["type"].startswith("task-"):
                self._record(event)

    def _record(self, event: dict[str, Any]) -> None:
        task = event["uuid"]
        if "name" in event:
            found = ROADMAP.search(str(event.get("kwargs", "")))
            self._known[task] = {"name": event["name"]} | ({"roadmap_id": found[1]} if found else {})
        self._journal.record(
            "task",
            type=event["type"],
            task=task,
            node=event["hostname"],
            happened=self._journal.at(event["timestamp"]),
            **self._known.get(task, {}),
        )


def _enable_events() -> str:
    """The command `enable_events` to every worker, as Celery's control would send it."""
    command: dict[str, Any] = {
        "method": "enable_events",
        "arguments": {},
        "destination": None,
        "pattern": None,
        "matcher": None,
    }
    return json.dumps(
        {
            "body": base64.b64encode(json.dumps(command).encode()).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {"clock": 1, "expires": 0},
            "properties": {
                "delivery_mode": 2,
                "delivery_info": {"exchange": COMMANDS, "routing_key": ""},
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": str(uuid4()),
            },
        }
    )
