import pytest

from app.core.throttle import OF_A_NETWORK, OF_ALL_STRANGERS, OF_AN_ADDRESS, LoginThrottle

ADMIN, HOME, ELSEWHERE = "admin@example.com", "192.0.2.1", "198.51.100.7"


@pytest.fixture
def most(settings):
    return settings.login_attempts_per_minute


@pytest.fixture
def throttle(settings):
    return LoginThrottle(settings)


async def guess(throttle, times, account=ADMIN, address=ELSEWHERE, *, known=False):
    """Make so many attempts; returns how many were allowed."""
    verdicts = [await throttle.judge(account, address, known=known) for _ in range(times)]
    return sum(verdict.allowed for verdict in verdicts)


async def test_without_redis_attempts_are_counted_here(throttle, most, caplog):
    assert await guess(throttle, most + 2) == most
    assert await guess(throttle, 1, "bob@example.com") == 1
    assert [record.message for record in caplog.records if "counted in this process" in record.message]


async def test_who_guesses_locks_out_himself_and_nobody_else(throttle, most):
    assert await guess(throttle, 40) == most
    assert await guess(throttle, most + 1, address=HOME, known=True) == most


async def test_who_tries_a_password_on_every_account_is_stopped_by_his_address(throttle, most):
    tried = [await guess(throttle, 1, f"user{n}@example.com") for n in range(100)]
    assert sum(tried) == OF_AN_ADDRESS * most
    assert await guess(throttle, 1, "user1@example.com", HOME) == 1


async def test_many_addresses_together_have_a_bound_too_which_a_known_one_does_not_feel(throttle, most):
    tried = [await guess(throttle, most, address=f"198.51.100.{n}") for n in range(20)]
    assert sum(tried) == OF_ALL_STRANGERS * most
    assert await guess(throttle, 1, address=HOME) == 0
    assert await guess(throttle, 1, address=HOME, known=True) == 1
    assert await guess(throttle, 1, "bob@example.com", HOME) == 1


async def test_who_has_stolen_a_token_guesses_no_more_from_many_addresses_than_from_one(throttle, most):
    async def changes(address, account=ADMIN):
        return (await throttle.judge(account, address, known=True, change=True)).allowed

    assert sum([await changes(f"198.51.100.{n % 20}") for n in range(160)]) == most
    refused = await throttle.judge(ADMIN, HOME, known=True, change=True)
    assert refused.headers["RateLimit"].startswith('"password";r=0;t=')
    assert await changes(HOME, "bob@example.com")
    assert await guess(throttle, 1, address=HOME, known=True) == 1  # the owner still logs in
    assert await guess(throttle, 1) == 1


async def test_guesses_at_the_login_leave_the_change_of_a_password_alone(throttle, most):
    for n in range(20):
        await guess(throttle, most, address=f"198.51.100.{n}")
    assert (await throttle.judge(ADMIN, HOME, known=True, change=True)).allowed


async def test_a_change_that_was_right_is_no_guess(throttle, most):
    for n in range(3 * most):
        assert (await throttle.judge(ADMIN, f"192.0.2.{n}", known=True, change=True)).allowed
        await throttle.succeeded(ADMIN, f"192.0.2.{n}", known=True, change=True)


async def test_whoever_is_right_is_no_guess(throttle, most):
    """A whole office behind one address may log in."""
    for n in range(5 * OF_AN_ADDRESS * most):
        account = f"user{n}@example.com"
        assert (await throttle.judge(account, HOME, known=False)).allowed
        await throttle.succeeded(account, HOME, known=False)


async def test_what_one_budget_refuses_is_counted_by_none_of_the_others(throttle, most):
    """Otherwise forty attempts at one account would lock out all accounts."""
    await guess(throttle, 1000)
    assert await guess(throttle, 1, "bob@example.com") == 1
    assert await guess(throttle, 1, address=HOME) == 1


async def test_a_client_is_told_what_is_left(throttle, most):
    first = await throttle.judge(ADMIN, HOME, known=True)
    assert first.headers["RateLimit-Policy"] == f'"login";q={most};w=60'
    assert first.headers["RateLimit"] in {f'"login";r={most - 1};t={seconds}' for seconds in (59, 60)}
    await guess(throttle, most, address=HOME, known=True)
    last = await throttle.judge(ADMIN, HOME, known=True)
    assert last.headers["RateLimit"].startswith('"login";r=0;t=')


