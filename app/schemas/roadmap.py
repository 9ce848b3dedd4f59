"""Request and response bodies of roadmaps."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from app.core import language_tag
from app.roadmaps import states
from app.roadmaps.states import PartStatus, Status
from app.schemas.auth import Input
from app.schemas.example import AT, ID, example
from app.schemas.provider_use import ProviderUse

SUMMARY = {
    "id": ID,
    "status": states.COMPLETED,
    "topic": "Rust for embedded systems",
    "title": "Learn Rust for embedded systems",
    "created_at": AT,
    "ended_at": AT,
}
CONCEPT = {
    "id": "c2",
    "name": "ownership",
    "title": "Ownership",
    "summary": "Who frees what, and when.",
    "prerequisites": ["c1"],
    "estimated_minutes": 40,
}
PARTS = {"tutorial": states.COMPLETED, "resources": states.COMPLETED, "quiz": states.PENDING}


def _storable(text: str) -> str:
    """Refuse NUL and half surrogate pairs, which PostgreSQL cannot store."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must not contain NUL or lone surrogates")
    return text


def _language(tag: str) -> str:
    """Normalise a tag, and refuse one that names no single language."""
    tag = language_tag.canonical(tag)
    if not language_tag.names_one(tag):
        raise ValueError("must be the tag of one language, such as en, zh-Hans or es-419")
    return tag


Tag = Annotated[str, AfterValidator(_language)]
Storable = Annotated[str, AfterValidator(_storable)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_storable)]


class RoadmapRequest(Input):
    """What somebody wants to learn."""

    model_config = Input.model_config | example(
        topic="Rust for embedded systems",
        goal="Write firmware for a small robot",
        level="beginner",
        hours_per_week=5,
        language="zh-Hans",
    )

    topic: Annotated[Line, Field(max_length=200)]
    goal: Annotated[Line, Field(max_length=500)] | None = None
    level: Literal["beginner", "intermediate", "advanced"] = "beginner"
    hours_per_week: int = Field(5, ge=1, le=80)
    language: Tag | None = Field(
        None,
        description="Language of the content, a tag of RFC 5646 such as zh-Hans or es-419. By default the language of the topic's "
        "script, if that is not Latin, else Accept-Language's first, else English.",
    )


class RoadmapAccepted(BaseModel):
    """A roadmap that was accepted: it will be written."""

    model_config = example(id=ID, status=states.QUEUED, status_url=f"/api/v1/roadmaps/{ID}/status")

    id: UUID
    status: Status
    status_url: str


class Failure(BaseModel):
    """Why something could not be had."""

    code: str
    message: str


class RoadmapSummary(BaseModel):
    """A roadmap in a list."""

    id: UUID
    status: Status
    topic: str
    title: str | None = Field(None, description="Known once it is written")
    created_at: datetime
    ended_at: datetime | None = None


class RoadmapPage(BaseModel):
    """Roadmaps, the newest first."""

    model_config = example(items=[SUMMARY], next_cursor="WyIyMDI2LTAxLTAxVDEyOjAwOjAwWiJd")

    items: list[RoadmapSummary]
    next_cursor: str | None = Field(None, description="For the page that follows; none after the last")


class ConceptView(BaseModel):
    id: str
    name: str = Field(description="What its author calls it; any text. It is addressed by its id")
    title: str
    summary: str
    prerequisites: list[str]
    estimated_minutes: int
    tutorial: PartStatus
    resources: PartStatus
    quiz: PartStatus


class ModuleView(BaseModel):
    title: str
    concepts: list[ConceptView]


class StageView(BaseModel):
    title: str
    modules: list[ModuleView]


class RoadmapView(BaseModel):
    """A roadmap; without stages as long as its framework is not known."""

    model_config = example(
        **SUMMARY,
        language="en",
        summary="From the first steps to firmware.",
        stages=[{"title": "Foundations", "modules": [{"title": "Memory", "concepts": [CONCEPT | PARTS]}]}],
        error=None,
    )

    id: UUID
    status: Status
    topic: str
    language: str = Field(description="Of the content")
    title: str | None = None
    summary: str | None = None
    stages: list[StageView] = Field(default_factory=list)
    error: Failure | None = None
    created_at: datetime
    ended_at: datetime | None = None


