"""What an owner sees of a roadmap. Every query asks for the owner: somebody else's roadmap is not found."""

from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import execution_logs, generation_steps, roadmap_requests, roadmaps
from app.roadmaps.prompts import CONCEPT_STEPS
from app.schemas.content import Concept, Curriculum
from app.schemas.roadmap import (
    ConceptView,
    Failure,
    LogPage,
    LogView,
    ModuleView,
    PartStatus,
    Progress,
    RoadmapView,
    StageView,
    StatusView,
)

MOST_LOGS = 1000

Parts = dict[tuple[str, str], PartStatus]


async def roadmap(connection: AsyncConnection, roadmap_id: UUID, owner: UUID) -> RoadmapView | None:
    """The roadmap; None where this owner has none of that id."""
    request = await _request(connection, roadmap_id, owner)
    if request is None:
        return None
    written = (
        await connection.execute(select(roadmaps.c.curriculum).where(roadmaps.c.id == roadmap_id))
    ).scalar_one_or_none()
    view = RoadmapView(
        id=request.id,
        status=request.status,
        topic=request.body["topic"],
        error=_failure(request.error),
        created_at=request.created_at,
        ended_at=request.ended_at,
    )
    if written is None:
        return view
    curriculum = Curriculum.model_validate(written)
    parts = await _parts(connection, roadmap_id)
    return view.model_copy(
        update={
            "title": curriculum.title,
            "summary": curriculum.summary,
            "stages": _stages(curriculum, parts),
        }
    )


async def status(connection: AsyncConnection, roadmap_id: UUID, owner: UUID) -> StatusView | None:
    """How far it is; None where this owner has none of that id."""
    request = await _request(connection, roadmap_id, owner)
    if request is None:
        return None
    return StatusView(
        id=request.id,
        status=request.status,
        step=request.step,
        attempt=request.attempt,
        progress=await _progress(connection, roadmap_id),
        error=_failure(request.error),
    )


async def logs(connection: AsyncConnection, roadmap_id: UUID, owner: UUID) -> LogPage | None:
    """The first MOST_LOGS events; None where this owner has no roadmap of that id."""
    if await _request(connection, roadmap_id, owner) is None:
        return None
    query = (
        select(execution_logs)
        .where(execution_logs.c.request_id == roadmap_id)
        .order_by(execution_logs.c.occurred_at, execution_logs.c.id)
        .limit(MOST_LOGS)
    )
    rows = await connection.execute(query)
    return LogPage(items=[LogView.model_validate(row, from_attributes=True) for row in rows])


async def _request(connection: AsyncConnection, roadmap_id: UUID, owner: UUID) -> Row[Any] | None:
    mine = roadmap_requests.c.id == roadmap_id, roadmap_requests.c.user_id == owner
    return (await connection.execute(select(roadmap_requests).where(*mine))).one_or_none()


async def _parts(connection: AsyncConnection, roadmap_id: UUID) -> Parts:
    columns = generation_steps.c.step, generation_steps.c.concept_id, generation_steps.c.status
    rows = await connection.execute(select(*columns).where(generation_steps.c.request_id == roadmap_id))
    return {(row.step, row.concept_id): row.status for row in rows}


async def _progress(connection: AsyncConnection, roadmap_id: UUID) -> Progress | None:
    """Counted over the newest curriculum; None as long as there is none."""
    query = (
        select(generation_steps.c.output)
        .where(
            generation_steps.c.request_id == roadmap_id,
            generation_steps.c.step.in_(("curriculum", "repair")),
            generation_steps.c.status == "completed",
        )
        .order_by(generation_steps.c.ended_at.desc())
        .limit(1)
    )
    framework = await connection.scalar(query)
    if framework is None:
        return None
    counted = Counter(
        status
        for (step, _), status in (await _parts(connection, roadmap_id)).items()
        if step in CONCEPT_STEPS
    )
    return Progress(
        parts_total=len(Curriculum.model_validate(framework).concepts()) * len(CONCEPT_STEPS),
        parts_completed=counted["completed"],
        parts_failed=counted["failed"],
    )


def _stages(curriculum: Curriculum, parts: Parts) -> list[StageView]:
    return [
        StageView(
            title=stage.title,
            modules=[
                ModuleView(
                    title=module.title, concepts=[_concept(concept, parts) for concept in module.concepts]
                )
                for module in stage.modules
            ],
        )
        for stage in curriculum.stages
    ]


def _concept(concept: Concept, parts: Parts) -> ConceptView:
    states = {step: parts.get((step, concept.id), "pending") for step in CONCEPT_STEPS}
    return ConceptView.model_validate(concept.model_dump() | states)


def _failure(error: dict[str, Any] | None) -> Failure | None:
    return Failure(code=error["code"], message=error["message"]) if error else None
