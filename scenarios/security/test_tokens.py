"""Tokens: on no route does any but a good one open anything."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from scenarios.roadmaps.services import API
from scenarios.security.document import operations

pytestmark = [pytest.mark.e2e, pytest.mark.once]
NOBODYS = "00000000-0000-4000-8000-000000000000"
ANYTHING = {"roadmap_id": NOBODYS, "concept_id": "a", "user_id": NOBODYS}
OPEN = {  # the routes that need no token; another one has to be argued for here
    "GET /health",
    "GET /health/ready",
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",  # the refresh token is what opens it
    "POST /api/v1/auth/password/reset",  # and here the reset token
}


def forgeries(token, key):
    """What -> an Authorization header that must open nothing."""
    good = jwt.decode(token, options={"verify_signature": False})
    past, future = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
    head, body, signature = token.split(".")

    def signed(algorithm="HS256", key=key, without="", **claims):
        made = {name: value for name, value in (good | claims).items() if name != without}
        return f"Bearer {jwt.encode(made, key, algorithm)}"

    return {
        "no header": "",
        "no token": "Bearer",
        "another scheme": f"Basic {token}",
        "no signature": f"Bearer {head}.{body}.",
        "none": signed("none", None),
        "HS512": signed("HS512"),
        "another key": signed(key="0123456789abcdef" * 4),
        "tampered body": f"Bearer {head}.{body[:-4]}AAAA.{signature}",
        "tampered signature": f"Bearer {head}.{body}.{signature[::-1]}",
        "expired": signed(exp=past),
        "not yet": signed(nbf=future),
        "issued later": signed(iat=future),
        "no exp": signed(without="exp"),
        "no subject": signed(without="sub"),
        "no version": signed(without="ver"),
        "another version": signed(ver=good["ver"] + 1),
        "another audience": signed(aud="somebody-else"),
        "another issuer": signed(iss="somebody-else"),
        "another subject": signed(sub=NOBODYS),
        "a subject that is none": signed(sub="' OR 1=1 --"),
        "two tokens": f"Bearer {token} {token}",
        "no ASCII": "Bearer \xfc\xe4\xf6",
    }


@pytest.mark.row(22)
def test_no_forged_token_opens_any_route(system):
    """Every route of the document that wants a token refuses each forgery with 401; every other route is known to be open."""
    ada = system.api.sign_up()
    token = ada.headers["Authorization"].removeprefix("Bearer ")
    assert (
        f"Bearer {jwt.encode(jwt.decode(token, options={'verify_signature': False}), secret(system))}"
        == f"Bearer {token}"
    )
    routes = operations(system.api)
    assert {str(route) for route in routes if not route.guarded} == OPEN
    for what, header in forgeries(token, secret(system)).items():
        for route in (route for route in routes if route.guarded):
            headers = {"Authorization": header.encode("latin-1")} if header else {}
            answer = system.api.request(route.method, route.at(**ANYTHING), json=route.body, headers=headers)
            assert answer.status_code == 401, (what, str(route), answer.text)
            assert answer.headers["www-authenticate"] == "Bearer"
    refused = len(forgeries(token, secret(system))) * sum(route.guarded for route in routes)
    system.faults.note("forged tokens", API, times=refused, trace=f"{refused} calls answered 401")
    assert ada.create_roadmap("Rust").wait_until_ended()["status"] == "completed"


def secret(system):
    """What the stack signs its tokens with."""
    return system.stack.environments[API]["JWT_SECRET_KEY"]


@pytest.mark.remote
def test_revoked_tokens_open_nothing(system):
    """Revocation ends every token of the account, on every process and every route, and a new login works."""
    ada = system.api.sign_up()
    other = system.api.log_in(ada.email, ada.password)
    ada.expect(204, "POST", "/api/v1/auth/revoke")
    for route in (route for route in operations(system.api) if route.guarded):
        for client in (ada, other):
            client.expect(401, route.method, route.at(**ANYTHING), json=route.body)
            client.forget_connections()
    system.api.log_in(ada.email, ada.password).expect(200, "GET", "/api/v1/auth/me")


def test_the_token_of_a_deleted_account_opens_nothing(system):
    """A token outlives its account in nothing."""
    ada = system.api.sign_up()
    ada.expect(204, "DELETE", "/api/v1/auth/me")
    for route in (route for route in operations(system.api) if route.guarded):
        ada.expect(401, route.method, route.at(**ANYTHING), json=route.body)


@pytest.mark.remote
def test_a_users_routes_are_not_an_administrators(system):
    """A user sees nothing of what is for administrators."""
    ada = system.api.sign_up()
    routes = [route for route in operations(system.api) if route.path.startswith("/api/v1/admin")]
    assert routes
    for route in routes:
        ada.expect(403, route.method, route.at(**ANYTHING), json=route.body)
