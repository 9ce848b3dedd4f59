"""One request and the ways to answer it, correctly or with errors of the protocol."""

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from harness.providers.errors import RefusedError
from harness.providers.wire import Wire

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
MAX_BODY_BYTES = 8 << 20
GONE = "http.disconnect"
BODILESS = frozenset({204, 304})  # RFC 9110, sections 15.3.5 and 15.4.5
JSON = (b"content-type", b"application/json")
EVENTS = (b"content-type", b"text/event-stream; charset=utf-8")
HTML = (b"content-type", b"text/html; charset=utf-8")

_encoder = msgspec.json.Encoder()
encode = _encoder.encode


class ClientGoneError(Exception):
    """The client went away before its whole request had arrived: it counts as no call."""


class Exchange:
    """One request and the ways to answer it.

    Args:
        scope: ASGI's scope; the other two are ASGI's receive and send.
    """

    __slots__ = (
        "_began",
        "_receive",
        "_send",
        "_wire",
        "extra",
        "headers",
        "method",
        "path",
        "query",
        "request_id",
        "sent",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.extra: list[tuple[bytes, bytes]] = []
        self.request_id = b"req_0"
        self.sent = 0
        self._receive = receive
        self._send = send
        self._wire = Wire(send)
        self._began = time.perf_counter()

    async def body(self) -> bytes:
        """The whole of it.

        Raises:
            RefusedError: it is larger than the provider accepts.
            ClientGoneError: the rest of it will never come.
        """
        message = await self._part()
        if not message.get("more_body"):
            whole: bytes = message.get("body", b"")
            _refuse_oversized(len(whole))
            return whole
        received = bytearray(message.get("body", b""))
        while message.get("more_body"):
            _refuse_oversized(len(received))
            message = await self._part()
            received += message.get("body", b"")
        _refuse_oversized(len(received))
        return bytes(received)

    async def _part(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        if message["type"] == GONE:
            raise ClientGoneError
        return message

    async def answer(
        self, status: int, body: bytes, head: tuple[bytes, bytes] = JSON, *more: tuple[bytes, bytes]
    ) -> None:
        """Send a whole body with its length; neither where the status allows no body."""
        if status in BODILESS:
            body, headers = b"", self._headers([*more])
        else:
            headers = self._headers([head, (b"content-length", b"%d" % len(body)), *more])
        self.sent += len(body)
        if not self._wire.send_whole(status, headers, body):
            await self._send({"type": "http.response.start", "status": status, "headers": headers})
            await self._send({"type": "http.response.body", "body": body})

    async def stream(
        self, status: int, body: bytes, head: tuple[bytes, bytes], *more: tuple[bytes, bytes]
    ) -> None:
        """Send a stream without an announced length, whose parts are all available now."""
        headers = self._headers([head, *more])
        self.sent += len(body)
        if not self._wire.send_whole(status, headers, body, True):
            await self._send({"type": "http.response.start", "status": status, "headers": headers})
            await self._send({"type": "http.response.body", "body": body})

    async def refuse(self, error: RefusedError) -> None:
        """The provider's error body."""
        given = [(name.encode(), value.encode("latin-1")) for name, value in error.headers.items()]
        body = self.error_body(error.status, error.message, error.code, error.parameter, error.kind)
        await self.answer(error.status, encode(body), JSON, *given)

    def error_body(
        self,
        status: int,
        message: str,
        code: str | None = None,
        parameter: str | None = None,
        kind: str | None = None,
    ) -> dict[str, Any]:
        """The body of an error, in the form of this kind of provider.

        Args:
            status: of HTTP.
            message: for the developer of the client.
            code: by which programs tell errors apart.
            parameter: at fault.
            kind: of error, where the provider has kinds.
        """
        del status, parameter, kind
        return {"error": {"code": code, "message": message}}

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Status line and headers. Without a content-length the body goes in chunks."""
        start = {"type": "http.response.start", "status": status, "headers": self._headers(headers)}
        await self._send(start)

    async def write(self, body: bytes, *, more: bool = True) -> None:
        """A part of the body, or the last one."""
        self.sent += len(body)
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def break_off(self, *, reset: bool) -> None:
        """Close the connection, by RST or by FIN, without the rest of the answer."""
        self._wire.break_off(reset=reset)
        await self.gone()

    async def gone(self) -> None:
        """Return when the connection is closed."""
        while (await self._receive())["type"] != GONE:
            pass

    @property
    def abandoned(self) -> bool:
        """Whether the client has gone."""
        return self._wire.abandoned

    async def leaves(self, seconds: float | None) -> bool:
        """Wait so many seconds, or for ever; return whether the client went away meanwhile."""
        until = time.monotonic() + (math.inf if seconds is None else seconds)
        # In a loop, because uvloop counts whole milliseconds and may wake us early.
        while (left := until - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if seconds is None else left):
                    await self.gone()
                    return True
        return False

    def _headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers, with those that every answer has."""
        headers.append((b"x-request-id", self.request_id))
        headers += self.extra
        return headers


def _refuse_oversized(size: int) -> None:
    if size > MAX_BODY_BYTES:
        said = f"The request body is too large: {MAX_BODY_BYTES} bytes at most."
        raise RefusedError(said, None, "request_too_large", status=413)