async def test_whoever_is_refused_is_told_when_to_come_again_in_one_way(throttle, most):
    """Retry-After and RateLimit agree, for each budget and each window."""
    found = [
        *[await throttle.judge(ADMIN, HOME, known=True) for _ in range(2 * most)],
        *[await throttle.judge(f"{n}@x.example", ELSEWHERE, known=False) for n in range(4 * most)],
        *[await throttle.judge(ADMIN, f"192.0.2.{n}", known=True, change=True) for n in range(20, 40)],
        *[await throttle.judge_registration(HOME) for _ in range(200)],
        *[await throttle.succeeded("bob@example.com", HOME, known=True) for _ in range(200)],
    ]
    refused = [one for one in found if not one.allowed]
    assert {one.budget.name for one in refused} == {"login", "address", "password", "registration", "logins"}
    for one in refused:
        headers = one.headers
        assert headers["RateLimit"].endswith(f";r=0;t={headers['Retry-After']}")
        assert 1 <= int(headers["Retry-After"]) <= one.budget.seconds
    assert not any("Retry-After" in one.headers for one in found if one.allowed)


async def test_accounts_are_made_so_many_an_hour_from_one_address(throttle, settings, most):
    tried = [(await throttle.judge_registration(ELSEWHERE)).allowed for _ in range(300)]
    assert sum(tried) == settings.registrations_per_hour
    assert (await throttle.judge_registration(HOME)).allowed
    assert await guess(throttle, 1) == 1  # an existing account still logs in from there


def of_a_network(n):
    return f"2001:db8:1:{n:x}::/64"


async def test_who_has_a_network_of_addresses_has_the_budgets_of_a_few(throttle, settings, most):
    """An IPv6 site has 65,536 networks that count as one address each; other sites and right passwords are not affected."""
    tried = [await guess(throttle, 1, f"user{n}@example.com", of_a_network(n)) for n in range(1_000)]
    assert sum(tried) == OF_A_NETWORK * OF_AN_ADDRESS * most
    assert await guess(throttle, 1, "bob@example.com", "2001:db8:2:1::/64") == 1
    assert await guess(throttle, 1, "bob@example.com", of_a_network(1), known=True) == 1
    made = [(await throttle.judge_registration(of_a_network(n))).allowed for n in range(2_000)]
    assert sum(made) == OF_A_NETWORK * settings.registrations_per_hour
    assert (await throttle.judge_registration("2001:db8:2:1::/64")).allowed


async def test_a_whole_network_of_people_may_log_in(throttle, most):
    """A right attempt is given back to the network, too: a mobile provider gives each phone one such address."""
    for n in range(2 * OF_A_NETWORK * OF_AN_ADDRESS * most):
        assert (await throttle.judge(f"user{n}@example.com", of_a_network(n), known=False)).allowed
        await throttle.succeeded(f"user{n}@example.com", of_a_network(n), known=False)


async def log_in(throttle, account, address, *, known=False, change=False):
    """Whether a client with the right password is let in."""
    tried = await throttle.judge(account, address, known=known, change=change)
    return tried.allowed and (await throttle.succeeded(account, address, known=known, change=change)).allowed


@pytest.mark.parametrize("change", [False, True], ids=["login", "change"])
async def test_who_knows_the_password_logs_in_so_often_an_hour(throttle, settings, change):
    """From any number of addresses, known or not; other accounts are not affected, and a refused attempt does not count as a guess."""
    tried = [
        await log_in(throttle, ADMIN, f"192.0.2.{n % 200}", known=n % 2 == 0, change=change)
        for n in range(3 * settings.logins_per_hour)
    ]
    assert sum(tried) == settings.logins_per_hour
    refused = await throttle.judge(ADMIN, "203.0.113.1", known=True, change=change)
    assert refused.headers["RateLimit"].startswith(f'"{"changes" if change else "logins"}";r=0;t=')
    assert 60 < int(refused.headers["Retry-After"]) <= 3600
    assert await log_in(throttle, "bob@example.com", HOME, change=change)
    # The logged-in owner changes the password that a thief uses.
    assert await log_in(throttle, ADMIN, "203.0.113.2", change=not change)


async def test_guesses_use_up_nothing_of_what_the_owner_logs_in_by(throttle, settings):
    """Whatever strangers send, and however much at once: none of it counts as a login."""
    for n in range(3 * settings.logins_per_hour):
        await guess(throttle, 1, address=f"198.51.100.{n}")
        await guess(throttle, 1, address=f"198.51.100.{n}", known=True)
        await throttle.judge(ADMIN, f"198.51.100.{n}", known=True, change=True)
    assert await log_in(throttle, ADMIN, HOME, known=True)


async def test_logins_that_are_judged_at_once_are_no_more_for_that(throttle, settings):
    """A hundred attempts pass the first check while one is left in the budget: one gets in."""
    for n in range(settings.logins_per_hour - 1):
        assert await log_in(throttle, ADMIN, f"192.0.2.{n}", known=True)
    judged = [await throttle.judge(ADMIN, f"203.0.113.{n}", known=True) for n in range(100)]
    assert all(one.allowed for one in judged)
    right = [await throttle.succeeded(ADMIN, f"203.0.113.{n}", known=True) for n in range(100)]
    assert sum(one.allowed for one in right) == 1


def test_limits_imports_no_client_of_redis_that_it_does_not_use(throttle):
    """Otherwise each API process would import every installed client at its start."""
    assert set(throttle._shared.storage.dependencies) == {"redis"}
