"""Decides which worker may work on a roadmap: one claim at a time, and only while its lease lasts.

Messages come twice, late or never, and workers freeze; none of that does harm as long as every write checks its fence. All times are
the database's: a worker's clock decides nothing.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import roadmap_requests as requests
from app.roadmaps import states


class LeaseLostError(Exception):
    """Another worker has claimed the roadmap, or its owner has ended it: stop, and write nothing more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one roadmap.

    Args:
        id: of the roadmap.
        user_id: of its owner, who pays for each call even if roadmap or account are deleted.
        attempt: number of this claim among those that count against the limit, from 1.
        fence: number that every write must show.
        body: of the owner's request.
        taken_over: whether another worker had it and fell silent.
    """

    id: UUID
    user_id: UUID
    attempt: int
    fence: int
    body: dict[str, Any]
    taken_over: bool = False

    def held(self) -> ColumnElement[bool]:
        """The condition under which this claim may write to the request."""
        return and_(
            requests.c.id == self.id, requests.c.fence == self.fence, requests.c.status == states.RUNNING
        )

    def held_elsewhere(self) -> ColumnElement[bool]:
        """The same condition for a write to another table."""
        return exists(select(requests.c.id).where(self.held()).with_for_update(read=True))


async def claim(
    connection: AsyncConnection, roadmap_id: UUID, lease: timedelta, max_attempts: int
) -> Claim | None:
    """Claim the roadmap if no worker works on it: it is queued, or its worker has been silent for longer than its lease.

    Args:
        connection: inside a transaction.
        roadmap_id: named by the message.
        lease: how long the claim lasts without a heartbeat.
        max_attempts: claims after which no worker may claim it; a worker that is refused for that ends it (`ending.end_used_up`).

    Returns:
        None if there is nothing to do: the roadmap has ended, is taken, unknown or used up.
    """
    mine = requests.c.id == roadmap_id, requests.c.attempt < max_attempts, text(states.WAITING)
    # Locked first: this waits for a concurrent writer, and then reads the state that the writer has left.
    was = select(requests.c.id, requests.c.status).where(*mine).with_for_update().cte("was")
    taken = await connection.execute(
        update(requests)
        .where(requests.c.id == was.c.id)
        .values(
            status=states.RUNNING,
            attempt=requests.c.attempt + 1,
            fence=requests.c.fence + 1,
            lease_until=func.clock_timestamp() + lease,
            next_dispatch_at=func.clock_timestamp() + lease,
            started_at=func.coalesce(requests.c.started_at, func.clock_timestamp()),
        )
        .returning(
            requests.c.id,
            requests.c.user_id,
            requests.c.attempt,
            requests.c.fence,
            requests.c.body,
            (was.c.status == states.RUNNING).label("taken_over"),
        )
    )
    row = taken.one_or_none()
    return Claim(*row) if row else None


async def heartbeat(connection: AsyncConnection, held: Claim, lease: timedelta) -> None:
    """Make the lease last from now on.

    Raises:
        LeaseLostError: the claim is no longer ours.
    """
    await _write(
        connection,
        held,
        lease_until=func.clock_timestamp() + lease,
        next_dispatch_at=func.clock_timestamp() + lease,
    )


async def note_step(connection: AsyncConnection, held: Claim, step: str) -> None:
    """Say how far the work is.

    Raises:
        LeaseLostError: the claim is no longer ours.
    """
    await _write(connection, held, step=step)


async def release(connection: AsyncConnection, held: Claim, *, counted: bool) -> None:
    """Give the roadmap back to the queue at once; after its last attempt see `ending.hand_back`.

    Args:
        connection: inside a transaction.
        held: our claim.
        counted: whether the attempt counts; it does not if the worker was told to stop or a call has finished.

    Raises:
        LeaseLostError: the claim is no longer ours.
    """
    await _write(
        connection,
        held,
        status=states.QUEUED,
        attempt=requests.c.attempt - (0 if counted else 1),
        lease_until=None,
        queued_at=func.statement_timestamp(),  # the clock's own time would be another one for each column
        next_dispatch_at=func.statement_timestamp(),
    )


async def end(
    connection: AsyncConnection, held: Claim, status: states.Status, error: dict[str, Any] | None
) -> None:
    """Write the request's end, in the transaction that also writes the result.

    Raises:
        LeaseLostError: the claim is no longer ours; the caller's transaction must not commit.
    """
    await _write(connection, held, **ended(status, error))


def ended(status: states.Status, error: dict[str, Any] | None) -> dict[str, Any]:
    """The columns of an ended request, for every way to end it."""
    return {
        "status": status,
        "step": "ended",
        "error": error,
        "lease_until": None,
        "ended_at": func.clock_timestamp(),
    }


async def _write(connection: AsyncConnection, held: Claim, **values: Any) -> None:
    written = await connection.execute(update(requests).where(held.held()).values(**values))
    if written.rowcount == 0:
        raise LeaseLostError(f"fence {held.fence} of roadmap {held.id} is no longer the newest")
