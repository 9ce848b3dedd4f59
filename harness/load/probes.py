"""The probes, a process of their own: what the servers and roles look like from outside, twice a second, a line each.

It is told what to look at on its standard input, and ends when that is closed: with whoever started it, however that ends.
"""

import logging
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
from harness.stack import reset

log = logging.getLogger(__name__)
EVERY_SECONDS = 0.5
MEMORY_EVERY = 10  # samples: to add up the pages of sixteen processes takes longer than all else
_CONNECTIONS = """
SELECT application_name AS name, count(*) AS n FROM pg_stat_activity
WHERE backend_type = 'client backend' AND datname = current_database() GROUP BY 1
"""
_MAKING = """
SELECT count(*) FILTER (WHERE status = 'queued') AS queued, count(*) FILTER (WHERE status = 'running') AS running
FROM roadmap_requests WHERE status IN ('queued', 'running')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What to look at.

    Args:
        database_url: of the stack.
        redis_url: likewise.
        pids: role -> main process.
        samples: the file to write into.
    """

    database_url: str
    redis_url: str
    pids: dict[str, int]
    samples: str


class Probes:
    """Looks at one stack."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._database = Database(target.database_url)
        self._redis: Redis = Redis.from_url(target.redis_url, socket_timeout=5)

    def sample(self, *, memory: bool) -> Sample:
        """One look."""
        at = time.time()
        making = self._database.rows(_MAKING)[0]
        connections = {row["name"]: row["n"] for row in self._database.rows(_CONNECTIONS)}
        return Sample(
            at=at,
            queued=making["queued"],
            running=making["running"],
            messages=reset.waiting(self._redis),
            connections=connections,
            memory=processes.memory(self._target.pids) if memory else {},
        )

    def close(self) -> None:
        self._database.close()
        self._redis.close()


def main() -> int:
    """Look until nobody wants to know any more."""
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
    """What was written."""
    lines: list[Any] = path.read_bytes().splitlines() if path.exists() else []
    return tuple(msgspec.json.decode(line, type=Sample) for line in lines)


if __name__ == "__main__":
    sys.exit(main())
