"""Bad input on every route: refused with a pointer to what is wrong, nothing stored, nothing in the log but the reason."""

import pytest

from scenarios.roadmaps.services import API

pytestmark = pytest.mark.e2e
ROADMAPS = "/api/v1/roadmaps"
GHOST = f"{ROADMAPS}/00000000-0000-4000-8000-000000000000"

BAD = [
    ("POST", ROADMAPS, {}, "/body/topic"),
    ("POST", ROADMAPS, {"topic": ""}, "/body/topic"),
    ("POST", ROADMAPS, {"topic": "   "}, "/body/topic"),
    ("POST", ROADMAPS, {"topic": 7}, "/body/topic"),
    ("POST", ROADMAPS, {"topic": "x" * 201}, "/body/topic"),
    ("POST", ROADMAPS, {"topic": "a\x00b"}, "/body/topic"),
    ("POST", ROADMAPS, {"topic": "Rust", "goal": "x" * 501}, "/body/goal"),
    ("POST", ROADMAPS, {"topic": "Rust", "level": "wizard"}, "/body/level"),
    ("POST", ROADMAPS, {"topic": "Rust", "hours_per_week": 0}, "/body/hours_per_week"),
    ("POST", ROADMAPS, {"topic": "Rust", "hours_per_week": "many"}, "/body/hours_per_week"),
    ("POST", ROADMAPS, {"topic": "Rust", "language": "klingon"}, "/body/language"),
    ("POST", ROADMAPS, {"topic": "Rust", "language": "zh_CN"}, "/body/language"),
    ("POST", ROADMAPS, {"topic": "Rust", "language": "de-419-DE"}, "/body/language"),
    ("POST", ROADMAPS, {"topic": "Rust", "language": ""}, "/body/language"),
    ("POST", ROADMAPS, {"topic": "Rust", "status": "completed"}, "/body/status"),
    ("POST", ROADMAPS, [], "/body"),
    ("GET", f"{ROADMAPS}?limit=0", None, "/query/limit"),
    ("GET", f"{ROADMAPS}?limit=101", None, "/query/limit"),
    ("GET", f"{ROADMAPS}?limit=x", None, "/query/limit"),
    ("GET", f"{ROADMAPS}?cursor=x", None, "/query/cursor"),
    ("GET", f"{ROADMAPS}?cursor={'x' * 501}", None, "/query/cursor"),
    ("GET", f"{ROADMAPS}?status=done", None, "/query/status/0"),
    ("GET", f"{ROADMAPS}?topic=%00", None, "/query/topic"),
    ("GET", f"{ROADMAPS}/not-an-id", None, "/path/roadmap_id"),
    ("GET", f"{ROADMAPS}/not-an-id/status", None, "/path/roadmap_id"),
    ("GET", f"{ROADMAPS}/not-an-id/logs", None, "/path/roadmap_id"),
    ("GET", f"{ROADMAPS}/not-an-id/logs/summary", None, "/path/roadmap_id"),
    ("GET", f"{ROADMAPS}/not-an-id/events", None, "/path/roadmap_id"),
    ("GET", f"{ROADMAPS}/not-an-id/concepts/a", None, "/path/roadmap_id"),
    ("GET", f"{GHOST}/concepts/%00", None, "/path/concept_id"),
    ("POST", f"{ROADMAPS}/not-an-id/retry", None, "/path/roadmap_id"),
    ("POST", f"{ROADMAPS}/not-an-id/cancel", None, "/path/roadmap_id"),
    ("DELETE", f"{ROADMAPS}/not-an-id", None, "/path/roadmap_id"),
    (
        "POST",
        "/api/v1/auth/register",
        {"email": "ada", "username": "ada", "password": "x" * 20},
        "/body/email",
    ),
    ("POST", "/api/v1/auth/login", {"email": "ada@example.com", "password": "x" * 201}, "/body/password"),
]


def test_bad_input_points_at_the_field_and_stores_nothing(system):
    """Bad input of every route is refused with a pointer to the field; nothing is stored."""
    ada = system.api.sign_up()
    for method, path, body, pointer in BAD:
        document = ada.expect(422, method, path, json=body).json()
        assert pointer in [error["pointer"] for error in document["errors"]], (method, path, body, document)
    assert system.database.value("SELECT count(*) FROM roadmap_requests") == 0
    assert system.database.value("SELECT count(*) FROM outbox") == 0


@pytest.mark.remote
@pytest.mark.parametrize(
    ("header", "value"), [("Idempotency-Key", "x" * 201), ("Idempotency-Key", "two words")]
)
def test_a_bad_key_is_refused(system, header, value):
    """An Idempotency-Key that is none is refused."""
    ada = system.api.sign_up()
    document = ada.expect(422, "POST", ROADMAPS, json={"topic": "Rust"}, headers={header: value}).json()
    assert [error["pointer"] for error in document["errors"]] == [f"/header/{header}"]


BAD_BELOW = [
    ("/logs?level=loud", {}, "/query/level"),
    ("/logs?category=x", {}, "/query/category"),
    ("/logs?limit=1001", {}, "/query/limit"),
    ("/logs?cursor=x", {}, "/query/cursor"),
    ("/logs?step=%00", {}, "/query/step"),
    ("/logs?concept=%00", {}, "/query/concept"),
    (
        "/logs?cursor=WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzAxOjAwIiwiMDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0",
        {},
        "/query/cursor",
    ),
    ("/events", {"Last-Event-ID": "x"}, "/header/Last-Event-ID"),
]


def test_bad_input_about_a_roadmap_that_exists(system):
    """Bad filters, cursors and event ids of one's own roadmap are refused with a pointer."""
    ada = system.api.sign_up()
    system.openai.on(step="intent").refuse()
    roadmap = ada.create_roadmap("Rust")
    roadmap.wait_until_ended()
    for below, headers, pointer in BAD_BELOW:
        document = ada.expect(422, "GET", roadmap.path + below, headers=headers).json()
        assert [error["pointer"] for error in document["errors"]] == [pointer]


def test_what_somebody_sends_is_not_in_the_log(system):
    """Neither a password nor a topic that is refused is written into any log."""
    canary = "canary-7c1f0a"
    system.api.request(
        "POST", "/api/v1/auth/register", json={"email": "x", "username": "ada", "password": canary}
    )
    system.api.sign_up().request("POST", ROADMAPS, json={"topic": canary * 40})
    log = system.node(API).log
    for path in ("/api/v1/auth/register", ROADMAPS):
        log.wait_for(f"POST '{path}' 422", timeout=10, since=system.stack.cursor(API))
    assert canary not in log.text()
