"""A pass-through: asks the real provider what it is asked, answers what that answers, and keeps each exchange."""

import time
from pathlib import Path

import httpx
import msgspec

from harness.providers.exchange import ClientGoneError, Receive, Scope, Send
from harness.providers.exchange import Exchange as Connection
from harness.providers.secrets import HEADERS, redacted
from harness.providers.tape.exchange import Answered, Asked, Exchange, Part, readable, target

ANSWER_SECONDS = 600.0  # as long as the official SDK waits
BAD_GATEWAY = 502
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# Of one connection, or for one: RFC 9110, section 7.6.1.
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
        self._count = len(list(folder.glob("*.json")))
        # A proxy of the environment's is for the world, and not for this machine.
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
        # As it is, so that what is kept can be read.
        request = self._client.build_request(
            connection.method,
            self._upstream + path,
            content=body,
            headers={**sent, "accept-encoding": "identity"},
        )
        try:
            answered = await self._passed_on(request, connection, send)
        except httpx.HTTPError as error:
            if connection.sent:  # of the answer: what is cut there is cut here, and not kept
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
            connection.sent += 1  # from here on nothing else can be said
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
        """Write it down without secrets."""
        own = tuple(value.removeprefix("Bearer ") for name, value in asked.headers.items() if name in HEADERS)
        text = redacted(msgspec.json.encode(asked.body).decode(), *own)
        exchange = Exchange(
            Asked(
                asked.method, redacted(asked.path, *own), _open(asked.headers, own), msgspec.json.decode(text)
            ),
            Answered(
                answered.status,
                [(name, value) for name, value in answered.headers if name not in HEADERS],
                _without_secrets(answered.parts, own),
            ),
        )
        self._count += 1
        exchange.write(self._folder, self._count)


def _open(headers: dict[str, str], own: tuple[str, ...]) -> dict[str, str]:
    return {name: redacted(value, *own) for name, value in headers.items() if name not in HEADERS}


def _without_secrets(parts: list[Part], own: tuple[str, ...]) -> list[Part]:
    """The pieces of an answer; as one where a secret stands in two of them."""
    found = [Part(part.after, redacted(part.text, *own), part.base64) for part in parts]
    whole = "".join(part.text for part in parts)
    if any(part.base64 for part in parts) or redacted(whole, *own) == "".join(part.text for part in found):
        return found
    return [Part(sum(part.after for part in parts), redacted(whole, *own))]
