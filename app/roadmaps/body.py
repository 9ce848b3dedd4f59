"""Limits how much of a provider's answer is read, whatever its status.

The SDK reads the whole body of an error or a redirect before it raises or follows. So the limit is set below the SDK, where the HTTP
client hands a response on. The status is known there, so no fault of an error's body may hide it: neither its length, nor its
coding, its chunks or its charset.
"""

import contextlib
from collections.abc import AsyncIterator

import httpx2
from anyio import EndOfStream

MOST_OF_AN_ERROR = 64 << 10  # bytes; many times an error's usual size


class _Beginning(httpx2.AsyncByteStream):
    """The first bytes of a body, and then its end. Closing it closes the connection, because the rest is unread."""

    def __init__(self, whole: httpx2.AsyncByteStream, most: int) -> None:
        self._whole = whole
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        with contextlib.suppress(httpx2.RequestError, EndOfStream, OSError):  # a broken body ends there
            async for part in self._whole:
                yield part[:left]
                left -= len(part)
                if left <= 0:
                    return

    async def aclose(self) -> None:
        await self._whole.aclose()


async def bounded(response: httpx2.Response) -> None:
    """A hook of the client for each response: without a success only the beginning is handed on, unchanged.

    The beginning is not decompressed: a few bytes can become gigabytes. A success is decompressed piece by piece, and its reader counts it.
    """
    if response.is_success or not isinstance(response.stream, httpx2.AsyncByteStream):
        return
    response.stream = _Beginning(response.stream, MOST_OF_AN_ERROR)
    for name in ("content-encoding", "content-length"):  # neither fits the beginning
        response.headers.pop(name, None)
    # The named charset may be wrong; without one the text is read as UTF-8, with unreadable bytes replaced.
    if "content-type" in response.headers:
        response.headers["content-type"] = response.headers["content-type"].partition(";")[0]
