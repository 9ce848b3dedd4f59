"""A roadmap's stream as a browser reads it: it ends, it is told to stop, it needs no header, and one user has only so many."""

import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest

from app.api.event_stream import PING_SECONDS
from scenarios.probes import http_get
from scenarios.roadmaps.services import API, LOGS

pytestmark = pytest.mark.e2e
MOST = 3
ANOTHER = "wrong donkey accumulator"
HANGS_SECONDS = 8  # the roadmap stays unfinished longer than its stream may last
PAGE, STRANGER = "https://app.example.com", "https://evil.example.com"


def read(system, url, **headers):
    """Read a stream that ends by itself: kind, data and id of each event."""
    answer = http_get(f"{system.api_url}{url}", headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    blocks = [block.split("\n") for block in answer.text.split("\n\n") if block.startswith("event: ")]
    return [dict(line.split(": ", 1) for line in block) for block in blocks]


def test_a_stream_ends_with_an_event_and_a_browser_is_told_to_stop(system):
    """The last event is `end` with the status; who comes back after it, as every EventSource does, gets 204 and stops."""
    ada = system.api.sign_up()
    roadmap = ada.create_roadmap("Rust")
    roadmap.wait_until_ended()
    system.stack.wait_until_idle()
    *events, end = read(system, f"{roadmap.path}/events", **ada.headers)
    assert len(events) == 28
    assert (end["event"], end["data"], end["id"]) == ("end", '{"status": "completed"}', events[-1]["id"])
    for headers in ({"Last-Event-ID": end["id"]}, {}):
        query = "" if headers else f"?after={end['id']}"
        again = ada.request("GET", f"{roadmap.path}/events{query}", headers=headers)
        assert (again.status_code, again.content) == (204, b"")


def test_a_stream_of_what_has_no_event_yet_is_open_at_once(system):
    """Nothing is stored yet, and no ping is due for long: the head of the answer is there, so that a browser knows that it follows."""
    system.node(LOGS).pause()
    ada = system.api.sign_up()
    roadmap = ada.create_roadmap("Rust")
    began = time.monotonic()
    with httpx.stream(
        "GET", f"{system.api_url}{roadmap.path}/events", headers=ada.headers, trust_env=False, timeout=60
    ) as answer:
        assert answer.status_code == 200
        assert answer.headers["x-accel-buffering"] == "no"  # so that no proxy buffers it
        assert time.monotonic() - began < PING_SECONDS
    system.node(LOGS).resume()
    roadmap.wait_until_ended()


def test_a_ticket_opens_one_stream_once_and_stands_in_no_log(system):
    """EventSource sends no header: a ticket in the address opens the stream once; no other, not again, and it is logged nowhere."""
    ada, bob = system.api.sign_up("ada"), system.api.sign_up("bob")
    roadmap, other = ada.create_roadmap("Rust"), ada.create_roadmap("Zig")
    bob.expect(404, "POST", f"{roadmap.path}/events/ticket")
    system.api.expect(401, "POST", f"{roadmap.path}/events/ticket")
    ticket = ada.expect(201, "POST", f"{roadmap.path}/events/ticket").json()
    assert ticket["url"] == f"{roadmap.path}/events?ticket={ticket['ticket']}"
    system.api.expect(401, "GET", f"{other.path}/events?ticket={ticket['ticket']}")
    reset = {"reset_token": ticket["ticket"], "new_password": ANOTHER}
    system.api.expect(401, "POST", "/api/v1/auth/password/reset", json=reset)
    *_, end = read(system, ticket["url"])
    assert end["event"] == "end"
    system.api.expect(401, "GET", ticket["url"])
    late = ada.expect(201, "POST", f"{roadmap.path}/events/ticket").json()
    system.database.execute("UPDATE one_time_tokens SET expires_at = clock_timestamp()")
    system.api.expect(401, "GET", late["url"])
    assert ticket["ticket"] not in system.node(API).log.text(system.stack.cursor(API))
    assert ticket["ticket"] not in str(system.database.rows("SELECT * FROM one_time_tokens"))


@pytest.mark.stack(env={"MAX_EVENT_STREAMS": str(MOST), "UVICORN_WORKERS": "1"})
def test_one_user_has_so_many_streams_and_gets_a_clear_answer(system):
    """Streams beyond the bound are refused with 429, another user's are not, and one that was closed makes room."""
    system.openai.on(step="intent").hang(3)
    ada, bob = system.api.sign_up("ada"), system.api.sign_up("bob")
    roadmap, bobs = ada.create_roadmap("Rust"), bob.create_roadmap("Zig")
    with ExitStack() as opened:
        for _ in range(MOST):
            assert next(opened.enter_context(roadmap.events())).data["step"] == "accepted"
        refused = ada.expect(429, "GET", f"{roadmap.path}/events")
        assert refused.headers["ratelimit-policy"] == f'"streams";q={MOST}'
        assert refused.headers["ratelimit"] == '"streams";r=0'
        assert refused.json()["type"] == "/problems/too-many-streams"
        assert refused.headers["retry-after"]
        ticket = ada.expect(201, "POST", f"{roadmap.path}/events/ticket").json()
        for _ in range(2):  # a refusal does not use it up
            system.api.expect(429, "GET", ticket["url"])
        with bobs.events() as events:
            assert next(events).data["step"] == "accepted"
    with roadmap.events() as events:
        assert [event.data["step"] for event in events][-1] == "completed"


def revoked(_system, account):
    account.expect(204, "POST", "/api/v1/auth/revoke")


def logged_out(_system, account):
    account.expect(204, "POST", "/api/v1/auth/logout")


def changed(_system, account):
    body = {"current_password": account.password, "new_password": ANOTHER}
    account.expect(200, "POST", "/api/v1/auth/password", json=body)


def blocked(system, account):
    given = system.stack.environments[API]
    admin = system.api.log_in(given["ADMIN_EMAIL"], given["ADMIN_PASSWORD"])
    user = account.expect(200, "GET", "/api/v1/auth/me").json()["id"]
    admin.expect(204, "POST", f"/api/v1/admin/users/{user}/block")


@contextmanager
def opened(system, roadmap, *, ticket=None, headers=None):
    """A stream that has begun; yields its further lines."""
    url = f"{system.api_url}{ticket or f'{roadmap.path}/events'}"
    with httpx.stream("GET", url, headers=headers, trust_env=False, timeout=30) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        assert next(lines)
        yield lines


@pytest.mark.parametrize("end", [revoked, logged_out, changed, blocked])
def test_a_stream_ends_with_its_session(system, end):
    """Whatever ends a session ends its streams, by header and by ticket, within a second; those of others go on."""
    system.openai.on(step="intent").hang(HANGS_SECONDS)
    ada, bob = system.api.sign_up("ada"), system.api.sign_up("bob")
    roadmap, bobs = ada.create_roadmap("Rust"), bob.create_roadmap("Zig")
    used, unused = (ada.expect(201, "POST", f"{roadmap.path}/events/ticket").json()["url"] for _ in range(2))
    with (
        opened(system, roadmap, headers=ada.headers) as by_header,
        opened(system, roadmap, ticket=used) as by_ticket,
        opened(system, bobs, headers=bob.headers) as another,
    ):
        end(system, ada)
        for lines in (by_header, by_ticket):
            # The roadmap goes on, and its owner can log in again and follow it.
            assert "event: end" not in list(lines)
        assert "event: end" in list(another)
    system.api.expect(401, "GET", unused)


def test_a_stream_ends_when_its_token_expires(system):
    """A token of a few seconds opens a stream for as long, by header and by the ticket that was got with it."""
    system.openai.on(step="intent").hang(HANGS_SECONDS)
    ada = system.api.sign_up("ada")
    roadmap = ada.create_roadmap("Rust")
    token = ada.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    claims["exp"] = datetime.now(UTC) + timedelta(seconds=4)
    short = jwt.encode(claims, system.stack.environments[API]["JWT_SECRET_KEY"], "HS256")
    headers = {"Authorization": f"Bearer {short}"}
    used, unused = (
        system.api.request("POST", f"{roadmap.path}/events/ticket", headers=headers).json()["url"]
        for _ in range(2)
    )
    with (
        opened(system, roadmap, headers=headers) as by_header,
        opened(system, roadmap, ticket=used) as by_ticket,
    ):
        for lines in (by_header, by_ticket):
            assert "event: end" not in list(lines)
    system.api.expect(401, "GET", unused)
    ada.expect(200, "GET", "/api/v1/auth/me")


@pytest.mark.stack(env={"CORS_ORIGINS": f"{PAGE}, http://localhost:3000"})
def test_pages_of_named_origins_may_read_the_api_and_no_others(system):
    """A browser lets a page read what its origin is named for: answers, problems and streams; of any other it is told nothing."""
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
    }
    for origin, allowed in (
        (PAGE, PAGE),
        ("http://localhost:3000", "http://localhost:3000"),
        (STRANGER, None),
    ):
        preflight = system.api.request("OPTIONS", "/api/v1/roadmaps", headers={"Origin": origin, **asked})
        assert preflight.headers.get("access-control-allow-origin") == allowed
        answer = system.api.request("GET", "/api/v1/auth/me", headers={"Origin": origin})
        assert answer.status_code == 401
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert "access-control-allow-credentials" not in answer.headers


def test_without_named_origins_no_page_may_read_the_api(system):
    """Nothing is said to any origin where CORS_ORIGINS is not set."""
    answer = system.api.request("GET", "/health", headers={"Origin": PAGE})
    assert not [name for name in answer.headers if name.startswith("access-control")]
