"""Every error of the API as a problem document (RFC 9457), and the one place that decides which.

Text that a document repeats from its request is cut, so that a large request gets no large answer.
"""

import json
import logging
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from app.core import database_trouble
from app.schemas.problem import InvalidField, ProblemDetails

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
MOST_FIELDS = 20  # invalid fields that one answer names
MOST_OF_A_FIELD, MOST_OF_A_PATH, MOST_OF_A_DETAIL = 200, 500, 2_000  # bytes of each as JSON
CUT = "..."


class Kind(Enum):
    """The problem types: last part of the type URI, status, title."""

    INVALID_REQUEST = ("invalid-request", 422, "The request is not valid")
    NOT_AUTHENTICATED = ("not-authenticated", 401, "A valid access token is needed")
    WRONG_CREDENTIALS = ("wrong-credentials", 401, "E-mail or password is wrong")
    NOT_FOUND = ("not-found", 404, "This does not exist")
    METHOD_NOT_ALLOWED = ("method-not-allowed", 405, "This address does not allow that method")
    ALREADY_REGISTERED = ("already-registered", 409, "E-mail or user name is taken")
    KEY_REUSED = ("idempotency-key-reused", 422, "The Idempotency-Key belongs to another request")
    TOO_LARGE = ("too-large", 413, "The request's body is too large")
    TOO_SLOW = ("too-slow", 408, "The request's body came too slowly")
    FORBIDDEN = ("forbidden", 403, "Your account may not do this")
    WRONG_STATE = ("wrong-state", 409, "The roadmap's status does not allow this")
    QUOTA_EXCEEDED = ("quota-exceeded", 429, "You have too many unfinished roadmaps")
    TOO_MANY_STREAMS = ("too-many-streams", 429, "You have too many open streams")
    TOO_MANY_REGISTRATIONS = ("too-many-registrations", 429, "Too many attempts to make an account")
    TOO_MANY_LOGINS = ("too-many-logins", 429, "Too many attempts to log in")
    BUDGET_SPENT = ("budget-spent", 429, "The budget for today is spent")
    RETRIES_USED_UP = ("retries-used-up", 409, "The roadmap cannot be tried again any more")
    REGISTRATION_CLOSED = ("registration-closed", 403, "Registration is not open")
    UNAVAILABLE = ("unavailable", 503, "The service cannot do this right now")
    NOT_READY = ("not-ready", 503, "The service is not ready")
    INTERNAL = ("internal", 500, "Something went wrong on our side")

    def __init__(self, slug: str, status: int, title: str) -> None:
        self.uri = f"/problems/{slug}"
        self.status = status
        self.title = title


@dataclass
class Problem(Exception):  # noqa: N818 - it is the RFC's word
    """Raised by a route to answer with a problem document.

    Args:
        kind: the problem's type.
        detail: what is wrong this time, for the client's developer.
        errors: the fields at fault.
        headers: further response headers.
    """

    kind: Kind
    detail: str
    errors: list[InvalidField] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


def respond(request: Request, problem: Problem) -> JSONResponse:
    """The problem as a response."""
    document = ProblemDetails(
        type=problem.kind.uri,
        title=problem.kind.title,
        status=problem.kind.status,
        detail=_cut(problem.detail, MOST_OF_A_DETAIL),
        instance=_cut(request.url.path, MOST_OF_A_PATH),
        request_id=request.state.request_id,
        errors=problem.errors[:MOST_FIELDS],
    )
    return JSONResponse(document.model_dump(), problem.kind.status, problem.headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Turn every exception a route can raise into a problem document."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> JSONResponse:
        return respond(request, error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        fields = [
            InvalidField(pointer=_pointer(e["loc"]), detail=_cut(e["msg"], MOST_OF_A_FIELD))
            for e in found[:MOST_FIELDS]
        ]
        more = f"; and {len(found) - MOST_FIELDS} more" if len(found) > MOST_FIELDS else ""
        detail = "; ".join(f"{f.pointer}: {f.detail}" for f in fields)
        return respond(
            request,
            Problem(Kind.INVALID_REQUEST, _cut(detail, MOST_OF_A_DETAIL - len(more)) + more, fields),
        )

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        kind = {404: Kind.NOT_FOUND, 405: Kind.METHOD_NOT_ALLOWED, 401: Kind.NOT_AUTHENTICATED}.get(
            error.status_code
        )
        headers = dict(error.headers or {})
        if kind is Kind.METHOD_NOT_ALLOWED and (methods := _methods(request)):
            headers["Allow"] = ", ".join(sorted(methods))
        path = _cut(request.url.path, MOST_OF_A_PATH)
        detail = f"{request.method} {path}: {HTTPStatus(error.status_code).phrase}"
        # A body that FastAPI cannot parse, such as one of brackets alone.
        errors = [] if kind else [InvalidField(pointer="/body", detail="cannot be read as JSON")]
        return respond(request, Problem(kind or Kind.INVALID_REQUEST, detail, errors, headers))

    @app.exception_handler(DBAPIError)
    @app.exception_handler(PoolTimeoutError)
    @app.exception_handler(OSError)  # of the connection, and TimeoutError
    async def _database(request: Request, error: Exception) -> JSONResponse:
        if not database_trouble.passes(error):
            raise error  # our own error, which the middleware logs
        database_trouble.tell(log, "the database did not serve the request", error)
        problem = Problem(
            Kind.UNAVAILABLE, "The database does not answer; try again.", headers={"Retry-After": "5"}
        )
        return respond(request, problem)


def _methods(request: Request) -> set[str]:
    """All methods that the OpenAPI document gives this address (RFC 9110, section 15.5.6); Starlette names only those of its first route."""
    return {
        method.upper()
        for path, operations in request.app.openapi()["paths"].items()
        if compile_path(path)[0].match(request.url.path)
        for method in operations
    }


def documented(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that can answer with these problems, each with an example."""
    responses: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        example = ProblemDetails(
            type=kind.uri,
            title=kind.title,
            status=kind.status,
            detail=f"{kind.title}.",
            instance="/api/v1/roadmaps",
            request_id="5f0c1d2e3b4a",
        )
        entry = responses.setdefault(
            kind.status,
            {"model": ProblemDetails, "description": kind.title, "content": {MEDIA_TYPE: {"examples": {}}}},
        )
        if kind.title not in entry["description"]:
            entry["description"] += f"; {kind.title[0].lower()}{kind.title[1:]}"
        entry["content"][MEDIA_TYPE]["examples"][kind.uri.rpartition("/")[2]] = {
            "value": example.model_dump()
        }
    return responses


def bad_cursor(pointer: str) -> Problem:
    """The problem of a cursor or an event id that this service has not given out."""
    field_ = InvalidField(pointer=pointer, detail="is none that this service has given out")
    return Problem(Kind.INVALID_REQUEST, f"{pointer}: {field_.detail}", [field_])


def _pointer(location: tuple[int | str, ...]) -> str:
    pointer = "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in location)
    return _cut(pointer, MOST_OF_A_FIELD)


def _cut(text: str, most: int) -> str:
    """The text, cut to so many bytes of JSON, in which one character may take six."""
    kept = text[:most]
    while len(json.dumps(kept, ensure_ascii=False).encode(errors="replace")) > most:
        kept = kept[: len(kept) * 3 // 4]
    return text if kept == text else kept + CUT
