"""The actions of an owner on a roadmap: try again, cancel, delete.

Each raises the fence, so that a worker that still holds the roadmap can no longer write.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import generation_steps, roadmap_requests, roadmaps
from app.roadmaps import framework, states
from app.roadmaps import outbox as outgoing
from app.roadmaps.acceptance import QuotaExceededError
from app.roadmaps.events import Event, lifecycle
from app.roadmaps.steps import at_most


class WrongStateError(Exception):
    """The roadmap's status does not allow this. Args: the status."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class RetriesUsedUpError(Exception):
    """The roadmap has been tried again as often as it may be."""


async def retry(
    connection: AsyncConnection,
    roadmap_id: UUID,
    owner: UUID,
    grace: timedelta,
    quota: int,
    most: int | None = None,
) -> Event | None:
    """Queue an ended roadmap again; completed steps stay. The caller holds the user's lock.

    Args:
        connection: inside a transaction.
        roadmap_id: of the roadmap.
        owner: who asks.
        grace: until the sweeper publishes it.
        quota: roadmaps that the user may have unfinished.
        most: how often it may be tried again; None for no limit.

    Returns:
        The event to publish; None where the owner has no such roadmap.

    Raises:
        WrongStateError: it is complete, or unfinished.
        RetriesUsedUpError: it was tried again as often as it may be.
        QuotaExceededError: there are too many unfinished already.
    """
    request = await _lock(connection, roadmap_id, owner)
    if request is None:
        return None
    if request.status not in states.RETRYABLE:
        raise WrongStateError(request.status)
    if most is not None and request.retries >= most:
        raise RetriesUsedUpError
    active = roadmap_requests.c.user_id == owner, roadmap_requests.c.status.in_(states.OPEN)
    if await connection.scalar(select(func.count()).where(*active)) >= quota:  # type: ignore[operator]  # a count is never None
        raise QuotaExceededError
    again = await _to_ask_again(connection, roadmap_id)
    await _keep_cost(connection, roadmap_id, again)
    await connection.execute(delete(generation_steps).where(again))
    # The roadmap's next end writes the row again.
    await connection.execute(delete(roadmaps).where(roadmaps.c.id == roadmap_id))
    await _change(
        connection,
        roadmap_id,
        status=states.QUEUED,
        step="accepted",
        attempt=0,
        retries=roadmap_requests.c.retries + 1,
        error=None,
        ended_at=None,
        lease_until=None,
        queued_at=func.clock_timestamp(),
        next_dispatch_at=func.clock_timestamp() + grace,
    )
    event = lifecycle(roadmap_id, "retried", "The roadmap is tried again.")
    await outgoing.keep(connection, event, grace)
    return event


async def cancel(
    connection: AsyncConnection, roadmap_id: UUID, owner: UUID, grace: timedelta
) -> Event | None:
    """End an unfinished roadmap, because its owner says so.

    Returns:
        The event to publish; None where the owner has no such roadmap.

    Raises:
        WrongStateError: it has ended already.
    """
    request = await _lock(connection, roadmap_id, owner)
    if request is None:
        return None
    if request.status not in states.CANCELLABLE:
        raise WrongStateError(request.status)
    await _change(
        connection,
        roadmap_id,
        status=states.CANCELLED,
        step="ended",
        lease_until=None,
        ended_at=func.clock_timestamp(),
    )
    event = lifecycle(roadmap_id, states.CANCELLED, "The roadmap was cancelled by its owner.")
    await outgoing.keep(connection, event, grace)
    return event


async def remove(connection: AsyncConnection, roadmap_id: UUID, owner: UUID) -> bool:
    """Delete a roadmap and everything that belongs to it, whatever its status.

    Returns:
        Whether the owner had such a roadmap.
    """
    mine = roadmap_requests.c.id == roadmap_id, roadmap_requests.c.user_id == owner
    deleted = await connection.execute(delete(roadmap_requests).where(*mine))
    return deleted.rowcount > 0


async def _lock(connection: AsyncConnection, roadmap_id: UUID, owner: UUID) -> Row[Any] | None:
    mine = roadmap_requests.c.id == roadmap_id, roadmap_requests.c.user_id == owner
    return (await connection.execute(select(roadmap_requests).where(*mine).with_for_update())).one_or_none()


async def _change(connection: AsyncConnection, roadmap_id: UUID, **values: Any) -> None:
    raised = {"fence": roadmap_requests.c.fence + 1, **values}
    await connection.execute(
        update(roadmap_requests).where(roadmap_requests.c.id == roadmap_id).values(**raised)
    )


async def _keep_cost(connection: AsyncConnection, roadmap_id: UUID, going: ColumnElement[bool]) -> None:
    """Keep the cost of steps that are about to be removed: a roadmap's cost is all that was ever paid for it."""
    steps = generation_steps.c
    costs = (steps.attempts, steps.prompt_tokens, steps.completion_tokens, steps.cost_usd)
    sums = [at_most(literal(0, column.type), func.coalesce(func.sum(column), 0)) for column in costs]
    spent = select(literal(roadmap_id), literal(states.EARLIER), literal(states.COMPLETED), *sums).where(
        going
    )
    names = [column.name for column in costs]
    kept = insert(generation_steps).from_select(["request_id", "step", "status", *names], spent)
    added = {name: at_most(steps[name], kept.excluded[name]) for name in names}
    await connection.execute(
        kept.on_conflict_do_update(index_elements=["request_id", "step", "concept_id"], set_=added)
    )


async def _to_ask_again(connection: AsyncConnection, roadmap_id: UUID) -> ColumnElement[bool]:
    """The steps to ask again: those that failed or were cut off, and a framework that stayed unsound although the provider answered."""
    steps = generation_steps.c
    again = steps.status != states.COMPLETED
    if await _stayed_unsound(connection, roadmap_id):
        again = or_(again, steps.step.in_(("curriculum", "repair")))
    return and_(steps.request_id == roadmap_id, again)


async def _stayed_unsound(connection: AsyncConnection, roadmap_id: UUID) -> bool:
    """Judge by the stored steps, not by the error: a worker may have died between the repair and the roadmap's end."""
    steps = generation_steps.c
    repair = select(steps.output, steps.names).where(
        steps.request_id == roadmap_id, steps.step == "repair", steps.status == states.COMPLETED
    )
    found = (await connection.execute(repair)).one_or_none()
    return found is not None and framework.stored(found.output, found.names) is None
