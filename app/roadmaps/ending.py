"""A request's ends: each is one transaction that holds the fence, writes what came of it and keeps the event that tells of it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import roadmaps
from app.roadmaps import lease, outbox
from app.roadmaps.events import Event, lifecycle
from app.roadmaps.pipeline import Generated


async def complete(
    connection: AsyncConnection, held: lease.Claim, generated: Generated, grace: timedelta, emitted: int
) -> Event:
    """Write the roadmap and its request's end, both or neither.

    Args:
        connection: inside a transaction.
        held: our claim.
        generated: what came of it.
        grace: until the sweeper sends the event again.
        emitted: best-effort events of this attempt, so that those lost can be counted.

    Returns:
        The event to publish after the commit.

    Raises:
        LeaseLostError: the claim is no longer ours; nothing may commit.
    """
    failed = generated.failed
    status = "partially_completed" if failed else "completed"
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
        "failed": failed,
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
    await lease.end(connection, held, "failed", error)
    event = lifecycle(held.id, "failed", error["message"], level="error", code=error["code"], emitted=emitted)
    await outbox.keep(connection, event, grace)
    return event
