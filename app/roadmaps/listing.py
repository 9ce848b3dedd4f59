"""A user's roadmaps, a page at a time."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import roadmap_requests, roadmaps
from app.roadmaps import cursor as cursors
from app.roadmaps.states import Status
from app.schemas.roadmap import RoadmapPage, RoadmapSummary


async def page(
    connection: AsyncConnection,
    owner: UUID,
    *,
    cursor: str | None,
    limit: int,
    statuses: Sequence[Status] = (),
    topic: str | None = None,
) -> RoadmapPage:
    """The owner's roadmaps, the newest first.

    Args:
        connection: to read from.
        owner: of the roadmaps.
        cursor: of the page before; None for the first.
        limit: roadmaps at most.
        statuses: only these; empty for all.
        topic: text that the topic contains, in any case.

    Raises:
        BadCursorError: the cursor is not valid.
    """
    requests = roadmap_requests.c
    query = (
        select(requests.id, requests.status, requests.body["topic"].astext.label("topic"), roadmaps.c.title)
        .add_columns(requests.created_at, requests.ended_at)
        .outerjoin(roadmaps, roadmaps.c.id == requests.id)
        .where(requests.user_id == owner)
        .order_by(requests.created_at.desc(), requests.id.desc())
        .limit(limit + 1)  # one more tells whether there is a next page
    )
    if cursor is not None:
        query = query.where(tuple_(requests.created_at, requests.id) < tuple_(*cursors.decode(cursor)))
    if statuses:
        query = query.where(requests.status.in_(statuses))
    if topic:
        query = query.where(requests.body["topic"].astext.icontains(topic, autoescape=True))
    rows = (await connection.execute(query)).all()
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return RoadmapPage(
        items=[RoadmapSummary.model_validate(row, from_attributes=True) for row in shown],
        next_cursor=cursors.encode(last.created_at, last.id) if last else None,
    )
