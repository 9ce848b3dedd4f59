"""Judges whether each queue is consumed by the age of the work that waits in the database, not by its workers' answers.

A worker may answer remote control, send its beat and hold its connection, and still take nothing. But work that waits beside a free slot
while no worker takes any is proof. A queue may be long for a good reason: all its slots are busy, or its workers take one message after
the other.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.settings import Settings
from app.roadmaps.messages import CONTENT_QUEUE, LOGS_QUEUE
from app.roadmaps.states import AT_WORK, IS_OPEN, WAITING, WAITING_SINCE
from app.roles import ROLES, STALE_BEATS

# A roadmap whose lease has run out waits since then; a roadmap with a valid lease occupies a slot. Events are stored so fast that their
# slots are not counted. A worker of an earlier release does not report when it took a message: it is assumed to consume.
_STATES = text(f"""
WITH work AS (
    SELECT :content AS queue,
        min({WAITING_SINCE}) FILTER (WHERE {WAITING}) AS waiting_since,
        count(*) FILTER (WHERE {AT_WORK}) AS at_work
    FROM roadmap_requests WHERE {IS_OPEN}
    UNION ALL SELECT :logs, min(created_at), 0 FROM outbox
), consumers AS (
    SELECT queue, count(*) AS workers, sum(slots) AS slots, max(coalesce(taken_at, seen_at)) AS taken_at
    FROM workers, unnest(queues) AS queue WHERE seen_at > clock_timestamp() - :stale GROUP BY queue
)
SELECT queue, coalesce(workers, 0) AS consumers, coalesce(slots, 0) - at_work AS free,
    extract(epoch FROM clock_timestamp() - waiting_since)::float8 AS waiting,
    extract(epoch FROM clock_timestamp() - taken_at)::float8 AS idle
FROM work LEFT JOIN consumers USING (queue) ORDER BY queue
""").bindparams(  # noqa: S608 - of our own words alone
    bindparam("stale", type_=INTERVAL),
    bindparam("content", CONTENT_QUEUE, literal_execute=True),
    bindparam("logs", LOGS_QUEUE, literal_execute=True),
)


@dataclass(frozen=True, slots=True)
class QueueState:
    """The state of a queue in the database.

    Args:
        name: of the queue.
        consumers: workers seen lately.
        free: the workers' free slots.
        waiting: seconds that the oldest work has waited; None if none waits.
        idle: seconds since any of the workers took a message; None if there is no worker.
        limit: seconds that both may last.
    """

    name: str
    consumers: int
    free: int
    waiting: float | None
    idle: float | None
    limit: float

    @property
    def stalled(self) -> bool:
        """Whether work waits beside a free slot and no worker takes any."""
        return self.free > 0 and (self.waiting or 0) > self.limit and (self.idle or 0) > self.limit

    def trouble(self) -> str:
        """What is wrong, to follow the queue's name; empty if it is consumed."""
        if not self.consumers:
            return "has no consumer: no worker was seen lately"
        if self.stalled:
            return f"is stalled: work has waited for {self.waiting:.0f} s, and its workers took none for {self.idle:.0f} s"
        return ""


def stale(settings: Settings) -> timedelta:
    """How long a worker may be silent before it counts as gone."""
    return timedelta(seconds=STALE_BEATS * settings.worker_beat_seconds)


async def states(connection: AsyncConnection, settings: Settings) -> list[QueueState]:
    """The states of all queues, in the order of their names."""
    found = {row.queue: row for row in await connection.execute(_STATES, {"stale": stale(settings)})}
    return [
        QueueState(queue, row.consumers, row.free, row.waiting, row.idle, limit=settings.queue_stall_seconds)
        for queue in sorted(queue for role in ROLES.values() for queue in role.queues)
        for row in (found[queue],)
    ]
