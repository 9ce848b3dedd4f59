"""How much of a provider's answer is read, whatever its status.

The SDK reads the whole body of an error, and of a redirect, before it raises or follows. So the bound stands below it, where the
HTTP client hands a response on: also for what the client reads by itself. The status is known by then, so nothing that is wrong
with the body of an error may hide it: neither its length, its coding, its chunks nor its charset.
"""

import contextlib
from collections.abc import AsyncIterator

import httpx2
from anyio import EndOfStream

MOST_OF_AN_ERROR = 64 << 10  # bytes; what an error says of itself fits many times


class _Beginning(httpx2.AsyncByteStream):
    """So many bytes of a body, and then its end. Closing it closes the connection, which is in the midst of the rest."""

    def __init__(self, whole: httpx2.AsyncByteStream, most: int) -> None:
        self._whole = whole
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        with contextlib.suppress(httpx2.RequestError, EndOfStream, OSError):  # it ends where it breaks
            async for part in self._whole:
                yield part[:left]
                left -= len(part)
                if left <= 0:
                    return

    async def aclose(self) -> None:
        await self._whole.aclose()


async def bounded(response: httpx2.Response) -> None:
    """A hook of the client for each response: of one that is no success only the beginning is handed on, as it came.

    It is not unpacked: a few bytes become gigabytes. A success is unpacked piece by piece, and counted by who reads it.
    """
    if response.is_success or not isinstance(response.stream, httpx2.AsyncByteStream):
        return
    response.stream = _Beginning(response.stream, MOST_OF_AN_ERROR)
    for name in ("content-encoding", "content-length"):  # neither is true of the beginning
        response.headers.pop(name, None)
    # whose charset is only said: without one it is UTF-8, as far as it goes
    if "content-type" in response.headers:
        response.headers["content-type"] = response.headers["content-type"].partition(";")[0]
