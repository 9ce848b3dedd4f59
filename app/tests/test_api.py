import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest

from app.api.dependencies import User, current_user
from app.api.problems import MEDIA_TYPE, Kind
from app.core.logins import Candidate
from app.main import create_app

ROADMAP = {"topic": "Rust"}
GHOST = "00000000-0000-4000-8000-000000000000"


def assert_problem(response, kind: Kind) -> dict:
    assert response.status_code == kind.status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    document = response.json()
    assert (document["type"], document["status"]) == (kind.uri, kind.status)
    assert document["request_id"] == response.headers["x-request-id"]
    return document


async def test_health_needs_no_server(api):
    response = await api.get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "commit": None})


async def test_readiness_names_what_is_away(api):
    document = assert_problem(await api.get("/health/ready"), Kind.NOT_READY)
    assert [e["pointer"] for e in document["errors"]] == ["/database", "/redis", "/queues"]


async def test_readiness_can_be_asked_for_a_part(api):
    document = assert_problem(await api.get("/health/ready?check=redis"), Kind.NOT_READY)
    assert [e["pointer"] for e in document["errors"]] == ["/redis"]
    assert_problem(await api.get("/health/ready?check=moon"), Kind.INVALID_REQUEST)


async def test_readiness_checks_once_whatever_the_address_repeats(api, monkeypatch):
    """Otherwise eight clients with thousands of checks each would occupy every connection to the database."""
    runs = 0

    async def counted(_held):
        nonlocal runs
        runs += 1
        return {}

    monkeypatch.setattr("app.api.health._redis", counted)
    path = "/health/ready?" + "&".join(["check=redis"] * 3000)
    answers = await asyncio.gather(*(api.get(path) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert runs == 1


@pytest.mark.parametrize("names", [["moon"], ["moon", "redis"] * 1500, [f"moon{n}" for n in range(3000)]])
async def test_readiness_names_what_it_can_be_asked_for(api, names):
    answer = await api.get("/health/ready", params=[("check", name) for name in names])
    document = assert_problem(answer, Kind.INVALID_REQUEST)
    assert len(document["errors"]) == 1
    assert document["errors"][0]["pointer"].startswith("/query/check")
    assert "provider" in document["errors"][0]["detail"]


@pytest.mark.parametrize("path", ["/api/v1/auth/me", f"/api/v1/roadmaps/{GHOST}", "/api/v1/roadmaps/x/logs"])
@pytest.mark.parametrize("token", [None, "Bearer nonsense", "Basic dTpw"])
async def test_without_a_token_nothing_is_shown(api, path, token):
    headers = {"Authorization": token} if token else {}
    response = await api.get(path, headers=headers)
    assert_problem(response, Kind.NOT_AUTHENTICATED)
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_database_that_is_away_is_503(api, signed_in):
    response = await api.post("/api/v1/roadmaps", json=ROADMAP, headers=signed_in)
    assert_problem(response, Kind.UNAVAILABLE)
    assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/body/email"),
        ({"email": "x", "username": "ada", "password": "correct horse"}, "/body/email"),
        ({"email": "a@example.com", "username": "ada", "password": "short"}, "/body/password"),
        ({"email": "a@example.com", "username": "a\x00a", "password": "correct horse"}, "/body/username"),
        (
            {"email": "a@example.com", "username": "ada", "password": "correct horse", "is_admin": True},
            "/body/is_admin",
        ),
    ],
)
async def test_a_bad_registration_points_to_the_field(api, body, pointer):
    document = assert_problem(await api.post("/api/v1/auth/register", json=body), Kind.INVALID_REQUEST)
    assert pointer in [e["pointer"] for e in document["errors"]]


async def test_a_problem_never_repeats_what_was_sent(api):
    body = {"email": "a@example.com", "username": "ada", "password": "hunter2"}
    response = await api.post("/api/v1/auth/register", json=body)
    assert "hunter2" not in response.text


async def test_unknown_addresses_and_methods_are_problems_too(api):
    assert_problem(await api.get("/nowhere"), Kind.NOT_FOUND)
    assert_problem(await api.delete("/health"), Kind.METHOD_NOT_ALLOWED)


