"""Roadmaps: ask for one, follow it, read it, try it again, cancel it, delete it. Somebody else's roadmap does not exist."""

from datetime import timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import WithJsonSchema

from app.api.dependencies import Belongings, Claims, CurrentUser, Held, not_authenticated
from app.api.problems import Kind, Problem, bad_cursor, documented
from app.core.deadline import within
from app.roadmaps import control, listing, markdown, messages, states, views, whole
from app.roadmaps.acceptance import (
    Accepted,
    KeyReusedError,
    QuotaExceededError,
    UnauthenticatedError,
    accept,
    body_of,
    lock_user,
)
from app.roadmaps.budget import Budget, BudgetSpentError, seconds_left
from app.roadmaps.cursor import BadCursorError
from app.roadmaps.events import Event
from app.roadmaps.states import Status
from app.schemas.roadmap import (
    ConceptContent,
    Line,
    RoadmapAccepted,
    RoadmapPage,
    RoadmapRequest,
    RoadmapView,
    StatusView,
)
from app.schemas.whole import WholeRoadmap

PREFIX = "/api/v1/roadmaps"


class MarkdownResponse(PlainTextResponse):
    """A Markdown document (RFC 7763)."""

    media_type = "text/markdown"


router = APIRouter(
    prefix=PREFIX,
    tags=["roadmaps"],
    responses=documented(Kind.NOT_AUTHENTICATED, Kind.INVALID_REQUEST, Kind.UNAVAILABLE, Kind.INTERNAL),
)
ANSWER_SECONDS = 5  # a client gets an answer within six, whatever the database does
MISSING = documented(Kind.NOT_FOUND)
UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "`If-None-Match` names what there is: the `ETag` of an earlier answer."}
}
READ = UNCHANGED | MISSING
T = TypeVar("T")

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key with the same body is the same request, however often it is sent.",
        examples=["5b0f7a52-2c4e-4a77-9b55-0d4f6f6e0b11"],
    ),
]

# Several headers of that name make one list; the document calls it text, and every text is accepted.
AcceptLanguage = Annotated[
    list[str] | None,
    WithJsonSchema({"type": "string"}),
    Header(
        description="Languages that the reader prefers: they decide where neither the body nor the script of the topic does."
    ),
]


@router.post(
    "",
    summary="Ask for a roadmap",
    status_code=202,
    responses=documented(
        Kind.KEY_REUSED, Kind.QUOTA_EXCEEDED, Kind.BUDGET_SPENT, Kind.TOO_LARGE, Kind.TOO_SLOW
    ),
)
async def create(
    body: RoadmapRequest,
    request: Request,
    response: Response,
    claims: Claims,
    held: Held,
    idempotency_key: IdempotencyKey = None,
    accept_language: AcceptLanguage = None,
) -> RoadmapAccepted:
    """Ask for a roadmap. 202 means that the request is stored and will come to an end, whatever happens."""

    async def write() -> Accepted:
        async with held.autocommit.connect() as connection:
            return await accept(
                connection,
                claims=claims,
                key=idempotency_key or str(uuid4()),
                body=body_of(body, ",".join(accept_language or ())),
                grace=_grace(held),
                quota=held.settings.max_roadmaps_in_the_making,
                language_named=body.language is not None,
                budget=Budget.of(held.settings),
            )

    try:
        accepted = await within(ANSWER_SECONDS, write())
    except UnauthenticatedError:
        raise not_authenticated("The token is not valid, or has expired.") from None
    except KeyReusedError:
        raise Problem(Kind.KEY_REUSED, "The key came before with another body; use a new one.") from None
    except QuotaExceededError:
        raise _quota_exceeded(held) from None
    except BudgetSpentError as error:
        raise _budget_spent(error) from None
    response.headers.update(_in_the_making(held, accepted.remaining))
    if accepted.event is not None:
        _publish(held, request, accepted.event)
    return _accepted(request, response, accepted.id, accepted.status)


