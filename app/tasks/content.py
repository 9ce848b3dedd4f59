"""The content queue: generate one roadmap."""

from functools import cache
from uuid import UUID

from celery import shared_task

from app.core.logging import log_context
from app.roadmaps.generation import Generator
from app.roadmaps.messages import GENERATE_TASK
from app.roadmaps.provider import Provider
from app.tasks.runtime import runtime
from app.tasks.tracing import traced


@shared_task(name=GENERATE_TASK)
def generate(roadmap_id: str, http_request_id: str = "") -> None:
    """Bring a roadmap to its end, if that is still to be done.

    Args:
        roadmap_id: its UUID.
        http_request_id: of the request that caused it, for the log.
    """
    with log_context(roadmap_id=roadmap_id, request_id=http_request_id), traced():
        runtime().run(_generator().attempt(UUID(roadmap_id)))


@cache
def _generator() -> Generator:
    """The generator; one for each pool child, like its runtime."""
    belongings = runtime()
    return Generator(
        belongings.settings, belongings.engine, Provider(belongings.settings), belongings.publisher
    )
