"""Guessing passwords: bounded for each account, whichever process is asked and whatever becomes of Redis."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import Refused
from scenarios.roadmaps.expected_errors import REDIS_GONE
from scenarios.roadmaps.services import API

ALLOWED = 5
WRONG = "wrong wrong wrong"
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.once,
    pytest.mark.stack(env={"LOGIN_ATTEMPTS_PER_MINUTE": str(ALLOWED)}),
]


def tried(system, email, password=WRONG):
    """An attempt, over a connection of its own: the next one may reach another process."""
    with system.stack.client() as client:
        return client.request("POST", "/api/v1/auth/login", json={"email": email, "password": password})


def works(account):
    """Whoever is signed in gets a roadmap meanwhile."""
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
    assert refused.headers["retry-after"] == "60"
    assert tried(system, ada.email, ada.password).status_code == 429  # the right one is no exception
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