@router.get("", summary="List your roadmaps", responses=UNCHANGED)
async def read_all(
    user: CurrentUser,
    held: Held,
    cursor: Annotated[
        str | None, Query(max_length=500, description="`next_cursor` of the page before")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    status: Annotated[list[Status] | None, Query(description="Only roadmaps of these statuses")] = None,
    topic: Annotated[Line | None, Query(max_length=200, description="Text that the topic contains")] = None,
) -> RoadmapPage:
    """Your roadmaps, the newest first."""
    async with held.snapshots.connect() as connection:
        try:
            return await listing.page(
                connection, user.id, cursor=cursor, limit=limit, statuses=status or (), topic=topic
            )
        except BadCursorError:
            raise bad_cursor("/query/cursor") from None


@router.get("/{roadmap_id}", summary="Read a roadmap", responses=READ)
async def read(roadmap_id: UUID, user: CurrentUser, held: Held) -> RoadmapView:
    """A roadmap with the status of every concept's parts."""
    async with held.snapshots.connect() as connection:
        return _found(await views.roadmap(connection, roadmap_id, user.id))


@router.get("/{roadmap_id}/status", summary="Read a roadmap's progress", responses=READ)
async def read_status(roadmap_id: UUID, user: CurrentUser, held: Held) -> StatusView:
    """Its status, how many of its parts are written, and what it has cost so far."""
    async with held.snapshots.connect() as connection:
        return _found(await views.status(connection, roadmap_id, user.id))


@router.get("/{roadmap_id}/content", summary="Read a roadmap with its content", responses=READ)
async def read_content(roadmap_id: UUID, user: CurrentUser, held: Held) -> WholeRoadmap:
    """A roadmap with the tutorial, the resources and the quiz of every concept, as far as they are written."""
    async with held.snapshots.connect() as connection:
        return _found(await whole.whole(connection, roadmap_id, user.id))


@router.get(
    "/{roadmap_id}/export",
    summary="Export a roadmap as Markdown",
    response_class=MarkdownResponse,
    responses={200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}, **READ},
)
async def export(roadmap_id: UUID, user: CurrentUser, held: Held) -> MarkdownResponse:
    """A roadmap with its content as a document to keep or to print, in Markdown (CommonMark) and in the roadmap's language."""
    async with held.snapshots.connect() as connection:
        found = _found(await whole.whole(connection, roadmap_id, user.id))
    name = {"Content-Disposition": f'attachment; filename="roadmap-{roadmap_id}.md"'}
    return MarkdownResponse(markdown.markdown(found), headers=name)


@router.get("/{roadmap_id}/concepts/{concept_id:path}", summary="Read a concept's content", responses=READ)
async def read_concept(roadmap_id: UUID, concept_id: Line, user: CurrentUser, held: Held) -> ConceptContent:
    """A concept with its tutorial, resources and quiz, as far as they are written."""
    async with held.snapshots.connect() as connection:
        return _found(await views.concept(connection, roadmap_id, user.id, concept_id))


@router.post(
    "/{roadmap_id}/retry",
    summary="Try a roadmap again",
    status_code=202,
    responses=documented(
        Kind.NOT_FOUND, Kind.WRONG_STATE, Kind.RETRIES_USED_UP, Kind.QUOTA_EXCEEDED, Kind.BUDGET_SPENT
    ),
)
async def retry(
    roadmap_id: UUID, request: Request, response: Response, claims: Claims, held: Held
) -> RoadmapAccepted:
    """Try a roadmap again that has failed, in whole or in part, or was cancelled: only what is missing is paid for."""
    async with held.engine.begin() as connection:
        if not await lock_user(connection, claims.user_id, claims.version, claims.session_id):
            raise not_authenticated("The token is not valid, or has expired.")
        try:
            quota, most = held.settings.max_roadmaps_in_the_making, held.settings.max_retries
            event = _found(
                await control.retry(connection, roadmap_id, claims.user_id, _grace(held), quota, most)
            )
            await Budget.of(held.settings).check(connection, claims.user_id)
        except control.WrongStateError as error:
            raise Problem(Kind.WRONG_STATE, f"It is {error.status}; there is nothing to try again.") from None
        except control.RetriesUsedUpError:
            detail = f"It was tried again {held.settings.max_retries} times; ask for a new one."
            raise Problem(Kind.RETRIES_USED_UP, detail) from None
        except QuotaExceededError:
            raise _quota_exceeded(held) from None
        except BudgetSpentError as error:
            raise _budget_spent(error) from None
    _publish(held, request, event)
    return _accepted(request, response, roadmap_id, states.QUEUED)


