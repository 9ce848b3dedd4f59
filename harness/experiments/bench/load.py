"""Load over bare sockets: a client library would use more of the two cores than the measured server."""

import asyncio
import gc
import json
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, cast

import uvloop

T = TypeVar("T")
HEAD_END = b"\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request.

    Args:
        seconds: from its sending to the last byte of the answer.
        status_line: in lower case.
        body: of the answer; empty where it came in chunks.
    """

    seconds: float
    status_line: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Load:
    """The results of a load.

    Args:
        seconds: from the first request to the last answer.
        bodies: of the answers with the status 202, as JSON.
        refused: first lines of all other answers.
    """

    seconds: float
    bodies: list[Any]
    refused: list[str]

    @property
    def rate(self) -> float:
        """Accepted requests a second."""
        return len(self.bodies) / self.seconds


def post(
    address: str, path: str, body: Mapping[str, Any], clients: Sequence[Mapping[str, str]], count: int
) -> Load:
    """Post the same body again and again, each client as soon as it has its answer.

    Args:
        address: `host:port`.
        path: of the route.
        body: as JSON.
        clients: the headers of each.
        count: requests of all clients together.
    """
    payload = json.dumps(body).encode()
    requests = [request(address, path, payload, headers) for headers in clients]
    seconds, answers = closed(address, requests, count)
    accepted = [json.loads(answer.body) for answer in answers if " 202 " in answer.status_line]
    refused = [
        f"{answer.status_line} {answer.body.decode(errors='replace')}"
        for answer in answers
        if " 202 " not in answer.status_line
    ]
    return Load(seconds, accepted, refused)


def request(address: str, path: str, payload: bytes, headers: Mapping[str, str]) -> bytes:
    """A POST of JSON, as it goes over the wire."""
    every = {
        "Host": address,
        "Content-Type": "application/json",
        "Content-Length": str(len(payload)),
        **headers,
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
    return "\r\n".join([*lines, "", ""]).encode() + payload


def closed(address: str, requests: Sequence[bytes], count: int) -> tuple[float, list[Answer]]:
    """Closed load: a connection for each request, which sends it again as soon as it has its answer.

    Args:
        address: `host:port`.
        requests: one a connection.
        count: of all together.

    Returns:
        Seconds from the first request to the last answer, and the answers.

    Raises:
        ConnectionError: a connection broke.
    """
    left = iter(range(count))

    def again() -> bool:
        return next(left, None) is not None

    async def run() -> tuple[float, list[Answer]]:
        clients = await _connected(address, requests, again)
        began = time.perf_counter()
        for client in clients:
            client.send()
        await asyncio.gather(*(client.over for client in clients))
        return time.perf_counter() - began, [answer for client in clients for answer in client.answers]

    return _run(run)


def wave(address: str, one: bytes, connections: int, spread: float) -> list[Answer]:
    """One request on each of many connections, evenly spread over a time.

    Args:
        address: `host:port`.
        one: the request.
        connections: how many; all are open before the first request is sent.
        spread: seconds from the first request to the last.

    Raises:
        ConnectionError: a connection broke.
    """

    async def run() -> tuple[float, list[Answer]]:
        clients = await _connected(address, [one] * connections, bool)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, client in enumerate(clients):
            client.again = iter((True, False)).__next__
            loop.call_at(began + spread * number / connections, client.send)
        await asyncio.gather(*(client.over for client in clients))
        return spread, [answer for client in clients for answer in client.answers]

    return _run(run)[1]


class _Client(asyncio.Protocol):
    """One connection, with one request at a time on its way.

    Args:
        one: the request.
        again: says before each request whether to send it.
    """

    def __init__(self, one: bytes, again: Callable[[], bool]) -> None:
        self._request = one
        self.again = again
        self.answers: list[Answer] = []
        self.over = asyncio.get_running_loop().create_future()
        self._received = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Uvloop's transport is one, but its type does not say so.
        self._transport = cast("asyncio.Transport", transport)

    def send(self) -> None:
        """The next request, if there is to be one."""
        if self.again():
            self._sent = time.perf_counter()
            self._transport.write(self._request)
        else:
            self.over.set_result(None)
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(HEAD_END)
        if head_end < 0:
            return
        head = self._received[:head_end].lower()
        _, sized, rest = head.partition(b"content-length: ")
        if sized:
            complete = len(self._received) >= head_end + len(HEAD_END) + int(rest.partition(b"\r\n")[0])
        else:
            complete = self._received.endswith(LAST_CHUNK)
        if complete:
            body = self._received[head_end + len(HEAD_END) :] if sized else b""
            status_line = head.partition(b"\r\n")[0].decode("latin-1")
            self.answers.append(Answer(time.perf_counter() - self._sent, status_line, body))
            self._received = b""
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_exception(exc or ConnectionError("the server closed a connection"))


async def _connected(address: str, requests: Sequence[bytes], again: Callable[[], bool]) -> list[_Client]:
    host, _, port = address.rpartition(":")
    loop = asyncio.get_running_loop()
    found = []
    for one in requests:
        _, client = await loop.create_connection(partial(_Client, one, again), host, int(port))
        found.append(client)
    return found


def _run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    gc.disable()  # pauses of our own must not count as latency
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work())
    finally:
        gc.enable()
