"""An owner's views of a roadmap. Every query has the owner as a condition: another user's roadmap is not found."""

from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import generation_steps, roadmap_requests
from app.roadmaps import framework, states
from app.roadmaps.language import DEFAULT
from app.roadmaps.prompts import CONCEPT_STEPS
from app.roadmaps.states import PartStatus
from app.schemas.framework import Concept, Framework
from app.schemas.provider_use import ProviderUse
from app.schemas.roadmap import (
    ConceptContent,
    ConceptView,
    Failure,
    ModuleView,
    Part,
    Progress,
    RoadmapView,
    StageView,
    StatusView,
)

Parts = dict[tuple[str, str], PartStatus]


async def roadmap(connection: AsyncConnection, roadmap_id: UUID, owner: UUID) -> RoadmapView | None:
    """The roadmap; None if this owner has none with that id."""
    request = await _request(connection, roadmap_id, owner)
    if request is None:
        return None
    view = RoadmapView(
        id=request.id,
        status=request.status,
        topic=request.body["topic"],
        language=request.body.get("language") or DEFAULT,
        error=failure(request.error),
        created_at=request.created_at,
        ended_at=request.ended_at,
    )
    found = await _framework(connection, roadmap_id)
    if found is None or request.status in states.WITHOUT_ROADMAP:
        return view
    parts = await _parts(connection, roadmap_id)
    return view.model_copy(
        update={
            "title": found.title,
            "summary": found.summary,
            "stages": _stages(found, parts),
        }
    )


async def status(connection: AsyncConnection, roadmap_id: UUID, owner: UUID) -> StatusView | None:
    """The roadmap's progress; None if this owner has none with that id."""
    request = await _request(connection, roadmap_id, owner)
    if request is None:
        return None
    return StatusView(
        id=request.id,
        status=request.status,
        step=request.step,
        attempt=request.attempt,
        progress=await _progress(connection, roadmap_id),
        usage=await _usage(connection, roadmap_id),
        error=failure(request.error),
    )


async def concept(
    connection: AsyncConnection, roadmap_id: UUID, owner: UUID, concept_id: str
) -> ConceptContent | None:
    """The content of a concept; None if this owner has no such roadmap, or the roadmap has no such concept."""
    if not await owns(connection, roadmap_id, owner):
        return None
    found = await _framework(connection, roadmap_id)
    subject = next((c for c in found.concepts() if c.id == concept_id), None) if found else None
    if subject is None:
        return None
    columns = (
        generation_steps.c.step,
        generation_steps.c.status,
        generation_steps.c.output,
        generation_steps.c.error,
    )
    mine = generation_steps.c.request_id == roadmap_id, generation_steps.c.concept_id == concept_id
    rows = await connection.execute(select(*columns).where(*mine))
    parts = {row.step: Part(status=row.status, content=row.output, error=failure(row.error)) for row in rows}
    pending = Part(status=states.PENDING)
    return ConceptContent(
        **subject.model_dump(), **{step: parts.get(step, pending) for step in CONCEPT_STEPS}
    )


async def owns(connection: AsyncConnection, roadmap_id: UUID, owner: UUID) -> bool:
    """Whether this owner has a roadmap of that id."""
    return await _request(connection, roadmap_id, owner) is not None


async def _request(connection: AsyncConnection, roadmap_id: UUID, owner: UUID) -> Row[Any] | None:
    mine = roadmap_requests.c.id == roadmap_id, roadmap_requests.c.user_id == owner
    return (await connection.execute(select(roadmap_requests).where(*mine))).one_or_none()


async def _parts(connection: AsyncConnection, roadmap_id: UUID) -> Parts:
    columns = generation_steps.c.step, generation_steps.c.concept_id, generation_steps.c.status
    rows = await connection.execute(select(*columns).where(generation_steps.c.request_id == roadmap_id))
    return {(row.step, row.concept_id): row.status for row in rows}


async def _framework(connection: AsyncConnection, roadmap_id: UUID) -> Framework | None:
    """The framework, as soon as there is a sound one. A repair wins by its name: it is always later than the curriculum."""
    query = (
        select(generation_steps.c.output, generation_steps.c.names)
        .where(
            generation_steps.c.request_id == roadmap_id,
            generation_steps.c.step.in_(("curriculum", "repair")),
            generation_steps.c.status == states.COMPLETED,
        )
        .order_by((generation_steps.c.step == "repair").desc())
        .limit(1)
    )
    found = (await connection.execute(query)).one_or_none()
    return framework.stored(found.output, found.names) if found else None


async def _progress(connection: AsyncConnection, roadmap_id: UUID) -> Progress | None:
    """The progress; None as long as there is no framework."""
    found = await _framework(connection, roadmap_id)
    if found is None:
        return None
    parts = await _parts(connection, roadmap_id)
    counted = Counter(state for (step, _), state in parts.items() if step in CONCEPT_STEPS)
    return Progress(
        parts_total=len(found.concepts()) * len(CONCEPT_STEPS),
        parts_completed=counted[states.COMPLETED],
        parts_failed=counted[states.FAILED],
    )


async def _usage(connection: AsyncConnection, roadmap_id: UUID) -> ProviderUse:
    steps = generation_steps.c
    counted = (steps.attempts, steps.prompt_tokens, steps.completion_tokens, steps.cost_usd)
    sums = [func.coalesce(func.sum(column), 0) for column in counted]
    row = (await connection.execute(select(*sums).where(steps.request_id == roadmap_id))).one()
    return ProviderUse(calls=row[0], prompt_tokens=row[1], completion_tokens=row[2], cost_usd=row[3])


def _stages(found: Framework, parts: Parts) -> list[StageView]:
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
        for stage in found.stages
    ]


def _concept(concept: Concept, parts: Parts) -> ConceptView:
    own = {step: parts.get((step, concept.id), states.PENDING) for step in CONCEPT_STEPS}
    return ConceptView.model_validate(concept.model_dump() | own)


def failure(error: Any) -> Failure | None:
    """Read a stored error, even one without code or message, or a bare text, from an earlier release or a person with psql."""
    if not error:
        return None
    if not isinstance(error, dict):
        error = {"message": error}
    return Failure(code=str(error.get("code", states.FAILED)), message=str(error.get("message", "")))