async def test_a_fault_of_ours_is_a_problem_with_its_id_and_no_details(app, api, caplog):
    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("the secret reason")

    response = await api.get("/broken")
    assert_problem(response, Kind.INTERNAL)
    assert "secret" not in response.text
    assert "the secret reason" in caplog.text


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-1.2_3", True), ("a b", False), ("x" * 65, False), ('"\\n', False)]
)
async def test_a_request_id_is_kept_where_it_is_harmless(api, given, kept):
    response = await api.get("/health", headers={"X-Request-Id": given})
    assert (response.headers["x-request-id"] == given) is kept


async def test_every_request_is_one_log_line(api, caplog):
    caplog.set_level("INFO", "app.access")
    await api.get("/nowhere%0A{}")
    (record,) = [r for r in caplog.records if r.name == "app.access"]
    assert "\n" not in record.getMessage()
    assert " 404 " in record.getMessage()


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/api/v1/roadmaps", "GET, POST"), ("/api/v1/auth/me", "DELETE, GET"), ("/health", "GET")],
)
async def test_a_method_that_is_not_taken_is_told_which_are(api, path, allowed):
    answer = await api.request("PROPFIND", path)
    assert_problem(answer, Kind.METHOD_NOT_ALLOWED)
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["/api/v1/roadmaps/", "/health/", "/api/v1/auth/login/"])
async def test_a_slash_too_many_is_no_address_and_leads_nowhere_else(api, method, path):
    """A redirect would contain the scheme and the host of the edge's own request."""
    response = await api.request(method, path)
    assert_problem(response, Kind.NOT_FOUND)
    assert "location" not in response.headers


async def test_the_bare_address_leads_to_the_docs_by_a_relative_way(api):
    response = await api.get("/")
    assert (response.status_code, response.headers["location"]) == (307, "docs")
    assert (await api.get("/docs")).status_code == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/health", "application/json"),
        ("/nowhere", "application/problem+json"),
        ("/api/v1/auth/me", "application/problem+json"),
        ("/health/ready?check=moon", "application/problem+json"),
        ("/docs", "text/html; charset=utf-8"),
        ("/openapi.json", "application/json"),
    ],
)
async def test_an_answer_says_what_it_is_and_how_long(api, path, kind):
    """JSON is always UTF-8 (RFC 8259, section 8.1); a proxy could read two lengths as two requests."""
    answer = await api.get(path)
    assert answer.headers.get_list("content-type") == [kind]
    assert answer.headers.get_list("content-length") == [str(len(answer.content))]


async def test_what_is_of_a_user_is_kept_by_no_cache_and_taken_for_what_it_is(api):
    refused, health = await api.get("/api/v1/auth/me"), await api.get("/health")
    assert refused.headers["cache-control"] == "no-store"
    assert "cache-control" not in health.headers
    assert {one.headers["x-content-type-options"] for one in (refused, health)} == {"nosniff"}
    assert "strict-transport-security" not in health.headers


PAGE = "https://app.example.com"


@pytest.fixture
async def production(settings):
    """An API in production, which a page reads."""
    app = create_app(settings.model_copy(update={"environment": "production", "cors_origins": (PAGE,)}))

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api") as client,
    ):
        yield client


async def test_in_production_a_browser_is_told_to_come_by_tls_alone(production):
    response = await production.get("/nowhere")
    assert response.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("origin", [PAGE, "https://elsewhere.example"])
async def test_what_a_browser_asks_before_a_page_may_is_an_answer_like_others(production, caplog, origin):
    """It has the headers of every answer, an id, and a line in the log, even for a client that is refused a thousand times."""
    caplog.set_level("INFO", "app.access")
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST", "X-Request-Id": "before"}
    answer = await production.options("/api/v1/roadmaps", headers=headers)
    assert answer.status_code == (200 if origin == PAGE else 400)
    assert answer.headers.get("access-control-allow-origin") == (PAGE if origin == PAGE else None)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["strict-transport-security"]
    assert answer.headers["x-request-id"] == "before"
    assert [record.getMessage().split(" ")[0] for record in caplog.records] == ["OPTIONS"]


async def test_a_page_may_read_why_a_request_failed_whatever_it_was(production):
    """Even if the error is ours."""
    for path, status in (("/nowhere", 404), ("/api/v1/auth/me", 401), ("/broken", 500)):
        answer = await production.get(path, headers={"Origin": PAGE})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.json()["request_id"]


