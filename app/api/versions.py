"""Answers are not sent twice: each has a tag of its bytes (RFC 9110, 8.8.3), and a request with the current tag gets 304."""

import re
from hashlib import blake2b

from starlette.types import ASGIApp, Message, Receive, Scope, Send

OK, NOT_MODIFIED = 200, 304
ETAG, IF_NONE_MATCH = b"etag", b"if-none-match"
TAG_BYTES = 16  # of the digest: enough that no two answers share one
_TAG = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
# useless in an answer without a body
_OF_THE_BYTES = (b"content-length", b"content-type", b"content-disposition")


class Versions:
    """Pure ASGI: adds a tag to every answer below a path that comes in one piece; a stream of events does not.

    Args:
        app: the application inside it.
        below: the beginning of the paths whose answers get a tag.
    """

    def __init__(self, app: ASGIApp, *, below: str) -> None:
        self.app = app
        self._below = below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(self._below):
            await self.app(scope, receive, send)
            return
        start: Message | None = None

        async def tagging(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and message["status"] == OK and _is_whole(message):
                start = message  # held back: its tag depends on the body
                return
            if start is not None:
                held, start = start, None
                if not message.get("more_body"):
                    tag = _tag(message.get("body", b""))
                    if knows(scope["headers"], tag):
                        kept = [(name, value) for name, value in held["headers"] if name not in _OF_THE_BYTES]
                        await send({**held, "status": NOT_MODIFIED, "headers": [*kept, (ETAG, tag)]})
                        await send({"type": "http.response.body"})
                        return
                    held = {**held, "headers": [*held["headers"], (ETAG, tag)]}
                await send(held)
            await send(message)

        await self.app(scope, receive, tagging)


def _is_whole(start: Message) -> bool:
    """Whether an answer's length is known when it begins; the head of a stream must not wait."""
    return any(name.lower() == b"content-length" for name, _ in start["headers"])


def _tag(body: bytes) -> bytes:
    return b'"%s"' % blake2b(body, digest_size=TAG_BYTES).hexdigest().encode()


def knows(headers: list[tuple[bytes, bytes]], tag: bytes) -> bool:
    """Whether a request says that its sender has this version, by the weak comparison that RFC 9110, 13.1.2 asks for.

    Args:
        headers: of the request; several of the same name make one list.
        tag: of the version.
    """
    said = b",".join(value for name, value in headers if name == IF_NONE_MATCH)
    return said.strip() == b"*" or tag in _TAG.findall(said)
