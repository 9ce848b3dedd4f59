"""A provider that sends any given bytes over a real connection, even those that a well-made server never sends."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

CORRELATION = re.compile(rb"[0-9a-f-]{36}/[a-z]+/(-|c[0-9]+)/[0-9]+")
HEADER = re.compile(rb"(?i)^x-client-request-id: *(.*?)\r?$", re.MULTILINE)
LENGTH = re.compile(rb"(?i)^content-length: *([0-9]+)\r?$", re.MULTILINE)


@dataclass(slots=True)
class Wire:
    """A server of one test.

    Args:
        answer: (step, number of the call for that step, from 1) -> all bytes that are sent before the connection is closed.
        calls: (step, correlation) of each.
    """

    answer: Callable[[str, int], bytes] = lambda _step, _call: b""
    calls: list[tuple[str, bytes]] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if length := LENGTH.search(head):
                await reader.readexactly(int(length[1]))
            found = HEADER.search(head)
            correlation = found[1] if found else b""
            step = correlation.split(b"/")[1].decode() if correlation.count(b"/") == 3 else ""
            self.calls.append((step, correlation))
            writer.write(self.answer(step, sum(called == step for called, _ in self.calls)))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has closed the connection first
        finally:
            writer.close()


def response(
    body: bytes,
    status: str = "200 OK",
    content_type: str = "application/json",
    length: int | None = None,
    more: bytes = b"",
) -> bytes:
    """An HTTP response with given faults.

    Args:
        body: the bytes to send.
        status: of the first line.
        content_type: of the header.
        length: of the header; the body's own by default.
        more: header lines, each with its line end.
    """
    said = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {said}\r\nConnection: close\r\n"
    return head.encode() + more + b"\r\n" + body


def completion(content: str) -> dict[str, object]:
    """A sound chat completion."""
    message = {"role": "assistant", "content": content, "refusal": None, "annotations": []}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_767_225_600,
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 11, "total_tokens": 18},
    }


def sound(answer: object) -> bytes:
    """A 200 with this answer in ASCII, in which JSON can escape half a surrogate pair."""
    return response(json.dumps(completion(json.dumps(answer))).encode())
