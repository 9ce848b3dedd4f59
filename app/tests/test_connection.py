"""A connection of the API, over a socket: what an address may be, and what it costs."""

import asyncio
import http.client
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from app.api.connection import ADDRESS_BYTES, Connection
from app.api.repeats import each_parameter_once


async def tells_its_query(scope, receive, send):
    headers = [(b"content-length", b"%d" % len(scope["query_string"]))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": scope["query_string"]})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    Connection.seconds = 10
    config = uvicorn.Config(
        tells_its_query, port=0, http=Connection, ws="none", lifespan="off", log_level="error"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


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
    """A route would split, decode and check each of its parameters, and say of each what is wrong."""
    assert asked(port, address) == (414, "")


def test_an_address_as_long_as_others_take_is_taken(port):
    query = "x" * 8000
    assert asked(port, f"/?{query}") == (200, query)
