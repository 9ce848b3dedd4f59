"""The commands that Redis got, as its MONITOR shows them: who published which message, who took it, and what else was written.

MONITOR runs on a connection of our own, outside every link, so that no fault on a link reaches it. After a fault of the server we
connect again; the time without a connection is recorded.
"""

import ast
import json
import re
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

from redis import Redis, RedisError

from harness.application import Work
from harness.evidence.journal import Journal
from harness.evidence.task_events import OURS

ANSWER_SECONDS = 2.0
LISTEN_SECONDS = 0.02  # seconds that a scenario waits for its end at most
PAUSE_SECONDS = 0.1
CLOSE_SECONDS = 5.0
BEGIN_SECONDS = 2.0
MOST = 4000  # records of a scenario; later ones are only counted
LONGEST_KEY = 100
LINE = re.compile(rb'(\d+\.\d+) \[(\d+) [^\]]*\] "(\w+)"(.*)', re.DOTALL)
WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
PUBLISHES = {"LPUSH", "RPUSH"}
WRITES = {
    *(
        "SET",
        "SETEX",
        "PSETEX",
        "SETNX",
        "GETSET",
        "GETDEL",
        "DEL",
        "UNLINK",
        "EXPIRE",
        "INCR",
        "INCRBY",
        "DECR",
    ),
    *(
        "HSET",
        "HSETNX",
        "HINCRBY",
        "HDEL",
        "ZADD",
        "ZREM",
        "ZINCRBY",
        "SADD",
        "SREM",
        "LREM",
        "LTRIM",
        "LPOP",
        "RPOP",
    ),
    *("XADD", "XACK", "XDEL", "RENAME", "FLUSHDB", "FLUSHALL", "EVAL", "EVALSHA"),
}
QUIET = (
    "_kombu.binding",
    "/",
)  # prefixes of keys: bindings that each publisher writes again, and broadcasts


class RedisWatch:
    """Listens as long as a scenario lasts.

    Args:
        url: of the broker, as we reach it.
        databases: the numbers of those that are the stack's own.
        queues: of the application.
        works: that tasks do.
        journal: gets `published` and `redis`.
    """

    def __init__(
        self,
        url: str,
        databases: Collection[str],
        queues: Collection[str],
        works: Sequence[Work],
        journal: Journal,
    ) -> None:
        self._url = url
        self._databases = {number.encode() for number in databases}
        self._queues = set(queues)
        self._works = works
        self._journal = journal
        self._stopping = threading.Event()
        self._listening = threading.Event()
        self._tags: dict[str, str] = {}  # delivery tag -> task
        self._seen: dict[str, int] = {}  # task -> how often it was published
        self._written = 0
        self.failed = ""
        self._thread = threading.Thread(target=self._run, name="redis watch", daemon=True)

    def start(self) -> None:
        """Return once we listen to Redis, or know that we cannot: a scenario may begin with a Redis that is down."""
        self._thread.start()
        self._listening.wait(BEGIN_SECONDS)

    def stop(self) -> None:
        """End it."""
        self._stopping.set()
        self._thread.join(CLOSE_SECONDS)
        if self._written > MOST:
            self._journal.record("redis", command="", left_out=self._written - MOST)

    def _run(self) -> None:
        deaf = 0.0
        try:
            while not self._stopping.is_set():
                try:
                    self._listen(deaf)
                except (RedisError, OSError):
                    deaf = deaf if not self._listening.is_set() and deaf else self._journal.now()
                self._listening.clear()
                self._stopping.wait(PAUSE_SECONDS)
        except Exception as error:  # noqa: BLE001 - it must be told by whoever reads the evidence
            self.failed = f"{type(error).__name__}: {error}"

    def _listen(self, deaf: float) -> None:
        timeouts: dict[str, Any] = {
            "socket_timeout": ANSWER_SECONDS,
            "socket_connect_timeout": ANSWER_SECONDS,
            "client_name": OURS,
        }
        with Redis.from_url(self._url, **timeouts) as redis, redis.monitor() as monitor:
            self._listening.set()
            if deaf:
                self._journal.record("redis", command="", unheard_since=deaf)
            while not self._stopping.is_set():
                if monitor.connection.can_read(timeout=LISTEN_SECONDS):
                    told = monitor.connection.read_response()
                    self._hear(told if isinstance(told, bytes) else str(told).encode())

    def _hear(self, told: bytes) -> None:
        line = LINE.match(told)
        if line is None or line[2] not in self._databases:
            return
        command = line[3].decode().upper()
        if command not in PUBLISHES and command not in WRITES:
            return
        words = [_plain(word[0]) for word in WORD.finditer(line[4])]
        key = words[0].decode(errors="replace") if words else ""
        if key.startswith(QUIET):
            return
        at = self._journal.at(float(line[1]))
        if command in PUBLISHES and key in self._queues:
            for message in words[1:]:
                self._publish(at, key, message)
            return
        self._written += 1
        if self._written <= MOST:
            more = self._of_a_message(command, words)
            self._journal.record(
                "redis",
                happened=at,
                command=command,
                key=key[:LONGEST_KEY],
                bytes=sum(map(len, words)),
                **more,
            )

    def _publish(self, at: float, queue: str, message: bytes) -> None:
        told: dict[str, Any] = {}
        with suppress(ValueError, TypeError, AttributeError, KeyError, RecursionError):
            body = json.loads(message)
            headers, properties = body.get("headers") or {}, body.get("properties") or {}
            task = str(headers.get("id") or properties.get("correlation_id") or "")
            told = {"task": task, "name": headers.get("task", ""), "by": headers.get("origin", "")}
            args, kwargs = str(headers.get("argsrepr", "")), str(headers.get("kwargsrepr", ""))
            told |= {
                work.id: found
                for work in self._works
                if work.task in {"", told["name"]} and (found := work.told(task, args, kwargs))
            }
            told |= {name: str(headers[name]) for name in ("traceparent",) if headers.get(name)}
            self._tags[str(properties.get("delivery_tag", ""))] = task
            self._seen[task] = self._seen.get(task, 0) + 1
            if self._seen[task] > 1:
                told["again"] = self._seen[task]
        self._journal.record("published", happened=at, queue=queue, bytes=len(message), **told)

    def _of_a_message(self, command: str, words: Sequence[bytes]) -> dict[str, str]:
        """The task of a message that was taken or acknowledged, by its delivery tag."""
        tags = [word.decode(errors="replace") for word in words[1:] if len(word) < LONGEST_KEY]
        task = next((self._tags[tag] for tag in tags if tag in self._tags), "")
        does = {"HSET": "taken", "HDEL": "acknowledged"}.get(command, "")
        return {"task": task, **({"does": does} if does else {})} if task else {}


def _plain(word: bytes) -> bytes:
    """A word without the quotes that Redis adds; its escapes are the same as Python's."""
    try:
        found = ast.literal_eval(f"b{word.decode('ascii')}")
    except (ValueError, SyntaxError):
        return word[1:-1]
    return bytes(found)
