"""A roadmap with all that was written for it, in one read."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import generation_steps
from app.roadmaps import states, views
from app.roadmaps.prompts import CONCEPT_STEPS
from app.schemas.roadmap import ConceptView, ModuleView, Part, RoadmapView, StageView
from app.schemas.whole import ModuleContent, StageContent, WholeConcept, WholeRoadmap

_PENDING = Part(status=states.PENDING)
_Parts = dict[tuple[str, str], Part]


async def whole(connection: AsyncConnection, roadmap_id: UUID, owner: UUID) -> WholeRoadmap | None:
    """The roadmap and the content of its concepts that is written so far; None if this owner has none with that id."""
    view = await views.roadmap(connection, roadmap_id, owner)
    if view is None:
        return None
    steps = generation_steps.c
    query = select(steps.step, steps.concept_id, steps.status, steps.output, steps.error).where(
        steps.request_id == roadmap_id, steps.step.in_(CONCEPT_STEPS)
    )
    parts = {
        (row.step, row.concept_id): Part(
            status=row.status, content=row.output, error=views.failure(row.error)
        )
        for row in await connection.execute(query)
    }
    return _with_content(view, parts)


def _with_content(view: RoadmapView, parts: _Parts) -> WholeRoadmap:
    stages = [_stage(stage, parts) for stage in view.stages]
    return WholeRoadmap(**view.model_dump(exclude={"stages"}), stages=stages)


def _stage(stage: StageView, parts: _Parts) -> StageContent:
    return StageContent(title=stage.title, modules=[_module(module, parts) for module in stage.modules])


def _module(module: ModuleView, parts: _Parts) -> ModuleContent:
    return ModuleContent(
        title=module.title, concepts=[_concept(concept, parts) for concept in module.concepts]
    )


def _concept(concept: ConceptView, parts: _Parts) -> WholeConcept:
    content = {step: parts.get((step, concept.id), _PENDING) for step in CONCEPT_STEPS}
    return WholeConcept(**concept.model_dump(exclude=set(CONCEPT_STEPS)), **content)
