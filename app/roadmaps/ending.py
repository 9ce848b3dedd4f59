"""Ends a request: each end is one transaction that writes the result and keeps its event.

A worker that has claimed the request shows its fence. A request that no worker works on and none may claim any more is ended by any
process that finds it.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import roadmap_requests as requests
from app.models import roadmaps
from app.roadmaps import lease, outbox, states
from app.roadmaps.budget import spend_lost
from app.roadmaps.events import Event, lifecycle
from app.roadmaps.pipeline import Generated


async def complete(
    connection: AsyncConnection, held: lease.Claim, generated: Generated, grace: timedelta, emitted: int
) -> Event:
    """Write the roadmap and its request's end, both or neither.

    Args:
        connection: inside a transaction.
        held: our claim.
        generated: the result.
        grace: until the sweeper sends the event again.
        emitted: best-effort events of this attempt, so that those lost can be counted.

    Returns:
        The event to publish after the commit.

    Raises:
        LeaseLostError: the claim is no longer ours; nothing may commit.
    """
    failed = generated.failed
    status: states.Status = states.PARTIALLY_COMPLETED if failed else states.COMPLETED
    error = _partial(failed) if failed else None
    await lease.end(connection, held, status, error)
    curriculum = generated.curriculum
    await connection.execute(
        insert(roadmaps).values(
            id=held.id,
            title=curriculum.title,
            summary=curriculum.summary,
            curriculum=curriculum.model_dump(),
        )
    )
    message = (
        "The roadmap is complete." if not failed else f"The roadmap is complete but for {len(failed)} parts."
    )
    event = lifecycle(
        held.id, status, message, level="warning" if failed else "info", attempt=held.attempt, emitted=emitted
    )
    await outbox.keep(connection, event, grace)
    return event


def _partial(failed: dict[str, dict[str, Any]]) -> dict[str, Any]:
    first, why = next(iter(failed.items()))
    return {
        "code": "concepts_failed",
        "message": f"{len(failed)} parts could not be written, first {first}: {why['message']}",
        states.FAILED: failed,  # the failed parts
    }


async def fail(
    connection: AsyncConnection, held: lease.Claim, error: dict[str, Any], grace: timedelta, emitted: int
) -> Event:
    """Write that there will be no roadmap, and why; arguments as for `complete`.

    Returns:
        The event to publish after the commit.

    Raises:
        LeaseLostError: the claim is no longer ours; nothing may commit.
    """
    await lease.end(connection, held, states.FAILED, error)
    event = lifecycle(
        held.id, states.FAILED, error["message"], level="error", code=error["code"], emitted=emitted
    )
    await outbox.keep(connection, event, grace)
    return event


async def hand_back(
    connection: AsyncConnection,
    held: lease.Claim,
    *,
    counted: bool,
    reason: str,
    max_attempts: int,
    grace: timedelta,
    emitted: int,
) -> Event | None:
    """Give the roadmap back to the queue, or end it if this was its last attempt.

    Args:
        connection: inside a transaction.
        held: our claim.
        counted: whether the attempt counts.
        reason: what became of the attempt, for the owner: a clause without its full stop.
        max_attempts: claims after which no worker may claim it any more.
        grace: as for `complete`.
        emitted: as for `complete`.

    Returns:
        The event to publish after the commit; None if another attempt follows.

    Raises:
        LeaseLostError: the claim is no longer ours; nothing may commit.
    """
    if counted and held.attempt >= max_attempts:
        return await fail(connection, held, _used_up(held.attempt, reason), grace, emitted)
    await lease.release(connection, held, counted=counted)
    return None


async def end_used_up(
    connection: AsyncConnection,
    max_attempts: int,
    grace: timedelta,
    most: int,
    *only: ColumnElement[bool],
    a_call: Decimal = Decimal(0),
) -> Sequence[Event]:
    """End requests that no worker works on and none may claim any more, in whatever state they are.

    Args:
        connection: inside a transaction.
        max_attempts: claims after which no worker may claim a request: the caller's own limit, even if others have another.
        grace: until the sweeper sends the events again.
        most: roadmaps to end; rows that others have locked are skipped.
        only: further conditions.
        a_call: US dollars that an unfinished call of a lost worker may have cost.

    Returns:
        The events to publish after the commit.
    """
    used_up = and_(text(states.WAITING), requests.c.attempt >= max_attempts, *only)
    found = select(requests.c.id, requests.c.status, requests.c.attempt).where(used_up).limit(most)
    rows = (await connection.execute(found.with_for_update(skip_locked=True))).all()
    ended = [await _end_used_up(connection, row, used_up, grace, a_call) for row in rows]
    return [event for event in ended if event is not None]


async def _end_used_up(
    connection: AsyncConnection, row: Any, used_up: ColumnElement[bool], grace: timedelta, a_call: Decimal
) -> Event | None:
    """End a request if the condition still holds: a request that has ended meanwhile never changes."""
    silent = row.status == states.RUNNING
    error = _used_up(row.attempt, "its worker fell silent" if silent else "it brought no result")
    end = update(requests).where(requests.c.id == row.id, used_up)
    if (await connection.execute(end.values(**lease.ended(states.FAILED, error)))).rowcount == 0:
        return None
    if silent:
        await spend_lost(connection, row.id, a_call)
    event = lifecycle(row.id, states.FAILED, error["message"], level="error", code=error["code"])
    await outbox.keep(connection, event, grace)
    return event


def _used_up(attempt: int, reason: str) -> dict[str, Any]:
    return {"code": "attempts_used_up", "message": f"Given up after attempt {attempt}: {reason}."}
