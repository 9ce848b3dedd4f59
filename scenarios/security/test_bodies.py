"""Requests that are too large, too deep or too slow: refused or cut off, and the API is none the worse."""

import socket
import time
from contextlib import closing
from urllib.parse import urlsplit

import psutil
import pytest

from harness import eventually
from scenarios.roadmaps.services import API

SECONDS = 2
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.once,
    pytest.mark.stack(env={"MAX_REQUEST_SECONDS": str(SECONDS)}, shared=True),
]
ROADMAPS = "/api/v1/roadmaps"
TEN_MEGABYTES = 10 * 1024 * 1024
PATIENCE = 15.0


def connect(system):
    """A raw connection, which can send what no client library would."""
    address = urlsplit(system.api_url)
    return closing(socket.create_connection((address.hostname, address.port), timeout=PATIENCE))


def head(system, *lines, method="POST", path=ROADMAPS):
    host = urlsplit(system.api_url).netloc
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *lines, ""]).encode("latin-1")


def ended(connection) -> bytes:
    """All bytes up to the other side's end of the connection."""
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def status(answer: bytes) -> int:
    return int(answer.split()[1])


def works(system):
    """Check that nothing of the request is stored, and that a valid request gets a roadmap."""
    assert system.database.value("SELECT count(*) FROM roadmap_requests") == 0
    system.api.forget_connections()
    assert system.api.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"


def bitten(system, what, trace, times=1):
    """Note the attack and its result."""
    system.faults.note(what, API, times=times, trace=trace)


CHUNKED = ("Content-Type: application/json", "Transfer-Encoding: chunked")


@pytest.mark.in_turn
@pytest.mark.row(23)
@pytest.mark.parametrize("sent", ["as declared", "in chunks", "more than declared", "as a lie"])
def test_a_body_of_ten_megabytes_is_refused(system, sent):
    """10 MB in one piece or in chunks: 413, as soon as it is known and not when all has come."""
    authorization = f"Authorization: {system.api.sign_up().headers['Authorization']}"
    with connect(system) as connection:
        if sent == "in chunks":
            connection.sendall(head(system, authorization, *CHUNKED) + b"\r\n")
            # one byte more than allowed
            connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n1\r\nx\r\n")
        else:
            length = {"as declared": TEN_MEGABYTES, "more than declared": 2, "as a lie": 10**30}[sent]
            connection.sendall(head(system, authorization, f"Content-Length: {length}") + b"\r\n")
            connection.sendall(b"{}" + b"x" * 1000)
        answer = ended(connection)
    assert status(answer) == {"as a lie": 400, "more than declared": 400}.get(sent, 413), answer
    bitten(system, f"10 MB {sent}", f"answered {status(answer)}")
    works(system)


DEEP = {
    "lists": b"[" * 60_000,
    "objects": b'{"a":' * 12_000,
    "closed": b'{"topic":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "a long number": b'{"topic": "x", "hours_per_week": ' + b"9" * 60_000 + b"}",
    "a NUL": rb'{"topic": "a\u0000b"}',
    "half a surrogate": rb'{"topic": "a\ud800b"}',
    "no UTF-8": b'{"topic": "\xff\xfe"}',
    "twice": b'{"topic": "Rust", "topic": ["Go"]}',
}


@pytest.mark.in_turn
@pytest.mark.row(23)
@pytest.mark.parametrize("kind", DEEP)
def test_json_that_is_deep_or_strange_is_refused(system, kind):
    """Deep nesting, long numbers, NUL and half characters: 422 with a problem document, at once, and nothing is stored."""
    ada = system.api.sign_up()
    with connect(system) as connection:
        lines = (f"Authorization: {ada.headers['Authorization']}", f"Content-Length: {len(DEEP[kind])}")
        connection.sendall(
            head(system, *lines, "Content-Type: application/json", "Connection: close") + b"\r\n" + DEEP[kind]
        )
        answer = ended(connection)
    assert status(answer) == 422, answer
    assert b"application/problem+json" in answer
    bitten(system, f"strange JSON: {kind}", "answered 422")
    works(system)


SLOW = {
    "says nothing": lambda _system: b"",
    "half a line": lambda _system: b"POST /api/v1/road",
    "half a head": lambda system: head(system, "Content-Length: 2")[:-5],
    "half a body": lambda system: head(system, "Content-Length: 1000") + b"\r\n{",
    "half a chunk": lambda system: head(system, *CHUNKED) + b"\r\n5\r\n{",
}


@pytest.mark.in_turn
@pytest.mark.row(23)
@pytest.mark.parametrize("kind", SLOW)
def test_who_is_too_slow_is_cut_off(system, kind):
    """A head or a body that does not come: the connection is closed in time, however often a little more of it comes."""
    began = time.monotonic()
    with connect(system) as connection:
        connection.sendall(SLOW[kind](system))
        connection.setblocking(False)

        def closed() -> bool:
            try:
                if kind.startswith("half") and kind != "half a chunk":
                    connection.send(b" " if "body" in kind else b"x")  # slow, but not silent
                return connection.recv(65536) == b""
            except BlockingIOError:
                return False
            except (ConnectionResetError, BrokenPipeError):
                return True

        eventually(closed, timeout=PATIENCE, what="the end of the connection", poll=0.2)
    assert SECONDS - 0.5 < time.monotonic() - began < SECONDS + 5
    bitten(system, f"a slow client: {kind}", f"cut off after {time.monotonic() - began:.1f} s")
    works(system)


@pytest.mark.row(23)
def test_a_head_without_end_is_cut_off(system):
    """Headers that never end are cut off long before they fill the memory."""
    sent = 0
    with connect(system) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nX-Long: ")
        try:
            while sent < TEN_MEGABYTES:
                sent += connection.send(b"x" * 65536)
        except (ConnectionResetError, BrokenPipeError):
            pass
        assert not ended(connection).startswith(b"HTTP/1.1 200")
    assert sent < TEN_MEGABYTES
    bitten(system, "a head without end", f"cut off after {sent} bytes")
    works(system)


@pytest.mark.row(23)
@pytest.mark.needs("pids")
def test_large_bodies_leave_no_memory_behind(system):
    """Two hundred bodies of 10 MB: refused, and the API has not grown by the size of four of them."""

    def grown() -> int:
        parent = psutil.Process(system.node(API).pid)
        return sum(process.memory_info().rss for process in (parent, *parent.children(recursive=True)))

    system.api.expect(200, "GET", "/health")
    before = grown()
    for _ in range(200):
        with connect(system) as connection:
            connection.sendall(
                head(system, "Content-Type: application/json", "Transfer-Encoding: chunked") + b"\r\n"
            )
            try:
                for _ in range(160):
                    connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            except (ConnectionResetError, BrokenPipeError):
                pass
    assert grown() - before < 4 * TEN_MEGABYTES
    bitten(system, "10 MB in chunks", f"grown by {max(0, grown() - before)} bytes", times=200)
    works(system)