class Progress(BaseModel):
    """Parts are tutorials, resources and quizzes, of all concepts."""

    parts_total: int
    parts_completed: int
    parts_failed: int


class StatusView(BaseModel):
    """How far a roadmap is."""

    model_config = example(
        id=ID,
        status=states.RUNNING,
        step="content",
        attempt=1,
        progress={"parts_total": 24, "parts_completed": 7, "parts_failed": 0},
        usage={"calls": 9, "prompt_tokens": 2_800, "completion_tokens": 6_100, "cost_usd": 0.00408},
        error=None,
    )

    id: UUID
    status: Status
    step: str
    attempt: int
    progress: Progress | None = Field(None, description="Known once the curriculum is")
    usage: ProviderUse
    error: Failure | None = None


class Part(BaseModel):
    """A tutorial, the resources or the quiz of a concept."""

    status: PartStatus
    content: dict[str, Any] | None = None
    error: Failure | None = None


class ConceptContent(BaseModel):
    """A concept with all that was written for it."""

    model_config = example(
        **CONCEPT,
        tutorial={
            "status": states.COMPLETED,
            "content": {
                "title": "Ownership",
                "sections": [{"heading": "The idea", "body": "Every value has one owner."}],
            },
            "error": None,
        },
        resources={"status": states.RUNNING, "content": None, "error": None},
        quiz={
            "status": states.FAILED,
            "content": None,
            "error": {"code": "refused", "message": "The provider declined to write this."},
        },
    )

    id: str
    name: str = Field(description="What its author calls it; any text")
    title: str
    summary: str
    prerequisites: list[str]
    estimated_minutes: int
    tutorial: Part
    resources: Part
    quiz: Part


class LogView(BaseModel):
    """One event of a roadmap's execution log."""

    id: UUID
    occurred_at: datetime
    level: str
    category: str
    step: str
    concept_id: str
    message: str
    data: dict[str, Any]


class EventTicket(BaseModel):
    """Opens the stream of one roadmap, once."""

    model_config = example(
        ticket="kHq0zJ3v0mV9k1Jm1n9b2aXgk3mO5lqJ0xw3b1rT7uE",
        url=f"/api/v1/roadmaps/{ID}/events?ticket=kHq0zJ3v0mV9k1Jm1n9b2aXgk3mO5lqJ0xw3b1rT7uE",
        expires_in=60,
    )

    ticket: str
    url: str = Field(description="Of the stream, with the ticket, for a browser's EventSource")
    expires_in: int = Field(description="Seconds")


class LogPage(BaseModel):
    """Events in the order they happened."""

    model_config = example(
        items=[
            {
                "id": ID,
                "occurred_at": AT,
                "level": "info",
                "category": "progress",
                "step": "tutorial",
                "concept_id": "c2",
                "message": "Tutorial is written.",
                "data": {"attempt": 1},
            }
        ],
        next_cursor=None,
    )

    items: list[LogView]
    next_cursor: str | None = None


class LogSummary(BaseModel):
    """What an execution log holds, counted."""

    model_config = example(
        total=28,
        by_level={"info": 28},
        by_category={"lifecycle": 2, "progress": 26},
        by_step={
            "accepted": 1,
            states.COMPLETED: 1,
            "curriculum": 1,
            "intent": 1,
            "quiz": 8,
            "resources": 8,
            "tutorial": 8,
        },
        emitted=26,
        stored=26,
        lag_seconds=0.3,
        removed_at=None,
    )

    total: int
    by_level: dict[str, int]
    by_category: dict[str, int]
    by_step: dict[str, int]
    emitted: int = Field(description="Best-effort events that ended attempts have sent")
    stored: int = Field(description="Best-effort events that arrived")
    lag_seconds: float | None = Field(None, description="Longest time from an event to its being stored")
    removed_at: datetime | None = Field(
        None, description="When what was logged until then was removed, its time being over"
    )
