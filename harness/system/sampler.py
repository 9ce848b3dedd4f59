"""Takes a sample each half second in a thread of its own, with a connection of its own, and records it."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from redis import Redis

from harness.evidence.task_events import OURS
from harness.stack import reset
from harness.stack.stack import Stack

SAMPLE_SECONDS = 0.5
CLOSE_SECONDS = 3.0
REDIS_SECONDS = 2.0
_HELD = """
SELECT application_name AS application, count(*) AS held, count(*) FILTER (WHERE state = 'active') AS active,
    count(*) FILTER (WHERE wait_event_type = 'Lock') AS locked, count(*) FILTER (WHERE state LIKE 'idle in%') AS open
FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'harness' GROUP BY 1 ORDER BY 1
"""


class Sampler(ABC):
    """A sampler of one kind of record.

    Args:
        stack: the stack that is sampled.
    """

    kind: ClassVar[str]
    server: ClassVar[str]  # the server whose clock is compared with ours

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.failed = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"sampler of {self.kind}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End it; with a frozen server it may end later, which does no harm."""
        self._stopping.set()
        self._thread.join(CLOSE_SECONDS)

    @abstractmethod
    def look(self) -> Mapping[str, Any]:
        """The values now."""

    @abstractmethod
    def clock(self) -> float:
        """The server's time, in seconds since 1970."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection."""

    def _run(self) -> None:
        journal = self.stack.journal
        compared = False
        try:
            while not self._stopping.is_set():
                try:
                    if not compared:
                        journal.record("clock", of=self.server, **_compared(self))
                        compared = True
                    seen = self.look()
                except Exception as error:  # noqa: BLE001 - a server that is down; that it could not be seen is a record, too
                    journal.record(self.kind, failed=f"{type(error).__name__}: {error}")
                else:
                    journal.record(self.kind, **seen)
                self._stopping.wait(SAMPLE_SECONDS)
        except Exception as error:  # noqa: BLE001 - a full disk: whoever reads the evidence is told
            self.failed = f"{type(error).__name__}: {error}"
        finally:
            with suppress(Exception):
                self.close()


class Depths(Sampler):
    """Messages by queue, and how many of them workers have taken."""

    kind, server = "depth", "redis"

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        timeouts: dict[str, Any] = {
            "socket_timeout": REDIS_SECONDS,
            "socket_connect_timeout": REDIS_SECONDS,
            "client_name": OURS,
        }
        self._redis = Redis.from_url(stack.broker_url, **timeouts)

    def look(self) -> Mapping[str, Any]:
        """See Sampler."""
        app = self.stack.app
        return {"waiting": reset.waiting(app, self._redis), "taken": reset.taken(app, self._redis)}

    def clock(self) -> float:
        """See Sampler."""
        seconds, micro = self._redis.time()
        return float(seconds) + float(micro) / 1e6

    def close(self) -> None:
        """See Sampler."""
        self._redis.close()


class Connections(Sampler):
    """Connections to PostgreSQL by application, with their states."""

    kind, server = "connections", "postgres"

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        self._database = stack.database.another()

    def look(self) -> Mapping[str, Any]:
        """See Sampler."""
        return {"by": {row.pop("application"): row for row in self._database.rows(_HELD)}}

    def clock(self) -> float:
        """See Sampler."""
        return float(self._database.value("SELECT extract(epoch FROM clock_timestamp())"))

    def close(self) -> None:
        """See Sampler."""
        self._database.close()


def _compared(sampler: Sampler) -> dict[str, float]:
    """How far a server's clock is ahead of ours, in seconds, and how exact that is."""
    sampler.clock()  # the first call only connects
    before = time.time()
    told = sampler.clock()
    after = time.time()
    return {"ahead": round(told - (before + after) / 2, 6), "within": round((after - before) / 2, 6)}
