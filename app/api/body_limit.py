"""Limits the size of a request's body and the time it may take. Both are measured while it arrives, whatever Content-Length says."""

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import Kind, Problem, respond


class BodyLimit:
    """Reads the whole body first, so that the application never works on a body that is too large.

    Args:
        app: gets the whole body in one message.
        most: bytes of a body.
        seconds: for the whole body.
    """

    def __init__(self, app: ASGIApp, most: int, seconds: float) -> None:
        self.app = app
        self._most = most
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "DELETE", "OPTIONS"}:
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._read(scope, receive)
        except TimeoutError:
            body = Problem(Kind.TOO_SLOW, f"The body did not come within {self._seconds:g} s.")
        if body is None:
            return
        if isinstance(body, Problem):
            body.headers["Connection"] = "close"  # the rest of it is not read
            await respond(Request(scope), body)(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | Problem | None:
        """The whole body, what is wrong with it, or None where the client has gone."""
        too_large = Problem(Kind.TOO_LARGE, f"A body may have {self._most} bytes at most.")
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self._most:
            return too_large
        received = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            received += message.get("body", b"")
            if len(received) > self._most:
                return too_large
            if not message.get("more_body", False):
                return bytes(received)


def _replay(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay
