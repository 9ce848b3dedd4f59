"""Line breaks, ANSI sequences and forged log lines in whatever somebody may choose: they end as text, in a line of ours."""

import json
import re
import socket
from contextlib import closing
from urllib.parse import quote, urlsplit

import pytest

from harness import eventually
from scenarios.roadmaps.services import CONTENT
from scenarios.security.test_messages import call, message

pytestmark = [pytest.mark.e2e, pytest.mark.once]
FORGED = "forged-7c1f0a"
REFUSED = "thrown away what is not a message|unregistered task|badly formed hexadecimal"
LINE = json.dumps({"level": "error", "message": FORGED, "role": "api", "forged": True})
EVIL = {
    "a line of its own": f"x\n{LINE}\n",
    "a line after a return": f"x\r\n{LINE}\r\n",
    "the end of the object": f'x", "forged": true, "level": "error", "message": "{FORGED}"}}\n{LINE}\n{{"x": "',
    "ANSI": f"\x1b[2J\x1b[1;31m{FORGED}\x1b[0m\x1b]0;title\x07",
    "ANSI in eight bits": f"\x9b2J\x9b31m{FORGED}",
    "other ends of lines": f"x\u2028{LINE}\u2029{LINE}\x85{LINE}\x0b{LINE}\x0c",
    "writing backwards": f"\u202e{FORGED}\u2066",
    "a format": "%s%s%n %(message)s {message} ${jndi:ldap://127.0.0.1/x} " + FORGED,
}
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def judge(system):
    """Check that every line of every role is one object that the role has written, without characters that a terminal obeys."""
    judged = 0
    for name, node in system.stack.nodes.items():
        for line in node.log.text(system.stack.cursor(name)).split("\n"):
            if name in system.stack.environments and line:
                found = json.loads(line)
                assert "forged" not in found, line
                assert found["message"] != FORGED
                assert not CONTROLS.search(line), ascii(line)
                judged += 1
    assert judged


@pytest.mark.in_turn
@pytest.mark.parametrize("kind", EVIL)
def test_nothing_that_a_client_chooses_forges_a_line(system, kind):
    """In a topic, a goal, a path, a query, an agent's name, a request id, an address: no line is forged, no terminal obeys."""
    evil = EVIL[kind]
    roadmap = system.api.sign_up().create_roadmap(f"Rust {evil}"[:200], goal=evil[:500])
    system.api.request("GET", f"/{quote(evil)}?q={quote(evil)}")
    system.api.request("POST", "/api/v1/auth/login", json={"email": evil, "password": evil})
    for header in (
        "User-Agent",
        "X-Request-Id",
        "Idempotency-Key",
        "Last-Event-ID",
        "X-Forwarded-For",
        "Authorization",
    ):
        sent_raw(
            system,
            f"GET /health/{FORGED} HTTP/1.1\r\nHost: x\r\n{header}: ".encode() + evil.encode() + b"\r\n\r\n",
        )
    sent_raw(system, f"GET /{evil} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    roadmap.wait_until_ended()
    system.stack.wait_until_idle()
    judge(system)


def sent_raw(system, data):
    """Send raw bytes, which a client library would refuse."""
    address = urlsplit(system.api_url)
    with closing(socket.create_connection((address.hostname, address.port), timeout=10)) as connection:
        connection.sendall(data)
        assert connection.recv(65536).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize("kind", EVIL)
def test_nothing_in_a_message_forges_a_line(system, kind):
    """Somebody who can write to Redis names a task, an id, an argument like that: no line of the worker's is forged."""
    system.expect_errors(REFUSED, CONTENT, most=4)
    evil, log = EVIL[kind], system.node(CONTENT).log
    since = log.cursor()
    system.stack.redis.lpush(
        "content",
        message(call(), evil),
        message(call(roadmap_id=evil)),
        message(evil.encode()),
        evil.encode(),
    )
    eventually(
        lambda: sum(line.is_error for line in log.lines(since)) >= 4,
        timeout=20,
        what="four refusals",
        evidence=lambda: log.text(since),
    )
    judge(system)


def test_a_header_that_breaks_its_line_makes_no_second_header(system):
    """What is echoed in a response stays where it is: no header is added to it, no response is split."""
    for request_id in (
        "a\r\nX-Injected: yes",
        "a\nX-Injected: yes",
        "a%0d%0aX-Injected: yes",
        "é" * 10,
        "x" * 65,
    ):
        address = urlsplit(system.api_url)
        with closing(socket.create_connection((address.hostname, address.port), timeout=10)) as connection:
            connection.sendall(
                f"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: {request_id}\r\n\r\n".encode()
            )
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, _ = received.partition(b"\r\n\r\n")
        assert b"x-injected" not in head.lower(), head
        assert received.count(b"HTTP/1.1 ") == 1
