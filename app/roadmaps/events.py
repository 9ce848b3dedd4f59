"""An execution-log event: made once, where it happens, with an id that never changes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

Level = Literal["info", "warning", "error"]
Category = Literal["lifecycle", "progress", "provider"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a roadmap's execution log.

    Args:
        request_id: of the roadmap.
        step: of the pipeline, or of the request's life.
        message: for the owner of the roadmap to read.
        concept_id: '' if it is about the whole roadmap.
        data: further facts, as JSON.
    """

    request_id: UUID
    step: str
    message: str
    level: Level = "info"
    category: Category = "progress"
    concept_id: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid4)
    occurred_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def as_json(self) -> dict[str, Any]:
        """The event for a message or an outbox row."""
        return {
            "id": str(self.id),
            "request_id": str(self.request_id),
            "occurred_at": self.occurred_at.isoformat(),
            "level": self.level,
            "category": self.category,
            "step": self.step,
            "concept_id": self.concept_id,
            "message": self.message,
            "data": self.data,
        }


def lifecycle(request_id: UUID, step: str, message: str, *, level: Level = "info", **data: Any) -> Event:
    """An event of the request's life: one that must not be lost."""
    return Event(
        request_id=request_id, step=step, message=message, level=level, category="lifecycle", data=data
    )
