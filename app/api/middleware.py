"""Gives every request an id, a place in a trace, the security headers for browsers, and one line in the log."""

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from anyio import BrokenResourceError
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import Kind, Problem, respond
from app.core.logging import log_context
from app.core.spans import Attribute, Side, Span, span
from app.core.trace_context import TRACEPARENT, TRACESTATE, TraceContext, entered, new_trace, parse

log = logging.getLogger("app.access")
HEADER = b"x-request-id"
_ACCEPTABLE = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_INTERNAL = Problem(Kind.INTERNAL, "The error has been logged under the request id.")
_NOSNIFF = (b"x-content-type-options", b"nosniff")  # a browser trusts the answer's Content-Type
_HSTS = (b"strict-transport-security", b"max-age=31536000")  # seconds, a year: what browsers ask for
_NO_STORE = (b"cache-control", b"no-store")
_OF_A_USER = "/api/"  # every answer below it is for one user, so no cache may keep it
_QUIET = {"/health", "/health/ready"}  # asked every few seconds by machines
_OURS = 500  # an answer with this status or a higher one is our error


class RequestLog:
    """Pure ASGI: BaseHTTPMiddleware would put a task and a queue between every request and its route.

    Args:
        app: the application inside it.
        encrypted: whether browsers are told to use only TLS from now on.
    """

    def __init__(self, app: ASGIApp, *, encrypted: bool = False) -> None:
        self.app = app
        self._always = [_NOSNIFF, _HSTS] if encrypted else [_NOSNIFF]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), (HEADER, request_id.encode()), *self._always]
                if scope["path"].startswith(_OF_A_USER) and not any(
                    name == _NO_STORE[0] for name, _ in headers
                ):
                    headers.append(_NO_STORE)
                message["headers"] = headers
            await send(message)

        with log_context(request_id=request_id), _traced(scope) as traced:
            try:
                await self.app(scope, receive, noting)
            finally:
                if traced is not None:
                    _name(traced, scope, status)
                    _note(scope, status, (time.perf_counter() - began) * 1000)


class LastResort:
    """Pure ASGI: answers exceptions that no handler expects. Starlette's own error page would do so outside of every middleware.

    It runs inside the CORS middleware, so that a page may read the error.

    Args:
        app: the application inside it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            if _client_left(error):
                log.info("the client left before the end of its stream")
                return
            log.exception("unhandled")
            if not begun:
                await respond(Request(scope), _INTERNAL)(scope, receive, send)


@contextmanager
def _traced(scope: Scope) -> Iterator[Span | None]:
    """Continues the caller's trace, or begins one; health checks, which come every few seconds, get no span."""
    parent = _caller(scope)
    if scope["path"] in _QUIET:
        with entered(parent or new_trace()):
            yield None
        return
    about: dict[str, Attribute] = {"http.request.method": scope["method"], "url.path": scope["path"]}
    with span(scope["method"], Side.SERVER, about, parent=parent) as made:
        yield made


def _caller(scope: Scope) -> TraceContext | None:
    """The caller's span that this request comes from."""
    given: dict[str, list[str]] = {TRACEPARENT: [], TRACESTATE: []}
    for name, value in scope["headers"]:
        if (known := given.get(name.decode("latin-1"))) is not None:
            known.append(value.decode("latin-1"))
    return parse(given[TRACEPARENT], given[TRACESTATE])


def _name(traced: Span, scope: Scope, status: int) -> None:
    """Name the span by its route, of which there are few; the route is not known earlier."""
    if (route := getattr(scope.get("route"), "path", "")) != "":
        traced.name = f"{scope['method']} {route}"
        traced.attributes["http.route"] = route
    if status:
        traced.attributes["http.response.status_code"] = status
    if status >= _OURS:
        traced.error = traced.error or str(status)


def _client_left(error: Exception) -> bool:
    """FastAPI's server-sent events raise this when a client goes while an event is being sent."""
    return isinstance(error, ExceptionGroup) and error.split(BrokenResourceError)[1] is None


def _request_id(scope: Scope) -> str:
    """The caller's id if it is safe to log, else a new one."""
    given = next((value for name, value in scope["headers"] if name == HEADER), b"")
    return given.decode() if _ACCEPTABLE.fullmatch(given) else uuid4().hex


def _note(scope: Scope, status: int, milliseconds: float) -> None:
    with log_context(**scope["state"].get("log_fields", {})):
        log.info("%s %r %d %.1f ms", scope["method"], scope["path"], status, milliseconds)
