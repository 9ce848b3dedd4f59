import httpx
import pytest

from app.api.problems import MEDIA_TYPE, Kind
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
    """A redirect would name the scheme and the host by which the edge has asked."""
    response = await api.request(method, path)
    assert_problem(response, Kind.NOT_FOUND)
    assert "location" not in response.headers


async def test_the_bare_address_leads_to_the_docs_by_a_relative_way(api):
    response = await api.get("/")
    assert (response.status_code, response.headers["location"]) == (307, "docs")
    assert (await api.get("/docs")).status_code == 200


async def test_what_is_of_a_user_is_kept_by_no_cache_and_taken_for_what_it_is(api):
    refused, health = await api.get("/api/v1/auth/me"), await api.get("/health")
    assert refused.headers["cache-control"] == "no-store"
    assert "cache-control" not in health.headers
    assert {one.headers["x-content-type-options"] for one in (refused, health)} == {"nosniff"}
    assert "strict-transport-security" not in health.headers


async def test_in_production_a_browser_is_told_to_come_by_tls_alone(settings):
    app = create_app(settings.model_copy(update={"environment": "production"}))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        response = await client.get("/nowhere")
    assert response.headers["strict-transport-security"] == "max-age=31536000"
