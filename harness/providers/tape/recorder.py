"""A recording proxy: it passes each request to the real provider and the answer back, and keeps the exchange."""

import time
from pathlib import Path

import httpx

from harness.providers.exchange import ClientGoneError, Receive, Scope, Send
from harness.providers.exchange import Exchange as Connection
from harness.providers.tape.exchange import Answered, Asked, Exchange, Part, number_of, readable, target
from harness.providers.tape.redaction import (
    asked_without_secrets,
    headers_without_secrets,
    own_secrets,
    parts_without_secrets,
)

ANSWER_SECONDS = 600.0  # as long as the official SDK waits
BAD_GATEWAY = 502
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# Headers of a single connection: RFC 9110, section 7.6.1.
OWN = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade", "host", "content-length", "accept-encoding"),
    }
)


class Recorder:
    """The application.

    Args:
        upstream: address of the real provider, without a path that requests have themselves.
        folder: for the files; numbers go on from those that are there.
    """

    def __init__(self, upstream: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._upstream = upstream.rstrip("/")
        self._folder = folder
        self._count = max(map(number_of, folder.glob("*.json")), default=0)
        # A proxy in the environment is for other machines, not for this one.
        local = httpx.URL(upstream).host in LOOPBACK
        self._client = httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=not local)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        connection = Connection(scope, receive, send)
        try:
            body = await connection.body()
        except ClientGoneError:
            return
        path = target(scope)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        sent = {name: value for name, value in headers.items() if name not in OWN}
        # Ask for an uncompressed answer, so that the record is readable.
        identity = {**sent, "accept-encoding": "identity"}
        request = httpx.Request(connection.method, self._upstream + path, content=body, headers=identity)
        try:
            answered = await self._passed_on(request, connection, send)
        except httpx.HTTPError as error:
            if connection.sent:  # the answer broke off: break off here, too, and do not keep it
                await connection.break_off(reset=True)
                return
            said = f"The provider behind this one cannot be reached: {type(error).__name__}: {error}"
            await connection.answer(
                BAD_GATEWAY, b'{"error": {"message": "%b"}}' % said.replace('"', "'").encode()
            )
            return
        self._keep(Asked(connection.method, path, sent, readable(body)), answered)

    async def _passed_on(self, request: httpx.Request, connection: Connection, send: Send) -> Answered:
        """Answer as the provider does, piece by piece as it comes."""
        since = time.monotonic()
        answer = await self._client.send(request, stream=True)
        try:
            headers = [(name, value) for name, value in answer.headers.multi_items() if name not in OWN]
            sized = answer.headers.get("content-length")
            raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
            raw += [(b"content-length", sized.encode())] if sized is not None else []
            await send({"type": "http.response.start", "status": answer.status_code, "headers": raw})
            connection.sent += 1  # after this no error can be sent
            parts = []
            async for piece in answer.aiter_raw():
                now = time.monotonic()
                parts.append(Part.of(now - since, piece))
                since = now
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await answer.aclose()
        return Answered(answer.status_code, headers, parts)

    def _keep(self, asked: Asked, answered: Answered) -> None:
        """Write the exchange without secrets."""
        own = own_secrets(asked.headers)
        kept = Answered(
            answered.status,
            headers_without_secrets(answered.headers, own),
            parts_without_secrets(answered.parts, own),
        )
        self._count += 1
        Exchange(asked_without_secrets(asked, own), kept).write(self._folder, self._count)
