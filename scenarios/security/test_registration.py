"""Who may make an account, and what that account may spend."""

import time
from collections import Counter

import pytest

from scenarios.roadmaps.services import API

pytestmark = [pytest.mark.e2e, pytest.mark.once]
SOMEBODY = {"email": "eve@example.com", "username": "eve", "password": "correct horse battery"}


def register(system, **more):
    return system.api.request("POST", "/api/v1/auth/register", json=SOMEBODY | more)


def administrator(system):
    given = system.stack.environments[API]
    return system.api.log_in(given["ADMIN_EMAIL"], given["ADMIN_PASSWORD"])


@pytest.mark.stack(env={"REGISTRATION": "closed"})
def test_a_closed_service_takes_nobody_not_even_with_an_invitation(system):
    """Registration is refused with 403; who has an account logs in."""
    invitation = administrator(system).expect(201, "POST", "/api/v1/admin/invitations").json()["invitation"]
    for answer in (register(system), register(system, invitation=invitation)):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/registration-closed")


@pytest.mark.stack(env={"REGISTRATION": "invite"})
def test_an_invitation_lets_one_person_in(system):
    """An administrator makes the invitation; it is good once, and it stays good if the name is taken."""
    admin = administrator(system)
    invitation = admin.expect(201, "POST", "/api/v1/admin/invitations").json()["invitation"]
    for answer in (register(system), register(system, invitation="x"), register(system, invitation="")):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/registration-closed")
    taken = register(
        system, invitation=invitation, username=admin.expect(200, "GET", "/api/v1/auth/me").json()["username"]
    )
    assert taken.status_code == 409
    assert register(system, invitation=invitation).status_code == 201
    again = register(system, invitation=invitation, email="mallory@example.com", username="mallory")
    assert again.status_code == 403
    eve = system.api.log_in(SOMEBODY["email"], SOMEBODY["password"])
    eve.expect(403, "POST", "/api/v1/admin/invitations")
    eve.delete()
    (made,) = [line for line in system.log_lines(API) if line.get("security_event") == "invitation_made"]
    assert made["user_id"] == admin.expect(200, "GET", "/api/v1/auth/me").json()["id"]
    assert made["address"]
    assert invitation not in str(system.log_lines(API))


@pytest.mark.stack(env={"REGISTRATIONS_PER_HOUR": "5"})
def test_one_address_makes_so_many_accounts_an_hour(system):
    """Attempts with a taken name count too, because their refusal tells who has an account; existing accounts still log in."""
    ada = system.api.sign_up("ada")
    taken = {"email": ada.email, "username": "somebody", "password": SOMEBODY["password"]}
    assert register(system, **taken).status_code == 409
    answers = [register(system, email=f"eve{n}@example.com", username=f"eve{n}") for n in range(5)]
    assert [answer.status_code for answer in answers] == [201] * 3 + [429] * 2
    assert answers[0].headers["ratelimit"].startswith('"registration";r=2;t=')
    refused = answers[-1]
    assert refused.json()["type"] == "/problems/too-many-registrations"
    assert refused.headers["ratelimit"] == f'"registration";r=0;t={refused.headers["retry-after"]}'
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    system.api.log_in(ada.email, ada.password)
    lines = [line for line in system.log_lines(API) if "regist" in line.get("security_event", "")]
    assert Counter(line["security_event"] for line in lines) == {
        "registered": 4,
        "registration_failed": 1,
        "registration_throttled": 2,
    }
    assert all(line["address"] for line in lines)
    assert all(line["user_id"] for line in lines if line["security_event"] == "registered")


@pytest.mark.stack(env={"PASSWORD_HASH_MEMORY_MIB": "256"})
def test_a_name_that_is_taken_costs_no_hash(system):
    """With an expensive hash, forty refusals take less time than making five accounts."""
    ada = system.api.sign_up("ada")
    began = time.monotonic()
    for n in range(5):
        assert register(system, email=f"eve{n}@example.com", username=f"eve{n}").status_code == 201
    made = time.monotonic() - began
    began = time.monotonic()
    for _ in range(40):
        assert register(system, email=ada.email.upper()).status_code == 409
    assert time.monotonic() - began < made


@pytest.mark.stack(env={"OPENAI_DAILY_BUDGET_USD": "0.001", "OPENAI_PROMPT_PRICE": "1000"})
def test_a_service_that_has_spent_its_money_says_so(system):
    """The first roadmap of the day spends it all and ends; the next ones are refused with 429 until tomorrow, and so is a retry."""
    ada = system.api.sign_up()
    first = ada.create_roadmap("Rust")
    assert first.wait_until_ended()["status"] in {"failed", "partially_completed"}
    for method, path, body in (
        ("POST", "/api/v1/roadmaps", {"topic": "Go"}),
        ("POST", f"{first.path}/retry", None),
    ):
        refused = ada.expect(429, method, path, json=body)
        assert refused.json()["type"] == "/problems/budget-spent"
        assert 0 < int(refused.headers["retry-after"]) <= 86_401
        assert refused.headers["ratelimit"] == f'"budget";r=0;t={refused.headers["retry-after"]}'
