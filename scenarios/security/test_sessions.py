"""Sessions and passwords: the ways to end a session, refresh without a password, and changed settings at the next deploy."""

import argon2
import jwt
import pytest

from app.core.settings import LEAST_HASH_MIB
from scenarios.roadmaps.services import API

pytestmark = [pytest.mark.e2e, pytest.mark.once]
ANOTHER = "wrong donkey accumulator"
ME = "/api/v1/auth/me"


def post(system, path, token=None, **body):
    headers = {"Authorization": f"Bearer {token}"} if token else None
    return system.api.request("POST", f"/api/v1/auth/{path}", json=body or None, headers=headers)


def opens(system, token):
    answer = system.api.request("GET", ME, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def logged_in(system, account, **more):
    answer = post(system, "login", email=account.email, password=account.password, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def revoked(account):
    account.expect(204, "POST", "/api/v1/auth/revoke")


def changed(account):
    body = {"current_password": account.password, "new_password": ANOTHER}
    account.expect(200, "POST", "/api/v1/auth/password", json=body)


def administrator(system, **given):
    given = {**system.stack.environments[API], **given}
    return system.api.log_in(given["ADMIN_EMAIL"], given["ADMIN_PASSWORD"])


def noted(system, event, user_id):
    found = [line for line in system.log_lines(API) if line.get("security_event") == event]
    return [line for line in found if line["user_id"] == user_id and line["address"]]


@pytest.mark.row(22)
def test_a_refresh_token_is_good_once_and_whoever_shows_it_again_ends_the_session(system):
    """Rotation: each refresh brings the next token, one that comes twice ends its session and is logged; other sessions go on."""
    ada = system.api.sign_up("ada")
    first = logged_in(system, ada, refresh=True)
    assert first["expires_in"] == 15 * 60
    assert "refresh_token" not in {key for key, value in logged_in(system, ada).items() if value}
    second = post(system, "refresh", refresh_token=first["refresh_token"]).json()
    third = post(system, "refresh", refresh_token=second["refresh_token"]).json()
    assert all(opens(system, one["access_token"]) for one in (first, second, third))
    assert len({one["refresh_token"] for one in (first, second, third)}) == 3
    assert post(system, "refresh", refresh_token=first["refresh_token"]).status_code == 401
    assert not any(opens(system, one["access_token"]) for one in (first, second, third))
    assert post(system, "refresh", refresh_token=third["refresh_token"]).status_code == 401
    me = ada.expect(200, "GET", ME).json()
    assert noted(system, "refresh_token_reused", me["id"])
    system.faults.note("a stolen refresh token", API, times=1, trace="its session has ended")
    assert first["refresh_token"] not in str(system.database.rows("SELECT * FROM refresh_tokens"))
    left = logged_in(system, ada, refresh=True)
    system.database.execute("UPDATE refresh_tokens SET expires_at = clock_timestamp()")
    assert post(system, "refresh", refresh_token=left["refresh_token"]).status_code == 401
    assert ada.create_roadmap("Rust").wait_until_ended()["status"] == "completed"


def test_logout_ends_one_session_and_no_other(system):
    """Its access token opens nothing any more, on no route and in no process, its refresh token neither; the others go on."""
    ada = system.api.sign_up("ada")
    long, short, other = logged_in(system, ada), logged_in(system, ada, refresh=True), logged_in(system, ada)
    for ended in (long, short):
        assert post(system, "logout", ended["access_token"]).status_code == 204
        headers = {"Authorization": f"Bearer {ended['access_token']}"}
        for _ in range(4):
            assert not opens(system, ended["access_token"])
            asked = system.api.request("POST", "/api/v1/roadmaps", json={"topic": "Rust"}, headers=headers)
            assert asked.status_code == 401
            system.api.forget_connections()
    assert post(system, "refresh", refresh_token=short["refresh_token"]).status_code == 401
    assert opens(system, other["access_token"])


@pytest.mark.row(22)
def test_a_changed_password_ends_every_session(system):
    """The old password must be right; afterwards it and all tokens open nothing, but the answer's token and the new password do."""
    ada = system.api.sign_up("ada")
    before = logged_in(system, ada, refresh=True)
    ada.expect(401, "POST", "/api/v1/auth/password", json={"current_password": "x", "new_password": ANOTHER})
    ada.expect(
        422, "POST", "/api/v1/auth/password", json={"current_password": ada.password, "new_password": "short"}
    )
    me = ada.expect(200, "GET", ME).json()
    body = {"current_password": ada.password, "new_password": ANOTHER}
    after = ada.expect(200, "POST", "/api/v1/auth/password", json=body).json()
    ada.expect(401, "GET", ME)
    assert not opens(system, before["access_token"])
    assert post(system, "refresh", refresh_token=before["refresh_token"]).status_code == 401
    assert opens(system, after["access_token"])
    assert post(system, "login", email=ada.email, password=ada.password).status_code == 401
    system.api.log_in(ada.email, ANOTHER).expect(200, "GET", ME)
    assert noted(system, "password_changed", me["id"])


def test_a_changed_password_makes_no_session_longer(system):
    """A session whose tokens last a quarter of an hour keeps that after the change: its new token lasts no longer than the old one."""
    ada = system.api.sign_up("ada")
    before = logged_in(system, ada, refresh=True)
    body = {"current_password": ada.password, "new_password": ANOTHER}
    after = post(system, "password", before["access_token"], **body)
    assert after.status_code == 200, after.text
    assert after.headers["ratelimit"].startswith('"login";r=')
    made = after.json()
    assert made["expires_in"] == before["expires_in"] == 15 * 60
    next_one = post(system, "refresh", refresh_token=made["refresh_token"]).json()
    assert opens(system, made["access_token"])
    assert opens(system, next_one["access_token"])
    assert post(system, "refresh", refresh_token=before["refresh_token"]).status_code == 401


def test_a_forgotten_password_is_reset_by_what_an_administrator_makes(system):
    """Its token is good once, for one account and until another is made; the service needs no mail server."""
    ada, admin = system.api.sign_up("ada"), administrator(system)
    me = ada.expect(200, "GET", ME).json()
    way = f"/api/v1/admin/users/{me['id']}/reset-token"
    ada.expect(403, "POST", way)
    earlier, newest = (admin.expect(201, "POST", way).json()["reset_token"] for _ in range(2))
    for token, status in ((earlier, 401), ("x", 401), (newest, 204), (newest, 401)):
        assert post(system, "password/reset", reset_token=token, new_password=ANOTHER).status_code == status
    ada.expect(401, "GET", ME)
    system.api.log_in(ada.email, ANOTHER).expect(200, "GET", ME)
    assert noted(system, "password_reset", me["id"])


@pytest.mark.parametrize("ended", [revoked, changed], ids=["revoked", "password changed"])
def test_a_reset_token_opens_nothing_once_every_session_was_ended(system, ended):
    """Whoever ends all of his sessions, or sets another password, ends what somebody else may have got for that account, too."""
    ada, admin = system.api.sign_up("ada"), administrator(system)
    me = ada.expect(200, "GET", ME).json()
    token = admin.expect(201, "POST", f"/api/v1/admin/users/{me['id']}/reset-token").json()["reset_token"]
    ended(ada)
    answer = post(system, "password/reset", reset_token=token, new_password="of somebody else's choice")
    assert answer.status_code == 401


def test_a_password_is_hashed_again_at_the_login_after_the_memory_was_changed(system):
    """A hash with other parameters takes another time than that of an unknown account: the first login replaces it."""
    ada = system.api.sign_up("ada")
    older = argon2.PasswordHasher(memory_cost=8 << 10).hash(ada.password)
    system.database.rows("UPDATE users SET password_hash = $2 WHERE email = $1", ada.email, older)
    for _ in range(2):
        system.api.log_in(ada.email, ada.password).expect(200, "GET", ME)
        found = system.database.value("SELECT password_hash FROM users WHERE email = $1", ada.email)
        assert f"$m={LEAST_HASH_MIB << 10}," in found


def test_an_administrator_finds_an_account_and_blocks_it(system):
    """A blocked account opens nothing and logs in no more; unblocked, it does again. An administrator cannot be blocked."""
    ada, admin = system.api.sign_up("ada"), administrator(system)
    session = logged_in(system, ada, refresh=True)
    (found,) = admin.expect(200, "GET", f"/api/v1/admin/users?email={ada.email}").json()["items"]
    assert (found["email"], found["is_admin"], found["blocked_at"]) == (ada.email, False, None)
    assert admin.expect(200, "GET", "/api/v1/admin/users?limit=1").json()["next_cursor"]
    way = f"/api/v1/admin/users/{found['id']}"
    admin.expect(204, "POST", f"{way}/block")
    ada.expect(401, "GET", ME)
    assert post(system, "refresh", refresh_token=session["refresh_token"]).status_code == 401
    assert post(system, "login", email=ada.email, password=ada.password).status_code == 401
    assert admin.expect(200, "GET", f"/api/v1/admin/users?email={ada.email}").json()["items"][0]["blocked_at"]
    admin.expect(204, "POST", f"{way}/unblock")
    system.api.log_in(ada.email, ada.password).expect(200, "GET", ME)
    own = admin.expect(200, "GET", ME).json()["id"]
    admin.expect(403, "POST", f"/api/v1/admin/users/{own}/block")
    admin.expect(404, "POST", "/api/v1/admin/users/00000000-0000-4000-8000-000000000000/block")


def restarted(system, **variables):
    """Restart the API with other settings, like a deploy."""
    node = system.node(API)
    given = {**system.stack.environments[API], **variables}
    node.stop()
    system.deploy(API, **variables)
    system.stack.wait_until_ready([API])
    return given


@pytest.mark.stack(own_servers=True)
def test_a_changed_password_or_address_of_the_administrator_takes_effect_at_the_next_deploy(system):
    """A new ADMIN_PASSWORD and ADMIN_EMAIL are the administrator's; a password that he has changed himself stays until the setting changes."""
    first = administrator(system)
    changed = {"ADMIN_PASSWORD": "Tr0ub4dor-and-4", "ADMIN_EMAIL": "root@example.org"}
    restarted(system, **changed)
    first.expect(401, "GET", ME)
    second = administrator(system, **changed)
    assert second.expect(200, "GET", ME).json()["email"] == "root@example.org"
    body = {"current_password": changed["ADMIN_PASSWORD"], "new_password": ANOTHER}
    second.expect(200, "POST", "/api/v1/auth/password", json=body)
    restarted(system, **changed)
    administrator(system, **changed | {"ADMIN_PASSWORD": ANOTHER})
    me = system.database.value("SELECT id::text FROM users WHERE is_admin")
    changes = noted(system, "administrator_changed", me)
    assert len(changes) == 2  # the password and the address
    assert {line["address"] for line in changes} == {"a start"}
    assert system.database.value("SELECT count(*) FROM users WHERE is_admin") == 1


@pytest.mark.stack(own_servers=True)
def test_a_start_that_finds_no_administrator_makes_one_and_says_so(system):
    """An operator who finds an unknown administrator also finds the log line that made it: by a start, and not by a request."""
    before = administrator(system).expect(200, "GET", ME).json()["id"]
    system.database.execute("DELETE FROM users WHERE is_admin")
    restarted(system)
    me = administrator(system).expect(200, "GET", ME).json()["id"]
    assert me != before
    assert [line["address"] for line in noted(system, "administrator_made", me)] == ["a start"]


@pytest.mark.stack(own_servers=True)
def test_a_key_is_changed_without_anybody_logging_in_again(system):
    """With the previous key beside the new one old tokens stay valid, and new tokens name their key; without it old tokens are invalid."""
    ada = system.api.sign_up("ada")
    old = logged_in(system, ada)["access_token"]
    key = system.stack.environments[API]["JWT_SECRET_KEY"]
    new = "5f0c1d2e3b4a69788796a5b4c3d2e1f05f0c1d2e3b4a69788796a5b4c3d2e1f0"
    restarted(system, JWT_SECRET_KEY=new, JWT_PREVIOUS_SECRET_KEY=key)
    made = logged_in(system, ada)["access_token"]
    assert opens(system, old)
    assert opens(system, made)
    assert jwt.get_unverified_header(made)["kid"]
    jwt.decode(made, new, algorithms=["HS256"], audience="roadmap-api")
    restarted(system, JWT_SECRET_KEY=new)
    assert not opens(system, old)
    assert opens(system, made)