async def test_a_token_that_is_none_makes_nobody_hash_a_password(settings, monkeypatch):
    """A process hashes one password at a time: otherwise a thousand passwords of strangers would keep everybody from logging in."""
    hashed = []

    async def counted(password):
        hashed.append(password)
        return "x"

    monkeypatch.setattr("app.api.passwords.hash_password", counted)
    monkeypatch.setattr("app.api.auth.hash_password", counted)
    app = create_app(settings.model_copy(update={"registration": "invite"}))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            reset = {"reset_token": "x", "new_password": "x" * 12}
            assert_problem(await client.post("/api/v1/auth/password/reset", json=reset), Kind.UNAVAILABLE)
            account = {"email": "a@example.com", "username": "ada", "password": "x" * 12, "invitation": "x"}
            assert_problem(await client.post("/api/v1/auth/register", json=account), Kind.UNAVAILABLE)
    assert hashed == []  # the token is looked up first, and the database is away


@pytest.mark.parametrize(
    "password", ["x" * 64, "x" * 200, "пароль длинный 密码密码", "            ", "aaaaaaaaaaaa"]
)
async def test_a_password_may_be_long_and_of_any_letters(api, password):
    """There is no rule for its characters: only a password that is too short is refused."""
    body = {"email": "a@example.com", "username": "ada", "password": password}
    # The password is accepted, so that the database is asked.
    assert_problem(await api.post("/api/v1/auth/register", json=body), Kind.UNAVAILABLE)


async def test_a_login_waits_for_one_new_accounts_password_however_many_register(api, app, monkeypatch):
    """A process hashes one password at a time: of fifty registrations at once, a login waits for one at most."""
    waiting = most = 0

    async def counted(_password):
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        await asyncio.sleep(0)
        waiting -= 1
        return "x"

    @asynccontextmanager
    async def connection():
        yield Nobody()

    monkeypatch.setattr("app.api.auth.hash_password", counted)
    monkeypatch.setattr(app.state.belongings.engine.__class__, "connect", lambda _self: connection())
    people = [{"email": f"a{n}@example.com", "username": f"ada{n}", "password": "x" * 12} for n in range(50)]
    await asyncio.gather(*(api.post("/api/v1/auth/register", json=one) for one in people))
    assert most == 1


class Nobody:
    """A database without accounts."""

    async def scalar(self, _query):
        return False


@pytest.mark.parametrize("path", ["login", "password"])
async def test_a_login_waits_for_one_password_of_each_other_address(app, signed_in, monkeypatch, path):
    """A process hashes one password at a time: a client that sends the passwords of fifty accounts at once delays no other client fifty times."""
    waiting, most, everywhere = Counter(), Counter(), 0

    async def counted(password, _password_hash):
        nonlocal everywhere
        waiting[password] += 1
        most[password] = max(most[password], waiting[password])
        everywhere = max(everywhere, waiting.total())
        await asyncio.sleep(0.01)
        waiting[password] -= 1
        return False

    async def known(*_):
        return Candidate(uuid4(), "x", 0, blocked=False, known=True)

    async def somebody():
        name = f"{uuid4()}@example.com"
        return User(uuid4(), name, name, is_admin=False)

    @asynccontextmanager
    async def connection():
        yield Nobody()

    for module in ("auth", "passwords"):
        monkeypatch.setattr(f"app.api.{module}.verify_password", counted)
    monkeypatch.setattr("app.core.logins.find", known)
    monkeypatch.setattr(app.state.belongings.engine.__class__, "connect", lambda _self: connection())
    app.dependency_overrides[current_user] = somebody

    async def tried(address, number):
        """Log in, or change the password, with the client's address as password, by which the test tells clients apart."""
        login = {"email": f"a{number}@example.com", "password": address}
        change = {"current_password": address, "new_password": "x" * 12}
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            body = login if path == "login" else change
            answer = await client.post(f"/api/v1/auth/{path}", json=body, headers=signed_in)
        assert answer.status_code == Kind.WRONG_CREDENTIALS.status

    addresses = ["192.0.2.1", "198.51.100.7", *(f"2001:db8:1:{n:x}::1" for n in range(10))]
    await asyncio.gather(*(tried(address, n) for address in addresses for n in range(10)))
    assert most == Counter(dict.fromkeys(addresses, 1))
    assert everywhere <= 3  # all ten addresses are in one network
