"""The probes, a process of their own: they sample servers and roles from outside, twice a second, a line each.

The process reads its targets from standard input, and ends when that is closed: so it ends with its parent in any case.
"""

import logging
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from redis import Redis

from harness.base.database import Database
from harness.load import processes
from harness.load.record import Sample

log = logging.getLogger(__name__)
EVERY_SECONDS = 0.5
MEMORY_EVERY = 10  # samples between two of memory: adding up the pages of sixteen processes takes longer than everything else
_CONNECTIONS = """
SELECT application_name AS name, count(*) AS n FROM pg_stat_activity
WHERE backend_type = 'client backend' AND datname = current_database() GROUP BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The targets of the probes.

    Args:
        database_url: of the stack.
        redis_url: likewise.
        pids: role -> main process.
        making: SQL for how many are queued and running.
        queues: queue in Redis -> the hash with its taken messages, where they count; '' where they do not.
        taken: the hash with the messages that the worker's slots have taken; '' where they cannot be counted.
        samples: the file to write into.
    """

    database_url: str
    redis_url: str
    pids: dict[str, int]
    making: str
    queues: dict[str, str]
    taken: str
    samples: str


class Probes:
    """The probes of one stack."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._database = Database(target.database_url)
        self._redis: Redis = Redis.from_url(target.redis_url, socket_timeout=5)

    def sample(self, *, memory: bool) -> Sample:
        """Take one sample."""
        at = time.time()
        making = self._database.rows(self._target.making)[0]
        connections = {row["name"]: row["n"] for row in self._database.rows(_CONNECTIONS)}
        messages, taken = self._messages()
        return Sample(
            at=at,
            queued=making["queued"],
            running=making["running"],
            messages=messages,
            taken=taken,
            connections=connections,
            memory=processes.memory(self._target.pids) if memory else {},
        )

    def _messages(self) -> tuple[dict[str, int], int | None]:
        """Messages in the broker by queue, and those that the worker's slots have taken, at one moment."""
        queues, mine = self._target.queues, self._target.taken
        pipeline = self._redis.pipeline()
        for queue in queues:
            pipeline.llen(queue)
        taken = {queue: key for queue, key in queues.items() if key}
        for key in [*taken.values(), *([mine] if mine else ())]:
            pipeline.hlen(key)
        lengths = pipeline.execute()
        found = dict(zip(queues, lengths[: len(queues)], strict=True))
        for queue, number in zip(taken, lengths[len(queues) :], strict=False):
            found[queue] += number
        return found, lengths[-1] if mine else None

    def close(self) -> None:
        self._database.close()
        self._redis.close()


def main() -> int:
    """Look until nobody wants to know any more; Ctrl-C is for whoever started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    target = msgspec.json.decode(sys.stdin.readline(), type=Target)
    over = threading.Event()
    threading.Thread(target=_until_nobody_listens, args=(over,), daemon=True).start()
    probes = Probes(target)
    count, due = 0, time.monotonic()
    with Path(target.samples).open("w") as samples:
        while not over.wait(max(due - time.monotonic(), 0)):
            due = max(due + EVERY_SECONDS, time.monotonic())
            try:
                seen = probes.sample(memory=count % MEMORY_EVERY == 0)
            except (OSError, asyncpg.PostgresError) as error:
                log.warning("no sample: %s", error)
                continue
            samples.write(msgspec.json.encode(seen).decode() + "\n")
            samples.flush()
            count += 1
    probes.close()
    return 0


def _until_nobody_listens(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


def read(path: Path) -> tuple[Sample, ...]:
    """Read the samples."""
    lines: list[Any] = path.read_bytes().splitlines() if path.exists() else []
    return tuple(msgspec.json.decode(line, type=Sample) for line in lines)


if __name__ == "__main__":
    sys.exit(main())
