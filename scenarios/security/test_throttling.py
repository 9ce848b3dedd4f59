"""Guessing passwords is limited for the guesser, over all processes and even without Redis; nobody else is locked out."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import Refused
from scenarios.roadmaps.expected_errors import REDIS_GONE
from scenarios.roadmaps.services import API

ALLOWED = 5
PROXIES = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"  # addresses from which tests reach a stack: this machine, or an engine's network
ELSEWHERE, HOME = "198.51.100.7", "203.0.113.9"
WRONG = "wrong wrong wrong"
CHANGE = "/api/v1/auth/password"
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.once,
    pytest.mark.stack(env={"LOGIN_ATTEMPTS_PER_MINUTE": str(ALLOWED), "FORWARDED_ALLOW_IPS": PROXIES}),
]


def tried(system, email, password=WRONG, address=None):
    """Try to log in over a new connection, so that the next attempt may reach another process. `address` is sent as a proxy does."""
    credentials = {"email": email, "password": password}
    headers = {"X-Forwarded-For": address} if address else None
    with system.stack.client() as client:
        return client.request("POST", "/api/v1/auth/login", json=credentials, headers=headers)


def works(account):
    """Check that a logged-in user can still get a roadmap."""
    assert account.create_roadmap("Rust").wait_until_ended()["status"] == "completed"


def at_once(system, emails):
    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(lambda email: tried(system, email), emails))


@pytest.mark.row(24)
def test_two_hundred_guesses_over_all_processes_are_five(system):
    """200 attempts at one account at once, over all API processes: as many as allowed are judged; another account is not affected."""
    ada, bob = system.api.sign_up("ada"), system.api.sign_up("bob")
    answers = at_once(system, [ada.email, ada.email.upper()] * 100)
    assert Counter(answer.status_code for answer in answers) == {401: ALLOWED - 1, 429: 201 - ALLOWED}
    system.faults.note("guessed passwords", API, times=200, trace="195 attempts were refused")
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["type"] == "/problems/too-many-logins"
    assert refused.headers["ratelimit"].endswith(f";t={refused.headers['retry-after']}")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert tried(system, ada.email, ada.password).status_code == 429  # even with the right password
    works(system.api.log_in(bob.email, bob.password))


@pytest.mark.row(24)
@pytest.mark.needs("hurt")
def test_guesses_are_bounded_without_redis(system):
    """With Redis away each process counts for itself: 200 attempts are as many as allowed in each, and nobody is locked out before."""
    system.expect_errors_while_hurt(REDIS_GONE, "roadmap-*", most=40)
    ada = system.api.sign_up("ada")
    processes = int(system.stack.environments[API]["UVICORN_WORKERS"])
    with system.faults.inject(Refused("redis")):
        first = tried(system, ada.email)
        counted = Counter(answer.status_code for answer in at_once(system, [ada.email] * 200))
    assert first.status_code == 401
    assert ALLOWED - 1 <= counted[401] <= ALLOWED * processes
    assert counted[401] + counted[429] == 200
    system.faults.note("guessed passwords", API, times=200, trace=f"{counted[429]} attempts were refused")
    works(ada)


def test_an_account_that_is_not_there_is_throttled_like_one_that_is(system):
    """Who guesses learns nothing of whether there is such an account: the same answers, in the same number."""
    ada = system.api.sign_up("ada")

    def answers(email):
        found = [tried(system, email) for _ in range(ALLOWED + 2)]
        return [(answer.status_code, answer.json()["type"], answer.json()["detail"]) for answer in found]

    assert answers("nobody@example.com")[1:] == answers(ada.email)[:-1]


@pytest.mark.row(24)
def test_guesses_from_elsewhere_lock_the_administrator_out_of_nothing(system):
    """Forty wrong passwords for the administrator from one address: that address is refused, and he logs in from his own and a new one."""
    given = system.stack.environments[API]
    email, password = given["ADMIN_EMAIL"], given["ADMIN_PASSWORD"]
    assert tried(system, email, password, HOME).status_code == 200
    answers = [tried(system, email, address=ELSEWHERE) for _ in range(40)]
    assert Counter(answer.status_code for answer in answers) == {401: ALLOWED, 429: 40 - ALLOWED}
    assert answers[-1].headers["ratelimit"].startswith('"login";r=0;t=')
    assert tried(system, email, password, ELSEWHERE).status_code == 429
    assert tried(system, email, password, HOME).status_code == 200
    assert tried(system, email, password, "203.0.113.77").status_code == 200
    system.faults.note("guessed passwords", API, times=40, trace=f"{40 - ALLOWED} attempts were refused")
    me = system.api.log_in(email, password).expect(200, "GET", "/api/v1/auth/me").json()
    assert Counter(noted(system, ELSEWHERE, HOME)) == {
        ("logged_in", me["id"], HOME): 2,
        ("login_failed", me["id"], ELSEWHERE): ALLOWED,
        ("login_throttled", me["id"], ELSEWHERE): 41 - ALLOWED,
    }
    works(system.api.sign_up())


@pytest.mark.row(24)
def test_a_password_that_is_tried_on_everybody_is_tried_on_few(system):
    """One password for forty accounts from one address: three times as many as one account allows are judged, from elsewhere it goes on."""
    ada = system.api.sign_up("ada")
    answers = [tried(system, f"nobody{n}@example.com", address=ELSEWHERE) for n in range(40)]
    assert Counter(answer.status_code for answer in answers) == {401: 3 * ALLOWED, 429: 40 - 3 * ALLOWED}
    system.faults.note("guessed passwords", API, times=40, trace=f"{40 - 3 * ALLOWED} attempts were refused")
    assert tried(system, ada.email, ada.password, ELSEWHERE).status_code == 429
    works(system.api.log_in(ada.email, ada.password))


@pytest.mark.row(24)
def test_a_stolen_token_does_not_guess_the_password_from_many_addresses(system):
    """160 wrong old passwords from 20 addresses, with a token that is good: as many as one address may are judged; the owner logs in."""
    ada = system.api.sign_up("ada")
    me = ada.expect(200, "GET", "/api/v1/auth/me").json()
    body = {"current_password": WRONG, "new_password": f"{ada.password} anew"}
    answers = [
        ada.request("POST", CHANGE, json=body, headers={"X-Forwarded-For": f"198.51.100.{n % 20}"})
        for n in range(160)
    ]
    assert Counter(answer.status_code for answer in answers) == {401: ALLOWED, 429: 160 - ALLOWED}
    assert answers[ALLOWED].headers["ratelimit"].startswith('"password";r=0;t=')
    system.faults.note("guessed passwords", API, times=160, trace=f"{160 - ALLOWED} attempts were refused")
    counted = Counter(noted(system, *(f"198.51.100.{n}" for n in range(20))))
    assert sum(counted[one] for one in counted if one[0] == "login_failed") == ALLOWED
    assert {one[1] for one in counted} == {me["id"]}
    works(system.api.log_in(ada.email, ada.password))


@pytest.mark.stack(env={"LOGINS_PER_HOUR": "6", "FORWARDED_ALLOW_IPS": PROXIES})
def test_a_right_password_opens_so_many_sessions_an_hour(system):
    """From twenty addresses, over all processes: with the one that made the account six get in, whatever is guessed meanwhile."""
    ada, bob = system.api.sign_up("ada"), system.api.sign_up("bob")
    for n in range(20):
        tried(system, ada.email, address=f"203.0.113.{n}")
    answers = [tried(system, ada.email, ada.password, f"198.51.100.{n}") for n in range(20)]
    assert Counter(answer.status_code for answer in answers) == {200: 5, 429: 15}
    refused = answers[-1]
    assert refused.json()["type"] == "/problems/too-many-logins"
    assert refused.headers["ratelimit-policy"] == '"logins";q=6;w=3600'
    assert refused.headers["ratelimit"] == f'"logins";r=0;t={refused.headers["retry-after"]}'
    body = {"current_password": ada.password, "new_password": f"{ada.password} anew"}
    ada.expect(200, "POST", CHANGE, json=body)  # who is signed in may say that a thief knows it
    assert [event for event, *_ in noted(system, "198.51.100.19")] == ["login_throttled"]
    works(system.api.log_in(bob.email, bob.password))


def test_who_is_no_proxy_is_not_believed(system):
    """A client that names another address for each attempt is counted under its own: only what a trusted proxy adds counts."""
    ada = system.api.sign_up("ada")
    answers = [tried(system, ada.email, address=f"192.0.2.{n}, {ELSEWHERE}") for n in range(3 * ALLOWED)]
    assert Counter(answer.status_code for answer in answers) == {401: ALLOWED, 429: 2 * ALLOWED}
    works(system.api.log_in(ada.email, ada.password))


def noted(system, *addresses):
    """What the security log has of these addresses: what, whose, from where."""
    lines = [line for line in system.log_lines(API) if line.get("address") in addresses]
    return [(line["security_event"], line["user_id"], line["address"]) for line in lines]
