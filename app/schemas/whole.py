"""A roadmap with the content of all of its concepts."""

from pydantic import BaseModel, Field

from app.roadmaps import states
from app.schemas.example import example
from app.schemas.roadmap import CONCEPT, SUMMARY, ConceptContent, RoadmapView

_PART = {"status": states.PENDING, "content": None, "error": None}
_CONCEPT = CONCEPT | {"tutorial": _PART, "resources": _PART, "quiz": _PART}


class WholeConcept(ConceptContent):
    """A concept with all that was written for it."""


class ModuleContent(BaseModel):
    title: str
    concepts: list[WholeConcept]


class StageContent(BaseModel):
    title: str
    modules: list[ModuleContent]


class WholeRoadmap(RoadmapView):
    """A roadmap with all that was written for it; without stages as long as its framework is not known."""

    model_config = example(
        **SUMMARY,
        language="en",
        summary="From the first steps to firmware.",
        stages=[{"title": "Foundations", "modules": [{"title": "Memory", "concepts": [_CONCEPT]}]}],
        error=None,
    )

    stages: list[StageContent] = Field(default_factory=list)  # type: ignore[assignment]  # each concept has more
