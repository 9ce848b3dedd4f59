"""Accounts: what is deleted with one, how much one may have unfinished, what the administrator sees."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from scenarios.roadmaps.services import API, CONTENT

pytestmark = pytest.mark.e2e


def test_a_deleted_account_leaves_nothing_behind(system):
    """Who deletes the account deletes its roadmaps, an unfinished one too; its token opens nothing, the address is free again."""
    ada = system.api.sign_up("ada")
    ada.create_roadmap("Rust").wait_until_ended()
    system.openai.on(step="curriculum", contains="Go").hang(times=1)
    ada.create_roadmap("Go")
    system.openai.wait_for(2, step="curriculum")
    me = ada.expect(200, "GET", "/api/v1/auth/me").json()
    ada.expect(204, "DELETE", "/api/v1/auth/me")
    ada.expect(401, "GET", "/api/v1/auth/me")
    (noted,) = [line for line in system.log_lines(API) if line.get("security_event") == "account_deleted"]
    assert noted["user_id"] == me["id"]
    assert noted["address"]
    counted = "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM roadmap_requests) + (SELECT count(*) FROM outbox)"
    assert system.database.value(counted) == 1  # the administrator
    account = {"email": ada.email, "username": "ada-again", "password": ada.password}
    system.api.expect(201, "POST", "/api/v1/auth/register", json=account)


def test_an_administrators_account_stays(system):
    """The administrator cannot delete the account by which the service is administered."""
    credentials = system.stack.environments[API]
    admin = system.api.log_in(credentials["ADMIN_EMAIL"], credentials["ADMIN_PASSWORD"])
    admin.expect(403, "DELETE", "/api/v1/auth/me")
    admin.expect(200, "GET", "/api/v1/auth/me")


@pytest.mark.stack(env={"MAX_ROADMAPS_IN_THE_MAKING": "2"})
def test_a_user_has_a_quota_of_roadmaps_in_the_making(system):
    """More unfinished roadmaps than allowed are refused with 429; one that ends makes room; known keys are no new ones."""
    system.node(CONTENT).pause()
    ada, bob = system.api.sign_up("ada"), system.api.sign_up("bob")
    first = ada.create_roadmap("Rust", key="first")
    ada.create_roadmap("Go")
    refused = ada.expect(429, "POST", "/api/v1/roadmaps", json={"topic": "Zig"})
    assert refused.json()["type"] == "/problems/quota-exceeded"
    assert refused.headers["ratelimit"] == '"in-the-making";r=0'
    assert ada.create_roadmap("Rust", key="first").id == first.id
    bob.create_roadmap("Zig")
    first.cancel()
    ada.create_roadmap("Zig")
    ada.expect(429, "POST", f"{first.path}/retry")
    system.node(CONTENT).resume()


@pytest.mark.stack(env={"MAX_ROADMAPS_IN_THE_MAKING": "3"})
def test_a_quota_holds_against_many_requests_at_once(system):
    """Twenty requests at once: exactly as many as allowed are accepted."""
    system.node(CONTENT).pause()
    ada = system.api.sign_up("ada")
    with ThreadPoolExecutor(20) as pool:
        bodies = [{"topic": f"Topic {number}"} for number in range(20)]
        answers = list(pool.map(lambda body: ada.request("POST", "/api/v1/roadmaps", json=body), bodies))
    assert sorted(answer.status_code for answer in answers) == [202] * 3 + [429] * 17
    system.node(CONTENT).resume()


def test_the_administrator_sees_the_service_and_nobody_else_does(system):
    """The overview counts users, roadmaps, queues, workers and cost; a user is refused."""
    ada = system.api.sign_up("ada")
    ada.create_roadmap("Rust").wait_until_ended()
    system.stack.wait_until_idle()
    ada.expect(403, "GET", "/api/v1/admin/overview")
    credentials = system.stack.environments[API]
    admin = system.api.log_in(credentials["ADMIN_EMAIL"], credentials["ADMIN_PASSWORD"])

    overview = admin.expect(200, "GET", "/api/v1/admin/overview").json()

    assert (overview["users"], overview["roadmaps"], overview["outbox"]) == (2, {"completed": 1}, 0)
    assert [(q["name"], q["waiting"], q["consumers"]) for q in overview["queues"]] == [
        ("content", 0, 1),
        ("logs", 0, 1),
    ]
    assert {worker["node"].partition("@")[0] for worker in overview["workers"]} == {"content", "logs"}
    use = overview["provider"]
    recorded = system.openai.calls()
    assert use["calls"] == len(recorded)
    assert use["prompt_tokens"] == sum(call.prompt_tokens for call in recorded)
    assert use["completion_tokens"] == sum(call.completion_tokens for call in recorded)
    assert use["cost_usd"] > 0
