"""The two kinds of messages: names and arguments that publisher and worker agree on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.core.batch_sender import Message

GENERATE_TASK = "content.generate"
CONTENT_QUEUE = "content"
STORE_TASK = "logs.store"
LOGS_QUEUE = "logs"


def generate(roadmap_id: UUID, http_request_id: str = "") -> Message:
    """A message that asks a worker to generate a roadmap, if that is still to be done."""
    arguments = {"roadmap_id": str(roadmap_id), "http_request_id": http_request_id}
    return Message(GENERATE_TASK, CONTENT_QUEUE, arguments)


def store(events: Sequence[dict[str, Any]]) -> Message:
    """A message with events, of any roadmaps, for the execution log."""
    return Message(STORE_TASK, LOGS_QUEUE, {"events": list(events)}, batch="events")