@router.post(
    "/{roadmap_id}/cancel",
    summary="Cancel an unfinished roadmap",
    responses=documented(Kind.NOT_FOUND, Kind.WRONG_STATE),
)
async def cancel(roadmap_id: UUID, request: Request, user: CurrentUser, held: Held) -> StatusView:
    """End an unfinished roadmap. What the provider is writing right now is not kept."""
    async with held.engine.begin() as connection:
        try:
            event = _found(await control.cancel(connection, roadmap_id, user.id, _grace(held)))
        except control.WrongStateError as error:
            raise Problem(Kind.WRONG_STATE, f"It is {error.status} already.") from None
        view = _found(await views.status(connection, roadmap_id, user.id))
    request.state.log_fields = {"roadmap_id": str(roadmap_id)}
    held.publisher.offer(messages.store([event.as_json()]))
    return view


@router.delete(
    "/{roadmap_id}", summary="Delete a roadmap with its content", status_code=204, responses=MISSING
)
async def delete(roadmap_id: UUID, request: Request, user: CurrentUser, held: Held) -> None:
    """Delete a roadmap, its content and its log, whatever its status."""
    async with held.engine.begin() as connection:
        if not await control.remove(connection, roadmap_id, user.id):
            _found(None)
    request.state.log_fields = {"roadmap_id": str(roadmap_id)}


def _publish(held: Belongings, request: Request, event: Event) -> None:
    """Wake a content worker and a logs worker, best effort: if this fails, the sweeper wakes them."""
    held.publisher.offer(messages.generate(event.request_id, request.state.request_id))
    held.publisher.offer(messages.store([event.as_json()]))


def _accepted(request: Request, response: Response, roadmap_id: UUID, status: Status) -> RoadmapAccepted:
    request.state.log_fields = {"roadmap_id": str(roadmap_id)}
    location = f"{PREFIX}/{roadmap_id}"
    response.headers["Location"] = location
    return RoadmapAccepted(id=roadmap_id, status=status, status_url=f"{location}/status")


def _grace(held: Belongings) -> timedelta:
    return timedelta(seconds=held.settings.dispatch_grace_seconds)


def _quota_exceeded(held: Belongings) -> Problem:
    most = held.settings.max_roadmaps_in_the_making
    detail = f"At most {most} roadmaps may be unfinished; wait for one to end, or cancel it."
    return Problem(Kind.QUOTA_EXCEEDED, detail, headers={"Retry-After": "30", **_in_the_making(held, 0)})


def _in_the_making(held: Belongings, remaining: int) -> dict[str, str]:
    """The headers of draft-ietf-httpapi-ratelimit-headers; this is a quota and no rate, so they name no window."""
    most = held.settings.max_roadmaps_in_the_making
    return {
        "RateLimit-Policy": f'"in-the-making";q={most}',
        "RateLimit": f'"in-the-making";r={max(0, remaining)}',
    }


def _budget_spent(error: BudgetSpentError) -> Problem:
    seconds = str(seconds_left())
    limit = {"RateLimit": f'"budget";r=0;t={seconds}'}  # the budget's amount is not for everybody
    return Problem(Kind.BUDGET_SPENT, str(error), headers={"Retry-After": seconds, **limit})


def _found(view: T | None) -> T:
    if view is None:
        raise Problem(Kind.NOT_FOUND, "There is no such roadmap, or no such part of it.")
    return view
