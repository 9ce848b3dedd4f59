"""The workers' events of their tasks, read on a connection of our own that no fault on a link reaches.

Workers send no events unless they are asked: each step of each task costs them a message. So the harness asks for events only
where something is hurt, and again every second, because a restarted worker has not got the request. Publishing a message is no
event, unless the publisher is told to send one.

Events and commands are messages of kombu's fanout exchanges, which on Redis are channels to subscribe to. This module reads and
writes them directly: Celery need not be imported, and we control when the connections end.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

from redis import Redis, RedisError

from harness.application import Work
from harness.evidence.journal import Journal

ASK_SECONDS = 1.0
LISTEN_SECONDS = 0.02  # seconds that a scenario waits for its end at most
PAUSE_SECONDS = 0.2
ANSWER_SECONDS = 2.0
CLOSE_SECONDS = 5.0
# The name of our own connections, so that nobody counts them as the system's.
OURS = "harness-recorder"
EVENTS, COMMANDS = "celeryev", "celery.pidbox"  # exchanges


Event = dict[str, Any]


class TaskEvents:
    """Hears each event of a task: received, started, succeeded, failed, rejected, revoked, retried.

    Args:
        redis_url: of the broker, as we reach it.
        hear: called with each event, in Celery's form, from a thread of ours.
    """

    def __init__(self, redis_url: str, hear: Callable[[Event], None]) -> None:
        self._url = redis_url
        self._hear = hear
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="task events", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End it, within a few seconds even where the broker is frozen."""
        self._stopping.set()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with suppress(RedisError, OSError):  # connect again to a broker that was hurt
                self._listen()
            self._stopping.wait(PAUSE_SECONDS)

    def _listen(self) -> None:
        timeouts: dict[str, Any] = {
            "socket_timeout": ANSWER_SECONDS,
            "socket_connect_timeout": ANSWER_SECONDS,
            "client_name": OURS,
        }
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
                        # Anybody can publish there; other messages are not Celery's events.
                        with suppress(ValueError, TypeError, AttributeError, KeyError, RecursionError):
                            self._heard(json.loads(base64.b64decode(json.loads(message["data"])["body"])))

    def _heard(self, body: Event | list[Event]) -> None:
        for event in body if isinstance(body, list) else [body]:
            if event["type"].startswith("task-"):
                self._hear(event)


class TaskRecorder:
    """Writes each event into the journal, as a record of the kind `task`.

    Args:
        journal: that it is written into.
        works: kinds of work that tasks do: a record has the id of the work that its task is for, under the work's name for it.
    """

    def __init__(self, journal: Journal, works: Sequence[Work]) -> None:
        self._journal = journal
        self._works = works
        self._known: dict[str, dict[str, str]] = {}  # by the task's id: only its first event has its name

    def __call__(self, event: Event) -> None:
        """Write it down.

        Args:
            event: as Celery has it.
        """
        task = event["uuid"]
        if "name" in event:
            self._known[task] = {"name": event["name"], **self._ids(event)}
        self._journal.record(
            "task",
            type=event["type"],
            task=task,
            node=event["hostname"],
            happened=self._journal.at(event["timestamp"]),
            **self._known.get(task, {}),
        )

    def _ids(self, event: Event) -> dict[str, str]:
        found = {}
        args, kwargs = str(event.get("args", "")), str(event.get("kwargs", ""))
        for work in self._works:
            if work.task in {"", event["name"]} and (told := work.told(event["uuid"], args, kwargs)):
                found[work.id] = told
        return found


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
