"""Roadmaps: ask for one, follow it, read it. Somebody else's roadmap does not exist."""

from datetime import timedelta
from typing import Annotated, TypeVar
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Request, Response

from app.api.dependencies import CurrentUser, Held
from app.api.problems import Kind, Problem
from app.roadmaps import messages, views
from app.roadmaps.acceptance import KeyReusedError, accept
from app.schemas.roadmap import LogPage, RoadmapAccepted, RoadmapRequest, RoadmapView, StatusView

PREFIX = "/api/v1/roadmaps"
router = APIRouter(prefix=PREFIX, tags=["roadmaps"])

T = TypeVar("T")
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key with the same body is the same request, however often it is sent.",
    ),
]


@router.post("", status_code=202)
async def create(
    body: RoadmapRequest,
    request: Request,
    response: Response,
    user: CurrentUser,
    held: Held,
    idempotency_key: IdempotencyKey = None,
) -> RoadmapAccepted:
    """Ask for a roadmap. 202 means it is written down and will come to an end, whatever happens."""
    grace = timedelta(seconds=held.settings.dispatch_grace_seconds)
    async with held.engine.begin() as connection:
        try:
            accepted = await accept(
                connection,
                roadmap_id=uuid4(),
                user_id=user.id,
                key=idempotency_key or str(uuid4()),
                body=body.model_dump(),
                grace=grace,
            )
        except KeyReusedError:
            raise Problem(Kind.KEY_REUSED, "The key came before with another body; use a new one.") from None
    request.state.log_fields = {"roadmap_id": str(accepted.id)}
    if accepted.event is not None:
        held.publisher.offer(messages.generate(accepted.id, request.state.request_id))
        held.publisher.offer(messages.store(accepted.id, [accepted.event.as_json()]))
    location = f"{PREFIX}/{accepted.id}"
    response.headers["Location"] = location
    return RoadmapAccepted(id=accepted.id, status=accepted.status, status_url=f"{location}/status")


@router.get("/{roadmap_id}")
async def read(roadmap_id: UUID, user: CurrentUser, held: Held) -> RoadmapView:
    """A roadmap with the status of every concept's parts."""
    async with held.engine.connect() as connection:
        return _found(await views.roadmap(connection, roadmap_id, user.id))


@router.get("/{roadmap_id}/status")
async def status(roadmap_id: UUID, user: CurrentUser, held: Held) -> StatusView:
    """How far it is."""
    async with held.engine.connect() as connection:
        return _found(await views.status(connection, roadmap_id, user.id))


@router.get("/{roadmap_id}/logs")
async def logs(roadmap_id: UUID, user: CurrentUser, held: Held) -> LogPage:
    """What happened to it so far, as the logs worker has stored it."""
    async with held.engine.connect() as connection:
        return _found(await views.logs(connection, roadmap_id, user.id))


def _found(view: T | None) -> T:
    if view is None:
        raise Problem(Kind.NOT_FOUND, "There is no such roadmap.")
    return view
