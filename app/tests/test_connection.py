"""A connection of the API, over a socket: the limits of an address, and its cost."""

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from app.api.connection import ADDRESS_BYTES, Connection
from app.api.repeats import each_parameter_once

LARGE = 16 << 20  # bytes; more than a kernel buffers for a client that does not read
SECONDS = 1  # that a client may take, in tests that wait for their end


async def tells_its_query(scope, receive, send):
    if scope["path"] == "/large":
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % LARGE)]}
        )
        await send({"type": "http.response.body", "body": bytes(LARGE)})
        return
    headers = [(b"content-length", b"%d" % len(scope["query_string"]))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": scope["query_string"]})


@pytest.fixture(scope="module")
def server() -> Iterator[uvicorn.Server]:
    Connection.seconds = 10
    config = uvicorn.Config(
        tells_its_query, port=0, http=Connection, ws="none", lifespan="off", log_level="error"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server
    server.should_exit = True
    thread.join()


@pytest.fixture
def port(server) -> int:
    return server.servers[0].sockets[0].getsockname()[1]


@contextmanager
def asking_for_much(port: int) -> Iterator[socket.socket]:
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        client.settimeout(60)
        client.connect(("127.0.0.1", port))
        client.sendall(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        yield client


def asked(port: int, address: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", address)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a=1", "a=1"),
        ("", ""),
        ("&", ""),
        ("a=1&a=1", "a=1"),
        ("a=1&b=2&a=1", "a=1&b=2"),
        ("a=1&b=2&a=1&b=2", "a=1&b=2"),
        ("a=1&a=12", "a=1&a=12"),
        ("a=1&xa=1", "a=1&xa=1"),
        ("a=1&a=1&a=12&a=1", "a=1&a=12"),
        ("check=redis&" * 3000 + "check=redis", "check=redis"),
        ("a=1&b=2&" * 1500 + "c=3", "a=1&b=2&c=3"),
    ],
)
def test_what_an_address_repeats_is_there_once(given, kept):
    assert each_parameter_once(b"/x?" + given.encode()) == b"/x?" + kept.encode()


def test_an_address_that_repeats_itself_is_answered_like_one_that_does_not(port):
    assert asked(port, "/?check=redis" + "&check=redis" * 3000) == (200, "check=redis")


@pytest.mark.parametrize(
    "address",
    [
        "/" + "x" * ADDRESS_BYTES,
        "/?" + "x" * ADDRESS_BYTES,
        "/?" + "&".join(f"check={number}" for number in range(3000)),
    ],
)
def test_an_address_that_is_too_long_is_refused_before_it_is_read(port, address):
    """Otherwise a route would split, decode and check each parameter, and name the fault of each."""
    assert asked(port, address) == (414, "")


def test_an_address_as_long_as_others_take_is_taken(port):
    query = "x" * 8000
    assert asked(port, f"/?{query}") == (200, query)


def test_who_asks_for_much_and_reads_nothing_is_left(server, port, monkeypatch):
    """Otherwise a few thousand strangers that ask for the document and do not read keep a connection and an answer each."""
    monkeypatch.setattr(Connection, "seconds", SECONDS)
    with asking_for_much(port):
        deadline = time.monotonic() + 60 * SECONDS
        while not server.server_state.connections:
            assert time.monotonic() < deadline
        while server.server_state.connections:
            assert time.monotonic() < deadline, "it is kept"
            time.sleep(0.05)


def test_who_reads_slowly_gets_all_of_it(port, monkeypatch):
    """It may take four times as long as a client that reads nothing."""
    monkeypatch.setattr(Connection, "seconds", SECONDS)
    began, received = time.monotonic(), 0
    with asking_for_much(port) as client:
        while received < LARGE:
            received += len(client.recv(65_536))
            time.sleep(max(0, began + 4 * SECONDS * received / LARGE - time.monotonic()))
    assert time.monotonic() - began >= 4 * SECONDS * 0.9
